/* The Python types of cpython: what cpython.c (the interpreter, collections, finalizers) and ops.c (the
 * operations) share.
 */
#ifndef CPYTHON_OBJECTS_H
#define CPYTHON_OBJECTS_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "common/tokens.h"
#include <gcbench/collector.h>
#include <gcbench/ops.h>

/* An object with references, known to the gc module: ob_size of them, then the payload. */
typedef struct node {
  PyObject_VAR_HEAD PyObject *weaks;
  PyObject *slot[];
} node;
/* One without, of which the gc module does not know, like Python's own bytes: ob_size bytes. */
typedef struct leaf {
  PyObject_VAR_HEAD PyObject *weaks;
  char payload[];
} leaf;
/* A weak reference as an object that can itself be referred to weakly. */
typedef struct weak {
  PyObject_HEAD PyObject *weaks;
  PyObject *target; /* a Python weakref */
} weak;

/* The same types once more for objects with a finalizer, so that the others pay nothing for it. */
extern PyTypeObject gcb_py_node, gcb_py_node_final, gcb_py_leaf, gcb_py_leaf_final, gcb_py_weak,
    gcb_py_weak_final;
extern gcb_tokens gcb_py_tokens;
extern gcb_heap *gcb_py_heap;
extern const gcb_ops gcb_py_ops;

static inline bool gcb_py_is_node(PyObject *o) {
  return Py_IS_TYPE(o, &gcb_py_node) || Py_IS_TYPE(o, &gcb_py_node_final);
}
bool gcb_py_types_ready(void);
gcb_status gcb_py_finalizer(PyObject *o, uint64_t token);

#endif
