/* What is said of a night, from documents whose truth is planted. */
#include "results/analysis/regression_run.h"
#include "run_documents.h"

enum { PAIRS = 8 };

/* Unequal steps, so that no two pairs tie; the same every time. */
static int jitter(size_t i) {
  static const int steps[] = {3, -5, 7, -2, 11, -9, 1, -6, 4, -8};
  return steps[i % 10];
}

/* One side of a pair: its wall and CPU times are `level` a pair, jittered by up to 1.1 %. */
static json_t *side(const char *which, const char *leg, int number, const char *collector, int level) {
  json_t *cell = some_cell("trees", collector);
  char pairing[20];
  snprintf(pairing, sizeof pairing, "pair-%d", number);
  json_object_set_new(cell, "side", json_string(which));
  json_object_set_new(cell, "pairing", json_string(pairing));
  json_object_set_new(cell, "heap_bytes", json_integer(1000000 + number));
  json_object_set_new(cell, "night",
                      json_pack("{s:s, s:s, s:i, s:b}", "leg", leg, "baseline", "last-night", "number",
                                number, "series", *which == 'b'));
  for (size_t i = 0; i < PAIRS; i++) {
    json_t *one = some_invocation(level + level / 1000 * jitter(i + (size_t)(*which == 'b' ? 3 : 0)));
    json_object_set_new(one, "pair", json_integer((json_int_t)i + 1));
    json_array_append_new(json_object_get(cell, "invocations"), one);
  }
  return cell;
}

static json_t *empty_run(void) {
  return json_pack("{s:s, s:{s:s}, s:[]}", "schema", "gcbench.run/1", "context", "seed", "7", "cells");
}

static void add_pair(json_t *run, const char *leg, int number, int a, int b) {
  json_t *cells = json_object_get(run, "cells");
  json_array_append_new(cells, side("a", leg, number, "gen3@last-night", a));
  json_array_append_new(cells, side("b", leg, number, "gen3", b));
}

static gcb_night_gate gates[] = {{"wall_ns", .02}};
static const gcb_night_rules rules = {gates, 1, true, .05, .05};

static json_t *finding(const char *check, const char *verdict) {
  return json_pack("{s:s, s:s, s:s}", "check", check, "verdict", verdict, "found", "12 %");
}

static json_t *findings(const char *noise, const char *load) {
  return json_pack("[o, o]", finding("noise", noise), finding("load", load));
}

static gcb_night_outcome trusted_outcome(json_t *night) {
  json_t *fine = findings("fine", "fine"), *none = json_array();
  gcb_night_trust(night, none, fine, fine, &rules);
  json_decref(fine);
  json_decref(none);
  return gcb_night_conclude(night);
}

static const char *verdict(const json_t *night, size_t i) {
  const json_t *c = json_array_get(json_object_get(night, "comparisons"), i);
  return word_of(json_array_get(json_object_get(c, "metrics"), 0), "verdict");
}

static void a_quiet_night_is_quiet(void **state) {
  (void)state;
  json_t *run = empty_run();
  add_pair(run, "gate", 0, 100000, 100000);
  add_pair(run, "gate", 1, 100000, 100000);
  json_t *night = gcb_night_judge(run, &rules, NULL), *alarms = gcb_night_alarms(night);
  assert_int_equal(json_array_size(json_object_get(night, "comparisons")), 2);
  assert_int_equal(json_array_size(alarms), 0);
  assert_int_equal(json_integer_value(json_object_get(night, "gated")), 2);
  assert_int_equal(trusted_outcome(night), GCB_NIGHT_QUIET);
  assert_true(gcb_night_passed(night, "gen3", false));
  assert_false(gcb_night_passed(night, "marksweep", false));
  json_decref(alarms);
  json_decref(night);
  json_decref(run);
}

/* 0 and 1 are 10 % slower; the rerun agrees about 0 alone. */
static json_t *an_alarmed_night(bool rerun) {
  json_t *run = empty_run(), *again = empty_run();
  add_pair(run, "gate", 0, 100000, 110000);
  add_pair(run, "gate", 1, 100000, 110000);
  add_pair(run, "gate", 2, 100000, 101500);
  add_pair(run, "a-a", 3, 100000, 110000);
  json_t *night = gcb_night_judge(run, &rules, NULL), *alarms = gcb_night_alarms(night);
  json_t *expected = json_pack("[i, i]", 0, 1);
  assert_true(json_equal(alarms, expected));
  add_pair(again, "gate", 0, 100000, 109000);
  add_pair(again, "gate", 1, 100000, 100000);
  if (rerun) gcb_night_confirm(night, again, &rules);
  json_decref(alarms);
  json_decref(expected);
  json_decref(run);
  json_decref(again);
  return night;
}

static void an_alarm_stands_if_the_rerun_agrees(void **state) {
  (void)state;
  json_t *night = an_alarmed_night(true);
  assert_string_equal(verdict(night, 0), "regressed");
  assert_string_equal(verdict(night, 1), "cleared");
  assert_string_equal(verdict(night, 2), "inconclusive"); /* 1.5 % slower: below the floor of 2 % */
  assert_string_equal(verdict(night, 3), "chance");
  assert_int_equal(trusted_outcome(night), GCB_NIGHT_REGRESSED);
  assert_false(gcb_night_passed(night, "gen3", false));
  assert_true(gcb_night_passed(night, "gen3", true));
  json_t *suites = gcb_night_junit(night);
  json_t *cases = json_object_get(json_array_get(suites, 0), "cases");
  assert_int_equal(json_array_size(cases), 4);
  assert_string_equal(word_of(json_array_get(cases, 0), "outcome"), "failure");
  assert_string_equal(word_of(json_array_get(cases, 1), "outcome"), "passed");
  assert_true(json_number_value(json_object_get(json_array_get(cases, 0), "seconds")) > 0);
  json_decref(suites);
  json_decref(night);
}

static void an_alarm_without_a_rerun_is_open(void **state) {
  (void)state;
  json_t *night = an_alarmed_night(false);
  assert_int_equal(trusted_outcome(night), GCB_NIGHT_OPEN);
  assert_false(gcb_night_passed(night, "gen3", false));
  json_decref(night);
}

/* A night in which everything is slower leaves little time for each rerun. */
static void a_rerun_with_too_few_pairs_clears_nothing(void **state) {
  (void)state;
  json_t *night = an_alarmed_night(false), *again = empty_run(), *cell;
  size_t i;
  add_pair(again, "gate", 0, 100000, 100000);
  add_pair(again, "gate", 1, 100000, 110000);
  json_array_foreach(json_object_get(again, "cells"), i,
                     cell) while (i < 2 && json_array_size(json_object_get(cell, "invocations")) > 5)
      json_array_remove(json_object_get(cell, "invocations"), 5);
  gcb_night_confirm(night, again, &rules);
  assert_string_equal(verdict(night, 0), "alarm");
  assert_string_equal(verdict(night, 1), "regressed");
  assert_int_equal(trusted_outcome(night), GCB_NIGHT_REGRESSED);
  json_decref(again);
  json_decref(night);
}

static void the_strongest_alarm_is_run_again_first(void **state) {
  (void)state;
  json_t *run = empty_run(), *expected = json_pack("[i, i, i]", 2, 0, 1);
  add_pair(run, "gate", 0, 100000, 120000);
  add_pair(run, "gate", 1, 100000, 110000);
  add_pair(run, "gate", 2, 100000, 130000);
  json_t *night = gcb_night_judge(run, &rules, NULL), *alarms = gcb_night_alarms(night);
  assert_true(json_equal(alarms, expected));
  json_decref(expected);
  json_decref(alarms);
  json_decref(night);
  json_decref(run);
}

static void against_itself_nothing_gates(void **state) {
  (void)state;
  json_t *run = empty_run();
  add_pair(run, "first", 0, 100000, 150000);
  json_t *night = gcb_night_judge(run, &rules, NULL);
  assert_int_equal(trusted_outcome(night), GCB_NIGHT_FIRST);
  json_t *suites = gcb_night_junit(night);
  assert_string_equal(
      word_of(json_array_get(json_object_get(json_array_get(suites, 0), "cases"), 0), "outcome"), "skipped");
  json_decref(suites);
  assert_true(gcb_night_passed(night, "gen3", false));
  json_decref(night);
  json_decref(run);
}

/* Of the last cell that was added, or of its partner. */
static void crash(json_t *run, bool of_a) {
  json_t *cells = json_object_get(run, "cells");
  json_t *cell = json_array_get(cells, json_array_size(cells) - (of_a ? 2 : 1));
  json_object_set_new(cell, "status", json_string("crashed"));
  json_object_set_new(cell, "reason", json_string("killed by signal 11"));
}

static void a_crash_counts_where_the_baseline_ran(void **state) {
  (void)state;
  for (int which = 0; which < 3; which++) { /* tonight's, the baseline's, both */
    json_t *run = empty_run();
    add_pair(run, "gate", 0, 100000, 100000);
    add_pair(run, "gate", 1, 100000, 100000);
    if (which != 1) crash(run, false);
    if (which != 0) crash(run, true);
    json_t *night = gcb_night_judge(run, &rules, NULL);
    assert_int_equal(trusted_outcome(night), which == 0 ? GCB_NIGHT_FAILED : GCB_NIGHT_QUIET);
    json_decref(night);
    json_decref(run);
  }
  json_t *run = empty_run();
  add_pair(run, "gate", 0, 100000, 100000);
  json_t *night = gcb_night_judge(run, &rules, NULL);
  json_object_set_new(night, "broken", json_pack("[{s:s, s:s}]", "collector", "x.so", "why", "no such file"));
  assert_int_equal(trusted_outcome(night), GCB_NIGHT_FAILED);
  json_object_set_new(night, "interrupted", json_true());
  assert_int_equal(gcb_night_conclude(night), GCB_NIGHT_INTERRUPTED);
  json_decref(night);
  json_decref(run);
  run = empty_run();
  night = gcb_night_judge(run, &rules, NULL);
  assert_int_equal(trusted_outcome(night), GCB_NIGHT_NOTHING);
  json_decref(night);
  json_decref(run);
}

static void a_noisy_machine_is_not_trusted(void **state) {
  (void)state;
  static const struct {
    const char *noise, *load, *later;
    bool trusted;
  } rows[] = {
      {"fine", "fine", "fine", true}, {"note", "note", "note", true}, {"bad", "fine", "fine", false},
      {"fine", "fine", "bad", false}, {"fine", "bad", "fine", true}, /* a build that is over */
      {"note", "bad", "fine", true},  {"bad", "bad", "fine", false},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    json_t *night = an_alarmed_night(true), *none = json_array();
    json_t *before = findings(rows[i].noise, rows[i].load), *after = findings(rows[i].later, "bad");
    gcb_night_trust(night, none, before, after, &rules);
    assert_int_equal(gcb_night_conclude(night), rows[i].trusted ? GCB_NIGHT_REGRESSED : GCB_NIGHT_UNTRUSTED);
    gcb_night_rules deaf = rules;
    deaf.heed_doctor = false;
    gcb_night_trust(night, none, before, after, &deaf);
    assert_int_equal(gcb_night_conclude(night), GCB_NIGHT_REGRESSED);
    json_decref(before);
    json_decref(after);
    json_decref(none);
    json_decref(night);
  }
}

static const char *first_reason(const json_t *night) {
  const char *s =
      json_string_value(json_array_get(json_object_get(json_object_get(night, "trust"), "reasons"), 0));
  return s ? s : "";
}

static void wide_intervals_are_not_trusted(void **state) {
  (void)state;
  json_t *run = empty_run();
  add_pair(run, "gate", 0, 100000, 100000);
  json_t *night = gcb_night_judge(run, &rules, NULL), *none = json_array();
  gcb_night_rules strict = rules;
  strict.widest = .001;
  gcb_night_trust(night, none, NULL, NULL, &strict);
  expect_part(first_reason(night), "intervals are wide");
  assert_int_equal(gcb_night_conclude(night), GCB_NIGHT_UNTRUSTED);
  json_decref(none);
  json_decref(night);
  json_decref(run);
}

/* A night with n comparisons of cells with themselves, of which `alarms` differ; and the canary's time. */
static json_t *past_night(int n, int alarms, double canary, const char *digest) {
  json_t *list = json_array();
  for (int i = 0; i < n; i++)
    json_array_append_new(list, json_pack("{s:s, s:[{s:s, s:{s:f}, s:f}]}", "leg", "a-a", "metrics", "name",
                                          "wall_ns", "ratio", "mean", i % 2 ? 1.03 : .97, "p",
                                          i < alarms ? .01 : .5));
  return json_pack("{s:o, s:{s:f, s:s}}", "comparisons", list, "canary", "wall_ns", canary, "digest", digest);
}

static void equal_things_that_differ_are_not_trusted(void **state) {
  (void)state;
  /* 4 comparisons a night; of 10 nights, 40 comparisons. */
  for (int alarming = 4; alarming <= 5; alarming++) {
    json_t *earlier = json_array(), *run = empty_run();
    for (int i = 0; i < 10; i++) json_array_append_new(earlier, past_night(4, i < alarming, 1e6, "x"));
    add_pair(run, "gate", 0, 100000, 100000);
    json_t *night = gcb_night_judge(run, &rules, earlier);
    gcb_night_trust(night, earlier, NULL, NULL, &rules);
    assert_int_equal(gcb_night_conclude(night), alarming == 4 ? GCB_NIGHT_QUIET : GCB_NIGHT_UNTRUSTED);
    if (alarming == 5) expect_part(first_reason(night), "5 of 40");
    json_decref(night);
    json_decref(run);
    json_decref(earlier);
  }
}

static void a_canary_that_moved_is_not_trusted(void **state) {
  (void)state;
  static const struct {
    int nights, level;
    const char *digest;
    bool trusted;
  } rows[] = {{5, 100000, "x", true}, {5, 104000, "x", true}, {5, 109000, "x", false},
              {5, 91000, "x", false}, {4, 109000, "x", true}, {5, 109000, "other", true}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    json_t *earlier = json_array(), *run = empty_run();
    for (int k = 0; k < rows[i].nights; k++)
      json_array_append_new(earlier, past_night(0, 0, 100000 + 500 * (k - 2), "x"));
    add_pair(run, "gate", 0, 100000, 100000);
    add_pair(run, "canary", 1, rows[i].level, rows[i].level);
    json_t *night = gcb_night_judge(run, &rules, earlier);
    json_object_set_new(night, "canary", json_pack("{s:s}", "digest", rows[i].digest));
    gcb_night_trust(night, earlier, NULL, NULL, &rules);
    assert_int_equal(gcb_night_conclude(night), rows[i].trusted ? GCB_NIGHT_QUIET : GCB_NIGHT_UNTRUSTED);
    if (!rows[i].trusted) expect_part(first_reason(night), "frozen collector");
    json_decref(night);
    json_decref(run);
    json_decref(earlier);
  }
}

static void a_floor_is_learnt_from_equal_things(void **state) {
  (void)state;
  static gcb_night_gate learnt[] = {{"wall_ns", 0}};
  static const gcb_night_rules by_lessons = {learnt, 1, true, .05, .05};
  json_t *earlier = json_array(), *run = empty_run();
  for (int i = 0; i < 10; i++) json_array_append_new(earlier, past_night(4, 0, 1e6, "x"));
  add_pair(run, "gate", 0, 100000, 102600); /* 2.6 %, and equal things differ by 3 % */
  json_t *night = gcb_night_judge(run, &by_lessons, earlier), *alarms = gcb_night_alarms(night);
  assert_int_equal(json_array_size(alarms), 0);
  json_decref(alarms);
  json_decref(night);
  night = gcb_night_judge(run, &by_lessons, NULL);
  alarms = gcb_night_alarms(night);
  assert_int_equal(json_array_size(alarms), 1); /* untaught, the floor is 1 % */
  json_decref(alarms);
  json_decref(night);
  json_decref(run);
  json_decref(earlier);
}

static void only_tonights_side_makes_points_for_history(void **state) {
  (void)state;
  json_t *run = empty_run();
  add_pair(run, "gate", 0, 100000, 200000);
  struct gcb_store *s = must_open("nights", GCB_STORE_WRITE);
  must_import(s, run);
  assert_true(query(s, "SELECT count(DISTINCT series) = count(*) AND count(*) > 0 FROM points") == 1);
  double mean =
      query(s, "SELECT value FROM points JOIN series ON series.id = points.series WHERE metric = 'wall_ns'");
  assert_true(mean > 195000 && mean < 205000);
  gcb_store_close(s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_quiet_night_is_quiet),
      cmocka_unit_test(an_alarm_stands_if_the_rerun_agrees),
      cmocka_unit_test(an_alarm_without_a_rerun_is_open),
      cmocka_unit_test(a_rerun_with_too_few_pairs_clears_nothing),
      cmocka_unit_test(the_strongest_alarm_is_run_again_first),
      cmocka_unit_test(against_itself_nothing_gates),
      cmocka_unit_test(a_crash_counts_where_the_baseline_ran),
      cmocka_unit_test(a_noisy_machine_is_not_trusted),
      cmocka_unit_test(wide_intervals_are_not_trusted),
      cmocka_unit_test(equal_things_that_differ_are_not_trusted),
      cmocka_unit_test(a_canary_that_moved_is_not_trusted),
      cmocka_unit_test(a_floor_is_learnt_from_equal_things),
      cmocka_unit_test(only_tonights_side_makes_points_for_history),
  };
  return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
