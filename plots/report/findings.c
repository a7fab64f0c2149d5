#include "plots/report/findings.h"
#include "results/model/cell.h"
#include "results/model/members.h"
#include "results/model/units.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* ---- what was run ---- */

static size_t count_ok(const gcb_grid *g, size_t *cells, size_t *fewest, size_t *most) {
  size_t ok = 0;
  *cells = *most = 0;
  *fewest = SIZE_MAX;
  for (size_t i = 0; i < g->n_experiments * g->n_contenders; i++) {
    if (!g->cells[i]) continue;
    ++*cells;
    if (!gcb_cell_ok(g->cells[i])) continue;
    size_t n = json_array_size(json_object_get(g->cells[i], "invocations"));
    if (n < *fewest) *fewest = n;
    if (n > *most) *most = n;
    ok++;
  }
  return ok;
}

/* Different texts of the experiments, once each, in their order. */
static size_t distinct(const gcb_grid *g, bool heaps, const char **texts) {
  size_t n = 0;
  for (size_t e = 0; e < g->n_experiments; e++) {
    const char *text = heaps ? g->experiments[e].heap : g->experiments[e].workload;
    size_t i = 0;
    while (i < n && strcmp(texts[i], text) != 0) i++;
    if (i == n) texts[n++] = text;
  }
  return n;
}

static void put_list(FILE *out, const char *noun, const char *const *texts, size_t n) {
  fprintf(out, "%s (", gcb_format_number((double)n, noun).s);
  for (size_t i = 0; i < n; i++) fprintf(out, "%s%s", i ? ", " : "", texts[i]);
  fputc(')', out);
}

enum { FOR_A_VERDICT = 10 }; /* invocations, by the method; fewer are flagged too */

static void compared(json_t *list, const gcb_grid *g) {
  size_t cells, fewest, most, ok = count_ok(g, &cells, &fewest, &most);
  const char **texts = calloc(g->n_experiments + g->n_contenders + 1, sizeof *texts);
  gcb_sentence s;
  if (texts && gcb_sentence_begin(&s)) {
    for (size_t c = 0; c < g->n_contenders; c++) texts[c] = g->contenders[c].name;
    put_list(s.out, "collector", texts, g->n_contenders);
    fputs(" on ", s.out);
    put_list(s.out, "workload", texts, distinct(g, false, texts));
    fputs(" in ", s.out);
    put_list(s.out, "heap size", texts, distinct(g, true, texts));
    fprintf(s.out, ": %s, of which %zu finished", gcb_format_number((double)cells, "cell").s, ok);
    if (ok && fewest == most)
      fprintf(s.out, ", %s each", gcb_format_number((double)most, "invocation").s);
    else if (ok)
      fprintf(s.out, ", %zu to %zu invocations each", fewest, most);
    if (ok && fewest < FOR_A_VERDICT) fprintf(s.out, " (a verdict takes %d)", FOR_A_VERDICT);
    fputc('.', s.out);
    gcb_sentence_end(&s, list);
  }
  free(texts);
}

/* ---- one collector has nobody to beat ---- */

static void put_metric(FILE *out, const json_t *cell, const char *name, const char *before) {
  const gcb_metric *m = gcb_metric_find(name);
  const json_t *v = json_object_get(json_object_get(json_object_get(cell, "summary"), name), "mean");
  if (json_is_number(v)) fprintf(out, "%s%s", before, gcb_metric_format(m, json_number_value(v)).s);
}

static void alone(json_t *answers, const gcb_grid *g) {
  enum { MOST = 8 };
  size_t told = 0;
  gcb_sentence s;
  for (size_t i = 0; i < g->n_experiments * g->n_contenders && told < MOST; i++) {
    const json_t *cell = g->cells[i];
    if (!cell || !gcb_cell_ok(cell) || !gcb_sentence_begin(&s)) continue;
    const json_t *longest =
        json_object_get(json_object_get(json_object_get(cell, "summary"), "pause_ns"), "max");
    fprintf(s.out, "%s on %s at %s", g->contenders[i % g->n_contenders].name,
            g->experiments[i / g->n_contenders].workload, g->experiments[i / g->n_contenders].heap);
    put_metric(s.out, cell, "ops_per_s", ": ");
    put_metric(s.out, cell, "peak_rss_bytes", ", peak resident set ");
    if (json_is_number(longest))
      fprintf(s.out, ", longest pause %s", gcb_format_ns(json_number_value(longest)).s);
    fputc('.', s.out);
    gcb_sentence_end(&s, answers);
    told++;
  }
  if (told) json_array_insert_new(answers, 0, json_string("There are no two collectors to compare."));
}

json_t *gcb_findings(const json_t *run) {
  const gcb_metric *metrics[8];
  gcb_grid g;
  gcb_readings r;
  json_t *what = json_array(), *answers = json_array(), *failed = json_array(), *cautions = json_array();
  if (gcb_grid_make(&g, run)) {
    size_t n = gcb_answered(&g, metrics);
    compared(what, &g);
    for (size_t i = 0; i < n; i++) {
      if (gcb_readings_take(&r, &g, metrics[i])) gcb_answer(answers, &r);
      gcb_readings_free(&r);
    }
    if (!json_array_size(answers)) alone(answers, &g);
    if (!json_array_size(answers))
      json_array_append_new(answers, json_string("No cell finished, so there is nothing to compare."));
    gcb_list_failures(failed, &g);
    gcb_list_cautions(cautions, run, &g);
  }
  gcb_grid_free(&g);
  json_t *first = json_array_get(what, 0);
  json_t *findings = json_pack("{s:O?, s:o, s:o, s:o}", "compared", first, "answers", answers, "failed",
                               failed, "cautions", cautions);
  json_decref(what);
  return findings;
}
