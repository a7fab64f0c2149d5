/* Grids, ratios and rankings, on results written down by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "results/analysis/ranking.h"
#include <math.h>
#include <string.h>

/* A cell with one iteration in each invocation, of so many ns; none: it ran out of memory. Where there are
 * two, there are three of each. */
static json_t *cell(const char *workload, const char *collector, int heap, int n, const int *wall) {
  json_t *invocations = json_array();
  for (int i = 0; i < (n == 2 ? 6 : n); i++)
    json_array_append_new(invocations, json_pack("{s:[{s:i}]}", "iterations", "wall_ns", wall[i % n]));
  return json_pack("{s:s, s:{s:s}, s:s, s:{}, s:i, s:f, s:i, s:b, s:b, s:i, s:i, s:s, s:o}", "workload",
                   workload, "params", "depth", "9", "collector", collector, "options", "heap_bytes",
                   heap * 1048576, "heap_factor", (double)heap, "peak_live_bytes", 1048576, "bounded", 1,
                   "reclaims", strcmp(collector, "never") != 0, "mutators", 1, "workers", 1, "status",
                   n ? "ok" : "oom", "invocations", invocations);
}

static json_t *run_of(json_t *cells) {
  return json_pack("{s:o}", "cells", cells);
}

static void near(double a, double b) {
  if (!(fabs(a - b) < 1e-9)) print_error("%.12g is not %.12g\n", a, b);
  assert_true(fabs(a - b) < 1e-9);
}

static void cells_fall_into_experiments_and_contenders(void **state) {
  (void)state;
  json_t *cells = json_array();
  json_array_append_new(cells, cell("trees", "a", 2, 1, (int[]){10}));
  json_array_append_new(cells, cell("trees", "b", 2, 1, (int[]){10}));
  json_array_append_new(cells, cell("trees", "b", 3, 1, (int[]){10}));
  json_array_append_new(cells, cell("rings", "never", 3, 0, NULL));
  json_t *deep = cell("rings", "a", 3, 1, (int[]){10});
  json_object_set_new(json_object_get(deep, "params"), "depth", json_string("12"));
  json_object_set_new(json_object_get(deep, "options"), "nursery", json_string("4M"));
  json_array_append_new(cells, deep);
  json_t *run = run_of(cells);
  gcb_grid g;
  assert_true(gcb_grid_make(&g, run));
  assert_int_equal(g.n_experiments, 4);
  assert_int_equal(g.n_contenders, 4);
  assert_string_equal(g.contenders[3].name, "a nursery=4M");
  assert_false(g.contenders[2].reclaims);
  assert_string_equal(g.experiments[1].workload, "trees"); /* all of its settings are the same */
  assert_string_equal(g.experiments[1].heap, "3x");
  assert_string_equal(g.experiments[3].workload, "rings depth=12");
  assert_ptr_equal(gcb_grid_at(&g, 0, 1), json_array_get(cells, 1));
  assert_null(gcb_grid_at(&g, 1, 0));
  assert_int_equal(g.n_workloads, 3);
  assert_false(g.one_heap);
  gcb_grid_free(&g);
  json_decref(run);
}

/* a: 18, 20, 22; b: 36, 40, 44: relative standard errors of .1 / sqrt 3, 4 degrees of freedom. */
static void a_ratio_is_of_means_with_the_interval_of_welchs_t(void **state) {
  (void)state;
  json_t *cells = json_array();
  json_array_append_new(cells, cell("trees", "a", 2, 3, (int[]){18, 20, 22}));
  json_array_append_new(cells, cell("trees", "b", 2, 3, (int[]){36, 40, 44}));
  json_t *run = run_of(cells);
  gcb_grid g;
  gcb_readings r;
  assert_true(gcb_grid_make(&g, run));
  assert_true(gcb_readings_take(&r, &g, gcb_metric_find("wall_ns")));
  gcb_interval ratio = gcb_ratio(&r, 0, 1, (size_t[]){0}, 1);
  near(ratio.mean, .5);
  assert_true(fabs(log(ratio.hi / .5) - 2.776445 * sqrt(.02 / 3)) < 1e-6);
  near(ratio.lo * ratio.hi, .25);
  assert_int_equal(ratio.n, 3);
  gcb_readings_free(&r);
  gcb_grid_free(&g);
  json_decref(run);
}

static void over_several_experiments_it_is_their_geometric_mean(void **state) {
  (void)state;
  json_t *cells = json_array();
  json_array_append_new(cells, cell("trees", "a", 2, 2, (int[]){10, 10}));
  json_array_append_new(cells, cell("trees", "b", 2, 2, (int[]){40, 40}));
  json_array_append_new(cells, cell("rings", "a", 2, 2, (int[]){10, 10}));
  json_array_append_new(cells, cell("rings", "b", 2, 2, (int[]){90, 90}));
  json_t *run = run_of(cells);
  gcb_grid g;
  gcb_readings r;
  assert_true(gcb_grid_make(&g, run));
  assert_true(gcb_readings_take(&r, &g, gcb_metric_find("wall_ns")));
  gcb_interval ratio = gcb_ratio(&r, 1, 0, (size_t[]){0, 1}, 2);
  near(ratio.mean, 6); /* sqrt(4 * 9) */
  near(ratio.lo, 6);
  near(ratio.hi, 6);
  gcb_readings_free(&r);
  gcb_grid_free(&g);
  json_decref(run);
}

static void one_invocation_has_no_interval_and_proves_nothing(void **state) {
  (void)state;
  json_t *cells = json_array();
  json_array_append_new(cells, cell("trees", "a", 2, 1, (int[]){10}));
  json_array_append_new(cells, cell("trees", "b", 2, 1, (int[]){40}));
  json_t *run = run_of(cells);
  gcb_grid g;
  gcb_readings r;
  assert_true(gcb_grid_make(&g, run));
  assert_true(gcb_readings_take(&r, &g, gcb_metric_find("wall_ns")));
  gcb_interval ratio = gcb_ratio(&r, 0, 1, (size_t[]){0}, 1);
  near(ratio.mean, .25);
  assert_true(isnan(ratio.lo) && isnan(ratio.hi));
  assert_int_equal(gcb_ratio_side(ratio), GCB_UNTOLD);
  gcb_readings_free(&r);
  gcb_grid_free(&g);
  json_decref(run);
}

static void a_side_is_claimed_from_five_invocations_on(void **state) {
  (void)state;
  assert_int_equal(gcb_ratio_side((gcb_interval){.5, .4, .6, 5}), GCB_LESS);
  assert_int_equal(gcb_ratio_side((gcb_interval){2, 1.9, 2.1, 5}), GCB_MORE);
  assert_int_equal(gcb_ratio_side((gcb_interval){1.1, .9, 1.3, 5}), GCB_UNTOLD);
  assert_int_equal(gcb_ratio_side((gcb_interval){.5, .5, .5, 4}), GCB_UNTOLD);
}

/* c ran only one of three experiments: with it the rest would share just that one. */
static void a_ranking_is_over_the_same_experiments_for_everyone(void **state) {
  (void)state;
  static const char *const workloads[] = {"trees", "rings", "churn"};
  json_t *cells = json_array();
  for (int w = 0; w < 3; w++) {
    json_array_append_new(cells, cell(workloads[w], "b", 2, 2, (int[]){20, 20}));
    json_array_append_new(cells, cell(workloads[w], "a", 2, 2, (int[]){10, 10 + 20 * (w == 2)}));
    json_array_append_new(cells, cell(workloads[w], "c", 2, w ? 0 : 2, (int[]){1, 1}));
    json_array_append_new(cells, cell(workloads[w], "never", 2, 2, (int[]){1, 1}));
  }
  json_t *run = run_of(cells);
  gcb_grid g;
  gcb_readings r;
  gcb_ranking k;
  assert_true(gcb_grid_make(&g, run));
  assert_true(gcb_readings_take(&r, &g, gcb_metric_find("wall_ns")));
  assert_true(gcb_rank(&k, &r));
  assert_int_equal(k.n, 2);
  assert_int_equal(k.n_set, 3);
  assert_string_equal(g.contenders[k.places[0].contender].name, "a");
  near(k.places[1].ratio.mean, cbrt(2 * 2 * 1)); /* 20/10, 20/10 and 20/20 */
  assert_int_equal(k.places[0].alone, 2);
  assert_int_equal(k.places[0].among, 1); /* on churn: 10 and 30 against 20 */
  assert_int_equal(k.places[1].among, 1);
  assert_int_equal(k.n_left_out, 1);
  assert_string_equal(g.contenders[k.left_out[0]].name, "c");
  assert_int_equal(k.ran[0], 1);
  gcb_ranking_free(&k);
  gcb_readings_free(&r);
  gcb_grid_free(&g);
  json_decref(run);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(cells_fall_into_experiments_and_contenders),
      cmocka_unit_test(a_ratio_is_of_means_with_the_interval_of_welchs_t),
      cmocka_unit_test(over_several_experiments_it_is_their_geometric_mean),
      cmocka_unit_test(one_invocation_has_no_interval_and_proves_nothing),
      cmocka_unit_test(a_side_is_claimed_from_five_invocations_on),
      cmocka_unit_test(a_ranking_is_over_the_same_experiments_for_everyone),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
