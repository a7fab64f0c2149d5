/* What the invocations of one cell say together. */
#ifndef GCB_SUMMARY_H
#define GCB_SUMMARY_H

#include <jansson.h>
#include <stdbool.h>

/* Add "summary" to a finished cell: each metric as {mean, lo, hi, n} with the 95 % interval over
 * invocations (an invocation's value is the mean over its iterations), pause percentiles over all its timed
 * iterations (null without enough samples), totals, and flags[] with what a reader must know. */
void gcb_summarise(json_t *cell);

/* Does a summary have the metric of this name (metrics.h) under that name? */
bool gcb_in_summary(const char *name);

#endif
