/* cpython: the heap of the real CPython, reference counts and the gc module, through libpython. Follows
 * CPython 3.11.
 *
 * A root slot owns one strong reference, as a local variable of Python does; so does a slot of an object.
 * Objects with references are of a type that the gc module tracks, one for each shape, as a class with slots
 * has; objects without are not tracked, as with Python's own.
 *
 * Weak references into a dead cycle are cleared before the finalizers of that cycle run, which is declared
 * (short-weak). The heap cannot be bounded.
 */
#include "objects.h"

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

gcb_heap *gcb_py_heap;
static PyObject *module; /* gc */
static uint64_t mode, runs, started;

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
                    GCB_CAP(WEAK) | GCB_CAP(SHORT_WEAK) | GCB_CAP(FINALIZERS) | GCB_CAP(EXACT) |
                    GCB_CAP(FOREIGN),
    .rare = GCB_RARE_OF_FINALIZERS, /* it counts none itself */
    .path = {GCB_ALLOC_CALL, GCB_WRITE_CALL, GCB_READ_CALL, GCB_ROOTS_CALL},
    .options = options,
    .n_options = sizeof options / sizeof *options,
    .presets = presets,
    .start = start,
    .stop = stop,
    .shape_added = gcb_py_shape_added,
    .thread_begin = thread_begin,
    .thread_end = thread_end,
    .collect = collect,
    .ledger = ledger,
    .ops = &gcb_py_ops,
    .enter = enter,
};
