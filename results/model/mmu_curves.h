/* Minimum and bounded mutator utilization of a cell, from the raw intervals in its results. */
#ifndef GCB_CURVES_H
#define GCB_CURVES_H

#include <jansson.h>
#include <stdint.h>

/* Add to the cell's summary:
 *   mmu_source   "latency" when the cell has latency invocations, else "throughput"
 *   mmu[]        {window_ns, mmu, bmu, worst_start_ns, worst_mutator, worst_iteration, worst_invocation}: of
 *                all mutators, which is the worst of any mutator in any timed iteration; windows from 0.1 ms
 *                to 1 s in steps of 1-2-5; null where no iteration is as long as the window, or an iteration
 * tells neither its pauses nor all stalls mmu_joint[]  {window_ns, mmu, bmu, worst_start_ns, worst_iteration,
 * worst_invocation}: of all mutators together, the mean of their shares of a window; only with several
 *   mmu_mutators[]  {mutator, mmu[], bmu[]}: each mutator's own, in the order of the windows; only with
 * several A mutator's lost time is what it suffered or what the collector reported of it or of all, each
 * moment once; stalls under GCB_STALL_MIN_NS are not in it. */
void gcb_curves(json_t *summary, const json_t *cell);

/* The least share of any window of that length that any mutator had to itself, in any timed iteration of one
 * invocation; NAN where neither pauses nor all stalls are told, or no iteration is as long. Allocates. */
double gcb_invocation_mmu(const json_t *invocation, uint64_t window_ns);

#endif
