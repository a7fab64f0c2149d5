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
  refuses("run -w cycles -c none --columns colector", "colector", "did you mean collector?");
  refuses("results show last --columns max-paus", "max-paus", "did you mean max-pause?");
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

/* No command in the text that the launcher of a clone would not be called by: "gcbench" and a blank where a
 * command begins, unless a colon follows the next word, which says who speaks. */
static void expect_called(const char *arguments, const char *text) {
  for (const char *p = text; (p = strstr(p, "gcbench ")); p++) {
    bool first = p == text || strchr("\n'`", p[-1]) || (p - text > 1 && p[-1] == ' ' && strchr(": ;", p[-2]));
    const char *word = p + 8;
    if (!first || !*word || strchr("0123456789", *word) || word[strcspn(word, " :'`,;\n")] == ':') continue;
    print_error("%s: printed for a user of ./gcbench:\n%.200s\n", arguments, p);
    fail();
  }
}

static void commands_that_are_printed_are_called_as_in_a_clone(void **state) {
  (void)state;
  static const char *const calls[] = {"--help",
                                      "list --help",
                                      "run --help",
                                      "compare --help",
                                      "nightly --help",
                                      "report --help",
                                      "plot --help",
                                      "minheap --help",
                                      "micro --help",
                                      "stress --help",
                                      "check --help",
                                      "new --help",
                                      "soak --help",
                                      "results --help",
                                      "history --help",
                                      "merge --help",
                                      "import --help",
                                      "export --help",
                                      "calibrate --help",
                                      "doctor --help",
                                      "version --help",
                                      "run",
                                      "run -w trees",
                                      "run -w zzzzzz -c none",
                                      "run -w trees -c zzzzzz",
                                      "rnu",
                                      "compare",
                                      "export",
                                      "nightly",
                                      "nightly zzz.yaml",
                                      "nightly --init n.yaml",
                                      "plot --list",
                                      "results",
                                      "results show zzz",
                                      "report",
                                      "history unack",
                                      "history bisect",
                                      "calibrate --only zzzz",
                                      "micro --filter zzzz",
                                      "new collector one",
                                      "new workload two",
                                      "run -w trees -c none -p zzz=1",
                                      "run -w trees -c none -o zzz=1",
                                      "check ./none.so",
                                      "check none --only zzzzzz",
                                      "run -w trees -p depth=6 -c gen3 -n 2 -i 2 -q",
                                      "doctor --quick"};
  setenv("GCBENCH_CALLED", "./gcbench", 1);
  for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
    answer a = gcbench(calls[i]);
    expect_called(calls[i], a.out);
    expect_called(calls[i], a.err);
    if (i == 0) expect_contains(a.out, "selftest");
    answer_free(&a);
  }
  unsetenv("GCBENCH_CALLED");
  answer a = gcbench("--help");
  expect_contains(a.out, "\n  gcbench list\n");
  assert_null(strstr(a.out, "selftest"));
  answer_free(&a);
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
      cmocka_unit_test(commands_that_are_printed_are_called_as_in_a_clone),
  };
  return cmocka_run_group_tests(tests, enter_scratch, leave_scratch);
}
