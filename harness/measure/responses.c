#include "measure/responses.h"
#include "measure/measured_process.h"
#include "results/model/response.h"
#include <errno.h>
#include <math.h>
#include <time.h>

static gcb_trial *trial_of(gcb_task *task) {
  return (gcb_trial *)((char *)task - offsetof(gcb_trial, task));
}

static void wait_until(gcb_task *task, gcb_mutator *m, uint64_t ns) {
  gcb_host *host = &trial_of(task)->in.host;
  struct timespec then = {(time_t)(ns / 1000000000u), (long)(ns % 1000000000u)};
  host->blocked_begin(m);
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &then, NULL) == EINTR) {
  }
  host->blocked_end(m);
}

static void offered(gcb_task *task, gcb_mutator *m, double load, double rate, double saturation) {
  gcb_trial *t = trial_of(task);
  gcb_responses *r = &t->crew[m->id].responses;
  if (task->phase != GCB_PHASE_TIMED) return;
  if (!r->ready) r->ready = gcb_histogram_init(&r->simple) && gcb_histogram_init(&r->intended);
  if (!r->ready) gcb_trial_fail(t, GCB_FAILED, "no memory for the record of response times");
  r->load += load;
  r->rate += rate;
  r->saturation += saturation;
  r->offers++;
}

static void response(gcb_task *task, gcb_mutator *m, uint64_t simple_ns, uint64_t intended_ns) {
  gcb_responses *r = &trial_of(task)->crew[m->id].responses;
  if (task->phase != GCB_PHASE_TIMED || !r->ready) return;
  gcb_histogram_record(&r->simple, simple_ns, 1);
  gcb_histogram_record(&r->intended, intended_ns, 1);
}

void gcb_response_wire(gcb_task *task) {
  task->now = gcb_clock;
  task->wait_until = wait_until;
  task->offered = offered;
  task->response = response;
}

void gcb_response_free(gcb_responses *r) {
  gcb_histogram_free(&r->simple);
  gcb_histogram_free(&r->intended);
  *r = (gcb_responses){0};
}

static json_t *number(double d) {
  return isfinite(d) ? json_real(d) : json_null();
}

/* The load of the first mutator (all have the same), and everybody's response times. */
json_t *gcb_response_json(gcb_trial *t) {
  gcb_responses all = {0};
  const gcb_responses *first = &t->crew[0].responses;
  json_t *out = NULL;
  all.ready = gcb_histogram_init(&all.simple) && gcb_histogram_init(&all.intended);
  for (uint32_t i = 0; all.ready && i < t->task.mutators; i++) {
    const gcb_responses *one = &t->crew[i].responses;
    if (!one->ready) continue;
    gcb_histogram_add(&all.simple, &one->simple);
    gcb_histogram_add(&all.intended, &one->intended);
  }
  if (all.ready && all.simple.total) {
    double n = (double)first->offers;
    out = json_pack("{s:o, s:o, s:o, s:o, s:o}", "load", number(first->load / n), "rate",
                    number(first->rate / n), "saturation", number(first->saturation / n), "simple",
                    gcb_response_describe(&all.simple, true), "intended",
                    gcb_response_describe(&all.intended, true));
  }
  gcb_response_free(&all);
  return out ? out : json_null();
}
