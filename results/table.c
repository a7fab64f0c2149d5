#include "table.h"
#include "called.h"
#include "columns.h"
#include "members.h"
#include "response.h"
#include "row.h"
#include "unfit.h"
#include "units.h"
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static void options(const json_t *o, char *into, size_t size) {
  const char *key;
  json_t *value;
  json_object_foreach((json_t *)o, key, value) {
    size_t n = strlen(into);
    snprintf(into + n, size - n, "%s%s=%s", n ? " " : "", key, json_string_value(value));
  }
}

/* What mutators suffered beyond the pauses that the collector owns up to. */
static void untold(FILE *out, const json_t *cell) {
  const json_t *s = json_object_get(cell, "summary"), *u = json_object_get(s, "unreported");
  double share = gcb_number(u, "median_share"), of_wall = gcb_number(u, "share_of_wall");
  double gaps = gcb_number(json_object_get(json_object_get(s, "latency"), "os_gap_ns"), "mean");
  if (!(share > .05) || !(of_wall > .005)) return;
  fprintf(out,
          "  %s at %.3gx: unreported: %s an iteration, %.0f %% of what its mutators suffered in a usual one",
          gcb_string(cell, "collector"), gcb_number(cell, "heap_factor"),
          gcb_format_ns(gcb_number(u, "ns")).s, 100 * share);
  if (gaps > 0) fprintf(out, " (the system took %s from an idle thread meanwhile)", gcb_format_ns(gaps).s);
  fputc('\n', out);
}

static bool has_flag(const json_t *cell, const char *name) {
  size_t k;
  json_t *flag;
  json_array_foreach(json_object_get(json_object_get(cell, "summary"), "flags"), k,
                     flag) if (strcmp(gcb_string(flag, "flag"), name) == 0) return true;
  return false;
}

/* Whether all cells that ended have the flag: those of one collector, or of all when that is NULL. */
static bool all_flagged(const json_t *cells, size_t from, size_t to, const char *collector,
                        const char *name) {
  for (size_t i = from; i < to; i++) {
    const json_t *cell = json_array_get(cells, i);
    if (collector && strcmp(gcb_string(cell, "collector"), collector) != 0) continue;
    if (strcmp(gcb_string(cell, "status"), "ok") == 0 && !has_flag(cell, name)) return false;
  }
  return true;
}

/* "all", or the collectors, with their heaps where it is not about all of theirs. */
static void name_flagged(FILE *out, const json_t *cells, size_t from, size_t to, const char *name) {
  char last[300] = "", next[300];
  const char *comma = "";
  if (to - from > 1 && all_flagged(cells, from, to, NULL, name)) {
    fputs("all", out);
    return;
  }
  for (size_t i = from; i < to; i++) {
    const json_t *cell = json_array_get(cells, i);
    const char *collector = gcb_string(cell, "collector");
    if (!has_flag(cell, name)) continue;
    if (all_flagged(cells, from, to, collector, name))
      snprintf(next, sizeof next, "%.200s", collector);
    else
      snprintf(next, sizeof next, "%.200s at %.3gx", collector, gcb_number(cell, "heap_factor"));
    if (strcmp(last, next) == 0) continue;
    fprintf(out, "%s%s", comma, next);
    strcpy(last, next);
    comma = ", ";
  }
}

/* Reasons of cells that did not end ok, leaks, and each flag once with the collectors that it is about. */
static void notes(FILE *out, const json_t *cells, size_t from, size_t to) {
  const char *flags[16], *meanings[16];
  size_t n_flags = 0;
  for (size_t i = from; i < to; i++) {
    const json_t *cell = json_array_get(cells, i);
    const char *reason = gcb_string(cell, "reason");
    double leaked = gcb_number(json_object_get(json_object_get(cell, "summary"), "leaked_bytes"), "mean");
    double cyclic = gcb_number(json_object_get(json_object_get(cell, "summary"), "cyclic_bytes"), "mean");
    if (*reason)
      fprintf(out, "  %s at %.3gx: %s\n", gcb_string(cell, "collector"), gcb_number(cell, "heap_factor"),
              gcb_as_called(reason));
    if (leaked > 0) {
      fprintf(out, "  %s at %.3gx: leaked %s", gcb_string(cell, "collector"), gcb_number(cell, "heap_factor"),
              gcb_format_number(leaked, "byte").s);
      if (leaked == cyclic) fprintf(out, ", which are the dropped cycles, to the byte");
      fputc('\n', out);
    }
    untold(out, cell);
    size_t k;
    json_t *flag;
    json_array_foreach(json_object_get(json_object_get(cell, "summary"), "flags"), k, flag) {
      size_t f = 0;
      while (f < n_flags && strcmp(flags[f], gcb_string(flag, "flag")) != 0) f++;
      if (f == n_flags && n_flags < 16) {
        flags[n_flags] = gcb_string(flag, "flag");
        meanings[n_flags++] = gcb_string(flag, "meaning");
      }
    }
  }
  for (size_t f = 0; f < n_flags; f++) {
    fprintf(out, "  %s (", flags[f]);
    name_flagged(out, cells, from, to, flags[f]);
    fprintf(out, "): %s\n", gcb_as_called(meanings[f]));
  }
}

/* The rows in columns, as many as a terminal has room for. */
static void rows(FILE *out, const json_t *cells, size_t from, size_t to) {
  gcb_columns t;
  const gcb_row_column *shown[GCB_COLUMNS];
  const char *heads[GCB_COLUMNS];
  unsigned n = 0, left = 0;
  char text[GCB_ROW_TEXT];
  for (size_t c = 0; c < gcb_n_row_columns && n < GCB_COLUMNS; c++) {
    const gcb_row_column *column = &gcb_row_columns[c];
    if (column->wide || (column->optional && !gcb_row_any(column, cells, from, to))) continue;
    if (column->left) left |= 1u << n;
    heads[n] = column->head;
    shown[n++] = column;
  }
  gcb_columns_begin(&t, heads, n, left);
  for (size_t i = from; i < to; i++) {
    gcb_columns_row(&t);
    for (unsigned c = 0; c < n; c++) {
      gcb_row_put(shown[c], json_array_get(cells, i), text);
      gcb_columns_put(&t, c, "%s", text);
    }
  }
  gcb_columns_end(&t, "", out);
}

/* `unfit`: the findings on the machine, under the last table; NULL under the others. */
static void block(FILE *out, const json_t *cells, size_t from, size_t to, const json_t *unfit) {
  char params[400] = "";
  const json_t *first = json_array_get(cells, from);
  options(json_object_get(first, "params"), params, sizeof params);
  fprintf(out, "%s  %s\n", gcb_string(first, "workload"), params);
  fprintf(out, "  %s live at most, %s; throughput in operations: %s\n",
          gcb_format_bytes(gcb_number(first, "peak_live_bytes")).s,
          gcb_format_number(gcb_number(first, "mutators"), "mutator").s, gcb_string(first, "op"));
  rows(out, cells, from, to);
  gcb_unfit_print(unfit, out);
  notes(out, cells, from, to);
  gcb_response_print(cells, from, to, out);
}

void gcb_table_print(const json_t *run, FILE *out) {
  const json_t *cells = json_object_get(run, "cells"),
               *findings = json_object_get(json_object_get(run, "context"), "doctor");
  size_t n = json_array_size(cells);
  for (size_t from = 0; from < n;) {
    size_t to = from + 1;
    while (to < n && gcb_row_same_table(json_array_get(cells, from), json_array_get(cells, to))) to++;
    if (from) fputc('\n', out);
    block(out, cells, from, to, to == n ? findings : NULL);
    from = to;
  }
}
