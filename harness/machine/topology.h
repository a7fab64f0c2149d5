// The machine as its threads see it: packages, NUMA nodes, caches, cores and hardware threads, through hwloc.
//
// A topology is this machine or a *recorded* one (an XML file that `lstopo machine.xml` writes), so that
// placement can be checked on machines that are not at hand. A `cpu` is everywhere the operating system's
// index of a hardware thread, as in taskset and /proc/cpuinfo.
#pragma once

#include <hwloc.h>
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

// Read it freely, from any thread; only gcb_topology_open and gcb_topology_close write.
struct gcb_topology {
  hwloc_topology_t hw; // the whole machine, with what this process may not use
  hwloc_bitmap_t
      allowed;   // the cpus that are online and that the cgroup and the affinity mask leave us; never empty
  bool recorded; // from a file: describes another machine, and nothing can be pinned
};

// Reads the topology of this machine (`xml` NULL) or of a recorded one. Takes milliseconds: call it once,
// early, in the main thread *before* any pinning, because the affinity mask of the calling thread bounds
// `allowed`. The caller closes it. NULL on failure, with a sentence in `why`.
struct gcb_topology *gcb_topology_open(const char *xml, char *why, size_t n);

// NULL is fine. No thread may be inside another call on it.
void gcb_topology_close(struct gcb_topology *topology);

// One line for people, such as `2 cores, 1 package, L3 480 MiB, Intel(R) Xeon(R) Processor`. What is unknown
// is left out; a machine of which we may use a part says so (`4 of 32 cpus allowed`). Cut at `n`, always
// terminated.
void gcb_topology_summary(const struct gcb_topology *topology, char *line, size_t n);

// Everything, for the `context` of a run; the caller owns it. NULL only when memory is out. Sets of cpus are
// lists
// (`0-3,8`), sizes are bytes, and what the machine does not tell is null:
//   model     string                                      recorded  boolean
//   allowed   set                                         offline   set (present, but unusable until brought
//   online) packages  [{index, model, cpus}]                      numa      [{index, cpus, memory_bytes}]
//   cores     [{package, numa, kind, cpus}]               pus       [{cpu, core, allowed}]
//   caches    [{level, type, bytes, line_bytes, shared_by}]
// `kind` ranks the cores of a hybrid machine, 0 the slowest; `core`, `package` and `numa` are positions in
// their lists.
json_t *gcb_topology_json(const struct gcb_topology *topology);

// What counts as a core: virtual machines often hide the cores, and each hardware thread is then taken for
// one.
hwloc_obj_type_t gcb_core_type(const struct gcb_topology *topology);

// The rank of a core (or hardware thread) of a hybrid machine, 0 the slowest; -1 when the machine ranks none.
int gcb_core_kind(const struct gcb_topology *topology, hwloc_obj_t core);

// Pins the calling thread to one cpu. False when the system refuses, or when the topology is a recorded one,
// with a sentence in `why`: the thread then runs where it ran before, so the caller records the failure and
// may go on.
bool gcb_pin_thread(const struct gcb_topology *topology, int cpu, char *why, size_t n);
