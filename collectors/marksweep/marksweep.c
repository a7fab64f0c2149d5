/* marksweep: a non-moving, stop-the-world collector over segregated free lists, with mark bits beside the
 * objects, parallel marking and lazy sweeping. Follows Boehm and Weiser 1988 and, for marking, Ossia et al.
 * 2002.
 *
 * Invariant: between collections a cell's bit is set if it holds an object or is on a mutator's free list,
 * and no large object is marked (common/blocks.h). It is broken only while the world is stopped for a
 * collection: bits are cleared, the closure sets those of what is reachable, and so the unreachable is free.
 * Sweeping is the handing out of a block's clear cells when a mutator next wants cells of its size; what is
 * unreachable needs no visit before, for its memory is found from the bitmap alone.
 *
 * A collection begins when the bound leaves no block for a size class and no block of it has free cells. An
 * unbounded heap is collected when it has grown to twice what lived after the last collection.
 */
#include "marksweep.h"
#include <stdio.h>
#include <stdlib.h>

enum { OPTION_MARK_STACK, N_OPTIONS };

#define UNBOUNDED_MIN                                                                                        \
  ((uint64_t)64 << 20) /* bytes committed at which an unbounded heap is first collected                      \
                        */

static gcb_marksweep *state_of(gcb_heap *h) {
  return h->state;
}

static gcb_status start(gcb_heap *h, const gcb_value *values, char *why, size_t why_size) {
  /* Mark stack kept at all times: a collection starts when the bound is reached, and cannot get more then. */
  uint64_t least = 2 * GCB_PACKET_ITEMS * (uint64_t)h->workers, most = (uint64_t)1 << 17;
  uint64_t floor = h->limit / 256 / sizeof(gcb_object *);
  floor = floor < least ? least : floor > most ? most : floor;
  gcb_marksweep *ms = aligned_alloc(64, (sizeof *ms + 63) & ~(size_t)63);
  gcb_tracer *tracers = aligned_alloc(64, h->workers * sizeof *tracers);
  if (ms && tracers) {
    *ms = (gcb_marksweep){.heap = h, .tracers = tracers};
    if (gcb_blocks_init(&ms->blocks, h, 0) && gcb_large_init(&ms->large, h) &&
        gcb_settle_init(&ms->settle, h) &&
        gcb_packets_init(&ms->packets, h, values[OPTION_MARK_STACK].u, floor) &&
        pthread_mutex_init(&ms->special, NULL) == 0) {
      ms->blocks.keep = SIZE_MAX / 2; /* blocks go back at collections only */
      if (h->limit == UINT64_MAX) ms->blocks.soft = UNBOUNDED_MIN;
      h->state = ms;
      return GCB_OK;
    }
  }
  snprintf(why, why_size,
           "the heap bound leaves no room for a mark stack of %llu entries, or the system no addresses",
           (unsigned long long)floor);
  free(ms);
  free(tracers);
  return GCB_OOM;
}

static void stop(gcb_heap *h) {
  free(state_of(h)->tracers);
  free(state_of(h));
  h->state = NULL;
}

static gcb_status shape_added(gcb_heap *h, gcb_shape *shape) {
  gcb_blocks_shape(&state_of(h)->blocks, shape);
  return GCB_OK;
}
static gcb_status thread_begin(gcb_mutator *m) {
  return gcb_blocks_attach(&state_of(m->heap)->blocks, m);
}
static void thread_end(gcb_mutator *m) {
  gcb_blocks_detach(&state_of(m->heap)->blocks, m);
}

/* ---- collection ---- */
static void collect_stopped(gcb_heap *h) {
  gcb_marksweep *ms = state_of(h);
  uint64_t begin = gcb_now(h);
  __atomic_store_n(&ms->scarce, false, __ATOMIC_RELAXED);
  gcb_blocks_mark_begin(&ms->blocks);
  uint64_t live = gcb_trace_all(ms);
  uint64_t freed = gcb_large_sweep(&ms->large, false, false);
  freed += gcb_blocks_mark_end(&ms->blocks, live);
  live += ms->large.bytes;
  gcb_work(h, GCB_WORK_MARKED, live);
  gcb_work(h, GCB_WORK_FREED, freed);
  if (!freed) gcb_count(h, GCB_EVENT_EMPTY_COLLECTION);
  if (h->limit == UINT64_MAX) {
    uint64_t held = ms->blocks.in_use * (uint64_t)GCB_BLOCK_BYTES + ms->large.committed;
    ms->blocks.soft = 2 * held > UNBOUNDED_MIN ? 2 * held : UNBOUNDED_MIN;
  }
  gcb_pause(h, NULL, GCB_MAJOR, begin, gcb_now(h));
}

static gcb_status collect(gcb_mutator *m, gcb_pause_kind kind) {
  if (kind != GCB_MAJOR) return GCB_UNSUPPORTED;
  while (!gcb_stop_world(m)) {
  }
  collect_stopped(m->heap);
  gcb_resume_world(m);
  return GCB_OK;
}

/* ---- allocation ---- */
static gcb_object *try_large(gcb_marksweep *ms, uint64_t header, size_t bytes) {
  if (gcb_committed(ms->heap) + bytes > ms->blocks.soft) return NULL;
  gcb_object *o = gcb_large_alloc(&ms->large, header, bytes);
  if (o) return o;
  gcb_blocks_trim(&ms->blocks, bytes + GCB_BLOCK_BYTES);
  return gcb_large_alloc(&ms->large, header, bytes);
}
static gcb_object *try_alloc(gcb_mutator *m, uint64_t header, size_t bytes) {
  gcb_marksweep *ms = state_of(m->heap);
  if (bytes > ms->blocks.object_max) return try_large(ms, header, bytes);
  gcb_object *o = gcb_blocks_alloc(&ms->blocks, m, header, bytes);
  if (!o && __atomic_load_n(&ms->scarce, __ATOMIC_RELAXED))
    o = gcb_blocks_alloc_larger(&ms->blocks, m, header, bytes);
  return o;
}

/* Right after a collection, before others can take what it freed. When not even that gave a block for this
 * size, objects go into larger cells from now on: else each of them would cost a collection. */
static gcb_object *last_resort(gcb_mutator *m, uint64_t header, size_t bytes) {
  gcb_marksweep *ms = state_of(m->heap);
  if (m->heap->limit == UINT64_MAX) ms->blocks.soft += bytes + GCB_BLOCK_BYTES;
  gcb_object *o = try_alloc(m, header, bytes);
  if (!o && bytes <= ms->blocks.object_max) {
    __atomic_store_n(&ms->scarce, true, __ATOMIC_RELAXED);
    o = try_alloc(m, header, bytes);
  }
  if (!o) gcb_count(m->heap, GCB_EVENT_OUT_OF_MEMORY);
  return o;
}

static gcb_object *alloc(gcb_mutator *m, uint64_t header, size_t bytes) {
  gcb_object *o;
  do {
    o = try_alloc(m, header, bytes);
    if (o) return o;
  } while (!gcb_stop_world(m));
  collect_stopped(m->heap);
  o = last_resort(m, header, bytes);
  gcb_resume_world(m);
  return o;
}

/* The table of finalizers grows by pages, for which room must be made as for objects. */
static gcb_status try_finalizer(gcb_mutator *m, gcb_slot obj, uint64_t token) {
  gcb_marksweep *ms = state_of(m->heap);
  if (gcb_settle_register(&ms->settle, *obj.at, token) == GCB_OK) return GCB_OK;
  gcb_blocks_trim(&ms->blocks, GCB_BLOCK_BYTES);
  return gcb_settle_register(&ms->settle, *obj.at, token);
}
static gcb_status add_finalizer(gcb_mutator *m, gcb_slot obj, uint64_t token) {
  do {
    if (try_finalizer(m, obj, token) == GCB_OK) return GCB_OK;
  } while (!gcb_stop_world(m));
  collect_stopped(m->heap);
  gcb_status status = try_finalizer(m, obj, token);
  gcb_resume_world(m);
  return status;
}

static void ledger(gcb_heap *h, gcb_space_ledger *out) {
  gcb_marksweep *ms = state_of(h);
  *out = (gcb_space_ledger){0};
  gcb_blocks_ledger(&ms->blocks, out);
  out->objects += ms->large.bytes;
  out->rounding += ms->large.committed - ms->large.bytes;
  out->metadata +=
      ms->large.map_committed + ms->settle.finalizers.committed + gcb_packets_committed(&ms->packets);
}

static const gcb_option options[N_OPTIONS] = {
    [OPTION_MARK_STACK] = {"mark-stack", GCB_UINT, "0", 0, 1e12, NULL,
                           "most objects on the mark stack; 0: as many as the heap bound allows"},
};

const gcb_collector gcbench_collector = {
    .abi = GCB_COLLECTOR_ABI,
    .size = sizeof(gcb_collector),
    .name = "marksweep",
    .summary = "non-moving; segregated free lists, bitmap marks, lazy sweep, parallel marking",
    .follows = "Boehm and Weiser 1988; Ossia et al. 2002",
    .capabilities = GCB_CAP(PARALLEL) | GCB_CAP(RECLAIMS) | GCB_CAP(CYCLES) | GCB_CAP(WEAK) |
                    GCB_CAP(EPHEMERONS) | GCB_CAP(FINALIZERS) | GCB_CAP(THREADS) | GCB_CAP(BOUNDED) |
                    GCB_CAP(EXACT),
    .rare = GCB_BLOCKS_RARE | GCB_LARGE_RARE | GCB_SETTLE_RARE | GCB_RARE(BLOCK_FULL) |
            GCB_RARE(MARK_STACK_OVERFLOW) | GCB_RARE(EMPTY_COLLECTION) | GCB_RARE(OUT_OF_MEMORY) |
            GCB_RARE(COLLECTED_BY_OTHER),
    .path = {GCB_ALLOC_FREE, GCB_WRITE_NONE, GCB_READ_NONE, GCB_ROOTS_PLAIN},
    .options = options,
    .n_options = N_OPTIONS,
    .start = start,
    .stop = stop,
    .shape_added = shape_added,
    .thread_begin = thread_begin,
    .thread_end = thread_end,
    .alloc = alloc,
    .weak_new = gcb_settle_weak_new,
    .ephemeron_new = gcb_settle_ephemeron_new,
    .finalizer = add_finalizer,
    .collect = collect,
    .ledger = ledger,
};
