/* Facts judged on cells written down by hand: each kind of figure, each verdict, and what cannot be shown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "results/analysis/facts.h"
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { ROUNDS = 7 };

/* A cell of ROUNDS invocations of one iteration each: wall times base x (1 + noise), half of it in one pause.
 */
static json_t *cell(const char *collector, double heap, double base, double noise) {
  json_t *invocations = json_array();
  for (int i = 0; i < ROUNDS; i++) {
    double wall = base * (1 + noise * (i - ROUNDS / 2) / (ROUNDS / 2));
    json_array_append_new(invocations,
                          json_pack("{s:s, s:i, s:i, s:[{s:f, s:[{s:f}]}], s:{s:f, s:{s:[[i,i],[i,i]]}}}",
                                    "status", "ok", "leaked_bytes", 100 + i, "cyclic_bytes", 100 + i,
                                    "iterations", "wall_ns", wall, "pauses", "ns", wall / 2, "response",
                                    "rate", 1e9, "intended", "buckets", 1, 1000, (int)base, (int)(base / 5)));
  }
  return json_pack("{s:s, s:s, s:{s:s}, s:f, s:f, s:f, s:s, s:o}", "workload", "w", "collector", collector,
                   "params", "depth", heap > 3 ? "40" : "10", "heap_factor", heap, "heap_bytes", heap * 1000,
                   "peak_live_bytes", 1000., "status", "ok", "invocations", invocations);
}

/* The verdict of one figure, given as text, on those cells. */
static json_t *judged(const char *figure, json_t *cells) {
  json_error_t error;
  char text[1000];
  snprintf(text, sizeof text, "{\"name\": \"n\", \"fact\": \"f\", \"figures\": [{\"what\": \"w\", %s}]}",
           figure);
  json_t *fact = json_loads(text, 0, &error);
  if (!fact) print_error("%s in %s\n", error.text, text);
  assert_non_null(fact);
  char why[200] = "";
  if (!gcb_fact_valid(fact, why, sizeof why)) print_error("%s\n", why);
  assert_string_equal(why, "");
  json_t *out = gcb_fact_judge(fact, cells);
  json_decref(fact);
  return out;
}

static void expect(const char *figure, json_t *cells, const char *verdict, double mean) {
  json_t *fact = judged(figure, cells), *one = json_array_get(json_object_get(fact, "figures"), 0);
  const char *said = json_string_value(json_object_get(one, "verdict"));
  double seen = json_number_value(json_object_get(json_object_get(one, "seen"), "mean"));
  if (strcmp(said, verdict) != 0) print_error("%s: %s, seen %g\n", figure, said, seen);
  assert_string_equal(said, verdict);
  assert_string_equal(json_string_value(json_object_get(fact, "verdict")), verdict);
  if (isfinite(mean)) assert_true(fabs(seen - mean) < 1e-9 * (1 + fabs(mean)));
  if (!isfinite(mean)) assert_true(json_is_null(json_object_get(one, "seen")));
  json_decref(fact);
}

#define OF "\"of\": {\"collector\": \"a\"}, "
#define TO "\"to\": {\"collector\": \"b\"}, "

static void figures_are_what_their_kind_says(void **state) {
  (void)state;
  json_t *cells = json_array();
  json_array_append_new(cells, cell("a", 2, 1000, 0));
  json_array_append_new(cells, cell("b", 2, 250, 0));
  expect("\"kind\": \"value\", " OF "\"value\": \"wall_ns\", \"expect\": [999, 1001]", cells, "pass", 1000);
  expect("\"kind\": \"value\", " OF "\"value\": \"pause_total_ns / wall_ns\", \"expect\": [0, 1]", cells,
         "pass", .5);
  expect("\"kind\": \"value\", " OF "\"value\": \"response.rate\", \"expect\": [0, null]", cells, "pass",
         1e9);
  expect("\"kind\": \"ratio\", " OF TO "\"value\": \"wall_ns\", \"expect\": [null, 3]", cells, "fail", 4);
  expect("\"kind\": \"ratio\", " OF
         "\"value\": \"pause_total_ns\", \"beside\": \"wall_ns\", \"expect\": [0.4, 0.6]",
         cells, "pass", .5);
  expect("\"kind\": \"difference\", " OF TO "\"value\": \"wall_ns\", \"expect\": [700, 800]", cells, "pass",
         750);
  expect("\"kind\": \"equal\", " OF
         "\"value\": \"leaked_bytes\", \"beside\": \"cyclic_bytes\", \"expect\": [0, 0]",
         cells, "pass", 0);
  expect("\"kind\": \"equal\", " OF
         "\"value\": \"wall_ns\", \"beside\": \"cyclic_bytes\", \"expect\": [0, 0]",
         cells, "fail", 897);
  /* Half a pause of 500 ns is 250 ns: 250 of the arrivals, one a ns, are due later than that; 200 were. */
  expect("\"kind\": \"punctual\", " OF "\"expect\": [0.8, null]", cells, "pass", .8);
  json_decref(cells);
}

static void selections_know_parameters_and_options(void **state) {
  (void)state;
  json_t *cells = json_array();
  json_array_append_new(cells, cell("a", 2, 1000, 0));
  json_array_append_new(cells, cell("a", 4, 100, 0));
  for (size_t i = 0; i < 2; i++)
    json_object_set_new(json_array_get(cells, i), "options", json_pack("{s:s}", "gc", i ? "x" : "y"));
  expect("\"kind\": \"value\", " OF "\"value\": \"wall_ns\", \"expect\": [0, 1]", cells, "not shown", NAN);
  expect("\"kind\": \"value\", \"of\": {\"options\": {\"gc\": \"x\"}}, \"value\": \"wall_ns\", \"expect\": "
         "[0, 200]",
         cells, "pass", 100);
  expect("\"kind\": \"value\", \"of\": {\"params\": {\"depth\": \"10\"}}, \"value\": \"wall_ns\", "
         "\"expect\": [0, 200]",
         cells, "fail", 1000);
  expect("\"kind\": \"value\", \"of\": {\"heap\": 4, \"workload\": \"w\"}, \"value\": \"wall_ns\", "
         "\"expect\": [0, 200]",
         cells, "pass", 100);
  json_decref(cells);
}

static void exponents_are_those_of_a_power_law(void **state) {
  (void)state;
  json_t *cells = json_array();
  json_array_append_new(cells, cell("a", 2, 700, 0));  /* live/(heap - live) is 1 */
  json_array_append_new(cells, cell("a", 5, 175, 0));  /* 1/4 */
  json_array_append_new(cells, cell("c", 3, 1000, 0)); /* with a half for a reserve: 1/(3/2 - 1) = 2 */
  json_array_append_new(cells, cell("c", 6, 250, 0));  /* 1/2 */
  expect("\"kind\": \"slope\", " OF "\"value\": \"wall_ns\", \"against\": \"room\", \"expect\": [0.9, 1.1]",
         cells, "pass", 1);
  expect("\"kind\": \"slope\", " OF "\"value\": \"wall_ns\", \"against\": \"depth\", \"expect\": [0, 1]",
         cells, "fail", -1);
  expect("\"kind\": \"slope\", \"of\": {\"collector\": \"c\"}, \"value\": \"wall_ns\", \"against\": "
         "\"room\", \"share\": "
         "0.5, \"expect\": [0.9, 1.1]",
         cells, "pass", 1);
  expect(
      "\"kind\": \"slope\", \"of\": {\"collector\": \"c\"}, \"value\": \"wall_ns\", \"against\": \"heap\", "
      "\"expect\": [-2.1, -1.9]",
      cells, "pass", -2);
  json_decref(cells);
}

/* Seven values -6 % .. 6 %: the 95 % signed-rank interval reaches to +-5 % or beyond. */
static void an_interval_that_sticks_out_is_no_verdict(void **state) {
  (void)state;
  json_t *cells = json_array();
  json_array_append_new(cells, cell("a", 2, 1000, .06));
  expect("\"kind\": \"value\", " OF "\"value\": \"wall_ns\", \"expect\": [900, 1100]", cells, "pass", 1000);
  expect("\"kind\": \"value\", " OF "\"value\": \"wall_ns\", \"expect\": [990, 1010]", cells, "inconclusive",
         1000);
  expect("\"kind\": \"value\", " OF "\"value\": \"wall_ns\", \"expect\": [1070, null]", cells, "fail", 1000);
  json_decref(cells);
}

static void a_median_over_iterations_leaves_out_what_hit_one(void **state) {
  (void)state;
  json_t *cells = json_array(), *one = cell("a", 2, 1000, 0), *hit;
  size_t i;
  json_array_foreach(json_object_get(one, "invocations"), i, hit) for (int k = 0; k < 2; k++)
      json_array_append_new(
          json_object_get(hit, "iterations"),
          json_pack("{s:f, s:[{s:f}]}", "wall_ns", k ? 1000. : 9000., "pauses", "ns", 400.));
  json_array_append_new(cells, one);
  expect("\"kind\": \"value\", " OF
         "\"median\": true, \"value\": \"pause_total_ns / wall_ns\", \"expect\": [0, 1]",
         cells, "pass", .4); /* of .5, .0444 and .4 */
  json_decref(cells);
}

static void failures_under_noise_are_put_in_doubt_unless_exact(void **state) {
  (void)state;
  json_t *cells = json_array(), *one;
  json_array_append_new(cells, cell("a", 2, 1000, 0));
  one = judged("\"kind\": \"value\", " OF "\"value\": \"wall_ns\", \"expect\": [0, 1]", cells);
  gcb_fact_doubt(one, "a storm");
  assert_string_equal(json_string_value(json_object_get(one, "verdict")), "inconclusive");
  json_decref(one);
  one = judged("\"kind\": \"equal\", " OF
               "\"value\": \"leaked_bytes\", \"beside\": \"response.rate\", \"expect\": [0, 0]",
               cells);
  gcb_fact_doubt(one, "a storm");
  assert_string_equal(json_string_value(json_object_get(one, "verdict")), "fail");
  json_decref(one);
  json_decref(cells);
}

static void what_has_no_value_is_not_shown(void **state) {
  (void)state;
  json_t *cells = json_array(), *broken = cell("b", 2, 10, 0);
  json_object_set_new(broken, "status", json_string("oom"));
  json_object_set_new(broken, "reason", json_string("no room"));
  json_array_append_new(cells, cell("a", 2, 1000, 0));
  json_array_append_new(cells, broken);
  expect("\"kind\": \"value\", " OF "\"value\": \"nothing.such\", \"expect\": [0, 1]", cells, "not shown",
         NAN);
  expect("\"kind\": \"value\", " OF "\"watch\": \"latency\", \"value\": \"wall_ns\", \"expect\": [0, 1]",
         cells, "not shown", NAN);
  expect("\"kind\": \"value\", \"of\": {\"collector\": \"z\"}, \"value\": \"wall_ns\", \"expect\": [0, 1]",
         cells, "not shown", NAN);
  expect("\"kind\": \"ratio\", " OF TO "\"value\": \"wall_ns\", \"expect\": [0, 1]", cells, "not shown", NAN);
  expect("\"kind\": \"failures\", " OF "\"expect\": [0, 0]", cells, "pass", 0);
  expect("\"kind\": \"failures\", \"of\": {}, \"expect\": [0, 0]", cells, "fail", 1);
  json_t *fact = judged("\"kind\": \"ratio\", " OF TO "\"value\": \"wall_ns\", \"expect\": [0, 1]", cells);
  const char *why =
      json_string_value(json_object_get(json_array_get(json_object_get(fact, "figures"), 0), "why"));
  assert_string_equal(why, "w on b ended oom: no room");
  json_decref(fact);
  json_decref(cells);
}

static void the_worst_figure_is_the_verdict(void **state) {
  (void)state;
  json_error_t error;
  json_t *cells = json_array();
  json_array_append_new(cells, cell("a", 2, 1000, 0));
  json_t *fact = json_loads(
      "{\"name\": \"n\", \"fact\": \"f\", \"figures\": ["
      "{\"what\": \"w\", \"kind\": \"value\", \"of\": {}, \"value\": \"wall_ns\", \"expect\": [0, null]},"
      "{\"what\": \"w\", \"kind\": \"value\", \"of\": {}, \"value\": \"no\", \"expect\": [0, null]},"
      "{\"what\": \"w\", \"kind\": \"value\", \"of\": {}, \"value\": \"wall_ns\", \"expect\": [null, 1]}]}",
      0, &error);
  json_t *out = gcb_fact_judge(fact, cells);
  assert_string_equal(json_string_value(json_object_get(out, "verdict")), "fail");
  json_decref(out);
  json_array_remove(json_object_get(fact, "figures"), 2);
  out = gcb_fact_judge(fact, cells);
  assert_string_equal(json_string_value(json_object_get(out, "verdict")), "not shown");
  json_decref(out);
  out = gcb_fact_unshown(fact, "nobody can");
  assert_string_equal(json_string_value(json_object_get(out, "why")), "nobody can");
  json_decref(out);
  json_decref(fact);
  json_decref(cells);
}

static void malformed_facts_are_named(void **state) {
  (void)state;
  static const char *const texts[] = {
      "{\"name\": \"n\", \"figures\": []}",
      "{\"name\": \"n\", \"fact\": \"f\", \"figures\": [{\"what\": \"w\", \"kind\": \"guess\", \"expect\": "
      "[0, 1]}]}",
      "{\"name\": \"n\", \"fact\": \"f\", \"figures\": [{\"what\": \"w\", \"kind\": \"value\", \"expect\": "
      "[0]}]}",
  };
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    char why[200] = "";
    json_error_t error;
    json_t *fact = json_loads(texts[i], 0, &error);
    assert_false(gcb_fact_valid(fact, why, sizeof why));
    assert_true(*why);
    json_decref(fact);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(figures_are_what_their_kind_says),
      cmocka_unit_test(selections_know_parameters_and_options),
      cmocka_unit_test(exponents_are_those_of_a_power_law),
      cmocka_unit_test(an_interval_that_sticks_out_is_no_verdict),
      cmocka_unit_test(a_median_over_iterations_leaves_out_what_hit_one),
      cmocka_unit_test(failures_under_noise_are_put_in_doubt_unless_exact),
      cmocka_unit_test(what_has_no_value_is_not_shown),
      cmocka_unit_test(the_worst_figure_is_the_verdict),
      cmocka_unit_test(malformed_facts_are_named),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
