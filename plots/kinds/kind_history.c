/* A metric over nights, with the steps that were found in it. */
#include "plots/figure/axis.h"
#include "plots/kinds/kinds.h"
#include "results/model/cell.h"
#include "results/model/members.h"
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { DAYS = 5, LANE = 14, LETTER = 7 };

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
  for (int i = 0; i <= DAYS; i++) {
    size_t night = (size_t)round(from + (to - from) * i / DAYS);
    if (night == last) continue;
    last = night;
    gcb_figure_set(f, "%sset xtics add (\"%s\" %zu)", i % DAYS ? "if (!plain) " : "",
                   day(cells, night, text, sizeof text), night);
  }
}

/* A step as it is named above the frame. */
typedef struct step {
  double night, low;
  char text[GCB_PLOT_TEXT_SIZE], brief[32];
  const char *colour;
  size_t lane;
} step;

typedef struct steps {
  step *step;
  size_t n, capacity;
} steps;

static step *another(steps *all) {
  if (all->n == all->capacity) {
    size_t capacity = all->capacity ? 2 * all->capacity : 16;
    step *grown = realloc(all->step, capacity * sizeof *grown);
    if (!grown) return NULL;
    all->step = grown;
    all->capacity = capacity;
  }
  return &all->step[all->n++];
}

static void level(gcb_figure *f, double from, double to, double value, const char *colour) {
  gcb_figure_set(f, "set arrow from first %g, first %.15g to first %g, first %.15g nohead lw 2.2 lc rgb '%s'",
                 from, value, to, value, colour);
}

/* The levels before and after each step of a series. */
static void levels(gcb_figure *f, const gcb_plot_cells *cells, const json_t *series, const char *colour,
                   steps *all) {
  const json_t *nights = json_object_get(series, "nights");
  double from = json_number_value(json_array_get(nights, 0)), after = NAN;
  char date[32];
  size_t i;
  json_t *one;
  json_array_foreach(json_object_get(series, "steps"), i, one) {
    double night = gcb_number(one, "night"), before = gcb_number(one, "before");
    const char *verdict = json_string_value(json_object_get(one, "verdict"));
    after = gcb_number(one, "after");
    level(f, from, night - .5, before, colour);
    from = night - .5;
    step *s = another(all);
    if (!s) break;
    *s = (step){.night = from, .low = fmin(before, after), .colour = colour};
    snprintf(s->brief, sizeof s->brief, "%+.1f %%", 100 * (after / before - 1));
    snprintf(s->text, sizeof s->text, "%s %s, %s", s->brief, verdict ? verdict : "",
             day(cells, (size_t)night, date, sizeof date));
  }
  if (isfinite(after))
    level(f, from, json_number_value(json_array_get(nights, json_array_size(nights) - 1)), after, colour);
}

static int by_night(const void *a, const void *b) {
  const step *p = a, *q = b;
  if (p->night != q->night) return p->night < q->night ? -1 : 1;
  return strcmp(p->text, q->text);
}

/* How much of the axis a name takes, with a little room. */
static double width_of(const gcb_figure *f, const step *s) {
  return (double)(strlen(s->text) + 2) * LETTER / (f->width - (f->left + f->right) * LETTER);
}

/* Names of steps, right of the line that leads to each: above the frame, in lanes such that no line goes
 * through a name. */
static void name_steps(gcb_figure *f, steps *all, const gcb_axis *x) {
  char text[2 * GCB_PLOT_TEXT_SIZE], brief[2 * GCB_PLOT_TEXT_SIZE];
  size_t lanes = 0;
  if (all->n) qsort(all->step, all->n, sizeof *all->step, by_night);
  /* The last ones must not go beyond the figure: right of place p of a plot that is `total - right` wide. */
  for (size_t i = 0; i < all->n; i++) {
    double p = gcb_axis_place(x, all->step[i].night), total = f->width / LETTER - f->left,
           right = ((double)strlen(all->step[i].text) + 1 - total * (1 - p)) / p;
    if (right > f->right) f->right = (unsigned)ceil(right);
  }
  for (size_t i = all->n; i-- > 0;) {
    step *s = &all->step[i];
    double end = gcb_axis_place(x, s->night) + width_of(f, s);
    for (size_t k = i + 1; k < all->n && gcb_axis_place(x, all->step[k].night) < end; k++)
      if (s->lane <= all->step[k].lane) s->lane = all->step[k].lane + 1;
    if (s->lane + 1 > lanes) lanes = s->lane + 1;
  }
  double frame = f->height - f->top - f->bottom;
  for (size_t i = 0; i < all->n; i++) {
    const step *s = &all->step[i];
    double at = 1 + ((double)s->lane + .6) * LANE / frame;
    gcb_figure_set(
        f, "set arrow from first %g, first %.15g to first %g, graph %.5f nohead lw 0.8 dt 2 lc rgb '%s'",
        s->night, s->low, s->night, at, s->colour);
    gcb_figure_set(f,
                   "set label (plain ? %s : %s) at first %g, graph %.5f left offset char (plain ? 2 : 0.4), "
                   "0 font small tc rgb '%s'",
                   gcb_gnuplot_quote(s->brief, brief, sizeof brief),
                   gcb_gnuplot_quote(s->text, text, sizeof text), s->night, at, s->colour);
  }
  f->top += (unsigned)lanes * LANE;
  f->height += (unsigned)lanes * LANE;
}

static bool emit(gcb_figure *f, const gcb_plot_cells *cells) {
  const gcb_metric *m = gcb_metric_find(cells->metric);
  gcb_axis x, y;
  gcb_line_end ends[GCB_FIGURE_SERIES];
  size_t n_ends = 0, i, k;
  steps all = {0};
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
    levels(f, cells, series, s->colour, &all);
  }
  if (n_ends) {
    gcb_axis_fit(&y, GCB_TIGHT);
    gcb_figure_title(f, "%s, by night", m->meaning);
    ticks(f, cells, x.lo, x.hi);
    x.lo -= .5;
    x.hi += .5;
    gcb_figure_set(f, "set xrange [%g:%g]\nset xlabel 'night'", x.lo, x.hi);
    gcb_axis_write(f, "y", &y, m->meaning);
    gcb_axis_labels(f, ends, n_ends, &x, &y);
    name_steps(f, &all, &x);
  }
  free(all.step);
  return n_ends > 0;
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
