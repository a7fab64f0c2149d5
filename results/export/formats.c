#include "results/export/formats.h"
#include "results/export/csv.h"
#include "results/export/gbench_json.h"
#include "results/export/go_bench.h"
#include "results/export/hgrm.h"
#include "results/export/junit.h"
#include "results/export/trace_events.h"
#include <string.h>

static bool json(const json_t *run, FILE *out) {
  return json_dumpf(run, out, JSON_INDENT(1)) == 0 && fputc('\n', out) != EOF;
}

static bool csv(const json_t *run, FILE *out) {
  gcb_csv_write(run, out);
  return !ferror(out);
}

static bool google(const json_t *run, FILE *out) {
  json_t *document = gcb_gbench_json(run);
  bool any = json_array_size(json_object_get(document, "benchmarks")) > 0;
  bool written = any && json_dumpf(document, out, JSON_INDENT(1)) == 0 && fputc('\n', out) != EOF;
  json_decref(document);
  return written;
}

const gcb_format gcb_formats[] = {
    {"json", "everything, raw pauses included (schema gcbench.run/1)", json},
    {"csv", "one row an iteration", csv},
    {"google", "Google Benchmark's JSON, for its compare.py: invocations are repetitions", google},
    {"go", "Go benchmark text, for benchstat: one line an invocation", gcb_go_bench_write},
    {"junit", "JUnit XML: a test for each cell", gcb_junit_run},
    {"trace", "trace events, for Perfetto: pauses and stalls of each mutator", gcb_trace_write},
    {"hgrm", "HdrHistogram percentiles of the pauses of all its cells together", gcb_hgrm_pauses},
    {"hgrm-response", "the same of response times", gcb_hgrm_responses},
};
const size_t gcb_n_formats = sizeof gcb_formats / sizeof *gcb_formats;

const gcb_format *gcb_format_find(const char *name) {
  for (size_t i = 0; i < gcb_n_formats; i++)
    if (strcmp(gcb_formats[i].name, name) == 0) return &gcb_formats[i];
  return NULL;
}
