// Statistics of the reports and the gate, on plain arrays of double: n values in x[0..n-1], in any unit,
// which is also the unit of what comes back unless said otherwise. An array may be null only when n is 0.
//
// Failure is NAN, never a made-up number: too few values, a NAN among the values, or no memory for the
// scratch copy. NAN compares false with everything, so that a verdict written as "lo > floor" stays
// undecided. Functions that take const arrays change nothing and may be called from any thread; none blocks,
// and none but those marked "allocates" takes memory (scratch, freed before the return) beyond what qsort()
// does.
#ifndef GCB_STATS_H
#define GCB_STATS_H

#include <stdbool.h>
#include <stddef.h>

// An estimate with its 95 % interval. lo <= hi; both NAN where the sample cannot carry an interval.
typedef struct {
  double mean; // the estimate: a mean, a ratio of means or a Hodges-Lehmann estimate, as each function says
  double lo, hi;
  size_t n; // the values behind it (invocations, pairs), so that a report can show it
} gcb_interval;

enum {
  GCB_INTERVAL_MIN = 3, // values that an interval of a mean takes: that of two has 12.7 standard errors
  GCB_CLAIM_MIN = 5,    // values on each side that "A needs less than B" takes
  GCB_SIGNED_RANK_EXACT_MAX = 60, // above, normal approximation; 2^60 sign patterns still count in 64 bits
  GCB_RANK_SUM_EXACT_MAX = 60,    // both samples together: C(60, 30) orders count in 64 bits
  GCB_MANN_KENDALL_EXACT_MAX = 60
};

// Arithmetic mean; NAN for n = 0.
double gcb_mean(const double *x, size_t n);

// Sorts ascending, in place. False, and the order is unspecified, if a NAN is among the values. Infinities
// are fine: a timed-out invocation may be recorded as one.
bool gcb_sort(double *x, size_t n);

// Median: the middle value, or the mean of the two middle ones. Allocates. NAN for n = 0.
double gcb_median(const double *x, size_t n);

// Percentile by nearest rank (Hyndman and Fan 1996, type 1): the value of rank ceil(p n), always one that was
// measured. `sorted` is ascending; p is a fraction, 0 to 1 (0 gives the minimum, 1 the maximum). A product p
// n that lies within rounding of a whole number is taken as that number, since 0.55 x 100 is 55 to a reader.
// NAN for n = 0 or p outside [0, 1].
double gcb_percentile(const double *sorted, size_t n, double p);

// Whether percentile p (a fraction) may be printed from n samples: n >= 10/(1-p), so that at least ten lie
// beyond it (method, rule 6). False for p outside [0, 1): a maximum is no percentile.
bool gcb_percentile_allowed(double p, size_t n);

// The least and the greatest of the known values: a NAN is left out. NAN when none is known.
double gcb_least(const double *x, size_t n);
double gcb_greatest(const double *x, size_t n);
// Moves the finite values to the front, in their order, and returns how many they are. What is behind them is
// unspecified.
size_t gcb_keep_known(double *x, size_t n);
// Three-way order of two values for qsort(): ascending, and a NAN after every number. A total order.
int gcb_order(double a, double b);

// P(|T| >= t) of Student's t with whole degrees of freedom.
double gcb_student_p(double t, size_t df);
// The t with P(|T| >= t) = .05; NAN for df = 0.
double gcb_student_t95(size_t df);

// The mean of n invocations with the 95 % interval of Student's t. Where no value is below 0, neither is
// `lo`. n < GCB_INTERVAL_MIN: lo and hi NAN; n = 0: all NAN. Measured coverage: see "Intervals" in
// results/README.md.
gcb_interval gcb_mean_interval(const double *x, size_t n);

// A sum of logarithms of means of independent samples, with its variance (delta method) and its degrees of
// freedom (Welch 1947, Satterthwaite 1946): what a ratio of means, or a geometric mean of such ratios, is
// made of. Begin with {0}.
typedef struct {
  double log, variance, squares; // squares: sum of the variances' squares, each over its degrees of freedom
  size_t n, terms;               // n: the fewest values of a term
} gcb_log_sum;
// Adds weight x log(mean of x). Means that are not above 0 make the sum NAN.
void gcb_log_add(gcb_log_sum *sum, const double *x, size_t n, double weight);
// Adds log(mean(x) / mean(y)) of n pairs x[i], y[i] that belong together, so that what they share cancels.
void gcb_log_add_paired(gcb_log_sum *sum, const double *x, const double *y, size_t n);
// exp() of the sum with its 95 % interval; lo and hi NAN where a term has fewer than GCB_INTERVAL_MIN values.
gcb_interval gcb_log_interval(const gcb_log_sum *sum);

// mean(a)/mean(b) of two independent samples of positive values. All NAN where a mean is not above 0. Never
// for paired samples, whose pairing it would throw away.
gcb_interval gcb_mean_ratio(const double *a, size_t na, const double *b, size_t nb);

// One-sample Hodges-Lehmann estimate (1963), in `mean`: the median of the n(n+1)/2 Walsh averages
// (x[i]+x[j])/2, i <= j, with the signed-rank interval of at least 95 % (Hollander, Wolfe and Chicken
// 2014, 3.2 and 3.3): the Walsh averages of rank k and n(n+1)/2+1-k, with k the largest such that P(T+ <=
// k-1) <= .025. For n <= 60 that probability is exact, by dynamic programming over the 2^n sign patterns;
// above, by the normal approximation with continuity correction. Assumes symmetry about the centre, which log
// ratios of pairs from a random order have under no change; ties only make the interval wider. Give
// log(candidate/baseline) of each pair, and exp() what comes back. n < 6 carries no such interval: lo and hi
// NAN; n = 0: all NAN. Allocates n(n+1)/2 doubles.
gcb_interval gcb_hodges_lehmann(const double *x, size_t n);

// Two-sided p-value of the Wilcoxon signed-rank test (1945) that x is symmetric about 0. Zeros are dropped
// and equal magnitudes share their mean rank. With at most 60 nonzero values the null distribution is exact,
// ties included: all sign patterns of the ranks at hand, by dynamic programming. Without ties and zeros this
// is scipy.stats.wilcoxon(method='exact'); with ties it is scipy's permutation method, where its 'exact'
// pretends that there are none; with zeros it is the exact test of zero_method='wilcox'. Above 60: its
// method='approx', correction=True. 1 if all are zero (nothing speaks for a change); NAN for n = 0.
// Allocates.
double gcb_signed_rank_p(const double *x, size_t n);

// Two independent samples: the Hodges-Lehmann estimate of the shift from a to b, in `mean`: the median of all
// b[j] - a[i], with the rank-sum interval of at least 95 % (Hollander, Wolfe and Chicken 2014, 4.2 and 4.3):
// the differences of rank k and na nb + 1 - k, with k the largest such that P(U <= k-1) <= .025. Exact, by
// dynamic programming, for na + nb <= 60; above, by the normal approximation with continuity correction. n is
// the smaller sample. lo and hi NAN where the samples carry no such interval (4 and 4 do); all NAN when one
// is empty. Never for pairs. Allocates na nb doubles.
gcb_interval gcb_shift(const double *a, size_t na, const double *b, size_t nb);

// Two-sided p-value of the Wilcoxon rank-sum (Mann-Whitney) test that a and b are from one distribution;
// exact for na + nb <= 60 (scipy.stats.mannwhitneyu(method='exact') without ties; with ties U is rounded
// towards no difference), else its method='asymptotic' with continuity correction. NAN when one is empty.
// Allocates.
double gcb_rank_sum_p(const double *a, size_t na, const double *b, size_t nb);

// Benjamini-Hochberg (1995) step-up: adjusted[i] <= q exactly for the tests that are rejected at a false
// discovery rate of q. A NAN stands for a test that was not made: it stays NAN and is not counted. `adjusted`
// has n places and may be p itself. Allocates; false when there is no memory, and then all of `adjusted` is
// NAN.
bool gcb_benjamini_hochberg(const double *p, size_t n, double *adjusted);

// Theil-Sen slope (Sen 1968) of y over its index, in `mean`: the median of the (y[j]-y[i])/(j-i), in units of
// y per step. One wild value does not move it. lo and hi: Sen's interval of 95 %, slopes whose ranks lie 1.96
// standard deviations of Kendall's statistic apart, ties taken off; NAN where n is too small for it. Values
// that resemble their neighbours make it too narrow. Divide by the median for a relative drift. All NAN for n
// < 2. Allocates n(n-1)/2 doubles.
gcb_interval gcb_theil_sen(const double *y, size_t n);

// Two-sided p-value of the Mann-Kendall test (Kendall 1975) that y has no monotone trend over its index.
// Exact (the number of discordant pairs, by dynamic programming) for n <= 60 without ties; else the normal
// approximation with tie and continuity correction, poor for n < 10. Iterations that resemble their
// neighbours make it too small: read it beside the slope. NAN for n < 2. Allocates.
double gcb_mann_kendall_p(const double *y, size_t n);

#endif
