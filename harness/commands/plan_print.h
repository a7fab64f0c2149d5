/* What --dry-run shows of a plan: its cells as tables, or everything as JSON. */
#ifndef GCB_PLAN_PRINT_H
#define GCB_PLAN_PRINT_H

#include "plan/cells.h"
#include <stdio.h>

/* The plan as a document (schema gcbench.plan/1, see results/README.md): the cells, the order in which their
 * invocations would run, and an estimate of the time. `kinds` is 2 when each invocation is followed by one
 * that clocks latencies, else 1. Draws from the plan's random order. New reference. */
json_t *gcb_plan_document(gcb_plan *p, const gcb_request *r, uint64_t kinds);

/* The same as tables: one for each workload and parameter set, a row a cell, and a last line with the totals.
 */
void gcb_plan_print(const json_t *document, FILE *out);

#endif
