/* What is truly alive, and workload cards. */
#include "shell.h"

static double number(const json_t *o, const char *key) {
  const json_t *v = json_object_get(o, key);
  if (!json_is_number(v)) print_error("no number %s\n", key);
  assert_true(json_is_number(v));
  return json_number_value(v);
}

static void counting_holds_nothing_dead_and_tracing_does(void **state) {
  (void)state;
  answer a = gcbench(
      "run -w trees -p depth=10 -c rc,marksweep,semispace,gen3 -n 1 -i 1 -q --liveness --json run.json");
  expect_status(&a, 0);
  expect_contains(a.out, "True liveness");
  answer_free(&a);
  json_t *r = load("run.json"), *cell;
  size_t i;
  double peak = 0;
  json_array_foreach(json_object_get(r, "cells"), i, cell) {
    const json_t *seen = json_object_get(cell, "liveness");
    assert_true(number(seen, "walks") >= 100);
    assert_true(number(seen, "peak_live_bytes") <= number(cell, "peak_live_bytes"));
    assert_true(number(seen, "mean_live_bytes") <= number(seen, "peak_live_bytes"));
    assert_int_equal(number(seen, "leaked_bytes"), 0);
    assert_true(number(seen, "cyclic_share") == 0); /* a tree */
    assert_true(number(seen, "depth") >= 10);
    if (i == 0) {
      assert_true(number(seen, "mean_dead_held_bytes") < .01 * number(seen, "mean_live_bytes"));
      peak = number(seen, "mean_live_bytes");
    } else {
      assert_true(number(seen, "mean_dead_held_bytes") > 0);
      assert_true(number(seen, "drag_byte_seconds") > 0);
      /* What lives is the workload's affair, not the collector's; walks after collections fall elsewhere. */
      assert_true(number(seen, "mean_live_bytes") > .8 * peak &&
                  number(seen, "mean_live_bytes") < 1.2 * peak);
    }
  }
  json_decref(r);
}

static void several_mutators_have_no_shadow(void **state) {
  (void)state;
  answer a = gcbench("run -w trees -p depth=8 -c gen3 -m 2 -n 1 -i 1 -q --liveness");
  expect_status(&a, 0);
  expect_contains(a.out, "a shadow takes one mutator");
  answer_free(&a);
}

static void cards_say_what_a_workload_is_like(void **state) {
  (void)state;
  answer a = gcbench("list workloads --card -w trees,cycles -p depth=10 -p nodes=20000 -p live=1000 --json");
  json_error_t error;
  expect_status(&a, 0);
  json_t *all = json_loads(a.out, 0, &error), *card;
  size_t i;
  assert_non_null(all);
  assert_string_equal(word(all, "schema"), "gcbench.cards/1");
  json_array_foreach(json_object_get(all, "cards"), i, card) {
    assert_string_equal(word(card, "status"), "ok");
    assert_true(number(card, "mean_object_bytes") >= 16);
    assert_true(number(card, "turnover") > 1);
    assert_true(number(card, "peak_live_bytes") <= number(card, "analytic_peak_live_bytes"));
    assert_true((number(card, "cyclic_share") > 0) == (strcmp(word(card, "workload"), "cycles") == 0));
    size_t k;
    json_t *age;
    json_array_foreach(json_object_get(card, "survival"), k, age)
        assert_true(number(age, "alive") >= 0 && number(age, "alive") <= 1.01);
    assert_true(k >= 2);
  }
  json_decref(all);
  answer_free(&a);
  a = gcbench("list workloads --card -w trees -p depth=8");
  expect_status(&a, 0);
  expect_contains(a.out, "not spanned");
  expect_contains(a.out, "turnover");
  answer_free(&a);
  a = gcbench("list collectors --card");
  expect_status(&a, 2);
  answer_free(&a);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(counting_holds_nothing_dead_and_tracing_does),
      cmocka_unit_test(several_mutators_have_no_shadow),
      cmocka_unit_test(cards_say_what_a_workload_is_like),
  };
  return cmocka_run_group_tests(tests, enter_scratch, leave_scratch);
}
