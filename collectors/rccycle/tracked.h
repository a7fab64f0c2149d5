/* The table of tracked objects: those with reference slots, ephemerons and their keys. Only they can be part
 * of a cycle.
 *
 * Invariant: entries stand in order of generation, old [start[2], start[1]), middle [start[1], start[0]),
 * young [start[0], n), so a collection of a generation, which takes all younger ones with it, is a collection
 * of the table's tail, and its survivors slide down to become the next older generation: no list to merge,
 * no memory to find. An entry is an object, whose prefix holds the entry's number, or a hole (odd). Holes of
 * the young part are reused: they are chained on the list of the mutator on which the object died; an
 * untracked object has number 0. Boundaries and numbers change with the world stopped only.
 *
 * During a collection the other half of the prefix is CPython's gc_refs, then, of reached objects, the link
 * of the mark stack: the stack needs no memory of its own either.
 */
#ifndef GCB_RCCYCLE_TRACKED_H
#define GCB_RCCYCLE_TRACKED_H

#include "common/count_cascade.h"

enum { RCC_GENERATIONS = 3, RCC_BATCH = 64 /* entries that a mutator takes at once */ };
#define RCC_REACHED 0x80000000u /* in refs; below it the number of the next entry on the mark stack */
#define RCC_STUCK   0x7fffffffu /* refs of an object whose count stuck: never 0 */

/* The word before each object. While the object is dead it is the cascade's link. */
typedef struct rcc_prefix {
  uint32_t index; /* entry, 0: untracked */
  uint32_t refs;
} rcc_prefix;

typedef struct rcc_heap {
  gcb_counting counting; /* first */
  gcb_vec table;         /* of gcb_object *; entry 0 is not used */
  size_t start[RCC_GENERATIONS];
  size_t holes;                        /* below start[0], as of the last collection */
  uint32_t threshold[RCC_GENERATIONS]; /* options */
  uint32_t count[RCC_GENERATIONS];     /* collections of the next younger generation; [0] is not used */
  uint64_t long_lived_total;           /* tracked after the last full collection */
  uint64_t long_lived_pending;         /* that became old since */
  uint32_t stack;                      /* mark stack: an entry, 0: empty */
  pthread_mutex_t lock;                /* growth of the table */
} rcc_heap;

/* Of a mutator. */
typedef struct rcc_local {
  gcb_counting_local counting; /* first */
  uint32_t allocated;  /* tracked objects, less those that died, since the last collection; at least 0 */
  uint32_t free_entry; /* head of the young holes, 0: none */
  uint32_t next, end;  /* entries of a batch that were never used */
  size_t holes;        /* left in older generations since the last collection */
} rcc_local;

bool rcc_table_init(rcc_heap *rc, gcb_heap *h);
/* Slow path of rcc_track: a batch of entries for this mutator. */
bool rcc_table_claim(rcc_heap *rc, rcc_local *local);
/* Close the holes from entry `from` on, which begins a generation. World stopped. */
void rcc_table_slide(rcc_heap *rc, size_t from);

static inline rcc_heap *rcc_heap_of(gcb_mutator *m) {
  return m->heap->state;
}
static inline rcc_prefix *rcc_prefix_of(gcb_object *o) {
  return (rcc_prefix *)o - 1;
}
static inline uintptr_t *rcc_entries(const rcc_heap *rc) {
  return (uintptr_t *)rc->table.base;
}
static inline gcb_object *rcc_entry(const rcc_heap *rc, size_t i) {
  uintptr_t entry = rcc_entries(rc)[i];
  return entry & 1 ? NULL : (gcb_object *)entry;
}

/* False: no memory for the table. */
static inline bool rcc_track(rcc_heap *rc, rcc_local *local, gcb_object *o) {
  uint32_t i = local->free_entry;
  if (i) {
    local->free_entry = (uint32_t)(rcc_entries(rc)[i] >> 1);
  } else {
    if (local->next == local->end && !rcc_table_claim(rc, local)) return false;
    i = local->next++;
  }
  rcc_entries(rc)[i] = (uintptr_t)o;
  rcc_prefix_of(o)->index = i;
  return true;
}

/* The object died. */
static inline void rcc_untrack(gcb_mutator *m, gcb_object *o) {
  rcc_heap *rc = rcc_heap_of(m);
  rcc_local *local = m->local;
  uint32_t i = rcc_prefix_of(o)->index;
  if (!i) return;
  local->allocated -= local->allocated > 0;
  if (i >= rc->start[0]) {
    rcc_entries(rc)[i] = (uintptr_t)local->free_entry << 1 | 1;
    local->free_entry = i;
  } else {
    rcc_entries(rc)[i] = 1;
    local->holes++;
  }
}

/* Collect one generation and all younger ones. World stopped by m. */
void rcc_collect(gcb_mutator *m, uint32_t generation);

#endif
