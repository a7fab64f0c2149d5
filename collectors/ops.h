/* Every mutator operation as a function: what the `call` path uses, and what a collector over a foreign
 * runtime provides.
 *
 * Slots are places in one array of gcb_object *, globals first, then the shadow stack of each mutator;
 * gcb_slot_index() gives a slot's number in it, so that a runtime may keep its handles in the slots, or in an
 * array of its own, or on its own stack at the same index. For collectors with an inline path the harness
 * derives this table by itself. Meanings are those of <gcbench/mutator.h>.
 */
#ifndef GCBENCH_OPS_H
#define GCBENCH_OPS_H

#include <gcbench/heap.h>

struct gcb_ops {
  /* n null slots from `base` on came into use; or go out of use (drop what they hold). */
  void (*enter)(gcb_mutator *m, gcb_object **base, uint32_t n);
  void (*leave)(gcb_mutator *m, gcb_object **base, uint32_t n);
  bool (*new_object)(gcb_mutator *m, gcb_slot dst, const gcb_shape *shape);
  bool (*new_array)(gcb_mutator *m, gcb_slot dst, uint32_t n);
  bool (*new_bytes)(gcb_mutator *m, gcb_slot dst, uint32_t n);
  bool (*construct)(gcb_mutator *m, gcb_slot dst, const gcb_shape *shape, gcb_slot first);
  void (*init)(gcb_mutator *m, gcb_slot obj, uint32_t i, gcb_slot src);
  void (*put)(gcb_mutator *m, gcb_slot obj, uint32_t i, gcb_slot src);
  void (*put_null)(gcb_mutator *m, gcb_slot obj, uint32_t i);
  void (*get)(gcb_mutator *m, gcb_slot dst, gcb_slot obj, uint32_t i);
  void (*move)(gcb_mutator *m, gcb_slot dst, gcb_slot src);
  void (*clear)(gcb_mutator *m, gcb_slot dst);
  bool (*is_null)(gcb_mutator *m, gcb_slot s);
  bool (*same)(gcb_mutator *m, gcb_slot a, gcb_slot b);
  uint32_t (*length)(gcb_mutator *m, gcb_slot obj);
  void (*read)(gcb_mutator *m, gcb_slot obj, uint32_t offset, void *into, uint32_t bytes);
  void (*write)(gcb_mutator *m, gcb_slot obj, uint32_t offset, const void *from, uint32_t bytes);
  bool (*weak_new)(gcb_mutator *m, gcb_slot dst, gcb_slot target);
  void (*weak_get)(gcb_mutator *m, gcb_slot dst, gcb_slot weak);
  bool (*ephemeron_new)(gcb_mutator *m, gcb_slot dst, gcb_slot key, gcb_slot value);
  void (*ephemeron_key)(gcb_mutator *m, gcb_slot dst, gcb_slot ephemeron);
  void (*ephemeron_get)(gcb_mutator *m, gcb_slot dst, gcb_slot ephemeron);
  void (*ephemeron_put)(gcb_mutator *m, gcb_slot ephemeron, gcb_slot src);
  gcb_status (*finalizer)(gcb_mutator *m, gcb_slot obj, uint64_t token);
  void (*release)(gcb_mutator *m, gcb_slot obj); /* where nothing is explicit, both clear the slot */
  void (*release_tree)(gcb_mutator *m, gcb_slot obj);
  void (*poll)(gcb_mutator *m);
  /* Handle runtimes: put the object of a gcb_finalizer_ready() handle into slot dst and give up the handle.
   */
  void (*adopt)(gcb_mutator *m, gcb_slot dst, gcb_object *handle);
  /* Handle runtimes: around waits outside the heap (a global interpreter lock goes here). NULL: nothing to
   * do. */
  void (*blocked_begin)(gcb_mutator *m);
  void (*blocked_end)(gcb_mutator *m);
};

#endif
