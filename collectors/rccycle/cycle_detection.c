/* Cycle detection by subtraction, as CPython's Modules/gcmodule.c (3.11) does it.
 *
 * For the objects of the collected generations: copy each count; take off one for each reference from another
 * of them. What is left are references from outside: roots, and objects that are not collected. So what has
 * any left is alive, with all it reaches; the rest only holds itself, and is garbage. No root is looked at:
 * roots are counted.
 *
 * An ephemeron's reference to its value needs the key as well, so it counts as one from within if either the
 * ephemeron or the key is being collected, and leads to the value only when both are reached: at the later of
 * the two, for a key knows its ephemerons.
 *
 * Finalizers come first: every unreached object that has one is queued, and stays with all that it reaches;
 * it is found again, without finalizer, when that has run. The rest is held by a count each, its slots are
 * released, weak references to it cleared, and then it dies an ordinary death: they are cleared exactly when
 * their target goes.
 */
#include "common/mutants.h"
#include "tracked.h"

enum { AHEAD = 8 }; /* entries between prefetch and use */

typedef struct cycles {
  rcc_heap *rc;
  gcb_mutator *m;
  size_t start;          /* the collected entries begin here */
  size_t at;             /* reach_all() is here */
  size_t tracked, alive; /* collected objects; those reached */
} cycles;

static bool collected(const cycles *c, gcb_object *o) {
  return rcc_prefix_of(o)->index >= c->start;
}
static bool reached(const cycles *c, gcb_object *o) {
  return !collected(c, o) || (rcc_prefix_of(o)->refs & RCC_REACHED);
}
static bool is_garbage(gcb_object *o) {
  return rcc_prefix_of(o)->refs == 0;
}
static void prefetch(const cycles *c, size_t i) {
  if (i + AHEAD < c->rc->table.n) __builtin_prefetch((void *)(rcc_entries(c->rc)[i + AHEAD] - 8));
}
/* First of the weak references and ephemerons to an object. */
static gcb_object *specials(const cycles *c, gcb_object *o) {
  if (!(o->bits & GCB_FLAG_WEAK)) return NULL;
  return (gcb_object *)(uintptr_t)*gcb_count_map_find(&c->rc->counting.weaks, o);
}

/* ---- counts ---- */
static void copy_counts(cycles *c) {
  uint32_t shift = (uint32_t)__builtin_ctz(c->rc->counting.one);
  for (size_t i = c->start; i < c->rc->table.n; i++) {
    gcb_object *o = rcc_entry(c->rc, i);
    prefetch(c, i);
    if (!o) continue;
    rcc_prefix_of(o)->refs = (int32_t)o->bits < 0 ? RCC_STUCK : o->bits >> shift;
    c->tracked++;
  }
}

static void subtract(const cycles *c, gcb_object *o) {
  if (o && collected(c, o)) rcc_prefix_of(o)->refs--;
}

static void subtract_all(const cycles *c) {
  for (size_t i = c->start; i < c->rc->table.n; i++) {
    gcb_object *o = rcc_entry(c->rc, i);
    prefetch(c, i);
    if (!o) continue;
    gcb_object **slots = gcb_slots_of(o);
    uint32_t n = gcb_refs_of(o->geometry);
    for (uint32_t k = 0; k < n; k++) subtract(c, slots[k]);
    if (o->geometry == GCB_GEOMETRY_EPHEMERON && !GCB_MUTANT(CYCLE_EPHEMERON))
      subtract(c, *gcb_ephemeron_value(o));
    for (gcb_object *s = specials(c, o); s; s = *gcb_special_link(s))
      if (s->geometry == GCB_GEOMETRY_EPHEMERON && !collected(c, s)) subtract(c, *gcb_ephemeron_value(s));
  }
}

/* ---- reachability ---- */
static void push(cycles *c, rcc_prefix *p) {
  p->refs = RCC_REACHED | c->rc->stack;
  c->rc->stack = p->index;
  c->alive++;
}

/* What stands further on in the table is only noted: the walk comes by, in order of address mostly. */
static void reach(cycles *c, gcb_object *o) {
  if (!o || reached(c, o)) return;
  rcc_prefix *p = rcc_prefix_of(o);
  if (p->index > c->at)
    p->refs += p->refs == 0 && !GCB_MUTANT(CYCLE_REACH);
  else
    push(c, p);
}

static void scan(cycles *c, gcb_object *o) {
  gcb_object **slots = gcb_slots_of(o);
  uint32_t n = gcb_refs_of(o->geometry);
  for (uint32_t k = 0; k < n; k++) reach(c, slots[k]);
  if (o->geometry == GCB_GEOMETRY_EPHEMERON && *gcb_weak_target(o) && reached(c, *gcb_weak_target(o)))
    reach(c, *gcb_ephemeron_value(o));
  for (gcb_object *s = specials(c, o); s; s = *gcb_special_link(s))
    if (s->geometry == GCB_GEOMETRY_EPHEMERON && reached(c, s)) reach(c, *gcb_ephemeron_value(s));
}

/* Reach everything that has references from outside left, and what follows. */
static void reach_all(cycles *c) {
  rcc_heap *rc = c->rc;
  for (c->at = c->start + GCB_MUTANT(CYCLE_FIRST); c->at < rc->table.n; c->at++) {
    gcb_object *o = rcc_entry(rc, c->at);
    prefetch(c, c->at);
    if (!o || is_garbage(o) || reached(c, o)) continue;
    push(c, rcc_prefix_of(o));
    while (rc->stack) {
      o = rcc_entry(rc, rc->stack);
      rc->stack = rcc_prefix_of(o)->refs & ~RCC_REACHED;
      scan(c, o);
    }
  }
}

/* ---- garbage ---- */
/* Queue the finalizers of unreached objects; true if there were any. */
static bool queue_finalizers(const cycles *c) {
  gcb_counting *counting = &c->rc->counting;
  bool any = false;
  for (size_t i = c->start; counting->finals.n && i < c->rc->table.n; i++) {
    gcb_object *o = rcc_entry(c->rc, i);
    if (!o || !is_garbage(o) || !(o->bits & GCB_FLAG_FINAL)) continue;
    gcb_counting_queue(counting, c->m, o); /* what the queue cannot take stays registered, and alive */
    rcc_prefix_of(o)->refs = 1;
    any = true;
  }
  return any;
}

static void hold_garbage(const cycles *c) {
  for (size_t i = c->start; i < c->rc->table.n; i++) {
    gcb_object *o = rcc_entry(c->rc, i);
    prefetch(c, i);
    if (o && is_garbage(o)) gcb_take(c->m, o);
  }
}

/* Release the slots of all garbage and the ephemerons' values of which it is the key (they may hold the key),
 * then the garbage. Nothing reached can die of it, for something reached still refers to it; what is not
 * collected can. */
static void clear_garbage(const cycles *c, gcb_cascade *k) {
  rcc_heap *rc = c->rc;
  gcb_counting *counting = &rc->counting;
  for (size_t i = c->start; i < rc->table.n; i++) {
    gcb_object *o = rcc_entry(rc, i);
    prefetch(c, i);
    if (!o || !is_garbage(o)) continue;
    if (o->bits & GCB_FLAG_WEAK) gcb_counting_forget(counting, c->m, o, &k->pinned);
    gcb_object **slots = gcb_slots_of(o);
    uint32_t n = gcb_counted_slots(o);
    for (uint32_t j = o->geometry == GCB_GEOMETRY_EPHEMERON; j < n; j++) {
      gcb_object *child = slots[j];
      slots[j] = NULL;
      if (child) gcb_cascade_release(counting, c->m, k, child, true, rcc_untrack);
    }
    gcb_cascade_run(counting, c->m, k, true, rcc_untrack);
  }
  for (size_t i = c->start; i < rc->table.n; i++) {
    gcb_object *o = rcc_entry(rc, i);
    prefetch(c, i);
    if (!o || !is_garbage(o)) continue;
    gcb_cascade_release(counting, c->m, k, o, true, rcc_untrack);
    gcb_cascade_run(counting, c->m, k, true, rcc_untrack);
  }
}

/* Survivors become the next older generation; every mutator starts anew with young entries. */
static void merge(const cycles *c, uint32_t generation) {
  rcc_heap *rc = c->rc;
  for (gcb_mutator *m = rc->counting.heap->live; m; m = m->next) {
    rcc_local *local = m->local;
    if (!local) continue; /* just joining */
    rc->holes += local->holes;
    *local = (rcc_local){.counting = local->counting};
  }
  bool sparse = generation == 2 || rc->holes > rc->start[0] / 2 + 1024;
  bool full = c->tracked == c->alive && c->tracked == rc->table.n - c->start;
  if (sparse ? rc->holes || !full : !full) rcc_table_slide(rc, sparse ? 1 : c->start);
  if (sparse) rc->holes = 0;
  rc->start[0] = rc->table.n;
  if (generation == 1) {
    rc->long_lived_pending += rc->table.n - rc->start[1];
    rc->start[1] = rc->table.n;
  } else if (generation == 2) {
    rc->long_lived_pending = 0;
    rc->long_lived_total = rc->table.n - 1;
    rc->start[1] = rc->table.n;
    gcb_vec_trim(&rc->table);
  }
  if (generation < 2) rc->count[generation + 1]++;
  for (uint32_t g = 0; g <= generation; g++) rc->count[g] = 0;
}

void rcc_collect(gcb_mutator *m, uint32_t generation) {
  static const gcb_pause_kind kinds[RCC_GENERATIONS] = {GCB_MINOR, GCB_MIDDLE, GCB_MAJOR};
  gcb_heap *h = m->heap;
  rcc_heap *rc = rcc_heap_of(m);
  cycles c = {.rc = rc, .m = m, .start = rc->start[generation]};
  gcb_cascade k = {0};
  uint64_t began = gcb_now(h);
  copy_counts(&c);
  subtract_all(&c);
  reach_all(&c);
  if (c.alive < c.tracked && queue_finalizers(&c)) reach_all(&c);
  if (c.alive < c.tracked) {
    gcb_count(h, GCB_EVENT_CYCLE_FOUND);
    hold_garbage(&c);
    clear_garbage(&c, &k);
  } else {
    gcb_count(h, GCB_EVENT_EMPTY_COLLECTION);
  }
  merge(&c, generation);
  if (k.bytes) gcb_work(h, GCB_WORK_FREED, k.bytes);
  gcb_pause(h, NULL, kinds[generation], began, gcb_now(h));
}
