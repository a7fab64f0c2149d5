#include "results/text/table.h"
#include "results/model/called.h"
#include "results/model/members.h"
#include "results/model/response.h"
#include "results/model/units.h"
#include "results/text/columns.h"
#include "results/text/response_print.h"
#include "results/text/row.h"
#include "results/text/screen.h"
#include "results/text/unfit.h"
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

/* What mutators suffered beyond the pauses that the collector owns up to, into `text`; false: nothing to say.
 */
static bool untold(const json_t *cell, char *text, size_t size) {
  const json_t *s = json_object_get(cell, "summary"), *u = json_object_get(s, "unreported");
  double share = gcb_number(u, "median_share"), of_wall = gcb_number(u, "share_of_time");
  double gaps = gcb_number(json_object_get(json_object_get(s, "latency"), "os_gap_ns"), "mean");
  bool by_cpu = strcmp(gcb_string(u, "by"), "cpu") == 0;
  if (!(share > (by_cpu ? .1 : .05)) || !(of_wall > .005)) return false;
  size_t n = (size_t)snprintf(
      text, size, "unreported: %s%s an iteration, %.0f %% of what its mutators suffered in a usual one",
      gcb_format_ns(gcb_number(u, "ns")).s, by_cpu ? " of CPU time" : "", 100 * share);
  if (!by_cpu && gaps > 0 && n < size)
    snprintf(text + n, size - n, " (the system took %s from an idle thread meanwhile)",
             gcb_format_ns(gaps).s);
  return true;
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

/* One note: which cells, and what about them. */
static void note_cell(json_t *notes, const json_t *cell, const char *what) {
  char who[300];
  json_t *whom = json_object_get(notes, what);
  snprintf(who, sizeof who, "%.200s at %.3gx", gcb_string(cell, "collector"),
           gcb_number(cell, "heap_factor"));
  if (whom) {
    char *both = NULL;
    if (asprintf(&both, "%s, %s", json_string_value(whom), who) > 0)
      json_object_set_new(notes, what, json_string(both));
    free(both);
  } else {
    json_object_set_new(notes, what, json_string(who));
  }
}

static int shorter(const void *a, const void *b) {
  size_t m = strlen(*(char *const *)a), n = strlen(*(char *const *)b);
  return m != n ? (m > n) - (m < n) : strcmp(*(char *const *)a, *(char *const *)b);
}

/* Sorts the lines of a text by length and prints them, broken to the screen's width. */
static void print_sorted(char *text, FILE *out) {
  size_t n = 0, most = 1;
  for (const char *c = text; *c; c++) most += *c == '\n';
  char **lines = calloc(most, sizeof *lines), *rest = NULL;
  for (char *line = lines ? strtok_r(text, "\n", &rest) : NULL; line; line = strtok_r(NULL, "\n", &rest))
    lines[n++] = line;
  if (n) qsort(lines, n, sizeof *lines, shorter);
  for (size_t i = 0; i < n; i++) gcb_screen_wrap(out, lines[i], gcb_screen_width(out), 4);
  free(lines);
}

/* Reasons of cells that did not end ok, leaks, and flags: each once with the cells that it is about. */
static void notes(FILE *out, const json_t *cells, size_t from, size_t to) {
  json_t *of_cells = json_object(), *flags = json_object(), *value;
  const char *key;
  char *text = NULL, what[600];
  size_t size, k;
  for (size_t i = from; i < to; i++) {
    const json_t *cell = json_array_get(cells, i), *summary = json_object_get(cell, "summary"), *flag;
    double leaked = gcb_number(json_object_get(summary, "leaked_bytes"), "mean");
    double cyclic = gcb_number(json_object_get(summary, "cyclic_bytes"), "mean");
    if (*gcb_string(cell, "reason")) note_cell(of_cells, cell, gcb_as_called(gcb_string(cell, "reason")));
    if (leaked > 0) {
      snprintf(what, sizeof what, "leaked %s%s", gcb_format_number(leaked, "byte").s,
               leaked == cyclic ? ", which are the dropped cycles, to the byte" : "");
      note_cell(of_cells, cell, what);
    }
    if (untold(cell, what, sizeof what)) note_cell(of_cells, cell, what);
    json_array_foreach(json_object_get(summary, "flags"), k, flag) {
      const char *name = gcb_string(flag, "flag");
      if (strcmp(name, "note") == 0) /* each collector has its own */
        note_cell(of_cells, cell, gcb_as_called(gcb_string(flag, "meaning")));
      else if (!json_object_get(flags, name))
        json_object_set(flags, name, json_object_get(flag, "meaning"));
    }
  }
  FILE *lines = open_memstream(&text, &size);
  if (lines) {
    json_object_foreach(of_cells, key, value) fprintf(lines, "  %s: %s\n", json_string_value(value), key);
    json_object_foreach(flags, key, value) {
      fprintf(lines, "  %s (", key);
      name_flagged(lines, cells, from, to, key);
      fprintf(lines, "): %s\n", json_string_value(value) ? gcb_as_called(json_string_value(value)) : "");
    }
    fclose(lines);
    print_sorted(text, out);
  }
  free(text);
  json_decref(of_cells);
  json_decref(flags);
}

/* The columns of a table before it is known what has room. */
static unsigned candidates(const json_t *cells, size_t from, size_t to, gcb_table_columns chosen,
                           const gcb_row_column **into) {
  unsigned n = 0;
  bool all = chosen.n == 1 && strcmp(chosen.keys[0], "all") == 0;
  for (size_t i = 0; chosen.n && !all && i < chosen.n && n < GCB_COLUMNS; i++)
    if (gcb_row_find(chosen.keys[i])) into[n++] = gcb_row_find(chosen.keys[i]);
  for (size_t c = 0; (all || !chosen.n) && c < gcb_n_row_columns && n < GCB_COLUMNS; c++) {
    const gcb_row_column *column = &gcb_row_columns[c];
    if ((all || column->optional || column->wide) && !gcb_row_any(column, cells, from, to)) continue;
    into[n++] = column;
  }
  return n;
}

/* Columns on a screen of a text's bytes: continuation bytes of UTF-8 take none. */
static unsigned width_of(const char *text) {
  unsigned n = 0;
  for (; *text; text++) n += ((unsigned char)*text & 0xc0) != 0x80;
  return n;
}

/* Leave out columns until the others fit `room`; those left out go to `out` as one line unless they are for
 * wide screens only. */
static unsigned make_room(const json_t *cells, size_t from, size_t to, const gcb_row_column **shown,
                          unsigned n, unsigned room, char *left_out, size_t size) {
  unsigned width[GCB_COLUMNS], sum = 0;
  char text[GCB_ROW_TEXT];
  left_out[0] = 0;
  for (unsigned c = 0; c < n; c++) {
    width[c] = width_of(shown[c]->head);
    for (size_t i = from; i < to; i++) {
      gcb_row_put(shown[c], json_array_get(cells, i), text);
      if (width_of(text) > width[c]) width[c] = width_of(text);
    }
    sum += width[c] + (c ? 2 : 0);
  }
  while (sum > room) {
    unsigned worst = 0;
    for (unsigned c = 1; c < n; c++)
      if (shown[c]->rank > shown[worst]->rank) worst = c;
    if (shown[worst]->rank == 0) break;
    size_t used = strlen(left_out);
    if (!shown[worst]->wide)
      snprintf(left_out + used, size - used, "%s%s", used ? ", " : "", shown[worst]->key);
    sum -= width[worst] + 2;
    memmove(shown + worst, shown + worst + 1, (n - worst - 1) * sizeof *shown);
    memmove(width + worst, width + worst + 1, (n - worst - 1) * sizeof *width);
    n--;
  }
  return n;
}

/* The rows in columns: those that are chosen, or as many as the screen has room for. */
static void rows(FILE *out, const json_t *cells, size_t from, size_t to, gcb_table_columns chosen,
                 char *left_out, size_t size) {
  gcb_columns t;
  const gcb_row_column *shown[GCB_COLUMNS];
  const char *heads[GCB_COLUMNS];
  char text[GCB_ROW_TEXT];
  unsigned n = candidates(cells, from, to, chosen, shown), left = 0;
  if (!chosen.n) n = make_room(cells, from, to, shown, n, gcb_screen_width(out), left_out, size);
  for (unsigned c = 0; c < n; c++) {
    heads[c] = shown[c]->head;
    if (shown[c]->left) left |= 1u << c;
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
static void block(FILE *out, const json_t *cells, size_t from, size_t to, gcb_table_columns columns,
                  const json_t *unfit) {
  char params[400] = "", line[600], left_out[200] = "";
  const json_t *first = json_array_get(cells, from);
  options(json_object_get(first, "params"), params, sizeof params);
  snprintf(line, sizeof line, "%.100s  %s", gcb_string(first, "workload"), params);
  gcb_screen_wrap(out, line, gcb_screen_width(out), 4);
  snprintf(line, sizeof line, "  %s live at most, %s; throughput in operations: %s",
           gcb_format_bytes(gcb_number(first, "peak_live_bytes")).s,
           gcb_format_number(gcb_number(first, "mutators"), "mutator").s, gcb_string(first, "op"));
  gcb_screen_wrap(out, line, gcb_screen_width(out), 4);
  rows(out, cells, from, to, columns, left_out, sizeof left_out);
  gcb_unfit_print(unfit, out);
  notes(out, cells, from, to);
  if (left_out[0]) {
    snprintf(line, sizeof line, "  not shown (--columns all): %s", left_out);
    gcb_screen_wrap(out, line, gcb_screen_width(out), 4);
  }
  gcb_response_print(cells, from, to, out);
}

void gcb_table_print(const json_t *run, gcb_table_columns columns, FILE *out) {
  const json_t *cells = json_object_get(run, "cells"),
               *findings = json_object_get(json_object_get(run, "context"), "doctor");
  size_t n = json_array_size(cells);
  for (size_t from = 0; from < n;) {
    size_t to = from + 1;
    while (to < n && gcb_row_same_table(json_array_get(cells, from), json_array_get(cells, to))) to++;
    if (from) fputc('\n', out);
    block(out, cells, from, to, columns, to == n ? findings : NULL);
    from = to;
  }
}
