/* The report of a whole store: which runs there are, then each of the newest. */
#include "plots/report/report.h"
#include "results/model/units.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *string(const json_t *o, const char *key) {
  const char *s = json_string_value(json_object_get(o, key));
  return s ? s : "-";
}

static json_int_t number(const json_t *o, const char *key) {
  return json_integer_value(json_object_get(o, key));
}

/* "a, b" of an array of words, or the word that it is. */
static void put_words(char *text, size_t size, const json_t *words) {
  size_t i, n = 0;
  json_t *word;
  snprintf(text, size, "%s", json_string_value(words) ? json_string_value(words) : "-");
  json_array_foreach(words, i, word) if (n < size) n +=
      (size_t)snprintf(text + n, size - n, "%s%s", i ? ", " : "", json_string_value(word));
}

/* The place of a run among those that follow in full; -1: it does not. */
static long place(const gcb_report_run *runs, size_t n, const json_t *one) {
  for (size_t i = 0; i < n; i++)
    if (strcmp(runs[i].name, string(one, "name")) == 0 || strcmp(runs[i].name, string(one, "uuid")) == 0)
      return (long)i;
  return -1;
}

static void list(gcb_page *p, const gcb_report_run *runs, size_t n, const json_t *index) {
  static const gcb_head heads[] = {{"run", NULL, false, false},     {"name", NULL, true, false},
                                   {"started", NULL, true, false},  {"status", NULL, true, false},
                                   {"cells", NULL, false, false},   {"failed", NULL, false, false},
                                   {"workloads", NULL, true, true}, {"collectors", NULL, true, true},
                                   {"machine", NULL, true, true},   {"below", NULL, true, false}};
  size_t i;
  json_t *one;
  p->as->table(p, heads, sizeof heads / sizeof *heads);
  json_array_foreach(index, i, one) {
    char id[24], cells[24], failed[24], workloads[300], collectors[300], below[32] = "-";
    long at = place(runs, n, one);
    snprintf(id, sizeof id, "%lld", (long long)number(one, "id"));
    snprintf(cells, sizeof cells, "%lld", (long long)number(one, "cells"));
    snprintf(failed, sizeof failed, "%lld", (long long)number(one, "failed"));
    put_words(workloads, sizeof workloads, json_object_get(one, "workloads"));
    put_words(collectors, sizeof collectors, json_object_get(one, "collectors"));
    if (at >= 0) snprintf(below, sizeof below, "part %ld", at + 1);
    p->as->row(p, -1,
               (gcb_box[]){{id, (double)number(one, "id"), NULL},
                           {string(one, "name"), NAN, NULL},
                           {string(one, "started"), NAN, NULL},
                           {string(one, "status"), NAN, NULL},
                           {cells, (double)number(one, "cells"), NULL},
                           {failed, (double)number(one, "failed"), number(one, "failed") ? "bad" : NULL},
                           {workloads, NAN, NULL},
                           {collectors, NAN, NULL},
                           {string(one, "machine"), NAN, NULL},
                           {below, NAN, at < 0 ? "dim" : NULL}});
  }
  p->as->table_end(p);
}

void gcb_report_of_store(gcb_reporter *r, const gcb_report_run *runs, size_t n, const json_t *index,
                         const char *folder) {
  gcb_page *p = &r->page;
  char text[600];
  p->as->begin(p, "All runs");
  snprintf(text, sizeof text, "All runs in %s", folder);
  p->as->heading(p, 1, NULL, text);
  snprintf(text, sizeof text,
           "%s; the newest %zu with a finished invocation follow%s in full. Runs of different times "
           "are not compared with each other here: for that there are 'gcbench compare' and 'gcbench report "
           "--base RUN --candidate RUN'.",
           gcb_format_number((double)json_array_size(index), "run").s, n, n == 1 ? "s" : "");
  p->as->paragraph(p, "lead", text);
  list(p, runs, n, index);
  for (size_t i = 0; i < n; i++) {
    snprintf(text, sizeof text, "Part %zu: %s", i + 1, runs[i].name);
    p->as->heading(p, 2, NULL, text);
    gcb_report_section(r, &runs[i]);
  }
  p->as->end(p);
}
