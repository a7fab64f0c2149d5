#include "table.h"
#include "response.h"
#include "units.h"
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { NAME, HEAP, RATE, LBO_WALL, LBO_CPU, P50, P90, P99, MAX, STALL, COUNT, RSS, STATUS, COLUMNS };
enum { WIDTH = 128 };
static const char *const heads[COLUMNS] = {
    "collector", "heap",      "throughput [95 %]", "LBO wall",    "LBO CPU",  "p50",   "p90",
    "p99",       "max pause", "max stall",         "collections", "peak RSS", "status"};
static const bool left[COLUMNS] = {[NAME] = true, [STATUS] = true};
/* Shown in a block only where some row has it. */
static const bool optional[COLUMNS] = {[LBO_WALL] = true, [LBO_CPU] = true, [STALL] = true};

typedef struct row {
  char text[COLUMNS][WIDTH];
} row;

static const char *string(const json_t *o, const char *key) {
  const char *s = json_string_value(json_object_get(o, key));
  return s ? s : "";
}

static double number(const json_t *o, const char *key) {
  json_t *v = json_object_get(o, key);
  return json_is_number(v) ? json_number_value(v) : NAN;
}

static void options(const json_t *o, char *into, size_t size) {
  const char *key;
  json_t *value;
  json_object_foreach((json_t *)o, key, value) {
    size_t n = strlen(into);
    snprintf(into + n, size - n, "%s%s=%s", n ? " " : "", key, json_string_value(value));
  }
}

/* "14.8 M/s ±1.2 %": half the interval's width, relative; the interval itself is in the JSON. */
static void throughput(const json_t *m, char *cell) {
  double mean = number(m, "mean"), lo = number(m, "lo"), hi = number(m, "hi");
  if (!(mean > 0)) return;
  int n = snprintf(cell, WIDTH, "%s", gcb_format_rate(mean).s);
  if (isfinite(lo) && isfinite(hi))
    snprintf(cell + n, WIDTH - (size_t)n, " [%s, %s]", gcb_format_count(lo).s, gcb_format_count(hi).s);
  else
    snprintf(cell + n, WIDTH - (size_t)n, " [one run]");
}

/* "1.24 [1.21, 1.27]" */
static void overhead(const json_t *m, char *cell) {
  double mean = number(m, "mean"), lo = number(m, "lo"), hi = number(m, "hi");
  if (!isfinite(mean)) return;
  int n = snprintf(cell, WIDTH, "%.2f", mean);
  if (isfinite(lo) && isfinite(hi)) snprintf(cell + n, WIDTH - (size_t)n, " [%.2f, %.2f]", lo, hi);
}

static void time_cell(const json_t *pauses, const char *key, char *cell) {
  double ns = number(pauses, key);
  snprintf(cell, WIDTH, "%s", isfinite(ns) ? gcb_format_ns(ns).s : "-");
}

/* "57+2+1": by kind, youngest first, those that occurred; a mean per iteration, so it may have a fraction. */
static void collections(const json_t *summary, char *cell) {
  const char *kind;
  json_t *count;
  size_t n = 0;
  json_object_foreach(json_object_get(summary, "collections"), kind, count) {
    double v = json_number_value(count);
    if (v > 0 && n < WIDTH)
      n += (size_t)snprintf(cell + n, WIDTH - n, "%s%.*f %s", n ? ", " : "", v == floor(v) ? 0 : 1, v, kind);
  }
  if (!n) snprintf(cell, WIDTH, "0");
}

static void fill(row *r, const json_t *cell) {
  const json_t *s = json_object_get(cell, "summary"), *pauses = json_object_get(s, "pause_ns");
  char opts[WIDTH] = "";
  memset(r, 0, sizeof *r);
  options(json_object_get(cell, "options"), opts, sizeof opts);
  snprintf(r->text[NAME], WIDTH, "%.20s%s%.24s", string(cell, "collector"), opts[0] ? " " : "", opts);
  if (json_is_true(json_object_get(cell, "bounded")))
    snprintf(r->text[HEAP], WIDTH, "%.3gx %s", number(cell, "heap_factor"),
             gcb_format_bytes(number(cell, "heap_bytes")).s);
  else
    snprintf(r->text[HEAP], WIDTH, "unbounded");
  bool ok = strcmp(string(cell, "status"), "ok") == 0;
  snprintf(r->text[STATUS], WIDTH, "%s", string(cell, "status"));
  for (int i = RATE; i < STATUS; i++) snprintf(r->text[i], WIDTH, "-");
  if (!ok) return;
  throughput(json_object_get(s, "ops_per_s"), r->text[RATE]);
  overhead(json_object_get(json_object_get(s, "lbo"), "wall"), r->text[LBO_WALL]);
  overhead(json_object_get(json_object_get(s, "lbo"), "cpu"), r->text[LBO_CPU]);
  time_cell(pauses, "p50", r->text[P50]);
  time_cell(pauses, "p90", r->text[P90]);
  time_cell(pauses, "p99", r->text[P99]);
  time_cell(pauses, "max", r->text[MAX]);
  time_cell(json_object_get(json_object_get(s, "latency"), "stalls"), "max", r->text[STALL]);
  collections(s, r->text[COUNT]);
  double rss = number(json_object_get(s, "peak_rss_bytes"), "mean");
  if (isfinite(rss)) snprintf(r->text[RSS], WIDTH, "%s", gcb_format_bytes(rss).s);
}

static void print_row(FILE *out, char text[COLUMNS][WIDTH], const int *width) {
  for (int i = 0; i < COLUMNS; i++) {
    if (width[i] < 0) continue;
    if (i) fputs("  ", out);
    if (i == COLUMNS - 1)
      fprintf(out, "%s", text[i]);
    else
      fprintf(out, left[i] ? "%-*s" : "%*s", width[i], text[i]);
  }
  fputc('\n', out);
}

static bool same_block(const json_t *a, const json_t *b) {
  return strcmp(string(a, "workload"), string(b, "workload")) == 0 &&
         json_equal(json_object_get(a, "params"), json_object_get(b, "params"));
}

/* What mutators suffered beyond the pauses that the collector owns up to. */
static void untold(FILE *out, const json_t *cell) {
  const json_t *s = json_object_get(cell, "summary"), *u = json_object_get(s, "unreported");
  double share = number(u, "median_share"), of_wall = number(u, "share_of_wall");
  double gaps = number(json_object_get(json_object_get(s, "latency"), "os_gap_ns"), "mean");
  if (!(share > .05) || !(of_wall > .005)) return;
  fprintf(
      out, "  %s at %.3gx: unreported: %s an iteration, %.0f %% of what its mutators suffered in a usual one",
      string(cell, "collector"), number(cell, "heap_factor"), gcb_format_ns(number(u, "ns")).s, 100 * share);
  if (gaps > 0) fprintf(out, " (the system took %s from an idle thread meanwhile)", gcb_format_ns(gaps).s);
  fputc('\n', out);
}

/* Reasons of cells that did not end ok, leaks, and each flag once with the collectors that it is about. */
static void notes(FILE *out, const json_t *cells, size_t from, size_t to) {
  const char *flags[16], *meanings[16];
  size_t n_flags = 0;
  for (size_t i = from; i < to; i++) {
    const json_t *cell = json_array_get(cells, i);
    const char *reason = string(cell, "reason");
    double leaked = number(json_object_get(json_object_get(cell, "summary"), "leaked_bytes"), "mean");
    double cyclic = number(json_object_get(json_object_get(cell, "summary"), "cyclic_bytes"), "mean");
    if (*reason)
      fprintf(out, "  %s at %.3gx: %s\n", string(cell, "collector"), number(cell, "heap_factor"), reason);
    if (leaked > 0) {
      fprintf(out, "  %s at %.3gx: leaked %.0f bytes", string(cell, "collector"), number(cell, "heap_factor"),
              leaked);
      if (leaked == cyclic) fprintf(out, ", which are the dropped cycles, to the byte");
      fputc('\n', out);
    }
    untold(out, cell);
    size_t k;
    json_t *flag;
    json_array_foreach(json_object_get(json_object_get(cell, "summary"), "flags"), k, flag) {
      size_t f = 0;
      while (f < n_flags && strcmp(flags[f], string(flag, "flag")) != 0) f++;
      if (f == n_flags && n_flags < 16) {
        flags[n_flags] = string(flag, "flag");
        meanings[n_flags++] = string(flag, "meaning");
      }
    }
  }
  for (size_t f = 0; f < n_flags; f++) {
    fprintf(out, "  %s (", flags[f]);
    const char *comma = "";
    for (size_t i = from; i < to; i++) {
      size_t k;
      json_t *flag;
      json_array_foreach(json_object_get(json_object_get(json_array_get(cells, i), "summary"), "flags"), k,
                         flag) {
        if (strcmp(string(flag, "flag"), flags[f]) != 0) continue;
        fprintf(out, "%s%s", comma, string(json_array_get(cells, i), "collector"));
        comma = ", ";
      }
    }
    fprintf(out, "): %s\n", meanings[f]);
  }
}

static void block(FILE *out, const json_t *cells, size_t from, size_t to) {
  int width[COLUMNS];
  char head[COLUMNS][WIDTH], params[400] = "";
  row *rows = calloc(to - from, sizeof *rows);
  if (!rows) return;
  const json_t *first = json_array_get(cells, from);
  options(json_object_get(first, "params"), params, sizeof params);
  fprintf(out, "%s  %s\n", string(first, "workload"), params);
  fprintf(out, "  %s live at most, %.0f mutator%s; throughput in operations: %s\n",
          gcb_format_bytes(number(first, "peak_live_bytes")).s, number(first, "mutators"),
          number(first, "mutators") == 1 ? "" : "s", string(first, "op"));
  for (int c = 0; c < COLUMNS; c++) {
    snprintf(head[c], WIDTH, "%s", heads[c]);
    width[c] = (int)strlen(head[c]);
  }
  for (size_t i = from; i < to; i++) {
    fill(&rows[i - from], json_array_get(cells, i));
    for (int c = 0; c < COLUMNS; c++) {
      int n = (int)strlen(rows[i - from].text[c]);
      if (n > width[c]) width[c] = n;
    }
  }
  for (int c = 0; c < COLUMNS; c++) {
    bool any = !optional[c];
    for (size_t i = 0; i < to - from; i++) any |= strcmp(rows[i].text[c], "-") != 0;
    if (!any) width[c] = -1;
  }
  print_row(out, head, width);
  for (size_t i = from; i < to; i++) print_row(out, rows[i - from].text, width);
  notes(out, cells, from, to);
  gcb_response_print(cells, from, to, out);
  free(rows);
}

void gcb_table_print(const json_t *run, FILE *out) {
  const json_t *cells = json_object_get(run, "cells");
  size_t n = json_array_size(cells);
  for (size_t from = 0; from < n;) {
    size_t to = from + 1;
    while (to < n && same_block(json_array_get(cells, from), json_array_get(cells, to))) to++;
    if (from) fputc('\n', out);
    block(out, cells, from, to);
    from = to;
  }
}
