/* The suite file of a nightly run: what is measured, in how much time, against what, and what gates. YAML;
 * `gcbench nightly --init` writes nightly.yaml, whose comments are the documentation of the keys.
 */
#ifndef GCB_SUITE_H
#define GCB_SUITE_H

#include "results/analysis/regression_run.h"
#include "results/model/values.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Cells: workloads x collectors x heaps x mutators x parameters x options. */
typedef struct gcb_suite_cells {
  struct gcb_strings workloads, collectors;
  struct gcb_heap_sizes heaps;
  struct gcb_sweeps params, options;
  uint64_t *mutators;
  size_t n_mutators;
  int line; /* of the file, for messages about its words */
} gcb_suite_cells;

typedef struct gcb_suite {
  const char *name;
  uint64_t budget_ns, timeout_ns, seed;
  uint64_t pairs, rerun_pairs, iterations, warmups,
      workers;                     /* pairs: most of each cell; the budget may allow fewer */
  uint64_t aa_cells;               /* cells that are also compared with themselves */
  struct gcb_strings baselines;    /* names: collectors as they were when they got it */
  struct gcb_strings canary;       /* workload, collector, heap: of the frozen collector; or empty */
  int baselines_line, canary_line; /* of the file, for messages about their words */
  gcb_night_rules rules;           /* what gates, and what a night must be like to be trusted */
  gcb_suite_cells *cells;
  size_t n_cells;
  void *memory; /* of all the above */
} gcb_suite;

/* Read a suite. False with a sentence that begins with FILE:LINE; the suite is then empty. Free it in either
 * case. */
bool gcb_suite_read(gcb_suite *s, const char *path, char *why, size_t why_size);
void gcb_suite_free(gcb_suite *s);
#endif
