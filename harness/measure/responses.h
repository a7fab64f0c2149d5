/* Records the response times of workloads that serve requests, in histograms outside the measured heap, one
 * pair a mutator. Also the clock and the wait that such workloads get.
 */
#ifndef GCB_RESPONSES_H
#define GCB_RESPONSES_H

#include "results/stats/histogram.h"
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
/* Forget what was recorded, and free its memory. */
void gcb_response_free(gcb_responses *r);

#endif
