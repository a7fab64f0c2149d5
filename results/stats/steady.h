/* Do the iterations of a cell drift? Steady state is tested, not assumed. */
#ifndef GCB_STEADY_H
#define GCB_STEADY_H

#include <stddef.h>

typedef struct gcb_drift {
  double slope; /* relative, per iteration: +0.01 is one per cent slower each time; NAN: fewer than two */
  double p;     /* two-sided, that there is no monotone trend; NAN: cannot be told */
} gcb_drift;

/* `n` iterations of each of `blocks` invocations, one invocation after the other. The slope is Sen's over all
 * pairs within an invocation, each relative to its invocation's median; the p-value is that of the seasonal
 * Kendall test (Hirsch, Slack and Smith 1982) with invocations as seasons: pairs are compared inside an
 * invocation only, so that invocations may differ in level. With one invocation it is gcb_mann_kendall_p().
 * Allocates; NAN without memory. */
gcb_drift gcb_steady(const double *y, size_t blocks, size_t n);

#endif
