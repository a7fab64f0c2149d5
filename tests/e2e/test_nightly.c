/* gcbench nightly: each way in which a night can end. */
#include "shell.h"
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>

/* Nothing here is about how quiet the machine is, but where a test says so. */
#define EASY                                                                                                 \
  "pairs: 6\nrerun-pairs: 6\nwarmups: 0\ntrust: {doctor: ignore, intervals: 10000%, canary: 10000%}\n"
#define TREES "cells:\n  - {workloads: trees, collectors: [gen3], params: {depth: 9}}\n"

static void write_text(const char *path, const char *text) {
  FILE *out = fopen(path, "w");
  assert_non_null(out);
  fputs(text, out);
  fclose(out);
}

static json_t *comparison(const json_t *night, const char *leg) {
  size_t i;
  json_t *c;
  json_array_foreach(json_object_get(night, "comparisons"), i,
                     c) if (strcmp(word(c, "leg"), leg) == 0) return c;
  return NULL;
}

static size_t measured(const json_t *comparison) {
  return json_array_size(json_object_get(comparison, "metrics"));
}

static bool said(const json_t *list, const char *part) {
  size_t i;
  json_t *one;
  json_array_foreach(list, i, one) if (strstr(json_string_value(one), part)) return true;
  return false;
}

static void a_first_night_leaves_baselines_for_the_next(void **state) {
  (void)state;
  write_text("quiet.yaml", "baselines: [last-night, last-release]\ncanary: [trees, semispace, 3x]\na-a: 1\n"
                           "gates: {cpu_ns: 100%}\n" EASY TREES);
  answer a = gcbench("nightly quiet.yaml -q --results quiet --json first.json");
  expect_status(&a, 3);
  expect_contains(a.out, "nothing to compare with");
  answer_free(&a);
  json_t *night = load("first.json");
  assert_string_equal(word(night, "schema"), "gcbench.nightly/1");
  assert_string_equal(word(night, "outcome"), "first");
  assert_true(measured(comparison(night, "first")) > 0);
  assert_true(measured(comparison(night, "canary")) > 0);
  json_decref(night);
  assert_int_equal(access("quiet/baselines/last-night/gen3.so", R_OK), 0);
  assert_int_equal(access("quiet/baselines/canary/semispace.so", R_OK), 0);

  a = gcbench(
      "nightly quiet.yaml -q --results quiet --json second.json --junit second.xml --keep-as last-release");
  expect_status(&a, 0);
  expect_contains(a.out, "quiet");
  answer_free(&a);
  night = load("second.json");
  const json_t *gate = comparison(night, "gate");
  assert_string_equal(word(gate, "baseline"), "last-night");
  assert_string_equal(word(json_object_get(gate, "a"), "collector"), "gen3@last-night");
  assert_true(measured(gate) > 0);
  assert_true(measured(comparison(night, "a-a")) > 0);
  assert_int_equal(json_integer_value(json_object_get(json_object_get(night, "budget"), "pairs")), 6);
  assert_int_equal(access("quiet/baselines/last-release/gen3.so", R_OK), 0);
  char *xml = slurp("second.xml"), path[200];
  expect_contains(xml, "against last-night");
  free(xml);
  snprintf(path, sizeof path, "quiet/nightly/%s.json", word(night, "run"));
  assert_int_equal(access(path, R_OK), 0);
  snprintf(path, sizeof path, "results show %s --results quiet", word(night, "run"));
  json_decref(night);
  a = gcbench(path);
  expect_status(&a, 0);
  answer_free(&a);
}

static void a_planted_regression_stands_and_is_no_baseline(void **state) {
  (void)state;
  write_text("planted.yaml", "baselines: last-night\na-a: 0\ngates: {cpu_ns: 20%}\n" EASY
                             "cells:\n  - {workloads: trees, collectors: ./mine.so, params: {depth: 13}}\n");
  assert_int_equal(shell("cp " GCB_PLUGINS "/slowed.so mine.so"), 0);
  answer a = gcbench("nightly planted.yaml -q --results planted");
  expect_status(&a, 3);
  answer_free(&a);
  assert_int_equal(shell("cp " GCB_PLUGINS "/slower.so mine.so"), 0);
  a = gcbench("nightly planted.yaml -q --results planted --json planted.json --junit planted.xml");
  expect_status(&a, 1);
  expect_contains(a.out, "REGRESSED  trees at 3x on mine.so: cpu_ns");
  expect_contains(a.out, "in the fresh rerun");
  answer_free(&a);
  char *xml = slurp("planted.xml");
  expect_contains(xml, "failures=\"1\"");
  free(xml);
  json_t *night = load("planted.json");
  assert_string_equal(word(night, "outcome"), "regressed");
  assert_true(strstr(word(night, "rerun"), "-rerun") != NULL);
  json_decref(night);
  assert_int_equal(system("cmp -s planted/baselines/last-night/mine.so " GCB_PLUGINS "/slowed.so"), 0);
}

static void a_broken_plugin_costs_only_its_own_cells(void **state) {
  (void)state;
  write_text("broken.yaml",
             "baselines: last-night\na-a: 0\ngates: {cpu_ns: 100%}\n" EASY
             "cells:\n  - {workloads: trees, collectors: [gen3, " GCB_PLUGINS "/segfaults.so, " GCB_PLUGINS
             "/wrong_abi.so, ./nowhere.so], params: {depth: 9}}\n");
  assert_int_equal(shell("mkdir -p broken/baselines/last-night && cp " GCB_PLUGINS
                         "/wrong_abi.so broken/baselines/last-night/gen3.so"),
                   0);
  answer a = gcbench("nightly broken.yaml -q --results broken --json broken.json --junit broken.xml");
  expect_status(&a, 4);
  expect_contains(a.out, "segfaults.so: crashed");
  expect_contains(a.out, "nowhere.so: the file cannot be read");
  answer_free(&a);
  json_t *night = load("broken.json");
  assert_int_equal(json_array_size(json_object_get(night, "broken")), 2);
  assert_true(said(json_object_get(night, "notes"), "gen3 of 'last-night' cannot be loaded any more"));
  assert_true(measured(comparison(night, "first")) > 0);
  json_decref(night);
  char *xml = slurp("broken.xml");
  expect_contains(xml, "errors=\"3\"");
  free(xml);
}

/* One process that only spins on each cpu, at the priority of what is measured. */
static size_t spin_everywhere(pid_t *pids, size_t most) {
  cpu_set_t allowed;
  size_t n = 0;
  assert_int_equal(sched_getaffinity(0, sizeof allowed, &allowed), 0);
  for (int cpu = 0; cpu < CPU_SETSIZE && n < most; cpu++) {
    if (!CPU_ISSET(cpu, &allowed)) continue;
    pid_t pid = fork();
    if (pid == 0) {
      cpu_set_t own;
      CPU_ZERO(&own);
      CPU_SET(cpu, &own);
      sched_setaffinity(0, sizeof own, &own);
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      for (volatile unsigned i = 0;; i++) continue;
    }
    if (pid > 0) pids[n++] = pid;
  }
  return n;
}

static void a_noisy_machine_gates_nothing(void **state) {
  (void)state;
  pid_t pids[256];
  write_text("noisy.yaml",
             "baselines: last-night\na-a: 0\ngates: {cpu_ns: 100%}\npairs: 6\nwarmups: 0\n" TREES);
  size_t n = spin_everywhere(pids, 256);
  answer a = gcbench("nightly noisy.yaml -q --results noisy --json noisy.json");
  for (size_t i = 0; i < n; i++) {
    kill(pids[i], SIGKILL);
    waitpid(pids[i], NULL, 0);
  }
  expect_status(&a, 3);
  expect_contains(a.out, "UNTRUSTED");
  answer_free(&a);
  json_t *night = load("noisy.json"), *trust = json_object_get(night, "trust");
  assert_true(json_is_false(json_object_get(trust, "trusted")));
  assert_true(said(json_object_get(trust, "reasons"), "the machine was noisy"));
  json_decref(night);
}

static void a_small_budget_takes_fewer_pairs(void **state) {
  (void)state;
  write_text("small.yaml", "budget: 8s\na-a: 0\ngates: {cpu_ns: 100%}\n" EASY TREES);
  assert_int_equal(shell("sed -i 's/^pairs: 6/pairs: 1000/' small.yaml"), 0);
  answer a = gcbench("nightly small.yaml -q --results small --json small.json");
  json_t *night = a.status == 5 ? NULL : load("small.json"); /* not even one pair, on a machine that crawls */
  if (night) {
    expect_status(&a, 3);
    assert_true(json_integer_value(json_object_get(json_object_get(night, "budget"), "pairs")) < 1000);
  }
  answer_free(&a);
  json_decref(night);
}

static void an_interrupted_night_keeps_what_was_finished(void **state) {
  (void)state;
  write_text("long.yaml", "baselines: last-night\na-a: 0\n" EASY TREES);
  assert_int_equal(shell("sed -i 's/^pairs: 6/pairs: 1000/' long.yaml"), 0);
  int status = system("'" GCB_PROGRAM
                      "' nightly long.yaml --results long --json long.json >long.out 2>long.err & pid=$!; "
                      "while kill -0 $pid; do grep -q 'pair 11 of' long.err && break; sleep .1; done; "
                      "kill -TERM $pid; wait $pid");
  assert_int_equal(WEXITSTATUS(status), 130);
  json_t *night = load("long.json");
  assert_string_equal(word(night, "outcome"), "interrupted");
  json_decref(night);
  assert_int_not_equal(access("long/baselines/last-night/gen3.so", F_OK), 0);
  answer a = gcbench("results --results long");
  expect_contains(a.out, "interrupted");
  answer_free(&a);
  a = gcbench("export last --results long --format json --output long_run.json");
  expect_status(&a, 0);
  answer_free(&a);
  json_t *run = load("long_run.json");
  assert_true(
      json_array_size(json_object_get(json_array_get(json_object_get(run, "cells"), 1), "invocations")) >= 5);
  json_decref(run);
}

/* In one list, and in two entries. */
static void what_a_suite_names_twice_is_one_cell_and_said(void **state) {
  (void)state;
  write_text("twice.yaml", "baselines: [last-night]\n" EASY TREES
                           "  - {workloads: [trees, trees], collectors: [gen3], params: {depth: 9}}\n");
  answer a = gcbench("nightly twice.yaml -q --results twice --json twice.json");
  expect_status(&a, 3);
  answer_free(&a);
  json_t *night = load("twice.json");
  assert_true(said(json_object_get(night, "notes"), "2 cells are asked for again, and measured once"));
  assert_int_equal(json_array_size(json_object_get(night, "comparisons")), 1);
  json_decref(night);
}

static void what_is_wrong_is_named(void **state) {
  (void)state;
  write_text("good.yaml", EASY TREES);
  static const struct {
    const char *suite, *arguments, *said;
    int status;
  } rows[] = {
      {NULL, "", "which suite?", 2},
      {NULL, "no/such.yaml", "--init no/such.yaml", 2},
      {NULL, "--init good.yaml", "not overwritten", 2},
      {NULL, "good.yaml --only tree", "no cell of the suite", 5},
      {NULL, "good.yaml --only trees,marksweep", "no cell of the suite", 5},
      {NULL, "good.yaml --keep-as canary", "last-release", 2},
      {NULL, "good.yaml --json /no/such/folder/n.json", "/no/such/folder", 2},
      {"\ncells:\n  - {workloads: tree, collectors: gen3}\n", "bad.yaml",
       "bad.yaml:3: workloads: tree: no such workload; did you mean trees?", 2},
      {"\ncells:\n  - {workloads: trees, collectors: gen4}\n", "bad.yaml",
       "bad.yaml:3: collectors: gen4: no such collector", 2},
      {"\ncells:\n  - {workloads: trees, collectors: gen3, params: {dept: 9}}\n", "bad.yaml",
       "bad.yaml:3: params: ", 2},
      {"canary: [trees, gen3, big]\n" TREES, "bad.yaml", "bad.yaml:1: canary: big", 2},
      {"canary: [trees, gen4, 3x]\n" TREES, "bad.yaml", "bad.yaml:1: canary: gen4: no such collector", 2},
      {"baselines: a/b\n" TREES, "bad.yaml", "bad.yaml:1: baselines: a/b", 2},
      {"trust: {doctor: no}\n" TREES, "bad.yaml", "expected heed or ignore", 2},
      {"budgt: 1m\n" TREES, "bad.yaml", "bad.yaml:1: budgt: no such key here; did you mean budget", 2},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    char arguments[300];
    if (rows[i].suite) write_text("bad.yaml", rows[i].suite);
    snprintf(arguments, sizeof arguments, "nightly %s", rows[i].arguments);
    answer a = gcbench(arguments);
    expect_status(&a, rows[i].status);
    expect_contains(a.err, rows[i].said);
    answer_free(&a);
  }
  assert_int_not_equal(access("results/nightly", F_OK), 0);
}

static void the_shipped_suite_can_be_planned(void **state) {
  (void)state;
  answer a = gcbench("nightly --init shipped.yaml");
  expect_status(&a, 0);
  answer_free(&a);
  a = gcbench("nightly shipped.yaml --dry-run --only gen3");
  expect_status(&a, 0);
  expect_contains(a.out, "requests at 3x on gen3, 1 mutator, against itself");
  assert_null(strstr(a.out, "marksweep"));
  answer_free(&a);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_first_night_leaves_baselines_for_the_next),
      cmocka_unit_test(a_planted_regression_stands_and_is_no_baseline),
      cmocka_unit_test(a_broken_plugin_costs_only_its_own_cells),
      cmocka_unit_test(a_noisy_machine_gates_nothing),
      cmocka_unit_test(a_small_budget_takes_fewer_pairs),
      cmocka_unit_test(an_interrupted_night_keeps_what_was_finished),
      cmocka_unit_test(what_a_suite_names_twice_is_one_cell_and_said),
      cmocka_unit_test(what_is_wrong_is_named),
      cmocka_unit_test(the_shipped_suite_can_be_planned),
  };
  return cmocka_run_group_tests(tests, enter_scratch, leave_scratch);
}
