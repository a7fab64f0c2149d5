/* malloc: no collector. Memory is freed where the workload releases it, by the C library or one of its
 * rivals: what a C programmer would pick. For workloads that release everything that they drop
 * (gcb_workload.releases); nothing else is ever freed.
 *
 * Invariant: the low half of a live object's header is ALIVE. While release_tree() is below an object it is
 * the number of slots still to do, and the slot behind those holds the parent, so that a chain of any length
 * needs no stack. Anything else there is an object that was released before, or no object: the run ends.
 *
 * With poison on, what was released is filled and held back for a while, so that a use shows as 0xf5 bytes
 * and a store into it is found.
 *
 * Memory: the library maps its own, and no bound can hold it. Blocks in use, with the library's rounding and
 * headers, are committed in steps of a reserved range that nobody touches, so the heap figures are what the
 * program holds; what the library keeps free is in the resident size only.
 */
#include "malloc.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ALIVE     0xa11fe5edu /* above every number of slots */
#define ADDRESSES ((uint64_t)1 << 38)

static const gcb_option options[] = {
    {"lib", GCB_CHOICE, "glibc", 0, 0, "glibc|jemalloc|mimalloc|tcmalloc", "whose malloc and free"},
};
static const gcb_preset presets[] = {GCB_MALLOC_PRESETS{NULL, NULL}};

static lane *lane_of(gcb_mutator *m) {
  return m->local;
}

static gcb_object *alloc(gcb_mutator *m, uint64_t header, size_t bytes) {
  gcb_object *o = gcb_block_new(m->heap, lane_of(m), bytes);
  if (o) memcpy(o, &header, sizeof header);
  return o;
}

/* ---- release ---- */
static void refuse(gcb_mutator *m, const gcb_object *o) {
  static _Thread_local char why[160];
  snprintf(why, sizeof why,
           "malloc: the object at %p was released before, or by two ways at once (its header holds %08x)",
           (const void *)o, o->bits);
  m->heap->host->fatal(m, why);
}

/* Into the ring; the oldest one there comes out and is free. */
static void hold(gcb_mutator *m, gcb_object *o, size_t bytes) {
  heap *s = m->heap->state;
  bool written = false;
  gcb_poison(m->heap, o, bytes, GCB_POISON_FREED);
  lane_of(m)->objects -= bytes;
  pthread_mutex_lock(&s->lock);
  uint32_t i_held = s->next_held++ % GCB_HELD;
  gcb_object *old = s->held[i_held].at;
  size_t old_bytes = s->held[i_held].bytes;
  s->held[i_held].at = o;
  s->held[i_held].bytes = bytes;
  pthread_mutex_unlock(&s->lock);
  for (size_t i = 0; old && i < old_bytes; i++) written |= ((uint8_t *)old)[i] != GCB_POISON_FREED;
  lane_of(m)->objects += old_bytes;
  if (old) gcb_block_free(m->heap, lane_of(m), old, old_bytes);
  if (written) m->heap->host->fatal(m, "malloc: an object was written after its release");
}

static inline void let_go(gcb_mutator *m, gcb_object *o) {
  size_t bytes = gcb_size_of(o->geometry);
  if (m->heap->debug & GCB_DEBUG_POISON) {
    hold(m, o, bytes);
    return;
  }
  o->bits = 0;
  gcb_block_free(m->heap, lane_of(m), o, bytes);
}

static void release(gcb_mutator *m, gcb_object *o) {
  if (o->bits != ALIVE) refuse(m, o);
  let_go(m, o);
}

static void release_tree(gcb_mutator *m, gcb_object *o) {
  gcb_object *parent = NULL;
  if (o->bits != ALIVE) refuse(m, o);
  o->bits = gcb_refs_of(o->geometry);
  for (;;) {
    gcb_object **slots = gcb_slots_of(o);
    uint32_t i = o->bits;
    while (i && !slots[i - 1]) i--;
    if (i) {
      gcb_object *child = slots[i - 1];
      if (child->bits != ALIVE) refuse(m, child);
      slots[i - 1] = parent;
      o->bits = i;
      parent = o;
      o = child;
      o->bits = gcb_refs_of(o->geometry);
      continue;
    }
    let_go(m, o);
    if (!parent) return;
    o = parent;
    i = o->bits--;
    parent = gcb_slots_of(o)[i - 1];
  }
}

/* ---- beginning and end ---- */
static gcb_status shape_added(gcb_heap *h, gcb_shape *shape) {
  (void)h;
  shape->header |= ALIVE;
  return GCB_OK;
}

static gcb_status thread_begin(gcb_mutator *m) {
  m->bits = ALIVE;
  m->local = calloc(1, sizeof(lane));
  return m->local ? GCB_OK : GCB_OOM;
}

static void thread_end(gcb_mutator *m) {
  heap *s = m->heap->state;
  lane *l = m->local;
  pthread_mutex_lock(&s->lock);
  s->left.spare += l->spare;
  s->left.objects += l->objects;
  pthread_mutex_unlock(&s->lock);
  m->local = NULL;
  free(l);
}

static gcb_status start(gcb_heap *h, const gcb_value *values, char *why, size_t why_size) {
  heap *s = calloc(1, sizeof *s);
  if (!s) return GCB_OOM;
  if (!gcb_malloc_open(&s->lib, values[0].u, why, why_size)) {
    free(s);
    return GCB_FAILED;
  }
  s->range_bytes = ADDRESSES;
  s->range = gcb_reserve(h, s->range_bytes, 4096);
  if (h->debug & GCB_DEBUG_POISON) s->held = calloc(GCB_HELD, sizeof *s->held);
  if (!s->range || (h->debug & GCB_DEBUG_POISON && !s->held)) {
    free(s->held);
    free(s);
    return GCB_OOM;
  }
  pthread_mutex_init(&s->lock, NULL);
  h->state = s;
  return GCB_OK;
}

/* Objects that are still there go with the process. */
static void stop(gcb_heap *h) {
  heap *s = h->state;
  pthread_mutex_destroy(&s->lock);
  free(s->held);
  free(s);
}

static gcb_status collect(gcb_mutator *m, gcb_pause_kind kind) {
  (void)m, (void)kind;
  return GCB_UNSUPPORTED;
}

static void ledger(gcb_heap *h, gcb_space_ledger *out) {
  heap *s = h->state;
  lane sum = s->left;
  for (gcb_mutator *m = h->live; m; m = m->next) {
    lane *l = m->local;
    if (!l) continue;
    sum.spare += l->spare;
    sum.objects += l->objects;
  }
  *out = (gcb_space_ledger){
      .objects = sum.objects, .free = sum.spare, .rounding = s->granted - sum.spare - sum.objects};
}

const gcb_collector gcbench_collector = {
    .abi = GCB_COLLECTOR_ABI,
    .size = sizeof(gcb_collector),
    .name = "malloc",
    .summary = "no collector: malloc, and free where the workload releases",
    .follows = "malloc and free of the C library, jemalloc, mimalloc or tcmalloc",
    /* Measured by tests/bench/overhead.sh; the table is in README.md. */
    .note = "the calls of gcbench add to malloc: 'trees' takes 2.2 times (mimalloc: 2.3 times) the CPU time "
            "of the same program "
            "in plain C, so a collector that is as fast as this is slower than malloc by hand",
    .capabilities = GCB_CAP(EXPLICIT) | GCB_CAP(THREADS) | GCB_CAP(FOREIGN),
    .path = {GCB_ALLOC_CALL, GCB_WRITE_NONE, GCB_READ_NONE, GCB_ROOTS_PLAIN},
    .options = options,
    .n_options = sizeof options / sizeof *options,
    .presets = presets,
    .start = start,
    .stop = stop,
    .shape_added = shape_added,
    .thread_begin = thread_begin,
    .thread_end = thread_end,
    .alloc = alloc,
    .release = release,
    .release_tree = release_tree,
    .collect = collect,
    .ledger = ledger,
};
