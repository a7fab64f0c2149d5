#include "measure/stall_accounting.h"
#include "results/stats/mmu.h"
#include <stdlib.h>

typedef struct spans {
  gcb_span *at;
  size_t n;
  uint64_t origin;
} spans;

/* Add what a list has of mutator `who`, with what concerns all. */
static void add(spans *s, const gcb_moments *list, uint16_t who) {
  for (uint32_t i = 0; i < list->n; i++) {
    const gcb_moment *m = &list->at[i];
    if ((m->mutator != who && m->mutator != GCB_ALL_MUTATORS) || m->end <= s->origin) continue;
    uint64_t start = m->start > s->origin ? m->start - s->origin : 0;
    s->at[s->n++] = (gcb_span){start, m->end - s->origin};
  }
}

static uint64_t join(spans *s, uint64_t run) {
  s->n = gcb_spans_merge(s->at, s->n, run);
  return gcb_spans_total(s->at, s->n);
}

/* What of [start, end) the merged spans cover. */
static uint64_t within(const spans *s, gcb_span in) {
  size_t low = 0, high = s->n;
  uint64_t sum = 0;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (s->at[middle].end_ns <= in.start_ns)
      low = middle + 1;
    else
      high = middle;
  }
  for (; low < s->n && s->at[low].start_ns < in.end_ns; low++) {
    uint64_t from = s->at[low].start_ns > in.start_ns ? s->at[low].start_ns : in.start_ns;
    uint64_t to = s->at[low].end_ns < in.end_ns ? s->at[low].end_ns : in.end_ns;
    sum += to - from;
  }
  return sum;
}

/* A moment inside the iteration, in ns after its start. False: nothing of it is. */
static bool inside(const gcb_moment *m, uint64_t origin, uint64_t run, gcb_span *out) {
  out->start_ns = m->start > origin ? m->start - origin : 0;
  out->end_ns = m->end > origin ? m->end - origin : 0;
  if (out->end_ns > run) out->end_ns = run;
  return out->end_ns > out->start_ns;
}

/* Merged spans of one mutator; `stops` are of all. */
typedef struct sets {
  spans stalls, told, either, covered, stops; /* told: pauses and times to safepoint; either: these and the
                                                 stalls; covered: these and the stops */
} sets;

/* Add the CPU time of one mutator's stalls, and what of it is unreported: the rule is in results/README.md.
 */
static void by_cpu(const gcb_recorder *r, uint16_t who, const sets *s, uint64_t run, gcb_lost *out) {
  uint64_t origin = s->stops.origin;
  double suffered = 0, unreported = 0;
  gcb_span in;
  for (uint32_t i = 0; i < r->stops.n; i++) {
    const gcb_moment *stop = &r->stops.at[i];
    if (!inside(stop, origin, run, &in)) continue;
    double rate = (double)stop->cpu / (double)(stop->end - stop->start);
    if (rate > 1) rate = 1; /* no wait costs more than its length */
    suffered += rate * (double)within(&s->stalls, in);
    unreported += rate * (double)(within(&s->either, in) - within(&s->told, in));
  }
  for (uint32_t i = 0; i < r->pieces.n; i++) {
    const gcb_moment *piece = &r->pieces.at[i];
    if (piece->mutator != who || !inside(piece, origin, run, &in)) continue;
    uint64_t length = in.end_ns - in.start_ns, outside = length - within(&s->stops, in);
    if (!outside) continue;
    suffered += (double)piece->cpu;
    unreported += (double)piece->cpu * (double)(length - within(&s->covered, in)) / (double)outside;
  }
  out->suffered_cpu += (uint64_t)suffered;
  out->unreported_cpu += (uint64_t)unreported;
}

static void of_mutator(const gcb_recorder *r, uint16_t who, sets *s, uint64_t run, gcb_lost *out) {
  s->stalls.n = s->told.n = s->either.n = s->covered.n = 0;
  add(&s->stalls, &r->stalls, who);
  out->suffered += join(&s->stalls, run);
  add(&s->told, &r->pauses, who);
  add(&s->told, &r->safepoints, who);
  uint64_t told = join(&s->told, run);
  add(&s->either, &r->stalls, who);
  add(&s->either, &r->pauses, who);
  add(&s->either, &r->safepoints, who);
  /* What is in either, less what is in the one, is in the other alone. */
  out->unreported += join(&s->either, run) - told;
  add(&s->covered, &r->pauses, who);
  add(&s->covered, &r->safepoints, who);
  add(&s->covered, &r->stops, who);
  join(&s->covered, run);
  by_cpu(r, who, s, run, out);
}

bool gcb_lost_time(const gcb_recorder *r, uint64_t start, uint64_t end, uint64_t cpu, uint32_t mutators,
                   gcb_lost *out) {
  size_t most = (size_t)r->pauses.n + r->stalls.n + r->safepoints.n + r->stops.n + 1;
  uint64_t run = end - start;
  sets s;
  spans *const all[] = {&s.stalls, &s.told, &s.either, &s.covered, &s.stops};
  gcb_span *memory = malloc(5 * most * sizeof *memory);
  *out = (gcb_lost){0};
  if (!memory) return false;
  for (size_t i = 0; i < 5; i++) *all[i] = (spans){memory + i * most, 0, start};
  add(&s.stops, &r->stops, GCB_ALL_MUTATORS);
  uint64_t in_stops = join(&s.stops, run);
  for (uint16_t m = 0; m < mutators; m++) of_mutator(r, m, &s, run, out);
  add(&s.stops, &r->pauses, mutators == 1 ? 0 : GCB_ALL_MUTATORS);
  out->stopped = join(&s.stops, run);
  uint64_t in_cpu = r->stopped_cpu < cpu ? r->stopped_cpu : cpu;
  double rate = run > in_stops ? (double)(cpu - in_cpu) / (double)(run - in_stops) : 0;
  out->stopped_cpu = in_cpu + (uint64_t)((double)(out->stopped - in_stops) * rate);
  free(memory);
  return true;
}
