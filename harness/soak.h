/* Soaks: one process that iterates for hours, read after each iteration; what grows is found by its slope.
 */
#ifndef GCB_SOAK_H
#define GCB_SOAK_H

#include "session.h"
#include "trial.h"

/* In the child, instead of the timed iterations: iterate for the spec's `soak_ns`, and keep rows of
 * [ns since the start, wall_ns, pauses, pause_total_ns, pause_max_ns, rss_bytes, committed_bytes,
 * descriptors, threads]. There are at most 4096; when they are full, neighbours become one row, means but for
 * the longest pause. A value that is not known is -1. Called with the world as after a warm-up. New
 * reference. */
json_t *gcb_soak_laps(gcb_trial *t);

/* Soak one cell for so long, and add `soak` to its result: {iterations, seconds, blocks, rss_bytes{},
 * committed_bytes{}, pause_total_ns{}, pause_max_ns{}, wall_ns{}} with for each {median, slope, lo, hi,
 * growth, grows}, where slope and its 95 % interval are an hour's, growth the share of the median by which it
 * grew from the first to the last, and `grows` true when the interval lies above zero and the growth beyond a
 * tenth (null: too few iterations to tell); and `after`, what repetition left: {descriptors, threads,
 * objects_bytes, committed_bytes}, last less first. Interrupted: what was read until then is lost. */
void gcb_soak_measure(const gcb_session *s, gcb_cell *cell, uint64_t ns);
/* Whether anything of a soaked cell grows, or descriptors or threads were left behind. */
bool gcb_soak_grows(const json_t *cell);
/* All cells as a table, with a sentence for each that grows. */
void gcb_soak_print(const json_t *cells, FILE *out);

#endif
