#include "results/analysis/explain.h"
#include "results/model/cell.h"
#include "results/model/members.h"
#include "results/stats/stats.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

const char gcb_explain_no_barriers[] = "none-none-plain";

/* ---- which cells ---- */

const char *gcb_explain_barriers(const json_t *cell) {
  const json_t *first = json_array_get(json_object_get(cell, "invocations"), 0);
  const char *dash = strchr(gcb_string(first, "path"), '-');
  return dash ? dash + 1 : "";
}

static bool same_work(const json_t *a, const json_t *b) {
  static const char *const keys[] = {"workload", "params", "mutators", "seed"};
  bool same = true;
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
    const json_t *one = json_object_get(a, keys[i]), *other = json_object_get(b, keys[i]);
    same &= (!one && !other) || json_equal(one, other);
  }
  return same;
}

bool gcb_explain_serves(const json_t *ablation, const json_t *cell, const char *barriers) {
  return gcb_cell_ok(ablation) && json_is_false(json_object_get(ablation, "reclaims")) &&
         same_work(ablation, cell) && *barriers && strcmp(gcb_explain_barriers(ablation), barriers) == 0;
}

bool gcb_explain_collected(const json_t *cell) {
  size_t i, k;
  json_t *invocation, *iteration, *n;
  const char *kind;
  json_array_foreach(json_object_get(cell, "invocations"), i, invocation)
      json_array_foreach(json_object_get(invocation, "iterations"), k, iteration) json_object_foreach(
          json_object_get(iteration, "collections"), kind, n) if (json_number_value(n) > 0) return true;
  return false;
}

bool gcb_explain_roomy(const json_t *other, const json_t *cell) {
  return gcb_cell_ok(other) && same_work(other, cell) &&
         json_equal(json_object_get(other, "collector"), json_object_get(cell, "collector")) &&
         json_equal(json_object_get(other, "options"), json_object_get(cell, "options")) &&
         !json_is_false(json_object_get(other, "bounded")) &&
         gcb_number(other, "heap_bytes") > gcb_number(cell, "heap_bytes") && !gcb_explain_collected(other);
}

static bool same_heap(const json_t *a, const json_t *b) {
  return json_equal(json_object_get(a, "heap_bytes"), json_object_get(b, "heap_bytes"));
}

/* The first that serves, one in the heap of the cell before others. */
static void prefer(const json_t **best, const json_t *c, const json_t *cell, const char *barriers) {
  if (*best == cell || !gcb_explain_serves(c, cell, barriers)) return;
  if (!*best || (same_heap(c, cell) && !same_heap(*best, cell))) *best = c;
}

gcb_ablations gcb_explain_find(const json_t *cells, const json_t *cell) {
  gcb_ablations a = {.cell = cell};
  if (gcb_explain_serves(cell, cell, gcb_explain_no_barriers)) a.plain = cell;
  if (gcb_explain_serves(cell, cell, gcb_explain_barriers(cell))) a.barred = cell;
  if (gcb_cell_ok(cell) && !gcb_explain_collected(cell)) a.roomy = cell;
  size_t i;
  json_t *c;
  json_array_foreach(cells, i, c) {
    prefer(&a.plain, c, cell, gcb_explain_no_barriers);
    prefer(&a.barred, c, cell, gcb_explain_barriers(cell));
    if (!a.roomy && gcb_explain_roomy(c, cell)) a.roomy = c;
  }
  return a;
}

/* ---- the split ---- */

/* The mean over the iterations of invocation i; NAN where one does not know. */
static double of_round(const json_t *cell, size_t i, const char *key) {
  const json_t *iterations =
      json_object_get(json_array_get(json_object_get(cell, "invocations"), i), "iterations");
  size_t k, n = json_array_size(iterations);
  double sum = 0;
  json_t *iteration;
  json_array_foreach(iterations, k, iteration) sum += gcb_number(iteration, key);
  return n ? sum / (double)n : NAN;
}

/* What touching fresh pages took of round i of a cell that never frees, as far as it was measured beside it;
 * else 0. */
static double first_touch(const json_t *cell, size_t i) {
  double each = gcb_number(json_array_get(json_object_get(cell, "invocations"), i), GCB_EXPLAIN_TOUCH),
         pages = of_round(cell, i, "allocated_bytes") / 4096;
  return isfinite(each * pages) ? each * pages : 0;
}

enum { WALL, MUTATOR, BARRIER, ALLOCATION, STOPS, REST, PARTS };
static const char *const names[PARTS] = {"wall",          "mutator_ns", "barrier_ns",
                                         "allocation_ns", "stopped_ns", "rest_ns"};

/* All parts of one round. What is not known is NAN; the rest is what the known ones leave, so that all add up
 * to the wall time. */
static void split_round(const gcb_ablations *a, size_t i, double part[PARTS]) {
  double plain = of_round(a->plain, i, "wall_ns"), barred = of_round(a->barred, i, "wall_ns"),
         roomy = of_round(a->roomy, i, "wall_ns");
  part[WALL] = part[REST] = of_round(a->cell, i, "wall_ns");
  part[MUTATOR] = plain - (a->plain == a->cell ? 0 : first_touch(a->plain, i));
  part[BARRIER] = barred - plain;
  part[ALLOCATION] = roomy - (a->barred ? barred : plain); /* without B they are one */
  part[STOPS] = of_round(a->cell, i, "stw_ns");
  for (size_t p = MUTATOR; p < REST; p++)
    if (isfinite(part[p])) part[REST] -= part[p];
}

static json_t *known(double d) {
  return isfinite(d) ? json_real(d) : json_null();
}

/* Over the rounds in which the part is known. */
static json_t *estimate(double *values, size_t rounds, double wall) {
  size_t n = gcb_keep_known(values, rounds);
  if (!n) return json_null();
  gcb_interval v = gcb_mean_interval(values, n);
  return json_pack("{s:o, s:o, s:o, s:I, s:o}", "mean", known(v.mean), "lo", known(v.lo), "hi", known(v.hi),
                   "n", (json_int_t)n, "share", known(v.mean / wall));
}

static void note_missing(const gcb_ablations *a, json_t *notes) {
  const char *barriers = gcb_explain_barriers(a->cell);
  if (!a->plain)
    gcb_note(notes, "no run without barrier on a collector that never reclaims: the mutator cannot be "
                    "separated, and is in the rest");
  if (!a->barred)
    gcb_note(notes,
             "no run on a collector that never reclaims with the barrier and roots of this cell (%s): the "
             "barrier cannot be separated, and is in the %s",
             *barriers ? barriers : "not recorded", a->roomy && a->plain ? "allocation" : "rest");
  if (!a->roomy)
    gcb_note(notes,
             "no run of this collector without a collection: allocation cannot be separated, and is in "
             "the rest, with locality and work beside the mutator");
}

/* A collector that never frees runs in memory that no cache has seen. */
static void note_memory(const gcb_ablations *a, json_t *notes) {
  if (!a->plain || a->plain == a->cell) return;
  double touch = 0, wall = 0;
  size_t n = json_array_size(json_object_get(a->plain, "invocations"));
  for (size_t i = 0; i < n; i++) {
    touch += first_touch(a->plain, i);
    wall += of_round(a->plain, i, "wall_ns");
  }
  if (touch > 0)
    gcb_note(
        notes,
        "the mutator is measured in memory that is never reused; %.0f %% of that run is left out: what the "
        "kernel takes to hand out its pages, measured beside it. Cache misses of fresh memory stay in the "
        "mutator, so that a rest below zero is what reuse of memory saves",
        100 * touch / wall);
  else
    gcb_note(notes,
             "the mutator is measured in memory that is never reused, and holds the first touch of every "
             "page: a rest below zero is what reuse of memory saves");
}

json_t *gcb_explain_split(const gcb_ablations *a) {
  const json_t *of[] = {a->cell, a->plain, a->barred, a->roomy};
  size_t rounds = json_array_size(json_object_get(a->cell, "invocations")), stops_known = 0;
  json_t *parts = json_object(), *notes = json_array(), *wall = NULL;
  for (size_t i = 1; i < sizeof of / sizeof *of; i++) {
    size_t n = json_array_size(json_object_get(of[i], "invocations"));
    if (of[i] && n < rounds) rounds = n;
  }
  double *values[PARTS];
  bool good = true;
  for (size_t p = 0; p < PARTS; p++) good &= (values[p] = calloc(rounds + 1, sizeof(double))) != NULL;
  for (size_t i = 0; good && i < rounds; i++) {
    double part[PARTS];
    split_round(a, i, part);
    for (size_t p = 0; p < PARTS; p++) values[p][i] = part[p];
    stops_known += isfinite(part[STOPS]);
  }
  if (good) {
    double mean = gcb_mean(values[WALL], rounds);
    wall = estimate(values[WALL], rounds, mean);
    for (size_t p = MUTATOR; p < PARTS; p++)
      json_object_set_new(parts, names[p], estimate(values[p], rounds, mean));
  }
  for (size_t p = 0; p < PARTS; p++) free(values[p]);
  note_missing(a, notes);
  note_memory(a, notes);
  if (!stops_known) gcb_note(notes, "this collector does not tell its stops: they are in the rest");
  return json_pack("{s:o, s:o, s:o}", "wall_ns", wall ? wall : json_null(), "parts", parts, "notes", notes);
}
