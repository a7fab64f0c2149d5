/* Interleaved pairs: two cells at a time, A and B one right after the other in random order, so that a slow
 * minute of the machine falls on both. What `compare` and the gate of a night are made of. */
#ifndef GCB_PAIRS_H
#define GCB_PAIRS_H

#include "session/run_recorder.h"
#include "session/session.h"

/* Two cells of the session's plan that are compared. Pairs that run together share no cell. */
typedef struct gcb_pair {
  gcb_cell *a, *b;
  size_t cell_a, cell_b; /* their numbers in the document that is kept */
  uint64_t done;         /* pairs of which both ended ok, without the warm-up */
} gcb_pair;

typedef struct gcb_pairs {
  gcb_session *session;
  gcb_pair *pairs;
  size_t n;
  uint64_t first;       /* round: 0, or the first that an earlier call did not run */
  uint64_t wanted;      /* of each */
  uint64_t seed;        /* of the orders and of the environments' lengths */
  uint64_t deadline_ns; /* of gcb_clock(): no pair starts later; 0: none */
  bool silent;          /* no progress, but failures are said */
  gcb_keep *keep;       /* each invocation goes there as it ends; NULL: nowhere */
} gcb_pairs;

/* The plan's cells as pairs: in each group and heap, the cell of the first collector of the request with that
 * of the second; the request names exactly two and sweeps no options. The caller frees; NULL without memory.
 */
gcb_pair *gcb_pairs_of_plan(const gcb_plan *p, size_t *n);

/* The run document (schema gcbench.run/1) of the pairs before they run: a, b, a, b, ..; it shares the cells'
 * results, so that it fills as they run. To be finished by gcb_document_finish(). The reference to `context`
 * is taken over; `name` may be NULL. New reference. */
json_t *gcb_pairs_document(gcb_pairs *p, const char *name, json_t *context);

/* Run rounds `first` to `wanted`. A round is one pair of each, in random order; each invocation gets an
 * environment of random length. References run first. Round 0 is the warm-up, whose results are dropped,
 * unless one of the two failed: then the other's tells whether it fares better. A cell that fails is over,
 * and its pair with it. In the results, invocations carry "pair", their ordinal, and cells "side"
 * and "pairing", a word that the two of a pair have in common and nobody else: gcb_compare_runs() pairs them
 * by these. Ends early when interrupted. */
void gcb_pairs_run(gcb_pairs *p);

#endif
