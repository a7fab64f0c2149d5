/* cpython: the heap of the real CPython, reference counts and the gc module, through libpython. Follows
 * CPython 3.11.
 *
 * A root slot owns one strong reference, as a local variable of Python does; so does a slot of an object.
 * Objects with references are of a type that the gc module tracks, objects without are not, as with Python's
 * own.
 *
 * Invariant: an object of a _final type has a token in gcb_py_tokens for each registration that is still to
 * be run, and when its count falls to 0, or the gc module finds its cycle dead, each token and one reference
 * go to the harness. It is then an object of the plain type again, so that it can be registered anew; for the
 * same end the mark that the gc module leaves on what it has finalized is taken off.
 *
 * What CPython does otherwise than the contract asks: weak references into a dead cycle are cleared before
 * the finalizers of that cycle run. The heap cannot be bounded.
 */
#include "objects.h"

#define Py_BUILD_CORE
#include <internal/pycore_gc.h>
#undef Py_BUILD_CORE
#include <stdio.h>
#include <stdlib.h>

enum { OPTION_THRESHOLD, OPTION_GC };
enum { GC_ON, GC_OFF, GC_FROZEN };
static const gcb_option options[] = {
    {"threshold", GCB_TEXT, "700,10,10", 0, 0, NULL,
     "gc.set_threshold(): allocations less deallocations, young collections, middle collections"},
    {"gc", GCB_CHOICE, "on", 0, 0, "on|off|frozen",
     "off: reference counts alone; frozen: gc.freeze() after the workload has set up"},
};
static const gcb_preset presets[] = {{"off", "gc=off"}, {"frozen", "gc=frozen"}, {NULL, NULL}};

gcb_tokens gcb_py_tokens;
gcb_heap *gcb_py_heap;
static PyObject *module; /* gc */
static uint64_t mode, runs, started;

/* ---- objects ---- */
static PyTypeObject *plain_of(PyTypeObject *type) {
  return type == &gcb_py_node_final   ? &gcb_py_node
         : type == &gcb_py_leaf_final ? &gcb_py_leaf
         : type == &gcb_py_weak_final ? &gcb_py_weak
                                      : type;
}

/* Hand a dying object over, one reference for each registration. `references` are those that it has. False:
 * nobody wants it. */
static bool hand_over(PyObject *o) {
  uint64_t token;
  bool any = false;
  Py_SET_TYPE(o, plain_of(Py_TYPE(o)));
  while (gcb_tokens_take(&gcb_py_tokens, o, &token))
    if (gcb_finalizer_ready(gcb_py_heap, (gcb_object *)o, token)) {
      Py_INCREF(o);
      any = true;
    }
  return any;
}

/* In a cycle that the gc module has found dead. */
static void finalize(PyObject *o) {
  hand_over(o);
}

static int traverse(PyObject *self, visitproc visit, void *arg) {
  node *o = (node *)self;
  for (Py_ssize_t i = 0; i < Py_SIZE(o); i++) Py_VISIT(o->slot[i]);
  return 0;
}
static int clear(PyObject *self) {
  node *o = (node *)self;
  for (Py_ssize_t i = 0; i < Py_SIZE(o); i++) Py_CLEAR(o->slot[i]);
  return 0;
}
static void node_dealloc(PyObject *self) {
  if (Py_IS_TYPE(self, &gcb_py_node_final) && hand_over(self)) return;
  node *o = (node *)self;
  PyObject_GC_UnTrack(o);
  Py_TRASHCAN_BEGIN(o, node_dealloc) if (o->weaks) PyObject_ClearWeakRefs(self);
  for (Py_ssize_t i = Py_SIZE(o); i-- > 0;) Py_XDECREF(o->slot[i]);
  PyObject_GC_Del(o);
  Py_TRASHCAN_END
}
static void leaf_dealloc(PyObject *self) {
  if (Py_IS_TYPE(self, &gcb_py_leaf_final) && hand_over(self)) return;
  if (((leaf *)self)->weaks) PyObject_ClearWeakRefs(self);
  PyObject_Free(self);
}
static void weak_dealloc(PyObject *self) {
  if (Py_IS_TYPE(self, &gcb_py_weak_final) && hand_over(self)) return;
  if (((weak *)self)->weaks) PyObject_ClearWeakRefs(self);
  Py_DECREF(((weak *)self)->target);
  PyObject_Free(self);
}

#define NODE_TYPE(text, ...)                                                                                 \
  {                                                                                                          \
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = text, .tp_basicsize = sizeof(node), .tp_itemsize = 8,           \
                                .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,                         \
                                .tp_dealloc = node_dealloc, .tp_traverse = traverse, .tp_clear = clear,      \
                                .tp_weaklistoffset = offsetof(node, weaks), __VA_ARGS__                      \
  }
#define OTHER_TYPE(text, layout, item, dealloc)                                                              \
  {                                                                                                          \
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = text, .tp_basicsize = sizeof(layout), .tp_itemsize = item,      \
                                .tp_flags = Py_TPFLAGS_DEFAULT, .tp_dealloc = dealloc,                       \
                                .tp_weaklistoffset = offsetof(layout, weaks)                                 \
  }
PyTypeObject gcb_py_node = NODE_TYPE("gcbench.node", .tp_finalize = NULL);
PyTypeObject gcb_py_node_final = NODE_TYPE("gcbench.node_final", .tp_finalize = finalize);
PyTypeObject gcb_py_leaf = OTHER_TYPE("gcbench.leaf", leaf, 1, leaf_dealloc);
PyTypeObject gcb_py_leaf_final = OTHER_TYPE("gcbench.leaf_final", leaf, 1, leaf_dealloc);
PyTypeObject gcb_py_weak = OTHER_TYPE("gcbench.weak", weak, 0, weak_dealloc);
PyTypeObject gcb_py_weak_final = OTHER_TYPE("gcbench.weak_final", weak, 0, weak_dealloc);

bool gcb_py_types_ready(void) {
  PyTypeObject *all[] = {&gcb_py_node,       &gcb_py_node_final, &gcb_py_leaf,
                         &gcb_py_leaf_final, &gcb_py_weak,       &gcb_py_weak_final};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++)
    if (PyType_Ready(all[i]) < 0) return false;
  return true;
}

gcb_status gcb_py_finalizer(PyObject *o, uint64_t token) {
  if (!gcb_tokens_add(&gcb_py_tokens, o, token)) return GCB_OOM;
  PyTypeObject *t = Py_TYPE(o);
  if (t == &gcb_py_node) {
    _Py_AS_GC(o)->_gc_prev &= ~(uintptr_t)_PyGC_PREV_MASK_FINALIZED;
    Py_SET_TYPE(o, &gcb_py_node_final);
  } else if (t == &gcb_py_leaf) {
    Py_SET_TYPE(o, &gcb_py_leaf_final);
  } else if (t == &gcb_py_weak) {
    Py_SET_TYPE(o, &gcb_py_weak_final);
  }
  return GCB_OK;
}

/* ---- collections ---- */

/* In gc.callbacks: called with "start" and with "stop", and the generation. */
static PyObject *collecting(PyObject *self, PyObject *args) {
  static const gcb_pause_kind kinds[] = {GCB_MINOR, GCB_MIDDLE, GCB_MAJOR};
  const char *phase;
  PyObject *info;
  (void)self;
  if (!PyArg_ParseTuple(args, "sO", &phase, &info)) return NULL;
  uint64_t now = gcb_now(gcb_py_heap);
  PyObject *generation = PyDict_GetItemString(info, "generation");
  long g = generation ? PyLong_AsLong(generation) : 2;
  if (phase[2] == 'a')
    started = now;
  else
    gcb_pause(gcb_py_heap, NULL, kinds[g < 0 || g > 2 ? 2 : g], started, now);
  Py_RETURN_NONE;
}
static PyMethodDef callback = {"gcbench", collecting, METH_VARARGS, NULL};

static bool call(const char *name, PyObject *arguments) { /* steals the arguments */
  PyObject *function = PyObject_GetAttrString(module, name);
  PyObject *result = function && arguments ? PyObject_CallObject(function, arguments) : NULL;
  Py_XDECREF(function);
  Py_XDECREF(arguments);
  Py_XDECREF(result);
  if (!result) PyErr_Clear();
  return result != NULL;
}

static gcb_status collect(gcb_mutator *m, gcb_pause_kind kind) {
  (void)m;
  int generation = kind == GCB_MINOR ? 0 : kind == GCB_MIDDLE ? 1 : 2;
  if (kind > GCB_MAJOR) return GCB_UNSUPPORTED;
  return call("collect", Py_BuildValue("(i)", generation)) ? GCB_OK : GCB_OOM;
}

/* The harness comes here once to set up, then for each iteration. */
static gcb_status enter(gcb_heap *h, gcb_status (*body)(void *arg), void *arg) {
  (void)h;
  if (mode == GC_FROZEN && runs++ == 1) call("freeze", PyTuple_New(0));
  return body(arg);
}

/* ---- beginning and end ---- */
static bool begin_gc(const unsigned threshold[3]) {
  module = PyImport_ImportModule("gc");
  PyObject *callbacks = module ? PyObject_GetAttrString(module, "callbacks") : NULL;
  PyObject *ours = PyCFunction_New(&callback, NULL);
  bool good = callbacks && ours && PyList_Append(callbacks, ours) == 0;
  Py_XDECREF(callbacks);
  Py_XDECREF(ours);
  return good && call("set_threshold", Py_BuildValue("(III)", threshold[0], threshold[1], threshold[2])) &&
         (mode != GC_OFF || call("disable", PyTuple_New(0)));
}

static gcb_status start(gcb_heap *h, const gcb_value *values, char *why, size_t why_size) {
  unsigned t[3];
  char more;
  gcb_py_heap = h;
  mode = values[OPTION_GC].u;
  if (sscanf(values[OPTION_THRESHOLD].s, "%u,%u,%u%c", &t[0], &t[1], &t[2], &more) != 3 ||
      (t[0] | t[1] | t[2]) > INT32_MAX) {
    snprintf(why, why_size, "threshold: %s is not three numbers such as 700,10,10",
             values[OPTION_THRESHOLD].s);
    return GCB_FAILED;
  }
  PyConfig config;
  PyConfig_InitIsolatedConfig(&config);
  config.site_import = 0;
  PyStatus status = PyConfig_SetString(&config, &config.home, PYTHON_HOME);
  if (!PyStatus_Exception(status)) status = Py_InitializeFromConfig(&config);
  PyConfig_Clear(&config);
  if (PyStatus_Exception(status) || !gcb_py_types_ready() || !begin_gc(t)) {
    snprintf(why, why_size, "Python does not start: %s", status.err_msg ? status.err_msg : "no gc module");
    return GCB_FAILED;
  }
  PyEval_SaveThread(); /* the mutator takes it, whatever thread it is on */
  return GCB_OK;
}

/* The interpreter goes with the process: ending it would only take time. */
static void stop(gcb_heap *h) {
  (void)h;
  gcb_tokens_free(&gcb_py_tokens);
}

static gcb_status thread_begin(gcb_mutator *m) {
  if (m->id) return GCB_UNSUPPORTED; /* one interpreter lock, one mutator */
  m->local = (void *)(intptr_t)PyGILState_Ensure();
  return GCB_OK;
}
static void thread_end(gcb_mutator *m) {
  PyGILState_Release((PyGILState_STATE)(intptr_t)m->local);
}

static void ledger(gcb_heap *h, gcb_space_ledger *out) {
  (void)h;
  *out = (gcb_space_ledger){0}; /* Python's own memory, which nobody counts */
}

const gcb_collector gcbench_collector = {
    .abi = GCB_COLLECTOR_ABI,
    .size = sizeof(gcb_collector),
    .name = "cpython",
    .summary = "the heap of CPython: reference counts and the gc module",
    .follows = "CPython " PY_VERSION,
    .capabilities = GCB_CAP(GENERATIONAL) | GCB_CAP(RECLAIMS) | GCB_CAP(CYCLES) | GCB_CAP(PROMPT) |
                    GCB_CAP(WEAK) | GCB_CAP(FINALIZERS) | GCB_CAP(EXACT) | GCB_CAP(FOREIGN),
    .rare = GCB_RARE_OF_FINALIZERS, /* it counts none itself */
    .path = {GCB_ALLOC_CALL, GCB_WRITE_CALL, GCB_READ_CALL, GCB_ROOTS_CALL},
    .options = options,
    .n_options = sizeof options / sizeof *options,
    .presets = presets,
    .start = start,
    .stop = stop,
    .thread_begin = thread_begin,
    .thread_end = thread_end,
    .collect = collect,
    .ledger = ledger,
    .ops = &gcb_py_ops,
    .enter = enter,
};
