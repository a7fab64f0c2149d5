/* Folders for temporary files: where TMPDIR says, however long its name is, and none stay for good. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "results/export/scratch.h"
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char top[] = "/tmp/gcbench-test-scratch-XXXXXX";

static bool is_folder(const char *path) {
  struct stat is;
  return stat(path, &is) == 0 && S_ISDIR(is.st_mode);
}

static void a_long_tmpdir_is_used(void **state) {
  (void)state;
  char tmp[300], path[4096], why[300];
  int lock;
  snprintf(tmp, sizeof tmp, "%s/%0200d", top, 1);
  assert_int_equal(mkdir(tmp, 0700), 0);
  setenv("TMPDIR", tmp, 1);
  assert_true(gcb_scratch_make("plots", path, sizeof path, &lock, why, sizeof why));
  assert_memory_equal(path, tmp, strlen(tmp));
  assert_true(is_folder(path));
  gcb_scratch_remove(path, &lock);
  assert_false(is_folder(path));
  assert_int_equal(rmdir(tmp), 0);
}

static void a_tmpdir_that_is_not_there_is_refused(void **state) {
  (void)state;
  char path[4096], why[300];
  int lock;
  setenv("TMPDIR", "/nonexistent/folder", 1);
  assert_false(gcb_scratch_make("plots", path, sizeof path, &lock, why, sizeof why));
  assert_non_null(strstr(why, "No such file"));
}

static void a_killed_process_leaves_nothing_beyond_the_next_start(void **state) {
  (void)state;
  char path[4096], why[300], file[4200], own[4096];
  int ends[2], lock;
  setenv("TMPDIR", top, 1);
  assert_int_equal(pipe(ends), 0);
  pid_t pid = fork();
  if (pid == 0) {
    if (!gcb_scratch_make("plots", path, sizeof path, &lock, why, sizeof why)) _exit(1);
    if (write(ends[1], path, sizeof path) < 0) _exit(1);
    for (;;) pause();
  }
  assert_int_equal(read(ends[0], path, sizeof path), sizeof path);
  snprintf(file, sizeof file, "%s/left", path);
  FILE *f = fopen(file, "w");
  assert_non_null(f);
  fclose(f);
  assert_true(gcb_scratch_make("run", own, sizeof own, &lock, why, sizeof why));
  gcb_scratch_remove(own, &lock);
  assert_true(is_folder(path)); /* its process lives */
  kill(pid, SIGKILL);
  assert_int_equal(waitpid(pid, NULL, 0), pid);
  assert_true(gcb_scratch_make("run", own, sizeof own, &lock, why, sizeof why));
  assert_false(is_folder(path));
  gcb_scratch_remove(own, &lock);
}

static int make_top(void **state) {
  (void)state;
  return mkdtemp(top) ? 0 : -1;
}

static int remove_top(void **state) {
  (void)state;
  return rmdir(top);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_long_tmpdir_is_used),
      cmocka_unit_test(a_tmpdir_that_is_not_there_is_refused),
      cmocka_unit_test(a_killed_process_leaves_nothing_beyond_the_next_start),
  };
  return cmocka_run_group_tests(tests, make_top, remove_top);
}
