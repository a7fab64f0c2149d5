/* Time against space: what a collector costs, over the memory that it takes for it. */
#include "plots/figure/axis.h"
#include "plots/kinds/kinds.h"
#include "results/model/cell.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct point {
  char label[GCB_PLOT_TEXT_SIZE];
  gcb_interval space, cost;
} point;

static int by_label_and_space(const void *a, const void *b) {
  const point *x = a, *y = b;
  int order = strcmp(x->label, y->label);
  return order ? order : gcb_order(x->space.mean, y->space.mean);
}

static int by_space(const void *a, const void *b) {
  const point *x = a, *y = b;
  int order = gcb_order(x->space.mean, y->space.mean);
  return order ? order : gcb_order(x->cost.mean, y->cost.mean);
}

/* The points that no other beats in both, as the last block. */
static void front(gcb_figure *f, point *points, size_t n) {
  double best = INFINITY;
  qsort(points, n, sizeof *points, by_space);
  gcb_figure_block(f);
  for (size_t i = 0; i < n; i++) {
    if (!(points[i].cost.mean < best)) continue;
    best = points[i].cost.mean;
    GCB_ROW(f, "front", points[i].space.mean, NAN, NAN, best, NAN, NAN);
  }
}

static void see(gcb_axis *a, gcb_interval v) {
  gcb_axis_see(a, v.mean);
  gcb_axis_see(a, v.lo);
  gcb_axis_see(a, v.hi);
}

static bool emit(gcb_figure *f, const gcb_plot_cells *cells) {
  const gcb_metric *m = gcb_metric_find(cells->metric);
  gcb_axis x, y;
  size_t n = 0;
  point *points = calloc(cells->n, sizeof *points);
  if (!points) return false;
  gcb_axis_begin(&x, GCB_UNIT_BYTES);
  gcb_axis_begin(&y, m->unit);
  for (size_t i = 0; i < cells->n; i++) {
    point *p = &points[n];
    if (!gcb_plot_metric(cells->cells[i], "peak_rss_bytes", &p->space) ||
        !gcb_plot_metric(cells->cells[i], m->name, &p->cost))
      continue;
    gcb_cell_collector(cells->cells[i], p->label, sizeof p->label);
    see(&x, p->space);
    see(&y, p->cost);
    n++;
  }
  qsort(points, n, sizeof *points, by_label_and_space);
  gcb_figure_columns(f, "collector space lo hi cost lo hi");
  for (size_t i = 0; i < n; i++) {
    if ((!i || strcmp(points[i].label, points[i - 1].label) != 0) && !gcb_figure_series(f, points[i].label))
      break;
    GCB_ROW(f, points[i].label, points[i].space.mean, points[i].space.lo, points[i].space.hi,
            points[i].cost.mean, points[i].cost.lo, points[i].cost.hi);
  }
  front(f, points, n);
  gcb_axis_fit(&x, GCB_TIGHT);
  gcb_axis_fit(&y, GCB_TIGHT);
  gcb_figure_title(f, "%s against space; grey: the front", m->meaning);
  gcb_axis_write(f, "x", &x, "peak resident set");
  gcb_axis_write(f, "y", &y, m->meaning);
  gcb_figure_note_missing(f, cells);
  gcb_axis_key(f);
  free(points);
  return n > 1;
}

const gcb_kind gcb_kind_pareto = {
    .public =
        {.name = "pareto",
         .shows = "cost against peak resident set, with the front",
         .needs =
             "two cells of a workload that ended ok: several heap sizes or collectors ('--heap 1.5x,3x,6x')",
         .usual = true,
         .wants_metric = true,
         .metric = "wall_ns"},
    .scope = GCB_OF_PARAMS,
    .emit = emit,
};
