#include "summary.h"
#include "stats.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static double number(const json_t *o, const char *key) {
  json_t *v = json_object_get(o, key);
  return json_is_number(v) ? json_number_value(v) : NAN;
}

static json_t *real(double d) {
  return isfinite(d) ? json_real(d) : json_null();
}

static json_t *interval(gcb_interval i) {
  return json_pack("{s:o, s:o, s:o, s:I}", "mean", real(i.mean), "lo", real(i.lo), "hi", real(i.hi), "n",
                   (json_int_t)i.n);
}

static double iteration_value(const json_t *iteration, const char *key) {
  if (strcmp(key, "ops_per_s") == 0) return number(iteration, "ops") / number(iteration, "wall_ns") * 1e9;
  if (strcmp(key, "alloc_bytes_per_s") == 0)
    return number(iteration, "allocated_bytes") / number(iteration, "wall_ns") * 1e9;
  if (strcmp(key, "pause_total_ns") == 0) {
    double sum = 0;
    size_t i;
    json_t *pause;
    if (!json_is_array(json_object_get(iteration, "pauses"))) return NAN; /* a runtime that cannot tell */
    json_array_foreach(json_object_get(iteration, "pauses"), i, pause) sum += number(pause, "ns");
    return sum;
  }
  return number(iteration, key);
}

static void metric(json_t *summary, const json_t *invocations, const char *key, gcb_rng *rng) {
  size_t n = 0, i, k;
  json_t *invocation, *iteration;
  double *values = calloc(json_array_size(invocations) + 1, sizeof *values);
  if (!values) return;
  json_array_foreach(invocations, i, invocation) {
    double sum = 0;
    size_t m = 0;
    json_array_foreach(json_object_get(invocation, "iterations"), k, iteration) {
      double v = iteration_value(iteration, key);
      if (!isfinite(v)) continue;
      sum += v;
      m++;
    }
    if (m) values[n++] = sum / (double)m;
  }
  json_object_set_new(summary, key, n ? interval(gcb_bootstrap_mean(values, n, 0, rng)) : json_null());
  free(values);
}

/* Values that an invocation has once. */
static void once(json_t *summary, const json_t *invocations, const char *key, gcb_rng *rng) {
  size_t n = 0, i;
  json_t *invocation;
  double *values = calloc(json_array_size(invocations) + 1, sizeof *values);
  if (!values) return;
  json_array_foreach(invocations, i, invocation) {
    double v = number(invocation, key);
    if (isfinite(v)) values[n++] = v;
  }
  json_object_set_new(summary, key, n ? interval(gcb_bootstrap_mean(values, n, 0, rng)) : json_null());
  free(values);
}

static json_t *percentile(const double *sorted, size_t n, double p) {
  return gcb_percentile_allowed(p, n) ? real(gcb_percentile(sorted, n, p)) : json_null();
}

static void pauses(json_t *summary, const json_t *invocations) {
  size_t n = 0, max = 0, i, k, j;
  bool told = true;
  json_t *invocation, *iteration, *pause;
  json_array_foreach(invocations, i, invocation)
      json_array_foreach(json_object_get(invocation, "iterations"), k, iteration) {
    max += json_array_size(json_object_get(iteration, "pauses"));
    if (!json_is_array(json_object_get(iteration, "pauses"))) told = false;
  }
  if (!told) {
    json_object_set_new(summary, "pause_ns", json_null());
    return;
  }
  double *ns = calloc(max + 1, sizeof *ns), sum = 0;
  if (!ns) return;
  json_array_foreach(invocations, i, invocation)
      json_array_foreach(json_object_get(invocation, "iterations"), k, iteration)
          json_array_foreach(json_object_get(iteration, "pauses"), j, pause) sum += ns[n++] =
              number(pause, "ns");
  gcb_sort(ns, n);
  json_object_set_new(summary, "pause_ns",
                      json_pack("{s:I, s:f, s:o, s:o, s:o, s:o, s:o}", "count", (json_int_t)n, "total", sum,
                                "p50", percentile(ns, n, .5), "p90", percentile(ns, n, .9), "p99",
                                percentile(ns, n, .99), "p999", percentile(ns, n, .999), "max",
                                n ? real(ns[n - 1]) : json_null()));
  free(ns);
}

/* Collections of one timed iteration, by kind, as the first invocation's last iteration has them, and in all.
 */
static double collections(json_t *summary, const json_t *invocations) {
  double all = 0;
  size_t i, k, iterations = 0;
  json_t *invocation, *iteration, *sums = json_object();
  json_array_foreach(invocations, i, invocation)
      json_array_foreach(json_object_get(invocation, "iterations"), k, iteration) {
    const char *kind;
    json_t *count;
    iterations++;
    json_object_foreach(json_object_get(iteration, "collections"), kind, count) {
      json_object_set_new(
          sums, kind, json_real(json_number_value(json_object_get(sums, kind)) + json_number_value(count)));
      all += json_number_value(count);
    }
  }
  const char *kind;
  json_t *count;
  json_object_foreach(sums, kind, count)
      json_real_set(count, iterations ? json_real_value(count) / (double)iterations : 0);
  json_object_set_new(summary, "collections", sums);
  return iterations ? all / (double)iterations : 0;
}

static void flag(json_t *flags, const char *word, const char *meaning) {
  json_array_append_new(flags, json_pack("{s:s, s:s}", "flag", word, "meaning", meaning));
}

void gcb_summarise(json_t *cell, uint64_t seed) {
  static const char *const per_iteration[] = {"wall_ns",        "cpu_ns",   "ops_per_s", "alloc_bytes_per_s",
                                              "pause_total_ns", "stall_ns", "tts_ns",    "peak_rss_bytes",
                                              "avg_rss_bytes"};
  static const char *const per_invocation[] = {"peak_heap_bytes", "live_bytes", "leaked_bytes",
                                               "cyclic_bytes"};
  json_t *invocations = json_object_get(cell, "invocations"), *summary = json_object(), *flags = json_array();
  gcb_rng rng = gcb_rng_seed(seed);
  for (size_t i = 0; i < sizeof per_iteration / sizeof *per_iteration; i++)
    metric(summary, invocations, per_iteration[i], &rng);
  for (size_t i = 0; i < sizeof per_invocation / sizeof *per_invocation; i++)
    once(summary, invocations, per_invocation[i], &rng);
  pauses(summary, invocations);
  double per = collections(summary, invocations);
  bool ok = strcmp(json_string_value(json_object_get(cell, "status")), "ok") == 0;
  if (ok && per > 0 && per < 30)
    flag(flags, "few collections",
         "fewer than 30 in a timed iteration: give the workload more to do, or the heap less");
  if (ok && json_array_size(invocations) < 10)
    flag(flags, "few invocations", "fewer than 10: good enough to look at, not for a verdict");
  if (!json_is_true(json_object_get(cell, "bounded")) && ok)
    flag(flags, "unbounded", "this collector does not honour the heap bound: compare by its peak RSS");
  json_object_set_new(summary, "flags", flags);
  json_object_set_new(cell, "summary", summary);
}
