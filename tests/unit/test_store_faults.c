/* What goes wrong with a store is said in one sentence that names it, and takes nothing that was stored. */
#include "run_documents.h"

#include "results/store/compressed_blob.h"
#include "results/store/schema.h"
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

static char why[4500];

static void expect_refused(const char *folder, gcb_store_use use, const char *part) {
  *why = 0;
  assert_null(gcb_store_open(folder, use, why, sizeof why));
  expect_part(why, part);
  expect_part(why, folder);
  assert_null(strchr(why, '\n'));
}

/* A sound store with one run, closed. */
static void make(const char *folder) {
  struct gcb_store *s = must_open(folder, GCB_STORE_WRITE);
  must_import(s, a_measured_run("kept", NULL, "fast"));
  gcb_store_close(s);
}

static void overwrite(const char *path, long from, const char *bytes, size_t n) {
  FILE *f = fopen(path, "r+b");
  assert_non_null(f);
  fseek(f, from, from < 0 ? SEEK_END : SEEK_SET);
  assert_int_equal(fwrite(bytes, 1, n, f), n);
  fclose(f);
}

static void a_folder_without_a_store_has_nothing_to_read(void **state) {
  (void)state;
  expect_refused("nowhere", GCB_STORE_READ, "no run was kept there yet");
  assert_int_equal(access("nowhere", F_OK), -1);
}

static void a_file_is_no_folder(void **state) {
  (void)state;
  fclose(fopen("file", "w"));
  expect_refused("file", GCB_STORE_WRITE, "is a file, not a folder");
  assert_null(gcb_store_open("file/below", GCB_STORE_WRITE, why, sizeof why));
  expect_part(why, "file is a file, not a folder");
}

static void a_store_of_a_newer_version_is_left_alone(void **state) {
  (void)state;
  make("newer");
  struct gcb_store *s = must_open("newer", GCB_STORE_WRITE);
  sqlite3_exec(gcb_store_database(s), "PRAGMA user_version = 99", NULL, NULL, NULL);
  gcb_store_close(s);
  expect_refused("newer", GCB_STORE_WRITE, "newer gcbench (its version is 99");
  expect_refused("newer", GCB_STORE_READ, "newer gcbench");
}

static void somebody_else_s_database_is_left_alone(void **state) {
  (void)state;
  sqlite3 *db;
  mkdir("other", 0777);
  assert_int_equal(sqlite3_open("other/gcbench.sqlite", &db), SQLITE_OK);
  sqlite3_exec(db, "CREATE TABLE birds (name)", NULL, NULL, NULL);
  sqlite3_close(db);
  expect_refused("other", GCB_STORE_WRITE, "another program");
}

static void a_file_that_is_no_database_is_told(void **state) {
  (void)state;
  make("garbage");
  overwrite("garbage/gcbench.sqlite", 0, "this is a letter to my aunt", 27);
  expect_refused("garbage", GCB_STORE_READ, "it is no store");
}

static void a_store_that_was_cut_short_is_damaged(void **state) {
  (void)state;
  make("cut");
  assert_int_equal(truncate("cut/gcbench.sqlite", 8192), 0);
  expect_refused("cut", GCB_STORE_WRITE, "damaged");
}

static void pages_that_were_overwritten_are_found(void **state) {
  (void)state;
  char junk[4096 * 4];
  struct stat there;
  make("junk");
  memset(junk, 0x5a, sizeof junk);
  assert_int_equal(stat("junk/gcbench.sqlite", &there), 0);
  for (long page = 4096; page < there.st_size - (long)sizeof junk; page += sizeof junk)
    overwrite("junk/gcbench.sqlite", page, junk, sizeof junk);
  struct gcb_store *s = gcb_store_open("junk", GCB_STORE_READ, why, sizeof why);
  if (s) assert_false(gcb_store_check(s, why, sizeof why));
  expect_part(why, "damaged");
  gcb_store_close(s);
}

static void an_invocation_that_rotted_is_told(void **state) {
  (void)state;
  make("rot");
  struct gcb_store *s = must_open("rot", GCB_STORE_WRITE);
  sqlite3_exec(gcb_store_database(s), "UPDATE invocations SET body = zeroblob(length(body)) WHERE rowid = 1",
               NULL, NULL, NULL);
  assert_null(gcb_store_load(s, 1, true, why, sizeof why));
  expect_part(why, "run 1 cannot be read: what it holds is damaged");
  gcb_store_close(s);
}

static void bytes_that_promise_too_much_are_not_believed(void **state) {
  (void)state;
  json_t *value = json_pack("{s:i}", "a", 1);
  size_t size, plain;
  void *bytes = gcb_pack(value, &size, &plain);
  json_t *back = gcb_unpack(bytes, size, plain);
  assert_true(json_equal(back, value));
  assert_null(gcb_unpack(bytes, size, (size_t)1 << 40));
  assert_null(gcb_unpack(bytes, size, plain + 1));
  assert_null(gcb_unpack(bytes, size - 1, plain));
  json_decref(back);
  json_decref(value);
  free(bytes);
}

/* Root writes everywhere, so it becomes nobody for a while. */
static void a_read_only_folder_can_be_read_and_not_written(void **state) {
  (void)state;
  make("sealed");
  bool root = geteuid() == 0;
  assert_int_equal(chmod(".", 0755), 0);
  assert_int_equal(chmod("sealed", 0555), 0);
  assert_int_equal(chmod("sealed/gcbench.sqlite", 0444), 0);
  assert_int_equal(chmod("sealed/gcbench.running", 0444), 0);
  if (root) assert_int_equal(seteuid(65534), 0);
  struct gcb_store *s = gcb_store_open("sealed", GCB_STORE_READ, why, sizeof why);
  json_t *run = s ? gcb_store_load(s, 1, true, why, sizeof why) : NULL;
  gcb_store_close(s);
  s = gcb_store_open("sealed", GCB_STORE_WRITE, why, sizeof why);
  json_t *document = some_run(NULL, NULL, "fast");
  bool written = s && gcb_store_begin(s, document, why, sizeof why);
  gcb_store_close(s);
  if (root) assert_int_equal(seteuid(0), 0);
  chmod("sealed", 0755);
  assert_non_null(run);
  assert_false(written);
  expect_part(why, "read-only");
  json_decref(document);
  json_decref(run);
}

/* A cap on the pages of the file is what SQLite takes for a full disk. */
static void a_full_disk_loses_only_what_does_not_fit(void **state) {
  (void)state;
  struct gcb_store *s = must_open("full", GCB_STORE_WRITE);
  int64_t id = begin_and_add(s, NULL);
  char cap[80];
  snprintf(cap, sizeof cap, "PRAGMA max_page_count = %.0f", query(s, "PRAGMA page_count"));
  query(s, cap);
  json_t *run = some_run(NULL, NULL, "fast"), *large = some_invocation(1000);
  char noise[60000]; /* that does not compress */
  for (size_t i = 0; i < sizeof noise - 1; i++) noise[i] = (char)('0' + (i * i * 2654435761u >> 13) % 75);
  noise[sizeof noise - 1] = 0;
  json_object_set_new(large, "printed", json_string(noise));
  assert_false(gcb_store_add(s, id, 0, cell_of(run, 0), "invocations", 1, large, why, sizeof why));
  expect_part(why, "the disk is full");
  /* There is room again. */
  query(s, "PRAGMA max_page_count = 1000000");
  assert_true(gcb_store_add(s, id, 0, cell_of(run, 0), "invocations", 1, large, why, sizeof why));
  assert_true(query(s, "SELECT count(*) FROM invocations") == 2);
  assert_true(gcb_store_check(s, why, sizeof why));
  json_decref(large);
  json_decref(run);
  gcb_store_close(s);
}

static int write_many(const char *name) {
  struct gcb_store *s = gcb_store_open("both", GCB_STORE_WRITE, why, sizeof why);
  json_t *run = some_run(name, NULL, "fast");
  int64_t id = s ? gcb_store_begin(s, run, why, sizeof why) : 0;
  bool good = id;
  for (int i = 0; good && i < 40; i++) {
    json_t *one = some_invocation(i);
    good = gcb_store_add(s, id, 0, cell_of(run, 0), "invocations", (size_t)i, one, why, sizeof why);
    json_decref(one);
  }
  good = good && gcb_store_end(s, id, run, why, sizeof why);
  gcb_store_close(s);
  if (!good) fprintf(stderr, "%s\n", why);
  return good ? 0 : 1;
}

static void two_runs_write_at_once_and_both_are_whole(void **state) {
  (void)state;
  pid_t pids[2];
  for (int i = 0; i < 2; i++)
    if (!(pids[i] = fork())) _exit(write_many(i ? "left" : "right"));
  for (int i = 0; i < 2; i++) {
    int status = -1;
    waitpid(pids[i], &status, 0);
    assert_int_equal(status, 0);
  }
  struct gcb_store *s = must_open("both", GCB_STORE_READ);
  assert_true(query(s, "SELECT count(*) FROM invocations") == 80);
  assert_true(query(s, "SELECT min(done) FROM runs") == 40);
  assert_true(gcb_store_check(s, why, sizeof why));
  gcb_store_close(s);
}

/* ---- migrations ---- */

static const gcb_migration steps[] = {
    {"birds", "CREATE TABLE birds (name TEXT); INSERT INTO birds VALUES ('kestrel')", NULL},
    {"their weight", "ALTER TABLE birds ADD COLUMN grams INTEGER; UPDATE birds SET grams = 200", NULL},
    {"nonsense", "CREATE TABLE eggs (n); ALTER TABLE fish ADD COLUMN scales", NULL},
};

static double number(sqlite3 *db, const char *sql) {
  sqlite3_stmt *st;
  double value = NAN;
  if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW)
    value = sqlite3_column_double(st, 0);
  sqlite3_finalize(st);
  return value;
}

static void a_store_goes_through_the_versions_and_stops_before_a_step_that_fails(void **state) {
  (void)state;
  sqlite3 *db;
  assert_int_equal(sqlite3_open("steps.sqlite", &db), SQLITE_OK);
  assert_int_equal(gcb_schema_upgrade(db, steps, 1, why, sizeof why), SQLITE_OK);
  assert_true(number(db, "PRAGMA user_version") == 1);
  assert_int_equal(gcb_schema_upgrade(db, steps, 3, why, sizeof why), SQLITE_ERROR);
  expect_part(why, "the step to version 3 (nonsense) failed: no such table: fish");
  assert_true(number(db, "PRAGMA user_version") == 2);
  assert_true(number(db, "SELECT grams FROM birds WHERE name = 'kestrel'") == 200);
  assert_true(number(db, "SELECT count(*) FROM sqlite_schema WHERE name = 'eggs'") == 0);
  assert_int_equal(gcb_schema_upgrade(db, steps, 2, why, sizeof why), SQLITE_OK); /* nothing left to do */
  assert_int_equal(gcb_schema_upgrade(db, steps, 1, why, sizeof why), SQLITE_ERROR);
  expect_part(why, "newer");
  sqlite3_close(db);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_folder_without_a_store_has_nothing_to_read),
      cmocka_unit_test(a_file_is_no_folder),
      cmocka_unit_test(a_store_of_a_newer_version_is_left_alone),
      cmocka_unit_test(somebody_else_s_database_is_left_alone),
      cmocka_unit_test(a_file_that_is_no_database_is_told),
      cmocka_unit_test(a_store_that_was_cut_short_is_damaged),
      cmocka_unit_test(pages_that_were_overwritten_are_found),
      cmocka_unit_test(an_invocation_that_rotted_is_told),
      cmocka_unit_test(bytes_that_promise_too_much_are_not_believed),
      cmocka_unit_test(a_read_only_folder_can_be_read_and_not_written),
      cmocka_unit_test(a_full_disk_loses_only_what_does_not_fit),
      cmocka_unit_test(two_runs_write_at_once_and_both_are_whole),
      cmocka_unit_test(a_store_goes_through_the_versions_and_stops_before_a_step_that_fails),
  };
  return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
