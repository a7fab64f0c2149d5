/* Latency runs: what mutators suffer, against what collectors report. Ratios inside one invocation, so that a
 * slow or loaded machine does not decide. */
#include "shell.h"

#include <math.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>

static json_t *run(const char *arguments) {
  char line[2000];
  snprintf(line, sizeof line, "run %s --latency -q --json run.json", arguments);
  answer a = gcbench(line);
  expect_status(&a, 0);
  answer_free(&a);
  return load("run.json");
}

static json_t *cell(json_t *r, size_t i) {
  return json_array_get(json_object_get(r, "cells"), i);
}
static double number(const json_t *o, const char *key) {
  json_t *v = json_object_get(o, key);
  return json_is_number(v) ? json_number_value(v) : NAN;
}
static double longer(double a, double b) {
  return a > b ? a : b;
}
/* The sums over a cell's latency invocations of stalls, of pauses, and of what was unreported. */
typedef struct sums {
  double stalls, pauses, unreported, longest;
} sums;
static sums add_up(const json_t *cell) {
  sums s = {0, 0, 0, 0};
  size_t i, k, j;
  json_t *invocation, *it, *one;
  json_array_foreach(json_object_get(cell, "latency_invocations"), i, invocation)
      json_array_foreach(json_object_get(invocation, "iterations"), k, it) {
    s.stalls += number(it, "stall_ns");
    s.unreported += number(it, "unreported_ns");
    json_array_foreach(json_object_get(it, "pauses"), j, one) s.pauses += number(one, "ns");
    json_array_foreach(json_object_get(it, "stalls"), j, one) s.longest =
        longer(s.longest, json_number_value(json_array_get(one, 1)));
  }
  return s;
}

static void latency_invocations_come_besides_the_others(void **state) {
  (void)state;
  json_t *r = run("-w trees -p depth=8 -c gen3,marksweep -n 2 -i 2");
  for (size_t i = 0; i < 2; i++) {
    json_t *c = cell(r, i), *l = json_object_get(c, "latency_invocations");
    assert_int_equal(json_array_size(json_object_get(c, "invocations")), 2);
    assert_int_equal(json_array_size(l), 2);
    assert_string_equal(word(json_array_get(l, 0), "watch"), "latency");
    json_t *it = json_array_get(json_object_get(json_array_get(l, 0), "iterations"), 0);
    assert_true(json_is_array(json_object_get(it, "os_gaps")));
    assert_non_null(json_object_get(it, "short_stalls"));
    json_t *summary = json_object_get(c, "summary");
    assert_string_equal(word(summary, "mmu_source"), "latency");
    assert_int_equal(json_array_size(json_object_get(summary, "mmu")), 13);
    assert_non_null(json_object_get(json_object_get(summary, "lbo"), "wall"));
  }
  json_decref(r);
}

/* Is [start, start + ns) inside one of the stalls [start, ns, mutator] of the iteration? */
static bool inside_a_stall(const json_t *iteration, double start, double ns) {
  size_t i;
  json_t *stall;
  json_array_foreach(json_object_get(iteration, "stalls"), i, stall) {
    double from = json_number_value(json_array_get(stall, 0));
    if (from <= start && start + ns <= from + json_number_value(json_array_get(stall, 1))) return true;
  }
  return false;
}

/* Every pause that gen3 reports lies in a stall that its mutator suffered, so stalls cover all of them. How
 * much longer stalls are is a matter of who else runs on the machine: `gcbench run --latency` prints it, no
 * test asserts it. */
static void pauses_of_a_stop_the_world_collector_are_inside_stalls(void **state) {
  (void)state;
  json_t *r = run("-w trees -p depth=14 -c gen3 -n 2 -i 5"), *invocation, *it, *pause;
  size_t i, k, j, seen = 0;
  json_array_foreach(json_object_get(cell(r, 0), "latency_invocations"), i, invocation)
      json_array_foreach(json_object_get(invocation, "iterations"), k, it) {
    double pauses = 0;
    json_array_foreach(json_object_get(it, "pauses"), j, pause) {
      double ns = number(pause, "ns");
      pauses += ns;
      if (ns < 5000) continue; /* shorter stalls are summed, not kept */
      assert_true(inside_a_stall(it, number(pause, "start_ns"), ns));
      seen++;
    }
    assert_true(number(it, "stall_ns") + number(json_object_get(it, "short_stalls"), "ns") >= pauses);
  }
  assert_true(seen >= 30);
  json_decref(r);
}

static void a_collector_that_lies_about_its_pauses_is_exposed(void **state) {
  (void)state;
  char line[1000];
  snprintf(line, sizeof line,
           "run -w trees -p depth=5 -c '%s/lies.so' -n 1 -i 3 -q --latency --json run.json", GCB_PLUGINS);
  answer a = gcbench(line);
  expect_status(&a, 0);
  expect_contains(a.out, "unreported");
  answer_free(&a);
  json_t *r = load("run.json");
  sums s = add_up(cell(r, 0));
  double pauses = number(json_object_get(json_object_get(cell(r, 0), "summary"), "pause_ns"), "max");
  assert_true(pauses <= 1000);    /* what it says */
  assert_true(s.longest >= 20e6); /* what it does */
  assert_true(s.unreported > .9 * s.stalls);
  json_decref(r);
}

/* A process that only spins, until it has used `seconds` of CPU time or is killed. */
static pid_t spin(unsigned seconds) {
  pid_t pid = fork();
  if (pid) return pid;
  struct rlimit limit = {seconds, seconds};
  setrlimit(RLIMIT_CPU, &limit);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (volatile unsigned n = 0;; n++) {
  }
}

/* Two spinning processes preempt collectors in their slow paths; CPU time tells that from a liar. */
static void load_is_told_from_a_collector_that_reports_half(void **state) {
  (void)state;
  static const struct {
    const char *cell;
    bool lies;
  } rows[] = {{"-p depth=15 -c gen3", false},
              {"-p depth=15 -c marksweep", false},
              {"-p depth=15 -c semispace", false},
              {"-p depth=15 -c rc", false},
              {"-p depth=8 --heap 1G -c '" GCB_PLUGINS "/reports_half.so'", true}};
  pid_t spinning[] = {spin(120), spin(120)};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    char line[1000];
    snprintf(line, sizeof line, "run -w trees %s -n 1 -i 5 -q --latency --no-save --json run.json",
             rows[i].cell);
    answer a = gcbench(line);
    expect_status(&a, 0);
    if (rows[i].lies != !!strstr(a.out, "unreported:")) print_error("%s:\n%s\n", rows[i].cell, a.out);
    assert_int_equal(rows[i].lies, !!strstr(a.out, "unreported:"));
    answer_free(&a);
    json_t *r = load("run.json"),
           *unreported = json_object_get(json_object_get(cell(r, 0), "summary"), "unreported");
    assert_string_equal(word(unreported, "by"), "cpu");
    if (rows[i].lies) assert_true(fabs(number(unreported, "median_share") - .5) < .15);
    json_decref(r);
  }
  for (size_t i = 0; i < 2; i++) {
    kill(spinning[i], SIGKILL);
    waitpid(spinning[i], NULL, 0);
  }
}

/* What the contract adds to malloc is in the flags and under the table, from the collector's own note. */
static void a_baseline_that_frees_by_hand_says_what_the_contract_adds(void **state) {
  (void)state;
  answer a = gcbench("run -w trees -p depth=8 -c malloc,gen3 -n 1 -i 1 -q --no-save --json run.json");
  expect_status(&a, 0);
  expect_contains(a.out, "(mimalloc:"); /* no blank, where a line may end */
  answer_free(&a);
  json_t *r = load("run.json"), *flag;
  for (size_t i = 0, k; i < 2; i++) {
    bool said = false;
    json_array_foreach(json_object_get(json_object_get(cell(r, i), "summary"), "flags"), k, flag) said |=
        strstr(word(flag, "meaning"), "in plain C") != NULL;
    assert_int_equal(said, strcmp(word(cell(r, i), "collector"), "malloc") == 0);
  }
  json_decref(r);
}

/* The chain of the nesting workload dies with the last reference to its outermost level. */
static void a_cascade_of_a_million_deaths_is_a_stall(void **state) {
  (void)state;
  json_t *r = run("-w nesting -p depth=1000000 -p levels=1000000 -p width=1 -c rc,marksweep -n 1 -i 2");
  sums counting = add_up(cell(r, 0));
  /* A million objects at a nanosecond each, at the very least. */
  assert_true(counting.longest >= 1e6);
  json_t *it = json_array_get(
      json_object_get(json_array_get(json_object_get(cell(r, 0), "latency_invocations"), 0), "iterations"),
      0);
  size_t i;
  json_t *pause;
  double cascade = 0;
  json_array_foreach(json_object_get(it, "pauses"), i, pause) if (strcmp(word(pause, "kind"), "cascade") == 0)
      cascade = longer(cascade, number(pause, "ns"));
  double stall = 0;
  json_array_foreach(json_object_get(it, "stalls"), i, pause) stall =
      longer(stall, json_number_value(json_array_get(pause, 1)));
  assert_true(cascade >= 1e6 && stall >= cascade);
  json_decref(r);
}

static void throughput_runs_do_not_clock_call_paths(void **state) {
  (void)state;
  char line[1000];
  snprintf(line, sizeof line, "run -w trees -p depth=8 -c '%s/well_behaved.so' -n 1 -i 1 -q --json run.json",
           GCB_PLUGINS);
  answer a = gcbench(line);
  expect_status(&a, 0);
  answer_free(&a);
  json_t *r = load("run.json");
  json_t *invocation = json_array_get(json_object_get(cell(r, 0), "invocations"), 0);
  json_t *it = json_array_get(json_object_get(invocation, "iterations"), 0);
  assert_string_equal(word(invocation, "watch"), "throughput");
  if (strncmp(word(invocation, "path"), "call", 4) == 0)
    assert_true(json_is_null(json_object_get(it, "stall_ns")));
  assert_null(json_object_get(it, "os_gaps"));
  assert_null(json_object_get(cell(r, 0), "latency_invocations"));
  json_decref(r);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(latency_invocations_come_besides_the_others),
      cmocka_unit_test(pauses_of_a_stop_the_world_collector_are_inside_stalls),
      cmocka_unit_test(a_collector_that_lies_about_its_pauses_is_exposed),
      cmocka_unit_test(load_is_told_from_a_collector_that_reports_half),
      cmocka_unit_test(a_baseline_that_frees_by_hand_says_what_the_contract_adds),
      cmocka_unit_test(a_cascade_of_a_million_deaths_is_a_stall),
      cmocka_unit_test(throughput_runs_do_not_clock_call_paths),
  };
  return cmocka_run_group_tests(tests, enter_scratch, leave_scratch);
}
