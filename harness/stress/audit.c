/* The heap against its shadow, walked in step from the roots with the world stopped: the same object behind
 * every path to a twin, another for every other twin, with the right extent, slots and payload. What a weak
 * reference still leads to must be as whole as the rest, because the mutator may ask for it.
 *
 * Raw addresses are looked at before they are followed, so that a stale one is told and not a crash.
 */
#include "run.h"
#include <stdlib.h>

typedef struct entry {
  const gcb_object *at;
  uint32_t audit;
  gcb_twin *twin;
} entry;

typedef struct walk {
  gcb_stress_run *r;
  gcb_twin *work;
  uint64_t bytes;
} walk;

/* One table for the process: which twin an address was met as. Grown when half full. */
static entry *table;
static size_t table_size, table_used;
static uint32_t table_audit;

uint64_t gcb_stress_word_of(const gcb_twin *t, uint32_t i) {
  return ((uint64_t)t->id << 32 | t->stamp) * 0x9e3779b97f4a7c15u + i;
}

uint32_t gcb_stress_payload(const gcb_twin *t) {
  switch (gcb_kind(t->geometry)) {
  case GCB_KIND_FIXED:
    return 8 * (t->geometry & 32767);
  case GCB_KIND_BYTES:
    return gcb_length_of(t->geometry);
  default:
    return 0;
  }
}

static entry *place_of(const gcb_object *o) {
  size_t i = ((uintptr_t)o >> 3) * 0x9e3779b97f4a7c15u >> 20 & (table_size - 1);
  while (table[i].audit == table_audit && table[i].at != o) i = (i + 1) & (table_size - 1);
  return &table[i];
}

static void grow(gcb_stress_run *r) {
  entry *old = table;
  size_t n = table_size;
  table_size = n ? 2 * n : 4096;
  table = calloc(table_size, sizeof *table);
  if (!table) gcb_stress_fail(r, "harness", "no memory for an audit");
  for (size_t i = 0; i < n; i++)
    if (old[i].audit == table_audit) *place_of(old[i].at) = old[i];
  free(old);
}

static void visit(walk *w, gcb_twin *t, gcb_object *o, const gcb_twin *from, uint32_t i) {
  gcb_stress_run *r = w->r;
  char where[60];
  if (!t && !o) return;
  if (t && t->seen == table_audit && t->real == o) return;
  if (from)
    snprintf(where, sizeof where, "slot %u of object %u", i, from->id);
  else
    snprintf(where, sizeof where, "root %u", i);
  if (!t) gcb_stress_fail(r, "stale", "%s holds %p, expected null", where, (void *)o);
  if (!o) gcb_stress_fail(r, "lost", "%s is null, expected object %u", where, t->id);
  if ((uintptr_t)o % 8 || !gcb_in_regions(&r->in, o))
    gcb_stress_fail(r, "wild", "%s, expected object %u, holds %p, where no object can be", where, t->id,
                    (void *)o);
  if (t->seen == table_audit)
    gcb_stress_fail(r, "identity", "object %u is at %p for one holder, at %p for %s", t->id, (void *)t->real,
                    (void *)o, where);
  if (t->gone)
    gcb_stress_fail(r, "undead", "%s leads to object %u, to which references were cleared", where, t->id);
  if (o->geometry != t->geometry)
    gcb_stress_fail(r, "header", "%s, expected object %u of geometry %08x, leads to one of %08x (bits %08x)",
                    where, t->id, t->geometry, o->geometry, o->bits);
  if (!gcb_in_regions(&r->in, (char *)o + gcb_size_of(o->geometry) - 1))
    gcb_stress_fail(r, "wild", "object %u ends behind the heap", t->id);
  entry *e = place_of(o);
  if (e->audit == table_audit)
    gcb_stress_fail(r, "identity", "objects %u and %u are one at %p", t->id, e->twin->id, (void *)o);
  *e = (entry){o, table_audit, t};
  if (++table_used > table_size / 2) grow(r);
  t->seen = table_audit;
  t->real = o;
  t->queue = w->work;
  w->work = t;
  r->counts->objects_checked++;
}

static void payload(gcb_stress_run *r, const gcb_twin *t) {
  const char *at = gcb_payload_of(t->real);
  uint32_t bytes = gcb_stress_payload(t);
  for (uint32_t i = 0; i < (bytes + 7) / 8; i++) {
    uint64_t right = t->stamp ? gcb_stress_word_of(t, i) : 0, word = 0;
    uint32_t n = bytes - 8 * i < 8 ? bytes - 8 * i : 8;
    memcpy(&word, at + 8 * (size_t)i, n);
    if (n < 8) right &= (1ull << 8 * n) - 1;
    if (word != right)
      gcb_stress_fail(r, "payload", "word %u of %u in object %u is %016llx, expected %016llx", i,
                      (bytes + 7) / 8, t->id, (unsigned long long)word, (unsigned long long)right);
  }
}

static void special(walk *w, gcb_twin *t) {
  gcb_object *target = *gcb_weak_target(t->real);
  if (!target || t->cleared) {
    if (target) gcb_stress_fail(w->r, "undead", "the weak reference %u leads somewhere again", t->id);
    return;
  }
  visit(w, t->slots[0], target, t, 0);
  if (t->geometry == GCB_GEOMETRY_EPHEMERON) visit(w, t->slots[1], *gcb_ephemeron_value(t->real), t, 1);
}

static void drain(walk *w) {
  while (w->work) {
    gcb_twin *t = w->work;
    w->work = t->queue;
    if (gcb_twin_is_special(t)) {
      special(w, t);
      continue;
    }
    gcb_object **slots = gcb_slots_of(t->real);
    for (uint32_t i = 0; i < t->n_slots; i++) visit(w, t->slots[i], slots[i], t, i);
    payload(w->r, t);
  }
}

static void walk_all(gcb_stress_run *r) {
  walk w = {.r = r};
  gcb_instance *in = &r->in;
  table_audit++;
  table_used = 0;
  if (!table) grow(r);
  for (uint32_t i = 0; i < GCB_STRESS_GLOBALS; i++) visit(&w, r->shadow.globals[i], in->slots[i], NULL, i);
  for (uint32_t k = 0; k < GCB_STRESS_THREADS; k++) {
    gcb_shadow_thread *t = &r->shadow.threads[k];
    gcb_mutator *m = r->crew[k].m;
    if (!r->crew[k].live || !m) continue;
    for (uint32_t i = 0; i < t->top; i++) visit(&w, t->slots[i], (m->end - GCB_STACK_SLOTS)[i], NULL, i);
  }
  for (size_t i = in->first_ready; i < in->n_ready; i++)
    visit(&w, r->shadow.pending[in->ready[i].token].twin, in->ready[i].object, NULL, (uint32_t)i);
  drain(&w);
}

/* Weak references that the walk met and that are null: is that allowed? `marks`: of all that may not go. */
static void judge_cleared(gcb_stress_run *r) {
  uint32_t mark = 0;
  for (gcb_twin *t = r->shadow.all; t; t = t->all) {
    if (!gcb_twin_is_special(t) || t->seen != table_audit || t->cleared || *gcb_weak_target(t->real))
      continue;
    if (!mark) mark = gcb_shadow_close(&r->shadow, true, UINT32_MAX, true);
    if (t->slots[0]->mark == mark)
      gcb_stress_fail(r, "cleared", "weak reference or ephemeron %u is cleared, and object %u can be reached",
                      t->id, t->slots[0]->id);
    t->cleared = t->slots[0]->gone = true;
    r->counts->weak_cleared++;
  }
  if (!mark) return;
  for (gcb_twin *t = r->shadow.all; t; t = t->all)
    if (gcb_twin_is_special(t) && t->seen == table_audit && !t->cleared && t->slots[0]->gone)
      gcb_stress_fail(r, "cleared", "of two weak references to object %u one is cleared", t->slots[0]->id);
}

/* After settling nothing but the reachable is there. `mark`: of the reachable. */
static void judge_rest(gcb_stress_run *r, uint32_t mark, uint64_t rest, const gcb_space_ledger *l) {
  bool cycles = gcb_stress_has(r, GCB_CAP(CYCLES));
  for (uint32_t i = 0; i < r->shadow.n_pending; i++) {
    const gcb_pending *p = &r->shadow.pending[i];
    if (p->state == GCB_PENDING_ASLEEP && p->twin->mark != mark && (cycles || p->twin->freed))
      gcb_stress_fail(r, "finalizer", "finalizer %u of object %u, which nothing reaches, never ran", i,
                      p->twin->id);
  }
  for (const gcb_twin *t = r->shadow.all; t; t = t->all) {
    if (!gcb_twin_is_special(t) || t->mark != mark || t->cleared) continue;
    const gcb_twin *target = t->slots[0];
    if (target->mark != mark && (cycles || target->freed))
      gcb_stress_fail(r, "kept",
                      "weak reference or ephemeron %u still leads to object %u, which nothing reaches", t->id,
                      target->id);
  }
  uint64_t live = gcb_shadow_bytes(&r->shadow, mark), expected = live + rest;
  if (l->objects != expected)
    gcb_stress_fail(r, l->objects > expected ? "leak" : "ledger",
                    "%llu bytes of objects are held; reachable are %llu, in cycles that counting keeps %llu",
                    (unsigned long long)l->objects, (unsigned long long)live, (unsigned long long)rest);
}

void gcb_stress_audit(gcb_stress_run *r, gcb_mutator *m, bool exact) {
  gcb_space_ledger l = {0};
  r->counts->audits++;
  while (!gcb_stop_world(m)) {
  }
  /* A heap of handles, or one whose objects stand outside what it reserved, is judged by its operations. */
  bool raw = r->in.heap.path.roots != GCB_ROOTS_CALL && !gcb_stress_has(r, GCB_CAP(FOREIGN));
  if (raw) {
    walk_all(r);
    judge_cleared(r);
  }
  r->gc->ledger(&r->in.heap, &l);
  uint64_t sum = l.objects + l.rounding + l.free + l.reserve + l.metadata, got = gcb_committed(&r->in.heap);
  if (raw && sum != got)
    gcb_stress_fail(r, "ledger", "the ledger adds up to %llu, committed are %llu", (unsigned long long)sum,
                    (unsigned long long)got);
  if (gcb_stress_has(r, GCB_CAP(BOUNDED)) && r->in.peak_committed > r->in.heap.limit)
    gcb_stress_fail(r, "bound", "%llu bytes were committed in a bound of %llu",
                    (unsigned long long)r->in.peak_committed, (unsigned long long)r->in.heap.limit);
  uint32_t mark = gcb_shadow_close(&r->shadow, true, UINT32_MAX, false);
  if (raw && l.objects < gcb_shadow_bytes(&r->shadow, mark))
    gcb_stress_fail(r, "ledger", "%llu bytes of objects are in the ledger, %llu are reachable",
                    (unsigned long long)l.objects, (unsigned long long)gcb_shadow_bytes(&r->shadow, mark));
  /* A count that is stuck keeps its object for ever, as declared. */
  exact = exact && !r->in.heap.events[GCB_EVENT_COUNT_STUCK];
  if (exact && raw && gcb_stress_has(r, GCB_CAP(RECLAIMS) | GCB_CAP(EXACT)))
    judge_rest(r, mark, gcb_stress_has(r, GCB_CAP(CYCLES)) ? 0 : gcb_shadow_count(&r->shadow, mark), &l);
  gcb_resume_world(m);
  r->stops = r->in.stops;
}
