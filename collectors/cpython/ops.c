/* The mutator operations in Python's C API. A slot holds the object and owns a reference to it. */
#include "objects.h"
#include <string.h>

static PyObject *at(gcb_slot s) {
  return (PyObject *)*s.at;
}
/* Give the slot a reference that is the caller's; the old content goes last, for it may run anything. */
static void take(gcb_slot dst, PyObject *o) {
  PyObject *old = at(dst);
  *dst.at = (gcb_object *)o;
  Py_XDECREF(old);
}
static bool take_new(gcb_slot dst, void *o) {
  if (!o) {
    PyErr_Clear();
    return false;
  }
  take(dst, o);
  return true;
}

static void enter(gcb_mutator *m, gcb_object **base, uint32_t n) {
  (void)m, (void)base, (void)n; /* null already */
}
static void leave(gcb_mutator *m, gcb_object **base, uint32_t n) {
  (void)m;
  for (uint32_t i = 0; i < n; i++) take((gcb_slot){base + i}, NULL);
}

/* Of a shape: not yet tracked, references for the caller to fill in, payload zero. */
static fixed *new_fixed(const gcb_shape *shape) {
  fixed *o = PyObject_GC_New(fixed, &((kind *)shape->local)->type);
  if (!o) return NULL;
  o->weaks = NULL;
  memset(o->slot + shape->refs, 0, shape->payload);
  return o;
}
static leaf *new_leaf(uint32_t bytes) {
  leaf *o = PyObject_NewVar(leaf, &gcb_py_leaf.type, bytes);
  if (!o) return NULL;
  o->weaks = NULL;
  memset(o->payload, 0, bytes);
  return o;
}
static void *tracked(void *o) {
  if (o) PyObject_GC_Track(o);
  return o;
}
static bool new_object(gcb_mutator *m, gcb_slot dst, const gcb_shape *shape) {
  (void)m;
  if (!shape->refs) return take_new(dst, new_leaf(shape->payload));
  fixed *o = new_fixed(shape);
  for (uint32_t i = 0; o && i < shape->refs; i++) o->slot[i] = NULL;
  return take_new(dst, tracked(o));
}
static bool new_array(gcb_mutator *m, gcb_slot dst, uint32_t n) {
  (void)m;
  array *o = PyObject_GC_NewVar(array, &gcb_py_array.type, n);
  if (!o) return take_new(dst, NULL);
  o->weaks = NULL;
  memset(o->slot, 0, 8 * (size_t)n);
  return take_new(dst, tracked(o));
}
static bool new_bytes(gcb_mutator *m, gcb_slot dst, uint32_t n) {
  (void)m;
  return take_new(dst, new_leaf(n));
}
static bool construct(gcb_mutator *m, gcb_slot dst, const gcb_shape *shape, gcb_slot first) {
  if (!shape->refs) return new_object(m, dst, shape);
  fixed *o = new_fixed(shape);
  for (uint32_t i = 0; o && i < shape->refs; i++) o->slot[i] = Py_XNewRef((PyObject *)first.at[i]);
  return take_new(dst, tracked(o));
}

static void init(gcb_mutator *m, gcb_slot obj, uint32_t i, gcb_slot src) {
  (void)m;
  gcb_py_slots(at(obj))[i] = Py_XNewRef(at(src));
}
static void store(gcb_slot obj, uint32_t i, PyObject *value) {
  PyObject **slot = gcb_py_slots(at(obj)) + i, *old = *slot;
  *slot = value;
  Py_XDECREF(old);
}
static void put(gcb_mutator *m, gcb_slot obj, uint32_t i, gcb_slot src) {
  (void)m;
  store(obj, i, Py_XNewRef(at(src)));
}
static void put_null(gcb_mutator *m, gcb_slot obj, uint32_t i) {
  (void)m;
  store(obj, i, NULL);
}
static void get(gcb_mutator *m, gcb_slot dst, gcb_slot obj, uint32_t i) {
  (void)m;
  take(dst, Py_XNewRef(gcb_py_slots(at(obj))[i]));
}
static void move(gcb_mutator *m, gcb_slot dst, gcb_slot src) {
  (void)m;
  take(dst, Py_XNewRef(at(src)));
}
static void clear(gcb_mutator *m, gcb_slot dst) {
  (void)m;
  take(dst, NULL);
}
static bool is_null(gcb_mutator *m, gcb_slot s) {
  (void)m;
  return !at(s);
}
static bool same(gcb_mutator *m, gcb_slot a, gcb_slot b) {
  (void)m;
  return at(a) == at(b);
}
static uint32_t length(gcb_mutator *m, gcb_slot obj) {
  (void)m;
  return (uint32_t)Py_SIZE(at(obj));
}
static char *payload(gcb_slot obj) {
  PyObject *o = at(obj);
  return (char *)(gcb_py_slots(o) + gcb_py_kind(o)->refs); /* a leaf has none */
}
static void read_payload(gcb_mutator *m, gcb_slot obj, uint32_t offset, void *into, uint32_t bytes) {
  (void)m;
  memcpy(into, payload(obj) + offset, bytes);
}
static void write_payload(gcb_mutator *m, gcb_slot obj, uint32_t offset, const void *from, uint32_t bytes) {
  (void)m;
  memcpy(payload(obj) + offset, from, bytes);
}

static bool weak_new(gcb_mutator *m, gcb_slot dst, gcb_slot target) {
  (void)m;
  weak *w = PyObject_New(weak, &gcb_py_weak.type);
  if (!w) return take_new(dst, NULL);
  w->weaks = NULL;
  w->target = PyWeakref_NewRef(at(target), NULL);
  if (!w->target) {
    PyObject_Free(w);
    return take_new(dst, NULL);
  }
  return take_new(dst, w);
}
static void weak_get(gcb_mutator *m, gcb_slot dst, gcb_slot w) {
  (void)m;
  PyObject *o = PyWeakref_GET_OBJECT(((weak *)at(w))->target);
  take(dst, o == Py_None ? NULL : Py_NewRef(o));
}
static gcb_status finalizer(gcb_mutator *m, gcb_slot obj, uint64_t token) {
  (void)m;
  return gcb_py_finalizer(at(obj), token);
}
/* The waiting object's reference becomes the slot's. */
static void adopt(gcb_mutator *m, gcb_slot dst, gcb_object *handle) {
  (void)m;
  take(dst, (PyObject *)handle);
}
static void poll(gcb_mutator *m) {
  if (__atomic_load_n(&m->attention, __ATOMIC_RELAXED)) m->heap->host->poll(m);
}

const gcb_ops gcb_py_ops = {.enter = enter,
                            .leave = leave,
                            .new_object = new_object,
                            .new_array = new_array,
                            .new_bytes = new_bytes,
                            .construct = construct,
                            .init = init,
                            .put = put,
                            .put_null = put_null,
                            .get = get,
                            .move = move,
                            .clear = clear,
                            .is_null = is_null,
                            .same = same,
                            .length = length,
                            .read = read_payload,
                            .write = write_payload,
                            .weak_new = weak_new,
                            .weak_get = weak_get,
                            .finalizer = finalizer,
                            .release = clear,
                            .release_tree = clear,
                            .poll = poll,
                            .adopt = adopt};
