#include "results/store/history.h"
#include "results/model/cell.h"
#include "results/model/fingerprint.h"
#include "results/store/store_private.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- nights ---- */

static const char *column(sqlite3_stmt *st, int i) {
  const char *text = (const char *)sqlite3_column_text(st, i);
  return text ? text : "";
}

/* Room for one more, doubling. */
static bool grow(void *array, size_t n, size_t size) {
  if (n & (n - 1)) return true;
  void *grown = realloc(*(void **)array, (n ? 2 * n : 1) * size);
  if (grown) *(void **)array = grown;
  return grown;
}

static bool load_nights(struct gcb_store *s, const char *since, struct gcb_history *h) {
  size_t n = since ? strlen(since) : 0;
  bool days = n && since[n - 1] == 'd', good = true;
  char back[40];
  snprintf(back, sizeof back, "-%.20s", days ? since : "0d");
  if (days) snprintf(back + strlen(back) - 1, 6, " days");
  sqlite3_stmt *st = gcb_sql(s,
                             "SELECT id, uuid, name, started FROM runs WHERE started >= CASE WHEN ?1 THEN "
                             "(SELECT strftime('%Y-%m-%dT%H:%M:%S', max(started), ?2) FROM runs) ELSE ?3 END "
                             "ORDER BY started, id",
                             "iss", (int64_t)days, back, since ? since : "");
  int stepped = SQLITE_ERROR;
  while (st && good && (stepped = sqlite3_step(st)) == SQLITE_ROW) {
    good = grow(&h->nights, h->n_nights, sizeof *h->nights);
    if (!good) break;
    gcb_night *night = &h->nights[h->n_nights++];
    *night = (gcb_night){.id = sqlite3_column_int64(st, 0)};
    snprintf(night->uuid, sizeof night->uuid, "%s", column(st, 1));
    snprintf(night->started, sizeof night->started, "%s", column(st, 3));
    if (sqlite3_column_type(st, 2) != SQLITE_NULL) night->name = strdup(column(st, 2));
  }
  sqlite3_finalize(st);
  return good && stepped == SQLITE_DONE;
}

/* Numbers of runs as they are stored follow their start but for imported ones. */
typedef struct by_id {
  int64_t id;
  size_t night;
} by_id;

static int compare_ids(const void *a, const void *b) {
  int64_t x = ((const by_id *)a)->id, y = ((const by_id *)b)->id;
  return (x > y) - (x < y);
}

static by_id *index_nights(const struct gcb_history *h) {
  by_id *index = calloc(h->n_nights + 1, sizeof *index);
  for (size_t i = 0; index && i < h->n_nights; i++) index[i] = (by_id){h->nights[i].id, i};
  if (index) qsort(index, h->n_nights, sizeof *index, compare_ids);
  return index;
}

/* ---- series ---- */

static bool listed(const char *word, const char *const *list, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (strcmp(word, list[i]) == 0) return true;
  return n == 0;
}

static bool among(int64_t id, const int64_t *list, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (id == list[i]) return true;
  return n == 0;
}

static bool heap_wanted(const json_t *cell, const gcb_history_filter *f) {
  double bytes = json_number_value(json_object_get(cell, "heap_bytes"));
  double factor = json_number_value(json_object_get(cell, "heap_factor"));
  for (size_t i = 0; i < f->n_heaps; i++) {
    const struct gcb_heap_size *h = &f->heaps[i];
    /* The bound is rounded up to a page, so the factor is only nearly what was asked for. */
    if (h->bytes ? (double)h->bytes == bytes : fabs(h->factor - factor) < .005) return true;
  }
  return f->n_heaps == 0;
}

/* The identity of a cell, from its key and the newest run that has it. */
static json_t *load_cell(struct gcb_store *s, int64_t id, const char *key) {
  json_t *cell = json_loads(key, 0, NULL), *header = NULL;
  sqlite3_stmt *st =
      gcb_sql(s, "SELECT header FROM run_cells WHERE cell = ? ORDER BY run DESC LIMIT 1", "i", id);
  if (st && sqlite3_step(st) == SQLITE_ROW) header = gcb_sql_json(st, 0);
  sqlite3_finalize(st);
  json_t *factor = json_object_get(header, "heap_factor");
  if (factor) json_object_set(cell, "heap_factor", factor);
  json_decref(header);
  return cell;
}

/* Its cell comes once for all metrics: `order` keeps them together. */
static bool load_series(struct gcb_store *s, const gcb_history_filter *f, struct gcb_history *h) {
  size_t machine = f->machine ? strlen(f->machine) : 0;
  bool one = f->n_metrics == 1, good = true; /* one metric is a range of an index */
  sqlite3_stmt *st = gcb_sql(
      s,
      "SELECT series.id, metric, machine, cell, cells.key, workload, collector, cells.options FROM series "
      "JOIN cells ON cells.id = cell WHERE (?1 IS NULL OR metric = ?1) AND (?2 = 0 OR series.id = ?2) "
      "ORDER BY workload, cells.params, collector, cells.options, heap_bytes, mutators, workers, cell",
      "si", one ? f->metrics[0] : NULL, f->n_ids == 1 ? f->ids[0] : 0);
  int stepped = SQLITE_ERROR;
  int64_t cell_id = 0;
  json_t *cell = NULL;
  while (st && good && (stepped = sqlite3_step(st)) == SQLITE_ROW) {
    const gcb_metric *metric = gcb_metric_find(column(st, 1));
    if (!metric || !among(sqlite3_column_int64(st, 0), f->ids, f->n_ids) ||
        !listed(metric->name, f->metrics, f->n_metrics) ||
        !listed(column(st, 5), f->workloads, f->n_workloads) ||
        strncmp(column(st, 2), f->machine ? f->machine : "", machine) != 0 ||
        !(listed(column(st, 6), f->collectors, f->n_collectors) ||
          listed(column(st, 7), f->collectors, f->n_collectors)))
      continue;
    if (!cell || cell_id != sqlite3_column_int64(st, 3)) {
      json_decref(cell);
      cell_id = sqlite3_column_int64(st, 3);
      cell = load_cell(s, cell_id, column(st, 4));
    }
    if (!heap_wanted(cell, f)) continue;
    good = grow(&h->series, h->n_series, sizeof *h->series);
    if (!good) break;
    gcb_series *series = &h->series[h->n_series++];
    *series = (gcb_series){.id = sqlite3_column_int64(st, 0), .metric = metric, .cell = json_incref(cell)};
    snprintf(series->machine, sizeof series->machine, "%s", column(st, 2));
  }
  json_decref(cell);
  sqlite3_finalize(st);
  return good && stepped == SQLITE_DONE;
}

/* ---- points ---- */

typedef struct point {
  size_t night;
  double value;
} point;

static int compare_points(const void *a, const void *b) {
  size_t x = ((const point *)a)->night, y = ((const point *)b)->night;
  return (x > y) - (x < y);
}

static bool load_points(sqlite3_stmt *st, const struct gcb_history *h, const by_id *index, point *all,
                        gcb_series *series) {
  size_t n = 0;
  int stepped;
  sqlite3_bind_int64(st, 1, series->id);
  sqlite3_bind_int64(st, 2, h->n_nights ? index[0].id : 0);
  while ((stepped = sqlite3_step(st)) == SQLITE_ROW) {
    by_id key = {.id = sqlite3_column_int64(st, 0)};
    const by_id *found = bsearch(&key, index, h->n_nights, sizeof key, compare_ids);
    if (found) all[n++] = (point){found->night, sqlite3_column_double(st, 1)};
  }
  sqlite3_reset(st);
  qsort(all, n, sizeof *all, compare_points);
  series->nights = calloc(n + 1, sizeof *series->nights);
  series->values = calloc(n + 1, sizeof *series->values);
  if (stepped != SQLITE_DONE || !series->nights || !series->values) return false;
  for (size_t i = 0; i < n; i++) {
    series->nights[i] = all[i].night;
    series->values[i] = all[i].value;
  }
  series->n = n;
  return true;
}

static bool load_all_points(struct gcb_store *s, struct gcb_history *h) {
  by_id *index = index_nights(h);
  point *all = calloc(h->n_nights + 1, sizeof *all);
  sqlite3_stmt *st = gcb_sql(s, "SELECT run, value FROM points WHERE series = ? AND run >= ?", "");
  bool good = index && all && st;
  size_t kept = 0;
  for (size_t i = 0; i < h->n_series; i++) {
    gcb_series *series = &h->series[i];
    good = good && load_points(st, h, index, all, series);
    if (good && !series->n) { /* none since */
      json_decref(series->cell);
      free(series->nights);
      free(series->values);
      continue;
    }
    gcb_series held = *series;
    h->series[kept++] = held;
  }
  h->n_series = kept;
  sqlite3_finalize(st);
  free(index);
  free(all);
  return good;
}

/* ---- steps ---- */

/* An exact metric that changes more often than every fifth night is not exact for this collector. */
static size_t find_steps(const gcb_series *s, gcb_change *changes) {
  size_t n = s->n;
  if (s->metric->class == GCB_EXACT) {
    n = gcb_exact_changes(s->values, s->n, changes, s->n);
    if (5 * n <= s->n + 4) return n;
  }
  return gcb_changes(s->values, s->n, NULL, changes, s->n);
}

/* The first night of the series that began no earlier than `started`. */
static size_t position(const struct gcb_history *h, const gcb_series *s, const char *started) {
  size_t i = 0;
  while (i < s->n && strcmp(h->nights[s->nights[i]].started, started) < 0) i++;
  return i;
}

static bool agrees(const json_t *pattern, const json_t *identity) {
  const char *key;
  json_t *value;
  json_object_foreach((json_t *)pattern, key, value) {
    if (!json_equal(value, json_object_get(identity, key))) return false;
  }
  return true;
}

static const char *acknowledged(const struct gcb_history *h, const gcb_series *s, size_t at,
                                const json_t *acks) {
  enum { NEAR = 2 }; /* a step's night shifts a little as further nights come in */
  const char *reason = NULL;
  json_t *identity = json_array_size(acks) ? gcb_series_pattern(s) : NULL, *ack;
  size_t i;
  json_array_foreach((json_t *)acks, i, ack) {
    const char *started = json_string_value(json_object_get(ack, "started"));
    if (!started || !agrees(json_object_get(ack, "pattern"), identity)) continue;
    size_t said = position(h, s, started);
    if (said < s->n && said + NEAR >= at && said <= at + NEAR)
      reason = json_string_value(json_object_get(ack, "reason"));
  }
  json_decref(identity);
  return reason;
}

/* Is the level of step i no longer worse than before it, by what counts as a difference? */
static bool undone(const gcb_change *changes, size_t n, size_t i, const gcb_metric *m) {
  double size = m->class == GCB_EXACT ? 0 : gcb_change_defaults.size;
  double before = changes[i].before, worst = before * (m->more_is_better ? 1 - size : 1 + size);
  for (size_t k = i + 1; k < n; k++)
    if (m->more_is_better ? changes[k].after >= worst : changes[k].after <= worst) return true;
  return false;
}

static bool judge_series(const struct gcb_history *h, gcb_series *s, const json_t *acks,
                         gcb_change *changes) {
  size_t n = find_steps(s, changes);
  s->steps = calloc(n + 1, sizeof *s->steps);
  if (!s->steps) return false;
  for (size_t i = 0; i < n; i++) {
    const gcb_change *c = &changes[i];
    const char *reason = acknowledged(h, s, c->at, acks);
    bool better = (c->after > c->before) == s->metric->more_is_better;
    gcb_step_verdict verdict = s->metric->class == GCB_INFORMATIONAL ? GCB_STEP_SHOWN
                               : reason                              ? GCB_STEP_ACKNOWLEDGED
                               : better                              ? GCB_STEP_BETTER
                               : undone(changes, n, i, s->metric)    ? GCB_STEP_UNDONE
                                                                     : GCB_STEP_SUSPECT;
    s->steps[i] = (gcb_step){*c, verdict, reason ? strdup(reason) : NULL};
  }
  s->n_steps = n;
  return true;
}

static bool judge(struct gcb_store *s, struct gcb_history *h, char *why, size_t why_size) {
  gcb_change *changes = calloc(h->n_nights + 1, sizeof *changes);
  json_t *acks = gcb_history_acks(s, why, why_size);
  bool good = changes && acks;
  for (size_t i = 0; good && i < h->n_series; i++) good = judge_series(h, &h->series[i], acks, changes);
  json_decref(acks);
  free(changes);
  return good;
}

/* ---- machines ---- */

static json_t *find_machine(const json_t *machines, const char *key) {
  size_t i;
  json_t *m;
  json_array_foreach((json_t *)machines, i, m) {
    if (strcmp(json_string_value(json_object_get(m, "key")), key) == 0) return m;
  }
  return NULL;
}

static json_int_t index_of(const json_t *machine, const char *key) {
  return json_integer_value(json_object_get(machine, key));
}

static json_t *about_machine(struct gcb_store *s, const char *key) {
  sqlite3_stmt *st = gcb_sql(s, "SELECT description FROM machines WHERE key = ?", "s", key);
  json_t *about = st && sqlite3_step(st) == SQLITE_ROW ? gcb_sql_json(st, 0) : json_null();
  sqlite3_finalize(st);
  return about;
}

/* A machine took over from the one that was used last before its first night; machines that are used side by
 * side, as in a fleet, did not take over from each other. */
static void find_before(json_t *machines, json_t *m) {
  json_t *other, *before = NULL;
  char difference[2000];
  size_t i;
  json_array_foreach(machines, i, other) {
    if (index_of(other, "last") < index_of(m, "first") &&
        (!before || index_of(other, "last") > index_of(before, "last")))
      before = other;
  }
  if (!before) return;
  gcb_fingerprint_difference(json_object_get(before, "about"), json_object_get(m, "about"), difference,
                             sizeof difference);
  json_object_set(m, "before", json_object_get(before, "key"));
  json_object_set_new(m, "difference", json_string(difference));
}

static void load_machines(struct gcb_store *s, struct gcb_history *h) {
  h->machines = json_array();
  for (size_t i = 0; i < h->n_series; i++) {
    const gcb_series *series = &h->series[i];
    json_int_t first = (json_int_t)series->nights[0], last = (json_int_t)series->nights[series->n - 1];
    json_t *m = find_machine(h->machines, series->machine);
    if (!m) {
      m = json_pack("{s:s, s:I, s:I, s:o, s:n, s:n}", "key", series->machine, "first", first, "last", last,
                    "about", about_machine(s, series->machine), "before", "difference");
      json_array_append_new(h->machines, m);
    }
    if (first < index_of(m, "first")) json_object_set_new(m, "first", json_integer(first));
    if (last > index_of(m, "last")) json_object_set_new(m, "last", json_integer(last));
  }
  size_t i;
  json_t *m;
  json_array_foreach(h->machines, i, m) find_before(h->machines, m);
}

/* Stable: what the query ordered stays in order within a machine. */
static bool sort_by_machine(struct gcb_history *h) {
  gcb_series *sorted = calloc(h->n_series + 1, sizeof *sorted);
  json_t *machines = json_array();
  size_t n = 0;
  if (!sorted) return false;
  while (json_array_size(h->machines)) {
    size_t newest = 0;
    for (size_t i = 1; i < json_array_size(h->machines); i++)
      if (index_of(json_array_get(h->machines, i), "last") >
          index_of(json_array_get(h->machines, newest), "last"))
        newest = i;
    json_t *m = json_array_get(h->machines, newest);
    const char *key = json_string_value(json_object_get(m, "key"));
    for (size_t i = 0; i < h->n_series; i++)
      if (strcmp(h->series[i].machine, key) == 0) sorted[n++] = h->series[i];
    json_array_append(machines, m);
    json_array_remove(h->machines, newest);
  }
  free(h->series);
  json_decref(h->machines);
  h->series = sorted;
  h->machines = machines;
  return true;
}

/* ---- the whole ---- */

struct gcb_history *gcb_history_load(struct gcb_store *s, const gcb_history_filter *f, char *why,
                                     size_t why_size) {
  struct gcb_history *h = calloc(1, sizeof *h);
  snprintf(why, why_size, "no memory to read the history");
  if (h && load_nights(s, f->since, h) && load_series(s, f, h) && load_all_points(s, h) &&
      judge(s, h, why, why_size)) {
    load_machines(s, h);
    if (sort_by_machine(h)) return h;
  }
  gcb_store_failed(s, why, why_size);
  gcb_history_free(h);
  return NULL;
}

void gcb_history_free(struct gcb_history *h) {
  if (!h) return;
  for (size_t i = 0; i < h->n_nights; i++) free(h->nights[i].name);
  for (size_t i = 0; i < h->n_series; i++) {
    gcb_series *s = &h->series[i];
    for (size_t k = 0; k < s->n_steps; k++) free(s->steps[k].reason);
    free(s->steps);
    free(s->nights);
    free(s->values);
    json_decref(s->cell);
  }
  free(h->nights);
  free(h->series);
  json_decref(h->machines);
  free(h);
}
