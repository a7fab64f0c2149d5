#include "commands/plan_print.h"
#include "results/model/members.h"
#include "results/model/units.h"
#include "results/text/columns.h"
#include "results/text/row.h"
#include <stdlib.h>

/* Rough figures of this suite's collectors on a machine of today: to start a process, and to allocate. */
static const double START_SECONDS = .1, BYTES_PER_SECOND = 1.5e9, SECONDS_UNKNOWN = .3;

/* Of one invocation: the counted iteration takes about as long as two others. */
static double seconds_of(const gcb_group *g, const gcb_request *r) {
  double iteration = g->allocated > 0 ? g->allocated / BYTES_PER_SECOND : SECONDS_UNKNOWN;
  return START_SECONDS + iteration * (double)(2 + r->warmups + r->iterations);
}

json_t *gcb_plan_document(gcb_plan *p, const gcb_request *r, uint64_t kinds) {
  json_t *cells = json_array(), *order = json_array();
  size_t *turn = calloc(p->n_cells + 1, sizeof *turn);
  double seconds = 0;
  for (size_t i = 0; i < p->n_cells; i++) {
    static const char *const members[] = {"workload", "params",          "collector",  "options",
                                          "mutators", "peak_live_bytes", "heap_bytes", "heap_factor",
                                          "bounded",  "status",          "reason"};
    const gcb_cell *cell = &p->cells[i];
    json_t *one = json_object();
    for (size_t k = 0; k < sizeof members / sizeof *members; k++)
      json_object_set(one, members[k], json_object_get(cell->result, members[k]));
    json_object_set_new(one, "invocations",
                        json_integer(cell->spec ? (json_int_t)(kinds * r->invocations) : 0));
    json_array_append_new(cells, one);
  }
  for (uint64_t n = 0; turn && n < kinds * r->invocations; n++) {
    gcb_plan_shuffle(p, turn);
    for (size_t i = 0; i < p->n_cells; i++) {
      const gcb_cell *cell = &p->cells[turn[i]];
      if (!cell->spec) continue;
      json_array_append_new(order, json_integer((json_int_t)turn[i]));
      seconds += seconds_of(&p->groups[cell->group], r);
    }
  }
  free(turn);
  return json_pack("{s:s, s:I, s:f, s:o, s:o}", "schema", "gcbench.plan/1", "seed", (json_int_t)r->seed,
                   "estimate_s", seconds, "cells", cells, "order", order);
}

/* One table: the cells from .. to - 1, which are of one workload and parameter set. */
static void table(const json_t *cells, size_t from, size_t to, FILE *out) {
  static const char *const heads[] = {"collector", "live data", "heap", "", "invocations", ""};
  const json_t *first = json_array_get(cells, from), *word;
  const char *key;
  gcb_columns t;
  fprintf(out, "%s ", gcb_string(first, "workload"));
  json_object_foreach(json_object_get(first, "params"), key, word)
      fprintf(out, " %s=%s", key, json_string_value(word));
  fputc('\n', out);
  gcb_columns_begin(&t, heads, sizeof heads / sizeof *heads, 1u << 0 | 1u << 5);
  for (size_t i = from; i < to; i++) {
    const json_t *cell = json_array_get(cells, i);
    char name[GCB_COLUMN_TEXT];
    int n = snprintf(name, sizeof name, "%s", gcb_string(cell, "collector"));
    json_object_foreach(json_object_get(cell, "options"), key, word) if (n > 0 && (size_t)n < sizeof name)
        n += snprintf(name + n, sizeof name - (size_t)n, " %s=%s", key, json_string_value(word));
    gcb_columns_row(&t);
    gcb_columns_put(&t, 0, "%s", name);
    gcb_columns_put(&t, 1, "%s", gcb_format_bytes(gcb_number(cell, "peak_live_bytes")).s);
    gcb_columns_put(&t, 2, "%s", gcb_format_bytes(gcb_number(cell, "heap_bytes")).s);
    gcb_columns_put(&t, 3, "%.3gx", gcb_number(cell, "heap_factor"));
    gcb_columns_put(&t, 4, "%.0f", gcb_number(cell, "invocations"));
    if (gcb_number(cell, "invocations") > 0)
      gcb_columns_put(&t, 5, "%s", json_is_false(json_object_get(cell, "bounded")) ? "unbounded" : "");
    else
      gcb_columns_put(&t, 5, "%s: %s", gcb_string(cell, "status"), gcb_string(cell, "reason"));
  }
  gcb_columns_end(&t, "  ", out);
}

void gcb_plan_print(const json_t *document, FILE *out) {
  const json_t *cells = json_object_get(document, "cells");
  size_t n = json_array_size(cells);
  for (size_t from = 0, to; from < n; from = to) {
    for (to = from + 1; to < n; to++)
      if (!gcb_row_same_table(json_array_get(cells, from), json_array_get(cells, to))) break;
    table(cells, from, to, out);
  }
  size_t invocations = json_array_size(json_object_get(document, "order"));
  fprintf(out, "%s, %s, seed %.0f: about %s, at %.1f GB allocated in a second\n",
          gcb_format_number((double)n, "cell").s, gcb_format_number((double)invocations, "invocation").s,
          gcb_number(document, "seed"),
          gcb_format_left((uint64_t)(gcb_number(document, "estimate_s") * 1e9)).s, BYTES_PER_SECOND / 1e9);
}
