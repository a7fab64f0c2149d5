/* Who needs less of something, by how much, and where nobody can tell.
 *
 * A ratio is of means over invocations, with the 95 % interval of Welch's t on its logarithm; over several
 * experiments it is the geometric mean of their ratios. Nothing is claimed where the interval holds 1, or a
 * side has fewer than GCB_CLAIM_MIN invocations. Each interval is for its own comparison: they are
 * not corrected for their number.
 */
#ifndef GCB_RANKING_H
#define GCB_RANKING_H

#include "results/analysis/grid.h"
#include "results/stats/stats.h"

/* The values of a metric for every cell of a grid, an array an invocation, as gcb_metric_values() finds
 * them; none where there is no finished cell. */
typedef struct gcb_readings {
  const gcb_grid *grid;
  const gcb_metric *metric;
  double **values; /* [experiment * n_contenders + contender] */
  size_t *n;
} gcb_readings;

/* False without memory; free it in any case. The grid must outlive it. */
bool gcb_readings_take(gcb_readings *r, const gcb_grid *g, const gcb_metric *m);
void gcb_readings_free(gcb_readings *r);
/* Is the metric known for this cell? */
bool gcb_reading_known(const gcb_readings *r, size_t experiment, size_t contender);

/* What a needs in relation to b, in the geometric mean over these experiments, in all of which both must be
 * known. n is the fewest invocations of any. NAN for no experiment. */
gcb_interval gcb_ratio(const gcb_readings *r, size_t a, size_t b, const size_t *experiments, size_t n);

enum { GCB_LESS = -1, GCB_UNTOLD = 0, GCB_MORE = 1 };
/* GCB_LESS or GCB_MORE where the interval lies on one side of 1; GCB_UNTOLD where it holds 1, there is
 * none, or the fewest invocations behind it are fewer than GCB_CLAIM_MIN. */
int gcb_ratio_side(gcb_interval ratio);

typedef struct gcb_place {
  size_t contender;
  gcb_interval ratio; /* to the first place, over the set; of the first place itself: 1 */
  size_t alone;       /* experiments of the set in which it needs less than every other, beyond doubt */
  size_t among;       /* in which it cannot be told from the least, and neither can another */
} gcb_place;

/* A geometric mean is over the same experiments for everyone, so those who ran too few are left out. */
typedef struct gcb_ranking {
  gcb_place *places; /* from least to most */
  size_t n;
  size_t *set; /* the experiments that all of them ran */
  size_t n_set;
  size_t *left_out, *ran; /* contenders that reclaim but ran too few, and how many they ran */
  size_t n_left_out;
} gcb_ranking;

/* Rank the contenders that reclaim. Those who ran the fewest experiments are left out until the rest have at
 * least half of the experiments in common that anybody ran. False without memory; free it in any case. */
bool gcb_rank(gcb_ranking *k, const gcb_readings *r);
void gcb_ranking_free(gcb_ranking *k);

#endif
