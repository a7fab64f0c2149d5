/* Standard descriptors that are closed, full, or left by their reader cost no result and spoil no file. */
#include "shell.h"

static const char *const commands[] = {
    "run -w trees -p depth=8 -c marksweep -n 2 -i 1 --json run.json --csv run.csv --results store",
    "check marksweep --only objects --json check.json",
    "stress -c marksweep --programs 3 --json stress.json",
    "export last --results store --format json --output export.json",
    "results --results store",
};
static const char *const documents[] = {"run.json", "check.json", "stress.json", "export.json", NULL};
enum { COMMANDS = sizeof commands / sizeof *commands };

static int say(const char *arguments, const char *redirections) {
  char line[2000];
  snprintf(line, sizeof line, "'%s' %s %s", GCB_PROGRAM, arguments, redirections);
  int status = system(line);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void any_subset_of_closed_descriptors_leaves_whole_files(void **state) {
  (void)state;
  for (size_t c = 0; c < COMMANDS; c++)
    for (int closed = 0; closed < 8; closed++) {
      char redirections[200];
      snprintf(redirections, sizeof redirections, "%s %s %s", closed & 1 ? "<&-" : "</dev/null",
               closed & 2 ? ">&-" : ">out.txt", closed & 4 ? "2>&-" : "2>err.txt");
      if (documents[c]) unlink(documents[c]);
      int status = say(commands[c], redirections);
      if (status) print_error("%s %s\n", commands[c], redirections);
      assert_int_equal(status, 0);
      if (documents[c]) json_decref(load(documents[c]));
    }
  char *csv = slurp("run.csv"); /* no progress in it */
  assert_null(strstr(csv, "gcbench:"));
  free(csv);
}

static void a_full_standard_output_is_said_with_status_5(void **state) {
  (void)state;
  static const char *const more[] = {"help", "--version", "list", "run --help"};
  for (size_t c = 0; c < COMMANDS + 4; c++) {
    const char *arguments = c < COMMANDS ? commands[c] : more[c - COMMANDS];
    if (strstr(arguments, "export")) continue; /* prints nothing */
    int status = say(arguments, ">/dev/full 2>err.txt </dev/null");
    if (status != 5) print_error("%s\n", arguments);
    assert_int_equal(status, 5);
    char *err = slurp("err.txt");
    expect_contains(err, "standard output could not be written: the disk is full");
    free(err);
  }
  json_decref(load("run.json"));
}

static void a_reader_that_leaves_costs_no_result(void **state) {
  (void)state;
  for (size_t c = 0; c < COMMANDS; c++) {
    char line[2000];
    if (documents[c]) unlink(documents[c]);
    snprintf(line, sizeof line,
             "bash -c \"'%s' %s 2>err.txt </dev/null | exec 0<&-; exit \\${PIPESTATUS[0]}\"", GCB_PROGRAM,
             commands[c]);
    int status = system(line);
    if (!WIFEXITED(status) || WEXITSTATUS(status)) print_error("%s: %d\n", commands[c], status);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    if (documents[c]) json_decref(load(documents[c]));
    char *err = slurp("err.txt");
    assert_null(strstr(err, "could not be written"));
    free(err);
  }
  answer a = gcbench("results show last --results store"); /* and the run is kept, whole */
  expect_status(&a, 0);
  expect_contains(a.out, "marksweep");
  answer_free(&a);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(any_subset_of_closed_descriptors_leaves_whole_files),
      cmocka_unit_test(a_full_standard_output_is_said_with_status_5),
      cmocka_unit_test(a_reader_that_leaves_costs_no_result),
  };
  return cmocka_run_group_tests(tests, enter_scratch, leave_scratch);
}
