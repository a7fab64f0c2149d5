/* The table of metrics, and the identity of cells, on documents written by hand. */
#include "results/model/cell.h"
#include "results/model/metrics.h"
#include "results/model/units.h"
#include "results/store/runs.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

static json_t *parse(const char *text) {
  json_error_t error;
  json_t *o = json_loads(text, 0, &error);
  assert_non_null(o);
  return o;
}

static double of(const char *metric, const json_t *invocation) {
  return gcb_metric_of(gcb_metric_find(metric), invocation);
}

static void an_invocation_is_the_mean_of_its_iterations(void **state) {
  (void)state;
  json_t *one = parse("{\"iterations\": [{\"wall_ns\": 100, \"ops\": 10, \"collections\": {\"minor\": 3}, "
                      "\"pauses\": [{\"ns\": 5}, {\"ns\": 7}], \"work\": {\"copied_bytes\": 40}},"
                      "{\"wall_ns\": 300, \"ops\": 10, \"collections\": {\"minor\": 4}, \"pauses\": [], "
                      "\"work\": {\"copied_bytes\": 60}}], \"live_bytes\": 77, \"warmup_ns\": [900]}");
  assert_true(of("wall_ns", one) == 200);
  assert_true(of("ops_per_s", one) == (1e8 + 1e9 / 30) / 2);
  assert_true(of("pause_total_ns", one) == 6);
  assert_true(of("pause_max", one) == 7);
  assert_true(isnan(of("pause_p50", one))); /* two pauses are no percentile */
  assert_true(of("minor_collections", one) == 3.5);
  assert_true(of("major_collections", one) == 0);
  assert_true(of("copied_bytes", one) == 50);
  assert_true(isnan(of("marked_bytes", one)));
  assert_true(of("live_bytes", one) == 77);
  assert_true(isnan(of("leaked_bytes", one)));
  assert_true(of("first_iteration_ns", one) == 900);
  json_decref(one);
}

static void pauses_that_a_runtime_does_not_tell_are_unknown(void **state) {
  (void)state;
  json_t *one = parse("{\"iterations\": [{\"wall_ns\": 100, \"pauses\": null}]}");
  assert_true(isnan(of("pause_total_ns", one)));
  assert_true(isnan(of("pause_max", one)));
  assert_true(isnan(of("mmu_10ms", one)));
  assert_true(isnan(of("minor_collections", one)));
  json_decref(one);
}

static void utilization_is_that_of_the_mutator_that_lost_most(void **state) {
  (void)state;
  /* In the 10 ms from the pause on, mutator 1 loses 4 + 3 ms, the others 4; the short iteration has no
   * window. */
  json_t *one = parse("{\"iterations\": [{\"wall_ns\": 40000000, \"stalls\": [[16000000, 3000000, 1]], "
                      "\"pauses\": [{\"start_ns\": 10000000, \"ns\": 4000000, \"mutator\": null}]}, "
                      "{\"wall_ns\": 5000000, \"stalls\": [], \"pauses\": []}]}");
  assert_true(fabs(of("mmu_10ms", one) - .3) < 1e-12);
  assert_true(gcb_metric_find("mmu_10ms")->more_is_better);
  json_decref(one);
}

static void responses_are_those_from_the_intended_arrival(void **state) {
  (void)state;
  json_t *one =
      parse("{\"iterations\": [], \"response\": {\"simple\": {\"p99\": 3}, \"intended\": {\"p50\": 4, "
            "\"p99\": null}}}");
  assert_true(of("response_p50", one) == 4);
  assert_true(isnan(of("response_p99", one)));
  json_decref(one);
}

static void names_are_unique_and_found(void **state) {
  (void)state;
  for (size_t i = 0; i < gcb_n_metrics; i++)
    assert_ptr_equal(gcb_metric_find(gcb_metrics[i].name), &gcb_metrics[i]);
  assert_null(gcb_metric_find("wall"));
}

static void the_seed_is_no_part_of_a_cell(void **state) {
  (void)state;
  json_t *a = parse(
      "{\"workload\": \"trees\", \"params\": {\"depth\": \"16\", \"a\": \"1\"}, \"collector\": \"gen3\", "
      "\"options\": {\"nursery\": \"4M\"}, \"heap_bytes\": 24780800, \"heap_factor\": 2.0003, "
      "\"mutators\": 1, \"workers\": 1, \"seed\": \"1\"}");
  json_t *b = json_deep_copy(a);
  json_object_set_new(b, "seed", json_string("2"));
  char *x = gcb_cell_key(a, false), *y = gcb_cell_key(b, false);
  assert_string_equal(x, y);
  free(y);
  json_object_set_new(b, "collector", json_string("rc"));
  y = gcb_cell_key(b, false);
  assert_string_not_equal(x, y);
  free(x);
  free(y);
  x = gcb_cell_key(a, true), y = gcb_cell_key(b, true);
  assert_string_equal(x, y);
  free(x);
  free(y);
  char text[100];
  assert_string_equal(gcb_cell_collector(a, text, sizeof text), "gen3 nursery=4M");
  assert_string_equal(gcb_cell_workload(a, text, sizeof text), "trees depth=16 a=1");
  assert_string_equal(gcb_cell_heap(a, text, sizeof text), "2x");
  json_object_set_new(a, "heap_factor", json_real(2.0437));
  assert_string_equal(gcb_cell_heap(a, text, sizeof text), "23.6 MiB");
  json_decref(a);
  json_decref(b);
}

static void what_is_no_run_is_refused_with_its_name(void **state) {
  (void)state;
  char why[600];
  assert_null(gcb_load_run("/nowhere/at/all.json", NULL, why, sizeof why));
  assert_non_null(strstr(why, "/nowhere/at/all.json"));
  assert_null(gcb_load_run("/dev/null", NULL, why, sizeof why));
  assert_non_null(strstr(why, "is not JSON"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_invocation_is_the_mean_of_its_iterations),
      cmocka_unit_test(pauses_that_a_runtime_does_not_tell_are_unknown),
      cmocka_unit_test(utilization_is_that_of_the_mutator_that_lost_most),
      cmocka_unit_test(responses_are_those_from_the_intended_arrival),
      cmocka_unit_test(names_are_unique_and_found),
      cmocka_unit_test(the_seed_is_no_part_of_a_cell),
      cmocka_unit_test(what_is_no_run_is_refused_with_its_name),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
