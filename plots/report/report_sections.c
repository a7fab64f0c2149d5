/* The sections of a report that follow the words: tables, method, machine, commands. */
#include "plots/report/findings.h"
#include "plots/report/report.h"
#include "results/model/cell.h"
#include "results/model/members.h"
#include "results/model/units.h"
#include "results/text/row.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- tables ---- */

enum { MOST_COLUMNS = 32 };

static const char *look(const gcb_row_column *column, const char *text) {
  if (strcmp(text, "-") == 0) return "dim";
  if (strcmp(column->head, "status") != 0) return NULL;
  return strcmp(text, "ok") == 0 ? "good" : strcmp(text, "unsupported") == 0 ? "dim" : "bad";
}

/* Why rows are empty: of the cells that did not end ok, each reason once. */
static void reasons(gcb_page *p, const json_t *cells, const size_t *rows, size_t n) {
  json_t *list = json_object(), *texts = json_array(), *who;
  const char *reason;
  for (size_t i = 0; i < n; i++) {
    const json_t *cell = json_array_get(cells, rows[i]);
    char name[200], heap[32], label[260];
    if (strcmp(gcb_string(cell, "status"), "ok") == 0) continue;
    snprintf(label, sizeof label, "%s at %s", gcb_cell_collector(cell, name, sizeof name),
             gcb_cell_heap(cell, heap, sizeof heap));
    if (!json_object_get(list, gcb_string(cell, "reason")))
      json_object_set_new(list, gcb_string(cell, "reason"), json_array());
    json_array_append_new(json_object_get(list, gcb_string(cell, "reason")), json_string(label));
  }
  json_object_foreach(list, reason, who) {
    gcb_sentence s;
    size_t i;
    json_t *one;
    if (!gcb_sentence_begin(&s)) continue;
    json_array_foreach(who, i, one) fprintf(s.out, "%s%s", i ? ", " : "", json_string_value(one));
    fprintf(s.out, ": %s.", *reason ? reason : "no reason was recorded");
    gcb_sentence_end(&s, texts);
  }
  p->as->items(p, "failed", texts);
  json_decref(texts);
  json_decref(list);
}

static void rows_of(gcb_page *p, const json_t *cells, const size_t *rows, size_t n) {
  const gcb_row_column *shown[MOST_COLUMNS];
  gcb_head heads[MOST_COLUMNS];
  size_t columns = 0;
  for (size_t c = 0; c < gcb_n_row_columns && columns < MOST_COLUMNS; c++) {
    bool any = !gcb_row_columns[c].optional;
    for (size_t i = 0; i < n && !any; i++)
      any = gcb_row_any(&gcb_row_columns[c], cells, rows[i], rows[i] + 1);
    if (!any) continue;
    heads[columns] = (gcb_head){gcb_row_columns[c].head, gcb_row_columns[c].path, gcb_row_columns[c].left,
                                !gcb_row_columns[c].path};
    shown[columns++] = &gcb_row_columns[c];
  }
  p->as->table(p, heads, columns);
  for (size_t i = 0; i < n; i++) {
    char texts[MOST_COLUMNS][GCB_ROW_TEXT];
    gcb_box boxes[MOST_COLUMNS];
    const json_t *cell = json_array_get(cells, rows[i]);
    for (size_t c = 0; c < columns; c++) {
      gcb_row_put(shown[c], cell, texts[c]);
      bool told = strcmp(texts[c], "-") != 0 && shown[c]->path;
      boxes[c] =
          (gcb_box){texts[c], told ? gcb_row_number(cell, shown[c]->path) : NAN, look(shown[c], texts[c])};
    }
    p->as->row(p, (long)rows[i], boxes);
  }
  p->as->table_end(p);
}

/* A table for each workload and parameter set, in the order of their first cells. */
void gcb_report_tables(gcb_page *p, const json_t *run) {
  const json_t *cells = json_object_get(run, "cells");
  size_t n = json_array_size(cells), n_rows;
  bool *done = calloc(n + 1, sizeof *done);
  size_t *rows = calloc(n + 1, sizeof *rows);
  for (size_t from = 0; done && rows && from < n; from++) {
    const json_t *first = json_array_get(cells, from);
    char title[500], about[500];
    if (done[from]) continue;
    n_rows = 0;
    for (size_t i = from; i < n; i++)
      if (!done[i] && gcb_row_same_table(first, json_array_get(cells, i))) {
        done[i] = true;
        rows[n_rows++] = i;
      }
    json_int_t mutators = json_integer_value(json_object_get(first, "mutators"));
    snprintf(about, sizeof about, "At most %s live, %s; an operation is %s. Parameters: %s.",
             gcb_format_bytes(json_number_value(json_object_get(first, "peak_live_bytes"))).s,
             gcb_format_number((double)mutators, "mutator").s, gcb_string(first, "op"),
             gcb_cell_workload(first, title, sizeof title));
    p->as->heading(p, 3, NULL, gcb_string(first, "workload"));
    p->as->paragraph(p, "small", about);
    rows_of(p, cells, rows, n_rows);
    reasons(p, cells, rows, n_rows);
  }
  free(done);
  free(rows);
}

/* ---- method ---- */

static const char *const method[] = {
    "A cell is a workload with its parameters, on a collector with its options, in a heap of some size. "
    "Every "
    "invocation of it is a fresh, pinned process, which warms up, collects once, and then runs timed "
    "iterations; invocations of all cells are interleaved in a seeded random order.",
    "Heap sizes are the same number of bytes for every collector, metadata and copy reserve included: 2x is "
    "twice what the workload keeps alive at its peak, computed from its parameters. What cannot run there is "
    "shown as such, never dropped.",
    "The invocation is the unit of statistics: its value is the mean of its iterations. Intervals in "
    "brackets "
    "are 95 % intervals of Student's t over invocations; fewer than 3 invocations have none.",
    "\"By 2x\" is a ratio of means, with the interval of Welch's t on its logarithm. Where it holds 1, or a "
    "side has fewer than 5 invocations, no difference is claimed. Each interval is for its own comparison: "
    "of many, about one in "
    "twenty claims a difference where there is none. For a verdict on a change take 'gcbench compare'.",
    "A geometric mean is over the same experiments for everyone. It speaks of these workloads and heaps, and "
    "of no others.",
    "p50 to p99 are of all reported pauses of all timed iterations; a percentile with too few samples "
    "(fewer than 10 beyond it) is '-'. Sentences about pauses compare the percentiles of the invocations, "
    "and "
    "the mean over invocations of the longest pause. A pause is what the collector reports; what mutators "
    "suffer beyond it is 'max stall', in runs with --latency.",
    "LBO, the lower-bound overhead, is total cost over the smallest cost without stops among the collectors "
    "of the same workload and heap: how much a collector costs at least.",
    "Every iteration ends in a checksum over values and shapes, the same on every collector; a cell whose "
    "checksum differs has the status 'wrong'.",
};

/* "gen3 on trees at 2x, churn at 3x; rc on ..": every cell with the flag, or "all". */
static size_t put_flagged(FILE *out, const gcb_grid *g, const char *name) {
  size_t cells = 0, flagged = 0, contenders = 0;
  for (size_t i = 0; i < g->n_experiments * g->n_contenders; i++) {
    cells += g->cells[i] != NULL;
    flagged += g->cells[i] && gcb_flag_of(g->cells[i], name);
  }
  for (size_t c = 0; c < g->n_contenders && flagged < cells; c++) {
    size_t told = 0;
    for (size_t e = 0; e < g->n_experiments; e++) {
      if (!gcb_grid_at(g, e, c) || !gcb_flag_of(gcb_grid_at(g, e, c), name)) continue;
      if (told)
        fputs(", ", out);
      else
        fprintf(out, "%s%s on ", contenders++ ? "; " : "", g->contenders[c].name);
      gcb_put_experiment(out, g, e);
      told++;
    }
  }
  if (flagged == cells) fputs("all", out);
  return flagged;
}

static void flag_row(gcb_page *p, const gcb_grid *g, const char *name, const char *meaning) {
  json_t *text = json_array();
  gcb_sentence s;
  if (gcb_sentence_begin(&s)) {
    size_t n = put_flagged(s.out, g, name);
    gcb_sentence_end(&s, text);
    p->as->row(p, -1,
               (gcb_box[]){{name, NAN, "warn"},
                           {meaning, NAN, NULL},
                           {json_string_value(json_array_get(text, 0)), (double)n, NULL}});
  }
  json_decref(text);
}

void gcb_report_flags(gcb_page *p, const json_t *run) {
  static const gcb_head heads[] = {
      {"flag", NULL, true, false}, {"means", NULL, true, true}, {"cells", NULL, true, true}};
  json_t *seen = json_object(), *flag;
  size_t k;
  gcb_grid g;
  bool good = gcb_grid_make(&g, run);
  for (size_t i = 0; good && i < g.n_experiments * g.n_contenders; i++)
    json_array_foreach(json_object_get(json_object_get(g.cells[i], "summary"), "flags"), k, flag) {
      if (json_object_get(seen, gcb_string(flag, "flag"))) continue;
      if (!json_object_size(seen)) p->as->table(p, heads, 3);
      json_object_set(seen, gcb_string(flag, "flag"), flag);
      flag_row(p, &g, gcb_string(flag, "flag"), gcb_string(flag, "meaning"));
    }
  if (json_object_size(seen))
    p->as->table_end(p);
  else
    p->as->paragraph(p, NULL, "No flag was raised.");
  gcb_grid_free(&g);
  json_decref(seen);
}

void gcb_report_method(gcb_page *p, const json_t *run) {
  json_t *texts = json_array();
  for (size_t i = 0; i < sizeof method / sizeof *method; i++)
    json_array_append_new(texts, json_string(method[i]));
  p->as->items(p, NULL, texts);
  json_decref(texts);
  p->as->heading(p, 3, NULL, "Flags raised");
  gcb_report_flags(p, run);
}

/* ---- once more ---- */

/* A word as a shell reads it back. */
static void put_word(FILE *out, const char *word) {
  static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./,:@%";
  if (*word && word[strspn(word, plain)] == 0) {
    fputs(word, out);
    return;
  }
  fputc('\'', out);
  for (; *word; word++)
    if (*word == '\'')
      fputs("'\\''", out);
    else
      fputc(*word, out);
  fputc('\'', out);
}

void gcb_report_again(gcb_page *p, const gcb_report_run *run) {
  const json_t *context = json_object_get(run->document, "context");
  json_t *lines = json_array(), *word;
  char text[400];
  size_t i;
  gcb_sentence s;
  if (gcb_sentence_begin(&s)) {
    json_array_foreach(json_object_get(context, "command"), i, word) {
      if (i) fputc(' ', s.out);
      put_word(s.out, json_string_value(word) ? json_string_value(word) : "");
    }
    gcb_sentence_end(&s, lines);
  }
  if (json_array_size(lines)) p->as->code(p, json_string_value(json_array_get(lines, 0)));
  snprintf(text, sizeof text,
           "gcbench %s, seed %s. The same seed gives the same operations and the same order of invocations; "
           "times are the machine's.",
           gcb_string(context, "gcbench"), gcb_string(context, "seed"));
  p->as->paragraph(p, "small", text);
  if (run->file) {
    p->as->link(p, "Raw data, every pause included: ", run->file, run->file);
  } else {
    snprintf(text, sizeof text, "gcbench export %.200s -o %.100s.json", run->name, run->name);
    p->as->paragraph(p, NULL, "Raw data, every pause included, are in the store:");
    p->as->code(p, text);
  }
  json_decref(lines);
}
