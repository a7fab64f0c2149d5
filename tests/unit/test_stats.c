#include "../data/stats_tables.h"
#include "results/stats/stats.h"
#include <gcbench/rng.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h> // needs those above, in a group of its own so that formatting keeps it last

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void assert_close(double seen, double expected, double relative) {
  if (isnan(expected) && isnan(seen)) return;
  if (!(fabs(seen - expected) <= relative * fmax(fabs(expected), 1e-300))) {
    fail_msg("%.17g is not %.17g", seen, expected);
  }
}

// A sum of uniforms: near enough to normal for coverage, and the same on every C library.
static double noise(gcb_rng *rng) {
  double sum = -6;
  for (int i = 0; i < 12; i++) sum += gcb_rng_unit(rng);
  return sum;
}

static void mean_median_and_percentiles_are_numpys(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(descriptive); i++) {
    size_t n = descriptive[i].n;
    double x[128];
    memcpy(x, descriptive[i].x, n * sizeof *x);
    assert_close(gcb_mean(x, n), descriptive[i].mean, 1e-14);
    assert_close(gcb_median(x, n), descriptive[i].median, 1e-15);
    assert_memory_equal(x, descriptive[i].x, n * sizeof *x);
    assert_true(gcb_sort(x, n));
    assert_true(gcb_percentile(x, n, .5) == descriptive[i].p50);
    assert_true(gcb_percentile(x, n, .9) == descriptive[i].p90);
    assert_true(gcb_percentile(x, n, .99) == descriptive[i].p99);
  }
}

static void percentile_rank_is_that_of_whole_number_arithmetic(void **state) {
  (void)state;
  double x[1000];
  for (size_t i = 0; i < COUNT(x); i++) x[i] = (double)i + 1;
  for (size_t n = 1; n <= COUNT(x); n += n < 30 ? 1 : 97) {
    for (size_t k = 0; k <= 1000; k++) {
      size_t rank = (k * n + 999) / 1000;
      assert_true(gcb_percentile(x, n, (double)k / 1000) == (double)(rank ? rank : 1));
    }
  }
  assert_true(gcb_percentile(x, 100, .55) == 55); // .55 * 100 is 55.00000000000001
}

static void percentile_outside_its_range_is_nan(void **state) {
  (void)state;
  const double x[] = {1, 2};
  assert_true(isnan(gcb_percentile(x, 0, .5)) && isnan(gcb_percentile(x, 2, NAN)));
  assert_true(isnan(gcb_percentile(x, 2, -.1)) && isnan(gcb_percentile(x, 2, 1.1)));
}

static void percentile_needs_ten_samples_beyond_it(void **state) {
  (void)state;
  const struct {
    double p;
    size_t least;
  } rows[] = {{0, 10},       {.5, 20},        {.9, 100},         {.95, 200},         {.99, 1000},
              {.999, 10000}, {.9999, 100000}, {.99999, 1000000}, {.999999, 10000000}};
  for (size_t i = 0; i < COUNT(rows); i++) {
    assert_true(gcb_percentile_allowed(rows[i].p, rows[i].least));
    assert_false(gcb_percentile_allowed(rows[i].p, rows[i].least - 1));
  }
  assert_false(gcb_percentile_allowed(1, SIZE_MAX));
  assert_false(gcb_percentile_allowed(-.5, 1000) || gcb_percentile_allowed(NAN, 1000));
}

static void nan_among_the_values_makes_the_result_nan(void **state) {
  (void)state;
  double x[] = {1, 2, NAN, 4, 5, 6, 7, 8, 9, 10}, good[] = {1, 2, 3};
  size_t n = COUNT(x);
  assert_false(gcb_sort(x, n));
  assert_true(isnan(gcb_mean(x, n)) && isnan(gcb_median(x, n)));
  assert_true(isnan(gcb_signed_rank_p(x, n)) && isnan(gcb_theil_sen(x, n).mean) &&
              isnan(gcb_mann_kendall_p(x, n)));
  gcb_interval all[] = {gcb_hodges_lehmann(x, n), gcb_mean_interval(x, n), gcb_mean_ratio(x, n, good, 3),
                        gcb_mean_ratio(good, 3, x, n)};
  for (size_t i = 0; i < COUNT(all); i++)
    assert_true(isnan(all[i].mean) && isnan(all[i].lo) && isnan(all[i].hi));
}

static void timed_out_invocation_may_be_infinite(void **state) {
  (void)state;
  const double x[] = {1, INFINITY, 3, 2, INFINITY};
  assert_true(gcb_median(x, 5) == 3);
}

static void sample_too_small_for_an_interval_has_none(void **state) {
  (void)state;
  const double x[] = {2, 4}, three[] = {2, 4, 6};
  gcb_interval two = gcb_mean_interval(x, 2), none = gcb_mean_interval(NULL, 0);
  assert_true(two.mean == 3 && two.n == 2 && isnan(two.lo) && isnan(two.hi));
  assert_true(isnan(none.mean) && none.n == 0 && isnan(none.lo) && isnan(none.hi));
  gcb_interval ratio = gcb_mean_ratio(three, 3, x, 2);
  assert_close(ratio.mean, 4. / 3, 1e-14);
  assert_true(ratio.n == 2 && isnan(ratio.lo) && isnan(ratio.hi));
  assert_true(isnan(gcb_mean_ratio(x, 0, x, 2).mean) && isnan(gcb_mean_ratio(x, 2, x, 0).mean));
  assert_true(isnan(gcb_hodges_lehmann(NULL, 0).mean) && isnan(gcb_median(NULL, 0)) &&
              isnan(gcb_mean(NULL, 0)));
  assert_true(isnan(gcb_signed_rank_p(NULL, 0)) && isnan(gcb_theil_sen(x, 1).mean) &&
              isnan(gcb_mann_kendall_p(x, 1)));
}

static void signed_rank_p_is_scipys(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(signed_rank); i++) {
    assert_close(gcb_signed_rank_p(signed_rank[i].x, signed_rank[i].n), signed_rank[i].p, 1e-11);
  }
}

static void signed_rank_p_counts_every_sign_pattern(void **state) {
  (void)state;
  gcb_rng rng = gcb_rng_seed(6);
  for (int round = 0; round < 200; round++) {
    size_t n = 1 + gcb_rng_below(&rng, 10), seen = 0, at_most = 0, at_least = 0;
    double x[10];
    size_t rank[10]; // doubled: the values below, twice, the equal ones, once, and one
    for (size_t i = 0; i < n; i++) {
      x[i] = (1 + (double)gcb_rng_below(&rng, 6)) * (gcb_rng_below(&rng, 3) ? 1 : -1);
    }
    for (size_t i = 0; i < n; i++) {
      rank[i] = 1;
      for (size_t j = 0; j < n; j++) rank[i] += fabs(x[j]) < fabs(x[i]) ? 2 : fabs(x[j]) == fabs(x[i]);
      if (x[i] > 0) seen += rank[i];
    }
    for (unsigned pattern = 0; pattern < 1u << n; pattern++) {
      size_t sum = 0;
      for (size_t i = 0; i < n; i++) sum += pattern >> i & 1 ? rank[i] : 0;
      at_most += sum <= seen;
      at_least += sum >= seen;
    }
    double expected = ldexp((double)(at_most < at_least ? at_most : at_least), 1 - (int)n);
    assert_true(gcb_signed_rank_p(x, n) == fmin(1, expected));
  }
}

static void signed_rank_p_of_no_difference_is_one(void **state) {
  (void)state;
  const double zeros[] = {0, 0, -0.0};
  assert_true(gcb_signed_rank_p(zeros, 3) == 1);
}

static void hodges_lehmann_is_that_of_the_walsh_averages(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(hodges_lehmann); i++) {
    gcb_interval seen = gcb_hodges_lehmann(hodges_lehmann[i].x, hodges_lehmann[i].n);
    assert_close(seen.mean, hodges_lehmann[i].estimate, 1e-14);
    assert_close(seen.lo, hodges_lehmann[i].lo, 1e-14);
    assert_close(seen.hi, hodges_lehmann[i].hi, 1e-14);
    assert_int_equal(seen.n, hodges_lehmann[i].n);
  }
}

// The values are irregular, so that all Walsh averages differ and an end tells its rank.
static void interval_ends_have_the_exact_ranks_up_to_60_and_nearly_above(void **state) {
  (void)state;
  gcb_rng rng = gcb_rng_seed(7);
  for (size_t n = 1; n < COUNT(signed_rank_cuts); n++) {
    double x[100], walsh[100 * 101 / 2];
    size_t pairs = 0, k = (size_t)signed_rank_cuts[n];
    for (size_t i = 0; i < n; i++) x[i] = noise(&rng);
    for (size_t i = 0; i < n; i++) {
      for (size_t j = i; j < n; j++) walsh[pairs++] = (x[i] + x[j]) / 2;
    }
    assert_true(gcb_sort(walsh, pairs));
    gcb_interval seen = gcb_hodges_lehmann(x, n);
    size_t slack = n <= GCB_SIGNED_RANK_EXACT_MAX ? 0 : 1;
    if (k == 0) {
      assert_true(isnan(seen.lo) && isnan(seen.hi));
    } else {
      assert_true(walsh[k - 1 - slack] <= seen.lo && seen.lo <= walsh[k - 1 + slack]);
      assert_true(walsh[pairs - k - slack] <= seen.hi && seen.hi <= walsh[pairs - k + slack]);
    }
  }
}

static void interval_and_test_agree_on_every_shift(void **state) {
  (void)state;
  gcb_rng rng = gcb_rng_seed(8);
  for (int round = 0; round < 300; round++) {
    size_t n = 6 + gcb_rng_below(&rng, 60); // also across the change to the approximation
    double x[66], shifted[66], shift = noise(&rng);
    for (size_t i = 0; i < n; i++) x[i] = noise(&rng);
    for (size_t i = 0; i < n; i++) shifted[i] = x[i] - shift;
    gcb_interval interval = gcb_hodges_lehmann(x, n);
    bool inside = interval.lo < shift && shift < interval.hi;
    assert_int_equal(gcb_signed_rank_p(shifted, n) > .05, inside);
  }
}

static void signed_rank_intervals_cover_as_often_as_they_promise(void **state) {
  (void)state;
  enum { ROUNDS = 2000, N = 10 };
  gcb_rng rng = gcb_rng_seed(9);
  int signed_rank_held = 0;
  for (int round = 0; round < ROUNDS; round++) {
    double x[N];
    for (int i = 0; i < N; i++) x[i] = noise(&rng);
    gcb_interval exact = gcb_hodges_lehmann(x, N);
    signed_rank_held += exact.lo <= 0 && 0 <= exact.hi;
  }
  // The exact coverage at 10 is 1 - 2 * 25/1024 = .951.
  assert_true(signed_rank_held > .94 * ROUNDS && signed_rank_held < .965 * ROUNDS);
}

static void benjamini_hochberg_is_the_step_up_procedure(void **state) {
  (void)state;
  double seen[64];
  assert_true(gcb_benjamini_hochberg(bh_published_p, COUNT(bh_published_p), seen));
  size_t rejected = 0;
  for (size_t i = 0; i < COUNT(bh_published_p); i++) {
    assert_close(seen[i], bh_published_adjusted[i], 1e-14);
    rejected += seen[i] <= .05;
  }
  assert_int_equal(rejected, 4); // as in the paper's example
  assert_true(gcb_benjamini_hochberg(bh_shuffled_p, COUNT(bh_shuffled_p), seen));
  for (size_t i = 0; i < COUNT(bh_shuffled_p); i++) assert_close(seen[i], bh_shuffled_adjusted[i], 1e-14);
}

static void benjamini_hochberg_ignores_tests_that_were_not_made(void **state) {
  (void)state;
  double p[] = {.04, NAN, .01, NAN}, none[] = {NAN};
  assert_true(gcb_benjamini_hochberg(p, 4, p)); // in place
  assert_true(p[0] == .04 && isnan(p[1]) && p[2] == .02 && isnan(p[3]));
  assert_true(gcb_benjamini_hochberg(none, 1, none) && isnan(none[0]));
  assert_true(gcb_benjamini_hochberg(NULL, 0, NULL));
}

static void slope_and_trend_are_scipys(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(trend); i++) {
    gcb_interval slope = gcb_theil_sen(trend[i].x, trend[i].n);
    assert_close(slope.mean, trend[i].slope, 1e-12);
    if (trend[i].n >= 10) {
      assert_close(slope.lo, trend[i].lo, 1e-12);
      assert_close(slope.hi, trend[i].hi, 1e-12);
    }
    assert_close(gcb_mann_kendall_p(trend[i].x, trend[i].n), trend[i].p, 1e-10);
  }
}

static void one_wild_iteration_does_not_tilt_the_slope(void **state) {
  (void)state;
  double y[21];
  for (int i = 0; i < 21; i++) y[i] = 5 + .25 * i;
  y[20] = 1e6;
  assert_close(gcb_theil_sen(y, 21).mean, .25, 1e-14);
}

static void constant_iterations_have_no_trend(void **state) {
  (void)state;
  const double y[] = {3, 3, 3, 3};
  assert_true(gcb_theil_sen(y, 4).mean == 0 && gcb_mann_kendall_p(y, 4) == 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(mean_median_and_percentiles_are_numpys),
      cmocka_unit_test(percentile_rank_is_that_of_whole_number_arithmetic),
      cmocka_unit_test(percentile_outside_its_range_is_nan),
      cmocka_unit_test(percentile_needs_ten_samples_beyond_it),
      cmocka_unit_test(nan_among_the_values_makes_the_result_nan),
      cmocka_unit_test(timed_out_invocation_may_be_infinite),
      cmocka_unit_test(sample_too_small_for_an_interval_has_none),
      cmocka_unit_test(signed_rank_p_is_scipys),
      cmocka_unit_test(signed_rank_p_counts_every_sign_pattern),
      cmocka_unit_test(signed_rank_p_of_no_difference_is_one),
      cmocka_unit_test(hodges_lehmann_is_that_of_the_walsh_averages),
      cmocka_unit_test(interval_ends_have_the_exact_ranks_up_to_60_and_nearly_above),
      cmocka_unit_test(interval_and_test_agree_on_every_shift),
      cmocka_unit_test(signed_rank_intervals_cover_as_often_as_they_promise),
      cmocka_unit_test(benjamini_hochberg_is_the_step_up_procedure),
      cmocka_unit_test(benjamini_hochberg_ignores_tests_that_were_not_made),
      cmocka_unit_test(slope_and_trend_are_scipys),
      cmocka_unit_test(one_wild_iteration_does_not_tilt_the_slope),
      cmocka_unit_test(constant_iterations_have_no_trend),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
