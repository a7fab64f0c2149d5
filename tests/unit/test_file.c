#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
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

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(a_committed_file_replaces_the_old_one, enter, leave),
      cmocka_unit_test_setup_teardown(half_a_document_leaves_the_old_file_and_nothing_else, enter, leave),
      cmocka_unit_test_setup_teardown(an_abandoned_file_was_never_there, enter, leave),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
