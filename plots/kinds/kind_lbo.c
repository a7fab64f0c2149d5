/* Lower-bound overhead: what a collector costs over the least that the work itself could cost. */
#include "plots/figure/axis.h"
#include "plots/kinds/kinds.h"
#include "results/model/cell.h"
#include "results/model/units.h"
#include <math.h>
#include <stdlib.h>

typedef struct overhead {
  const json_t *cell;
  gcb_interval wall, cpu;
  size_t place;
} overhead;

static int cheapest_first(const void *a, const void *b) {
  const overhead *x = a, *y = b;
  int order = gcb_order(x->wall.mean, y->wall.mean);
  return order ? order : x->place < y->place ? -1 : 1;
}

static bool read_overhead(const json_t *cell, const char *clock, gcb_interval *v) {
  const json_t *lbo = json_object_get(json_object_get(cell, "summary"), "lbo");
  *v = (gcb_interval){NAN, NAN, NAN, 0};
  return gcb_cell_ok(cell) && gcb_plot_interval(lbo, clock, v);
}

static void see(gcb_axis *x, gcb_interval v) {
  gcb_axis_see(x, v.mean);
  gcb_axis_see(x, v.lo);
  gcb_axis_see(x, v.hi);
}

/* "wall 1.33 [1.29, 1.36],  CPU 1.39": in the form of counts, which stays short past 1000. */
static size_t add_value(char *text, size_t n, size_t size, const char *clock, gcb_interval v) {
  n += (size_t)snprintf(text + n, size - n, "%s%s %s", n ? ",  " : "", clock,
                        isfinite(v.mean) ? gcb_format_count(v.mean).s : "not known");
  if (isfinite(v.lo))
    n +=
        (size_t)snprintf(text + n, size - n, " [%s, %s]", gcb_format_count(v.lo).s, gcb_format_count(v.hi).s);
  return n;
}

static void row(gcb_figure *f, const overhead *o, double at) {
  char label[GCB_PLOT_TEXT_SIZE], text[2 * GCB_PLOT_TEXT_SIZE];
  gcb_cell_collector(o->cell, label, sizeof label);
  if (!gcb_figure_series(f, label)) return;
  GCB_ROW(f, label, at, o->wall.mean, o->wall.lo, o->wall.hi, o->cpu.mean, o->cpu.lo, o->cpu.hi);
  gcb_figure_row_name(f, at, label);
  if (!isfinite(o->wall.mean)) {
    gcb_figure_row_missing(f, at, gcb_cell_ok(o->cell) ? "not known" : gcb_plot_status_phrase(o->cell));
    return;
  }
  size_t n = add_value(text, 0, sizeof text, "wall", o->wall);
  n = add_value(text, n, sizeof text, "CPU", o->cpu);
  if (!isfinite(o->wall.lo)) snprintf(text + n, sizeof text - n, ",  n=%zu", o->wall.n);
  gcb_figure_row_value(f, at, text);
}

static bool emit(gcb_figure *f, const gcb_plot_cells *cells) {
  gcb_axis x;
  size_t known = 0, n = cells->n < GCB_FIGURE_SERIES ? cells->n : GCB_FIGURE_SERIES;
  overhead *all = calloc(n, sizeof *all);
  if (!all) return false;
  gcb_axis_begin(&x, GCB_UNIT_COUNT);
  gcb_axis_see(&x, 1);
  for (size_t i = 0; i < n; i++) {
    all[i] = (overhead){.cell = cells->cells[i], .place = i};
    known += read_overhead(all[i].cell, "wall", &all[i].wall);
    read_overhead(all[i].cell, "cpu", &all[i].cpu);
    see(&x, all[i].wall);
    see(&x, all[i].cpu);
  }
  qsort(all, n, sizeof *all, cheapest_first);
  gcb_axis_fit(&x, GCB_LOG_IF_WIDE);
  gcb_figure_rows(f, n);
  gcb_figure_columns(f, "collector row wall wall_lo wall_hi cpu cpu_lo cpu_hi");
  for (size_t i = 0; i < n; i++) row(f, &all[i], (double)(n - i));
  gcb_figure_title(f, "lower-bound overhead: wall time (%s) and CPU time (white diamond)",
                   x.log ? "colour" : "bar");
  gcb_axis_write(f, "x", &x, "cost over the least that the work itself could cost (1: nothing)");
  gcb_figure_number(f, "logarithmic", x.log);
  gcb_figure_number(f, "missing", (double)(n - known));
  free(all);
  return known > 0;
}

const gcb_kind gcb_kind_lbo = {
    .public = {.name = "lbo",
               .shows = "lower-bound overhead, wall and CPU, with intervals",
               .needs =
                   "two or more collectors that ended ok in the same heap: 'gcbench run -c gen3,marksweep'",
               .usual = true},
    .scope = GCB_OF_HEAP,
    .emit = emit,
};
