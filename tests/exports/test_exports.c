/* What other programs read, written from a small run document and read back by a script of the standard
 * library of Python. */
#include "results/export/go_bench.h"
#include "results/export/hgrm.h"
#include "results/export/junit.h"
#include "results/export/trace_events.h"
#include "results/store/runs.h"
#include <stdlib.h>
#include <string.h>
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

static char folder[] = "/tmp/gcbench-exports-XXXXXX";

static void write_as(const char *name, bool (*writer)(const json_t *, FILE *), const json_t *run) {
  char path[200];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *out = fopen(path, "w");
  assert_non_null(out);
  assert_true(writer(run, out));
  assert_int_equal(fclose(out), 0);
}

static void every_format_is_read_back(void **state) {
  (void)state;
  char why[500], command[900];
  json_t *run = gcb_load_file(GCB_TEST_DATA "/run.json", why, sizeof why);
  assert_non_null(run);
  assert_non_null(mkdtemp(folder));
  write_as("run.txt", gcb_go_bench_write, run);
  write_as("run.xml", gcb_junit_run, run);
  write_as("run.trace.json", gcb_trace_write, run);
  write_as("run.hgrm", gcb_hgrm_pauses, run);
  json_decref(run);
  snprintf(command, sizeof command, "/usr/bin/python3 %s/read_back.py %s/run.json %s", GCB_TEST_DATA,
           GCB_TEST_DATA, folder);
  assert_int_equal(system(command), 0);
  snprintf(command, sizeof command, "rm -r %s", folder);
  assert_int_equal(system(command), 0);
}

static json_t *empty_run(void) {
  return json_pack("{s:s, s:{}, s:[]}", "schema", "gcbench.run/1", "context", "cells");
}

static void a_run_without_invocations_is_nothing_to_export(void **state) {
  (void)state;
  json_t *run = empty_run();
  FILE *out = tmpfile();
  assert_false(gcb_go_bench_write(run, out));
  assert_false(gcb_hgrm_pauses(run, out));
  assert_false(gcb_hgrm_responses(run, out));
  assert_false(gcb_trace_write(run, out));
  assert_true(gcb_junit_run(run, out)); /* no cell is a result too */
  fclose(out);
  json_decref(run);
}

static void what_xml_cannot_hold_is_replaced(void **state) {
  (void)state;
  char text[1000] = "";
  json_t *suites =
      json_pack("[{s:s, s:[{s:s, s:s, s:f, s:s, s:s}]}]", "name", "<&\">", "cases", "name", "x", "class", "y",
                "seconds", 1.5, "outcome", "error", "message", "bell \a and \xc3\xa4");
  FILE *out = tmpfile();
  assert_true(gcb_junit_write(suites, out));
  rewind(out);
  assert_true(fread(text, 1, sizeof text - 1, out) > 0);
  assert_non_null(strstr(text, "name=\"&lt;&amp;&quot;&gt;\""));
  assert_non_null(strstr(text, "message=\"bell ? and \xc3\xa4\""));
  assert_non_null(strstr(text, "errors=\"1\""));
  fclose(out);
  json_decref(suites);
}

static void responses_are_counted_in_their_buckets(void **state) {
  (void)state;
  char text[4000] = "";
  json_t *run = empty_run();
  json_array_append_new(json_object_get(run, "cells"),
                        json_pack("{s:[{s:{s:{s:i, s:[[i, i], [i, i]]}}}]}", "invocations", "response",
                                  "intended", "max", 3000000, "buckets", 1000000, 99, 3001000, 1));
  FILE *out = tmpfile();
  assert_true(gcb_hgrm_responses(run, out));
  rewind(out);
  assert_true(fread(text, 1, sizeof text - 1, out) > 0);
  assert_non_null(strstr(text, "    1.000000 0.500000000000         99           2.00"));
  assert_non_null(strstr(text, "    3.000000 1.000000000000        100"));
  assert_non_null(strstr(
      text, "#[Mean    =     1.020000, StdDeviation   =     0.198997]")); /* .99 x .02^2 + .01 x 1.98^2 */
  fclose(out);
  json_decref(run);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_format_is_read_back),
      cmocka_unit_test(a_run_without_invocations_is_nothing_to_export),
      cmocka_unit_test(what_xml_cannot_hold_is_replaced),
      cmocka_unit_test(responses_are_counted_in_their_buckets),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
