#include "nightly/nightly.h"
#include "results/model/cell.h"
#include "results/model/clean.h"
#include "results/model/members.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
      gcb_note(n->notes, "%s is left out: %s", word, fault);
    } else if (fault || is_file(word)) {
      json_array_append_new(n->broken, json_pack("{s:o, s:o}", "collector", gcb_clean_string(word), "why",
                                                 gcb_clean_string(detail)));
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
    good = n->dry_run || gcb_copy_file(own, file, why, why_size);
    if (good) gcb_note(n->notes, "%s of tonight is frozen as the canary", word);
  } else if (good && !gcb_catalog_collector(c, file, why, why_size)) {
    gcb_note(
        n->notes,
        "the canary cannot be loaded any more (%s): tonight has none, and it is frozen again for the next",
        why);
    if (!n->dry_run) gcb_copy_file(own, file, why, why_size);
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
  size_t repeated = p->repeated;
  for (size_t i = 0; i < p->n_cells; i++) {
    char text[700];
    bool twice = false;
    keys[i] = gcb_cell_key(p->cells[i].result, false);
    for (size_t k = 0; k < i && keys[i]; k++)
      twice |= n->chosen[k] && keys[k] && strcmp(keys[i], keys[k]) == 0;
    repeated += i != n->canary && twice;
    n->chosen[i] = i != n->canary && !twice && wanted(n, &p->cells[i], only);
    if (n->chosen[i] && !p->cells[i].spec) {
      const char *reason = json_string_value(json_object_get(p->cells[i].result, "reason"));
      gcb_note(n->notes, "%s on %s is left out: %s", gcb_cell_workload(p->cells[i].result, text, sizeof text),
               p->cells[i].collector->name, reason ? reason : "unsupported");
      n->chosen[i] = false;
    }
    n->n_chosen += n->chosen[i];
  }
  if (repeated)
    gcb_note(n->notes, "the suite names something twice: %zu cell%s asked for again, and measured once",
             repeated, repeated == 1 ? " is" : "s are");
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
        gcb_note(n->notes, "%s of '%s' cannot be loaded any more: %s", name, n->suite.baselines.items[i],
                 detail);
      free(file);
    }
  }
  return add_entries(n, path, why, why_size) && add_canary(n, path, why, why_size) &&
         own_names(n, why, why_size) && choose(n, only);
}
