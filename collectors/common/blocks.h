/* A non-moving, segregated-fit space: aligned blocks of 32 KiB, each of cells of one size, and one bit a
 * cell.
 *
 * Invariant: in a block in use, a cell's bit is clear exactly when the block holds the cell free. A set bit
 * is an object, or a cell on the free list of exactly one mutator (linked through the word where the object's
 * header will stand). Between gcb_blocks_mark_begin() and _mark_end() bits mean "reached" and no mutator
 * holds a cell; what stays clear is thereby free, and a sweep is nothing but the handing out of a block: its
 * clear bits become a list and are set. So sweeping is as lazy as allocation is, a cell cannot get onto two
 * lists, and an unswept block needs no state of its own. A block with free cells is on its class's list; an
 * empty one is in the pool or given back.
 *
 * Follows Boehm and Weiser 1988 (segregated blocks, lazy sweep, marks aside) with the bitmap as the only
 * truth. Everything about a cell is found from the object's address by shifts: the block by its distance from
 * `base` in blocks, the bit by its distance in 16 bytes. Cells are multiples of 8, of 16 at least, so no two
 * share a bit; where in a bit's 16 bytes the object begins is the same in all blocks of a class (`odd`).
 *
 * With a prefix, `prefix` bytes of the collector's own stand before each object: zero when a block comes into
 * use, later what the collector left there. Of a cell, nothing is unused to 128 bytes (steps of 8), 11 % to
 * 2 KiB (8 steps a doubling), 20.1 % above (15th to 4th part of a block).
 */
#ifndef GCB_COMMON_BLOCKS_H
#define GCB_COMMON_BLOCKS_H

#include "large.h"
#include <gcbench/collector.h>
#include <pthread.h>

enum {
  GCB_BLOCK_SHIFT = 15,
  GCB_BLOCK_BYTES = 1 << GCB_BLOCK_SHIFT,
  GCB_BLOCK_WORDS = GCB_BLOCK_BYTES / 1024, /* of 64 bits, in a block's part of the bitmap */
  GCB_CELL_MAX = 8192,
  GCB_CELL_CLASSES = 59,
  GCB_CACHE_BYTES = 2 * GCB_BLOCK_BYTES, /* of cells freed since, that make a mutator give some back */
};

#define GCB_BLOCKS_RARE                                                                                      \
  (GCB_RARE(BLOCK_FREED) | GCB_RARE(HEAP_GROWN) | GCB_RARE(HEAP_SHRUNK) | GCB_RARE(BUFFER_REFILL) |          \
   GCB_RARE(LAZY_SWEEP))

typedef struct gcb_block {
  struct gcb_block *next, *prev; /* the class's list of blocks with free cells; the pool */
  uint16_t free_cells;           /* clear bits; not kept while marking */
  uint8_t size_class;
  uint8_t in_use; /* has cells at all; else in the pool, or uncommitted */
  uint8_t listed; /* on its class's list */
  uint8_t fresh;  /* never used since committed: reads as zero */
  uint8_t flag;   /* the collector's; 0 at first */
} gcb_block;

/* What m->free points to: the lists, and how many cells were freed onto each since last looked at. */
typedef struct gcb_cell_cache {
  void *free[GCB_CELL_CLASSES];
  uint32_t pushed[GCB_CELL_CLASSES];
} gcb_cell_cache;

typedef struct gcb_blocks {
  gcb_heap *heap;
  char *base, *end;                        /* the reserved range: gcb_in_blocks() is a range test */
  uint64_t *bits;                          /* one a 16 bytes of the range */
  gcb_block *blocks;                       /* one a block of the range */
  size_t top;                              /* blocks [0, top) have their bits and gcb_block committed */
  size_t bits_committed, blocks_committed; /* bytes */
  size_t in_use, pooled, spare; /* blocks: with cells; empty and committed; fewest pooled since mark_end */
  size_t keep;     /* most blocks that freeing cells leaves in the pool, beside an eighth of those in use */
  gcb_block *pool; /* committed, empty */
  gcb_block *gone; /* below top, not committed */
  gcb_block *partial[GCB_CELL_CLASSES];
  uint64_t soft;     /* no block is committed once the heap has committed so many bytes: for pacing */
  size_t prefix;     /* bytes before each object, a multiple of 8 */
  size_t object_max; /* bytes: larger objects do not fit a cell */
  uint64_t live;     /* bytes of objects at mark_end; valid until a cell is handed out */
  bool live_valid;
  uint32_t cell_bytes[GCB_CELL_CLASSES], cells[GCB_CELL_CLASSES]; /* of one cell; in one block */
  uint8_t size_class[GCB_CELL_MAX / 8 + 1];                       /* by object bytes / 8 */
  uint64_t starts[GCB_CELL_CLASSES][GCB_BLOCK_WORDS];             /* the bits that are cells */
  uint64_t odd[GCB_CELL_CLASSES][GCB_BLOCK_WORDS];                /* of them those 8 bytes later */
  pthread_mutex_t lock;                                           /* lists and bits, while mutators run */
} gcb_blocks;

/* Reserve the range. False when the system refuses. */
bool gcb_blocks_init(gcb_blocks *s, gcb_heap *h, size_t prefix);
/* thread_begin: empty lists and the tables of the inline path. GCB_OOM without memory. */
gcb_status gcb_blocks_attach(gcb_blocks *s, gcb_mutator *m);
/* thread_end: the cells go back. */
void gcb_blocks_detach(gcb_blocks *s, gcb_mutator *m);
/* Give every cell on m's lists back to its block. On m's thread, or with the world stopped. */
void gcb_blocks_retire(gcb_blocks *s, gcb_mutator *m);

/* An object of at most object_max bytes, header stored, the rest zero, from m's lists, refilled with the free
 * cells of one block if need be: one with free cells, else an empty one. NULL when the bound allows neither.
 */
gcb_object *gcb_blocks_alloc(gcb_blocks *s, gcb_mutator *m, uint64_t header, size_t bytes);
/* The same from any larger cell that is free: the last resort of a heap that is full after a collection. */
gcb_object *gcb_blocks_alloc_larger(gcb_blocks *s, gcb_mutator *m, uint64_t header, size_t bytes);
/* Give back empty blocks of at least `bytes` together, as far as there are (a large object wants the room).
 */
void gcb_blocks_trim(gcb_blocks *s, size_t bytes);

/* Call fn for every object. World stopped or single-threaded; takes all mutators' cells back first. fn may
 * gcb_blocks_release() the object it gets. */
void gcb_blocks_each(gcb_blocks *s, void (*fn)(void *ctx, gcb_object *o), void *ctx);
/* Add this space to the ledger (prefixes count as metadata). World stopped or single-threaded; takes cells
 * back when it must count. */
void gcb_blocks_ledger(gcb_blocks *s, gcb_space_ledger *out);

/* Clear all bits; mutators lose their cells. World stopped. */
void gcb_blocks_mark_begin(gcb_blocks *s);
/* What is marked is all there is: `live` bytes of objects. Empty blocks go to the pool, beyond what the last
 * cycle needed they are given back. Returns the bytes of cells that this freed. World stopped. */
uint64_t gcb_blocks_mark_end(gcb_blocks *s, uint64_t live);

/* Put a dead object's cell straight back into its block. With the lock held, or the world stopped. */
void gcb_blocks_release(gcb_blocks *s, gcb_object *o);
/* Slow path of gcb_blocks_free: keep a block's worth of cells of the class, give the others back. */
void gcb_blocks_spill(gcb_blocks *s, gcb_mutator *m, uint32_t size_class);

static inline bool gcb_in_blocks(const gcb_blocks *s, const gcb_object *o) {
  return (char *)o >= s->base && (char *)o < s->end;
}
static inline gcb_block *gcb_block_of(const gcb_blocks *s, const gcb_object *o) {
  return s->blocks + ((size_t)((char *)o - s->base) >> GCB_BLOCK_SHIFT);
}
static inline size_t gcb_cell_bytes(const gcb_blocks *s, const gcb_object *o) {
  return s->cell_bytes[gcb_block_of(s, o)->size_class];
}
/* The object of bit `bit` of word `word` of a block's bitmap. */
static inline gcb_object *gcb_cell_at(const gcb_blocks *s, const gcb_block *b, size_t word, int bit) {
  size_t offset = (word * 64 + (size_t)bit) * 16 + (s->odd[b->size_class][word] >> bit & 1) * 8;
  return (gcb_object *)(s->base + ((size_t)(b - s->blocks) << GCB_BLOCK_SHIFT) + offset);
}
/* shape_added. */
static inline void gcb_blocks_shape(const gcb_blocks *s, gcb_shape *shape) {
  shape->size_class = shape->size <= s->object_max ? s->size_class[shape->size / 8] : 0;
}
/* Free one object onto m's own list, whoever allocated it. On m's thread. */
static inline void gcb_blocks_free(gcb_blocks *s, gcb_mutator *m, gcb_object *o) {
  gcb_cell_cache *cache = (gcb_cell_cache *)m->free;
  uint32_t c = gcb_block_of(s, o)->size_class;
  gcb_poison(s->heap, o, s->cell_bytes[c] - s->prefix, GCB_POISON_FREED);
  *(void **)o = cache->free[c];
  cache->free[c] = o;
  if (__builtin_expect(++cache->pushed[c] * s->cell_bytes[c] > GCB_CACHE_BYTES, 0)) gcb_blocks_spill(s, m, c);
}
static inline bool gcb_cell_marked(const gcb_blocks *s, const gcb_object *o) {
  size_t i = (size_t)((char *)o - s->base) >> 4;
  return s->bits[i >> 6] >> (i & 63) & 1;
}
/* Mark; true the first time. `shared`: other threads mark too. */
static inline bool gcb_cell_mark(gcb_blocks *s, const gcb_object *o, bool shared) {
  size_t i = (size_t)((char *)o - s->base) >> 4;
  uint64_t *word = s->bits + (i >> 6), bit = 1ull << (i & 63);
  if (!shared) {
    uint64_t old = *word;
    *word = old | bit;
    return !(old & bit);
  }
  if (__atomic_load_n(word, __ATOMIC_RELAXED) & bit) return false;
  return !(__atomic_fetch_or(word, bit, __ATOMIC_RELAXED) & bit);
}

#endif
