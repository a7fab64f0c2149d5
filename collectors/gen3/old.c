/* The major collection of the old generation: mark, settle, slide. It runs with the younger generations
 * empty: the collection before it, in the same stop, promoted every survivor, so that everything stands here
 * or is a large object of the old list, nothing is remembered, and the slide has no slot outside to know
 * about but roots, finalizer entries and large objects. */
#include "gen3.h"

GCB_MARK_INLINE bool reach(void *ctx, gcb_object *o) {
  gen3 *g = ctx;
  if (__builtin_expect(gcb_compact_has(&g->old, o), 1)) return gcb_compact_reach(&g->old, o);
  gcb_large *l = gcb_large_of(o);
  if (l->marked) return false;
  l->marked = 1;
  return true;
}
GCB_MARK_INLINE void cover(void *ctx, gcb_object *o, size_t bytes) {
  gen3 *g = ctx;
  if (__builtin_expect(gcb_compact_has(&g->old, o), 1))
    gcb_compact_cover(&g->old, o, bytes);
  else
    gcb_large_of(o)->marked = 2; /* scanned */
}

static void drain_stack(gen3 *g) {
  gcb_mark_drain(&g->marker, reach, cover, g);
}
static void scan_missed(gen3 *g, gcb_object *o) {
  gcb_mark_scan(&g->marker, o, reach, cover, g);
  drain_stack(g);
}
static void drain(void *ctx) {
  gen3 *g = ctx;
  gcb_marker *k = &g->marker;
  drain_stack(g);
  while (k->missed != GCB_MARK_NONE) {
    char *from = k->missed < g->old.base ? g->old.base : k->missed;
    k->missed = GCB_MARK_NONE;
    for (gcb_object *o = gcb_compact_next(&g->old, from); o;
         o = gcb_compact_next(&g->old, (char *)o + gcb_size_of(o->geometry)))
      if (!gcb_compact_scanned(&g->old, o)) scan_missed(g, o);
    for (gcb_large *l = g->large.old; l; l = l->next)
      if (l->marked == 1) scan_missed(g, gcb_large_object(l));
  }
}

static void mark_root(void *ctx, gcb_object **slot) {
  gcb_mark(&((gen3 *)ctx)->marker, *slot, reach, ctx);
}
static gcb_object *alive(void *ctx, gcb_object *o) {
  gen3 *g = ctx;
  bool marked = gcb_compact_has(&g->old, o) ? gcb_compact_marked(&g->old, o) : gcb_large_of(o)->marked != 0;
  return marked ? o : NULL;
}
static gcb_object *retain(void *ctx, gcb_object *o) {
  gcb_mark(&((gen3 *)ctx)->marker, o, reach, ctx);
  return o;
}

void gen3_collect_old(gen3 *g) {
  gcb_heap *h = g->heap;
  gcb_compact *c = &g->old;
  uint64_t used = (uint64_t)(c->top - c->base);
  /* The mark stack may have what the copy reserve no longer needs: without a page it walks the heap. */
  if (h->limit - gcb_committed(h) < used / 16) gcb_compact_trim(c, 0);
  gcb_marker_begin(&g->marker);
  gcb_each_root(h, mark_root, g);
  drain(g);
  g->settle.from = 0;
  gcb_settle_all(&g->settle, &(gcb_liveness){.ctx = g, .alive = alive, .retain = retain, .drain = drain});
  g->first_middle = g->first_nursery = g->settle.finalizers.n;
  gcb_work(h, GCB_WORK_MARKED, g->marker.bytes);
  uint64_t freed = gcb_large_sweep(&g->large, true, false);
  uint64_t live = gcb_compact_plan(c);
  gcb_each_root(h, gcb_compact_update_slot, c);
  gcb_settle_each_entry(&g->settle, gcb_compact_update_slot, c);
  for (gcb_large *l = g->large.old; l; l = l->next)
    gcb_each_slot(gcb_large_object(l), gcb_compact_update_slot, c);
  gcb_work(h, GCB_WORK_COPIED, live - (uint64_t)(c->moving - c->base));
  gcb_compact_slide(c, NULL, NULL);
  gcb_vec_trim(&g->marker.stack);
  gcb_work(h, GCB_WORK_FREED, freed + used - live);
}
