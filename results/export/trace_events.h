/* A run's pauses in the Trace Event Format, which chrome://tracing and Perfetto open. */
#ifndef GCB_TRACE_H
#define GCB_TRACE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/* A process for each invocation of each cell (latency invocations if there are any, else the others), its
 * iterations one after the other as they were timed: a thread with the iterations, one with the pauses of all
 * mutators, and one for each mutator with its own pauses and stalls. Timestamps are microseconds from the
 * invocation's first timed iteration; what passed between iterations is not in them. False when there is no
 * iteration. */
bool gcb_trace_write(const json_t *run, FILE *out);

#endif
