/* Where the time of a cell goes, and its longest pauses, on results written down by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "results/analysis/explain.h"
#include "results/model/members.h"
#include "results/text/explain_print.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 3 };

/* A cell with one iteration in each round; `minor` collections in each. */
static json_t *cell(const char *collector, int reclaims, const char *path, int heap, const int wall[ROUNDS],
                    int stopped, int minor) {
  json_t *invocations = json_array();
  for (int i = 0; i < ROUNDS; i++)
    json_array_append_new(invocations, json_pack("{s:s, s:[{s:i, s:i, s:{s:i}, s:i}]}", "path", path,
                                                 "iterations", "wall_ns", wall[i], "stw_ns", stopped,
                                                 "collections", "minor", minor, "allocated_bytes", 40960));
  return json_pack("{s:s, s:{}, s:s, s:{}, s:i, s:i, s:s, s:s, s:b, s:b, s:o}", "workload", "w", "params",
                   "collector", collector, "options", "heap_bytes", heap, "mutators", 1, "seed", "7",
                   "status", "ok", "reclaims", reclaims, "bounded", reclaims, "invocations", invocations);
}

/* The cell, then P, B and R of it: of 1000 ns, 400 are the mutator's, 100 the barrier's, 150 allocation, 200
 * stops. */
static json_t *cells_of_all(void) {
  json_t *cells = json_array();
  json_array_append_new(cells, cell("c", 1, "bump-card-none-plain", 1000, (int[]){1000, 1010, 990}, 200, 4));
  json_array_append_new(cells, cell("n", 0, "bump-none-none-plain", 9000, (int[]){400, 410, 390}, 0, 0));
  json_array_append_new(cells, cell("n+b", 0, "bump-card-none-plain", 9000, (int[]){500, 510, 490}, 0, 0));
  json_array_append_new(cells, cell("c", 1, "bump-card-none-plain", 9000, (int[]){650, 660, 640}, 0, 0));
  return cells;
}

static json_t *split_first(const json_t *cells) {
  gcb_ablations a = gcb_explain_find(cells, json_array_get(cells, 0));
  return gcb_explain_split(&a);
}

static double part(const json_t *split, const char *name, const char *key) {
  return gcb_number(json_object_get(json_object_get(split, "parts"), name), key);
}

static void near(double seen, double expected) {
  if (!(fabs(seen - expected) < 1e-6)) fail_msg("%.12g is not %.12g", seen, expected);
}

static bool noted(const json_t *split, const char *words) {
  size_t i;
  json_t *note;
  json_array_foreach(json_object_get(split, "notes"), i,
                     note) if (strstr(json_string_value(note), words)) return true;
  return false;
}

static void the_parts_are_differences_of_a_round_and_add_up(void **state) {
  (void)state;
  json_t *cells = cells_of_all(), *split = split_first(cells);
  near(part(split, "mutator_ns", "mean"), 400);
  near(part(split, "barrier_ns", "mean"), 100);
  near(part(split, "allocation_ns", "mean"), 150);
  near(part(split, "stopped_ns", "mean"), 200);
  near(part(split, "rest_ns", "mean"), 150);
  near(part(split, "mutator_ns", "share"), .4);
  /* All runs of a round are as much too slow: the difference is exact. Student's t of three: 4.302653. */
  near(part(split, "barrier_ns", "lo"), 100);
  near(part(split, "barrier_ns", "hi"), 100);
  assert_true(fabs(part(split, "mutator_ns", "hi") - (400 + 4.302653 * 10 / sqrt(3))) < 1e-3);
  assert_false(noted(split, "cannot be separated"));
  json_decref(split);
  json_decref(cells);
}

/* What is missing is null and named; what is left still adds up to the wall time. */
static void a_part_whose_runs_are_missing_is_null_and_is_named(void **state) {
  (void)state;
  static const struct {
    size_t without;
    const char *part, *words;
    double rest;
  } missing[] = {{1, "mutator_ns", "the mutator cannot be separated", 1000 - 200 - 150},
                 {2, "barrier_ns", "(card-none-plain): the barrier cannot be separated", 150},
                 {3, "allocation_ns", "allocation cannot be separated", 300}};
  for (size_t i = 0; i < 3; i++) {
    json_t *cells = cells_of_all();
    json_array_remove(cells, missing[i].without);
    json_t *split = split_first(cells);
    assert_true(json_is_null(json_object_get(json_object_get(split, "parts"), missing[i].part)));
    assert_true(noted(split, missing[i].words));
    near(part(split, "rest_ns", "mean"), missing[i].rest);
    json_decref(split);
    json_decref(cells);
  }
}

static void only_runs_of_the_same_work_serve(void **state) {
  (void)state;
  json_t *cells = cells_of_all();
  json_object_set_new(json_array_get(cells, 1), "seed", json_string("8"));
  json_object_set_new(json_array_get(cells, 2), "status", json_string("oom"));
  json_object_set_new(json_array_get(cells, 3), "heap_bytes", json_integer(1000)); /* no larger heap */
  gcb_ablations a = gcb_explain_find(cells, json_array_get(cells, 0));
  assert_ptr_equal(a.cell, json_array_get(cells, 0));
  assert_null(a.plain);
  assert_null(a.barred);
  assert_null(a.roomy);
  json_decref(cells);
}

static void the_first_touch_of_pages_is_left_out_of_the_mutator(void **state) {
  (void)state;
  json_t *cells = cells_of_all(), *invocation;
  size_t i;
  json_array_foreach(json_object_get(json_array_get(cells, 1), "invocations"), i, invocation)
      json_object_set_new(invocation, GCB_EXPLAIN_TOUCH, json_real(5)); /* 40960 bytes are ten pages */
  json_t *split = split_first(cells);
  near(part(split, "mutator_ns", "mean"), 350);
  near(part(split, "barrier_ns", "mean"), 100);
  near(part(split, "rest_ns", "mean"), 200);
  json_decref(split);
  json_decref(cells);
}

/* Twelve pauses in one iteration: 1 to 12 us, one after the other; the last within a stall. */
static json_t *cell_with_pauses(void) {
  json_t *c = cell("c", 1, "bump-card-none-plain", 1000, (int[]){100000, 100000, 100000}, 200, 4);
  json_t *iteration =
      json_array_get(json_object_get(json_array_get(json_object_get(c, "invocations"), 1), "iterations"), 0);
  json_t *pauses = json_array();
  for (int i = 0; i < 12; i++)
    json_array_append_new(pauses, json_pack("{s:i, s:i, s:s, s:n}", "start_ns", 5000 * i, "ns",
                                            1000 * (i + 1), "kind", "minor", "mutator"));
  json_object_set_new(iteration, "pauses", pauses);
  json_object_set_new(iteration, "stalls", json_pack("[[i, i, i]]", 54000, 14000, 3));
  json_object_set_new(iteration, "memory", json_pack("[[i, i, i], [i, i, i]]", 0, 1, 2, 54900, 4096, 8192));
  json_object_set_new(iteration, "work", json_pack("{s:i}", "copied_bytes", 1048576));
  return c;
}

static void the_longest_pauses_come_first_with_what_was_recorded(void **state) {
  (void)state;
  json_t *c = cell_with_pauses(), *pauses = gcb_explain_pauses(c);
  const json_t *first = json_array_get(pauses, 0);
  assert_int_equal(json_array_size(pauses), GCB_EXPLAIN_PAUSES);
  for (size_t i = 0; i < GCB_EXPLAIN_PAUSES; i++)
    near(gcb_number(json_array_get(pauses, i), "ns"), 12000 - 1000 * (double)i);
  near(gcb_number(first, "invocation"), 1);
  near(gcb_number(first, "position"), .55);
  near(gcb_number(first, "stall_ns"), 14000);
  near(gcb_number(first, "stall_before_ns"), 1000);
  near(gcb_number(first, "rss_bytes"), 4096);
  near(gcb_number(first, "work_pauses"), 12);
  assert_string_equal(gcb_string(first, "trigger"), "a slow path or safepoint of mutator 3");
  assert_string_equal(gcb_string(json_array_get(pauses, 1), "trigger"), "not recorded");
  json_decref(pauses);
  json_decref(c);
}

static void what_is_printed_fits_80_columns_and_names_what_is_not_known(void **state) {
  (void)state;
  json_t *c = cell_with_pauses(), *cells = json_array(), *split;
  json_array_append_new(cells, c);
  split = split_first(cells);
  json_object_update_missing(split, c);
  json_object_set_new(split, "source", json_string("the stored run"));
  json_object_set_new(split, "number", json_integer(1));
  json_object_set_new(split, "pauses", gcb_explain_pauses(c));
  json_t *document = json_pack("{s:[o], s:[]}", "cells", split, "notes");
  char *text = NULL, *rest, *line;
  size_t size;
  FILE *out = open_memstream(&text, &size);
  assert_non_null(out);
  gcb_explain_print(document, out);
  assert_int_equal(fclose(out), 0);
  assert_non_null(strstr(text, "from the stored run (3 rounds)"));
  assert_non_null(strstr(text, "not separated: see below"));
  assert_non_null(strstr(text, "The 10 longest pauses"));
  assert_non_null(strstr(text, "copied 1.0 MiB in all 12 pauses"));
  rest = text;
  while ((line = strsep(&rest, "\n")))
    if (strlen(line) > 80) fail_msg("wider than 80 columns: %s", line);
  free(text);
  json_decref(document);
  json_decref(cells);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_parts_are_differences_of_a_round_and_add_up),
      cmocka_unit_test(a_part_whose_runs_are_missing_is_null_and_is_named),
      cmocka_unit_test(only_runs_of_the_same_work_serve),
      cmocka_unit_test(the_first_touch_of_pages_is_left_out_of_the_mutator),
      cmocka_unit_test(the_longest_pauses_come_first_with_what_was_recorded),
      cmocka_unit_test(what_is_printed_fits_80_columns_and_names_what_is_not_known),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
