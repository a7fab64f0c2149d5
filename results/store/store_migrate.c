/* The rewriting steps of the schema's migrations, each inside the transaction of its step. */
#include "results/model/canonical.h"
#include "results/model/cell.h"
#include "results/store/schema.h"
#include "results/store/store_private.h"
#include <stdlib.h>
#include <string.h>

/* Point everything at cell `to` that pointed at cell `from`, and delete `from`. Where both have a series of
 * one metric and machine, the points of `from` go to the other; the points of a run that has both are formed
 * anew from its invocations. */
static bool join_cells(struct gcb_store *s, int64_t from, int64_t to) {
  static const char *const steps[] = {
      "UPDATE run_cells SET cell = ?2 WHERE cell = ?1",
      "UPDATE OR IGNORE series SET cell = ?2 WHERE cell = ?1",
      "UPDATE OR IGNORE points SET series = (SELECT mine.id FROM series JOIN series AS mine ON mine.metric = "
      "series.metric AND mine.machine = series.machine AND mine.cell = ?2 WHERE series.id = points.series) "
      "WHERE series IN (SELECT id FROM series WHERE cell = ?1)",
      /* Those that are left have a point of the same run in the other series. */
      "INSERT OR IGNORE INTO temp.again SELECT run FROM points WHERE series IN (SELECT id FROM series WHERE "
      "cell = ?1)",
      "DELETE FROM points WHERE series IN (SELECT id FROM series WHERE cell = ?1)",
      "DELETE FROM series WHERE cell = ?1",
      "DELETE FROM cells WHERE id = ?1",
  };
  for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
    if (!gcb_sql_do(s, steps[i], strstr(steps[i], "?2") ? "ii" : "i", from, to)) return false;
  return true;
}

/* One row of the cells, by what its old key says. */
static bool rewrite_cell(struct gcb_store *s, int64_t id, const char *old) {
  json_t *cell = json_loads(old, 0, NULL);
  char collector[1000], workload[1000];
  bool good = cell && gcb_canonical_cell_0_1_0(cell);
  char *key = good ? gcb_cell_key(cell, false) : NULL;
  if (key && strcmp(key, old) != 0) {
    int64_t other = gcb_sql_number(s, 0, "SELECT id FROM cells WHERE key = ?", "s", key);
    good = other ? join_cells(s, id, other)
                 : gcb_sql_do(s, "UPDATE cells SET key = ?, params = ?, options = ? WHERE id = ?", "sssi",
                              key, gcb_cell_workload(cell, workload, sizeof workload),
                              gcb_cell_collector(cell, collector, sizeof collector), id);
  }
  good = good && key;
  free(key);
  json_decref(cell);
  return good;
}

/* A JSON object with params and options, in a column of a row. */
static bool rewrite_json(struct gcb_store *s, const char *update, int64_t id, const char *text) {
  json_t *value = json_loads(text, 0, NULL);
  bool good = value && gcb_canonical_cell_0_1_0(value) && gcb_sql_do(s, update, "ji", value, id);
  json_decref(value);
  return good;
}

/* The same for each row of a query of (id, text). The rows are read before the first is written. */
static bool rewrite_rows(struct gcb_store *s, const char *query, const char *update) {
  sqlite3_stmt *st = gcb_sql(s, query, "");
  int stepped = SQLITE_ERROR;
  bool good = st;
  while (good && (stepped = sqlite3_step(st)) == SQLITE_ROW) {
    int64_t id = sqlite3_column_int64(st, 0);
    const char *text = (const char *)sqlite3_column_text(st, 1);
    good = text && (update ? rewrite_json(s, update, id, text) : rewrite_cell(s, id, text));
  }
  good = good && stepped == SQLITE_DONE;
  sqlite3_finalize(st);
  return good;
}

static bool points_again(struct gcb_store *s) {
  sqlite3_stmt *st = gcb_sql(s, "SELECT run FROM temp.again ORDER BY run", "");
  int stepped = SQLITE_ERROR;
  bool good = st;
  while (good && (stepped = sqlite3_step(st)) == SQLITE_ROW)
    good = gcb_store_points(s, sqlite3_column_int64(st, 0));
  good = good && stepped == SQLITE_DONE;
  sqlite3_finalize(st);
  return good;
}

int gcb_migrate_canonical(sqlite3 *db) {
  struct gcb_store s = {.db = db, .running = -1};
  bool good =
      gcb_sql_do(&s, "CREATE TEMP TABLE again (run INTEGER PRIMARY KEY)", "") &&
      gcb_sql_do(&s, "CREATE TEMP TABLE old_cells AS SELECT id, key FROM cells", "") &&
      rewrite_rows(&s, "SELECT id, key FROM temp.old_cells ORDER BY id", NULL) &&
      gcb_sql_do(&s, "CREATE TEMP TABLE old_headers AS SELECT rowid AS id, header FROM run_cells", "") &&
      rewrite_rows(&s, "SELECT id, header FROM temp.old_headers",
                   "UPDATE run_cells SET header = ? WHERE rowid = ?") &&
      gcb_sql_do(&s, "CREATE TEMP TABLE old_acks AS SELECT id, pattern FROM acks", "") &&
      rewrite_rows(&s, "SELECT id, pattern FROM temp.old_acks",
                   "UPDATE OR REPLACE acks SET pattern = ? WHERE id = ?") &&
      points_again(&s);
  int code = good ? SQLITE_OK : sqlite3_errcode(db);
  gcb_sql_do(&s, "DROP TABLE IF EXISTS temp.again", "");
  gcb_sql_do(&s, "DROP TABLE IF EXISTS temp.old_cells", "");
  gcb_sql_do(&s, "DROP TABLE IF EXISTS temp.old_headers", "");
  gcb_sql_do(&s, "DROP TABLE IF EXISTS temp.old_acks", "");
  return good ? SQLITE_OK : code != SQLITE_OK ? code : SQLITE_NOMEM;
}
