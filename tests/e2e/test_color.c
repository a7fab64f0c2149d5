/* --color in each command that prints tables or verdicts. */
#include "shell.h"

#define ONE "-w trees -p depth=8 -q --no-save "

static void each_command_has_colours_when_asked_and_none_in_a_file_by_itself(void **state) {
  (void)state;
  assert_int_equal(
      shell("'" GCB_PROGRAM "' run -w trees -p depth=8 -c gen3 -n 3 -i 1 -q --save kept >out.txt"), 0);
  static const char *const commands[] = {
      "run " ONE "-c gen3 -n 1 -i 1",
      "compare " ONE "-a gen3 -b marksweep --pairs 6 -i 1",
      "minheap -w trees -p depth=8 -c marksweep -q",
      "results",
      "history",
      "doctor",
      "stress -c marksweep --programs 5 -q",
      "check marksweep --only objects --stress 0s",
      "soak -w cycles -p nodes=3000 -c gen3 -i 20 -q",
  };
  for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
    char line[300];
    snprintf(line, sizeof line, "%s --color=always", commands[i]);
    answer a = gcbench(line);
    if (!strchr(a.out, '\033')) print_error("no colour in: %s\n%s\n", line, a.out);
    assert_non_null(strchr(a.out, '\033'));
    answer_free(&a);
    a = gcbench(commands[i]);
    assert_null(strchr(a.out, '\033'));
    answer_free(&a);
  }
}

static void documents_have_no_colours(void **state) {
  (void)state;
  answer a = gcbench("run " ONE "-c gen3 -n 1 -i 1 --color=always --json run.json --csv run.csv");
  answer_free(&a);
  for (int i = 0; i < 2; i++) {
    char *text = slurp(i ? "run.csv" : "run.json");
    assert_null(strchr(text, '\033'));
    free(text);
  }
  a = gcbench("compare " ONE "-a gen3 -b marksweep --pairs 6 -i 1 --markdown --color=always");
  assert_null(strchr(a.out, '\033'));
  answer_free(&a);
}

static void a_wrong_word_is_named(void **state) {
  (void)state;
  answer a = gcbench("run " ONE "-c gen3 --color=sometimes");
  expect_status(&a, 2);
  expect_contains(a.err, "--color");
  expect_contains(a.err, "sometimes");
  answer_free(&a);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_command_has_colours_when_asked_and_none_in_a_file_by_itself),
      cmocka_unit_test(documents_have_no_colours),
      cmocka_unit_test(a_wrong_word_is_named),
  };
  return cmocka_run_group_tests(tests, enter_scratch, leave_scratch);
}
