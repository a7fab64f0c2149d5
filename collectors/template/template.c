/* template: a small complete collector, made to be changed. Non-moving mark-sweep over one contiguous range,
 * with bump allocation into the holes that a sweep leaves. Follows McCarthy 1960, with the holes kept as in
 * Immix (Blackburn and McKinley 2008). With a write barrier (barrier.h) it has two generations: what survived
 * a collection keeps its mark and is old; a minor collection traces and frees the young alone (sticky marks:
 * Demers et al. 1990).
 *
 * Invariant: while the world is stopped, [base, top) is a gapless sequence of objects and holes, so it can be
 * walked, and outside a collection the marked objects are the old ones, if there are generations, or none. It
 * is broken while mutators run: the rest of each mutator's buffer, [cursor, limit), says nothing about itself
 * until retire() makes it a hole.
 *
 * What to change first when you make it your own: collect_stopped(), which marks and sweeps; the path and the
 * capabilities at the end of the file. README.md beside this file shows how to build and try it.
 */
#include "barrier.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MARK = 1, HOLE = 2 }; /* with ARMED, our use of a header's low half, gcb_object.bits */
enum { PAGE = 4096, BUFFER = 32 << 10, INLINE_MAX = 4096, STACK_STEP = 64 << 10 };
#define UNBOUNDED_MIN ((uint64_t)64 << 20) /* bytes in use at which an unbounded heap is first collected */
#define ADDRESSES     ((uint64_t)1 << 35)  /* bytes of address space for an unbounded heap */

/* Free bytes; a hole of one word has no room for `next` and is on no list. */
typedef struct hole {
  uint32_t bits, words; /* HOLE; length in 8 bytes */
  struct hole *next;
} hole;

typedef struct space {
  gcb_heap *heap;
  char *base, *top, *committed, *end; /* objects and holes to top; pages to committed; addresses to end */
  hole *holes;                        /* those that nobody has taken since the last sweep */
  uint64_t live;                      /* bytes that the last collection found */
  uint64_t soft;                      /* an unbounded heap is collected before it grows beyond */
  gcb_object **stack;                 /* marked, slots not yet looked at */
  size_t n, stack_committed;          /* objects on it; its bytes */
  bool missed;                        /* some marked object found no room there */
  pthread_mutex_t lock;               /* of top and holes, while mutators run */
  barrier barrier;
} space;

static size_t size_at(const void *at) {
  const gcb_object *o = at;
  return o->bits & HOLE ? 8 * (size_t)o->geometry : gcb_size_of(o->geometry);
}
static size_t pages(size_t bytes) {
  return (bytes + PAGE - 1) & ~(size_t)(PAGE - 1);
}

/* ---- free memory ---- */
static void make_hole(space *s, char *at, size_t bytes) {
  if (!bytes) return;
  hole *h = (hole *)at;
  h->bits = HOLE;
  h->words = (uint32_t)(bytes / 8);
  if (bytes > sizeof *h) gcb_poison(s->heap, h + 1, bytes - sizeof *h, GCB_POISON_FREED);
}
static void list_hole(space *s, char *at, size_t bytes) {
  make_hole(s, at, bytes);
  if (bytes < sizeof(hole)) return;
  ((hole *)at)->next = s->holes;
  s->holes = (hole *)at;
}
/* The rest of the mutator's buffer: a hole, found again by the next sweep. */
static void retire(gcb_mutator *m) {
  if (m->cursor) make_hole(m->heap->state, m->cursor, (size_t)(m->limit - m->cursor));
  m->cursor = m->limit = NULL;
}

/* The first hole of at least `bytes`. For a small object those before it are let go until the next sweep, so
 * that the list is gone through once; for a large one they stay. */
static char *take_hole(space *s, size_t bytes, size_t *got) {
  for (hole **link = &s->holes, *h; (h = *link);) {
    *got = 8 * (size_t)h->words;
    if (*got >= bytes || bytes <= INLINE_MAX) *link = h->next;
    if (*got >= bytes) return (char *)h;
    if (bytes > INLINE_MAX) link = &h->next;
  }
  return NULL;
}

static bool commit_to(space *s, char *to) {
  if (to <= s->committed) return true;
  size_t more = pages((size_t)(to - s->committed));
  if (more > (size_t)(s->end - s->committed)) return false;
  if ((uint64_t)(s->committed - s->base) + more > s->soft) return false;
  if (!barrier_covers(&s->barrier, s->heap, s->committed + more)) return false;
  if (!gcb_commit(s->heap, s->committed, more)) return false;
  s->committed += more;
  return true;
}
/* Memory beyond top: `wanted` bytes if they can be had, else at least `bytes`. */
static char *take_fresh(space *s, size_t bytes, size_t wanted, size_t *got) {
  size_t left = (size_t)(s->end - s->top);
  if (bytes > left) return NULL;
  if (wanted > left) wanted = left;
  if (!commit_to(s, s->top + wanted) && !commit_to(s, s->top + bytes)) return NULL;
  size_t there = (size_t)(s->committed - s->top);
  char *at = s->top;
  *got = there < wanted ? there : wanted;
  s->top += *got;
  return at;
}

static gcb_object *place(char *at, uint64_t header, size_t bytes) {
  memcpy(at, &header, sizeof header);
  memset(at + sizeof header, 0, bytes - sizeof header);
  return (gcb_object *)at;
}
/* An object that the inline path did not serve: in the buffer after all, in a new one, or, a large one, in a
 * place of its own. */
static gcb_object *try_alloc(gcb_mutator *m, uint64_t header, size_t bytes) {
  space *s = m->heap->state;
  bool small = bytes <= INLINE_MAX;
  size_t got = 0;
  char *at = m->cursor;
  if (small && bytes <= (size_t)(m->limit - at)) {
    m->cursor += bytes;
    return place(at, header, bytes);
  }
  pthread_mutex_lock(&s->lock);
  at = take_hole(s, bytes, &got);
  if (!at) at = take_fresh(s, bytes, small ? BUFFER : bytes, &got);
  if (at && !small) list_hole(s, at + bytes, got - bytes);
  pthread_mutex_unlock(&s->lock);
  if (!at) return NULL;
  if (small) {
    retire(m);
    m->cursor = at + bytes;
    m->limit = at + got;
    gcb_count(m->heap, GCB_EVENT_BUFFER_REFILL);
  }
  return place(at, header, bytes);
}

/* ---- collection: the world is stopped ---- */
static bool stack_grows(space *s) {
  if (!gcb_commit(s->heap, (char *)s->stack + s->stack_committed, STACK_STEP)) return false;
  s->stack_committed += STACK_STEP;
  return true;
}
static void mark(space *s, gcb_object *o) {
  if (o->bits & MARK) return;
  o->bits |= MARK;
  if (!gcb_refs_of(o->geometry)) return;
  if ((s->n + 1) * sizeof o > s->stack_committed && !stack_grows(s)) {
    if (!s->missed) gcb_count(s->heap, GCB_EVENT_MARK_STACK_OVERFLOW);
    s->missed = true;
    return;
  }
  s->stack[s->n++] = o;
}
static void mark_root(void *ctx, gcb_object **slot) {
  mark(ctx, *slot);
}
static void mark_children(space *s, gcb_object *o) {
  gcb_object **slots = gcb_slots_of(o);
  uint32_t n = gcb_refs_of(o->geometry);
  for (uint32_t i = 0; i < n; i++)
    if (slots[i]) mark(s, slots[i]);
}
static void drain(space *s) {
  while (s->n) mark_children(s, s->stack[--s->n]);
}
/* The old objects that a minor collection looks into: those that may hold young ones. The sweep walks over
 * the heap in any case; a collector that is made for speed would keep a list of them. */
static void mark_from_old(space *s) {
  for (char *at = s->base; at < s->top; at += size_at(at)) {
    gcb_object *o = (gcb_object *)at;
    if (o->bits & MARK && gcb_refs_of(o->geometry) && barrier_written(&s->barrier, o)) mark_children(s, o);
  }
}
static void forget_old(space *s) {
  for (char *at = s->base; at < s->top; at += size_at(at)) ((gcb_object *)at)->bits &= ~(uint32_t)MARK;
}
static void mark_all(space *s, bool minor) {
  s->missed = false;
  if (minor)
    mark_from_old(s);
  else if (GENERATIONS)
    forget_old(s);
  gcb_each_root(s->heap, mark_root, s);
  drain(s);
  while (s->missed) { /* look again at everything that is marked */
    s->missed = false;
    for (char *at = s->base; at < s->top; at += size_at(at)) {
      if (((gcb_object *)at)->bits & MARK) mark_children(s, (gcb_object *)at);
      drain(s);
    }
  }
}

/* Unmark what lives, or make it old; join what lies dead or empty between into holes. The bytes of what
 * lives. */
static uint64_t sweep(space *s, uint64_t *freed) {
  uint64_t live = 0;
  char *free_from = NULL, *next;
  hole *last = NULL; /* the list is kept in order of address */
  s->holes = NULL;
  barrier_clear(&s->barrier);
  for (char *at = s->base; at < s->top; at = next) {
    gcb_object *o = (gcb_object *)at;
    size_t bytes = size_at(at);
    next = at + bytes;
    if (o->bits & MARK) {
      if (GENERATIONS)
        barrier_arm(&s->barrier, o);
      else
        o->bits &= ~(uint32_t)MARK;
      live += bytes;
      if (!free_from) continue;
      size_t gap = (size_t)(at - free_from);
      make_hole(s, free_from, gap);
      if (gap >= sizeof(hole)) {
        *(last ? &last->next : &s->holes) = (hole *)free_from;
        last = (hole *)free_from;
        last->next = NULL;
      }
      free_from = NULL;
    } else {
      if (!(o->bits & HOLE)) *freed += bytes;
      if (!free_from) free_from = at;
    }
  }
  if (free_from) s->top = free_from; /* free to the end: fresh again */
  return live;
}

static void collect_stopped(gcb_heap *h, gcb_pause_kind kind) {
  space *s = h->state;
  uint64_t begin = gcb_now(h), freed = 0;
  for (gcb_mutator *m = h->live; m; m = m->next) retire(m);
  mark_all(s, kind == GCB_MINOR);
  uint64_t before = s->live, live = s->live = sweep(s, &freed);
  gcb_work(h, GCB_WORK_MARKED, kind == GCB_MINOR ? live - before : live);
  gcb_work(h, GCB_WORK_FREED, freed);
  if (!freed) gcb_count(h, GCB_EVENT_EMPTY_COLLECTION);
  if (h->limit == UINT64_MAX && kind == GCB_MAJOR)
    s->soft = (uint64_t)(s->top - s->base) + (live > UNBOUNDED_MIN ? live : UNBOUNDED_MIN);
  if (s->stack_committed > STACK_STEP)
    gcb_decommit(h, (char *)s->stack + STACK_STEP, s->stack_committed - STACK_STEP);
  s->stack_committed = STACK_STEP;
  gcb_pause(h, NULL, kind, begin, gcb_now(h));
}

/* ---- what the harness calls ---- */
static gcb_object *alloc(gcb_mutator *m, uint64_t header, size_t bytes) {
  space *s = m->heap->state;
  gcb_object *o;
  do {
    if ((o = try_alloc(m, header, bytes))) return o;
  } while (!gcb_stop_world(m)); /* another mutator has collected meanwhile: look again */
  uint64_t committed = (uint64_t)(s->committed - s->base);
  if (GENERATIONS) {
    collect_stopped(m->heap, GCB_MINOR);
    if (s->live <= committed / 4 * 3) o = try_alloc(m, header, bytes);
  }
  if (!o) {
    collect_stopped(m->heap, GCB_MAJOR);
    if (m->heap->limit == UINT64_MAX) s->soft += pages(bytes);
    o = try_alloc(m, header, bytes); /* before others can take what is free now */
  }
  gcb_resume_world(m);
  if (!o) gcb_count(m->heap, GCB_EVENT_OUT_OF_MEMORY);
  return o;
}

static gcb_status collect(gcb_mutator *m, gcb_pause_kind kind) {
  if (kind != GCB_MAJOR && !(GENERATIONS && kind == GCB_MINOR)) return GCB_UNSUPPORTED;
  while (!gcb_stop_world(m)) {
  }
  collect_stopped(m->heap, kind);
  gcb_resume_world(m);
  return GCB_OK;
}

static gcb_status start(gcb_heap *h, const gcb_value *values, char *why, size_t why_size) {
  (void)values; /* of the options, in their order; this collector has none */
  space *s = calloc(1, sizeof *s);
  if (!s) return GCB_OOM;
  size_t range = pages(h->limit < ADDRESSES ? h->limit : ADDRESSES);
  s->heap = h;
  s->base = gcb_reserve(h, range, PAGE);
  s->stack = gcb_reserve(h, range / 2 + STACK_STEP, PAGE); /* an object is 16 bytes, its entry 8 */
  s->end = s->base + range;
  s->top = s->committed = s->base;
  s->soft = h->limit == UINT64_MAX ? UNBOUNDED_MIN : UINT64_MAX;
  h->state = s;
  if (s->base && s->stack && barrier_start(&s->barrier, h, s->base, range) &&
      pthread_mutex_init(&s->lock, NULL) == 0 && stack_grows(s))
    return GCB_OK;
  snprintf(why, why_size, "the heap bound has no room for a mark stack of %d bytes", STACK_STEP);
  free(s);
  return GCB_OOM;
}
static void stop(gcb_heap *h) {
  free(h->state);
}
static gcb_status thread_begin(gcb_mutator *m) {
  space *s = m->heap->state;
  m->inline_max = INLINE_MAX; /* larger objects come to alloc() */
  barrier_join(&s->barrier, m);
  return GCB_OK;
}
static void thread_end(gcb_mutator *m) {
  retire(m);
}

static void ledger(gcb_heap *h, gcb_space_ledger *out) {
  space *s = h->state;
  *out = (gcb_space_ledger){.metadata = s->stack_committed + s->barrier.committed};
  for (gcb_mutator *m = h->live; m; m = m->next) retire(m);
  for (char *at = s->base; at < s->top; at += size_at(at))
    if (!(((gcb_object *)at)->bits & HOLE)) out->objects += size_at(at);
  out->free = (uint64_t)(s->committed - s->base) - out->objects;
}

/* The one symbol that is looked for. Functions left out are NULL: no weak references, no finalizers; and the
 * capabilities say so. */
__attribute__((visibility("default"))) const gcb_collector gcbench_collector = {
    .abi = GCB_COLLECTOR_ABI,
    .size = sizeof(gcb_collector),
    .name = "template",
    .summary = "non-moving mark-sweep, bump allocation into holes",
    .follows = "McCarthy 1960",
    .capabilities = GCB_CAP(RECLAIMS) | GCB_CAP(CYCLES) | GCB_CAP(THREADS) | GCB_CAP(BOUNDED) |
                    GCB_CAP(EXACT) | (GENERATIONS ? GCB_CAP(GENERATIONAL) : 0),
    .rare = GCB_RARE(BUFFER_REFILL) | GCB_RARE(MARK_STACK_OVERFLOW) | GCB_RARE(EMPTY_COLLECTION) |
            GCB_RARE(OUT_OF_MEMORY) | GCB_RARE(COLLECTED_BY_OTHER),
    .path = BARRIER_PATH,
    .start = start,
    .stop = stop,
    .thread_begin = thread_begin,
    .thread_end = thread_end,
    .alloc = alloc,
    .write = barrier_write,
    .log = barrier_log,
    .read = barrier_read,
    .collect = collect,
    .ledger = ledger,
};
