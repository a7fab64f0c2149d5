/* The part of a soak that runs in the child: one process that iterates for hours, read after each iteration.
 */
#ifndef GCB_SOAK_H
#define GCB_SOAK_H

#include "measure/measured_process.h"

/* In the child, instead of the timed iterations: iterate for the spec's `soak_ns`, or
 * `soak_iterations` times (0: no such limit), and keep rows of
 * [ns since the start, wall_ns, pauses, pause_total_ns, pause_max_ns, rss_bytes, committed_bytes,
 * descriptors, threads]. There are at most 4096; when they are full, neighbours become one row, means but for
 * the longest pause. A value that is not known is -1. Called with the world as after a warm-up. New
 * reference. */
json_t *gcb_soak_laps(gcb_trial *t);

#endif
