#include "plots/report/report.h"
#include "plots/report/findings.h"
#include "results/analysis/compare.h"
#include "results/analysis/grid.h"
#include "results/export/file.h"
#include "results/text/row.h"
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* A page of hundreds of figures is read by nobody, and no browser likes it. */
enum { MOST_OF_A_KIND = 16, USUAL_HEAP = 3 };

/* ---- figures ---- */

static void file_of(const gcb_reporter *r, const char *folder, size_t i, char *path, size_t size) {
  snprintf(path, size, "%s/%s.%s", folder, gcb_plots_at(r->plots, i).name,
           r->format == GCB_PLOT_PNG ? "png" : "svg");
}

static bool write_files(gcb_reporter *r, char *why, size_t size) {
  char path[4400];
  if (mkdir(r->folder, 0777) != 0 && errno != EEXIST) {
    snprintf(why, size, "%.300s cannot be made: %s", r->folder, gcb_file_trouble(errno));
    return false;
  }
  for (size_t i = 0; i < gcb_plots_count(r->plots); i++) {
    file_of(r, r->folder, i, path, sizeof path);
    if (!gcb_plots_write(r->plots, i, path, why, size)) return false;
  }
  return true;
}

/* How many figures a kind makes of a document; 0 with a sentence when it makes none. */
static size_t figures_of(const json_t *document, const char *kind, char *why, size_t size) {
  gcb_plots *trial = gcb_plots_open();
  size_t n = 0;
  snprintf(why, size, "there is not enough memory");
  if (trial) {
    gcb_plots_know(trial, document);
    gcb_plots_add(trial, document, &(gcb_plot_request){.kind = kind}, why, size);
    n = gcb_plots_count(trial);
  }
  gcb_plots_close(trial);
  return n;
}

static double off_usual(const json_t *cell) {
  return fabs(log(json_number_value(json_object_get(cell, "heap_factor")) / USUAL_HEAP));
}

/* The run with one heap for each workload and parameters, that nearest to the usual. New reference. */
static json_t *at_usual_heap(const json_t *run) {
  json_t *few = json_copy((json_t *)run), *cells = json_object_get(run, "cells"), *kept = json_array();
  json_t *cell, *other;
  size_t i, k;
  json_array_foreach(cells, i, cell) {
    bool nearest = true;
    json_array_foreach(cells, k, other) nearest &=
        !gcb_row_same_table(cell, other) || off_usual(cell) <= off_usual(other);
    if (nearest) json_array_append(kept, cell);
  }
  json_object_set_new(few, "cells", kept);
  return few;
}

/* Add a kind's figures: all, or when they are too many those of one heap. What is missing is noted. */
static void add_kind(gcb_reporter *r, gcb_report_run *run, const json_t *few, const char *kind) {
  const json_t *from = run->document;
  char why[400];
  size_t all = figures_of(from, kind, why, sizeof why), n = all;
  if (n > MOST_OF_A_KIND) n = figures_of(from = few, kind, why, sizeof why);
  if (all > MOST_OF_A_KIND && n <= MOST_OF_A_KIND && n)
    json_array_append_new(
        run->undrawn, json_sprintf("%s: %zu of %zu figures, those at the heap nearest to %dx; 'gcbench plot "
                                   "--from %s --kind %s -o %s/' draws all.",
                                   kind, n, all, USUAL_HEAP, run->name, kind, kind));
  if (!n) json_array_append_new(run->undrawn, json_sprintf("%s.", why));
  if (n > MOST_OF_A_KIND)
    json_array_append_new(run->undrawn,
                          json_sprintf("%s: %zu figures are too many for a page; 'gcbench plot --from %s "
                                       "--kind %s -o %s/' draws them.",
                                       kind, all, run->name, kind, kind));
  else if (n)
    gcb_plots_add(r->plots, from, &(gcb_plot_request){.kind = kind}, why, sizeof why);
}

bool gcb_report_draw(gcb_reporter *r, gcb_report_run *runs, size_t n) {
  char why[400] = "there is not enough memory";
  r->plots = gcb_plots_open();
  for (size_t i = 0; r->plots && i < n; i++) gcb_plots_know(r->plots, runs[i].document);
  for (size_t i = 0; r->plots && i < n; i++) {
    json_t *few = at_usual_heap(runs[i].document);
    runs[i].from = gcb_plots_count(r->plots);
    runs[i].undrawn = json_array();
    for (size_t k = 0; k < gcb_n_plot_kinds; k++)
      if (gcb_plot_kinds[k]->usual) add_kind(r, &runs[i], few, gcb_plot_kinds[k]->name);
    runs[i].to = gcb_plots_count(r->plots);
    json_decref(few);
  }
  if (r->plots && gcb_plots_draw(r->plots, r->format, why, sizeof why) &&
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

/* What this figure shows, and of which run where there are many. No two of a report have the same: where that
 * is not enough, the name of its file is added. */
static void heading_of(const gcb_reporter *r, const gcb_report_run *run, size_t i, char *text, size_t size) {
  gcb_plot_figure f = gcb_plots_at(r->plots, i), other;
  bool alone = run->from == 0 && run->to == gcb_plots_count(r->plots), same = false;
  for (size_t k = run->from; k < run->to; k++) {
    other = gcb_plots_at(r->plots, k);
    same |= k != i && strcmp(f.title, other.title) == 0 && strcmp(f.subtitle, other.subtitle) == 0;
  }
  snprintf(text, size, "%s%s%s%s%s%s%s%s", f.subtitle, *f.subtitle ? ": " : "", f.title,
           alone ? "" : ", run ", alone ? "" : run->name, same ? " (" : "", same ? f.name : "",
           same ? ")" : "");
}

/* A group for each kind, which begins with what the kind shows. */
static void figures(gcb_reporter *r, const gcb_report_run *run, int level) {
  gcb_page *p = &r->page;
  const char *kind = "";
  char text[1500], file[4400];
  if (!r->plots) {
    snprintf(text, sizeof text, "There are no plots in this report: %s.", r->no_plots);
    p->as->paragraph(p, NULL, text);
    return;
  }
  for (size_t i = run->from; i < run->to; i++) {
    gcb_plot_figure f = gcb_plots_at(r->plots, i);
    size_t size;
    char *drawn = gcb_plots_take(r->plots, i, &size);
    if (strcmp(f.kind, kind) != 0) {
      const gcb_plot_kind *k = gcb_plot_kind_find(f.kind);
      if (*kind) p->as->figures(p, false);
      snprintf(text, sizeof text, "%s", k ? k->shows : f.kind);
      text[0] = (char)toupper((unsigned char)text[0]);
      p->as->heading(p, level, NULL, text);
      p->as->figures(p, true);
      kind = f.kind;
    }
    file_of(r, r->shown_as ? r->shown_as : ".", i, file, sizeof file);
    heading_of(r, run, i, text, sizeof text);
    if (drawn) p->as->figure(p, text, drawn, file);
    free(drawn);
  }
  if (*kind) p->as->figures(p, false);
  if (!json_array_size(run->undrawn)) return;
  p->as->paragraph(p, "small", "Not drawn here:");
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
  if (!gcb_compare_has_sides(run->document)) words(p, run->document, 4); /* else pairs have said it better */
  gcb_report_tables(p, run->document);
  figures(r, run, 4);
  p->as->heading(p, 4, NULL, "Flags raised");
  gcb_report_flags(p, run->document);
  gcb_report_machine(p, run->document);
  gcb_report_again(p, run);
  json_decref(title);
}
