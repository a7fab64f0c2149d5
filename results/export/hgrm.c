#include "results/export/hgrm.h"
#include "results/stats/stats.h"
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

/* Values with how often each occurred, ascending. */
typedef struct distribution {
  double *values;
  uint64_t *counts;
  size_t n, room;
} distribution;

static bool add(distribution *d, double value, uint64_t count) {
  if (d->n == d->room) {
    size_t room = d->room ? 2 * d->room : 1024;
    double *values = realloc(d->values, room * sizeof *values);
    if (values) d->values = values;
    uint64_t *counts = realloc(d->counts, room * sizeof *counts);
    if (counts) d->counts = counts;
    if (!values || !counts) return false;
    d->room = room;
  }
  d->values[d->n] = value;
  d->counts[d->n++] = count;
  return true;
}

static void forget(distribution *d) {
  free(d->values);
  free(d->counts);
}

/* Steps as in HdrHistogram's iterator over percentiles: each next level is nearer to 100 % by 1/5 of a
 * halving. */
static double next_level(double level) {
  double halvings = floor(log2(100.0 / (100.0 - level))) + 1;
  return level + 100.0 / (5 * pow(2, halvings));
}

static bool print(const distribution *d, FILE *out) {
  double total = 0, sum = 0, squares = 0, seen = 0, level = 0;
  for (size_t i = 0; i < d->n; i++) {
    total += (double)d->counts[i];
    sum += d->values[i] * (double)d->counts[i];
  }
  if (total == 0) return false;
  double mean = sum / total, scale = 1e-6;
  fprintf(out, "%12s %14s %10s %14s\n\n", "Value", "Percentile", "TotalCount", "1/(1-Percentile)");
  for (size_t i = 0; i < d->n; i++) {
    seen += (double)d->counts[i];
    squares += (d->values[i] - mean) * (d->values[i] - mean) * (double)d->counts[i];
    for (; seen < total && level <= 100 * seen / total; level = next_level(level))
      fprintf(out, "%12.6f %2.12f %10.0f %14.2f\n", d->values[i] * scale, level / 100, seen,
              100 / (100 - level));
  }
  fprintf(out, "%12.6f %2.12f %10.0f\n", d->values[d->n - 1] * scale, 1.0, total);
  fprintf(out, "#[Mean    = %12.6f, StdDeviation   = %12.6f]\n", mean * scale, sqrt(squares / total) * scale);
  fprintf(out, "#[Max     = %12.6f, Total count    = %12.0f]\n", d->values[d->n - 1] * scale, total);
  fprintf(out, "#[Buckets = %12d, SubBuckets     = %12d]\n", 1, 1);
  return true;
}

bool gcb_hgrm_pauses(const json_t *run, FILE *out) {
  distribution d = {0};
  bool good = true;
  size_t c, i, k, j;
  json_t *cell, *invocation, *iteration, *pause;
  json_array_foreach(json_object_get(run, "cells"), c, cell) {
    const json_t *list = json_object_get(cell, "latency_invocations");
    if (!json_array_size(list)) list = json_object_get(cell, "invocations");
    json_array_foreach(list, i, invocation)
        json_array_foreach(json_object_get(invocation, "iterations"), k, iteration)
            json_array_foreach(json_object_get(iteration, "pauses"), j, pause) good &=
        add(&d, json_number_value(json_object_get(pause, "ns")), 1);
  }
  good =
      good && gcb_sort(d.values, d.n) && print(&d, out); /* all counts are 1: sorting the values is enough */
  forget(&d);
  return good;
}

static int ascending(const void *a, const void *b) {
  return gcb_order(*(const double *)a, *(const double *)b);
}

bool gcb_hgrm_responses(const json_t *run, FILE *out) {
  size_t n = 0, c, i, k;
  json_t *cell, *invocation, *bucket;
  double(*pairs)[2] = NULL;
  for (int fill = 0; fill < 2; fill++) {
    if (fill && !(pairs = calloc(n + 1, sizeof *pairs))) return false;
    n = 0;
    json_array_foreach(json_object_get(run, "cells"), c, cell)
        json_array_foreach(json_object_get(cell, "invocations"), i, invocation) {
      const json_t *times = json_object_get(json_object_get(invocation, "response"), "intended");
      double max = json_number_value(json_object_get(times, "max"));
      json_array_foreach(json_object_get(times, "buckets"), k, bucket) {
        if (fill) {
          pairs[n][0] = fmin(json_number_value(json_array_get(bucket, 0)), max);
          pairs[n][1] = json_number_value(json_array_get(bucket, 1));
        }
        n++;
      }
    }
  }
  qsort(pairs, n, sizeof *pairs, ascending);
  distribution d = {0};
  bool good = true;
  for (i = 0; i < n; i++) good &= add(&d, pairs[i][0], (uint64_t)pairs[i][1]);
  good = good && print(&d, out);
  forget(&d);
  free(pairs);
  return good;
}
