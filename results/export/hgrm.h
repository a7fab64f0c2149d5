/* Distributions as HdrHistogram percentile text (.hgrm), which its plotter and wrk2's readers take. */
#ifndef GCB_HGRM_H
#define GCB_HGRM_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/* Pauses of all cells' timed iterations together (latency invocations if there are any, else the others), in
 * milliseconds: one distribution, so choose the cell before. Exact, from the raw pauses: 5 steps to each
 * halving of the distance to 100 %, as HdrHistogram's outputPercentileDistribution() has them. False when no
 * pause is known. */
bool gcb_hgrm_pauses(const json_t *run, FILE *out);
/* The same of response times from the intended arrival; false when no cell served requests. */
bool gcb_hgrm_responses(const json_t *run, FILE *out);

#endif
