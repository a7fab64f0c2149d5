/* The longest pauses of a cell, and what else is recorded of the moments in which they fell. */
#include "results/analysis/explain.h"
#include "results/model/cell.h"
#include "results/model/members.h"
#include <math.h>
#include <string.h>

/* Where one pause is. */
typedef struct place {
  size_t invocation, iteration, pause;
  const json_t *in, *of, *it; /* invocation, iteration and pause */
  double ns;
} place;

/* Keep the longest ones in order; equal ones in the order of the document. */
static size_t insert(place *list, size_t n, place new) {
  size_t at = n;
  while (at && list[at - 1].ns < new.ns) at--;
  if (at == GCB_EXPLAIN_PAUSES) return n;
  if (n < GCB_EXPLAIN_PAUSES) n++;
  memmove(list + at + 1, list + at, (n - 1 - at) * sizeof *list);
  list[at] = new;
  return n;
}

/* The stall that holds the start of the pause, of its mutator or of any; NULL when none was recorded. */
static const json_t *stall_of(const place *p) {
  size_t i;
  json_t *stall;
  double start = gcb_number(p->it, "start_ns"), whose = gcb_number(p->it, "mutator");
  json_array_foreach(json_object_get(p->of, "stalls"), i, stall) {
    double from = json_number_value(json_array_get(stall, 0)),
           ns = json_number_value(json_array_get(stall, 1));
    if (from <= start && start < from + ns &&
        (isnan(whose) || whose == json_number_value(json_array_get(stall, 2))))
      return stall;
  }
  return NULL;
}

/* The sample of memory next to the start of the pause. */
static const json_t *memory_at(const place *p) {
  const json_t *best = NULL;
  size_t i;
  json_t *sample;
  double start = gcb_number(p->it, "start_ns"), off = INFINITY;
  json_array_foreach(json_object_get(p->of, "memory"), i, sample) {
    double distance = fabs(json_number_value(json_array_get(sample, 0)) - start);
    if (distance < off) off = distance, best = sample;
  }
  return best;
}

/* How long the operating system kept a sleeping thread waiting during the pause, as a latency invocation saw
 * it; NAN in others. */
static double os_gaps_in(const place *p) {
  const json_t *gaps = json_object_get(p->of, "os_gaps");
  double start = gcb_number(p->it, "start_ns"), end = start + p->ns, sum = 0;
  size_t i;
  json_t *gap;
  if (!json_is_array(gaps)) return NAN;
  json_array_foreach(gaps, i, gap) {
    double from = json_number_value(json_array_get(gap, 0)),
           to = from + json_number_value(json_array_get(gap, 1));
    sum += fmax(0, fmin(to, end) - fmax(from, start));
  }
  return sum;
}

static json_t *known(double d) {
  return isfinite(d) ? json_real(d) : json_null();
}

/* Why the pause began, as far as the record says: its place in the stall. */
static json_t *trigger_of(const place *p, const json_t *stall) {
  const json_t *pauses = json_object_get(p->of, "pauses");
  const json_t *before = p->pause ? json_array_get(pauses, p->pause - 1) : NULL;
  if (!stall) return json_string("not recorded");
  if (before && gcb_number(before, "start_ns") >= json_number_value(json_array_get(stall, 0)))
    return json_sprintf("after the %s pause in the same stall", gcb_string(before, "kind"));
  return json_sprintf("a slow path or safepoint of mutator %g", json_number_value(json_array_get(stall, 2)));
}

/* The collector's counters are read once an iteration: the bytes of one pause are known when it was the only
 * one, else only those of the whole iteration. */
static json_t *pause_json(const place *p) {
  const json_t *stall = stall_of(p), *memory = memory_at(p), *pauses = json_object_get(p->of, "pauses");
  double start = gcb_number(p->it, "start_ns"), wall = gcb_number(p->of, "wall_ns");
  size_t n = json_array_size(pauses);
  json_t *o = json_pack("{s:f, s:o, s:O?, s:O?, s:I, s:I, s:o, s:o}", "ns", p->ns, "start_ns", known(start),
                        "kind", json_object_get(p->it, "kind"), "mutator", json_object_get(p->it, "mutator"),
                        "invocation", (json_int_t)p->invocation, "iteration", (json_int_t)p->iteration,
                        "position", known(start / wall), "trigger", trigger_of(p, stall));
  double began = json_number_value(json_array_get(stall, 0));
  json_object_set_new(o, "stall_before_ns", stall ? known(start - began) : json_null());
  json_object_set_new(o, "stall_ns", stall ? json_incref(json_array_get(stall, 1)) : json_null());
  json_object_set_new(o, "os_gap_ns", known(os_gaps_in(p)));
  json_object_set_new(o, "rss_bytes", memory ? json_incref(json_array_get(memory, 1)) : json_null());
  json_object_set_new(o, "committed_bytes", memory ? json_incref(json_array_get(memory, 2)) : json_null());
  json_object_set_new(o, "memory_at_ns", memory ? json_incref(json_array_get(memory, 0)) : json_null());
  json_object_set(o, "work", json_object_get(p->of, "work"));
  json_object_set_new(o, "work_pauses", json_integer((json_int_t)n));
  json_object_set(o, "iteration_tts_ns", json_object_get(p->of, "tts_ns"));
  json_object_set(o, "collections", json_object_get(p->of, "collections"));
  json_object_set(o, "finalized", json_object_get(p->in, "finalized"));
  return o;
}

json_t *gcb_explain_pauses(const json_t *cell) {
  const json_t *invocations = json_object_get(cell, "latency_invocations");
  place list[GCB_EXPLAIN_PAUSES + 1];
  size_t i, k, j, n = 0;
  json_t *invocation, *iteration, *pause, *out = json_array();
  if (!json_array_size(invocations)) invocations = json_object_get(cell, "invocations");
  json_array_foreach(invocations, i, invocation)
      json_array_foreach(json_object_get(invocation, "iterations"), k, iteration)
          json_array_foreach(json_object_get(iteration, "pauses"), j, pause) n =
              insert(list, n, (place){i, k, j, invocation, iteration, pause, gcb_number(pause, "ns")});
  for (i = 0; i < n; i++) json_array_append_new(out, pause_json(&list[i]));
  return out;
}
