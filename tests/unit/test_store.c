/* The store: what goes in comes out, by every name, also after a death. */
#include "run_documents.h"

#include <sys/stat.h>

#include "results/analysis/document.h"
#include "results/store/runs.h"

static char why[4500];

static void a_run_comes_back_as_it_went_in(void **state) {
  (void)state;
  struct gcb_store *s = must_open("round", GCB_STORE_WRITE);
  json_t *run = some_run("first", NULL, "fast");
  int64_t id = gcb_store_begin(s, run, why, sizeof why);
  assert_true(id > 0);
  for (size_t k = 0; k < 2; k++)
    for (size_t i = 0; i < 2; i++) {
      measure(run, i, 1000 + 100 * (int)k);
      json_t *all = json_object_get(cell_of(run, i), "invocations");
      assert_true(gcb_store_add(s, id, i, cell_of(run, i), "invocations", k, json_array_get(all, k), why,
                                sizeof why));
    }
  gcb_document_finish(run, "never");
  assert_true(gcb_store_end(s, id, run, why, sizeof why));
  gcb_store_close(s);
  json_t *back = gcb_load_run("first", "round", why, sizeof why);
  assert_true(json_equal(json_object_get(back, "cells"), json_object_get(run, "cells")));
  assert_true(json_equal(json_object_get(back, "context"), json_object_get(run, "context")));
  assert_true(json_is_false(json_object_get(back, "interrupted")));
  assert_string_equal(word_of(json_object_get(back, "run"), "uuid"),
                      word_of(json_object_get(run, "run"), "uuid"));
  json_decref(back);
  json_decref(run);
}

static void a_run_that_died_keeps_every_invocation_that_ended(void **state) {
  (void)state;
  struct gcb_store *s = must_open("died", GCB_STORE_WRITE);
  int64_t id = begin_and_add(s, NULL);
  struct gcb_store *beside = must_open("died", GCB_STORE_READ);
  json_t *runs = gcb_store_runs(beside, 0, why, sizeof why);
  assert_string_equal(word_of(json_array_get(runs, 0), "status"), "running");
  json_decref(runs);
  assert_false(gcb_store_resume(beside, id, why, sizeof why));
  expect_part(why, "another process");
  assert_false(gcb_store_delete(beside, id, why, sizeof why));
  gcb_store_close(beside);
  gcb_store_close(s); /* what holds it is gone, as after kill -9 */

  s = must_open("died", GCB_STORE_READ);
  runs = gcb_store_runs(s, 0, why, sizeof why);
  assert_string_equal(word_of(json_array_get(runs, 0), "status"), "killed");
  assert_int_equal(json_integer_value(json_object_get(json_array_get(runs, 0), "done")), 1);
  json_decref(runs);
  json_t *run = gcb_store_load(s, id, true, why, sizeof why);
  assert_int_equal(json_array_size(json_object_get(cell_of(run, 0), "invocations")), 1);
  assert_string_equal(word_of(cell_of(run, 1), "status"), "failed");
  assert_string_equal(word_of(cell_of(run, 1), "reason"), "killed before its first invocation ended");
  json_decref(run);
  /* Opening it made the points that history reads. */
  assert_true(query(s, "SELECT value FROM points JOIN series ON id = series WHERE metric = 'wall_ns'") ==
              1000);
  gcb_store_close(s);
}

static void every_word_for_a_run_finds_it(void **state) {
  (void)state;
  struct gcb_store *s = must_open("words", GCB_STORE_WRITE);
  must_import(s, a_measured_run("b.2", "2026-01-02T00:00:00.000Z", "fast"));
  must_import(s, a_measured_run("a", "2026-01-01T00:00:00.000Z", "fast"));
  json_t *third = a_measured_run(NULL, "2026-01-03T00:00:00.000Z", "fast");
  json_object_set_new(json_object_get(third, "run"), "uuid",
                      json_string("c0ffee00-0000-4000-8000-000000000000"));
  must_import(s, third);
  static const struct {
    const char *word;
    int64_t id;
  } words[] = {{"a", 2}, {"b.2", 1}, {"1", 1}, {"last", 3}, {"last~1", 1}, {"last~2", 2}, {"c0ffee00", 3}};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    assert_int_equal(gcb_store_find(s, words[i].word, why, sizeof why), words[i].id);
  assert_int_equal(gcb_store_find(s, "last~3", why, sizeof why), 0);
  expect_part(why, "has 3 runs");
  assert_int_equal(gcb_store_find(s, "tress", why, sizeof why), 0);
  expect_part(why, "tress");
  gcb_store_close(s);
}

static void a_name_is_one_run_s_and_can_be_told_from_other_words(void **state) {
  (void)state;
  static const char *const bad[] = {"", "12", "last", "x.json", "a/b", "a b"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) assert_false(gcb_store_name_good(bad[i]));
  assert_true(gcb_store_name_good("2026-11-20"));
  struct gcb_store *s = must_open("names", GCB_STORE_WRITE);
  int64_t id = must_import(s, a_measured_run("mine", "2026-01-01T00:00:00.000Z", "fast"));
  json_t *other = some_run("mine", NULL, "fast");
  assert_int_equal(gcb_store_begin(s, other, why, sizeof why), 0);
  expect_part(why, "is called mine already");
  assert_true(gcb_store_rename(s, id, "yours", why, sizeof why));
  int64_t second = gcb_store_begin(s, other, why, sizeof why);
  assert_true(second > 0);
  assert_false(gcb_store_rename(s, second, "yours", why, sizeof why));
  assert_false(gcb_store_rename(s, second, "no name", why, sizeof why));
  json_decref(other);
  gcb_store_close(s);
}

static void what_is_missing_can_be_added_to_a_killed_run_only(void **state) {
  (void)state;
  struct gcb_store *s = must_open("resume", GCB_STORE_WRITE);
  int64_t ended = must_import(s, a_measured_run("ended", NULL, "fast"));
  assert_false(gcb_store_resume(s, ended, why, sizeof why));
  expect_part(why, "nothing of it is missing");
  int64_t id = begin_and_add(s, "torn");
  json_t *run = some_run(NULL, NULL, "fast"), *late = some_invocation(3000);
  /* Number 1 was lost to a full disk, number 2 was not. */
  assert_true(gcb_store_add(s, id, 0, cell_of(run, 0), "invocations", 2, late, why, sizeof why));
  gcb_store_close(s);
  s = must_open("resume", GCB_STORE_WRITE);
  assert_true(gcb_store_resume(s, id, why, sizeof why));
  assert_true(query(s, "SELECT max(ordinal) FROM invocations WHERE run = 2") == 1);
  /* An ordinal that is taken stays as it is. */
  assert_true(gcb_store_add(s, id, 0, cell_of(run, 0), "invocations", 0, late, why, sizeof why));
  json_t *back = gcb_store_load(s, id, false, why, sizeof why);
  json_t *first = json_array_get(json_object_get(cell_of(back, 0), "invocations"), 0);
  json_t *expected = some_invocation(1000);
  assert_true(json_equal(first, expected));
  assert_true(query(s, "SELECT done FROM runs WHERE id = 2") == 2);
  json_decref(expected);
  json_decref(back);
  json_decref(late);
  json_decref(run);
  gcb_store_close(s);
}

static void what_could_not_be_stored_is_stored_at_the_end(void **state) {
  (void)state;
  struct gcb_store *s = must_open("late", GCB_STORE_WRITE);
  json_t *run = some_run(NULL, NULL, "fast");
  int64_t id = gcb_store_begin(s, run, why, sizeof why);
  measure(run, 0, 1000); /* and never added */
  measure(run, 1, 1000);
  assert_true(gcb_store_end(s, id, run, why, sizeof why));
  json_t *back = gcb_store_load(s, id, false, why, sizeof why);
  for (size_t i = 0; i < 2; i++) assert_true(json_equal(cell_of(back, i), cell_of(run, i)));
  json_decref(back);
  json_decref(run);
  gcb_store_close(s);
}

static void a_document_is_one_run_however_often_it_is_imported(void **state) {
  (void)state;
  struct gcb_store *s = must_open("import", GCB_STORE_WRITE);
  json_t *old = a_measured_run(NULL, NULL, "fast"); /* as files were before runs had identities */
  json_object_del(old, "run");
  int64_t id = must_import(s, json_deep_copy(old));
  assert_int_equal(must_import(s, json_deep_copy(old)), id);
  measure(old, 0, 5);
  assert_int_not_equal(must_import(s, old), id);
  gcb_store_close(s);
}

/* The run was imported when it had been interrupted; then it was resumed and finished elsewhere. */
static void a_later_state_of_a_run_brings_it_up_to_date(void **state) {
  (void)state;
  struct gcb_store *s = must_open("later", GCB_STORE_WRITE);
  json_t *run = some_run("grown", NULL, "fast");
  json_object_set_new(json_object_get(run, "run"), "uuid",
                      json_string("11111111-2222-4333-8444-555555555555"));
  measure(run, 0, 1000);
  json_object_set_new(run, "interrupted", json_true());
  json_t *early = json_deep_copy(run);
  measure(run, 0, 1100);
  measure(run, 1, 1200);
  json_object_set_new(run, "interrupted", json_false());
  json_t *late = json_deep_copy(run);
  gcb_document_finish(early, "interrupted before its first invocation ended");
  gcb_document_finish(late, "never");

  int64_t id = must_import(s, json_deep_copy(early));
  assert_true(query(s, "SELECT done FROM runs") == 1 && query(s, "SELECT interrupted FROM runs") == 1);
  /* The second time nothing is new; then an earlier state comes after the later one. */
  json_t *const documents[] = {late, late, early};
  for (size_t i = 0; i < 3; i++) {
    assert_int_equal(must_import(s, json_deep_copy(documents[i])), id);
    assert_true(query(s, "SELECT count(*) FROM runs") == 1 && query(s, "SELECT done FROM runs") == 3);
    assert_true(query(s, "SELECT count(*) FROM invocations") == 3);
    assert_true(query(s, "SELECT interrupted FROM runs") == 0);
    json_t *back = gcb_store_load(s, id, true, why, sizeof why);
    assert_true(json_equal(json_object_get(back, "cells"), json_object_get(late, "cells")));
    json_decref(back);
  }
  json_decref(early);
  json_decref(late);
  json_decref(run);
  gcb_store_close(s);
}

static void a_series_is_a_metric_of_a_cell_on_a_machine(void **state) {
  (void)state;
  struct gcb_store *s = must_open("series", GCB_STORE_WRITE);
  must_import(s, a_measured_run(NULL, "2026-01-01T00:00:00.000Z", "fast"));
  must_import(s, a_measured_run(NULL, "2026-01-02T00:00:00.000Z", "fast"));
  must_import(s, a_measured_run(NULL, "2026-01-03T00:00:00.000Z", "slow"));
#define OF_TREES                                                                                             \
  "FROM series JOIN cells ON cells.id = cell JOIN points ON series = series.id WHERE metric = 'wall_ns' "    \
  "AND "                                                                                                     \
  "workload = 'trees'"
  assert_true(query(s, "SELECT count(DISTINCT series.id) " OF_TREES) == 2);
  assert_true(query(s, "SELECT count(*) " OF_TREES) == 3);
  /* Of 1000 and 2000: mean 1500, deviation 500 sqrt 2. */
  assert_true(query(s, "SELECT value " OF_TREES) == 1500);
  assert_true(fabs(query(s, "SELECT spread " OF_TREES) - 707.10678) < .0001);
  assert_true(query(s, "SELECT points.n " OF_TREES) == 2);
  assert_true(
      query(s, "SELECT value FROM series JOIN points ON series = id WHERE metric = 'pause_total_ns'") ==
      1200);
  gcb_store_close(s);
}

static void a_deleted_run_takes_its_points_and_nothing_else(void **state) {
  (void)state;
  struct gcb_store *s = must_open("delete", GCB_STORE_WRITE);
  int64_t id = must_import(s, a_measured_run(NULL, "2026-01-01T00:00:00.000Z", "fast"));
  double points = query(s, "SELECT count(*) FROM points");
  must_import(s, a_measured_run("stays", "2026-01-02T00:00:00.000Z", "fast"));
  assert_true(gcb_store_delete(s, id, why, sizeof why));
  assert_true(query(s, "SELECT count(*) FROM points") == points);
  assert_true(query(s, "SELECT count(*) FROM invocations") == 4);
  assert_int_equal(gcb_store_find(s, "last", why, sizeof why), gcb_store_find(s, "stays", why, sizeof why));
  json_t *run = gcb_load_run("stays", "delete", why, sizeof why);
  assert_non_null(run);
  json_decref(run);
  gcb_store_close(s);
}

static void the_folder_is_what_was_said_then_the_environment_s(void **state) {
  (void)state;
  char folder[4000];
  setenv("GCBENCH_RESULTS", "/from/environment", 1);
  gcb_store_folder("said", folder, sizeof folder);
  assert_string_equal(folder, "said");
  gcb_store_folder(NULL, folder, sizeof folder);
  assert_string_equal(folder, "/from/environment");
  unsetenv("GCBENCH_RESULTS");
  gcb_store_folder(NULL, folder, sizeof folder);
  assert_string_equal(folder, GCB_SOURCE_FOLDER "/.gcbench"); /* this test runs in its build tree */
}

static void a_folder_of_sources_takes_no_store(void **state) {
  (void)state;
  assert_int_equal(mkdir("sources", 0777), 0);
  fclose(fopen("sources/main.c", "w"));
  assert_null(gcb_store_open("sources", GCB_STORE_WRITE, why, sizeof why));
  expect_part(why, "sources is a folder of source files");
  expect_part(why, "name another with --results DIR");
  assert_int_equal(access("sources/gcbench.sqlite", F_OK), -1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_run_comes_back_as_it_went_in),
      cmocka_unit_test(a_run_that_died_keeps_every_invocation_that_ended),
      cmocka_unit_test(every_word_for_a_run_finds_it),
      cmocka_unit_test(a_name_is_one_run_s_and_can_be_told_from_other_words),
      cmocka_unit_test(what_is_missing_can_be_added_to_a_killed_run_only),
      cmocka_unit_test(what_could_not_be_stored_is_stored_at_the_end),
      cmocka_unit_test(a_document_is_one_run_however_often_it_is_imported),
      cmocka_unit_test(a_later_state_of_a_run_brings_it_up_to_date),
      cmocka_unit_test(a_series_is_a_metric_of_a_cell_on_a_machine),
      cmocka_unit_test(a_deleted_run_takes_its_points_and_nothing_else),
      cmocka_unit_test(the_folder_is_what_was_said_then_the_environment_s),
      cmocka_unit_test(a_folder_of_sources_takes_no_store),
  };
  return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
