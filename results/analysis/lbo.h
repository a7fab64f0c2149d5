/* Lower-bound overhead (Cai, Blackburn, Bond and Maas, "Distilling the real cost of production garbage
 * collectors", ISPASS 2022): what a collector costs over the least that the work itself could cost.
 *
 *   distilled(g) = total(g) - stop-the-world(g)     baseline = the smallest distilled of the set
 *   LBO(g)       = total(g) / baseline
 *
 * It is a lower bound, since what of a collector's cost hides outside its stops stays in the baseline. A
 * collector that does not tell its stops is taken as if it had none: distilled(g) = total(g). Every LBO is
 * therefore known and at least 1, and so are both ends of its interval.
 */
#ifndef GCB_LBO_H
#define GCB_LBO_H

#include <jansson.h>

/* Add to the summary of each finished cell `lbo`: {wall, cpu, set[], untold[]}, each {mean, lo, hi, n,
 * baseline}, where the set is the cells of the run with the same workload, parameters, heap size and mutators
 * (named by collector and options), and null where there are fewer than two; `untold[]` are those of the set
 * that do not tell their stops. Intervals are of Welch's t on the logarithm of the ratio of means (stats.h);
 * the upper end is the greatest over all members as the baseline, since which is smallest is an estimate too.
 *
 * And `lbo_split` where cells that never reclaim show what a barrier costs alone: mean ns an iteration as
 * {mutator_ns, barrier_ns, stopped_ns, rest_ns}, which add up to the wall time: the plainest non-reclaiming
 * cell; what the one with this cell's write barrier and roots takes more; the stops; what is left: allocation
 * paths, locality, work beside the mutator. */
void gcb_lbo(json_t *cells);

#endif
