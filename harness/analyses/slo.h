/* The highest rate of requests at which a percentile of the response times from intended arrival keeps to a
 * limit: a search over fresh processes, by bisection of the workload's parameter `rate`. */
#ifndef GCB_SLO_H
#define GCB_SLO_H

#include "session/session.h"

typedef struct gcb_slo {
  double p; /* a fraction */
  uint64_t limit_ns;
  const char *word; /* as the user wrote it */
} gcb_slo;

/* Read the word of --slo, and see that all workloads of the session can be searched. False with a sentence.
 */
bool gcb_slo_check(const gcb_session *s, const char *word, gcb_slo *slo, char *why, size_t why_size);

/* Search for a cell; each rate is tried with so many invocations. Adds "slo" to the cell's result (see
 * results/README.md). New reference: the invocations at the rate that was found, or those that ended the
 * search; empty when interrupted. */
json_t *gcb_slo_search(const gcb_session *s, const gcb_slo *slo, gcb_cell *cell, uint64_t invocations);

/* One line a cell that has "slo". */
void gcb_slo_print(const json_t *cells, FILE *out);

#endif
