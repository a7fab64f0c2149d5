/* Suite files of a night: what is read, and the line of each fault. */
#include "nightly/suite.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>
// clang-format on

static char path[] = "/tmp/gcbench-suite-XXXXXX";

static bool read_text(gcb_suite *s, const char *text, char *why, size_t size) {
  FILE *out = fopen(path, "w");
  assert_non_null(out);
  fputs(text, out);
  fclose(out);
  return gcb_suite_read(s, path, why, size);
}

static void the_shipped_suite_is_read(void **state) {
  (void)state;
  gcb_suite s;
  char why[600] = "";
  if (!gcb_suite_read(&s, GCB_SHIPPED_SUITE, why, sizeof why)) print_error("%s\n", why);
  assert_string_equal(why, "");
  assert_string_equal(s.name, "nightly");
  assert_int_equal(s.budget_ns, 40ull * 60 * 1000000000);
  assert_int_equal(s.n_cells, 3);
  assert_int_equal(s.cells[0].workloads.n, 3);
  assert_true(s.cells[0].heaps.items[1].factor == 3);
  assert_string_equal(s.cells[1].params.items[0].key, "load");
  assert_string_equal(s.cells[1].params.items[0].values.items[0], "0.7");
  assert_int_equal(s.cells[2].n_mutators, 2);
  assert_int_equal(s.cells[2].mutators[1], 2);
  assert_int_equal(s.rules.n_gates, 5);
  assert_true(s.rules.heed_doctor && s.rules.widest == .05 && s.rules.canary_moves == .05);
  assert_true(s.rules.gates[0].floor == .02);
  assert_string_equal(s.canary.items[1], "semispace");
  assert_string_equal(s.baselines.items[1], "last-release");
  gcb_suite_free(&s);
}

static void what_is_left_out_has_a_default(void **state) {
  (void)state;
  gcb_suite s;
  char why[600] = "";
  assert_true(read_text(&s, "cells:\n  - {workloads: trees, collectors: gen3}\ngates: {cpu_ns: learnt}\n",
                        why, sizeof why));
  assert_true(s.cells[0].heaps.n == 1 && s.cells[0].heaps.items[0].factor == 3);
  assert_true(s.cells[0].n_mutators == 1 && s.cells[0].mutators[0] == 1);
  assert_int_equal(s.pairs, 20);
  assert_true(s.rules.gates[0].floor == 0);
  assert_int_equal(s.baselines.n, 0);
  gcb_suite_free(&s);
}

static void each_fault_has_its_line(void **state) {
  (void)state;
  static const struct {
    const char *text, *line, *word;
  } faults[] = {
      {"name: x\nbuget: 3m\n", ":2: ", "did you mean budget"},
      {"budget: 3 parsecs\n", ":1: ", "expected a duration"},
      {"pairs: 5\n", ":1: ", "from 6 to 1000"},
      {"name: a\nname: b\n", ":2: ", "twice"},
      {"cells:\n  - workloads: trees\n", ":2: ", "needs workloads and collectors"},
      {"cells:\n  - workloads: trees\n    collectors: gen3\n    heaps: [2x, 3y]\n", ":4: ", "3y"},
      {"cells:\n  - workloads: trees\n    collectors: gen3\n    mutators: 0\n", ":4: ", "from 1 to 64"},
      {"cells:\n  - workloads: []\n    collectors: gen3\n", ":2: ", "the list is empty"},
      {"gates:\n  wall: 2%\n", ":2: ", "wall_ns"},
      {"gates:\n  major_collections: 2%\n", ":2: ", "only noisy metrics gate"},
      {"gates:\n  wall_ns: 2\n", ":2: ", "2%"},
      {"trust:\n  noise: 5%\n", ":2: ", "there are doctor, intervals, canary"},
      {"trust:\n  canary: wide\n", ":2: ", "expected a percentage"},
      {"baselines: [good, canary]\n", ":1: ", "but not 'canary'"},
      {"canary: trees\n", ":1: ", "a workload, a collector and a heap"},
      {"name: [a\n", ":", "not YAML"},
      {"- a\n- b\n", ":1: ", "expected keys"},
      {"name: {a: b}\n", ":1: ", "expected one word"},
      {"", ": ", "there are no cells"},
  };
  for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
    gcb_suite s;
    char why[600] = "";
    assert_false(read_text(&s, faults[i].text, why, sizeof why));
    if (!strstr(why, faults[i].line) || !strstr(why, faults[i].word))
      print_error("%s: %s\n", faults[i].text, why);
    assert_non_null(strstr(why, faults[i].line));
    assert_non_null(strstr(why, faults[i].word));
    assert_int_equal(strncmp(why, path, strlen(path)), 0);
    assert_null(s.memory);
  }
}

static void a_file_that_is_not_there_is_named(void **state) {
  (void)state;
  gcb_suite s;
  char why[600];
  assert_false(gcb_suite_read(&s, "/nowhere/night.yaml", why, sizeof why));
  assert_non_null(strstr(why, "/nowhere/night.yaml"));
  assert_non_null(strstr(why, "--init"));
}

static int make_path(void **state) {
  (void)state;
  return mkstemp(path) < 0;
}
static int remove_path(void **state) {
  (void)state;
  return unlink(path);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_shipped_suite_is_read),
      cmocka_unit_test(what_is_left_out_has_a_default),
      cmocka_unit_test(each_fault_has_its_line),
      cmocka_unit_test(a_file_that_is_not_there_is_named),
  };
  return cmocka_run_group_tests(tests, make_path, remove_path);
}
