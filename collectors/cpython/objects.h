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

/* A Python type of ours. Each comes in two: objects with a finalizer are of the other one, so that the rest
 * pay nothing for it. */
typedef struct kind {
  PyTypeObject type; /* first: Py_TYPE() of an object is its kind */
  struct kind *plain, *final;
  bool counted;   /* ob_size says how many references there are, else `refs` */
  uint32_t refs;  /* 0: none, and the gc module does not know the objects */
  uint32_t first; /* bytes before the first reference, or the payload */
} kind;

/* All objects: weak references to it first, wherever the kind says that its references begin. */
typedef struct fixed { /* of a shape with references, which the gc module tracks: they, then the payload */
  PyObject_HEAD PyObject *weaks;
  PyObject *slot[];
} fixed;
typedef struct array { /* of ob_size references */
  PyObject_VAR_HEAD PyObject *weaks;
  PyObject *slot[];
} array;
typedef struct leaf { /* without references, like Python's own bytes: ob_size bytes */
  PyObject_VAR_HEAD PyObject *weaks;
  char payload[];
} leaf;
typedef struct weak { /* a weak reference as an object that can itself be referred to weakly */
  PyObject_HEAD PyObject *weaks;
  PyObject *target; /* a Python weakref */
} weak;

extern kind gcb_py_array, gcb_py_leaf, gcb_py_weak;
extern gcb_tokens gcb_py_tokens;
extern gcb_heap *gcb_py_heap;
extern const gcb_ops gcb_py_ops;

static inline const kind *gcb_py_kind(PyObject *o) {
  return (const kind *)Py_TYPE(o);
}
static inline uint32_t gcb_py_refs(PyObject *o) {
  const kind *k = gcb_py_kind(o);
  return k->counted ? (uint32_t)Py_SIZE(o) : k->refs;
}
static inline PyObject **gcb_py_slots(PyObject *o) {
  return (PyObject **)((char *)o + gcb_py_kind(o)->first);
}
bool gcb_py_types_ready(void);
/* The kind of a shape with references, in shape->local. */
gcb_status gcb_py_shape_added(gcb_heap *h, gcb_shape *shape);
gcb_status gcb_py_finalizer(PyObject *o, uint64_t token);

#endif
