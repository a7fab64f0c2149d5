/* Every collector on every workload, relative to one collector: a heat map with numbers and verdicts. */
#include "plots/figure/axis.h"
#include "plots/kinds/kinds.h"
#include "results/model/cell.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NAMES = GCB_FIGURE_SERIES, COLUMN = 62, LETTER = 7, KEY = 62 * LETTER };

typedef struct names {
  char name[NAMES][GCB_PLOT_TEXT_SIZE];
  size_t n;
} names;

static size_t place_of(names *list, const char *name) {
  size_t i = 0;
  while (i < list->n && strcmp(list->name[i], name) != 0) i++;
  if (i == list->n && list->n < NAMES) snprintf(list->name[list->n++], GCB_PLOT_TEXT_SIZE, "%s", name);
  return i < NAMES ? i : NAMES - 1;
}

/* A workload by its name alone, unless the document has it with several parameter sets. */
static const char *column_name(const gcb_plot_cells *cells, const json_t *cell, char *text) {
  const char *workload = json_string_value(json_object_get(cell, "workload"));
  for (size_t i = 0; i < cells->n; i++) {
    const char *other = json_string_value(json_object_get(cells->cells[i], "workload"));
    if (!workload || !other || strcmp(workload, other) != 0) continue;
    if (!json_equal(json_object_get(cell, "params"), json_object_get(cells->cells[i], "params")))
      return gcb_cell_workload(cell, text, GCB_PLOT_TEXT_SIZE);
  }
  snprintf(text, GCB_PLOT_TEXT_SIZE, "%s", workload ? workload : "?");
  return text;
}

typedef struct map {
  names rows, columns;
  const json_t *cell[NAMES][NAMES]; /* row, column */
  size_t reference;
} map;

static void fill(map *m, const gcb_plot_cells *cells) {
  size_t best = 0;
  char text[GCB_PLOT_TEXT_SIZE];
  for (size_t i = 0; i < cells->n; i++) {
    size_t column = place_of(&m->columns, column_name(cells, cells->cells[i], text));
    size_t row = place_of(&m->rows, gcb_cell_collector(cells->cells[i], text, sizeof text));
    if (!m->cell[row][column]) m->cell[row][column] = cells->cells[i];
  }
  /* The first of those that ran on most workloads. */
  for (size_t r = 0; r < m->rows.n; r++) {
    size_t ran = 0;
    for (size_t c = 0; c < m->columns.n; c++) ran += gcb_cell_ok(m->cell[r][c]);
    if (ran > best) best = ran, m->reference = r;
  }
}

static void say(gcb_figure *f, const map *m, size_t row, size_t column, gcb_interval r, double x, double y) {
  char text[GCB_PLOT_TEXT_SIZE], quoted[2 * GCB_PLOT_TEXT_SIZE];
  const json_t *cell = m->cell[row][column];
  bool strong = isfinite(r.mean) && fabs(log2(r.mean)) > 1.3;
  if (!cell)
    snprintf(text, sizeof text, "-");
  else if (isfinite(r.mean) && row == m->reference)
    snprintf(text, sizeof text, "1");
  else if (isfinite(r.mean))
    gcb_plot_ratio_text(r, text, sizeof text);
  else
    snprintf(text, sizeof text, "%s", gcb_cell_ok(cell) ? "n/a" : gcb_plot_status(cell));
  gcb_figure_set(f, "set label %s at first %g, first %g center font %s tc rgb %s front",
                 gcb_gnuplot_quote(text, quoted, sizeof quoted), x, y, strlen(text) > 7 ? "tiny" : "small",
                 isfinite(r.mean) ? strong ? "'#ffffff'" : "ink" : "warn");
}

/* Columns of nothing but n/a: the reference is what ran on most workloads, not on all. */
static void note_columns_without(gcb_figure *f, const map *m) {
  char columns[4 * GCB_PLOT_TEXT_SIZE] = "";
  size_t n = 0;
  for (size_t c = 0; c < m->columns.n; c++)
    if (!gcb_cell_ok(m->cell[m->reference][c]) && n < sizeof columns)
      n += (size_t)snprintf(columns + n, sizeof columns - n, "%s%s", n ? ", " : "", m->columns.name[c]);
  if (n)
    gcb_figure_note(f, "%s did not run, and there are no ratios to it: %s", m->rows.name[m->reference],
                    columns);
}

static bool draw(gcb_figure *f, const gcb_metric *metric, const map *m) {
  size_t known = 0, longest = 0;
  bool few = false;
  char quoted[2 * GCB_PLOT_TEXT_SIZE];
  f->top += 18;    /* the key */
  f->bottom -= 22; /* no title of the axis */
  gcb_figure_rows(f, m->rows.n);
  gcb_figure_columns(f, "collector column row ratio lo hi shade");
  gcb_figure_block(f);
  for (size_t r = 0; r < m->rows.n; r++) {
    double y = (double)(m->rows.n - r);
    gcb_figure_row_name(f, y, m->rows.name[r]);
    for (size_t c = 0; c < m->columns.n; c++) {
      gcb_interval v = gcb_plot_ratio(metric, m->cell[r][c], m->cell[m->reference][c]);
      double shade = log2(metric->more_is_better ? 1 / v.mean : v.mean);
      known += isfinite(v.mean) && r != m->reference;
      few |= isfinite(v.mean) && r != m->reference && v.n < GCB_CLAIM_MIN;
      GCB_ROW(f, m->rows.name[r], (double)c + 1, y, v.mean, v.lo, v.hi,
              isfinite(shade) ? fmax(-2, fmin(2, shade)) : NAN);
      say(f, m, r, c, v, (double)c + 1, y);
    }
  }
  note_columns_without(f, m);
  if (few) gcb_figure_note_few(f);
  fputs("set xtics (\"\" -1)\n", f->set);
  for (size_t c = 0; c < m->columns.n; c++) {
    if (strlen(m->columns.name[c]) > longest) longest = strlen(m->columns.name[c]);
    gcb_figure_set(f, "set xtics add (%s %zu)", gcb_gnuplot_quote(m->columns.name[c], quoted, sizeof quoted),
                   c + 1);
  }
  bool slanted = longest > 8;
  unsigned drop = slanted ? (unsigned)(longest * 3.6) : 0; /* half the length, at 30 degrees */
  f->bottom += drop;
  f->height += drop;
  /* Columns as wide as the page allows, up to twice what a number needs; a wider page if it must be. */
  unsigned n = (unsigned)m->columns.n,
           margin = (f->left + f->right + (slanted ? (unsigned)longest / 2 : 0)) * LETTER;
  unsigned each = f->width > margin ? (f->width - margin) / n : 0;
  each = each < COLUMN ? COLUMN : each > 2 * COLUMN ? 2 * COLUMN : each;
  if (f->width < margin + n * each) f->width = margin + n * each;
  if (f->width < f->left * LETTER + KEY) f->width = f->left * LETTER + KEY;
  f->right = (f->width - n * each) / LETTER - f->left;
  gcb_figure_number(f, "columns", (double)m->columns.n);
  gcb_figure_number(f, "slanted", slanted);
  return known > 0;
}

static bool emit(gcb_figure *f, const gcb_plot_cells *cells) {
  const gcb_metric *metric = gcb_metric_find(cells->metric);
  map *m = calloc(1, sizeof *m);
  if (!m) return false;
  fill(m, cells);
  bool shows = m->rows.n > 1 && draw(f, metric, m);
  gcb_figure_title(f, "%s, relative to %s", metric->meaning, m->rows.name[m->reference]);
  free(m);
  return shows;
}

const gcb_kind gcb_kind_ratios = {
    .public =
        {.name = "ratios",
         .shows = "collectors on workloads, relative to one, with verdicts",
         .needs =
             "two or more collectors that ended ok on the same workload: 'gcbench run -c gen3,marksweep'",
         .usual = true,
         .wants_metric = true,
         .metric = "wall_ns"},
    .scope = GCB_OF_FACTOR,
    .emit = emit,
};
