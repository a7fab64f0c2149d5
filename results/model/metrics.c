#include "results/model/metrics.h"
#include "results/model/members.h"
#include "results/model/mmu_curves.h"
#include "results/model/units.h"
#include "results/stats/stats.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- of an iteration ---- */

static double rate(const json_t *iteration, const char *key) {
  return gcb_number(iteration, key) / gcb_number(iteration, "wall_ns") * 1e9;
}

static double pause_total(const json_t *iteration, const char *key) {
  double sum = 0;
  size_t i;
  json_t *pause, *pauses = json_object_get(iteration, key);
  if (!json_is_array(pauses)) return NAN; /* a runtime that cannot tell */
  json_array_foreach(pauses, i, pause) sum += gcb_number(pause, "ns");
  return sum;
}

static double short_stalls(const json_t *iteration, const char *key) {
  return gcb_number(json_object_get(iteration, key), "ns");
}

/* Kinds that never occurred are not in the list: none of them is zero of them. */
static double collections(const json_t *iteration, const char *key) {
  const json_t *kinds = json_object_get(iteration, "collections");
  if (!json_is_object(kinds)) return NAN;
  return json_object_get(kinds, key) ? gcb_number(kinds, key) : 0;
}

static double work(const json_t *iteration, const char *key) {
  return gcb_number(json_object_get(iteration, "work"), key);
}

/* ---- of an invocation ---- */

/* A percentile, as a fraction in words, of the pauses of all its timed iterations; "1" is the longest. */
static double pause_percentile(const json_t *invocation, const char *key) {
  size_t n = 0, max = 0, i, k;
  const char *end;
  double p = gcb_parse_real(key, &end), value = NAN;
  json_t *iteration, *pause, *iterations = json_object_get(invocation, "iterations");
  json_array_foreach(iterations, i, iteration) {
    if (!json_is_array(json_object_get(iteration, "pauses"))) return NAN;
    max += json_array_size(json_object_get(iteration, "pauses"));
  }
  double *ns = calloc(max + 1, sizeof *ns);
  if (!ns) return NAN;
  json_array_foreach(iterations, i, iteration)
      json_array_foreach(json_object_get(iteration, "pauses"), k, pause) ns[n++] = gcb_number(pause, "ns");
  if (n && gcb_sort(ns, n) && (p == 1 || gcb_percentile_allowed(p, n))) value = gcb_percentile(ns, n, p);
  free(ns);
  return value;
}

/* Cold: the first warm-up, or the first timed iteration without warm-ups. */
static double first_iteration(const json_t *invocation, const char *key) {
  const json_t *warm = json_array_get(json_object_get(invocation, "warmup_ns"), 0);
  if (warm) return json_number_value(warm);
  return gcb_number(json_array_get(json_object_get(invocation, "iterations"), 0), key);
}

/* From the moment at which a request was due; of workloads that serve requests. */
static double response(const json_t *invocation, const char *key) {
  return gcb_number(json_object_get(json_object_get(invocation, "response"), "intended"), key);
}

/* The window's length is in the key, in ns. */
static double mmu(const json_t *invocation, const char *key) {
  return gcb_invocation_mmu(invocation, strtoull(key, NULL, 10));
}

/* ---- the table ---- */

#define ITERATION(name, class, unit, more, of, key, meaning)                                                 \
  { name, class, unit, more, meaning, of, NULL, key }
#define INVOCATION(name, class, unit, of, key, meaning)                                                      \
  { name, class, unit, false, meaning, NULL, of, key }
#define NS    GCB_UNIT_NS
#define BYTES GCB_UNIT_BYTES
#define COUNT GCB_UNIT_COUNT

const gcb_metric gcb_metrics[] = {
    ITERATION("wall_ns", GCB_NOISY, NS, false, gcb_number, "wall_ns", "wall time of an iteration"),
    ITERATION("cpu_ns", GCB_NOISY, NS, false, gcb_number, "cpu_ns",
              "CPU time of all threads in an iteration"),
    ITERATION("ops_per_s", GCB_INFORMATIONAL, GCB_UNIT_RATE, true, rate, "ops", "throughput in operations"),
    ITERATION("alloc_bytes_per_s", GCB_INFORMATIONAL, GCB_UNIT_RATE, true, rate, "allocated_bytes",
              "bytes allocated a second"),
    INVOCATION("pause_p50", GCB_NOISY, NS, pause_percentile, "0.5", "median reported pause"),
    INVOCATION("pause_p90", GCB_NOISY, NS, pause_percentile, "0.9", "90th percentile of reported pauses"),
    INVOCATION("pause_p99", GCB_NOISY, NS, pause_percentile, "0.99", "99th percentile of reported pauses"),
    INVOCATION("pause_max", GCB_INFORMATIONAL, NS, pause_percentile, "1", "longest reported pause"),
    ITERATION("pause_total_ns", GCB_NOISY, NS, false, pause_total, "pauses",
              "reported pauses of an iteration, summed"),
    ITERATION("stall_ns", GCB_NOISY, NS, false, gcb_number, "stall_ns",
              "what mutators suffered in an iteration"),
    ITERATION("short_stall_ns", GCB_INFORMATIONAL, NS, false, short_stalls, "short_stalls",
              "slow paths under 5 us, summed"),
    ITERATION("unreported_ns", GCB_INFORMATIONAL, NS, false, gcb_number, "unreported_ns",
              "stalls outside every reported pause"),
    ITERATION("stall_cpu_ns", GCB_INFORMATIONAL, NS, false, gcb_number, "stall_cpu_ns",
              "CPU time of what mutators suffered"),
    ITERATION("unreported_cpu_ns", GCB_INFORMATIONAL, NS, false, gcb_number, "unreported_cpu_ns",
              "CPU time of stalls outside every reported pause"),
    {"mmu_10ms", GCB_NOISY, COUNT, true, "least share of any 10 ms that a mutator had to itself", NULL, mmu,
     "10000000"},
    ITERATION("tts_ns", GCB_NOISY, NS, false, gcb_number, "tts_ns", "time to safepoint, summed"),
    ITERATION("stw_ns", GCB_NOISY, NS, false, gcb_number, "stw_ns", "stop-the-world time of an iteration"),
    ITERATION("stw_cpu_ns", GCB_NOISY, NS, false, gcb_number, "stw_cpu_ns", "CPU time in stops"),
    ITERATION("os_gap_ns", GCB_INFORMATIONAL, NS, false, gcb_number, "os_gap_ns",
              "what the operating system took from an idle thread"),
    ITERATION("peak_rss_bytes", GCB_NOISY, BYTES, false, gcb_number, "peak_rss_bytes", "peak resident set"),
    ITERATION("avg_rss_bytes", GCB_NOISY, BYTES, false, gcb_number, "avg_rss_bytes",
              "resident set, averaged over time"),
    INVOCATION("response_p50", GCB_NOISY, NS, response, "p50", "median response time from intended arrival"),
    INVOCATION("response_p99", GCB_NOISY, NS, response, "p99",
               "99th percentile of response times from intended arrival"),
    INVOCATION("peak_heap_bytes", GCB_NOISY, BYTES, gcb_number, "peak_heap_bytes", "most that was committed"),
    INVOCATION("first_iteration_ns", GCB_INFORMATIONAL, NS, first_iteration, "wall_ns",
               "first, cold iteration"),
    ITERATION("minor_collections", GCB_EXACT, COUNT, false, collections, "minor",
              "minor collections an iteration"),
    ITERATION("middle_collections", GCB_EXACT, COUNT, false, collections, "middle",
              "middle collections an iteration"),
    ITERATION("major_collections", GCB_EXACT, COUNT, false, collections, "major",
              "major collections an iteration"),
    ITERATION("allocated_bytes", GCB_EXACT, BYTES, false, gcb_number, "allocated_bytes",
              "bytes allocated an iteration"),
    ITERATION("allocated_objects", GCB_EXACT, COUNT, false, gcb_number, "allocated_objects",
              "objects allocated an iteration"),
    ITERATION("copied_bytes", GCB_EXACT, BYTES, false, work, "copied_bytes", "bytes copied an iteration"),
    ITERATION("promoted_bytes", GCB_EXACT, BYTES, false, work, "promoted_bytes",
              "bytes promoted an iteration"),
    ITERATION("marked_bytes", GCB_EXACT, BYTES, false, work, "marked_bytes", "bytes marked an iteration"),
    INVOCATION("live_bytes", GCB_EXACT, BYTES, gcb_number, "live_bytes", "reachable at the end"),
    INVOCATION("leaked_bytes", GCB_EXACT, BYTES, gcb_number, "leaked_bytes", "held beyond that at the end"),
    INVOCATION("cyclic_bytes", GCB_EXACT, BYTES, gcb_number, "cyclic_bytes", "dropped in cycles"),
};
const size_t gcb_n_metrics = sizeof gcb_metrics / sizeof *gcb_metrics;

const gcb_metric *gcb_metric_find(const char *name) {
  for (size_t i = 0; i < gcb_n_metrics; i++)
    if (strcmp(gcb_metrics[i].name, name) == 0) return &gcb_metrics[i];
  return NULL;
}

const char *gcb_metric_class_word(gcb_metric_class c) {
  static const char *const words[] = {"exact", "noisy", "informational"};
  return words[c];
}

double gcb_metric_of(const gcb_metric *m, const json_t *invocation) {
  if (m->of_invocation) return m->of_invocation(invocation, m->key);
  double sum = 0, n = 0;
  size_t i;
  json_t *iteration;
  json_array_foreach(json_object_get(invocation, "iterations"), i, iteration) {
    double v = m->of_iteration(iteration, m->key);
    if (!isfinite(v)) continue;
    sum += v;
    n++;
  }
  return n > 0 ? sum / n : NAN;
}

size_t gcb_metric_values(const gcb_metric *m, const json_t *invocations, double *values) {
  size_t n = 0, i;
  json_t *invocation;
  json_array_foreach(invocations, i, invocation) {
    double v = gcb_metric_of(m, invocation);
    if (isfinite(v)) values[n++] = v;
  }
  return n;
}

struct gcb_text gcb_metric_format(const gcb_metric *m, double value) {
  switch (m->unit) {
  case GCB_UNIT_NS:
    return gcb_format_ns(value);
  case GCB_UNIT_BYTES:
    return gcb_format_bytes(value);
  case GCB_UNIT_RATE:
    return gcb_format_rate(value);
  case GCB_UNIT_COUNT:
    break;
  }
  return gcb_format_count(value);
}
