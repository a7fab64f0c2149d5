/* Wrong words cost one clear sentence and status 2, and nothing is run or written. */
#include "shell.h"

/* Status 2, nothing on standard output, one sentence with these two parts and a pointer to the help. */
static void refuses(const char *arguments, const char *word, const char *sentence) {
  answer a = gcbench(arguments);
  expect_status(&a, 2);
  assert_string_equal(a.out, "");
  expect_contains(a.err, word);
  expect_contains(a.err, sentence);
  expect_contains(a.err, "Try 'gcbench");
  answer_free(&a);
}

static void unknown_names_get_the_nearest_valid_one(void **state) {
  (void)state;
  refuses("run -w cycels -c none", "cycels", "did you mean cycles?");
  refuses("run -w cycles -c gen4", "gen4", "did you mean gen3?");
  refuses("run -w cycles -c none --iteratons 3", "--iteratons", "--iterations");
  refuses("run -w cycles -c none -p lenght=3", "lenght", "did you mean length?");
  refuses("rnu", "rnu", "run");
  refuses("list colectors", "colectors", "expected workloads, collectors or metrics");
}

static void hopeless_names_are_told_where_to_look(void **state) {
  (void)state;
  refuses("run -w zzzzzz -c none", "zzzzzz", "list workloads");
  refuses("run -w cycles -c zzzzzz", "zzzzzz", "list collectors");
}

static void heap_sizes_that_are_none_are_refused(void **state) {
  (void)state;
  refuses("run -w cycles -c none --heap 0", "0", "");
  refuses("run -w cycles -c none --heap -1", "-1", "");
  refuses("run -w cycles -c none --heap 3y", "3y", "such as 3x");
  refuses("run -w cycles -c none --heap ''", "--heap", "");
  refuses("run -w cycles -c none --heap 1e999x", "1e999x", "");
  refuses("run -w cycles -c none --heap", "--heap", "");
}

static void parameters_out_of_range_name_the_range(void **state) {
  (void)state;
  refuses("run -w trees -c none -p depth=99", "99", "from");
  refuses("run -w trees -c none -p depth=many", "many", "whole number");
  refuses("run -w trees -c none --mutators 65", "65", "64");
  refuses("run -w trees -c none --mutators 0", "0", "");
}

static void missing_choices_are_asked_for_with_an_example(void **state) {
  (void)state;
  refuses("run", "--workload", "for example");
  refuses("run -w trees", "--collector", "for example");
}

static void files_that_cannot_be_read_or_written_are_named(void **state) {
  (void)state;
  refuses("run -w chunks -c none -p input=/nowhere/file", "/nowhere/file", "cannot be read");
  refuses("run -w trees -c ./nothere.so", "./nothere.so", "cannot be read");
  refuses("run -w trees -c none --json /nowhere/out.json", "/nowhere/out.json", "cannot be written");
  refuses("run -w trees -c none --csv .", ".", "folder");
}

static void a_plug_in_that_is_none_is_refused_before_anything_runs(void **state) {
  (void)state;
  FILE *f = fopen("text.so", "w");
  assert_non_null(f);
  fputs("not a shared object\n", f);
  fclose(f);
  refuses("run -w trees -c ./text.so", "text.so", "cannot be loaded");
}

static void cpus_that_do_not_exist_are_refused(void **state) {
  (void)state;
  refuses("run -w trees -c none --pin 4000", "4000", "");
  refuses("run -w trees -c none --pin everywhere", "everywhere", "");
}

static void help_is_on_standard_output_with_examples(void **state) {
  (void)state;
  const char *const calls[] = {"--help", "run --help", "list --help", "help run"};
  for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
    answer a = gcbench(calls[i]);
    expect_status(&a, 0);
    expect_contains(a.out, "gcbench");
    assert_string_equal(a.err, "");
    answer_free(&a);
  }
  answer a = gcbench("run --help");
  expect_contains(a.out, "gcbench run --workload cycles --collector gen3");
  expect_contains(a.out, "Exit status");
  answer_free(&a);
}

static void a_full_standard_output_is_noticed(void **state) {
  (void)state;
  char command[400];
  snprintf(command, sizeof command, "'%s' list >/dev/full 2>err.txt", GCB_PROGRAM);
  int status = system(command);
  assert_int_equal(WEXITSTATUS(status), 5);
  char *err = slurp("err.txt");
  expect_contains(err, "standard output could not be written");
  free(err);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(unknown_names_get_the_nearest_valid_one),
      cmocka_unit_test(hopeless_names_are_told_where_to_look),
      cmocka_unit_test(heap_sizes_that_are_none_are_refused),
      cmocka_unit_test(parameters_out_of_range_name_the_range),
      cmocka_unit_test(missing_choices_are_asked_for_with_an_example),
      cmocka_unit_test(files_that_cannot_be_read_or_written_are_named),
      cmocka_unit_test(a_plug_in_that_is_none_is_refused_before_anything_runs),
      cmocka_unit_test(cpus_that_do_not_exist_are_refused),
      cmocka_unit_test(help_is_on_standard_output_with_examples),
      cmocka_unit_test(a_full_standard_output_is_noticed),
  };
  return cmocka_run_group_tests(tests, enter_scratch, leave_scratch);
}
