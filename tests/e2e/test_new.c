/* What `gcbench new` writes: the files that it names, and Makefiles that refuse what a compiler by itself
 * lets pass. */
#include "shell.h"
#include <dirent.h>

/* Every file of the folder, hidden ones too, is named in the text, and the text names no other. */
static void names_what_is_there(const char *folder, const char *text) {
  const char *list = strstr(text, "in the files ");
  assert_non_null(list);
  size_t named = 1, there = 0;
  const char *end = strstr(list, ". Next");
  assert_non_null(end);
  for (const char *p = list; p < end; p++) named += *p == ',';
  DIR *d = opendir(folder);
  assert_non_null(d);
  for (struct dirent *e; (e = readdir(d));) {
    if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0) continue;
    expect_contains(list, e->d_name);
    there++;
  }
  closedir(d);
  assert_int_equal(there, named);
}

/* A line of C at the end of the source makes `make` fail with a message that has `part` in it. */
static void refuses(const char *folder, const char *line, const char *part) {
  char command[600];
  snprintf(command, sizeof command, "cp %s/made.c kept && echo '%s' >>%s/made.c", folder, line, folder);
  assert_int_equal(shell(command), 0);
  snprintf(command, sizeof command, "make -s -C %s CFLAGS=-O1 >said 2>&1", folder);
  int status = shell(command);
  char *said = slurp("said");
  if (!status) print_error("made, in spite of: %s\n", line);
  assert_int_not_equal(status, 0);
  expect_contains(said, part);
  const char *error = strstr(said, "error:");
  if (error && strstr(error + 1, "error: ")) print_error("shown more than once:\n%s\n", said);
  assert_true(!error || !strstr(error + 1, "error: ") || strstr(error + 1, "error: ld returned"));
  free(said);
  snprintf(command, sizeof command, "cp kept %s/made.c", folder);
  assert_int_equal(shell(command), 0);
}

static void a_new_collector_names_its_files(void **state) {
  (void)state;
  answer a = gcbench("new collector made --into c");
  expect_status(&a, 0);
  names_what_is_there("c", a.out);
  answer_free(&a);
}

static void a_new_collector_is_not_built_from_undeclared_or_undefined_functions(void **state) {
  (void)state;
  refuses("c", "void odd(void); void odd(void) { not_declared(); }", "implicit declaration of function");
  refuses("c", "void not_defined(void); void odd(void); void odd(void) { not_defined(); }", "not_defined");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_new_collector_names_its_files),
      cmocka_unit_test(a_new_collector_is_not_built_from_undeclared_or_undefined_functions),
  };
  return cmocka_run_group_tests(tests, enter_scratch, leave_scratch);
}
