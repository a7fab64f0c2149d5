/* Minor and middle collections: what lives in the spaces that are emptied is copied, breadth first, to where
 * its age sends it. Each destination is its own queue (Cheney 1970).
 *
 * A copy always finds room: the old generation's free end holds as many bytes as may survive (`owed`). The
 * aged and the middle halves take pages by the chunk while the bound has some, and hand on to the next
 * generation when it has not.
 */
#include "common/mutants.h"
#include "gen3.h"
#include <assert.h>

#define ALWAYS static inline __attribute__((always_inline))

/* ---- room for copies ---- */
static void write_back(gen3 *g) {
  for (int d = 0; d < TO_OLD; d++) g->to[d].space->next = g->to[d].next;
  g->old.top = g->to[TO_OLD].next;
}

static bool chunk_for(gen3 *g, destination *d, size_t bytes) {
  size_t used = gen3_used(d->space), chunk = bytes > g->chunk ? bytes : g->chunk;
  if (gcb_copy_commit(d->space, used + chunk)) return true;
  size_t copied = 0;
  for (int i = 0; i < DESTINATIONS; i++) copied += (size_t)(g->to[i].next - g->to[i].start);
  bool given = gcb_compact_trim(&g->old, g->owed - copied) > 0;
  g->to[TO_OLD].limit = g->old.committed;
  return (given && gcb_copy_commit(d->space, used + chunk)) || gcb_copy_commit(d->space, used + bytes);
}

/* The destination that takes `bytes` instead of a full one. One that can take no more is closed until the end
 * of the collection. */
static __attribute__((noinline)) uint32_t make_room(gen3 *g, uint32_t to, size_t bytes) {
  write_back(g);
  while (to != TO_OLD) {
    destination *d = g->to + to;
    if (bytes <= (size_t)(d->limit - d->next)) return to;
    bool room = chunk_for(g, d, bytes);
    d->limit = d->space->limit;
    if (room) return to;
    gcb_count(g->heap, GCB_EVENT_PROMOTION_FAILED);
    for (uint32_t age = 0; age <= AGE_MAX; age++)
      if (g->to_of_age[age] == to) g->to_of_age[age] = (uint8_t)(to + 1);
    to++;
  }
  assert(bytes <= (size_t)(g->to[to].limit - g->to[to].next)); /* gen3_prepare() saw to it */
  return to;
}

/* ---- reaching ---- */
ALWAYS gcb_object *evacuate(gen3 *g, gcb_object *o, uint64_t header) {
  size_t bytes = gcb_size_of((uint32_t)(header >> 32));
  uint32_t bits = (uint32_t)header, age = (bits & AGE_BITS) >> AGE_SHIFT;
  age += age < AGE_MAX;
  uint32_t to = g->to_of_age[age];
  if (__builtin_expect(bytes > (size_t)(g->to[to].limit - g->to[to].next), 0)) to = make_room(g, to, bytes);
  char *at = g->to[to].next;
  g->to[to].next = at + bytes;
  header = (header & ~(uint64_t)UINT32_MAX) | age << AGE_SHIFT | (to == TO_AGED ? 0 : BIT_LOG);
  return gcb_move_object(o, header, at, bytes);
}

/* A large object goes old as soon as a small one of its age would leave the nursery; one without references,
 * which costs nothing to keep young, as soon as it would leave the middle generation. */
static void reach_large(gen3 *g, gcb_object *o, uint32_t *seen) {
  gcb_large *l = gcb_large_of(o);
  if (l->old) return;
  if (!l->marked) {
    uint32_t stay = g->age + (gcb_refs_of(o->geometry) ? 0 : g->middle_age);
    l->marked = true;
    l->local = g->grey;
    g->grey = l;
    l->old = g->everything || (uint32_t)l->flag + 1 >= stay;
    l->flag = l->old ? 0 : (uint8_t)(l->flag + 1);
    if (l->old) o->bits |= BIT_LOG;
  }
  if (!l->old) *seen |= 1u << EDEN;
}

ALWAYS gcb_object *reach(gen3 *g, gcb_object *o, uint32_t *seen) {
  size_t space = gen3_space_of(g, o);
  if (space < SPACES) {
    if (g->from >> space & 1) {
      uint64_t header = gcb_header_of(o);
      gcb_object *moved = gcb_forwarding(header);
      o = moved ? moved : evacuate(g, o, header);
      space = gen3_space_of(g, o);
    }
    *seen |= space < SPACES ? 1u << space : 0;
  } else if ((size_t)((char *)o - g->large_base) < g->large_range) {
    reach_large(g, o, seen);
  }
  return o;
}

ALWAYS uint32_t scan(gen3 *g, gcb_object **from, gcb_object **to) {
  uint32_t seen = 0;
  for (; from < to; from++) {
    gcb_object *was = *from;
    if (!was) continue;
    gcb_object *is = reach(g, was, &seen);
    if (is != was) *from = is;
  }
  return seen;
}
uint32_t gen3_scan(gen3 *g, gcb_object **from, gcb_object **to) {
  return scan(g, from, to);
}

static void visit(void *ctx, gcb_object **slot) {
  uint32_t seen = 0;
  *slot = reach(ctx, *slot, &seen);
}

/* ---- the closure ---- */
/* Scan the copies of one destination; those that refer to one of the `younger` spaces are remembered. */
ALWAYS void scan_copies(gen3 *g, destination *d, uint32_t younger) {
  while (d->scan < d->next) {
    gcb_object *o = (gcb_object *)d->scan, **slots = gcb_slots_of(o);
    uint32_t geometry = o->geometry;
    d->scan += gcb_size_of(geometry);
    if (gcb_kind(geometry) == GCB_KIND_SPECIAL) {
      gcb_discover(&g->settle, o);
      continue;
    }
    uint32_t seen = scan(g, slots, slots + gcb_refs_of(geometry));
    if (__builtin_expect(seen & younger, 0)) gen3_classify(g, o, seen);
  }
}

static void drain(void *ctx) {
  gen3 *g = ctx;
  destination *to = g->to;
  do {
    scan_copies(g, to + TO_AGED, 0);
    scan_copies(g, to + TO_MIDDLE, GCB_MUTANT(MIDDLE_TO_YOUNG) ? 0 : IN_NURSERY);
    scan_copies(g, to + TO_OLD, GCB_MUTANT(OLD_TO_YOUNG) ? 0 : IN_NURSERY | IN_MIDDLE);
    if (g->grey) {
      gcb_object *o = gcb_large_object(g->grey), **slots = gcb_slots_of(o);
      g->grey = g->grey->local;
      g->large_bytes += gcb_size_of(o->geometry);
      if (gcb_large_of(o)->old)
        gen3_scan_cards(g, o, !GCB_MUTANT(LARGE_PROMOTED));
      else
        scan(g, slots, slots + gcb_refs_of(o->geometry));
    }
  } while (g->grey || to[TO_AGED].scan < to[TO_AGED].next || to[TO_MIDDLE].scan < to[TO_MIDDLE].next ||
           to[TO_OLD].scan < to[TO_OLD].next);
}

static gcb_object *alive(void *ctx, gcb_object *o) {
  gen3 *g = ctx;
  size_t space = gen3_space_of(g, o);
  if (space < SPACES) return g->from >> space & 1 ? gcb_forwarding(gcb_header_of(o)) : o;
  return gen3_is_young_large(g, o) && !gcb_large_of(o)->marked ? NULL : o;
}

static gcb_object *retain(void *ctx, gcb_object *o) {
  uint32_t seen = 0;
  return reach(ctx, o, &seen);
}

/* A weak reference or an ephemeron of an older generation may refer to a younger one by now. */
static void settled(void *ctx, gcb_object *special) {
  gen3 *g = ctx;
  gcb_object **slots = gcb_slots_of(special);
  uint32_t seen = 0, n = special->geometry == GCB_GEOMETRY_WEAK ? 1 : 2;
  if (gen3_bit_of(g, special) & IN_NURSERY || GCB_MUTANT(WEAK_OLD)) return;
  for (uint32_t i = 0; i < n; i++)
    if (slots[i]) seen |= gen3_bit_of(g, slots[i]);
  gen3_classify(g, special, seen);
}

/* ---- begin and end ---- */
static void aim(gen3 *g, int to, gcb_copy_space *s) {
  char *at = s->next;
  g->to[to] = (destination){.next = at, .limit = s->limit, .scan = at, .start = at, .space = s};
}

static void begin(gen3 *g, gcb_pause_kind kind, bool everything) {
  bool middle_too = kind != GCB_MINOR;
  for (gcb_mutator *m = g->heap->live; m; m = m->next) {
    gcb_buffer_drop(m, g->space + EDEN);
    gen3_flush_log(g, m);
  }
  g->everything = everything;
  g->grey = NULL;
  g->large_bytes = g->cards = 0;
  g->from = 1u << EDEN | 1u << g->aged | (middle_too ? 1u << g->middle : 0);
  g->owed = gen3_used(g->space + EDEN) + gen3_used(g->space + g->aged) +
            (middle_too ? gen3_used(g->space + g->middle) : 0);
  aim(g, TO_AGED, g->space + (AGED + AGED_OTHER - g->aged));
  aim(g, TO_MIDDLE, g->space + (middle_too ? MIDDLE + MIDDLE_OTHER - g->middle : g->middle));
  char *top = g->old.top;
  g->to[TO_OLD] = (destination){.next = top, .limit = g->old.committed, .scan = top, .start = top};
  for (uint32_t age = 0; age <= AGE_MAX; age++) {
    bool old = everything || age >= g->age + g->middle_age;
    g->to_of_age[age] = old ? TO_OLD : age < g->age ? TO_AGED : g->middle_limit ? TO_MIDDLE : TO_OLD;
  }
}

static void end(gen3 *g, gcb_pause_kind kind) {
  uint64_t copied = 0, promoted = (uint64_t)(g->to[TO_OLD].next - g->to[TO_OLD].start);
  for (int d = 0; d < DESTINATIONS; d++) copied += (uint64_t)(g->to[d].next - g->to[d].start);
  write_back(g);
  uint64_t freed = g->owed - g->space[EDEN].tails - copied + gcb_large_sweep(&g->large, false, true);
  gcb_copy_reset(g->space + EDEN);
  gcb_copy_reset(g->space + g->aged);
  g->aged = AGED + AGED_OTHER - g->aged;
  if (kind != GCB_MINOR) {
    gcb_copy_reset(g->space + g->middle);
    g->middle = MIDDLE + MIDDLE_OTHER - g->middle;
  }
  if (g->owed) g->survival = (g->survival + copied * 256 / g->owed) / 2;
  gcb_work(g->heap, GCB_WORK_COPIED, copied);
  gcb_work(g->heap, GCB_WORK_PROMOTED, promoted);
  gcb_work(g->heap, GCB_WORK_MARKED, g->large_bytes);
  gcb_work(g->heap, GCB_WORK_FREED, freed);
  __atomic_fetch_add(&g->heap->events[GCB_EVENT_CARD_SCANNED], g->cards, __ATOMIC_RELAXED);
  if (promoted) gcb_count(g->heap, GCB_EVENT_PROMOTED);
  if (!freed) gcb_count(g->heap, GCB_EVENT_EMPTY_COLLECTION);
}

/* Finalizer entries stand in the order of registration, which is nearly that of age: the ones that a minor or
 * a middle collection need not look at are a prefix. */
static void advance_entries(gen3 *g) {
  const gcb_finalizer_entry *entries = (gcb_finalizer_entry *)g->settle.finalizers.base;
  size_t n = g->settle.finalizers.n, i = g->first_middle;
  while (i < n && !gen3_bit_of(g, entries[i].object)) i++;
  g->first_middle = i;
  if (i < g->first_nursery) i = g->first_nursery < n ? g->first_nursery : n;
  while (i < n && !(gen3_bit_of(g, entries[i].object) & IN_NURSERY)) i++;
  g->first_nursery = GCB_MUTANT(ENTRY_OLD) ? n : i;
}

void gen3_collect_young(gen3 *g, gcb_pause_kind kind, bool everything) {
  begin(g, kind, everything);
  gcb_each_root(g->heap, visit, g);
  gen3_scan_remembered(g);
  drain(g);
  g->settle.from = kind == GCB_MINOR ? g->first_nursery : g->first_middle;
  gcb_settle_all(
      &g->settle,
      &(gcb_liveness){.ctx = g, .alive = alive, .retain = retain, .drain = drain, .settled = settled});
  end(g, kind);
  /* Entries that were looked at may have gone, so the boundaries start again from where this one began. */
  g->first_nursery = g->settle.from;
  advance_entries(g);
}
