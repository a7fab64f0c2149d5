/* The limit of a child counts from the last sign that an iteration ended, not from its start. */
#include "machine/process.h"
#include "machine/trouble.h"
#include "stress/campaign.h"
#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

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

/* This program as a child of itself: it writes its argument back, with the number of bytes. */
static int echo(void) {
  char *text = gcb_read_all(GCB_ARGUMENT_FD);
  dprintf(GCB_ANSWER_FD, "%zu %.8s", text ? strlen(text) : 0, text ? text : "");
  free(text);
  return 0;
}

static void an_argument_may_be_of_any_length(void **state) {
  (void)state;
  enum { LONG = 3 << 20 };
  gcb_child child;
  char *text = malloc(LONG + 1), expected[40];
  memset(text, 'x', LONG);
  text[LONG] = 0;
  memcpy(text, "begin ", 6);
  gcb_child_run("echo", text, 60000000000u, NULL, &child);
  snprintf(expected, sizeof expected, "%d %.8s", LONG, text);
  assert_int_equal(child.end, GCB_CHILD_EXITED);
  assert_string_equal(child.answer, expected);
  free(child.answer);
  free(text);
}

static int core_files(const char *folder) {
  int n = 0;
  DIR *dir = opendir(folder);
  for (struct dirent *d; dir && (d = readdir(dir));) n += strncmp(d->d_name, "core", 4) == 0;
  if (dir) closedir(dir);
  return n;
}

static void a_crash_writes_no_core_file(void **state) {
  (void)state;
  char folder[] = "/tmp/gcbench-core-XXXXXX", script[200];
  struct rlimit limit;
  gcb_child child;
  assert_non_null(mkdtemp(folder));
  assert_int_equal(getrlimit(RLIMIT_CORE, &limit), 0);
  limit.rlim_cur = limit.rlim_max;
  assert_int_equal(setrlimit(RLIMIT_CORE, &limit), 0);
  snprintf(script, sizeof script, "cd %s && ulimit -c >limit && kill -SEGV $$", folder);
  run(script, 60000000000u, NULL, &child);
  assert_int_equal(child.end, GCB_CHILD_SIGNALLED);
  assert_int_equal(child.code, SIGSEGV);
  assert_int_equal(core_files(folder), 0);
  snprintf(script, sizeof script, "cd %s && read n <limit && test $n -le 1 && rm limit && rmdir %s", folder,
           folder);
  assert_int_equal(system(script), 0);
  free(child.answer);
}

static void a_program_that_is_not_there_was_not_started(void **state) {
  (void)state;
  gcb_child child;
  const char *const argv[] = {"none", NULL};
  gcb_child_run_program("/nonexistent/program", argv, 60000000000u, NULL, NULL, &child);
  assert_int_equal(child.end, GCB_CHILD_NOT_STARTED);
  assert_int_equal(child.code, ENOENT);
  assert_true(gcb_in_trouble());
}

/* In a process of its own, because trouble stays. */
static void without_descriptors_nothing_is_started_and_nothing_is_found(void **state) {
  (void)state;
  pid_t pid = fork();
  if (pid == 0) {
    char name[] = "any", file[] = "/nonexistent.so";
    struct rlimit few = {5, 5};
    gcb_stress_tally t = {.name = name, .word = name, .file = file};
    gcb_stress_campaign c = {.modes = 0};
    if (!freopen("/dev/null", "w", stderr) || setrlimit(RLIMIT_NOFILE, &few) != 0) _exit(2);
    bool good = gcb_stress_batch(&c, &t, 1, 1, 60000000000u);
    _exit(good || t.n_findings || !gcb_in_trouble());
  }
  int status = -1;
  assert_int_equal(waitpid(pid, &status, 0), pid);
  assert_int_equal(status, 0);
}

int main(int argc, char **argv) {
  if (argc == 3 && strcmp(argv[1], "echo") == 0) return echo();
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(without_descriptors_nothing_is_started_and_nothing_is_found),
      cmocka_unit_test(an_argument_may_be_of_any_length),
      cmocka_unit_test(a_crash_writes_no_core_file),
      cmocka_unit_test(a_program_that_is_not_there_was_not_started),
      cmocka_unit_test(who_makes_progress_may_take_longer_than_the_limit),
      cmocka_unit_test(lines_that_name_no_iteration_are_no_progress),
      cmocka_unit_test(the_reason_says_when_progress_ended),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
