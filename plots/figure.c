#include "figure.h"
#include "cell.h"
#include "metrics.h"
#include "plots.h"
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

void gcb_figure_row_value(gcb_figure *f, double row, const char *quoted, int characters) {
  unsigned room = (unsigned)(characters * .9) + 3; /* small letters */
  if (room > f->right) f->right = room;
  gcb_figure_set(f, "set label %s at graph 1, first %g left offset char 1,0 tc rgb ink font small", quoted,
                 row);
}

void gcb_figure_row_missing(gcb_figure *f, double row, const char *why) {
  char quoted[2 * GCB_PLOT_TEXT_SIZE];
  gcb_figure_set(f, "set label %s at graph 0, first %g left offset char 1,0 tc rgb warn font small",
                 gcb_gnuplot_quote(why, quoted, sizeof quoted), row);
}

double gcb_plot_number(const json_t *object, const char *key) {
  const json_t *v = json_object_get(object, key);
  return json_is_number(v) ? json_number_value(v) : NAN;
}

bool gcb_plot_interval(const json_t *object, const char *key, gcb_interval *out) {
  const json_t *interval = json_object_get(object, key);
  *out = (gcb_interval){gcb_plot_number(interval, "mean"), gcb_plot_number(interval, "lo"),
                        gcb_plot_number(interval, "hi"), 0};
  out->n = isfinite(out->mean) ? (size_t)gcb_plot_number(interval, "n") : 0;
  return isfinite(out->mean);
}

bool gcb_plot_metric(const json_t *cell, const char *metric, gcb_interval *out) {
  const json_t *invocations = json_object_get(cell, "invocations");
  if (!gcb_cell_ok(cell)) return false;
  if (gcb_plot_interval(json_object_get(cell, "summary"), metric, out)) return true;
  double *values = calloc(json_array_size(invocations) + 1, sizeof *values);
  if (!values) return false;
  gcb_rng rng = gcb_rng_seed(1);
  size_t n = gcb_metric_values(gcb_metric_find(metric), invocations, values);
  if (n) *out = gcb_bootstrap_mean(values, n, 0, &rng);
  free(values);
  return n > 0;
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

/* "rc: out of memory in 1.5x, 2x": one note for cells that differ in nothing but their heap. */
static void note_cell(gcb_figure *f, const gcb_plot_cells *cells, size_t i) {
  char label[GCB_PLOT_TEXT_SIZE], other[GCB_PLOT_TEXT_SIZE], heaps[GCB_PLOT_TEXT_SIZE] = "", heap[64];
  const char *status = gcb_plot_status(cells->cells[i]);
  size_t n = 0;
  gcb_cell_collector(cells->cells[i], label, sizeof label);
  for (size_t k = 0; k < cells->n; k++) {
    const json_t *cell = cells->cells[k];
    if (gcb_cell_ok(cell) || strcmp(gcb_plot_status(cell), status) != 0 ||
        strcmp(gcb_cell_collector(cell, other, sizeof other), label) != 0)
      continue;
    if (k < i) return; /* said already */
    gcb_cell_heap(cell, heap, sizeof heap);
    if (n < sizeof heaps && (k == i || !strstr(heaps, heap)))
      n += (size_t)snprintf(heaps + n, sizeof heaps - n, "%s%s", n ? ", " : " in ", heap);
  }
  gcb_figure_note(f, "%s: %s%s", label, gcb_plot_status_phrase(cells->cells[i]),
                  f->kind->scope == GCB_OF_HEAP || f->kind->scope == GCB_OF_CELL ? "" : heaps);
}

size_t gcb_figure_note_missing(gcb_figure *f, const gcb_plot_cells *cells) {
  size_t ran = 0;
  for (size_t i = 0; i < cells->n; i++) {
    if (gcb_cell_ok(cells->cells[i]))
      ran++;
    else
      note_cell(f, cells, i);
  }
  return ran;
}
