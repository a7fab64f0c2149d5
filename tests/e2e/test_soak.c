/* gcbench soak: what grows is seen, and what does not grow is not. */
#include "shell.h"

#define SMALL "soak -q -w cycles -p live=300 -p nodes=3000 "

static json_t *soaked(const answer *a, int status) {
  expect_status(a, status);
  json_t *run = load("soak.json"),
         *soak = json_object_get(json_array_get(json_object_get(run, "cells"), 0), "soak");
  assert_true(json_is_object(soak));
  json_incref(soak);
  json_decref(run);
  return soak;
}

static json_t *grows(const json_t *soak, const char *series) {
  return json_object_get(json_object_get(soak, series), "grows");
}

static void a_collector_that_reclaims_does_not_grow(void **state) {
  (void)state;
  answer a = gcbench(SMALL "-c gen3 -H 4M -i 2000 --json soak.json");
  json_t *soak = soaked(&a, a.status == 1 ? 1 : 0); /* pauses may grow on a machine that gets busier */
  assert_true(json_is_false(grows(soak, "committed_bytes")));
#ifndef __SANITIZE_ADDRESS__ /* which keeps what was freed for a while */
  assert_true(json_is_false(grows(soak, "rss_bytes")));
#endif
  assert_true(json_integer_value(json_object_get(soak, "iterations")) == 2000);
  assert_true(json_array_size(json_object_get(soak, "rows")) <= 4096);
  assert_true(json_number_value(json_object_get(json_object_get(soak, "after"), "objects_bytes")) == 0);
  json_decref(soak);
  answer_free(&a);
}

static void a_collector_that_never_collects_grows(void **state) {
  (void)state;
  answer a = gcbench(SMALL "-c '" GCB_PLUGINS "/well_behaved.so' -H 8G -i 2000 --json soak.json");
  json_t *soak = soaked(&a, 1);
  assert_true(json_is_true(grows(soak, "rss_bytes")) && json_is_true(grows(soak, "committed_bytes")));
  assert_true(json_number_value(json_object_get(json_object_get(soak, "rss_bytes"), "lo")) > 0);
  expect_contains(a.out, "committed_bytes grew by");
  json_decref(soak);
  answer_free(&a);
}

static void descriptors_that_stay_open_are_counted(void **state) {
  (void)state;
  answer a = gcbench(SMALL "-c '" GCB_PLUGINS "/leaks_descriptors.so' -H 8G -i 1000 --json soak.json");
  json_t *soak = soaked(&a, 1);
  assert_true(json_number_value(json_object_get(json_object_get(soak, "after"), "descriptors")) >= 1);
  expect_contains(a.out, "descriptors more at the end than at the start");
  json_decref(soak);
  answer_free(&a);
}

static void too_few_iterations_tell_nothing(void **state) {
  (void)state;
  answer a = gcbench("soak -q -w cycles -p nodes=3000 -c gen3 -i 20 --json soak.json");
  json_t *soak = soaked(&a, 3);
  assert_true(json_is_null(json_object_get(soak, "rss_bytes")));
  expect_contains(a.out, "too few iterations for a slope");
  json_decref(soak);
  answer_free(&a);
}

static void wrong_words_are_named(void **state) {
  (void)state;
  answer a = gcbench("soak -w cycles -c gen3 --time 1y");
  expect_status(&a, 2);
  expect_contains(a.err, "--time");
  answer_free(&a);
  a = gcbench("soak -w cycles -c gen3 --time 1s -i 5");
  expect_status(&a, 2);
  expect_contains(a.err, "--iterations");
  answer_free(&a);
  a = gcbench("soak -w cycles -c gen3 --json /nowhere/soak.json");
  expect_status(&a, 2);
  expect_contains(a.err, "--json");
  answer_free(&a);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_collector_that_reclaims_does_not_grow),
      cmocka_unit_test(a_collector_that_never_collects_grows),
      cmocka_unit_test(descriptors_that_stay_open_are_counted),
      cmocka_unit_test(too_few_iterations_tell_nothing),
      cmocka_unit_test(wrong_words_are_named),
  };
  return cmocka_run_group_tests(tests, enter_scratch, leave_scratch);
}
