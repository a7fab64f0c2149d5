/* Minimum heaps of collectors whose ratio theory predicts. */
#include "shell.h"

static json_t *minheap(const char *arguments, int status) {
  char line[2000];
  snprintf(line, sizeof line, "minheap %s --json min.json", arguments);
  answer a = gcbench(line);
  expect_status(&a, status);
  answer_free(&a);
  return load("min.json");
}

static json_t *cell(const json_t *all, size_t i) {
  return json_array_get(json_object_get(all, "cells"), i);
}
static double bytes(const json_t *all, size_t i, size_t k) {
  return json_number_value(
      json_object_get(json_array_get(json_object_get(cell(all, i), "minima"), k), "bytes"));
}

static void copying_needs_about_twice_what_compaction_needs(void **state) {
  (void)state;
  json_t *all = minheap("-w trees -p depth=11 -c semispace,markcompact -i 1 -n 2 -q", 0);
  assert_string_equal(word(all, "schema"), "gcbench.minheap/1");
  double ratio = bytes(all, 0, 0) / bytes(all, 1, 0);
  if (ratio < 1.5 || ratio > 2.6) print_error("ratio %f\n", ratio);
  assert_true(ratio >= 1.5 && ratio <= 2.6);
  assert_true(json_is_null(json_object_get(cell(all, 0), "grows")));
  for (size_t i = 0; i < 2; i++) {
    const json_t *one = json_array_get(json_object_get(cell(all, i), "minima"), 0);
    assert_int_equal(json_array_size(json_object_get(one, "values")), 2);
    assert_true(json_number_value(json_object_get(one, "efficiency")) > .9);
    assert_true(json_number_value(json_object_get(one, "lo")) <=
                json_number_value(json_object_get(one, "hi")));
  }
  json_decref(all);
}

static void a_leak_shows_as_growth(void **state) {
  (void)state;
  json_t *all = minheap("-w cycles -p nodes=20000 -p live=1000 -c rc,marksweep -i 1,4 -n 1 -q", 0);
  assert_true(json_is_true(json_object_get(cell(all, 0), "grows")));
  assert_true(json_is_false(json_object_get(cell(all, 1), "grows")));
  assert_true(bytes(all, 0, 1) > 2 * bytes(all, 0, 0));
  json_decref(all);
  answer a = gcbench("minheap -w cycles -p nodes=20000 -p live=1000 -c rc -i 1,4 -n 1 -q");
  expect_contains(a.out, "a leak");
  answer_free(&a);
}

static void without_a_bound_there_is_no_minimum(void **state) {
  (void)state;
  json_t *all = minheap("-w trees -p depth=8 -c " GCB_PLUGINS "/well_behaved.so -i 1 -n 1 -q", 5);
  assert_string_equal(word(cell(all, 0), "status"), "unsupported");
  assert_int_equal(json_array_size(json_object_get(cell(all, 0), "minima")), 0);
  json_decref(all);
}

static void wrong_words_are_named(void **state) {
  (void)state;
  answer a = gcbench("minheap -w trees -c gen3 --iterations 5,1");
  expect_status(&a, 2);
  expect_contains(a.err, "ascending");
  answer_free(&a);
  a = gcbench("minheap -w trees");
  expect_status(&a, 2);
  expect_contains(a.err, "--collector");
  answer_free(&a);
  a = gcbench("minheap --help");
  expect_status(&a, 0);
  expect_contains(a.out, "out of time did not fit");
  answer_free(&a);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(copying_needs_about_twice_what_compaction_needs),
      cmocka_unit_test(a_leak_shows_as_growth),
      cmocka_unit_test(without_a_bound_there_is_no_minimum),
      cmocka_unit_test(wrong_words_are_named),
  };
  return cmocka_run_group_tests(tests, enter_scratch, leave_scratch);
}
