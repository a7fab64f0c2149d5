#include "analyses/calibrate.h"
#include "analyses/minheap.h"
#include "machine/clock.h"
#include "machine/noise.h"
#include "results/analysis/document.h"
#include "results/analysis/facts.h"
#include "results/model/members.h"
#include "runtime/enum_names.h"
#include "session/verify.h"
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

/* Of a cpu, in a spin test around a fact: what fails then says nothing about the suite. */
#define NOISY .05

/* ---- the file ---- */

json_t *gcb_facts_load(const char *file, char *why, size_t why_size) {
  char path[PATH_MAX], reason[300];
  json_error_t error;
  const char *lib = gcb_lib_dir();
  if (!file) {
    snprintf(path, sizeof path, "%.3900s/facts.json", lib ? lib : ".");
    file = path;
  }
  json_t *whole = json_load_file(file, 0, &error), *fact;
  json_t *facts = json_object_get(whole, "facts");
  size_t i;
  bool good = json_array_size(facts) > 0;
  if (!whole)
    snprintf(why, why_size, "%s cannot be read as JSON: line %d: %s", file, error.line, error.text);
  else if (!good || strcmp(gcb_string(whole, "schema"), "gcbench.facts/1") != 0)
    snprintf(why, why_size, "%s holds no facts: schema gcbench.facts/1 with a list 'facts' was expected",
             file);
  good = good && strcmp(gcb_string(whole, "schema"), "gcbench.facts/1") == 0;
  if (good) json_array_foreach(facts, i, fact) {
      if (gcb_fact_valid(fact, reason, sizeof reason)) continue;
      snprintf(why, why_size, "%s: %s", file, reason);
      good = false;
      break;
    }
  if (good) json_incref(facts);
  json_decref(whole);
  return good ? facts : NULL;
}

/* ---- collectors by what they can do ---- */

static bool can(const gcb_entry *e, const json_t *words) {
  size_t i;
  json_t *word;
  json_array_foreach(words, i, word) {
    unsigned bit = 0;
    const char *w;
    while ((w = gcb_capability_word(bit)) && strcmp(w, json_string_value(word)) != 0) bit++;
    if (!w || !(e->capabilities >> bit & 1)) return false;
  }
  return true;
}

/* The first collector with all of these capabilities; NULL with a sentence. */
static const char *capable(gcb_catalog *c, const json_t *words, char *why, size_t why_size) {
  char unused[600];
  for (size_t i = 0; i < c->n_collectors; i++) {
    if (c->collectors[i].why) continue;
    const gcb_entry *e = gcb_catalog_collector(c, c->collectors[i].name, unused, sizeof unused);
    if (e && !e->why && can(e, words)) return e->name;
  }
  snprintf(why, why_size, "no collector here has the capability '%s'",
           json_string_value(json_array_get(words, 0)));
  return NULL;
}

/* A copy of the fact in which each {"capability": [WORD, ..]} is the name of such a collector. NULL with a
 * sentence: there is none. */
static json_t *resolve(gcb_catalog *c, const json_t *value, char *why, size_t why_size) {
  json_t *words = json_object_get(value, "capability"), *out, *one, *copy;
  const char *key, *name;
  size_t i;
  if (words) return (name = capable(c, words, why, why_size)) ? json_string(name) : NULL;
  if (json_is_array(value)) {
    out = json_array();
    json_array_foreach(value, i, one) {
      if (!(copy = resolve(c, one, why, why_size))) goto lacking;
      json_array_append_new(out, copy);
    }
    return out;
  }
  if (!json_is_object(value)) return json_copy((json_t *)value);
  out = json_object();
  json_object_foreach((json_t *)value, key, one) {
    if (!(copy = resolve(c, one, why, why_size))) goto lacking;
    json_object_set_new(out, key, copy);
  }
  return out;
lacking:
  json_decref(out);
  return NULL;
}

/* ---- requests ---- */

/* Memory of one request: lists point into the fact. */
typedef struct lists {
  const char **words;
  struct gcb_heap_size *heaps;
  struct gcb_sweep *sweeps;
  size_t n_words, n_sweeps;
} lists;

static size_t count(const json_t *v) {
  size_t n = 1, i;
  json_t *one;
  const char *key;
  if (json_is_array(v)) json_array_foreach(v, i, one) n += count(one);
  if (json_is_object(v)) json_object_foreach((json_t *)v, key, one) n += count(one);
  return n;
}

/* A string or a list of strings. */
static struct gcb_strings strings(lists *l, const json_t *v) {
  struct gcb_strings out = {l->words + l->n_words, 0};
  size_t i;
  json_t *one;
  if (json_is_string(v)) out.items[out.n++] = json_string_value(v);
  json_array_foreach(v, i, one) if (json_is_string(one)) out.items[out.n++] = json_string_value(one);
  l->n_words += out.n;
  return out;
}

static struct gcb_sweeps sweeps(lists *l, const json_t *v) {
  struct gcb_sweeps out = {l->sweeps + l->n_sweeps, 0};
  const char *key;
  json_t *one;
  json_object_foreach((json_t *)v, key, one) out.items[out.n++] = (struct gcb_sweep){key, strings(l, one)};
  l->n_sweeps += out.n;
  return out;
}

static uint64_t whole(const json_t *run, const char *key, uint64_t fallback) {
  const json_t *v = json_object_get(run, key);
  return json_is_integer(v) ? (uint64_t)json_integer_value(v) : fallback;
}

/* The request of one run; false for a heap that is none. */
static bool request_of(const gcb_calibration *c, const json_t *run, lists *l, gcb_request *r) {
  size_t most = count(run) + 2, i;
  json_t *one, *heaps = json_object_get(run, "heaps");
  *l = (lists){calloc(most, sizeof *l->words), calloc(most, sizeof *l->heaps),
               calloc(most, sizeof *l->sweeps), 0, 0};
  if (!l->words || !l->heaps || !l->sweeps) return false;
  *r = (gcb_request){.workloads = strings(l, json_object_get(run, "workloads")),
                     .collectors = strings(l, json_object_get(run, "collectors")),
                     .params = sweeps(l, json_object_get(run, "params")),
                     .options = sweeps(l, json_object_get(run, "options")),
                     .heaps = {l->heaps, 0},
                     .invocations = c->rounds ? c->rounds : whole(run, "invocations", 6),
                     .iterations = whole(run, "iterations", 1),
                     .warmups = whole(run, "warmups", 1),
                     .mutators = whole(run, "mutators", 1),
                     .workers = 1,
                     .seed = c->seed,
                     .timeout_ns = c->timeout_ns,
                     .pin = c->pin};
  json_array_foreach(heaps, i,
                     one) if (gcb_parse_heap_size(json_string_value(one), &l->heaps[r->heaps.n++]) !=
                              GCB_UNITS_OK) return false;
  if (!r->heaps.n) l->heaps[r->heaps.n++] = (struct gcb_heap_size){.factor = 3};
  return true;
}

/* ---- running ---- */

/* What a search for the least heap found, in the form of rounds: {minimum_bytes} for each seed. */
static void search_minimum(gcb_session *s, const gcb_request *r) {
  uint64_t once = 1;
  gcb_minheap_search search = {s, &once, 1, r->invocations, r->seed, .02};
  for (size_t i = 0; i < s->plan.n_cells && !gcb_interrupted; i++) {
    json_t *cell = s->plan.cells[i].result, *value, *rounds = json_array();
    size_t k;
    gcb_minheap_find(&search, &s->plan.cells[i]);
    json_array_foreach(json_object_get(json_array_get(json_object_get(cell, "minima"), 0), "values"), k,
                       value) json_array_append_new(rounds, json_pack("{s:O}", "minimum_bytes", value));
    json_object_set_new(cell, "invocations", rounds);
  }
}

/* Rounds in which every cell has its invocations, in a random order; each group's reference before its first.
 */
static void run_rounds(gcb_session *s, uint64_t rounds, bool latency) {
  gcb_plan *p = &s->plan;
  size_t *order = calloc(p->n_cells + 1, sizeof *order);
  for (uint64_t turn = 0; order && turn < rounds * (latency ? 2 : 1) && !gcb_interrupted; turn++) {
    bool clocked = latency && turn % 2;
    gcb_plan_shuffle(p, order);
    for (size_t i = 0; i < p->n_cells && !gcb_interrupted; i++) {
      gcb_cell *cell = &p->cells[order[i]];
      if (!cell->spec || cell->over) continue;
      gcb_judge_reference(s, cell->group);
      if (gcb_interrupted) break;
      json_object_set_new(cell->spec, "watch",
                          json_string(gcb_watch_word(clocked ? GCB_WATCH_LATENCY : GCB_WATCH_THROUGHPUT)));
      json_t *result = gcb_session_invoke(s, cell->spec);
      if (!gcb_interrupted) gcb_judge(s, cell, clocked ? "latency_invocations" : "invocations", result);
      json_decref(result);
    }
  }
  free(order);
}

/* Append the plan's cells, with their summaries. */
static void take_cells(const gcb_session *s, uint64_t number, json_t *cells) {
  char seed[24];
  snprintf(seed, sizeof seed, "%llu", (unsigned long long)number);
  json_t *own = json_array();
  for (size_t i = 0; i < s->plan.n_cells; i++) json_array_append(own, s->plan.cells[i].result);
  json_t *document = json_pack("{s:{s:s}, s:O}", "context", "seed", seed, "cells", own);
  gcb_document_finish(document, "interrupted before its first invocation ended");
  json_array_extend(cells, own);
  json_decref(document);
  json_decref(own);
}

/* Append the cells of one run. False: it could not be made, with a sentence. */
static bool run_one(const gcb_calibration *c, const json_t *run, json_t *cells, char *why, size_t why_size) {
  gcb_session session = {0};
  gcb_request request;
  lists l;
  gcb_wrong_word wrong;
  bool made = request_of(c, run, &l, &request);
  if (!made) snprintf(why, why_size, "its run names a heap that is no size");
  if (made) {
    made = gcb_session_make(&session, &request, &wrong);
    if (!made) snprintf(why, why_size, "%s: %s", wrong.word, wrong.why);
  }
  if (made) {
    session.quiet = true;
    if (strcmp(gcb_string(run, "measure"), "minimum heap") == 0)
      search_minimum(&session, &request);
    else
      run_rounds(&session, request.invocations, json_is_true(json_object_get(run, "latency")));
    take_cells(&session, c->seed, cells);
  }
  gcb_session_close(&session);
  free(l.words);
  free(l.heaps);
  free(l.sweeps);
  return made;
}

/* Share of a cpu that others take now, at most over the cpus; 0 when it cannot be told. */
static double taken(void) {
  json_t *noise = gcb_probe_noise(20000000);
  double share = json_number_value(json_object_get(noise, "worst_share"));
  json_decref(noise);
  return share;
}

json_t *gcb_calibrate_fact(const gcb_calibration *c, const json_t *fact) {
  char why[900] = "";
  gcb_catalog catalog;
  json_t *cells = json_array(), *run, *out;
  uint64_t start = gcb_clock();
  size_t i;
  if (!gcb_catalog_open(&catalog, why, sizeof why)) {
    json_decref(cells);
    return gcb_fact_unshown(fact, why);
  }
  json_t *concrete = resolve(&catalog, fact, why, sizeof why);
  gcb_catalog_close(&catalog);
  bool made = concrete != NULL;
  double before = made ? taken() : 0;
  json_array_foreach(json_object_get(concrete, "runs"), i, run) if (made && !gcb_interrupted) made =
      run_one(c, run, cells, why, sizeof why);
  out = made ? gcb_fact_judge(concrete, cells) : gcb_fact_unshown(fact, why);
  double after = made && !gcb_interrupted ? taken() : 0, most = after > before ? after : before;
  if (most > NOISY) {
    snprintf(why, sizeof why, "failed while others took %.0f %% of a cpu", 100 * most);
    gcb_fact_doubt(out, why);
  }
  json_object_set_new(out, "taken_share", json_real(most));
  json_object_set_new(out, "seconds", json_real((double)(gcb_clock() - start) / 1e9));
  json_object_set_new(out, "cells", cells);
  json_decref(concrete);
  if (!gcb_interrupted) return out;
  json_decref(out);
  return NULL;
}
