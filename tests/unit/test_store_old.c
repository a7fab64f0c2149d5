/* A store that version 0.1.0 wrote opens, and every run of it can be read. */
#include "run_documents.h"

#include "results/store/runs.h"

static char why[4500];

static void copy_store(const char *folder) {
  char command[600];
  snprintf(command, sizeof command, "mkdir -p %s && cp '%s/0.1.0/gcbench.sqlite' %s/", folder, GCB_TEST_DATA,
           folder);
  assert_int_equal(system(command), 0);
}

static void every_run_of_an_old_store_is_there(void **state) {
  (void)state;
  copy_store("old");
  struct gcb_store *s = must_open("old", GCB_STORE_WRITE);
  assert_true(query(s, "SELECT count(*) FROM runs") == 9);
  assert_true(query(s, "SELECT sum(done) FROM runs") == query(s, "SELECT count(*) FROM invocations"));
  for (int64_t run = 1; run <= 9; run++) {
    json_t *document = gcb_store_load(s, run, true, why, sizeof why);
    if (!document) print_error("%s\n", why);
    assert_non_null(document);
    size_t cells = json_array_size(json_object_get(document, "cells"));
    char count[80];
    snprintf(count, sizeof count, "SELECT count(*) FROM run_cells WHERE run = %d", (int)run);
    assert_true((double)cells == query(s, count));
    json_decref(document);
  }
  assert_true(gcb_store_check(s, why, sizeof why));
  gcb_store_close(s);
}

/* One configuration in several spellings was several cells, each with series of its own. */
static void series_that_were_one_configuration_are_one(void **state) {
  (void)state;
  copy_store("joined");
  struct gcb_store *s = must_open("joined", GCB_STORE_WRITE);
  static const struct {
    const char *where; /* of the cells table */
    int runs;          /* that have it */
  } cells[] = {
      {"workload = 'trees' AND options = 'gen3'", 4},             /* none, 4M, 4096K; depth 8 and 08 */
      {"workload = 'trees' AND options = 'gen3 nursery=64K'", 1}, /* 64K, 65536; 3x, 3.0x: four in one run */
      {"workload = 'trees' AND options = 'marksweep'", 1},        /* 8M, 8192K */
      {"workload = 'churn' AND options = 'semispace'", 1},        /* survival 0.1, 0.10 */
  };
  for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
    char sql[400];
    snprintf(sql, sizeof sql, "SELECT count(*) FROM cells WHERE %s", cells[i].where);
    assert_true(query(s, sql) == 1);
    snprintf(sql, sizeof sql,
             "SELECT count(DISTINCT run) FROM run_cells JOIN cells ON cells.id = cell WHERE %s",
             cells[i].where);
    assert_true(query(s, sql) == cells[i].runs);
    snprintf(
        sql, sizeof sql,
        "SELECT count(*) FROM points JOIN series ON series.id = series JOIN cells ON cells.id = cell WHERE "
        "metric = 'wall_ns' AND %s",
        cells[i].where);
    assert_true(query(s, sql) == cells[i].runs);
  }
  assert_true(query(s, "SELECT count(*) FROM cells WHERE options LIKE '%4096K%' OR params LIKE '%=08%' OR "
                       "params LIKE '%0.10%'") == 0);
  /* The run that had four of them in one has one point of all their iterations. */
  assert_true(
      query(s, "SELECT n FROM points JOIN series ON series.id = series JOIN cells ON cells.id = cell "
               "WHERE metric = 'wall_ns' AND options = 'gen3 nursery=64K'") ==
      query(s, "SELECT count(*) FROM invocations JOIN run_cells ON run_cells.run = invocations.run AND "
               "run_cells.ordinal = invocations.cell JOIN cells ON cells.id = run_cells.cell WHERE options = "
               "'gen3 nursery=64K'"));
  gcb_store_close(s);
  s = must_open("joined", GCB_STORE_WRITE); /* once is enough */
  gcb_store_close(s);
}

static void a_document_of_the_old_version_is_read_in_canonical_words(void **state) {
  (void)state;
  char path[600];
  copy_store("files");
  struct gcb_store *s = must_open("files", GCB_STORE_READ);
  int64_t id = gcb_store_find(s, "explicit-default", why, sizeof why);
  json_t *document = gcb_store_load(s, id, true, why, sizeof why);
  assert_int_equal(json_object_size(json_object_get(cell_of(document, 0), "options")), 0);
  json_decref(document);
  gcb_store_close(s);
  snprintf(path, sizeof path, "%s/0.1.0/run.json", GCB_TEST_DATA);
  document = gcb_load_file(path, why, sizeof why);
  assert_non_null(document);
  json_decref(document);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_run_of_an_old_store_is_there),
      cmocka_unit_test(series_that_were_one_configuration_are_one),
      cmocka_unit_test(a_document_of_the_old_version_is_read_in_canonical_words),
  };
  return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
