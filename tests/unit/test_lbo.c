/* Lower-bound overhead and the utilization curves of cells, on results written down by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "curves.h"
#include "lbo.h"
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
  gcb_lbo(cells, 7);
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

/* All 27 x 27 resamples of two cells of three invocations, against the interval from random ones. */
static void the_interval_has_its_tails_where_all_resamples_have_them(void **state) {
  (void)state;
  const int total[2][3] = {{200, 230, 190}, {150, 165, 140}}, stopped[2][3] = {{90, 125, 80}, {40, 50, 30}};
  json_t *cells = json_array();
  json_array_append_new(cells, cell("a", 1, "free-none-none-plain", total[0], stopped[0]));
  json_array_append_new(cells, cell("b", 1, "free-none-none-plain", total[1], stopped[1]));
  gcb_lbo(cells, 7);
  const json_t *a = json_array_get(cells, 0);
  double lo = at(a, "lbo", "wall", "lo"), hi = at(a, "lbo", "wall", "hi");
  int below = 0, above = 0, all = 0;
  for (int i = 0; i < 27; i++)
    for (int k = 0; k < 27; k++, all++) {
      double sum[2] = {0, 0}, distilled[2] = {0, 0};
      for (int c = 0; c < 2; c++)
        for (int draw = 0, rest = c ? k : i; draw < 3; draw++, rest /= 3) {
          sum[c] += total[c][rest % 3];
          distilled[c] += total[c][rest % 3] - stopped[c][rest % 3];
        }
      double lbo = sum[0] / fmin(distilled[0], distilled[1]);
      below += lbo < lo - 1e-12;
      above += lbo > hi + 1e-12;
    }
  assert_true(lo < hi && below < .04 * all && above < .04 * all);
  assert_true(lo <= at(a, "lbo", "wall", "mean") && at(a, "lbo", "wall", "mean") <= hi);
  json_decref(cells);
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
  gcb_lbo(cells, 7);
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
  gcb_lbo(cells, 7);
  const json_t *g = json_array_get(cells, 0);
  near(at(g, "lbo_split", "mutator_ns", NULL), 120);
  near(at(g, "lbo_split", "barrier_ns", NULL), 8);
  near(at(g, "lbo_split", "stopped_ns", NULL), 10);
  near(at(g, "lbo_split", "rest_ns", NULL), 12);
  json_decref(cells);
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
      cmocka_unit_test(the_interval_has_its_tails_where_all_resamples_have_them),
      cmocka_unit_test(sets_are_of_equal_memory_and_failures_are_not_in_them),
      cmocka_unit_test(collectors_that_never_reclaim_price_the_barrier),
      cmocka_unit_test(curves_are_the_worst_of_any_mutator),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
