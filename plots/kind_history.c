/* A metric over nights, with the steps that were found in it. */
#include "axis.h"
#include "cell.h"
#include "kinds.h"
#include <math.h>
#include <string.h>

static const char *day(const gcb_plot_cells *cells, size_t night, char *text, size_t size) {
  const json_t *n = json_array_get(json_object_get(cells->document, "nights"), night);
  const char *started = json_string_value(json_object_get(n, "started"));
  snprintf(text, size, "%.10s", started ? started : "?");
  return text;
}

/* Days under the axis: as many as have room. */
static void ticks(gcb_figure *f, const gcb_plot_cells *cells, double from, double to) {
  char text[32];
  size_t last = SIZE_MAX;
  fputs("set xtics (\"\" -1)\n", f->set);
  for (int i = 0; i <= 5; i++) {
    size_t night = (size_t)round(from + (to - from) * i / 5);
    if (night == last) continue;
    last = night;
    gcb_figure_set(f, "set xtics add (\"%s\" %zu)", day(cells, night, text, sizeof text), night);
  }
}

/* The levels before and after each step, and what was said of it, below the `said` that are there already;
 * returns how many then are. */
static size_t steps(gcb_figure *f, const gcb_plot_cells *cells, const json_t *series, const char *colour,
                    size_t said) {
  const json_t *nights = json_object_get(series, "nights"), *list = json_object_get(series, "steps");
  double from = json_number_value(json_array_get(nights, 0)), level = NAN;
  char text[2 * GCB_PLOT_TEXT_SIZE], quoted[4 * GCB_PLOT_TEXT_SIZE], date[32];
  size_t i;
  json_t *step;
  json_array_foreach(list, i, step) {
    double night = gcb_plot_number(step, "night"), before = gcb_plot_number(step, "before");
    const char *verdict = json_string_value(json_object_get(step, "verdict"));
    bool late = night > (double)json_array_size(json_object_get(cells->document, "nights")) / 2;
    level = gcb_plot_number(step, "after");
    gcb_figure_set(f,
                   "set arrow from first %g, first %.15g to first %g, first %.15g nohead lw 2.2 lc rgb '%s'",
                   from, before, night - .5, before, colour);
    gcb_figure_set(f, "set arrow from first %g, graph 0 to first %g, graph 1 nohead lw 0.8 dt 2 lc rgb '%s'",
                   night - .5, night - .5, colour);
    snprintf(text, sizeof text, "%+.1f %% %s, %s", 100 * (level / before - 1), verdict ? verdict : "",
             day(cells, (size_t)night, date, sizeof date));
    gcb_figure_set(f, "set label %s at first %g, graph %g %s offset char %s, 0 font small tc rgb '%s'",
                   gcb_gnuplot_quote(text, quoted, sizeof quoted), night - .5,
                   .97 - .06 * (double)(said++ % 8), late ? "right" : "left", late ? "-0.5" : "0.5", colour);
    from = night - .5;
  }
  if (isfinite(level))
    gcb_figure_set(
        f, "set arrow from first %g, first %.15g to first %g, first %.15g nohead lw 2.2 lc rgb '%s'", from,
        level, json_number_value(json_array_get(nights, json_array_size(nights) - 1)), level, colour);
  return said;
}

static bool emit(gcb_figure *f, const gcb_plot_cells *cells) {
  const gcb_metric *m = gcb_metric_find(cells->metric);
  gcb_axis x, y;
  gcb_line_end ends[GCB_FIGURE_SERIES];
  size_t n_ends = 0, said = 0, i, k;
  gcb_axis_begin(&x, GCB_UNIT_COUNT);
  gcb_axis_begin(&y, m->unit);
  gcb_figure_columns(f, "collector night value");
  for (i = 0; i < cells->n; i++) {
    const json_t *series = cells->cells[i], *nights = json_object_get(series, "nights"),
                 *values = json_object_get(series, "values");
    const char *metric = json_string_value(json_object_get(series, "metric"));
    char label[GCB_PLOT_TEXT_SIZE];
    json_t *night;
    if (!metric || strcmp(metric, m->name) != 0 || !json_array_size(nights)) continue;
    gcb_cell_collector(series, label, sizeof label);
    const gcb_series *s = gcb_figure_series(f, label);
    if (!s) break;
    json_array_foreach(nights, k, night) {
      double at = json_number_value(night), value = json_number_value(json_array_get(values, k));
      GCB_ROW(f, label, at, value);
      gcb_axis_see(&x, at);
      gcb_axis_see(&y, value);
      ends[n_ends].x = at;
      ends[n_ends].y = value;
    }
    ends[n_ends].colour = s->colour;
    memcpy(ends[n_ends++].label, label, sizeof label);
    said = steps(f, cells, series, s->colour, said);
  }
  if (!n_ends) return false;
  gcb_axis_fit(&y, GCB_TIGHT);
  gcb_axis_stretch(&y, .06 * fmin(8, (double)said)); /* where steps are named */
  gcb_figure_title(f, "%s, by night", m->meaning);
  ticks(f, cells, x.lo, x.hi);
  x.lo -= .5;
  x.hi += .5;
  gcb_figure_set(f, "set xrange [%g:%g]", x.lo, x.hi);
  gcb_axis_write(f, "y", &y, m->meaning);
  gcb_axis_labels(f, ends, n_ends, &x, &y);
  return true;
}

const gcb_kind gcb_kind_history = {
    .public = {.name = "history",
               .shows = "a metric over nights, with the steps found in it",
               .needs = "series of a store: 'gcbench history --json nights.json', then --from nights.json",
               .usual = true,
               .wants_metric = true,
               .metric = "wall_ns"},
    .scope = GCB_OF_HEAP,
    .schemas = "gcbench.history/1",
    .emit = emit,
};
