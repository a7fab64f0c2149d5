/* A child or a parent that is stopped for a while. */
#include "children.h"

static void pause_of(pid_t pid, int ms) {
  struct timespec nap = {ms / 1000, ms % 1000 * 1000000};
  kill(pid, SIGSTOP);
  nanosleep(&nap, NULL);
  kill(pid, SIGCONT);
}

static json_t *cell_of(const char *path) {
  json_t *r = load(path), *cell = json_incref(json_array_get(json_object_get(r, "cells"), 0));
  json_decref(r);
  return cell;
}

static bool flagged(const json_t *cell) {
  size_t i;
  json_t *flag;
  json_array_foreach(json_object_get(json_object_get(cell, "summary"), "flags"), i, flag) {
    if (strcmp(word(flag, "flag"), "stopped") == 0) return true;
  }
  return false;
}

static void a_stopped_child_is_flagged(void **state) {
  (void)state;
  const char *const argv[] = {"gcbench", "run",       "-w",     "trees",    "-p", "depth=14",
                              "-c",      "marksweep", "-n",     "1",        "-i", "40",
                              "-q",      "--no-save", "--json", "run.json", NULL};
  pid_t run = start(argv), child = wait_for_invocation(run);
  pause_of(child, 1500);
  int status;
  waitpid(run, &status, 0);
  assert_int_equal(WEXITSTATUS(status), 0);
  json_t *cell = cell_of("run.json");
  assert_true(flagged(cell));
  json_decref(cell);
  char *out = slurp("out.txt");
  expect_contains(out, "stopped (marksweep)");
  free(out);
}

/* The parent is stopped for longer than the time-out; the child goes on, or has ended meanwhile. */
static void a_stopped_parent_makes_no_time_out(void **state) {
  (void)state;
  const char *const argv[] = {"gcbench",   "run",       "-w",     "trees",    "-p", "depth=12", "-c",
                              "marksweep", "-n",        "1",      "-i",       "20", "-q",       "--timeout",
                              "15s",       "--no-save", "--json", "run.json", NULL};
  pid_t run = start(argv);
  wait_for_invocation(run);
  pause_of(run, 16500);
  int status;
  waitpid(run, &status, 0);
  json_t *cell = cell_of("run.json");
  assert_string_equal(word(cell, "status"), "ok");
  assert_int_equal(WEXITSTATUS(status), 0);
  json_decref(cell);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_stopped_child_is_flagged),
      cmocka_unit_test(a_stopped_parent_makes_no_time_out),
  };
  return cmocka_run_group_tests(tests, enter_scratch, leave_scratch);
}
