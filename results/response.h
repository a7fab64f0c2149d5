/* Response times of workloads that serve requests: simple (since the service began) and intended (since the
 * request was due), as the histograms of invocations.
 */
#ifndef GCB_RESPONSE_H
#define GCB_RESPONSE_H

#include "histogram.h"
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/* Percentiles, maximum, mean and count of a histogram of ns, with its buckets if asked for. New reference. */
json_t *gcb_response_describe(const gcb_histogram *h, bool buckets);
/* Over invocations that have {load, rate, saturation, simple{}, intended{}} at "response": the same without
 * the buckets; JSON null when none has. New reference. */
json_t *gcb_response_merge(const json_t *invocations);
/* A percentile (a fraction) of the intended response times of those invocations; NAN without enough samples.
 */
double gcb_response_percentile(const json_t *invocations, double p);
/* Percentiles of cells[from .. to - 1] as a table, if any of them has response times. */
void gcb_response_print(const json_t *cells, size_t from, size_t to, FILE *out);

#endif
