/* What a run says, in words: every sentence is a claim that its numbers carry, and no more.
 *
 * A difference is claimed where the 95 % interval of the ratio of means lies on one side of 1 (ranking.h);
 * elsewhere it says that the two cannot be told apart. Nothing is claimed beyond the workloads and heaps that
 * were run. Sentences are plain text and end with a full stop.
 */
#ifndef GCB_FINDINGS_H
#define GCB_FINDINGS_H

#include "results/analysis/ranking.h"
#include <stdio.h>

/* The findings of a run document:
 *   {compared: "..",     what was run
 *    answers: [..],      who needs less time, CPU, pauses, memory: {metric, claim: "..", detail: ".."}, the
 *                        claim in short, and where by how much; or a plain sentence
 *    failed: [".."],     what could not run and why, and what leaked
 *    cautions: [".."]}   flags, the machine, what is not comparable
 * New reference; NULL without memory. */
json_t *gcb_findings(const json_t *run);

/* ---- its parts ---- */

/* Append what is to be said of one metric to `answers`: of two contenders as a duel, of more as a ranking.
 * Nothing where fewer than two can be compared. */
void gcb_answer(json_t *answers, const gcb_readings *r);
void gcb_list_failures(json_t *failed, const gcb_grid *g);
void gcb_list_cautions(json_t *cautions, const json_t *run, const gcb_grid *g);
/* The flag of this name that a cell's summary has; NULL when it was not raised. */
const json_t *gcb_flag_of(const json_t *cell, const char *name);

/* The metrics that gcb_findings() answers for this grid, in its order, into metrics[0 .. 4]; returns how
 * many. Of the pause percentiles it is the highest that most cells have samples for. */
size_t gcb_answered(const gcb_grid *g, const gcb_metric **metrics);

/* ---- words ---- */

/* "2.1x [2.0, 2.2]": as many digits as the interval's width makes sense of, and enough that neither end
 * reads as 1 when it is not. Without an interval: "2.10x [no interval]". */
void gcb_put_factor(FILE *out, gcb_interval factor);
/* "20 % [18, 22]": by how much less than 1 the ratio is. */
void gcb_put_less(FILE *out, gcb_interval ratio);
/* 1 / ratio, ends and all. */
gcb_interval gcb_inverse(gcb_interval ratio);
/* "trees at 2x", or without the heap where there is but one. */
void gcb_put_experiment(FILE *out, const gcb_grid *g, size_t experiment);
/* What the experiments are called: "workload", "heap size", "pair of workload and heap"; with an s for n
 * != 1.
 */
const char *gcb_experiments_word(const gcb_grid *g, size_t n);
/* What goes before item i of n in a list: "", ", " or " and ". */
const char *gcb_list_comma(size_t i, size_t n);
/* A sentence in memory: write to the stream, then append it to a list (frees it; drops an empty one). */
typedef struct gcb_sentence {
  FILE *out;
  char *text;
  size_t size;
} gcb_sentence;
/* False without memory. */
bool gcb_sentence_begin(gcb_sentence *s);
void gcb_sentence_end(gcb_sentence *s, json_t *list);

#endif
