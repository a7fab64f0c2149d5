/* Tests of the rule that tells a process that hangs from one that is slow. */
#include "machine/hang.h"
#include "machine/process.h"
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static const uint64_t S = 1000000000;

static void run(const char *script, uint64_t limit_ns, gcb_child *child) {
  const char *const argv[] = {"sh", "-c", script, NULL};
  gcb_child_run_program("/bin/sh", argv, limit_ns, NULL, NULL, child);
  free(child->answer);
}

/* About 0.05 s of CPU time and 0.15 s of sleep a round, 4 s in all: what a busy machine makes of a process.
 */
static void a_process_that_gets_little_cpu_time_is_not_hung(void **state) {
  (void)state;
  gcb_child child;
  run("r=0; while [ $r -lt 20 ]; do r=$((r+1)); i=0; while [ $i -lt 40000 ]; do i=$((i+1)); done; "
      "sleep 0.15; done; exit 7",
      3 * S, &child);
  assert_int_equal(child.end, GCB_CHILD_EXITED);
  assert_int_equal(child.code, 7);
  assert_true(child.ns > 3 * S);
}

static void a_process_that_computes_without_end_hangs(void **state) {
  (void)state;
  gcb_child child;
  char why[300];
  run("while :; do :; done", S / 2, &child);
  assert_int_equal(child.end, GCB_CHILD_TIMED_OUT);
  assert_false(child.idle);
  assert_true(child.silent_cpu_ns >= S / 4);
  gcb_child_explain(&child, why, sizeof why);
  assert_non_null(strstr(why, "of CPU time"));
}

/* The contract suite runs each variant in a process of its own: the group counts. */
static void the_cpu_time_of_the_whole_group_counts(void **state) {
  (void)state;
  gcb_child child;
  run("sh -c 'while :; do :; done' & wait", S / 2, &child);
  assert_int_equal(child.end, GCB_CHILD_TIMED_OUT);
  assert_false(child.idle);
}

static void a_process_that_waits_without_end_hangs(void **state) {
  (void)state;
  gcb_child child;
  char why[300];
  run("sleep 1000", S / 2, &child);
  assert_int_equal(child.end, GCB_CHILD_TIMED_OUT);
  assert_true(child.idle);
  gcb_child_explain(&child, why, sizeof why);
  assert_non_null(strstr(why, "used almost no CPU time"));
}

/* The caller was stopped, or the machine was suspended: nobody looked, and that time says nothing. */
static void time_in_which_nobody_looked_does_not_count(void **state) {
  (void)state;
  gcb_hang h;
  pid_t child = fork();
  if (!child) {
    pause();
    _exit(0);
  }
  gcb_hang_begin(&h, child, S / 2, S / 2);
  usleep(100000);
  assert_false(gcb_hang_look(&h));
  usleep(2500000);
  assert_false(gcb_hang_look(&h));
  bool hung = false;
  for (int i = 0; i < 600 && !hung; i++) { /* a minute for what takes half a second */
    usleep(100000);
    hung = gcb_hang_look(&h);
  }
  assert_true(hung);
  assert_true(h.idle);
  kill(child, SIGKILL);
  waitpid(child, NULL, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_process_that_gets_little_cpu_time_is_not_hung),
      cmocka_unit_test(a_process_that_computes_without_end_hangs),
      cmocka_unit_test(the_cpu_time_of_the_whole_group_counts),
      cmocka_unit_test(a_process_that_waits_without_end_hangs),
      cmocka_unit_test(time_in_which_nobody_looked_does_not_count),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
