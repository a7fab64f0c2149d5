/* A metric against the size of the heap. */
#include "plots/figure/axis.h"
#include "plots/kinds/kinds.h"
#include "results/model/cell.h"
#include "results/model/members.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LANE = 13 }; /* height of a row of crosses */

typedef struct line {
  char label[GCB_PLOT_TEXT_SIZE];
  const json_t **cells;
  size_t n, failed;
} line;

static double factor(const json_t *cell) {
  return gcb_number(cell, "heap_factor");
}

static int by_factor(const void *a, const void *b) {
  return gcb_order(factor(*(const json_t *const *)a), factor(*(const json_t *const *)b));
}

/* The cells by collector, each line by heap. Returns how many lines; the caller frees each `cells`. */
static size_t collect(const gcb_plot_cells *cells, line *lines) {
  size_t n = 0;
  for (size_t i = 0; i < cells->n; i++) {
    char label[GCB_PLOT_TEXT_SIZE];
    size_t k = 0;
    gcb_cell_collector(cells->cells[i], label, sizeof label);
    while (k < n && strcmp(lines[k].label, label) != 0) k++;
    if (k == GCB_FIGURE_SERIES) continue;
    if (k == n) {
      lines[n] = (line){.cells = calloc(cells->n, sizeof *lines[n].cells)};
      if (!lines[n].cells) break;
      memcpy(lines[n++].label, label, sizeof label);
    }
    lines[k].cells[lines[k].n++] = cells->cells[i];
  }
  for (size_t k = 0; k < n; k++) qsort(lines[k].cells, lines[k].n, sizeof *lines[k].cells, by_factor);
  return n;
}

static void heap_ticks(gcb_figure *f, const gcb_plot_cells *cells, gcb_axis *x) {
  double last = -1;
  const char *separator = "";
  const json_t **sorted = calloc(cells->n, sizeof *sorted);
  if (!sorted) return;
  memcpy(sorted, cells->cells, cells->n * sizeof *sorted);
  qsort(sorted, cells->n, sizeof *sorted, by_factor);
  x->lo = factor(sorted[0]) / 1.06;
  x->hi = factor(sorted[cells->n - 1]) * 1.06;
  x->log = true;
  gcb_figure_number(f, "span", x->hi / x->lo);
  fprintf(f->set, "set xrange [%.15g:%.15g]\nset logscale x\nset xtics (", x->lo, x->hi);
  for (size_t i = 0; i < cells->n; i++) {
    char text[GCB_PLOT_TEXT_SIZE], quoted[2 * GCB_PLOT_TEXT_SIZE];
    double at = gcb_axis_place(x, factor(sorted[i]));
    if (at < last + .06) continue;
    last = at;
    fprintf(f->set, "%s%s %.15g", separator,
            gcb_gnuplot_quote(gcb_cell_heap(sorted[i], text, sizeof text), quoted, sizeof quoted),
            factor(sorted[i]));
    separator = ", ";
  }
  fputs(")\nset xlabel 'heap, as a multiple of the peak of live bytes'\n", f->set);
  free(sorted);
}

static bool read_value(const json_t *cell, const gcb_plot_cells *cells, gcb_interval *v) {
  if (cells->metric) return gcb_plot_metric(cell, cells->metric, v);
  return gcb_cell_ok(cell) &&
         gcb_plot_interval(json_object_get(json_object_get(cell, "summary"), "lbo"), "wall", v);
}

/* What all lines have on the axes. Returns how many points they have. */
static size_t survey(line *lines, size_t n, const gcb_plot_cells *cells, gcb_axis *y, size_t *crossed) {
  size_t points = 0;
  *crossed = 0;
  for (size_t i = 0; i < n; i++) {
    for (size_t k = 0; k < lines[i].n; k++) {
      gcb_interval v;
      lines[i].failed += !gcb_cell_ok(lines[i].cells[k]);
      if (!read_value(lines[i].cells[k], cells, &v)) continue;
      points++;
      gcb_axis_see(y, v.mean);
      gcb_axis_see(y, v.lo);
      gcb_axis_see(y, v.hi);
    }
    *crossed += lines[i].failed > 0;
  }
  return points;
}

/* A heap of the figure between two: a line that was not run there has a hole there. NAN without one. */
static double heap_between(const gcb_plot_cells *cells, double from, double to) {
  for (size_t i = 0; i < cells->n; i++)
    if (factor(cells->cells[i]) > from && factor(cells->cells[i]) < to) return factor(cells->cells[i]);
  return NAN;
}

/* The rows of a line, with its crosses at `row`; its end, in shares of the axes. False when it has nothing.
 */
static bool draw_line(gcb_figure *f, const line *l, const gcb_plot_cells *cells, const gcb_axis *x,
                      const gcb_axis *y, double row, gcb_line_end *end) {
  const gcb_series *s = gcb_figure_series(f, l->label);
  const json_t *failed = NULL;
  bool several = false; /* ways to fail */
  if (!s) return false;
  *end = (gcb_line_end){.x = 1, .y = NAN, .colour = s->colour};
  for (size_t k = 0; k < l->n; k++) {
    gcb_interval v;
    bool ran = gcb_cell_ok(l->cells[k]), known = read_value(l->cells[k], cells, &v);
    double hole = k ? heap_between(cells, factor(l->cells[k - 1]), factor(l->cells[k])) : NAN;
    if (isfinite(hole)) GCB_ROW(f, l->label, hole, NAN, NAN, NAN, NAN);
    if (!known) v = (gcb_interval){NAN, NAN, NAN, 0};
    GCB_ROW(f, l->label, factor(l->cells[k]), v.mean, v.lo, v.hi, ran ? NAN : row);
    if (!ran && !failed) failed = l->cells[k];
    several = several || (!ran && strcmp(gcb_plot_status(l->cells[k]), gcb_plot_status(failed)) != 0);
    if (!known) continue;
    end->x = gcb_axis_place(x, factor(l->cells[k]));
    end->y = gcb_axis_place(y, v.mean);
  }
  memcpy(end->label, l->label, sizeof end->label);
  if (isfinite(end->y)) return true;
  end->y = row;
  if (failed)
    snprintf(end->label, sizeof end->label, "%.100s (%s)", l->label,
             several ? "did not run" : gcb_plot_status_phrase(failed));
  return failed != NULL;
}

static bool several_heaps(const gcb_plot_cells *cells) {
  for (size_t i = 1; i < cells->n; i++)
    if (factor(cells->cells[i]) != factor(cells->cells[0])) return true;
  return false;
}

static bool emit_axis(gcb_figure *f, const gcb_plot_cells *cells, gcb_unit unit, const char *title) {
  line lines[GCB_FIGURE_SERIES];
  gcb_line_end ends[GCB_FIGURE_SERIES];
  gcb_axis x, y, shares = {.lo = 0, .hi = 1};
  size_t n_ends = 0, crossed, lane = 0, n = collect(cells, lines);
  gcb_axis_begin(&y, unit);
  bool shows = survey(lines, n, cells, &y, &crossed) > 0 && several_heaps(cells);
  if (shows) {
    heap_ticks(f, cells, &x);
    gcb_axis_fit(&y, GCB_TIGHT);
    /* Crosses stand in rows above the lines: the axis ends where they begin. */
    f->height += (unsigned)crossed * LANE;
    double strip = (double)crossed * LANE / (f->height - f->top - f->bottom);
    if (crossed) gcb_axis_stretch(&y, strip + .02);
    gcb_figure_columns(f, "collector heap_factor value lo hi cross");
    for (size_t i = 0; i < n; i++) {
      lane += lines[i].failed > 0;
      double row = crossed ? 1 - ((double)lane - .5) * strip / (double)crossed : NAN;
      n_ends += draw_line(f, &lines[i], cells, &x, &y, row, &ends[n_ends]);
    }
    gcb_axis_write(f, "y", &y, title);
    gcb_figure_note_missing(f, cells);
    gcb_axis_labels(f, ends, n_ends, &shares, &shares);
  }
  for (size_t i = 0; i < n; i++) free(lines[i].cells);
  return shows;
}

static bool emit(gcb_figure *f, const gcb_plot_cells *cells) {
  const gcb_metric *m = gcb_metric_find(cells->metric);
  gcb_figure_title(f, "%s, against the heap", m->meaning);
  return emit_axis(f, cells, m->unit, m->meaning);
}

const gcb_kind gcb_kind_heap = {
    .public = {.name = "heap",
               .shows = "time, or any metric, against the size of the heap",
               .needs = "several heap sizes, of which one ended ok: 'gcbench run --heap 1.5x,2x,3x,6x'",
               .usual = true,
               .wants_metric = true,
               .metric = "wall_ns"},
    .scope = GCB_OF_PARAMS,
    .emit = emit,
};

static bool emit_lbo(gcb_figure *f, const gcb_plot_cells *cells) {
  return emit_axis(f, cells, GCB_UNIT_COUNT, "wall time, as a multiple of the lower bound");
}

const gcb_kind gcb_kind_heap_lbo = {
    .public = {.name = "heap-lbo",
               .shows = "lower-bound overhead against the size of the heap",
               .needs =
                   "several heap sizes and collectors: 'gcbench run -c gen3,marksweep --heap 1.5x,2x,3x,6x'",
               .usual = true},
    .scope = GCB_OF_PARAMS,
    .emit = emit_lbo,
};
