/* What goes wrong inside a cell costs that cell and nothing else: a clear outcome, status 4, and the rest
 * goes on. */
#include "children.h"
#include "shell.h"

#include <sys/resource.h>

/* trees on a plug-in and on a good collector beside it: the plug-in's cell, with the run's exit status
 * checked, and the good cell seen ok. */
static json_t *beside_a_good_one(const char *plugin, const char *more, int status) {
  char line[2000];
  snprintf(line, sizeof line,
           "run -w trees -p depth=8 -c '%s/%s.so',marksweep -n 2 -i 2 -q --json run.json %s", GCB_PLUGINS,
           plugin, more);
  answer a = gcbench(line);
  expect_status(&a, status);
  answer_free(&a);
  json_t *r = load("run.json"), *cells = json_object_get(r, "cells");
  assert_int_equal(json_array_size(cells), 2);
  assert_string_equal(word(json_array_get(cells, 1), "status"), "ok");
  json_t *cell = json_incref(json_array_get(cells, 0));
  json_decref(r);
  return cell;
}

static void a_plug_in_that_spins_for_ever_is_timed_out(void **state) {
  (void)state;
  json_t *cell = beside_a_good_one("spins", "--timeout 2s", 4);
  assert_string_equal(word(cell, "status"), "timeout");
  expect_contains(word(cell, "reason"), "no result after");
  json_decref(cell);
}

/* The collector that never reclaims is bounded by what the process may have, and still is the reference. */
static void a_limit_on_the_address_space_leaves_the_reference_alive(void **state) {
  (void)state;
  struct rlimit before, limit;
  assert_int_equal(getrlimit(RLIMIT_AS, &before), 0);
  limit = before;
#if !defined __SANITIZE_ADDRESS__ && !defined __SANITIZE_THREAD__ /* their shadows need address space */
  limit.rlim_cur = 3000000000u;
#endif
  assert_int_equal(setrlimit(RLIMIT_AS, &limit), 0);
  answer a =
      gcbench("run -w trees -p depth=8 -c none,none+card,marksweep -n 1 -i 1 -q --no-save --json run.json");
  assert_int_equal(setrlimit(RLIMIT_AS, &before), 0);
  expect_status(&a, 0);
  answer_free(&a);
  json_t *r = load("run.json"), *cell;
  size_t i;
  json_array_foreach(json_object_get(r, "cells"), i, cell) {
    assert_string_equal(word(cell, "status"), "ok");
    assert_null(json_object_get(cell, "unverified"));
  }
  assert_int_equal(i, 3);
  json_decref(r);
}

/* A crash says where it was, and how to look at it; the command shows the crash again. */
static void a_crash_has_a_backtrace_and_a_debugger_command(void **state) {
  (void)state;
  static const struct {
    const char *plugin, *function;
  } crashes[] = {{"faults", "reads_nowhere"}, {"overflows", "runs_deep"}};
  for (size_t i = 0; i < sizeof crashes / sizeof *crashes; i++) {
    json_t *cell = beside_a_good_one(crashes[i].plugin, "--mutators 1", 4);
    json_t *first = json_array_get(json_object_get(cell, "invocations"), 0);
    assert_string_equal(word(cell, "status"), "crashed");
    const char *debugger = word(first, "debugger"), *args = strstr(debugger, "--args ");
    assert_non_null(args);
#if !defined __SANITIZE_ADDRESS__ && !defined __SANITIZE_THREAD__ /* they end the process their way */
    expect_contains(word(cell, "reason"), "killed by signal 11");
    expect_contains(word(cell, "reason"), crashes[i].function);
    assert_true(json_array_size(json_object_get(first, "backtrace")) > 2);
    char *command = NULL;
    assert_true(asprintf(&command, "%s >out.txt 2>err.txt", args + strlen("--args ")) > 0);
    int status = system(command);
    assert_int_equal(WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status) - 128, SIGSEGV);
    char *said = slurp("err.txt");
    expect_contains(said, crashes[i].function);
    free(said);
    free(command);
#endif
    json_decref(cell);
  }
}

static void a_process_that_may_open_few_files_says_so(void **state) {
  (void)state;
  static const char *const commands[] = {"run -w trees -p depth=8 -c marksweep -n 1",
                                         "stress --programs 1 -c gen3", "check gen3", "micro -c gen3 --list"};
  for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
    char line[300];
    snprintf(line, sizeof line, "(ulimit -n 12; exec '%s' %s) >out.txt 2>err.txt", GCB_PROGRAM, commands[i]);
    int status = system(line);
    char *out = slurp("out.txt"), *err = slurp("err.txt");
    assert_int_equal(WEXITSTATUS(status), 5);
    assert_string_equal(out, "");
    expect_contains(err, "may open 12 files");
    assert_ptr_equal(strchr(err, '\n'), err + strlen(err) - 1); /* one sentence */
    free(out);
    free(err);
  }
}

static void a_plug_in_that_segfaults_is_a_crash_with_its_signal(void **state) {
  (void)state;
  json_t *cell = beside_a_good_one("segfaults", "", 4);
  assert_string_equal(word(cell, "status"), "crashed");
  expect_contains(word(cell, "reason"), "signal");
  json_decref(cell);
}

static void a_plug_in_that_corrupts_an_object_is_wrong(void **state) {
  (void)state;
  json_t *cell = beside_a_good_one("corrupts", "", 4);
  assert_string_equal(word(cell, "status"), "wrong");
  assert_true(strlen(word(cell, "reason")) > 10);
  json_decref(cell);
}

static void a_plug_in_that_calls_exit_is_a_crash(void **state) {
  (void)state;
  json_t *cell = beside_a_good_one("exits", "", 4);
  assert_string_equal(word(cell, "status"), "crashed");
  expect_contains(word(cell, "reason"), "no result");
  json_decref(cell);
}

static void a_plug_in_that_catches_every_signal_is_timed_out(void **state) {
  (void)state;
  json_t *cell = beside_a_good_one("catches_signals", "--timeout 2s", 4);
  assert_string_equal(word(cell, "status"), "timeout");
  json_decref(cell);
}

static void a_plug_in_may_fault_on_purpose_and_catch_it(void **state) {
  (void)state;
  json_t *cell = beside_a_good_one("jumps_back", "", 0);
  assert_string_equal(word(cell, "status"), "ok");
  json_decref(cell);
}

static void what_a_plug_in_prints_does_not_reach_the_results(void **state) {
  (void)state;
  char line[2000];
  snprintf(line, sizeof line, "run -w trees -p depth=8 -c '%s/prints.so' -n 1 -i 1 -q --json run.json",
           GCB_PLUGINS);
  answer a = gcbench(line);
  expect_status(&a, 0);
  json_t *r = load("run.json");
  json_t *cell = json_array_get(json_object_get(r, "cells"), 0);
  const char *printed = word(json_array_get(json_object_get(cell, "invocations"), 0), "printed");
  assert_string_equal(word(cell, "status"), "ok");
  assert_true(strlen(printed) > 0);
  assert_null(strstr(a.out, printed));
  answer_free(&a);
  json_decref(r);
}

static void a_plug_in_of_another_abi_is_refused_in_words(void **state) {
  (void)state;
  static const char *const plugins[][2] = {
      {"wrong_abi", "ABI"}, {"no_symbol", "gcbench_collector"}, {"no_collect", "collect()"}};
  for (size_t i = 0; i < 3; i++) {
    char line[1000];
    snprintf(line, sizeof line, "run -w trees -c '%s/%s.so'", GCB_PLUGINS, plugins[i][0]);
    answer a = gcbench(line);
    expect_status(&a, 2);
    expect_contains(a.err, plugins[i][1]);
    answer_free(&a);
  }
}

static void a_killed_child_is_a_crashed_cell(void **state) {
  (void)state;
  const char *const argv[] = {"gcbench", "run", "-w",   "trees", "-c",     "marksweep", "-n",
                              "1",       "-i",  "1000", "-q",    "--json", "run.json",  NULL};
  pid_t run = start(argv);
  kill(wait_for_invocation(run), SIGKILL);
  int status;
  waitpid(run, &status, 0);
  json_t *r = load("run.json");
  json_t *cell = json_array_get(json_object_get(r, "cells"), 0);
  assert_string_equal(word(cell, "status"), "crashed");
  expect_contains(word(cell, "reason"), "signal 9");
  assert_int_equal(WEXITSTATUS(status), 4);
  json_decref(r);
}

static void an_interrupted_run_keeps_what_it_finished(void **state) {
  (void)state;
  const char *const argv[] = {"gcbench", "run",       "-w",      "trees",  "-p",       "depth=8",
                              "-c",      "marksweep", "-n",      "100000", "-i",       "1",
                              "-q",      "--results", "stopped", "--json", "run.json", NULL};
  pid_t run = start(argv);
  for (bool some = false; !some;) { /* until two invocations are stored */
    usleep(100000);
    assert_int_equal(waitpid(run, NULL, WNOHANG), 0);
    answer a = gcbench("results --json --results stopped");
    json_t *all = json_loads(a.out, 0, NULL);
    some = json_integer_value(json_object_get(json_array_get(all, 0), "done")) >= 2;
    json_decref(all);
    answer_free(&a);
  }
  kill(run, SIGINT);
  int status;
  waitpid(run, &status, 0);
  assert_int_equal(WEXITSTATUS(status), 130);
  json_t *r = load("run.json");
  json_t *cell = json_array_get(json_object_get(r, "cells"), 0);
  assert_true(json_is_true(json_object_get(r, "interrupted")));
  assert_true(json_array_size(json_object_get(cell, "invocations")) > 0);
  json_decref(r);
}

static void killing_the_harness_kills_its_child(void **state) {
  (void)state;
  const char *const argv[] = {"gcbench", "run", "-w", "trees", "-c", "marksweep",
                              "-n",      "1",   "-i", "1000",  "-q", NULL};
  pid_t run = start(argv);
  pid_t child = wait_for_invocation(run);
  kill(run, SIGKILL);
  int status;
  waitpid(run, &status, 0);
  struct timespec nap = {0, 20000000};
  while (kill(child, 0) == 0) nanosleep(&nap, NULL); /* without end, when it is left behind */
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_plug_in_that_spins_for_ever_is_timed_out),
      cmocka_unit_test(a_limit_on_the_address_space_leaves_the_reference_alive),
      cmocka_unit_test(a_crash_has_a_backtrace_and_a_debugger_command),
      cmocka_unit_test(a_process_that_may_open_few_files_says_so),
      cmocka_unit_test(a_plug_in_that_segfaults_is_a_crash_with_its_signal),
      cmocka_unit_test(a_plug_in_that_corrupts_an_object_is_wrong),
      cmocka_unit_test(a_plug_in_that_catches_every_signal_is_timed_out),
      cmocka_unit_test(a_plug_in_may_fault_on_purpose_and_catch_it),
      cmocka_unit_test(a_plug_in_that_calls_exit_is_a_crash),
      cmocka_unit_test(what_a_plug_in_prints_does_not_reach_the_results),
      cmocka_unit_test(a_plug_in_of_another_abi_is_refused_in_words),
      cmocka_unit_test(a_killed_child_is_a_crashed_cell),
      cmocka_unit_test(an_interrupted_run_keeps_what_it_finished),
      cmocka_unit_test(killing_the_harness_kills_its_child),
  };
  return cmocka_run_group_tests(tests, enter_scratch, leave_scratch);
}
