/* The timed laps of an invocation: each with its resident set and its entry in the results. */
#ifndef GCB_LAPS_H
#define GCB_LAPS_H

#include "measure/measured_process.h"
#include "measure/sampler.h"

typedef struct gcb_timing {
  gcb_trial *t;
  gcb_sampler *sampler;
  json_t *iterations; /* one appended for each lap that ended well */
  uint64_t stopped;   /* ns: that the process was stopped in the timed laps so far */
  uint64_t ops, ns;   /* of the last lap, for who watches; 0 before the first */
} gcb_timing;

/* n laps, up to the first that fails: driven by Google Benchmark when the spec says so ("google_benchmark"),
 * whose entry goes to t->benchmark, else by a loop. */
void gcb_timed_laps(gcb_timing *timing, uint64_t n);

#endif
