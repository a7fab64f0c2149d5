#include "results/store/schema.h"
#include <stdio.h>

/* Described in results/README.md. Columns that are long come last in their tables, so that a list of rows
 * does not read them. */
static const char first[] =
    "CREATE TABLE machines (key TEXT PRIMARY KEY, description TEXT NOT NULL) STRICT, WITHOUT ROWID;"

    "CREATE TABLE cells (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, workload TEXT, params TEXT,"
    " collector TEXT, options TEXT, heap_bytes INTEGER, mutators INTEGER, workers INTEGER) STRICT;"
    "CREATE INDEX cells_by_name ON cells (workload, collector);"

    "CREATE TABLE runs (id INTEGER PRIMARY KEY AUTOINCREMENT, uuid TEXT NOT NULL UNIQUE, name TEXT UNIQUE,"
    " started TEXT NOT NULL, ended TEXT, interrupted INTEGER NOT NULL DEFAULT 0, seed TEXT,"
    " machine TEXT NOT NULL REFERENCES machines (key), cells INTEGER NOT NULL DEFAULT 0,"
    " failed INTEGER NOT NULL DEFAULT 0, planned INTEGER NOT NULL DEFAULT 0, done INTEGER NOT NULL DEFAULT 0,"
    " settled INTEGER NOT NULL DEFAULT 0, suite TEXT, suite_name TEXT, shard INTEGER, shards INTEGER,"
    " workloads TEXT NOT NULL, collectors TEXT NOT NULL, command TEXT, context TEXT NOT NULL) STRICT;"
    "CREATE INDEX runs_by_start ON runs (started, id);"
    "CREATE INDEX runs_unended ON runs (id) WHERE ended IS NULL;"

    "CREATE TABLE parts (run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE, shard INTEGER NOT NULL,"
    " uuid TEXT NOT NULL, machine TEXT NOT NULL REFERENCES machines (key), started TEXT NOT NULL, ended TEXT,"
    " interrupted INTEGER NOT NULL, planned INTEGER NOT NULL, context TEXT NOT NULL, PRIMARY KEY (run, "
    "shard)) STRICT;"

    "CREATE TABLE run_cells (run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,"
    " ordinal INTEGER NOT NULL, cell INTEGER NOT NULL REFERENCES cells (id),"
    " machine TEXT NOT NULL REFERENCES machines (key), status TEXT, header TEXT NOT NULL,"
    " PRIMARY KEY (run, ordinal)) STRICT;"
    "CREATE INDEX run_cells_by_cell ON run_cells (cell, run);"

    "CREATE TABLE invocations (run INTEGER NOT NULL, cell INTEGER NOT NULL, list TEXT NOT NULL,"
    " ordinal INTEGER NOT NULL, status TEXT, size INTEGER NOT NULL, body BLOB NOT NULL,"
    " PRIMARY KEY (run, cell, list, ordinal),"
    " FOREIGN KEY (run, cell) REFERENCES run_cells (run, ordinal) ON DELETE CASCADE) STRICT;"

    "CREATE TABLE series (id INTEGER PRIMARY KEY, metric TEXT NOT NULL, cell INTEGER NOT NULL"
    " REFERENCES cells (id), machine TEXT NOT NULL REFERENCES machines (key),"
    " UNIQUE (metric, cell, machine)) STRICT;"
    "CREATE INDEX series_by_machine ON series (machine);"
    "CREATE INDEX series_by_cell ON series (cell, machine);"

    /* No foreign key on the run: it would take an index as large as the table. The points of a run are found
     * through the series of its cells. */
    "CREATE TABLE points (series INTEGER NOT NULL REFERENCES series (id), run INTEGER NOT NULL,"
    " value REAL NOT NULL, spread REAL, n INTEGER NOT NULL, PRIMARY KEY (series, run)) STRICT, WITHOUT ROWID;"

    "CREATE TABLE acks (id INTEGER PRIMARY KEY, pattern TEXT NOT NULL, run TEXT NOT NULL, made TEXT NOT NULL,"
    " reason TEXT NOT NULL, UNIQUE (pattern, run)) STRICT;";

const gcb_migration gcb_migrations[] = {
    {"the first tables", first, NULL},
    {"canonical words", "", gcb_migrate_canonical},
};
const size_t gcb_n_migrations = sizeof gcb_migrations / sizeof *gcb_migrations;

static int pragma(sqlite3 *db, const char *sql) {
  sqlite3_stmt *st;
  int value = -1;
  if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW)
    value = sqlite3_column_int(st, 0);
  return sqlite3_finalize(st) == SQLITE_OK ? value : -1;
}

static int execute(sqlite3 *db, const char *sql) {
  return sqlite3_exec(db, sql, NULL, NULL, NULL);
}

/* Under the write lock: another process may have taken the same step meanwhile. */
static int step(sqlite3 *db, const gcb_migration *m, size_t from) {
  char mark[100];
  snprintf(mark, sizeof mark, "PRAGMA user_version=%zu; PRAGMA application_id=%d", from + 1,
           GCB_APPLICATION_ID);
  int code = execute(db, "BEGIN IMMEDIATE");
  if (code == SQLITE_OK && pragma(db, "PRAGMA user_version") != (int)from) return execute(db, "ROLLBACK");
  if (code == SQLITE_OK) code = execute(db, m->sql);
  if (code == SQLITE_OK && m->rewrite) code = m->rewrite(db);
  if (code == SQLITE_OK) code = execute(db, mark);
  if (code == SQLITE_OK) code = execute(db, "COMMIT");
  return code;
}

/* What a file says of itself, all of the same moment: one read transaction, so that another process which
 * creates the tables meanwhile is seen as a whole or not at all. */
static int read_marks(sqlite3 *db, int *version, int *id, bool *empty) {
  int code = execute(db, "BEGIN");
  if (code != SQLITE_OK) return code;
  int tables = pragma(db, "SELECT count(*) FROM sqlite_schema");
  *version = tables < 0 ? -1 : pragma(db, "PRAGMA user_version");
  *id = *version < 0 ? -1 : pragma(db, "PRAGMA application_id");
  *empty = *version == 0 && *id == 0 && tables == 0;
  return *id < 0 ? sqlite3_errcode(db) : execute(db, "COMMIT");
}

/* Returns the code, after a ROLLBACK, which would replace the database's own. */
static int give_up(sqlite3 *db, int code) {
  execute(db, "ROLLBACK");
  return code;
}

int gcb_schema_upgrade(sqlite3 *db, const gcb_migration *steps, size_t n, char *why, size_t why_size) {
  for (;;) {
    int version = 0, id = 0;
    bool empty = false;
    int code = read_marks(db, &version, &id, &empty);
    if (code != SQLITE_OK) {
      snprintf(why, why_size, "%s", sqlite3_errmsg(db));
      return give_up(db, code);
    }
    if (id != GCB_APPLICATION_ID && !empty) {
      snprintf(why, why_size, "it is a database of another program");
      return SQLITE_ERROR;
    }
    if ((size_t)version > n) {
      snprintf(why, why_size,
               "it was written by a newer gcbench (its version is %d, this program knows %zu): use that one",
               version, n);
      return SQLITE_ERROR;
    }
    if ((size_t)version == n) return SQLITE_OK;
    code = step(db, &steps[version], (size_t)version);
    if (code != SQLITE_OK) {
      snprintf(why, why_size, "the step to version %d (%s) failed: %s", version + 1, steps[version].what,
               sqlite3_errmsg(db));
      return give_up(db, code);
    }
  }
}
