/* The pauses of a cell, from the raw lists. */
#ifndef GCB_PAUSES_H
#define GCB_PAUSES_H

#include "plots/figure/figure.h"

typedef struct gcb_pauses {
  double *ns; /* sorted; the caller frees; NULL for none */
  size_t n;
  bool known; /* false: the cell did not run, or its runtime does not tell */
} gcb_pauses;

/* Of all timed iterations of the cell's invocations: those that summary.pause_ns describes. */
gcb_pauses gcb_pauses_of(const json_t *cell);
/* Note on the figure why the cell has none. */
void gcb_pauses_note(gcb_figure *f, const json_t *cell, const gcb_pauses *p);

#define GCB_PAUSES_NEEDED                                                                                    \
  "pauses: cells that ended ok, of collectors that report theirs; a smaller heap (--heap 1.5x) makes more"

#endif
