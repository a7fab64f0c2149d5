/* Commands in texts are printed as the user calls the program. One process a test program: the name is read
 * once. */
#include "results/model/called.h"
#include "results/text/table.h"
#include "run_documents.h"

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

/* Documents keep the neutral name: another program, called otherwise, may read them. What is printed does
 * not. */
static void reasons_of_a_document_are_printed_as_called(void **state) {
  (void)state;
  char *text = NULL;
  size_t n = 0;
  json_t *run = some_run(NULL, NULL, "cpu"), *cell = json_array_get(json_object_get(run, "cells"), 0);
  json_object_set_new(cell, "status", json_string("crashed"));
  json_object_set_new(cell, "reason", json_string("memory is limited ('gcbench doctor' shows it)"));
  FILE *out = open_memstream(&text, &n);
  assert_non_null(out);
  gcb_table_print(run, (gcb_table_columns){0}, out);
  fclose(out);
  assert_non_null(strstr(text, "('./gcbench doctor' shows it)"));
  assert_string_equal(json_string_value(json_object_get(cell, "reason")),
                      "memory is limited ('gcbench doctor' shows it)");
  free(text);
  json_decref(run);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(commands_are_changed_and_nothing_else),
      cmocka_unit_test(reasons_of_a_document_are_printed_as_called),
      cmocka_unit_test(a_text_that_is_too_long_stays_as_it_is),
  };
  setenv("GCBENCH_CALLED", "./gcbench", 1);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
