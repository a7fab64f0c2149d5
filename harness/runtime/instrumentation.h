/* Clocks on what a mutator may wait for inside the collector: what it suffers, whatever the collector says.
 *
 * How much is clocked is the instance's `watch`. A latency invocation clocks every way into the collector
 * that may take long: allocation (also where every allocation is a call), barrier slow paths, counted deaths,
 * weak references, finalizers, and, over a handle runtime, the operations that may allocate or free. That
 * taxes throughput, so a throughput invocation clocks only slow allocations and safepoints.
 *
 * Invariant: time inside a clocked path is charged once, to the outermost path: gcb_thread.in_slow_path
 * counts the nesting, and a safepoint reached inside one is no stall of its own.
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
/* Start the sums of short stalls (gcb_thread.short_ns, short_n) afresh, on the mutator's own thread. */
void gcb_watch_clear(gcb_mutator *m);
/* Is every stall of this instance known? Not on call paths of a throughput invocation. */
bool gcb_watch_complete(const struct gcb_instance *in);

#endif
