/* gen3: three generations. New objects are bumped into the nursery; survivors are copied, by default at once,
 * into the middle generation, and those that survive there go to the old one, which is compacted in place and
 * so needs no copy reserve of its own. Follows Lieberman and Hewitt 1983 and Ungar 1984 for the generations,
 * Cheney 1970 for copying, LISP 2 for the old generation (common/compact.h), and the logging write barrier of
 * Blackburn and McKinley's Immix line (Sapphire's object logging, 2003).
 *
 * Invariants while a mutator runs:
 * - Every reference from an older to a younger generation is in an object that is on a list (remember.c), or
 *   in a marked card of a large object that is, or `overflow` is set.
 * - An object is in the old generation or in the middle one and has BIT_LOG set, unless it is on the list
 *   `remembered`; nursery objects and young large ones have it clear.
 * - The free end of the old generation holds at least as many bytes as nursery, aged and middle objects
 *   together, so that any collection can copy all that it may have to. A collection therefore never fails.
 * - Middle and old generation have no holes: whole objects are put there, side by side.
 * They are broken inside a collection: while it copies, old headers are addresses, what stands between `scan`
 * and `next` of a destination refers to old places, and copies whose slots have not been scanned may refer to
 * younger objects without being remembered. collect_major() breaks the last one on purpose for a moment:
 * everything is promoted, and then the old generation alone is marked and slid.
 */
#include "gen3.h"
#include "common/mutants.h"
#include <stdio.h>

enum {
  OPTION_NURSERY,
  OPTION_MIDDLE,
  OPTION_AGE,
  OPTION_MIDDLE_AGE,
  OPTION_MARK_STACK,
  OPTION_REMSET,
  OPTIONS,
};
static const gcb_option options[OPTIONS] = {
    {"nursery", GCB_BYTES, "4M", 4096, 1 << 30, NULL, "bytes of the nursery, if the heap has room for it"},
    {"middle", GCB_BYTES, "8M", 0, 1 << 30, NULL,
     "bytes of the middle generation that start its collection; 0: none, survivors go old"},
    {"age", GCB_UINT, "1", 1, 7, NULL, "collections that an object survives in the nursery"},
    {"middle-age", GCB_UINT, "1", 1, 7, NULL, "collections that it then survives in the middle generation"},
    {"mark-stack", GCB_UINT, "0", 0, 1e9, NULL, "most entries of the mark stack; 0: as the bound allows"},
    {"remset", GCB_UINT, "0", 0, 1e9, NULL, "most entries of the remembered set; 0: as the bound allows"},
};

static bool reserve_spaces(gen3 *g, const gcb_value *values) {
  gcb_heap *h = g->heap;
  size_t largest = g->nursery > g->middle_size ? g->nursery : g->middle_size;
  size_t entries = values[OPTION_REMSET].u ? values[OPTION_REMSET].u : gcb_span(h) / 8;
  for (g->shift = 16; (size_t)1 << g->shift < largest; g->shift++) continue;
  g->young = gcb_reserve(h, (size_t)SPACES << g->shift, (size_t)1 << g->shift);
  if (!g->young || !gcb_compact_init(&g->old, h, gcb_span(h)) || !gcb_large_init(&g->large, h) ||
      !gcb_settle_init(&g->settle, h) || !gcb_vec_init(&g->remembered, h, 8, entries) ||
      !gcb_vec_init(&g->midset, h, 8, entries) ||
      !gcb_marker_init(&g->marker, h, &g->settle, values[OPTION_MARK_STACK].u))
    return false;
  for (int s = 0; s < SPACES; s++)
    gcb_copy_init(g->space + s, h, g->young + ((size_t)s << g->shift), (size_t)1 << g->shift);
  g->large.card_shift = CARD_SHIFT;
  g->large_base = g->large.base;
  g->large_range = (size_t)(g->large.end - g->large.base);
  return true;
}

static gcb_status start(gcb_heap *h, const gcb_value *values, char *why, size_t why_size) {
  gen3 *g = aligned_alloc(64, (sizeof *g + 63) & ~(size_t)63);
  if (!g) return GCB_OOM;
  memset(g, 0, sizeof *g);
  h->state = g;
  g->heap = h;
  g->bound = h->limit == UINT64_MAX ? (uint64_t)64 << 20 : h->limit;
  g->nursery = gcb_pages_up(values[OPTION_NURSERY].u);
  g->middle_size = values[OPTION_MIDDLE].u;
  g->age = (uint32_t)values[OPTION_AGE].u;
  g->middle_age = (uint32_t)values[OPTION_MIDDLE_AGE].u;
  g->small = g->nursery / 2 < GCB_LARGE_THRESHOLD ? g->nursery / 2 : GCB_LARGE_THRESHOLD;
  g->chunk = g->bound / 512 > (64 << 10) ? 64 << 10 : gcb_pages_up(g->bound / 512);
  g->aged = AGED;
  g->middle = MIDDLE;
  pthread_mutex_init(&g->lock, NULL);
  if (!reserve_spaces(g, values)) {
    snprintf(why, why_size, "the system refused address space for the heap");
    return GCB_OOM;
  }
  g->least = gen3_prepare(g) / 2;
  if (g->eden_size) return GCB_OK;
  snprintf(why, why_size, "the heap bound leaves no page for a nursery");
  return GCB_OOM;
}

static void stop(gcb_heap *h) {
  gen3 *g = h->state;
  if (!g) return;
  pthread_mutex_destroy(&g->lock);
  pthread_mutex_destroy(&g->large.lock);
  pthread_mutex_destroy(&g->settle.lock);
  free(g);
  h->state = NULL;
}

static gcb_status thread_begin(gcb_mutator *m) {
  gen3 *g = m->heap->state;
  m->local = calloc(1, sizeof(log_buffer));
  m->inline_max = (uint32_t)g->small;
  m->log_mask = BIT_LOG;
  return m->local ? GCB_OK : GCB_OOM;
}

static void thread_end(gcb_mutator *m) {
  gen3 *g = m->heap->state;
  pthread_mutex_lock(&g->lock);
  gcb_buffer_drop(m, g->space + EDEN);
  if (!GCB_MUTANT(LOG_AT_EXIT)) gen3_flush_log(g, m);
  pthread_mutex_unlock(&g->lock);
  free(m->local);
  m->local = NULL;
}

/* ---- allocation ---- */
static gcb_object *large_alloc(gen3 *g, uint64_t header, size_t bytes) {
  bool unbounded = g->heap->limit == UINT64_MAX;
  if (unbounded && gcb_committed(g->heap) + bytes > g->bound) return NULL;
  gcb_object *o = gcb_large_alloc(&g->large, header, bytes);
  if (o) return o;
  pthread_mutex_lock(&g->lock);
  bool given = gen3_give_back(g, bytes + 4 * GCB_PAGE) > 0;
  pthread_mutex_unlock(&g->lock);
  return given ? gcb_large_alloc(&g->large, header, bytes) : NULL;
}

/* Without a collection; NULL when there is no room. */
static gcb_object *try_alloc(gen3 *g, gcb_mutator *m, uint64_t header, size_t bytes) {
  if (bytes > g->small) return large_alloc(g, header, bytes);
  if (bytes <= (size_t)(m->limit - m->cursor)) return gcb_buffer_take(m, header, bytes);
  size_t share = g->eden_size / 4 / (g->heap->mutators ? g->heap->mutators : 1);
  gcb_object *o = NULL;
  pthread_mutex_lock(&g->lock);
  if (gcb_buffer_refill(m, g->space + EDEN, bytes, share < g->chunk ? share & ~(size_t)7 : g->chunk))
    o = gcb_buffer_take(m, header, bytes);
  else if (bytes > g->eden_size)
    o = gen3_alloc_old(g, header, bytes);
  pthread_mutex_unlock(&g->lock);
  return o;
}

/* World stopped: nobody can take what a collection freed before us. A large object may have the pages of the
 * nursery and of its reserve; the nursery then makes do with what it leaves. */
static gcb_object *collect_and_alloc(gen3 *g, gcb_mutator *m, uint64_t header, size_t bytes) {
  if (bytes <= g->small) {
    bool room = gen3_collect_for_room(g, bytes);
    return room ? try_alloc(g, m, header, bytes) : NULL;
  }
  gen3_collect(g, gen3_used(g->space + g->middle) > g->chunk ? GCB_MIDDLE : GCB_MINOR);
  gcb_object *o = try_alloc(g, m, header, bytes);
  if (o) return o;
  gen3_collect(g, GCB_MAJOR);
  if (g->heap->limit == UINT64_MAX) g->bound += 2 * bytes;
  o = try_alloc(g, m, header, bytes);
  if (o) return o;
  gcb_copy_trim(g->space + EDEN, 0);
  g->eden_size = 0;
  o = try_alloc(g, m, header, bytes);
  g->least = gen3_prepare(g) / 2;
  return o;
}

static gcb_object *alloc(gcb_mutator *m, uint64_t header, size_t bytes) {
  gen3 *g = m->heap->state;
  for (;;) {
    gcb_object *o = try_alloc(g, m, header, bytes);
    if (o) return o;
    if (!gcb_stop_world(m)) continue;
    o = collect_and_alloc(g, m, header, bytes);
    gen3_end_pause(g);
    gcb_resume_world(m);
    if (!o) gcb_count(m->heap, GCB_EVENT_OUT_OF_MEMORY);
    return o;
  }
}

static void make_room(gcb_heap *h) {
  gen3_collect_for_room(h->state, 1);
  gen3_end_pause(h->state);
}

static gcb_status finalizer(gcb_mutator *m, gcb_slot obj, uint64_t token) {
  gen3 *g = m->heap->state;
  gcb_status status = gcb_settle_register(&g->settle, *obj.at, token);
  if (status != GCB_OOM) return status;
  pthread_mutex_lock(&g->lock);
  bool given = gen3_give_back(g, GCB_PAGE) || gen3_shrink_nursery(g, GCB_PAGE);
  pthread_mutex_unlock(&g->lock);
  if (given) status = gcb_settle_register(&g->settle, *obj.at, token);
  return status == GCB_OOM ? gcb_settle_register_late(&g->settle, m, obj, token, make_room) : status;
}

static gcb_status collect(gcb_mutator *m, gcb_pause_kind kind) {
  if (kind > GCB_MAJOR) return GCB_UNSUPPORTED;
  while (!gcb_stop_world(m)) continue;
  gen3_collect(m->heap->state, kind);
  gen3_end_pause(m->heap->state);
  gcb_resume_world(m);
  return GCB_OK;
}

static void ledger(gcb_heap *h, gcb_space_ledger *out) {
  const gen3 *g = h->state;
  const gcb_copy_space *s = g->space, *eden = s + EDEN, *aged = s + g->aged, *middle = s + g->middle;
  const gcb_copy_space *aged_other = s + (AGED + AGED_OTHER - g->aged);
  const gcb_copy_space *middle_other = s + (MIDDLE + MIDDLE_OTHER - g->middle);
  size_t unused = eden->tails + gcb_buffers_left(h);
  *out = (gcb_space_ledger){
      .objects = gen3_used(eden) - unused + gen3_used(aged) + gen3_used(middle) +
                 (uint64_t)(g->old.top - g->old.base) + g->large.bytes,
      .rounding = g->large.committed - g->large.bytes,
      .free = (uint64_t)(eden->limit - eden->next) + unused + (uint64_t)(aged->limit - aged->next) +
              (uint64_t)(middle->limit - middle->next),
      .reserve = (uint64_t)(g->old.committed - g->old.top) +
                 (uint64_t)(aged_other->limit - aged_other->base) +
                 (uint64_t)(middle_other->limit - middle_other->base),
      .metadata = g->old.metadata + g->remembered.committed + g->midset.committed +
                  g->marker.stack.committed + g->settle.finalizers.committed + g->large.map_committed,
  };
}

const gcb_collector gcbench_collector = {
    .abi = GCB_COLLECTOR_ABI,
    .size = sizeof(gcb_collector),
    .name = "gen3",
    .summary = "three generations: copying nursery and middle, old compacted in place",
    .follows = "Lieberman and Hewitt 1983; Ungar 1984; Cheney 1970; LISP 2",
    .capabilities = GCB_CAP(MOVES) | GCB_CAP(GENERATIONAL) | GCB_CAP(RECLAIMS) | GCB_CAP(CYCLES) |
                    GCB_CAP(WEAK) | GCB_CAP(EPHEMERONS) | GCB_CAP(FINALIZERS) | GCB_CAP(THREADS) |
                    GCB_CAP(BOUNDED) | GCB_CAP(EXACT),
    .rare = GCB_COPY_RARE | GCB_COMPACT_RARE | GCB_LARGE_RARE | GCB_SETTLE_RARE |
            GCB_RARE(MARK_STACK_OVERFLOW) | GCB_RARE(REMEMBERED_SET_OVERFLOW) | GCB_RARE(REMEMBERED) |
            GCB_RARE(CARD_SCANNED) | GCB_RARE(PROMOTED) | GCB_RARE(PROMOTION_FAILED) |
            GCB_RARE(LARGE_PROMOTED) | GCB_RARE(EMPTY_COLLECTION) | GCB_RARE(OUT_OF_MEMORY) |
            GCB_RARE(COLLECTED_BY_OTHER),
    .path = {GCB_ALLOC_BUMP, GCB_WRITE_OBJECT_LOG, GCB_READ_NONE, GCB_ROOTS_PLAIN},
    .options = options,
    .n_options = OPTIONS,
    .start = start,
    .stop = stop,
    .thread_begin = thread_begin,
    .thread_end = thread_end,
    .alloc = alloc,
    .log = gen3_log,
    .weak_new = gcb_settle_weak_new,
    .ephemeron_new = gcb_settle_ephemeron_new,
    .finalizer = finalizer,
    .collect = collect,
    .ledger = ledger,
};
