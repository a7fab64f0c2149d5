/* See watch.h. */
#include "runtime/instrumentation.h"
#include "runtime/heap_host.h"

static gcb_thread *thread(gcb_mutator *m) {
  return m->harness;
}
static gcb_instance *instance(gcb_mutator *m) {
  return (gcb_instance *)m->heap;
}
static const gcb_collector *real(gcb_mutator *m) {
  return m->heap->collector;
}

static void read_cpu(gcb_thread *t, uint64_t now) {
  t->read_at = now;
  t->read_cpu = gcb_thread_cpu_clock();
}

static uint64_t begin(gcb_mutator *m) {
  gcb_thread *t = thread(m);
  if (t->in_slow_path++) return 0;
  uint64_t now = gcb_clock();
  if (now - t->read_at > GCB_CPU_CLOCK_OLD_NS) read_cpu(t, now);
  return t->piece_start = now;
}

/* Record the piece that ends now, with the thread's CPU time in it: never more than its length. A path that
 * the system alone made long is no stall by CPU time. */
static void end_piece(gcb_recorder *r, gcb_mutator *m, uint64_t now) {
  gcb_thread *t = thread(m);
  uint64_t before = t->read_cpu + (t->piece_start - t->read_at);
  read_cpu(t, now);
  uint64_t cpu = t->read_cpu > before ? t->read_cpu - before : 0, ns = now - t->piece_start;
  if (cpu >= GCB_STALL_CPU_MIN_NS)
    gcb_record(r, &r->pieces, (gcb_moment){t->piece_start, now, 0, (uint16_t)m->id, cpu < ns ? cpu : ns});
}

void gcb_stall_cut(gcb_instance *in, gcb_mutator *m, uint64_t at) {
  if (thread(m)->in_slow_path) end_piece(&in->recorder, m, at);
}

void gcb_stall_continue(gcb_mutator *m, uint64_t at) {
  if (!thread(m)->in_slow_path) return;
  read_cpu(thread(m), at);
  thread(m)->piece_start = at;
}

static void end(gcb_mutator *m, uint64_t start, gcb_stall_kind kind) {
  gcb_thread *t = thread(m);
  if (--t->in_slow_path) return;
  uint64_t now = gcb_clock();
  gcb_recorder *r = &instance(m)->recorder;
  if (now - start >= GCB_STALL_MIN_NS) {
    gcb_record(r, &r->stalls, (gcb_moment){start, now, (uint16_t)kind, (uint16_t)m->id, 0});
    end_piece(r, m, now);
  } else {
    t->short_ns += now - start;
    t->short_n++;
  }
}

/* A clocked call: table(m)->name with these parameters, handing on those arguments. */
#define CLOCKED(prefix, table, kind, type, name, parameters, arguments)                                      \
  static type prefix##_##name parameters {                                                                   \
    uint64_t start = begin(m);                                                                               \
    type result = table(m)->name arguments;                                                                  \
    end(m, start, GCB_STALL_##kind);                                                                         \
    return result;                                                                                           \
  }
#define CLOCKED_VOID(prefix, table, kind, name, parameters, arguments)                                       \
  static void prefix##_##name parameters {                                                                   \
    uint64_t start = begin(m);                                                                               \
    table(m)->name arguments;                                                                                \
    end(m, start, GCB_STALL_##kind);                                                                         \
  }

/* clang-format off */
#define ENTRY(kind, type, name, parameters, arguments) CLOCKED(entry, real, kind, type, name, parameters, arguments)
#define ENTRY_VOID(kind, name, parameters, arguments) CLOCKED_VOID(entry, real, kind, name, parameters, arguments)
ENTRY(ALLOCATION, gcb_object *, alloc, (gcb_mutator *m, uint64_t header, size_t bytes), (m, header, bytes))
ENTRY(ALLOCATION, gcb_object *, weak_new, (gcb_mutator *m, gcb_slot target), (m, target))
ENTRY(ALLOCATION, gcb_object *, ephemeron_new, (gcb_mutator *m, gcb_slot key, gcb_slot value), (m, key, value))
ENTRY(BARRIER, gcb_object *, read, (gcb_mutator *m, gcb_object *o, gcb_object **slot), (m, o, slot))
ENTRY(BARRIER, gcb_object *, weak_get, (gcb_mutator *m, gcb_object *weak), (m, weak))
ENTRY(BARRIER, gcb_object *, ephemeron_get, (gcb_mutator *m, gcb_object *e), (m, e))
ENTRY(ALLOCATION, gcb_status, finalizer, (gcb_mutator *m, gcb_slot obj, uint64_t token), (m, obj, token))
ENTRY_VOID(BARRIER, write, (gcb_mutator *m, gcb_object *o, gcb_object **slot, gcb_object *value), (m, o, slot, value))
ENTRY_VOID(BARRIER, log, (gcb_mutator *m, gcb_object *o, gcb_object **slot), (m, o, slot))
ENTRY_VOID(BARRIER, ephemeron_put, (gcb_mutator *m, gcb_object *e, gcb_object *value), (m, e, value))
ENTRY_VOID(DEATH, dead, (gcb_mutator *m, gcb_object *o), (m, o))
ENTRY_VOID(DEATH, release, (gcb_mutator *m, gcb_object *o), (m, o))
ENTRY_VOID(DEATH, release_tree, (gcb_mutator *m, gcb_object *o), (m, o))

/* Over a handle runtime any operation that allocates or lets go of a reference may take long. */
static const gcb_ops *ops(gcb_mutator *m) {
  return instance(m)->ops;
}
#define OP(kind, type, name, parameters, arguments) CLOCKED(op, ops, kind, type, name, parameters, arguments)
#define OP_VOID(kind, name, parameters, arguments) CLOCKED_VOID(op, ops, kind, name, parameters, arguments)
OP(ALLOCATION, bool, new_object, (gcb_mutator *m, gcb_slot dst, const gcb_shape *shape), (m, dst, shape))
OP(ALLOCATION, bool, new_array, (gcb_mutator *m, gcb_slot dst, uint32_t n), (m, dst, n))
OP(ALLOCATION, bool, new_bytes, (gcb_mutator *m, gcb_slot dst, uint32_t n), (m, dst, n))
OP(ALLOCATION, bool, construct, (gcb_mutator *m, gcb_slot dst, const gcb_shape *shape, gcb_slot first), (m, dst, shape, first))
OP(ALLOCATION, bool, weak_new, (gcb_mutator *m, gcb_slot dst, gcb_slot target), (m, dst, target))
OP(ALLOCATION, bool, ephemeron_new, (gcb_mutator *m, gcb_slot dst, gcb_slot key, gcb_slot value), (m, dst, key, value))
OP(ALLOCATION, gcb_status, finalizer, (gcb_mutator *m, gcb_slot obj, uint64_t token), (m, obj, token))
OP_VOID(BARRIER, init, (gcb_mutator *m, gcb_slot obj, uint32_t i, gcb_slot src), (m, obj, i, src))
OP_VOID(BARRIER, put, (gcb_mutator *m, gcb_slot obj, uint32_t i, gcb_slot src), (m, obj, i, src))
OP_VOID(DEATH, put_null, (gcb_mutator *m, gcb_slot obj, uint32_t i), (m, obj, i))
OP_VOID(DEATH, get, (gcb_mutator *m, gcb_slot dst, gcb_slot obj, uint32_t i), (m, dst, obj, i))
OP_VOID(DEATH, move, (gcb_mutator *m, gcb_slot dst, gcb_slot src), (m, dst, src))
OP_VOID(DEATH, clear, (gcb_mutator *m, gcb_slot dst), (m, dst))
OP_VOID(DEATH, weak_get, (gcb_mutator *m, gcb_slot dst, gcb_slot weak), (m, dst, weak))
OP_VOID(DEATH, ephemeron_key, (gcb_mutator *m, gcb_slot dst, gcb_slot e), (m, dst, e))
OP_VOID(DEATH, ephemeron_get, (gcb_mutator *m, gcb_slot dst, gcb_slot e), (m, dst, e))
OP_VOID(BARRIER, ephemeron_put, (gcb_mutator *m, gcb_slot e, gcb_slot src), (m, e, src))
OP_VOID(DEATH, leave, (gcb_mutator *m, gcb_object **base, uint32_t n), (m, base, n))
OP_VOID(DEATH, release, (gcb_mutator *m, gcb_slot obj), (m, obj))
OP_VOID(DEATH, release_tree, (gcb_mutator *m, gcb_slot obj), (m, obj))
/* clang-format on */

/* What the collector has, clocked; what it has not stays NULL, since the inline paths ask. */
#define CLOCK_IF_THERE(table, prefix, name)                                                                  \
  if ((table).name) (table).name = prefix##_##name

void gcb_watch_set(gcb_instance *in, gcb_watch watch) {
  in->watch = watch;
  in->recorder.off = watch == GCB_WATCH_NOTHING;
  gcb_collector *c = &in->clocked;
  *c = *in->heap.collector;
  CLOCK_IF_THERE(*c, entry, alloc);
  CLOCK_IF_THERE(*c, entry, weak_new);
  CLOCK_IF_THERE(*c, entry, ephemeron_new);
  CLOCK_IF_THERE(*c, entry, read);
  CLOCK_IF_THERE(*c, entry, weak_get);
  CLOCK_IF_THERE(*c, entry, ephemeron_get);
  CLOCK_IF_THERE(*c, entry, finalizer);
  CLOCK_IF_THERE(*c, entry, write);
  CLOCK_IF_THERE(*c, entry, log);
  CLOCK_IF_THERE(*c, entry, ephemeron_put);
  CLOCK_IF_THERE(*c, entry, dead);
  CLOCK_IF_THERE(*c, entry, release);
  CLOCK_IF_THERE(*c, entry, release_tree);
}

const gcb_ops *gcb_watch_ops(gcb_instance *in) {
  if (in->watch != GCB_WATCH_LATENCY || in->heap.path.roots != GCB_ROOTS_CALL || !in->ops) return in->ops;
  gcb_ops *o = &in->clocked_ops;
  *o = *in->ops;
  CLOCK_IF_THERE(*o, op, new_object);
  CLOCK_IF_THERE(*o, op, new_array);
  CLOCK_IF_THERE(*o, op, new_bytes);
  CLOCK_IF_THERE(*o, op, construct);
  CLOCK_IF_THERE(*o, op, weak_new);
  CLOCK_IF_THERE(*o, op, ephemeron_new);
  CLOCK_IF_THERE(*o, op, finalizer);
  CLOCK_IF_THERE(*o, op, init);
  CLOCK_IF_THERE(*o, op, put);
  CLOCK_IF_THERE(*o, op, put_null);
  CLOCK_IF_THERE(*o, op, get);
  CLOCK_IF_THERE(*o, op, move);
  CLOCK_IF_THERE(*o, op, clear);
  CLOCK_IF_THERE(*o, op, weak_get);
  CLOCK_IF_THERE(*o, op, ephemeron_key);
  CLOCK_IF_THERE(*o, op, ephemeron_get);
  CLOCK_IF_THERE(*o, op, ephemeron_put);
  CLOCK_IF_THERE(*o, op, leave);
  CLOCK_IF_THERE(*o, op, release);
  CLOCK_IF_THERE(*o, op, release_tree);
  return o;
}

void gcb_watch_mutator(gcb_instance *in, gcb_mutator *m) {
  const gcb_collector *c = in->heap.collector;
  bool calls = in->heap.path.alloc == GCB_ALLOC_CALL;
  bool clock = in->watch == GCB_WATCH_LATENCY || (in->watch == GCB_WATCH_THROUGHPUT && !calls);
  m->gc = in->watch == GCB_WATCH_LATENCY ? &in->clocked : c;
  m->alloc = clock && c->alloc ? entry_alloc : c->alloc;
}

bool gcb_watch_complete(const gcb_instance *in) {
  return in->watch == GCB_WATCH_LATENCY ||
         (in->watch == GCB_WATCH_THROUGHPUT && in->heap.path.alloc != GCB_ALLOC_CALL);
}

void gcb_watch_clear(gcb_mutator *m) {
  gcb_thread *t = thread(m);
  t->short_ns = t->short_n = 0;
}
