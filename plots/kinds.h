/* The table of kinds: a row here, an emitter in a kind_*.c, and a template of its name make a kind. */
#ifndef GCB_KINDS_H
#define GCB_KINDS_H

#include "figure.h"

#define GCB_PLOT_KINDS(X)                                                                                    \
  X(throughput)                                                                                              \
  X(pauses)                                                                                                  \
  X(heap)

#define X(name) extern const gcb_kind gcb_kind_##name;
GCB_PLOT_KINDS(X)
#undef X

#endif
