/* The Python types of cpython, and what happens when an object of one dies.
 *
 * Invariant: an object of a kind's `final` has a token in gcb_py_tokens for each registration that is still
 * to be run, and when its count falls to 0, or the gc module finds its cycle dead, each token and one
 * reference go to the harness. It is then an object of the plain kind again, so that it can be registered
 * anew; for the same end the mark that the gc module leaves on what it has finalized is taken off.
 */
#include "objects.h"

#define Py_BUILD_CORE
#include <internal/pycore_gc.h>
#undef Py_BUILD_CORE
#include <stdlib.h>

gcb_tokens gcb_py_tokens;
kind gcb_py_array, gcb_py_leaf, gcb_py_weak;

/* Hand a dying object over, one reference for each registration. False: nobody wants it. */
static bool hand_over(PyObject *o) {
  uint64_t token;
  bool any = false;
  Py_SET_TYPE(o, &gcb_py_kind(o)->plain->type);
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

static int traverse(PyObject *o, visitproc visit, void *arg) {
  PyObject **slots = gcb_py_slots(o);
  for (uint32_t i = 0, n = gcb_py_refs(o); i < n; i++) Py_VISIT(slots[i]);
  return 0;
}
static int clear(PyObject *o) {
  PyObject **slots = gcb_py_slots(o);
  for (uint32_t i = 0, n = gcb_py_refs(o); i < n; i++) Py_CLEAR(slots[i]);
  return 0;
}

/* Weak references stand before the first slot. */
static PyObject *weaks_of(PyObject *o) {
  return gcb_py_slots(o)[-1];
}
static void node_dealloc(PyObject *o) {
  PyObject_GC_UnTrack(o);
  Py_TRASHCAN_BEGIN(o, node_dealloc) if (weaks_of(o)) PyObject_ClearWeakRefs(o);
  PyObject **slots = gcb_py_slots(o);
  for (uint32_t i = gcb_py_refs(o); i-- > 0;) Py_XDECREF(slots[i]);
  PyObject_GC_Del(o);
  Py_TRASHCAN_END
}
static void leaf_dealloc(PyObject *o) {
  if (weaks_of(o)) PyObject_ClearWeakRefs(o);
  PyObject_Free(o);
}
static void weak_dealloc(PyObject *o) {
  if (weaks_of(o)) PyObject_ClearWeakRefs(o);
  Py_DECREF(((weak *)o)->target);
  PyObject_Free(o);
}

/* Of objects with a finalizer: those that nobody wants are plain by now, and die as such. */
static void final_dealloc(PyObject *o) {
  if (!hand_over(o)) Py_TYPE(o)->tp_dealloc(o);
}

/* Complete both types of a kind whose numbers `plain` has; `bytes` and `item` are the sizes of an object. */
static bool ready(kind *plain, kind *final, const char *name, size_t bytes, size_t item, destructor dealloc) {
  bool tracked = plain->counted || plain->refs;
  plain->type = (PyTypeObject){PyVarObject_HEAD_INIT(NULL, 0).tp_name = name,
                               .tp_basicsize = (Py_ssize_t)bytes,
                               .tp_itemsize = (Py_ssize_t)item,
                               .tp_flags = Py_TPFLAGS_DEFAULT | (tracked ? Py_TPFLAGS_HAVE_GC : 0),
                               .tp_dealloc = dealloc,
                               .tp_traverse = tracked ? traverse : NULL,
                               .tp_clear = tracked ? clear : NULL,
                               .tp_weaklistoffset = (Py_ssize_t)(plain->first - sizeof(PyObject *))};
  plain->plain = plain;
  plain->final = final;
  *final = *plain;
  final->type.tp_dealloc = final_dealloc;
  if (tracked) final->type.tp_finalize = finalize;
  return PyType_Ready(&plain->type) == 0 && PyType_Ready(&final->type) == 0;
}

bool gcb_py_types_ready(void) {
  static kind array_final, leaf_final, weak_final;
  gcb_py_array = (kind){.counted = true, .first = offsetof(array, slot)};
  gcb_py_leaf = (kind){.first = offsetof(leaf, payload)};
  gcb_py_weak = (kind){.first = offsetof(weak, target)};
  return ready(&gcb_py_array, &array_final, "gcbench.array", sizeof(array), sizeof(PyObject *),
               node_dealloc) &&
         ready(&gcb_py_leaf, &leaf_final, "gcbench.leaf", sizeof(leaf), 1, leaf_dealloc) &&
         ready(&gcb_py_weak, &weak_final, "gcbench.weak", sizeof(weak), 0, weak_dealloc);
}

gcb_status gcb_py_shape_added(gcb_heap *h, gcb_shape *shape) {
  (void)h;
  if (!shape->refs) return GCB_OK;
  kind *both = calloc(2, sizeof *both); /* as long as the process */
  if (!both) return GCB_OOM;
  both->refs = shape->refs;
  both->first = offsetof(fixed, slot);
  size_t bytes = sizeof(fixed) + 8 * (shape->refs + (size_t)(shape->payload + 7) / 8);
  if (!ready(both, both + 1, "gcbench.node", bytes, 0, node_dealloc)) {
    PyErr_Clear();
    return GCB_OOM;
  }
  shape->local = both;
  return GCB_OK;
}

gcb_status gcb_py_finalizer(PyObject *o, uint64_t token) {
  if (!gcb_tokens_add(&gcb_py_tokens, o, token)) return GCB_OOM;
  const kind *k = gcb_py_kind(o);
  if (k == k->final) return GCB_OK;
  if (PyObject_IS_GC(o)) _Py_AS_GC(o)->_gc_prev &= ~(uintptr_t)_PyGC_PREV_MASK_FINALIZED;
  Py_SET_TYPE(o, &k->final->type);
  return GCB_OK;
}
