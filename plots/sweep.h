/* What was varied among cells. */
#ifndef GCB_SWEEP_H
#define GCB_SWEEP_H

#include "figure.h"

typedef struct gcb_swept {
  const char *set, *name; /* "params" or "options"; the key in it */
  size_t values;          /* different ones */
} gcb_swept;

/* The parameters and options of the cells that have two or more values, all of them numbers (or sizes), the
 * one with most values first. `keys` has `most` places. Returns how many. */
size_t gcb_swept_keys(const gcb_plot_cells *cells, gcb_swept *keys, size_t most);
/* The value of a cell; false when it has none. */
bool gcb_swept_value(const json_t *cell, const gcb_swept *key, double *value);

#endif
