// Where the threads of an invocation go. Decided once for a cell, the same on every run of a machine.
#pragma once

#include "machine/topology.h"

// No pinning: the scheduler places the thread.
#define GCB_CPU_ANY (-1)

struct gcb_placement {
  size_t mutators, workers;
  int *mutator_cpu; // [mutators]: the cpu of each, or GCB_CPU_ANY
  int *worker_cpu;  // [workers]: collector threads
  bool shared;      // two of the threads are on one core (as siblings or on the same hardware thread)
  char note[256];   // what a reader of the numbers should know, such as
                    // `2 mutators and 2 collector threads share 2 cores`; empty when there is nothing to say
};

// Places mutators and collector threads by a policy:
//
//   none  nothing is pinned.
//   LIST  `0,2-3`: mutators first in the order of the list, then collector threads, wrapping round with a
//   note. auto  1. One hardware thread of a core first. Siblings are used when every allowed core has a
//   thread.
//         2. The smallest part of the machine (an L3 cache, a NUMA node, a package, all) that has a core for
//         every
//            thread; of equals, one that can leave the core of cpu 0 free, then the first. On a hybrid
//            machine, the fastest kind of core alone while it suffices.
//         3. In it, cores in hwloc's order, fast kinds first, and the core of cpu 0 last of its kind, as it
//         serves
//            interrupts. Mutators take the first ones, collector threads those after.
//         4. With more threads than cores, all allowed cores in that order, then their second hardware
//         threads, and
//            so on; when every hardware thread is taken, from the start. So the first collector thread
//            without a core of its own shares the first mutator's, the next one the second's.
//
// Only cpus in `topology->allowed` are used. Any thread may call it; nothing is pinned yet (gcb_pin_thread
// does it). True: `out` is filled, and gcb_placement_free releases it. False: `out` is empty (and may be
// freed) and `why` tells which word is wrong and what can be written instead, or that memory is out.
bool gcb_place(const struct gcb_topology *topology, const char *policy, size_t mutators, size_t workers,
               struct gcb_placement *out, char *why, size_t n);

// Places an invocation with `--gc-threads gc_threads`. Worker 0 is the mutator that stops the world, so
// gc_threads - 1 threads are created; `worker_cpu` has their places first. When there is a core to spare it
// has one more place, the last, for the harness's own threads (the sampler); `workers` counts it. Otherwise
// as gcb_place.
bool gcb_place_invocation(const struct gcb_topology *topology, const char *policy, size_t mutators,
                          size_t gc_threads, struct gcb_placement *out, char *why, size_t n);

// Checks a policy alone, so that a command line can refuse it before anything runs. As gcb_place.
bool gcb_pin_policy_check(const struct gcb_topology *topology, const char *policy, char *why, size_t n);

// Leaves it empty; twice is harmless.
void gcb_placement_free(struct gcb_placement *placement);
