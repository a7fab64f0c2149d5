/* Memory over the time of an iteration: resident, and committed by the collector. */
#include "plots/figure/axis.h"
#include "plots/kinds/kinds.h"
#include "results/model/cell.h"
#include "results/model/members.h"
#include "results/model/units.h"
#include <math.h>
#include <string.h>

/* The samples, of which the last may be from a moment after the iteration. */
static const json_t *memory_of(const json_t *cell, double *length) {
  const json_t *iterations =
      json_object_get(json_array_get(json_object_get(cell, "invocations"), 0), "iterations");
  const json_t *last = json_array_get(iterations, json_array_size(iterations) - 1);
  const json_t *memory = json_object_get(last, "memory");
  *length = fmax(gcb_number(last, "wall_ns"),
                 json_number_value(json_array_get(json_array_get(memory, json_array_size(memory) - 1), 0)));
  return gcb_cell_ok(cell) ? memory : NULL;
}

/* A level that holds for all of them, labelled as if it were a line. */
static size_t level(gcb_figure *f, gcb_axis *y, double bytes, const char *name, gcb_line_end *end) {
  if (!(bytes > 0)) return 0;
  gcb_axis_see(y, bytes);
  *end = (gcb_line_end){.x = INFINITY, .y = bytes, .colour = "#777777"};
  snprintf(end->label, sizeof end->label, "%s %s", name, gcb_format_bytes(bytes).s);
  gcb_figure_set(f,
                 "set arrow from graph 0, first %.15g to graph 1, first %.15g nohead lc rgb pale lw 1 dt 2",
                 bytes, bytes);
  return 1;
}

static bool emit(gcb_figure *f, const gcb_plot_cells *cells) {
  gcb_axis x, y;
  gcb_line_end ends[GCB_FIGURE_SERIES + 2];
  size_t n_ends = 0;
  double length;
  gcb_axis_begin(&x, GCB_UNIT_NS);
  gcb_axis_begin(&y, GCB_UNIT_BYTES);
  for (size_t i = 0; i < cells->n; i++)
    if (json_array_size(memory_of(cells->cells[i], &length)) >= 2) gcb_axis_see(&x, length);
  bool shares = gcb_axis_of_iterations(&x);
  gcb_figure_columns(f, "collector ns resident_bytes committed_bytes iteration_ns");
  for (size_t i = 0; i < cells->n; i++) {
    char label[GCB_PLOT_TEXT_SIZE];
    const json_t *memory = memory_of(cells->cells[i], &length);
    size_t k;
    json_t *at;
    gcb_cell_collector(cells->cells[i], label, sizeof label);
    if (json_array_size(memory) < 2) {
      if (gcb_cell_ok(cells->cells[i])) gcb_figure_note(f, "%s: not sampled", label);
      continue;
    }
    const gcb_series *s = gcb_figure_series(f, label);
    if (!s) break;
    json_array_foreach(memory, k, at) {
      double ns = json_number_value(json_array_get(at, 0)), rss = json_number_value(json_array_get(at, 1)),
             committed = json_number_value(json_array_get(at, 2));
      GCB_ROW(f, label, ns, rss, committed, length);
      gcb_axis_see(&y, rss);
      gcb_axis_see(&y, committed);
      ends[n_ends].x = shares ? ns / length : ns;
      ends[n_ends].y = rss;
    }
    ends[n_ends].colour = s->colour;
    gcb_axis_iteration_name(shares, label, length, ends[n_ends].label, sizeof ends[0].label);
    n_ends++;
  }
  if (!n_ends) return false;
  n_ends += level(f, &y, gcb_number(cells->cells[0], "peak_live_bytes"), "peak live", &ends[n_ends]);
  n_ends += level(f, &y, gcb_number(cells->cells[0], "heap_bytes"), "heap", &ends[n_ends]);
  gcb_axis_fit(&y, GCB_LOG_IF_WIDE);
  gcb_figure_title(f, "memory over one iteration: resident (solid), committed (dotted)");
  gcb_figure_number(f, "shares", shares);
  gcb_axis_write(f, "x", &x, shares ? "share of the iteration's time" : "time");
  gcb_axis_write(f, "y", &y, "memory");
  gcb_axis_labels(f, ends, n_ends, &x, &y);
  gcb_figure_note_missing(f, cells);
  return true;
}

const gcb_kind gcb_kind_memory = {
    .public =
        {.name = "memory",
         .shows = "resident and committed memory over time, with the live bytes and the heap",
         .needs =
             "iterations of at least 20 ms, since memory is sampled every 10 ms: a larger workload ('-p')",
         .usual = true},
    .scope = GCB_OF_HEAP,
    .emit = emit,
};
