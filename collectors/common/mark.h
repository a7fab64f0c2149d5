/* The marking loop of collectors that mark in place. The collector gives two functions that are inlined into
 * the loop: `reach` marks an object and tells whether that was the first time, without reading it; `cover` is
 * called once the object's header is in the cache, just before its slots are scanned.
 *
 * Invariant: an object that was reached but not scanned is on the stack, in the drain's queue, or not below
 * `missed`. The stack is bounded, by an option or by what the heap bound leaves; what finds no room is only
 * reached, and lowers `missed`. The collector then walks its reached objects and scans again what is not
 * known to have been scanned, until a walk misses nothing: each walk scans at least what was missed before
 * it, so this ends.
 *
 * Large arrays go in steps, so that they do not fill the stack. Between stack and scan stands a short queue
 * of objects whose headers are being fetched (Cher, Hosking and Vitek 2004).
 */
#ifndef GCB_COMMON_MARK_H
#define GCB_COMMON_MARK_H

#include "settle.h"

enum {
  GCB_MARK_STEP = 256, /* slots of one object scanned in one go */
  GCB_MARK_QUEUE = 16, /* headers in flight: a power of two */
};

typedef struct gcb_marker {
  gcb_heap *heap;
  gcb_settle *settle; /* is told of special objects */
  gcb_vec stack;      /* of objects; or a slot number below an array that carries the tag 1 */
  char *missed;       /* lowest object that found no room on the stack; GCB_MARK_NONE */
  uint64_t bytes;     /* of objects scanned, those scanned again too */
} gcb_marker;

#define GCB_MARK_NONE   ((char *)UINTPTR_MAX)
#define GCB_MARK_INLINE static inline __attribute__((always_inline))

/* A stack of at most `entries`; 0: as many as the bound allows. False when the address space is refused. */
bool gcb_marker_init(gcb_marker *k, gcb_heap *h, gcb_settle *settle, size_t entries);
/* Start a collection: no bytes, nothing missed. */
void gcb_marker_begin(gcb_marker *k);
/* No room for o. */
void gcb_marker_miss(gcb_marker *k, gcb_object *o);
/* Have `entries` of the stack committed, or as many as the bound gives, and no page more. Between
 * collections: a stack that must grow while the heap is full misses objects, and walks are slow. */
void gcb_marker_keep(gcb_marker *k, size_t entries);
/* Remember that slots of this array from `slot` on are to be scanned. False: no room. */
bool gcb_marker_defer(gcb_marker *k, gcb_object *array, uint32_t slot);

typedef bool gcb_mark_reach(void *ctx, gcb_object *o);
typedef void gcb_mark_cover(void *ctx, gcb_object *o, size_t bytes);

/* Reach o (not null) and have it scanned by the next drain. */
GCB_MARK_INLINE void gcb_mark(gcb_marker *k, gcb_object *o, gcb_mark_reach *reach, void *ctx) {
  if (reach(ctx, o) && !gcb_vec_push(&k->stack, o)) gcb_marker_miss(k, o);
}
/* Slots [from, n) of o. */
GCB_MARK_INLINE void gcb_mark_slots(gcb_marker *k, gcb_object *o, uint32_t from, uint32_t n,
                                    gcb_mark_reach *reach, void *ctx) {
  gcb_object **slots = gcb_slots_of(o);
  if (n - from > GCB_MARK_STEP && gcb_marker_defer(k, o, from + GCB_MARK_STEP)) n = from + GCB_MARK_STEP;
  for (uint32_t i = from; i < n; i++)
    if (slots[i]) gcb_mark(k, slots[i], reach, ctx);
}
/* Scan a reached object: what it refers to is reached and on the stack. */
GCB_MARK_INLINE void gcb_mark_scan(gcb_marker *k, gcb_object *o, gcb_mark_reach *reach, gcb_mark_cover *cover,
                                   void *ctx) {
  uint32_t geometry = o->geometry;
  size_t bytes = gcb_size_of(geometry);
  k->bytes += bytes;
  cover(ctx, o, bytes);
  if (gcb_kind(geometry) == GCB_KIND_SPECIAL)
    gcb_discover(k->settle, o);
  else
    gcb_mark_slots(k, o, 0, gcb_refs_of(geometry), reach, ctx);
}
/* Scan until the stack is empty. One copy of this in a collector: it is large. */
GCB_MARK_INLINE void gcb_mark_drain(gcb_marker *k, gcb_mark_reach *reach, gcb_mark_cover *cover, void *ctx) {
  gcb_object *queue[GCB_MARK_QUEUE];
  for (uint32_t at = 0, waiting = 0;;) {
    gcb_object *o = gcb_vec_pop(&k->stack);
    if ((uintptr_t)o & 1) {
      gcb_object *array = (gcb_object *)((char *)o - 1);
      uint32_t from = (uint32_t)(uintptr_t)gcb_vec_pop(&k->stack);
      gcb_mark_slots(k, array, from, gcb_refs_of(array->geometry), reach, ctx);
      continue;
    }
    if (o) {
      __builtin_prefetch(o);
      queue[(at + waiting) % GCB_MARK_QUEUE] = o;
      if (++waiting < GCB_MARK_QUEUE) continue;
    } else if (!waiting) {
      return;
    }
    o = queue[at];
    at = (at + 1) % GCB_MARK_QUEUE;
    waiting--;
    gcb_mark_scan(k, o, reach, cover, ctx);
  }
}

#endif
