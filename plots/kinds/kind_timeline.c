/* When the pauses of an iteration were, how long, and of which kind: a row a collector. */
#include "plots/figure/axis.h"
#include "plots/kinds/kinds.h"
#include "results/model/cell.h"
#include "results/model/members.h"
#include "results/model/units.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LANE = 34, BINS = 400, KINDS = 8, HAIRS = 800 };

/* What is drawn of the pauses: in each bin of the time, the longest of each kind. */
typedef struct lane {
  double start[KINDS][BINS], ns[KINDS][BINS];
} lane;

/* The iteration that is drawn. */
static const json_t *last_iteration(const json_t *cell) {
  const json_t *first = json_array_get(json_object_get(cell, "invocations"), 0);
  const json_t *iterations = json_object_get(first, "iterations");
  return json_array_get(iterations, json_array_size(iterations) - 1);
}

/* The kinds of pause that figures of the whole document show, in the order of their names, so that each has
 * one colour. */
static size_t kinds_of(const json_t *document, const char **kinds) {
  size_t c, p, n = 0;
  json_t *cell, *pause;
  json_array_foreach(json_object_get(document, "cells"), c, cell)
      json_array_foreach(json_object_get(last_iteration(cell), "pauses"), p, pause) {
    const char *kind = json_string_value(json_object_get(pause, "kind"));
    size_t at = 0;
    while (kind && at < n && strcmp(kinds[at], kind) < 0) at++;
    if (!kind || (at < n && strcmp(kinds[at], kind) == 0) || n == KINDS) continue;
    memmove(kinds + at + 1, kinds + at, (n - at) * sizeof *kinds);
    kinds[at] = kind;
    n++;
  }
  return n;
}

static void sort_into(lane *l, const json_t *pauses, const char *const *kinds, size_t n, double length) {
  size_t i, k;
  json_t *pause;
  json_array_foreach(pauses, i, pause) {
    const char *kind = json_string_value(json_object_get(pause, "kind"));
    double start = gcb_number(pause, "start_ns"), ns = gcb_number(pause, "ns");
    for (k = 0; k < n && (!kind || strcmp(kinds[k], kind) != 0); k++) {
    }
    if (k == n || !(start >= 0) || !(ns > l->ns[k][(size_t)fmin(BINS - 1, start / length * BINS)])) continue;
    size_t bin = (size_t)fmin(BINS - 1, start / length * BINS);
    l->start[k][bin] = start;
    l->ns[k][bin] = ns;
  }
}

/* The names and places of the kinds that this figure has; the template leaves out the others. */
static void key(gcb_figure *f, const char *const *kinds, size_t n, const bool *present) {
  char quoted[2 * GCB_PLOT_TEXT_SIZE];
  gcb_figure_number(f, "kinds", (double)n);
  gcb_figure_set(f, "array kind[%zu]", n + 1);
  for (size_t k = 0; k < n; k++)
    gcb_figure_set(f, "kind[%zu] = %s", k + 1,
                   gcb_gnuplot_quote(present[k] ? kinds[k] : "", quoted, sizeof quoted));
}

static bool emit(gcb_figure *f, const gcb_plot_cells *cells) {
  const char *kinds[KINDS + 1];
  bool present[KINDS] = {false};
  size_t n_kinds = kinds_of(cells->document, kinds), rows = 0, pauses = 0, at = 0;
  gcb_axis x, height;
  lane *lanes = calloc(cells->n, sizeof *lanes);
  if (!lanes) return false;
  gcb_axis_begin(&x, GCB_UNIT_NS);
  gcb_axis_begin(&height, GCB_UNIT_NS);
  for (size_t i = 0; i < cells->n; i++) {
    const json_t *iteration = gcb_cell_ok(cells->cells[i]) ? last_iteration(cells->cells[i]) : NULL;
    double length = gcb_number(iteration, "wall_ns");
    if (!json_is_array(json_object_get(iteration, "pauses")) || !(length > 0)) continue;
    rows++;
    pauses += json_array_size(json_object_get(iteration, "pauses"));
    gcb_axis_see(&x, length);
    sort_into(&lanes[i], json_object_get(iteration, "pauses"), kinds, n_kinds, length);
    for (size_t k = 0; k < n_kinds; k++)
      for (size_t b = 0; b < BINS; b++)
        if (lanes[i].ns[k][b] > 0) gcb_axis_see(&height, lanes[i].ns[k][b]);
  }
  if (!pauses) {
    free(lanes);
    return false;
  }
  bool shares = gcb_axis_of_iterations(&x);
  gcb_axis_fit(&height, GCB_LOG);
  gcb_figure_rows(f, rows);
  f->top += 18; /* the key */
  f->height = f->top + f->bottom + (unsigned)rows * LANE;
  gcb_figure_columns(f, "collector row height start_ns ns kind iteration_ns");
  for (size_t i = 0; i < cells->n; i++) {
    const json_t *iteration = gcb_cell_ok(cells->cells[i]) ? last_iteration(cells->cells[i]) : NULL;
    char label[GCB_PLOT_TEXT_SIZE], name[GCB_PLOT_TEXT_SIZE + 32];
    gcb_cell_collector(cells->cells[i], label, sizeof label);
    if (!json_is_array(json_object_get(iteration, "pauses"))) {
      gcb_figure_note(f, "%s: %s", label,
                      iteration ? "does not tell its pauses" : gcb_plot_status_phrase(cells->cells[i]));
      continue;
    }
    double row = (double)(rows - at++);
    const gcb_series *s = gcb_figure_series(f, label);
    if (!s) break;
    double length = gcb_number(iteration, "wall_ns");
    gcb_figure_row_name(f, row - .1, gcb_axis_iteration_name(shares, label, length, name, sizeof name));
    GCB_ROW(f, label, row, NAN, length, NAN, NAN, length);
    if (!json_array_size(json_object_get(iteration, "pauses")))
      gcb_figure_set(f,
                     "set label 'no pauses' at graph 0, first %g left offset char 1,0 tc rgb pale font small",
                     row - .1);
    for (size_t k = 0; k < n_kinds; k++)
      for (size_t b = 0; b < BINS; b++)
        if (lanes[i].ns[k][b] > 0) {
          present[k] = true;
          GCB_ROW(f, label, row, .06 + .78 * gcb_axis_place(&height, lanes[i].ns[k][b]), lanes[i].start[k][b],
                  lanes[i].ns[k][b], (double)k + 1, length);
        }
  }
  gcb_figure_number(f, "shares", shares);
  gcb_figure_number(f, "hair", x.hi / HAIRS);
  key(f, kinds, n_kinds, present);
  gcb_figure_title(f, "pauses over time, in one iteration (height: %s to %s, logarithmic)",
                   gcb_format_ns(height.lo).s, gcb_format_ns(height.hi).s);
  gcb_axis_write(f, "x", &x, shares ? "share of the iteration's time" : "time");
  free(lanes);
  return true;
}

const gcb_kind gcb_kind_timeline = {
    .public = {.name = "timeline",
               .shows = "when pauses were, how long, and of which kind",
               .needs = "pauses: cells that ended ok, of collectors that report theirs",
               .usual = true},
    .scope = GCB_OF_HEAP,
    .emit = emit,
};
