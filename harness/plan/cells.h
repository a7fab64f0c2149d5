/* From what the user asked for to what is run: cells, and the order of their invocations.
 *
 * A cell = workload x parameters x collector x options x heap size. A group = the cells that must give the
 * same checksum: same workload, parameters, mutators and seed; its reference is one untimed iteration on a
 * collector that never reclaims.
 */
#ifndef GCB_PLAN_H
#define GCB_PLAN_H

#include "plan/catalog.h"
#include "plan/placement.h"
#include "results/model/values.h"
#include <gcbench/rng.h>

typedef struct gcb_request {
  struct gcb_strings workloads, collectors;
  struct gcb_heap_sizes heaps;
  struct gcb_sweeps params, options;
  uint64_t invocations, iterations, warmups, mutators, workers, seed, timeout_ns;
  const char *pin;
  const char *const
      *collector_options;     /* by which option each collector was named; NULL: all by --collector */
  struct gcb_heap_sizes live; /* bytes of live data, for each of which parameters are chosen; n is 0: none */
} gcb_request;

typedef struct gcb_group {
  const gcb_workload *workload;
  const char *workload_file; /* of a plug-in, the catalog's; else NULL */
  json_t *params;            /* complete: {name: word} */
  uint64_t peak_live;        /* bytes, analytic */
  double allocated;          /* bytes in an iteration, estimated; 0: not known */
  uint64_t needs;            /* GCB_NEEDS_ bits with these parameters */
  uint64_t mutators, seed;
  json_t *reference;    /* spec of the reference invocation; NULL: no collector serves */
  bool referenced;      /* the reference invocation ended, or there is none */
  char checksum[24];    /* once known */
  char unverified[200]; /* why there is no reference checksum, when there is none */
  char note[200];       /* a sentence about what --live chose; "" when that is as asked */
} gcb_group;

typedef struct gcb_cell {
  const gcb_entry *collector;
  size_t group;
  json_t *result;    /* the cell as it appears in the results; complete but for its invocations and summary */
  json_t *spec;      /* of its invocations; NULL: unsupported, nothing to run */
  bool largest_heap; /* of those asked for: running out of memory there was not expected */
  bool over;         /* ended with another status than ok */
  uint64_t runs;     /* invocations so far */
} gcb_cell;

typedef struct gcb_plan {
  gcb_group *groups;
  size_t n_groups;
  gcb_cell *cells;
  size_t n_cells;
  size_t repeated; /* cells that were asked for once more, because a name or value was given twice */
  struct gcb_placement placement;
  char scratch[4096]; /* folder for the workloads' files */
  int scratch_lock;
  gcb_rng order;
} gcb_plan;

typedef struct gcb_wrong_word {
  const char *option; /* "--workload" */
  char word[200];
  char why[600];
} gcb_wrong_word;

/* Make the plan. False with the offending word; the plan is then empty. The catalog must outlive it. */
bool gcb_plan_make(gcb_plan *p, gcb_catalog *c, const gcb_request *r, gcb_wrong_word *wrong);
/* Add the cells of a further request to a plan, zeroed or made; what it shares with an earlier one has one
 * reference run. Every collector of all requests must have been looked up before the first, because a new
 * entry moves the others. False with the offending word; the plan is then to be freed. */
bool gcb_plan_add(gcb_plan *p, gcb_catalog *c, const gcb_request *r, gcb_wrong_word *wrong);
void gcb_plan_free(gcb_plan *p);
/* Fill order[0 .. n_cells - 1] with a fresh random order of the cells: one round. */
void gcb_plan_shuffle(gcb_plan *p, size_t *order);

#endif
