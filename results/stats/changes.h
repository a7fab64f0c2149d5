/* Steps in a series of nights: where its level changed for good, and by how much.
 *
 * The procedure is that of Hunter (Fleming, Kolaczkowski, Kumar, Das, McCarthy, Pattabhiraman and Ingo,
 * "Hunter: Using Change Point Detection to Hunt for Performance Regressions", ICPE 2023): candidates by the
 * E-divisive statistic (Matteson and James, "A Nonparametric Approach for Multiple Change Point Analysis of
 * Multivariate Data", JASA 2014) in sliding windows, which a t-test accepts at a weak level; then the least
 * credible are dropped one by one, their neighbours being judged afresh, until all that are left pass at the
 * strong level and are large enough. Before that, single wild nights are clipped (Hampel, "The Influence
 * Curve and Its Role in Robust Estimation", JASA 1974).
 *
 * Where it differs: a candidate's side has `fewest` nights from the start, so that a wild night at the edge
 * cannot hide a step; sizes are of medians; each side is judged by the `window` nights next to it, so that
 * what was years ago does not weigh; and the strong test allows for nights that resemble the night before,
 * without which such nights double the false alarms (the figures are in README.md).
 *
 * Pure functions: arrays are in time order, in any unit; no NAN among the values. Nothing is printed. */
#ifndef GCB_CHANGES_H
#define GCB_CHANGES_H

#include <stdbool.h>
#include <stddef.h>

typedef struct gcb_change {
  size_t at;            /* index of the first night of the new level */
  double before, after; /* medians of the nights between this change and its neighbours, at most a window */
  double p;             /* two-sided, of the strong test of the same nights, after clipping */
} gcb_change;

typedef struct gcb_change_rules {
  size_t window;       /* nights looked at together, 2 * fewest to GCB_CHANGE_WINDOW */
  size_t fewest;       /* nights that a level must have, at least 2 */
  double weak, strong; /* levels of the t-test */
  double size;         /* least relative difference of the medians, 0.02 for 2 % */
  size_t clip;         /* nights on each side of one that is judged wild; 0 clips none */
} gcb_change_rules;

enum { GCB_CHANGE_WINDOW = 50 };
extern const gcb_change_rules gcb_change_defaults;

/* The steps of y[0 .. n-1], in time order, into out[0 .. most-1]; when there are more, the latest. Returns
 * how many were written; 0 too without memory or with a NAN. `rules` NULL: the defaults. Allocates. */
size_t gcb_changes(const double *y, size_t n, const gcb_change_rules *rules, gcb_change *out, size_t most);

/* Where an exact metric took another value than the night before; p is 0. Same conventions. */
size_t gcb_exact_changes(const double *y, size_t n, gcb_change *out, size_t most);

/* ---- its parts ---- */

/* Copies x to out, each value moved to within 3 * 1.4826 * MAD of the median of the nights around it (`half`
 * on each side, fewer at the ends). False without memory; half may be at most GCB_CHANGE_WINDOW. */
void gcb_hampel_clip(const double *x, size_t n, size_t half, double *out);

/* The split of x[0 .. n-1] with the largest E-divisive statistic, exponent 1: x[0 .. at-1] against x[at ..
 * upto-1], each side of at least `fewest`. False when n is below 2 * fewest or above GCB_CHANGE_WINDOW. */
typedef struct gcb_split {
  size_t at, upto;
  double q; /* Matteson and James's Q-hat */
} gcb_split;
bool gcb_best_split(const double *x, size_t n, size_t fewest, gcb_split *out);

/* Two-sided p-value of Student's t-test, equal variances, that x[0 .. at-1] and x[at .. n-1] have one mean.
 * `serial`: nights that resemble the night before count for fewer. Without any variance 1 for equal means and
 * 0 otherwise; 1 with fewer than three values, an empty side or no memory. Allocates. */
double gcb_step_p(const double *x, size_t at, size_t n, bool serial);

#endif
