/* The large object space: one run of pages an object, never moved. Objects above gcb_large_threshold bytes go
 * here in every in-tree collector.
 *
 * Invariant: every run in use is on the list of its owner (`young` or `old`) exactly once; the run's header
 * stands before the object, in its first page. Between collections `marked` is false everywhere. Locks itself
 * on allocation; the rest with the world stopped (or its own lock held).
 */
#ifndef GCB_COMMON_LARGE_H
#define GCB_COMMON_LARGE_H

#include <gcbench/collector.h>
#include <pthread.h>

typedef struct gcb_large {
  struct gcb_large *next, **link; /* list, and the pointer that points here */
  size_t pages;
  uint8_t marked; /* reached in this collection */
  uint8_t old;    /* on the old list, or to go there in the next sweep */
  uint8_t flag;   /* the collector's (remembered, age) */
  void *local;    /* the collector's */
} gcb_large;

enum { GCB_LARGE_HINTS = 40 };

#define GCB_LARGE_RARE (GCB_RARE(LARGE_ALLOCATED) | GCB_RARE(LARGE_FREED))

typedef struct gcb_large_space {
  gcb_heap *heap;
  char *base, *end;       /* the reserved range: gcb_is_large() is a range test */
  gcb_large *young, *old; /* new objects start young; collectors without generations use young only */
  uint64_t bytes;         /* of objects, as gcb_size_of counts */
  uint64_t committed;     /* pages of the runs, in bytes */
  uint8_t *map; /* one byte a page of the range: in use or not (counted metadata, map_committed bytes) */
  size_t pages, map_committed;
  size_t top;                   /* pages from here on were never in use */
  size_t hint[GCB_LARGE_HINTS]; /* no free run of 2^k pages begins below hint[k] */
  uint32_t card_shift;          /* log2 of an array's bytes a card; 0: no cards. Set after init, before use */
  pthread_mutex_t lock;
} gcb_large_space;

enum { GCB_LARGE_THRESHOLD = 8192 }; /* bytes: larger objects are large */

bool gcb_large_init(gcb_large_space *s, gcb_heap *h);
/* A zeroed run for an object of `bytes`, header stored, on the young list; NULL when the bound is reached.
 * Any mutator thread. */
gcb_object *gcb_large_alloc(gcb_large_space *s, uint64_t header, size_t bytes);
/* Free one object and its pages at once. */
void gcb_large_free(gcb_large_space *s, gcb_object *o);
/* Free every unmarked object of the list (old == 0: young list), unmark the others; moves survivors of the
 * young list whose `old` the owner has set to the old one if `promote`. Returns the bytes of objects freed.
 */
uint64_t gcb_large_sweep(gcb_large_space *s, bool old, bool promote);

/* One byte for each 2^card_shift bytes of the object, counted from its header; zero at first. They stand
 * behind the object, in its run. Only with card_shift set. */
static inline uint8_t *gcb_large_cards(gcb_object *o) {
  return (uint8_t *)o + gcb_size_of(o->geometry);
}
static inline bool gcb_is_large(const gcb_large_space *s, const gcb_object *o) {
  return (char *)o >= s->base && (char *)o < s->end;
}
static inline gcb_large *gcb_large_of(gcb_object *o) {
  return (gcb_large *)o - 1;
}
static inline gcb_object *gcb_large_object(gcb_large *l) {
  return (gcb_object *)(l + 1);
}

#endif
