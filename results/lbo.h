/* Lower-bound overhead (Cai, Blackburn, Bond and Maas, "Distilling the real cost of production garbage
 * collectors", ISPASS 2022): what a collector costs over the least that the work itself could cost.
 *
 *   distilled(g) = total(g) - stop-the-world(g)     baseline = the smallest distilled of the set
 *   LBO(g)       = total(g) / baseline
 *
 * It is a lower bound, since what of a collector's cost hides outside its stops stays in the baseline.
 */
#ifndef GCB_LBO_H
#define GCB_LBO_H

#include <jansson.h>
#include <stdint.h>

/* Add to the summary of each finished cell `lbo`: {wall, cpu, set[]}, each {mean, lo, hi, n, baseline}, where
 * the set is the cells of the run with the same workload, parameters, heap size and mutators (named by
 * collector and options), and null where there are fewer than two. Intervals are bootstrapped over
 * invocations, the baseline chosen anew in each resample, since which is smallest is random too.
 *
 * And `lbo_split` where cells that never reclaim show what a barrier costs alone: mean ns an iteration as
 * {mutator_ns, barrier_ns, stopped_ns, rest_ns}, which add up to the wall time: the plainest non-reclaiming
 * cell; what the one with this cell's write barrier and roots takes more; the stops; what is left: allocation
 * paths, locality, work beside the mutator. */
void gcb_lbo(json_t *cells, uint64_t seed);

#endif
