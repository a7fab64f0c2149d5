/* gcbench explain: it adds the runs that it needs, comes to an end, and says what it cannot separate. */
#include "shell.h"

static int run_first(void **state) {
  if (enter_scratch(state) != 0) return -1;
  answer a = gcbench("run -w trees -p depth=10 -c gen3,semispace -n 2 -i 1 --warmups 0 -q --no-save "
                     "--json run.json");
  int status = a.status;
  answer_free(&a);
  return status;
}

static const json_t *part(const json_t *cell, const char *name) {
  return json_object_get(json_object_get(cell, "parts"), name);
}

static double mean(const json_t *value) {
  return json_number_value(json_object_get(value, "mean"));
}

static void the_runs_that_it_needs_are_added_and_the_parts_add_up(void **state) {
  (void)state;
  static const char *const names[] = {"mutator_ns", "barrier_ns", "allocation_ns", "stopped_ns", "rest_ns"};
  answer a = gcbench("explain run.json 2 -n 3 -q --json explained.json --run-json raw.json");
  expect_status(&a, 0);
  expect_contains(a.out, "trees depth=10");
  expect_contains(a.out, "mutator");
  json_t *d = load("explained.json"), *raw = load("raw.json"), *one;
  const json_t *cell = json_array_get(json_object_get(d, "cells"), 0);
  double sum = 0;
  size_t i, never = 0;
  assert_string_equal(word(d, "schema"), "gcbench.explain/1");
  assert_int_equal(json_array_size(json_object_get(d, "cells")), 1);
  assert_string_equal(word(cell, "collector"), "semispace");
  assert_string_equal(word(cell, "source"), "fresh runs");
  for (i = 0; i < 5; i++) sum += mean(part(cell, names[i]));
  for (i = 0; i < 3; i++) assert_true(json_is_object(part(cell, names[i]))); /* all can be separated here */
  double wall = mean(json_object_get(cell, "wall_ns"));
  assert_true(wall > 0 && sum > .999 * wall && sum < 1.001 * wall);
  json_array_foreach(json_object_get(raw, "cells"), i, one) never +=
      json_is_false(json_object_get(one, "reclaims"));
  assert_true(never >= 1);
  json_decref(raw);
  json_decref(d);
  answer_free(&a);
  a = gcbench("plot --from raw.json --kind lbo-split -o split/");
  expect_status(&a, 0);
  answer_free(&a);
}

static void a_plot_that_cannot_split_names_the_command_that_makes_the_runs(void **state) {
  (void)state;
  answer a = gcbench("plot --from run.json --kind lbo-split");
  expect_status(&a, 5);
  expect_contains(a.err, "there is no run on a collector that never reclaims without barrier");
  expect_contains(a.err, "gcbench explain run.json 1 --run-json split.json");
  answer_free(&a);
}

static void without_runs_it_says_what_is_missing(void **state) {
  (void)state;
  answer a = gcbench("explain run.json trees/gen3@3x --no-run");
  expect_status(&a, 0);
  expect_contains(a.out, "no run without barrier on a collector that never reclaims");
  assert_string_equal(a.err, "");
  answer_free(&a);
  a = gcbench("explain run.json --no-run");
  expect_status(&a, 0);
  expect_contains(a.out, "trees/gen3@3");
  expect_contains(a.out, "trees/semispace@3");
  answer_free(&a);
}

static void refuses(const char *arguments, int status, const char *sentence) {
  answer a = gcbench(arguments);
  expect_status(&a, status);
  assert_string_equal(a.out, "");
  expect_contains(a.err, sentence);
  answer_free(&a);
}

static void what_is_not_there_is_refused_in_a_sentence(void **state) {
  (void)state;
  refuses("explain run.json 3", 2, "a number from 1 to 2, or a name such as trees/gen3@3");
  refuses("explain run.json trees/rc", 2, "there is no such cell");
  refuses("explain run.json trees/gen3@6x", 2, "there is no such cell");
  refuses("explain run.json 1 --no-run --run-json x.json", 2, "with --no-run nothing is run");
  refuses("explain none.json", 2, "none.json");
  assert_int_not_equal(access("x.json", F_OK), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_runs_that_it_needs_are_added_and_the_parts_add_up),
      cmocka_unit_test(a_plot_that_cannot_split_names_the_command_that_makes_the_runs),
      cmocka_unit_test(without_runs_it_says_what_is_missing),
      cmocka_unit_test(what_is_not_there_is_refused_in_a_sentence),
  };
  return cmocka_run_group_tests(tests, run_first, leave_scratch);
}
