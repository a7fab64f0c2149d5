#include "results/analysis/lbo.h"
#include "results/analysis/explain.h"
#include "results/model/members.h"
#include "results/stats/stats.h"
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One member of a set: each invocation's mean total and mean distilled time, which is never above the total.
 */
typedef struct member {
  json_t *cell;
  double *total, *distilled;
  size_t n;
  bool told; /* its stops are known; else distilled is the total */
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

/* Means over the iterations of one invocation. `stopped` is NAN where an iteration does not tell its stops,
 * or tells stops that the total cannot hold. False where the total is not known or not above 0. */
static bool means_of(const json_t *invocation, const char *total_key, const char *stopped_key, double *total,
                     double *stopped) {
  size_t k, n = 0;
  json_t *iteration;
  *total = *stopped = 0;
  json_array_foreach(json_object_get(invocation, "iterations"), k, iteration) {
    *total += gcb_number(iteration, total_key);
    *stopped += gcb_number(iteration, stopped_key);
    n++;
  }
  *total /= (double)n;
  *stopped /= (double)n;
  if (!(*stopped >= 0 && *stopped < *total)) *stopped = NAN;
  return n && isfinite(*total) && *total > 0;
}

/* A collector that does not tell the stops of some invocation is taken as if it had none in any: its total is
 * a bound of what the work costs, too, though a looser one. */
static void measure(member *m, json_t *cell, const char *total_key, const char *stopped_key) {
  json_t *invocations = json_object_get(cell, "invocations"), *invocation;
  size_t i, most = json_array_size(invocations) + 1;
  *m = (member){cell, calloc(most, sizeof(double)), calloc(most, sizeof(double)), 0, true};
  if (!m->total || !m->distilled) return;
  json_array_foreach(invocations, i, invocation) {
    double total, stopped;
    if (!means_of(invocation, total_key, stopped_key, &total, &stopped)) continue;
    m->told &= isfinite(stopped);
    m->total[m->n] = total;
    m->distilled[m->n++] = total - stopped;
  }
  if (!m->told) memcpy(m->distilled, m->total, m->n * sizeof *m->total);
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

/* The total of one member over the distilled cost of another, or of itself: then they are of the same
 * invocations. All NAN where one was not measured. */
static gcb_interval over(const member *total, const member *distilled) {
  gcb_log_sum sum = {0};
  if (total == distilled) {
    gcb_log_add_paired(&sum, total->total, total->distilled, total->n);
  } else {
    gcb_log_add(&sum, total->total, total->n, 1);
    gcb_log_add(&sum, distilled->distilled, distilled->n, -1);
  }
  return gcb_log_interval(&sum);
}

/* The member with the least distilled cost; NULL when none was measured. */
static const member *baseline_of(const member *set, size_t n) {
  const member *best = NULL;
  for (size_t i = 0; i < n; i++)
    if (set[i].n && (!best || gcb_mean(set[i].distilled, set[i].n) < gcb_mean(best->distilled, best->n)))
      best = &set[i];
  return best;
}

/* Which member has the least distilled cost is an estimate, too. LBO is the greatest of the ratios to all of
 * them, so that its upper end is the greatest of theirs; its lower end is that of the baseline seen, and 1,
 * below which no cost is, its own distilled cost being one of the set. */
static gcb_interval lbo_of(const member *m, const member *set, size_t n, const member *baseline) {
  gcb_interval v = over(m, baseline);
  if (v.mean < 1) v.mean = 1; /* by rounding alone */
  if (isnan(v.lo)) return v;
  v.lo = fmin(fmax(v.lo, 1), v.mean);
  v.hi = fmax(v.hi, v.mean);
  for (size_t i = 0; i < n; i++)
    if (set[i].n) v.hi = fmax(v.hi, over(m, &set[i]).hi); /* one without an interval says nothing */
  return v;
}

/* LBO of every member of the set by one kind of cost, into lbo[i] under `key`; null for one not measured. */
static void rate(const member *set, size_t n, const char *key, json_t **lbo) {
  const member *baseline = baseline_of(set, n);
  for (size_t i = 0; i < n; i++) {
    if (!set[i].n) {
      json_object_set_new(lbo[i], key, json_null());
      continue;
    }
    gcb_interval v = lbo_of(&set[i], set, n, baseline);
    json_object_set_new(lbo[i], key,
                        json_pack("{s:o, s:o, s:o, s:I, s:o}", "mean", real(v.mean), "lo", real(v.lo), "hi",
                                  real(v.hi), "n", (json_int_t)v.n, "baseline", named(baseline->cell)));
  }
}

static double mean_of(const json_t *cell, const char *key) {
  return gcb_number(json_object_get(json_object_get(cell, "summary"), key), "mean");
}

/* Split a cell by what cells that never reclaim cost on the same work. No bound of theirs was in their way,
 * so that their heap may be another one. */
static void split(const json_t *cells, const json_t *cell) {
  gcb_ablations a = gcb_explain_find(cells, cell);
  if (!a.plain || !a.barred || cell == a.plain) return;
  double mutator = mean_of(a.plain, "wall_ns"), barrier = mean_of(a.barred, "wall_ns") - mutator;
  double stopped = mean_of(cell, "stw_ns"), rest = mean_of(cell, "wall_ns") - mutator - barrier - stopped;
  json_object_set_new(json_object_get(cell, "summary"), "lbo_split",
                      json_pack("{s:o, s:o, s:o, s:o}", "mutator_ns", real(mutator), "barrier_ns",
                                real(barrier), "stopped_ns", real(stopped), "rest_ns", real(rest)));
}

/* A reader of this cell, or of those beside it, must know that it was taken as if it had no stops. */
static void flag_untold(json_t *summary) {
  json_t *flags = json_object_get(summary, "flags");
  json_array_append_new(flags,
                        json_pack("{s:s, s:s}", "flag", "stops not told", "meaning",
                                  "its whole time counts as work in the baseline of LBO, whose figures "
                                  "are lower than with its stops"));
}

static void one_set(const member *wall, const member *cpu, size_t n) {
  json_t *names = json_array(), *untold = json_array(), **lbo = calloc(n + 1, sizeof *lbo);
  for (size_t i = 0; i < n; i++) {
    json_array_append_new(names, named(wall[i].cell));
    if (!wall[i].told || !cpu[i].told) json_array_append_new(untold, named(wall[i].cell));
  }
  if (lbo && n > 1) {
    for (size_t i = 0; i < n; i++) lbo[i] = json_pack("{s:O, s:O}", "set", names, "untold", untold);
    rate(wall, n, "wall", lbo);
    rate(cpu, n, "cpu", lbo);
    for (size_t i = 0; i < n; i++) {
      json_t *summary = json_object_get(wall[i].cell, "summary");
      json_object_set_new(summary, "lbo", lbo[i]);
      if (!wall[i].told || !cpu[i].told) flag_untold(summary);
    }
  }
  free(lbo);
  json_decref(names);
  json_decref(untold);
}

void gcb_lbo(json_t *cells) {
  size_t all = json_array_size(cells);
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
    one_set(wall, cpu, n);
    for (size_t k = 0; k < n; k++) {
      free(wall[k].total);
      free(wall[k].distilled);
      free(cpu[k].total);
      free(cpu[k].distilled);
    }
  }
  for (size_t i = 0; i < all; i++)
    if (ok(json_array_get(cells, i))) split(cells, json_array_get(cells, i));
  free(wall);
  free(cpu);
  free(done);
}
