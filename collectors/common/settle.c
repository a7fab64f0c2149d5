#include "settle.h"
#include "mutants.h"
#include <string.h>

/* Ends a chain, so that a null link tells that a special object is on none. */
#define CHAIN_END ((gcb_object *)8)
/* Tags the object of a finalizer entry that was found dead, until it has been queued. */
#define DUE ((uintptr_t)1)

bool gcb_settle_init(gcb_settle *s, gcb_heap *h) {
  memset(s, 0, sizeof *s);
  s->heap = h;
  s->weaks = s->ephemerons = CHAIN_END;
  return gcb_vec_init(&s->finalizers, h, sizeof(gcb_finalizer_entry),
                      gcb_span(h) / sizeof(gcb_finalizer_entry)) &&
         pthread_mutex_init(&s->lock, NULL) == 0;
}

gcb_status gcb_settle_register(gcb_settle *s, gcb_object *o, uint64_t token) {
  pthread_mutex_lock(&s->lock);
  bool room = gcb_vec_room(&s->finalizers, 1);
  if (room)
    *(gcb_finalizer_entry *)gcb_vec_at(&s->finalizers, s->finalizers.n++) = (gcb_finalizer_entry){o, token};
  pthread_mutex_unlock(&s->lock);
  return room ? GCB_OK : GCB_OOM;
}

gcb_status gcb_settle_register_late(gcb_settle *s, gcb_mutator *m, gcb_slot obj, uint64_t token,
                                    void (*collect)(gcb_heap *h)) {
  bool stopped = gcb_stop_world(m); /* else another mutator has just collected */
  if (stopped) collect(m->heap);
  gcb_status status = gcb_settle_register(s, *obj.at, token);
  if (stopped) gcb_resume_world(m);
  return status;
}

/* By the inline path where there is one: these are as short-lived as anything. */
static gcb_object *special_new(gcb_mutator *m, uint32_t geometry) {
  size_t bytes = gcb_size_of(geometry);
  uint64_t header = gcb_header(geometry, m->bits);
  if (m->heap->path.alloc != GCB_ALLOC_BUMP || bytes > (size_t)(m->limit - m->cursor))
    return m->alloc(m, header, bytes);
  char *at = m->cursor;
  m->cursor = at + bytes;
  memset(at, 0, bytes);
  memcpy(at, &header, sizeof header);
  return (gcb_object *)at;
}

gcb_object *gcb_settle_weak_new(gcb_mutator *m, gcb_slot target) {
  gcb_object *o = special_new(m, GCB_GEOMETRY_WEAK);
  if (o) *gcb_weak_target(o) = *target.at;
  return o;
}
gcb_object *gcb_settle_ephemeron_new(gcb_mutator *m, gcb_slot key, gcb_slot value) {
  gcb_object *o = special_new(m, GCB_GEOMETRY_EPHEMERON);
  if (!o) return NULL;
  *gcb_weak_target(o) = *key.at;
  *gcb_ephemeron_value(o) = *value.at;
  return o;
}

void gcb_discover(gcb_settle *s, gcb_object *special) {
  gcb_object **link = gcb_special_link(special);
  if (*link) return;
  gcb_object **chain = special->geometry == GCB_GEOMETRY_WEAK ? &s->weaks : &s->ephemerons;
  *link = *chain;
  *chain = special;
}

static gcb_object *unchain(gcb_object **chain) {
  gcb_object *o = *chain, **link = gcb_special_link(o);
  *chain = *link;
  *link = NULL;
  return o;
}

static void report(const gcb_liveness *l, gcb_object *special) {
  if (l->settled) l->settled(l->ctx, special);
}

/* Trace the values whose keys are reached, until a whole round finds none. Each round reverses the chain, so
 * that a run of ephemerons that keep one another alive is followed in either order. */
static void trace_ephemerons(gcb_settle *s, const gcb_liveness *l) {
  bool progress = true;
  while (progress && s->ephemerons != CHAIN_END) {
    gcb_object *waiting = CHAIN_END;
    progress = false;
    gcb_count(s->heap, GCB_EVENT_EPHEMERON_ROUNDS);
    while (s->ephemerons != CHAIN_END) {
      gcb_object *e = unchain(&s->ephemerons), **value = gcb_ephemeron_value(e);
      gcb_object *key = *gcb_weak_target(e);
      if (!key) {
        report(l, e);
        continue;
      }
      gcb_object *reached = l->alive(l->ctx, key);
      if (!reached) {
        *gcb_special_link(e) = waiting;
        waiting = e;
        continue;
      }
      *gcb_weak_target(e) = reached;
      gcb_object *held = *value ? l->alive(l->ctx, *value) : NULL;
      if (*value && !held) {
        held = l->retain(l->ctx, *value);
        l->drain(l->ctx);
        progress = !GCB_MUTANT(EPHEMERON_ONE_PASS);
      }
      *value = held;
      report(l, e);
    }
    s->ephemerons = waiting;
  }
}

/* Queue what only finalizers wait for, and reach it again. All the dead are found before the first is
 * retained: one that another one reaches is due as well. */
static void queue_finalizers(gcb_settle *s, const gcb_liveness *l) {
  gcb_finalizer_entry *entries = (gcb_finalizer_entry *)s->finalizers.base;
  size_t n = s->finalizers.n, kept = s->from;
  if (GCB_MUTANT(FINAL_LAST) && n > s->from) n--;
  for (size_t i = s->from; i < n; i++) {
    gcb_object *reached = l->alive(l->ctx, entries[i].object);
    entries[i].object = reached ? reached : (gcb_object *)((uintptr_t)entries[i].object | DUE);
  }
  for (size_t i = s->from; i < n; i++) {
    gcb_finalizer_entry entry = entries[i];
    if ((uintptr_t)entry.object & DUE) {
      if (GCB_MUTANT(FINAL_ORDER) && l->alive(l->ctx, (gcb_object *)((uintptr_t)entry.object & ~DUE)))
        continue;
      entry.object = l->retain(l->ctx, (gcb_object *)((uintptr_t)entry.object & ~DUE));
      if (gcb_finalizer_ready(s->heap, entry.object, entry.token) && !GCB_MUTANT(FINAL_TWICE)) continue;
    }
    entries[kept++] = entry;
  }
  if (GCB_MUTANT(FINAL_LAST) && s->finalizers.n > n) entries[kept++] = entries[n];
  s->finalizers.n = kept;
  if (!GCB_MUTANT(RETAIN_UNSCANNED)) l->drain(l->ctx);
}

static void clear_dead(gcb_settle *s, const gcb_liveness *l) {
  while (s->weaks != CHAIN_END) {
    gcb_object *w = unchain(&s->weaks), **target = gcb_weak_target(w);
    if (GCB_MUTANT(WEAK_STALE) && *target && l->alive(l->ctx, *target)) continue;
    if (*target && !(*target = l->alive(l->ctx, *target))) gcb_count(s->heap, GCB_EVENT_WEAK_CLEARED);
    report(l, w);
  }
  while (s->ephemerons != CHAIN_END) {
    gcb_object *e = unchain(&s->ephemerons);
    if (!GCB_MUTANT(EPHEMERON_KEPT)) *gcb_weak_target(e) = *gcb_ephemeron_value(e) = NULL;
    gcb_count(s->heap, GCB_EVENT_EPHEMERON_CLEARED);
    report(l, e);
  }
}

void gcb_settle_all(gcb_settle *s, const gcb_liveness *l) {
  trace_ephemerons(s, l);
  if (GCB_MUTANT(WEAK_EARLY)) clear_dead(s, l);
  if (s->finalizers.n > s->from) {
    queue_finalizers(s, l);
    trace_ephemerons(s, l);
  }
  clear_dead(s, l);
}

void gcb_settle_each_entry(gcb_settle *s, gcb_visit *visit, void *ctx) {
  gcb_finalizer_entry *entries = (gcb_finalizer_entry *)s->finalizers.base;
  for (size_t i = 0; i + GCB_MUTANT(SLIDE_ENTRY) < s->finalizers.n; i++) visit(ctx, &entries[i].object);
}
