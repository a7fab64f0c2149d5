/* Run documents as a test wants them, and folders for stores, for the tests of the store. */
#ifndef GCB_TEST_RUN_DOCUMENTS_H
#define GCB_TEST_RUN_DOCUMENTS_H

#include "results/store/store.h"
#include <math.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* A timed iteration of `wall` ns, with two pauses. */
static inline json_t *some_invocation(int wall) {
  return json_pack(
      "{s:s, s:n, s:s, s:[{s:i, s:i, s:i, s:i, s:[{s:i, s:i, s:s, s:n}, {s:i, s:i, s:s, s:n}]}]}", "status",
      "ok", "reason", "checksum", "00aa", "iterations", "wall_ns", wall, "cpu_ns", wall, "ops", 100,
      "allocated_bytes", 4096, "pauses", "start_ns", 10, "ns", 500, "kind", "minor", "mutator", "start_ns",
      900, "ns", 700, "kind", "major", "mutator");
}

static inline json_t *some_cell(const char *workload, const char *collector) {
  return json_pack("{s:s, s:{s:s}, s:s, s:s, s:{}, s:i, s:f, s:b, s:b, s:i, s:i, s:i, s:s, s:s, s:n, s:[]}",
                   "workload", workload, "params", "depth", "8", "op", "one node", "collector", collector,
                   "options", "heap_bytes", 3145728, "heap_factor", 3.0, "bounded", 1, "reclaims", 1,
                   "peak_live_bytes", 1048576, "mutators", 1, "workers", 1, "seed", "7", "status", "ok",
                   "reason", "invocations");
}

/* Trees and cycles on gen3, nothing measured yet; of a machine with that processor. Name and start may be
 * NULL. */
static inline json_t *some_run(const char *name, const char *started, const char *cpu) {
  return json_pack("{s:s, s:{s:s*, s:s*, s:i}, s:{s:s, s:s, s:[s, s]}, s:[o, o]}", "schema", "gcbench.run/1",
                   "run", "name", name, "started", started, "planned", 4, "context", "seed", "7", "cpu_model",
                   cpu, "command", "gcbench", "run", "cells", some_cell("trees", "gen3"),
                   some_cell("cycles", "gen3"));
}

static inline json_t *cell_of(const json_t *run, size_t i) {
  return json_array_get(json_object_get(run, "cells"), i);
}

static inline void measure(json_t *run, size_t cell, int wall) {
  json_array_append_new(json_object_get(cell_of(run, cell), "invocations"), some_invocation(wall));
}

/* With two invocations a cell: 1000 and 2000 ns. */
static inline json_t *a_measured_run(const char *name, const char *started, const char *cpu) {
  json_t *run = some_run(name, started, cpu);
  for (size_t i = 0; i < 2; i++) {
    measure(run, i, 1000);
    measure(run, i, 2000);
  }
  return run;
}

static inline const char *word_of(const json_t *o, const char *key) {
  const char *s = json_string_value(json_object_get(o, key));
  return s ? s : "";
}

static inline void expect_part(const char *text, const char *part) {
  if (!strstr(text, part)) print_error("expected '%s' in: %s\n", part, text);
  assert_non_null(strstr(text, part));
}

/* The store of a folder that the test is in; a failure fails the test with its sentence. */
static inline struct gcb_store *must_open(const char *folder, gcb_store_use use) {
  char why[4500] = "";
  struct gcb_store *s = gcb_store_open(folder, use, why, sizeof why);
  if (!s) print_error("%s\n", why);
  assert_non_null(s);
  return s;
}

static inline int64_t must_import(struct gcb_store *s, json_t *run) {
  char why[4500] = "";
  int64_t id = gcb_store_import(s, run, NULL, why, sizeof why);
  if (!id) print_error("%s\n", why);
  assert_true(id > 0);
  json_decref(run);
  return id;
}

/* Begin and add an invocation of 1000 ns to the first cell. */
static inline int64_t begin_and_add(struct gcb_store *s, const char *name) {
  char why[4500] = "";
  json_t *run = some_run(name, NULL, "fast"), *one = some_invocation(1000);
  int64_t id = gcb_store_begin(s, run, why, sizeof why);
  assert_true(id > 0);
  assert_true(gcb_store_add(s, id, 0, cell_of(run, 0), "invocations", 0, one, why, sizeof why));
  json_decref(one);
  json_decref(run);
  return id;
}

static inline double query(struct gcb_store *s, const char *sql) {
  sqlite3_stmt *st;
  assert_int_equal(sqlite3_prepare_v2(gcb_store_database(s), sql, -1, &st, NULL), SQLITE_OK);
  double value = sqlite3_step(st) == SQLITE_ROW ? sqlite3_column_double(st, 0) : NAN;
  sqlite3_finalize(st);
  return value;
}

static char test_folder[40] = "/tmp/gcbench-unit-XXXXXX";
static inline int enter_folder(void **state) {
  (void)state;
  unsetenv("GCBENCH_RESULTS");
  return mkdtemp(test_folder) && chdir(test_folder) == 0 ? 0 : -1;
}
static inline int leave_folder(void **state) {
  char command[100];
  (void)state;
  snprintf(command, sizeof command, "rm -rf '%s'", test_folder);
  return chdir("/") == 0 && system(command) == 0 ? 0 : -1;
}

#endif
