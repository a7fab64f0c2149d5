#include "results/store/store_merge.h"
#include "results/store/store_private.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A run on its way: the source is attached as `other`. A part's cell i becomes cell i * stride + offset of
 * its suite, which is how gcbench run --shard dealt them out. */
typedef struct journey {
  struct gcb_store *s;
  int64_t from, to;
  int64_t stride, offset;
} journey;

static bool copy_cells(const journey *j) {
  static const char *const shared[] = {
      "INSERT OR IGNORE INTO main.machines SELECT * FROM other.machines WHERE key IN (SELECT machine FROM "
      "other.run_cells WHERE run = ?)",
      "INSERT OR IGNORE INTO main.cells (key, workload, params, collector, options, heap_bytes, mutators, "
      "workers) SELECT key, workload, params, collector, options, heap_bytes, mutators, workers FROM "
      "other.cells WHERE id IN (SELECT cell FROM other.run_cells WHERE run = ?)",
      "INSERT OR IGNORE INTO main.series (metric, cell, machine) SELECT metric, mine.id, theirs.machine FROM "
      "other.run_cells CROSS JOIN other.series AS theirs ON theirs.cell = run_cells.cell AND theirs.machine "
      "= "
      "run_cells.machine CROSS JOIN other.cells ON cells.id = theirs.cell CROSS JOIN main.cells AS mine ON "
      "mine.key = cells.key WHERE run_cells.run = ?"};
  for (size_t i = 0; i < sizeof shared / sizeof *shared; i++)
    if (!gcb_sql_do(j->s, shared[i], "i", j->from)) return false;
  return gcb_sql_do(
             j->s,
             "INSERT INTO main.run_cells (run, ordinal, cell, machine, status, header) SELECT ?, "
             "ordinal * ? + ?, mine.id, machine, status, header FROM other.run_cells JOIN other.cells "
             "ON cells.id = run_cells.cell JOIN main.cells AS mine ON mine.key = cells.key WHERE run = "
             "? ON CONFLICT (run, ordinal) DO UPDATE SET status = excluded.status, header = "
             "excluded.header",
             "iiii", j->to, j->stride, j->offset, j->from) &&
         gcb_sql_do(j->s,
                    "INSERT OR IGNORE INTO main.invocations (run, cell, list, ordinal, status, size, body) "
                    "SELECT ?, cell * ? + ?, list, ordinal, status, size, body FROM other.invocations WHERE "
                    "run = ?",
                    "iiii", j->to, j->stride, j->offset, j->from) &&
         gcb_sql_do(
             j->s,
             "INSERT OR REPLACE INTO main.points (series, run, value, spread, n) SELECT mine.id, ?1, "
             "value, spread, n FROM other.run_cells CROSS JOIN other.series AS theirs ON theirs.cell = "
             "run_cells.cell AND theirs.machine = run_cells.machine CROSS JOIN other.points ON "
             "points.series = theirs.id AND points.run = ?2 CROSS JOIN other.cells ON cells.id = "
             "theirs.cell CROSS JOIN main.cells AS c ON c.key = cells.key CROSS JOIN main.series AS "
             "mine ON mine.metric = theirs.metric AND mine.cell = c.id AND mine.machine = "
             "theirs.machine WHERE run_cells.run = ?2",
             "ii", j->to, j->from);
}

/* The row of the run itself, made or brought up to date; to its id. */
static bool copy_run(journey *j, const char *uuid, bool *nameless) {
  j->to = gcb_sql_number(j->s, 0, "SELECT id FROM main.runs WHERE uuid = ?", "s", uuid);
  *nameless = !j->to && gcb_sql_number(j->s, 0,
                                       "SELECT 1 FROM other.runs WHERE id = ? AND name IN (SELECT name FROM "
                                       "main.runs)",
                                       "i", j->from);
  if (j->to)
    return gcb_sql_do(j->s,
                      "UPDATE main.runs SET (ended, interrupted, cells, failed, planned, done, settled, "
                      "workloads, collectors) = (SELECT ended, interrupted, cells, failed, planned, done, "
                      "settled, workloads, collectors FROM other.runs WHERE id = ?) WHERE id = ?",
                      "ii", j->from, j->to);
  bool good = gcb_sql_do(
      j->s,
      "INSERT OR IGNORE INTO main.machines SELECT * FROM other.machines WHERE key = (SELECT machine FROM "
      "other.runs WHERE id = ?)",
      "i", j->from);
  good = good &&
         gcb_sql_do(
             j->s,
             "INSERT INTO main.runs (uuid, name, started, ended, interrupted, seed, machine, cells, failed, "
             "planned, done, settled, suite, suite_name, shard, shards, workloads, collectors, command, "
             "context) SELECT uuid, CASE WHEN name IN (SELECT name FROM main.runs) THEN NULL ELSE name "
             "END, started, ended, interrupted, seed, machine, cells, failed, planned, done, settled, "
             "suite, suite_name, shard, shards, workloads, collectors, command, context FROM "
             "other.runs WHERE id = ?",
             "i", j->from);
  j->to = sqlite3_last_insert_rowid(j->s->db);
  return good;
}

/* The run of a suite, with its parts noted; to its id. What it says in sum is put right afterwards. */
static bool copy_part(journey *j, const char *suite, bool *nameless) {
  j->to = gcb_sql_number(j->s, 0, "SELECT id FROM main.runs WHERE uuid = ?", "s", suite);
  *nameless = !j->to && gcb_sql_number(j->s, 0,
                                       "SELECT 1 FROM other.runs WHERE id = ? AND suite_name IN (SELECT name "
                                       "FROM main.runs)",
                                       "i", j->from);
  bool good = gcb_sql_do(
      j->s,
      "INSERT OR IGNORE INTO main.machines SELECT * FROM other.machines WHERE key = (SELECT machine FROM "
      "other.runs WHERE id = ?)",
      "i", j->from);
  if (!j->to) {
    good =
        good &&
        gcb_sql_do(j->s,
                   "INSERT INTO main.runs (uuid, name, started, seed, machine, suite, suite_name, shards, "
                   "workloads, collectors, command, context) SELECT suite, CASE WHEN suite_name IN (SELECT "
                   "name FROM main.runs) THEN NULL ELSE suite_name END, started, seed, machine, suite, "
                   "suite_name, shards, workloads, collectors, command, context FROM other.runs WHERE id = ?",
                   "i", j->from);
    j->to = sqlite3_last_insert_rowid(j->s->db);
  }
  return good && gcb_sql_do(j->s,
                            "INSERT OR REPLACE INTO main.parts (run, shard, uuid, machine, started, ended, "
                            "interrupted, planned, context) SELECT ?, shard, uuid, machine, started, ended, "
                            "interrupted, planned, context FROM other.runs WHERE id = ?",
                            "ii", j->to, j->from);
}

static bool sum_up(const journey *j) {
  return gcb_sql_do(j->s,
                    "UPDATE main.runs SET started = (SELECT min(started) FROM main.parts WHERE run = ?1), "
                    "ended = (SELECT CASE "
                    "WHEN count(*) = count(ended) THEN max(ended) END FROM main.parts WHERE run = ?1), "
                    "interrupted = (SELECT "
                    "max(interrupted) FROM main.parts WHERE run = ?1), planned = (SELECT sum(planned) FROM "
                    "main.parts WHERE "
                    "run = ?1), cells = (SELECT count(*) FROM main.run_cells WHERE run = ?1), failed = "
                    "(SELECT count(*) FROM "
                    "main.run_cells WHERE run = ?1 AND status IS NOT 'ok'), done = (SELECT count(*) FROM "
                    "main.invocations "
                    "WHERE run = ?1), workloads = (SELECT group_concat(workload) FROM (SELECT workload FROM "
                    "main.run_cells "
                    "JOIN main.cells ON cells.id = cell WHERE run = ?1 GROUP BY workload ORDER BY "
                    "min(ordinal))), collectors "
                    "= (SELECT group_concat(collector) FROM (SELECT collector FROM main.run_cells JOIN "
                    "main.cells ON "
                    "cells.id = cell WHERE run = ?1 GROUP BY collector ORDER BY min(ordinal))) WHERE id = ?1",
                    "i", j->to) &&
         gcb_sql_do(j->s, "UPDATE main.runs SET settled = done WHERE id = ?", "i", j->to);
}

/* Is there anything in it that is not here? done counts invocations; a run may also only have ended. */
static bool news(struct gcb_store *s, int64_t from, const char *uuid, bool part) {
  return !gcb_sql_number(
      s, 0,
      part ? "SELECT 1 FROM main.parts AS mine JOIN other.runs AS theirs ON theirs.uuid = "
             "mine.uuid WHERE theirs.id = ? AND mine.uuid = ? AND mine.ended = theirs.ended"
           : "SELECT 1 FROM main.runs AS mine JOIN other.runs AS theirs ON theirs.uuid = "
             "mine.uuid WHERE theirs.id = ? AND mine.uuid = ? AND (mine.done > theirs.done OR "
             "(mine.done = theirs.done AND mine.ended IS theirs.ended))",
      "is", from, uuid);
}

static bool merge_run(struct gcb_store *s, int64_t from, const char *uuid, const char *suite, int64_t shard,
                      int64_t shards, gcb_merged *counts) {
  journey j = {s, from, 0, 1, 0};
  bool part = suite && shard, nameless;
  if (part &&
      gcb_sql_number(s, 0,
                     "SELECT 1 FROM main.parts JOIN main.runs ON runs.id = parts.run WHERE runs.uuid = "
                     "? AND parts.shard = ? AND parts.uuid <> ?",
                     "sis", suite, shard, uuid)) {
    part = false;
    counts->beside++;
  }
  if (!news(s, from, uuid, part)) {
    counts->same++;
    return true;
  }
  if (part) {
    j.stride = shards;
    j.offset = shard - 1;
    if (!copy_part(&j, suite, &nameless) || !copy_cells(&j) || !sum_up(&j)) return false;
    counts->shards++;
  } else {
    if (!copy_run(&j, uuid, &nameless) || !copy_cells(&j)) return false;
    counts->runs++;
  }
  counts->nameless += nameless;
  return true;
}

/* A merged run that is merged on is a run like others; its parts come along. */
static bool copy_parts(struct gcb_store *s) {
  return gcb_sql_do(
             s,
             "INSERT OR IGNORE INTO main.parts (run, shard, uuid, machine, started, ended, interrupted, "
             "planned, context) SELECT mine.id, parts.shard, parts.uuid, parts.machine, parts.started, "
             "parts.ended, parts.interrupted, parts.planned, parts.context FROM other.parts JOIN "
             "other.runs AS theirs ON theirs.id = parts.run JOIN main.runs AS mine ON mine.uuid = "
             "theirs.uuid",
             "") &&
         gcb_sql_do(s,
                    "INSERT OR IGNORE INTO main.acks (pattern, run, made, reason) SELECT pattern, run, made, "
                    "reason FROM other.acks",
                    "");
}

static bool merge_all(struct gcb_store *s, gcb_merged *counts, char *why, size_t why_size) {
  sqlite3_stmt *st = gcb_sql(
      s, "SELECT id, uuid, suite, shard, shards FROM other.runs ORDER BY started, shard IS NULL, id", "");
  int stepped = SQLITE_ERROR;
  bool good = st;
  while (good && (stepped = sqlite3_step(st)) == SQLITE_ROW) {
    good = gcb_store_transaction(s, why, why_size);
    if (!good) break;
    good = merge_run(s, sqlite3_column_int64(st, 0), (const char *)sqlite3_column_text(st, 1),
                     (const char *)sqlite3_column_text(st, 2), sqlite3_column_int64(st, 3),
                     sqlite3_column_int64(st, 4), counts);
    good = gcb_store_settle_transaction(s, good, why, why_size);
  }
  if (good && stepped != SQLITE_DONE) good = gcb_store_failed(s, why, why_size);
  sqlite3_finalize(st);
  return good && gcb_store_transaction(s, why, why_size) &&
         gcb_store_settle_transaction(s, copy_parts(s), why, why_size);
}

bool gcb_store_merge(struct gcb_store *into, const char *folder, gcb_merged *counts, char *why,
                     size_t why_size) {
  /* Opened first by itself: it is checked, brought to this version, and readable for certain. */
  struct gcb_store *other = gcb_store_open(folder, GCB_STORE_READ, why, why_size);
  if (!other) return false;
  if (other->old) {
    snprintf(
        why, why_size,
        "the store %s was written by an older gcbench and cannot be written to: copy it, and merge the copy",
        other->path);
    gcb_store_close(other);
    return false;
  }
  char uri[GCB_URI];
  gcb_store_uri(other, other->read_only ? "immutable=1" : "mode=ro", uri);
  bool good = gcb_sql_do(into, "ATTACH ? AS other", "s", uri);
  if (good)
    good = merge_all(into, counts, why, why_size);
  else
    gcb_store_failed(into, why, why_size);
  gcb_sql_do(into, "DETACH other", "");
  gcb_store_close(other);
  return good;
}
