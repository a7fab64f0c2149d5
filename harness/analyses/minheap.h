/* The minimum heap of a cell: the smallest bound within which it ends well, by bisection over fresh
 * processes. Running out of memory and out of time both mean that the heap was too small. */
#ifndef GCB_MINHEAP_H
#define GCB_MINHEAP_H

#include "session/session.h"

typedef struct gcb_minheap_search {
  const gcb_session *session;
  const uint64_t *iterations; /* n of them, ascending: the minimum is searched for each */
  size_t n;
  uint64_t repeats, seed; /* each repeat has a seed of its own: seed, seed + 1, .. */
  double resolution;      /* of the bound, relative */
} gcb_minheap_search;

/* Search one cell and add "status", "reason", "minima" and "grows" to its result (see results/README.md).
 * Stops early when interrupted. */
void gcb_minheap_find(const gcb_minheap_search *m, gcb_cell *cell);

/* The table of the finished cells. */
void gcb_minheap_print(const json_t *cells, FILE *out);

#endif
