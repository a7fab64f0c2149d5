/* gcbench calibrate: facts come from a file, are real runs, and every way to end has its status. What is
 * judged here does not depend on times. */
#include "shell.h"

static void write_facts(const char *facts) {
  FILE *f = fopen("facts.json", "w");
  assert_non_null(f);
  fprintf(f, "{\"schema\": \"gcbench.facts/1\", \"facts\": [%s]}\n", facts);
  fclose(f);
}

static answer calibrate(const char *facts, const char *arguments) {
  char line[400];
  write_facts(facts);
  snprintf(line, sizeof line, "calibrate --file facts.json -q %s", arguments);
  return gcbench(line);
}

/* Runs with so many nodes, of which an exact figure is expected within these words. */
#define LEAK(name, collector, expect)                                                                        \
  "{\"name\": \"" name                                                                                       \
  "\", \"fact\": \"dropped rings leak\", \"runs\": [{\"workloads\": \"cycles\", \"params\": "                \
  "{\"nodes\": \"10000\", \"live\": \"1000\"}, \"collectors\": [" collector                                  \
  "], \"heaps\": [\"16M\"], \"invocations\": 1}], \"figures\": [{\"what\": \"leaked\", \"kind\": "           \
  "\"equal\", \"of\": "                                                                                      \
  "{}, \"value\": \"leaked_bytes\", \"beside\": \"cyclic_bytes\", \"unit\": \"bytes\", \"expect\": " expect  \
  "}]}"

static void a_fact_that_is_so_passes(void **state) {
  (void)state;
  answer a = calibrate(LEAK("leak", "\"rc\"", "[0, 0]"), "--json c.json");
  expect_status(&a, 0);
  expect_contains(a.out, "leak: pass");
  expect_contains(a.out, "1 passed, 0 failed, 0 inconclusive, 0 not shown");
  json_t *c = load("c.json"), *fact = json_array_get(json_object_get(c, "facts"), 0);
  assert_string_equal(word(c, "schema"), "gcbench.calibrate/1");
  json_t *cell = json_array_get(json_object_get(fact, "cells"), 0);
  json_t *invocation = json_array_get(json_object_get(cell, "invocations"), 0);
  assert_true(json_integer_value(json_object_get(invocation, "leaked_bytes")) > 0);
  json_decref(c);
  answer_free(&a);
}

static void one_that_is_not_so_fails(void **state) {
  (void)state;
  answer a = calibrate(LEAK("leak", "\"rccycle\"", "[0, 0]") ", " LEAK("well", "\"rc\"", "[0, 0]"), "");
  expect_status(&a, 1);
  expect_contains(a.out, "leak: fail");
  expect_contains(a.out, "well: pass");
  answer_free(&a);
  a = calibrate(LEAK("leak", "\"rccycle\"", "[0, 0]") ", " LEAK("well", "\"rc\"", "[0, 0]"), "--fact well");
  expect_status(&a, 0);
  answer_free(&a);
}

static void what_cannot_be_shown_is_named_and_is_no_pass(void **state) {
  (void)state;
  answer a = calibrate(LEAK("leak", "{\"capability\": [\"telepathic\"]}", "[0, 0]"), "");
  expect_status(&a, 5);
  expect_contains(a.out, "no collector here has the capability 'telepathic'");
  answer_free(&a);
  a = calibrate(LEAK("leak", "\"nowhere\"",
                     "[0, 0]") ", " LEAK("well", "{\"capability\": [\"prompt\", \"bounded\"]}", "[null, 0]"),
                "");
  expect_status(&a, 0);
  expect_contains(a.out, "leak: not shown: nowhere");
  answer_free(&a);
}

static void the_facts_that_come_along_are_listed(void **state) {
  (void)state;
  answer a = gcbench("calibrate --list");
  expect_status(&a, 0);
  expect_contains(a.out, "counting-leak");
  expect_contains(a.out, "coordinated-omission");
  answer_free(&a);
  a = gcbench("calibrate --fact counting-leak -q");
  expect_status(&a, 0);
  expect_contains(a.out, "counting-leak: pass");
  answer_free(&a);
}

static void wrong_words_are_named(void **state) {
  (void)state;
  answer a = gcbench("calibrate --fact counting-leek");
  expect_status(&a, 2);
  expect_contains(a.err, "did you mean counting-leak");
  answer_free(&a);
  a = calibrate("{\"name\": \"x\"}", "");
  expect_status(&a, 2);
  expect_contains(a.err, "a fact needs name, fact and figures");
  answer_free(&a);
  a = gcbench("calibrate --file /no/such.json");
  expect_status(&a, 2);
  expect_contains(a.err, "/no/such.json");
  answer_free(&a);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_fact_that_is_so_passes),
      cmocka_unit_test(one_that_is_not_so_fails),
      cmocka_unit_test(what_cannot_be_shown_is_named_and_is_no_pass),
      cmocka_unit_test(the_facts_that_come_along_are_listed),
      cmocka_unit_test(wrong_words_are_named),
  };
  return cmocka_run_group_tests(tests, enter_scratch, leave_scratch);
}
