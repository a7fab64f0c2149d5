/* Runs as they come out of the store. */
#include "results/analysis/document.h"
#include "results/model/called.h"
#include "results/model/check.h"
#include "results/model/units.h"
#include "results/store/store_private.h"
#include <stdio.h>
#include <string.h>

/* ---- by a word ---- */

int64_t gcb_store_find(struct gcb_store *s, const char *word, char *why, size_t why_size) {
  uint64_t number = 0;
  int64_t id = gcb_sql_number(s, 0, "SELECT id FROM runs WHERE name = ?", "s", word);
  bool last = strcmp(word, "last") == 0 ||
              (strncmp(word, "last~", 5) == 0 && gcb_parse_unsigned(word + 5, &number) == GCB_UNITS_OK);
  if (!id && last)
    id = gcb_sql_number(s, 0, "SELECT id FROM runs ORDER BY started DESC, id DESC LIMIT 1 OFFSET ?", "i",
                        (int64_t)(number <= INT32_MAX ? number : INT32_MAX));
  else if (!id && gcb_parse_unsigned(word, &number) == GCB_UNITS_OK && number <= INT64_MAX)
    id = gcb_sql_number(s, 0, "SELECT id FROM runs WHERE id = ?", "i", (int64_t)number);
  if (!id && strlen(word) >= 8 && strspn(word, "0123456789abcdef-") == strlen(word))
    id = gcb_sql_number(s, 0, "SELECT id FROM runs WHERE substr(uuid, 1, ?) = ?", "is", (int64_t)strlen(word),
                        word);
  if (id) return id;
  int64_t runs = gcb_sql_number(s, -1, "SELECT count(*) FROM runs", "");
  if (runs < 0)
    gcb_store_failed(s, why, why_size);
  else if (last)
    snprintf(why, why_size, "%.40s: the store %s has %s", word, s->path,
             gcb_format_number((double)runs, "run").s);
  else
    snprintf(why, why_size,
             gcb_as_called(
                 "no run of the store %s is called %.100s; 'gcbench results' lists them, and a file is named "
                 "with its .json"),
             s->path, word);
  return 0;
}

/* ---- the list ---- */

static const char *status(struct gcb_store *s, int64_t run, bool ended, bool interrupted, bool partial) {
  if ((!ended || interrupted) && gcb_store_held(s, run)) return "running";
  return !ended ? "killed" : interrupted ? "interrupted" : partial ? "partial" : "done";
}

/* Whole numbers of the list, in the order of its query from column 10 on. */
static const char *const counts[] = {"cells", "failed", "planned", "done", "shard", "shards"};

static json_t *entry(struct gcb_store *s, sqlite3_stmt *st) {
  static const char *const words[] = {"uuid",    "name",      "started",    "ended",
                                      "machine", "workloads", "collectors", "suite_name"};
  int64_t id = sqlite3_column_int64(st, 0);
  json_t *one = json_pack("{s:I}", "id", (json_int_t)id);
  for (int i = 0; i < 8; i++) json_object_set_new(one, words[i], gcb_sql_string(st, 1 + i));
  json_object_set_new(one, "seed", gcb_sql_string(st, 9));
  for (int i = 0; i < 6; i++) {
    bool null = sqlite3_column_type(st, 10 + i) == SQLITE_NULL;
    json_object_set_new(one, counts[i], null ? json_null() : json_integer(sqlite3_column_int64(st, 10 + i)));
  }
  bool ended = sqlite3_column_type(st, 4) != SQLITE_NULL;
  json_object_set_new(one, "seconds", ended ? json_real(sqlite3_column_double(st, 17)) : json_null());
  bool partial = sqlite3_column_int(st, 18);
  json_object_set_new(one, "status", json_string(status(s, id, ended, sqlite3_column_int(st, 16), partial)));
  return one;
}

#define LIST                                                                                                 \
  "SELECT id, uuid, name, started, ended, machine, workloads, collectors, suite_name, seed, cells, failed, " \
  "planned, done, shard, shards, interrupted, (julianday(ended) - julianday(started)) * 86400, "             \
  "shards IS NOT NULL AND shard IS NULL AND (SELECT count(*) FROM parts WHERE run = runs.id) < shards "      \
  "FROM runs "

json_t *gcb_store_runs(struct gcb_store *s, size_t most, char *why, size_t why_size) {
  sqlite3_stmt *st =
      gcb_sql(s, LIST "ORDER BY started DESC, id DESC LIMIT ?", "i", most ? (int64_t)most : (int64_t)-1);
  json_t *all = json_array();
  int stepped = SQLITE_ERROR;
  while (st && (stepped = sqlite3_step(st)) == SQLITE_ROW) json_array_append_new(all, entry(s, st));
  sqlite3_finalize(st);
  if (stepped == SQLITE_DONE) return all;
  gcb_store_failed(s, why, why_size);
  json_decref(all);
  return NULL;
}

/* ---- the document ---- */

static json_t *about(struct gcb_store *s, int64_t run) {
  sqlite3_stmt *st = gcb_sql(s, LIST "WHERE id = ?", "i", run);
  json_t *one = st && sqlite3_step(st) == SQLITE_ROW ? entry(s, st) : NULL;
  sqlite3_finalize(st);
  if (!one) return NULL;
  /* The id is the store's, not the run's; the rest is found in the document itself. */
  static const char *const elsewhere[] = {"id",   "machine", "workloads", "collectors", "suite_name",
                                          "seed", "cells",   "failed",    "done",       "shards"};
  for (size_t i = 0; i < sizeof elsewhere / sizeof *elsewhere; i++) json_object_del(one, elsewhere[i]);
  json_object_del(one, "shard");
  st = gcb_sql(s, "SELECT suite, suite_name, shard, shards FROM runs WHERE id = ? AND shard IS NOT NULL", "i",
               run);
  if (st && sqlite3_step(st) == SQLITE_ROW)
    json_object_set_new(one, "shard",
                        json_pack("{s:o, s:o, s:I, s:I}", "suite", gcb_sql_string(st, 0), "suite_name",
                                  gcb_sql_string(st, 1), "number", (json_int_t)sqlite3_column_int64(st, 2),
                                  "of", (json_int_t)sqlite3_column_int64(st, 3)));
  sqlite3_finalize(st);
  return one;
}

/* A merged run has the context of each machine that it was made on. */
static json_t *contexts(struct gcb_store *s, int64_t run) {
  sqlite3_stmt *st = gcb_sql(s, "SELECT context FROM runs WHERE id = ?", "i", run);
  json_t *context = st && sqlite3_step(st) == SQLITE_ROW ? gcb_sql_json(st, 0) : NULL;
  sqlite3_finalize(st);
  st = gcb_sql(s, "SELECT shard, uuid, started, ended, context FROM parts WHERE run = ? ORDER BY shard", "i",
               run);
  json_t *parts = json_array();
  while (st && sqlite3_step(st) == SQLITE_ROW)
    json_array_append_new(parts, json_pack("{s:I, s:o, s:o, s:o, s:o}", "shard",
                                           (json_int_t)sqlite3_column_int64(st, 0), "uuid",
                                           gcb_sql_string(st, 1), "started", gcb_sql_string(st, 2), "ended",
                                           gcb_sql_string(st, 3), "context", gcb_sql_json(st, 4)));
  sqlite3_finalize(st);
  if (json_array_size(parts)) json_object_set(context, "shards", parts);
  json_decref(parts);
  return context;
}

/* NULL when something cannot be read. */
static json_t *cells_of(struct gcb_store *s, int64_t run) {
  static const char *const lists[] = {"invocations", "latency_invocations"};
  sqlite3_stmt *st =
      gcb_sql(s, "SELECT ordinal, header FROM run_cells WHERE run = ? ORDER BY ordinal", "i", run);
  json_t *cells = json_array();
  int stepped = SQLITE_ERROR;
  bool good = st;
  while (good && (stepped = sqlite3_step(st)) == SQLITE_ROW) {
    json_t *cell = gcb_sql_json(st, 1);
    good = json_is_object(cell) && json_array_append_new(cells, cell) == 0;
    for (size_t i = 0; good && i < 2; i++) {
      json_t *list = gcb_store_invocations(s, run, sqlite3_column_int64(st, 0), lists[i]);
      good = list;
      if (list && (json_array_size(list) || i == 0))
        json_object_set_new(cell, lists[i], list);
      else
        json_decref(list);
    }
  }
  sqlite3_finalize(st);
  if (good && stepped == SQLITE_DONE) return cells;
  json_decref(cells);
  return NULL;
}

json_t *gcb_store_load(struct gcb_store *s, int64_t run, bool finish, char *why, size_t why_size) {
  json_t *who = about(s, run);
  if (!who) {
    if (gcb_sql_number(s, -1, "SELECT count(*) FROM runs WHERE id = ?", "i", run) == 0)
      snprintf(why, why_size, "the store %s has no run %lld", s->path, (long long)run);
    else
      gcb_store_failed(s, why, why_size);
    return NULL;
  }
  json_t *context = contexts(s, run), *cells = cells_of(s, run);
  if (!cells || !json_is_object(context)) {
    snprintf(why, why_size, "the store %s: run %lld cannot be read: what it holds is damaged", s->path,
             (long long)run);
    gcb_store_failed(s, why, why_size);
    json_decref(who);
    json_decref(context);
    json_decref(cells);
    return NULL;
  }
  const char *word = json_string_value(json_object_get(who, "status"));
  char reason[100];
  snprintf(reason, sizeof reason, "%s before its first invocation ended", word);
  json_t *document =
      json_pack("{s:s, s:O, s:o, s:b, s:o}", "schema", "gcbench.run/1", "run", who, "context", context,
                "interrupted", strcmp(word, "done") != 0 && strcmp(word, "partial") != 0, "cells", cells);
  json_decref(who);
  char what[500];
  if (!gcb_check_run(document, what, sizeof what)) { /* what follows trusts its types */
    snprintf(why, why_size, "the store %s: run %lld cannot be read: %s", s->path, (long long)run, what);
    json_decref(document);
    return NULL;
  }
  if (finish) gcb_document_finish(document, reason);
  return document;
}
