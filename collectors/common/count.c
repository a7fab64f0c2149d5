/* Weak references, ephemerons and finalizers over counts. See count.h for the rules about zero. */
#include "count.h"
#include "mutants.h"
#include <sched.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(offsetof(gcb_large, local) + 8 == sizeof(gcb_large),
               "the word before any object, small or large, is the collector's");

bool gcb_counting_init(gcb_counting *c, gcb_heap *h, size_t prefix, uint32_t bits) {
  size_t cells = gcb_span(h) / 16;
  c->heap = h;
  c->one = 1u << (31 - bits);
  pthread_mutex_init(&c->lock, NULL);
  if (!gcb_blocks_init(&c->blocks, h, prefix) || !gcb_large_init(&c->large, h) ||
      !gcb_count_map_init(&c->weaks, h, cells) || !gcb_count_map_init(&c->finals, h, cells))
    return false;
  return gcb_vec_init(&c->records, h, sizeof(gcb_count_record), UINT32_MAX);
}

gcb_status gcb_counting_attach(gcb_counting *c, gcb_mutator *m, size_t local_bytes) {
  m->local = calloc(1, local_bytes);
  if (!m->local) return GCB_OOM;
  m->bits = m->count_one = c->one;
  gcb_status status = gcb_blocks_attach(&c->blocks, m);
  if (status != GCB_OK) free(m->local);
  return status;
}

void gcb_counting_detach(gcb_counting *c, gcb_mutator *m) {
  gcb_counting_report(m);
  gcb_blocks_detach(&c->blocks, m);
  free(m->local);
  m->local = NULL;
}

gcb_object *gcb_counting_alloc(gcb_counting *c, gcb_mutator *m, uint64_t header, size_t bytes) {
  return bytes <= c->blocks.object_max ? gcb_blocks_alloc(&c->blocks, m, header, bytes)
                                       : gcb_large_alloc(&c->large, header, bytes);
}

void gcb_counting_ledger(gcb_counting *c, gcb_space_ledger *out) {
  memset(out, 0, sizeof *out);
  gcb_blocks_ledger(&c->blocks, out);
  out->objects += c->large.bytes;
  out->rounding += c->large.committed - c->large.bytes;
  out->metadata += c->large.map_committed + gcb_count_map_bytes(&c->weaks) + gcb_count_map_bytes(&c->finals) +
                   c->records.committed;
}

/* ---- weak references and ephemerons ---- */
/* Next and previous of a special object in its target's chain. */
static gcb_object **links(gcb_object *special) {
  return gcb_special_link(special);
}

static bool chain(gcb_counting *c, gcb_mutator *m, gcb_object *special, gcb_object *target) {
  gcb_counting_lock(c, m);
  uint64_t *head = gcb_count_map_add(&c->weaks, target);
  if (head) {
    gcb_object *first = (gcb_object *)(uintptr_t)*head;
    links(special)[0] = first;
    if (first) links(first)[1] = special;
    *head = (uintptr_t)special;
    *gcb_weak_target(special) = target;
    gcb_flag_set(m, target, GCB_FLAG_WEAK);
  }
  gcb_counting_unlock(c, m);
  return head != NULL;
}

/* A special object on its target's chain, or NULL. */
static gcb_object *new_special(gcb_mutator *m, uint32_t geometry, size_t bytes, gcb_slot target) {
  gcb_counting *c = gcb_counting_of(m);
  gcb_object *s = m->alloc(m, gcb_header(geometry, m->bits), bytes);
  if (!s || chain(c, m, s, *target.at)) return s;
  c->make_room(m);
  if (chain(c, m, s, *target.at)) return s;
  uint32_t flags;
  if (gcb_drop(m, s, &flags)) m->gc->dead(m, s);
  gcb_count(c->heap, GCB_EVENT_OUT_OF_MEMORY);
  return NULL;
}

gcb_object *gcb_counting_weak_new(gcb_mutator *m, gcb_slot target) {
  return new_special(m, GCB_GEOMETRY_WEAK, GCB_WEAK_BYTES, target);
}

gcb_object *gcb_counting_ephemeron_new(gcb_mutator *m, gcb_slot key, gcb_slot value) {
  gcb_object *e = new_special(m, GCB_GEOMETRY_EPHEMERON, GCB_EPHEMERON_BYTES, key), *v = *value.at;
  if (!e) return NULL;
  if (v) gcb_take(m, v);
  *gcb_ephemeron_value(e) = v;
  return e;
}

void gcb_counting_unlink(gcb_counting *c, gcb_mutator *m, gcb_object *s) {
  gcb_counting_lock(c, m);
  gcb_object *target = *gcb_weak_target(s);
  if (target && !GCB_MUTANT(WEAK_UNLINK)) {
    gcb_object *next = links(s)[0], *previous = links(s)[1];
    *gcb_weak_target(s) = NULL;
    if (next) links(next)[1] = previous;
    if (previous) {
      links(previous)[0] = next;
    } else if (next) {
      *gcb_count_map_find(&c->weaks, target) = (uintptr_t)next;
    } else {
      gcb_count_map_remove(&c->weaks, target);
      gcb_flag_clear(m, target, GCB_FLAG_WEAK);
    }
  }
  gcb_counting_unlock(c, m);
}

/* Wait, with the lock given up meanwhile, until the side that found `o` at zero has queued its finalizers. */
static void wait_out(gcb_counting *c, gcb_mutator *m) {
  gcb_counting_unlock(c, m);
  sched_yield();
  gcb_counting_lock(c, m);
}

gcb_object *gcb_counting_weak_get(gcb_mutator *m, gcb_object *weak) {
  gcb_counting *c = gcb_counting_of(m);
  gcb_counting_lock(c, m);
  gcb_object *target;
  while ((target = *gcb_weak_target(weak)) && !gcb_try_take(m, target)) {
    if (!(gcb_bits(target) & GCB_FLAG_FINAL)) {
      target = NULL;
      break;
    }
    wait_out(c, m);
  }
  if (target && GCB_MUTANT(WEAK_UNCOUNTED)) {
    uint32_t flags;
    gcb_drop(m, target, &flags);
  }
  gcb_counting_unlock(c, m);
  return target;
}

gcb_object *gcb_counting_ephemeron_get(gcb_mutator *m, gcb_object *e) {
  gcb_counting *c = gcb_counting_of(m);
  gcb_object *key, *value = NULL;
  gcb_counting_lock(c, m);
  while ((key = *gcb_weak_target(e)) && gcb_bits(key) < c->one && (gcb_bits(key) & GCB_FLAG_FINAL))
    wait_out(c, m);
  if (key && gcb_bits(key) >= c->one) value = *gcb_ephemeron_value(e);
  if (value) gcb_take(m, value);
  gcb_counting_unlock(c, m);
  return value;
}

void gcb_counting_ephemeron_put(gcb_mutator *m, gcb_object *e, gcb_object *value) {
  gcb_counting *c = gcb_counting_of(m);
  gcb_object *old = NULL;
  gcb_counting_lock(c, m);
  if (*gcb_weak_target(e)) {
    if (value) gcb_take(m, value);
    old = *gcb_ephemeron_value(e);
    *gcb_ephemeron_value(e) = value;
  }
  gcb_counting_unlock(c, m);
  uint32_t flags;
  if (old && gcb_drop(m, old, &flags)) m->gc->dead(m, old);
}

void gcb_counting_forget(gcb_counting *c, gcb_mutator *m, gcb_object *o, gcb_object **pinned) {
  gcb_object *s = (gcb_object *)(uintptr_t)*gcb_count_map_find(&c->weaks, o), *next;
  gcb_count_map_remove(&c->weaks, o);
  gcb_flag_clear(m, o, GCB_FLAG_WEAK);
  for (; s; s = next) {
    next = GCB_MUTANT(WEAK_REST) ? NULL : links(s)[0];
    *gcb_weak_target(s) = NULL;
    if (s->geometry == GCB_GEOMETRY_WEAK) {
      gcb_count(c->heap, GCB_EVENT_WEAK_CLEARED);
      continue;
    }
    gcb_count(c->heap, GCB_EVENT_EPHEMERON_CLEARED);
    /* At zero it is another mutator's, which waits for the lock to unlink it, and will release the value. */
    if (!*gcb_ephemeron_value(s) || GCB_MUTANT(VALUE_KEPT) || !gcb_try_take(m, s)) continue;
    links(s)[0] = *pinned;
    *pinned = s;
  }
}

/* ---- finalizers ---- */
static gcb_count_record *record(gcb_counting *c, uint32_t i) {
  return gcb_vec_at(&c->records, i);
}

/* Index of an unused record, 0: no memory. */
static uint32_t new_record(gcb_counting *c) {
  uint32_t i = c->free_record;
  if (i) {
    c->free_record = record(c, i)->next;
    return i;
  }
  size_t first = c->records.n ? 0 : 1; /* 0 is not used */
  if (!gcb_vec_room(&c->records, 1 + first)) return 0;
  i = (uint32_t)(c->records.n + first);
  c->records.n = i + 1;
  return i;
}

static void free_record(gcb_counting *c, uint32_t i) {
  record(c, i)->next = c->free_record;
  c->free_record = i;
}

static bool add_record(gcb_counting *c, gcb_mutator *m, gcb_object *o, uint64_t token) {
  gcb_counting_lock(c, m);
  uint32_t i = new_record(c);
  uint64_t *last = i ? gcb_count_map_add(&c->finals, o) : NULL;
  if (last) {
    uint32_t first = *last ? record(c, (uint32_t)*last)->next : i;
    *record(c, i) = (gcb_count_record){token, o, first, 0};
    if (*last) record(c, (uint32_t)*last)->next = i;
    *last = i;
    gcb_flag_set(m, o, GCB_FLAG_FINAL);
  } else if (i) {
    free_record(c, i);
  }
  gcb_counting_unlock(c, m);
  return last != NULL;
}

gcb_status gcb_counting_finalizer(gcb_mutator *m, gcb_slot obj, uint64_t token) {
  gcb_object *o = *obj.at;
  gcb_counting *c = gcb_counting_of(m);
  if (add_record(c, m, o, token)) return GCB_OK;
  c->make_room(m);
  return add_record(c, m, o, token) ? GCB_OK : GCB_OOM;
}

bool gcb_counting_queue(gcb_counting *c, gcb_mutator *m, gcb_object *o) {
  uint64_t *slot = gcb_count_map_find(&c->finals, o);
  uint32_t last = (uint32_t)*slot, flags;
  gcb_take(m, o); /* ours, so that the count stays up while others run the first of several */
  while (last) {
    uint32_t first = record(c, last)->next;
    if (!GCB_MUTANT(FINAL_COUNT)) gcb_take(m, o); /* the queue's */
    if (!gcb_finalizer_ready(c->heap, o, record(c, first)->token)) {
      gcb_drop(m, o, &flags);
      break;
    }
    record(c, last)->next = record(c, first)->next;
    if (first == last) last = 0;
    free_record(c, first);
  }
  if (!last) {
    gcb_count_map_remove(&c->finals, o);
    gcb_flag_clear(m, o, GCB_FLAG_FINAL);
    return !gcb_drop(m, o, &flags);
  }
  if (!gcb_drop(m, o, &flags)) return true;
  gcb_take(m, o); /* nobody else holds it: our count does, until the queue has room */
  record(c, last)->waiting = c->waiting;
  __atomic_store_n(&c->waiting, last, __ATOMIC_RELAXED);
  return true;
}

void gcb_counting_retry(gcb_counting *c, gcb_mutator *m) {
  gcb_counting_lock(c, m);
  uint32_t i = c->waiting, flags;
  if (i) __atomic_store_n(&c->waiting, 0, __ATOMIC_RELAXED);
  gcb_counting_unlock(c, m);
  while (i) {
    gcb_object *o = record(c, i)->object;
    i = record(c, i)->waiting;
    if (gcb_drop(m, o, &flags)) m->gc->dead(m, o);
  }
}

bool gcb_counting_bury(gcb_counting *c, gcb_mutator *m, gcb_object *o, gcb_object **pinned) {
  gcb_counting_lock(c, m);
  bool lives = (gcb_bits(o) & GCB_FLAG_FINAL) && gcb_counting_queue(c, m, o);
  if (!lives && (gcb_bits(o) & GCB_FLAG_WEAK)) gcb_counting_forget(c, m, o, pinned);
  gcb_counting_unlock(c, m);
  return !lives;
}
