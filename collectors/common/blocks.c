/* See blocks.h for the invariant. It is briefly broken only inside a function that holds the lock, or between
 * mark_begin and mark_end.
 */
#include "blocks.h"
#include "mutants.h"
#include "vec.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
  PAGE = 4096,
  UNBOUNDED_SHIFT = 36
}; /* an unbounded heap gets 64 GiB of address space, or what it can */

/* ---- size classes ---- */
/* Cells of class 0, 1, ..: see the header. */
enum { FINE = 15, MIDDLE = FINE + 32 }; /* classes to 128 bytes, to 2 KiB */
static uint32_t bytes_of_class(uint32_t c) {
  if (c < FINE) return 16 + 8 * c;
  if (c >= MIDDLE) return GCB_BLOCK_BYTES / (15 - (c - MIDDLE)) & ~7u;
  uint32_t doubling = (c - FINE) / 8, step = (c - FINE) % 8 + 1;
  return (128u << doubling) + (16u << doubling) * step;
}

static void make_classes(gcb_blocks *s) {
  uint32_t c = 0;
  for (uint32_t i = 0; i < GCB_CELL_CLASSES; i++) {
    uint32_t bytes = s->cell_bytes[i] = bytes_of_class(i);
    uint32_t n = s->cells[i] = GCB_BLOCK_BYTES / bytes;
    if (bytes < s->prefix + GCB_MIN_OBJECT) continue; /* never used; its bits might lie outside */
    for (uint32_t k = 0; k < n; k++) {
      uint32_t offset = (uint32_t)s->prefix + k * bytes, word = offset >> 10;
      s->starts[i][word] |= 1ull << (offset >> 4 & 63);
      s->odd[i][word] |= (uint64_t)(offset >> 3 & 1) << (offset >> 4 & 63);
    }
  }
  s->object_max = GCB_CELL_MAX - s->prefix;
  for (size_t bytes = 0; bytes <= s->object_max; bytes += 8) {
    while (s->cell_bytes[c] < bytes + s->prefix) c++;
    s->size_class[bytes / 8] = (uint8_t)c;
  }
}

/* ---- places ---- */
static size_t index_of(const gcb_blocks *s, const gcb_block *b) {
  return (size_t)(b - s->blocks);
}
static char *start_of(const gcb_blocks *s, const gcb_block *b) {
  return s->base + (index_of(s, b) << GCB_BLOCK_SHIFT);
}
static uint64_t *bits_of(const gcb_blocks *s, const gcb_block *b) {
  return s->bits + index_of(s, b) * GCB_BLOCK_WORDS;
}

/* ---- lists of blocks ---- */
static void list_push(gcb_blocks *s, gcb_block *b) {
  gcb_block **head = s->partial + b->size_class;
  b->prev = NULL;
  b->next = *head;
  if (*head) (*head)->prev = b;
  *head = b;
  b->listed = 1;
}
static void list_remove(gcb_blocks *s, gcb_block *b) {
  if (b->prev)
    b->prev->next = b->next;
  else
    s->partial[b->size_class] = b->next;
  if (b->next) b->next->prev = b->prev;
  b->listed = 0;
}

static void pool_push(gcb_blocks *s, gcb_block *b) {
  b->in_use = 0;
  b->fresh = 0;
  b->next = s->pool;
  s->pool = b;
  s->pooled++;
  s->in_use--;
  gcb_poison(s->heap, start_of(s, b), GCB_BLOCK_BYTES, GCB_POISON_EMPTY);
  gcb_count(s->heap, GCB_EVENT_BLOCK_FREED);
}
static gcb_block *pool_pop(gcb_blocks *s) {
  gcb_block *b = s->pool;
  if (!b) return NULL;
  s->pool = b->next;
  if (--s->pooled < s->spare) s->spare = s->pooled;
  return b;
}
static void trim(gcb_blocks *s, size_t keep) {
  while (s->pooled > keep) {
    gcb_block *b = pool_pop(s);
    gcb_decommit(s->heap, start_of(s, b), GCB_BLOCK_BYTES);
    gcb_count(s->heap, GCB_EVENT_HEAP_SHRUNK);
    b->next = s->gone;
    s->gone = b;
  }
}

/* ---- getting blocks ---- */
static bool grow_part(gcb_heap *h, void *base, size_t *committed, size_t need) {
  if (need <= *committed) return true;
  if (!gcb_commit(h, (char *)base + *committed, PAGE)) return false;
  *committed += PAGE;
  return true;
}

/* A committed, empty block: of the pool, else one given back before, else the next of the range. */
static gcb_block *get_block(gcb_blocks *s) {
  gcb_block *b = pool_pop(s);
  if (b || gcb_committed(s->heap) >= s->soft) return b;
  bool top = !s->gone;
  if (top) {
    if (s->base + (s->top << GCB_BLOCK_SHIFT) == s->end) return NULL;
    if (!grow_part(s->heap, s->bits, &s->bits_committed, (s->top + 1) * GCB_BLOCK_WORDS * 8)) return NULL;
    if (!grow_part(s->heap, s->blocks, &s->blocks_committed, (s->top + 1) * sizeof *b)) return NULL;
  }
  b = top ? s->blocks + s->top : s->gone;
  if (!gcb_commit(s->heap, start_of(s, b), GCB_BLOCK_BYTES)) return NULL;
  if (top)
    s->top++;
  else
    s->gone = b->next;
  b->fresh = 1;
  gcb_count(s->heap, GCB_EVENT_HEAP_GROWN);
  return b;
}

static gcb_block *new_block(gcb_blocks *s, uint32_t c) {
  gcb_block *b = get_block(s);
  if (!b) return NULL;
  b->size_class = (uint8_t)c;
  b->in_use = 1;
  b->listed = 0;
  b->free_cells = (uint16_t)s->cells[c];
  s->in_use++;
  if (s->prefix && !b->fresh)
    for (uint32_t i = 0; i < s->cells[c]; i++)
      memset(start_of(s, b) + (size_t)i * s->cell_bytes[c], 0, s->prefix);
  return b;
}

/* ---- cells ---- */
/* All free cells of the block as a list in order of address. */
static void *hand_out(gcb_blocks *s, gcb_block *b) {
  uint64_t *bits = bits_of(s, b), *starts = s->starts[b->size_class];
  void *head = NULL, **tail = &head;
  for (size_t w = 0; w < GCB_BLOCK_WORDS; w++) {
    uint64_t free = starts[w] & ~bits[w];
    if (!GCB_MUTANT(CELL_TWICE)) bits[w] |= free;
    for (; free; free &= free - 1) {
      void *cell = gcb_cell_at(s, b, w, __builtin_ctzll(free));
      *tail = cell;
      tail = cell;
    }
  }
  *tail = NULL;
  b->free_cells = 0;
  if (GCB_MUTANT(CELL_TWICE)) list_push(s, b);
  s->live_valid = false;
  gcb_count(s->heap, GCB_EVENT_BUFFER_REFILL);
  return head;
}

static void *refill(gcb_blocks *s, uint32_t c) {
  gcb_block *b = s->partial[c];
  if (b) {
    list_remove(s, b);
    gcb_count(s->heap, GCB_EVENT_LAZY_SWEEP);
  } else if (!(b = new_block(s, c))) {
    return NULL;
  }
  return hand_out(s, b);
}

/* One cell of a block of the class that has any. */
static void *take_one(gcb_blocks *s, uint32_t c) {
  gcb_block *b = s->partial[c];
  if (!b) return NULL;
  uint64_t *bits = bits_of(s, b), *starts = s->starts[c];
  size_t w = 0;
  while (!(starts[w] & ~bits[w])) w++;
  uint64_t free = starts[w] & ~bits[w];
  bits[w] |= free & -free;
  s->live_valid = false;
  if (!--b->free_cells) list_remove(s, b);
  return gcb_cell_at(s, b, w, __builtin_ctzll(free));
}

static void release(gcb_blocks *s, gcb_object *o) {
  gcb_block *b = gcb_block_of(s, o);
  size_t i = (size_t)((char *)o - s->base) >> 4;
  uint64_t bit = 1ull << (i & 63);
  assert(b->in_use && s->bits[i >> 6] & bit); /* else freed twice */
  s->bits[i >> 6] &= ~bit;
  gcb_poison(s->heap, o, s->cell_bytes[b->size_class] - s->prefix, GCB_POISON_FREED);
  if (++b->free_cells == s->cells[b->size_class]) {
    if (b->listed) list_remove(s, b);
    pool_push(s, b);
    size_t most = s->keep + s->in_use / 8;
    if (s->pooled > most) trim(s, most);
  } else if (!b->listed) {
    list_push(s, b);
  }
}

static gcb_object *finish(void *cell, uint64_t header, size_t bytes) {
  gcb_object *o = cell;
  memcpy(o, &header, sizeof header);
  memset(o + 1, 0, bytes - sizeof *o - (GCB_MUTANT(CELL_TAIL) ? 8 : 0));
  return o;
}

/* ---- the interface ---- */
bool gcb_blocks_init(gcb_blocks *s, gcb_heap *h, size_t prefix) {
  memset(s, 0, sizeof *s);
  s->heap = h;
  s->prefix = prefix;
  s->keep = 8;
  s->soft = UINT64_MAX;
  pthread_mutex_init(&s->lock, NULL);
  make_classes(s);
  size_t blocks = (gcb_span(h) + GCB_BLOCK_BYTES - 1) >> GCB_BLOCK_SHIFT;
  s->base = gcb_reserve(h, blocks << GCB_BLOCK_SHIFT, GCB_BLOCK_BYTES);
  s->bits = gcb_reserve(h, blocks * GCB_BLOCK_WORDS * 8, PAGE);
  s->blocks = gcb_reserve(h, blocks * sizeof *s->blocks, PAGE);
  s->end = s->base + (blocks << GCB_BLOCK_SHIFT);
  return s->base && s->bits && s->blocks;
}

gcb_status gcb_blocks_attach(gcb_blocks *s, gcb_mutator *m) {
  gcb_cell_cache *cache = calloc(1, sizeof *cache);
  if (!cache) return GCB_OOM;
  m->free = cache->free;
  m->size_class = s->size_class;
  m->inline_max = (uint32_t)s->object_max;
  return GCB_OK;
}

void gcb_blocks_detach(gcb_blocks *s, gcb_mutator *m) {
  gcb_blocks_retire(s, m);
  free(m->free);
  m->free = NULL;
}

static void release_list(gcb_blocks *s, void *cell) {
  for (void *next; cell; cell = next) {
    next = *(void **)cell;
    release(s, cell);
  }
}

void gcb_blocks_retire(gcb_blocks *s, gcb_mutator *m) {
  gcb_cell_cache *cache = (gcb_cell_cache *)m->free;
  pthread_mutex_lock(&s->lock);
  for (uint32_t c = 0; c < GCB_CELL_CLASSES; c++) {
    void *list = cache->free[c];
    cache->free[c] = NULL;
    cache->pushed[c] = 0;
    release_list(s, list);
  }
  pthread_mutex_unlock(&s->lock);
}

void gcb_blocks_spill(gcb_blocks *s, gcb_mutator *m, uint32_t c) {
  gcb_cell_cache *cache = (gcb_cell_cache *)m->free;
  void **cut = &cache->free[c];
  for (uint32_t i = 0; *cut && i < s->cells[c]; i++) cut = *cut;
  void *rest = *cut;
  *cut = NULL;
  cache->pushed[c] = 0;
  pthread_mutex_lock(&s->lock);
  release_list(s, rest);
  pthread_mutex_unlock(&s->lock);
}

void gcb_blocks_release(gcb_blocks *s, gcb_object *o) {
  release(s, o);
}

gcb_object *gcb_blocks_alloc(gcb_blocks *s, gcb_mutator *m, uint64_t header, size_t bytes) {
  uint32_t c = s->size_class[bytes / 8];
  void *cell = m->free[c];
  if (!cell) {
    pthread_mutex_lock(&s->lock);
    cell = refill(s, c);
    pthread_mutex_unlock(&s->lock);
    if (!cell) return NULL;
  }
  m->free[c] = *(void **)cell;
  return finish(cell, header, bytes);
}

gcb_object *gcb_blocks_alloc_larger(gcb_blocks *s, gcb_mutator *m, uint64_t header, size_t bytes) {
  for (uint32_t c = s->size_class[bytes / 8]; c < GCB_CELL_CLASSES; c++) {
    void *cell = m->free[c];
    if (cell) {
      m->free[c] = *(void **)cell;
    } else {
      pthread_mutex_lock(&s->lock);
      cell = take_one(s, c);
      pthread_mutex_unlock(&s->lock);
    }
    if (cell) return finish(cell, header, bytes);
  }
  return NULL;
}

void gcb_blocks_trim(gcb_blocks *s, size_t bytes) {
  size_t n = (bytes + GCB_BLOCK_BYTES - 1) >> GCB_BLOCK_SHIFT;
  pthread_mutex_lock(&s->lock);
  trim(s, s->pooled > n ? s->pooled - n : 0);
  pthread_mutex_unlock(&s->lock);
}

void gcb_blocks_each(gcb_blocks *s, void (*fn)(void *ctx, gcb_object *o), void *ctx) {
  for (gcb_mutator *m = s->heap->live; m; m = m->next)
    if (m->free) gcb_blocks_retire(s, m);
  for (size_t i = 0; i < s->top; i++) {
    gcb_block *b = s->blocks + i;
    if (!b->in_use) continue;
    for (size_t w = 0; w < GCB_BLOCK_WORDS; w++)
      for (uint64_t set = bits_of(s, b)[w]; set; set &= set - 1)
        fn(ctx, gcb_cell_at(s, b, w, __builtin_ctzll(set)));
  }
}

static void add_size(void *ctx, gcb_object *o) {
  *(uint64_t *)ctx += gcb_size_of(o->geometry);
}

void gcb_blocks_ledger(gcb_blocks *s, gcb_space_ledger *out) {
  uint64_t objects = 0, cells = 0, used = 0;
  if (s->live_valid)
    objects = s->live;
  else
    gcb_blocks_each(s, add_size, &objects);
  for (size_t i = 0; i < s->top; i++) {
    gcb_block *b = s->blocks + i;
    if (!b->in_use) continue;
    uint64_t n = s->cells[b->size_class] - b->free_cells;
    cells += n;
    used += n * s->cell_bytes[b->size_class];
  }
  out->objects += objects;
  out->rounding += used - cells * s->prefix - objects;
  out->free += (s->in_use + s->pooled) * (uint64_t)GCB_BLOCK_BYTES - used;
  out->metadata += cells * s->prefix + s->bits_committed + s->blocks_committed;
}

/* ---- marking ---- */
void gcb_blocks_mark_begin(gcb_blocks *s) {
  for (gcb_mutator *m = s->heap->live; m; m = m->next) {
    gcb_cell_cache *cache = (gcb_cell_cache *)m->free;
    if (!cache) continue;
    for (uint32_t c = 0; c < GCB_CELL_CLASSES; c++)
      for (void *cell = cache->free[c]; cell; cell = *(void **)cell) gcb_block_of(s, cell)->free_cells++;
    if (!GCB_MUTANT(CACHE_STALE)) memset(cache, 0, sizeof *cache);
  }
  memset(s->bits, 0, s->top * GCB_BLOCK_WORDS * 8);
}

/* Set bits of a block; in line, where the compiler's own for a plain x86-64 would be calls. */
static uint32_t count_bits(const uint64_t *bits) {
  uint64_t pairs = 0x5555555555555555u, fours = 0x3333333333333333u, bytes = 0x0f0f0f0f0f0f0f0fu;
  uint32_t n = 0;
  for (size_t w = 0; w < GCB_BLOCK_WORDS; w++) {
    uint64_t x = bits[w];
    x -= x >> 1 & pairs;
    x = (x & fours) + (x >> 2 & fours);
    n += (uint32_t)(((x + (x >> 4)) & bytes) * 0x0101010101010101u >> 56);
  }
  return n;
}

static void poison_free_cells(gcb_blocks *s, gcb_block *b) {
  size_t bytes = s->cell_bytes[b->size_class] - s->prefix;
  for (size_t w = 0; w < GCB_BLOCK_WORDS; w++)
    for (uint64_t free = s->starts[b->size_class][w] & ~bits_of(s, b)[w]; free; free &= free - 1)
      gcb_poison(s->heap, gcb_cell_at(s, b, w, __builtin_ctzll(free)), bytes, GCB_POISON_FREED);
}

uint64_t gcb_blocks_mark_end(gcb_blocks *s, uint64_t live) {
  uint64_t freed = 0;
  size_t unneeded = s->spare;
  memset(s->partial, 0, sizeof s->partial);
  for (size_t i = s->top; i-- > 0;) { /* downwards, so that the lists run upwards */
    gcb_block *b = s->blocks + i;
    if (!b->in_use) continue;
    uint32_t cells = s->cells[b->size_class], reached = count_bits(bits_of(s, b));
    freed += (uint64_t)(cells - b->free_cells - reached) * s->cell_bytes[b->size_class];
    b->free_cells = (uint16_t)(cells - reached);
    b->listed = 0;
    if (!reached) {
      pool_push(s, b);
    } else if (reached < cells) {
      list_push(s, b);
      if (s->heap->debug & GCB_DEBUG_POISON) poison_free_cells(s, b);
    } else {
      gcb_count(s->heap, GCB_EVENT_BLOCK_FULL);
    }
  }
  trim(s, s->pooled - (unneeded < s->pooled ? unneeded : s->pooled));
  s->spare = s->pooled;
  s->live = live;
  s->live_valid = true;
  return freed;
}
