/* Percentiles from buckets against exact ones from the sorted values. */
#include "results/stats/histogram.h"
#include "results/stats/stats.h"
#include <gcbench/rng.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static const double ps[] = {0, .1, .25, .5, .75, .9, .99, .999, .9999, 1};

static void check(const double *values, size_t n) {
  gcb_histogram h;
  double *sorted = malloc(n * sizeof *sorted), sum = 0;
  assert_non_null(sorted);
  assert_true(gcb_histogram_init(&h));
  for (size_t i = 0; i < n; i++) {
    gcb_histogram_record(&h, (uint64_t)values[i], 1);
    sum += sorted[i] = values[i];
  }
  gcb_sort(sorted, n);
  assert_int_equal(h.total, n);
  assert_true(h.max == (uint64_t)sorted[n - 1]);
  assert_true(fabs(h.sum - sum) <= 1e-9 * sum);
  for (size_t i = 0; i < sizeof ps / sizeof *ps; i++) {
    double exact = gcb_percentile(sorted, n, ps[i]), found = (double)gcb_histogram_percentile(&h, ps[i]);
    if (!(found >= exact && found <= exact * 1.001)) print_error("p %f: %f, exact %f\n", ps[i], found, exact);
    assert_true(found >= exact && found <= exact * 1.001);
  }
  gcb_histogram_free(&h);
  free(sorted);
}

static void percentiles_are_within_a_thousandth(void **state) {
  (void)state;
  enum { N = 50000 };
  static double values[N];
  gcb_rng rng = gcb_rng_seed(7);
  for (size_t n = 1; n <= N; n = n * 3 + 1) {
    for (size_t i = 0; i < n; i++) values[i] = (double)gcb_rng_below(&rng, 3000);
    check(values, n);
    for (size_t i = 0; i < n; i++) values[i] = floor(exp((double)gcb_rng_below(&rng, 1000000) / 1e6 * 29));
    check(values, n);
    for (size_t i = 0; i < n; i++) values[i] = i % 100 ? 20000 : 1e8 + (double)i;
    check(values, n);
  }
}

static void bucket_limits_are_where_they_belong(void **state) {
  (void)state;
  gcb_histogram h;
  assert_true(gcb_histogram_init(&h));
  assert_int_equal(gcb_histogram_percentile(&h, .5), 0);
  for (unsigned bit = 0; bit < 42; bit++)
    for (int64_t d = -1; d <= 1; d++) {
      uint64_t value = (UINT64_C(1) << bit) + (uint64_t)d, found, count;
      size_t i = 0;
      if (bit == 0 && d < 0) continue;
      gcb_histogram_free(&h);
      assert_true(gcb_histogram_init(&h));
      gcb_histogram_record(&h, value, 3);
      assert_true(gcb_histogram_next(&h, &i, &found, &count));
      assert_true(found >= value && found <= value + value / 1000 && count == 3);
      assert_false(gcb_histogram_next(&h, &i, &found, &count));
    }
  gcb_histogram_record(&h, UINT64_MAX, 1);
  assert_true(gcb_histogram_percentile(&h, 1) == UINT64_MAX);
  gcb_histogram_free(&h);
}

static void what_is_written_down_comes_back(void **state) {
  (void)state;
  gcb_histogram a, b, both;
  gcb_rng rng = gcb_rng_seed(1);
  assert_true(gcb_histogram_init(&a) && gcb_histogram_init(&b) && gcb_histogram_init(&both));
  for (int i = 0; i < 10000; i++) {
    uint64_t value = gcb_rng_next(&rng) >> (22 + gcb_rng_below(&rng, 40));
    gcb_histogram_record(i % 2 ? &a : &both, value, 1);
  }
  uint64_t value, count;
  for (size_t i = 0; gcb_histogram_next(&a, &i, &value, &count);) gcb_histogram_record(&b, value, count);
  b.max = a.max; /* it is written down apart */
  assert_int_equal(a.total, b.total);
  for (size_t i = 0; i + 1 < sizeof ps / sizeof *ps; i++)
    assert_true(gcb_histogram_percentile(&a, ps[i]) == gcb_histogram_percentile(&b, ps[i]));
  gcb_histogram_add(&both, &a);
  assert_int_equal(both.total, 10000);
  gcb_histogram_free(&a);
  gcb_histogram_free(&b);
  gcb_histogram_free(&both);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(percentiles_are_within_a_thousandth),
      cmocka_unit_test(bucket_limits_are_where_they_belong),
      cmocka_unit_test(what_is_written_down_comes_back),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
