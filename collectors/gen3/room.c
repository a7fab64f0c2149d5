/* Sizes. Of what the bound leaves beside the old generation, large objects and tables, the nursery takes one
 * part and owes the same again, as free end of the old generation, for the case that all of it survives; the
 * aged and the middle objects owe their own size too. So the nursery is at most half of what is free, and a
 * collection always has room.
 *
 * When the nursery would become smaller than half of what the last major collection allowed, a bigger
 * collection is due. Thus the work of major collections stays in proportion to what was promoted
 * between them, at whatever heap size. When not even a nursery of 1/256 of the bound is left, new objects go
 * into the old generation until that is full, and two major collections in a row that leave so little are
 * out of memory: collecting for ever is no service.
 */
#include "common/mutants.h"
#include "gen3.h"

enum { LEAST_TARGET = 64 << 20, TIGHT = 256 };

static size_t free_end(const gen3 *g) {
  return (size_t)(g->old.committed - g->old.base) - gcb_pages_up((size_t)(g->old.top - g->old.base));
}
static size_t pages_behind(const gcb_copy_space *s) {
  return (size_t)(s->limit - s->base) - gcb_pages_up(gen3_used(s));
}
/* Bytes that aged and middle objects owe. */
static size_t owed(const gen3 *g) {
  return gen3_used(g->space + g->aged) + gen3_used(g->space + g->middle);
}
/* With the blocks of compact.h that come with pages of the old generation. */
static size_t with_blocks(size_t bytes) {
  return bytes ? bytes + gcb_pages_up(bytes / 32) + 2 * GCB_PAGE : 0;
}

size_t gen3_give_back(gen3 *g, size_t bytes) {
  size_t given = 0;
  for (int s = AGED; s < SPACES && given < bytes; s++) {
    size_t have = (size_t)(g->space[s].limit - g->space[s].base), want = gcb_pages_up(bytes - given);
    given += gcb_copy_trim(g->space + s, have > want ? have - want : 0);
  }
  size_t end = (size_t)(g->old.committed - g->old.top), keep = g->eden_size + owed(g);
  if (given < bytes && end > keep) {
    size_t want = bytes - given;
    given += gcb_compact_trim(&g->old, GCB_MUTANT(RESERVE_SHORT) ? 0 : end - keep > want ? end - want : keep);
  }
  return given;
}

size_t gen3_shrink_nursery(gen3 *g, size_t bytes) {
  size_t given = gcb_copy_trim(g->space + EDEN, g->eden_size > bytes ? g->eden_size - bytes : 0);
  g->eden_size -= given;
  return given ? given + gen3_give_back(g, given) : 0;
}

/* Commit a nursery of `bytes` and the reserve for it. */
static bool nursery_of(gen3 *g, size_t bytes) {
  gcb_copy_trim(g->space + EDEN, bytes);
  g->eden_size = bytes;
  for (int attempt = 0; attempt < 2; attempt++) {
    if (gcb_compact_grow(&g->old, bytes + owed(g)) && gcb_copy_commit(g->space + EDEN, bytes)) return true;
    gen3_give_back(g, SIZE_MAX / 2);
  }
  return false;
}

size_t gen3_prepare(gen3 *g) {
  uint64_t idle = free_end(g) + pages_behind(g->space + EDEN) + g->old.metadata -
                  gcb_pages_up((size_t)(g->old.top - g->old.base) / 32);
  for (int s = AGED; s < SPACES; s++) idle += pages_behind(g->space + s);
  uint64_t held = gcb_committed(g->heap) - idle + with_blocks(owed(g)) + 2 * g->chunk;
  size_t bytes = 0;
  g->middle_limit = g->most = 0;
  if (held < g->bound) {
    uint64_t left = g->bound - held;
    uint64_t most = left > 4 * GCB_PAGE ? (left - 4 * GCB_PAGE) * 32 / 65 : 0; /* 2 + 1/32 */
    if (most >= g->bound / TIGHT) bytes = (most < g->nursery ? most : g->nursery) & ~(GCB_PAGE - 1);
    g->most = most;
    uint64_t share = (left + 2 * owed(g)) / 6;
    if (share > g->middle_size) share = g->middle_size;
    if (share >= 2 * g->chunk) g->middle_limit = share;
  }
  while (!nursery_of(g, bytes) && bytes) bytes = bytes / 2 & ~(GCB_PAGE - 1);
  return bytes;
}

gcb_object *gen3_alloc_old(gen3 *g, uint64_t header, size_t bytes) {
  size_t keep = g->eden_size + owed(g);
  if (!gcb_compact_grow(&g->old, bytes + keep) &&
      !(gen3_give_back(g, bytes + 2 * GCB_PAGE) && gcb_compact_grow(&g->old, bytes + keep)))
    return NULL;
  gcb_object *o = (gcb_object *)gcb_compact_alloc(&g->old, bytes);
  memcpy(o, &header, sizeof header);
  memset(o + 1, 0, bytes - sizeof header);
  gen3_remember(g, o);
  return o;
}

static void collect_major(gen3 *g) {
  gen3_collect_young(g, GCB_MAJOR, true);
  gen3_collect_old(g);
  if (g->heap->limit == UINT64_MAX) {
    uint64_t live = (uint64_t)(g->old.top - g->old.base) + g->large.committed;
    g->bound = 3 * live > LEAST_TARGET ? 3 * live : LEAST_TARGET;
  }
}

void gen3_end_pause(gen3 *g) {
  if (g->pausing) gcb_pause(g->heap, NULL, g->pause_kind, g->pause_start, gcb_now(g->heap));
  g->pausing = false;
}

size_t gen3_collect(gen3 *g, gcb_pause_kind kind) {
  gen3_end_pause(g);
  g->pausing = true;
  g->pause_kind = kind;
  g->pause_start = gcb_now(g->heap);
  if (kind == GCB_MAJOR)
    collect_major(g);
  else
    gen3_collect_young(g, kind, false);
  size_t nursery = gen3_prepare(g);
  if (kind == GCB_MAJOR) g->least = nursery / 2;
  return nursery;
}

/* The smallest collection that promises a nursery of `least` bytes, if as much survives as of late. Survivors
 * that are copied by a minor and at once again by a bigger collection would be work for nothing. */
static gcb_pause_kind choose(const gen3 *g, size_t least) {
  size_t middle = gen3_used(g->space + g->middle);
  if (middle && middle >= g->middle_limit) return GCB_MIDDLE;
  size_t survivors = (gen3_used(g->space + EDEN) * g->survival) >> 8;
  if (survivors + least <= g->most) return GCB_MINOR;
  return middle > g->chunk && middle >= least / 2 ? GCB_MIDDLE : GCB_MAJOR;
}

bool gen3_collect_for_room(gen3 *g, size_t bytes) {
  size_t least = g->least > bytes ? g->least : bytes;
  gcb_pause_kind kind = g->eden_size ? choose(g, least) : GCB_MAJOR;
  size_t nursery = gen3_collect(g, kind);
  if (kind != GCB_MAJOR) {
    if (nursery >= least) return true;
    nursery = gen3_collect(g, GCB_MAJOR);
  }
  g->tight = nursery ? 0 : g->tight + 1;
  return g->tight < 2;
}
