/* --live SIZE: the parameters with which a workload keeps about so many bytes alive. */
#ifndef GCB_SCALE_H
#define GCB_SCALE_H

#include <gcbench/mutator.h>
#include <jansson.h>

/* An iteration at least allocates so many times its live bytes, where the workload can: in a heap of three
 * times the live bytes a collector that marks and sweeps collects each time that twice the live bytes are
 * allocated, so this gives it 30 collections and a few to spare. */
enum { GCB_SCALE_TURNOVER = 64 };
/* The live bytes are called near enough when they differ from the wish by no more than this. */
#define GCB_SCALE_TOLERANCE 0.05

/* Add to `given` ({name: word}, of which nothing is changed) the live and work parameters of the workload
 * with which its analytic peak comes nearest to `live` bytes. Of `task` the seed and the number of mutators
 * are used. `note` becomes a sentence when the peak is not within GCB_SCALE_TOLERANCE, or an iteration
 * allocates too little for collections; else "". False with a sentence in `why` when the workload cannot be
 * scaled, or `given` fixes or contains what it must not. Calls peak_live() up to some 100 times. */
bool gcb_scale(const gcb_workload *w, const gcb_task *task, uint64_t live, json_t *given, char *note,
               size_t note_size, char *why, size_t why_size);

#endif
