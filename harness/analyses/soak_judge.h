/* The part of a soak that looks at what the child read: what grows is found by its slope. */
#ifndef GCB_SOAK_JUDGE_H
#define GCB_SOAK_JUDGE_H

#include "session/session.h"

/* Soak one cell for so long, or for so many iterations (0: no such limit; one of the two is not 0), and add
 * `soak` to its result: {iterations, seconds, blocks, rss_bytes{}, committed_bytes{}, pause_total_ns{},
 * pause_max_ns{}, wall_ns{}} with for each {median, slope, lo, hi, growth, grows}, where slope and its 95 %
 * interval are an hour's, growth the share of the median by which it grew from the first to the last, and
 * `grows` true when the interval lies above zero and the growth beyond a tenth (null: too few iterations to
 * tell); and `after`, what repetition left: {descriptors, threads, objects_bytes, committed_bytes}, last less
 * first. Interrupted: what was read until then is lost. */
void gcb_soak_measure(const gcb_session *s, gcb_cell *cell, uint64_t ns, uint64_t iterations);
/* Whether anything of a soaked cell grows, or descriptors or threads were left behind. */
bool gcb_soak_grows(const json_t *cell);
/* All cells as a table, with a sentence for each that grows. */
void gcb_soak_print(const json_t *cells, FILE *out);

#endif
