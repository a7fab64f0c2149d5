/* A locale with a decimal comma, in the environment and set by a plug-in x every collector that sets locales
 * x numbers: they are read and written with a point, everywhere. */
#include "shell.h"

#include <sys/stat.h>

static bool there_is_one;

/* The locale is made here, from the sources of Debian's package locales: no machine needs to have it. */
static int prepare(void **state) {
  if (enter_scratch(state) != 0) return -1;
  char path[200];
  there_is_one = mkdir("locales", 0777) == 0 &&
                 system("localedef -i de_DE -f UTF-8 ./locales/de_DE.UTF-8 >/dev/null 2>&1") <= 256 &&
                 access("locales/de_DE.UTF-8/LC_NUMERIC", R_OK) == 0;
  if (!there_is_one) return 0;
  snprintf(path, sizeof path, "%s/locales", scratch_folder);
  return setenv("LOCPATH", path, 1) | setenv("LC_ALL", "de_DE.UTF-8", 1) | setenv("LANG", "de_DE.UTF-8", 1);
}

static void real_parameters_are_read_on_every_collector(void **state) {
  static const char *const collectors[] = {
      GCB_PLUGINS "/german.so", "jvm", "cpython", "ocaml", "lua-inc", "bdwgc", "gen3"};
  size_t measured = 0;
  (void)state;
  if (!there_is_one) skip(); /* no localedef, or no locale sources */
  for (size_t i = 0; i < sizeof collectors / sizeof *collectors; i++) {
    char line[1000];
    snprintf(line, sizeof line,
             "run -w churn -p records=20000 -p live=1024 -p survival=0.25 -c '%s' -n 1 -i 1 --heap 64M -q "
             "--no-save "
             "--json run.json --csv run.csv",
             collectors[i]);
    answer a = gcbench(line);
    if (strstr(a.out, "unsupported") || strstr(a.err, "unsupported")) { /* its package is not here */
      answer_free(&a);
      continue;
    }
    expect_status(&a, 0);
    json_t *run = load("run.json"), *cell = json_array_get(json_object_get(run, "cells"), 0);
    assert_string_equal(word(cell, "status"), "ok");
    assert_string_equal(word(json_object_get(cell, "params"), "survival"), "0.25");
    double wall = json_number_value(json_object_get(
        json_array_get(json_object_get(json_array_get(json_object_get(cell, "invocations"), 0), "iterations"),
                       0),
        "wall_ns"));
    assert_true(wall > 0);
    json_decref(run);
    answer_free(&a);
    measured++;
  }
  assert_true(measured >= 2);
}

static void other_commands_read_and_write_points_too(void **state) {
  (void)state;
  if (!there_is_one) skip(); /* no localedef, or no locale sources */
  answer a = gcbench(
      "run -w churn -p records=20000 -p live=1024 -p survival=0.25 -c marksweep -n 2 -i 1 -H 32.5x -q "
      "--save a --json a.json --csv a.csv");
  expect_status(&a, 0);
  expect_contains(a.out, "32.5x");
  answer_free(&a);
  a = gcbench("compare a.json a.json --floor 2.5%");
  assert_true(a.status == 0 || a.status == 3);
  answer_free(&a);
  a = gcbench("micro -c '" GCB_PLUGINS
              "/german.so' --filter new_init/2 --min-time 0.01s -q --json micro.json");
  assert_true(a.status == 0 || a.status == 5); /* 5: without libbenchmark */
  answer_free(&a);
  char *csv = slurp("a.csv"), *line = strchr(csv, '\n');
  size_t columns = 1, values = 1;
  for (char *at = csv; at < line; at++) columns += *at == ',';
  for (char *at = line + 1; *at && *at != '\n'; at++) values += *at == ',';
  assert_int_equal(values, columns); /* a decimal comma would be one more */
  free(csv);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(real_parameters_are_read_on_every_collector),
      cmocka_unit_test(other_commands_read_and_write_points_too),
  };
  return cmocka_run_group_tests(tests, prepare, leave_scratch);
}
