/* A comparison (schema gcbench.compare/1) for people, and its parts for reports. */
#ifndef GCB_COMPARE_PRINT_H
#define GCB_COMPARE_PRINT_H

#include "results/analysis/compare.h"
#include "results/text/columns.h"

/* For people: sentences first, then a table a cell, then notes. With `markdown` as for a pull request. */
void gcb_compare_print(const json_t *comparison, bool markdown, FILE *out);

/* ---- its parts ---- */

/* What may be said of a cell of a comparison, as a sentence or two, without a line end. */
void gcb_compare_sentence(const json_t *comparison, const json_t *cell, FILE *out);

enum {
  GCB_COMPARE_METRIC,
  GCB_COMPARE_A,
  GCB_COMPARE_B,
  GCB_COMPARE_CHANGE,
  GCB_COMPARE_TILDE, /* "~" where the interval holds no change */
  GCB_COMPARE_VERDICT,
  GCB_COMPARE_COLUMNS
};
extern const char *const gcb_compare_heads[GCB_COMPARE_COLUMNS];
/* A metric of a cell as a row of its table. False for one that the table leaves out: exactly equal, or zero
 * on both sides. */
bool gcb_compare_row(const json_t *metric, char texts[GCB_COMPARE_COLUMNS][GCB_COLUMN_TEXT]);

#endif
