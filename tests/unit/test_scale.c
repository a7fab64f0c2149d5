/* The choice of parameters for a live size, on workloads made up here. */
#include "plan/scale.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { LIVE, MORE, WORK, MODE, N };
static const gcb_option params[N] = {
    [LIVE] = {"live", GCB_UINT, "100", 1, 1e9, NULL, ""},
    [MORE] = {"more", GCB_UINT, "50", 1, 1e9, NULL, ""},
    [WORK] = {"work", GCB_UINT, "1000", 1, 1e12, NULL, ""},
    [MODE] = {"mode", GCB_UINT, "0", 0, 1, NULL, "1: work makes live data"},
};
static uint64_t peak_live(const gcb_task *t) {
  const gcb_value *p = t->params;
  uint64_t n = p[LIVE].u + p[MORE].u;
  if (p[MODE].u) return t->mutators * 10 * n * p[WORK].u;
  return t->mutators * 1000 * (n < p[WORK].u ? n : p[WORK].u); /* full only after enough work */
}
static double allocated(const gcb_task *t) {
  return t->params[MODE].u ? 3 * (double)peak_live(t) : t->mutators * 1000. * (double)t->params[WORK].u;
}
static const gcb_workload both = {.name = "both",
                                  .params = params,
                                  .n_params = N,
                                  .peak_live = peak_live,
                                  .live_params = {"live", "more"},
                                  .work_param = "work",
                                  .allocated = allocated};
static const gcb_task two_mutators = {.mutators = 2};
static char note[300], why[300];

static uint64_t of(const json_t *given, const char *name) {
  return strtoull(json_string_value(json_object_get(given, name)), NULL, 10);
}

static void live_parameters_keep_their_proportion_and_work_follows(void **state) {
  (void)state;
  json_t *given = json_object();
  assert_true(gcb_scale(&both, &two_mutators, 3000000, given, note, sizeof note, why, sizeof why));
  assert_string_equal(note, "");
  assert_true(labs((long)(of(given, "live") + of(given, "more")) - 1500) <= 5);
  assert_true(labs((long)of(given, "live") - 2 * (long)of(given, "more")) <= 2);
  assert_true(of(given, "work") >= 64 * 1490 && of(given, "work") < 64 * 1520);
  json_decref(given);
}

static void a_parameter_that_is_given_stays(void **state) {
  (void)state;
  json_t *given = json_pack("{s:s, s:s}", "more", "1000", "work", "5000");
  assert_true(gcb_scale(&both, &two_mutators, 3000000, given, note, sizeof note, why, sizeof why));
  assert_int_equal(of(given, "more"), 1000);
  assert_int_equal(of(given, "work"), 5000);
  assert_true(labs((long)of(given, "live") - 500) <= 5);
  assert_non_null(strstr(note, "collections may be few"));
  json_decref(given);
}

static void work_that_makes_live_data_is_left_alone(void **state) {
  (void)state;
  json_t *given = json_pack("{s:s}", "mode", "1");
  assert_true(gcb_scale(&both, &two_mutators, 30000000, given, note, sizeof note, why, sizeof why));
  assert_null(json_object_get(given, "work"));
  assert_true(labs((long)(of(given, "live") + of(given, "more")) - 1500) <= 15);
  json_decref(given);
}

static void the_nearest_is_said_when_it_is_far(void **state) {
  (void)state;
  json_t *given = json_object();
  assert_true(gcb_scale(&both, &two_mutators, 100, given, note, sizeof note, why, sizeof why));
  assert_string_equal(note, "both comes nearest to 100 B of live data with live=1 more=1: 3.9 KiB");
  json_decref(given);
}

static void a_workload_that_does_not_say_how_is_refused(void **state) {
  (void)state;
  gcb_workload silent = both;
  silent.live_params[0] = NULL;
  json_t *given = json_object();
  assert_false(gcb_scale(&silent, &two_mutators, 3000000, given, note, sizeof note, why, sizeof why));
  assert_non_null(strstr(why, "both does not say which of its parameters set its live size"));
  json_decref(given);
}

static void parameters_that_fix_the_size_are_named(void **state) {
  (void)state;
  json_t *given = json_pack("{s:s, s:s}", "live", "7", "more", "8");
  assert_false(gcb_scale(&both, &two_mutators, 3000000, given, note, sizeof note, why, sizeof why));
  assert_non_null(strstr(why, "-p live=7 already sets the live size of both"));
  json_decref(given);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(live_parameters_keep_their_proportion_and_work_follows),
      cmocka_unit_test(a_parameter_that_is_given_stays),
      cmocka_unit_test(work_that_makes_live_data_is_left_alone),
      cmocka_unit_test(the_nearest_is_said_when_it_is_far),
      cmocka_unit_test(a_workload_that_does_not_say_how_is_refused),
      cmocka_unit_test(parameters_that_fix_the_size_are_named),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
