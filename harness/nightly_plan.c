#include "cell.h"
#include "digest.h"
#include "history.h"
#include "nightly.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void note(json_t *list, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void note(json_t *list, const char *format, ...) {
  char text[1200];
  size_t i;
  json_t *one;
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  json_array_foreach(list, i, one) if (strcmp(json_string_value(one), text) == 0) return;
  json_array_append_new(list, json_string(text));
}

/* ---- collectors of the suite ---- */

static bool is_file(const char *word) {
  char base[PATH_MAX];
  snprintf(base, sizeof base, "%.*s", (int)strcspn(word, " "), word);
  size_t n = strlen(base);
  return strchr(base, '/') || (n > 3 && strcmp(base + n - 3, ".so") == 0);
}

/* Why one of ours cannot run; NULL when there is no such collector, or when it can. */
static const char *known_fault(const gcb_catalog *c, const char *word) {
  size_t n = strcspn(word, " +");
  for (size_t i = 0; i < c->n_collectors; i++)
    if (strlen(c->collectors[i].name) == n && strncmp(c->collectors[i].name, word, n) == 0)
      return c->collectors[i].why;
  return NULL;
}

/* Keep those that can run. One that cannot is told and costs only its own cells; a word that is no collector
 * is a fault of the suite. */
static bool sort_out(gcb_night_plan *n, gcb_suite_cells *e, const char *path, char *why, size_t why_size) {
  char detail[700];
  size_t good = 0;
  for (size_t i = 0; i < e->collectors.n; i++) {
    const char *word = e->collectors.items[i];
    if (gcb_catalog_collector(&n->session.catalog, word, detail, sizeof detail)) {
      e->collectors.items[good++] = word;
      continue;
    }
    const char *fault = known_fault(&n->session.catalog, word);
    if (fault && strncmp(fault, "unsupported", 11) == 0) {
      note(n->notes, "%s is left out: %s", word, fault);
    } else if (fault || is_file(word)) {
      json_array_append_new(n->broken, json_pack("{s:s, s:s}", "collector", word, "why", detail));
    } else {
      snprintf(why, why_size, "%s:%d: collectors: %s: %s", path, e->line, word, detail);
      return false;
    }
  }
  e->collectors.n = good;
  return true;
}

/* Two files of one name would have one baseline. */
static bool own_names(const gcb_night_plan *n, char *why, size_t why_size) {
  const gcb_plan *p = &n->session.plan;
  for (size_t i = 0; i < p->n_cells; i++)
    for (size_t k = 0; k < i; k++) {
      const char *a = p->cells[i].collector->file, *b = p->cells[k].collector->file;
      if (strcmp(a, b) == 0 || strcmp(strrchr(a, '/'), strrchr(b, '/')) != 0) continue;
      snprintf(why, why_size,
               "%s and %s have the same name: their baselines would be one; rename one of them", b, a);
      return false;
    }
  return true;
}

/* Is the frozen collector there, or can it be made? Its word is then its file. */
static char *frozen_module(gcb_night_plan *n, const char *word, char *why, size_t why_size) {
  gcb_catalog *c = &n->session.catalog;
  const gcb_entry *e = gcb_catalog_collector(c, word, why, why_size);
  char *file = e ? gcb_baseline_file(n, "canary", e->file) : NULL, *own = e ? strdup(e->file) : NULL;
  bool good = file && own;
  if (good && access(file, R_OK) != 0) {
    good = gcb_copy_file(own, file, why, why_size);
    if (good) note(n->notes, "%s of tonight is frozen as the canary", word);
  } else if (good && !gcb_catalog_collector(c, file, why, why_size)) {
    note(n->notes,
         "the canary cannot be loaded any more (%s): tonight has none, and it is frozen again for the next",
         why);
    gcb_copy_file(own, file, why, why_size);
    good = false;
    why[0] = 0;
  }
  free(own);
  if (good) return file;
  free(file);
  return NULL;
}

/* ---- the plan ---- */

/* A key of the suite for an option of the command line: what was wrong there. */
static const char *key_of(const char *option) {
  static const char *const pairs[][2] = {{"--workload", "workloads"},
                                         {"--collector", "collectors"},
                                         {"--param", "params"},
                                         {"--option", "options"}};
  for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
    if (strcmp(pairs[i][0], option) == 0) return pairs[i][1];
  return option;
}

static bool add(gcb_night_plan *n, const gcb_request *r, const char *path, int line, char *why,
                size_t why_size) {
  gcb_wrong_word wrong;
  if (gcb_plan_add(&n->session.plan, &n->session.catalog, r, &wrong)) return true;
  snprintf(why, why_size, "%s:%d: %s: %s: %s", path, line, key_of(wrong.option), wrong.word, wrong.why);
  return false;
}

static gcb_request request_of(const gcb_suite *s) {
  return (gcb_request){.invocations = 1,
                       .iterations = s->iterations,
                       .warmups = s->warmups,
                       .workers = s->workers,
                       .mutators = 1,
                       .seed = s->seed,
                       .timeout_ns = s->timeout_ns,
                       .pin = "auto"};
}

static bool add_entries(gcb_night_plan *n, const char *path, char *why, size_t why_size) {
  for (size_t i = 0; i < n->suite.n_cells; i++) {
    const gcb_suite_cells *e = &n->suite.cells[i];
    gcb_request r = request_of(&n->suite);
    r.workloads = e->workloads;
    r.collectors = e->collectors;
    r.heaps = e->heaps;
    r.params = e->params;
    r.options = e->options;
    for (size_t k = 0; k < e->n_mutators && e->collectors.n; k++) {
      r.mutators = e->mutators[k];
      if (!add(n, &r, path, e->line, why, why_size)) return false;
    }
  }
  return true;
}

static bool add_canary(gcb_night_plan *n, const char *path, char *why, size_t why_size) {
  const struct gcb_strings *words = &n->suite.canary;
  struct gcb_heap_size heap;
  if (!words->n) return true;
  gcb_request r = request_of(&n->suite);
  r.workloads = (struct gcb_strings){words->items, 1};
  r.collectors = (struct gcb_strings){words->items + 1, 1};
  r.heaps = (struct gcb_heap_sizes){&heap, 1};
  if (gcb_parse_heap_size(words->items[2], &heap) != GCB_UNITS_OK) {
    snprintf(why, why_size, "%s:%d: canary: %s: expected a heap such as 3x or 64M", path,
             n->suite.canary_line, words->items[2]);
    return false;
  }
  size_t cell = n->session.plan.n_cells;
  if (!add(n, &r, path, n->suite.canary_line, why, why_size)) return false;
  n->canary = cell;
  return true;
}

static bool matches(const gcb_night_plan *n, const gcb_cell *cell, const char *word) {
  return strcmp(n->session.plan.groups[cell->group].workload->name, word) == 0 ||
         strcmp(cell->collector->name, word) == 0;
}

/* Words for workloads and words for collectors narrow it down together. */
static bool wanted(const gcb_night_plan *n, const gcb_cell *cell, const struct gcb_strings *only) {
  bool workload = false, asked_workload = false, collector = false, asked_collector = false;
  for (size_t i = 0; i < only->n; i++) {
    const gcb_plan *p = &n->session.plan;
    bool names_workload = false;
    for (size_t g = 0; g < p->n_groups; g++)
      names_workload |= strcmp(p->groups[g].workload->name, only->items[i]) == 0;
    bool match = matches(n, cell, only->items[i]);
    asked_workload |= names_workload;
    asked_collector |= !names_workload;
    if (names_workload)
      workload |= match;
    else
      collector |= match;
  }
  return (workload || !asked_workload) && (collector || !asked_collector);
}

static bool choose(gcb_night_plan *n, const struct gcb_strings *only) {
  const gcb_plan *p = &n->session.plan;
  char **keys = calloc(p->n_cells + 1, sizeof *keys);
  n->chosen = calloc(p->n_cells + 1, sizeof *n->chosen);
  if (!keys || !n->chosen) {
    free(keys);
    return false;
  }
  for (size_t i = 0; i < p->n_cells; i++) {
    char text[700];
    bool twice = false;
    keys[i] = gcb_cell_key(p->cells[i].result, false);
    for (size_t k = 0; k < i && keys[i]; k++)
      twice |= n->chosen[k] && keys[k] && strcmp(keys[i], keys[k]) == 0;
    n->chosen[i] = i != n->canary && !twice && wanted(n, &p->cells[i], only);
    if (n->chosen[i] && !p->cells[i].spec) {
      const char *reason = json_string_value(json_object_get(p->cells[i].result, "reason"));
      note(n->notes, "%s on %s is left out: %s", gcb_cell_workload(p->cells[i].result, text, sizeof text),
           p->cells[i].collector->name, reason ? reason : "unsupported");
      n->chosen[i] = false;
    }
    n->n_chosen += n->chosen[i];
  }
  for (size_t i = 0; i < p->n_cells; i++) free(keys[i]);
  free(keys);
  return true;
}

bool gcb_nightly_plan(gcb_night_plan *n, const char *path, const struct gcb_strings *only, char *why,
                      size_t why_size) {
  n->canary = SIZE_MAX;
  for (size_t i = 0; i < n->suite.n_cells; i++) {
    gcb_session_expand(&n->session, &n->suite.cells[i].workloads, &n->suite.cells[i].collectors);
    if (!sort_out(n, &n->suite.cells[i], path, why, why_size)) return false;
  }
  /* Every module is looked at before the plan is made: its entries must not move after that. */
  if (n->suite.canary.n) {
    why[0] = 0;
    char *frozen = frozen_module(n, n->suite.canary.items[1], why, why_size);
    if (!frozen && why[0]) {
      char detail[700];
      snprintf(detail, sizeof detail, "%.690s", why);
      snprintf(why, why_size, "%s:%d: canary: %s: %s", path, n->suite.canary_line, n->suite.canary.items[1],
               detail);
      return false;
    }
    if (!frozen) n->suite.canary.n = 0;
    free(frozen);
  }
  for (size_t i = 0; i < n->suite.baselines.n; i++) {
    size_t count = n->session.catalog.n_collectors;
    for (size_t k = 0; k < count; k++) {
      const gcb_entry *e = &n->session.catalog.collectors[k];
      char detail[700], name[300];
      char *file = e->about ? gcb_baseline_file(n, n->suite.baselines.items[i], e->file) : NULL;
      snprintf(name, sizeof name, "%s", e->name);
      if (file && access(file, R_OK) == 0 &&
          !gcb_catalog_collector(&n->session.catalog, file, detail, sizeof detail))
        note(n->notes, "%s of '%s' cannot be loaded any more: %s", name, n->suite.baselines.items[i], detail);
      free(file);
    }
  }
  return add_entries(n, path, why, why_size) && add_canary(n, path, why, why_size) &&
         own_names(n, why, why_size) && choose(n, only);
}

/* ---- pairs ---- */

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
  gcb_history_filter f = {.since = "180d"};
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
        note(n->suspects, "%s of %s at %s on %s", s->metric->name,
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
  uint64_t digest;
  char hex[17];
  if (n->canary >= p->n_cells || !p->cells[n->canary].spec) return true;
  const gcb_cell *cell = &p->cells[n->canary];
  char *module = gcb_baseline_file(n, "canary", cell->collector->file);
  if (!module || !gcb_digest_file(module, &digest)) {
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
  snprintf(text, size, "%s at %s on %s, %lld mutator%s, against %s",
           n->session.plan.groups[cell->group].workload->name, gcb_cell_heap(cell->result, heap, sizeof heap),
           gcb_cell_collector(cell->result, collector, sizeof collector),
           (long long)json_integer_value(json_object_get(cell->result, "mutators")),
           json_integer_value(json_object_get(cell->result, "mutators")) == 1 ? "" : "s",
           p->baseline ? p->baseline : "itself");
  return text;
}
