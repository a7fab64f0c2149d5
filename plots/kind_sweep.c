/* A metric against whatever parameter of the workload or option of the collector was varied. */
#include "axis.h"
#include "cell.h"
#include "kinds.h"
#include "sweep.h"
#include "units.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SETS = 2 };
static const char *const sets[SETS] = {"params", "options"};

static const char *value_in(const json_t *cell, const char *set, const char *key) {
  return json_string_value(json_object_get(json_object_get(cell, set), key));
}

static bool number_of(const char *word, double *value) {
  char *end = NULL;
  uint64_t bytes;
  if (!word || !*word) return false;
  *value = strtod(word, &end);
  if (!*end) return true;
  if (gcb_parse_bytes(word, &bytes) != GCB_UNITS_OK) return false; /* 4M, as an option has it */
  *value = (double)bytes;
  return true;
}

bool gcb_swept_value(const json_t *cell, const gcb_swept *key, double *value) {
  return number_of(value_in(cell, key->set, key->name), value);
}

/* How many values the key has; 0 when one of them is no number, or when it is a collector's option that only
 * some cells have. */
static size_t count_values(const gcb_plot_cells *cells, const char *set, const char *key) {
  double seen[64], v;
  size_t n = 0;
  for (size_t i = 0; i < cells->n; i++) {
    size_t k = 0;
    if (!number_of(value_in(cells->cells[i], set, key), &v)) return 0;
    while (k < n && seen[k] != v) k++;
    if (k == n && n < 64) seen[n++] = v;
  }
  return n;
}

size_t gcb_swept_keys(const gcb_plot_cells *cells, gcb_swept *keys, size_t most) {
  size_t n = 0;
  for (size_t s = 0; s < SETS; s++) {
    const char *name;
    json_t *value;
    json_object_foreach(json_object_get(cells->cells[0], sets[s]), name, value) {
      gcb_swept key = {sets[s], name, count_values(cells, sets[s], name)};
      size_t at = 0;
      while (at < n && keys[at].values >= key.values) at++;
      if (key.values < 2 || at == most) continue;
      if (n < most) n++;
      memmove(keys + at + 1, keys + at, (n - 1 - at) * sizeof *keys);
      keys[at] = key;
    }
  }
  return n;
}

/* The line that a cell belongs to: its collector, and what varies besides the key. */
static void line_label(const gcb_plot_cells *cells, const json_t *cell, const gcb_swept *key, char *text,
                       size_t size) {
  size_t n = (size_t)snprintf(text, size, "%s", json_string_value(json_object_get(cell, "collector")));
  bool heaps = false;
  for (size_t s = 0; s < SETS; s++) {
    const char *name;
    json_t *value;
    json_object_foreach(json_object_get(cell, sets[s]), name, value) {
      bool varies = false;
      if (strcmp(name, key->name) == 0 && strcmp(sets[s], key->set) == 0) continue;
      for (size_t i = 0; i < cells->n; i++)
        varies =
            varies || !json_equal(json_object_get(json_object_get(cells->cells[i], sets[s]), name), value);
      if (varies && n < size)
        n += (size_t)snprintf(text + n, size - n, " %s=%s", name, json_string_value(value));
    }
  }
  /* A heap that is the same multiple of what a parameter made larger is the same heap. */
  for (size_t i = 0; i < cells->n; i++)
    heaps = heaps || fabs(gcb_plot_number(cells->cells[i], "heap_factor") -
                          gcb_plot_number(cell, "heap_factor")) > .01;
  if (heaps && n < size) snprintf(text + n, size - n, ", %.3gx", gcb_plot_number(cell, "heap_factor"));
}

typedef struct sample {
  char label[GCB_PLOT_TEXT_SIZE];
  const json_t *cell;
  double x;
  size_t place;
} sample;

static int by_line(const void *a, const void *b) {
  const sample *p = a, *q = b;
  int order = strcmp(p->label, q->label);
  if (order) return order;
  return p->x != q->x ? (p->x < q->x ? -1 : 1) : p->place < q->place ? -1 : 1;
}

static void draw(gcb_figure *f, const sample *samples, size_t n, const gcb_metric *m, const gcb_swept *key) {
  gcb_axis x, y;
  gcb_line_end ends[GCB_FIGURE_SERIES];
  size_t n_ends = 0, nth = 0;
  gcb_interval v;
  gcb_axis_begin(&x, GCB_UNIT_COUNT);
  gcb_axis_begin(&y, m->unit);
  gcb_figure_columns(f, "series parameter value lo hi");
  for (size_t i = 0; i < n; i++) {
    const char *collector = json_string_value(json_object_get(samples[i].cell, "collector"));
    const char *before = i ? json_string_value(json_object_get(samples[i - 1].cell, "collector")) : "";
    if (!gcb_plot_metric(samples[i].cell, m->name, &v)) continue;
    if (!f->n_series || strcmp(f->series[f->n_series - 1].label, samples[i].label) != 0) {
      nth = strcmp(collector, before) == 0 ? nth + 1 : 0;
      const gcb_series *s = gcb_figure_series_of(f, samples[i].label, collector, nth);
      if (!s) break;
      ends[n_ends].colour = s->colour;
      memcpy(ends[n_ends++].label, samples[i].label, sizeof ends[0].label);
    }
    GCB_ROW(f, samples[i].label, samples[i].x, v.mean, v.lo, v.hi);
    gcb_axis_see(&x, samples[i].x);
    gcb_axis_see(&y, v.mean);
    gcb_axis_see(&y, v.lo);
    gcb_axis_see(&y, v.hi);
    ends[n_ends - 1].x = samples[i].x;
    ends[n_ends - 1].y = v.mean;
  }
  gcb_axis_fit(&x, GCB_TIGHT);
  gcb_axis_fit(&y, GCB_TIGHT);
  gcb_figure_title(f, "%s, against %s", m->meaning, key->name);
  gcb_axis_write(f, "x", &x, key->name);
  gcb_axis_write(f, "y", &y, m->meaning);
  gcb_axis_labels(f, ends, n_ends, &x, &y);
}

static bool emit(gcb_figure *f, const gcb_plot_cells *cells) {
  gcb_swept key;
  if (!gcb_swept_keys(cells, &key, 1)) return false;
  sample *samples = calloc(cells->n, sizeof *samples);
  if (!samples) return false;
  for (size_t i = 0; i < cells->n; i++) {
    samples[i].cell = cells->cells[i];
    samples[i].place = i;
    gcb_swept_value(cells->cells[i], &key, &samples[i].x);
    line_label(cells, cells->cells[i], &key, samples[i].label, sizeof samples[i].label);
  }
  qsort(samples, cells->n, sizeof *samples, by_line);
  draw(f, samples, cells->n, gcb_metric_find(cells->metric), &key);
  gcb_figure_note_missing(f, cells);
  free(samples);
  return f->n_series > 0;
}

const gcb_kind gcb_kind_sweep = {
    .public =
        {.name = "sweep",
         .shows = "a metric against a workload's parameter or a collector's option",
         .needs =
             "a parameter or an option with several values, all numbers: 'gcbench run -p depth=12,14,16'",
         .usual = true,
         .wants_metric = true,
         .metric = "wall_ns"},
    .scope = GCB_OF_WORKLOAD,
    .emit = emit,
};
