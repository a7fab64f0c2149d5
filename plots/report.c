#include "report.h"
#include "findings.h"
#include "grid.h"
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---- figures ---- */

static bool write_files(gcb_reporter *r, char *why, size_t size) {
  char path[4400];
  if (mkdir(r->folder, 0777) != 0 && errno != EEXIST) {
    snprintf(why, size, "%.300s cannot be made: %s", r->folder, strerror(errno));
    return false;
  }
  for (size_t i = 0; i < gcb_plots_count(r->plots); i++) {
    snprintf(path, sizeof path, "%s/%s.svg", r->folder, gcb_plots_at(r->plots, i).name);
    if (!gcb_plots_write(r->plots, i, path, why, size)) return false;
  }
  return true;
}

bool gcb_report_draw(gcb_reporter *r, gcb_report_run *runs, size_t n) {
  char why[400] = "there is not enough memory";
  r->plots = gcb_plots_open();
  for (size_t i = 0; r->plots && i < n; i++) gcb_plots_know(r->plots, runs[i].document);
  for (size_t i = 0; r->plots && i < n; i++) {
    runs[i].from = gcb_plots_count(r->plots);
    runs[i].undrawn = json_array();
    for (size_t k = 0; k < gcb_n_plot_kinds; k++) {
      if (!gcb_plot_kinds[k]->usual) continue;
      gcb_plot_request all = {.kind = gcb_plot_kinds[k]->name};
      if (gcb_plots_add(r->plots, runs[i].document, &all, why, sizeof why) != GCB_PLOT_ADDED) {
        json_t *text = json_sprintf("%s: %s.", gcb_plot_kinds[k]->name, why);
        json_array_append_new(runs[i].undrawn, text);
      }
    }
    runs[i].to = gcb_plots_count(r->plots);
  }
  if (r->plots && gcb_plots_draw(r->plots, GCB_PLOT_SVG, why, sizeof why) &&
      (!r->folder || write_files(r, why, sizeof why)))
    return true;
  snprintf(r->no_plots, sizeof r->no_plots, "%s", why);
  gcb_plots_close(r->plots);
  r->plots = NULL;
  return false;
}

void gcb_report_close(gcb_reporter *r, gcb_report_run *runs, size_t n) {
  for (size_t i = 0; i < n; i++) json_decref(runs[i].undrawn);
  gcb_plots_close(r->plots);
  r->plots = NULL;
}

/* A group for each kind, which begins with what the kind shows. */
static void figures(gcb_reporter *r, const gcb_report_run *run, int level) {
  gcb_page *p = &r->page;
  const char *kind = "";
  char text[500], file[4400];
  if (!r->plots) {
    snprintf(text, sizeof text, "There are no plots in this report: %s.", r->no_plots);
    p->as->paragraph(p, NULL, text);
    return;
  }
  for (size_t i = run->from; i < run->to; i++) {
    gcb_plot_figure f = gcb_plots_at(r->plots, i);
    size_t size;
    char *svg = gcb_plots_take(r->plots, i, &size);
    if (strcmp(f.kind, kind) != 0) {
      const gcb_plot_kind *k = gcb_plot_kind_find(f.kind);
      if (*kind) p->as->figures(p, false);
      p->as->heading(p, level, NULL, k ? k->shows : f.kind);
      p->as->figures(p, true);
      kind = f.kind;
    }
    snprintf(file, sizeof file, "%s/%s.svg", r->shown_as ? r->shown_as : ".", f.name);
    snprintf(text, sizeof text, "%s%s%s", f.title, *f.subtitle ? ": " : "", f.subtitle);
    if (svg) p->as->figure(p, text, svg, file);
    free(svg);
  }
  if (*kind) p->as->figures(p, false);
  if (!json_array_size(run->undrawn)) return;
  p->as->paragraph(p, "small", "Not drawn, for want of data:");
  p->as->items(p, "cautions", run->undrawn);
}

/* ---- one run ---- */

/* "gen3 against markcompact on trees, cycles and churn" */
static void put_title(FILE *out, const json_t *run) {
  enum { NAMED = 4 };
  gcb_grid g;
  if (!gcb_grid_make(&g, run)) return;
  for (size_t c = 0; c < g.n_contenders && g.n_contenders <= NAMED; c++)
    fprintf(out, "%s%s", g.n_contenders == 2 && c ? " against " : gcb_list_comma(c, g.n_contenders),
            g.contenders[c].name);
  if (g.n_contenders > NAMED) fprintf(out, "%zu collectors", g.n_contenders);
  fputs(" on ", out);
  for (size_t e = 0, told = 0; e < g.n_experiments && g.n_workloads <= NAMED; e++) {
    size_t before = 0;
    while (before < e && strcmp(g.experiments[before].workload, g.experiments[e].workload) != 0) before++;
    if (before == e)
      fprintf(out, "%s%s", gcb_list_comma(told, g.n_workloads), g.experiments[e].workload), told++;
  }
  if (g.n_workloads > NAMED) fprintf(out, "%zu workloads", g.n_workloads);
  gcb_grid_free(&g);
}

static json_t *title_of(const json_t *run) {
  json_t *list = json_array();
  gcb_sentence s;
  if (gcb_sentence_begin(&s)) {
    put_title(s.out, run);
    gcb_sentence_end(&s, list);
  }
  json_t *title = json_incref(json_array_get(list, 0));
  json_decref(list);
  return title ? title : json_string("An empty run");
}

/* What was run, who won what, what could not run, what to beware of: the first screen. */
static void words(gcb_page *p, const json_t *run, int level) {
  json_t *findings = gcb_findings(run);
  const char *compared = json_string_value(json_object_get(findings, "compared"));
  if (compared) p->as->paragraph(p, "lead", compared);
  p->as->items(p, "answers", json_object_get(findings, "answers"));
  if (json_array_size(json_object_get(findings, "failed"))) {
    p->as->heading(p, level, NULL, "What could not run, and what leaked");
    p->as->items(p, "failed", json_object_get(findings, "failed"));
  }
  if (json_array_size(json_object_get(findings, "cautions"))) {
    p->as->heading(p, level, NULL, "Read with care");
    p->as->items(p, "cautions", json_object_get(findings, "cautions"));
  }
  json_decref(findings);
}

void gcb_report_of_run(gcb_reporter *r, const gcb_report_run *run) {
  static const char *const entries[][2] = {{"tables", "Tables"},
                                           {"plots", "Plots"},
                                           {"method", "Method and flags"},
                                           {"machine", "Machine"},
                                           {"again", "Reproduce"}};
  gcb_page *p = &r->page;
  json_t *title = title_of(run->document);
  p->as->begin(p, json_string_value(title));
  p->as->heading(p, 1, NULL, json_string_value(title));
  words(p, run->document, 3);
  p->as->contents(p, entries, sizeof entries / sizeof *entries);
  p->as->heading(p, 2, "tables", "Tables");
  gcb_report_tables(p, run->document);
  p->as->heading(p, 2, "plots", "Plots");
  figures(r, run, 3);
  p->as->heading(p, 2, "method", "Method and flags");
  gcb_report_method(p, run->document);
  p->as->heading(p, 2, "machine", "Machine");
  gcb_report_machine(p, run->document);
  p->as->heading(p, 2, "again", "Reproduce");
  gcb_report_again(p, run);
  p->as->end(p);
  json_decref(title);
}

void gcb_report_section(gcb_reporter *r, const gcb_report_run *run) {
  gcb_page *p = &r->page;
  json_t *title = title_of(run->document);
  p->as->heading(p, 3, NULL, json_string_value(title));
  words(p, run->document, 4);
  gcb_report_tables(p, run->document);
  figures(r, run, 4);
  p->as->heading(p, 4, NULL, "Flags raised");
  gcb_report_flags(p, run->document);
  gcb_report_machine(p, run->document);
  gcb_report_again(p, run);
  json_decref(title);
}
