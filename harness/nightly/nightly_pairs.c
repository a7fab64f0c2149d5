#include "nightly/nightly.h"
#include "results/model/cell.h"
#include "results/model/hash.h"
#include "results/model/members.h"
#include "results/model/units.h"
#include "results/store/history.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A cell like the plan's, to be measured by itself. */
static gcb_cell fresh(const gcb_cell *from, const char *module, const char *suffix) {
  gcb_cell cell = *from;
  char name[400];
  cell.result = json_deep_copy(from->result);
  cell.spec = json_deep_copy(from->spec);
  cell.over = false;
  cell.runs = 0;
  if (!module) return cell;
  json_object_set_new(cell.spec, "collector", json_string(module));
  snprintf(name, sizeof name, "%s@%s", from->collector->name, suffix);
  json_object_set_new(cell.result, "collector", json_string(name));
  return cell;
}

static bool push(gcb_night_plan *n, size_t from, const char *leg, const char *baseline, char *module) {
  gcb_night_pair *grown = realloc(n->pairs, (n->n_pairs + 1) * sizeof *grown);
  const gcb_cell *cell = &n->session.plan.cells[from];
  if (!grown) {
    free(module);
    return false;
  }
  n->pairs = grown;
  bool canary = from == n->canary;
  n->pairs[n->n_pairs++] = (gcb_night_pair){.a = fresh(cell, module, canary ? "canary" : baseline),
                                            .b = fresh(cell, canary ? module : NULL, "canary"),
                                            .from = from,
                                            .leg = leg,
                                            .baseline = baseline,
                                            .module = module};
  return true;
}

/* The module of a baseline, if it is there and can be loaded; the caller frees. */
static char *baseline_module(gcb_night_plan *n, const gcb_cell *cell, const char *baseline) {
  char why[700];
  char *file = gcb_baseline_file(n, baseline, cell->collector->file);
  if (file && access(file, R_OK) == 0 && gcb_catalog_collector(&n->session.catalog, file, why, sizeof why))
    return file;
  free(file);
  return NULL;
}

/* Against each baseline that there is, or else against itself. */
static bool push_cell(gcb_night_plan *n, size_t i) {
  bool any = false;
  for (size_t k = 0; k < n->suite.baselines.n; k++) {
    const char *baseline = n->suite.baselines.items[k];
    char *module = baseline_module(n, &n->session.plan.cells[i], baseline);
    if (module && !push(n, i, "gate", baseline, module)) return false;
    any |= module != NULL;
  }
  return any || push(n, i, "first", NULL, NULL);
}

static bool has_baseline(gcb_night_plan *n, size_t i) {
  for (size_t k = 0; k < n->suite.baselines.n; k++) {
    char *module = baseline_module(n, &n->session.plan.cells[i], n->suite.baselines.items[k]);
    free(module);
    if (module) return true;
  }
  return false;
}

/* Number `turn` of the chosen cells. */
static size_t chosen_at(const gcb_night_plan *n, size_t turn) {
  size_t i = 0;
  for (turn %= n->n_chosen;; i++)
    if (n->chosen[i] && turn-- == 0) return i;
}

/* Cells in which history suspects a step: what only an interleaved comparison can decide. */
static void find_suspects(gcb_night_plan *n, bool *suspect) {
  char why[4500], text[700], heap[40];
  gcb_history_filter f = {.since = "180d", .machine = n->machine};
  struct gcb_store *store = gcb_store_open(n->folder, GCB_STORE_READ, why, sizeof why);
  struct gcb_history *h = store ? gcb_history_load(store, &f, why, sizeof why) : NULL;
  for (size_t i = 0; h && i < h->n_series; i++) {
    const gcb_series *s = &h->series[i];
    char *key = NULL;
    bool any = false;
    for (size_t k = 0; k < s->n_steps; k++) any |= s->steps[k].verdict == GCB_STEP_SUSPECT;
    if (!any) continue;
    key = gcb_cell_key(s->cell, false);
    for (size_t k = 0; key && k < n->session.plan.n_cells; k++) {
      char *own = gcb_cell_key(n->session.plan.cells[k].result, false);
      if (n->chosen[k] && own && strcmp(own, key) == 0) {
        suspect[k] = true;
        gcb_note(n->suspects, "%s of %s at %s on %s", s->metric->name,
                 gcb_cell_workload(s->cell, text, sizeof text),
                 gcb_cell_heap(n->session.plan.cells[k].result, heap, sizeof heap),
                 n->session.plan.cells[k].collector->name);
      }
      free(own);
    }
    free(key);
  }
  gcb_history_free(h);
  gcb_store_close(store);
}

static bool push_canary(gcb_night_plan *n) {
  const gcb_plan *p = &n->session.plan;
  uint64_t digest = 0;
  char hex[17];
  if (n->canary >= p->n_cells || !p->cells[n->canary].spec) return true;
  const gcb_cell *cell = &p->cells[n->canary];
  char *module = gcb_baseline_file(n, "canary", cell->collector->file);
  if (!module || (!gcb_digest_file(module, &digest) && !n->dry_run)) {
    free(module);
    return false;
  }
  gcb_digest_hex(digest, hex);
  n->frozen = json_pack("{s:s, s:s, s:O, s:s}", "workload", p->groups[cell->group].workload->name,
                        "collector", cell->collector->name, "heap_bytes",
                        json_object_get(cell->result, "heap_bytes"), "digest", hex);
  return push(n, n->canary, "canary", NULL, module);
}

bool gcb_nightly_pair(gcb_night_plan *n) {
  bool *suspect = calloc(n->session.plan.n_cells + 1, sizeof *suspect);
  bool good = suspect && push_canary(n);
  if (good) find_suspects(n, suspect);
  for (size_t i = 0, turn = n->nights * n->suite.aa_cells; good && i < n->suite.aa_cells && i < n->n_chosen;
       i++) {
    size_t cell = chosen_at(n, turn + i);
    if (has_baseline(n, cell)) good = push(n, cell, "a-a", NULL, NULL);
  }
  for (int pass = 0; pass < 2; pass++)
    for (size_t i = 0; good && i < n->n_chosen; i++) {
      size_t cell = chosen_at(n, n->rotation + i);
      if (suspect[cell] == (pass == 0)) good = push_cell(n, cell);
    }
  free(suspect);
  return good;
}

const char *gcb_night_pair_text(const gcb_night_plan *n, const gcb_night_pair *p, char *text, size_t size) {
  char heap[40], collector[300];
  const gcb_cell *cell = &n->session.plan.cells[p->from];
  snprintf(
      text, size, "%s at %s on %s, %s, against %s", n->session.plan.groups[cell->group].workload->name,
      gcb_cell_heap(cell->result, heap, sizeof heap),
      gcb_cell_collector(cell->result, collector, sizeof collector),
      gcb_format_number((double)json_integer_value(json_object_get(cell->result, "mutators")), "mutator").s,
      p->baseline ? p->baseline : "itself");
  return text;
}
