/* usage: synthetic [COLLECTORS WORKLOADS HEAPS INVOCATIONS]     A run document on standard output, as large
 * as a night's, made up but for its summaries: those are the product's own. The same arguments make the same
 * document. Each fifth collector runs out of memory in the smallest heap, and one never reclaims. */
#include "results/analysis/lbo.h"
#include "results/analysis/summary.h"
#include <gcbench/rng.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

enum { ITERATIONS = 2, PAUSES = 20 };
static const double factors[] = {1.4, 2, 3, 4, 6};
enum { HEAPS = sizeof factors / sizeof *factors };

static double around(gcb_rng *rng, double middle) {
  return middle * (.95 + .1 * gcb_rng_unit(rng));
}

static json_t *iteration(gcb_rng *rng, double wall) {
  json_t *pauses = json_array();
  double total = 0, at = 0;
  for (int i = 0; i < PAUSES; i++) {
    double ns = around(rng, wall / 100) * exp(2 * gcb_rng_unit(rng) - 1);
    at += wall / PAUSES;
    total += ns;
    json_array_append_new(pauses, json_pack("{s:I, s:I, s:s, s:n}", "start_ns", (json_int_t)(at - ns), "ns",
                                            (json_int_t)ns, "kind", i % 10 ? "minor" : "major", "mutator"));
  }
  return json_pack("{s:I, s:I, s:I, s:I, s:I, s:{s:i, s:i}, s:o, s:[], s:I, s:I, s:I, s:I, s:I, s:I, s:I}",
                   "wall_ns", (json_int_t)wall, "cpu_ns", (json_int_t)(wall * 1.1), "ops",
                   (json_int_t)1000000, "allocated_bytes", (json_int_t)64000000, "allocated_objects",
                   (json_int_t)1000000, "collections", "minor", PAUSES - PAUSES / 10, "major", PAUSES / 10,
                   "pauses", pauses, "stalls", "stall_ns", (json_int_t)total, "unreported_ns", (json_int_t)0,
                   "stw_ns", (json_int_t)total, "stw_cpu_ns", (json_int_t)total, "tts_ns", (json_int_t)1000,
                   "peak_rss_bytes", (json_int_t)around(rng, 3e7), "avg_rss_bytes",
                   (json_int_t)around(rng, 2e7));
}

/* Costs fall as the heap grows, by live / (heap - live), more for some collectors than for others. */
static json_t *cell(gcb_rng *rng, int collector, int workload, int heap, int invocations) {
  char name[32], program[32];
  double live = 1e7 * (1 + workload % 3), f = factors[heap];
  double wall = 1e8 * (1 + .3 * (workload % 4)) * (1 + (.1 + .05 * collector) / (f - 1));
  json_t *list = json_array();
  snprintf(name, sizeof name, "collector%d", collector);
  snprintf(program, sizeof program, "workload%d", workload);
  int oom = heap == 0 && collector % 5 == 4;
  for (int i = 0; i < invocations && !oom; i++) {
    json_t *iterations = json_array();
    double own = around(rng, wall);
    for (int k = 0; k < ITERATIONS; k++) json_array_append_new(iterations, iteration(rng, around(rng, own)));
    json_array_append_new(list,
                          json_pack("{s:s, s:n, s:s, s:s, s:o, s:[I], s:I, s:I, s:I, s:I}", "status", "ok",
                                    "reason", "path", "bump-card-none-plain", "watch", "throughput",
                                    "iterations", iterations, "warmup_ns", (json_int_t)own, "peak_heap_bytes",
                                    (json_int_t)around(rng, live * f), "live_bytes", (json_int_t)live,
                                    "leaked_bytes", (json_int_t)0, "cyclic_bytes", (json_int_t)0));
  }
  return json_pack("{s:s, s:{s:s}, s:s, s:s, s:{}, s:I, s:f, s:b, s:b, s:I, s:i, s:i, s:s, s:s, s:o, s:o}",
                   "workload", program, "params", "depth", "16", "op", "one object allocated", "collector",
                   name, "options", "heap_bytes", (json_int_t)(live * f), "heap_factor", f, "bounded", 1,
                   "reclaims", collector != 7, "peak_live_bytes", (json_int_t)live, "mutators", 1, "workers",
                   1, "seed", "1", "status", oom ? "oom" : "ok", "reason",
                   oom ? json_string("out of memory within the heap bound") : json_null(), "invocations",
                   list);
}

int main(int argc, char **argv) {
  int size[] = {10, 12, HEAPS, 5};
  json_t *cells = json_array(), *one;
  gcb_rng rng = gcb_rng_seed(1);
  size_t k;
  for (int i = 0; i < 4 && i + 1 < argc; i++) size[i] = atoi(argv[i + 1]);
  for (int w = 0; w < size[1]; w++)
    for (int c = 0; c < size[0]; c++)
      for (int h = 0; h < size[2] && h < HEAPS; h++)
        json_array_append_new(cells, cell(&rng, c, w, h, size[3]));
  json_array_foreach(cells, k, one) gcb_summarise(one);
  gcb_lbo(cells);
  json_t *run = json_pack("{s:s, s:{s:s, s:s, s:s, s:[s, s], s:[{s:s, s:s, s:s, s:s}]}, s:b, s:o}", "schema",
                          "gcbench.run/1", "context", "host", "made-up", "cpu_model", "None", "seed", "1",
                          "command", "synthetic", "it's", "doctor", "check", "load", "verdict", "bad",
                          "found", "9 < 10 & \"more\"", "remedy", "wait", "interrupted", 0, "cells", cells);
  bool good = run && json_dumpf(run, stdout, JSON_COMPACT) == 0 && fflush(stdout) == 0;
  json_decref(run);
  return good ? 0 : 1;
}
