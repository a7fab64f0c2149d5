/* Intervals by Student's t: against published quantiles, and how often they hold the truth, by simulation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "results/stats/stats.h"
#include <gcbench/rng.h>
#include <math.h>

static void near(double seen, double expected, double within) {
  if (!(fabs(seen - expected) <= within)) print_error("%.12g is not %.12g\n", seen, expected);
  assert_true(fabs(seen - expected) <= within);
}

static void quantiles_are_those_of_the_tables(void **state) {
  (void)state;
  static const struct {
    size_t df;
    double t;
  } table[] = {{1, 12.7062}, {2, 4.30265},  {3, 3.18245},  {4, 2.77645},
               {9, 2.26216}, {29, 2.04523}, {100, 1.98397}};
  for (size_t i = 0; i < sizeof table / sizeof *table; i++)
    near(gcb_student_t95(table[i].df), table[i].t, 1e-4);
  assert_true(isnan(gcb_student_t95(0)));
}

/* {12, 14, 19}: mean 15, standard deviation sqrt(13), and t with 2 degrees of freedom. */
static void the_interval_of_a_mean_is_students(void **state) {
  (void)state;
  const double x[] = {12, 14, 19}, small[] = {0, 0, 9}, same[] = {7, 7, 7};
  gcb_interval v = gcb_mean_interval(x, 3);
  near(v.mean, 15, 1e-12);
  near(v.hi - v.mean, 4.30265273 * sqrt(13. / 3), 1e-6);
  near(v.mean - v.lo, v.hi - v.mean, 1e-12);
  assert_true(gcb_mean_interval(small, 3).lo == 0); /* what is never below 0 has no mean below 0 */
  v = gcb_mean_interval(same, 3);
  assert_true(v.lo == 7 && v.hi == 7);
}

/* Both relative standard errors are s = sqrt(.01 / 3): Welch's t with 4 degrees of freedom and error s
 * sqrt 2. */
static void the_interval_of_a_ratio_is_welchs(void **state) {
  (void)state;
  const double a[] = {18, 20, 22}, b[] = {9, 10, 11};
  gcb_interval v = gcb_mean_ratio(a, 3, b, 3);
  near(v.mean, 2, 1e-12);
  near(log(v.hi / v.mean), 2.77644511 * sqrt(.02 / 3), 1e-6);
  near(log(v.mean / v.lo), log(v.hi / v.mean), 1e-12);
  assert_int_equal(v.n, 3);
}

static void what_pairs_share_cancels(void **state) {
  (void)state;
  const double x[] = {20, 40, 60}, y[] = {10, 20, 30};
  gcb_log_sum together = {0}, apart = {0};
  gcb_log_add_paired(&together, x, y, 3);
  gcb_log_add(&apart, x, 3, 1);
  gcb_log_add(&apart, y, 3, -1);
  near(gcb_log_interval(&together).hi, 2, 1e-12);
  assert_true(gcb_log_interval(&apart).hi > 4);
}

static void unknown_values_are_left_out_of_minima_and_come_last(void **state) {
  (void)state;
  double x[] = {NAN, 3, NAN, 1, 2, NAN};
  assert_true(gcb_least(x, 6) == 1 && gcb_greatest(x, 6) == 3);
  assert_true(isnan(gcb_least(x, 1)) && isnan(gcb_greatest(NULL, 0)));
  assert_true(gcb_order(NAN, 1) > 0 && gcb_order(1, NAN) < 0 && gcb_order(NAN, NAN) == 0);
  assert_int_equal(gcb_keep_known(x, 6), 3);
  assert_true(x[0] == 3 && x[1] == 1 && x[2] == 2);
}

/* ---- coverage ---- */

enum { TRIALS = 8000 };

static double uniform(gcb_rng *rng) {
  return ((double)gcb_rng_below(rng, 1u << 30) + .5) / (double)(1u << 30);
}
static double normal(gcb_rng *rng) {
  return sqrt(-2 * log(uniform(rng))) * cos(2 * M_PI * uniform(rng));
}

/* Wall times around 1: a symmetric machine; one whose noise is skewed; one where each 20th invocation takes
 * 15 % more on average, without an upper bound. `mean` is the true one. */
static double quiet(gcb_rng *rng) {
  return 1 + .03 * normal(rng);
}
static double skewed(gcb_rng *rng) {
  return exp(.1 * normal(rng) - .005);
}
static double outliers(gcb_rng *rng) {
  return 1 + .02 * normal(rng) + (uniform(rng) < .05 ? -.15 * log(uniform(rng)) : 0) - .0075;
}

typedef struct coverage {
  double mean, ratio;
} coverage;

static coverage covered(double (*draw)(gcb_rng *), size_t n) {
  gcb_rng rng = gcb_rng_seed(100 + n);
  coverage c = {0, 0};
  double a[10], b[10];
  for (int t = 0; t < TRIALS; t++) {
    for (size_t i = 0; i < n; i++) a[i] = draw(&rng), b[i] = draw(&rng);
    gcb_interval mean = gcb_mean_interval(a, n), ratio = gcb_mean_ratio(a, n, b, n);
    c.mean += mean.lo <= 1 && 1 <= mean.hi;
    c.ratio += ratio.lo <= 1 && 1 <= ratio.hi;
  }
  return (coverage){c.mean / TRIALS, c.ratio / TRIALS};
}

/* The table of results/README.md. */
static void intervals_hold_the_truth_95_times_of_100_even_with_3_values(void **state) {
  (void)state;
  static double (*const machines[])(gcb_rng *) = {quiet, skewed, outliers};
  static const char *const names[] = {"quiet", "skewed", "outliers"};
  static const size_t sizes[] = {3, 5, 6, 10};
  assert_true(covered(quiet, 2).mean == 0); /* no interval is printed */
  for (size_t m = 0; m < 3; m++)
    for (size_t i = 0; i < 4; i++) {
      coverage c = covered(machines[m], sizes[i]);
      print_message("%-8s n = %2zu: mean %.3f, ratio %.3f\n", names[m], sizes[i], c.mean, c.ratio);
      double least = m < 2 ? .94 : .80; /* rare outliers that no sample has seen are in no interval */
      assert_true(c.mean > least && c.ratio > .94);
      if (m == 0) assert_true(c.mean < .96);
    }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(quantiles_are_those_of_the_tables),
      cmocka_unit_test(the_interval_of_a_mean_is_students),
      cmocka_unit_test(the_interval_of_a_ratio_is_welchs),
      cmocka_unit_test(what_pairs_share_cancels),
      cmocka_unit_test(unknown_values_are_left_out_of_minima_and_come_last),
      cmocka_unit_test(intervals_hold_the_truth_95_times_of_100_even_with_3_values),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
