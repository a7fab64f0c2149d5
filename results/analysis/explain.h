/* Where the time of a cell goes, and what its longest pauses were. Reads run documents (gcbench.run/1).
 *
 * The wall time W of an iteration is split by ablation: other cells that run the same workload with parts
 * left out. In ns an iteration,
 *
 *   mutator    = P - pages    P: a cell that never reclaims, without write barrier and with plain roots;
 *                             pages: what the kernel takes to hand out P's memory, where that is measured
 *   barrier    = B - P        B: a cell that never reclaims, with the write barrier and the roots of the cell
 *   allocation = R - B        R: the cell's own collector in a heap that is never full, without collections
 *   stops      = S            stop-the-world time, as `stw_ns` says
 *   rest       = W - mutator - barrier - allocation - S: locality, and work beside the mutator
 *
 * The parts add up to W. A part whose cell is missing is null, and is then inside the next one that is known.
 */
#ifndef GCB_EXPLAIN_H
#define GCB_EXPLAIN_H

#include <jansson.h>
#include <stdbool.h>

enum { GCB_EXPLAIN_PAUSES = 10 };
/* In an invocation: ns that the first touch of a page took, measured right after it; absent in usual runs. */
#define GCB_EXPLAIN_TOUCH "page_touch_ns"

/* The cells that one split takes. All but `cell` may be NULL. Invocation i of each belongs to round i: rounds
 * are interleaved, so that differences are taken inside a round. */
typedef struct gcb_ablations {
  const json_t *cell, *plain, *barred, *roomy;
} gcb_ablations;

/* Write barrier, read barrier and roots of a cell, "object_log-none-plain", as its first invocation notes
 * them; "" when it has none. */
const char *gcb_explain_barriers(const json_t *cell);
/* Whether a cell can be P or B of another one: it ended ok, never reclaims, and has these barriers. */
bool gcb_explain_serves(const json_t *ablation, const json_t *cell, const char *barriers);
extern const char gcb_explain_no_barriers[]; /* those of P */
/* Whether any collection is counted in the timed iterations of a cell. */
bool gcb_explain_collected(const json_t *cell);
/* Whether a cell is R of another one: same collector and options, a larger heap, no collection. */
bool gcb_explain_roomy(const json_t *other, const json_t *cell);
/* The ablations of `cell` among `cells`, with the same workload, parameters, mutators and seed; those in
 * the heap of the cell first. */
gcb_ablations gcb_explain_find(const json_t *cells, const json_t *cell);

/* The split: {parts: {NAME: {mean, lo, hi, n, share} or null}, wall_ns, notes[]}. `share` is of the wall
 * time. Intervals are of Student's t over the rounds. New reference. */
json_t *gcb_explain_split(const gcb_ablations *a);
/* The longest pauses of a cell, at most GCB_EXPLAIN_PAUSES, longest first; see README.md. New reference. */
json_t *gcb_explain_pauses(const json_t *cell);

#endif
