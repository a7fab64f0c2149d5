#include "results/analysis/summary.h"
#include "results/model/members.h"
#include "results/model/metrics.h"
#include "results/model/mmu_curves.h"
#include "results/model/pause.h"
#include "results/model/response.h"
#include "results/stats/stats.h"
#include "results/stats/steady.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static json_t *real(double d) {
  return isfinite(d) ? json_real(d) : json_null();
}

static json_t *interval(gcb_interval i) {
  return json_pack("{s:o, s:o, s:o, s:I}", "mean", real(i.mean), "lo", real(i.lo), "hi", real(i.hi), "n",
                   (json_int_t)i.n);
}

static void metric(json_t *summary, const json_t *invocations, const char *name) {
  double *values = calloc(json_array_size(invocations) + 1, sizeof *values);
  if (!values) return;
  size_t n = gcb_metric_values(gcb_metric_find(name), invocations, values);
  json_object_set_new(summary, name, n ? interval(gcb_mean_interval(values, n)) : json_null());
  free(values);
}

static json_t *percentile(const double *sorted, size_t n, double p) {
  return gcb_percentile_allowed(p, n) ? real(gcb_percentile(sorted, n, p)) : json_null();
}

/* {count, total, p50 .. max} of all lengths in a list of each iteration: of objects with `ns`, or of arrays
 * [start, ns, ...]. */
static json_t *lengths(const json_t *invocations, const char *list) {
  size_t n = 0, max = 0, i, k, j;
  json_t *invocation, *iteration, *one;
  json_array_foreach(invocations, i, invocation)
      json_array_foreach(json_object_get(invocation, "iterations"), k, iteration) {
    max += json_array_size(json_object_get(iteration, list));
    if (!json_is_array(json_object_get(iteration, list))) return json_null(); /* the runtime does not tell */
  }
  double *ns = calloc(max + 1, sizeof *ns), sum = 0;
  if (!ns) return json_null();
  json_array_foreach(invocations, i, invocation)
      json_array_foreach(json_object_get(invocation, "iterations"), k, iteration)
          json_array_foreach(json_object_get(iteration, list), j, one) sum += ns[n++] =
              json_is_array(one) ? json_number_value(json_array_get(one, 1)) : gcb_number(one, "ns");
  gcb_sort(ns, n);
  json_t *out = json_pack("{s:I, s:f, s:o, s:o, s:o, s:o, s:o}", "count", (json_int_t)n, "total", sum, "p50",
                          percentile(ns, n, .5), "p90", percentile(ns, n, .9), "p99", percentile(ns, n, .99),
                          "p999", percentile(ns, n, .999), "max", n ? real(ns[n - 1]) : json_null());
  free(ns);
  return out;
}

/* What latency invocations say: stalls as suffered, and what of them the collector did not report. */
static void latency(json_t *summary, const json_t *invocations) {
  static const char *const metrics[] = {
      "wall_ns",           "cpu_ns", "stall_ns",       "unreported_ns", "stall_cpu_ns",
      "unreported_cpu_ns", "tts_ns", "short_stall_ns", "os_gap_ns",     "pause_total_ns"};
  if (!json_array_size(invocations)) return;
  json_t *l = json_object();
  for (size_t i = 0; i < sizeof metrics / sizeof *metrics; i++) metric(l, invocations, metrics[i]);
  json_object_set_new(l, "stalls", lengths(invocations, "stalls"));
  json_object_set_new(l, "pause_ns", lengths(invocations, "pauses"));
  json_object_set_new(l, "os_gaps", lengths(invocations, "os_gaps"));
  json_object_set_new(summary, "latency", l);
}

static double mean_of(const json_t *o, const char *key) {
  return gcb_number(json_object_get(o, key), "mean");
}

/* Is the part of the stalls that no pause covers known by CPU time? Not in runs of older versions. */
static bool known_by_cpu(const json_t *list) {
  const json_t *iterations = json_object_get(json_array_get(list, 0), "iterations");
  return json_is_number(json_object_get(json_array_get(iterations, 0), "unreported_cpu_ns"));
}

/* The part of the suffered time that no reported pause covers, from the best witness that there is. CPU time
 * judges, because a path that the system preempts is long by wall time alone. The median says what is usual.
 */
static void unreported(json_t *summary, const json_t *cell) {
  const json_t *from = json_object_get(summary, "latency"), *list = json_object_get(cell, "invocations");
  if (from) list = json_object_get(cell, "latency_invocations");
  if (!from) from = summary;
  bool by_cpu = known_by_cpu(list);
  const char *part = by_cpu ? "unreported_cpu_ns" : "unreported_ns",
             *whole = by_cpu ? "stall_cpu_ns" : "stall_ns";
  double ns = mean_of(from, part), all = mean_of(from, whole),
         time = mean_of(from, by_cpu ? "cpu_ns" : "wall_ns");
  size_t n = 0, max = 0, i, k;
  json_t *invocation, *iteration;
  json_array_foreach(list, i, invocation) max += json_array_size(json_object_get(invocation, "iterations"));
  double *shares = calloc(max + 1, sizeof *shares);
  json_array_foreach(list, i, invocation)
      json_array_foreach(json_object_get(invocation, "iterations"), k, iteration) {
    double stalls = gcb_number(iteration, whole);
    if (shares && stalls > 0) shares[n++] = gcb_number(iteration, part) / stalls;
  }
  json_object_set_new(summary, "unreported",
                      json_pack("{s:s, s:o, s:o, s:o, s:o}", "by", by_cpu ? "cpu" : "wall", "ns", real(ns),
                                "share_of_stalls", real(all > 0 ? ns / all : NAN), "median_share",
                                real(shares ? gcb_median(shares, n) : NAN), "share_of_time",
                                real(ns / time)));
  free(shares);
}

/* Of the whole invocations: those that stopped early cannot be laid side by side. */
static gcb_drift drift(json_t *summary, const json_t *invocations) {
  size_t n = json_array_size(json_object_get(json_array_get(invocations, 0), "iterations")), blocks = 0, i, k;
  json_t *invocation, *iteration;
  double *y = calloc(json_array_size(invocations) * n + 1, sizeof *y);
  gcb_drift d = {NAN, NAN};
  if (!y) return d;
  json_array_foreach(invocations, i, invocation) {
    json_t *iterations = json_object_get(invocation, "iterations");
    if (json_array_size(iterations) != n) continue;
    json_array_foreach(iterations, k, iteration) y[blocks * n + k] = gcb_number(iteration, "wall_ns");
    blocks++;
  }
  d = gcb_steady(y, blocks, n);
  free(y);
  json_object_set_new(summary, "drift", json_pack("{s:o, s:o}", "slope", real(d.slope), "p", real(d.p)));
  return d;
}

/* Coefficient of variation of the invocations' means; NAN with fewer than three. */
static double variation(const json_t *invocations) {
  size_t n = 0, i, k;
  json_t *invocation, *iteration;
  double sum = 0, squares = 0;
  json_array_foreach(invocations, i, invocation) {
    double own = 0, m = 0;
    json_array_foreach(json_object_get(invocation, "iterations"), k, iteration) {
      own += gcb_number(iteration, "wall_ns");
      m++;
    }
    if (m == 0 || !isfinite(own)) continue;
    sum += own / m;
    squares += own / m * (own / m);
    n++;
  }
  double mean = sum / (double)n, var = (squares - sum * mean) / ((double)n - 1);
  return n < 3 ? NAN : sqrt(var > 0 ? var : 0) / mean;
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
  return iterations ? all / (double)iterations : NAN;
}

static void flag(json_t *flags, const char *word, const char *meaning) {
  json_array_append_new(flags, json_pack("{s:s, s:s}", "flag", word, "meaning", meaning));
}

/* Pauses that cannot all be true, in any timed iteration. */
static void doubt_pauses(json_t *flags, const json_t *invocations) {
  size_t i, k, overlaps = 0, over_wall = 0;
  json_t *invocation, *iteration;
  json_array_foreach(invocations, i, invocation)
      json_array_foreach(json_object_get(invocation, "iterations"), k, iteration) {
    bool over;
    overlaps += gcb_iteration_doubts(iteration, &over).overlaps;
    over_wall += over;
  }
  if (overlaps)
    flag(flags, "pauses overlap",
         "the collector reported pauses twice, or pauses of one mutator that overlap: their number, "
         "percentiles "
         "and total are too high");
  if (over_wall)
    flag(flags, "pauses exceed the wall time",
         "the reported pauses of an iteration add up to more than it took: they cannot all be true");
}

/* What a collector uses that it did not declare: CPU time in threads of its own, memory outside the bound. */
static void undeclared(json_t *flags, const json_t *cell, const json_t *invocations) {
  double other = 0, cpu = 0, outside = 0;
  size_t i, k;
  json_t *invocation, *iteration;
  json_array_foreach(invocations, i, invocation) {
    double bytes = gcb_number(invocation, "outside_bytes");
    if (bytes > outside) outside = bytes;
    if (json_is_true(json_object_get(invocation, "own_threads"))) continue;
    json_array_foreach(json_object_get(invocation, "iterations"), k, iteration) {
      double ns = gcb_number(iteration, "other_cpu_ns");
      if (!isfinite(ns)) continue;
      other += ns;
      cpu += gcb_number(iteration, "cpu_ns");
    }
  }
  if (other > 2e6 && other > .03 * cpu)
    flag(flags, "undeclared threads",
         "more than 3 % of the CPU time was used by threads that neither the harness started nor the "
         "collector "
         "declares");
  if (json_is_true(json_object_get(cell, "bounded")) &&
      outside > (16 << 20) + gcb_number(cell, "heap_bytes") / 8)
    flag(flags, "bound broken",
         "the collector declares that it honours the heap bound, but holds memory outside it (outside_bytes "
         "in the "
         "JSON): compare by its peak RSS");
}

/* Was a process stopped, as its parent saw it or as it found itself? */
static bool was_stopped(const json_t *invocations) {
  size_t i, k;
  json_t *invocation, *iteration;
  json_array_foreach(invocations, i, invocation) {
    if (gcb_number(invocation, "stops") > 0) return true;
    json_array_foreach(json_object_get(invocation, "iterations"), k,
                       iteration) if (gcb_number(iteration, "stopped_ns") > 0) return true;
  }
  return false;
}

/* The metrics that a summary has under their names. */
static const char *const summarised[] = {
    "wall_ns",    "cpu_ns",        "ops_per_s",      "alloc_bytes_per_s", "pause_total_ns",
    "stall_ns",   "unreported_ns", "stall_cpu_ns",   "unreported_cpu_ns", "tts_ns",
    "stw_ns",     "stw_cpu_ns",    "peak_rss_bytes", "avg_rss_bytes",     "peak_heap_bytes",
    "live_bytes", "leaked_bytes",  "cyclic_bytes",   "first_iteration_ns"};
enum { SUMMARISED = sizeof summarised / sizeof *summarised };

bool gcb_in_summary(const char *name) {
  for (size_t i = 0; i < SUMMARISED; i++)
    if (strcmp(summarised[i], name) == 0) return true;
  return false;
}

void gcb_summarise(json_t *cell) {
  json_t *invocations = json_object_get(cell, "invocations"), *summary = json_object(), *flags = json_array();
  for (size_t i = 0; i < SUMMARISED; i++) metric(summary, invocations, summarised[i]);
  json_object_set_new(summary, "pause_ns", lengths(invocations, "pauses"));
  latency(summary, json_object_get(cell, "latency_invocations"));
  unreported(summary, cell);
  gcb_curves(summary, cell);
  gcb_drift d = drift(summary, invocations);
  double cv = variation(invocations);
  json_object_set_new(summary, "wall_variation", real(cv));
  double per = collections(summary, invocations);
  double pause = gcb_number(json_object_get(summary, "pause_ns"), "max"),
         stall = gcb_number(json_object_get(json_object_get(summary, "latency"), "stalls"), "max");
  bool ok = strcmp(json_string_value(json_object_get(cell, "status")), "ok") == 0;
  if (ok && per == 0 && json_is_true(json_object_get(cell, "collects")))
    flag(flags, "no collections",
         "none in any timed iteration, so these figures hold nothing of what collecting costs: give the "
         "workload "
         "more to do, or the heap less");
  if (ok && per > 0 && per < 30)
    flag(flags, "few collections",
         "fewer than 30 in a timed iteration: give the workload more to do, or the heap less");
  if (ok && json_array_size(invocations) < 10)
    flag(flags, "few invocations", "fewer than 10: good enough to look at, not for a verdict");
  if (ok && pause > stall)
    flag(flags, "max pause above max stall",
         "they are of different processes: max pause of the throughput invocations, max stall of the latency "
         "invocations");
  if (!json_is_true(json_object_get(cell, "bounded")) && ok)
    flag(flags, "unbounded", "this collector does not honour the heap bound: compare by its peak RSS");
  const char *note = json_string_value(json_object_get(cell, "note"));
  if (ok && note) flag(flags, "note", note);
  if (ok && d.p < .01 && fabs(d.slope) > .002)
    flag(flags, "not steady", "iterations get slower or faster one after the other: more --warmups");
  if (ok && cv > .05)
    flag(flags, "noisy",
         "invocations differ by more than 5 % (coefficient of variation of the wall time): quiet the machine "
         "as 'gcbench doctor' says, or take more --invocations");
  if (ok) doubt_pauses(flags, invocations);
  if (ok) undeclared(flags, cell, invocations);
  if (ok && (was_stopped(invocations) || was_stopped(json_object_get(cell, "latency_invocations"))))
    flag(flags, "stopped",
         "the process was stopped while it ran (a signal, a frozen container, a machine that slept): its "
         "wall times "
         "and pauses hold that time; run it again");
  json_t *latency = gcb_response_merge(invocations);
  if (json_is_object(latency))
    json_object_set_new(summary, "response", latency);
  else
    json_decref(latency);
  json_object_set_new(summary, "flags", flags);
  json_object_set_new(cell, "summary", summary);
}
