/* semispace: Cheney copying. Two halves; objects are allocated in one and, when it is full, what is reachable
 * is copied to the other, breadth first, the copies themselves being the queue. Follows Cheney 1970; large
 * objects stand aside and are marked.
 *
 * Invariant: both halves have the same number of pages committed, so that a collection never needs memory: it
 * cannot fail, and the copy reserve counts against the bound from the moment on that it is owed. The other
 * half is empty between collections. It is broken only inside collect_stopped(): while an object is being
 * copied its old header is the new address, and [scan, next) of the new half and the grey large objects still
 * refer to old addresses.
 *
 * When a large object or a table needs pages, free ones are given back from the ends of both halves; when an
 * object needs them, the halves grow in step while the bound allows.
 */
#include "common/copy.h"
#include "common/large.h"
#include "common/mutants.h"
#include "common/settle.h"
#include <stdlib.h>

enum { BUFFER = 64 << 10, STEP_MAX = 1 << 20, FIRST_TARGET = 16 << 20 };

typedef struct semispace {
  gcb_heap *heap;
  gcb_copy_space half[2];
  gcb_copy_space *active, *other;
  gcb_large_space large;
  gcb_settle settle;
  pthread_mutex_t lock; /* of the halves, while mutators run */
  size_t target;        /* bytes of a half that make an unbounded heap collect */
  gcb_large *grey;      /* reached large objects to be scanned, chained through `local` */
  char *scan;           /* copies below have been scanned */
  uint64_t large_bytes; /* of the large objects reached */
} semispace;

static gcb_status start(gcb_heap *h, const gcb_value *values, char *why, size_t why_size) {
  (void)values, (void)why, (void)why_size;
  semispace *ss = calloc(1, sizeof *ss);
  if (!ss) return GCB_OOM;
  size_t range = gcb_pages_up(gcb_span(h) / 2);
  char *base = gcb_reserve(h, 2 * range, GCB_PAGE);
  if (!base || !gcb_large_init(&ss->large, h) || !gcb_settle_init(&ss->settle, h)) {
    free(ss);
    return GCB_OOM;
  }
  ss->heap = h;
  ss->active = ss->half;
  ss->other = ss->half + 1;
  gcb_copy_init(ss->active, h, base, range);
  gcb_copy_init(ss->other, h, base + range, range);
  ss->target = h->limit == UINT64_MAX ? FIRST_TARGET : SIZE_MAX;
  pthread_mutex_init(&ss->lock, NULL);
  h->state = ss;
  return GCB_OK;
}

static void stop(gcb_heap *h) {
  semispace *ss = h->state;
  pthread_mutex_destroy(&ss->lock);
  free(ss);
}

static gcb_status thread_begin(gcb_mutator *m) {
  m->inline_max = GCB_LARGE_THRESHOLD;
  return GCB_OK;
}

static void thread_end(gcb_mutator *m) {
  semispace *ss = m->heap->state;
  pthread_mutex_lock(&ss->lock);
  gcb_buffer_drop(m, ss->active);
  pthread_mutex_unlock(&ss->lock);
}

/* ---- the collection ---- */
static gcb_object *reach_large(semispace *ss, gcb_object *o) {
  gcb_large *l = gcb_large_of(o);
  if (!l->marked) {
    l->marked = true;
    if (GCB_MUTANT(LARGE_UNSCANNED)) return o;
    l->local = ss->grey;
    ss->grey = l;
  }
  return o;
}

/* The new address of an object, which is reached now. */
static inline gcb_object *forward(semispace *ss, gcb_object *o) {
  const gcb_copy_space *from = ss->other;
  if ((size_t)((char *)o - from->base) >= (size_t)(from->next - from->base))
    return gcb_is_large(&ss->large, o) ? reach_large(ss, o) : o;
  uint64_t header = gcb_header_of(o);
  gcb_object *moved = gcb_forwarding(header);
  if (moved && GCB_MUTANT(FORWARD_AGAIN) && gcb_size_of(moved->geometry) > 64)
    header = gcb_header_of(moved);
  else if (moved)
    return moved;
  size_t bytes = gcb_size_of((uint32_t)(header >> 32));
  char *to = ss->active->next;
  ss->active->next = to + bytes;
  return gcb_move_object(o, header, to, bytes);
}

static void visit(void *ctx, gcb_object **slot) {
  *slot = forward(ctx, *slot);
}

static inline void scan_slots(semispace *ss, gcb_object *o) {
  gcb_object **slot = gcb_slots_of(o), **end = slot + gcb_refs_of(o->geometry);
  for (; slot < end; slot++)
    if (*slot) *slot = forward(ss, *slot);
  if (gcb_kind(o->geometry) == GCB_KIND_SPECIAL) gcb_discover(&ss->settle, o);
}

static void drain(void *ctx) {
  semispace *ss = ctx;
  do {
    while (ss->scan < ss->active->next) {
      gcb_object *o = (gcb_object *)ss->scan;
      scan_slots(ss, o);
      ss->scan += gcb_size_of(o->geometry);
    }
    if (ss->grey) {
      gcb_object *o = gcb_large_object(ss->grey);
      ss->grey = ss->grey->local;
      ss->large_bytes += gcb_size_of(o->geometry);
      scan_slots(ss, o);
    }
  } while (ss->grey || ss->scan < ss->active->next);
}

static gcb_object *alive(void *ctx, gcb_object *o) {
  semispace *ss = ctx;
  const gcb_copy_space *from = ss->other;
  if ((size_t)((char *)o - from->base) < (size_t)(from->next - from->base))
    return gcb_forwarding(gcb_header_of(o));
  return gcb_is_large(&ss->large, o) && !gcb_large_of(o)->marked ? NULL : o;
}

static gcb_object *retain(void *ctx, gcb_object *o) {
  return forward(ctx, o);
}

static void collect_stopped(semispace *ss) {
  gcb_heap *h = ss->heap;
  uint64_t start_ns = gcb_now(h);
  for (gcb_mutator *m = h->live; m; m = GCB_MUTANT(BUFFER_KEPT) ? NULL : m->next)
    gcb_buffer_drop(m, ss->active);
  gcb_copy_space *from = ss->active;
  uint64_t before = (uint64_t)(from->next - from->base) - from->tails;
  ss->active = ss->other;
  ss->other = from;
  ss->scan = ss->active->base;
  ss->large_bytes = 0;
  gcb_each_root(h, visit, ss);
  drain(ss);
  gcb_settle_all(&ss->settle, &(gcb_liveness){.ctx = ss, .alive = alive, .retain = retain, .drain = drain});
  uint64_t copied = (uint64_t)(ss->active->next - ss->active->base);
  uint64_t freed = before - copied + gcb_large_sweep(&ss->large, false, false);
  gcb_copy_reset(from);
  if (ss->target != SIZE_MAX) ss->target = copied > FIRST_TARGET / 2 ? 2 * copied : FIRST_TARGET;
  gcb_work(h, GCB_WORK_COPIED, copied);
  gcb_work(h, GCB_WORK_MARKED, ss->large_bytes);
  gcb_work(h, GCB_WORK_FREED, freed);
  if (!freed) gcb_count(h, GCB_EVENT_EMPTY_COLLECTION);
  gcb_pause(h, NULL, GCB_MAJOR, start_ns, gcb_now(h));
}

/* ---- allocation ---- */
static bool grow_to(semispace *ss, size_t bytes) {
  if (!gcb_copy_commit(ss->active, bytes)) return false;
  if (gcb_copy_commit(ss->other, bytes)) return true;
  gcb_copy_trim(ss->active, (size_t)(ss->other->limit - ss->other->base));
  return false;
}

/* Room for `bytes` behind next in both halves. Lock held. */
static bool grow(semispace *ss, size_t bytes) {
  const gcb_copy_space *a = ss->active;
  size_t need = (size_t)(a->next - a->base) + bytes, step = (size_t)(a->limit - a->base) / 8;
  if (need > ss->target) return false;
  step = step < BUFFER ? BUFFER : step > STEP_MAX ? STEP_MAX : step;
  return grow_to(ss, need + step) || grow_to(ss, need);
}

/* Give back pages from the free ends of both halves, `bytes` in all or as many as there are. */
static size_t give_back(semispace *ss, size_t bytes) {
  pthread_mutex_lock(&ss->lock);
  gcb_copy_space *a = ss->active;
  size_t each = gcb_pages_up(bytes / 2 + 1), have = (size_t)(a->limit - a->base);
  size_t keep = have > each ? have - each : 0;
  size_t given = gcb_copy_trim(a, keep);
  given += gcb_copy_trim(ss->other, (size_t)(a->limit - a->base));
  pthread_mutex_unlock(&ss->lock);
  return given;
}

/* Without a collection; NULL when there is no room. */
static gcb_object *try_alloc(gcb_mutator *m, uint64_t header, size_t bytes) {
  semispace *ss = m->heap->state;
  if (bytes > GCB_LARGE_THRESHOLD) {
    gcb_object *o = gcb_large_alloc(&ss->large, header, bytes);
    if (!o && give_back(ss, bytes + 2 * GCB_PAGE)) o = gcb_large_alloc(&ss->large, header, bytes);
    return o;
  }
  if (bytes > (size_t)(m->limit - m->cursor)) {
    pthread_mutex_lock(&ss->lock);
    bool room = gcb_buffer_refill(m, ss->active, bytes, BUFFER) ||
                (grow(ss, bytes) && gcb_buffer_refill(m, ss->active, bytes, BUFFER));
    pthread_mutex_unlock(&ss->lock);
    if (!room) return NULL;
  }
  return gcb_buffer_take(m, header, bytes);
}

static gcb_object *alloc(gcb_mutator *m, uint64_t header, size_t bytes) {
  gcb_object *o = try_alloc(m, header, bytes);
  while (!o) {
    if (!gcb_stop_world(m)) {
      o = try_alloc(m, header, bytes);
      continue;
    }
    collect_stopped(m->heap->state);
    o = try_alloc(m, header, bytes); /* before another mutator can take it all */
    gcb_resume_world(m);
    if (o) break;
    gcb_count(m->heap, GCB_EVENT_OUT_OF_MEMORY);
    return NULL;
  }
  return o;
}

/* A collection frees entries of the table, or pages that can be given back. */
static void make_room(gcb_heap *h) {
  collect_stopped(h->state);
  give_back(h->state, GCB_PAGE);
}

static gcb_status finalizer(gcb_mutator *m, gcb_slot obj, uint64_t token) {
  semispace *ss = m->heap->state;
  gcb_status status = gcb_settle_register(&ss->settle, *obj.at, token);
  if (status != GCB_OK && give_back(ss, GCB_PAGE)) status = gcb_settle_register(&ss->settle, *obj.at, token);
  return status == GCB_OOM ? gcb_settle_register_late(&ss->settle, m, obj, token, make_room) : status;
}

static gcb_status collect(gcb_mutator *m, gcb_pause_kind kind) {
  if (kind != GCB_MAJOR) return GCB_UNSUPPORTED;
  while (!gcb_stop_world(m)) {
  }
  collect_stopped(m->heap->state);
  gcb_resume_world(m);
  return GCB_OK;
}

static void ledger(gcb_heap *h, gcb_space_ledger *out) {
  const semispace *ss = h->state;
  const gcb_copy_space *a = ss->active;
  size_t unused = a->tails + gcb_buffers_left(h);
  *out = (gcb_space_ledger){
      .objects = (uint64_t)(a->next - a->base) - unused + ss->large.bytes,
      .rounding = ss->large.committed - ss->large.bytes,
      .free = (uint64_t)(a->limit - a->next) + unused,
      .reserve = (uint64_t)(ss->other->limit - ss->other->base),
      .metadata = ss->large.map_committed + ss->settle.finalizers.committed,
  };
}

const gcb_collector gcbench_collector = {
    .abi = GCB_COLLECTOR_ABI,
    .size = sizeof(gcb_collector),
    .name = "semispace",
    .summary = "Cheney copying between two halves",
    .follows = "Cheney 1970",
    .capabilities = GCB_CAP(MOVES) | GCB_CAP(RECLAIMS) | GCB_CAP(CYCLES) | GCB_CAP(WEAK) |
                    GCB_CAP(EPHEMERONS) | GCB_CAP(FINALIZERS) | GCB_CAP(THREADS) | GCB_CAP(BOUNDED) |
                    GCB_CAP(EXACT),
    .rare = GCB_COPY_RARE | GCB_LARGE_RARE | GCB_SETTLE_RARE | GCB_RARE(EMPTY_COLLECTION) |
            GCB_RARE(OUT_OF_MEMORY) | GCB_RARE(COLLECTED_BY_OTHER),
    .path = {GCB_ALLOC_BUMP, GCB_WRITE_NONE, GCB_READ_NONE, GCB_ROOTS_PLAIN},
    .start = start,
    .stop = stop,
    .thread_begin = thread_begin,
    .thread_end = thread_end,
    .alloc = alloc,
    .weak_new = gcb_settle_weak_new,
    .ephemeron_new = gcb_settle_ephemeron_new,
    .finalizer = finalizer,
    .collect = collect,
    .ledger = ledger,
};
