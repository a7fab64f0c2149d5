/* Lower-bound overhead and the utilization curves of cells, on results written down by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "results/analysis/lbo.h"
#include "results/model/mmu_curves.h"
#include "results/stats/stats.h"
#include <gcbench/rng.h>
#include <math.h>
#include <string.h>

/* A cell with one iteration in each of three invocations. */
static json_t *cell(const char *name, int reclaims, const char *path, const int total[3],
                    const int stopped[3]) {
  json_t *invocations = json_array();
  for (int i = 0; i < 3; i++)
    json_array_append_new(invocations, json_pack("{s:s, s:[{s:i, s:i, s:i, s:i}]}", "path", path,
                                                 "iterations", "wall_ns", total[i], "stw_ns", stopped[i],
                                                 "cpu_ns", 2 * total[i], "stw_cpu_ns", stopped[i]));
  double wall = (total[0] + total[1] + total[2]) / 3., stop = (stopped[0] + stopped[1] + stopped[2]) / 3.;
  return json_pack("{s:s, s:{}, s:s, s:{}, s:i, s:i, s:s, s:b, s:o, s:{s:{s:f}, s:{s:f}}}", "workload", "w",
                   "params", "collector", name, "options", "heap_bytes", 1000, "mutators", 1, "status", "ok",
                   "reclaims", reclaims, "invocations", invocations, "summary", "wall_ns", "mean", wall,
                   "stw_ns", "mean", stop);
}

static double at(const json_t *o, const char *a, const char *b, const char *c) {
  json_t *v = json_object_get(json_object_get(json_object_get(o, "summary"), a), b);
  return json_number_value(c ? json_object_get(v, c) : v);
}

static void near(double a, double b) {
  if (!(fabs(a - b) < 1e-9)) print_error("%.12g is not %.12g\n", a, b);
  assert_true(fabs(a - b) < 1e-9);
}

static void the_baseline_is_the_smallest_distilled_cost(void **state) {
  (void)state;
  json_t *cells = json_array();
  json_array_append_new(cells, cell("stops", 1, "free-none-none-plain", (int[]){200, 210, 190},
                                    (int[]){100, 110, 90})); /* distilled 100 */
  json_array_append_new(cells, cell("beside", 1, "bump-card-none-plain", (int[]){150, 160, 140},
                                    (int[]){10, 20, 0})); /* distilled 140, and a better LBO */
  gcb_lbo(cells);
  const json_t *a = json_array_get(cells, 0), *b = json_array_get(cells, 1);
  near(at(a, "lbo", "wall", "mean"), 2.0);
  near(at(b, "lbo", "wall", "mean"), 1.5);
  near(at(a, "lbo", "cpu", "mean"), 400. / 290); /* by CPU the other is: 300 - 10 < 400 - 100 */
  near(at(b, "lbo", "cpu", "mean"), 300. / 290);
  assert_string_equal(
      json_string_value(json_object_get(
          json_object_get(json_object_get(json_object_get(a, "summary"), "lbo"), "cpu"), "baseline")),
      "beside");
  json_decref(cells);
}

/* Distilled: a 100, 110, 120; b 100, 112, 124. By hand: b against a is Welch's, a against itself is of pairs.
 */
static void the_interval_is_over_every_baseline_that_may_be_the_least(void **state) {
  (void)state;
  json_t *cells = json_array();
  json_array_append_new(cells,
                        cell("a", 1, "free-none-none-plain", (int[]){200, 220, 240}, (int[]){100, 110, 120}));
  json_array_append_new(cells,
                        cell("b", 1, "free-none-none-plain", (int[]){200, 224, 248}, (int[]){100, 112, 124}));
  gcb_lbo(cells);
  const json_t *a = json_array_get(cells, 0);
  const double total[] = {200, 220, 240}, other[] = {100, 112, 124};
  near(at(a, "lbo", "wall", "mean"), 2);
  near(at(a, "lbo", "wall", "lo"), 2); /* every invocation's total is twice what is distilled of it */
  near(at(a, "lbo", "wall", "hi"), gcb_mean_ratio(total, 3, other, 3).hi);
  json_decref(cells);
}

/* The same cell, of a collector that does not tell its stops: of all invocations, or of one. */
static json_t *untold(json_t *c, size_t from) {
  for (size_t i = from; i < 3; i++) {
    json_t *iteration = json_array_get(
        json_object_get(json_array_get(json_object_get(c, "invocations"), i), "iterations"), 0);
    json_object_set_new(iteration, "stw_ns", json_null());
    json_object_set_new(iteration, "stw_cpu_ns", json_null());
  }
  json_object_set_new(json_object_get(c, "summary"), "flags", json_array());
  return c;
}

static void a_collector_that_does_not_tell_its_stops_counts_with_all_its_time(void **state) {
  (void)state;
  for (int place = 0; place < 3; place++)
    for (size_t from = 0; from < 3; from += 2) {
      json_t *cells = json_array();
      json_array_append_new(cells, cell("g", 1, "p", (int[]){200, 210, 190}, (int[]){60, 60, 60}));
      json_array_append_new(cells, cell("h", 1, "p", (int[]){300, 310, 290}, (int[]){10, 10, 10}));
      json_array_insert_new(cells, (size_t)place,
                            untold(cell("u", 1, "p", (int[]){100, 110, 90}, (int[]){0, 0, 0}), from));
      gcb_lbo(cells);
      size_t i;
      json_t *one;
      json_array_foreach(cells, i, one) {
        const char *name = json_string_value(json_object_get(one, "collector"));
        near(at(one, "lbo", "wall", "mean"), *name == 'u' ? 1 : *name == 'g' ? 2 : 3); /* over u's 100 */
        assert_true(at(one, "lbo", "wall", "lo") >= 1 &&
                    at(one, "lbo", "wall", "lo") <= at(one, "lbo", "wall", "mean") &&
                    at(one, "lbo", "wall", "mean") <= at(one, "lbo", "wall", "hi"));
        const json_t *list =
            json_object_get(json_object_get(json_object_get(one, "summary"), "lbo"), "untold");
        assert_int_equal(json_array_size(list), 1);
        assert_string_equal(json_string_value(json_array_get(list, 0)), "u");
        assert_int_equal(json_array_size(json_object_get(json_object_get(one, "summary"), "flags")),
                         *name == 'u');
      }
      json_decref(cells);
    }
}

/* Totals and stops at random; stops unknown, longer than the iteration, or below zero; totals unknown. */
static void no_overhead_is_below_one_or_outside_its_interval(void **state) {
  (void)state;
  gcb_rng rng = gcb_rng_seed(5);
  unsigned known = 0;
  for (int round = 0; round < 500; round++) {
    json_t *cells = json_array();
    size_t n = 2 + gcb_rng_below(&rng, 4);
    for (size_t i = 0; i < n; i++) {
      int total[3], stopped[3];
      for (int k = 0; k < 3; k++) {
        total[k] = 50 + (int)gcb_rng_below(&rng, 100);
        stopped[k] = (int)gcb_rng_below(&rng, 80) - 5;
      }
      json_t *c = cell("x", 1, "p", total, stopped);
      if (gcb_rng_below(&rng, 3) == 0) untold(c, gcb_rng_below(&rng, 3));
      if (gcb_rng_below(&rng, 5) == 0)
        for (size_t k = gcb_rng_below(&rng, 3); k < 3; k++)
          json_object_set_new(
              json_array_get(
                  json_object_get(json_array_get(json_object_get(c, "invocations"), k), "iterations"), 0),
              "wall_ns", json_null());
      json_array_append_new(cells, c);
    }
    gcb_lbo(cells);
    size_t i;
    json_t *one;
    json_array_foreach(cells, i, one) {
      const json_t *v = json_object_get(json_object_get(json_object_get(one, "summary"), "lbo"), "wall");
      if (!json_is_object(v)) continue; /* no total is known */
      double mean = json_number_value(json_object_get(v, "mean"));
      assert_true(mean >= 1);
      if (json_is_null(json_object_get(v, "lo"))) continue;
      known++;
      assert_true(json_number_value(json_object_get(v, "lo")) >= 1);
      assert_true(json_number_value(json_object_get(v, "lo")) <= mean);
      assert_true(json_number_value(json_object_get(v, "hi")) >= mean);
    }
    json_decref(cells);
  }
  assert_true(known > 1000);
}

static void sets_are_of_equal_memory_and_failures_are_not_in_them(void **state) {
  (void)state;
  json_t *cells = json_array(),
         *other = cell("b", 1, "free-none-none-plain", (int[]){1, 1, 1}, (int[]){0, 0, 0});
  json_t *failed = json_deep_copy(other);
  json_object_set_new(other, "heap_bytes", json_integer(2000));
  json_object_set_new(failed, "status", json_string("oom"));
  json_array_append_new(cells, cell("a", 1, "free-none-none-plain", (int[]){9, 9, 9}, (int[]){0, 0, 0}));
  json_array_append_new(cells, other);
  json_array_append_new(cells, failed);
  gcb_lbo(cells);
  for (size_t i = 0; i < 3; i++)
    assert_true(json_is_null(json_object_get(json_object_get(json_array_get(cells, i), "summary"), "lbo")));
  json_decref(cells);
}

static void collectors_that_never_reclaim_price_the_barrier(void **state) {
  (void)state;
  json_t *cells = json_array();
  json_array_append_new(cells,
                        cell("g", 1, "bump-card-none-plain", (int[]){150, 160, 140}, (int[]){10, 20, 0}));
  json_array_append_new(cells,
                        cell("n", 0, "bump-none-none-plain", (int[]){120, 120, 120}, (int[]){0, 0, 0}));
  json_array_append_new(cells,
                        cell("c", 0, "bump-card-none-plain", (int[]){128, 128, 128}, (int[]){0, 0, 0}));
  gcb_lbo(cells);
  const json_t *g = json_array_get(cells, 0);
  near(at(g, "lbo_split", "mutator_ns", NULL), 120);
  near(at(g, "lbo_split", "barrier_ns", NULL), 8);
  near(at(g, "lbo_split", "stopped_ns", NULL), 10);
  near(at(g, "lbo_split", "rest_ns", NULL), 12);
  json_decref(cells);
}

/* They may have run in another heap, which bounds nothing of them; those in the heap of the cell go first. */
static void a_split_takes_what_never_reclaims_from_any_heap(void **state) {
  (void)state;
  for (int same_heap_too = 0; same_heap_too < 2; same_heap_too++) {
    json_t *cells = json_array();
    json_array_append_new(cells,
                          cell("g", 1, "bump-none-none-plain", (int[]){150, 160, 140}, (int[]){10, 20, 0}));
    json_array_append_new(cells,
                          cell("n", 0, "bump-none-none-plain", (int[]){120, 120, 120}, (int[]){0, 0, 0}));
    json_object_set_new(json_array_get(cells, 1), "heap_bytes", json_integer(9000));
    if (same_heap_too)
      json_array_append_new(cells,
                            cell("n", 0, "bump-none-none-plain", (int[]){110, 110, 110}, (int[]){0, 0, 0}));
    gcb_lbo(cells);
    near(at(json_array_get(cells, 0), "lbo_split", "mutator_ns", NULL), same_heap_too ? 110 : 120);
    json_decref(cells);
  }
}

/* One iteration of 10 ms, two mutators; the window of 1 ms is the fourth, that of 2 ms the fifth. */
static void curves_are_the_worst_of_any_mutator(void **state) {
  (void)state;
  json_t *it = json_pack("{s:i, s:[[i,i,i],[i,i,i]], s:[{s:i, s:i, s:n},{s:i, s:i, s:i}]}", "wall_ns",
                         10000000, "stalls", 1000000, 300000, 0, 5000000, 1500000, 1, "pauses", "start_ns",
                         1200000, "ns", 200000, "mutator", "start_ns", 8000000, "ns", 100000, "mutator", 0);
  json_t *c = json_pack("{s:i, s:[], s:[{s:[o]}]}", "mutators", 2, "invocations", "latency_invocations",
                        "iterations", it);
  json_t *s = json_object();
  gcb_curves(s, c);
  assert_string_equal(json_string_value(json_object_get(s, "mmu_source")), "latency");
  json_t *mmu = json_object_get(s, "mmu"), *own = json_object_get(s, "mmu_mutators");
  assert_int_equal(json_array_size(mmu), 13);
  near(json_number_value(json_object_get(json_array_get(mmu, 3), "mmu")), 0); /* inside mutator 1's stall */
  near(json_number_value(json_object_get(json_array_get(mmu, 4), "mmu")), .25);
  near(json_number_value(json_object_get(json_array_get(mmu, 4), "bmu")), .25);
  assert_int_equal(json_integer_value(json_object_get(json_array_get(mmu, 4), "worst_mutator")), 1);
  assert_int_equal(json_integer_value(json_object_get(json_array_get(mmu, 4), "worst_start_ns")), 5000000);
  near(json_number_value(json_array_get(json_object_get(json_array_get(own, 0), "mmu"), 3)), .6);
  near(json_number_value(json_array_get(json_object_get(json_array_get(own, 0), "mmu"), 6)), .95);
  assert_true(json_is_null(json_object_get(json_array_get(mmu, 7), "mmu"))); /* longer than the iteration */
  json_t *joint = json_object_get(s, "mmu_joint");
  near(json_number_value(json_object_get(json_array_get(joint, 3), "mmu")), .5); /* one of two waits */
  near(json_number_value(json_object_get(json_array_get(joint, 4), "bmu")), .625);
  assert_null(json_object_get(json_array_get(joint, 4), "worst_mutator"));
  json_decref(c);
  json_decref(s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_baseline_is_the_smallest_distilled_cost),
      cmocka_unit_test(the_interval_is_over_every_baseline_that_may_be_the_least),
      cmocka_unit_test(a_collector_that_does_not_tell_its_stops_counts_with_all_its_time),
      cmocka_unit_test(no_overhead_is_below_one_or_outside_its_interval),
      cmocka_unit_test(sets_are_of_equal_memory_and_failures_are_not_in_them),
      cmocka_unit_test(collectors_that_never_reclaim_price_the_barrier),
      cmocka_unit_test(a_split_takes_what_never_reclaims_from_any_heap),
      cmocka_unit_test(curves_are_the_worst_of_any_mutator),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
