/* The machine, and the cores that the run was pinned to. */
#include "plots/figure/axis.h"
#include "plots/kinds/kinds.h"
#include "results/model/members.h"
#include "results/model/units.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CPUS = 1024, ROW = 40 };
/* A row's name in the margin, a cpu's width in points as long as the figure is not too wide, the columns of a
 * terminal, a letter in points, and how many of them stand upright in a row. */
enum { MARGIN = 14, CPU_WIDTH = 12, WIDEST = 1600, TERMINAL = 79, LETTER = 7, UPRIGHT = 4 };

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

/* How many characters fit over that many cpus: of a picture, of a terminal of letters. */
static double room_of(const gcb_figure *f, const machine *m, double cpus, bool plain) {
  double total = plain ? TERMINAL : f->width / (double)LETTER;
  return cpus / (double)m->n * (total - f->left - f->right) - .5;
}

/* The first that fits of three ever shorter names, which may be NULL. */
static const char *fitting(const char *const *names, double room) {
  for (size_t i = 0; i < 3; i++)
    if (names[i] && (double)strlen(names[i]) <= room) return names[i];
  return "";
}

/* A box over the cpus of the list, which need not be neighbours: then it goes from the first to the last.
 * Returns whether it has a name. */
static bool box(gcb_figure *f, const machine *m, const char *list, double row, double tone,
                const char *const *names) {
  bool cpus[CPUS] = {false}, upright = false;
  double from = INFINITY, to = -INFINITY;
  char quoted[2 * GCB_PLOT_TEXT_SIZE], letters[2 * GCB_PLOT_TEXT_SIZE];
  parse(list, cpus);
  for (size_t i = 0; i < CPUS; i++)
    if (cpus[i] && m->used[i]) from = fmin(from, (double)m->place[i]), to = fmax(to, (double)m->place[i] + 1);
  if (!(from < to)) return false;
  GCB_ROW(f, names[0], from, to, row, tone);
  double room = room_of(f, m, to - from, false);
  const char *name = fitting(names, room), *brief = fitting(names, room_of(f, m, to - from, true));
  if (!*name && room >= .8) name = fitting(names, UPRIGHT), upright = *name;
  if (!*name && !*brief) return false;
  gcb_figure_set(f, "set label (plain ? %s : %s) at first %g, first %g center font small tc rgb %s front%s",
                 gcb_gnuplot_quote(brief, letters, sizeof letters),
                 gcb_gnuplot_quote(name, quoted, sizeof quoted), (from + to) / 2, row + .5,
                 tone == 2 ? "'#ffffff'" : "ink", upright ? " rotate" : "");
  return *name;
}

/* A row of boxes of which each has its cpus under `key`. */
static void row_of(gcb_figure *f, const machine *m, const json_t *list, const char *key, double row,
                   const char *word) {
  char name[GCB_PLOT_TEXT_SIZE], brief[64], number[32];
  size_t i;
  json_t *item;
  gcb_figure_row_name(f, row + .5, word);
  json_array_foreach(list, i, item) {
    const char *model = json_string_value(json_object_get(item, "model"));
    double bytes = gcb_number(item, "memory_bytes");
    snprintf(name, sizeof name, "%s %zu%s%.100s", word, i, model || isfinite(bytes) ? ": " : "",
             model             ? model
             : isfinite(bytes) ? gcb_format_bytes(bytes).s
                               : "");
    snprintf(brief, sizeof brief, "%s %zu", word, i);
    snprintf(number, sizeof number, "%zu", i);
    box(f, m, json_string_value(json_object_get(item, key)), row, 0,
        (const char *const[]){name, brief, number});
  }
}

/* The caches of a level; their size stands beside the row when it has no room in one. False: there are none.
 */
static bool caches_of(gcb_figure *f, const machine *m, const json_t *topology, double level, double row) {
  char name[GCB_PLOT_TEXT_SIZE], word[16];
  size_t i;
  json_t *cache;
  double least = INFINITY, most = 0;
  bool named = true;
  snprintf(word, sizeof word, "L%g", level);
  json_array_foreach(json_object_get(topology, "caches"), i, cache) {
    const char *type = json_string_value(json_object_get(cache, "type"));
    double bytes = gcb_number(cache, "bytes");
    if (gcb_number(cache, "level") != level || (type && strcmp(type, "instruction") == 0)) continue;
    snprintf(name, sizeof name, "%s %s", word, gcb_format_bytes(bytes).s);
    bool has = box(f, m, json_string_value(json_object_get(cache, "shared_by")), row, 0,
                   (const char *const[]){name, gcb_format_bytes(bytes).s, NULL});
    named = named && has;
    least = fmin(least, bytes);
    most = fmax(most, bytes);
  }
  if (!(most > 0)) return false;
  if (named)
    snprintf(name, sizeof name, "%s", word);
  else
    snprintf(name, sizeof name, "%s %s%s%s", word, gcb_format_bytes(least).s, least < most ? " to " : "",
             least < most ? gcb_format_bytes(most).s : "");
  gcb_figure_row_name(f, row + .5, name);
  return true;
}

static void draw(gcb_figure *f, const machine *m, const json_t *topology) {
  double row = 0, level;
  char name[32], list[32];
  f->left = MARGIN;
  f->right = 3;
  unsigned width = (f->left + f->right) * LETTER + (unsigned)m->n * CPU_WIDTH;
  if (f->width < width) f->width = width < WIDEST ? width : WIDEST;
  gcb_figure_rows(f, 1); /* their names; the height follows */
  gcb_figure_columns(f, "name from to row tone");
  gcb_figure_block(f);
  gcb_figure_row_name(f, .5, "cpu");
  bool roomy = room_of(f, m, 1, false) >= (double)strlen("cpu 00"); /* for all, or for none */
  for (size_t i = 0; i < CPUS; i++) {
    if (!m->used[i]) continue;
    snprintf(name, sizeof name, roomy ? "cpu %zu" : "%zu", i);
    snprintf(list, sizeof list, "%zu", i);
    box(f, m, list, row, m->pinned[i] ? 2 : m->allowed[i] ? 1 : 3, (const char *const[]){name, list, NULL});
  }
  row_of(f, m, json_object_get(topology, "cores"), "cpus", ++row, "core");
  for (level = 1; level <= 4; level++) row += caches_of(f, m, topology, level, row + 1);
  row_of(f, m, json_object_get(topology, "numa"), "cpus", ++row, "NUMA node");
  row_of(f, m, json_object_get(topology, "packages"), "cpus", ++row, "package");
  gcb_figure_number(f, "rows", row + 1);
  gcb_figure_number(f, "cpus", (double)m->n);
  f->top += 18;    /* the key */
  f->bottom -= 34; /* no axis */
  f->height = f->top + f->bottom + (unsigned)(row + 1) * ROW;
}

/* The cpus that were pinned to, as a list: "0,2-3". */
static const char *pinned_of(const machine *m, char *text, size_t size) {
  size_t n = 0;
  *text = 0;
  for (size_t i = 0; i < CPUS && n < size; i++) {
    size_t last = i;
    if (!m->pinned[i]) continue;
    while (last + 1 < CPUS && m->pinned[last + 1]) last++;
    n += (size_t)snprintf(text + n, size - n, last > i ? "%s%zu-%zu" : "%s%zu", n ? "," : "", i, last);
    i = last;
  }
  if (n >= size) memcpy(text + size - 4, "...", 4);
  return text;
}

static bool emit(gcb_figure *f, const gcb_plot_cells *cells) {
  const json_t *topology = json_object_get(json_object_get(cells->document, "context"), "topology");
  machine *m = calloc(1, sizeof *m);
  char list[48];
  if (!m) return false;
  read_machine(m, topology, json_object_get(cells->document, "cells"));
  bool shows = m->n > 0;
  if (shows) draw(f, m, topology);
  if (*pinned_of(m, list, sizeof list))
    gcb_figure_title(f, "the machine; mutators were pinned to %s %s", strpbrk(list, "-,") ? "cpus" : "cpu",
                     list);
  else
    gcb_figure_title(f, "the machine; mutators were not pinned");
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
