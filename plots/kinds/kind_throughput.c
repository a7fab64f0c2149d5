/* Bars of one metric, the best on top, with intervals. */
#include "plots/figure/axis.h"
#include "plots/kinds/kinds.h"
#include "results/model/cell.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct bar {
  const json_t *cell;
  gcb_interval value; /* NAN where it did not run: those come last */
  bool more_is_better;
  size_t place; /* in the document */
} bar;

static int best_first(const void *a, const void *b) {
  const bar *x = a, *y = b;
  double sign = x->more_is_better ? -1 : 1;
  int order = gcb_order(sign * x->value.mean, sign * y->value.mean);
  return order ? order : x->place < y->place ? -1 : 1;
}

static void row(gcb_figure *f, const gcb_metric *m, const bar *b, double at) {
  char label[GCB_PLOT_TEXT_SIZE];
  gcb_cell_collector(b->cell, label, sizeof label);
  if (!gcb_figure_series(f, label)) return;
  GCB_ROW(f, label, at, b->value.mean, b->value.lo, b->value.hi);
  gcb_figure_row_name(f, at, label);
  if (isfinite(b->value.mean))
    gcb_figure_row_interval(f, at, m, b->value);
  else
    gcb_figure_row_missing(f, at, gcb_cell_ok(b->cell) ? "not known" : gcb_plot_status_phrase(b->cell));
}

static bool emit(gcb_figure *f, const gcb_plot_cells *cells) {
  const gcb_metric *m = gcb_metric_find(cells->metric);
  gcb_axis x;
  size_t ran = 0, n = cells->n < GCB_FIGURE_SERIES ? cells->n : GCB_FIGURE_SERIES;
  bar *bars = calloc(n, sizeof *bars);
  if (!bars) return false;
  gcb_axis_begin(&x, m->unit);
  for (size_t i = 0; i < n; i++) {
    bar *b = &bars[i];
    *b = (bar){cells->cells[i], {NAN, NAN, NAN, 0}, m->more_is_better, i};
    ran += gcb_plot_metric(b->cell, m->name, &b->value);
    gcb_axis_see(&x, b->value.mean);
    gcb_axis_see(&x, b->value.lo);
    gcb_axis_see(&x, b->value.hi);
  }
  qsort(bars, n, sizeof *bars, best_first);
  gcb_axis_fit(&x, GCB_LOG_IF_WIDE);
  gcb_figure_rows(f, n);
  gcb_figure_columns(f, "collector row value lo hi");
  gcb_figure_title(f, "%s", m->meaning);
  for (size_t i = 0; i < n; i++) row(f, m, &bars[i], (double)(n - i));
  gcb_axis_write(f, "x", &x, m->meaning);
  gcb_figure_number(f, "logarithmic", x.log);
  free(bars);
  return ran > 0;
}

const gcb_kind gcb_kind_throughput = {
    .public = {.name = "throughput",
               .shows = "bars of throughput, or of any metric, with intervals",
               .needs = "at least one cell that ended ok, of 'gcbench run --json FILE'",
               .usual = true,
               .wants_metric = true,
               .metric = "ops_per_s"},
    .scope = GCB_OF_HEAP,
    .emit = emit,
};
