/* Stores joined: runs once, parts of a suite as one run. */
#include "run_documents.h"

#include "results/model/fingerprint.h"
#include "results/store/store_merge.h"

static char why[4500];

static gcb_merged must_merge(struct gcb_store *into, const char *folder) {
  gcb_merged counts = {0};
  bool good = gcb_store_merge(into, folder, &counts, why, sizeof why);
  if (!good) print_error("%s\n", why);
  assert_true(good);
  return counts;
}

static void make(const char *folder, json_t *run) {
  struct gcb_store *s = must_open(folder, GCB_STORE_WRITE);
  must_import(s, run);
  gcb_store_close(s);
}

static void two_stores_become_one_and_a_second_time_changes_nothing(void **state) {
  (void)state;
  make("one", a_measured_run("x", "2026-01-01T00:00:00.000Z", "fast"));
  make("two", a_measured_run("y", "2026-01-02T00:00:00.000Z", "slow"));
  struct gcb_store *s = must_open("all", GCB_STORE_WRITE), *two = must_open("two", GCB_STORE_READ);
  assert_int_equal(must_merge(s, "one").runs, 1);
  assert_int_equal(must_merge(s, "two").runs, 1);
  double points = query(s, "SELECT count(*) FROM points");
  gcb_merged again = must_merge(s, "one");
  assert_int_equal(again.runs, 0);
  assert_int_equal(again.same, 1);
  assert_true(query(s, "SELECT count(*) FROM runs") == 2);
  assert_true(query(s, "SELECT count(*) FROM invocations") == 8);
  assert_true(query(s, "SELECT count(*) FROM points") == points);
  assert_true(query(s, "SELECT count(*) FROM points") == 2 * query(two, "SELECT count(*) FROM points"));
  assert_true(query(s, "SELECT count(*) FROM cells") == 2);
  json_t *here = gcb_store_load(s, gcb_store_find(s, "y", why, sizeof why), true, why, sizeof why);
  json_t *there = gcb_store_load(two, 1, true, why, sizeof why);
  assert_true(json_equal(here, there));
  json_decref(here);
  json_decref(there);
  assert_true(gcb_store_check(s, why, sizeof why));
  gcb_store_close(two);
  gcb_store_close(s);
}

static void a_name_that_is_taken_is_lost_and_counted(void **state) {
  (void)state;
  make("n1", a_measured_run("night", "2026-01-01T00:00:00.000Z", "fast"));
  make("n2", a_measured_run("night", "2026-01-02T00:00:00.000Z", "fast"));
  struct gcb_store *s = must_open("n1", GCB_STORE_WRITE);
  gcb_merged counts = must_merge(s, "n2");
  assert_int_equal(counts.runs, 1);
  assert_int_equal(counts.nameless, 1);
  assert_int_equal(gcb_store_find(s, "night", why, sizeof why), 1);
  gcb_store_close(s);
}

static void a_run_that_went_on_meanwhile_is_brought_up_to_date(void **state) {
  (void)state;
  struct gcb_store *source = must_open("going", GCB_STORE_WRITE), *s = must_open("target", GCB_STORE_WRITE);
  int64_t id = begin_and_add(source, "going");
  assert_int_equal(must_merge(s, "going").runs, 1);
  assert_true(query(s, "SELECT done FROM runs") == 1);
  json_t *run = gcb_store_load(source, id, false, why, sizeof why);
  measure(run, 1, 4000);
  assert_true(gcb_store_end(source, id, run, why, sizeof why));
  assert_int_equal(must_merge(s, "going").runs, 1);
  assert_int_equal(must_merge(s, "going").same, 1);
  assert_true(query(s, "SELECT done FROM runs WHERE ended IS NOT NULL") == 2);
  assert_true(query(s, "SELECT count(*) FROM points") == query(source, "SELECT count(*) FROM points"));
  json_decref(run);
  gcb_store_close(source);
  gcb_store_close(s);
}

/* Part `number` of 2 of a suite of trees, cycles, trees2, cycles2: every second cell. */
static json_t *part(int number, const char *uuid, const char *cpu) {
  static const char *const workloads[] = {"trees", "cycles", "trees2", "cycles2"};
  json_t *run = some_run(NULL, NULL, cpu), *about = json_object_get(run, "run");
  json_array_clear(json_object_get(run, "cells"));
  for (int i = number - 1; i < 4; i += 2)
    json_array_append_new(json_object_get(run, "cells"), some_cell(workloads[i], "gen3"));
  for (size_t i = 0; i < 2; i++) measure(run, i, 1000 * number + (int)i);
  json_object_set_new(about, "uuid", json_string(uuid));
  json_object_set_new(about, "planned", json_integer(2));
  json_object_set_new(
      about, "shard",
      json_pack("{s:s, s:s, s:i, s:i}", "suite", "5u17e", "suite_name", "suite", "number", number, "of", 2));
  return run;
}

static void parts_of_a_suite_become_the_suite(void **state) {
  (void)state;
  make("left", part(1, "part-1", "fast"));
  make("right", part(2, "part-2", "slow"));
  struct gcb_store *s = must_open("suite", GCB_STORE_WRITE);
  assert_int_equal(must_merge(s, "right").shards, 1);
  json_t *runs = gcb_store_runs(s, 0, why, sizeof why);
  assert_string_equal(word_of(json_array_get(runs, 0), "status"), "partial");
  json_decref(runs);
  assert_int_equal(must_merge(s, "left").shards, 1);
  assert_int_equal(must_merge(s, "left").same, 1);
  runs = gcb_store_runs(s, 0, why, sizeof why);
  assert_int_equal(json_array_size(runs), 1);
  const json_t *one = json_array_get(runs, 0);
  assert_string_equal(word_of(one, "status"), "done");
  assert_string_equal(word_of(one, "name"), "suite");
  assert_string_equal(word_of(one, "workloads"), "trees,cycles,trees2,cycles2");
  assert_int_equal(json_integer_value(json_object_get(one, "planned")), 4);
  assert_int_equal(json_integer_value(json_object_get(one, "done")), 4);
  json_decref(runs);
  json_t *run = gcb_store_load(s, 1, false, why, sizeof why);
  static const char *const order[] = {"trees", "cycles", "trees2", "cycles2"};
  static const int walls[] = {1000, 2000, 1001, 2001};
  for (size_t i = 0; i < 4; i++) {
    json_t *expected = some_invocation(walls[i]);
    assert_string_equal(word_of(cell_of(run, i), "workload"), order[i]);
    assert_true(json_equal(json_array_get(json_object_get(cell_of(run, i), "invocations"), 0), expected));
    json_decref(expected);
  }
  assert_int_equal(json_array_size(json_object_get(json_object_get(run, "context"), "shards")), 2);
  json_decref(run);
  /* Each cell's figures stay with the machine that it ran on. */
  assert_true(query(s, "SELECT count(DISTINCT machine) FROM series") == 2);
  gcb_store_close(s);
}

static void a_part_that_is_there_from_another_run_stays_a_run_of_its_own(void **state) {
  (void)state;
  make("night1", part(1, "part-1", "fast"));
  make("night2", part(1, "part-1-again", "fast"));
  struct gcb_store *s = must_open("nights", GCB_STORE_WRITE);
  must_merge(s, "night1");
  gcb_merged counts = must_merge(s, "night2");
  assert_int_equal(counts.beside, 1);
  assert_int_equal(counts.runs, 1);
  assert_true(query(s, "SELECT count(*) FROM runs") == 2);
  gcb_store_close(s);
}

static void a_store_that_is_not_there_cannot_be_merged(void **state) {
  (void)state;
  gcb_merged counts = {0};
  struct gcb_store *s = must_open("into", GCB_STORE_WRITE);
  assert_false(gcb_store_merge(s, "absent", &counts, why, sizeof why));
  expect_part(why, "absent");
  gcb_store_close(s);
}

static void a_fingerprint_tells_what_changed_and_not_the_host(void **state) {
  (void)state;
  json_t *a = json_pack("{s:s, s:s, s:s, s:I}", "host", "n1", "kernel", "6.1.0-18", "governor", "powersave",
                        "memory_bytes", (json_int_t)16 << 30);
  json_t *b = json_pack("{s:s, s:s, s:s, s:I}", "host", "n2", "kernel", "6.1.0-21", "governor", "powersave",
                        "memory_bytes", ((json_int_t)16 << 30) - 4096);
  json_t *one = gcb_fingerprint(a), *other = gcb_fingerprint(b);
  char text[200], key[17], same[17];
  assert_string_equal(gcb_fingerprint_difference(one, other, text, sizeof text),
                      "kernel 6.1.0-18 -> 6.1.0-21");
  assert_true(gcb_fingerprint_key(one, key) && gcb_fingerprint_key(other, same));
  assert_string_not_equal(key, same);
  json_object_set_new(b, "kernel", json_string("6.1.0-18"));
  json_decref(other);
  other = gcb_fingerprint(b);
  assert_true(gcb_fingerprint_key(other, same));
  assert_string_equal(key, same);
  json_decref(one);
  json_decref(other);
  json_decref(a);
  json_decref(b);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(two_stores_become_one_and_a_second_time_changes_nothing),
      cmocka_unit_test(a_name_that_is_taken_is_lost_and_counted),
      cmocka_unit_test(a_run_that_went_on_meanwhile_is_brought_up_to_date),
      cmocka_unit_test(parts_of_a_suite_become_the_suite),
      cmocka_unit_test(a_part_that_is_there_from_another_run_stays_a_run_of_its_own),
      cmocka_unit_test(a_store_that_is_not_there_cannot_be_merged),
      cmocka_unit_test(a_fingerprint_tells_what_changed_and_not_the_host),
  };
  return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
