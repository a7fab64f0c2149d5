/* What is not known is null, NAN or an empty field, and never perfect: of runtimes that do not tell their
 * pauses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "results/analysis/summary.h"
#include "results/export/csv.h"
#include "results/model/metrics.h"
#include "results/model/mmu_curves.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of 50 ms: told, a pause of 20 ms; not told, nothing; clocked, a stall of 20 ms in place of the pause. */
typedef enum kind { TOLD, UNTOLD, CLOCKED } kind;

static json_t *iteration(kind k) {
  json_t *it = json_pack("{s:i, s:i, s:i, s:[], s:n, s:n, s:{}}", "wall_ns", 50000000, "cpu_ns", 50000000,
                         "ops", 100, "stalls", "pauses", "stall_ns", "collections");
  if (k == TOLD)
    json_object_set_new(it, "pauses",
                        json_pack("[{s:i, s:i, s:s, s:n}]", "start_ns", 10000000, "ns", 20000000, "kind",
                                  "major", "mutator"));
  if (k == CLOCKED) {
    json_object_set_new(it, "stalls", json_pack("[[i, i, i]]", 10000000, 20000000, 0));
    json_object_set_new(it, "stall_ns", json_integer(20000000));
  }
  return it;
}

static json_t *cell(int mutators, const kind *kinds, size_t n) {
  json_t *invocations = json_array();
  for (size_t i = 0; i < n; i++)
    json_array_append_new(invocations,
                          json_pack("{s:s, s:[o]}", "status", "ok", "iterations", iteration(kinds[i])));
  return json_pack("{s:s, s:{}, s:s, s:{}, s:i, s:b, s:s, s:o}", "workload", "w", "params", "collector", "c",
                   "options", "mutators", mutators, "bounded", 1, "status", "ok", "invocations", invocations);
}

/* The least share of any 10 ms, or NAN. */
static double mmu_of(const json_t *c, const char *list, const char *which) {
  const json_t *windows = json_object_get(json_object_get(c, "summary"), list);
  const json_t *v = json_object_get(json_array_get(windows, 6), which);
  return json_is_number(v) ? json_number_value(v) : NAN;
}

static void utilization_is_null_where_pauses_are_not_told(void **state) {
  (void)state;
  static const struct {
    kind kinds[2];
    double mmu;
  } cases[] = {{{TOLD, TOLD}, 0}, {{UNTOLD, UNTOLD}, NAN}, {{TOLD, UNTOLD}, NAN}, {{CLOCKED, CLOCKED}, 0}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    for (int mutators = 1; mutators < 3; mutators++) {
      json_t *c = cell(mutators, cases[i].kinds, 2);
      gcb_summarise(c);
      static const char *const lists[] = {"mmu", "mmu_joint"}, *const which[] = {"mmu", "bmu"};
      for (int l = 0; l < mutators; l++)
        for (int w = 0; w < 2; w++)
          assert_int_equal(isnan(mmu_of(c, lists[l], which[w])), isnan(cases[i].mmu));
      if (!isnan(cases[i].mmu)) assert_true(mmu_of(c, "mmu", "mmu") == 0);
      const json_t *worst = json_array_get(json_object_get(json_object_get(c, "summary"), "mmu"), 6);
      assert_int_equal(json_is_null(json_object_get(worst, "worst_start_ns")), isnan(cases[i].mmu));
      json_decref(c);
    }
}

static void compare_and_store_do_not_see_a_utilization_either(void **state) {
  (void)state;
  static const char *const pauses[] = {"mmu_10ms", "pause_p50", "pause_max", "pause_total_ns", "stall_ns"};
  json_t *c = cell(1, (kind[]){UNTOLD}, 1), *one = json_array_get(json_object_get(c, "invocations"), 0);
  for (size_t i = 0; i < sizeof pauses / sizeof *pauses; i++)
    assert_true(isnan(gcb_metric_of(gcb_metric_find(pauses[i]), one)));
  json_decref(c);
}

static char *csv_of(json_t *c) {
  char *text = NULL;
  size_t size = 0;
  FILE *out = open_memstream(&text, &size);
  json_t *run = json_pack("{s:[o]}", "cells", c);
  gcb_csv_write(run, out);
  fclose(out);
  json_decref(run);
  return text;
}

static void csv_has_empty_fields_for_pauses_that_are_not_told(void **state) {
  (void)state;
  char *told = csv_of(cell(1, (kind[]){TOLD}, 1)), *untold = csv_of(cell(1, (kind[]){UNTOLD}, 1));
  assert_non_null(strstr(told, ",1,20000000,20000000\r\n"));
  assert_non_null(strstr(untold, ",,,\r\n"));
  free(told);
  free(untold);
}

static int flagged(json_t *c, const char *name) {
  size_t i, n = 0;
  json_t *flag;
  gcb_summarise(c);
  json_array_foreach(json_object_get(json_object_get(c, "summary"), "flags"), i, flag) n +=
      strcmp(json_string_value(json_object_get(flag, "flag")), name) == 0;
  json_decref(c);
  return (int)n;
}

static json_t *collecting(int collects, int minor) {
  json_t *c = cell(1, (kind[]){TOLD, TOLD}, 2);
  json_object_set_new(c, "collects", json_boolean(collects));
  for (size_t i = 0; minor && i < 2; i++)
    json_object_set_new(
        json_array_get(json_object_get(json_array_get(json_object_get(c, "invocations"), i), "iterations"),
                       0),
        "collections", json_pack("{s:i}", "minor", minor));
  return c;
}

static void a_collector_that_never_collected_is_flagged(void **state) {
  (void)state;
  assert_int_equal(flagged(collecting(1, 0), "no collections"), 1);
  assert_int_equal(flagged(collecting(0, 0), "no collections"),
                   0); /* counting, explicit, or never reclaims */
  assert_int_equal(flagged(collecting(1, 5), "no collections"), 0);
  assert_int_equal(flagged(collecting(1, 5), "few collections"), 1);
  assert_int_equal(flagged(collecting(1, 0), "few collections"), 0);
}

/* A pause of 20 ms in a throughput invocation; the longest stall of the latency invocations is `stall`. */
static int beside_stalls(json_int_t stall) {
  json_t *c = cell(1, (kind[]){TOLD}, 1), *latency = json_deep_copy(json_object_get(c, "invocations"));
  json_t *it = json_array_get(json_object_get(json_array_get(latency, 0), "iterations"), 0);
  json_object_set_new(it, "stalls", json_pack("[[i, I, i]]", 10000000, stall, 0));
  json_object_set_new(c, "latency_invocations", latency);
  return flagged(c, "max pause above max stall");
}

static void a_pause_longer_than_every_stall_is_explained(void **state) {
  (void)state;
  assert_int_equal(beside_stalls(15000000), 1);
  assert_int_equal(beside_stalls(20000000), 0);
  assert_int_equal(flagged(cell(1, (kind[]){TOLD}, 1), "max pause above max stall"), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(utilization_is_null_where_pauses_are_not_told),
      cmocka_unit_test(compare_and_store_do_not_see_a_utilization_either),
      cmocka_unit_test(csv_has_empty_fields_for_pauses_that_are_not_told),
      cmocka_unit_test(a_collector_that_never_collected_is_flagged),
      cmocka_unit_test(a_pause_longer_than_every_stall_is_explained),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
