/* A thread that samples the resident set, for its average over an iteration. */
#ifndef GCB_SAMPLER_H
#define GCB_SAMPLER_H

#include "trial.h"

typedef struct gcb_sampler gcb_sampler;
/* Sample every period_ns, on that cpu if it is not -1, and tell `progress` each time. NULL when the system
 * refuses the thread: the other calls take NULL and know nothing. */
gcb_sampler *gcb_sampler_start(uint64_t period_ns, int cpu, gcb_progress *progress);
/* Forget the samples; read their average (at least one sample is taken by the call itself). */
void gcb_sampler_clear(gcb_sampler *s);
gcb_rss_average gcb_sampler_read(gcb_sampler *s);
void gcb_sampler_stop(gcb_sampler *s);

#endif
