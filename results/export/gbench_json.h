/* A run in the form of Google Benchmark's JSON, for its compare.py and whatever else reads that.
 *
 * A cell is a benchmark, "WORKLOAD/parameter:value../COLLECTOR/option:value../heap:3x", where a plug-in goes
 * by its file name unless the run has two of it; each of its invocations is a repetition, whose time is the
 * mean of an iteration; and where the library drove its timed loop, times and iterations are the library's
 * own; with two or more come the aggregates mean, median, stddev and cv, worked out as the library does. What
 * gcb_metrics knows beside times are counters, without those that are not known. A cell that did not end ok
 * is a run with error_occurred and its reason.
 */
#ifndef GCB_GBENCH_JSON_H
#define GCB_GBENCH_JSON_H

#include <jansson.h>

/* Convert a run document. New reference. */
json_t *gcb_gbench_json(const json_t *run);

#endif
