/* Google Benchmark drives the timed loops when it is asked to: the same work is done, and its own compare.py
 * reads what is written. */
#include "shell.h"

static const char call[] =
    "run -w cycles -p nodes=20000 -p live=1000 -c gen3,rccycle --heap 16M -n 3 -i 2 -q";

static json_t *invocation(const json_t *run, size_t cell, size_t i) {
  return json_array_get(json_object_get(json_array_get(json_object_get(run, "cells"), cell), "invocations"),
                        i);
}

static void a_driven_loop_does_the_same_work(void **state) {
  (void)state;
  char line[400];
  snprintf(line, sizeof line, "%s --json own.json", call);
  answer a = gcbench(line);
  expect_status(&a, 0);
  answer_free(&a);
  snprintf(line, sizeof line, "%s --json driven.json --benchmark_out=out.json --benchmark_out_format=json",
           call);
  a = gcbench(line);
  expect_status(&a, 0);
  answer_free(&a);
  json_t *own = load("own.json"), *driven = load("driven.json"), *out = load("out.json");
  for (size_t cell = 0; cell < 2; cell++)
    for (size_t i = 0; i < 3; i++) {
      json_t *x = invocation(own, cell, i), *y = invocation(driven, cell, i),
             *b = json_object_get(y, "benchmark");
      json_t *laps = json_object_get(y, "iterations"), *lap;
      size_t k;
      double sum = 0;
      assert_null(json_object_get(x, "benchmark"));
      assert_string_equal(word(x, "checksum"), word(y, "checksum"));
      assert_true(json_equal(json_object_get(x, "counts"), json_object_get(y, "counts")));
      assert_int_equal(json_array_size(laps), 2);
      assert_int_equal(json_integer_value(json_object_get(b, "iterations")), 2);
      json_array_foreach(laps, k, lap) sum += json_number_value(json_object_get(lap, "wall_ns"));
      double mean = json_number_value(json_object_get(b, "real_time"));
      assert_true(mean > .999 * sum / 2 && mean < 1.001 * sum / 2);
      json_t *entry = json_array_get(json_object_get(out, "benchmarks"), cell * 7 + i);
      assert_true(json_equal(json_object_get(entry, "real_time"), json_object_get(b, "real_time")));
    }
  json_decref(own);
  json_decref(driven);
  json_decref(out);
}

static void compare_py_reads_a_run(void **state) {
  (void)state;
  static const char compare[] = "/usr/share/benchmark/compare.py";
  char command[400];
  if (access(compare, R_OK) != 0) fail_msg("%s is not there: install libbenchmark-tools", compare);
  snprintf(command, sizeof command,
           "/usr/bin/python3 %s --no-color benchmarks out.json out.json >cmp.txt 2>&1", compare);
  int status = system(command);
  char *said = slurp("cmp.txt");
  if (status != 0) print_error("%s\n", said);
  assert_int_equal(status, 0);
  expect_contains(said, "/nodes:20000/gen3/heap:");
  expect_contains(said, "_median");
  free(said);
}

/* The command that --help and README give for two collectors: names that differ are made alike. */
static void compare_py_holds_two_collectors_against_each_other(void **state) {
  (void)state;
  answer a =
      gcbench("run -w cycles -p nodes=20000 -p live=1000 -c marksweep --heap 16M -n 2 -i 1 -q --no-save "
              "--benchmark_out=other.json");
  expect_status(&a, 0);
  answer_free(&a);
  int status =
      system("/usr/bin/python3 /usr/share/benchmark/compare.py --no-color benchmarksfiltered out.json "
             "gen3 other.json marksweep >cmp.txt 2>&1");
  char *said = slurp("cmp.txt");
  if (status != 0) print_error("%s\n", said);
  assert_int_equal(status, 0);
  expect_contains(said, "/nodes:20000/[gen3 vs. marksweep]/heap:");
  free(said);
}

static void a_stored_run_is_exported_in_that_form(void **state) {
  (void)state;
  json_error_t error;
  answer a = gcbench("export last --format google");
  expect_status(&a, 0);
  json_t *exported = json_loads(a.out, 0, &error), *out = load("out.json");
  assert_true(json_equal(json_object_get(exported, "benchmarks"), json_object_get(out, "benchmarks")));
  json_decref(exported);
  json_decref(out);
  answer_free(&a);
}

static void a_failure_is_skipped_with_its_error(void **state) {
  (void)state;
  answer a = gcbench("run -w cycles -p nodes=20000 -p live=1000 -c rc,gen3 --heap 300K -n 2 -i 1 -q "
                     "--benchmark_out=failed.json");
  answer_free(&a);
  json_t *out = load("failed.json"), *one = json_array_get(json_object_get(out, "benchmarks"), 0);
  assert_true(json_is_true(json_object_get(one, "error_occurred")));
  expect_contains(word(one, "error_message"), "oom: out of memory");
  json_decref(out);
}

static void other_formats_are_wrong_words(void **state) {
  (void)state;
  answer a = gcbench("run -w trees -c gen3 --benchmark_out=x --benchmark_out_format=console");
  expect_status(&a, 2);
  expect_contains(a.err, "console");
  answer_free(&a);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_driven_loop_does_the_same_work),
      cmocka_unit_test(compare_py_reads_a_run),
      cmocka_unit_test(compare_py_holds_two_collectors_against_each_other),
      cmocka_unit_test(a_stored_run_is_exported_in_that_form),
      cmocka_unit_test(a_failure_is_skipped_with_its_error),
      cmocka_unit_test(other_formats_are_wrong_words),
  };
  return cmocka_run_group_tests(tests, enter_scratch, leave_scratch);
}
