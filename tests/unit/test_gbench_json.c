/* A run in Google Benchmark's form: names, repetitions, aggregates as the library defines them, failures. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "results/export/gbench_json.h"
#include <math.h>
#include <string.h>

static json_t *invocation(double wall, double cpu) {
  return json_pack("{s:s, s:[{s:f, s:f, s:i, s:i}, {s:f, s:f, s:i, s:i}]}", "status", "ok", "iterations",
                   "wall_ns", wall - 10, "cpu_ns", cpu, "ops", 100, "allocated_bytes", 1000, "wall_ns",
                   wall + 10, "cpu_ns", cpu, "ops", 100, "allocated_bytes", 1000);
}

static json_t *run(void) {
  json_t *good = json_pack("{s:s, s:{s:s}, s:s, s:{s:s}, s:f, s:i, s:i, s:s, s:[o,o,o]}", "workload", "w",
                           "params", "depth", "4", "collector", "c", "options", "nursery", "1M",
                           "heap_factor", 3.0, "heap_bytes", 300000, "mutators", 2, "status", "ok",
                           "invocations", invocation(100, 50), invocation(200, 60), invocation(600, 70));
  json_t *bad =
      json_pack("{s:s, s:{}, s:s, s:{}, s:f, s:i, s:i, s:s, s:s, s:[{s:s, s:[]}]}", "workload", "w", "params",
                "collector", "d", "options", "heap_factor", 3.0, "heap_bytes", 300000, "mutators", 1,
                "status", "oom", "reason", "no room", "invocations", "status", "oom", "iterations");
  return json_pack("{s:{s:s, s:[s], s:[f]}, s:[o,o]}", "context", "host", "h", "command", "gcbench",
                   "load_average", 1.5, "cells", good, bad);
}

static double number(const json_t *entry, const char *key) {
  assert_true(json_is_number(json_object_get(entry, key)));
  return json_number_value(json_object_get(entry, key));
}

static void near(double a, double b) {
  assert_true(fabs(a - b) < 1e-9 * (1 + fabs(b)));
}

static void invocations_are_repetitions_with_aggregates(void **state) {
  (void)state;
  json_t *r = run(), *out = gcb_gbench_json(r), *all = json_object_get(out, "benchmarks");
  static const char name[] = "w/depth:4/c/nursery:1M/heap:3x/mutators:2";
  assert_int_equal(json_array_size(all), 3 + 4 + 1);
  json_t *one = json_array_get(all, 1);
  assert_string_equal(json_string_value(json_object_get(one, "name")), name);
  assert_string_equal(json_string_value(json_object_get(one, "run_type")), "iteration");
  near(number(one, "repetition_index"), 1);
  near(number(one, "repetitions"), 3);
  near(number(one, "iterations"), 2);
  near(number(one, "threads"), 2);
  near(number(one, "real_time"), 200);
  near(number(one, "cpu_time"), 60);
  /* 100, 200, 600: mean 300, median 200, standard deviation sqrt((200^2 + 100^2 + 300^2) / 2) */
  static const double real[] = {300, 200, 264.5751311064591, 0.8819171036881969};
  static const double cpu[] = {60, 60, 10, 1 / 6.};
  static const char *const which[] = {"mean", "median", "stddev", "cv"};
  for (size_t i = 0; i < 4; i++) {
    json_t *aggregate = json_array_get(all, 3 + i);
    const char *full = json_string_value(json_object_get(aggregate, "name"));
    assert_memory_equal(full, name, strlen(name));
    assert_string_equal(full + strlen(name) + 1, which[i]);
    assert_string_equal(json_string_value(json_object_get(aggregate, "run_name")), name);
    assert_string_equal(json_string_value(json_object_get(aggregate, "aggregate_name")), which[i]);
    near(number(aggregate, "real_time"), real[i]);
    near(number(aggregate, "cpu_time"), cpu[i]);
  }
  json_decref(out);
  json_decref(r);
}

/* Builds of before and after lie in different folders, and compare.py pairs by name. */
static void a_plugin_goes_by_its_file_unless_the_run_has_two_of_that_name(void **state) {
  (void)state;
  json_t *r = run(), *cells = json_object_get(r, "cells");
  json_object_set_new(json_array_get(cells, 0), "collector", json_string("old/mine.so"));
  json_t *out = gcb_gbench_json(r);
  assert_string_equal(
      json_string_value(json_object_get(json_array_get(json_object_get(out, "benchmarks"), 0), "run_name")),
      "w/depth:4/mine.so/nursery:1M/heap:3x/mutators:2");
  json_decref(out);
  json_object_set_new(json_array_get(cells, 1), "collector", json_string("new/mine.so"));
  out = gcb_gbench_json(r);
  assert_string_equal(
      json_string_value(json_object_get(json_array_get(json_object_get(out, "benchmarks"), 0), "run_name")),
      "w/depth:4/old/mine.so/nursery:1M/heap:3x/mutators:2");
  json_decref(out);
  json_decref(r);
}

static void a_cell_that_failed_is_an_error_with_its_reason(void **state) {
  (void)state;
  json_t *r = run(), *out = gcb_gbench_json(r);
  json_t *one = json_array_get(json_object_get(out, "benchmarks"), 7);
  assert_true(json_is_true(json_object_get(one, "error_occurred")));
  assert_string_equal(json_string_value(json_object_get(one, "error_message")), "oom: no room");
  near(number(one, "real_time"), 0);
  json_decref(out);
  json_decref(r);
}

static void what_is_not_known_is_left_out(void **state) {
  (void)state;
  json_t *r = run(), *out = gcb_gbench_json(r), *one = json_array_get(json_object_get(out, "benchmarks"), 0);
  assert_null(json_object_get(one, "pause_p99"));
  assert_null(json_object_get(one, "stall_ns"));
  near(json_number_value(json_array_get(json_object_get(json_object_get(out, "context"), "load_avg"), 0)),
       1.5);
  json_decref(out);
  json_decref(r);
}

static void the_library_s_own_entry_goes_before(void **state) {
  (void)state;
  json_t *r = run(), *cell = json_array_get(json_object_get(r, "cells"), 0);
  json_object_set_new(json_array_get(json_object_get(cell, "invocations"), 0), "benchmark",
                      json_pack("{s:f, s:i, s:f}", "real_time", 123.0, "iterations", 7, "cpu_time", 1.0));
  json_t *out = gcb_gbench_json(r), *one = json_array_get(json_object_get(out, "benchmarks"), 0);
  near(number(one, "real_time"), 123);
  near(number(one, "iterations"), 7);
  near(number(one, "cpu_time"), 50); /* the library knows one thread's only */
  json_decref(out);
  json_decref(r);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(invocations_are_repetitions_with_aggregates),
      cmocka_unit_test(a_plugin_goes_by_its_file_unless_the_run_has_two_of_that_name),
      cmocka_unit_test(a_cell_that_failed_is_an_error_with_its_reason),
      cmocka_unit_test(what_is_not_known_is_left_out),
      cmocka_unit_test(the_library_s_own_entry_goes_before),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
