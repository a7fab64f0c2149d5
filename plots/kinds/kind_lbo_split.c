/* Where the time goes: the split of the wall time that cells which never reclaim make possible. */
#include "plots/figure/axis.h"
#include "plots/kinds/kinds.h"
#include "results/analysis/explain.h"
#include "results/model/cell.h"
#include "results/model/members.h"
#include "results/text/shell.h"
#include <math.h>
#include <stdlib.h>

static const char *const parts[] = {"mutator_ns", "barrier_ns", "stopped_ns", "rest_ns"};
enum { PARTS = sizeof parts / sizeof *parts };

static const json_t *split_of(const json_t *cell) {
  return gcb_cell_ok(cell) ? json_object_get(json_object_get(cell, "summary"), "lbo_split") : NULL;
}

/* What a row is drawn in: nanoseconds, or, where one bar would be a thousandth of another, shares of itself.
 */
static double scale_of(const json_t *cell, bool shares) {
  double sum = 0;
  for (size_t p = 0; p < PARTS; p++) sum += gcb_number(split_of(cell), parts[p]);
  return shares && sum > 0 ? 100 / sum : 1;
}

static bool wide(const gcb_plot_cells *cells) {
  gcb_axis walls;
  gcb_axis_begin(&walls, GCB_UNIT_NS);
  for (size_t i = 0; i < cells->n; i++) {
    gcb_interval wall;
    if (split_of(cells->cells[i]) && gcb_plot_metric(cells->cells[i], "wall_ns", &wall))
      gcb_axis_see(&walls, wall.mean);
  }
  gcb_axis_fit(&walls, GCB_LOG_IF_WIDE);
  return walls.log;
}

/* Parts above zero stand one after the other; what is below zero goes left of it. */
static void row(gcb_figure *f, gcb_axis *x, const json_t *cell, bool shares, double at) {
  char label[GCB_PLOT_TEXT_SIZE];
  double right = 0, below = 0, values[PARTS], row[1 + 3 * PARTS] = {at}, scale = scale_of(cell, shares);
  gcb_interval wall;
  gcb_cell_collector(cell, label, sizeof label);
  for (size_t p = 0; p < PARTS; p++) {
    values[p] = gcb_number(split_of(cell), parts[p]);
    double *end = values[p] < 0 ? &below : &right, from = *end;
    if (isfinite(values[p])) *end += values[p] * scale;
    row[1 + p] = values[p];
    row[1 + PARTS + 2 * p] = from;
    row[2 + PARTS + 2 * p] = *end;
  }
  gcb_axis_see(x, right);
  gcb_axis_see(x, below);
  gcb_figure_row(f, label, sizeof row / sizeof *row, row);
  gcb_figure_row_name(f, at, label);
  if (gcb_plot_metric(cell, "wall_ns", &wall))
    gcb_figure_row_interval(f, at, gcb_metric_find("wall_ns"), wall);
}

static bool emit(gcb_figure *f, const gcb_plot_cells *cells) {
  gcb_axis x;
  bool shares = wide(cells);
  size_t n = 0, at = 0;
  for (size_t i = 0; i < cells->n; i++) n += split_of(cells->cells[i]) != NULL;
  if (!n) return false;
  gcb_axis_begin(&x, shares ? GCB_UNIT_COUNT : GCB_UNIT_NS);
  gcb_axis_see(&x, 0);
  gcb_figure_rows(f, n);
  f->top += 18; /* the key */
  f->height += 18;
  gcb_figure_columns(
      f, "collector row mutator_ns barrier_ns stopped_ns rest_ns from to from to from to from to");
  gcb_figure_block(f);
  for (size_t i = 0; i < cells->n; i++) {
    const json_t *cell = cells->cells[i];
    char label[GCB_PLOT_TEXT_SIZE];
    if (split_of(cell))
      row(f, &x, cell, shares, (double)(n - at++));
    else
      gcb_figure_note(f, "%s: %s", gcb_cell_collector(cell, label, sizeof label),
                      gcb_cell_ok(cell) ? "not split" : gcb_plot_status_phrase(cell));
  }
  gcb_axis_fit(&x, GCB_FROM_ZERO);
  gcb_figure_title(f, "where the time of an iteration goes");
  gcb_axis_write(f, "x", &x,
                 shares ? "share of the wall time of an iteration (%); the time itself stands right"
                        : "wall time of an iteration");
  return true;
}

/* The cells that split one, of all that were run, selected or not. */
static gcb_ablations beside(const json_t *cell, const gcb_plot_cells *cells) {
  return gcb_explain_find(json_object_get(cells->document, "cells"), cell);
}

static void lacks(const gcb_plot_cells *cells, const char *source, char *why, size_t size) {
  char collector[GCB_PLOT_TEXT_SIZE], heap[64], number[24];
  const json_t *cell = NULL;
  for (size_t i = 0; i < cells->n && !cell; i++)
    if (gcb_cell_ok(cells->cells[i]) && beside(cells->cells[i], cells).plain != cells->cells[i])
      cell = cells->cells[i];
  if (!cell) {
    snprintf(why, size, "no cell of a collector that reclaims, or has a barrier, ended ok");
    return;
  }
  gcb_ablations a = beside(cell, cells);
  const char *barriers = gcb_explain_barriers(cell);
  size_t place = 0;
  while (json_array_get(json_object_get(cells->document, "cells"), place) != cell) place++;
  snprintf(number, sizeof number, "%zu", place + 1);
  const char *const explain[] = {"gcbench", "explain", source, number, "--run-json", "split.json", NULL};
  char *command = gcb_shell_command(explain);
  snprintf(why, size,
           "beside %.100s on %s in a heap of %s there is no run on a collector that never reclaims %s%s%s%s; "
           "what is missing is made with: %s; then: gcbench plot --from split.json --kind lbo-split",
           gcb_string(cell, "workload"), gcb_cell_collector(cell, collector, sizeof collector),
           gcb_cell_heap(cell, heap, sizeof heap), a.plain ? "" : "without barrier",
           a.plain || a.barred ? "" : ", and none ",
           a.barred ? "" : "with the barrier and roots of this cell, ",
           a.barred    ? ""
           : *barriers ? barriers
                       : "which it does not record",
           command ? command : "gcbench explain");
  free(command);
}

const gcb_kind gcb_kind_lbo_split = {
    .public = {.name = "lbo-split",
               .shows = "wall time split into mutator, barrier, stops and the rest",
               .needs = "collectors that never reclaim beside the others, in a heap that holds everything "
                        "they allocate: "
                        "'gcbench run -c none,none+card,gen3'",
               .usual = true},
    .scope = GCB_OF_HEAP,
    .emit = emit,
    .lacks = lacks,
};
