#include "plots/figure/figure.h"
#include "plots/figure/plots.h"
#include "results/model/cell.h"
#include "results/model/members.h"
#include "results/model/metrics.h"
#include "results/model/units.h"
#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void gcb_figure_columns(gcb_figure *f, const char *names) {
  fputs("# ", f->data);
  for (; *names; names++) fputc(*names == ' ' ? '\t' : *names, f->data);
  fputc('\n', f->data);
}

void gcb_figure_block(gcb_figure *f) {
  if (f->blocks++) fputs("\n\n", f->data);
}

static gcb_series *series(gcb_figure *f, const char *label, gcb_look look) {
  if (f->n_series == GCB_FIGURE_SERIES) return NULL;
  gcb_series *s = &f->series[f->n_series++];
  snprintf(s->label, sizeof s->label, "%s", label);
  s->colour = look.colour;
  s->mark = look.mark;
  s->dash = look.dash;
  gcb_figure_block(f);
  return s;
}

gcb_series *gcb_figure_series(gcb_figure *f, const char *label) {
  return series(f, label, gcb_palette_find(&f->plots->palette, label));
}

gcb_series *gcb_figure_series_of(gcb_figure *f, const char *label, const char *collector, size_t nth) {
  gcb_look look = gcb_palette_find(&f->plots->palette, collector);
  look.dash = 1 + (look.dash - 1 + (int)nth) % 5;
  return series(f, label, look);
}

gcb_series *gcb_figure_other_series(gcb_figure *f, const char *label, size_t number) {
  return series(f, label, gcb_look_of(number));
}

void gcb_figure_row(gcb_figure *f, const char *text, size_t n, const double *values) {
  /* A tab or a quote in a text would shift what gnuplot reads. */
  for (const char *c = text; c && *c; c++) fputc(*c == '\t' || *c == '\n' || *c == '"' ? ' ' : *c, f->data);
  for (size_t i = 0; i < n; i++) {
    if (text || i) fputc('\t', f->data);
    if (isfinite(values[i]))
      fprintf(f->data, "%.15g", values[i]);
    else
      fputs("NaN", f->data);
  }
  fputc('\n', f->data);
}

const char *gcb_gnuplot_quote(const char *text, char *into, size_t size) {
  size_t n = 0;
  into[n++] = '\'';
  for (; *text && n + 4 < size; text++) {
    if (*text == '\'') into[n++] = '\'';
    into[n++] = (unsigned char)*text < ' ' ? ' ' : *text;
  }
  into[n++] = '\'';
  into[n] = 0;
  return into;
}

void gcb_figure_number(gcb_figure *f, const char *variable, double value) {
  if (isfinite(value))
    fprintf(f->set, "%s = %.15g\n", variable, value);
  else
    fprintf(f->set, "%s = NaN\n", variable);
}

void gcb_figure_text(gcb_figure *f, const char *variable, const char *text) {
  char quoted[1024];
  fprintf(f->set, "%s = %s\n", variable, gcb_gnuplot_quote(text, quoted, sizeof quoted));
}

void gcb_figure_set(gcb_figure *f, const char *format, ...) {
  va_list args;
  va_start(args, format);
  vfprintf(f->set, format, args);
  va_end(args);
  fputc('\n', f->set);
}

enum { ROW = 26 };

void gcb_figure_rows(gcb_figure *f, size_t n) {
  f->height = f->top + f->bottom + (unsigned)n * ROW + 12;
  gcb_figure_number(f, "rows", (double)n);
  gcb_figure_set(f, "set ytics (\"\" -1)");
}

void gcb_figure_row_name(gcb_figure *f, double row, const char *name) {
  char quoted[2 * GCB_PLOT_TEXT_SIZE];
  if (strlen(name) + 3 > f->left) f->left = (unsigned)strlen(name) + 3;
  gcb_figure_set(f, "set ytics add (%s %g)", gcb_gnuplot_quote(name, quoted, sizeof quoted), row);
}

void gcb_figure_row_value(gcb_figure *f, double row, const char *text) {
  char quoted[4 * GCB_PLOT_TEXT_SIZE];
  unsigned room = (unsigned)((double)strlen(text) * .9) + 3; /* small letters */
  if (room > f->right) f->right = room;
  gcb_figure_set(f,
                 "set label %s at graph 1, first %g left offset char (plain ? 2 : 1),0 tc rgb ink font small",
                 gcb_gnuplot_quote(text, quoted, sizeof quoted), row);
}

void gcb_figure_row_interval(gcb_figure *f, double row, const gcb_metric *m, gcb_interval v) {
  char text[2 * GCB_PLOT_TEXT_SIZE];
  if (isfinite(v.lo) && isfinite(v.hi))
    snprintf(text, sizeof text, "%s [%s, %s]", gcb_metric_format(m, v.mean).s, gcb_metric_format(m, v.lo).s,
             gcb_metric_format(m, v.hi).s);
  else
    snprintf(text, sizeof text, "%s, n=%zu", gcb_metric_format(m, v.mean).s, v.n);
  gcb_figure_row_value(f, row, text);
}

void gcb_figure_row_missing(gcb_figure *f, double row, const char *why) {
  char quoted[2 * GCB_PLOT_TEXT_SIZE];
  gcb_figure_set(f, "set label %s at graph 0, first %g left offset char 1,0 tc rgb warn font small",
                 gcb_gnuplot_quote(why, quoted, sizeof quoted), row);
}

bool gcb_plot_interval(const json_t *object, const char *key, gcb_interval *out) {
  const json_t *interval = json_object_get(object, key);
  *out =
      (gcb_interval){gcb_number(interval, "mean"), gcb_number(interval, "lo"), gcb_number(interval, "hi"), 0};
  out->n = isfinite(out->mean) ? (size_t)gcb_number(interval, "n") : 0;
  return isfinite(out->mean);
}

bool gcb_plot_metric(const json_t *cell, const char *metric, gcb_interval *out) {
  const json_t *invocations = json_object_get(cell, "invocations");
  if (!gcb_cell_ok(cell)) return false;
  if (gcb_plot_interval(json_object_get(cell, "summary"), metric, out)) return true;
  double *values = calloc(json_array_size(invocations) + 1, sizeof *values);
  if (!values) return false;
  size_t n = gcb_metric_values(gcb_metric_find(metric), invocations, values);
  if (n) *out = gcb_mean_interval(values, n);
  free(values);
  return n > 0;
}

gcb_interval gcb_plot_ratio(const gcb_metric *m, const json_t *a, const json_t *b) {
  const json_t *in_a = json_object_get(a, "invocations"), *in_b = json_object_get(b, "invocations");
  double *x = calloc(json_array_size(in_a) + 1, sizeof *x), *y = calloc(json_array_size(in_b) + 1, sizeof *y);
  gcb_interval r = {NAN, NAN, NAN, 0};
  if (x && y && gcb_cell_ok(a) && gcb_cell_ok(b))
    r = gcb_mean_ratio(x, gcb_metric_values(m, in_a, x), y, gcb_metric_values(m, in_b, y));
  free(x);
  free(y);
  return r;
}

const char *gcb_plot_ratio_text(gcb_interval r, char *text, size_t size) {
  int decimals = (int)fmax(0, fmin(6, 2 - floor(log10(r.mean * 1.0005)))); /* three digits */
  bool level = isfinite(r.lo) && r.lo <= 1 && r.hi >= 1;
  snprintf(text, size, "%s%.*f%s", level ? "~" : "", decimals, r.mean,
           !level && r.n < GCB_CLAIM_MIN ? "?" : "");
  return text;
}

const char *gcb_plot_status(const json_t *cell) {
  const char *status = json_string_value(json_object_get(cell, "status"));
  return status ? status : "failed";
}

const char *gcb_plot_status_phrase(const json_t *cell) {
  static const char *const phrases[][2] = {
      {"oom", "out of memory"}, {"timeout", "timed out"}, {"wrong", "wrong result"}};
  const char *status = gcb_plot_status(cell);
  for (size_t i = 0; i < sizeof phrases / sizeof *phrases; i++)
    if (strcmp(status, phrases[i][0]) == 0) return phrases[i][1];
  return status;
}

void gcb_figure_title(gcb_figure *f, const char *format, ...) {
  va_list args;
  va_start(args, format);
  vsnprintf(f->title, sizeof f->title, format, args);
  va_end(args);
  *f->title = (char)toupper((unsigned char)*f->title);
}

void gcb_figure_note(gcb_figure *f, const char *format, ...) {
  size_t n = strlen(f->note);
  va_list args;
  if (n) n += (size_t)snprintf(f->note + n, sizeof f->note - n, "; ");
  if (n >= sizeof f->note) return;
  va_start(args, format);
  vsnprintf(f->note + n, sizeof f->note - n, format, args);
  va_end(args);
}

void gcb_figure_note_few(gcb_figure *f) {
  gcb_figure_note(f, "?: fewer than %d invocations, so no difference is claimed", GCB_CLAIM_MIN);
}

static bool equal(const json_t *a, const json_t *b, const char *const *keys, size_t n) {
  for (size_t i = 0; i < n; i++) {
    const json_t *x = json_object_get(a, keys[i]), *y = json_object_get(b, keys[i]);
    if ((x || y) && !json_equal(x, y)) return false;
  }
  return true;
}

static bool same_collector(const json_t *a, const json_t *b) {
  static const char *const keys[] = {"collector", "options"};
  return equal(a, b, keys, sizeof keys / sizeof *keys);
}

void gcb_figure_note_absent(gcb_figure *f, const gcb_plot_cells *cells) {
  static const char *const keys[] = {"workload", "params", "mutators", "workers"};
  char label[GCB_PLOT_TEXT_SIZE];
  for (size_t i = 0; i < cells->n_selected; i++) {
    const json_t *other = cells->selected[i];
    if (!equal(other, cells->cells[0], keys, sizeof keys / sizeof *keys)) continue;
    bool known = false;
    for (size_t k = 0; k < cells->n && !known; k++) known = same_collector(other, cells->cells[k]);
    for (size_t k = 0; k < i && !known; k++)
      known = same_collector(other, cells->selected[k]) &&
              equal(other, cells->selected[k], keys, sizeof keys / sizeof *keys);
    if (!known) gcb_figure_note(f, "%s: not run", gcb_cell_collector(other, label, sizeof label));
  }
}

static bool is_unbounded(const json_t *cell) {
  return gcb_cell_ok(cell) && json_is_false(json_object_get(cell, "bounded"));
}

void gcb_figure_note_unbounded(gcb_figure *f, const gcb_plot_cells *cells) {
  char names[sizeof f->note] = "", label[GCB_PLOT_TEXT_SIZE];
  size_t n = 0;
  for (size_t i = 0; i < cells->n; i++) {
    const json_t *cell = cells->cells[i];
    bool said = !is_unbounded(cell);
    for (size_t k = 0; k < i && !said; k++)
      said = is_unbounded(cells->cells[k]) && same_collector(cell, cells->cells[k]);
    if (!said && n < sizeof names)
      n += (size_t)snprintf(names + n, sizeof names - n, "%s%s", n ? ", " : "",
                            gcb_cell_collector(cell, label, sizeof label));
  }
  if (n) gcb_figure_note(f, "%s: not bounded by the heap", names);
}

/* What a figure says of the cells that a collector lacks. */
typedef struct lack {
  const json_t *cell;
  const char *how;                /* NULL: said already */
  char heaps[GCB_PLOT_TEXT_SIZE]; /* " in 1.5x, 2x" */
} lack;

typedef struct lacks {
  const gcb_plot_cells *cells;
  char (*heap)[64]; /* of each cell */
  bool name_heaps;
  lack list[2 * GCB_FIGURE_SERIES];
  size_t n;
} lacks;

static const char not_run[] = "not run";

/* Whether the collector of cell i lacks it in that way in the heap of cell k. */
static bool lacking(const lacks *l, size_t i, size_t k, const char *how) {
  for (size_t j = 0; j < l->cells->n; j++) {
    const json_t *cell = l->cells->cells[j];
    if (strcmp(l->heap[j], l->heap[k]) != 0 || !same_collector(cell, l->cells->cells[i])) continue;
    if (how == not_run) return false;
    if (!gcb_cell_ok(cell) && strcmp(gcb_plot_status_phrase(cell), how) == 0) return true;
  }
  return how == not_run;
}

static void add_lack(lacks *l, size_t i, const char *how) {
  size_t at = 0, found = 0;
  if (l->n == sizeof l->list / sizeof *l->list) return;
  lack *new = &l->list[l->n];
  *new = (lack){.cell = l->cells->cells[i], .how = how};
  for (size_t k = 0; k < l->cells->n; k++) {
    bool first = true;
    for (size_t j = 0; j < k && first; j++) first = strcmp(l->heap[j], l->heap[k]) != 0;
    if (!first || !lacking(l, i, k, how)) continue;
    found++;
    if (l->name_heaps && at < sizeof new->heaps)
      at += (size_t)snprintf(new->heaps + at, sizeof new->heaps - at, "%s%s", at ? ", " : " in ", l->heap[k]);
  }
  l->n += found > 0;
}

/* One note for all collectors that lack the same cells in the same way: "rc, semispace: out of memory
 * in 1.5x". */
static void note_lacks(gcb_figure *f, lacks *l) {
  for (size_t i = 0; i < l->n; i++) {
    char names[sizeof f->note] = "", label[GCB_PLOT_TEXT_SIZE];
    const char *how = l->list[i].how;
    size_t n = 0;
    for (size_t k = i; how && k < l->n; k++) {
      lack *other = &l->list[k];
      if (!other->how || strcmp(other->how, how) != 0 || strcmp(other->heaps, l->list[i].heaps) != 0)
        continue;
      other->how = NULL;
      if (n < sizeof names)
        n += (size_t)snprintf(names + n, sizeof names - n, "%s%s", n ? ", " : "",
                              gcb_cell_collector(other->cell, label, sizeof label));
    }
    if (how) gcb_figure_note(f, "%s: %s%s", names, how, l->list[i].heaps);
  }
}

size_t gcb_figure_note_missing(gcb_figure *f, const gcb_plot_cells *cells) {
  gcb_plot_scope scope = f->kind->scope;
  size_t ran = 0;
  lacks *l = calloc(1, sizeof *l);
  char(*heap)[64] = calloc(cells->n, sizeof *heap);
  for (size_t i = 0; i < cells->n; i++) ran += gcb_cell_ok(cells->cells[i]);
  if (l && heap) {
    *l = (lacks){.cells = cells, .heap = heap, .name_heaps = scope != GCB_OF_HEAP && scope != GCB_OF_CELL};
    for (size_t i = 0; i < cells->n; i++) gcb_cell_heap(cells->cells[i], heap[i], sizeof heap[i]);
    for (size_t i = 0; i < cells->n; i++) {
      bool said = gcb_cell_ok(cells->cells[i]), first = true;
      for (size_t k = 0; k < i; k++) {
        if (!same_collector(cells->cells[k], cells->cells[i])) continue;
        first = false;
        said = said || strcmp(gcb_plot_status(cells->cells[k]), gcb_plot_status(cells->cells[i])) == 0;
      }
      if (!said) add_lack(l, i, gcb_plot_status_phrase(cells->cells[i]));
      if (first && scope == GCB_OF_PARAMS) add_lack(l, i, not_run);
    }
    note_lacks(f, l);
  }
  free(heap);
  free(l);
  return ran;
}
