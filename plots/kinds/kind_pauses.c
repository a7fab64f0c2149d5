/* The distribution of pauses over their percentiles, on an axis of nines. */
#include "plots/figure/axis.h"
#include "plots/kinds/kinds.h"
#include "plots/kinds/pauses.h"
#include "results/model/cell.h"
#include "results/model/members.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS_A_NINE = 40 };

gcb_pauses gcb_pauses_of(const json_t *cell) {
  const json_t *invocations = json_object_get(cell, "invocations");
  gcb_pauses p = {NULL, 0, gcb_cell_ok(cell)};
  size_t max = 0, i, k, j;
  json_t *invocation, *iteration, *pause;
  json_array_foreach(invocations, i, invocation)
      json_array_foreach(json_object_get(invocation, "iterations"), k, iteration) {
    if (!json_is_array(json_object_get(iteration, "pauses"))) p.known = false;
    max += json_array_size(json_object_get(iteration, "pauses"));
  }
  p.ns = p.known && max ? calloc(max, sizeof *p.ns) : NULL;
  if (!p.ns) return p;
  json_array_foreach(invocations, i, invocation)
      json_array_foreach(json_object_get(invocation, "iterations"), k, iteration)
          json_array_foreach(json_object_get(iteration, "pauses"), j, pause)
              p.ns[p.n++] = gcb_number(pause, "ns");
  if (!gcb_sort(p.ns, p.n)) p.n = 0;
  return p;
}

void gcb_pauses_note(gcb_figure *f, const json_t *cell, const gcb_pauses *p) {
  char label[GCB_PLOT_TEXT_SIZE];
  gcb_cell_collector(cell, label, sizeof label);
  if (!gcb_cell_ok(cell))
    gcb_figure_note(f, "%s: %s", label, gcb_plot_status_phrase(cell));
  else
    gcb_figure_note(f, "%s: %s", label, p->known ? "no pauses" : "does not tell its pauses");
}

/* Nines of a fraction: .9 is 1, .99 is 2. */
static double nines(double p) {
  return -log10(1 - p);
}

/* The quantile function by nearest rank, at even steps of nines and at the percentiles that summaries have,
 * up to the longest pause, which stands at 1 - 1/n. `known` is 1 where a summary would say the percentile. */
static void curve(gcb_figure *f, const char *label, const double *ns, size_t n) {
  static const double said[] = {.5, .9, .99, .999};
  double last = nines(1 - 1. / (double)n);
  size_t next = 0;
  GCB_ROW(f, label, 0, 0, ns[0], 1);
  for (size_t step = 1; n > 1; step++) {
    double x = (double)step / STEPS_A_NINE;
    for (; next < 4 && nines(said[next]) <= x && nines(said[next]) < last; next++)
      GCB_ROW(f, label, nines(said[next]), said[next], gcb_percentile(ns, n, said[next]),
              gcb_percentile_allowed(said[next], n));
    if (x >= last) break;
    double p = 1 - pow(10, -x);
    GCB_ROW(f, label, x, p, gcb_percentile(ns, n, p), gcb_percentile_allowed(p, n));
  }
  GCB_ROW(f, label, last, 1, ns[n - 1], 0);
}

static bool emit(gcb_figure *f, const gcb_plot_cells *cells) {
  gcb_axis x, y;
  gcb_line_end ends[GCB_FIGURE_SERIES];
  size_t n_ends = 0;
  gcb_axis_begin(&x, GCB_UNIT_COUNT);
  gcb_axis_begin(&y, GCB_UNIT_NS);
  gcb_figure_columns(f, "collector nines fraction pause_ns in_summaries");
  for (size_t i = 0; i < cells->n; i++) {
    char label[GCB_PLOT_TEXT_SIZE];
    gcb_pauses p = gcb_pauses_of(cells->cells[i]);
    gcb_cell_collector(cells->cells[i], label, sizeof label);
    const gcb_series *s = p.n ? gcb_figure_series(f, label) : NULL;
    if (s) {
      double longest = p.ns[p.n - 1], last = nines(1 - 1. / (double)p.n);
      curve(f, label, p.ns, p.n);
      gcb_axis_see(&x, last);
      gcb_axis_see(&y, p.ns[0]);
      gcb_axis_see(&y, longest);
      ends[n_ends] = (gcb_line_end){.x = last, .y = longest, .colour = s->colour};
      memcpy(ends[n_ends++].label, label, sizeof label);
    } else if (!p.n) {
      gcb_pauses_note(f, cells->cells[i], &p);
    }
    free(p.ns);
  }
  gcb_axis_fit(&y, GCB_LOG);
  x.lo = 0;
  x.hi = fmax(1, ceil(x.hi * 10) / 10);
  gcb_figure_title(f, "pauses by percentile (dotted: from fewer than ten; mark: the longest)");
  gcb_axis_write(f, "y", &y, "pause");
  gcb_figure_number(f, "nines", x.hi);
  gcb_axis_labels(f, ends, n_ends, &x, &y);
  return n_ends > 0;
}

const gcb_kind gcb_kind_pauses = {
    .public = {.name = "pauses",
               .shows = "pauses by percentile, on an axis of nines",
               .needs = GCB_PAUSES_NEEDED,
               .usual = true},
    .scope = GCB_OF_HEAP,
    .emit = emit,
};
