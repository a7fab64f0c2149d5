// Minimum and bounded mutator utilization (Cheng and Blelloch 2001; Sachindran, Moss and Berger 2004), exact.
//
// One mutator's run is [0, run_ns). The time it lost (pauses, allocation stalls, incremental slices, cascades
// of reference counts) is given as half-open spans, which gcb_spans_merge() brings into the form that the
// other functions rely on: ascending, nonempty, inside the run, neither overlapping nor touching.
//
// "Exact" means over every real-valued window inside the run, not over a grid of positions or lengths: the
// candidates below provably hold the worst one, lost time is counted in whole nanoseconds, and windows are
// compared in 128-bit integers (of runs under 2^63 ns). The one rounding is the division that makes the share
// a double. All functions may be called from any thread; none blocks.
#ifndef GCB_MMU_H
#define GCB_MMU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Lost time [start_ns, end_ns), counted from the start of the run.
typedef struct {
  uint64_t start_ns, end_ns;
} gcb_span;

// A worst window and the mutator's share of it, 0 to 1.
typedef struct {
  double share;       // NAN: there is no such window, or no memory
  uint64_t start_ns;  // where it begins; 0 when share is NAN
  uint64_t length_ns; // for MMU the length asked for, for BMU that or longer; 0 when share is NAN
} gcb_utilization;

// Clips the spans to the run, drops the empty and the inverted ones, sorts them and joins those that overlap
// or touch, in place. Returns how many are left. Allocates no more than qsort() does.
size_t gcb_spans_merge(gcb_span *spans, size_t n, uint64_t run_ns);

// The time lost in all of n merged spans.
uint64_t gcb_spans_total(const gcb_span *spans, size_t n);

// MMU(w): the smallest share over all windows of length window_ns inside the run, and the earliest of the
// candidates that has it. A run without spans gives 1. NAN for a window of 0 or longer than the run. O(n)
// time, no allocation.
//
// The candidates are the windows that start where a span does, moved back where they stick out of the run. No
// other is worse: one that starts in running time can slide on to the next span's start (or to the run's end)
// and loses nothing at its left edge, while one that starts inside a span can slide back to that span's start
// and wins at its left edge all that it may lose at its right.
gcb_utilization gcb_mmu(const gcb_span *spans, size_t n, uint64_t run_ns, uint64_t window_ns);

// BMU(w): the smallest MMU over all lengths from window_ns to run_ns, the worst window, and its length. Never
// decreases with w. NAN as for gcb_mmu(), or when there is no memory. O(n log n) time; allocates n points.
//
// A window longer than w that starts inside running time or ends inside it gets no better a share by being
// cut there, and one that starts or ends inside lost time none by being stretched to that span's edge. So the
// worst window either has length w exactly, which is MMU(w), or goes from some span's start to some span's
// end. The latter is the steepest chord of the lost-time curve, found from the convex hull of the admissible
// starts.
gcb_utilization gcb_bmu(const gcb_span *spans, size_t n, uint64_t run_ns, uint64_t window_ns);

// ---- all mutators together ----
//
// The utilization of M mutators in a window is the mean of their shares: 1 - (lost time of all of them) / (M
// x length). A stop of all of them counts as it does for one; while one alone waits, the others' work counts.

// A point of the curve of lost time, summed over mutators.
typedef struct {
  uint64_t at_ns, lost_ns; // lost before at_ns
  uint32_t waiting;        // mutators that lose time from here to the next point
  bool begins, ends;       // a span of some mutator begins, or ends, here
} gcb_joint_point;

// The curve of M mutators, n[m] merged spans each, into `curve`, which has room for 2 x the sum of n[m].
// Ascending, one point a moment. Returns how many points there are. Allocates no more than qsort() does.
size_t gcb_joint_curve(const gcb_span *const *spans, const size_t *n, size_t mutators,
                       gcb_joint_point *curve);

// MMU and BMU of all together, as gcb_mmu() and gcb_bmu(): exact, NAN in the same cases. O(n log n) time; BMU
// allocates n points.
//
// The lost time in a window changes at the rate of those waiting at its right edge less those at its left, so
// the worst window of a length begins where a span does, or ends where one does (or touches the run's edge).
// Of longer ones, as above, the worst begins where a span does and ends where one does.
gcb_utilization gcb_joint_mmu(const gcb_joint_point *curve, size_t n, size_t mutators, uint64_t run_ns,
                              uint64_t window_ns);
gcb_utilization gcb_joint_bmu(const gcb_joint_point *curve, size_t n, size_t mutators, uint64_t run_ns,
                              uint64_t window_ns);

#endif
