/* See counting.h. What runs inside a finalizer is not counted: when it runs is the collector's affair, and
 * the counts must not depend on it. */
#include "runtime/counting.h"
#include "runtime/heap_host.h"

static gcb_thread *thread(gcb_mutator *m) {
  return m->harness;
}
static const gcb_ops *real(gcb_mutator *m) {
  return ((gcb_instance *)m->heap)->ops;
}

/* Note operation `op` with up to two numbers; NULL inside a finalizer. */
static gcb_op_counts *note(gcb_mutator *m, uint64_t op, uint64_t a, uint64_t b) {
  gcb_thread *t = thread(m);
  if (t->in_finalizer) return NULL;
  t->counts.digest = gcb_mix(t->counts.digest, op + (a << 8) + (b << 40));
  return &t->counts;
}
#define COUNT(field, op, a, b)                                                                               \
  do {                                                                                                       \
    gcb_op_counts *c = note(m, op, a, b);                                                                    \
    if (c) c->field++;                                                                                       \
  } while (0)

static bool allocated(gcb_mutator *m, uint64_t op, uint32_t geometry, bool done) {
  gcb_op_counts *c = note(m, op, geometry, done);
  if (c && done) {
    c->allocated_objects++;
    c->allocated_bytes += gcb_size_of(geometry);
  }
  return done;
}
static uint32_t geometry_of(const gcb_shape *s) {
  return (uint32_t)(s->header >> 32);
}
static void count_enter(gcb_mutator *m, gcb_object **base, uint32_t n) {
  COUNT(frames, 1, n, 0);
  real(m)->enter(m, base, n);
}
static void count_leave(gcb_mutator *m, gcb_object **base, uint32_t n) {
  real(m)->leave(m, base, n);
}
static bool count_new_object(gcb_mutator *m, gcb_slot dst, const gcb_shape *shape) {
  return allocated(m, 2, geometry_of(shape), real(m)->new_object(m, dst, shape));
}
static bool count_new_array(gcb_mutator *m, gcb_slot dst, uint32_t n) {
  return allocated(m, 3, gcb_geometry_array(GCB_KIND_REFS, n), real(m)->new_array(m, dst, n));
}
static bool count_new_bytes(gcb_mutator *m, gcb_slot dst, uint32_t n) {
  return allocated(m, 4, gcb_geometry_array(GCB_KIND_BYTES, n), real(m)->new_bytes(m, dst, n));
}
static bool count_construct(gcb_mutator *m, gcb_slot dst, const gcb_shape *shape, gcb_slot first) {
  bool done = allocated(m, 5, geometry_of(shape), real(m)->construct(m, dst, shape, first));
  if (done && !thread(m)->in_finalizer) thread(m)->counts.inits += shape->refs;
  return done;
}
static void count_init(gcb_mutator *m, gcb_slot obj, uint32_t i, gcb_slot src) {
  COUNT(inits, 6, i, 0);
  real(m)->init(m, obj, i, src);
}
static void count_put(gcb_mutator *m, gcb_slot obj, uint32_t i, gcb_slot src) {
  COUNT(puts, 7, i, 0);
  real(m)->put(m, obj, i, src);
}
static void count_put_null(gcb_mutator *m, gcb_slot obj, uint32_t i) {
  COUNT(puts, 8, i, 0);
  real(m)->put_null(m, obj, i);
}
static void count_get(gcb_mutator *m, gcb_slot dst, gcb_slot obj, uint32_t i) {
  COUNT(gets, 9, i, 0);
  real(m)->get(m, dst, obj, i);
}
static void count_move(gcb_mutator *m, gcb_slot dst, gcb_slot src) {
  real(m)->move(m, dst, src);
}
static void count_clear(gcb_mutator *m, gcb_slot dst) {
  real(m)->clear(m, dst);
}
static bool count_is_null(gcb_mutator *m, gcb_slot s) {
  return real(m)->is_null(m, s);
}
static bool count_same(gcb_mutator *m, gcb_slot a, gcb_slot b) {
  return real(m)->same(m, a, b);
}
static uint32_t count_length(gcb_mutator *m, gcb_slot obj) {
  return real(m)->length(m, obj);
}
static void count_read(gcb_mutator *m, gcb_slot obj, uint32_t offset, void *into, uint32_t bytes) {
  COUNT(reads, 10, offset, bytes);
  real(m)->read(m, obj, offset, into, bytes);
}
static void count_write(gcb_mutator *m, gcb_slot obj, uint32_t offset, const void *from, uint32_t bytes) {
  COUNT(writes, 11, offset, bytes);
  real(m)->write(m, obj, offset, from, bytes);
}
static bool count_weak_new(gcb_mutator *m, gcb_slot dst, gcb_slot target) {
  COUNT(weaks, 12, 0, 0);
  return allocated(m, 12, GCB_GEOMETRY_WEAK, real(m)->weak_new(m, dst, target));
}
static void count_weak_get(gcb_mutator *m, gcb_slot dst, gcb_slot weak) {
  COUNT(weak_gets, 13, 0, 0);
  real(m)->weak_get(m, dst, weak);
}
static bool count_ephemeron_new(gcb_mutator *m, gcb_slot dst, gcb_slot key, gcb_slot value) {
  COUNT(ephemerons, 14, 0, 0);
  return allocated(m, 14, GCB_GEOMETRY_EPHEMERON, real(m)->ephemeron_new(m, dst, key, value));
}
static void count_ephemeron_key(gcb_mutator *m, gcb_slot dst, gcb_slot ephemeron) {
  COUNT(weak_gets, 15, 0, 0);
  real(m)->ephemeron_key(m, dst, ephemeron);
}
static void count_ephemeron_get(gcb_mutator *m, gcb_slot dst, gcb_slot ephemeron) {
  COUNT(weak_gets, 16, 0, 0);
  real(m)->ephemeron_get(m, dst, ephemeron);
}
static void count_ephemeron_put(gcb_mutator *m, gcb_slot ephemeron, gcb_slot src) {
  COUNT(puts, 17, 0, 0);
  real(m)->ephemeron_put(m, ephemeron, src);
}
static gcb_status count_finalizer(gcb_mutator *m, gcb_slot obj, uint64_t token) {
  COUNT(finalizers, 18, 0, 0);
  return real(m)->finalizer(m, obj, token);
}
static void count_release(gcb_mutator *m, gcb_slot obj) {
  real(m)->release(m, obj);
}
static void count_release_tree(gcb_mutator *m, gcb_slot obj) {
  real(m)->release_tree(m, obj);
}
static void count_poll(gcb_mutator *m) {
  COUNT(polls, 0, 0, 0);
  real(m)->poll(m);
}

const gcb_ops gcb_counting_ops = {
    .enter = count_enter,
    .leave = count_leave,
    .new_object = count_new_object,
    .new_array = count_new_array,
    .new_bytes = count_new_bytes,
    .construct = count_construct,
    .init = count_init,
    .put = count_put,
    .put_null = count_put_null,
    .get = count_get,
    .move = count_move,
    .clear = count_clear,
    .is_null = count_is_null,
    .same = count_same,
    .length = count_length,
    .read = count_read,
    .write = count_write,
    .weak_new = count_weak_new,
    .weak_get = count_weak_get,
    .ephemeron_new = count_ephemeron_new,
    .ephemeron_key = count_ephemeron_key,
    .ephemeron_get = count_ephemeron_get,
    .ephemeron_put = count_ephemeron_put,
    .finalizer = count_finalizer,
    .release = count_release,
    .release_tree = count_release_tree,
    .poll = count_poll,
};
