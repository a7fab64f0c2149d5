/* Exact counts of what a mutator does, from an extra, untimed iteration that runs the workloads' call copy
 * through a counting table over the same heap: so the timed iterations pay nothing for them. */
#ifndef GCB_COUNTING_H
#define GCB_COUNTING_H

#include <gcbench/ops.h>

typedef struct gcb_op_counts {
  uint64_t allocated_bytes, allocated_objects; /* bytes as gcb_size_of() counts */
  uint64_t inits, puts, gets, reads, writes, polls, frames;
  uint64_t weaks, weak_gets, ephemerons, finalizers;
  uint64_t digest; /* of the sequence of operations and their numbers, no address in it: equal on every
                      collector */
} gcb_op_counts;

/* The table; every operation adds to the mutator's counts, then calls m->heap's own table (gcb_instance.ops).
 */
extern const gcb_ops gcb_counting_ops;

#endif
