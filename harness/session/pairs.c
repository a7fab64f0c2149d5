#include "session/pairs.h"
#include "machine/clock.h"
#include "machine/doing.h"
#include "results/model/called.h"
#include "session/verify.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

gcb_pair *gcb_pairs_of_plan(const gcb_plan *p, size_t *n) {
  gcb_pair *pairs = calloc(p->n_cells / 2 + 1, sizeof *pairs);
  *n = 0;
  /* The cells of a group stand together, those of the first collector in its first half. */
  for (size_t from = 0, to; pairs && from < p->n_cells; from = to) {
    for (to = from; to < p->n_cells && p->cells[to].group == p->cells[from].group;) to++;
    size_t half = (to - from) / 2;
    for (size_t i = 0; i < half; i++)
      pairs[(*n)++] = (gcb_pair){.a = &p->cells[from + i], .b = &p->cells[from + half + i]};
  }
  return pairs;
}

static bool runnable(const gcb_pair *pair) {
  return pair->a->spec && pair->b->spec && !pair->a->over && !pair->b->over;
}

static json_t *invoke(gcb_pairs *p, gcb_cell *cell, gcb_rng *rng, uint64_t round) {
  json_object_set_new(cell->spec, "pad", json_integer((json_int_t)gcb_rng_below(rng, GCB_PAD_MAX) + 1));
  json_t *result = gcb_session_invoke(p->session, cell->spec);
  json_object_set(result, "pad", json_object_get(cell->spec, "pad"));
  json_object_set_new(result, "pair", json_integer((json_int_t)round));
  return result;
}

static void judge(gcb_pairs *p, gcb_cell *cell, json_t *result) {
  char line[900];
  gcb_judge(p->session, cell, "invocations", result);
  if (!cell->over) return;
  const char *reason = json_string_value(json_object_get(cell->result, "reason"));
  snprintf(line, sizeof line, "gcbench: %s on %s at %.3gx: %s: %s",
           p->session->plan.groups[cell->group].workload->name,
           json_string_value(json_object_get(cell->result, "collector")),
           json_number_value(json_object_get(cell->result, "heap_factor")),
           json_string_value(json_object_get(cell->result, "status")), gcb_as_called(reason ? reason : ""));
  gcb_session_say(p->session, line);
}

static void keep(gcb_pairs *p, gcb_cell *cell, size_t number, json_t *result, bool dropped) {
  json_t *list = json_object_get(cell->result, "invocations");
  if (dropped) {
    json_array_remove(list, json_array_size(list) - 1);
    return;
  }
  cell->runs++;
  if (p->keep) gcb_keep_add(p->keep, number, cell->result, "invocations", json_array_size(list) - 1, result);
}

/* What the group of a pair should compute must be known before the first of its pairs runs. */
static void refer(gcb_pairs *p, const gcb_pair *pair) {
  const gcb_group *g = &p->session->plan.groups[pair->a->group];
  if (g->referenced || g->checksum[0]) return;
  gcb_session_progress(p->session, "%s: reference", g->workload->name);
  gcb_judge_reference(p->session, pair->a->group);
}

static void run_pair(gcb_pairs *p, gcb_pair *pair, gcb_rng *rng, uint64_t round) {
  refer(p, pair);
  if (gcb_interrupted) return;
  bool b_first = gcb_rng_below(rng, 2);
  json_t *a = NULL, *b = NULL;
  if (!b_first) a = invoke(p, pair->a, rng, round);
  if (!gcb_interrupted) b = invoke(p, pair->b, rng, round);
  if (!gcb_interrupted && b_first) a = invoke(p, pair->a, rng, round);
  if (!gcb_interrupted) {
    judge(p, pair->a, a);
    judge(p, pair->b, b);
    bool well = !pair->a->over && !pair->b->over;
    keep(p, pair->a, pair->cell_a, a, well && round == 0);
    keep(p, pair->b, pair->cell_b, b, well && round == 0);
    pair->done += round > 0 && well;
  }
  json_decref(a);
  json_decref(b);
}

static void say_progress(const gcb_pairs *p, uint64_t round, size_t turn, uint64_t started) {
  uint64_t done = (round - p->first) * p->n + turn, all = (p->wanted + 1 - p->first) * p->n;
  if (p->silent || (!p->session->terminal && done % 10)) return;
  if (round)
    gcb_session_progress(p->session, "pair %llu of %llu%s",
                         (unsigned long long)((round - 1) * p->n + turn + 1),
                         (unsigned long long)(p->wanted * p->n), gcb_left(started, done, all).s);
  else
    gcb_session_progress(p->session, "warm-up pair %zu of %zu", turn + 1, p->n);
}

static void shuffle(size_t *order, size_t n, gcb_rng *rng) {
  for (size_t i = 0; i < n; i++) order[i] = i;
  for (size_t i = n; i > 1; i--) {
    size_t k = (size_t)gcb_rng_below(rng, i), held = order[i - 1];
    order[i - 1] = order[k];
    order[k] = held;
  }
}

/* Unlike any other pair of any run, here and elsewhere. */
static void mark(gcb_pair *pair, size_t number) {
  char word[80];
  snprintf(word, sizeof word, "%llx-%llx-%lx-%zu", (unsigned long long)time(NULL),
           (unsigned long long)gcb_clock(), (long)getpid(), number);
  json_object_set_new(pair->a->result, "pairing", json_string(word));
  json_object_set_new(pair->b->result, "pairing", json_string(word));
  json_object_set_new(pair->a->result, "side", json_string("a"));
  json_object_set_new(pair->b->result, "side", json_string("b"));
}

static uint64_t pairs_done(const gcb_pairs *p) {
  uint64_t done = 0;
  for (size_t i = 0; i < p->n; i++) done += p->pairs[i].done;
  return done;
}

void gcb_pairs_run(gcb_pairs *p) {
  gcb_rng rng = gcb_rng_seed(p->seed + p->first);
  size_t *order = calloc(p->n + 1, sizeof *order);
  for (size_t i = 0; i < p->n && !gcb_interrupted; i++)
    if (!json_object_get(p->pairs[i].a->result, "pairing")) mark(&p->pairs[i], i);
  uint64_t started = gcb_clock();
  bool late = false;
  for (uint64_t round = p->first; order && round <= p->wanted && !gcb_interrupted && !late; round++) {
    shuffle(order, p->n, &rng);
    for (size_t i = 0; i < p->n && !gcb_interrupted && !late; i++) {
      gcb_pair *pair = &p->pairs[order[i]];
      late = p->deadline_ns && gcb_clock() > p->deadline_ns;
      if (late || !runnable(pair)) continue;
      say_progress(p, round, i, started);
      run_pair(p, pair, &rng, round);
      if (!p->silent) gcb_interrupt_done(pairs_done(p), p->wanted * p->n, "pairs");
    }
  }
  gcb_session_quieten(p->session);
  free(order);
}

json_t *gcb_pairs_document(gcb_pairs *p, const char *name, json_t *context) {
  json_t *cells = json_array();
  uint64_t planned = 0;
  for (size_t i = 0; i < p->n; i++) {
    gcb_cell *two[] = {p->pairs[i].a, p->pairs[i].b};
    p->pairs[i].cell_a = 2 * i;
    p->pairs[i].cell_b = 2 * i + 1;
    planned += runnable(&p->pairs[i]) ? 2 * p->wanted : 0;
    for (size_t k = 0; k < 2; k++) {
      json_object_set_new(two[k]->result, "op",
                          json_string(p->session->plan.groups[two[k]->group].workload->op));
      json_array_append(cells, two[k]->result);
    }
  }
  return json_pack("{s:s, s:{s:s?, s:I}, s:o, s:o}", "schema", "gcbench.run/1", "run", "name", name,
                   "planned", (json_int_t)planned, "context", context, "cells", cells);
}
