/* What counting collectors share: the header's count and flags, cells and large objects, weak references,
 * ephemerons and finalizers of objects that die one at a time.
 *
 * Invariant: an object's header bits are its count times `one`, plus flags below `one`. A count is the number
 * of root slots, reference slots, ephemeron values and waiting finalizers that hold the object. FLAG_WEAK is
 * set exactly while `weaks` has the object: its value is the head of the chain of weak references and
 * ephemerons to it, doubly linked through the special objects' own link word and one hidden word behind it.
 * FLAG_FINAL is set exactly while `finals` has it: its value is the last of a ring of records.
 *
 * Zero is the point of no return, decided by one atomic subtraction, but for an object with FLAG_FINAL: it
 * is queued and gets a count again. So a reader of a weak reference, who holds the lock, may take a target
 * whose count is not zero; finds a zero to be the end; and waits out a zero with FLAG_FINAL, for the dying
 * side is on its way to the lock. Weak references, ephemeron keys and values, records and both tables change
 * under the lock, or with one mutator only; nobody stops the world under it.
 */
#ifndef GCB_COMMON_COUNT_H
#define GCB_COMMON_COUNT_H

#include "blocks.h"
#include "count_map.h"
#include "mutants.h"
#include "vec.h"

enum { GCB_FLAG_WEAK = 1, GCB_FLAG_FINAL = 2, GCB_COUNT_FLAGS = 4 /* bits kept for flags */ };
/* The widest count: all bits between the flags and the stuck bit. */
enum { GCB_COUNT_BITS = 31 - GCB_COUNT_FLAGS };
/* Bytes to ask for: the geometry's, and the hidden word. */
enum { GCB_WEAK_BYTES = 32, GCB_EPHEMERON_BYTES = 40 };

#define GCB_COUNT_RARE                                                                                       \
  (GCB_BLOCKS_RARE | GCB_LARGE_RARE | GCB_RARE(WEAK_CLEARED) | GCB_RARE(EPHEMERON_CLEARED) |                 \
   GCB_RARE(CASCADED) | GCB_RARE(COUNT_STUCK) | GCB_RARE(OUT_OF_MEMORY) | GCB_RARE(COLLECTED_BY_OTHER))

/* A registration of a finalizer: a ring for each object, in order of registration. */
typedef struct gcb_count_record {
  uint64_t token;
  gcb_object *object;
  uint32_t next;    /* index in `records`; of free ones, the free list */
  uint32_t waiting; /* next on the list of objects that found no room in the harness's queue */
} gcb_count_record;

typedef struct gcb_counting {
  gcb_heap *heap;
  gcb_blocks blocks;
  gcb_large_space large;
  uint32_t one; /* what a reference adds to the bits */
  gcb_count_map weaks, finals;
  gcb_vec records;      /* of gcb_count_record; 0 is not used */
  uint32_t free_record; /* 0: none */
  uint32_t waiting;     /* record; the object is held by one count of ours. Read without the lock too */
  pthread_mutex_t lock;
  /* Find memory, by whatever means the collector has. May stop the world. */
  void (*make_room)(gcb_mutator *m);
} gcb_counting;

/* Starts every collector's own state, so that m->heap->state is a gcb_counting. `bits`: of the count. False
 * when the system refuses address space. */
bool gcb_counting_init(gcb_counting *c, gcb_heap *h, size_t prefix, uint32_t bits);
/* thread_begin, thread_end. The mutator gets local_bytes of its own, zeroed, which begin with a
 * gcb_counting_local. */
gcb_status gcb_counting_attach(gcb_counting *c, gcb_mutator *m, size_t local_bytes);
void gcb_counting_detach(gcb_counting *c, gcb_mutator *m);
/* A zeroed cell or run with its header, or NULL: no attempt to find memory. */
gcb_object *gcb_counting_alloc(gcb_counting *c, gcb_mutator *m, uint64_t header, size_t bytes);
/* The ledger, all of it. */
void gcb_counting_ledger(gcb_counting *c, gcb_space_ledger *out);

/* The contract's operations. */
gcb_object *gcb_counting_weak_new(gcb_mutator *m, gcb_slot target);
gcb_object *gcb_counting_ephemeron_new(gcb_mutator *m, gcb_slot key, gcb_slot value);
gcb_object *gcb_counting_weak_get(gcb_mutator *m, gcb_object *weak);
gcb_object *gcb_counting_ephemeron_get(gcb_mutator *m, gcb_object *e);
void gcb_counting_ephemeron_put(gcb_mutator *m, gcb_object *e, gcb_object *value);
gcb_status gcb_counting_finalizer(gcb_mutator *m, gcb_slot obj, uint64_t token);

/* An object with flags has count zero. False: its finalizers were queued and it lives on. True: it dies, weak
 * references to it are cleared, and the ephemerons whose key it was, which still hold their values, are put
 * on *pinned through their link words, with one count more each. */
bool gcb_counting_bury(gcb_counting *c, gcb_mutator *m, gcb_object *o, gcb_object **pinned);
/* Queue the finalizers of an object that nothing else reaches; it has FLAG_FINAL. True: it lives on; false:
 * it was queued, finalized and dropped already by another mutator, so its count is zero again. Lock held. */
bool gcb_counting_queue(gcb_counting *c, gcb_mutator *m, gcb_object *o);
/* Clear what refers weakly to a dying object, as bury does. Lock held. */
void gcb_counting_forget(gcb_counting *c, gcb_mutator *m, gcb_object *o, gcb_object **pinned);
/* A weak reference or an ephemeron dies: out of its target's chain. */
void gcb_counting_unlink(gcb_counting *c, gcb_mutator *m, gcb_object *special);
/* Try again for the objects that found no room in the harness's queue. */
void gcb_counting_retry(gcb_counting *c, gcb_mutator *m);

#ifdef GCB_CHECKED
/* Are all counts and flags what the heap says? World stopped. Not `exact`: counts may be higher, as those of
 * an object that a stopped mutator has made and not yet stored. True when there is no memory to find out. */
bool gcb_counting_check(gcb_counting *c, bool exact);
#endif

static inline gcb_counting *gcb_counting_of(gcb_mutator *m) {
  return m->heap->state;
}
static inline void gcb_counting_lock(gcb_counting *c, const gcb_mutator *m) {
  if (m->shared) pthread_mutex_lock(&c->lock);
}
static inline void gcb_counting_unlock(gcb_counting *c, const gcb_mutator *m) {
  if (m->shared) pthread_mutex_unlock(&c->lock);
}

/* ---- bytes freed: m->local begins with this in every counting collector ---- */
typedef struct gcb_counting_local {
  uint64_t freed; /* bytes, not yet reported */
} gcb_counting_local;
static inline void gcb_counting_report(gcb_mutator *m) {
  gcb_counting_local *local = m->local;
  if (local->freed) gcb_work(m->heap, GCB_WORK_FREED, local->freed);
  local->freed = 0;
}
/* Exact at once with one mutator, within 64 KiB a mutator with several. */
static inline void gcb_counting_freed(gcb_mutator *m, uint64_t bytes) {
  gcb_counting_local *local = m->local;
  if (!m->shared)
    m->heap->work[GCB_WORK_FREED] += bytes;
  else if ((local->freed += bytes) > 65536)
    gcb_counting_report(m);
}

/* ---- header bits ---- */
static inline uint32_t gcb_bits(const gcb_object *o) {
  return __atomic_load_n(&o->bits, __ATOMIC_RELAXED);
}
static inline void gcb_flag_set(const gcb_mutator *m, gcb_object *o, uint32_t flag) {
  if (m->shared)
    __atomic_fetch_or(&o->bits, flag, __ATOMIC_RELAXED);
  else
    o->bits |= flag;
}
static inline void gcb_flag_clear(const gcb_mutator *m, gcb_object *o, uint32_t flag) {
  if (m->shared)
    __atomic_fetch_and(&o->bits, ~flag, __ATOMIC_RELAXED);
  else
    o->bits &= ~flag;
}
/* One reference more. */
static inline void gcb_take(const gcb_mutator *m, gcb_object *o) {
  if ((int32_t)gcb_bits(o) < 0) return;
  if (m->shared)
    __atomic_fetch_add(&o->bits, m->count_one, __ATOMIC_RELAXED);
  else
    o->bits += m->count_one;
}
/* One reference more to an object whose count is not zero. */
static inline bool gcb_try_take(const gcb_mutator *m, gcb_object *o) {
  uint32_t bits = gcb_bits(o);
  do {
    if (bits < m->count_one) return false;
    if ((int32_t)bits < 0) return true;
  } while (!__atomic_compare_exchange_n(&o->bits, &bits, bits + m->count_one, true, __ATOMIC_RELAXED,
                                        __ATOMIC_RELAXED));
  return true;
}
/* One reference less; true when it was the last, with the flags in *flags. */
static inline bool gcb_drop(const gcb_mutator *m, gcb_object *o, uint32_t *flags) {
  uint32_t left;
  if (m->shared) {
    if ((int32_t)gcb_bits(o) < 0 && !GCB_MUTANT(COUNT_UNSTUCK)) goto stuck;
    left = __atomic_sub_fetch(&o->bits, m->count_one, __ATOMIC_ACQ_REL);
  } else {
    if ((int32_t)o->bits < 0 && !GCB_MUTANT(COUNT_UNSTUCK)) goto stuck;
    left = o->bits -= m->count_one;
  }
  *flags = left;
  return left < m->count_one;
stuck:
  gcb_count(m->heap, GCB_EVENT_COUNT_STUCK);
  return false;
}

#endif
