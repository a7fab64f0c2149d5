#include <dirent.h>
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "results/export/file.h"

static char folder[64], path[96];

static int enter(void **state) {
  (void)state;
  strcpy(folder, "/tmp/gcbench-file-XXXXXX");
  if (!mkdtemp(folder)) return -1;
  snprintf(path, sizeof path, "%s/result", folder);
  return 0;
}

static int leave(void **state) {
  (void)state;
  unlink(path);
  return rmdir(folder); /* fails when a temporary file was left */
}

static bool write_words(const char *words, bool whole, char *why, size_t why_size) {
  gcb_file f;
  assert_true(gcb_file_begin(&f, path, why, why_size));
  fputs(words, f.out);
  bool good = gcb_file_commit(&f, whole, why, why_size);
  gcb_file_abandon(&f);
  return good;
}

static void holds(const char *words) {
  char there[64] = "";
  FILE *in = fopen(path, "r");
  assert_non_null(in);
  assert_non_null(fgets(there, sizeof there, in));
  fclose(in);
  assert_string_equal(there, words);
}

static void a_committed_file_replaces_the_old_one(void **state) {
  char why[4300];
  (void)state;
  assert_true(write_words("old", true, why, sizeof why));
  assert_true(write_words("new", true, why, sizeof why));
  holds("new");
}

static void half_a_document_leaves_the_old_file_and_nothing_else(void **state) {
  char why[4300];
  (void)state;
  assert_true(write_words("old", true, why, sizeof why));
  assert_false(write_words("ne", false, why, sizeof why));
  assert_non_null(strstr(why, path));
  assert_non_null(strstr(why, "could not be written"));
  holds("old");
}

static void an_abandoned_file_was_never_there(void **state) {
  char why[4300];
  gcb_file f;
  (void)state;
  assert_true(gcb_file_begin(&f, path, why, sizeof why));
  fputs("half", f.out);
  gcb_file_abandon(&f);
  gcb_file_abandon(&f);
  assert_int_not_equal(access(path, F_OK), 0);
}

/* Write `bytes` to `name` beside the unwritten `path`; the sentence of the failure. */
static const char *write_much(const char *name, size_t bytes) {
  static char why[4300];
  gcb_file f;
  strcpy(why, "nothing failed");
  if (!gcb_file_begin(&f, name, why, sizeof why)) return why;
  for (size_t i = 0; i < bytes; i++) putc('x', f.out);
  gcb_file_commit(&f, true, why, sizeof why);
  return why;
}

static void a_full_device_is_called_full(void **state) {
  (void)state;
  assert_non_null(strstr(write_much("/dev/full", 100), "the disk is full"));
  assert_non_null(strstr(write_much("/dev/full", 1000000), "the disk is full"));
}

/* The stream fails long before the end: the cause of its first failure is what is said. */
static void a_limit_on_the_size_of_files_is_named(void **state) {
  const struct rlimit little = {20000, 20000};
  int status;
  (void)state;
  pid_t pid = fork();
  if (pid == 0) {
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &little);
    _exit(!strstr(write_much(path, 1000000), "larger than the process may write") || access(path, F_OK) == 0);
  }
  assert_int_equal(waitpid(pid, &status, 0), pid);
  assert_int_equal(status, 0);
}

static void a_full_disk_is_called_full_and_the_old_file_stays(void **state) {
  enum { NO_MOUNT = 77 };
  int status;
  (void)state;
  pid_t pid = fork();
  if (pid == 0) { /* in a mount namespace of its own */
    char why[4300];
    if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("none", folder, "tmpfs", 0, "size=64k") != 0)
      _exit(NO_MOUNT);
    bool first = write_words("old", true, why, sizeof why);
    bool full = strstr(write_much(path, 1000000), "the disk is full");
    char there[8] = "";
    FILE *in = fopen(path, "r");
    _exit(!(first && full && in && fgets(there, sizeof there, in) && strcmp(there, "old") == 0));
  }
  assert_int_equal(waitpid(pid, &status, 0), pid);
  bool mounted = !WIFEXITED(status) || WEXITSTATUS(status) != NO_MOUNT;
  if (!mounted) print_message("no file system can be mounted here (needs root)\n");
  if (!mounted) skip();
  assert_int_equal(status, 0);
}

static void errors_of_space_have_sentences(void **state) {
  static const struct {
    int error;
    const char *words;
  } table[] = {
      {ENOSPC, "full"}, {EDQUOT, "quota"}, {EROFS, "read-only"}, {EFBIG, "larger"}, {EACCES, "denied"}};
  (void)state;
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
    assert_non_null(strstr(gcb_file_trouble(table[i].error), table[i].words));
  }
}

/* Temporary files of `folder`. */
static int temporaries(void) {
  int n = 0;
  DIR *dir = opendir(folder);
  assert_non_null(dir);
  for (struct dirent *d; (d = readdir(dir));) n += strstr(d->d_name, ".gcbench-") != NULL;
  closedir(dir);
  return n;
}

/* A process is killed between begin and commit. */
static void leaves_nothing_when_killed(const char *name) {
  char why[4300], byte;
  int ends[2];
  gcb_file f;
  assert_int_equal(pipe(ends), 0);
  pid_t pid = fork();
  if (pid == 0) {
    if (!gcb_file_begin(&f, name, why, sizeof why) || write(ends[1], "b", 1) != 1) _exit(1);
    for (;;) pause();
  }
  close(ends[1]);
  assert_int_equal(read(ends[0], &byte, 1), 1);
  close(ends[0]);
  assert_true(write_words("while it lives", true, why, sizeof why));
  assert_int_equal(temporaries(), 1);
  kill(pid, SIGKILL);
  assert_int_equal(waitpid(pid, NULL, 0), pid);
  assert_int_equal(temporaries(), 1);
  assert_true(write_words("after it", true, why, sizeof why));
  assert_int_equal(temporaries(), 0);
}

static void a_killed_writer_leaves_nothing_beyond_the_next_file(void **state) {
  (void)state;
  leaves_nothing_when_killed(path);
  setenv("TMPDIR", folder, 1); /* where it is collected what is written into a device */
  leaves_nothing_when_killed("/dev/null");
  unsetenv("TMPDIR");
}

static void a_name_of_255_bytes_is_written(void **state) {
  char name[400], why[4300];
  gcb_file f;
  (void)state;
  snprintf(name, sizeof name, "%s/%0255d", folder, 1);
  assert_true(gcb_file_begin(&f, name, why, sizeof why));
  assert_true(gcb_file_commit(&f, true, why, sizeof why));
  assert_int_equal(unlink(name), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(a_committed_file_replaces_the_old_one, enter, leave),
      cmocka_unit_test_setup_teardown(half_a_document_leaves_the_old_file_and_nothing_else, enter, leave),
      cmocka_unit_test_setup_teardown(an_abandoned_file_was_never_there, enter, leave),
      cmocka_unit_test_setup_teardown(a_killed_writer_leaves_nothing_beyond_the_next_file, enter, leave),
      cmocka_unit_test_setup_teardown(a_name_of_255_bytes_is_written, enter, leave),
      cmocka_unit_test(a_full_device_is_called_full),
      cmocka_unit_test(errors_of_space_have_sentences),
      cmocka_unit_test_setup_teardown(a_limit_on_the_size_of_files_is_named, enter, leave),
      cmocka_unit_test_setup_teardown(a_full_disk_is_called_full_and_the_old_file_stays, enter, leave),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
