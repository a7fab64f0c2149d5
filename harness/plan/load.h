/* Finding and loading modules: collectors, and the compiled copies of the workloads. In a process of its own
 * only: a module may do anything. */
#ifndef GCB_LOAD_H
#define GCB_LOAD_H

#include "workloads/path_module.h"

/* Folder of the modules: $GCBENCH_LIB, or ../lib/gcbench beside the running program. Static; NULL when /proc
 * is not there. */
const char *gcb_lib_dir(void);

/* Load a collector's shared object and check its declaration. NULL with one sentence in `why`: no such file,
 * not a collector, another ABI, a function missing that its path needs. Stays loaded. */
const gcb_collector *gcb_load_collector(const char *file, char *why, size_t why_size);

/* The copy of the workloads for a path; GCB_ALLOC_CALL serves where no copy has the path's inline allocation.
 * NULL with a sentence that names the path when no copy fits. */
const gcb_path_module *gcb_load_path(gcb_path path, char *why, size_t why_size);
const gcb_workload *gcb_find_workload(const gcb_path_module *p, const char *name);

/* The copy of the workload in this shared object (see <gcbench/mutator.h>) for a path; as above,
 * GCB_ALLOC_CALL serves too. NULL with one sentence in `why`: no such file, no workload, another ABI, a
 * function missing, no copy for the path. Stays loaded. */
const gcb_workload *gcb_load_workload(const char *file, gcb_path path, char *why, size_t why_size);

/* "bump-card-none-plain". Static per thread. */
const char *gcb_path_name(gcb_path path);

/* Call the collector's start(), and set the numeric locale back to "C": a runtime may have set the user's,
 * with a decimal comma, for the whole process, in which libraries then read and write numbers. */
gcb_status gcb_start_collector(const gcb_collector *c, gcb_heap *h, const gcb_value *values, char *why,
                               size_t why_size);

#endif
