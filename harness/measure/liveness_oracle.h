/* What is truly alive while a workload runs: an extra, untimed iteration through the workloads' call copy, in
 * which the harness walks from its own roots after every so many allocated bytes. No finalizer is a witness.
 *
 * Granularity: an object's death is known to lie between two walks; ages are exact, since each object's birth
 * is kept by its address, which only a collector that neither moves nor reclaims allows. One mutator only.
 */
#ifndef GCB_SHADOW_H
#define GCB_SHADOW_H

#include <gcbench/ops.h>
#include <jansson.h>

struct gcb_instance;
typedef struct gcb_shadow gcb_shadow;

/* Start on an iteration that is going to allocate about so many bytes; a walk follows every 1/128 of it. With
 * the clock of a single mutator at rest. NULL: no memory, or more than one mutator, or a runtime without an
 * inline layout. */
gcb_shadow *gcb_shadow_start(struct gcb_instance *in, uint64_t allocated_bytes);
/* The table to run the call copy through: it counts too. */
const gcb_ops *gcb_shadow_ops(const gcb_shadow *s);
/* End it, and tell: {granularity_bytes, walks, peak_live_bytes, ...}, see results/README.md. New reference.
 */
json_t *gcb_shadow_end(gcb_shadow *s);

#endif
