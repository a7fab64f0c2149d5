/* How far the inline path is from code written by hand, from the call path, and a workload on a collector
 * from an arena. Everything that is compared runs in turns in one process, forwards and backwards, because
 * the speed of a shared machine drifts by more than what is to be shown; a ratio is the median over the
 * pairs. */
#include "micro/micro.h"
#include "plan/settings.h"
#include "results/model/clean.h"
#include "results/stats/stats.h"
#include "runtime/enum_names.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { OPERATIONS = 2000000, MAX_PAIRS = 1000 };
enum { HAND, INLINE, CALL, ARENA, WORKLOAD, COMPETITORS };

/* Of the process: other programs may take turns on this cpu, and what a collector does on threads of its own
 * is part of the price. */
static uint64_t cpu_clock(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

typedef struct stopwatch {
  gcb_loop loop; /* first */
  uint64_t operations, start, ns;
} stopwatch;

static uint64_t more(gcb_loop *l) {
  stopwatch *w = (stopwatch *)l;
  uint64_t n = w->operations;
  w->operations = 0;
  if (n)
    w->start = cpu_clock();
  else
    w->ns = cpu_clock() - w->start;
  return n;
}

static const gcb_kernel *find(const gcb_kernel_table *table, const char *name) {
  for (uint32_t i = 0; i < table->n; i++)
    if (strcmp(table->at[i].name, name) == 0) return table->at + i;
  return NULL;
}

/* ---- the workload, an iteration at a time ---- */

typedef struct program {
  gcb_stage *s;
  const gcb_workload *w;
  gcb_value params[64];
  gcb_task task;
  gcb_tally tally;
  uint64_t ns;
} program;

static void explain(gcb_task *task, const char *format, ...) {
  program *p = (program *)((char *)task - offsetof(program, task));
  va_list args;
  va_start(args, format);
  vsnprintf(p->s->why, sizeof p->s->why, format, args);
  va_end(args);
}

static gcb_status set_up(gcb_mutator *m, void *arg) {
  program *p = arg;
  return p->w->setup ? p->w->setup(m, &p->task) : GCB_OK;
}
static gcb_status iterate(gcb_mutator *m, void *arg) {
  program *p = arg;
  p->tally = (gcb_tally){0};
  m->gc->collect(m, GCB_MAJOR);
  uint64_t start = cpu_clock();
  gcb_status status = p->w->iterate(m, &p->task, &p->tally);
  p->ns = cpu_clock() - start;
  return status;
}

typedef struct race {
  gcb_stage s;
  program p;
  const gcb_kernel *kernel[COMPETITORS];
  double ns[COMPETITORS][MAX_PAIRS]; /* an operation; of the workload, an iteration */
} race;

static gcb_status turn(race *r, unsigned who, size_t round) {
  if (who == WORKLOAD) {
    gcb_status status = gcb_stage_perform(&r->s, iterate, &r->p);
    r->ns[who][round] = (double)r->p.ns;
    return status;
  }
  uint64_t n = who == ARENA ? 1 : OPERATIONS;
  stopwatch w = {.loop = {.more = more}, .operations = n};
  gcb_status status = gcb_stage_kernel(&r->s, r->kernel[who], &w.loop);
  r->ns[who][round] = (double)w.ns / (double)n;
  return status;
}

static json_t *ratio(race *r, size_t n, const char *what, unsigned a, unsigned b, double at_least,
                     double at_most) {
  double pair[MAX_PAIRS], log_pair[MAX_PAIRS];
  for (size_t i = 0; i < n; i++) {
    pair[i] = r->ns[a][i] / r->ns[b][i];
    log_pair[i] = log(pair[i]);
  }
  double median = gcb_median(pair, n);
  gcb_interval interval = gcb_hodges_lehmann(log_pair, n);
  bool met = at_least > 0 ? median >= at_least : median <= at_most;
  json_t *out = json_pack("{s:s, s:f, s:f, s:f, s:b}", "what", what, "ns", gcb_median(r->ns[a], n),
                          "against_ns", gcb_median(r->ns[b], n), "ratio", median, "met", met);
  json_object_set_new(out, at_least > 0 ? "at_least" : "at_most",
                      json_real(at_least > 0 ? at_least : at_most));
  json_object_set_new(out, "lo", isnan(interval.lo) ? json_null() : json_real(exp(interval.lo)));
  json_object_set_new(out, "hi", isnan(interval.hi) ? json_null() : json_real(exp(interval.hi)));
  return out;
}

/* The workload that a baseline stands for, set up in a heap of `heap_factor` times its live bytes. */
static bool open_race(race *r, const json_t *spec) {
  program *p = &r->p;
  gcb_stage *s = &r->s;
  const gcb_path_module *calls = gcb_load_path((gcb_path){0}, s->why, sizeof s->why);
  if (!calls) return false;
  for (uint32_t i = 0; i < calls->baselines->n; i++)
    if (calls->baselines->at[i].by_hand) r->kernel[ARENA] = calls->baselines->at + i;
  p->w = gcb_find_workload(calls, r->kernel[ARENA]->by_hand);
  if (!p->w || !gcb_settings_read(p->w->params, p->w->n_params, NULL, p->params, s->why, sizeof s->why))
    return false;
  p->s = s;
  p->task = (gcb_task){.params = p->params,
                       .state = calloc(1, p->w->state_bytes + 1),
                       .seed = 1,
                       .mutators = 1,
                       .scratch = "",
                       .explain = explain};
  double bytes = json_number_value(json_object_get(spec, "heap_factor")) * (double)p->w->peak_live(&p->task);
  json_t *with_heap = json_copy((json_t *)spec);
  json_object_set_new(with_heap, "heap_bytes", json_integer((json_int_t)bytes));
  bool open = p->task.state && gcb_stage_open(s, with_heap);
  json_decref(with_heap);
  if (!open) return false;
  p->w = gcb_find_workload(s->path, r->kernel[ARENA]->by_hand);
  r->kernel[HAND] = find(s->path->baselines, "baseline/bump");
  r->kernel[INLINE] = find(s->path->kernels, "new_init/2");
  r->kernel[CALL] = find(s->calls->kernels, "new_init/2");
  return gcb_stage_perform(s, set_up, p) == GCB_OK;
}

static json_t *answer(gcb_status status, const char *why) {
  return json_pack("{s:s, s:o}", "status", gcb_status_word(status), "reason", gcb_clean_string(why));
}

json_t *gcb_ratios_child(const json_t *spec) {
  race *r = calloc(1, sizeof *r);
  if (!r) return NULL;
  if (!open_race(r, spec)) return answer(GCB_FAILED, r->s.why);
  size_t pairs = (size_t)json_integer_value(json_object_get(spec, "pairs"));
  if (pairs > MAX_PAIRS) pairs = MAX_PAIRS;
  for (size_t warm = 0; warm <= pairs; warm++) /* round 0 is done twice: the first time warms up */
    for (unsigned i = 0; i < COMPETITORS; i++) {
      gcb_status status = turn(r, warm % 2 ? COMPETITORS - 1 - i : i, warm ? warm - 1 : 0);
      if (status != GCB_OK) return answer(status, r->s.why);
    }
  json_t *ratios = json_array();
  char what[200];
  json_array_append_new(
      ratios, ratio(r, pairs, "two-slot allocation with two stores: inline / by hand", INLINE, HAND, 0, 2));
  json_array_append_new(
      ratios, ratio(r, pairs, "two-slot allocation with two stores: call / inline", CALL, INLINE, 1.5, 0));
  snprintf(what, sizeof what, "%s at %gx: collector / arena", r->p.w->name,
           json_number_value(json_object_get(spec, "heap_factor")));
  json_array_append_new(ratios, ratio(r, pairs, what, WORKLOAD, ARENA, 0, 4));
  return json_pack("{s:s, s:n, s:s, s:o}", "status", "ok", "reason", "path", gcb_path_name(r->s.in.heap.path),
                   "ratios", ratios);
}
