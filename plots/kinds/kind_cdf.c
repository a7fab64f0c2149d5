/* The share of pauses that are no longer than a time. */
#include "plots/figure/axis.h"
#include "plots/kinds/kinds.h"
#include "plots/kinds/pauses.h"
#include "results/model/cell.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS = 400, MARKS = 5 };

/* Steps of the empirical distribution: all of them, or every n/400th and the last. Five of them have the
 * collector's mark, at shares that differ from those of the series before, lest marks of equal curves lie on
 * one another. */
static void curve(gcb_figure *f, const char *label, const double *ns, size_t n, size_t series) {
  size_t step = n > STEPS ? (n + STEPS - 1) / STEPS : 1;
  double shift = (double)(series % MARKS + 1) / (MARKS + 1), marks = 0;
  GCB_ROW(f, label, ns[0], 0, 0);
  for (size_t rank = 1; rank <= n; rank++) {
    if (rank % step != 1 % step && rank != n) continue;
    double share = (double)rank / (double)n, due = floor(share * MARKS + shift);
    GCB_ROW(f, label, ns[rank - 1], share, due > marks);
    marks = due;
  }
}

static bool emit(gcb_figure *f, const gcb_plot_cells *cells) {
  gcb_axis x, y = {.lo = 0, .hi = 1, .unit = GCB_UNIT_COUNT};
  gcb_axis_begin(&x, GCB_UNIT_NS);
  gcb_figure_columns(f, "collector pause_ns share marked");
  for (size_t i = 0; i < cells->n; i++) {
    char label[GCB_PLOT_TEXT_SIZE];
    gcb_pauses p = gcb_pauses_of(cells->cells[i]);
    gcb_cell_collector(cells->cells[i], label, sizeof label);
    if (!p.n)
      gcb_pauses_note(f, cells->cells[i], &p);
    else if (gcb_figure_series(f, label)) {
      curve(f, label, p.ns, p.n, f->n_series - 1);
      gcb_axis_see(&x, p.ns[0]);
      gcb_axis_see(&x, p.ns[p.n - 1]);
    }
    free(p.ns);
  }
  gcb_axis_fit(&x, GCB_LOG);
  gcb_axis_write(f, "x", &x, "pause");
  gcb_axis_write(f, "y", &y, "share of pauses that are no longer");
  gcb_axis_key(f);
  return f->n_series > 0;
}

const gcb_kind gcb_kind_cdf = {
    .public = {.name = "cdf", .shows = "cumulative distribution of pauses", .needs = GCB_PAUSES_NEEDED},
    .scope = GCB_OF_HEAP,
    .emit = emit,
};
