/* What a report says in words, of runs written down by hand. Invocations that are all equal have intervals of
 * no width, so that each number in a sentence can be worked out on paper. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "plots/report/findings.h"
#include "results/analysis/summary.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Of two wall times there are three invocations each. */
static json_t *cell(const char *workload, const char *collector, int heap, int n, const int *wall, int rss) {
  json_t *invocations = json_array();
  for (int i = 0; i < (n == 2 ? 6 : n); i++)
    json_array_append_new(invocations, json_pack("{s:[{s:i, s:i, s:i, s:[], s:{}}]}", "iterations", "wall_ns",
                                                 wall[i % n], "cpu_ns", 2 * wall[i % n], "peak_rss_bytes",
                                                 rss, "pauses", "collections"));
  return json_pack("{s:s, s:{}, s:s, s:{}, s:i, s:f, s:b, s:b, s:i, s:i, s:s, s:o, s:o}", "workload",
                   workload, "params", "collector", collector, "options", "heap_bytes", heap * 1048576,
                   "heap_factor", (double)heap, "bounded", 1, "reclaims", strcmp(collector, "never") != 0,
                   "mutators", 1, "workers", 1, "status", n ? "ok" : "oom", "reason",
                   n ? json_null() : json_string("out of memory within the heap bound"), "invocations",
                   invocations);
}

static json_t *findings_of(json_t *cells) {
  size_t i;
  json_t *one;
  json_array_foreach(cells, i, one) gcb_summarise(one);
  json_t *run = json_pack("{s:{s:s, s:[{s:s, s:s, s:s}, {s:s, s:s, s:s}]}, s:o}", "context", "seed", "1",
                          "doctor", "check", "load", "verdict", "bad", "found", "7 in the last minute",
                          "check", "thp", "verdict", "fine", "found", "madvise", "cells", cells);
  json_t *findings = gcb_findings(run);
  json_decref(run);
  return findings;
}

static void says(const json_t *findings, const char *metric, const char *claim, const char *detail) {
  size_t i;
  json_t *answer;
  json_array_foreach(json_object_get(findings, "answers"), i, answer) {
    const char *name = json_string_value(json_object_get(answer, "metric"));
    if (!name || strcmp(name, metric) != 0) continue;
    assert_string_equal(json_string_value(json_object_get(answer, "claim")), claim);
    assert_string_equal(json_string_value(json_object_get(answer, "detail")), detail);
    return;
  }
  fail_msg("nothing is said of %s", metric);
}

static const char *text(const json_t *findings, const char *list, size_t i) {
  const char *s = json_string_value(json_array_get(json_object_get(findings, list), i));
  return s ? s : "";
}

static void a_winner_everywhere_is_named_with_each_gain(void **state) {
  (void)state;
  json_t *cells = json_array();
  json_array_append_new(cells, cell("trees", "a", 2, 2, (int[]){100, 100}, 800));
  json_array_append_new(cells, cell("trees", "b", 2, 2, (int[]){200, 200}, 1000));
  json_array_append_new(cells, cell("rings", "a", 2, 2, (int[]){100, 100}, 2000));
  json_array_append_new(cells, cell("rings", "b", 2, 2, (int[]){800, 800}, 1000));
  json_t *f = findings_of(cells);
  assert_string_equal(
      json_string_value(json_object_get(f, "compared")),
      "2 collectors (a, b) on 2 workloads (trees, rings) in 1 heap size (2x): 4 cells, of which 4 "
      "finished, 6 invocations each (a verdict takes 10).");
  says(f, "wall_ns",
       "a is faster than b on 2 of 2 workloads; in the geometric mean over these 2 by 4.00x [4.00, 4.00].",
       "a leads by 2.00x [2.00, 2.00] on trees and 8.00x [8.00, 8.00] on rings.");
  says(f, "cpu_ns",
       "a takes less CPU time than b on 2 of 2 workloads; in the geometric mean over these 2 by 4.00x [4.00, "
       "4.00].",
       "a leads by 2.00x [2.00, 2.00] on trees and 8.00x [8.00, 8.00] on rings.");
  /* 800 / 1000, and 2000 / 1000: sqrt(1.6) = 1.26 in favour of b */
  says(f, "peak_rss_bytes",
       "Neither of a and b leads by peak memory: of 2 workloads, 1 each; in the geometric mean over these 2 "
       "b is "
       "ahead by 20.94 % [20.94, 20.94].",
       "a leads by 20.00 % [20.00, 20.00] on trees; b leads by 2.00x [2.00, 2.00] on rings.");
  json_decref(f);
}

static void what_cannot_be_told_is_not_claimed(void **state) {
  (void)state;
  json_t *cells = json_array();
  json_array_append_new(cells, cell("trees", "a", 2, 2, (int[]){100, 300}, 800));
  json_array_append_new(cells, cell("trees", "b", 2, 2, (int[]){200, 200}, 800));
  json_t *f = findings_of(cells);
  says(f, "wall_ns", "a and b cannot be told apart by wall time on trees.",
       "Not to be told apart: a against b 1.0x [0.6, 1.8] on trees.");
  json_decref(f);
}

static void one_invocation_is_no_proof(void **state) {
  (void)state;
  json_t *cells = json_array();
  json_array_append_new(cells, cell("trees", "a", 2, 1, (int[]){100}, 800));
  json_array_append_new(cells, cell("trees", "b", 2, 1, (int[]){400}, 800));
  json_t *f = findings_of(cells);
  says(f, "wall_ns",
       "No difference between a and b in wall time can be claimed: that takes 5 invocations of each.",
       "Not to be told apart: a against b 0.25x [no interval] on trees.");
  json_decref(f);
}

static void several_heaps_and_a_loss_are_said(void **state) {
  (void)state;
  json_t *cells = json_array();
  for (int heap = 2; heap < 5; heap++) {
    json_array_append_new(cells, cell("trees", "a", heap, 2, (int[]){100, 100}, 800));
    json_array_append_new(
        cells, cell("trees", "b", heap, 2, (int[]){heap == 4 ? 50 : 200, heap == 4 ? 50 : 200}, 800));
  }
  json_t *f = findings_of(cells);
  says(f, "wall_ns",
       "a is faster than b on 2 of 3 heap sizes, slower on 1; in the geometric mean over all 3 by 1.26x "
       "[1.26, 1.26].",
       "a leads by 2.00x [2.00, 2.00] on trees at 2x and 2.00x [2.00, 2.00] on trees at 3x; b leads by 2.00x "
       "[2.00, 2.00] on trees at 4x.");
  json_decref(f);
}

static void several_collectors_are_ranked_and_the_idle_one_is_not(void **state) {
  (void)state;
  json_t *cells = json_array();
  json_array_append_new(cells, cell("trees", "slow", 2, 2, (int[]){400, 400}, 800));
  json_array_append_new(cells, cell("trees", "fast", 2, 2, (int[]){100, 100}, 800));
  json_array_append_new(cells, cell("trees", "wild", 2, 2, (int[]){50, 250}, 800));
  json_array_append_new(cells, cell("trees", "never", 2, 2, (int[]){10, 10}, 800));
  json_t *f = findings_of(cells);
  says(f, "wall_ns", "By wall time fast comes first of 3, but cannot be told from wild.",
       "As multiples of fast: wild 1.5x [0.7, 3.2], slow 4.00x [4.00, 4.00].");
  assert_string_equal(text(f, "cautions", 1),
                      "never: never reclaims, is there to price barriers, and takes part in no comparison.");
  json_decref(f);
}

static void what_could_not_run_is_listed_with_its_reason(void **state) {
  (void)state;
  json_t *cells = json_array();
  json_array_append_new(cells, cell("trees", "a", 1, 0, NULL, 0));
  json_array_append_new(cells, cell("trees", "a", 2, 2, (int[]){100, 100}, 800));
  json_array_append_new(cells, cell("trees", "b", 1, 2, (int[]){200, 200}, 800));
  json_array_append_new(cells, cell("trees", "b", 2, 2, (int[]){200, 200}, 800));
  json_t *f = findings_of(cells);
  assert_string_equal(
      text(f, "failed", 0),
      "a ran out of memory in 1 of 2 cells: trees at 1x (out of memory within the heap bound).");
  says(f, "wall_ns", "a is faster than b: by 2.00x [2.00, 2.00] on trees at 2x.",
       "Not known for both on 1 of 2.");
  assert_string_equal(text(f, "cautions", 0),
                      "The machine was not fit for measuring: load: 7 in the last minute.");
  assert_string_equal(
      text(f, "cautions", 1),
      "Flag 'few invocations' on 3 of 3 finished cells: fewer than 10: good enough to look at, not for "
      "a verdict.");
  json_decref(f);
}

static void alone_a_collector_is_described(void **state) {
  (void)state;
  json_t *cells = json_array();
  json_array_append_new(cells, cell("trees", "a", 2, 2, (int[]){100, 100}, 1048576));
  json_t *f = findings_of(cells);
  assert_string_equal(text(f, "answers", 0), "There are no two collectors to compare.");
  assert_string_equal(text(f, "answers", 1), "a on trees at 2x, peak resident set 1.0 MiB.");
  json_decref(f);
  cells = json_array();
  json_array_append_new(cells, cell("trees", "a", 2, 0, NULL, 0));
  f = findings_of(cells);
  assert_string_equal(text(f, "answers", 0), "No cell finished, so there is nothing to compare.");
  json_decref(f);
}

static char *factor(double mean, double lo, double hi) {
  char *s = NULL;
  size_t size = 0;
  FILE *out = open_memstream(&s, &size);
  gcb_put_factor(out, (gcb_interval){mean, lo, hi, 5});
  fclose(out);
  return s;
}

static void digits_follow_the_interval_and_never_hide_a_difference(void **state) {
  (void)state;
  static const struct {
    double mean, lo, hi;
    const char *text;
  } cases[] = {{2.1, 2, 2.2, "2.1x [2.0, 2.2]"},
               {2.104, 2.051, 2.157, "2.10x [2.05, 2.16]"},
               {12.3, 11, 14, "12x [11, 14]"},
               {1.0534, 1.0482, 1.0586, "1.053x [1.048, 1.059]"},
               {1.2, 1.004, 1.5, "1.200x [1.004, 1.500]"},
               {1.5, NAN, NAN, "1.50x [no interval]"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char *s = factor(cases[i].mean, cases[i].lo, cases[i].hi);
    assert_string_equal(s, cases[i].text);
    free(s);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_winner_everywhere_is_named_with_each_gain),
      cmocka_unit_test(what_cannot_be_told_is_not_claimed),
      cmocka_unit_test(one_invocation_is_no_proof),
      cmocka_unit_test(several_heaps_and_a_loss_are_said),
      cmocka_unit_test(several_collectors_are_ranked_and_the_idle_one_is_not),
      cmocka_unit_test(what_could_not_run_is_listed_with_its_reason),
      cmocka_unit_test(alone_a_collector_is_described),
      cmocka_unit_test(digits_follow_the_interval_and_never_hide_a_difference),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
