/* The verdicts against scipy and against what simulated machines know to be true. */
#include "../bench/noise.h"
#include "../data/verdict_tables.h"
#include "results/stats/verdict.h"
#include <math.h>
#include <stdint.h>
#include <string.h>
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void assert_close(double seen, double expected, double relative) {
  if (isnan(expected) && isnan(seen)) return;
  if (!(fabs(seen - expected) <= relative * fmax(fabs(expected), 1e-300)))
    fail_msg("%.17g is not %.17g", seen, expected);
}

static void two_samples_are_compared_as_scipy_does(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(two_samples); i++) {
    gcb_interval s = gcb_shift(two_samples[i].a, two_samples[i].na, two_samples[i].b, two_samples[i].nb);
    assert_close(s.mean, two_samples[i].shift, 1e-12);
    assert_close(s.lo, two_samples[i].lo, 1e-12);
    assert_close(s.hi, two_samples[i].hi, 1e-12);
    assert_close(gcb_rank_sum_p(two_samples[i].a, two_samples[i].na, two_samples[i].b, two_samples[i].nb),
                 two_samples[i].p, 1e-9);
  }
  for (size_t i = 0; i < COUNT(large_samples); i++)
    assert_close(
        gcb_rank_sum_p(large_samples[i].a, large_samples[i].na, large_samples[i].b, large_samples[i].nb),
        large_samples[i].p, 1e-9);
}

static void pairs_get_the_interval_and_the_word_of_their_definitions(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(pairs); i++) {
    gcb_limits limits = {pairs[i].floor, pairs[i].more, 0};
    gcb_verdict v = gcb_verdict_paired(pairs[i].a, pairs[i].b, pairs[i].n, &limits);
    assert_close(exp(v.log_ratio.mean), pairs[i].ratio, 1e-12);
    assert_close(exp(v.log_ratio.lo), pairs[i].lo, 1e-12);
    assert_close(exp(v.log_ratio.hi), pairs[i].hi, 1e-12);
    assert_close(v.p, pairs[i].p, 1e-9);
    assert_string_equal(gcb_verdict_text(v.word), pairs[i].word);
    assert_true(v.worse == ((pairs[i].ratio > 1) != pairs[i].more));
  }
}

/* n pairs, B always `ratio` of A, by a hair more or less. */
static gcb_verdict steady(double a, double ratio, size_t n, const gcb_limits *limits, bool paired) {
  double x[64], y[64];
  for (size_t i = 0; i < n; i++) {
    x[i] = a * (1 + 1e-5 * (double)i);
    y[i] = x[i] * ratio * (1 + 1e-6 * (double)i);
  }
  return paired ? gcb_verdict_paired(x, y, n, limits) : gcb_verdict_unpaired(x, n, y, n, limits);
}

static void what_was_not_interleaved_is_at_most_suspect_or_promising(void **state) {
  (void)state;
  const gcb_limits usual = {0};
  assert_int_equal(steady(100, 1.5, 20, &usual, true).word, GCB_REGRESSED);
  assert_int_equal(steady(100, 1.5, 20, &usual, false).word, GCB_SUSPECT);
  assert_int_equal(steady(100, .5, 20, &usual, false).word, GCB_PROMISING); /* better, and as little proven */
  assert_int_equal(steady(100, 1.004, 20, &usual, true).word, GCB_EQUIVALENT);
  assert_int_equal(steady(100, 1.004, 20, &usual, false).word, GCB_INCONCLUSIVE);
}

static void too_few_pairs_prove_nothing(void **state) {
  (void)state;
  const gcb_limits usual = {0};
  gcb_verdict v = steady(100, 2, 5, &usual, true);
  assert_int_equal(v.word, GCB_INCONCLUSIVE);
  assert_close(exp(v.log_ratio.mean), 2, 1e-3);
  assert_int_equal(gcb_verdict_paired(NULL, NULL, 0, &usual).word, GCB_INCONCLUSIVE);
  assert_true(isnan(gcb_verdict_unpaired(NULL, 0, NULL, 0, &usual).p));
  assert_int_equal(gcb_pairs_for_precision(&v, .01), 0);
}

static void zero_against_something_is_a_change_and_against_zero_none(void **state) {
  (void)state;
  const gcb_limits usual = {0};
  double zero[8] = {0}, some[8] = {5, 6, 7, 5, 6, 7, 5, 6}, gap[8] = {0, 0, NAN, 0, 0, 0, 0, 0};
  assert_int_equal(gcb_verdict_paired(zero, zero, 8, &usual).word, GCB_EQUIVALENT);
  assert_int_equal(gcb_verdict_paired(zero, some, 8, &usual).word, GCB_REGRESSED);
  assert_int_equal(gcb_verdict_paired(some, zero, 8, &usual).word, GCB_IMPROVED);
  assert_int_equal(gcb_verdict_unpaired(zero, 8, some, 8, &usual).word, GCB_SUSPECT);
  assert_int_equal(gcb_verdict_unpaired(zero, 8, zero, 8, &usual).word, GCB_EQUIVALENT);
  assert_int_equal(gcb_verdict_paired(gap, some, 8, &usual).log_ratio.n, 7);
}

static void a_part_too_small_to_matter_is_negligible(void **state) {
  (void)state;
  gcb_limits part = {.whole = 1e6};
  assert_int_equal(steady(400, 1.5, 20, &part, true).word, GCB_NEGLIGIBLE);
  assert_int_equal(steady(400, .5, 20, &part, true).word, GCB_NEGLIGIBLE);
  assert_int_equal(steady(400, 1.015, 20, &part, true).word, GCB_EQUIVALENT); /* within 2 %, too */
  assert_int_equal(steady(4000, 1.5, 20, &part, true).word, GCB_REGRESSED);
}

static void beyond_the_floor_goes_before_within_two_percent(void **state) {
  (void)state;
  const gcb_limits usual = {0}, wide = {.floor = .018}, more = {.more_is_better = true};
  assert_int_equal(steady(100, 1.015, 20, &usual, true).word, GCB_REGRESSED);
  assert_int_equal(steady(100, 1.015, 20, &more, true).word, GCB_IMPROVED);
  assert_int_equal(steady(100, 1 / 1.015, 20, &usual, true).word, GCB_IMPROVED);
  assert_int_equal(steady(100, 1.015, 20, &wide, true).word, GCB_EQUIVALENT);
  assert_int_equal(steady(100, 1.009, 20, &usual, true).word, GCB_EQUIVALENT);
}

static void verdicts_read_together_are_corrected_together(void **state) {
  (void)state;
  const gcb_limits usual = {0};
  gcb_verdict v[60];
  v[0] = steady(100, 1.5, 8, &usual, true); /* p = 2/2^8: alone it would do */
  assert_int_equal(v[0].word, GCB_REGRESSED);
  for (size_t i = 1; i < COUNT(v); i++) {
    v[i] = steady(100, 1, 8, &usual, true);
    v[i].p = .5;
  }
  assert_true(gcb_verdicts_correct(v, 5));
  assert_int_equal(v[0].word, GCB_REGRESSED);
  assert_close(v[0].adjusted, 5 * ldexp(2, -8), 1e-12);
  assert_true(gcb_verdicts_correct(v, COUNT(v)));
  assert_int_equal(v[0].word, GCB_INCONCLUSIVE);
  assert_int_equal(gcb_pairs_for_comparisons(60), 12); /* 60 x 2/2^11 = .059, 60 x 2/2^12 = .029 */
  assert_int_equal(gcb_pairs_for_comparisons(1), 6);
}

static void precision_costs_pairs_by_its_square(void **state) {
  (void)state;
  gcb_verdict v = {.log_ratio = {0, -log(1.04), log(1.04), 20}};
  assert_int_equal(gcb_pairs_for_precision(&v, .04), 20);
  assert_int_equal(gcb_pairs_for_precision(&v, sqrt(1.04) - 1), 80);
  assert_int_equal(gcb_pairs_for_precision(&v, 1), 6);
  v.log_ratio.hi = GCB_LOG_LIMIT;
  assert_int_equal(gcb_pairs_for_precision(&v, .01), 0);
}

static void aa_pairs_teach_a_floor(void **state) {
  (void)state;
  double estimates[40];
  for (int i = 0; i < 40; i++) estimates[i] = (i % 2 ? 1 : -1) * log1p(.001 * (i + 1));
  assert_close(gcb_floor_learnt(estimates, 40), .038, 1e-9); /* rank 38 of 40 */
  assert_close(gcb_floor_learnt(estimates, 19), GCB_FLOOR, 1e-12);
  for (int i = 0; i < 40; i++) estimates[i] = .0001;
  assert_close(gcb_floor_learnt(estimates, 40), GCB_FLOOR, 1e-12);
}

static void the_gate_wants_size_significance_and_a_rerun_that_agrees(void **state) {
  (void)state;
  gcb_verdict v[4];
  const gcb_limits usual = {0}, more = {.more_is_better = true};
  bool alarm[4];
  v[0] = steady(100, 1.05, 20, &usual, true);
  v[1] = steady(100, 1.005, 20, &usual, true); /* as significant, but small */
  v[2] = steady(100, .9, 20, &usual, true);    /* better */
  v[3] = steady(100, .9, 20, &more, true);     /* less of a good thing */
  assert_true(gcb_gate(v, 4, 0, alarm));
  assert_true(alarm[0] && !alarm[1] && !alarm[2] && alarm[3]);
  assert_true(gcb_gate(v, 4, .06, alarm));
  assert_false(alarm[0]);
  assert_true(gcb_gate_agrees(&v[0], 0));
  assert_false(gcb_gate_agrees(&v[1], 0) || gcb_gate_agrees(&v[2], 0));
  v[0].p = .2;
  assert_true(gcb_gate(v, 1, 0, alarm));
  assert_false(alarm[0] || gcb_gate_agrees(&v[0], 0));
}

static void words_are_read_as_they_are_written(void **state) {
  (void)state;
  gcb_verdict_word w;
  for (int i = GCB_REGRESSED; i <= GCB_EQUIVALENT; i++)
    assert_true(gcb_verdict_parse(gcb_verdict_text(i), &w) && w == (gcb_verdict_word)i);
  assert_false(gcb_verdict_parse("worse", &w) || gcb_verdict_parse(NULL, &w));
}

/* tests/bench/compare_rates.c at length. */
static void simulated_rates_are_as_promised(void **state) {
  (void)state;
  enum { TRIALS = 2000, PAIRS = 20 };
  noisy_machine m = usual_machine;
  const gcb_limits usual = {0};
  double a[PAIRS], b[PAIRS];
  unsigned beyond = 0, changed = 0, seen = 0;
  m.rng = gcb_rng_seed(11);
  for (unsigned t = 0; t < TRIALS; t++) {
    m.level = 0;
    measured_pairs(&m, 0, a, b, PAIRS);
    gcb_verdict v = gcb_verdict_paired(a, b, PAIRS, &usual);
    beyond += v.log_ratio.lo > 0 || v.log_ratio.hi < 0;
    changed += v.word == GCB_REGRESSED || v.word == GCB_IMPROVED;
    measured_pairs(&m, log(1.05), a, b, PAIRS);
    seen += gcb_verdict_paired(a, b, PAIRS, &usual).word == GCB_REGRESSED;
  }
  assert_true(beyond <= .06 * TRIALS && changed <= .06 * TRIALS);
  assert_true(seen >= .9 * TRIALS);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(two_samples_are_compared_as_scipy_does),
      cmocka_unit_test(pairs_get_the_interval_and_the_word_of_their_definitions),
      cmocka_unit_test(what_was_not_interleaved_is_at_most_suspect_or_promising),
      cmocka_unit_test(too_few_pairs_prove_nothing),
      cmocka_unit_test(zero_against_something_is_a_change_and_against_zero_none),
      cmocka_unit_test(a_part_too_small_to_matter_is_negligible),
      cmocka_unit_test(beyond_the_floor_goes_before_within_two_percent),
      cmocka_unit_test(verdicts_read_together_are_corrected_together),
      cmocka_unit_test(precision_costs_pairs_by_its_square),
      cmocka_unit_test(aa_pairs_teach_a_floor),
      cmocka_unit_test(the_gate_wants_size_significance_and_a_rerun_that_agrees),
      cmocka_unit_test(words_are_read_as_they_are_written),
      cmocka_unit_test(simulated_rates_are_as_promised),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
