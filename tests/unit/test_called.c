/* Commands in texts are printed as the user calls the program. One process a test program: the name is read
 * once. */
#include "called.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void commands_are_changed_and_nothing_else(void **state) {
  (void)state;
  static const char *const cases[][2] = {
      {"gcbench list", "./gcbench list"},
      {"one; 'gcbench results' lists them", "one; './gcbench results' lists them"},
      {"for example: gcbench export last", "for example: ./gcbench export last"},
      {"gcbench list\ngcbench run -w trees", "./gcbench list\n./gcbench run -w trees"},
      {"  find:   gcbench history bisect %lld\n", "  find:   ./gcbench history bisect %lld\n"},
      {"for example: gcbench %s --workload", "for example: ./gcbench %s --workload"},
      {"'gcbench --help' lists them", "'./gcbench --help' lists them"},
      {"gcbench run: --heap: wrong", "gcbench run: --heap: wrong"},
      {"gcbench micro: see 'gcbench micro --list'", "gcbench micro: see './gcbench micro --list'"},
      {"compiled into gcbench", "compiled into gcbench"},
      {"a workload of gcbench itself", "a workload of gcbench itself"},
      {"schema gcbench.run/1", "schema gcbench.run/1"},
      {"gcbench 0.1.0", "gcbench 0.1.0"},
      {"", ""},
  };
  assert_string_equal(gcb_called(), "./gcbench");
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    assert_string_equal(gcb_as_called(cases[i][0]), cases[i][1]);
}

static void a_text_that_is_too_long_stays_as_it_is(void **state) {
  (void)state;
  char text[9000];
  memset(text, 'x', sizeof text - 1);
  text[sizeof text - 1] = 0;
  memcpy(text, "gcbench list ", 13);
  assert_ptr_equal(gcb_as_called(text), text);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(commands_are_changed_and_nothing_else),
      cmocka_unit_test(a_text_that_is_too_long_stays_as_it_is),
  };
  setenv("GCBENCH_CALLED", "./gcbench", 1);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
