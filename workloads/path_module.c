/* Compiled once a path, like the workloads beside it: wraps each inline operation in a function. */
#include "path_module.h"

static void ops_enter(gcb_mutator *m, gcb_object **base, uint32_t n) {
  (void)m, (void)base, (void)n;
}
static void ops_leave(gcb_mutator *m, gcb_object **base, uint32_t n) {
  gcb_object **top = m->top;
  gcb_leave(m, (gcb_frame){base, n});
  m->top = top;
}
static bool ops_new(gcb_mutator *m, gcb_slot dst, const gcb_shape *shape) {
  return gcb_new(m, dst, shape);
}
static bool ops_new_array(gcb_mutator *m, gcb_slot dst, uint32_t n) {
  return gcb_new_array(m, dst, n);
}
static bool ops_new_bytes(gcb_mutator *m, gcb_slot dst, uint32_t n) {
  return gcb_new_bytes(m, dst, n);
}
static bool ops_construct(gcb_mutator *m, gcb_slot dst, const gcb_shape *shape, gcb_slot first) {
  return gcb_construct(m, dst, shape, first);
}
static void ops_init(gcb_mutator *m, gcb_slot obj, uint32_t i, gcb_slot src) {
  gcb_init(m, obj, i, src);
}
static void ops_put(gcb_mutator *m, gcb_slot obj, uint32_t i, gcb_slot src) {
  gcb_put(m, obj, i, src);
}
static void ops_put_null(gcb_mutator *m, gcb_slot obj, uint32_t i) {
  gcb_put_null(m, obj, i);
}
static void ops_get(gcb_mutator *m, gcb_slot dst, gcb_slot obj, uint32_t i) {
  gcb_get(m, dst, obj, i);
}
static void ops_move(gcb_mutator *m, gcb_slot dst, gcb_slot src) {
  gcb_move(m, dst, src);
}
static void ops_clear(gcb_mutator *m, gcb_slot dst) {
  gcb_clear(m, dst);
}
static bool ops_is_null(gcb_mutator *m, gcb_slot s) {
  return gcb_is_null(m, s);
}
static bool ops_same(gcb_mutator *m, gcb_slot a, gcb_slot b) {
  return gcb_same(m, a, b);
}
static uint32_t ops_length(gcb_mutator *m, gcb_slot obj) {
  return gcb_length(m, obj);
}
static void ops_read(gcb_mutator *m, gcb_slot obj, uint32_t offset, void *into, uint32_t bytes) {
  gcb_read(m, obj, offset, into, bytes);
}
static void ops_write(gcb_mutator *m, gcb_slot obj, uint32_t offset, const void *from, uint32_t bytes) {
  gcb_write(m, obj, offset, from, bytes);
}
static bool ops_weak_new(gcb_mutator *m, gcb_slot dst, gcb_slot target) {
  return gcb_weak_new(m, dst, target);
}
static void ops_weak_get(gcb_mutator *m, gcb_slot dst, gcb_slot weak) {
  gcb_weak_get(m, dst, weak);
}
static bool ops_ephemeron_new(gcb_mutator *m, gcb_slot dst, gcb_slot key, gcb_slot value) {
  return gcb_ephemeron_new(m, dst, key, value);
}
static void ops_ephemeron_key(gcb_mutator *m, gcb_slot dst, gcb_slot ephemeron) {
  gcb_ephemeron_key(m, dst, ephemeron);
}
static void ops_ephemeron_get(gcb_mutator *m, gcb_slot dst, gcb_slot ephemeron) {
  gcb_ephemeron_get(m, dst, ephemeron);
}
static void ops_ephemeron_put(gcb_mutator *m, gcb_slot ephemeron, gcb_slot src) {
  gcb_ephemeron_put(m, ephemeron, src);
}
static gcb_status ops_finalizer(gcb_mutator *m, gcb_slot obj, uint64_t token) {
  return gcb_finalizer(m, obj, token);
}
static void ops_release(gcb_mutator *m, gcb_slot obj) {
  gcb_release(m, obj);
}
static void ops_release_tree(gcb_mutator *m, gcb_slot obj) {
  gcb_release_tree(m, obj);
}
static void ops_poll(gcb_mutator *m) {
  gcb_poll(m);
}

static const gcb_ops ops = {
    .enter = ops_enter,
    .leave = ops_leave,
    .new_object = ops_new,
    .new_array = ops_new_array,
    .new_bytes = ops_new_bytes,
    .construct = ops_construct,
    .init = ops_init,
    .put = ops_put,
    .put_null = ops_put_null,
    .get = ops_get,
    .move = ops_move,
    .clear = ops_clear,
    .is_null = ops_is_null,
    .same = ops_same,
    .length = ops_length,
    .read = ops_read,
    .write = ops_write,
    .weak_new = ops_weak_new,
    .weak_get = ops_weak_get,
    .ephemeron_new = ops_ephemeron_new,
    .ephemeron_key = ops_ephemeron_key,
    .ephemeron_get = ops_ephemeron_get,
    .ephemeron_put = ops_ephemeron_put,
    .finalizer = ops_finalizer,
    .release = ops_release,
    .release_tree = ops_release_tree,
    .poll = ops_poll,
};

const gcb_path_module *gcbench_path_module(void) {
  static gcb_path_module module;
  module = (gcb_path_module){
      .abi = GCB_WORKLOAD_ABI,
      .path = {GCB_PATH_ALLOC, GCB_PATH_WRITE, GCB_PATH_READ, GCB_PATH_ROOTS},
      .ops = GCB_CALLS ? NULL : &ops,
      .workloads = __start_gcb_workloads,
      .n_workloads = (uint32_t)(__stop_gcb_workloads - __start_gcb_workloads),
      .kernels = &gcb_kernels,
      .baselines = &gcb_baselines,
  };
  return &module;
}
