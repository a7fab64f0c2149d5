/* The machine, and the cores that the run was pinned to. */
#include "axis.h"
#include "kinds.h"
#include "units.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CPUS = 1024, ROW = 40 };

typedef struct machine {
  bool used[CPUS], allowed[CPUS], pinned[CPUS];
  size_t place[CPUS]; /* of the cpu, from left to right */
  size_t n;
} machine;

/* The cpus of a list such as "0,2-3". */
static void parse(const char *list, bool *cpus) {
  while (list && *list) {
    char *end;
    unsigned long from = strtoul(list, &end, 10), to = from;
    if (end == list) return;
    if (*end == '-') to = strtoul(end + 1, &end, 10);
    for (; from <= to && from < CPUS; from++) cpus[from] = true;
    list = *end == ',' ? end + 1 : NULL;
  }
}

/* Cpus stand in the order of their cores, since those of one core may be far apart in number. */
static void read_machine(machine *m, const json_t *topology, const json_t *cells) {
  size_t core, i, k, c;
  json_t *pu, *cell, *invocation, *cpu;
  for (core = 0; core < json_array_size(json_object_get(topology, "cores")); core++)
    json_array_foreach(json_object_get(topology, "pus"), i, pu) {
      json_int_t number = json_integer_value(json_object_get(pu, "cpu"));
      if (json_integer_value(json_object_get(pu, "core")) != (json_int_t)core || number < 0 || number >= CPUS)
        continue;
      m->used[number] = true;
      m->allowed[number] = json_is_true(json_object_get(pu, "allowed"));
      m->place[number] = m->n++;
    }
  json_array_foreach(cells, i, cell) json_array_foreach(json_object_get(cell, "invocations"), k, invocation)
      json_array_foreach(json_object_get(invocation, "pinned_cpus"), c, cpu) {
    json_int_t number = json_integer_value(cpu);
    if (number >= 0 && number < CPUS) m->pinned[number] = true;
  }
}

/* A box over the cpus of the list, which need not be neighbours: then it goes from the first to the last. */
static void box(gcb_figure *f, const machine *m, const char *list, double row, double tone,
                const char *name) {
  bool cpus[CPUS] = {false};
  double from = INFINITY, to = -INFINITY;
  char quoted[2 * GCB_PLOT_TEXT_SIZE];
  parse(list, cpus);
  for (size_t i = 0; i < CPUS; i++)
    if (cpus[i] && m->used[i]) from = fmin(from, (double)m->place[i]), to = fmax(to, (double)m->place[i] + 1);
  if (!(from < to)) return;
  GCB_ROW(f, name, from, to, row, tone);
  double points = (to - from) / (double)m->n * 600;
  if (strlen(name) * 7. < points)
    gcb_figure_set(f, "set label %s at first %g, first %g center font small tc rgb %s front",
                   gcb_gnuplot_quote(name, quoted, sizeof quoted), (from + to) / 2, row + .5,
                   tone == 2 ? "'#ffffff'" : "ink");
}

/* A row of boxes of which each has its cpus under `key`. */
static void row_of(gcb_figure *f, const machine *m, const json_t *list, const char *key, double row,
                   const char *word) {
  char name[GCB_PLOT_TEXT_SIZE];
  size_t i;
  json_t *item;
  json_array_foreach(list, i, item) {
    const char *model = json_string_value(json_object_get(item, "model"));
    double bytes = gcb_plot_number(item, "memory_bytes");
    snprintf(name, sizeof name, "%s %zu%s%.100s", word, i, model || isfinite(bytes) ? ": " : "",
             model             ? model
             : isfinite(bytes) ? gcb_format_bytes(bytes).s
                               : "");
    box(f, m, json_string_value(json_object_get(item, key)), row, 0, name);
  }
}

static bool caches_of(gcb_figure *f, const machine *m, const json_t *topology, double level, double row) {
  char name[GCB_PLOT_TEXT_SIZE];
  size_t i, n = 0;
  json_t *cache;
  json_array_foreach(json_object_get(topology, "caches"), i, cache) {
    const char *type = json_string_value(json_object_get(cache, "type"));
    if (gcb_plot_number(cache, "level") != level || (type && strcmp(type, "instruction") == 0)) continue;
    n++;
    if (row < 0) continue;
    snprintf(name, sizeof name, "L%g %s", level, gcb_format_bytes(gcb_plot_number(cache, "bytes")).s);
    box(f, m, json_string_value(json_object_get(cache, "shared_by")), row, 0, name);
  }
  return n > 0;
}

static void draw(gcb_figure *f, const machine *m, const json_t *topology) {
  double row = 0, level;
  char name[32], list[32];
  gcb_figure_columns(f, "name from to row tone");
  gcb_figure_block(f);
  for (size_t i = 0; i < CPUS; i++) {
    if (!m->used[i]) continue;
    snprintf(name, sizeof name, m->n > 24 ? "%zu" : "cpu %zu", i);
    snprintf(list, sizeof list, "%zu", i);
    box(f, m, list, row, m->pinned[i] ? 2 : m->allowed[i] ? 1 : 3, name);
  }
  row_of(f, m, json_object_get(topology, "cores"), "cpus", ++row, "core");
  for (level = 1; level <= 4; level++)
    if (caches_of(f, m, topology, level, -1)) caches_of(f, m, topology, level, ++row);
  row_of(f, m, json_object_get(topology, "numa"), "cpus", ++row, "NUMA node");
  row_of(f, m, json_object_get(topology, "packages"), "cpus", ++row, "package");
  gcb_figure_number(f, "rows", row + 1);
  gcb_figure_number(f, "cpus", (double)m->n);
  f->left = f->right = 3;
  f->bottom -= 34; /* no axis */
  f->height = f->top + f->bottom + (unsigned)(row + 1) * ROW;
}

static bool emit(gcb_figure *f, const gcb_plot_cells *cells) {
  const json_t *topology = json_object_get(json_object_get(cells->document, "context"), "topology");
  machine *m = calloc(1, sizeof *m);
  if (!m) return false;
  read_machine(m, topology, json_object_get(cells->document, "cells"));
  bool shows = m->n > 0;
  if (shows) draw(f, m, topology);
  gcb_figure_title(
      f, "the machine: cpus that mutators were pinned to are dark, others that could be used are light");
  free(m);
  return shows;
}

const gcb_kind gcb_kind_topology = {
    .public = {.name = "topology",
               .shows = "the machine's cores, caches and memory, and where the run was pinned",
               .needs = "a run whose context has a topology: any of 'gcbench run --json FILE'",
               .usual = true},
    .scope = GCB_OF_ALL,
    .emit = emit,
};
