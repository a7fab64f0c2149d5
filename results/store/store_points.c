/* What history needs of a run: one figure a metric and cell, from the stored invocations. */
#include "results/model/metrics.h"
#include "results/stats/stats.h"
#include "results/store/compressed_blob.h"
#include "results/store/store_private.h"
#include <math.h>
#include <stdlib.h>

/* Which cells of a run give points: those that ended ok; of a comparison, whose one side is not the present,
 * only those that a night marks as its own. */
#define GCB_POINT_CELLS                                                                                      \
  "status = 'ok' AND (json_extract(header, '$.side') IS NULL OR json_extract(header, '$.night.series'))"

json_t *gcb_store_invocations(struct gcb_store *s, int64_t run, int64_t cell, const char *list) {
  sqlite3_stmt *st = gcb_sql(
      s, "SELECT size, body FROM invocations WHERE run = ? AND cell = ? AND list = ? ORDER BY ordinal", "iis",
      run, cell, list);
  json_t *all = json_array();
  int stepped = SQLITE_ERROR;
  bool good = st;
  while (good && (stepped = sqlite3_step(st)) == SQLITE_ROW) {
    const void *body = sqlite3_column_blob(st, 1);
    json_t *one = gcb_unpack(body, (size_t)sqlite3_column_bytes(st, 1), (size_t)sqlite3_column_int64(st, 0));
    good = one && json_array_append_new(all, one) == 0;
  }
  good = good && stepped == SQLITE_DONE;
  sqlite3_finalize(st);
  if (good) return all;
  json_decref(all);
  return NULL;
}

static bool put_point(struct gcb_store *s, int64_t run, int64_t cell, const char *machine, const char *metric,
                      double value, double spread, size_t n) {
  return gcb_sql_do(s, "INSERT OR IGNORE INTO series (metric, cell, machine) VALUES (?, ?, ?)", "sis", metric,
                    cell, machine) &&
         gcb_sql_do(s,
                    "INSERT OR REPLACE INTO points (series, run, value, spread, n) VALUES ((SELECT id FROM "
                    "series WHERE metric = ? AND cell = ? AND machine = ?), ?, ?, ?, ?)",
                    "sisiffi", metric, cell, machine, run, value, spread, (int64_t)n);
}

static bool points_of_cell(struct gcb_store *s, int64_t run, int64_t cell, const char *machine,
                           const json_t *invocations) {
  double *values = calloc(json_array_size(invocations) + 1, sizeof *values);
  bool good = values;
  for (size_t m = 0; good && m < gcb_n_metrics; m++) {
    size_t n = gcb_metric_values(&gcb_metrics[m], invocations, values);
    double mean = 0, squares = 0;
    if (!n) continue;
    for (size_t i = 0; i < n; i++) mean += values[i] / (double)n;
    for (size_t i = 0; i < n; i++) squares += (values[i] - mean) * (values[i] - mean);
    good = put_point(s, run, cell, machine, gcb_metrics[m].name, mean,
                     n > 1 ? sqrt(squares / (double)(n - 1)) : NAN, n);
  }
  free(values);
  return good;
}

/* The invocations of every place that a cell has in a run, one after the other. NULL when they cannot be
 * read. New reference. */
static json_t *invocations_of(struct gcb_store *s, int64_t run, int64_t cell, const char *machine) {
  sqlite3_stmt *st = gcb_sql(s,
                             "SELECT ordinal FROM run_cells WHERE run = ? AND cell = ? AND machine = ? "
                             "AND " GCB_POINT_CELLS " ORDER BY ordinal",
                             "iis", run, cell, machine);
  json_t *all = json_array();
  int stepped = SQLITE_ERROR;
  bool good = st;
  while (good && (stepped = sqlite3_step(st)) == SQLITE_ROW) {
    json_t *some = gcb_store_invocations(s, run, sqlite3_column_int64(st, 0), "invocations");
    good = some && json_array_extend(all, some) == 0;
    json_decref(some);
  }
  good = good && stepped == SQLITE_DONE;
  sqlite3_finalize(st);
  if (good) return all;
  json_decref(all);
  return NULL;
}

bool gcb_store_points(struct gcb_store *s, int64_t run) {
  sqlite3_stmt *st =
      gcb_sql(s, "SELECT DISTINCT cell, machine FROM run_cells WHERE run = ? AND " GCB_POINT_CELLS, "i", run);
  int stepped = SQLITE_ERROR;
  bool good = st;
  while (good && (stepped = sqlite3_step(st)) == SQLITE_ROW) {
    int64_t cell = sqlite3_column_int64(st, 0);
    const char *machine = (const char *)sqlite3_column_text(st, 1);
    json_t *invocations = invocations_of(s, run, cell, machine);
    good = invocations && points_of_cell(s, run, cell, machine, invocations);
    json_decref(invocations);
  }
  good = good && stepped == SQLITE_DONE;
  sqlite3_finalize(st);
  return good && gcb_sql_do(s, "UPDATE runs SET settled = done WHERE id = ?", "i", run);
}
