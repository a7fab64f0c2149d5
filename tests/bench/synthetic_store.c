/* usage: synthetic_store make DIR [NIGHTS [CELLS [SEED]]]     a store of so many nightly runs, by default ten
 *                                                             years of 100 cells: ten million points
 *        synthetic_store time DIR                             how long the store takes to open and answer,
 *                                                             median of 5: wall time, and CPU time, which
 *                                                             is about what a quiet machine takes
 *
 * A series is a level x (1 + noise of 2 %, correlated from night to night), one night in 50 disturbed by up
 * to 30 %; every tenth series has a step of 5 % somewhere in the middle half. Exact metrics do not vary but
 * for such steps. The last two nights have invocations, so that they can be loaded and compared; those of all
 * ten years would fill a disk. */
#include "results/model/metrics.h"
#include "results/stats/stats.h"
#include "results/store/store.h"
#include <gcbench/rng.h>
#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { METRICS = 28, INVOCATIONS = 10, PAUSES = 60 };

static double seconds(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static double uniform(gcb_rng *rng) {
  return gcb_rng_unit(rng);
}

/* ---- make ---- */

static json_t *cell(int i) {
  static const char *const workloads[] = {"trees", "cycles", "churn", "requests", "chunks"};
  static const char *const collectors[] = {"gen3", "marksweep", "semispace", "immix", "rc"};
  static const double heaps[] = {1.5, 2, 3, 6};
  char depth[16];
  snprintf(depth, sizeof depth, "%d", 16 + i / 100);
  double factor = heaps[i / 25 % 4];
  return json_pack("{s:s, s:{s:s}, s:s, s:s, s:{}, s:I, s:f, s:b, s:b, s:I, s:i, s:i, s:s, s:s, s:n, s:[]}",
                   "workload", workloads[i % 5], "params", "depth", depth, "op", "one node", "collector",
                   collectors[i / 5 % 5], "options", "heap_bytes", (json_int_t)(factor * 1048576),
                   "heap_factor", factor, "bounded", 1, "reclaims", 1, "peak_live_bytes", (json_int_t)1048576,
                   "mutators", 1, "workers", 1, "seed", "1", "status", "ok", "reason", "invocations");
}

static json_t *invocation(gcb_rng *rng) {
  json_t *iterations = json_array();
  for (int i = 0; i < 3; i++) {
    json_t *pauses = json_array();
    for (int p = 0; p < PAUSES; p++)
      json_array_append_new(pauses,
                            json_pack("{s:I, s:I, s:s, s:n}", "start_ns", (json_int_t)p * 5000000, "ns",
                                      (json_int_t)(1e5 * (1 + uniform(rng))), "kind", "minor", "mutator"));
    json_array_append_new(iterations,
                          json_pack("{s:I, s:I, s:I, s:I, s:o}", "wall_ns",
                                    (json_int_t)(3e8 * (1 + .02 * uniform(rng))), "cpu_ns",
                                    (json_int_t)(3e8 * (1 + .02 * uniform(rng))), "ops", (json_int_t)1000000,
                                    "allocated_bytes", (json_int_t)64000000, "pauses", pauses));
  }
  return json_pack("{s:s, s:n, s:s, s:o}", "status", "ok", "reason", "watch", "throughput", "iterations",
                   iterations);
}

static json_t *night(int n, int nights, int cells, gcb_rng *rng) {
  char started[32], ended[32], name[32];
  time_t begin = 1479700800 + (time_t)86400 * n, end = begin + 3600;
  struct tm parts;
  gmtime_r(&begin, &parts);
  strftime(started, sizeof started, "%Y-%m-%dT%H:%M:%S.000Z", &parts);
  strftime(name, sizeof name, "night-%Y-%m-%d", &parts);
  gmtime_r(&end, &parts);
  strftime(ended, sizeof ended, "%Y-%m-%dT%H:%M:%S.000Z", &parts);
  json_t *list = json_array();
  for (int i = 0; i < cells; i++) {
    json_t *one = cell(i);
    for (int k = 0; n >= nights - 2 && k < INVOCATIONS; k++)
      json_array_append_new(json_object_get(one, "invocations"), invocation(rng));
    json_array_append_new(list, one);
  }
  return json_pack("{s:s, s:{s:s, s:s, s:s}, s:{s:s, s:s, s:[s, s]}, s:o}", "schema", "gcbench.run/1", "run",
                   "name", name, "started", started, "ended", ended, "context", "seed", "1", "cpu_model",
                   "synthetic", "command", "gcbench", "nightly", "cells", list);
}

static void sql(sqlite3 *db, const char *text) {
  if (sqlite3_exec(db, text, NULL, NULL, NULL) != SQLITE_OK)
    fprintf(stderr, "synthetic_store: %s: %s\n", text, sqlite3_errmsg(db));
}

/* One series over all nights. */
static void points(sqlite3_stmt *insert, int64_t series, const gcb_metric *m, int nights, gcb_rng *rng) {
  double level = exp(10 + 8 * uniform(rng)), noise = 0;
  int step = series % 10 == 0 ? nights / 4 + (int)gcb_rng_below(rng, (uint64_t)nights / 2 + 1) : nights;
  for (int n = 0; n < nights; n++) {
    double normal = -6; /* by the central limit */
    for (int k = 0; k < 12; k++) normal += uniform(rng);
    noise = .5 * noise + .02 * normal;
    double value = level * (n >= step ? 1.05 : 1);
    if (m->class != GCB_EXACT) {
      value *= 1 + noise;
      if (gcb_rng_below(rng, 50) == 0) value *= 1 + .3 * uniform(rng);
    }
    sqlite3_bind_int64(insert, 1, series);
    sqlite3_bind_int64(insert, 2, n + 1);
    sqlite3_bind_double(insert, 3, value);
    sqlite3_bind_double(insert, 4, m->class == GCB_EXACT ? 0 : value * .02);
    sqlite3_bind_int(insert, 5, INVOCATIONS);
    sqlite3_step(insert);
    sqlite3_reset(insert);
  }
}

static int make(const char *folder, int nights, int cells, uint64_t seed) {
  char why[4500];
  gcb_rng rng = gcb_rng_seed(seed);
  double begun = seconds(CLOCK_MONOTONIC);
  struct gcb_store *s = gcb_store_open(folder, GCB_STORE_WRITE, why, sizeof why);
  if (!s) goto failed;
  sqlite3 *db = gcb_store_database(s);
  sql(db, "PRAGMA synchronous=OFF"); /* it can be made again */
  for (int n = 0; n < nights; n++) {
    json_t *document = night(n, nights, cells, &rng);
    bool good = gcb_store_import(s, document, NULL, why, sizeof why) == n + 1;
    json_decref(document);
    if (!good) goto failed;
  }
  sql(db, "BEGIN");
  sql(db, "DELETE FROM points");
  for (size_t m = 0; m < METRICS; m++) {
    char one[300];
    snprintf(
        one, sizeof one,
        "INSERT OR IGNORE INTO series (metric, cell, machine) SELECT '%s', id, (SELECT key FROM machines) "
        "FROM cells",
        gcb_metrics[m].name);
    sql(db, one);
  }
  sqlite3_stmt *all, *insert;
  sqlite3_prepare_v2(db, "SELECT id, metric FROM series ORDER BY id", -1, &all, NULL);
  sqlite3_prepare_v2(db, "INSERT INTO points (series, run, value, spread, n) VALUES (?, ?, ?, ?, ?)", -1,
                     &insert, NULL);
  while (sqlite3_step(all) == SQLITE_ROW)
    points(insert, sqlite3_column_int64(all, 0), gcb_metric_find((const char *)sqlite3_column_text(all, 1)),
           nights, &rng);
  sqlite3_finalize(all);
  sqlite3_finalize(insert);
  sql(db, "COMMIT");
  printf("%s: %d nights, %d cells, %d points, seed %llu, made in %.0f s\n", gcb_store_path(s), nights, cells,
         nights * cells * METRICS, (unsigned long long)seed, seconds(CLOCK_MONOTONIC) - begun);
  gcb_store_close(s);
  return 0;
failed:
  fprintf(stderr, "synthetic_store: %s\n", why);
  gcb_store_close(s);
  return 1;
}

/* ---- time ---- */

static long rows(sqlite3 *db, const char *query) {
  sqlite3_stmt *st;
  long n = 0;
  if (sqlite3_prepare_v2(db, query, -1, &st, NULL) != SQLITE_OK) return -1;
  while (sqlite3_step(st) == SQLITE_ROW) n++;
  sqlite3_finalize(st);
  return n;
}

static long list_runs(struct gcb_store *s) {
  char why[4500];
  json_t *runs = gcb_store_runs(s, 0, why, sizeof why);
  long n = (long)json_array_size(runs);
  json_decref(runs);
  return n;
}

static long load_last(struct gcb_store *s, bool finish) {
  char why[4500];
  json_t *run = gcb_store_load(s, gcb_store_find(s, "last", why, sizeof why), finish, why, sizeof why);
  long n = (long)json_array_size(json_object_get(run, "cells"));
  json_decref(run);
  return n;
}

static long load_raw(struct gcb_store *s) {
  return load_last(s, false);
}

static long load_finished(struct gcb_store *s) {
  return load_last(s, true);
}

static long one_series(struct gcb_store *s) {
  return rows(gcb_store_database(s),
              "SELECT runs.started, value, n FROM points JOIN runs ON runs.id = run WHERE series = (SELECT "
              "series.id FROM series JOIN cells ON cells.id = cell WHERE metric = 'wall_ns' AND workload = "
              "'cycles' AND collector = 'gen3' AND heap_bytes = 3145728) ORDER BY runs.started");
}

/* What a comparison of two stored nights reads. CROSS, or SQLite would scan all points of one night. */
static long two_nights(struct gcb_store *s) {
  return rows(gcb_store_database(s),
              "SELECT metric, cell, a.value, b.value FROM series "
              "CROSS JOIN points AS a ON a.series = series.id AND a.run = (SELECT max(id) FROM runs) "
              "CROSS JOIN points AS b ON b.series = series.id AND b.run = (SELECT max(id) - 1 FROM runs)");
}

/* Every series of the last 90 nights: what a nightly history looks at. */
static long last_quarter(struct gcb_store *s) {
  return rows(gcb_store_database(s),
              "SELECT series, run, value FROM series CROSS JOIN points ON series = series.id "
              "AND run > (SELECT max(id) - 90 FROM runs)");
}

static int timings(const char *folder) {
  static const struct {
    const char *what;
    long (*query)(struct gcb_store *);
  } queries[] = {{"open the store", NULL},
                 {"list of all runs", list_runs},
                 {"one series, all nights (rows)", one_series},
                 {"two nights, every metric (rows)", two_nights},
                 {"every series, last 90 nights (rows)", last_quarter},
                 {"load the last run, raw (cells)", load_raw},
                 {"load it with summaries (cells)", load_finished}};
  char why[4500];
  for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
    static const clockid_t clocks[] = {CLOCK_MONOTONIC, CLOCK_PROCESS_CPUTIME_ID};
    double took[2][5];
    long n = 1;
    for (int k = 0; k < 5; k++) {
      for (int c = 0; c < 2; c++) took[c][k] = -seconds(clocks[c]);
      struct gcb_store *s = gcb_store_open(folder, GCB_STORE_READ, why, sizeof why);
      if (!s) {
        fprintf(stderr, "synthetic_store: %s\n", why);
        return 1;
      }
      if (queries[i].query) n = queries[i].query(s);
      for (int c = 0; c < 2; c++) took[c][k] += seconds(clocks[c]);
      gcb_store_close(s);
    }
    printf("%-36s %8ld  %8.1f ms  %8.1f ms CPU\n", queries[i].what, n, gcb_median(took[0], 5) * 1e3,
           gcb_median(took[1], 5) * 1e3);
  }
  return 0;
}

int main(int argc, char **argv) {
  if (argc == 3 && strcmp(argv[1], "time") == 0) return timings(argv[2]);
  if (argc >= 3 && argc <= 6 && strcmp(argv[1], "make") == 0)
    return make(argv[2], argc > 3 ? atoi(argv[3]) : 3650, argc > 4 ? atoi(argv[4]) : 100,
                argc > 5 ? strtoull(argv[5], NULL, 10) : 1);
  fprintf(stderr, "usage: synthetic_store make DIR [NIGHTS [CELLS [SEED]]]\n"
                  "       synthetic_store time DIR\n");
  return 2;
}
