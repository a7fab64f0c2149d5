/* The rule for pauses, and what is doubtful about several. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "results/model/check.h"
#include "results/model/pause.h"
#include "runtime/heap_host.h"
#include <string.h>

static void a_pause_has_a_beginning_an_end_and_a_kind(void **state) {
  (void)state;
  assert_null(gcb_pause_fault(0, 0, 0, "major"));
  assert_null(gcb_pause_fault(5, 9, 9, "minor"));
  assert_null(gcb_pause_fault(5, 9, INT64_MAX, "minor"));
  assert_non_null(strstr(gcb_pause_fault(-1, 9, 9, "minor"), "before the measurement"));
  assert_non_null(strstr(gcb_pause_fault(9, 8, 9, "minor"), "ends before it begins"));
  assert_non_null(strstr(gcb_pause_fault(5, 10, 9, "minor"), "after the time"));
  assert_non_null(strstr(gcb_pause_fault(5, 9, 9, NULL), "kind"));
}

static void equal_and_overlapping_pauses_of_a_mutator_are_counted(void **state) {
  (void)state;
  gcb_pause_span good[] = {
      {10, 20, 0, false}, {10, 20, 1, false}, {20, 30, -1, false}, {22, 25, 0, true}, {30, 30, 0, false}};
  gcb_pause_doubts d = gcb_pauses_doubted(good, 5);
  assert_int_equal(d.twice, 0);
  assert_int_equal(d.overlaps, 0);
  gcb_pause_span twice[] = {{40, 50, -1, false}, {10, 20, -1, false}, {10, 20, -1, false}};
  d = gcb_pauses_doubted(twice, 3);
  assert_int_equal(d.twice, 1);
  assert_int_equal(d.overlaps, 1);
  gcb_pause_span nested[] = {
      {10, 50, -1, false}, {20, 30, 2, false}, {60, 80, 1, false}, {70, 75, -1, false}};
  d = gcb_pauses_doubted(nested, 4);
  assert_int_equal(d.twice, 0);
  assert_int_equal(d.overlaps, 2);
}

/* A run with one pause, and whether the reader takes it. */
static bool taken(json_int_t start, json_int_t ns, char *why, size_t size) {
  json_t *run =
      json_pack("{s:s, s:{}, s:[{s:s, s:{}, s:s, s:{}, s:i, s:f, s:b, s:i, s:i, s:s, s:s, s:[{s:s, "
                "s:[{s:i, s:[{s:I, s:I, s:s, s:n}]}]}]}]}",
                "schema", "gcbench.run/1", "context", "cells", "workload", "w", "params", "collector", "c",
                "options", "heap_bytes", 1, "heap_factor", 1.0, "bounded", 1, "mutators", 1, "workers", 1,
                "seed", "1", "status", "ok", "invocations", "status", "ok", "iterations", "wall_ns", 100,
                "pauses", "start_ns", start, "ns", ns, "kind", "major", "mutator");
  assert_non_null(run);
  bool good = gcb_check_run(run, why, size);
  json_decref(run);
  return good;
}

static void a_reader_refuses_what_the_rule_refuses(void **state) {
  (void)state;
  char why[300];
  if (!taken(10, 20, why, sizeof why)) fail_msg("%s", why);
  assert_false(taken(10, -5, why, sizeof why));
  assert_non_null(strstr(why, "ends before it begins"));
  assert_false(taken(-10, 20, why, sizeof why));
  assert_non_null(strstr(why, "begins before the measurement"));
}

static void a_recorder_keeps_no_pause_that_breaks_the_rule(void **state) {
  (void)state;
  static const struct {
    int64_t start, end;
    unsigned kind;
    const char *words;
  } cases[] = {{0, -1000, GCB_MAJOR, "ends before it begins"},
               {3000000000000, 4000000000000, GCB_MAJOR, "after the time"},
               {-1000000000000, 0, GCB_MAJOR, "before the measurement"},
               {0, 0, 77, "kind"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    static gcb_instance in;
    memset(&in, 0, sizeof in);
    gcb_recorder_init(&in.recorder);
    gcb_recorder_wire(&in);
    uint64_t now = gcb_clock();
    in.host.pause(&in.heap, NULL, GCB_MINOR, now, now);
    assert_string_equal(in.recorder.fault, "");
    in.host.pause(&in.heap, NULL, (gcb_pause_kind)cases[i].kind, now + (uint64_t)cases[i].start,
                  now + (uint64_t)cases[i].end);
    assert_int_equal(in.recorder.pauses.n, 1);
    if (!strstr(in.recorder.fault, cases[i].words)) fail_msg("case %zu: '%s'", i, in.recorder.fault);
    gcb_recorder_free(&in.recorder);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_pause_has_a_beginning_an_end_and_a_kind),
      cmocka_unit_test(equal_and_overlapping_pauses_of_a_mutator_are_counted),
      cmocka_unit_test(a_reader_refuses_what_the_rule_refuses),
      cmocka_unit_test(a_recorder_keeps_no_pause_that_breaks_the_rule),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
