/* Reference counting and nothing else.
 *
 * Invariant: an object lives as long as its count is not zero; when the last reference goes, it is reclaimed
 * at once, with all that only it held, on the thread that dropped it (common/count_cascade.h). Broken within
 * a cascade only: a chain of objects whose count is zero waits there for its slots to be released. No
 * reference is ever lost sight of, so there is nothing to scan, and roots are counted like slots.
 *
 * What counting cannot do, it does not: a cycle of garbage stays for ever, and so does an ephemeron's value
 * that reaches its own key. The harness reports them as leaked.
 *
 * Follows Collins 1960; header counts that stick when they overflow.
 */
#include "common/count_cascade.h"
#include <assert.h>
#include <stdlib.h>

typedef struct rc_heap {
  gcb_counting counting; /* first */
} rc_heap;

/* Every mutator's spare cells back to their blocks, and empty blocks back to the system: one mutator's frees
 * serve another's allocation, and cells of one size another size. */
static void make_room(gcb_mutator *m) {
  gcb_heap *h = m->heap;
  rc_heap *rc = h->state;
  if (!gcb_stop_world(m)) return;
  for (gcb_mutator *other = h->live; other; other = other->next)
    if (other->free) gcb_blocks_retire(&rc->counting.blocks, other); /* else it is just joining or leaving */
  gcb_blocks_trim(&rc->counting.blocks, SIZE_MAX / 2);
  gcb_resume_world(m);
}

static gcb_status start(gcb_heap *h, const gcb_value *values, char *why, size_t why_size) {
  rc_heap *rc = calloc(1, sizeof *rc);
  (void)why, (void)why_size;
  h->state = rc;
  if (!rc || !gcb_counting_init(&rc->counting, h, 0, (uint32_t)values[0].u)) {
    free(rc);
    return GCB_OOM;
  }
  rc->counting.make_room = make_room;
  return GCB_OK;
}

static void stop(gcb_heap *h) {
  free(h->state);
}

static gcb_status shape_added(gcb_heap *h, gcb_shape *shape) {
  rc_heap *rc = h->state;
  shape->header = gcb_header((uint32_t)(shape->header >> 32), rc->counting.one);
  gcb_blocks_shape(&rc->counting.blocks, shape);
  return GCB_OK;
}

static gcb_status thread_begin(gcb_mutator *m) {
  return gcb_counting_attach(gcb_counting_of(m), m, sizeof(gcb_counting_local));
}

static void thread_end(gcb_mutator *m) {
  gcb_counting_detach(gcb_counting_of(m), m);
}

static gcb_object *alloc(gcb_mutator *m, uint64_t header, size_t bytes) {
  gcb_counting *c = gcb_counting_of(m);
  if (__builtin_expect(__atomic_load_n(&c->waiting, __ATOMIC_RELAXED), 0)) gcb_counting_retry(c, m);
  gcb_object *o = gcb_counting_alloc(c, m, header, bytes);
  if (o) return o;
  make_room(m);
  o = gcb_counting_alloc(c, m, header, bytes);
  if (!o && bytes <= c->blocks.object_max) o = gcb_blocks_alloc_larger(&c->blocks, m, header, bytes);
  if (!o) gcb_count(c->heap, GCB_EVENT_OUT_OF_MEMORY);
  return o;
}

static void dead(gcb_mutator *m, gcb_object *o) {
  gcb_counting *c = gcb_counting_of(m);
  gcb_cascade k = {0};
  gcb_cascade_die(c, m, &k, o, gcb_bits(o), false, NULL);
  gcb_cascade_run(c, m, &k, false, NULL);
  gcb_counting_freed(m, k.bytes);
  gcb_cascade_report(c, m, &k);
}

static gcb_status collect(gcb_mutator *m, gcb_pause_kind kind) {
  gcb_counting *c = gcb_counting_of(m);
  if (kind != GCB_MAJOR) return GCB_UNSUPPORTED;
  gcb_counting_retry(c, m);
  gcb_counting_report(m);
#ifdef GCB_CHECKED
  if (gcb_stop_world(m)) {
    bool right = gcb_counting_check(c, !m->shared);
    assert(right);
    gcb_resume_world(m);
  }
#endif
  return GCB_OK;
}

static void ledger(gcb_heap *h, gcb_space_ledger *out) {
  gcb_counting_ledger(h->state, out);
}

static const gcb_option options[] = {
    {"count-bits", GCB_UINT, "27", 3, GCB_COUNT_BITS, NULL,
     "bits of an object's reference count; it sticks, and the object stays, when they overflow"},
};

const gcb_collector gcbench_collector = {
    .abi = GCB_COLLECTOR_ABI,
    .size = sizeof(gcb_collector),
    .name = "rc",
    .summary = "reference counting alone: prompt, no collections; cycles leak",
    .follows = "Collins 1960",
    .capabilities = GCB_CAP(RECLAIMS) | GCB_CAP(PROMPT) | GCB_CAP(WEAK) | GCB_CAP(EPHEMERONS) |
                    GCB_CAP(FINALIZERS) | GCB_CAP(THREADS) | GCB_CAP(BOUNDED) | GCB_CAP(EXACT),
    .rare = GCB_COUNT_RARE,
    .path = {GCB_ALLOC_FREE, GCB_WRITE_COUNT, GCB_READ_NONE, GCB_ROOTS_COUNTED},
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
    .ephemeron_new = gcb_counting_ephemeron_new,
    .weak_get = gcb_counting_weak_get,
    .ephemeron_get = gcb_counting_ephemeron_get,
    .ephemeron_put = gcb_counting_ephemeron_put,
    .finalizer = gcb_counting_finalizer,
    .collect = collect,
    .ledger = ledger,
};
