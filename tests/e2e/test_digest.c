/* The same seed is the same operations, on every collector that there is: the digest over the sequence of
 * operations of each workload is one number. And every workload has a card. */
#include "shell.h"

/* Small enough for all collectors in a second. A workload that is missing here fails the first test. */
static const struct {
  const char *workload, *params;
} small[] = {
    {"chunks", "-p input=lines.txt -p passes=1 -p keep=50 -p segment=512"},
    {"churn", "-p records=4000 -p live=1024"},
    {"cycles", "-p nodes=4000 -p live=400"},
    {"finalize", "-p window=100 -p ops=2000"},
    {"generators", "-p pipelines=20 -p items=30"},
    {"mutate", "-p nodes=500 -p ops=8000"},
    {"nesting", "-p depth=500 -p levels=4000"},
    {"quads", "-p depth=4 -p trees=100"},
    {"requests", "-p requests=300 -p sessions=50"},
    {"trees", "-p depth=6"},
    {"weak", "-p keys=300 -p strong=100 -p ops=4000"},
};
enum { SMALL = sizeof small / sizeof *small };

static int write_input(void **state) {
  if (enter_scratch(state)) return -1;
  FILE *f = fopen("lines.txt", "w");
  for (int i = 0; f && i < 300; i++)
    fprintf(f, "%04X;NAME %d;Lu;%d;L;;;;;N;;;;%04X;\n", i, i * i, i % 7, i + 1);
  return f && fclose(f) == 0 ? 0 : -1;
}

static void every_workload_is_in_the_table(void **state) {
  (void)state;
  json_error_t error;
  answer a = gcbench("list workloads --json");
  expect_status(&a, 0);
  json_t *all = json_loads(a.out, 0, &error), *one;
  size_t i;
  assert_int_equal(json_array_size(json_object_get(all, "workloads")), SMALL);
  json_array_foreach(json_object_get(all, "workloads"), i, one) {
    bool there = false;
    for (size_t k = 0; k < SMALL; k++) there |= strcmp(small[k].workload, word(one, "name")) == 0;
    if (!there) fail_msg("%s is not in the table of this test", word(one, "name"));
  }
  json_decref(all);
  answer_free(&a);
}

static const char *digest_of(const json_t *cell) {
  const json_t *invocation = json_array_get(json_object_get(cell, "invocations"), 0);
  return word(json_object_get(invocation, "counts"), "digest");
}

/* Cells that ended ok; each has the digest of the others, which goes to `digest`. */
static size_t agreeing(size_t k, const char *seed, char digest[32]) {
  char line[600];
  size_t i, n = 0;
  json_t *cell;
  snprintf(line, sizeof line, "run -w %s %s -c all --heap 64M -n 1 -i 1 --seed %s -q --json d.json",
           small[k].workload, small[k].params, seed);
  answer a = gcbench(line);
  expect_status(&a, 0);
  answer_free(&a);
  json_t *r = load("d.json");
  digest[0] = 0;
  json_array_foreach(json_object_get(r, "cells"), i, cell) {
    if (strcmp(word(cell, "status"), "unsupported") == 0) continue;
    if (!digest[0]) snprintf(digest, 32, "%s", digest_of(cell));
    if (strcmp(digest_of(cell), digest) != 0)
      fail_msg("%s on %s did other operations", small[k].workload, word(cell, "collector"));
    n++;
  }
  json_decref(r);
  return n;
}

static void the_same_seed_is_the_same_operations_on_every_collector(void **state) {
  (void)state;
  for (size_t k = 0; k < SMALL; k++) {
    char first[32], other[32];
    size_t n = agreeing(k, "1", first);
    assert_true(strlen(first) == 16);
    if (n < 7) fail_msg("%s ran on %zu collectors only", small[k].workload, n);
    if (k > 1) continue;
    agreeing(k, "1", other);
    assert_string_equal(first, other);
    agreeing(k, "2", other);
    if (k == 1) assert_string_not_equal(first, other); /* draws from it */
  }
}

static void every_workload_has_a_card(void **state) {
  (void)state;
  for (size_t k = 0; k < SMALL; k++) {
    char line[600];
    json_error_t error;
    snprintf(line, sizeof line, "list workloads --card -w %s %s --json", small[k].workload, small[k].params);
    answer a = gcbench(line);
    expect_status(&a, 0);
    json_t *all = json_loads(a.out, 0, &error), *card = json_array_get(json_object_get(all, "cards"), 0);
    if (strcmp(word(card, "status"), "ok") != 0) fail_msg("%s: %s", small[k].workload, word(card, "reason"));
    assert_true(json_number_value(json_object_get(card, "turnover")) > 0);
    assert_true(json_number_value(json_object_get(card, "depth")) > 0);
    assert_true(json_array_size(json_object_get(card, "survival")) > 0);
    json_decref(all);
    answer_free(&a);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_workload_is_in_the_table),
      cmocka_unit_test(the_same_seed_is_the_same_operations_on_every_collector),
      cmocka_unit_test(every_workload_has_a_card),
  };
  return cmocka_run_group_tests(tests, write_input, leave_scratch);
}
