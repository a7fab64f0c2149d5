/* Comparisons of run documents that are made here, so that their truth is known. */
#include "results/text/compare_print.h"
#include <stdlib.h>
#include <string.h>
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

enum { N = 12 };

/* Invocation `i` of a program whose iteration takes `ms`, by a hair more or less, and makes `minor`
 * collections. */
static json_t *invocation(size_t i, double ms, int minor) {
  double wall = ms * 1e6 * (1 + 1e-4 * (double)(i * 7 % N));
  return json_pack("{s:s, s:s, s:[{s:f, s:f, s:i, s:I, s:{s:i}, s:[]}], s:I, s:I}", "status", "ok",
                   "checksum", "ab", "iterations", "wall_ns", wall, "cpu_ns", wall, "ops", 1000,
                   "allocated_bytes", (json_int_t)5000, "collections", "minor", minor, "pauses", "live_bytes",
                   (json_int_t)77, "pair", (json_int_t)i + 1);
}

static json_t *cell(const char *workload, const char *collector, const char *size, double ms, int minor) {
  json_t *list = json_array();
  for (size_t i = 0; i < N; i++) json_array_append_new(list, invocation(i, ms, minor));
  json_t *c = json_pack("{s:s, s:{}, s:s, s:{}, s:i, s:f, s:i, s:i, s:s, s:s, s:n, s:s, s:o}", "workload",
                        workload, "params", "collector", collector, "options", "heap_bytes", 3000000,
                        "heap_factor", 3.0, "mutators", 1, "workers", 1, "seed", "1", "status", "ok",
                        "reason", "checksum", "ab", "invocations", list);
  if (size) json_object_set_new(json_object_get(c, "options"), "nursery", json_string(size));
  return c;
}

static json_t *run_of(const char *host, json_t *cells) {
  return json_pack("{s:s, s:{s:s}, s:o}", "schema", "gcbench.run/1", "context", "host", host, "cells", cells);
}

static json_t *compare(const json_t *a, const json_t *b, const char *collector_a, const char *collector_b) {
  gcb_comparison how = {.name_a = "A", .name_b = "B", .collector_a = collector_a, .collector_b = collector_b};
  return gcb_compare_runs(a, b, &how);
}

static const json_t *nth(const json_t *comparison, const char *list, size_t i) {
  return json_array_get(json_object_get(comparison, list), i);
}

static const json_t *metric(const json_t *one, const char *name) {
  size_t i;
  json_t *m;
  json_array_foreach(json_object_get(one, "metrics"), i,
                     m) if (strcmp(json_string_value(json_object_get(m, "name")), name) == 0) return m;
  return NULL;
}

static void expect_verdict(const json_t *of, const char *expected) {
  const char *word = json_string_value(json_object_get(of, "verdict"));
  assert_string_equal(word ? word : "none", expected);
}

static bool noted(const json_t *comparison, const char *part) {
  size_t i;
  json_t *one;
  json_array_foreach(json_object_get(comparison, "notes"), i,
                     one) if (strstr(json_string_value(one), part)) return true;
  return false;
}

/* A run of pairs: both sides in one document. */
static json_t *pairs_of(json_t *a, json_t *b) {
  json_object_set_new(a, "pairing", json_string("p"));
  json_object_set_new(b, "pairing", json_string("p"));
  json_object_set_new(a, "side", json_string("a"));
  json_object_set_new(b, "side", json_string("b"));
  return run_of("here", json_pack("[o, o]", a, b));
}

static void pairs_of_one_document_get_a_verdict(void **state) {
  (void)state;
  json_t *run = pairs_of(cell("trees", "x", NULL, 100, 5), cell("trees", "x", NULL, 105, 5));
  json_t *c = compare(run, run, NULL, NULL);
  assert_int_equal(json_array_size(json_object_get(c, "cells")), 1);
  expect_verdict(nth(c, "cells", 0), "regressed");
  expect_verdict(metric(nth(c, "cells", 0), "minor_collections"), "equal");
  expect_verdict(metric(nth(c, "cells", 0), "ops_per_s"), "none");
  assert_int_equal(gcb_compare_outcome(c), GCB_OUTCOME_WORSE);
  json_decref(c);
  json_decref(run);
}

static void invocations_are_paired_by_ordinal_not_by_place(void **state) {
  (void)state;
  json_t *a = cell("trees", "x", NULL, 100, 5), *b = cell("trees", "x", NULL, 100, 5);
  json_array_remove(json_object_get(a, "invocations"), 0);
  json_array_remove(json_object_get(b, "invocations"), N - 1);
  json_t *run = pairs_of(a, b), *c = compare(run, run, NULL, NULL);
  assert_int_equal(json_integer_value(json_object_get(nth(c, "cells", 0), "pairs")), N - 2);
  const json_t *ratio = json_object_get(metric(nth(c, "cells", 0), "wall_ns"), "ratio");
  assert_true(json_number_value(json_object_get(ratio, "lo")) == 1 &&
              json_number_value(json_object_get(ratio, "hi")) == 1);
  json_decref(c);
  json_decref(run);
}

static void two_documents_are_never_more_than_suspect(void **state) {
  (void)state;
  json_t *a = run_of("here", json_pack("[o]", cell("trees", "x", NULL, 100, 5)));
  json_t *b = run_of("there", json_pack("[o]", cell("trees", "x", "8M", 150, 3)));
  json_t *c = compare(a, b, NULL, NULL);
  expect_verdict(nth(c, "cells", 0), "suspect");
  expect_verdict(metric(nth(c, "cells", 0), "minor_collections"), "differs");
  assert_true(json_is_false(json_object_get(c, "interleaved")));
  assert_int_equal(gcb_compare_outcome(c), GCB_OUTCOME_OPEN);
  assert_true(noted(c, "host differs: \"here\" and \"there\""));
  json_decref(c);
  json_decref(a);
  json_decref(b);
}

static void collectors_of_one_run_are_compared_by_name_and_by_options(void **state) {
  (void)state;
  json_t *run = run_of("here", json_pack("[o, o, o]", cell("trees", "x", NULL, 100, 5),
                                         cell("trees", "x", "8M", 90, 5), cell("trees", "y", NULL, 100, 5)));
  json_t *c = compare(run, run, "y", "x nursery=8M");
  assert_int_equal(json_array_size(json_object_get(c, "cells")), 1);
  expect_verdict(nth(c, "cells", 0), "improved");
  assert_int_equal(gcb_compare_outcome(c), GCB_OUTCOME_WELL);
  json_decref(c);
  c = compare(run, run, "y", "x"); /* two of x: which one is not for the tool to choose */
  assert_int_equal(gcb_compare_outcome(c), GCB_OUTCOME_NOTHING);
  assert_int_equal(json_array_size(json_object_get(c, "only_a")), 1);
  assert_int_equal(json_array_size(json_object_get(c, "only_b")), 2);
  json_decref(c);
  json_decref(run);
}

static void cells_find_their_partner_from_the_closest_identity_on(void **state) {
  (void)state;
  json_t *a = run_of("here", json_pack("[o, o, o]", cell("trees", "x", NULL, 100, 5),
                                       cell("trees", "y", NULL, 100, 5), cell("rings", "x", NULL, 100, 5)));
  json_t *b = run_of("here", json_pack("[o, o, o]", cell("trees", "y", NULL, 100, 5),
                                       cell("trees", "x", "8M", 100, 5), cell("lists", "x", NULL, 100, 5)));
  json_t *c = compare(a, b, NULL, NULL);
  assert_int_equal(json_array_size(json_object_get(c, "cells")), 2);
  for (size_t i = 0; i < 2; i++) {
    const json_t *one = nth(c, "cells", i);
    assert_true(json_equal(json_object_get(json_object_get(one, "a"), "collector"),
                           json_object_get(json_object_get(one, "b"), "collector")));
  }
  assert_string_equal(json_string_value(json_object_get(nth(c, "only_a", 0), "workload")), "rings");
  assert_string_equal(json_string_value(json_object_get(nth(c, "only_b", 0), "workload")), "lists");
  char *text = NULL;
  size_t size;
  FILE *out = open_memstream(&text, &size);
  gcb_compare_print(c, false, out);
  fclose(out);
  assert_non_null(strstr(text, "\n2 cells: 2 inconclusive\n"));
  assert_non_null(strstr(text, "rings on x at 3x: in A only"));
  free(text);
  json_decref(c);
  json_decref(a);
  json_decref(b);
}

static void exact_metrics_that_vary_show_their_ranges(void **state) {
  (void)state;
  json_t *a = cell("trees", "x", NULL, 100, 5), *b = cell("trees", "x", NULL, 100, 5);
  json_array_set_new(json_object_get(b, "invocations"), 3, invocation(3, 100, 6));
  json_t *run = pairs_of(a, b), *c = compare(run, run, NULL, NULL);
  const json_t *m = metric(nth(c, "cells", 0), "minor_collections");
  expect_verdict(m, "varies");
  assert_true(json_number_value(json_array_get(json_object_get(m, "b_range"), 1)) == 6);
  assert_true(json_number_value(json_array_get(json_object_get(m, "a_range"), 1)) == 5);
  json_decref(c);
  json_decref(run);
}

static void other_checksums_are_a_divergence_but_not_of_other_seeds(void **state) {
  (void)state;
  json_t *a = cell("trees", "x", NULL, 100, 5), *b = cell("trees", "x", NULL, 100, 5);
  json_object_set_new(b, "checksum", json_string("cd"));
  json_t *run = pairs_of(a, b), *c = compare(run, run, NULL, NULL);
  assert_int_equal(gcb_compare_outcome(c), GCB_OUTCOME_DIVERGED);
  json_decref(c);
  json_object_set_new(b, "seed", json_string("2"));
  c = compare(run, run, NULL, NULL);
  assert_int_equal(gcb_compare_outcome(c), GCB_OUTCOME_WELL);
  assert_true(noted(c, "the seeds differ"));
  json_decref(c);
  json_decref(run);
}

static void failures_are_told_apart_from_cells_that_never_fit(void **state) {
  (void)state;
  static const struct {
    const char *a, *b;
    gcb_outcome outcome;
  } rows[] = {
      {"ok", "crashed", GCB_OUTCOME_FAILED}, {"crashed", "ok", GCB_OUTCOME_FAILED},
      {"ok", "oom", GCB_OUTCOME_FAILED},     {"oom", "oom", GCB_OUTCOME_NOTHING},
      {"oom", "ok", GCB_OUTCOME_NOTHING},    {"ok", "unsupported", GCB_OUTCOME_NOTHING},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    json_t *a = cell("trees", "x", NULL, 100, 5), *b = cell("trees", "x", NULL, 100, 5);
    json_object_set_new(a, "status", json_string(rows[i].a));
    json_object_set_new(b, "status", json_string(rows[i].b));
    json_t *run = pairs_of(a, b), *c = compare(run, run, NULL, NULL);
    assert_int_equal(gcb_compare_outcome(c), rows[i].outcome);
    json_decref(c);
    json_decref(run);
  }
}

static void few_pairs_are_noted_before_a_change_is_missed(void **state) {
  (void)state;
  json_t *a = cell("trees", "x", NULL, 100, 5), *b = cell("trees", "x", NULL, 105, 5);
  while (json_array_size(json_object_get(b, "invocations")) > 6)
    json_array_remove(json_object_get(b, "invocations"), 6);
  for (size_t i = 0; i < 6; i++) { /* only the wall time changes */
    json_t *list = json_object_get(json_array_get(json_object_get(b, "invocations"), i), "iterations");
    json_object_set_new(json_array_get(list, 0), "cpu_ns", json_real(100e6));
    list = json_object_get(json_array_get(json_object_get(a, "invocations"), i), "iterations");
    json_object_set_new(json_array_get(list, 0), "cpu_ns", json_real(100e6));
  }
  json_t *run = pairs_of(a, b), *c = compare(run, run, NULL, NULL);
  assert_true(noted(c, "cannot be proven with 6 pairs"));
  expect_verdict(metric(nth(c, "cells", 0), "wall_ns"), "inconclusive");
  char *text = NULL;
  size_t size;
  FILE *out = open_memstream(&text, &size);
  gcb_compare_print(c, false, out);
  fclose(out);
  assert_non_null(strstr(text, ", which is not significant among"));
  free(text);
  json_decref(c);
  json_decref(run);
}

static void few_pairs_prove_what_changes_in_many_comparisons_and_the_note_says_so(void **state) {
  (void)state;
  json_t *cells = json_array();
  for (int i = 0; i < 4; i++) {
    char name[8], pairing[8];
    snprintf(name, sizeof name, "w%d", i);
    snprintf(pairing, sizeof pairing, "p%d", i);
    for (int side = 0; side < 2; side++) {
      json_t *one = cell(name, "x", NULL, side ? 110 : 100, 5);
      while (json_array_size(json_object_get(one, "invocations")) > 6)
        json_array_remove(json_object_get(one, "invocations"), 6);
      json_object_set_new(one, "pairing", json_string(pairing));
      json_object_set_new(one, "side", json_string(side ? "b" : "a"));
      json_array_append_new(cells, one);
    }
  }
  json_t *run = run_of("here", cells), *c = compare(run, run, NULL, NULL);
  expect_verdict(nth(c, "cells", 0), "regressed");
  assert_false(noted(c, "cannot be proven"));
  assert_true(noted(c, "proven with 6 pairs because many of the"));
  json_decref(c);
  json_decref(run);
}

static void cells_that_are_paired_though_unlike_are_noted(void **state) {
  (void)state;
  json_t *a = cell("trees", "x", NULL, 100, 5), *b = cell("trees", "x", NULL, 100, 5);
  json_object_set_new(a, "params", json_pack("{s:s}", "depth", "12"));
  json_object_set_new(b, "params", json_pack("{s:s}", "depth", "14"));
  json_object_set_new(b, "heap_bytes", json_integer(6000000));
  json_t *run = pairs_of(a, b), *c = compare(run, run, NULL, NULL);
  const json_t *unlike = json_object_get(nth(c, "cells", 0), "unlike");
  assert_int_equal(json_array_size(unlike), 2);
  assert_string_equal(json_string_value(json_array_get(unlike, 0)), "params");
  assert_string_equal(json_string_value(json_array_get(unlike, 1)), "heap_bytes");
  assert_true(noted(c, "their params differ ({\"depth\": \"12\"} and {\"depth\": \"14\"})"));
  assert_true(noted(c, "their heap sizes differ (3000000 and 6000000)"));
  json_decref(c);
  json_decref(run);
  run = pairs_of(cell("trees", "x", NULL, 100, 5), cell("trees", "y", "8M", 100, 5));
  c = compare(run, run, NULL, NULL);
  assert_int_equal(json_array_size(json_object_get(nth(c, "cells", 0), "unlike")), 0);
  assert_false(noted(c, "paired although"));
  json_decref(c);
  json_decref(run);
}

/* Time to safepoint: 100 ns against 200 ns, of 100 ms. */
static void a_large_ratio_of_next_to_nothing_is_negligible_and_says_why(void **state) {
  (void)state;
  char *text = NULL;
  size_t size;
  json_t *sides[2] = {cell("trees", "x", NULL, 100, 5), cell("trees", "x", NULL, 100, 5)};
  for (int side = 0; side < 2; side++)
    for (size_t i = 0; i < N; i++) {
      json_t *one = json_array_get(json_object_get(sides[side], "invocations"), i);
      json_object_set_new(json_array_get(json_object_get(one, "iterations"), 0), "tts_ns",
                          json_integer((side ? 200 : 100) + (json_int_t)i));
    }
  json_t *run = pairs_of(sides[0], sides[1]), *c = compare(run, run, NULL, NULL);
  const json_t *m = metric(nth(c, "cells", 0), "tts_ns");
  expect_verdict(m, "negligible");
  assert_non_null(strstr(json_string_value(json_object_get(m, "reason")), "under 0.1 % of the wall time"));
  expect_verdict(nth(c, "cells", 0), "equivalent"); /* the wall time is */
  assert_int_equal(gcb_compare_outcome(c), GCB_OUTCOME_WELL);
  FILE *out = open_memstream(&text, &size);
  gcb_compare_print(c, false, out);
  fclose(out);
  assert_non_null(strstr(text, "negligible: surely under 0.1 % of the wall time."));
  free(text);
  json_decref(c);
  json_decref(run);
}

static void it_reads_as_sentences_and_tables(void **state) {
  (void)state;
  char *text = NULL;
  size_t size;
  json_t *run = pairs_of(cell("trees", "/some/where/x.so", NULL, 100, 5), cell("trees", "y", "8M", 105, 3));
  json_t *c = compare(run, run, NULL, NULL);
  FILE *out = open_memstream(&text, &size);
  gcb_compare_print(c, false, out);
  fclose(out);
  assert_non_null(strstr(
      text, "trees at 3x: B (y nursery=8M) is 5.0 % slower [+5.0 %, +5.0 %] than A (x.so): regressed"));
  assert_non_null(strstr(text, "; exactly different: minor_collections"));
  assert_non_null(strstr(text, "  wall_ns "));
  free(text);
  out = open_memstream(&text, &size);
  gcb_compare_print(c, true, out);
  fclose(out);
  assert_non_null(strstr(text, "| wall_ns | 100 ms | 105 ms | +5.0 % [+5.0 %, +5.0 %] |  | regressed |"));
  free(text);
  json_decref(c);
  json_decref(run);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(pairs_of_one_document_get_a_verdict),
      cmocka_unit_test(invocations_are_paired_by_ordinal_not_by_place),
      cmocka_unit_test(two_documents_are_never_more_than_suspect),
      cmocka_unit_test(collectors_of_one_run_are_compared_by_name_and_by_options),
      cmocka_unit_test(cells_find_their_partner_from_the_closest_identity_on),
      cmocka_unit_test(exact_metrics_that_vary_show_their_ranges),
      cmocka_unit_test(other_checksums_are_a_divergence_but_not_of_other_seeds),
      cmocka_unit_test(failures_are_told_apart_from_cells_that_never_fit),
      cmocka_unit_test(few_pairs_are_noted_before_a_change_is_missed),
      cmocka_unit_test(few_pairs_prove_what_changes_in_many_comparisons_and_the_note_says_so),
      cmocka_unit_test(cells_that_are_paired_though_unlike_are_noted),
      cmocka_unit_test(a_large_ratio_of_next_to_nothing_is_negligible_and_says_why),
      cmocka_unit_test(it_reads_as_sentences_and_tables),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
