/* A thread that samples memory: the resident set, for its average over an iteration, and beside it what the
 * collector has committed, for a picture of both over time. */
#ifndef GCB_SAMPLER_H
#define GCB_SAMPLER_H

#include "measure/measured_process.h"

typedef struct gcb_sampler gcb_sampler;
/* Sample every period_ns, on that cpu if it is not -1, and tell `progress` each time; *committed is an atomic
 * of others, which outlives the sampler. NULL when the system refuses the thread: the other calls take NULL
 * and know nothing. */
gcb_sampler *gcb_sampler_start(uint64_t period_ns, int cpu, const uint64_t *committed,
                               gcb_progress *progress);
/* Forget the samples; read their average (at least one sample is taken by the call itself). */
void gcb_sampler_clear(gcb_sampler *s);
gcb_rss_average gcb_sampler_read(gcb_sampler *s);
/* [[ns after origin, resident bytes, committed bytes]] since it was cleared, evenly thinned out where they
 * are many. New reference. */
json_t *gcb_sampler_memory(gcb_sampler *s, uint64_t origin);
/* How long, in ns since its start, the thread neither ran, slept as it wished, nor waited for a cpu: the
 * process was stopped or frozen, or the machine slept. Less than a quarter of a second at once does not
 * count. */
uint64_t gcb_sampler_stopped(gcb_sampler *s);
void gcb_sampler_stop(gcb_sampler *s);

#endif
