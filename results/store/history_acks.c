/* What people said of steps: they were expected. */
#include "results/model/called.h"
#include "results/store/history.h"
#include "results/store/store_private.h"

json_t *gcb_series_pattern(const gcb_series *s) {
  static const char *const keys[] = {"workload",   "params",   "collector", "options",
                                     "heap_bytes", "mutators", "workers"};
  json_t *pattern = json_pack("{s:s, s:s}", "metric", s->metric->name, "machine", s->machine);
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
    json_t *value = json_object_get(s->cell, keys[i]);
    if (value) json_object_set(pattern, keys[i], value);
  }
  return pattern;
}

bool gcb_history_ack(struct gcb_store *s, const json_t *pattern, int64_t run, const char *reason, char *why,
                     size_t why_size) {
  char now[GCB_TIME], *text = json_dumps(pattern, JSON_COMPACT | JSON_SORT_KEYS); /* equal for equal ones */
  bool good = text && gcb_store_transaction(s, why, why_size);
  gcb_time_text(now);
  if (good)
    good = gcb_store_settle_transaction(
        s,
        gcb_sql_do(s,
                   "INSERT INTO acks (pattern, run, made, reason) "
                   "VALUES (?, (SELECT uuid FROM runs WHERE id = ?), ?, ?) "
                   "ON CONFLICT (pattern, run) DO UPDATE SET made = excluded.made, reason = excluded.reason",
                   "siss", text, run, now, reason),
        why, why_size);
  free(text);
  return good;
}

json_t *gcb_history_acks(struct gcb_store *s, char *why, size_t why_size) {
  sqlite3_stmt *st = gcb_sql(s,
                             "SELECT acks.id, pattern, run, runs.id, started, made, reason FROM acks "
                             "LEFT JOIN runs ON runs.uuid = run ORDER BY made, acks.id",
                             "");
  json_t *all = json_array();
  int stepped = SQLITE_ERROR;
  while (st && (stepped = sqlite3_step(st)) == SQLITE_ROW) {
    bool gone = sqlite3_column_type(st, 3) == SQLITE_NULL;
    json_array_append_new(all, json_pack("{s:I, s:o, s:o, s:o, s:o, s:o, s:o}", "id",
                                         (json_int_t)sqlite3_column_int64(st, 0), "pattern",
                                         gcb_sql_json(st, 1), "run", gcb_sql_string(st, 2), "run_id",
                                         gone ? json_null() : json_integer(sqlite3_column_int64(st, 3)),
                                         "started", gcb_sql_string(st, 4), "made", gcb_sql_string(st, 5),
                                         "reason", gcb_sql_string(st, 6)));
  }
  sqlite3_finalize(st);
  if (stepped == SQLITE_DONE) return all;
  gcb_store_failed(s, why, why_size);
  json_decref(all);
  return NULL;
}

bool gcb_history_unack(struct gcb_store *s, int64_t id, char *why, size_t why_size) {
  if (!gcb_store_transaction(s, why, why_size)) return false;
  bool good = gcb_sql_do(s, "DELETE FROM acks WHERE id = ?", "i", id);
  bool there = good && gcb_sql_number(s, 0, "SELECT changes()", "") == 1;
  if (!gcb_store_settle_transaction(s, good, why, why_size)) return false;
  if (!there)
    snprintf(why, why_size,
             gcb_as_called("there is no acknowledgement %lld; 'gcbench history acks' lists them"),
             (long long)id);
  return there;
}
