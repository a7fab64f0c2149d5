/* Which cpus other gcbench processes measure on: a lock for each cpu in one file of this machine. A lock goes
 * with its process, however that ends.
 */
#ifndef GCB_CPU_LOCKS_H
#define GCB_CPU_LOCKS_H

#include "plan/placement.h"

/* As gcb_place(), and takes the locks of the cpus until this process ends. The policy "auto" keeps to cpus
 * that no other gcbench has, when enough of them are left; otherwise, and for a list of cpus, the placement's
 * note names the process that has the same cpu. `file`: of the locks, made when missing; NULL: the machine's
 * own. Without such a file nothing is locked and nothing is said. Main thread only, because `topology` is
 * changed for a moment. */
bool gcb_place_beside(const char *file, struct gcb_topology *topology, const char *policy, size_t mutators,
                      size_t workers, struct gcb_placement *out, char *why, size_t n);

#endif
