/* The verifier of write barriers: what objects hold at the end of a cycle must be what they held at its
 * beginning, but for slots of which the barrier was told.
 *
 * A cycle goes from the end of one collection to the stop before the next; nothing moves in it. What the
 * barrier was told: the slots that log() was called for, or the cards that are marked. Only armed objects
 * count: those that were on a card without a mark, or whose log bit was set, when the cycle began; the others
 * are remembered already.
 */
#ifndef GCB_STRESS_BARRIER_H
#define GCB_STRESS_BARRIER_H

#include <gcbench/collector.h>

typedef struct gcb_held { /* an object at the beginning of the cycle */
  gcb_object *object;
  uint32_t id, n;
  size_t first; /* its slots in `values` */
} gcb_held;

typedef struct gcb_told {
  gcb_object *object, **slot;
} gcb_told;

typedef struct gcb_barrier {
  gcb_path path;
  uint32_t log_mask, shift;
  const uint8_t *base; /* cards or field bits, as in the mutator */
  gcb_held *held;
  gcb_object **values;
  uint8_t *armed; /* of each value, for cards and field bits */
  gcb_told *told;
  size_t n_held, max_held, n_values, max_values, n_told, max_told;
  uint64_t explained; /* stores so far that the barrier was told of */
} gcb_barrier;

/* Has this path a barrier that can be verified? */
bool gcb_barrier_is_checked(gcb_path path);
void gcb_barrier_free(gcb_barrier *b);
/* A cycle begins, seen from this mutator; note() its objects. False: no memory. */
void gcb_barrier_begin(gcb_barrier *b, gcb_path path, const gcb_mutator *m);
bool gcb_barrier_note(gcb_barrier *b, gcb_object *o, uint32_t id);
/* log() was called. False: no memory. */
bool gcb_barrier_tell(gcb_barrier *b, gcb_object *o, gcb_object **slot);
/* The cycle ends: the first object that was stored into without the barrier, and the slot; or NULL. */
const gcb_held *gcb_barrier_unexplained(gcb_barrier *b, uint32_t *slot);

#endif
