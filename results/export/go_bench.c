#include "results/export/go_bench.h"
#include "results/model/cell.h"
#include "results/model/metrics.h"
#include <ctype.h>
#include <math.h>
#include <string.h>

/* Names have no blanks, and a slash begins a part: anything else may stand in them. */
static void part(FILE *out, const char *text) {
  for (; *text; text++) fputc(isspace((unsigned char)*text) || *text == '/' ? '_' : *text, out);
}

static void settings(FILE *out, const json_t *object) {
  const char *key;
  json_t *value;
  json_object_foreach((json_t *)object, key, value) {
    fputc('/', out);
    part(out, key);
    fputc('=', out);
    part(out, json_is_string(value) ? json_string_value(value) : "?");
  }
}

/* Benchmark, and a word that begins with a capital: else it is no benchmark to Go. */
static void name(FILE *out, const json_t *cell) {
  char heap[40];
  const char *workload = json_string_value(json_object_get(cell, "workload"));
  const char *collector = json_string_value(json_object_get(cell, "collector"));
  fprintf(out, "Benchmark%c", toupper((unsigned char)(workload ? workload[0] : '?')));
  part(out, workload && workload[0] ? workload + 1 : "");
  settings(out, json_object_get(cell, "params"));
  fputs("/collector=", out);
  part(out, collector ? collector : "?");
  settings(out, json_object_get(cell, "options"));
  fputs("/heap=", out);
  part(out, gcb_cell_heap(cell, heap, sizeof heap));
  fprintf(out, "-%" JSON_INTEGER_FORMAT, json_integer_value(json_object_get(cell, "mutators")));
}

static void line(FILE *out, const json_t *cell, const json_t *invocation) {
  double ops = 0, wall = 0;
  size_t i;
  json_t *iteration, *iterations = json_object_get(invocation, "iterations");
  json_array_foreach(iterations, i, iteration) {
    ops += json_number_value(json_object_get(iteration, "ops"));
    wall += json_number_value(json_object_get(iteration, "wall_ns"));
  }
  name(out, cell);
  fprintf(out, " %zu", json_array_size(iterations));
  if (ops > 0) fprintf(out, " %.6g ns/op", wall / ops);
  for (i = 0; i < gcb_n_metrics; i++) {
    const gcb_metric *m = &gcb_metrics[i];
    double value = gcb_metric_of(m, invocation);
    if (m->class != GCB_EXACT && isfinite(value)) fprintf(out, " %.9g %s", value, m->name);
  }
  fputc('\n', out);
}

static const char *text_of(const json_t *context, const char *key) {
  const char *s = json_string_value(json_object_get(context, key));
  return s ? s : "unknown";
}

bool gcb_go_bench_write(const json_t *run, FILE *out) {
  bool any = false;
  size_t c, i;
  json_t *cell, *invocation;
  const json_t *context = json_object_get(run, "context");
  fprintf(out, "pkg: gcbench\nhost: %s\ncpu: %s\nkernel: %s\n", text_of(context, "host"),
          text_of(context, "cpu_model"), text_of(context, "kernel"));
  for (i = 0; i < gcb_n_metrics; i++)
    if (gcb_metrics[i].class != GCB_EXACT)
      fprintf(out, "Unit %s better=%s\n", gcb_metrics[i].name,
              gcb_metrics[i].more_is_better ? "higher" : "lower");
  json_array_foreach(json_object_get(run, "cells"), c, cell)
      json_array_foreach(json_object_get(cell, "invocations"), i, invocation) {
    if (!json_array_size(json_object_get(invocation, "iterations"))) continue;
    line(out, cell, invocation);
    any = true;
  }
  return any;
}
