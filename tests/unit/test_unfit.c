/* What is wrong with the machine stands under the table, and in reasons. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "results/text/table.h"
#include "results/text/unfit.h"
#include <stdlib.h>
#include <string.h>

static json_t *findings(void) {
  return json_pack("[{s:s, s:s, s:s, s:n}, {s:s, s:s, s:s, s:s}, {s:s, s:s, s:s, s:s}]", "check", "turbo",
                   "verdict", "fine", "found", "off", "remedy", "check", "quota", "verdict", "bad", "found",
                   "0.25 of 2 cpus", "remedy", "raise the quota", "check", "smt", "verdict", "note", "found",
                   "on", "remedy", "nothing");
}

static void only_what_is_bad_is_printed(void **state) {
  (void)state;
  char *text = NULL, words[200];
  size_t n = 0;
  json_t *f = findings();
  FILE *out = open_memstream(&text, &n);
  gcb_unfit_print(f, out);
  gcb_unfit_print(NULL, out);
  fclose(out);
  assert_string_equal(text, "  the machine is unfit for measurements: quota: 0.25 of 2 cpus; remedy: raise\n"
                            "    the quota\n");
  gcb_unfit_words(f, words, sizeof words);
  assert_string_equal(words, "quota: 0.25 of 2 cpus");
  gcb_unfit_words(NULL, words, sizeof words);
  assert_string_equal(words, "");
  free(text);
  json_decref(f);
}

/* The first line behind the rows is the machine's. */
static void the_table_of_a_run_says_it_first(void **state) {
  (void)state;
  char *text = NULL;
  size_t n = 0;
  json_t *run =
      json_pack("{s:{s:o}, s:[{s:s, s:{}, s:s, s:{}, s:s, s:f, s:I, s:I, s:i, s:s, s:s, s:{}}]}", "context",
                "doctor", findings(), "cells", "workload", "w", "params", "collector", "gc", "options", "op",
                "an op", "heap_factor", 3.0, "heap_bytes", (json_int_t)1 << 20, "peak_live_bytes",
                (json_int_t)1 << 19, "mutators", 1, "status", "crashed", "reason", "it fell over", "summary");
  assert_non_null(run);
  FILE *out = open_memstream(&text, &n);
  gcb_table_print(run, (gcb_table_columns){0}, out);
  fclose(out);
  char *row = strstr(text, "\ngc "), *unfit = strstr(text, "the machine is unfit"),
       *reason = strstr(text, "it fell over");
  assert_non_null(row);
  assert_non_null(unfit);
  assert_non_null(reason);
  assert_true(row < unfit && unfit < reason);
  free(text);
  json_decref(run);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(only_what_is_bad_is_printed),
      cmocka_unit_test(the_table_of_a_run_says_it_first),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
