/* The slow parts and the passes of the sliding space. The passes over objects are compiled twice, for
 * processors with and without an instruction that counts bits: each forwarding address needs one count.
 */
#include "compact.h"
#include "mutants.h"
#include <stdlib.h>
#include <string.h>

#define PAGE     4096u
#define MIN_STEP ((size_t)64 << 10) /* bytes committed at once, at least, while the bound allows ... */
#define MAX_STEP ((size_t)4 << 20)  /* ... and at most */
#define AHEAD                                                                                                \
  2048 /* bytes prefetched before the slide: measured, twice as fast as none on a tree of 56 MB              \
        */

static size_t pages(size_t bytes) {
  return (bytes + PAGE - 1) & ~(size_t)(PAGE - 1);
}
/* Bytes of the blocks that describe so many bytes of objects. */
static size_t blocks_for(size_t bytes) {
  return pages((bytes + GCB_COMPACT_BLOCK - 1) / GCB_COMPACT_BLOCK * sizeof(gcb_compact_block));
}

bool gcb_compact_init(gcb_compact *c, gcb_heap *h, size_t capacity) {
  capacity = pages(capacity);
  *c = (gcb_compact){.heap = h};
  c->base = gcb_reserve(h, capacity, PAGE);
  c->blocks = gcb_reserve(h, blocks_for(capacity), PAGE);
  if (!c->base || !c->blocks) return false;
  c->top = c->committed = c->moving = c->base;
  c->end = c->base + capacity;
  return true;
}

static bool commit(gcb_compact *c, size_t bytes) {
  size_t metadata = blocks_for((size_t)(c->committed - c->base) + bytes) - c->metadata;
  if (!gcb_commit(c->heap, c->committed, bytes)) return false;
  if (metadata && !gcb_commit(c->heap, (char *)c->blocks + c->metadata, metadata)) {
    gcb_decommit(c->heap, c->committed, bytes);
    return false;
  }
  c->committed += bytes;
  c->metadata += metadata;
  gcb_count(c->heap, GCB_EVENT_HEAP_GROWN);
  return true;
}

bool gcb_compact_grow(gcb_compact *c, size_t bytes) {
  size_t room = (size_t)(c->committed - c->top), left = (size_t)(c->end - c->committed);
  if (bytes <= room) return true;
  size_t need = pages(bytes - room), step = (size_t)(c->committed - c->base) / 16;
  if (need > left) return false;
  step = pages(step < MIN_STEP ? MIN_STEP : step > MAX_STEP ? MAX_STEP : step);
  if (step > left) step = left;
  for (; step > need; step = pages(step / 2))
    if (commit(c, step)) return true;
  return commit(c, need);
}

size_t gcb_compact_trim(gcb_compact *c, size_t keep) {
  size_t used = pages((size_t)(c->top - c->base) + keep), held = (size_t)(c->committed - c->base);
  if (used >= held) return 0;
  size_t metadata = blocks_for(used), given = held - used + c->metadata - metadata;
  gcb_decommit(c->heap, c->base + used, held - used);
  if (metadata < c->metadata) gcb_decommit(c->heap, (char *)c->blocks + metadata, c->metadata - metadata);
  c->committed = c->base + used;
  c->metadata = metadata;
  gcb_count(c->heap, GCB_EVENT_HEAP_SHRUNK);
  return given;
}

void gcb_compact_cover_far(gcb_compact *c, const gcb_object *o, size_t bytes) {
  gcb_compact_block *b = gcb_compact_block_of(c, o);
  uint32_t bit = gcb_compact_bit_of(o);
  size_t words = bytes / 8;
  while (words) {
    size_t n = 64 - bit < words ? 64 - bit : words;
    b->live |= ~(uint64_t)0 >> (64 - n) << bit;
    words -= n;
    bit = 0;
    b++;
  }
}

gcb_object *gcb_compact_next(const gcb_compact *c, const void *from) {
  const char *at = from;
  if (at >= c->top) return NULL;
  const gcb_compact_block *b = gcb_compact_block_of(c, at), *last = gcb_compact_block_of(c, c->top - 8);
  uint64_t live = b->live & ~(uint64_t)0 << gcb_compact_bit_of(at);
  while (!live) {
    if (++b > last) return NULL;
    live = b->live;
  }
  return (gcb_object *)(c->base + (size_t)(b - c->blocks) * GCB_COMPACT_BLOCK +
                        8 * (size_t)__builtin_ctzll(live));
}

/* ---- the passes ---- */
#define ALWAYS static inline __attribute__((always_inline))
#if defined __x86_64__ && !defined __POPCNT__
#define COUNTING    __attribute__((target("popcnt")))
#define CAN_COUNT() __builtin_cpu_supports("popcnt")
#else
#define COUNTING
#define CAN_COUNT() true
#endif

ALWAYS uint32_t ones(uint64_t x, bool instruction) {
  return instruction ? (uint32_t)__builtin_popcountll(x) : gcb_popcount(x);
}

/* So that everything moves: the space begins with a pad and, the next time, without it. With it objects go
 * up, which a slide cannot do, so it is put together elsewhere. Bytes of the pad. */
static size_t pad(gcb_compact *c) {
  size_t bytes = gcb_size_of(gcb_geometry_fixed(0, 8)), used = (size_t)(c->top - c->base);
  bool wanted = c->heap->debug & GCB_DEBUG_MOVE && !c->padded && bytes <= (size_t)(c->committed - c->top);
  c->aside = wanted ? malloc(bytes + used) : NULL;
  c->padded = c->aside != NULL;
  return c->padded ? bytes : 0;
}
static void finish_pad(gcb_compact *c, char *to) {
  uint64_t header = gcb_header(gcb_geometry_fixed(0, 8), 0);
  memset(c->aside, 0, gcb_size_of(gcb_geometry_fixed(0, 8)));
  memcpy(c->aside, &header, sizeof header);
  memcpy(c->base, c->aside, (size_t)(to - c->base));
  free(c->aside);
  c->aside = NULL;
}

ALWAYS size_t plan(gcb_compact *c, size_t first, bool instruction) {
  gcb_compact_block *b = c->blocks;
  size_t n = ((size_t)(c->top - c->base) + GCB_COMPACT_BLOCK - 1) / GCB_COMPACT_BLOCK;
  char *to = c->base + first;
  c->moving = first ? c->base : c->top;
  for (size_t i = 0; i < n; i++) {
    b[i].to = to;
    to += 8 * (size_t)ones(b[i].live, instruction);
  }
  /* The dense prefix: what it holds stays, and slots that point into it need no update. */
  for (size_t i = 0; i < n && !first; i++)
    if (~b[i].live) {
      char *hole = c->base + i * GCB_COMPACT_BLOCK + 8 * (size_t)__builtin_ctzll(~b[i].live);
      if (GCB_MUTANT(SLIDE_PREFIX)) hole += GCB_COMPACT_BLOCK;
      if (hole < c->top) c->moving = hole;
      break;
    }
  return (size_t)(to - c->base) - first;
}

ALWAYS gcb_object *moved(const gcb_compact *c, gcb_object *o, size_t moving, bool instruction) {
  if ((size_t)((char *)o - c->moving) >= moving) return o;
  const gcb_compact_block *b = gcb_compact_block_of(c, o);
  uint64_t before = b->live & (((uint64_t)1 << gcb_compact_bit_of(o)) - 1);
  return (gcb_object *)(b->to + 8 * (size_t)ones(before, instruction));
}

ALWAYS void update(const gcb_compact *c, gcb_object **slots, size_t n, size_t moving, bool instruction) {
  for (size_t i = 0; i < n; i++) {
    gcb_object *was = slots[i], *is = moved(c, was, moving, instruction);
    if (is != was) slots[i] = is;
  }
}

/* Slots that an update has to look at: strong ones, and those of special objects but for the link. */
ALWAYS uint32_t slots_to_update(uint32_t geometry) {
  if (gcb_kind(geometry) == GCB_KIND_SPECIAL)
    return GCB_MUTANT(SLIDE_WEAK) ? 0 : geometry == GCB_GEOMETRY_WEAK ? 1 : 2;
  return gcb_refs_of(geometry);
}

ALWAYS void slide(gcb_compact *c, gcb_compact_visit *object, void *ctx, bool instruction) {
  size_t moving = (size_t)(c->top - c->moving);
  gcb_object *o = gcb_compact_next(c, c->base);
  char *to = c->base + (c->aside ? gcb_size_of(gcb_geometry_fixed(0, 8)) : 0);
  while (o) {
    __builtin_prefetch((char *)o + AHEAD);
    uint32_t n = slots_to_update(o->geometry);
    size_t size = gcb_size_of(o->geometry);
    update(c, gcb_slots_of(o), n, moving, instruction);
    if (object) object(ctx, o, (gcb_object *)to);
    if (c->aside) {
      memcpy(c->aside + (to - c->base), o, size);
    } else if (to != (char *)o) { /* to < o: ascending words may overlap */
      if (GCB_MUTANT(SLIDE_OVERLAP)) {
        for (size_t i = size / 8; i-- > 0;) ((uint64_t *)to)[i] = ((const uint64_t *)o)[i];
      } else if (size > 256) {
        memmove(to, o, size);
      } else {
        const uint64_t *from = (const uint64_t *)o, *end = (const uint64_t *)((char *)o + size);
        uint64_t *into = (uint64_t *)to;
        while (from < end) *into++ = *from++;
      }
    }
    to += size;
    char *end = (char *)o + size;
    o = end < c->top && gcb_compact_marked(c, (gcb_object *)end) ? (gcb_object *)end
                                                                 : gcb_compact_next(c, end);
  }
  gcb_compact_unmark(c);
  if (c->aside) finish_pad(c, to);
  if (to < c->top) gcb_poison(c->heap, to, (size_t)(c->top - to), GCB_POISON_FREED);
  c->top = to;
}

static size_t plan_plain(gcb_compact *c) {
  return plan(c, pad(c), false);
}
COUNTING static size_t plan_counting(gcb_compact *c) {
  return plan(c, pad(c), true);
}
static void update_plain(const gcb_compact *c, gcb_object **slots, size_t n) {
  update(c, slots, n, (size_t)(c->top - c->moving), false);
}
COUNTING static void update_counting(const gcb_compact *c, gcb_object **slots, size_t n) {
  update(c, slots, n, (size_t)(c->top - c->moving), true);
}
static void slide_plain(gcb_compact *c, gcb_compact_visit *object, void *ctx) {
  slide(c, object, ctx, false);
}
COUNTING static void slide_counting(gcb_compact *c, gcb_compact_visit *object, void *ctx) {
  slide(c, object, ctx, true);
}

size_t gcb_compact_plan(gcb_compact *c) {
  return CAN_COUNT() ? plan_counting(c) : plan_plain(c);
}
void gcb_compact_update_slots(const gcb_compact *c, gcb_object **slots, size_t n) {
  if (CAN_COUNT())
    update_counting(c, slots, n);
  else
    update_plain(c, slots, n);
}
void gcb_compact_slide(gcb_compact *c, gcb_compact_visit *object, void *ctx) {
  if (CAN_COUNT())
    slide_counting(c, object, ctx);
  else
    slide_plain(c, object, ctx);
}
void gcb_compact_unmark(gcb_compact *c) {
  size_t n = ((size_t)(c->top - c->base) + GCB_COMPACT_BLOCK - 1) / GCB_COMPACT_BLOCK;
  if (n && GCB_MUTANT(MARKS_STALE)) n--;
  memset(c->blocks, 0, n * sizeof *c->blocks);
}
void gcb_compact_update_slot(void *space, gcb_object **slot) {
  gcb_compact_update(space, slot);
}
