/* Response times: the same work on every collector, percentiles only with enough responses, and the wait
 * during a pause counted. */
#include "shell.h"

static json_t *run(const char *arguments, int status) {
  char line[2000];
  snprintf(line, sizeof line, "run -w requests %s --json run.json -q", arguments);
  answer a = gcbench(line);
  expect_status(&a, status);
  answer_free(&a);
  return load("run.json");
}

static json_t *cell(const json_t *r, size_t i) {
  return json_array_get(json_object_get(r, "cells"), i);
}
static json_t *latency(const json_t *r, size_t i) {
  return json_object_get(json_object_get(cell(r, i), "summary"), "response");
}
static json_t *at(const json_t *o, const char *which, const char *key) {
  return json_object_get(json_object_get(o, which), key);
}

static void every_collector_serves_the_same(void **state) {
  (void)state;
  for (int mutators = 1; mutators <= 2; mutators++) {
    char line[200];
    snprintf(line, sizeof line, "-c all --heap 64M -p requests=2000 -p sessions=500 -m %d -n 1 -i 2",
             mutators);
    json_t *r = run(line, 0), *one;
    size_t i;
    const char *digest = NULL;
    json_array_foreach(json_object_get(r, "cells"), i, one) {
      if (mutators > 1 && strcmp(word(one, "status"), "unsupported") == 0) continue; /* one mutator only */
      assert_string_equal(word(one, "status"), "ok");
      assert_string_equal(word(one, "checksum"), word(cell(r, 0), "checksum"));
      const char *mine =
          word(json_object_get(json_array_get(json_object_get(one, "invocations"), 0), "counts"), "digest");
      assert_string_equal(mine, digest ? digest : mine);
      digest = mine;
      json_t *l = latency(r, i);
      assert_int_equal(json_integer_value(at(l, "simple", "count")), 4000 * mutators);
      assert_int_equal(json_integer_value(at(l, "intended", "count")), 4000 * mutators);
      assert_true(json_is_integer(at(l, "intended", "p99")));
      assert_true(json_is_null(at(l, "intended", "p999"))); /* fewer than 10000 */
      assert_true(json_number_value(json_object_get(l, "rate")) > 0);
      double load = json_number_value(json_object_get(l, "load"));
      assert_true(load > .699 && load < .701);
    }
    json_decref(r);
  }
}

static void waiting_during_a_pause_counts(void **state) {
  (void)state;
  json_t *r = run("-c semispace -p sessions=65536 -p requests=60000 -n 1 -i 2", 0), *l = latency(r, 0);
  double simple = json_number_value(at(l, "simple", "p999"));
  double intended = json_number_value(at(l, "intended", "p999"));
  if (!(intended > 5 * simple)) print_error("simple %f, intended %f\n", simple, intended);
  assert_true(intended > 5 * simple);
  for (size_t i = 0; i < 2; i++) {
    const char *which = i ? "intended" : "simple";
    assert_true(json_integer_value(at(l, which, "p50")) <= json_integer_value(at(l, which, "p99")));
    assert_true(json_integer_value(at(l, which, "p999")) <= json_integer_value(at(l, which, "max")));
  }
  json_decref(r);
}

static void a_given_rate_is_kept_and_a_closed_loop_does_not_wait(void **state) {
  (void)state;
  json_t *r = run("-c gen3 -p requests=4000 -p rate=20000 -p sessions=100 --heap 16M -n 1 -i 1", 0);
  json_t *iteration = json_array_get(
      json_object_get(json_array_get(json_object_get(cell(r, 0), "invocations"), 0), "iterations"), 0);
  double seconds = json_number_value(json_object_get(iteration, "wall_ns")) / 1e9;
  assert_true(json_number_value(json_object_get(latency(r, 0), "rate")) == 20000);
  if (seconds < .17) print_error("4000 requests at 20000/s took %f s\n", seconds);
  assert_true(seconds > .17); /* 0.2 s on average, give or take 3 ms a sigma */
  json_decref(r);
  r = run("-c gen3 -p requests=4000 -p load=0 -p sessions=100 --heap 16M -n 1 -i 1", 0);
  assert_true(json_equal(at(latency(r, 0), "simple", "max"), at(latency(r, 0), "intended", "max")));
  json_decref(r);
}

static void the_table_shows_both_times(void **state) {
  (void)state;
  answer a =
      gcbench("run -w requests,trees -p depth=8 -p requests=2000 -p sessions=500 -c gen3 -n 1 -i 1 -q");
  expect_status(&a, 0);
  expect_contains(a.out, "from start of service");
  expect_contains(a.out, "from intended arrival");
  answer_free(&a);
}

static void the_highest_rate_is_searched(void **state) {
  (void)state;
  json_t *r = run("-c gen3 -p requests=2000 -p sessions=500 -n 1 -i 1 --slo p50=20s", 0);
  json_t *slo = json_object_get(cell(r, 0), "slo");
  double saturation = json_number_value(json_object_get(slo, "saturation"));
  assert_true(json_number_value(json_object_get(slo, "rate")) >= 1.99 * saturation);
  assert_true(json_is_null(json_object_get(slo, "violated_rate")));
  assert_int_equal(json_array_size(json_object_get(cell(r, 0), "invocations")), 1);
  json_decref(r);
  r = run("-c gen3 -p requests=2000 -p sessions=500 -n 1 -i 1 --slo p50=1ns", 0);
  slo = json_object_get(cell(r, 0), "slo");
  assert_true(json_is_null(json_object_get(slo, "rate")));
  assert_true(json_number_value(json_object_get(slo, "violated_rate")) > 0);
  json_decref(r);
}

static void objectives_that_make_no_sense(void **state) {
  (void)state;
  static const char *const words[] = {"p99", "p98=2ms", "p99=", "p99=2apples", "p99=0ms", "=2ms"};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    char line[200];
    snprintf(line, sizeof line, "run -w requests -c gen3 --slo %s", words[i]);
    answer a = gcbench(line);
    expect_status(&a, 2);
    expect_contains(a.err, "--slo");
    answer_free(&a);
  }
  answer a = gcbench("run -w trees -c gen3 --slo p99=2ms");
  expect_status(&a, 2);
  expect_contains(a.err, "no parameter 'rate'");
  answer_free(&a);
  a = gcbench("run -w requests -c gen3 --slo p99=2ms --latency");
  expect_status(&a, 2);
  expect_contains(a.err, "not together with --slo");
  answer_free(&a);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_collector_serves_the_same),
      cmocka_unit_test(waiting_during_a_pause_counts),
      cmocka_unit_test(a_given_rate_is_kept_and_a_closed_loop_does_not_wait),
      cmocka_unit_test(the_table_shows_both_times),
      cmocka_unit_test(the_highest_rate_is_searched),
      cmocka_unit_test(objectives_that_make_no_sense),
  };
  return cmocka_run_group_tests(tests, enter_scratch, leave_scratch);
}
