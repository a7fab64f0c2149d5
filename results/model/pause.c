#include "results/model/pause.h"
#include "results/model/members.h"
#include <stdlib.h>
#include <string.h>

const char *gcb_pause_fault(int64_t start, int64_t end, int64_t latest, const char *kind) {
  if (!kind) return "is of a kind that does not exist";
  if (start < 0) return "begins before the measurement";
  if (end < start) return "ends before it begins";
  if (end > latest) return "ends after the time at which it was reported";
  return NULL;
}

static int by_start(const void *left, const void *right) {
  const gcb_pause_span *a = left, *b = right;
  if (a->start != b->start) return a->start < b->start ? -1 : 1;
  if (a->end != b->end) return a->end < b->end ? -1 : 1;
  return a->mutator - b->mutator;
}

/* Of the pauses that are cascades, or of the others; sorted. */
static void doubt(const gcb_pause_span *spans, size_t n, bool cascades, gcb_pause_doubts *d) {
  int64_t own[GCB_PAUSE_MUTATORS] = {0}, of_all = 0, of_any = 0;
  const gcb_pause_span *last = NULL;
  for (size_t i = 0; i < n; i++) {
    const gcb_pause_span *p = &spans[i];
    if (p->cascade != cascades || p->mutator >= GCB_PAUSE_MUTATORS) continue;
    bool all = p->mutator < 0;
    int64_t before = all ? of_any : own[p->mutator] > of_all ? own[p->mutator] : of_all;
    d->overlaps += p->start < before;
    d->twice += last && p->end > p->start && by_start(last, p) == 0;
    if (p->end > of_any) of_any = p->end;
    int64_t *mine = all ? &of_all : &own[p->mutator];
    if (p->end > *mine) *mine = p->end;
    last = p;
  }
}

gcb_pause_doubts gcb_pauses_doubted(gcb_pause_span *spans, size_t n) {
  gcb_pause_doubts d = {0, 0};
  if (n) qsort(spans, n, sizeof *spans, by_start);
  doubt(spans, n, false, &d);
  doubt(spans, n, true, &d);
  return d;
}

gcb_pause_doubts gcb_iteration_doubts(const json_t *iteration, bool *over_wall) {
  const json_t *pauses = json_object_get(iteration, "pauses");
  size_t n = json_array_size(pauses), i;
  gcb_pause_span *spans = calloc(n + 1, sizeof *spans);
  gcb_pause_doubts d = {0, 0};
  double sum = 0;
  json_t *pause;
  *over_wall = false;
  if (!spans) return d;
  json_array_foreach(pauses, i, pause) {
    const json_t *who = json_object_get(pause, "mutator");
    json_int_t start = json_integer_value(json_object_get(pause, "start_ns"));
    json_int_t ns = json_integer_value(json_object_get(pause, "ns"));
    spans[i] = (gcb_pause_span){start, start + ns,
                                json_is_integer(who) ? (int)json_integer_value(who) : GCB_PAUSE_OF_ALL,
                                strcmp(gcb_string(pause, "kind"), "cascade") == 0};
    if (!json_is_integer(who)) sum += (double)ns;
  }
  d = gcb_pauses_doubted(spans, n);
  *over_wall = sum > gcb_number(iteration, "wall_ns");
  free(spans);
  return d;
}
