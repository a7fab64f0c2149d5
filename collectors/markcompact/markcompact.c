/* markcompact: bump allocation into one space that is marked and slid down in place, with no copy reserve.
 *
 * Invariant: whenever a mutator runs, no mark is set, and every object is in `space`, below its top, or a run
 * of `large`. A mutator's [cursor, limit) is a part of the space that is its own; parts that were given up
 * before they were full are holes, which cost nothing but room, for the space is only ever read through its
 * marks. Broken only while the world is stopped: between the plan and the end of the slide, slots hold old
 * addresses and new ones side by side (roots and large objects are updated first, each object just before it
 * moves).
 *
 * Follows LISP 2's sliding compactor with forwarding addresses from a mark bitmap (Abuaiad et al. 2004; the
 * Compressor, Kermany and Petrank 2006): see common/compact.h. What is dense already stays, exactly; no dead
 * object is kept to save a move. Metadata: 3.1 % of the space and 0.4 % for the mark stack, which may take
 * more where the bound allows, and overflows into a walk where it does not.
 *
 * Pages stay committed after a collection; a large object that finds no room takes them from behind the top.
 * Out of memory is a request that a collection could not serve, or the second collection in a row that left
 * less than 1/128 of the bound free: collecting for ever is no service.
 */
#include "common/compact.h"
#include "common/large.h"
#include "common/mark.h"
#include "common/mutants.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
  OPTION_BUFFER,
  OPTION_MARK_STACK,
  OPTIONS,
  BUFFER_MAX = 32 << 10, /* bytes of an allocation buffer by default ... */
  BUFFER_MIN = 1 << 10,
  BUFFERS = 64,          /* ... and at most this part of the bound, over all mutators */
  TABLE_STEP = 64 << 10, /* bytes taken from the space for the table of finalizers */
};

static const gcb_option options[OPTIONS] = {
    {"buffer", GCB_BYTES, "0", 0, 1 << 30, NULL,
     "bytes of an allocation buffer; 0: by the heap bound, at most 32K"},
    {"mark-stack", GCB_UINT, "0", 0, 1e9, NULL,
     "most entries of the mark stack; 0: as many as the bound allows"},
};

typedef struct markcompact {
  gcb_heap *heap;
  gcb_compact space;
  gcb_large_space large;
  gcb_settle settle;
  gcb_marker marker;
  pthread_mutex_t lock; /* of the space, while mutators run */
  size_t buffer;        /* bytes */
  uint64_t holes;       /* bytes given up in the space since it was last slid */
  uint64_t budget;      /* of an unbounded heap: collect when so many bytes are in use; else UINT64_MAX */
  uint32_t tight;       /* collections in a row that allocation forced and that left almost nothing free */
} markcompact;

static markcompact *state_of(gcb_heap *h) {
  return h->state;
}

/* ---- the collection: world stopped ---- */
GCB_MARK_INLINE bool reach(void *ctx, gcb_object *o) {
  markcompact *mc = ctx;
  if (__builtin_expect(gcb_compact_has(&mc->space, o), 1)) return gcb_compact_reach(&mc->space, o);
  gcb_large *l = gcb_large_of(o);
  if (l->marked) return false;
  l->marked = 1;
  return true;
}
GCB_MARK_INLINE void cover(void *ctx, gcb_object *o, size_t bytes) {
  markcompact *mc = ctx;
  if (__builtin_expect(gcb_compact_has(&mc->space, o), 1))
    gcb_compact_cover(&mc->space, o, bytes);
  else
    gcb_large_of(o)->marked = GCB_MUTANT(LARGE_MARK_LOST) ? 0 : 2; /* scanned */
}

static void drain_stack(markcompact *mc) {
  gcb_mark_drain(&mc->marker, reach, cover, mc);
}
static void scan_missed(markcompact *mc, gcb_object *o) {
  gcb_mark_scan(&mc->marker, o, reach, cover, mc);
  drain_stack(mc);
}

/* The closure. After an overflow, what was reached and not scanned is looked for from the lowest such object
 * on, until a walk leaves none. */
static void drain(void *ctx) {
  markcompact *mc = ctx;
  gcb_marker *k = &mc->marker;
  drain_stack(mc);
  while (k->missed != GCB_MARK_NONE) {
    char *from = k->missed < mc->space.base ? mc->space.base : k->missed;
    k->missed = GCB_MARK_NONE;
    for (gcb_object *o = gcb_compact_next(&mc->space, from); o;
         o = gcb_compact_next(&mc->space, (char *)o + gcb_size_of(o->geometry)))
      if (!gcb_compact_scanned(&mc->space, o)) scan_missed(mc, o);
    for (gcb_large *l = mc->large.young; l; l = l->next)
      if (l->marked == 1) scan_missed(mc, gcb_large_object(l));
  }
}

static void mark_root(void *ctx, gcb_object **slot) {
  gcb_mark(&((markcompact *)ctx)->marker, *slot, reach, ctx);
}
static gcb_object *alive(void *ctx, gcb_object *o) {
  markcompact *mc = ctx;
  bool marked =
      gcb_compact_has(&mc->space, o) ? gcb_compact_marked(&mc->space, o) : gcb_large_of(o)->marked != 0;
  return marked ? o : NULL;
}
static gcb_object *retain(void *ctx, gcb_object *o) {
  gcb_mark(&((markcompact *)ctx)->marker, o, reach, ctx);
  drain_stack(ctx); /* at once: there may be more of them than the stack has room for */
  return o;
}

static void give_up(markcompact *mc, gcb_mutator *m) {
  mc->holes += (size_t)(m->limit - m->cursor);
  m->cursor = m->limit = NULL;
}

/* Entries that the mark stack has for certain: enough for most graphs, 1/256 of the space. */
static void keep_stack(markcompact *mc) {
  size_t held = (size_t)(mc->space.committed - mc->space.base);
  gcb_marker_keep(&mc->marker, 512 + held / 256 / sizeof(gcb_object *));
}

static void collect(markcompact *mc) {
  gcb_heap *h = mc->heap;
  gcb_compact *c = &mc->space;
  uint64_t start = gcb_now(h);
  for (gcb_mutator *m = h->live; m; m = m->next) give_up(mc, m);
  uint64_t used = (uint64_t)(c->top - c->base) - mc->holes;

  gcb_marker_begin(&mc->marker);
  gcb_each_root(mc->heap, mark_root, mc);
  drain(mc);
  gcb_liveness liveness = {.ctx = mc, .alive = alive, .retain = retain, .drain = drain};
  gcb_settle_all(&mc->settle, &liveness);
  gcb_work(h, GCB_WORK_MARKED, mc->marker.bytes);

  uint64_t freed = gcb_large_sweep(&mc->large, false, false);
  uint64_t live = gcb_compact_plan(c);
  gcb_each_root(mc->heap, gcb_compact_update_slot, c);
  gcb_settle_each_entry(&mc->settle, gcb_compact_update_slot, c);
  for (gcb_large *l = mc->large.young; l; l = l->next) {
    gcb_object *o = gcb_large_object(l);
    uint32_t refs = gcb_refs_of(o->geometry);
    gcb_compact_update_slots(c, gcb_slots_of(o), refs && GCB_MUTANT(SLIDE_LARGE) ? refs - 1 : refs);
  }
  gcb_work(h, GCB_WORK_COPIED, live - (uint64_t)(c->moving - c->base));
  gcb_compact_slide(c, NULL, NULL);

  mc->holes = (uint64_t)(c->top - c->base) - live; /* none, but when everything is to move */
  gcb_work(h, GCB_WORK_FREED, freed + used - live);
  if (!(freed + used - live)) gcb_count(h, GCB_EVENT_EMPTY_COLLECTION);
  if (h->limit == UINT64_MAX) {
    uint64_t kept = live + mc->large.bytes, least = (uint64_t)64 << 20;
    mc->budget = 2 * kept > least ? 2 * kept : least;
    gcb_compact_trim(c, mc->budget > live ? mc->budget - live : 0);
  }
  keep_stack(mc);
  gcb_pause(h, NULL, GCB_MAJOR, start, gcb_now(h));
}

/* ---- allocation ---- */
static bool over_budget(markcompact *mc, size_t bytes) {
  if (mc->budget == UINT64_MAX) return false;
  pthread_mutex_lock(&mc->large.lock);
  uint64_t used = mc->large.committed;
  pthread_mutex_unlock(&mc->large.lock);
  return used + (uint64_t)(mc->space.top - mc->space.base) + bytes > mc->budget;
}

/* Make `bytes` more fit inline into m's buffer. Lock held, or world stopped. */
static bool refill(markcompact *mc, gcb_mutator *m, size_t bytes) {
  gcb_compact *c = &mc->space;
  char *held = c->committed;
  size_t left = (size_t)(m->limit - m->cursor), want = mc->buffer > bytes ? mc->buffer : bytes;
  bool extend = m->limit == c->top && m->limit;
  size_t least = extend ? bytes - left : bytes;
  char *at = gcb_compact_alloc(c, want);
  if (!at) { /* what pages have is more than the least that the bound may still give */
    size_t rest = (size_t)(c->committed - c->top);
    want = rest > least ? rest : least;
    at = gcb_compact_alloc(c, want);
  }
  if (!at) return false;
  gcb_poison(mc->heap, at, want, GCB_POISON_EMPTY);
  if (!extend) {
    give_up(mc, m);
    m->cursor = at;
  }
  m->limit = at + want;
  gcb_count(mc->heap, GCB_EVENT_BUFFER_REFILL);
  if (c->committed != held) keep_stack(mc);
  return true;
}

static gcb_object *bump(gcb_mutator *m, uint64_t header, size_t bytes) {
  char *at = m->cursor;
  m->cursor += bytes;
  memcpy(at, &header, sizeof header);
  memset(at + sizeof header, 0, bytes - sizeof header);
  return (gcb_object *)at;
}

static gcb_object *small_alloc(markcompact *mc, gcb_mutator *m, uint64_t header, size_t bytes) {
  size_t left = (size_t)(m->limit - m->cursor);
  if (bytes <= left) return bump(m, header, bytes);
  pthread_mutex_lock(&mc->lock);
  gcb_object *o = NULL;
  bool budget = !over_budget(mc, bytes);
  if (budget && bytes > mc->buffer / 8 && left > mc->buffer / 8 && m->limit != mc->space.top) {
    /* Not worth the rest of the buffer: an object beside it. */
    char *at = gcb_compact_alloc(&mc->space, bytes);
    if (at) {
      memcpy(at, &header, sizeof header);
      memset(at + sizeof header, 0, bytes - sizeof header);
      o = (gcb_object *)at;
    }
  } else if (budget && refill(mc, m, bytes)) {
    o = bump(m, header, bytes);
  }
  pthread_mutex_unlock(&mc->lock);
  return o;
}

/* Pages from behind the top for something else: at least `bytes`, if there are so many. */
static bool take_pages(markcompact *mc, size_t bytes) {
  pthread_mutex_lock(&mc->lock);
  size_t behind = (size_t)(mc->space.committed - mc->space.top);
  bool given = gcb_compact_trim(&mc->space, behind > bytes ? behind - bytes : 0) > 0;
  pthread_mutex_unlock(&mc->lock);
  return given;
}

static gcb_object *large_alloc(markcompact *mc, uint64_t header, size_t bytes) {
  pthread_mutex_lock(&mc->lock);
  bool over = over_budget(mc, bytes);
  pthread_mutex_unlock(&mc->lock);
  if (over) return NULL;
  gcb_object *o = gcb_large_alloc(&mc->large, header, bytes);
  while (!o && take_pages(mc, bytes + 8192)) o = gcb_large_alloc(&mc->large, header, bytes);
  return o;
}

static gcb_object *try_alloc(markcompact *mc, gcb_mutator *m, uint64_t header, size_t bytes) {
  return bytes > GCB_LARGE_THRESHOLD ? large_alloc(mc, header, bytes) : small_alloc(mc, m, header, bytes);
}

/* After a collection that allocation forced. */
static bool exhausted(markcompact *mc) {
  const gcb_heap *h = mc->heap;
  if (h->limit == UINT64_MAX) return false;
  uint64_t room = h->limit - gcb_committed(mc->heap) + (uint64_t)(mc->space.committed - mc->space.top);
  mc->tight = room < h->limit / 128 ? mc->tight + 1 : 0;
  return mc->tight > 1;
}

static gcb_object *markcompact_alloc(gcb_mutator *m, uint64_t header, size_t bytes) {
  markcompact *mc = state_of(m->heap);
  for (;;) {
    gcb_object *o = try_alloc(mc, m, header, bytes);
    if (o) return o;
    if (!gcb_stop_world(m)) continue;
    collect(mc);
    if (!exhausted(mc)) o = try_alloc(mc, m, header, bytes);
    gcb_resume_world(m);
    if (!o) gcb_count(m->heap, GCB_EVENT_OUT_OF_MEMORY);
    return o;
  }
}

/* The table may need a page, and a page a collection; the object then moves, and its slot follows it. */
static gcb_status markcompact_finalizer(gcb_mutator *m, gcb_slot obj, uint64_t token) {
  markcompact *mc = state_of(m->heap);
  gcb_status status;
  bool collected = false;
  while ((status = gcb_settle_register(&mc->settle, *obj.at, token)) == GCB_OOM) {
    if (take_pages(mc, TABLE_STEP)) continue;
    if (collected) break;
    if (!gcb_stop_world(m)) continue;
    collect(mc);
    gcb_resume_world(m);
    collected = true;
  }
  return status;
}

static gcb_status markcompact_collect(gcb_mutator *m, gcb_pause_kind kind) {
  if (kind != GCB_MAJOR) return GCB_UNSUPPORTED;
  while (!gcb_stop_world(m)) continue;
  collect(state_of(m->heap));
  gcb_resume_world(m);
  return GCB_OK;
}

/* ---- begin, end, threads ---- */
static void markcompact_stop(gcb_heap *h) {
  markcompact *mc = state_of(h);
  if (!mc) return;
  pthread_mutex_destroy(&mc->lock);
  pthread_mutex_destroy(&mc->large.lock);
  pthread_mutex_destroy(&mc->settle.lock);
  free(mc);
  h->state = NULL;
}

static gcb_status markcompact_start(gcb_heap *h, const gcb_value *values, char *why, size_t why_size) {
  markcompact *mc = calloc(1, sizeof *mc);
  h->state = mc;
  if (!mc) {
    snprintf(why, why_size, "no memory for the collector's own state");
    return GCB_OOM;
  }
  mc->heap = h;
  mc->buffer = values[OPTION_BUFFER].u;
  if (!mc->buffer) {
    uint64_t share = h->limit / BUFFERS / (h->mutators ? h->mutators : 1);
    mc->buffer = share < BUFFER_MIN ? BUFFER_MIN : share > BUFFER_MAX ? BUFFER_MAX : share;
  }
  mc->buffer = (mc->buffer + 7) & ~(size_t)7;
  mc->budget = h->limit == UINT64_MAX ? (uint64_t)64 << 20 : UINT64_MAX;
  pthread_mutex_init(&mc->lock, NULL);
  bool reserved = gcb_compact_init(&mc->space, h, gcb_span(h)) && gcb_large_init(&mc->large, h) &&
                  gcb_settle_init(&mc->settle, h) &&
                  gcb_marker_init(&mc->marker, h, &mc->settle, values[OPTION_MARK_STACK].u);
  if (reserved && gcb_vec_room(&mc->marker.stack, 1)) return GCB_OK;
  snprintf(why, why_size,
           reserved ? "the heap bound leaves no page for the mark stack"
                    : "the system refused address space for the heap");
  markcompact_stop(h);
  return GCB_OOM;
}

static gcb_status markcompact_thread_begin(gcb_mutator *m) {
  m->inline_max = GCB_LARGE_THRESHOLD;
  return GCB_OK;
}
static void markcompact_thread_end(gcb_mutator *m) {
  markcompact *mc = state_of(m->heap);
  pthread_mutex_lock(&mc->lock);
  if (m->limit && m->limit == mc->space.top) mc->space.top = m->limit = m->cursor;
  give_up(mc, m);
  pthread_mutex_unlock(&mc->lock);
}

static void markcompact_ledger(gcb_heap *h, gcb_space_ledger *out) {
  markcompact *mc = state_of(h);
  const gcb_compact *c = &mc->space;
  uint64_t idle = mc->holes;
  for (gcb_mutator *m = h->live; m; m = m->next) idle += (uint64_t)(m->limit - m->cursor);
  *out = (gcb_space_ledger){
      .objects = (uint64_t)(c->top - c->base) - idle + mc->large.bytes,
      .rounding = mc->large.committed - mc->large.bytes,
      .free = (uint64_t)(c->committed - c->top) + idle,
      .metadata = c->metadata + mc->marker.stack.committed + mc->settle.finalizers.committed +
                  mc->large.map_committed,
  };
}

const gcb_collector gcbench_collector = {
    .abi = GCB_COLLECTOR_ABI,
    .size = sizeof(gcb_collector),
    .name = "markcompact",
    .summary = "sliding compaction in place: keeps address order, needs no copy reserve",
    .follows = "LISP 2; Abuaiad et al. 2004; Kermany and Petrank 2006",
    .capabilities = GCB_CAP(MOVES) | GCB_CAP(RECLAIMS) | GCB_CAP(CYCLES) | GCB_CAP(WEAK) |
                    GCB_CAP(EPHEMERONS) | GCB_CAP(FINALIZERS) | GCB_CAP(THREADS) | GCB_CAP(BOUNDED) |
                    GCB_CAP(EXACT),
    .rare = GCB_COMPACT_RARE | GCB_LARGE_RARE | GCB_SETTLE_RARE | GCB_RARE(BUFFER_REFILL) |
            GCB_RARE(MARK_STACK_OVERFLOW) | GCB_RARE(EMPTY_COLLECTION) | GCB_RARE(OUT_OF_MEMORY) |
            GCB_RARE(COLLECTED_BY_OTHER),
    .path = {GCB_ALLOC_BUMP, GCB_WRITE_NONE, GCB_READ_NONE, GCB_ROOTS_PLAIN},
    .options = options,
    .n_options = OPTIONS,
    .start = markcompact_start,
    .stop = markcompact_stop,
    .thread_begin = markcompact_thread_begin,
    .thread_end = markcompact_thread_end,
    .alloc = markcompact_alloc,
    .weak_new = gcb_settle_weak_new,
    .ephemeron_new = gcb_settle_ephemeron_new,
    .finalizer = markcompact_finalizer,
    .collect = markcompact_collect,
    .ledger = markcompact_ledger,
};
