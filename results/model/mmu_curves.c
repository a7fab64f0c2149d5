#include "results/model/mmu_curves.h"
#include "results/stats/mmu.h"
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

static const uint64_t windows[] = {100000,   200000,   500000,    1000000,   2000000,   5000000,   10000000,
                                   20000000, 50000000, 100000000, 200000000, 500000000, 1000000000};
enum { MOST_MUTATORS = 1024 };
enum { WINDOWS = sizeof windows / sizeof *windows };

typedef struct worst {
  gcb_utilization mmu, bmu;
  size_t invocation, iteration;
  json_int_t mutator;
} worst;

static const gcb_utilization NOTHING = {NAN, 0, 0};

static uint64_t natural(const json_t *v) {
  return json_is_integer(v) && json_integer_value(v) > 0 ? (uint64_t)json_integer_value(v) : 0;
}

/* Whether all time that mutators lost is known: the collector tells its pauses, or every way into it was
 * clocked. Where it is not, nothing is known of utilization, and least of all that it was perfect. */
static bool told(const json_t *iteration) {
  return json_is_array(json_object_get(iteration, "pauses")) ||
         json_is_number(json_object_get(iteration, "stall_ns"));
}

/* The time that one mutator lost in an iteration: `spans` has room for all its stalls and pauses. */
static size_t lost(const json_t *iteration, json_int_t mutator, uint64_t run, gcb_span *spans) {
  size_t n = 0, i;
  json_t *it;
  json_array_foreach(json_object_get(iteration, "stalls"), i, it) {
    uint64_t start = natural(json_array_get(it, 0));
    if (json_integer_value(json_array_get(it, 2)) == mutator)
      spans[n++] = (gcb_span){start, start + natural(json_array_get(it, 1))};
  }
  json_array_foreach(json_object_get(iteration, "pauses"), i, it) {
    json_t *who = json_object_get(it, "mutator");
    uint64_t start = natural(json_object_get(it, "start_ns"));
    if (!json_is_integer(who) || json_integer_value(who) == mutator)
      spans[n++] = (gcb_span){start, start + natural(json_object_get(it, "ns"))};
  }
  return gcb_spans_merge(spans, n, run);
}

static size_t room_for(const json_t *iteration) {
  return json_array_size(json_object_get(iteration, "stalls")) +
         json_array_size(json_object_get(iteration, "pauses")) + 1;
}

static void count_mutator(json_int_t *n, const json_t *who) {
  json_int_t index = json_integer_value(who);
  if (index >= *n && index < MOST_MUTATORS) *n = index + 1;
}

/* One more than the highest mutator that is named: those without a stall of their own lose least. */
static json_int_t named_mutators(const json_t *iteration) {
  json_int_t n = 1;
  size_t i;
  json_t *it;
  json_array_foreach(json_object_get(iteration, "stalls"), i, it) count_mutator(&n, json_array_get(it, 2));
  json_array_foreach(json_object_get(iteration, "pauses"), i, it)
      count_mutator(&n, json_object_get(it, "mutator"));
  return n;
}

double gcb_invocation_mmu(const json_t *invocation, uint64_t window_ns) {
  double least = NAN;
  size_t i;
  json_t *iteration;
  json_array_foreach(json_object_get(invocation, "iterations"), i, iteration) {
    if (!told(iteration)) return NAN;
    gcb_span *spans = malloc(room_for(iteration) * sizeof *spans);
    if (!spans) return NAN;
    uint64_t run = natural(json_object_get(iteration, "wall_ns"));
    for (json_int_t m = 0, n = named_mutators(iteration); m < n; m++)
      least = fmin(least, gcb_mmu(spans, lost(iteration, m, run, spans), run, window_ns).share);
    free(spans);
  }
  return least;
}

static void lower(worst *w, worst candidate) {
  if (!isfinite(candidate.mmu.share)) return;
  double bmu =
      isfinite(w->bmu.share) && w->bmu.share < candidate.bmu.share ? w->bmu.share : candidate.bmu.share;
  if (!isfinite(w->mmu.share) || candidate.mmu.share < w->mmu.share) *w = candidate;
  w->bmu.share = bmu;
}

/* Curves of an iteration: own[m x WINDOWS ..] of each mutator, and `joint` of all together, for which there
 * is a curve. False where they are not known. */
static bool take(const json_t *iteration, size_t invocation, size_t number, json_int_t mutators, worst *own,
                 worst *joint) {
  if (!told(iteration)) return false;
  uint64_t run = natural(json_object_get(iteration, "wall_ns"));
  size_t most = room_for(iteration) + 1, all = (size_t)mutators * most;
  size_t *n = calloc((size_t)mutators, sizeof *n);
  gcb_span *spans = malloc(all * sizeof *spans);
  const gcb_span **list = calloc((size_t)mutators, sizeof *list);
  gcb_joint_point *curve = malloc(2 * all * sizeof *curve);
  bool room = n && spans && list && curve;
  for (json_int_t m = 0; room && m < mutators; m++) {
    gcb_span *mine = spans + (size_t)m * most;
    list[m] = mine;
    n[m] = lost(iteration, m, run, mine);
    for (size_t w = 0; w < WINDOWS; w++)
      lower(&own[(size_t)m * WINDOWS + w],
            (worst){gcb_mmu(mine, n[m], run, windows[w]), gcb_bmu(mine, n[m], run, windows[w]), invocation,
                    number, m});
  }
  size_t points = room ? gcb_joint_curve(list, n, (size_t)mutators, curve) : 0;
  for (size_t w = 0; room && w < WINDOWS; w++)
    lower(&joint[w],
          (worst){gcb_joint_mmu(curve, points, (size_t)mutators, run, windows[w]),
                  gcb_joint_bmu(curve, points, (size_t)mutators, run, windows[w]), invocation, number, -1});
  free(spans);
  free(list);
  free(curve);
  free(n);
  return room;
}

static json_t *share(double d) {
  return isfinite(d) ? json_real(d) : json_null();
}

static json_t *shares(const worst *own, bool bounded) {
  json_t *list = json_array();
  for (size_t w = 0; w < WINDOWS; w++)
    json_array_append_new(list, share(bounded ? own[w].bmu.share : own[w].mmu.share));
  return list;
}

static json_t *window(const worst *w, uint64_t ns) {
  json_t *o = json_pack("{s:I, s:o, s:o}", "window_ns", (json_int_t)ns, "mmu", share(w->mmu.share), "bmu",
                        share(w->bmu.share));
  bool any = isfinite(w->mmu.share);
  json_object_set_new(o, "worst_start_ns", any ? json_integer((json_int_t)w->mmu.start_ns) : json_null());
  if (w->mutator >= 0) json_object_set_new(o, "worst_mutator", any ? json_integer(w->mutator) : json_null());
  json_object_set_new(o, "worst_iteration", any ? json_integer((json_int_t)w->iteration) : json_null());
  json_object_set_new(o, "worst_invocation", any ? json_integer((json_int_t)w->invocation) : json_null());
  return o;
}

static void forget(worst *own, size_t mutators, worst *joint) {
  for (size_t k = 0; k < mutators * WINDOWS; k++) own[k] = (worst){NOTHING, NOTHING, 0, 0, 0};
  for (size_t w = 0; w < WINDOWS; w++) joint[w] = (worst){NOTHING, NOTHING, 0, 0, -1};
}

void gcb_curves(json_t *summary, const json_t *cell) {
  json_t *latency = json_object_get(cell, "latency_invocations"), *invocation, *iteration;
  bool clocked = json_array_size(latency) > 0;
  json_t *from = clocked ? latency : json_object_get(cell, "invocations");
  json_int_t mutators = json_integer_value(json_object_get(cell, "mutators"));
  bool sane = mutators > 0 && mutators <= MOST_MUTATORS;
  worst *own = sane ? calloc((size_t)mutators * WINDOWS, sizeof *own) : NULL, joint[WINDOWS];
  if (!own) return;
  bool known = true;
  forget(own, (size_t)mutators, joint);
  size_t i, k;
  json_array_foreach(from, i, invocation)
      json_array_foreach(json_object_get(invocation, "iterations"), k, iteration) known =
          known && take(iteration, i, k, mutators, own, joint);
  if (!known) forget(own, (size_t)mutators, joint); /* the least of some iterations is not the least of all */
  json_t *all = json_array(), *each = json_array(), *together = json_array();
  for (size_t w = 0; w < WINDOWS; w++) {
    worst of_all = {NOTHING, NOTHING, 0, 0, 0};
    for (json_int_t m = 0; m < mutators; m++) lower(&of_all, own[(size_t)m * WINDOWS + w]);
    json_array_append_new(all, window(&of_all, windows[w]));
    json_array_append_new(together, window(&joint[w], windows[w]));
  }
  for (json_int_t m = 0; m < mutators; m++) {
    const worst *mine = &own[(size_t)m * WINDOWS];
    json_array_append_new(each, json_pack("{s:I, s:o, s:o}", "mutator", m, "mmu", shares(mine, false), "bmu",
                                          shares(mine, true)));
  }
  json_object_set_new(summary, "mmu_source", json_string(clocked ? "latency" : "throughput"));
  json_object_set_new(summary, "mmu", all);
  if (mutators > 1) {
    json_object_set(summary, "mmu_mutators", each);
    json_object_set(summary, "mmu_joint", together);
  }
  json_decref(each);
  json_decref(together);
  free(own);
}
