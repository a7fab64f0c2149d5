// Intervals of means and of their ratios, by Student's t.
#include "results/stats/stats.h"
#include <math.h>

static const double TAILS = 0.05; // both together
enum { MOST_DEGREES = 1000 };     // beyond, t differs from the normal quantile by less than .2 %

// The finite sums of Abramowitz and Stegun 26.7.3 and 26.7.4.
double gcb_student_p(double t, size_t df) {
  if (isinf(t)) return 0;
  double angle = atan(t / sqrt((double)df)), cosine2 = cos(angle) * cos(angle), sum, term;
  if (df % 2) {
    term = cos(angle);
    sum = df > 1 ? term : 0;
    for (size_t k = 3; k + 2 <= df; k += 2) sum += term *= cosine2 * (double)(k - 1) / (double)k;
    return fmax(0, 1 - 2 / M_PI * (angle + sin(angle) * sum));
  }
  sum = term = 1;
  for (size_t k = 2; k + 2 <= df; k += 2) sum += term *= cosine2 * (double)(k - 1) / (double)k;
  return fmax(0, 1 - sin(angle) * sum);
}

double gcb_student_t95(size_t df) {
  double lo = 1, hi = 13; // 12.706 with one degree of freedom
  if (df == 0) return NAN;
  if (df > MOST_DEGREES) df = MOST_DEGREES;
  for (int i = 0; i < 60; i++) {
    double middle = (lo + hi) / 2;
    if (gcb_student_p(middle, df) > TAILS)
      lo = middle;
    else
      hi = middle;
  }
  return hi;
}

// Sum of the squares of what x[i] differs from its mean.
static double squares(const double *x, size_t n, double mean) {
  double sum = 0;
  for (size_t i = 0; i < n; i++) sum += (x[i] - mean) * (x[i] - mean);
  return sum;
}

gcb_interval gcb_mean_interval(const double *x, size_t n) {
  gcb_interval v = {gcb_mean(x, n), NAN, NAN, n};
  if (n < GCB_INTERVAL_MIN || isnan(v.mean)) return v;
  double half = gcb_student_t95(n - 1) * sqrt(squares(x, n, v.mean) / (double)(n - 1) / (double)n);
  v.lo = v.mean - half;
  v.hi = v.mean + half;
  if (v.lo < 0 && gcb_least(x, n) >= 0) v.lo = 0;
  return v;
}

static void add(gcb_log_sum *s, double log_of_mean, double variance, size_t n) {
  s->n = s->terms && s->n < n ? s->n : n;
  s->terms++;
  s->log += log_of_mean;
  if (n < 2) return;
  s->variance += variance;
  s->squares += variance * variance / (double)(n - 1);
}

void gcb_log_add(gcb_log_sum *s, const double *x, size_t n, double weight) {
  double mean = gcb_mean(x, n), relative = NAN;
  if (n > 1) relative = squares(x, n, mean) / (double)(n - 1) / (double)n / (mean * mean);
  add(s, mean > 0 ? weight * log(mean) : NAN, weight * weight * relative, n);
}

void gcb_log_add_paired(gcb_log_sum *s, const double *x, const double *y, size_t n) {
  double mx = gcb_mean(x, n), my = gcb_mean(y, n), sum = 0;
  for (size_t i = 0; i < n; i++) sum += pow(x[i] / mx - y[i] / my, 2);
  add(s, mx > 0 && my > 0 ? log(mx / my) : NAN, n > 1 ? sum / (double)(n - 1) / (double)n : NAN, n);
}

gcb_interval gcb_log_interval(const gcb_log_sum *s) {
  gcb_interval v = {s->terms ? exp(s->log) : NAN, NAN, NAN, s->n};
  if (s->n < GCB_INTERVAL_MIN || isnan(v.mean) || isnan(s->variance)) return v;
  double degrees = s->squares > 0 ? s->variance * s->variance / s->squares : (double)(s->n - 1);
  if (!(degrees <= MOST_DEGREES)) degrees = MOST_DEGREES;
  // Rounded down, which is on the safe side; a sum that is whole but for rounding stays whole.
  double half = gcb_student_t95((size_t)(degrees * (1 + 1e-9))) * sqrt(s->variance);
  v.lo = exp(s->log - half);
  v.hi = exp(s->log + half);
  return v;
}

gcb_interval gcb_mean_ratio(const double *a, size_t na, const double *b, size_t nb) {
  gcb_log_sum s = {0};
  gcb_log_add(&s, a, na, 1);
  gcb_log_add(&s, b, nb, -1);
  return gcb_log_interval(&s);
}
