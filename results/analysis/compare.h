/* Two runs, cell by cell: schema gcbench.compare/1 (see README.md here), and how it reads. */
#ifndef GCB_COMPARE_H
#define GCB_COMPARE_H

#include <jansson.h>
#include <stdbool.h>

typedef struct gcb_comparison {
  const char *name_a, *name_b;           /* what the user calls them */
  const char *collector_a, *collector_b; /* only cells of this collector, or NULL: as gcb_cell_collector()
                                            writes it, or its name alone */
  double floor, precision;               /* relative; 0 for GCB_FLOOR and for .01 */
  const char *const *metrics;            /* those that are judged; n_metrics 0: all that are noisy */
  size_t n_metrics;
} gcb_comparison;

/* What it all comes to, as in the document's "outcome"; see results/README.md. */
#define GCB_OUTCOMES(X)                                                                                      \
  X(NOTHING, "nothing")   /* no cell could be compared */                                                    \
  X(FAILED, "failed")     /* a cell crashed, hung, was wrong, or ran out of memory in B alone */             \
  X(DIVERGED, "diverged") /* checksums differ */                                                             \
  X(WORSE, "regressed")                                                                                      \
  X(OPEN, "inconclusive") /* also suspect, promising: not interleaved */                                     \
  X(WELL, "well")         /* improved, negligible or equivalent, every cell */

typedef enum gcb_outcome {
#define X(name, word) GCB_OUTCOME_##name,
  GCB_OUTCOMES(X)
#undef X
} gcb_outcome;

/* Compare two run documents (schema gcbench.run/1), or the same one with itself: then cells made in pairs are
 * compared with their partners, or the cells of collector_a with those of collector_b. Cells that are the
 * same experiment are compared. Their invocations are paired by ordinal when they were run in pairs, and by
 * round when both cells are of one document, whose rounds are interleaved. New reference. */
json_t *gcb_compare_runs(const json_t *a, const json_t *b, const gcb_comparison *how);
/* Whether the cells of a run were made in pairs. */
bool gcb_compare_has_sides(const json_t *run);
gcb_outcome gcb_compare_outcome(const json_t *comparison);

#endif
