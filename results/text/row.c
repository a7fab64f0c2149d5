#include "results/text/row.h"
#include "results/model/members.h"
#include "results/model/units.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static const json_t *at(const json_t *o, const char *path) {
  char key[64];
  while (o && *path) {
    size_t n = strcspn(path, "/");
    snprintf(key, sizeof key, "%.*s", (int)n, path);
    o = json_object_get(o, key);
    path += n + (path[n] == '/');
  }
  return o;
}

double gcb_row_number(const json_t *cell, const char *path) {
  const json_t *v = at(cell, path);
  return json_is_number(v) ? json_number_value(v) : NAN;
}

bool gcb_row_same_table(const json_t *a, const json_t *b) {
  return strcmp(gcb_string(a, "workload"), gcb_string(b, "workload")) == 0 &&
         json_equal(json_object_get(a, "params"), json_object_get(b, "params"));
}

/* Another member of the interval whose mean is at this path: "lo", "hi" or "n". */
static double beside(const json_t *cell, const char *path, const char *member) {
  char other[80];
  snprintf(other, sizeof other, "%.*s%s", (int)(strlen(path) - strlen("mean")), path, member);
  return gcb_row_number(cell, other);
}

/* ---- columns ---- */

static void name(const json_t *cell, const char *path, char *text) {
  const char *key, *before = " ";
  json_t *value;
  int n = snprintf(text, GCB_ROW_TEXT, "%.20s", gcb_string(cell, path)), most = n + 25;
  json_object_foreach(json_object_get(cell, "options"), key, value) if (n < most) n +=
      snprintf(text + n, (size_t)(most - n), "%s%s=%s", before, key, json_string_value(value));
}

static void heap(const json_t *cell, const char *path, char *text) {
  if (json_is_true(json_object_get(cell, "bounded")))
    snprintf(text, GCB_ROW_TEXT, "%.3gx %s", gcb_row_number(cell, "heap_factor"),
             gcb_format_bytes(gcb_row_number(cell, path)).s);
  else
    snprintf(text, GCB_ROW_TEXT, "unbounded");
}

/* " [14.6 M, 15.0 M]" after the mean at this path; " [n=2]" where so few values have no interval. */
static void put_interval(const json_t *cell, const char *path, struct gcb_text (*format)(double),
                         char *text) {
  size_t n = strlen(text);
  double lo = beside(cell, path, "lo"), hi = beside(cell, path, "hi");
  if (isfinite(lo) && isfinite(hi))
    snprintf(text + n, GCB_ROW_TEXT - n, " [%s, %s]", format(lo).s, format(hi).s);
  else
    snprintf(text + n, GCB_ROW_TEXT - n, " [n=%.0f]", beside(cell, path, "n"));
}

/* "14.8 M/s [14.6 M, 15.0 M]" */
static void throughput(const json_t *cell, const char *path, char *text) {
  double mean = gcb_row_number(cell, path);
  if (!(mean > 0)) return;
  snprintf(text, GCB_ROW_TEXT, "%s", gcb_format_rate(mean).s);
  put_interval(cell, path, gcb_format_count, text);
}

static struct gcb_text hundredths(double v) {
  struct gcb_text t;
  snprintf(t.s, sizeof t.s, "%.2f", v);
  return t;
}

/* "1.24 [1.21, 1.27]" */
static void overhead(const json_t *cell, const char *path, char *text) {
  double mean = gcb_row_number(cell, path);
  if (!isfinite(mean)) return;
  snprintf(text, GCB_ROW_TEXT, "%.2f", mean);
  put_interval(cell, path, hundredths, text);
}

static void duration(const json_t *cell, const char *path, char *text) {
  double ns = gcb_row_number(cell, path);
  if (isfinite(ns)) snprintf(text, GCB_ROW_TEXT, "%s", gcb_format_ns(ns).s);
}

static void size(const json_t *cell, const char *path, char *text) {
  double bytes = gcb_row_number(cell, path);
  if (isfinite(bytes)) snprintf(text, GCB_ROW_TEXT, "%s", gcb_format_bytes(bytes).s);
}

/* "57 minor, 2 major": by kind, youngest first, those that occurred; a mean per iteration, so it may have a
 * fraction. */
static void collections(const json_t *cell, const char *path, char *text) {
  const char *kind;
  json_t *count;
  size_t n = 0;
  (void)path;
  json_object_foreach((json_t *)at(cell, "summary/collections"), kind, count) {
    double v = json_number_value(count);
    if (v > 0 && n < GCB_ROW_TEXT)
      n += (size_t)snprintf(text + n, GCB_ROW_TEXT - n, "%s%.*f %s", n ? ", " : "", v == floor(v) ? 0 : 1, v,
                            kind);
  }
  if (!n) snprintf(text, GCB_ROW_TEXT, "0");
}

static void status(const json_t *cell, const char *path, char *text) {
  snprintf(text, GCB_ROW_TEXT, "%s", gcb_string(cell, path));
}

const gcb_row_column gcb_row_columns[] = {
    {"collector", "collector", true, false, false, name, "collector", 0},
    {"heap", "heap_bytes", false, false, false, heap, "heap", 0},
    {"throughput [95 %]", "summary/ops_per_s/mean", false, false, false, throughput, "throughput", 0},
    {"wall time", "summary/wall_ns/mean", false, false, true, duration, "wall", 13},
    {"CPU time", "summary/cpu_ns/mean", false, false, true, duration, "cpu", 12},
    {"LBO wall", "summary/lbo/wall/mean", false, true, false, overhead, "lbo-wall", 4},
    {"LBO CPU", "summary/lbo/cpu/mean", false, true, false, overhead, "lbo-cpu", 8},
    {"p50", "summary/pause_ns/p50", false, false, false, duration, "p50", 7},
    {"p90", "summary/pause_ns/p90", false, false, false, duration, "p90", 9},
    {"p99", "summary/pause_ns/p99", false, false, false, duration, "p99", 3},
    {"max pause", "summary/pause_ns/max", false, false, false, duration, "max-pause", 1},
    {"max stall", "summary/latency/stalls/max", false, true, false, duration, "max-stall", 6},
    {"collections", NULL, false, false, false, collections, "collections", 10},
    {"peak RSS", "summary/peak_rss_bytes/mean", false, false, false, size, "rss", 2},
    {"status", "status", true, false, false, status, "status", 0},
};
const size_t gcb_n_row_columns = sizeof gcb_row_columns / sizeof *gcb_row_columns;

void gcb_row_put(const gcb_row_column *c, const json_t *cell, char *text) {
  bool always = c->put == name || c->put == heap || c->put == status;
  snprintf(text, GCB_ROW_TEXT, "-");
  if (always || strcmp(gcb_string(cell, "status"), "ok") == 0) c->put(cell, c->path, text);
}

bool gcb_row_any(const gcb_row_column *c, const json_t *cells, size_t from, size_t to) {
  char text[GCB_ROW_TEXT];
  for (size_t i = from; i < to; i++) {
    gcb_row_put(c, json_array_get(cells, i), text);
    if (strcmp(text, "-") != 0) return true;
  }
  return false;
}

const gcb_row_column *gcb_row_find(const char *key) {
  for (size_t i = 0; i < gcb_n_row_columns; i++)
    if (strcmp(gcb_row_columns[i].key, key) == 0) return &gcb_row_columns[i];
  return NULL;
}
