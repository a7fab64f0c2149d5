/* Reference counting with three generations of cycle detection, by CPython's rules.
 *
 * Invariant: counts as in common/count.h, so acyclic garbage goes at once; what can be part of a cycle is in
 * the table of tracked objects (tracked.h), youngest last. The number of tracked objects allocated, less
 * those that died, since the last collection is kept for each mutator, at least 0 (deaths of older objects
 * count too). When it passes threshold0, the oldest generation whose own number passes its threshold is
 * collected with all younger ones: for the middle and the old generation the number is that of collections of
 * the next younger one since (thresholds 1 and 2). The old generation waits further until the objects that
 * became old since the last full collection are a quarter of those that survived it, which makes the cost of
 * full collections linear in allocation. Survivors join the next older generation. Objects without reference
 * slots are not tracked.
 *
 * Collections stop the world and scan no roots (cycles.c); pauses minor, middle and major are generations 0,
 * 1 and 2. When the bound is hit, all three are collected before the answer is out of memory.
 *
 * Follows CPython 3.11, Modules/gcmodule.c; the subtraction is Christopher 1984's.
 */
#include "tracked.h"
#include <assert.h>
#include <stdlib.h>

/* ---- when to collect ---- */
static void collect_by_count(gcb_mutator *m) {
  rcc_heap *rc = rcc_heap_of(m);
  if (!gcb_stop_world(m)) return;
  uint32_t generation = 0;
  for (uint32_t g = 1; g < RCC_GENERATIONS; g++)
    if (rc->count[g] > rc->threshold[g] && (g < 2 || rc->long_lived_pending >= rc->long_lived_total / 4))
      generation = g;
  rcc_collect(m, generation);
  gcb_resume_world(m);
}

/* Everything that can be had: garbage in cycles, spare cells of all mutators, empty blocks. */
static void make_room(gcb_mutator *m) {
  gcb_heap *h = m->heap;
  rcc_heap *rc = h->state;
  while (!gcb_stop_world(m)) {
  }
  rcc_collect(m, 2);
  for (gcb_mutator *other = h->live; other; other = other->next)
    if (other->free) gcb_blocks_retire(&rc->counting.blocks, other);
  gcb_blocks_trim(&rc->counting.blocks, SIZE_MAX / 2);
  gcb_resume_world(m);
}

static gcb_status collect(gcb_mutator *m, gcb_pause_kind kind) {
  if (kind != GCB_MINOR && kind != GCB_MIDDLE && kind != GCB_MAJOR) return GCB_UNSUPPORTED;
  gcb_counting_retry(gcb_counting_of(m), m);
  while (!gcb_stop_world(m)) {
  }
  rcc_collect(m, kind == GCB_MINOR ? 0 : kind == GCB_MIDDLE ? 1 : 2);
#ifdef GCB_CHECKED
  bool right = gcb_counting_check(gcb_counting_of(m), !m->shared);
  assert(right);
#endif
  gcb_resume_world(m);
  gcb_counting_report(m);
  return GCB_OK;
}

/* ---- allocation and death ---- */
static gcb_object *take_cell(gcb_counting *c, gcb_mutator *m, uint64_t header, size_t bytes) {
  if (bytes <= c->blocks.object_max) {
    void **head = m->free + c->blocks.size_class[bytes / 8];
    uint64_t *cell = *head;
    if (__builtin_expect(cell != NULL, 1)) {
      *head = *(void **)cell;
      cell[0] = header;
      for (size_t i = 1; i < bytes / 8; i++) cell[i] = 0;
      return (gcb_object *)cell;
    }
  }
  return gcb_counting_alloc(c, m, header, bytes);
}

static gcb_object *find_cell(gcb_counting *c, gcb_mutator *m, uint64_t header, size_t bytes) {
  gcb_object *o = take_cell(c, m, header, bytes);
  if (__builtin_expect(o != NULL, 1)) return o;
  make_room(m);
  o = take_cell(c, m, header, bytes);
  return o || bytes > c->blocks.object_max ? o : gcb_blocks_alloc_larger(&c->blocks, m, header, bytes);
}

static bool track(gcb_mutator *m, gcb_object *o) {
  rcc_heap *rc = rcc_heap_of(m);
  if (__builtin_expect(rcc_track(rc, m->local, o), 1)) return true;
  make_room(m);
  return rcc_track(rc, m->local, o);
}

static gcb_object *alloc(gcb_mutator *m, uint64_t header, size_t bytes) {
  rcc_heap *rc = rcc_heap_of(m);
  rcc_local *local = m->local;
  uint32_t geometry = (uint32_t)(header >> 32);
  bool tracked = gcb_refs_of(geometry) > 0 || geometry == GCB_GEOMETRY_EPHEMERON;
  if (__builtin_expect(__atomic_load_n(&rc->counting.waiting, __ATOMIC_RELAXED), 0))
    gcb_counting_retry(&rc->counting, m);
  if (tracked && ++local->allocated > rc->threshold[0] && rc->threshold[0]) collect_by_count(m);
  gcb_object *o = find_cell(&rc->counting, m, header, bytes);
  if (o) {
    rcc_prefix_of(o)->index = 0;
    if (!tracked || track(m, o)) return o;
    gcb_cell_free(&rc->counting, m, o);
  }
  gcb_count(m->heap, GCB_EVENT_OUT_OF_MEMORY);
  return NULL;
}

static void dead(gcb_mutator *m, gcb_object *o) {
  gcb_counting *c = gcb_counting_of(m);
  gcb_cascade k = {0};
  gcb_cascade_die(c, m, &k, o, gcb_bits(o), true, rcc_untrack);
  gcb_cascade_run(c, m, &k, true, rcc_untrack);
  gcb_counting_freed(m, k.bytes);
  gcb_cascade_report(c, m, &k);
}

/* A key without slots may still be reached from the value alone, so it is tracked from now on. The lock: two
 * mutators may find the same key. */
static bool track_key(gcb_mutator *m, gcb_object *key) {
  rcc_heap *rc = rcc_heap_of(m);
  gcb_counting_lock(&rc->counting, m);
  bool tracked = rcc_prefix_of(key)->index || rcc_track(rc, m->local, key);
  gcb_counting_unlock(&rc->counting, m);
  return tracked;
}

static gcb_object *ephemeron_new(gcb_mutator *m, gcb_slot key, gcb_slot value) {
  if (!track_key(m, *key.at)) {
    make_room(m);
    if (!track_key(m, *key.at)) return NULL;
  }
  return gcb_counting_ephemeron_new(m, key, value);
}

/* ---- start and stop ---- */
static gcb_status start(gcb_heap *h, const gcb_value *values, char *why, size_t why_size) {
  rcc_heap *rc = calloc(1, sizeof *rc);
  (void)why, (void)why_size;
  h->state = rc;
  if (!rc || !gcb_counting_init(&rc->counting, h, sizeof(rcc_prefix), (uint32_t)values[3].u) ||
      !rcc_table_init(rc, h)) {
    free(rc);
    return GCB_OOM;
  }
  for (uint32_t g = 0; g < RCC_GENERATIONS; g++) rc->threshold[g] = (uint32_t)values[g].u;
  rc->counting.make_room = make_room;
  return GCB_OK;
}

static void stop(gcb_heap *h) {
  free(h->state);
}

static gcb_status shape_added(gcb_heap *h, gcb_shape *shape) {
  rcc_heap *rc = h->state;
  shape->header = gcb_header((uint32_t)(shape->header >> 32), rc->counting.one);
  return GCB_OK;
}

static gcb_status thread_begin(gcb_mutator *m) {
  return gcb_counting_attach(gcb_counting_of(m), m, sizeof(rcc_local));
}

/* Entries that this mutator did not use stay holes until the next collection. */
static void thread_end(gcb_mutator *m) {
  rcc_heap *rc = rcc_heap_of(m);
  const rcc_local *local = m->local;
  __atomic_fetch_add(&rc->holes, local->holes, __ATOMIC_RELAXED);
  gcb_counting_detach(&rc->counting, m);
}

static void ledger(gcb_heap *h, gcb_space_ledger *out) {
  rcc_heap *rc = h->state;
  gcb_counting_ledger(&rc->counting, out);
  out->metadata += rc->table.committed;
}

static const gcb_option options[] = {
    {"threshold0", GCB_UINT, "700", 0, 1e9, NULL,
     "tracked objects allocated less died that start a collection; 0: none by itself"},
    {"threshold1", GCB_UINT, "10", 0, 1e9, NULL, "young collections before one of the middle generation"},
    {"threshold2", GCB_UINT, "10", 0, 1e9, NULL, "middle collections before one of the old generation"},
    {"count-bits", GCB_UINT, "27", 3, GCB_COUNT_BITS, NULL,
     "bits of an object's reference count; it sticks, and the object stays, when they overflow"},
};

const gcb_collector gcbench_collector = {
    .abi = GCB_COLLECTOR_ABI,
    .size = sizeof(gcb_collector),
    .name = "rccycle",
    .summary = "reference counting with three-generation cycle detection, CPython's rules",
    .follows = "CPython 3.11",
    .capabilities = GCB_CAP(GENERATIONAL) | GCB_CAP(RECLAIMS) | GCB_CAP(CYCLES) | GCB_CAP(PROMPT) |
                    GCB_CAP(WEAK) | GCB_CAP(EPHEMERONS) | GCB_CAP(FINALIZERS) | GCB_CAP(THREADS) |
                    GCB_CAP(BOUNDED) | GCB_CAP(EXACT),
    .rare = GCB_COUNT_RARE | GCB_RARE(CYCLE_FOUND) | GCB_RARE(EMPTY_COLLECTION),
    .path = {GCB_ALLOC_CALL, GCB_WRITE_COUNT, GCB_READ_NONE, GCB_ROOTS_COUNTED},
    .options = options,
    .n_options = sizeof options / sizeof *options,
    .start = start,
    .stop = stop,
    .shape_added = shape_added,
    .thread_begin = thread_begin,
    .thread_end = thread_end,
    .alloc = alloc,
    .dead = dead,
    .weak_new = gcb_counting_weak_new,
    .ephemeron_new = ephemeron_new,
    .weak_get = gcb_counting_weak_get,
    .ephemeron_get = gcb_counting_ephemeron_get,
    .ephemeron_put = gcb_counting_ephemeron_put,
    .finalizer = gcb_counting_finalizer,
    .collect = collect,
    .ledger = ledger,
};
