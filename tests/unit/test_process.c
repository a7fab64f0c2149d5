/* The limit of a child counts from the last sign that an iteration ended, not from its start. */
#include "process.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static unsigned heard;
static void hear(void *ctx, const char *line) {
  (void)ctx;
  assert_string_equal(line, "{}");
  heard++;
}

static void run(const char *script, uint64_t timeout_ns, const gcb_listener *listener, gcb_child *child) {
  const char *const argv[] = {"sh", "-c", script, NULL};
  gcb_child_run_program("/bin/sh", argv, timeout_ns, NULL, listener, child);
}

static void who_makes_progress_may_take_longer_than_the_limit(void **state) {
  (void)state;
  gcb_child child;
  run("for i in 1 2 3 4 5 6 7 8; do sleep 0.5; printf '\\036\\n' >&3; done; echo done >&3", 3000000000u, NULL,
      &child);
  assert_int_equal(child.end, GCB_CHILD_EXITED);
  assert_true(child.ns > 3000000000u);
  assert_string_equal(child.answer, "done\n"); /* the signs are no part of it, though nobody listens */
  free(child.answer);
}

/* What the sampler tells with --watch comes from a process that hangs, too. */
static void lines_that_name_no_iteration_are_no_progress(void **state) {
  (void)state;
  gcb_child child;
  char why[300];
  heard = 0;
  run("printf '\\036\\n' >&3; while :; do printf '\\036{}\\n' >&3; sleep 0.1; done", 1000000000u,
      &(gcb_listener){hear, NULL}, &child);
  assert_int_equal(child.end, GCB_CHILD_TIMED_OUT);
  assert_true(heard > 0);
  gcb_child_explain(&child, why, sizeof why);
  assert_non_null(strstr(why, "no result after"));
  free(child.answer);
}

static void the_reason_says_when_progress_ended(void **state) {
  (void)state;
  gcb_child child;
  char why[300];
  run("sleep 0.4; printf '\\036\\n' >&3; sleep 60", 3000000000u, NULL, &child);
  assert_int_equal(child.end, GCB_CHILD_TIMED_OUT);
  gcb_child_explain(&child, why, sizeof why);
  assert_non_null(strstr(why, "no iteration ended in the last "));
  free(child.answer);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(who_makes_progress_may_take_longer_than_the_limit),
      cmocka_unit_test(lines_that_name_no_iteration_are_no_progress),
      cmocka_unit_test(the_reason_says_when_progress_ended),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
