/* A metric against whatever parameter of the workload or option of the collector was varied. */
#include "plots/figure/axis.h"
#include "plots/kinds/kinds.h"
#include "plots/kinds/sweep.h"
#include "results/model/cell.h"
#include "results/model/members.h"
#include "results/model/units.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SETS = 2 };
static const char *const sets[SETS] = {"params", "options"};

static const char *value_in(const json_t *cell, const char *set, const char *key) {
  return json_string_value(json_object_get(json_object_get(cell, set), key));
}

static bool number_of(const char *word, double *value, bool *bytes) {
  const char *end;
  uint64_t size;
  if (!word || !*word) return false;
  *value = gcb_parse_real(word, &end);
  if (!*end) return true;
  if (gcb_parse_bytes(word, &size) != GCB_UNITS_OK) return false; /* 4M, as an option has it */
  *value = (double)size;
  return *bytes = true;
}

bool gcb_swept_value(const json_t *cell, const gcb_swept *key, double *value) {
  bool bytes;
  return number_of(value_in(cell, key->set, key->name), value, &bytes);
}

/* How many values the key has among the cells that have it; 0 when one of them is no number. */
static gcb_swept swept(const gcb_plot_cells *cells, const char *set, const char *name) {
  gcb_swept key = {.set = set, .name = name};
  double seen[64], v;
  for (size_t i = 0; i < cells->n; i++) {
    const char *word = value_in(cells->cells[i], set, name);
    size_t k = 0;
    if (!word) continue;
    if (!number_of(word, &v, &key.bytes)) return (gcb_swept){0};
    while (k < key.values && seen[k] != v) k++;
    if (k == key.values && k < sizeof seen / sizeof *seen) seen[key.values++] = v;
  }
  return key;
}

static bool among(const gcb_swept *keys, size_t n, const char *set, const char *name) {
  for (size_t i = 0; i < n; i++)
    if (strcmp(keys[i].set, set) == 0 && strcmp(keys[i].name, name) == 0) return true;
  return false;
}

size_t gcb_swept_keys(const gcb_plot_cells *cells, gcb_swept *keys, size_t most) {
  size_t n = 0;
  for (size_t s = 0; s < SETS; s++)
    for (size_t i = 0; i < cells->n; i++) {
      const char *name;
      json_t *value;
      json_object_foreach(json_object_get(cells->cells[i], sets[s]), name, value) {
        if (among(keys, n, sets[s], name)) continue;
        gcb_swept key = swept(cells, sets[s], name);
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

/* The values of the keys in a cell: "depth=12 holes=4", of one key without its name if that was said; empty
 * for a cell that has not all. */
static const char *values_of(const json_t *cell, const gcb_swept *keys, size_t n, bool named, char *text,
                             size_t size) {
  size_t length = 0;
  *text = 0;
  for (size_t i = 0; i < n && length < size; i++) {
    const char *value = value_in(cell, keys[i].set, keys[i].name);
    if (!value) return *text = 0, text;
    length += (size_t)snprintf(text + length, size - length, "%s%s%s%s", i ? " " : "",
                               named || n > 1 ? keys[i].name : "", named || n > 1 ? "=" : "", value);
  }
  return text;
}

/* Whether all cells of the collector ended as this one. */
static bool ended_alike(const gcb_plot_cells *cells, const json_t *cell) {
  char label[GCB_PLOT_TEXT_SIZE], other[GCB_PLOT_TEXT_SIZE];
  gcb_cell_collector(cell, label, sizeof label);
  for (size_t i = 0; i < cells->n; i++)
    if (strcmp(gcb_cell_collector(cells->cells[i], other, sizeof other), label) == 0 &&
        strcmp(gcb_plot_status(cells->cells[i]), gcb_plot_status(cell)) != 0)
      return false;
  return true;
}

void gcb_swept_note_missing(gcb_figure *f, const gcb_plot_cells *cells, const gcb_swept *keys, size_t n) {
  char label[GCB_PLOT_TEXT_SIZE], text[GCB_PLOT_TEXT_SIZE], values[GCB_PLOT_TEXT_SIZE];
  json_t *said = json_object(); /* to each sentence the values of which it holds, in their order */
  for (size_t i = 0; i < cells->n; i++) {
    const json_t *cell = cells->cells[i];
    bool has = *values_of(cell, keys, n, true, values, sizeof values);
    if (has && gcb_cell_ok(cell)) continue;
    snprintf(text, sizeof text, "%s: %s", gcb_cell_collector(cell, label, sizeof label),
             has ? gcb_plot_status_phrase(cell) : "not swept");
    const char *before = json_string_value(json_object_get(said, text));
    if (!before || !*before) {
      json_object_set_new(said, text, json_string(ended_alike(cells, cell) ? "" : values));
    } else {
      values_of(cell, keys, n, false, values, sizeof values);
      json_object_set_new(said, text, json_sprintf("%s, %s", before, values));
    }
  }
  const char *sentence;
  json_t *where;
  json_object_foreach(said, sentence, where) gcb_figure_note(
      f, "%s%s%s", sentence, *json_string_value(where) ? " at " : "", json_string_value(where));
  json_decref(said);
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
    heaps = heaps || fabs(gcb_number(cells->cells[i], "heap_factor") - gcb_number(cell, "heap_factor")) > .01;
  if (heaps && n < size) snprintf(text + n, size - n, ", %.3gx", gcb_number(cell, "heap_factor"));
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
  bool broken = false;
  gcb_axis_begin(&x, key->bytes ? GCB_UNIT_BYTES : GCB_UNIT_COUNT);
  gcb_axis_begin(&y, m->unit);
  gcb_figure_columns(f, "series parameter value lo hi");
  for (size_t i = 0; i < n; i++) {
    const char *collector = json_string_value(json_object_get(samples[i].cell, "collector"));
    const char *before = i ? json_string_value(json_object_get(samples[i - 1].cell, "collector")) : "";
    if (!gcb_plot_metric(samples[i].cell, m->name, &v)) {
      /* An empty line breaks the line: it must not lead past what did not run as if that had. */
      broken = f->n_series > 0;
      continue;
    }
    if (!f->n_series || strcmp(f->series[f->n_series - 1].label, samples[i].label) != 0) {
      nth = strcmp(collector, before) == 0 ? nth + 1 : 0;
      const gcb_series *s = gcb_figure_series_of(f, samples[i].label, collector, nth);
      if (!s) break;
      broken = false;
      ends[n_ends].colour = s->colour;
      memcpy(ends[n_ends++].label, samples[i].label, sizeof ends[0].label);
    }
    if (broken) fputc('\n', f->data);
    broken = false;
    GCB_ROW(f, samples[i].label, samples[i].x, v.mean, v.lo, v.hi);
    gcb_axis_see(&x, samples[i].x);
    gcb_axis_see(&y, v.mean);
    gcb_axis_see(&y, v.lo);
    gcb_axis_see(&y, v.hi);
    ends[n_ends - 1].x = samples[i].x;
    ends[n_ends - 1].y = v.mean;
  }
  gcb_axis_fit(&x, GCB_TIGHT);
  if (!x.log) { /* marks on the frame cannot be read */
    double room = .02 * (x.hi - x.lo);
    x.lo -= room;
    x.hi += room;
  }
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
  size_t n = 0;
  if (!samples) return false;
  for (size_t i = 0; i < cells->n; i++) {
    samples[n] = (sample){.cell = cells->cells[i], .place = i};
    if (!gcb_swept_value(cells->cells[i], &key, &samples[n].x)) continue;
    line_label(cells, cells->cells[i], &key, samples[n].label, sizeof samples[n].label);
    n++;
  }
  qsort(samples, n, sizeof *samples, by_line);
  draw(f, samples, n, gcb_metric_find(cells->metric), &key);
  gcb_swept_note_missing(f, cells, &key, 1);
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
