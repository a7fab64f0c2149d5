/* The heap against its shadow, walked in step from the roots with the world stopped: the same object behind
 * every path to a twin, another for every other twin, with the right extent, slots and payload. What a weak
 * reference still leads to must be as whole as the rest, because the mutator may ask for it.
 *
 * Raw addresses are looked at before they are followed, so that a stale one is told and not a crash.
 */
#include "stress/program_run.h"
#include <stdlib.h>

typedef struct entry {
  const gcb_object *at;
  uint32_t audit, id; /* of the twin */
} entry;

typedef struct walk {
  gcb_stress_run *r;
  gcb_twin *work, *specials; /* to be scanned; scanned but for what they hold */
  uint64_t bytes;
} walk;

/* One table for the process: which twin an address was met as. Grown when half full, small again for each
 * program: most are small, and then it stays in the cache. */
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

void gcb_stress_audit_begin(void) {
  free(table);
  table = NULL;
  table_size = 0;
}

static void grow(gcb_stress_run *r) {
  entry *old = table;
  size_t n = table_size;
  table_size = n ? 2 * n : 1024;
  table = calloc(table_size, sizeof *table);
  if (!table) gcb_stress_fail(r, "harness", "no memory for an audit");
  for (size_t i = 0; i < n; i++)
    if (old[i].audit == table_audit) *place_of(old[i].at) = old[i];
  free(old);
}

static const char *holder(const gcb_twin *from, uint32_t i) {
  static char where[60];
  if (from)
    snprintf(where, sizeof where, "slot %u of object %u", i, from->id);
  else
    snprintf(where, sizeof where, "root %u", i);
  return where;
}

static void visit(walk *w, gcb_twin *t, gcb_object *o, const gcb_twin *from, uint32_t i) {
  gcb_stress_run *r = w->r;
  if (!t && !o) return;
  if (t && t->seen == table_audit && t->real == o) return;
  if (!t) gcb_stress_fail(r, "stale", "%s holds %p, expected null", holder(from, i), (void *)o);
  if (!o) gcb_stress_fail(r, "lost", "%s is null, expected object %u", holder(from, i), t->id);
  if ((uintptr_t)o % 8 || !gcb_in_regions(&r->in, o))
    gcb_stress_fail(r, "wild", "%s, expected object %u, holds %p, where no object can be", holder(from, i),
                    t->id, (void *)o);
  if (t->seen == table_audit)
    gcb_stress_fail(r, "identity", "object %u is at %p for one holder, at %p for %s", t->id, (void *)t->real,
                    (void *)o, holder(from, i));
  if (t->gone)
    gcb_stress_fail(r, "undead", "%s leads to object %u, to which references were cleared", holder(from, i),
                    t->id);
  if (o->geometry != t->geometry)
    gcb_stress_fail(r, "header", "%s, expected object %u of geometry %08x, leads to one of %08x (bits %08x)",
                    holder(from, i), t->id, t->geometry, o->geometry, o->bits);
  size_t bytes = gcb_size_of(t->geometry);
  if (!gcb_in_regions(&r->in, (char *)o + bytes - 1))
    gcb_stress_fail(r, "wild", "object %u ends behind the heap", t->id);
  entry *e = place_of(o);
  if (e->audit == table_audit)
    gcb_stress_fail(r, "identity", "objects %u and %u are one at %p", t->id, e->id, (void *)o);
  *e = (entry){o, table_audit, t->id};
  if (++table_used > table_size / 2) grow(r);
  r->counts->objects_moved += t->real && t->real != o;
  t->seen = table_audit;
  t->real = o;
  t->queue = w->work;
  w->work = t;
  w->bytes += bytes;
  r->counts->objects_checked++;
}

static _Noreturn void wrong_word(gcb_stress_run *r, const gcb_twin *t, uint32_t i, uint64_t word,
                                 uint64_t right) {
  gcb_stress_fail(r, "payload", "word %u of %u in object %u is %016llx, expected %016llx", i,
                  (gcb_stress_payload(t) + 7) / 8, t->id, (unsigned long long)word,
                  (unsigned long long)right);
}

static void payload(gcb_stress_run *r, const gcb_twin *t) {
  const char *at = gcb_payload_of(t->real);
  uint32_t bytes = gcb_stress_payload(t), words = bytes / 8, i = 0;
  uint64_t first = t->stamp ? gcb_stress_word_of(t, 0) : 0, step = t->stamp != 0, word[4];
  for (; i + 4 <= words; i += 4) {
    memcpy(word, at + 8 * (size_t)i, sizeof word);
    uint64_t right = first + i * step;
    if (word[0] != right || word[1] != right + step || word[2] != right + 2 * step ||
        word[3] != right + 3 * step)
      break; /* the loop below says which */
  }
  for (; i < words; i++) {
    memcpy(word, at + 8 * (size_t)i, 8);
    if (word[0] != first + i * step) wrong_word(r, t, i, word[0], first + i * step);
  }
  uint64_t right = (first + i * step) & ((1ull << 8 * (bytes % 8)) - 1);
  word[0] = 0;
  memcpy(word, at + 8 * (size_t)i, bytes % 8);
  if (word[0] != right) wrong_word(r, t, i, word[0], right);
}

/* Large arrays are mostly null. */
static void slots(walk *w, gcb_twin *t, gcb_object **real) {
  for (uint32_t i = 0; i < t->n_slots;) {
    uintptr_t any = 0;
    uint32_t n = t->n_slots - i < 8 ? t->n_slots - i : 8;
    for (uint32_t k = 0; n == 8 && k < 8; k++) any |= (uintptr_t)t->slots[i + k] | (uintptr_t)real[i + k];
    for (uint32_t k = 0; (any || n < 8) && k < n; k++)
      if (t->slots[i + k] || real[i + k]) visit(w, t->slots[i + k], real[i + k], t, i + k);
    i += n;
  }
}

/* All that is reached by strong references; weak references and ephemerons are put aside. */
static void drain(walk *w) {
  while (w->work) {
    gcb_twin *t = w->work;
    w->work = t->queue;
    if (gcb_twin_is_special(t)) {
      t->queue = w->specials;
      w->specials = t;
      continue;
    }
    slots(w, t, gcb_slots_of(t->real));
    payload(w->r, t);
  }
}

/* Values of ephemerons whose keys are reached, until a round finds no more. */
static void drain_values(walk *w) {
  for (bool progress = true; progress;) {
    gcb_twin *round = w->specials;
    progress = false;
    w->specials = NULL;
    while (round) {
      gcb_twin *e = round;
      round = e->queue;
      e->queue = w->specials;
      w->specials = e;
      if (e->geometry != GCB_GEOMETRY_EPHEMERON || e->cleared || e->slots[0]->seen != table_audit ||
          !*gcb_weak_target(e->real) || !e->slots[1] || e->slots[1]->seen == table_audit)
        continue;
      visit(w, e->slots[1], *gcb_ephemeron_value(e->real), e, 1);
      drain(w);
      progress = true;
    }
  }
}

/* What weak references lead to must be whole as well. */
static void drain_weak(walk *w) {
  while (w->specials) {
    gcb_twin *t = w->specials;
    w->specials = t->queue;
    gcb_object *target = *gcb_weak_target(t->real);
    if (!target || t->cleared) {
      if (target) gcb_stress_fail(w->r, "undead", "the weak reference %u leads somewhere again", t->id);
      continue;
    }
    visit(w, t->slots[0], target, t, 0);
    if (t->geometry == GCB_GEOMETRY_EPHEMERON) visit(w, t->slots[1], *gcb_ephemeron_value(t->real), t, 1);
    drain(w);
  }
}

/* Bytes of what is strongly reachable. */
static uint64_t walk_all(gcb_stress_run *r) {
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
  drain_values(&w);
  uint64_t strong = w.bytes;
  drain_weak(&w);
  return strong;
}

/* Mark all that weak references must lead to. Where they are short, that is what the mutator itself reaches;
 * and when finalizers ran, not even that, since they may have brought back what the reference had lost. */
uint32_t gcb_stress_close_weak(gcb_stress_run *r) {
  bool brief = gcb_stress_has(r, GCB_CAP(SHORT_WEAK));
  for (uint32_t i = 0; brief && i < r->shadow.n_pending; i++)
    if (r->shadow.pending[i].state == GCB_PENDING_RAN) return ++r->shadow.marks;
  return gcb_shadow_close(&r->shadow, !brief, UINT32_MAX, !brief);
}

/* Weak references that the walk met and that are null: is that allowed? */
static void judge_cleared(gcb_stress_run *r) {
  uint32_t mark = 0;
  GCB_EACH_TWIN(&r->shadow, t, special) {
    if (t->seen != table_audit || t->cleared || *gcb_weak_target(t->real)) continue;
    if (!mark) mark = gcb_stress_close_weak(r);
    if (t->slots[0]->mark == mark)
      gcb_stress_fail(r, "cleared", "weak reference or ephemeron %u is cleared, and object %u can be reached",
                      t->id, t->slots[0]->id);
    t->cleared = t->slots[0]->gone = true;
    r->counts->weak_cleared++;
  }
  if (!mark) return;
  GCB_EACH_TWIN(&r->shadow, t, special)
  if (t->seen == table_audit && !t->cleared && t->slots[0]->gone)
    gcb_stress_fail(r, "cleared", "of two weak references to object %u one is cleared", t->slots[0]->id);
}

void gcb_stress_judge_weak(gcb_stress_run *r) {
  uint32_t mark = 0;
  GCB_EACH_TWIN(&r->shadow, t, special) {
    if (!t->cleared || t->slots[0]->gone) continue;
    if (!mark) mark = gcb_stress_close_weak(r);
    if (t->slots[0]->mark == mark)
      gcb_stress_fail(r, "cleared",
                      "weak reference or ephemeron %u was cleared, and object %u can be reached", t->id,
                      t->slots[0]->id);
    t->slots[0]->gone = true;
  }
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
  GCB_EACH_TWIN(&r->shadow, t, special) {
    if (t->mark != mark || t->cleared) continue;
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
  bool collected = r->in.stops != r->stops;
  r->counts->audits++;
  r->auditing = true;
  while (!gcb_stop_world(m)) {
  }
  /* A heap of handles, or one whose objects stand outside what it reserved, is judged by its operations. */
  bool raw = r->in.heap.path.roots != GCB_ROOTS_CALL && !gcb_stress_has(r, GCB_CAP(FOREIGN));
  uint64_t reachable = 0;
  if (raw) {
    reachable = walk_all(r);
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
  if (raw && l.objects < reachable)
    gcb_stress_fail(r, "ledger", "%llu bytes of objects are in the ledger, %llu are reachable",
                    (unsigned long long)l.objects, (unsigned long long)reachable);
  exact = exact && !r->stuck && !r->in.heap.events[GCB_EVENT_COUNT_STUCK];
  if (exact && raw && gcb_stress_has(r, GCB_CAP(RECLAIMS) | GCB_CAP(EXACT))) {
    uint32_t mark = gcb_shadow_close(&r->shadow, true, UINT32_MAX, false);
    judge_rest(r, mark, gcb_stress_has(r, GCB_CAP(CYCLES)) ? 0 : gcb_shadow_count(&r->shadow, mark), &l);
  }
  if (raw && collected) gcb_stress_verify_begin(r, m, table_audit);
  r->auditing = false;
  gcb_resume_world(m);
  r->stops = r->in.stops;
}
