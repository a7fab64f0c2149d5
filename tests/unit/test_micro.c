/* Google Benchmark behind its C interface, and the merging of what several processes report. */
#include "measure/gbench.h"
#include "measure/gbench_driver.h"
#include "micro/micro.h"
#include <dlfcn.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static json_t *parse(const char *text) {
  char why[200] = "";
  json_t *j = gcb_gbench_parse(text, why, sizeof why);
  if (!j) print_error("%s\n", why);
  assert_non_null(j);
  return j;
}

static json_t *benchmark(const json_t *document, size_t i) {
  return json_array_get(json_object_get(document, "benchmarks"), i);
}

static void numbers_that_json_does_not_know_are_left_out(void **state) {
  (void)state;
  json_t *j = parse("{\"benchmarks\": [{\"name\": \"a\", \"real_time\": NaN, \"cpu_time\": -Infinity, "
                    "\"x\": Infinity, \"y\": 1.5e+00}]}");
  assert_null(json_object_get(benchmark(j, 0), "real_time"));
  assert_null(json_object_get(benchmark(j, 0), "cpu_time"));
  assert_null(json_object_get(benchmark(j, 0), "x"));
  assert_true(json_real_value(json_object_get(benchmark(j, 0), "y")) == 1.5);
  json_decref(j);
}

static void the_same_words_in_names_stay(void **state) {
  (void)state;
  json_t *j =
      parse("{\"benchmarks\": [{\"name\": \"say \\\"NaN\\\", Infinity \\\\\", \"error_message\": \"inf\"}]}");
  assert_string_equal(json_string_value(json_object_get(benchmark(j, 0), "name")),
                      "say \"NaN\", Infinity \\");
  assert_string_equal(json_string_value(json_object_get(benchmark(j, 0), "error_message")), "inf");
  json_decref(j);
}

static void a_torn_report_is_refused_with_a_sentence(void **state) {
  (void)state;
  char why[200] = "";
  assert_null(gcb_gbench_parse("{\"benchmarks\": [{\"name\": \"a\"", why, sizeof why));
  assert_non_null(strstr(why, "not JSON"));
}

static void parts_are_merged_with_one_context_and_families_apart(void **state) {
  (void)state;
  json_t *whole = json_object();
  json_t *a =
      parse("{\"context\": {\"date\": \"first\"}, \"benchmarks\": [{\"name\": \"a\", \"family_index\": 0}, "
            "{\"name\": \"b\", \"family_index\": 1}]}");
  json_t *b = parse(
      "{\"context\": {\"date\": \"second\"}, \"benchmarks\": [{\"name\": \"c\", \"family_index\": 0}]}");
  gcb_micro_merge(whole, a);
  gcb_micro_merge(whole, b);
  assert_string_equal(json_string_value(json_object_get(json_object_get(whole, "context"), "date")), "first");
  assert_int_equal(json_array_size(json_object_get(whole, "benchmarks")), 3);
  for (size_t i = 0; i < 3; i++)
    assert_int_equal(json_integer_value(json_object_get(benchmark(whole, i), "family_index")), i);
  json_decref(a);
  json_decref(b);
  json_decref(whole);
}

/* ---- the library itself: one run, as a process has only one ---- */

static const gcb_gbench *library;

static void counts(gcb_gbench_state *s, void *context) {
  while (library->more(s, 10)) *(uint64_t *)context += 10;
  library->items(s, library->operations(s));
}
static void takes_a_millisecond(gcb_gbench_state *s, void *context) {
  (void)context;
  while (library->more(s, 1)) library->time(s, 0.001);
  library->time_per(s, "per_thing", 1000);
  library->average(s, "average", 2.0 * (double)library->operations(s));
  library->average(s, "endless", INFINITY);
}
static void fails(gcb_gbench_state *s, void *context) {
  (void)context;
  library->fail_case(s, "it broke");
}
static void does_not_apply(gcb_gbench_state *s, void *context) {
  (void)context;
  library->skip_case(s, "not for this one");
}
static void is_filtered_out(gcb_gbench_state *s, void *context) {
  (void)s;
  *(bool *)context = true;
}

static void what_is_registered_runs_and_failures_are_counted(void **state) {
  (void)state;
  char file[4200];
  snprintf(file, sizeof file, "%s/gbench.so", gcb_lib_dir());
  void *module = dlopen(file, RTLD_NOW | RTLD_LOCAL);
  if (!module) fail_msg("%s is not there: install libbenchmark-dev and configure again", file);
  library = dlsym(module, "gcb_gbench_library");
  assert_non_null(library);
  uint64_t counted = 0;
  bool other = false;
  library->register_case(
      &(gcb_gbench_case){.name = "t/counts", .run = counts, .context = &counted, .iterations = 50});
  library->register_case(
      &(gcb_gbench_case){.name = "t/clocked", .run = takes_a_millisecond, .clocked = true, .iterations = 7});
  library->register_case(&(gcb_gbench_case){.name = "t/fails", .run = fails});
  library->register_case(&(gcb_gbench_case){.name = "t/skips", .run = does_not_apply});
  library->register_case(&(gcb_gbench_case){.name = "other", .run = is_filtered_out, .context = &other});
  gcb_gbench_report report;
  assert_true(library->run(&(gcb_gbench_options){.filter = "^t/", .repetitions = 1}, &report));
  assert_int_equal(report.cases, 4);
  assert_int_equal(report.failed, 1);
  assert_int_equal(counted, 50);
  assert_false(other);
  assert_string_equal(report.skipped, "1 skipped: not for this one\n");
  assert_null(strstr(report.warnings, "DEBUG"));
  assert_non_null(strstr(report.table, "t/counts"));
  assert_null(strstr(report.table, "t/skips"));

  json_t *j = parse(report.json), *clocked = benchmark(j, 1);
  assert_int_equal(json_array_size(json_object_get(j, "benchmarks")), 3);
  assert_int_equal(json_integer_value(json_object_get(clocked, "iterations")), 7);
  double ns = json_number_value(json_object_get(clocked, "real_time"));
  assert_true(ns > 0.999e6 && ns < 1.001e6);
  double each = json_number_value(json_object_get(clocked, "per_thing"));
  assert_true(each > 0.999e-6 && each < 1.001e-6);
  assert_true(json_number_value(json_object_get(clocked, "average")) == 2);
  assert_null(json_object_get(clocked, "endless"));
  assert_true(json_is_true(json_object_get(benchmark(j, 2), "error_occurred")));
  json_decref(j);
  free(report.table);
  free(report.warnings);
  free(report.skipped);
  free(report.json);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(numbers_that_json_does_not_know_are_left_out),
      cmocka_unit_test(the_same_words_in_names_stay),
      cmocka_unit_test(a_torn_report_is_refused_with_a_sentence),
      cmocka_unit_test(parts_are_merged_with_one_context_and_families_apart),
      cmocka_unit_test(what_is_registered_runs_and_failures_are_counted),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
