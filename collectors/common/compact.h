/* A space that is compacted in place by sliding: address order is kept, no copy reserve is needed. The phases
 * are LISP 2's (mark, compute addresses, update, slide); marks and new addresses stand beside the objects as
 * in Abuaiad et al. 2004 and the Compressor (Kermany and Petrank 2006), so no header is touched: one bit a
 * word, set for all words of a live object, and for each block of 512 bytes the address its first live word
 * goes to. Sixteen bytes a block: 3.1 % of the space.
 *
 * Invariant: between collections every `live` is zero, and [base, top) is what was handed out since the last
 * slide, dead objects and holes (unfinished buffers) included: without the marks it can be walked only by an
 * owner who leaves no holes. While marking, the first bit of an object means reached, the second that it was
 * scanned as well (its other bits with it): no object is shorter than two words. From plan() to slide() the
 * blocks give forwarding addresses of marked objects, which are still at their old ones.
 *
 * Not locked: alloc and grow under the owner's lock or with the world stopped, the rest with it stopped.
 */
#ifndef GCB_COMMON_COMPACT_H
#define GCB_COMMON_COMPACT_H

#include "settle.h"

#define GCB_COMPACT_RARE (GCB_RARE(HEAP_GROWN) | GCB_RARE(HEAP_SHRUNK))

enum { GCB_COMPACT_BLOCK = 512 }; /* bytes: as many words as a block has bits */

typedef struct gcb_compact_block {
  uint64_t live; /* bit i: word i of the block belongs to a marked object */
  char *to;      /* new address of the first live word */
} gcb_compact_block;

typedef struct gcb_compact {
  gcb_heap *heap;
  char *base, *top, *committed, *end; /* of objects: start, next free byte, end of pages, end of the range */
  gcb_compact_block *blocks;
  size_t metadata; /* committed bytes of `blocks` */
  char *moving;    /* since plan(): objects below stay where they are */
  char *
      aside; /* GCB_DEBUG_MOVE, since plan(): where the space is put together that begins later than before */
  bool padded; /* GCB_DEBUG_MOVE: the first object of the space is a dead one that is only to be in the way */
} gcb_compact;

/* Reserve `capacity` bytes and their blocks; nothing is committed. False when the address space is refused.
 */
bool gcb_compact_init(gcb_compact *c, gcb_heap *h, size_t capacity);
/* Commit so much that `bytes` fit behind top, in larger steps while the bound allows. False: bound or range
 * reached, nothing changed. */
bool gcb_compact_grow(gcb_compact *c, size_t bytes);
/* Give back the pages behind top but for `keep` bytes; the bytes given back, metadata included. */
size_t gcb_compact_trim(gcb_compact *c, size_t keep);

/* `bytes` (a multiple of 8) at the top, not zeroed: an object or a buffer. NULL when the bound is reached. */
static inline char *gcb_compact_alloc(gcb_compact *c, size_t bytes) {
  if (__builtin_expect(bytes > (size_t)(c->committed - c->top), 0) && !gcb_compact_grow(c, bytes))
    return NULL;
  char *at = c->top;
  c->top += bytes;
  return at;
}
static inline bool gcb_compact_has(const gcb_compact *c, const gcb_object *o) {
  return (size_t)((char *)o - c->base) < (size_t)(c->top - c->base);
}

/* ---- marking ---- */
static inline gcb_compact_block *gcb_compact_block_of(const gcb_compact *c, const void *at) {
  return c->blocks + (size_t)((char *)at - c->base) / GCB_COMPACT_BLOCK;
}
static inline uint32_t gcb_compact_bit_of(const void *at) {
  return (uintptr_t)at / 8 % 64;
}
static inline bool gcb_compact_marked(const gcb_compact *c, const gcb_object *o) {
  return gcb_compact_block_of(c, o)->live >> gcb_compact_bit_of(o) & 1;
}
/* Was marked in full, not only reached? */
static inline bool gcb_compact_scanned(const gcb_compact *c, const gcb_object *o) {
  const char *second = (const char *)o + 8;
  return gcb_compact_block_of(c, second)->live >> gcb_compact_bit_of(second) & 1;
}
/* Mark as reached; true the first time. Does not read the object. */
static inline bool gcb_compact_reach(gcb_compact *c, const gcb_object *o) {
  gcb_compact_block *b = gcb_compact_block_of(c, o);
  uint64_t bit = (uint64_t)1 << gcb_compact_bit_of(o);
  if (b->live & bit) return false;
  b->live |= bit;
  return true;
}
/* Mark the object in full, over block borders. */
void gcb_compact_cover_far(gcb_compact *c, const gcb_object *o, size_t bytes);
/* Mark a reached object in full: once for each, before plan(). */
static inline void gcb_compact_cover(gcb_compact *c, const gcb_object *o, size_t bytes) {
  uint32_t bit = gcb_compact_bit_of(o);
  if (__builtin_expect(bit + bytes / 8 <= 64, 1))
    gcb_compact_block_of(c, o)->live |= ~(uint64_t)0 >> (64 - bytes / 8) << bit;
  else
    gcb_compact_cover_far(c, o, bytes);
}
/* The first marked object at or after `from`, which is in no object but at its start; NULL: none. To go on:
 * from + its size. Objects may be marked in between. */
gcb_object *gcb_compact_next(const gcb_compact *c, const void *from);

/* ---- moving ---- */
/* Give every marked object its new address. The bytes of marked objects. */
size_t gcb_compact_plan(gcb_compact *c);

static inline uint32_t gcb_popcount(uint64_t x) {
#if defined __POPCNT__ || !defined __x86_64__
  return (uint32_t)__builtin_popcountll(x);
#else /* inline, where the library's would be a call */
  x -= x >> 1 & 0x5555555555555555u;
  x = (x & 0x3333333333333333u) + (x >> 2 & 0x3333333333333333u);
  return (uint32_t)(((x + (x >> 4)) & 0x0f0f0f0f0f0f0f0fu) * 0x0101010101010101u >> 56);
#endif
}
/* The new address of a marked object of this space. */
static inline gcb_object *gcb_compact_forward(const gcb_compact *c, const gcb_object *o) {
  const gcb_compact_block *b = gcb_compact_block_of(c, o);
  uint64_t before = b->live & (((uint64_t)1 << gcb_compact_bit_of(o)) - 1);
  return (gcb_object *)(b->to + 8 * (size_t)gcb_popcount(before));
}
/* Update a slot that may hold anything: null, objects of other spaces, marked objects of this one. */
static inline void gcb_compact_update(const gcb_compact *c, gcb_object **slot) {
  gcb_object *o = *slot;
  if ((size_t)((char *)o - c->moving) < (size_t)(c->top - c->moving)) *slot = gcb_compact_forward(c, o);
}
/* The same for n slots in a row: faster for many. */
void gcb_compact_update_slots(const gcb_compact *c, gcb_object **slots, size_t n);
/* The same as a gcb_visit: ctx is the space. */
void gcb_compact_update_slot(void *space, gcb_object **slot);

/* Update all slots of all marked objects of the space, weak ones too, and slide them down; clear the marks;
 * set top behind the last object (pages are kept: see trim). Roots, finalizer entries and slots in other
 * spaces are the caller's to update, before. If `object` is not NULL it is called for each object, in address
 * order, still at its old place `o`, slots updated, before it goes to `to`: it may change o->bits. */
typedef void gcb_compact_visit(void *ctx, gcb_object *o, gcb_object *to);
void gcb_compact_slide(gcb_compact *c, gcb_compact_visit *object, void *ctx);
/* Instead of plan and slide: forget the marks, move nothing. */
void gcb_compact_unmark(gcb_compact *c);

#endif
