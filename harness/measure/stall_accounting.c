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

bool gcb_lost_time(const gcb_recorder *r, uint64_t start, uint64_t end, uint64_t cpu, uint32_t mutators,
                   gcb_lost *out) {
  size_t most = (size_t)r->pauses.n + r->stalls.n + r->safepoints.n + r->stops.n + 1;
  uint64_t run = end - start;
  spans s = {malloc(most * sizeof *s.at), 0, start};
  *out = (gcb_lost){0};
  if (!s.at) return false;
  for (uint16_t m = 0; m < mutators; m++) {
    s.n = 0;
    add(&s, &r->stalls, m);
    out->suffered += join(&s, run);
    s.n = 0;
    add(&s, &r->pauses, m);
    add(&s, &r->safepoints, m);
    uint64_t told = join(&s, run);
    /* What is in either, less what is in the one, is in the other alone. */
    add(&s, &r->stalls, m);
    out->unreported += join(&s, run) - told;
  }
  s.n = 0;
  add(&s, &r->stops, GCB_ALL_MUTATORS);
  uint64_t in_stops = join(&s, run);
  add(&s, &r->pauses, mutators == 1 ? 0 : GCB_ALL_MUTATORS);
  out->stopped = join(&s, run);
  uint64_t in_cpu = r->stopped_cpu < cpu ? r->stopped_cpu : cpu;
  double rate = run > in_stops ? (double)(cpu - in_cpu) / (double)(run - in_stops) : 0;
  out->stopped_cpu = in_cpu + (uint64_t)((double)(out->stopped - in_stops) * rate);
  free(s.at);
  return true;
}
