/* The main job: every cell ends with a status, what is ok is right, and the files say what the table says.
 * Small parameters: a run is seconds. */
#include "shell.h"

/* Any exit status: for runs in which some collector may rightly end otherwise than ok. */
static json_t *run_anyhow(const char *arguments) {
  char line[2000];
  snprintf(line, sizeof line, "run %s --json run.json", arguments);
  answer a = gcbench(line);
  assert_true(a.status == 0 || a.status == 4);
  answer_free(&a);
  return load("run.json");
}

/* `ok`, or a capability that the collector does not declare. */
static bool ok_or_unsupported(const json_t *cell) {
  return strcmp(word(cell, "status"), "ok") == 0 || strcmp(word(cell, "status"), "unsupported") == 0;
}

static json_t *run(const char *arguments, int status) {
  char line[2000];
  snprintf(line, sizeof line, "run %s --json run.json", arguments);
  answer a = gcbench(line);
  expect_status(&a, status);
  answer_free(&a);
  return load("run.json");
}

static void every_collector_computes_the_same(void **state) {
  (void)state;
  json_t *r = run("-w trees -p depth=8 --heap 64M -c all -n 2 -i 2 -q", 0);
  size_t i;
  json_t *cell, *cells = json_object_get(r, "cells");
  const char *checksum = NULL;
  assert_true(json_array_size(cells) >= 7);
  json_array_foreach(cells, i, cell) {
    assert_string_equal(word(cell, "status"), "ok");
    if (!checksum) checksum = word(cell, "checksum");
    assert_string_equal(word(cell, "checksum"), checksum);
    assert_null(json_object_get(cell, "unverified"));
    assert_int_equal(json_array_size(json_object_get(cell, "invocations")), 2);
  }
  json_decref(r);
}

/* However a value is spelled, and whether a default is spelled at all: one configuration is one cell. */
static void equal_configurations_are_one_cell(void **state) {
  (void)state;
  static const struct {
    const char *arguments, *options; /* of the one cell, as JSON */
  } cases[] = {
      {"-c gen3 -o nursery=4M,4096K", "{}"}, {"-c gen3 -o nursery=64K,65536", "{\"nursery\":\"64K\"}"},
      {"-c gen3 -p depth=8,08", "{}"},       {"-c gen3 -H 3x,3.0x", "{}"},
      {"-c gen3,'gen3 nursery=4M'", "{}"},   {"-c none+card,'none barrier=card'", "{\"barrier\":\"card\"}"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char line[300];
    snprintf(line, sizeof line, "-w trees %s %s -n 1 -i 1 -q --no-save",
             strstr(cases[i].arguments, "-p") ? "" : "-p depth=8", cases[i].arguments);
    json_t *r = run_anyhow(line), *cells = json_object_get(r, "cells");
    assert_int_equal(json_array_size(cells), 1);
    char *options = json_dumps(json_object_get(json_array_get(cells, 0), "options"), JSON_COMPACT);
    assert_string_equal(options, cases[i].options);
    free(options);
    json_decref(r);
  }
}

static void the_json_has_what_the_schema_promises(void **state) {
  (void)state;
  json_t *r = run("-w trees -p depth=8 -c gen3 -n 2 -i 3 -q", 0);
  static const char *const in_context[] = {"host",  "kernel", "compiler", "c_flags", "governor",
                                           "turbo", "thp",    "topology", "seed",    "command"};
  static const char *const in_iteration[] = {
      "wall_ns", "cpu_ns",   "ops",    "allocated_bytes", "allocated_objects", "collections",
      "pauses",  "stall_ns", "tts_ns", "peak_rss_bytes",  "avg_rss_bytes"};
  static const char *const in_invocation[] = {"pinned_cpus",  "iterations",      "live_bytes",
                                              "leaked_bytes", "peak_heap_bytes", "checksum"};
  static const char *const in_summary[] = {"wall_ns", "cpu_ns", "ops_per_s", "pause_ns", "peak_rss_bytes"};
  json_t *cell = json_array_get(json_object_get(r, "cells"), 0);
  json_t *invocation = json_array_get(json_object_get(cell, "invocations"), 1);
  json_t *iteration = json_array_get(json_object_get(invocation, "iterations"), 2);
  assert_string_equal(word(r, "schema"), "gcbench.run/1");
#define HAS(object, list)                                                                                    \
  for (size_t i = 0; i < sizeof(list) / sizeof *(list); i++) {                                               \
    if (!json_object_get(object, list[i])) print_error("no %s\n", list[i]);                                  \
    assert_non_null(json_object_get(object, list[i]));                                                       \
  }
  HAS(json_object_get(r, "context"), in_context)
  HAS(iteration, in_iteration)
  HAS(invocation, in_invocation)
  HAS(json_object_get(cell, "summary"), in_summary)
  json_decref(r);
}

static void the_same_seed_gives_the_same_checksum_and_counts(void **state) {
  (void)state;
  json_t *a = run("-w churn -p records=20000 -p live=2000 --heap 16M -c gen3 -n 1 -i 1 --seed 0x7 -q", 0);
  json_t *b = run("-w churn -p records=20000 -p live=2000 --heap 16M -c marksweep -n 1 -i 1 --seed 7 -q", 0);
  json_t *c = run("-w churn -p records=20000 -p live=2000 --heap 16M -c marksweep -n 1 -i 1 --seed 8 -q", 0);
#define CELL(r)   json_array_get(json_object_get(r, "cells"), 0)
#define COUNTS(r) json_object_get(json_array_get(json_object_get(CELL(r), "invocations"), 0), "counts")
  assert_string_equal(word(CELL(a), "checksum"), word(CELL(b), "checksum"));
  assert_true(json_equal(COUNTS(a), COUNTS(b)));
  assert_string_not_equal(word(CELL(a), "checksum"), word(CELL(c), "checksum"));
  json_decref(a);
  json_decref(b);
  json_decref(c);
}

static void counting_alone_leaks_the_dropped_cycles_to_the_byte(void **state) {
  (void)state;
  json_t *r = run("-w cycles -p nodes=20000 -p live=1000 --heap 64M -c all -n 1 -i 2 -q", 0);
  size_t i, known = 0;
  json_t *cell;
  json_array_foreach(json_object_get(r, "cells"), i, cell) {
    json_t *invocation = json_array_get(json_object_get(cell, "invocations"), 0);
    json_t *leaked = json_object_get(invocation, "leaked_bytes");
    json_int_t cyclic = json_integer_value(json_object_get(invocation, "cyclic_bytes"));
    if (strcmp(word(cell, "status"), "unsupported") == 0)
      continue; /* frees explicitly, or its package is not there */
    assert_string_equal(word(cell, "status"), "ok");
    assert_true(cyclic > 0);
    if (strcmp(word(cell, "collector"), "rc") == 0)
      assert_int_equal(json_integer_value(leaked), cyclic);
    else if (!json_is_null(leaked)) /* null: it reclaims nothing, or cannot be walked */
      assert_int_equal(json_integer_value(leaked), 0);
    known += json_is_integer(leaked);
  }
  assert_true(known >= 6);
  json_decref(r);
}

static void too_small_a_heap_is_an_outcome(void **state) {
  (void)state;
  json_t *r = run("-w trees -p depth=12 -c semispace --heap 1.2x,4x -n 1 -i 1 -q", 0);
  json_t *small_cell = json_array_get(json_object_get(r, "cells"), 0),
         *large_cell = json_array_get(json_object_get(r, "cells"), 1);
  assert_string_equal(word(small_cell, "status"), "oom");
  assert_string_equal(word(large_cell, "status"), "ok");
  json_decref(r);
  /* Asked for alone it was not expected. */
  r = run("-w trees -p depth=12 -c semispace --heap 1.2x -n 1 -i 1 -q", 4);
  json_decref(r);
}

static void the_bound_is_never_exceeded(void **state) {
  (void)state;
  json_t *r =
      run_anyhow("-w trees,churn -p depth=12 -p records=100000 -p live=5000 -c all --heap 2.5x -n 1 -i 1 -q");
  size_t i, checked = 0;
  json_t *cell;
  json_array_foreach(json_object_get(r, "cells"), i, cell) {
    json_t *invocation = json_array_get(json_object_get(cell, "invocations"), 0);
    if (!json_is_true(json_object_get(cell, "bounded")) || strcmp(word(cell, "status"), "ok") != 0) continue;
    checked++;
    assert_true(json_integer_value(json_object_get(invocation, "peak_heap_bytes")) <=
                json_integer_value(json_object_get(cell, "heap_bytes")));
  }
  assert_true(checked >= 6);
  json_decref(r);
}

static void the_space_table_says_where_memory_is(void **state) {
  (void)state;
  answer a = gcbench("run -w churn -p records=50000 -p live=5000 -c gen3,rc,markcompact,none --heap 3x -n 2 "
                     "-i 1 -q --space");
  static const char *const columns[] = {"live",    "dead, held", "rounding",  "free",
                                        "reserve", "metadata",   "committed", "returned"};
  expect_status(&a, 0);
  for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) expect_contains(a.out, columns[i]);
  answer_free(&a);
}

static void the_space_ledger_adds_up(void **state) {
  (void)state;
  json_t *r = run_anyhow("-w churn -p records=100000 -p live=5000 -c all --heap 3x -n 1 -i 1 -q");
  static const char *const parts[] = {"objects", "rounding", "free", "reserve", "metadata"};
  size_t i, checked = 0;
  json_t *cell;
  json_array_foreach(json_object_get(r, "cells"), i, cell) {
    json_t *ledger = json_object_get(json_array_get(json_object_get(cell, "invocations"), 0), "ledger");
    if (!json_is_true(json_object_get(cell, "bounded")) || strcmp(word(cell, "status"), "ok") != 0) continue;
    checked++;
    json_int_t sum = 0;
    for (size_t k = 0; k < 5; k++) sum += json_integer_value(json_object_get(ledger, parts[k]));
    if (sum != json_integer_value(json_object_get(ledger, "committed")))
      print_error("%s\n", word(cell, "collector"));
    assert_int_equal(sum, json_integer_value(json_object_get(ledger, "committed")));
  }
  assert_true(checked >= 6);
  json_decref(r);
}

static void several_mutators_compute_the_same_on_every_collector(void **state) {
  (void)state;
  json_t *r = run("-w churn,cycles -p records=50000 -p nodes=50000 -p live=2000 --heap 64M --mutators "
                  "2 -c all -n 2 -i 2 -q",
                  0);
  size_t i;
  json_t *cell;
  json_array_foreach(json_object_get(r, "cells"), i, cell) assert_true(ok_or_unsupported(cell));
  json_decref(r);
}

static void sweeps_make_a_cell_for_each_value(void **state) {
  (void)state;
  json_t *r = run("-w trees -p depth=6,8 -c none+card,none+count,none -n 1 -i 1 --heap 2x,3x -q", 0);
  assert_int_equal(json_array_size(json_object_get(r, "cells")), 2 * 3 * 2);
  json_decref(r);
}

static void the_csv_has_a_row_for_each_iteration(void **state) {
  (void)state;
  answer a = gcbench("run -w trees -p depth=8 -c gen3,marksweep -n 2 -i 3 --csv run.csv -q");
  expect_status(&a, 0);
  char *csv = slurp("run.csv");
  size_t lines = 0;
  for (const char *p = csv; *p; p++) lines += *p == '\n';
  assert_int_equal(lines, 1 + 2 * 2 * 3);
  free(csv);
  answer_free(&a);
}

static void the_table_is_on_standard_output_and_progress_is_not(void **state) {
  (void)state;
  answer a = gcbench("run -w trees -p depth=8 -c gen3 -n 1 -i 1");
  expect_status(&a, 0);
  expect_contains(a.out, "throughput");
  expect_contains(a.out, "gen3");
  expect_contains(a.out, "ok");
  expect_contains(a.err, "seed 1");
  assert_null(strstr(a.out, "seed"));
  answer_free(&a);
}

static void a_flag_names_each_collector_once_and_all_as_all(void **state) {
  (void)state;
  answer a = gcbench("run -w trees -p depth=8 -c none,marksweep,gen3 --heap 4x,8x -n 1 -i 1 -q --no-save");
  expect_status(&a, 0);
  expect_contains(a.out, "  few invocations (all): ");
  expect_contains(a.out, "  unbounded (none): ");
  answer_free(&a);
}

static void a_dry_run_prints_the_plan_and_runs_nothing(void **state) {
  (void)state;
  answer a = gcbench("run -w trees,cycles -c gen3,rc -n 3 --dry-run --csv never.csv");
  expect_status(&a, 0);
  expect_contains(a.out, "4 cells, 12 invocations, seed 1: about ");
  expect_contains(a.out, "trees  depth=16 holes=0\n  collector  live data  ");
  expect_contains(a.out, "  gen3        11.8 MiB  35.4 MiB  3x            3\n");
  assert_null(strchr(a.out, '{'));
  assert_int_equal(access("never.csv", F_OK), -1);
  answer_free(&a);
}

/* Twelve seconds in which one request a fifth of a second is served: nothing of the machine's speed is in
 * them. */
static void one_long_invocation_is_told_every_ten_seconds(void **state) {
  (void)state;
  answer a = gcbench("run -w requests -p requests=60 -p rate=5 -c gen3 -n 1 -i 1 --warmups 0 --no-save");
  expect_status(&a, 0);
  expect_contains(a.err, "gcbench: [1/2] requests on gen3");
  expect_contains(a.err, "gcbench: [2/2] requests on gen3 invocation 1");
  expect_contains(a.err, " (for 1"); /* 10s or more */
  answer_free(&a);
}

static void a_dry_run_writes_the_plan_as_json(void **state) {
  (void)state;
  answer a = gcbench("run -w trees,cycles -c gen3,rc -n 3 --dry-run --json plan.json");
  expect_status(&a, 0);
  answer_free(&a);
  json_t *plan = load("plan.json"), *first = json_array_get(json_object_get(plan, "cells"), 0);
  assert_string_equal(word(plan, "schema"), "gcbench.plan/1");
  assert_int_equal(json_array_size(json_object_get(plan, "cells")), 4);
  assert_int_equal(json_array_size(json_object_get(plan, "order")), 12);
  assert_true(json_number_value(json_object_get(plan, "estimate_s")) > 1);
  assert_int_equal(json_integer_value(json_object_get(first, "peak_live_bytes")), 12388552);
  json_decref(plan);
}

static void a_list_names_every_parameter_and_capability(void **state) {
  (void)state;
  answer a = gcbench("list");
  expect_status(&a, 0);
  expect_contains(a.out, "gen3");
  expect_contains(a.out, "generational");
  expect_contains(a.out, "-o nursery=");
  expect_contains(a.out, "cycles");
  expect_contains(a.out, "-p length=");
  answer_free(&a);
  a = gcbench("list --json");
  expect_status(&a, 0);
  json_error_t error;
  json_t *all = json_loads(a.out, 0, &error);
  assert_non_null(all);
  assert_true(json_array_size(json_object_get(all, "workloads")) >= 10);
  json_decref(all);
  answer_free(&a);
}

/* Some 200 iterations of 15 ms and more, each of which ends long before the limit that all of them exceed. */
static void a_slow_run_that_makes_progress_is_not_timed_out(void **state) {
  (void)state;
  answer a =
      gcbench("run -w trees -p depth=14 -c marksweep -n 1 -i 200 --timeout 2s -q --no-save --json slow.json");
  expect_status(&a, 0);
  answer_free(&a);
  json_t *run = load("slow.json");
  json_t *cell = json_array_get(json_object_get(run, "cells"), 0);
  assert_string_equal(word(cell, "status"), "ok");
  json_t *invocation = json_array_get(json_object_get(cell, "invocations"), 0);
  assert_int_equal(json_array_size(json_object_get(invocation, "iterations")), 200);
  json_decref(run);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_collector_computes_the_same),
      cmocka_unit_test(equal_configurations_are_one_cell),
      cmocka_unit_test(the_json_has_what_the_schema_promises),
      cmocka_unit_test(the_same_seed_gives_the_same_checksum_and_counts),
      cmocka_unit_test(counting_alone_leaks_the_dropped_cycles_to_the_byte),
      cmocka_unit_test(too_small_a_heap_is_an_outcome),
      cmocka_unit_test(the_bound_is_never_exceeded),
      cmocka_unit_test(the_space_table_says_where_memory_is),
      cmocka_unit_test(the_space_ledger_adds_up),
      cmocka_unit_test(several_mutators_compute_the_same_on_every_collector),
      cmocka_unit_test(sweeps_make_a_cell_for_each_value),
      cmocka_unit_test(the_csv_has_a_row_for_each_iteration),
      cmocka_unit_test(the_table_is_on_standard_output_and_progress_is_not),
      cmocka_unit_test(a_flag_names_each_collector_once_and_all_as_all),
      cmocka_unit_test(a_dry_run_prints_the_plan_and_runs_nothing),
      cmocka_unit_test(a_dry_run_writes_the_plan_as_json),
      cmocka_unit_test(one_long_invocation_is_told_every_ten_seconds),
      cmocka_unit_test(a_list_names_every_parameter_and_capability),
      cmocka_unit_test(a_slow_run_that_makes_progress_is_not_timed_out),
  };
  return cmocka_run_group_tests(tests, enter_scratch, leave_scratch);
}
