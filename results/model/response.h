/* Response times of workloads that serve requests: simple (since the service began) and intended (since the
 * request was due), as the histograms of invocations.
 */
#ifndef GCB_RESPONSE_H
#define GCB_RESPONSE_H

#include "results/stats/histogram.h"
#include <jansson.h>
#include <stdbool.h>

/* The percentiles of response times: as JSON names them, as tables do, and as fractions. */
enum { GCB_RESPONSE_PERCENTILES = 5 };
typedef struct gcb_response_percentile_row {
  const char *word, *head;
  double p;
} gcb_response_percentile_row;
extern const gcb_response_percentile_row gcb_response_percentiles[GCB_RESPONSE_PERCENTILES];

/* Percentiles, maximum, mean and count of a histogram of ns, with its buckets if asked for. New reference. */
json_t *gcb_response_describe(const gcb_histogram *h, bool buckets);
/* Over invocations that have {load, rate, saturation, simple{}, intended{}} at "response": the same without
 * the buckets; JSON null when none has. New reference. */
json_t *gcb_response_merge(const json_t *invocations);
/* A percentile (a fraction) of the intended response times of those invocations; NAN without enough samples.
 */
double gcb_response_percentile(const json_t *invocations, double p);
#endif
