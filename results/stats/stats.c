#include "results/stats/stats.h"
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const double TAIL = 0.025; // on each side of every interval here

int gcb_order(double a, double b) {
  if (isnan(a) || isnan(b)) return isnan(a) - isnan(b);
  return (a > b) - (a < b);
}

static int by_value(const void *a, const void *b) {
  return gcb_order(*(const double *)a, *(const double *)b);
}

static bool has_nan(const double *x, size_t n) {
  for (size_t i = 0; i < n; i++) {
    if (isnan(x[i])) return true;
  }
  return false;
}

// P(|Z| >= z) of a standard normal.
static double two_sided_normal(double z) {
  return erfc(z / sqrt(2.0));
}

double gcb_mean(const double *x, size_t n) {
  double sum = 0;
  for (size_t i = 0; i < n; i++) sum += x[i];
  return n ? sum / (double)n : NAN;
}

bool gcb_sort(double *x, size_t n) {
  if (has_nan(x, n))
    return false; // a NAN equals everything to the comparison, and qsort may then do anything
  if (n > 1) qsort(x, n, sizeof *x, by_value);
  return true;
}

static double median_of_sorted(const double *x, size_t n) {
  return n % 2 ? x[n / 2] : 0.5 * (x[n / 2 - 1] + x[n / 2]);
}

// Sorts what it is given; for scratch arrays. NAN if empty or if it holds a NAN.
static double median_in_place(double *x, size_t n) {
  return n && gcb_sort(x, n) ? median_of_sorted(x, n) : NAN;
}

double gcb_median(const double *x, size_t n) {
  double *copy = n ? malloc(n * sizeof *copy) : NULL;
  if (!copy) return NAN;
  memcpy(copy, x, n * sizeof *copy);
  double median = median_in_place(copy, n);
  free(copy);
  return median;
}

double gcb_percentile(const double *sorted, size_t n, double p) {
  if (n == 0 || !(p >= 0 && p <= 1)) return NAN;
  double position = p * (double)n;
  double whole = nearbyint(position);
  // p is off by half an ulp from the decimal that was meant, and the product by another half.
  double rank = fabs(position - whole) <= 2 * DBL_EPSILON * position ? whole : ceil(position);
  if (rank < 1) return sorted[0];
  return rank >= (double)n ? sorted[n - 1] : sorted[(size_t)rank - 1];
}

bool gcb_percentile_allowed(double p, size_t n) {
  if (!(p >= 0 && p < 1)) return false;
  // 1 - p inherits p's absolute error: without the allowance 100 samples would not do for p = .9.
  return (double)n * (1 - p) >= 10 - (double)n * DBL_EPSILON;
}

double gcb_least(const double *x, size_t n) {
  double least = NAN;
  for (size_t i = 0; i < n; i++) least = fmin(least, x[i]); // fmin() and fmax() leave a NAN out
  return least;
}

double gcb_greatest(const double *x, size_t n) {
  double greatest = NAN;
  for (size_t i = 0; i < n; i++) greatest = fmax(greatest, x[i]);
  return greatest;
}

size_t gcb_keep_known(double *x, size_t n) {
  size_t kept = 0;
  for (size_t i = 0; i < n; i++) {
    if (isfinite(x[i])) x[kept++] = x[i];
  }
  return kept;
}

// How many of the 2^n sign patterns give each sum of the positive weights: count[s] for s = 0 .. sum(weight),
// which the caller made room for. n <= 60, so that nothing overflows.
static void count_sign_patterns(const unsigned *weight, size_t n, uint64_t *count) {
  size_t reach = 0;
  count[0] = 1;
  for (size_t i = 0; i < n; i++) {
    memset(count + reach + 1, 0, weight[i] * sizeof *count);
    reach += weight[i];
    for (size_t s = reach; s >= weight[i]; s--) count[s] += count[s - weight[i]];
  }
}

// The largest k with P(T+ <= k-1) <= TAIL, T+ being the signed-rank statistic of n values without ties.
static size_t signed_rank_cut(size_t n) {
  if (n > GCB_SIGNED_RANK_EXACT_MAX) {
    double m = (double)n, mean = m * (m + 1) / 4, sd = sqrt(m * (m + 1) * (2 * m + 1) / 24);
    const double quantile = 1.9599639845400545; // of the standard normal at 1 - TAIL
    return (size_t)(mean - quantile * sd + 0.5);
  }
  unsigned ranks[GCB_SIGNED_RANK_EXACT_MAX];
  uint64_t count[GCB_SIGNED_RANK_EXACT_MAX * (GCB_SIGNED_RANK_EXACT_MAX + 1) / 2 + 1];
  for (size_t i = 0; i < n; i++) ranks[i] = (unsigned)i + 1;
  count_sign_patterns(ranks, n, count);
  double budget = ldexp(TAIL, (int)n);
  uint64_t below = 0;
  size_t k = 0;
  while ((double)(below + count[k]) <= budget) below += count[k++];
  return k;
}

gcb_interval gcb_hodges_lehmann(const double *x, size_t n) {
  gcb_interval result = {NAN, NAN, NAN, n};
  size_t pairs = n * (n + 1) / 2;
  double *walsh = n ? malloc(pairs * sizeof *walsh) : NULL;
  if (!walsh) return result;
  size_t at = 0;
  for (size_t i = 0; i < n; i++) {
    for (size_t j = i; j < n; j++) walsh[at++] = 0.5 * (x[i] + x[j]);
  }
  result.mean = median_in_place(walsh, pairs);
  size_t k = signed_rank_cut(n);
  if (k > 0 && !isnan(result.mean)) {
    result.lo = walsh[k - 1];
    result.hi = walsh[pairs - k];
  }
  free(walsh);
  return result;
}

typedef struct {
  double size; // |x|
  bool positive;
} magnitude;

static int by_size(const void *a, const void *b) {
  return by_value(&((const magnitude *)a)->size, &((const magnitude *)b)->size);
}

double gcb_signed_rank_p(const double *x, size_t n) {
  if (n == 0 || has_nan(x, n)) return NAN;
  magnitude *values = malloc(n * sizeof *values);
  if (!values) return NAN;
  size_t m = 0;
  for (size_t i = 0; i < n; i++) {
    if (x[i] != 0) values[m++] = (magnitude){fabs(x[i]), x[i] > 0};
  }
  qsort(values, m, sizeof *values, by_size);

  // Ranks are doubled throughout: a mean rank may be a half.
  unsigned ranks[GCB_SIGNED_RANK_EXACT_MAX];
  size_t positive = 0, total = m * (m + 1);
  double ties = 0;
  for (size_t first = 0, end; first < m; first = end) {
    end = first + 1;
    while (end < m && values[end].size == values[first].size) end++;
    size_t rank = first + 1 + end, width = end - first;
    ties += (double)width * ((double)width * (double)width - 1);
    for (size_t i = first; i < end; i++) {
      if (i < GCB_SIGNED_RANK_EXACT_MAX) ranks[i] = (unsigned)rank;
      if (values[i].positive) positive += rank;
    }
  }
  free(values);
  if (m == 0) return 1;

  size_t tail = positive < total - positive ? positive : total - positive;
  if (m > GCB_SIGNED_RANK_EXACT_MAX) {
    double k = (double)m, variance = (k * (k + 1) * (2 * k + 1) - ties / 2) / 24;
    double distance = ((double)total / 2 - (double)tail) / 2;
    return two_sided_normal(fmax(distance - 0.5, 0) / sqrt(variance));
  }
  uint64_t count[GCB_SIGNED_RANK_EXACT_MAX * (GCB_SIGNED_RANK_EXACT_MAX + 1) + 1];
  count_sign_patterns(ranks, m, count);
  uint64_t below = 0;
  for (size_t s = 0; s <= tail; s++) below += count[s];
  return fmin(1, ldexp((double)below, 1 - (int)m)); // the distribution is symmetric: both tails are equal
}

// How many of the C(na + nb, na) orders of two samples give each U = 0 .. na nb: the coefficients of the
// Gaussian binomial, the product over i of (1 - x^(nb+i)) / (1 - x^i). Intermediate ones may pass 2^64; that
// wraps around, and the results are exact again. NULL without memory; the caller frees.
static uint64_t *count_orders(size_t na, size_t nb) {
  size_t top = na * nb;
  uint64_t *count = calloc(top + 1, sizeof *count);
  if (!count) return NULL;
  count[0] = 1;
  for (size_t i = 1; i <= na; i++) {
    for (size_t u = top; u >= nb + i; u--) count[u] -= count[u - nb - i];
    for (size_t u = i; u <= top; u++) count[u] += count[u - i];
  }
  return count;
}

static double count_all(const uint64_t *count, size_t n) {
  uint64_t sum = 0;
  for (size_t i = 0; i < n; i++) sum += count[i];
  return (double)sum;
}

// The largest k with P(U <= k-1) <= TAIL.
static size_t rank_sum_cut(size_t na, size_t nb) {
  size_t top = na * nb, k = 0;
  if (na + nb > GCB_RANK_SUM_EXACT_MAX) {
    const double quantile = 1.9599639845400545; // of the standard normal at 1 - TAIL
    double cut = (double)top / 2 - quantile * sqrt((double)top * (double)(na + nb + 1) / 12) + 0.5;
    return cut > 0 ? (size_t)cut : 0;
  }
  uint64_t *count = count_orders(na, nb), below = 0;
  if (!count) return 0;
  double budget = TAIL * count_all(count, top + 1);
  while ((double)(below + count[k]) <= budget) below += count[k++];
  free(count);
  return k;
}

gcb_interval gcb_shift(const double *a, size_t na, const double *b, size_t nb) {
  gcb_interval result = {NAN, NAN, NAN, na < nb ? na : nb};
  size_t n = na * nb, at = 0;
  double *shifts = n ? malloc(n * sizeof *shifts) : NULL;
  if (!shifts) return result;
  for (size_t i = 0; i < na; i++) {
    for (size_t j = 0; j < nb; j++) shifts[at++] = b[j] - a[i];
  }
  result.mean = median_in_place(shifts, n);
  size_t k = rank_sum_cut(na, nb);
  if (k > 0 && !isnan(result.mean)) {
    result.lo = shifts[k - 1];
    result.hi = shifts[n - k];
  }
  free(shifts);
  return result;
}

// The sum of t^3 - t over the groups of t equal values, for the variance of the approximation.
static double cubed_ties(const double *a, size_t na, const double *b, size_t nb) {
  double *all = malloc((na + nb) * sizeof *all), sum = 0;
  if (!all) return NAN;
  memcpy(all, a, na * sizeof *a);
  memcpy(all + na, b, nb * sizeof *b);
  qsort(all, na + nb, sizeof *all, by_value);
  for (size_t first = 0, end; first < na + nb; first = end) {
    end = first + 1;
    while (end < na + nb && all[end] == all[first]) end++;
    double t = (double)(end - first);
    sum += t * (t * t - 1);
  }
  free(all);
  return sum;
}

double gcb_rank_sum_p(const double *a, size_t na, const double *b, size_t nb) {
  if (!na || !nb || has_nan(a, na) || has_nan(b, nb)) return NAN;
  size_t twice = 0, top = na * nb; // twice U: a tie counts a half
  for (size_t i = 0; i < na; i++) {
    for (size_t j = 0; j < nb; j++) twice += b[j] > a[i] ? 2 : b[j] == a[i];
  }
  if (twice > top) twice = 2 * top - twice; // the distribution is symmetric: look at the lower tail
  if (na + nb > GCB_RANK_SUM_EXACT_MAX) {
    double n = (double)(na + nb), ties = cubed_ties(a, na, b, nb) / (n * (n - 1));
    double variance = (double)top / 12 * (n + 1 - ties);
    double distance = fmax((double)(top - twice) / 2 - 0.5, 0);
    return variance > 0 ? two_sided_normal(distance / sqrt(variance)) : 1;
  }
  uint64_t *count = count_orders(na, nb);
  if (!count) return NAN;
  double p = 2 * count_all(count, (twice + 1) / 2 + 1) / count_all(count, top + 1);
  free(count);
  return fmin(1, p);
}

typedef struct {
  double p;
  size_t index;
} indexed_p;

static int by_p(const void *a, const void *b) {
  return by_value(&((const indexed_p *)a)->p, &((const indexed_p *)b)->p);
}

bool gcb_benjamini_hochberg(const double *p, size_t n, double *adjusted) {
  if (n == 0) return true;
  indexed_p *tests = malloc(n * sizeof *tests);
  size_t made = 0;
  for (size_t i = 0; i < n; i++) {
    if (tests && !isnan(p[i])) tests[made++] = (indexed_p){p[i], i};
    adjusted[i] = NAN;
  }
  if (!tests) return false;
  qsort(tests, made, sizeof *tests, by_p);
  double least = 1;
  for (size_t rank = made; rank > 0; rank--) {
    least = fmin(least, tests[rank - 1].p * (double)made / (double)rank);
    adjusted[tests[rank - 1].index] = least;
  }
  free(tests);
  return true;
}

// The sum of t(t-1)(2t+5) over the groups of t equal values.
static double tie_term(const double *sorted, size_t n) {
  double term = 0;
  for (size_t first = 0, end; first < n; first = end) {
    end = first + 1;
    while (end < n && sorted[end] == sorted[first]) end++;
    double t = (double)(end - first);
    term += t * (t - 1) * (2 * t + 5);
  }
  return term;
}

// Kendall's variance of the rises less the falls of n values without trend; NAN when they cannot be ordered.
static double kendall_variance(const double *y, size_t n, double *ties) {
  double *sorted = malloc(n * sizeof *sorted), m = (double)n;
  if (!sorted) return NAN;
  memcpy(sorted, y, n * sizeof *sorted);
  bool ordered = gcb_sort(sorted, n);
  *ties = ordered ? tie_term(sorted, n) : NAN;
  free(sorted);
  return (m * (m - 1) * (2 * m + 5) - *ties) / 18;
}

gcb_interval gcb_theil_sen(const double *y, size_t n) {
  gcb_interval out = {NAN, NAN, NAN, n};
  if (n < 2) return out;
  size_t pairs = n * (n - 1) / 2, at = 0;
  double *slopes = malloc(pairs * sizeof *slopes), ties;
  if (!slopes) return out;
  for (size_t i = 0; i < n; i++) {
    for (size_t j = i + 1; j < n; j++) slopes[at++] = (y[j] - y[i]) / (double)(j - i);
  }
  double reach = 1.959963984540054 * sqrt(kendall_variance(y, n, &ties)); // ranks, on both sides together
  if (gcb_sort(slopes, pairs)) {
    out.mean = pairs % 2 ? slopes[pairs / 2] : (slopes[pairs / 2 - 1] + slopes[pairs / 2]) / 2;
    double lo = nearbyint(((double)pairs - reach) / 2) - 1, hi = nearbyint(((double)pairs + reach) / 2);
    if (lo >= 0 && hi < (double)pairs) {
      out.lo = slopes[(size_t)lo];
      out.hi = slopes[(size_t)hi];
    }
  }
  free(slopes);
  return out;
}

// P(at most `most` discordant pairs) of a random order of n values without ties. The k-th value adds 0 .. k-1
// pairs, each as likely. Sums of positive terms only: small tails keep their digits.
static double discordant_cdf(size_t n, size_t most) {
  enum { PAIRS = GCB_MANN_KENDALL_EXACT_MAX * (GCB_MANN_KENDALL_EXACT_MAX - 1) / 2 };
  double p[PAIRS + 1] = {1};
  size_t reach = 0;
  for (size_t k = 2; k <= n; k++) {
    reach += k - 1;
    for (size_t s = reach + 1; s-- > 0;) { // downwards, so that only the k-1 values' p is read
      double sum = 0;
      for (size_t d = 0; d < k && d <= s; d++) sum += p[s - d];
      p[s] = sum / (double)k;
    }
  }
  double cdf = 0;
  for (size_t s = 0; s <= most; s++) cdf += p[s];
  return cdf;
}

double gcb_mann_kendall_p(const double *y, size_t n) {
  double ties = 0, variance = n < 2 ? NAN : kendall_variance(y, n, &ties);
  if (isnan(variance)) return NAN;
  size_t rising = 0, falling = 0;
  for (size_t i = 0; i < n; i++) {
    for (size_t j = i + 1; j < n; j++) {
      rising += y[j] > y[i];
      falling += y[j] < y[i];
    }
  }
  size_t fewer = rising < falling ? rising : falling, more = rising + falling - fewer;
  if (ties == 0 && n <= GCB_MANN_KENDALL_EXACT_MAX) return fmin(1, 2 * discordant_cdf(n, fewer));
  if (more == fewer) return 1; // also the constant series, whose variance is 0
  return two_sided_normal(((double)(more - fewer) - 1) / sqrt(variance));
}
