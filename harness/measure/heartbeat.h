/* A thread of the harness's own that wakes at a fixed beat and notes when it was late: what the operating
 * system (or the hypervisor under it) did to a thread that asked for next to nothing. A mutator's stall
 * beside such a gap is suspect; a collector's stall without one is the collector's.
 *
 * It sleeps between beats and does not spin, so that it leaves the mutator its core, its sibling's caches and
 * its share of the power; every gap longer than a beat and GCB_GAP_MIN_NS is seen all the same, because a
 * beat falls into it.
 */
#ifndef GCB_HEARTBEAT_H
#define GCB_HEARTBEAT_H

#include "runtime/event_recorder.h"

enum { GCB_GAP_MIN_NS = 50000 };

typedef struct gcb_heartbeat gcb_heartbeat;
/* Beat every period_ns, on that cpu if it is not -1, and record gaps of more than GCB_GAP_MIN_NS in r->gaps
 * (under r->lock, as everything there).
 * NULL when the system refuses the thread; stop(NULL) does nothing. */
gcb_heartbeat *gcb_heartbeat_start(gcb_recorder *r, uint64_t period_ns, int cpu);
void gcb_heartbeat_stop(gcb_heartbeat *b);

#endif
