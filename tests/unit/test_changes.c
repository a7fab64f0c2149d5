#include "../bench/nights.h"
#include "../data/changes_tables.h"
#include "results/stats/changes.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h> // needs those above, in a group of its own so that formatting keeps it last

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void assert_close(double seen, double expected, double absolute) {
  if (!(fabs(seen - expected) <= absolute)) fail_msg("%.17g is not %.17g", seen, expected);
}

static void wild_nights_are_clipped_to_three_deviations(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(changes); i++) {
    double out[GCB_CHANGE_WINDOW];
    gcb_hampel_clip(changes[i].x, changes[i].n, 5, out);
    for (size_t k = 0; k < changes[i].n; k++) assert_close(out[k], changes[i].clipped[k], 1e-11);
  }
}

static void the_best_split_is_that_of_the_definition(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(changes); i++) {
    gcb_split split;
    assert_true(gcb_best_split(changes[i].x, changes[i].n, 5, &split));
    assert_int_equal(split.at, changes[i].at);
    assert_int_equal(split.upto, changes[i].upto);
    assert_close(split.q, changes[i].q, 1e-9 * fabs(changes[i].q));
  }
}

static void a_split_needs_enough_nights_on_both_sides(void **state) {
  (void)state;
  gcb_split split;
  double x[GCB_CHANGE_WINDOW + 1] = {0};
  assert_false(gcb_best_split(x, 9, 5, &split));
  assert_false(gcb_best_split(x, 10, 1, &split));
  assert_false(gcb_best_split(x, COUNT(x), 5, &split));
  assert_true(gcb_best_split(x, 10, 5, &split) && split.at == 5 && split.upto == 10);
}

static void the_test_is_students_and_allows_for_resemblance(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(changes); i++) {
    assert_close(gcb_step_p(changes[i].x, changes[i].middle, changes[i].n, false), changes[i].p, 1e-13);
    assert_close(gcb_step_p(changes[i].x, changes[i].middle, changes[i].n, true), changes[i].serial_p, 1e-13);
  }
}

static void constant_levels_differ_or_do_not(void **state) {
  (void)state;
  const double same[] = {.1, .1, .1, .1, .1, .1, .1}, other[] = {.1, .1, .1, .1, .2, .2, .2}, zero[4] = {0};
  assert_true(gcb_step_p(same, 3, COUNT(same), true) == 1);
  assert_true(gcb_step_p(other, 4, COUNT(other), true) == 0);
  assert_true(gcb_step_p(zero, 2, COUNT(zero), true) == 1);
  assert_true(gcb_step_p(other, 1, 2, false) == 1); /* two values tell nothing */
  assert_true(gcb_step_p(other, 0, 7, false) == 1 && gcb_step_p(other, 7, 7, false) == 1);
}

static void steps_without_noise_are_found_where_they_are(void **state) {
  (void)state;
  double y[400];
  gcb_change found[8];
  for (size_t i = 0; i < COUNT(y); i++) y[i] = i < 33 ? 100 : i < 41 ? 110 : i < 300 ? 103 : 100;
  size_t n = gcb_changes(y, COUNT(y), NULL, found, COUNT(found));
  assert_int_equal(n, 3);
  assert_true(found[0].at == 33 && found[0].before == 100 && found[0].after == 110);
  assert_true(found[1].at == 41 && found[1].before == 110 && found[1].after == 103);
  assert_true(found[2].at == 300 && found[2].before == 103 && found[2].after == 100);
  assert_true(found[2].p < .001);
  assert_int_equal(gcb_changes(y, COUNT(y), NULL, found, 1), 1);
  assert_int_equal(found[0].at, 300); /* the latest, where there is no room for all */
}

static void a_level_of_four_nights_or_of_two_percent_less_is_no_step(void **state) {
  (void)state;
  double y[60];
  gcb_change found[4];
  for (size_t i = 0; i < COUNT(y); i++) y[i] = i < 56 ? 100 : 110;
  assert_int_equal(gcb_changes(y, 60, NULL, found, 4), 0);
  for (size_t i = 0; i < COUNT(y); i++) y[i] = i < 55 ? 100 : 110;
  assert_int_equal(gcb_changes(y, 60, NULL, found, 4), 1);
  for (size_t i = 0; i < COUNT(y); i++) y[i] = i < 30 ? 100 : 101.9;
  assert_int_equal(gcb_changes(y, 60, NULL, found, 4), 0);
  for (size_t i = 0; i < COUNT(y); i++) y[i] = i < 30 ? 100 : 102.1;
  assert_int_equal(gcb_changes(y, 60, NULL, found, 4), 1);
  for (size_t i = 0; i < COUNT(y); i++) y[i] = i < 30 ? 0 : 1; /* from nothing to something is any share */
  assert_int_equal(gcb_changes(y, 60, NULL, found, 4), 1);
}

static void one_wild_night_is_no_step_and_hides_none(void **state) {
  (void)state;
  gcb_rng rng = gcb_rng_seed(3);
  double y[40];
  gcb_change found[4];
  for (size_t wild = 0; wild < 40; wild++) {
    for (size_t i = 0; i < 40; i++) y[i] = 100 * (1 + .002 * nights_normal(&rng));
    y[wild] = 1000;
    assert_int_equal(gcb_changes(y, 40, NULL, found, 4), 0);
    for (size_t i = 20; i < 40; i++) y[i] *= 1.05;
    assert_int_equal(gcb_changes(y, 40, NULL, found, 4), 1);
    assert_in_range(found[0].at, 19, 21);
  }
}

static void what_is_no_number_or_too_short_gives_nothing(void **state) {
  (void)state;
  double y[30];
  gcb_change found[4];
  for (size_t i = 0; i < COUNT(y); i++) y[i] = i < 15 ? 1 : 2;
  assert_int_equal(gcb_changes(y, 30, NULL, found, 4), 1);
  assert_int_equal(gcb_changes(y, 30, NULL, found, 0), 0);
  y[4] = NAN;
  assert_int_equal(gcb_changes(y, 30, NULL, found, 4), 0);
  assert_int_equal(gcb_changes(NULL, 0, NULL, found, 4), 0);
  assert_int_equal(gcb_changes(y + 5, 9, NULL, found, 4), 0);
}

static void an_exact_metric_changes_with_any_difference(void **state) {
  (void)state;
  const double y[] = {7, 7, 8, 8, 8, 7};
  gcb_change found[4];
  assert_int_equal(gcb_exact_changes(y, COUNT(y), found, 4), 2);
  assert_true(found[0].at == 2 && found[0].before == 7 && found[0].after == 8 && found[0].p == 0);
  assert_true(found[1].at == 5 && found[1].before == 8 && found[1].after == 7);
  assert_int_equal(gcb_exact_changes(y, COUNT(y), found, 1), 1);
  assert_int_equal(found[0].at, 5);
  assert_int_equal(gcb_exact_changes(y, 0, found, 4) + gcb_exact_changes(y, 1, found, 4), 0);
}

/* The acceptance, small; the whole of it is tests/bench/history_simulation.c. */
static void steps_of_five_percent_are_found_and_quiet_series_are_quiet(void **state) {
  (void)state;
  enum { SERIES = 300, NIGHTS = 90, STEP = 60 };
  static const nights_noise noises[] = {{.01, 0}, {.015, 0}, {.01, .3}};
  gcb_rng rng = gcb_rng_seed(5);
  for (size_t k = 0; k < COUNT(noises); k++) {
    size_t found = 0, alarms = 0;
    for (size_t s = 0; s < SERIES; s++) {
      double y[NIGHTS];
      gcb_change changes[NIGHTS];
      nights_make(&rng, noises[k], STEP, .05, y, NIGHTS);
      size_t n = gcb_changes(y, NIGHTS, NULL, changes, NIGHTS), near = 0;
      for (size_t i = 0; i < n; i++) near += changes[i].at >= STEP - 5 && changes[i].at <= STEP + 5;
      found += near > 0;
      nights_make(&rng, noises[k], STEP, 0, y, NIGHTS);
      alarms += gcb_changes(y, NIGHTS, NULL, changes, NIGHTS) > 0;
    }
    if (found < .95 * SERIES || alarms > .05 * SERIES) print_error("%zu found, %zu alarms\n", found, alarms);
    assert_true((double)found >= .95 * SERIES);
    assert_true((double)alarms <= .05 * SERIES);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(wild_nights_are_clipped_to_three_deviations),
      cmocka_unit_test(the_best_split_is_that_of_the_definition),
      cmocka_unit_test(a_split_needs_enough_nights_on_both_sides),
      cmocka_unit_test(the_test_is_students_and_allows_for_resemblance),
      cmocka_unit_test(constant_levels_differ_or_do_not),
      cmocka_unit_test(steps_without_noise_are_found_where_they_are),
      cmocka_unit_test(a_level_of_four_nights_or_of_two_percent_less_is_no_step),
      cmocka_unit_test(one_wild_night_is_no_step_and_hides_none),
      cmocka_unit_test(what_is_no_number_or_too_short_gives_nothing),
      cmocka_unit_test(an_exact_metric_changes_with_any_difference),
      cmocka_unit_test(steps_of_five_percent_are_found_and_quiet_series_are_quiet),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
