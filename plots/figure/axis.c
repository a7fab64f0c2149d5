#include "plots/figure/axis.h"
#include "results/model/units.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LABEL_GAP = 15, LABEL_MARGIN = 5, UNIT_MARGIN = 14 };

void gcb_axis_begin(gcb_axis *a, gcb_unit unit) {
  *a = (gcb_axis){.lo = NAN, .hi = NAN, .least = NAN, .unit = unit};
}

void gcb_axis_see(gcb_axis *a, double v) {
  if (!isfinite(v)) return;
  if (!(a->lo <= v)) a->lo = v;
  if (!(a->hi >= v)) a->hi = v;
  if (v > 0 && !(a->least <= v)) a->least = v;
}

/* What one of the axis' large units is: a ms, a MiB, a million. */
static double large_unit(const gcb_axis *a, const char **name) {
  static const struct {
    double size;
    const char *name;
  } ns[] = {{1, "ns"}, {1e3, "us"}, {1e6, "ms"}, {1e9, "s"}},
    bytes[] = {{1, "bytes"}, {1024, "KiB"}, {1048576, "MiB"}, {1073741824, "GiB"}, {1099511627776, "TiB"}},
    counts[] = {{1, ""}, {1e3, "thousands"}, {1e6, "millions"}, {1e9, "billions"}},
    rates[] = {
        {1, "a second"}, {1e3, "thousands a second"}, {1e6, "millions a second"}, {1e9, "billions a second"}};
#define TABLE(t) t, sizeof t / sizeof *t
  const struct {
    const void *t;
    size_t n;
  } tables[] = {[GCB_UNIT_NS] = {TABLE(ns)},
                [GCB_UNIT_BYTES] = {TABLE(bytes)},
                [GCB_UNIT_COUNT] = {TABLE(counts)},
                [GCB_UNIT_RATE] = {TABLE(rates)}};
#undef TABLE
  const __typeof__(*ns) *t = tables[a->unit].t;
  size_t i = 0;
  while (i + 1 < tables[a->unit].n && fabs(a->hi) >= t[i + 1].size) i++;
  *name = t[i].name;
  return t[i].size;
}

/* The step of 1, 2 or 5 times a power of ten with which `span` has at most `most` of them. */
static double nice_step(double span, double most) {
  double rough = span / most, power = pow(10, floor(log10(rough)));
  static const double steps[] = {1, 2, 5, 10};
  for (size_t i = 0; i < 4; i++)
    if (steps[i] * power >= rough * (1 - 1e-9)) return steps[i] * power;
  return 10 * power;
}

static double step_of(const gcb_axis *a) {
  const char *name;
  double unit = large_unit(a, &name);
  return nice_step((a->hi - a->lo) / unit, 6) * unit;
}

void gcb_axis_fit(gcb_axis *a, gcb_scale scale) {
  if (!isfinite(a->lo)) a->lo = 0, a->hi = 1, a->least = 1;
  double ratio = a->lo > 0 ? a->hi / a->lo : 0;
  a->log = a->least > 0 && (scale == GCB_LOG || (scale == GCB_LOG_IF_WIDE && ratio > 30) ||
                            (scale == GCB_TIGHT && ratio > 10));
  if (a->log && a->unit == GCB_UNIT_BYTES) {
    a->lo = exp2(floor(log2(a->least) - .05));
    a->hi = exp2(ceil(log2(a->hi) + .05));
    return;
  }
  if (a->log) {
    /* To the next 1, 2 or 5, and a little further: marks on the frame cannot be read. */
    double lo = a->least / 1.08, hi = a->hi * 1.08, p = pow(10, floor(log10(lo)));
    a->lo = lo >= 5 * p ? 5 * p : lo >= 2 * p ? 2 * p : p;
    p = pow(10, floor(log10(hi)));
    a->hi = hi <= 2 * p ? 2 * p : hi <= 5 * p ? 5 * p : 10 * p;
    return;
  }
  if (a->lo > 0 && (scale != GCB_TIGHT || ratio > 2)) a->lo = 0;
  if (a->hi <= a->lo) a->hi = a->lo + (a->lo != 0 ? fabs(a->lo) * .1 : 1);
  double step = step_of(a);
  a->lo = floor(a->lo / step + 1e-9) * step;
  a->hi = ceil(a->hi / step - 1e-9) * step;
}

void gcb_axis_stretch(gcb_axis *a, double share) {
  if (a->log)
    a->hi = a->lo * pow(a->hi / a->lo, 1 / (1 - share));
  else
    a->hi = a->lo + (a->hi - a->lo) / (1 - share);
}

double gcb_axis_place(const gcb_axis *a, double v) {
  if (a->log) return (log(v) - log(a->lo)) / (log(a->hi) - log(a->lo));
  return (v - a->lo) / (a->hi - a->lo);
}

static struct gcb_text with_unit(const gcb_axis *a, double v) {
  gcb_metric like = {.unit = a->unit};
  struct gcb_text t = gcb_metric_format(&like, v);
  char *zero = strstr(t.s, ".0 ");
  if (zero) memmove(zero, zero + 2, strlen(zero + 2) + 1);
  return t;
}

/* Sizes have ticks at powers of two. */
static void byte_ticks(gcb_figure *f, const char *which, const gcb_axis *a) {
  int first = (int)round(log2(a->lo)), last = (int)round(log2(a->hi)), step = (last - first) / 8 + 1;
  fprintf(f->set, "set %stics (", which);
  for (int i = first; i <= last; i++) {
    bool labelled = (i - first) % step == 0;
    fprintf(f->set, "%s\"%s\" %.15g%s", i > first ? ", " : "", labelled ? with_unit(a, exp2(i)).s : "",
            exp2(i), labelled ? "" : " 1");
  }
  fputs(")\n", f->set);
}

static void log_ticks(gcb_figure *f, const char *which, const gcb_axis *a) {
  double decades = log10(a->hi / a->lo), first = pow(10, floor(log10(a->lo) + 1e-9));
  const char *separator = "";
  fprintf(f->set, "set %stics (", which);
  for (double p = first; p <= a->hi * 1.0001; p *= 10)
    for (int m = 1; m < 10; m++) {
      double v = m * p;
      bool labelled = decades > 6     ? m == 1 && (long)round(log10(p)) % 2 == 0
                      : decades > 3.3 ? m == 1
                      : decades > 2   ? m == 1 || m == 3
                                      : m == 1 || m == 2 || m == 5;
      if (v < a->lo * .9999 || v > a->hi * 1.0001) continue;
      fprintf(f->set, "%s\"%s\" %.15g%s", separator, labelled ? with_unit(a, v).s : "", v,
              labelled ? "" : " 1");
      separator = ", ";
    }
  fputs(")\n", f->set);
}

static void linear_ticks(gcb_figure *f, const char *which, const gcb_axis *a, double unit) {
  double step = step_of(a);
  const char *separator = "";
  fprintf(f->set, "set %stics (", which);
  for (double i = ceil(a->lo / step - 1e-9); i * step <= a->hi + step * 1e-6; i++) {
    fprintf(f->set, "%s\"%.6g\" %.15g", separator, i == 0 ? 0 : i * step / unit, i == 0 ? 0 : i * step);
    separator = ", ";
  }
  fputs(")\n", f->set);
}

void gcb_axis_write(gcb_figure *f, const char *which, const gcb_axis *a, const char *title) {
  const char *name;
  double unit = large_unit(a, &name);
  char text[2 * GCB_PLOT_TEXT_SIZE], quoted[2 * GCB_PLOT_TEXT_SIZE + 8];
  /* gnuplot drops a tick on the very end of a logarithmic axis. */
  double hair = a->log ? 1e-9 : 0;
  fprintf(f->set, "set %srange [%.15g:%.15g]\n", which, a->lo * (1 - hair), a->hi * (1 + hair));
  if (a->log) {
    fprintf(f->set, "set logscale %s\n", which);
    (a->unit == GCB_UNIT_BYTES ? byte_ticks : log_ticks)(f, which, a);
    /* "256 MiB" and the title beside it */
    if (strcmp(which, "y") == 0 && f->left < UNIT_MARGIN) f->left = UNIT_MARGIN;
  } else {
    linear_ticks(f, which, a, unit);
  }
  if (a->log || !*name)
    snprintf(text, sizeof text, "%s", title);
  else
    snprintf(text, sizeof text, "%s (%s)", title, name);
  fprintf(f->set, "%s_one = %.15g; %s_word = '%s'\n", which, unit, which, name); /* of values to hover over */
  fprintf(f->set, "set %slabel %s\n", which, gcb_gnuplot_quote(text, quoted, sizeof quoted));
}

bool gcb_axis_of_iterations(gcb_axis *x) {
  bool shares = x->hi > 10 * x->lo;
  if (shares) *x = (gcb_axis){.lo = 0, .hi = 1, .unit = GCB_UNIT_COUNT};
  gcb_axis_fit(x, GCB_FROM_ZERO);
  return shares;
}

const char *gcb_axis_iteration_name(bool shares, const char *label, double ns, char *text, size_t size) {
  snprintf(text, size, shares ? "%s, %s" : "%s", label, gcb_format_ns(ns).s);
  return text;
}

/* ---- labels ---- */

static int by_y(const void *a, const void *b) {
  const gcb_line_end *x = a, *y = b;
  if (x->y != y->y) return x->y < y->y ? -1 : 1;
  return strcmp(x->label, y->label);
}

/* Places in [0, 1], at least `gap` apart and as near as can be to what is wanted: labels that touch move
 * together, as one block around the mean of their wishes (pool adjacent violators). */
static void spread(double *place, size_t n, double gap) {
  struct block {
    double sum;
    size_t n;
  } *blocks = calloc(n + 1, sizeof *blocks);
  size_t m = 0, at = 0;
  if (!blocks) return;
  for (size_t i = 0; i < n; i++) {
    /* In units where all gaps are taken out, equal means touching. */
    blocks[m++] = (struct block){place[i] - (double)i * gap, 1};
    while (m > 1 &&
           blocks[m - 2].sum / (double)blocks[m - 2].n >= blocks[m - 1].sum / (double)blocks[m - 1].n) {
      blocks[m - 2].sum += blocks[m - 1].sum;
      blocks[m - 2].n += blocks[m - 1].n;
      m--;
    }
  }
  double room = 1 - gap * (double)(n - 1);
  for (size_t b = 0; b < m; b++)
    for (size_t k = 0; k < blocks[b].n; k++, at++) {
      double wish = blocks[b].sum / (double)blocks[b].n;
      place[at] = fmax(0, fmin(room, wish)) + (double)at * gap;
    }
  free(blocks);
}

void gcb_axis_labels(gcb_figure *f, gcb_line_end *ends, size_t n, const gcb_axis *x, const gcb_axis *y) {
  char quoted[2 * GCB_PLOT_TEXT_SIZE];
  size_t longest = 0;
  if (!n) return;
  double *place = calloc(n, sizeof *place);
  if (!place) return;
  unsigned frame = f->top + f->bottom;
  if (f->height < frame + (unsigned)n * LABEL_GAP) f->height = frame + (unsigned)n * LABEL_GAP;
  qsort(ends, n, sizeof *ends, by_y);
  for (size_t i = 0; i < n; i++) {
    place[i] = fmax(0, fmin(1, gcb_axis_place(y, ends[i].y)));
    if (strlen(ends[i].label) > longest) longest = strlen(ends[i].label);
  }
  spread(place, n, (double)LABEL_GAP / (f->height - frame));
  for (size_t i = 0; i < n; i++) {
    double from = fmax(0, fmin(1, gcb_axis_place(x, ends[i].x))),
           at = fmax(0, fmin(1, gcb_axis_place(y, ends[i].y)));
    gcb_figure_set(f, "set label %s at graph 1, graph %.5f left offset char 2.8,0 tc rgb \"%s\"",
                   gcb_gnuplot_quote(ends[i].label, quoted, sizeof quoted), place[i], ends[i].colour);
    gcb_figure_set(f,
                   "if (!plain) set arrow from graph %.5f, graph %.5f to graph 1 + lead, graph %.5f nohead "
                   "lw 0.6 lc rgb \"%s\" dt 3",
                   from, at, place[i], ends[i].colour);
  }
  if (f->right < longest + LABEL_MARGIN) f->right = (unsigned)longest + LABEL_MARGIN;
  free(place);
}

void gcb_axis_key(gcb_figure *f) {
  char quoted[2 * GCB_PLOT_TEXT_SIZE];
  size_t longest = 0;
  unsigned frame = f->top + f->bottom;
  if (f->height < frame + (unsigned)f->n_series * LABEL_GAP)
    f->height = frame + (unsigned)f->n_series * LABEL_GAP;
  for (size_t i = 0; i < f->n_series; i++) {
    const gcb_series *s = &f->series[i];
    if (strlen(s->label) > longest) longest = strlen(s->label);
    gcb_figure_set(f, "set label %s at graph 1, graph %.5f left offset char 2.8,0 tc rgb \"%s\"",
                   gcb_gnuplot_quote(s->label, quoted, sizeof quoted),
                   1 - ((double)i + .5) * (LABEL_GAP + 1) / (f->height - frame), s->colour);
    gcb_figure_set(f, "set label '' at graph 1 + 0.6 * lead, graph %.5f point pt %d ps 1 lc rgb \"%s\"",
                   1 - ((double)i + .5) * (LABEL_GAP + 1) / (f->height - frame), s->mark, s->colour);
  }
  if (f->right < longest + LABEL_MARGIN) f->right = (unsigned)longest + LABEL_MARGIN;
}
