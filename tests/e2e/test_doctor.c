/* doctor: findings with remedies, and the instrument's cost by paired runs. */
#include "shell.h"

static void findings_have_remedies_and_a_status(void **state) {
  (void)state;
  answer a = gcbench("doctor --json doctor.json");
  json_t *r = load("doctor.json"), *f;
  size_t i;
  bool bad = false;
  json_array_foreach(json_object_get(r, "findings"), i, f) {
    expect_contains(a.out, word(f, "check"));
    bad |= strcmp(word(f, "verdict"), "bad") == 0;
  }
  assert_string_equal(word(r, "schema"), "gcbench.doctor/1");
  assert_true(i >= 12);
  expect_status(&a, bad ? 3 : 0);
  answer_free(&a);
  json_decref(r);
}

static void every_run_records_them(void **state) {
  (void)state;
  answer a = gcbench("run -w trees -p depth=8 -c gen3 -n 1 -i 1 -q --json run.json");
  expect_status(&a, 0);
  answer_free(&a);
  json_t *r = load("run.json"), *context = json_object_get(r, "context");
  assert_true(json_array_size(json_object_get(context, "doctor")) >= 12);
  assert_non_null(json_object_get(context, "noise"));
  assert_non_null(json_object_get(context, "perf_counters"));
  json_decref(r);
}

/* Not a test of speed: that the pairs are made, that each kind of invocation recorded what it should, and
 * that recording takes nothing of the measured heap. */
static void the_instrument_is_priced_and_lies_outside_the_heap(void **state) {
  (void)state;
  answer a = gcbench(
      "doctor --instrument -w trees -p depth=8 -c gen3,marksweep --pairs 6 -i 2 -q --json doctor.json");
  if (a.status != 0) expect_status(&a, 3);
  expect_contains(a.out, "recording, CPU");
  answer_free(&a);
  json_t *r = load("doctor.json"), *cost;
  size_t i;
  json_array_foreach(json_object_get(r, "instrument"), i, cost) {
    json_t *cpu = json_object_get(json_object_get(cost, "recording"), "cpu");
    assert_int_equal(json_integer_value(json_object_get(cost, "pairs")), 6);
    assert_true(json_is_number(json_object_get(cpu, "lo")) && json_is_number(json_object_get(cpu, "hi")));
    assert_true(json_number_value(json_object_get(cost, "heap_bytes_added")) == 0);
  }
  assert_int_equal(i, 2);
  json_decref(r);
}

static void a_failing_invocation_is_told_and_is_no_price(void **state) {
  (void)state;
  answer a = gcbench("doctor --instrument -w trees -p depth=10 -c semispace --heap 0.5x --pairs 2 -q");
  expect_status(&a, 4);
  expect_contains(a.err, "oom");
  answer_free(&a);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(findings_have_remedies_and_a_status),
      cmocka_unit_test(every_run_records_them),
      cmocka_unit_test(the_instrument_is_priced_and_lies_outside_the_heap),
      cmocka_unit_test(a_failing_invocation_is_told_and_is_no_price),
  };
  return cmocka_run_group_tests(tests, enter_scratch, leave_scratch);
}
