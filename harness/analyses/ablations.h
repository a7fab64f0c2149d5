/* The runs that explain a cell: the cell again, its collector in a heap that is never full, and collectors
 * that never reclaim, with and without the cell's barrier. All are interleaved, round by round. */
#ifndef GCB_ABLATIONS_H
#define GCB_ABLATIONS_H

#include "session/session.h"

typedef struct gcb_ablation_runs {
  gcb_session session;
  json_t *results; /* of all cells that were run, as in a run document */
  json_t *notes;   /* sentences: what could not be run, and why */
  size_t *own;     /* for each stored cell: the place of its repetition in session.plan.cells */
  size_t n;        /* stored cells */
  double spare;    /* bytes of memory that runs which never free may take */
  bool failed;     /* a repetition of a stored cell did not end ok */
  bool *needed;    /* this and the next: of each cell of the plan */
  char (*barriers)[80];
} gcb_ablation_runs;

/* Plan the runs for n cells of a stored run whose `context` is given. Which collectors serve follows from
 * their capabilities and from the inline path that each takes in a trial invocation. Close in either case;
 * false: a sentence is in `why`. `timeout_ns` as of a session. */
bool gcb_ablations_plan(gcb_ablation_runs *r, const json_t *const *cells, size_t n, const json_t *context,
                        uint64_t timeout_ns, bool quiet, char *why, size_t why_size);
/* Run that many rounds of one invocation of each, in random order. Ends early when interrupted. A run that is
 * found to say nothing has one invocation. */
void gcb_ablations_run(gcb_ablation_runs *r, const json_t *const *cells, uint64_t rounds);
void gcb_ablations_close(gcb_ablation_runs *r);

#endif
