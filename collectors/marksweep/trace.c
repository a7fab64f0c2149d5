/* The closure of marksweep, by one worker or several.
 *
 * Invariant: a marked object was scanned, or is in a packet or a tracer's queue, or stands in a place flagged
 * as missed. A place is a block, or a large object; it is flagged when the packets have no room for an object
 * in it. The rescan goes over flagged places only and scans all that is marked there, so that a small mark
 * stack costs time but loses nothing.
 *
 * The queue between stack and scan hides the latency of fetching headers (Cher, Hosking and Vitek 2004). Only
 * large objects have more slots than a block cell holds; they are scanned in steps, the next slot's number
 * kept in the large object's own record, so that a big array does not fill the stack. Workers share packets
 * (common/packets.h); the first stretch of a closure is done alone, since most small heaps end there.
 */
#include "common/mutants.h"
#include "marksweep.h"

#define LIKELY(x)   __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)
#define INLINE      static inline __attribute__((always_inline))

enum {
  STEP = 512,          /* slots of a large object scanned in one go */
  CELL_REFS = 1023,    /* no cell holds an object of more slots */
  ALONE = 4096,        /* objects scanned before other workers are called */
  SHARE_INTERVAL = 63, /* objects between looks at whether others wait; 2^n - 1 */
};

static void miss(gcb_marksweep *ms, gcb_object *o) {
  uint8_t *flag =
      gcb_in_blocks(&ms->blocks, o) ? &gcb_block_of(&ms->blocks, o)->flag : &gcb_large_of(o)->flag;
  if (__atomic_exchange_n(flag, 1, __ATOMIC_RELAXED)) return;
  __atomic_fetch_add(&ms->missed, 1, __ATOMIC_RELAXED);
  gcb_count(ms->heap, GCB_EVENT_MARK_STACK_OVERFLOW);
}

static bool reach_large(gcb_object *o, bool shared) {
  gcb_large *l = gcb_large_of(o);
  if (shared) return !__atomic_exchange_n(&l->marked, 1, __ATOMIC_RELAXED);
  if (l->marked) return false;
  l->marked = true;
  return true;
}
INLINE void reach(gcb_tracer *t, gcb_object *o, bool shared) {
  gcb_marksweep *ms = t->ms;
  bool first =
      LIKELY(gcb_in_blocks(&ms->blocks, o)) ? gcb_cell_mark(&ms->blocks, o, shared) : reach_large(o, shared);
  if (first && UNLIKELY(!gcb_packet_push(&t->stack, o))) miss(ms, o);
}

static void scan_large(gcb_tracer *t, gcb_object *o, bool shared) {
  gcb_large *l = gcb_large_of(o);
  size_t n = gcb_refs_of(o->geometry), from = (size_t)l->local, to = n - from > STEP ? from + STEP : n;
  l->local = to < n ? (void *)to : NULL;
  if (to < n && !gcb_packet_push(&t->stack, o)) miss(t->ms, o);
  gcb_object **slots = gcb_slots_of(o);
  for (size_t i = from; i < to; i++)
    if (slots[i]) reach(t, slots[i], shared);
}

static void found_special(gcb_tracer *t, gcb_object *o, bool shared) {
  if (shared) pthread_mutex_lock(&t->ms->special);
  gcb_discover(&t->ms->settle, o);
  if (shared) pthread_mutex_unlock(&t->ms->special);
}

INLINE void scan(gcb_tracer *t, gcb_object *o, bool shared) {
  uint32_t n = gcb_refs_of(o->geometry);
  if (UNLIKELY(n > CELL_REFS)) {
    scan_large(t, o, shared);
    return;
  }
  if (LIKELY(gcb_in_blocks(&t->ms->blocks, o))) t->bytes += gcb_size_of(o->geometry);
  gcb_object **slots = gcb_slots_of(o);
  for (uint32_t i = 0; i < n; i++)
    if (slots[i]) reach(t, slots[i], shared);
  if (UNLIKELY(gcb_kind(o->geometry) == GCB_KIND_SPECIAL)) found_special(t, o, shared);
}

/* Scan until this tracer and the pool have nothing, or `budget` objects are done: then false. */
INLINE bool drain(gcb_tracer *t, uint64_t budget, bool shared) {
  for (uint32_t empty = 0; empty < GCB_TRACE_QUEUE;) {
    gcb_object *next = gcb_packet_pop(&t->stack), *o = t->queue[t->at];
    __builtin_prefetch(next);
    t->queue[t->at] = next;
    t->at = (t->at + 1) % GCB_TRACE_QUEUE;
    empty = next || o ? 0 : empty + 1;
    if (!o) continue;
    scan(t, o, shared);
    if (!--budget) return false;
    if (shared && !(budget & SHARE_INTERVAL) && gcb_packet_wanted(&t->stack)) gcb_packet_share(&t->stack);
  }
  return true;
}

static void work(void *ctx, uint32_t worker) {
  gcb_tracer *t = ((gcb_marksweep *)ctx)->tracers + worker;
  do drain(t, UINT64_MAX, true);
  while (gcb_packet_wait(&t->stack));
  gcb_packet_flush(&t->stack);
}

static bool drain_alone(gcb_tracer *t, uint64_t budget) {
  return drain(t, budget, false);
}

/* Scan everything marked in one block. What this marks later in it is on the stack, or flags it again. */
static void rescan_block(gcb_tracer *t, size_t index) {
  gcb_blocks *s = &t->ms->blocks;
  for (size_t w = 0; w < GCB_BLOCK_WORDS; w++) {
    for (uint64_t set = s->bits[index * GCB_BLOCK_WORDS + w]; set; set &= set - 1)
      scan(t, gcb_cell_at(s, s->blocks + index, w, __builtin_ctzll(set)), false);
    drain_alone(t, UINT64_MAX);
  }
}

static void rescan(gcb_marksweep *ms) {
  gcb_tracer *t = ms->tracers;
  while (ms->missed && !GCB_MUTANT(RESCAN_LOST)) {
    ms->overflowed = true;
    ms->missed = 0;
    for (size_t i = 0; i < ms->blocks.top; i++) {
      if (!ms->blocks.blocks[i].flag) continue;
      ms->blocks.blocks[i].flag = 0;
      rescan_block(t, i);
    }
    for (gcb_large *l = ms->large.young; l; l = l->next) {
      if (!l->flag) continue;
      l->flag = 0;
      scan(t, gcb_large_object(l), false);
      drain_alone(t, UINT64_MAX);
    }
  }
}

static void close_over(void *ctx) {
  gcb_marksweep *ms = ctx;
  gcb_heap *h = ms->heap;
  if (!drain_alone(ms->tracers, h->workers > 1 ? ALONE : UINT64_MAX)) {
    gcb_packets_phase(&ms->packets, h->workers);
    gcb_run_workers(h, work, ms);
  }
  rescan(ms);
}

static void visit_root(void *ctx, gcb_object **slot) {
  reach(ctx, *slot, false);
}
static gcb_object *alive(void *ctx, gcb_object *o) {
  gcb_marksweep *ms = ctx;
  bool marked =
      gcb_in_blocks(&ms->blocks, o) ? gcb_cell_marked(&ms->blocks, o) : (bool)gcb_large_of(o)->marked;
  return marked ? o : NULL;
}
static gcb_object *retain(void *ctx, gcb_object *o) {
  reach(((gcb_marksweep *)ctx)->tracers, o, false);
  return o;
}

static void add_size(void *ctx, gcb_object *o) {
  *(uint64_t *)ctx += gcb_size_of(o->geometry);
}

uint64_t gcb_trace_all(gcb_marksweep *ms) {
  const gcb_liveness liveness = {ms, alive, retain, close_over, NULL};
  gcb_heap *h = ms->heap;
  ms->overflowed = false;
  for (uint32_t i = 0; i < h->workers; i++)
    ms->tracers[i] = (gcb_tracer){.ms = ms, .stack = {.pool = &ms->packets}};
  gcb_each_root(h, visit_root, ms->tracers);
  close_over(ms);
  gcb_settle_all(&ms->settle, &liveness);
  gcb_packet_flush(&ms->tracers->stack);
  gcb_packets_trim(&ms->packets);
  uint64_t live = 0;
  if (ms->overflowed) /* some were scanned more than once */
    gcb_blocks_each(&ms->blocks, add_size, &live);
  else
    for (uint32_t i = 0; i < h->workers; i++) live += ms->tracers[i].bytes;
  return live;
}
