#include "results/export/gbench_json.h"
#include "results/model/cell.h"
#include "results/model/members.h"
#include "results/model/metrics.h"
#include "results/stats/stats.h"
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- names ---- */

static void append(char *text, size_t size, const char *format, const char *a, const char *b) {
  size_t n = strlen(text);
  snprintf(text + n, size - n, format, a, b);
}

static const char *file_of(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash && slash[1] ? slash + 1 : path;
}

/* A plug-in goes by its file, so that a file of before and one of after, built in different folders, have
 * benchmarks of the same names; by its path where the run has another one of that file name. */
static const char *short_name(const json_t *cells, const char *collector) {
  size_t i;
  json_t *other;
  json_array_foreach(cells, i, other) {
    const char *name = gcb_string(other, "collector");
    if (strcmp(name, collector) != 0 && strcmp(file_of(name), file_of(collector)) == 0) return collector;
  }
  return file_of(collector);
}

static void name_of(const json_t *cells, const json_t *cell, char *text, size_t size) {
  const char *key;
  char heap[40], mutators[24];
  json_t *value;
  snprintf(text, size, "%s", gcb_string(cell, "workload"));
  json_object_foreach(json_object_get(cell, "params"), key, value)
      append(text, size, "/%s:%s", key, json_is_string(value) ? json_string_value(value) : "?");
  append(text, size, "/%s%s", short_name(cells, gcb_string(cell, "collector")), "");
  json_object_foreach(json_object_get(cell, "options"), key, value)
      append(text, size, "/%s:%s", key, json_is_string(value) ? json_string_value(value) : "?");
  append(text, size, "/%s:%s", "heap", gcb_cell_heap(cell, heap, sizeof heap));
  json_int_t n = json_integer_value(json_object_get(cell, "mutators"));
  snprintf(mutators, sizeof mutators, "%lld", (long long)n);
  if (n > 1) append(text, size, "/%s:%s", "mutators", mutators);
}

/* ---- entries ---- */

/* What a metric is called among the library's own counters. */
static const char *counter_of(const gcb_metric *m) {
  if (strcmp(m->name, "ops_per_s") == 0) return "items_per_second";
  if (strcmp(m->name, "alloc_bytes_per_s") == 0) return "bytes_per_second";
  return m->name;
}

static bool is_time(const gcb_metric *m, const char *name) {
  return strcmp(m->name, name) == 0;
}

/* The fields that entries of every kind have. */
static json_t *entry(const json_t *cell, const char *name, const char *ending, size_t family,
                     size_t repetitions, const char *type) {
  char full[1100];
  snprintf(full, sizeof full, "%s%s", name, ending);
  return json_pack("{s:s, s:I, s:I, s:s, s:s, s:I, s:I}", "name", full, "family_index", (json_int_t)family,
                   "per_family_instance_index", (json_int_t)0, "run_name", name, "run_type", type,
                   "repetitions", (json_int_t)repetitions, "threads",
                   json_integer_value(json_object_get(cell, "mutators")));
}

/* Where a metric's value stands in an entry. */
static void put(json_t *out, const gcb_metric *m, double value) {
  if (is_time(m, "wall_ns"))
    json_object_set_new(out, "real_time", json_real(isfinite(value) ? value : 0));
  else if (is_time(m, "cpu_ns"))
    json_object_set_new(out, "cpu_time", json_real(isfinite(value) ? value : 0));
  else if (isfinite(value))
    json_object_set_new(out, counter_of(m), json_real(value));
}

static json_t *repetition(const json_t *cell, const json_t *invocation, const char *name, size_t family,
                          size_t repetitions, size_t index) {
  json_t *out = entry(cell, name, "", family, repetitions, "iteration");
  size_t iterations = json_array_size(json_object_get(invocation, "iterations"));
  json_object_set_new(out, "repetition_index", json_integer((json_int_t)index));
  json_object_set_new(out, "iterations", json_integer((json_int_t)iterations));
  json_object_set_new(out, "time_unit", json_string("ns"));
  for (size_t k = 0; k < gcb_n_metrics; k++)
    put(out, &gcb_metrics[k], gcb_metric_of(&gcb_metrics[k], invocation));
  static const char *const own[] = {"iterations", "real_time", "items_per_second", "bytes_per_second"};
  for (size_t k = 0; k < sizeof own / sizeof *own; k++) {
    json_t *value = json_object_get(json_object_get(invocation, "benchmark"), own[k]);
    if (value) json_object_set(out, own[k], value);
  }
  return out;
}

/* ---- aggregates, as the library has them ---- */

static double stddev(const double *x, size_t n) {
  double mean = gcb_mean(x, n), sum = 0;
  for (size_t i = 0; i < n; i++) sum += (x[i] - mean) * (x[i] - mean);
  return n < 2 ? 0 : sqrt(sum / (double)(n - 1));
}
static double variation(const double *x, size_t n) {
  return stddev(x, n) / gcb_mean(x, n);
}

static json_t *aggregate(const json_t *cell, const json_t *good, const char *name, size_t family,
                         const char *which, double (*of)(const double *, size_t), const char *unit) {
  size_t n = json_array_size(good);
  double *values = calloc(n, sizeof *values);
  char ending[16];
  snprintf(ending, sizeof ending, "_%s", which);
  json_t *out = entry(cell, name, ending, family, n, "aggregate");
  json_object_set_new(out, "aggregate_name", json_string(which));
  json_object_set_new(out, "aggregate_unit", json_string(unit));
  json_object_set_new(out, "iterations", json_integer((json_int_t)n));
  json_object_set_new(out, "time_unit", json_string("ns"));
  for (size_t k = 0; values && k < gcb_n_metrics; k++) {
    size_t known = gcb_metric_values(&gcb_metrics[k], good, values);
    put(out, &gcb_metrics[k], known == n ? of(values, n) : NAN);
  }
  free(values);
  return out;
}

static void add_cell(json_t *out, const json_t *cells, const json_t *cell, size_t family) {
  static const struct {
    const char *name;
    double (*of)(const double *, size_t);
    const char *unit;
  } aggregates[] = {{"mean", gcb_mean, "time"},
                    {"median", gcb_median, "time"},
                    {"stddev", stddev, "time"},
                    {"cv", variation, "percentage"}};
  char name[1000];
  size_t i;
  json_t *one, *invocations = json_object_get(cell, "invocations"), *good = json_array();
  name_of(cells, cell, name, sizeof name);
  json_array_foreach(invocations, i, one) if (strcmp(gcb_string(one, "status"), "ok") == 0)
      json_array_append(good, one);
  size_t n = json_array_size(good);
  json_array_foreach(good, i, one) json_array_append_new(out, repetition(cell, one, name, family, n, i));
  for (i = 0; n > 1 && i < sizeof aggregates / sizeof *aggregates; i++)
    json_array_append_new(
        out, aggregate(cell, good, name, family, aggregates[i].name, aggregates[i].of, aggregates[i].unit));
  if (strcmp(gcb_string(cell, "status"), "ok") != 0) {
    one = entry(cell, name, "", family, 1, "iteration");
    json_t *error = json_pack(
        "{s:I, s:b, s:o, s:I, s:f, s:f, s:s}", "repetition_index", (json_int_t)n, "error_occurred", 1,
        "error_message", json_sprintf("%s: %s", gcb_string(cell, "status"), gcb_string(cell, "reason")),
        "iterations", (json_int_t)0, "real_time", 0., "cpu_time", 0., "time_unit", "ns");
    json_object_update(one, error);
    json_decref(error);
    json_array_append_new(out, one);
  }
  json_decref(good);
}

/* ---- the document ---- */

static json_t *context_of(const json_t *run) {
  const json_t *was = json_object_get(run, "context"), *load = json_object_get(was, "load_average");
  const char *program = json_string_value(json_array_get(json_object_get(was, "command"), 0));
  const char *governor = json_string_value(json_object_get(was, "governor"));
  json_t *out = json_object();
  json_t *started = json_object_get(json_object_get(run, "run"), "started");
  if (json_is_string(started)) json_object_set(out, "date", started);
  json_object_set_new(out, "host_name", json_string(gcb_string(was, "host")));
  json_object_set_new(out, "executable", json_string(program ? program : "gcbench"));
  json_object_set_new(
      out, "num_cpus",
      json_integer((json_int_t)json_array_size(json_object_get(json_object_get(was, "topology"), "pus"))));
  json_object_set_new(out, "cpu_scaling_enabled",
                      json_boolean(governor && strcmp(governor, "performance") != 0));
  json_object_set_new(out, "caches", json_array());
  json_object_set_new(out, "load_avg", load ? json_deep_copy(load) : json_array());
  json_object_set_new(out, "library_build_type", json_string("release"));
  json_object_set_new(out, "gcbench_version", json_string(gcb_string(was, "gcbench")));
  json_object_set_new(out, "gcbench_seed", json_string(gcb_string(was, "seed")));
  return out;
}

json_t *gcb_gbench_json(const json_t *run) {
  size_t i;
  const json_t *cells = json_object_get(run, "cells");
  json_t *cell, *benchmarks = json_array();
  json_array_foreach(cells, i, cell) add_cell(benchmarks, cells, cell, i);
  return json_pack("{s:o, s:o}", "context", context_of(run), "benchmarks", benchmarks);
}
