/* The shadow: what the heap must look like, kept outside of it. Every object has a twin here, with its slots
 * and the stamp of its payload; every registered finalizer an entry.
 *
 * Each thread makes its twins in a part of its own. While threads run together each twin has an owner, and
 * nobody else looks inside.
 *
 * Invariant: between two operations of a program the twins of everything that the mutator can reach say what
 * the real objects hold. `real` is only good during one audit. Twins live until the program's end.
 */
#ifndef GCB_STRESS_SHADOW_H
#define GCB_STRESS_SHADOW_H

#include "stress/program.h"

typedef struct gcb_twin gcb_twin;
struct gcb_twin {
  uint32_t id, geometry;
  uint32_t n_slots, stamp; /* slots: references; 1 for a weak reference, {key, value} for an ephemeron; stamp
                              0: a payload of zeroes */
  bool cleared;            /* weak reference or ephemeron: its target was seen to be gone */
  bool gone;               /* a reference to it was cleared: nobody may ever see it again */
  bool freed;              /* counting: found to have been freed */
  bool is_key;             /* of some ephemeron */
  uint8_t owner;           /* while threads run together: the one that may look inside */
  uint32_t mark, seen;     /* numbers of the last closure and of the last audit that reached it */
  uint32_t count;          /* scratch of the counting of references */
  gcb_object *real;
  gcb_twin *all;     /* the object that the same thread made before this one */
  gcb_twin *special; /* of weak references and ephemerons: the same */
  gcb_twin *queue;   /* scratch: chain of a closure's work */
  gcb_twin *slots[];
};

typedef struct gcb_pending {
  gcb_twin *twin;
  gcb_stress_action action;
  uint32_t argument;
  enum { GCB_PENDING_ASLEEP, GCB_PENDING_READY, GCB_PENDING_RAN } state;
  uint32_t since; /* number of the operation that made it ready */
} gcb_pending;

typedef struct gcb_shadow_thread {
  bool live;
  gcb_twin *slots[1024];                                  /* as its shadow stack, from the bottom */
  uint32_t top, frames[GCB_STRESS_FRAMES + 64], n_frames; /* frames: where each begins */
} gcb_shadow_thread;

/* What one thread made. */
typedef struct gcb_shadow_part {
  gcb_twin *all, *special; /* newest first */
  uint32_t ids;
  char *blocks; /* chain of blocks that twins are cut from */
  size_t used, room;
} gcb_shadow_part;

typedef struct gcb_shadow {
  gcb_twin *globals[GCB_STRESS_GLOBALS];
  gcb_shadow_thread threads[GCB_STRESS_THREADS];
  gcb_pending *pending; /* by token */
  uint32_t n_pending, max_pending, n_asleep;
  gcb_shadow_part part[GCB_STRESS_THREADS];
  uint32_t marks;
} gcb_shadow;

/* Every twin of the shadow; along `special` only weak references and ephemerons. */
#define GCB_EACH_TWIN(s, t, along)                                                                           \
  for (const gcb_shadow_part *part = (s)->part; part < (s)->part + GCB_STRESS_THREADS; part++)               \
    for (gcb_twin *t = part->along; t; t = t->along)

void gcb_shadow_free(gcb_shadow *s);
/* A new twin of this thread's, slots null and payload zero. NULL: no memory. Several threads may do so at
 * once. */
gcb_twin *gcb_shadow_new(gcb_shadow *s, uint32_t thread, uint32_t geometry);
/* Note a registration; its index is the token. UINT32_MAX: no memory. */
uint32_t gcb_shadow_register(gcb_shadow *s, gcb_twin *t, gcb_stress_action action, uint32_t argument);

/* Mark (t->mark == the answer) all that is reachable: from globals and frames; if `ready`, from objects whose
 * finalizer waits since before operation `before`; if `asleep`, from objects with a registered finalizer too.
 */
uint32_t gcb_shadow_close(gcb_shadow *s, bool ready, uint32_t before, bool asleep);
/* Bytes of what carries this mark. */
uint64_t gcb_shadow_bytes(const gcb_shadow *s, uint32_t mark);
/* What reference counting keeps though it is not marked: frees (->freed) whatever no unfreed twin refers to,
 * and answers the bytes of the rest. */
uint64_t gcb_shadow_count(gcb_shadow *s, uint32_t mark);

/* Threads meet: give each twin to a thread that reaches it; global i goes first, to thread (i + turn) modulo
 * their number. */
void gcb_shadow_share(gcb_shadow *s, uint32_t turn);

static inline bool gcb_twin_is_special(const gcb_twin *t) {
  return gcb_kind(t->geometry) == GCB_KIND_SPECIAL;
}

#endif
