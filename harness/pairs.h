/* Interleaved pairs: two cells at a time, A and B one right after the other in random order, so that a slow
 * minute of the machine falls on both. What `compare` and the gate of a night are made of. */
#ifndef GCB_PAIRS_H
#define GCB_PAIRS_H

#include "session.h"

/* Two cells of the session's plan that are compared. Pairs that run together in one gcb_pairs_run() share no
 * cell. */
typedef struct gcb_pair {
  gcb_cell *a, *b;
  uint64_t done; /* pairs of which both ended ok, without the warm-up */
} gcb_pair;

typedef struct gcb_pairs {
  gcb_session *session;
  gcb_pair *pairs;
  size_t n;
  uint64_t wanted;      /* of each */
  uint64_t seed;        /* of the orders and of the environments' lengths */
  uint64_t deadline_ns; /* of gcb_clock(): no round starts later; 0: none */
  char id[40]; /* set by the run: what the two cells of a pair have in common, unlike any other run */
} gcb_pairs;

/* The plan's cells as pairs: in each group and heap, the cells of the first collector of the request with
 * those of the second; the plan has exactly two. The caller frees; NULL without memory. */
gcb_pair *gcb_pairs_of_plan(const gcb_plan *p, size_t *n);

/* Run one warm-up round, whose results are dropped, and `wanted` rounds. A round is one pair of each, in
 * random order; each invocation gets an environment of random length. References run first. A cell that fails
 * is over, and its pair with it. The invocations in the cells' results carry "pair", their ordinal, and the
 * cells "pairing", the run's id: gcb_compare_runs() pairs them by these. Ends early when interrupted. */
void gcb_pairs_run(gcb_pairs *p);

/* The cells of side 'a' or 'b', summarised, as a run document (schema gcbench.run/1). `context` is shared.
 * New reference. */
json_t *gcb_pairs_document(const gcb_pairs *p, char side, json_t *context);

#endif
