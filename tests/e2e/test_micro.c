/* gcbench micro on every collector, and its JSON in the hands of Google Benchmark's own compare.py. Nothing
 * here depends on a time. */
#include "shell.h"

/* Names of the collectors that can run. */
static json_t *collectors(void) {
  answer a = gcbench("list collectors --json");
  expect_status(&a, 0);
  json_error_t error;
  json_t *all = json_loads(a.out, 0, &error), *names = json_array(), *one;
  size_t i;
  json_array_foreach(json_object_get(all, "collectors"), i, one) {
    if (!json_object_get(one, "unavailable")) json_array_append(names, json_object_get(one, "name"));
  }
  json_decref(all);
  answer_free(&a);
  assert_true(json_array_size(names) > 0);
  return names;
}

static bool has(const json_t *document, const char *name) {
  size_t i;
  json_t *one;
  json_array_foreach(json_object_get(document, "benchmarks"), i, one) {
    if (strcmp(word(one, "name"), name) == 0) return true;
  }
  return false;
}

static void operations_are_timed_on_every_collector(void **state) {
  (void)state;
  char name[200];
  size_t i, inline_paths = 0;
  json_t *one, *names = collectors();
  answer a = gcbench("micro --filter 'alloc/32|put/old_young|weak_get|major/list/1k|baseline/bump' --call "
                     "--min-time 0.01 --json all.json");
  expect_status(&a, 0);
  json_t *all = load("all.json");
  assert_true(has(all, "baseline/bump"));
  json_array_foreach(names, i, one) {
    snprintf(name, sizeof name, "put/old_young/%s:call", json_string_value(one));
    if (!has(all, name)) fail_msg("%s is not in the results", name);
    name[strlen(name) - strlen(":call")] = 0; /* the inline path; a handle runtime has none */
    inline_paths += has(all, name);
    snprintf(name, sizeof name, "alloc/32/%s", json_string_value(one));
    expect_contains(a.out, name);
  }
  assert_true(inline_paths >= 8);
  json_decref(all);
  json_decref(names);
  answer_free(&a);
}

static void compare_py_reads_the_json(void **state) {
  (void)state;
  static const char compare[] =
      "/usr/share/benchmark/compare.py"; /* Debian's place for it, and Debian's Python */
  if (access(compare, R_OK) != 0) fail_msg("%s is not there: install libbenchmark-tools", compare);
  const char *call =
      "micro --filter 'get|put|minor/list/1k|baseline/malloc' --min-time 0.001 --repetitions 3 "
      "--interleave --quiet --json ";
  char command[400];
  for (const char *file = "a"; file; file = *file == 'a' ? "b" : NULL) {
    snprintf(command, sizeof command, "%s%s.json", call, file);
    answer a = gcbench(command);
    expect_status(&a, 0);
    if (*a.err) expect_contains(a.err, "unsupported"); /* a foreign runtime may not be there */
    answer_free(&a);
  }
  snprintf(command, sizeof command, "/usr/bin/python3 %s --no-color benchmarks a.json b.json >cmp.txt 2>&1",
           compare);
  int status = system(command);
  char *said = slurp("cmp.txt");
  if (status != 0) print_error("%s\n", said);
  assert_int_equal(status, 0);
  expect_contains(said, "baseline/malloc_median");
  free(said);
}

static void a_crash_costs_one_collector_its_part(void **state) {
  (void)state;
  answer a =
      gcbench("micro -c " GCB_PLUGINS "/segfaults.so,none -f 'poll|alloc/32' --min-time 0.001 --json c.json");
  expect_status(&a, 4);
  expect_contains(a.err, "crashed");
  expect_contains(a.out, "poll/none");
  json_t *all = load("c.json");
  assert_true(has(all, "poll/none"));
  assert_int_equal(json_array_size(json_object_get(json_object_get(all, "context"), "gcbench_lost")), 1);
  json_decref(all);
  answer_free(&a);
}

static void running_out_of_memory_is_a_failure_of_that_benchmark(void **state) {
  (void)state;
  answer a = gcbench("micro -c none -H 128K -f '^(alloc/64k|poll)' --min-time 0.001 --json o.json");
  expect_status(&a, 4);
  expect_contains(a.out, "out of memory within the heap bound");
  expect_contains(a.out, "poll/none");
  answer_free(&a);
}

static void names_can_be_listed(void **state) {
  (void)state;
  answer a = gcbench("micro -c none --list -f '^init'");
  expect_status(&a, 0);
  expect_contains(a.out, "init/64/none");
  answer_free(&a);
}

static void wrong_words_are_named(void **state) {
  (void)state;
  static const struct {
    const char *call, *word;
    int status;
  } table[] = {
      {"micro -f '(a'", "(a", 2},
      {"micro -H 3x", "bytes, such as 64M", 2},
      {"micro -c gen33", "gen33", 2},
      {"micro -o nowhere=1", "nowhere", 2},
      {"micro --pin 4000", "4000", 2},
      {"micro -c none -f zzz", "no benchmark has such a name", 5},
      {"micro --json /no/a.json", "a.json", 2},
  };
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
    answer a = gcbench(table[i].call);
    expect_status(&a, table[i].status);
    expect_contains(a.err, table[i].word);
    answer_free(&a);
  }
}

static void the_ratios_are_shown_with_their_figures(void **state) {
  (void)state;
  answer a = gcbench("micro --ratios --pairs 1 --json r.json");
  assert_true(a.status == 0 || a.status == 1); /* what they are is a matter of the machine and the build */
  expect_contains(a.out, "inline / by hand");
  expect_contains(a.out, "call / inline");
  expect_contains(a.out, "collector / arena");
  json_t *all = load("r.json");
  assert_int_equal(json_array_size(json_object_get(all, "ratios")), 3);
  json_decref(all);
  answer_free(&a);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(operations_are_timed_on_every_collector),
      cmocka_unit_test(compare_py_reads_the_json),
      cmocka_unit_test(a_crash_costs_one_collector_its_part),
      cmocka_unit_test(running_out_of_memory_is_a_failure_of_that_benchmark),
      cmocka_unit_test(names_can_be_listed),
      cmocka_unit_test(wrong_words_are_named),
      cmocka_unit_test(the_ratios_are_shown_with_their_figures),
  };
  return cmocka_run_group_tests(tests, enter_scratch, leave_scratch);
}
