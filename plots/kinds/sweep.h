/* What was varied among cells. */
#ifndef GCB_SWEEP_H
#define GCB_SWEEP_H

#include "plots/figure/figure.h"

typedef struct gcb_swept {
  const char *set, *name; /* "params" or "options"; the key in it */
  size_t values;          /* different ones */
  bool bytes;             /* they are sizes, such as 4M */
} gcb_swept;

/* The parameters and options that have two or more values among the cells that have them, all of them numbers
 * (or sizes), the one with most values first. `keys` has `most` places. Returns how many. */
size_t gcb_swept_keys(const gcb_plot_cells *cells, gcb_swept *keys, size_t most);
/* The value of a cell; false when it has none. */
bool gcb_swept_value(const json_t *cell, const gcb_swept *key, double *value);
/* Note what the picture has not: cells that did not run, with their values of the keys, and collectors
 * without these. */
void gcb_swept_note_missing(gcb_figure *f, const gcb_plot_cells *cells, const gcb_swept *keys, size_t n);

#endif
