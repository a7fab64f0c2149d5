/* The cells of a run laid out for comparison: experiments (what must be equal) against contenders (what is
 * compared).
 *
 * Invariant: cells[e * n_contenders + c] is the cell of that experiment and that contender, or NULL where the
 * run has none. Experiments and contenders are in the order in which the run first names them.
 */
#ifndef GCB_GRID_H
#define GCB_GRID_H

#include "results/model/metrics.h"

typedef struct gcb_experiment {
  char *key;      /* gcb_cell_key(cell, true) */
  char *workload; /* "trees", or "trees depth=16" where the run has several settings of it */
  char *heap;     /* "3x", or "64.0 MiB" */
} gcb_experiment;

typedef struct gcb_contender {
  char *name;     /* gcb_cell_collector(): with its options; of a run made in pairs with "(A)" or "(B)" */
  bool reclaims;  /* one that does not prices barriers, and takes part in no ranking */
  bool unbounded; /* some cell of it does not honour the heap bound */
} gcb_contender;

typedef struct gcb_grid {
  const json_t **cells;
  gcb_experiment *experiments;
  gcb_contender *contenders;
  size_t n_experiments, n_contenders;
  size_t n_workloads; /* different ones among experiments[].workload */
  bool one_heap;      /* no workload has more than one heap size */
} gcb_grid;

/* Lay out a run document, which must outlive the grid. False without memory; free it in any case. */
bool gcb_grid_make(gcb_grid *g, const json_t *run);
void gcb_grid_free(gcb_grid *g);

/* NULL where there is none. */
const json_t *gcb_grid_at(const gcb_grid *g, size_t experiment, size_t contender);

#endif
