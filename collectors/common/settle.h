/* What a tracing collection does after its closure: ephemerons, finalizers, weak references, in that order,
 * for any collector that can tell the living from the dead and can retain an object. Follows Hayes 1997 for
 * ephemerons.
 *
 * Semantics (the contract's): an ephemeron's value is traced once its key is reachable. When nothing more is
 * reachable, every unreachable object with a registered finalizer is queued at the harness and retained with
 * all it reaches. Only then weak references and ephemerons to what is still unreachable are cleared, all at
 * once.
 *
 * Tracing hands every special object that it scans to gcb_discover(); the link word chains them. Nothing is
 * allocated but the finalizer table.
 */
#ifndef GCB_COMMON_SETTLE_H
#define GCB_COMMON_SETTLE_H

#include "vec.h"
#include <pthread.h>

/* How the collection at hand sees the heap. Objects outside what it collects are alive at their own address.
 */
#define GCB_SETTLE_RARE (GCB_RARE(WEAK_CLEARED) | GCB_RARE(EPHEMERON_CLEARED) | GCB_RARE(EPHEMERON_ROUNDS))

typedef struct gcb_liveness {
  void *ctx;
  gcb_object *(*alive)(void *ctx, gcb_object *o); /* the (new) address, or NULL while not reached */
  gcb_object *(*retain)(
      void *ctx, gcb_object *o); /* reach it: mark or copy, to be scanned by drain; the (new) address */
  void (*drain)(void *ctx);      /* complete the closure of what was retained */
  /* The slots of a discovered special object have their values of after this collection: where generations
   * see whether it is to be remembered. NULL: of no interest. */
  void (*settled)(void *ctx, gcb_object *special);
} gcb_liveness;

typedef struct gcb_finalizer_entry {
  gcb_object *object;
  uint64_t token;
} gcb_finalizer_entry;

typedef struct gcb_settle {
  gcb_heap *heap;
  gcb_object *weaks, *ephemerons; /* discovered in this collection, chained through the link words */
  gcb_vec finalizers;             /* of gcb_finalizer_entry, in order of registration */
  size_t from;          /* entries below are outside of the collection at hand (generations), else 0 */
  pthread_mutex_t lock; /* of the finalizer table, while mutators run */
} gcb_settle;

bool gcb_settle_init(gcb_settle *s, gcb_heap *h);
/* Register a finalizer: the collectors' `finalizer` operation. Any mutator thread. */
gcb_status gcb_settle_register(gcb_settle *s, gcb_object *o, uint64_t token);
/* The same for when the table found no page: `collect` (world stopped) is asked to make room, and the table
 * is tried once more. The object may move. */
gcb_status gcb_settle_register_late(gcb_settle *s, gcb_mutator *m, gcb_slot obj, uint64_t token,
                                    void (*collect)(gcb_heap *h));
/* The collectors' `weak_new` and `ephemeron_new` on m->alloc. */
gcb_object *gcb_settle_weak_new(gcb_mutator *m, gcb_slot target);
gcb_object *gcb_settle_ephemeron_new(gcb_mutator *m, gcb_slot key, gcb_slot value);
/* A special object was scanned, at its new address; scanning it again does no harm. World stopped. Its link
 * is null except while it is on a list. */
void gcb_discover(gcb_settle *s, gcb_object *special);
/* All of the above semantics; afterwards the discovered lists are empty, live weak slots and finalizer
 * entries hold the addresses that `alive` gives, and a moving collector that moves later (sliding) still has
 * to update them: weak slots as slots, entries with the visitor below. */
void gcb_settle_all(gcb_settle *s, const gcb_liveness *l);
void gcb_settle_each_entry(gcb_settle *s, gcb_visit *visit, void *ctx);

/* Visit every slot of an object, strong or not: for updating after a move. */
static inline void gcb_each_slot(gcb_object *o, gcb_visit *visit, void *ctx) {
  gcb_object **slots = gcb_slots_of(o);
  uint32_t n = gcb_kind(o->geometry) != GCB_KIND_SPECIAL ? gcb_refs_of(o->geometry)
               : o->geometry == GCB_GEOMETRY_WEAK        ? 1
                                                         : 2;
  for (uint32_t i = 0; i < n; i++)
    if (slots[i]) visit(ctx, slots + i);
}

#endif
