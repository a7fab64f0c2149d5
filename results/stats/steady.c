#include "results/stats/steady.h"
#include "results/stats/stats.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Kendall's S of one block: rising pairs less falling ones. */
static double rises(const double *y, size_t n) {
  double s = 0;
  for (size_t i = 0; i < n; i++)
    for (size_t j = i + 1; j < n; j++) s += (y[j] > y[i]) - (y[j] < y[i]);
  return s;
}

/* Its variance when nothing trends, ties taken off; `sorted` is the block in ascending order. */
static double variance(const double *sorted, size_t n) {
  double v = (double)n * ((double)n - 1) * (2 * (double)n + 5);
  for (size_t i = 0, j; i < n; i = j) {
    for (j = i; j < n && sorted[j] == sorted[i]; j++) {
    }
    double t = (double)(j - i);
    v -= t * (t - 1) * (2 * t + 5);
  }
  return v / 18;
}

gcb_drift gcb_steady(const double *y, size_t blocks, size_t n) {
  gcb_drift d = {NAN, NAN};
  if (n < 2 || !blocks) return d;
  size_t pairs = n * (n - 1) / 2, used = 0;
  double *slopes = malloc(blocks * pairs * sizeof *slopes), *sorted = malloc(n * sizeof *sorted);
  double s = 0, v = 0;
  bool good = slopes && sorted;
  for (size_t b = 0; good && b < blocks; b++) {
    const double *own = y + b * n;
    memcpy(sorted, own, n * sizeof *sorted);
    good = gcb_sort(sorted, n);
    double middle = n % 2 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
    for (size_t i = 0; i < n; i++)
      for (size_t j = i + 1; j < n; j++) slopes[used++] = (own[j] - own[i]) / (double)(j - i) / middle;
    s += rises(own, n);
    v += variance(sorted, n);
  }
  if (good) {
    d.slope = gcb_median(slopes, used);
    double z = s == 0 || v <= 0 ? 0 : (fabs(s) - 1) / sqrt(v);
    d.p = blocks == 1 ? gcb_mann_kendall_p(y, n) : erfc(z / sqrt(2));
  }
  free(slopes);
  free(sorted);
  return d;
}
