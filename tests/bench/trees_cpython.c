/* trees on CPython's C API: a type with two references and eight bytes. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

typedef struct tree {
  PyObject_HEAD PyObject *child[2];
  uint64_t payload;
} * node;

static int traverse(PyObject *self, visitproc visit, void *arg) {
  Py_VISIT(((node)self)->child[0]);
  Py_VISIT(((node)self)->child[1]);
  return 0;
}
static int clear(PyObject *self) {
  Py_CLEAR(((node)self)->child[0]);
  Py_CLEAR(((node)self)->child[1]);
  return 0;
}
static void dealloc(PyObject *self) {
  PyObject_GC_UnTrack(self);
  Py_TRASHCAN_BEGIN(self, dealloc);
  clear(self);
  PyObject_GC_Del(self);
  Py_TRASHCAN_END
}
static PyTypeObject type = {PyVarObject_HEAD_INIT(NULL, 0).tp_name = "tree",
                            .tp_basicsize = sizeof(struct tree),
                            .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
                            .tp_dealloc = dealloc,
                            .tp_traverse = traverse,
                            .tp_clear = clear};

static inline node join(node l, node r) {
  node n = PyObject_GC_New(struct tree, &type);
  n->child[0] = (PyObject *)l;
  n->child[1] = (PyObject *)r;
  n->payload = 0;
  PyObject_GC_Track(n);
  return n;
}
static inline node new_node(void) {
  return join(NULL, NULL);
}
static inline void set_left(node n, node l) {
  n->child[0] = (PyObject *)l;
}
static inline void set_right(node n, node r) {
  n->child[1] = (PyObject *)r;
}
static inline void drop(node n) {
  Py_DECREF(n);
}
static inline void *new_doubles(unsigned long n) {
  static void *held;
  Py_XDECREF((PyObject *)held);
  held = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)(n * sizeof(double)));
  return PyBytes_AS_STRING((PyObject *)held);
}
#include "trees_by_hand.h"

int main(int argc, char **argv) {
  PyConfig config;
  PyConfig_InitIsolatedConfig(&config);
  config.site_import = 0;
  PyConfig_SetString(&config, &config.home, PYTHON_HOME);
  PyStatus status = Py_InitializeFromConfig(&config);
  if (PyStatus_Exception(status) || PyType_Ready(&type) < 0) return 1;
  return by_hand(argc > 1 ? atoi(argv[1]) : 5);
}
