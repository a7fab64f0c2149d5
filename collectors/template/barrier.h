/* barrier.h: how a minor collection of template learns which old objects were written. One kind is chosen;
 * the others fold away at compile time, and may be deleted.
 *
 *   GCB_WRITE_NONE         no barrier, one generation
 *   GCB_WRITE_CARD         each store marks a byte for the 512 bytes around the slot
 *   GCB_WRITE_OBJECT_LOG   the first store into an old object calls us
 *   GCB_WRITE_FIELD_LOG    the first store into each slot of an old object calls us
 *   GCB_WRITE_CALL         every store calls us, and every load and allocation: slow, and works for anything
 *
 * Invariant: while mutators run, an old object that barrier_written() denies holds old objects only. At the
 * end of a collection nothing is young, so that nothing counts as written: barrier_clear(), then
 * barrier_arm() for each survivor.
 */
#ifndef BARRIER_H
#define BARRIER_H

#include <gcbench/collector.h>
#include <string.h>

#ifndef BARRIER
#define BARRIER GCB_WRITE_NONE
#endif
#define GENERATIONS (BARRIER != GCB_WRITE_NONE)

/* Bit 2 of a header: an old object into which nothing was stored since the last collection. */
enum { ARMED = 4, CARD_SHIFT = 9, WORDS_SHIFT = 6 };

/* Cards: a byte for 512 bytes of heap. Field log: a bit for each word, set where a store is to be logged. */
typedef struct barrier {
  char *base; /* of the heap, which the table describes from there on */
  uint8_t *table;
  size_t committed; /* bytes of it */
} barrier;

static inline bool has_table(void) {
  return BARRIER == GCB_WRITE_CARD || BARRIER == GCB_WRITE_FIELD_LOG;
}
/* Bytes of table for so many bytes of heap, in whole pages. */
static inline size_t table_bytes(size_t heap) {
  int shift = BARRIER == GCB_WRITE_CARD ? CARD_SHIFT : WORDS_SHIFT;
  return ((heap >> shift) + 4096) & ~(size_t)4095;
}

/* The heap will be [base, base + range). */
static inline bool barrier_start(barrier *b, gcb_heap *h, char *base, size_t range) {
  *b = (barrier){.base = base};
  if (has_table()) b->table = gcb_reserve(h, table_bytes(range), 4096);
  return b->table || !has_table();
}
/* The heap is about to reach `to`: memory for the table. False: there is none. */
static inline bool barrier_covers(barrier *b, gcb_heap *h, char *to) {
  size_t need = has_table() ? table_bytes((size_t)(to - b->base)) : 0;
  if (need <= b->committed) return true;
  if (!gcb_commit(h, b->table + b->committed, need - b->committed)) return false;
  b->committed = need;
  return true;
}
/* What the mutator's inline stores look at: where the table would begin if it described address 0. */
static inline void barrier_join(const barrier *b, gcb_mutator *m) {
  int shift = BARRIER == GCB_WRITE_CARD ? CARD_SHIFT : WORDS_SHIFT;
  if (has_table()) m->barrier_base = (uint8_t *)((uintptr_t)b->table - ((uintptr_t)b->base >> shift));
  m->barrier_shift = CARD_SHIFT;
  m->log_mask = ARMED;
}

/* ---- while mutators run ---- */
static inline void barrier_log(gcb_mutator *m, gcb_object *o, gcb_object **slot) {
  uintptr_t word = (uintptr_t)slot >> 3;
  if (BARRIER == GCB_WRITE_FIELD_LOG)
    __atomic_fetch_and(&m->barrier_base[word >> 3], (uint8_t) ~(1u << (word & 7)), __ATOMIC_RELAXED);
  else
    __atomic_fetch_and(&o->bits, ~(uint32_t)ARMED, __ATOMIC_RELAXED);
}
static inline void barrier_write(gcb_mutator *m, gcb_object *o, gcb_object **slot, gcb_object *value) {
  if (__atomic_load_n(&o->bits, __ATOMIC_RELAXED) & ARMED) barrier_log(m, o, slot);
  *slot = value;
}
static inline gcb_object *barrier_read(gcb_mutator *m, gcb_object *o, gcb_object **slot) {
  (void)m, (void)o;
  return *slot;
}

/* ---- in a collection ---- */
static inline void barrier_clear(barrier *b) {
  if (b->committed) memset(b->table, 0, b->committed);
}
/* `o` is old from now on. */
static inline void barrier_arm(barrier *b, gcb_object *o) {
  o->bits |= ARMED;
  size_t word = (size_t)((char *)gcb_slots_of(o) - b->base) >> 3;
  for (size_t i = word; BARRIER == GCB_WRITE_FIELD_LOG && i < word + gcb_refs_of(o->geometry); i++)
    b->table[i >> 3] |= (uint8_t)(1u << (i & 7));
}
/* May an old object with slots hold a young one? */
static inline bool barrier_written(const barrier *b, const gcb_object *o) {
  size_t first = (size_t)((const char *)(o + 1) - b->base), n = gcb_refs_of(o->geometry);
  if (BARRIER == GCB_WRITE_CARD) {
    size_t card = first >> CARD_SHIFT, last = (first + 8 * (n - 1)) >> CARD_SHIFT;
    return memchr(b->table + card, 1, last - card + 1) != NULL;
  }
  if (BARRIER == GCB_WRITE_FIELD_LOG) {
    for (size_t i = first >> 3; i < (first >> 3) + n; i++)
      if (!(b->table[i >> 3] >> (i & 7) & 1)) return true;
    return false;
  }
  return !(o->bits & ARMED);
}

/* Stores that call us take a path on which everything calls; the others bump and load by themselves. */
#define CALLS (BARRIER == GCB_WRITE_CALL)
#define BARRIER_PATH                                                                                         \
  { CALLS ? GCB_ALLOC_CALL : GCB_ALLOC_BUMP, BARRIER, CALLS ? GCB_READ_CALL : GCB_READ_NONE, GCB_ROOTS_PLAIN }

#endif
