/* What `gcbench list` tells beside workloads and collectors. */
#include "shell.h"

/* Every metric that a run's summary has by name is listed, with all that a reader needs to judge it. */
static void metrics_are_listed_with_unit_class_and_direction(void **state) {
  (void)state;
  answer a = gcbench("run -w trees -p depth=6 -c none -n 1 -i 1 -q --no-save --json run.json");
  expect_status(&a, 0);
  answer_free(&a);
  a = gcbench("list metrics --json");
  expect_status(&a, 0);
  json_t *all = json_loads(a.out, 0, NULL), *run = load("run.json");
  json_t *metrics = json_object_get(all, "metrics"), *metric;
  answer_free(&a);
  size_t i, summarised = 0;
  json_t *summary = json_object_get(json_array_get(json_object_get(run, "cells"), 0), "summary");
  bool wall = false, rate = false;
  json_array_foreach(metrics, i, metric) {
    const char *name = word(metric, "name"), *class = word(metric, "class"), *better = word(metric, "better");
    assert_true(*word(metric, "meaning") && *word(metric, "unit"));
    assert_true(!strcmp(class, "exact") || !strcmp(class, "noisy") || !strcmp(class, "informational"));
    assert_true(!strcmp(better, "less") || !strcmp(better, "more"));
    assert_true(json_array_size(json_object_get(metric, "where")) > 0);
    bool listed = false;
    size_t k;
    json_t *where;
    json_array_foreach(json_object_get(metric, "where"), k, where) listed |=
        strcmp(json_string_value(where), "summary in JSON") == 0;
    assert_int_equal(listed, json_object_get(summary, name) != NULL);
    summarised += listed;
    wall |= !strcmp(name, "wall_ns") && !strcmp(class, "noisy") && !strcmp(better, "less");
    rate |= !strcmp(name, "ops_per_s") && !strcmp(better, "more");
  }
  assert_true(wall && rate && summarised > 10);
  json_decref(all);
  json_decref(run);
  a = gcbench("list metrics");
  expect_status(&a, 0);
  expect_contains(a.out, "in table of run (throughput [95 %])");
  answer_free(&a);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(metrics_are_listed_with_unit_class_and_direction),
  };
  return cmocka_run_group_tests(tests, enter_scratch, leave_scratch);
}
