/* Sums over what was recorded in an iteration: whose time was lost, and whether the collector said so. */
#ifndef GCB_LOST_H
#define GCB_LOST_H

#include "runtime/event_recorder.h"

typedef struct gcb_lost {
  uint64_t suffered;       /* mutators' stalls, each mutator's time counted once, summed over mutators */
  uint64_t unreported;     /* of that, outside every pause that the collector reported for that mutator or for
                              all, and outside the times to safepoint */
  uint64_t suffered_cpu;   /* CPU time of the stalls: of stops, as the thread that made them used it; of
                              what is outside stops, as the mutator's thread used it */
  uint64_t unreported_cpu; /* of that, the part of `unreported` */
  uint64_t stopped; /* stop-the-world: stops that the harness saw, and reported pauses of all mutators, or of
                       the only one; each moment once */
  uint64_t stopped_cpu; /* CPU time of that: measured in the stops; in reported pauses outside them, as much
                           as the process used on average outside its stops */
} gcb_lost;

/* Of the iteration [start, end) with that many mutators, in which the process used `cpu` ns. False: no
 * memory.
 */
bool gcb_lost_time(const gcb_recorder *r, uint64_t start, uint64_t end, uint64_t cpu, uint32_t mutators,
                   gcb_lost *out);

#endif
