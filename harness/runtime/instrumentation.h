/* Clocks on what a mutator may wait for inside the collector: what it suffers, whatever the collector says.
 *
 * How much is clocked is the instance's `watch`. A latency invocation clocks every way into the collector
 * that may take long: allocation (also where every allocation is a call), barrier slow paths, counted deaths,
 * weak references, finalizers, and, over a handle runtime, the operations that may allocate or free. That
 * taxes throughput, so a throughput invocation clocks only slow allocations and safepoints.
 *
 * Invariant: time inside a clocked path is charged once, to the outermost path: gcb_thread.in_slow_path
 * counts the nesting, and a safepoint reached inside one is no stall of its own.
 *
 * A stall is also known by the CPU time of its thread, so that what the system took is told from what the
 * collector did. Reading that clock is a system call, so a path that begins within GCB_CPU_CLOCK_OLD_NS of
 * the last reading does not read it: the time since then counts as CPU time before the path, so that the CPU
 * time of a stall is never too high. Stops of the world, which have a CPU time of their own, cut the stall of
 * the thread that makes them into pieces.
 */
#ifndef GCB_WATCH_H
#define GCB_WATCH_H

#include "runtime/enum_names.h"
#include <gcbench/ops.h>
#include <stdbool.h>

struct gcb_instance;

/* Say what is clocked; before any mutator is attached. gcb_instance_init() sets GCB_WATCH_THROUGHPUT. */
void gcb_watch_set(struct gcb_instance *in, gcb_watch watch);
/* Point a mutator that is being attached at the functions to call. */
void gcb_watch_mutator(struct gcb_instance *in, gcb_mutator *m);
/* The operations that a mutator of this instance calls: clocked ones over a handle runtime in a latency
 * invocation, else the instance's own. Main thread, once the path is settled and no mutator runs. */
const gcb_ops *gcb_watch_ops(struct gcb_instance *in);
enum { GCB_CPU_CLOCK_OLD_NS = 250000 };

/* On the thread of `m`, which has stopped the world at time `at` (ns): the present piece of its stall ends
 * there. Nothing outside a clocked path. */
void gcb_stall_cut(struct gcb_instance *in, gcb_mutator *m, uint64_t at);
/* The same thread resumes the world at `at`: the next piece begins. */
void gcb_stall_continue(gcb_mutator *m, uint64_t at);
/* Start the sums of short stalls (gcb_thread.short_ns, short_n) afresh, on the mutator's own thread. */
void gcb_watch_clear(gcb_mutator *m);
/* Is every stall of this instance known? Not on call paths of a throughput invocation. */
bool gcb_watch_complete(const struct gcb_instance *in);

#endif
