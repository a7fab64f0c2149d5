#include "lbo.h"
#include "members.h"
#include "stats.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One member of a set: each invocation's mean total and mean distilled time. */
typedef struct member {
  json_t *cell;
  double *total, *distilled;
  size_t n;
} member;

static bool ok(const json_t *cell) {
  return strcmp(gcb_string(cell, "status"), "ok") == 0;
}

static bool same_set(const json_t *a, const json_t *b) {
  return strcmp(gcb_string(a, "workload"), gcb_string(b, "workload")) == 0 &&
         json_equal(json_object_get(a, "params"), json_object_get(b, "params")) &&
         json_equal(json_object_get(a, "heap_bytes"), json_object_get(b, "heap_bytes")) &&
         json_equal(json_object_get(a, "mutators"), json_object_get(b, "mutators"));
}

/* Values of the invocations that have both; NAN in neither. */
static void measure(member *m, json_t *cell, const char *total, const char *stopped) {
  json_t *invocations = json_object_get(cell, "invocations"), *invocation, *iteration;
  size_t i, k, most = json_array_size(invocations) + 1;
  *m = (member){cell, calloc(most, sizeof(double)), calloc(most, sizeof(double)), 0};
  if (!m->total || !m->distilled) return;
  json_array_foreach(invocations, i, invocation) {
    double all = 0, out = 0, n = 0;
    json_array_foreach(json_object_get(invocation, "iterations"), k, iteration) {
      double stop = gcb_number(iteration, stopped);
      all += gcb_number(iteration, total);
      out += stop;
      n++;
    }
    if (n == 0 || !isfinite(all + out)) continue;
    m->total[m->n] = all / n;
    m->distilled[m->n++] = (all - out) / n;
  }
}

static json_t *named(const json_t *cell) {
  char text[300];
  const char *key;
  json_t *value;
  int n = snprintf(text, sizeof text, "%.100s", gcb_string(cell, "collector"));
  json_object_foreach(json_object_get(cell, "options"), key, value) if (n >= 0 && n < (int)sizeof text) n +=
      snprintf(text + n, sizeof text - (size_t)n, " %s=%s", key, json_string_value(value));
  return json_string(text);
}

static json_t *real(double d) {
  return isfinite(d) ? json_real(d) : json_null();
}

/* LBO of every member of the set by one kind of cost, into lbo[i] under `key`. */
static void rate(member *set, size_t n, const char *key, json_t **lbo, gcb_rng *rng) {
  double *resampled = malloc(n * GCB_RESAMPLES * sizeof *resampled), *totals = malloc(n * sizeof *totals);
  size_t best = 0;
  bool can = resampled && totals;
  for (size_t i = 0; i < n; i++)
    if (!(gcb_mean(set[best].distilled, set[best].n) <= gcb_mean(set[i].distilled, set[i].n))) best = i;
  double baseline = gcb_mean(set[best].distilled, set[best].n);
  for (size_t r = 0; can && r < GCB_RESAMPLES; r++) {
    double least = INFINITY;
    for (size_t i = 0; i < n; i++) {
      gcb_rng again = *rng; /* the same draws of invocations for both, since they belong together */
      totals[i] = gcb_resample_mean(set[i].total, set[i].n, &again);
      double distilled = gcb_resample_mean(set[i].distilled, set[i].n, rng);
      if (distilled < least) least = distilled;
    }
    for (size_t i = 0; i < n; i++) resampled[i * GCB_RESAMPLES + r] = totals[i] / least;
  }
  for (size_t i = 0; i < n; i++) {
    double mean = gcb_mean(set[i].total, set[i].n) / baseline;
    gcb_interval v = {mean, NAN, NAN, set[i].n};
    if (can && set[i].n > 1)
      v = gcb_bootstrap_tails(mean, set[i].n, resampled + i * GCB_RESAMPLES, GCB_RESAMPLES);
    json_object_set_new(lbo[i], key,
                        json_pack("{s:o, s:o, s:o, s:I, s:o}", "mean", real(v.mean), "lo", real(v.lo), "hi",
                                  real(v.hi), "n", (json_int_t)v.n, "baseline", named(set[best].cell)));
  }
  free(resampled);
  free(totals);
}

static double mean_of(const json_t *cell, const char *key) {
  return gcb_number(json_object_get(json_object_get(cell, "summary"), key), "mean");
}

/* A path's words after the allocation, "write-read-roots", as every invocation notes it. */
static const char *path_of(const json_t *cell) {
  return gcb_string(json_array_get(json_object_get(cell, "invocations"), 0), "path");
}
static const char *barriers_of(const json_t *cell) {
  const char *dash = strchr(path_of(cell), '-');
  return dash ? dash + 1 : "";
}

/* Split a cell by what the set's non-reclaiming members cost. */
static void split(const member *set, size_t n, json_t *cell, json_t *summary) {
  const json_t *plain = NULL, *barred = NULL;
  for (size_t i = 0; i < n; i++) {
    const json_t *c = set[i].cell;
    if (json_is_true(json_object_get(c, "reclaims"))) continue;
    if (strcmp(barriers_of(c), "none-none-plain") == 0) plain = c;
    if (strcmp(barriers_of(c), barriers_of(cell)) == 0 && !barred) barred = c;
  }
  if (!plain || !barred || cell == plain) return;
  double mutator = mean_of(plain, "wall_ns"), barrier = mean_of(barred, "wall_ns") - mutator;
  double stopped = mean_of(cell, "stw_ns"), rest = mean_of(cell, "wall_ns") - mutator - barrier - stopped;
  json_object_set_new(summary, "lbo_split",
                      json_pack("{s:o, s:o, s:o, s:o}", "mutator_ns", real(mutator), "barrier_ns",
                                real(barrier), "stopped_ns", real(stopped), "rest_ns", real(rest)));
}

static void one_set(member *wall, member *cpu, size_t n, gcb_rng *rng) {
  json_t *names = json_array(), **lbo = calloc(n, sizeof *lbo);
  for (size_t i = 0; i < n; i++) json_array_append_new(names, named(wall[i].cell));
  if (lbo && n > 1) {
    for (size_t i = 0; i < n; i++) lbo[i] = json_pack("{s:O}", "set", names);
    rate(wall, n, "wall", lbo, rng);
    rate(cpu, n, "cpu", lbo, rng);
    for (size_t i = 0; i < n; i++) {
      json_t *summary = json_object_get(wall[i].cell, "summary");
      json_object_set_new(summary, "lbo", lbo[i]);
      split(wall, n, wall[i].cell, summary);
    }
  }
  free(lbo);
  json_decref(names);
}

void gcb_lbo(json_t *cells, uint64_t seed) {
  size_t all = json_array_size(cells);
  gcb_rng rng = gcb_rng_seed(seed);
  member *wall = calloc(all + 1, sizeof *wall), *cpu = calloc(all + 1, sizeof *cpu);
  bool *done = calloc(all + 1, sizeof *done);
  for (size_t i = 0; wall && cpu && done && i < all; i++) {
    size_t n = 0;
    json_t *first = json_array_get(cells, i);
    if (done[i]) continue;
    for (size_t k = i; k < all; k++) {
      json_t *cell = json_array_get(cells, k);
      if (done[k] || !same_set(first, cell)) continue;
      done[k] = true;
      json_object_set_new(json_object_get(cell, "summary"), "lbo", json_null());
      if (!ok(cell)) continue;
      measure(&wall[n], cell, "wall_ns", "stw_ns");
      measure(&cpu[n], cell, "cpu_ns", "stw_cpu_ns");
      n++;
    }
    one_set(wall, cpu, n, &rng);
    for (size_t k = 0; k < n; k++) {
      free(wall[k].total);
      free(wall[k].distilled);
      free(cpu[k].total);
      free(cpu[k].distilled);
    }
  }
  free(wall);
  free(cpu);
  free(done);
}
