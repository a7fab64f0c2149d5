/* The table of kinds: a row here, an emitter in a kind_*.c, and a template of its name make a kind. */
#ifndef GCB_KINDS_H
#define GCB_KINDS_H

#include "plots/figure/figure.h"

/* Names as in C, in the order in which a reader wants them. */
/* clang-format off */
#define GCB_PLOT_KINDS(X) \
  X(throughput) X(ratios) X(heap) X(heap_lbo) X(pareto) X(lbo) X(lbo_split) \
  X(pauses) X(cdf) X(timeline) X(mmu) X(latency) X(memory) \
  X(survival) X(sweep) X(contour) X(history) X(topology)
/* clang-format on */

#define X(name) extern const gcb_kind gcb_kind_##name;
GCB_PLOT_KINDS(X)
#undef X

#endif
