/* Reclaiming what dies with the last reference to an object: a loop, without memory of its own.
 *
 * Invariant: a dead object is on the chain exactly once, from the moment its count became zero until its
 * slots are released and its cell is free. The chain's link stands in the word before the object where the
 * collector keeps one there (`prefixed`), and of large objects always; else the object's header is
 * overwritten with link and number of slots, since nobody reads the header of a dead object. Follows the lazy
 * freeing of Weizenbaum 1963, done to the end at once.
 *
 * A deep structure is thus a long chain in time, not in space. Ephemerons whose key died are held on a second
 * chain by a count of the cascade's, until their value is released.
 */
#ifndef GCB_COMMON_COUNT_CASCADE_H
#define GCB_COMMON_COUNT_CASCADE_H

#include "count.h"
#include "mutants.h"

/* The clock starts at this death: short cascades are not worth two readings of it. A reported pause is short
 * by so many deaths, a few microseconds. */
enum { GCB_CASCADE_CLOCKED = 256 };

typedef struct gcb_cascade {
  gcb_object *chain, *pinned;
  uint64_t deaths, bytes, start_ns;
} gcb_cascade;

/* The header of a dead object in a cell: user addresses fit 48 bits, and a cell has at most 1023 slots. */
static inline uint64_t gcb_dead_pack(const gcb_object *next, uint32_t refs) {
  return (uint64_t)refs << 48 | (uint64_t)(uintptr_t)next;
}
static inline gcb_object *gcb_dead_next(uint64_t header) {
  return (gcb_object *)(uintptr_t)(header & ((1ull << 48) - 1));
}
static inline uint32_t gcb_dead_refs(uint64_t header) {
  return (uint32_t)(header >> 48);
}

/* Counted slots: those of an ephemeron stand behind its (cleared) key. */
static inline uint32_t gcb_counted_slots(const gcb_object *o) {
  return o->geometry == GCB_GEOMETRY_EPHEMERON ? 2 : gcb_refs_of(o->geometry);
}

static inline void gcb_cell_free(gcb_counting *c, gcb_mutator *m, gcb_object *o) {
  if (__builtin_expect(gcb_in_blocks(&c->blocks, o), 1))
    gcb_blocks_free(&c->blocks, m, o);
  else
    gcb_large_free(&c->large, o);
}

/* The count of `o` became zero; `flags` are what is left of its bits. `untrack` (may be NULL) takes it out of
 * the collector's own tables. */
static inline __attribute__((always_inline)) void
gcb_cascade_die(gcb_counting *c, gcb_mutator *m, gcb_cascade *k, gcb_object *o, uint32_t flags, bool prefixed,
                void (*untrack)(gcb_mutator *m, gcb_object *o)) {
  if (__builtin_expect(flags, 0) && !gcb_counting_bury(c, m, o, &k->pinned)) return;
  if (untrack) untrack(m, o);
  if (__builtin_expect(gcb_kind(o->geometry) == GCB_KIND_SPECIAL, 0)) gcb_counting_unlink(c, m, o);
  if (__builtin_expect(++k->deaths == GCB_CASCADE_CLOCKED, 0)) k->start_ns = gcb_now(c->heap);
  k->bytes += gcb_size_of(o->geometry);
  uint32_t slots = gcb_counted_slots(o);
  if (!slots) {
    gcb_cell_free(c, m, o);
    return;
  }
  if (prefixed || __builtin_expect(!gcb_in_blocks(&c->blocks, o), 0))
    ((gcb_object **)o)[-1] = k->chain;
  else
    *(uint64_t *)o = gcb_dead_pack(k->chain, slots);
  k->chain = o;
}

/* Release one reference to `o`. */
static inline __attribute__((always_inline)) void
gcb_cascade_release(gcb_counting *c, gcb_mutator *m, gcb_cascade *k, gcb_object *o, bool prefixed,
                    void (*untrack)(gcb_mutator *m, gcb_object *o)) {
  uint32_t flags;
  if (gcb_drop(m, o, &flags)) gcb_cascade_die(c, m, k, o, flags, prefixed, untrack);
}

/* Until both chains are empty. */
static inline __attribute__((always_inline)) void
gcb_cascade_run(gcb_counting *c, gcb_mutator *m, gcb_cascade *k, bool prefixed,
                void (*untrack)(gcb_mutator *m, gcb_object *o)) {
  for (;;) {
    gcb_object *o = k->chain;
    if (o) {
      uint32_t n;
      if (prefixed || !gcb_in_blocks(&c->blocks, o)) {
        k->chain = ((gcb_object **)o)[-1];
        n = gcb_counted_slots(o);
      } else {
        k->chain = gcb_dead_next(*(uint64_t *)o);
        n = gcb_dead_refs(*(uint64_t *)o);
      }
      gcb_object **slots = gcb_slots_of(o);
      if (GCB_MUTANT(CASCADE_SLOT) && n > 1) n--;
      for (uint32_t i = 0; i < n; i++)
        if (slots[i]) gcb_cascade_release(c, m, k, slots[i], prefixed, untrack);
      gcb_cell_free(c, m, o);
    } else if ((o = k->pinned) != NULL) {
      gcb_object *value = *gcb_ephemeron_value(o);
      k->pinned = *gcb_special_link(o);
      *gcb_ephemeron_value(o) = NULL;
      gcb_cascade_release(c, m, k, value, prefixed, untrack);
      gcb_cascade_release(c, m, k, o, prefixed, untrack);
    } else {
      return;
    }
  }
}

/* Report a long one. Not for cascades within a collection, whose pause has them. */
static inline void gcb_cascade_report(gcb_counting *c, gcb_mutator *m, const gcb_cascade *k) {
  if (!k->start_ns) return;
  gcb_count(c->heap, GCB_EVENT_CASCADED);
  gcb_pause(c->heap, m, GCB_CASCADE, k->start_ns, gcb_now(c->heap));
}

#endif
