/* The pauses of a cell, from the raw lists. */
#ifndef GCB_PAUSES_H
#define GCB_PAUSES_H

#include "figure.h"

/* The pauses of all timed iterations of the cell's invocations, in ns, sorted: those that summary.pause_ns
 * describes. The caller frees. NULL with *n = 0 when there are none, or when the runtime does not tell
 * (*known is false). */
double *gcb_pauses_of(const json_t *cell, size_t *n, bool *known);

#endif
