/* What a cell of a run document is, apart from what was measured: its identity.
 *
 * Two cells are the same experiment when workload, parameters, heap bytes, mutators and GC threads are equal;
 * the same cell when collector and options are too.
 */
#ifndef GCB_CELL_H
#define GCB_CELL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* The identity as compact JSON with sorted keys, equal for equal cells of any run and machine; the seed is
 * not part of it. `experiment` leaves collector and options out. The caller frees; NULL without memory. */
char *gcb_cell_key(const json_t *cell, bool experiment);

/* For people and plots. Each writes a whole text, cut off at `size`, and returns `text`. */

/* "gen3 nursery=4M": the collector with the options that differ from its defaults. */
const char *gcb_cell_collector(const json_t *cell, char *text, size_t size);
/* "trees depth=16 holes=0": with every parameter. */
const char *gcb_cell_workload(const json_t *cell, char *text, size_t size);
/* "3x", or "64.0 MiB" when the factor is no short number. */
const char *gcb_cell_heap(const json_t *cell, char *text, size_t size);
/* Whether it ended "ok", with at least one invocation. */
bool gcb_cell_ok(const json_t *cell);
/* Seconds of all its timed iterations: setting up and warm-ups are not in the document for all. */
double gcb_cell_seconds(const json_t *cell);

#endif
