/* Minimum and bounded mutator utilization. */
#include "plots/figure/axis.h"
#include "plots/kinds/kinds.h"
#include "results/model/cell.h"
#include "results/model/members.h"
#include <math.h>

static bool emit(gcb_figure *f, const gcb_plot_cells *cells) {
  gcb_axis x, y = {.lo = 0, .hi = 1, .unit = GCB_UNIT_COUNT};
  gcb_axis_begin(&x, GCB_UNIT_NS);
  gcb_figure_columns(f, "collector window_ns mmu bmu");
  for (size_t i = 0; i < cells->n; i++) {
    char label[GCB_PLOT_TEXT_SIZE];
    const json_t *mmu = json_object_get(json_object_get(cells->cells[i], "summary"), "mmu");
    const gcb_series *s = NULL;
    size_t k;
    json_t *point;
    gcb_cell_collector(cells->cells[i], label, sizeof label);
    json_array_foreach(mmu, k, point) {
      double window = gcb_number(point, "window_ns"), share = gcb_number(point, "mmu");
      if (!isfinite(share)) continue; /* no iteration is as long */
      if (!s && !(s = gcb_figure_series(f, label))) break;
      GCB_ROW(f, label, window, share, gcb_number(point, "bmu"));
      gcb_axis_see(&x, window);
    }
    if (!gcb_cell_ok(cells->cells[i]))
      gcb_figure_note(f, "%s: %s", label, gcb_plot_status_phrase(cells->cells[i]));
    else if (!s)
      gcb_figure_note(f, "%s: utilization not known", label);
  }
  gcb_axis_fit(&x, GCB_LOG);
  gcb_figure_title(f, "minimum mutator utilization, and bounded (thin)");
  gcb_axis_write(f, "x", &x, "window");
  gcb_axis_write(f, "y", &y, "least share that a mutator had to itself");
  gcb_axis_key(f); /* the ends of such curves lie on one another */
  return f->n_series > 0;
}

const gcb_kind gcb_kind_mmu = {
    .public = {.name = "mmu",
               .shows = "minimum and bounded mutator utilization",
               .needs = "cells that ended ok with iterations of at least 0.1 ms; '--latency' makes it exact",
               .usual = true},
    .scope = GCB_OF_HEAP,
    .emit = emit,
};
