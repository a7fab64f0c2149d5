/* Sizes. Of what the bound leaves beside the old generation, large objects and tables, the nursery takes one
 * part and owes the same again, as free end of the old generation, for the case that all of it survives; the
 * aged and the middle objects owe their own size too. So the nursery is at most half of what is free, and a
 * collection always has room.
 *
 * When the nursery would become smaller than half of what the last major collection allowed, the next bigger
 * collection follows at once. Thus the work of major collections stays in proportion to what was promoted
 * between them, at whatever heap size.
 */
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
    given += gcb_compact_trim(&g->old, end - keep > want ? end - want : keep);
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
  if (held < g->bound) {
    uint64_t left = g->bound - held;
    uint64_t most = left > 4 * GCB_PAGE ? (left - 4 * GCB_PAGE) * 32 / 65 : 0; /* 2 + 1/32 */
    bytes = (most < g->nursery ? most : g->nursery) & ~(GCB_PAGE - 1);
    uint64_t share = (left + 2 * owed(g)) / 6;
    g->middle_limit = share < g->middle_size ? share : g->middle_size;
    if (g->middle_limit < 2 * g->chunk) g->middle_limit = 0;
  }
  while (!nursery_of(g, bytes) && bytes) bytes = bytes / 2 & ~(GCB_PAGE - 1);
  return bytes;
}

static void collect_major(gen3 *g) {
  gen3_collect_young(g, GCB_MAJOR, true);
  gen3_collect_old(g);
  if (g->heap->limit == UINT64_MAX) {
    uint64_t live = (uint64_t)(g->old.top - g->old.base) + g->large.committed;
    g->bound = 3 * live > LEAST_TARGET ? 3 * live : LEAST_TARGET;
  }
}

size_t gen3_collect(gen3 *g, gcb_pause_kind kind) {
  uint64_t start = gcb_now(g->heap);
  if (kind == GCB_MAJOR)
    collect_major(g);
  else
    gen3_collect_young(g, kind, false);
  size_t nursery = gen3_prepare(g);
  if (kind == GCB_MAJOR) g->least = nursery / 2;
  gcb_pause(g->heap, NULL, kind, start, gcb_now(g->heap));
  return nursery;
}

bool gen3_collect_for_nursery(gen3 *g, size_t bytes) {
  const gcb_copy_space *middle = g->space + g->middle;
  gcb_pause_kind kind = gen3_used(middle) >= g->middle_limit && gen3_used(middle) ? GCB_MIDDLE : GCB_MINOR;
  size_t nursery = gen3_collect(g, kind);
  size_t least = g->least > bytes ? g->least : bytes;
  if (nursery >= least) return true;
  if (kind == GCB_MINOR && gen3_used(middle) > g->chunk && gen3_collect(g, GCB_MIDDLE) >= least) return true;
  nursery = gen3_collect(g, GCB_MAJOR);
  g->tight = nursery < g->bound / TIGHT ? g->tight + 1 : 0;
  return nursery >= bytes && g->tight < 2;
}
