/* Words of printed commands come back from a shell as they were. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "results/text/shell.h"
#include <stdlib.h>
#include <string.h>

static const char *const words[] = {
    "printf", "%s\\n", "plain.so",  "two words", "it's", "$HOME `id` \\", "a;b&c|d>e(f)", "\"quoted\"",
    "*?[x]",  "~root", "new\nline", "#",         NULL};

static void a_shell_reads_the_words_back(void **state) {
  (void)state;
  char *command = gcb_shell_command(words), got[1000] = "", expected[1000] = "";
  assert_non_null(command);
  for (size_t i = 2; words[i]; i++) {
    strcat(expected, words[i]);
    strcat(expected, "\n");
  }
  FILE *shell = popen(command, "r");
  assert_non_null(shell);
  got[fread(got, 1, sizeof got - 1, shell)] = 0;
  assert_int_equal(pclose(shell), 0);
  assert_string_equal(got, expected);
  free(command);
}

static void plain_words_are_left_alone(void **state) {
  (void)state;
  char *command =
      gcb_shell_command((const char *const[]){"gcbench", "run", "-c", "./my-gc.so", "x=1,2", NULL});
  assert_string_equal(command, "gcbench run -c ./my-gc.so x=1,2");
  free(command);
  command = gcb_shell_command((const char *const[]){"a", "", NULL});
  assert_string_equal(command, "a ''");
  free(command);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_shell_reads_the_words_back),
      cmocka_unit_test(plain_words_are_left_alone),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
