/* From two sets of measurements to a word: what may be said of a difference, and what may not.
 *
 * A is the baseline, B the candidate. Differences are log ratios log(B/A), so that twice and half are equally
 * far from nothing; a ratio is their exp(). With pairs (A and B run one after the other, in random order) a
 * slow minute of the machine falls on both and cancels. Without them it does not: in simulation, one session
 * after the other is called different 24 to 43 % of the time when nothing changed, and more runs make that
 * worse. So values without pairs are never `regressed`, `improved` or `equivalent`, however narrow the
 * interval: the most that they are is `suspect` (worse) or `promising` (better), a reason to run pairs.
 *
 * Everything here is a pure function. Those that allocate say so, and answer NAN and `inconclusive` without
 * memory.
 */
#ifndef GCB_VERDICT_H
#define GCB_VERDICT_H

#include "results/stats/stats.h"

/* The words are in the order of their weight: a summary of several is the least.
 *
 * Their conditions overlap. The first that holds decides: the very same values are equivalent; a change of
 * a part that is too little to matter is equivalent within 2 % and else negligible; beyond the floor is
 * regressed or improved, also where that is within 2 % (+1.5 % with a floor of 1 % and a tight interval is a
 * change); within 2 % is equivalent; everything else is inconclusive. */
#define GCB_VERDICTS(X)                                                                                      \
  X(REGRESSED, "regressed")       /* the whole interval is worse than the floor */                           \
  X(SUSPECT, "suspect")           /* the same, but not interleaved: a reason to run pairs */                 \
  X(INCONCLUSIVE, "inconclusive") /* the interval allows too much */                                         \
  X(PROMISING, "promising")       /* as suspect, but for the better: no proof either */                      \
  X(IMPROVED, "improved")         /* the whole interval is better than the floor */                          \
  X(NEGLIGIBLE, "negligible")     /* beyond 2 % or not, but surely under .1 % of what it is a part of */     \
  X(EQUIVALENT, "equivalent")     /* the whole interval is within 2 % */

typedef enum gcb_verdict_word {
#define X(name, word) GCB_##name,
  GCB_VERDICTS(X)
#undef X
} gcb_verdict_word;

#define GCB_FLOOR     .01  /* smaller changes are not called one; A/A pairs may teach a larger floor */
#define GCB_SAME      .02  /* an interval inside is `equivalent` */
#define GCB_GATE_RATE .05  /* false discoveries among the alarms of a night */
#define GCB_LOG_LIMIT 7.   /* log ratios end there (about 1100 times): one side was zero, the other was not */
#define GCB_LITTLE    .001 /* share of the wall time under which a part of it cannot matter */

/* What a difference is held against. */
typedef struct gcb_limits {
  double floor; /* relative; 0 stands for GCB_FLOOR */
  bool more_is_better;
  double whole; /* of what the metric is a part, in its unit (wall time for a sum of pauses); 0: of nothing */
} gcb_limits;

typedef struct gcb_verdict {
  gcb_interval log_ratio; /* of B over A: estimate and 95 % interval; n pairs, or the smaller sample */
  double p;               /* two-sided, that nothing changed; NAN: cannot be told */
  double adjusted;        /* p after correction for the comparisons made together; p until then */
  bool worse;             /* the estimate is on the bad side */
  gcb_verdict_word word;
} gcb_verdict;

const char *gcb_verdict_text(gcb_verdict_word w);
/* The word of this text; false when it is none. */
bool gcb_verdict_parse(const char *text, gcb_verdict_word *w);

/* n pairs a[i], b[i] in one unit; a pair with a NAN is left out, and so is nothing else: no outlier is
 * deleted. Hodges-Lehmann estimate and exact signed-rank interval (gcb_hodges_lehmann(), from 6 pairs on).
 * Allocates. */
gcb_verdict gcb_verdict_paired(const double *a, const double *b, size_t n, const gcb_limits *limits);

/* Samples that were not interleaved. The shift between the logarithms, with the interval of the rank-sum
 * test: it holds its 95 % at the 5 to 30 values that runs have, where a bootstrap of the ratio of means is
 * too narrow, and one wild invocation moves neither of its ends far. What it cannot know is the drift between
 * sessions. Allocates. */
gcb_verdict gcb_verdict_unpaired(const double *a, size_t na, const double *b, size_t nb,
                                 const gcb_limits *limits);

/* Correct n verdicts that are read together (Benjamini-Hochberg over their p): `regressed`, `improved`,
 * `suspect` and `promising` become `inconclusive` where the adjusted p is above GCB_GATE_RATE. Allocates;
 * false without memory, and then no verdict claims a change. */
bool gcb_verdicts_correct(gcb_verdict *verdicts, size_t n);
/* The fewest pairs at which one change among so many comparisons can pass that correction: with n pairs no
 * p-value is below 2 / 2^n. */
size_t gcb_pairs_for_comparisons(size_t comparisons);

/* How many pairs would bring the interval to plus or minus `precision` (a ratio: .01), its half-width
 * shrinking with the square root of their number; 0 when the interval cannot tell. */
size_t gcb_pairs_for_precision(const gcb_verdict *v, double precision);

/* The floor that A/A comparisons teach: what 95 % of their estimates (ratios as logs, either sign) stay
 * below, at least GCB_FLOOR. Fewer than 20 teach nothing. Allocates. */
double gcb_floor_learnt(const double *log_ratios, size_t n);

/* ---- the gate over the cells of a night ----
 *
 * First gcb_gate() over all of them; each that it alarms is run once more, afresh, as was declared
 * beforehand; the alarm stands if gcb_gate_agrees(). */

/* alarm[i]: B is worse by more than the floor, and significantly so among all n at a false discovery rate
 * of GCB_GATE_RATE. Allocates; false without memory, and then there is no alarm at all. */
bool gcb_gate(const gcb_verdict *verdicts, size_t n, double floor, bool *alarm);
/* The rerun of an alarmed cell says the same: worse by more than the floor, p at most .05. */
bool gcb_gate_agrees(const gcb_verdict *rerun, double floor);

#endif
