/* gcbench compare: what it says, what it refuses to say, and how it ends. */
#include "shell.h"

#define SMALL "-w trees -p depth=10 -i 1 -q "

static json_t *cell(const json_t *comparison, size_t i) {
  return json_array_get(json_object_get(comparison, "cells"), i);
}

static const json_t *metric(const json_t *cell, const char *name) {
  size_t i;
  json_t *m;
  json_array_foreach(json_object_get(cell, "metrics"), i, m) if (strcmp(word(m, "name"), name) == 0) return m;
  return NULL;
}

static bool one_of(const char *text, const char *const *words) {
  while (*words && strcmp(*words, text) != 0) words++;
  return *words != NULL;
}

/* The wall time may turn out either way on a busy machine: only what is certain is asserted. */
static bool judged(int status) {
  return status == 0 || status == 1 || status == 3;
}

static void live_pairs_get_verdicts_and_exact_differences(void **state) {
  (void)state;
  static const char *const verdicts[] = {"regressed",  "improved",     "negligible",
                                         "equivalent", "inconclusive", NULL};
  answer a = gcbench("compare " SMALL "--a 'gen3 nursery=64K' --b 'gen3 nursery=32K' --pairs 6 "
                     "--json live.json --run-json pairs.json --save small");
  assert_true(judged(a.status));
  expect_contains(a.out, "trees at 3");
  expect_contains(a.out, "exactly different: minor_collections");
  answer_free(&a);
  json_t *c = load("live.json");
  assert_string_equal(word(c, "schema"), "gcbench.compare/1");
  assert_true(json_is_true(json_object_get(c, "interleaved")));
  assert_int_equal(json_integer_value(json_object_get(cell(c, 0), "pairs")), 6);
  assert_true(json_is_true(json_object_get(json_object_get(cell(c, 0), "checksum"), "equal")));
  const json_t *minor = metric(cell(c, 0), "minor_collections"), *wall = metric(cell(c, 0), "wall_ns");
  assert_string_equal(word(minor, "verdict"), "differs");
  assert_true(json_number_value(json_object_get(minor, "b")) >
              json_number_value(json_object_get(minor, "a")));
  assert_null(json_object_get(minor, "p"));
  assert_true(one_of(word(wall, "verdict"), verdicts));
  assert_int_equal(json_integer_value(json_object_get(json_object_get(wall, "ratio"), "n")), 6);
  assert_string_equal(word(metric(cell(c, 0), "pause_max"), "class"), "informational");
  assert_null(json_object_get(metric(cell(c, 0), "pause_max"), "verdict"));

  /* What was kept says the same, from the store and from the file. */
  static const char *const again[] = {"compare small --json again.json",
                                      "compare pairs.json --json again.json"};
  for (size_t i = 0; i < 2; i++) {
    a = gcbench(again[i]);
    assert_true(judged(a.status));
    answer_free(&a);
    json_t *stored = load("again.json");
    assert_true(json_equal(json_object_get(c, "cells"), json_object_get(stored, "cells")));
    json_decref(stored);
  }
  json_decref(c);

  json_t *run = load("pairs.json"), *cells = json_object_get(run, "cells");
  const json_t *list = json_object_get(json_array_get(cells, 0), "invocations");
  assert_int_equal(json_array_size(cells), 2);
  assert_string_equal(word(json_array_get(cells, 0), "pairing"), word(json_array_get(cells, 1), "pairing"));
  json_int_t pad = json_integer_value(json_object_get(json_array_get(list, 0), "pad"));
  bool other_pads = false;
  for (size_t i = 0; i < json_array_size(list); i++) {
    const json_t *one = json_array_get(list, i);
    assert_int_equal(json_integer_value(json_object_get(one, "pair")), i + 1);
    other_pads |= json_integer_value(json_object_get(one, "pad")) != pad;
  }
  assert_true(other_pads);
  json_decref(run);
}

static void runs_that_were_not_interleaved_get_no_verdict(void **state) {
  (void)state;
  answer a = gcbench("run " SMALL "-c gen3 -n 5 --no-save --json before.json");
  expect_status(&a, 0);
  answer_free(&a);
  a = gcbench("run " SMALL "-c marksweep -n 5 --no-save --json after.json");
  expect_status(&a, 0);
  answer_free(&a);
  a = gcbench("compare before.json after.json --json files.json");
  expect_status(&a, 3);
  expect_contains(a.out, "NOT INTERLEAVED");
  expect_contains(a.out, "24 to 43 %");
  answer_free(&a);
  json_t *c = load("files.json");
  const json_t *wall = metric(cell(c, 0), "wall_ns");
  static const char *const most[] = {"suspect", "promising", "inconclusive", NULL};
  assert_true(one_of(word(wall, "verdict"), most));
  assert_string_equal(word(metric(cell(c, 0), "minor_collections"), "verdict"), "differs");
  json_decref(c);
  a = gcbench("compare before.json before.json");
  expect_contains(a.out, "the same run");
  answer_free(&a);
}

static void two_collectors_of_one_run_are_paired_by_round(void **state) {
  (void)state;
  answer a = gcbench("run " SMALL "-c gen3,semispace -n 6 --no-save --json both.json");
  expect_status(&a, 0);
  answer_free(&a);
  a = gcbench("compare both.json --a gen3 --b semispace --json both_compared.json --markdown");
  assert_true(judged(a.status));
  expect_contains(a.out, "| metric | A | B |");
  expect_contains(a.out, "### gcbench: A = `gen3`, B = `semispace`");
  answer_free(&a);
  json_t *c = load("both_compared.json");
  assert_true(json_is_true(json_object_get(c, "interleaved")));
  assert_int_equal(json_integer_value(json_object_get(cell(c, 0), "pairs")), 6);
  json_decref(c);
  a = gcbench("compare both.json");
  expect_status(&a, 2);
  expect_contains(a.err, "which two collectors");
  answer_free(&a);
  a = gcbench("compare both.json --a gen3 --b gen4");
  expect_status(&a, 5);
  expect_contains(a.out, "nothing that can be compared");
  answer_free(&a);
}

static void a_candidate_that_fails_is_no_regression(void **state) {
  (void)state;
  answer a = gcbench("compare " SMALL "--pairs 6 --no-save --a gen3 --b " GCB_PLUGINS "/segfaults.so");
  expect_status(&a, 4);
  expect_contains(a.out, "was not compared");
  expect_contains(a.out, "B ended crashed");
  answer_free(&a);
  a = gcbench("compare " SMALL "--pairs 6 --no-save --a gen3 --b semispace -H 0.5x");
  expect_status(&a, 5);
  expect_contains(a.out, "oom");
  answer_free(&a);
}

static void a_planted_slowdown_is_seen_in_the_processor_time(void **state) {
  (void)state;
  answer a = gcbench("compare -w trees -p depth=13 -i 1 -q --no-save --quick --metric cpu_ns --a " GCB_PLUGINS
                     "/slowed.so --b '" GCB_PLUGINS "/slowed.so slow=200'");
  expect_status(&a, 1);
  expect_contains(a.out, "regressed");
  answer_free(&a);
}

static void a_collector_with_options_is_one_word_everywhere(void **state) {
  (void)state;
  answer a = gcbench("run -w trees -c 'gen3 nursery=1M,gen3 nursery=2M' -n 1 --dry-run");
  expect_status(&a, 0);
  expect_contains(a.out, "gen3 nursery=1M");
  expect_contains(a.out, "gen3 nursery=2M");
  expect_contains(a.out, "2 cells, 2 invocations");
  answer_free(&a);
}

static void wrong_words_are_named(void **state) {
  (void)state;
  static const struct {
    const char *arguments, *said;
  } rows[] = {
      {"compare", "nothing to compare"},
      {"compare -w trees --a gen3", "--b: which collector?"},
      {"compare -w trees --a gen3 --b gen4", "--b gen4: no such collector"},
      {"compare -w trees --a 'gen3 nurser=1M' --b gen3", "did you mean nursery?"},
      {"compare -w trees --a gen3 --b 'gen3 nursery=big'", "not a size"},
      {"compare -w trees --a gen3 --b gen3 --quick --rigorous", "one of --quick"},
      {"compare -w trees --a gen3 --b gen3 --metric wall", "did you mean wall_ns?"},
      {"compare -w trees --a gen3 --b gen3 --metric live_bytes", "that is exact"},
      {"compare -w trees --a gen3 --b gen3 --floor none", "a percentage"},
      {"compare -w trees --a gen3 --b gen3 some.json", "either made or read"},
      {"compare some.json other.json --pairs 20", "run live"},
      {"compare no/such.json other.json", "cannot open"},
      {"compare -w trees --a gen3 --b gen3 --json /no/such/folder/c.json", "/no/such/folder"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    answer a = gcbench(rows[i].arguments);
    expect_status(&a, 2);
    expect_contains(a.err, rows[i].said);
    answer_free(&a);
  }
}

/* The same on both sides is a comparison, too; what is repeated on a side is measured once, and said. */
static void repetitions_are_one_and_the_same_may_stand_on_both_sides(void **state) {
  (void)state;
  answer a = gcbench("run -w trees,trees -c gen3,gen3 -H 3x,3x -p depth=8,8 -n 1 --dry-run");
  expect_status(&a, 0);
  expect_contains(a.out, "1 cell, 1 invocation");
  expect_contains(a.err, "trees is given twice");
  expect_contains(a.err, "gen3 is given twice");
  expect_contains(a.err, "asked for again, and measured once");
  answer_free(&a);
  a = gcbench("compare -a marksweep -b marksweep -H 3x,3x -w trees -p depth=8 --pairs 6 --no-save");
  assert_null(strstr(a.out, "nothing that can be compared"));
  assert_true(a.status == 0 || a.status == 1 || a.status == 3); /* whatever the noise makes of it */
  answer_free(&a);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(repetitions_are_one_and_the_same_may_stand_on_both_sides),
      cmocka_unit_test(live_pairs_get_verdicts_and_exact_differences),
      cmocka_unit_test(runs_that_were_not_interleaved_get_no_verdict),
      cmocka_unit_test(two_collectors_of_one_run_are_paired_by_round),
      cmocka_unit_test(a_candidate_that_fails_is_no_regression),
      cmocka_unit_test(a_planted_slowdown_is_seen_in_the_processor_time),
      cmocka_unit_test(a_collector_with_options_is_one_word_everywhere),
      cmocka_unit_test(wrong_words_are_named),
  };
  return cmocka_run_group_tests(tests, enter_scratch, leave_scratch);
}
