/* The table of a run on a page of 80 characters: which columns it has, and the notes below it. */
#include "results/text/screen.h"
#include "results/text/table.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A cell with everything in it that columns show, and two flags. */
static json_t *cell(const char *collector, double factor, const char *long_meaning) {
  return json_pack("{s:s, s:{s:s}, s:s, s:{}, s:f, s:I, s:b, s:I, s:I, s:s, s:s, s:n, s:{s:{s:f, s:f, s:f, "
                   "s:I}, s:{s:f}, s:{s:f}, "
                   "s:{s:I, s:I, s:I, s:I}, s:{s:I, s:I}, s:{s:f}, s:[{s:s, s:s}, {s:s, s:s}]}}",
                   "workload", "cycles", "params", "length", "10", "collector", collector, "options",
                   "heap_factor", factor, "heap_bytes", (json_int_t)20971520, "bounded", 1, "peak_live_bytes",
                   (json_int_t)7000000, "mutators", (json_int_t)1, "op", "one node allocated", "status", "ok",
                   "reason", "summary", "ops_per_s", "mean", 65.9e6, "lo", 64.1e6, "hi", 67.4e6, "n",
                   (json_int_t)10, "wall_ns", "mean", 1e9, "cpu_ns", "mean", 1e9, "pause_ns", "p50",
                   (json_int_t)298000, "p90", (json_int_t)1340000, "p99", (json_int_t)5400000, "max",
                   (json_int_t)7660000, "collections", "minor", (json_int_t)105, "major", (json_int_t)5,
                   "peak_rss_bytes", "mean", 24e6, "flags", "flag", "long", "meaning", long_meaning, "flag",
                   "brief", "meaning", "short");
}

static const char meaning[] =
    "iterations get slower or faster one after the other, which is a sentence so long that "
    "no line of eighty characters could ever hold all of it: more --warmups";

/* The table of two cells in these columns. Free it. */
static char *table(const char *const *keys, size_t n) {
  json_t *run = json_pack("{s:[o, o]}", "cells", cell("gen3", 3, meaning), cell("semispace", 3, meaning));
  assert_non_null(run);
  char *text = NULL;
  size_t size;
  FILE *memory = open_memstream(&text, &size);
  gcb_table_print(run, (gcb_table_columns){keys, n}, memory);
  fclose(memory);
  json_decref(run);
  return text;
}

static size_t widest(const char *text) {
  size_t most = 0;
  for (; *text; text += strcspn(text, "\n") + 1)
    if (strcspn(text, "\n") > most) most = strcspn(text, "\n");
  return most;
}

static void the_table_fits_80_characters_and_says_what_is_left_out(void **state) {
  (void)state;
  char *text = table(NULL, 0);
  assert_true(widest(text) <= 80);
  assert_non_null(strstr(text, "throughput"));
  assert_non_null(strstr(text, "max pause"));
  assert_non_null(strstr(text, "status"));
  assert_null(strstr(text, "105 minor"));
  assert_non_null(strstr(text, "  not shown (--columns all): collections"));
  free(text);
}

static void all_columns_are_shown_when_asked_for(void **state) {
  (void)state;
  char *text = table((const char *const[]){"all"}, 1);
  assert_true(widest(text) > 80);
  assert_non_null(strstr(text, "105 minor, 5 major"));
  assert_non_null(strstr(text, "CPU time"));
  assert_null(strstr(text, "not shown"));
  free(text);
}

static void chosen_columns_stand_in_their_order(void **state) {
  (void)state;
  char *text = table((const char *const[]){"p99", "collector"}, 2);
  assert_non_null(strstr(text, "\n   p99  collector\n5.4 ms  gen3\n5.4 ms  semispace\n"));
  free(text);
}

static void notes_stand_once_for_all_cells_the_shortest_first_and_are_broken(void **state) {
  (void)state;
  char *text = table(NULL, 0), *brief = strstr(text, "  brief (all): short\n"),
       *other = strstr(text, "  long (all): ");
  assert_non_null(brief);
  assert_non_null(other);
  assert_true(brief < other);
  assert_null(strstr(other + 4, "long (all)"));
  assert_non_null(strstr(other, "\n    "));
  free(text);
}

static void a_line_is_broken_at_blanks_only(void **state) {
  (void)state;
  char *text = NULL;
  size_t size;
  FILE *memory = open_memstream(&text, &size);
  gcb_screen_wrap(memory, "  one two three_that_is_longer_than_ten four", 10, 4);
  fclose(memory);
  assert_string_equal(text, "  one two\n    three_that_is_longer_than_ten\n    four\n");
  free(text);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_table_fits_80_characters_and_says_what_is_left_out),
      cmocka_unit_test(all_columns_are_shown_when_asked_for),
      cmocka_unit_test(chosen_columns_stand_in_their_order),
      cmocka_unit_test(notes_stand_once_for_all_cells_the_shortest_first_and_are_broken),
      cmocka_unit_test(a_line_is_broken_at_blanks_only),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
