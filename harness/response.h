/* Response times of workloads that serve requests: simple (since the service began) and intended (since the
 * request was due), in histograms outside the measured heap, one pair a mutator. Also the clock and the wait
 * that such workloads get. */
#ifndef GCB_RESPONSE_H
#define GCB_RESPONSE_H

#include "histogram.h"
#include <gcbench/mutator.h>
#include <jansson.h>

typedef struct gcb_responses {
  gcb_histogram simple, intended;
  double load, rate, saturation;
  uint64_t offers; /* iterations that were announced */
  bool ready;
} gcb_responses;

struct gcb_trial;

/* Give the task of a trial its clock, its wait and its recorder. */
void gcb_response_wire(gcb_task *task);
/* What all mutators of a trial recorded in its timed iterations, as {load, rate, saturation, simple{},
 * intended{}}; JSON null when nothing was recorded. New reference. */
json_t *gcb_response_json(struct gcb_trial *t);
/* The same over invocations that have such an object at "latency", without the buckets; JSON null when none
 * has. New reference. */
json_t *gcb_response_merge(const json_t *invocations);
/* A percentile (a fraction) of the intended response times of those invocations; NAN without enough samples.
 */
double gcb_response_percentile(const json_t *invocations, double p);
/* Forget what was recorded, and free its memory. */
void gcb_response_free(gcb_responses *r);

/* Percentiles of cells[from .. to - 1] as a table, if any of them has response times. */
void gcb_response_print(const json_t *cells, size_t from, size_t to, FILE *out);

#endif
