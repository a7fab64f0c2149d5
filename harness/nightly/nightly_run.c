#include "machine/clock.h"
#include "nightly/nightly.h"
#include "results/analysis/document.h"
#include "results/stats/verdict.h"
#include "session/verify.h"
#include <stdlib.h>
#include <string.h>

/* Shares of the budget by which a part of the night must be over; reruns may go a little beyond it. */
#define WARMED   .13
#define MEASURED .85
#define OVER     1.08

static uint64_t share(const gcb_night_plan *n, double part) {
  return n->started + (uint64_t)(part * (double)n->suite.budget_ns);
}

static bool fails(const gcb_night_pair *p) {
  return p->a.over || p->b.over;
}

static bool gates(const gcb_night_pair *p) {
  return p->leg[0] == 'g' || p->leg[0] == 'f';
}

/* ---- warming up ---- */

static void warm(gcb_night_plan *n, gcb_night_pair *p) {
  gcb_pair pair = {.a = &p->a, .b = &p->b};
  gcb_pairs one = {.session = &n->session, .pairs = &pair, .n = 1, .seed = n->suite.seed, .silent = true};
  if (!n->session.plan.groups[p->a.group].checksum[0]) gcb_judge_reference(&n->session, p->a.group);
  uint64_t from = gcb_clock();
  if (!gcb_interrupted) gcb_pairs_run(&one);
  p->cost_ns = fails(p) ? 0 : gcb_clock() - from;
}

static void leave_out(gcb_night_plan *n, const gcb_night_pair *p) {
  char text[700];
  json_array_append_new(n->left_out, json_string(gcb_night_pair_text(n, p, text, sizeof text)));
}

static void swap(gcb_night_pair *a, gcb_night_pair *b) {
  gcb_night_pair held = *a;
  *a = *b;
  *b = held;
}

/* Rounds without which a change in one of so many comparisons could not be proven, up to what was asked for.
 */
static uint64_t fewest(const gcb_night_plan *n, size_t gating) {
  uint64_t least = gcb_pairs_for_comparisons(gating * n->suite.rules.n_gates);
  return least < n->suite.pairs ? least : n->suite.pairs;
}

/* Which of the warmed pairs a time holds, moved to the front; returns the time of one round of them. */
static uint64_t take(gcb_night_plan *n, size_t warmed, uint64_t room) {
  uint64_t round = 0;
  for (size_t pass = 0; pass < 2; pass++) { /* canary and A/A say nothing without a cell that gates */
    size_t gating = 0;
    n->n_kept = 0;
    round = 0;
    for (size_t i = 0; i < warmed; i++) {
      gcb_night_pair *p = &n->pairs[i];
      if ((pass && !gates(p)) || fewest(n, gating + gates(p)) * (round + p->cost_ns) > room) continue;
      round += p->cost_ns;
      gating += gates(p);
      for (size_t k = i; k > n->n_kept; k--) swap(&n->pairs[k], &n->pairs[k - 1]); /* keeps the order */
      n->n_kept++;
    }
    if (gating) break;
  }
  return round;
}

/* Side b of the first pair of a cell is the one that history follows. */
static void mark_series(gcb_night_plan *n) {
  for (size_t i = 0; i < n->n_kept; i++) {
    gcb_night_pair *p = &n->pairs[i];
    p->first_of_cell = p->from != n->canary;
    for (size_t k = 0; k < i; k++) p->first_of_cell &= n->pairs[k].from != p->from;
  }
}

/* The next night begins with the first cell of which something was left out. */
static size_t next_turn(const gcb_night_plan *n) {
  size_t nearest = n->n_chosen;
  for (size_t i = n->n_kept; i < n->n_pairs; i++) {
    size_t turn = 0;
    if (!gates(&n->pairs[i])) continue;
    for (size_t k = 0; k < n->pairs[i].from; k++) turn += n->chosen[k];
    size_t away = (turn + n->n_chosen - n->rotation % n->n_chosen) % n->n_chosen;
    if (away < nearest) nearest = away;
  }
  return (n->rotation + nearest) % n->n_chosen;
}

void gcb_nightly_fit(gcb_night_plan *n) {
  size_t warmed = 0;
  bool any = false;
  for (; warmed < n->n_pairs && !gcb_interrupted; warmed++) {
    gcb_night_pair *p = &n->pairs[warmed];
    if (any && gcb_clock() > share(n, WARMED)) break;
    gcb_session_progress(&n->session, "warm-up pair %zu of %zu", warmed + 1, n->n_pairs);
    warm(n, p);
    any |= gates(p);
  }
  uint64_t now = gcb_clock(), end = share(n, MEASURED);
  uint64_t room = end > now ? end - now : 0, round = take(n, warmed, room);
  n->rounds = round ? room / round : n->suite.pairs;
  if (n->rounds > n->suite.pairs) n->rounds = n->suite.pairs;
  for (size_t i = n->n_kept; i < n->n_pairs; i++) leave_out(n, &n->pairs[i]);
  n->next = next_turn(n);
  mark_series(n);
}

/* ---- running ---- */

static void mark(gcb_night_pair *p, size_t number, bool series) {
  gcb_cell *two[] = {&p->a, &p->b};
  for (size_t k = 0; k < 2; k++)
    json_object_set_new(two[k]->result, "night",
                        json_pack("{s:s, s:s?, s:I, s:b}", "leg", p->leg, "baseline", p->baseline, "number",
                                  (json_int_t)number, "series", series && k == 1 && p->first_of_cell));
}

/* What the plan's cells were told of their references after these were made. */
static void copy_unverified(gcb_night_plan *n, gcb_pair *pairs, size_t count, const size_t *from) {
  for (size_t i = 0; i < count; i++) {
    gcb_cell *two[] = {pairs[i].a, pairs[i].b};
    json_t *why = json_object_get(n->session.plan.cells[from[i]].result, "unverified");
    for (size_t k = 0; why && k < 2; k++) json_object_set(two[k]->result, "unverified", why);
  }
}

static bool begin(gcb_keep *keep, const gcb_night_plan *n, json_t *run, char *name, size_t size, char *why,
                  size_t why_size) {
  char first[100];
  snprintf(first, sizeof first, "%.90s", name);
  for (int i = 2; i < 1000; i++) {
    struct gcb_store *s = gcb_store_open(n->folder, GCB_STORE_READ, why, why_size);
    bool taken = s && gcb_store_find(s, name, why, why_size);
    gcb_store_close(s);
    if (!taken) break;
    snprintf(name, size, "%s-%d", first, i);
  }
  json_object_set_new(json_object_get(run, "run"), "name", json_string(name));
  return gcb_keep_begin(keep, n->folder, run, why, why_size);
}

static json_t *run_all(gcb_night_plan *n, gcb_pairs *p, const size_t *from, json_t *context, char *name,
                       size_t name_size, bool quiet, char *why, size_t why_size) {
  gcb_keep keep = {0};
  json_t *run = gcb_pairs_document(p, name, context);
  if (!begin(&keep, n, run, name, name_size, why, why_size)) {
    json_decref(run);
    return NULL;
  }
  p->keep = &keep;
  if (!gcb_interrupted) gcb_pairs_run(p);
  copy_unverified(n, p->pairs, p->n, from);
  json_object_set_new(run, "interrupted", json_boolean(gcb_interrupted));
  gcb_document_finish(run, gcb_interrupted ? "interrupted before its first pair ended"
                                           : "no pair was finished in time");
  gcb_keep_end(&keep, run, quiet);
  gcb_keep_close(&keep);
  return run;
}

json_t *gcb_nightly_measure(gcb_night_plan *n, json_t *context, char *name, size_t name_size, bool quiet,
                            char *why, size_t why_size) {
  gcb_pair *pairs = calloc(n->n_kept + 1, sizeof *pairs);
  size_t *from = calloc(n->n_kept + 1, sizeof *from);
  gcb_pairs p = {.session = &n->session,
                 .pairs = pairs,
                 .n = n->n_kept,
                 .first = 1,
                 .wanted = n->rounds,
                 .seed = n->suite.seed,
                 .deadline_ns = share(n, (MEASURED + 1) / 2)};
  json_t *run = NULL;
  if (pairs && from) {
    for (size_t i = 0; i < n->n_kept; i++) {
      pairs[i] = (gcb_pair){.a = &n->pairs[i].a, .b = &n->pairs[i].b};
      from[i] = n->pairs[i].from;
      mark(&n->pairs[i], i, true);
    }
    run = run_all(n, &p, from, context, name, name_size, quiet, why, why_size);
  } else {
    json_decref(context);
    snprintf(why, why_size, "no memory for the pairs");
  }
  free(pairs);
  free(from);
  return run;
}

/* A cell as it was before anything was measured. */
static gcb_cell afresh(const gcb_cell *from) {
  gcb_cell cell = *from;
  cell.result = json_copy(from->result);
  cell.spec = json_copy(from->spec);
  cell.over = false;
  cell.runs = 0;
  json_object_set_new(cell.result, "invocations", json_array());
  json_object_del(cell.result, "pairing");
  json_object_del(cell.result, "summary");
  return cell;
}

/* How many of the alarms, the strongest first, the time that is left holds, and in how many rounds: a night
 * in which everything is slower must not end without a verdict. */
static size_t fit_rerun(const gcb_night_plan *n, const json_t *numbers, uint64_t *rounds) {
  enum { WARM_UP = 1, FEWEST = 6 };
  uint64_t now = gcb_clock(), end = share(n, OVER), room = end > now ? end - now : 0, round = 0;
  size_t count = 0;
  for (; count < json_array_size(numbers); count++) {
    uint64_t cost = n->pairs[json_integer_value(json_array_get(numbers, count))].cost_ns;
    if (count && (FEWEST + WARM_UP) * (round + cost) > room) break;
    round += cost;
  }
  *rounds = round ? room / round : n->suite.rerun_pairs;
  *rounds = *rounds > FEWEST + WARM_UP ? *rounds - WARM_UP : FEWEST;
  if (*rounds > n->suite.rerun_pairs) *rounds = n->suite.rerun_pairs;
  return count;
}

json_t *gcb_nightly_rerun(gcb_night_plan *n, const json_t *numbers, json_t *context, const char *name,
                          bool quiet, char *why, size_t why_size) {
  uint64_t rounds;
  size_t count = fit_rerun(n, numbers, &rounds), i;
  gcb_night_pair *again = calloc(count + 1, sizeof *again);
  gcb_pair *pairs = calloc(count + 1, sizeof *pairs);
  size_t *from = calloc(count + 1, sizeof *from);
  char own[120];
  json_t *run = NULL;
  gcb_pairs p = {.session = &n->session,
                 .pairs = pairs,
                 .n = count,
                 .wanted = rounds,
                 .seed = n->suite.seed + 1,
                 .deadline_ns = share(n, OVER)};
  snprintf(own, sizeof own, "%.90s-rerun", name);
  if (!again || !pairs || !from) {
    snprintf(why, why_size, "no memory for the rerun");
    json_decref(context);
    count = 0;
    goto out;
  }
  for (i = 0; i < count; i++) {
    size_t number = (size_t)json_integer_value(json_array_get(numbers, i));
    again[i] = n->pairs[number];
    again[i].a = afresh(&n->pairs[number].a);
    again[i].b = afresh(&n->pairs[number].b);
    mark(&again[i], number, false);
    pairs[i] = (gcb_pair){.a = &again[i].a, .b = &again[i].b};
    from[i] = again[i].from;
  }
  run = run_all(n, &p, from, context, own, sizeof own, quiet, why, why_size);
  for (i = 0; i < count; i++) {
    gcb_cell *two[] = {&again[i].a, &again[i].b};
    for (size_t k = 0; k < 2; k++) {
      json_decref(two[k]->result);
      json_decref(two[k]->spec);
    }
  }
out:
  free(again);
  free(pairs);
  free(from);
  return run;
}
