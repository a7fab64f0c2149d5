#include "results/analysis/grid.h"
#include "results/model/cell.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const json_t *gcb_grid_at(const gcb_grid *g, size_t experiment, size_t contender) {
  return g->cells[experiment * g->n_contenders + contender];
}

/* Of a run that was made in pairs, both sides may have the same collector. */
static const char *name_of(const json_t *cell, char *name, size_t size) {
  const char *side = json_string_value(json_object_get(cell, "side"));
  gcb_cell_collector(cell, name, size);
  size_t n = strlen(name);
  if (side) snprintf(name + n, size - n, " (%c)", toupper((unsigned char)*side));
  return name;
}

/* Where `key` stands among the experiments, or where it is to be put. */
static size_t experiment_of(const gcb_grid *g, const char *key) {
  size_t e = 0;
  while (e < g->n_experiments && strcmp(g->experiments[e].key, key) != 0) e++;
  return e;
}

static size_t contender_of(const gcb_grid *g, const char *name) {
  size_t c = 0;
  while (c < g->n_contenders && strcmp(g->contenders[c].name, name) != 0) c++;
  return c;
}

/* The settings in which cells of one workload differ, as " key=value ..." after its name: what all of them
 * share would only make the label longer. */
static char *label(const json_t *cells, const json_t *cell) {
  static const char *const threads[] = {"mutators", "workers"};
  const json_t *params = json_object_get(cell, "params"), *name = json_object_get(cell, "workload");
  char text[400];
  const char *key;
  json_t *value, *other;
  size_t i;
  snprintf(text, sizeof text, "%s", json_string_value(name) ? json_string_value(name) : "?");
  json_object_foreach((json_t *)params, key, value) {
    bool differs = false;
    json_array_foreach(cells, i, other) if (json_equal(json_object_get(other, "workload"), name)) differs |=
        !json_equal(json_object_get(json_object_get(other, "params"), key), value);
    size_t n = strlen(text);
    if (differs && json_is_string(value))
      snprintf(text + n, sizeof text - n, " %s=%s", key, json_string_value(value));
  }
  for (size_t k = 0; k < sizeof threads / sizeof *threads; k++) {
    bool differs = false;
    value = json_object_get(cell, threads[k]);
    json_array_foreach(cells, i, other) if (json_equal(json_object_get(other, "workload"), name)) differs |=
        !json_equal(json_object_get(other, threads[k]), value);
    size_t n = strlen(text);
    if (differs)
      snprintf(text + n, sizeof text - n, " %s=%" JSON_INTEGER_FORMAT, threads[k], json_integer_value(value));
  }
  return strdup(text);
}

static bool add_experiment(gcb_grid *g, const json_t *cells, const json_t *cell, char *key) {
  char heap[32];
  gcb_experiment *e = &g->experiments[g->n_experiments];
  *e = (gcb_experiment){key, label(cells, cell), strdup(gcb_cell_heap(cell, heap, sizeof heap))};
  g->n_experiments++;
  return key && e->workload && e->heap;
}

static bool add_contender(gcb_grid *g, const json_t *cell, const char *name) {
  gcb_contender *c = &g->contenders[g->n_contenders];
  *c = (gcb_contender){strdup(name), !json_is_false(json_object_get(cell, "reclaims")), false};
  g->n_contenders++;
  return c->name != NULL;
}

/* Experiments and contenders, with room for as many as there are cells. */
static bool list_axes(gcb_grid *g, const json_t *cells) {
  size_t i, n = json_array_size(cells);
  json_t *cell;
  g->experiments = calloc(n + 1, sizeof *g->experiments);
  g->contenders = calloc(n + 1, sizeof *g->contenders);
  if (!g->experiments || !g->contenders) return false;
  json_array_foreach(cells, i, cell) {
    char name[300], *key = gcb_cell_key(cell, true);
    if (!key) return false;
    if (experiment_of(g, key) < g->n_experiments)
      free(key);
    else if (!add_experiment(g, cells, cell, key))
      return false;
    name_of(cell, name, sizeof name);
    size_t c = contender_of(g, name);
    if (c == g->n_contenders && !add_contender(g, cell, name)) return false;
    g->contenders[c].unbounded |= json_is_false(json_object_get(cell, "bounded"));
  }
  return true;
}

static void count_workloads(gcb_grid *g) {
  g->one_heap = true;
  for (size_t e = 0; e < g->n_experiments; e++) {
    size_t before = 0;
    while (before < e && strcmp(g->experiments[before].workload, g->experiments[e].workload) != 0) before++;
    if (before == e)
      g->n_workloads++;
    else
      g->one_heap = false;
  }
}

bool gcb_grid_make(gcb_grid *g, const json_t *run) {
  const json_t *cells = json_object_get(run, "cells");
  size_t i;
  json_t *cell;
  *g = (gcb_grid){0};
  if (!list_axes(g, cells)) return false;
  count_workloads(g);
  g->cells = calloc(g->n_experiments * g->n_contenders + 1, sizeof *g->cells);
  if (!g->cells) return false;
  json_array_foreach(cells, i, cell) {
    char name[300], *key = gcb_cell_key(cell, true);
    if (!key) return false;
    name_of(cell, name, sizeof name);
    g->cells[experiment_of(g, key) * g->n_contenders + contender_of(g, name)] = cell;
    free(key);
  }
  return true;
}

void gcb_grid_free(gcb_grid *g) {
  for (size_t e = 0; e < g->n_experiments; e++) {
    free(g->experiments[e].key);
    free(g->experiments[e].workload);
    free(g->experiments[e].heap);
  }
  for (size_t c = 0; c < g->n_contenders; c++) free(g->contenders[c].name);
  free(g->experiments);
  free(g->contenders);
  free(g->cells);
  *g = (gcb_grid){0};
}
