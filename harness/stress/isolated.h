/* A program in a process of its own, which a broken heap may take with it: for shrinking, and for foreign
 * runtimes, which start once in a process. */
#ifndef GCB_STRESS_APART_H
#define GCB_STRESS_APART_H

#include "stress/program_run.h"

/* True with its finding ("CHECK OPERATION LINE MESSAGE") when it failed. Adds to the counts. */
bool gcb_stress_apart(const gcb_collector *gc, const gcb_stress_program *p, gcb_stress_counts *counts,
                      char *finding, size_t size);
/* The same on a heap that was started once for all programs that start alike: a few processes that hold such
 * a heap wait for the next, and fork for each. */
bool gcb_stress_serve(const gcb_collector *gc, const gcb_stress_program *p, gcb_stress_counts *counts,
                      char *finding, size_t size);

#endif
