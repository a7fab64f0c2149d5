/* gcbench micro, in three parts: the child process that measures one collector, the merging of what the
 * children report, and the ratios to code written by hand. */
#ifndef GCB_MICRO_H
#define GCB_MICRO_H

#include "plan/load.h"
#include "runtime/heap_host.h"
#include <jansson.h>

/* ---- a heap to measure in (micro_stage.c); one a process ---- */

typedef struct gcb_stage {
  gcb_instance in; /* first */
  gcb_value values[64];
  const gcb_path_module *path, *calls; /* the collector's inline copy, and the call copy */
  gcb_mutator *m;
  struct gcb_topology *topology;
  char why[400]; /* the last thing that went wrong, a sentence */
} gcb_stage;

/* Load the collector and start it as `spec` says: {collector (file), options{}, heap_bytes, workers, cpu}. On
 * the main thread of a process of its own. No collector (null): only the call copy is loaded. False: see
 * why. */
bool gcb_stage_open(gcb_stage *s, const json_t *spec);
/* Run `body` inside the collector's own frame; when it does not end well its frames are dropped. `calls`:
 * with the operations that the call copy uses. */
gcb_status gcb_stage_perform(gcb_stage *s, gcb_status (*body)(gcb_mutator *m, void *arg), void *arg);
/* A kernel's loop, the frame around it, and why it ended (in s->why when not GCB_OK). */
gcb_status gcb_stage_kernel(gcb_stage *s, const gcb_kernel *k, gcb_loop *l);
/* The first capability that the kernel needs and the collector lacks, or NULL. */
const char *gcb_stage_lacks(const gcb_stage *s, const gcb_kernel *k);

/* ---- children ---- */

/* Run the kernels on one collector, by Google Benchmark. spec: as above and {name, call, filter, min_time,
 * repetitions, interleave, list}. Answers {status, reason, cases, failed, table, warnings, skipped, json}.
 * New reference. */
json_t *gcb_micro_child(const json_t *spec);
/* Rounds of code by hand and on one collector, side by side in one process, as the ratios of the pairs:
 * {status, reason, ratios: [{name, numerator, denominator, unit, ratio, lo, hi, limit..}]}. New reference. */
json_t *gcb_ratios_child(const json_t *spec);

/* ---- merging (micro_merge.c) ---- */

/* Append the benchmarks of `part` to those of `whole`, with family indices of their own; the first part's
 * context stays. */
void gcb_micro_merge(json_t *whole, const json_t *part);

#endif
