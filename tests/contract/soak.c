/* A random mutator against a shadow: every object, slot, weak reference, ephemeron and finalizer has its
 * number here, and at random moments the two graphs must be the same, object for object, shared and cyclic
 * parts included. The shadow knows at each point what is reachable.
 */
#include "kit.h"
#include <stdlib.h>

enum {
  ROOTS = 24,
  KEPT = 4000, /* objects in the shadow at once; numbers are used again when nothing holds them */
  MAX_REFS = 12,
  NONE = UINT32_MAX,
};
typedef enum { DEAD, PAIR, NODE, WIDE, ARRAY, BYTES, WEAK, EPHEMERON } form;

typedef struct shadow {
  form form;
  uint32_t n, ref[MAX_REFS]; /* strong slots; target; or key and value */
  uint64_t stamp;
  bool reached, cleared;    /* cleared: seen null once, so null for ever */
  uint32_t registered, ran; /* finalizers */
  uint32_t slot;            /* of the present comparison's frame */
} shadow;

typedef struct soak {
  shadow o[KEPT];
  uint32_t root[ROOTS], queue[KEPT];
  uint64_t stamps, step, reached_at;
  uint32_t count;
} soak;

static gcb_slot root(gcb_mutator *m, uint32_t i) {
  return gcb_global(m, i);
}

/* ---- what is reachable, by the shadow ---- */
static uint32_t push(soak *s, uint32_t id, uint32_t n) {
  if (id == NONE || s->o[id].reached) return n;
  s->o[id].reached = true;
  s->queue[n] = id;
  return n + 1;
}
static void reach(soak *s) {
  uint32_t n = 0, done = 0;
  for (uint32_t i = 0; i < KEPT; i++) s->o[i].reached = false;
  for (uint32_t i = 0; i < ROOTS; i++) n = push(s, s->root[i], n);
  for (bool again = true; again;) {
    for (; done < n; done++) {
      shadow *o = &s->o[s->queue[done]];
      for (uint32_t i = 0; o->form < WEAK && i < o->n; i++) n = push(s, o->ref[i], n);
    }
    for (uint32_t i = 0; i < n; i++) {
      shadow *o = &s->o[s->queue[i]];
      if (o->form == EPHEMERON && o->ref[0] != NONE && s->o[o->ref[0]].reached) n = push(s, o->ref[1], n);
    }
    again = done < n;
  }
  s->count = n;
}

/* ---- the comparison ---- */
static void expect_one(contract *c, gcb_mutator *m, soak *s, uint32_t id, gcb_slot at) {
  static const char what[] = "an object of the random graph";
  shadow *o = &s->o[id];
  switch (o->form) {
  case PAIR:
    kit_expect(c, m, at, c->pair, o->stamp, what);
    break;
  case NODE:
    kit_expect(c, m, at, c->node, o->stamp, what);
    break;
  case WIDE:
    kit_expect(c, m, at, c->wide, o->stamp, what);
    break;
  case ARRAY:
    CHECK_EQ(gcb_length(m, at), 300, what);
    break;
  case BYTES:
    kit_expect_bytes(c, m, at, (uint32_t)(o->stamp % 5000), o->stamp, what);
    break;
  default:
    break;
  }
}

/* Slot i of an array stands at 23 * i of its elements, so that ends and middles are in use. */
static uint32_t place(const shadow *o, uint32_t i) {
  return o->form == ARRAY ? (i == MAX_REFS - 1 ? 299 : 23 * i) : i;
}

static void compare(contract *c, gcb_mutator *m, soak *s) {
  reach(s);
  gcb_frame f = gcb_enter(m, s->count + 1);
  gcb_slot x = gcb_at(f, s->count);
  uint32_t n = 0;
  for (uint32_t i = 0; i < KEPT; i++) s->o[i].slot = NONE;
#define MEET(id)                                                                                             \
  do {                                                                                                       \
    uint32_t id_ = (id);                                                                                     \
    if (id_ == NONE) {                                                                                       \
      CHECK(gcb_is_null(m, x), "step %llu: a slot holds an object, and is null in the shadow",               \
            (unsigned long long)s->step);                                                                    \
    } else {                                                                                                 \
      CHECK(!gcb_is_null(m, x), "step %llu: a slot is null, and holds object %u in the shadow",              \
            (unsigned long long)s->step, id_);                                                               \
      if (s->o[id_].slot == NONE) {                                                                          \
        s->o[id_].slot = n;                                                                                  \
        s->queue[n] = id_;                                                                                   \
        gcb_move(m, gcb_at(f, n++), x);                                                                      \
        expect_one(c, m, s, id_, x);                                                                         \
      } else {                                                                                               \
        CHECK(gcb_same(m, x, gcb_at(f, s->o[id_].slot)), "step %llu: object %u was met as two",              \
              (unsigned long long)s->step, id_);                                                             \
      }                                                                                                      \
    }                                                                                                        \
  } while (0)
  for (uint32_t i = 0; i < ROOTS; i++) {
    gcb_move(m, x, root(m, i));
    MEET(s->root[i]);
  }
  for (uint32_t at = 0; at < n; at++) {
    shadow *o = &s->o[s->queue[at]];
    gcb_slot obj = gcb_at(f, at);
    for (uint32_t i = 0; o->form < WEAK && i < o->n; i++) {
      gcb_get(m, x, obj, place(o, i));
      MEET(o->ref[i]);
    }
    if (o->form < WEAK || o->ref[0] == NONE) continue;
    bool alive = s->o[o->ref[0]].reached;
    if (o->form == WEAK)
      gcb_weak_get(m, x, obj);
    else
      gcb_ephemeron_key(m, x, obj);
    CHECK(!o->cleared || gcb_is_null(m, x), "step %llu: a cleared weak reference came back",
          (unsigned long long)s->step);
    CHECK(!alive || !gcb_is_null(m, x),
          "step %llu: a weak reference or ephemeron lost object %u, which is alive",
          (unsigned long long)s->step, o->ref[0]);
    if (gcb_is_null(m, x)) {
      o->cleared = true;
    } else if (alive) {
      MEET(o->ref[0]);
      if (o->form == EPHEMERON) {
        gcb_ephemeron_get(m, x, obj);
        MEET(o->ref[1]);
      }
    } else {
      expect_one(c, m, s, o->ref[0], x); /* dead, not found dead yet, and whole */
    }
  }
  CHECK_EQ(n, s->count, "objects met in the heap");
  gcb_leave(m, f);
}

/* ---- one step ---- */
/* Gather the numbers that nothing can lead to any more: not reachable, not held by a finalizer to come, nor
 * weakly by either. They are used again for new objects. */
static uint32_t gather(contract *c, soak *s, uint32_t *spare) {
  static bool used[KEPT];
  uint32_t n = 0, spares = 0;
  reach(s);
  for (uint32_t i = 0; i < KEPT; i++) {
    bool waits = s->o[i].form != DEAD && s->o[i].registered > s->o[i].ran &&
                 has(c, GCB_CAP(RECLAIMS) | GCB_CAP(CYCLES)); /* a conservative one may do it late */
    used[i] = s->o[i].reached || waits;
    if (used[i]) s->queue[n++] = i;
  }
  while (n) {
    shadow *o = &s->o[s->queue[--n]];
    for (uint32_t k = 0; k < o->n; k++) {
      uint32_t to = o->ref[k];
      if (to == NONE || used[to]) continue;
      used[to] = true;
      s->queue[n++] = to;
    }
  }
  for (uint32_t i = 0; i < KEPT; i++) {
    if (used[i]) continue;
    s->o[i] = (shadow){.form = DEAD};
    spare[spares++] = i;
  }
  return spares;
}

static void allocate(contract *c, gcb_mutator *m, soak *s, uint32_t r) {
  static uint32_t spare[KEPT], spares;
  if (s->step == 0) spares = 0;
  if (!spares) spares = gather(c, s, spare);
  if (spares < KEPT / 8 && gcb_rng_below(&c->rng, 100) == 0) /* crowded: let go of most */
    for (uint32_t i = 1; i < ROOTS; i++) gcb_clear(m, root(m, i)), s->root[i] = NONE;
  if (!spares) return;
  uint32_t id = spare[--spares], pick = (uint32_t)gcb_rng_below(&c->rng, 100);
  uint32_t a = (uint32_t)gcb_rng_below(&c->rng, ROOTS), b = (uint32_t)gcb_rng_below(&c->rng, ROOTS);
  shadow o = {.stamp = ++s->stamps * 7919};
  for (uint32_t i = 0; i < MAX_REFS; i++) o.ref[i] = NONE;
  gcb_slot dst = root(m, r);
  if (pick < 10 && has(c, GCB_CAP(WEAK)) && s->root[a] != NONE) {
    o.form = WEAK, o.n = 1, o.ref[0] = s->root[a];
    CHECK(gcb_weak_new(m, dst, root(m, a)), "out of memory");
  } else if (pick < 20 && has(c, GCB_CAP(EPHEMERONS)) && s->root[a] != NONE) {
    o.form = EPHEMERON, o.n = 2, o.ref[0] = s->root[a], o.ref[1] = s->root[b];
    CHECK(gcb_ephemeron_new(m, dst, root(m, a), root(m, b)), "out of memory");
  } else if (pick < 25) {
    o.form = ARRAY, o.n = MAX_REFS;
    kit_array(c, m, dst, 300);
  } else if (pick < 30) {
    o.form = BYTES;
    kit_bytes(c, m, dst, (uint32_t)(o.stamp % 5000), o.stamp);
  } else {
    o.form = pick < 60 ? PAIR : pick < 90 ? NODE : WIDE;
    o.n = pick < 60 ? 2 : pick < 90 ? 4 : 12;
    gcb_frame f = gcb_enter(m, 1);
    kit_new(c, m, gcb_at(f, 0), pick < 60 ? c->pair : pick < 90 ? c->node : c->wide, o.stamp);
    for (uint32_t k = 0; k < o.n; k++) { /* holding most of what there is, so that graphs grow */
      uint32_t from = (uint32_t)gcb_rng_below(&c->rng, ROOTS + ROOTS / 4);
      if (from >= ROOTS) continue;
      gcb_put(m, gcb_at(f, 0), k, root(m, from));
      o.ref[k] = s->root[from];
    }
    gcb_move(m, dst, gcb_at(f, 0));
    gcb_leave(m, f);
  }
  s->o[id] = o;
  s->root[r] = id;
}

static void step(contract *c, gcb_mutator *m, soak *s) {
  uint32_t r = (uint32_t)gcb_rng_below(&c->rng, ROOTS), q = (uint32_t)gcb_rng_below(&c->rng, ROOTS);
  uint32_t pick = (uint32_t)gcb_rng_below(&c->rng, 100), id = s->root[r];
  shadow *o = id == NONE ? NULL : &s->o[id];
  uint32_t i = o && o->n ? (uint32_t)gcb_rng_below(&c->rng, o->n) : 0;
  if (pick < 30 || !o) {
    allocate(c, m, s, r);
  } else if (pick < 60 && o->form < WEAK && o->n) {
    if (pick == 30)
      gcb_put_null(m, root(m, r), place(o, i)), o->ref[i] = NONE;
    else
      gcb_put(m, root(m, r), place(o, i), root(m, q)), o->ref[i] = s->root[q];
  } else if (pick < 85 && o->form < WEAK && o->n) {
    gcb_get(m, root(m, q), root(m, r), place(o, i));
    s->root[q] = o->ref[i];
  } else if (pick < 85 && o->form >= WEAK) { /* a dead target that is still given comes to life again */
    uint32_t k = o->form == EPHEMERON ? pick % 2 : 0;
    if (k == 0 && o->form == WEAK)
      gcb_weak_get(m, root(m, q), root(m, r));
    else if (k == 0)
      gcb_ephemeron_key(m, root(m, q), root(m, r));
    else
      gcb_ephemeron_get(m, root(m, q), root(m, r));
    s->root[q] = gcb_is_null(m, root(m, q)) ? NONE : o->ref[k];
    CHECK(s->root[q] != NONE || o->ref[k] != NONE || k, "a weak reference without a target");
    if (s->root[q] != NONE) expect_one(c, m, s, s->root[q], root(m, q));
    CHECK(!o->cleared || s->root[q] == NONE, "step %llu: a cleared weak reference came back",
          (unsigned long long)s->step);
    if (k == 0 && s->root[q] == NONE) {
      reach(s);
      CHECK(!s->o[o->ref[0]].reached || s->o[o->ref[0]].form == DEAD,
            "step %llu: a weak reference lost object %u, which is alive", (unsigned long long)s->step,
            o->ref[0]);
      o->cleared = true;
    }
  } else if (pick < 90 && o->form == EPHEMERON) {
    gcb_frame f = gcb_enter(m, 1);
    gcb_ephemeron_key(m, gcb_at(f, 0), root(m, r));
    gcb_ephemeron_put(m, root(m, r), root(m, q));
    if (!gcb_is_null(m, gcb_at(f, 0))) o->ref[1] = s->root[q];
    gcb_leave(m, f);
  } else if (pick < 92 && has(c, GCB_CAP(FINALIZERS)) && o->registered < 3) {
    CHECK_EQ(gcb_finalizer(m, root(m, r), id), GCB_OK, "answer of a finalizer's registration");
    o->registered++;
  } else {
    gcb_clear(m, root(m, r));
    s->root[r] = NONE;
  }
}

/* All finalizers that one step made due run in the poll behind it, so "reachable" means before any of them.
 */
static void due(contract *c, gcb_mutator *m, gcb_slot object, uint64_t token) {
  soak *s = c->data;
  shadow *o = &s->o[token];
  if (s->reached_at != s->step) {
    reach(s);
    s->reached_at = s->step;
  }
  CHECK(o->form != DEAD, "step %llu: the finalizer of object %llu ran again after it was gone",
        (unsigned long long)s->step, (unsigned long long)token);
  CHECK(!o->reached, "step %llu: the finalizer of object %llu ran while it was reachable",
        (unsigned long long)s->step, (unsigned long long)token);
  expect_one(c, m, s, (uint32_t)token, object);
  CHECK(++o->ran <= o->registered, "step %llu: finalizer of object %llu ran %u times of %u",
        (unsigned long long)s->step, (unsigned long long)token, o->ran, o->registered);
}

static void soak_with(contract *c, gcb_mutator *m, uint64_t seed, uint32_t steps) {
  soak *s = calloc(1, sizeof *s);
  CHECK(s, "no memory for the shadow");
  c->seed = seed;
  c->rng = gcb_rng_seed(seed);
  c->data = s;
  c->on_final = due;
  for (uint32_t i = 0; i < ROOTS; i++) s->root[i] = NONE;
  for (s->step = 0; s->step < steps; s->step++) {
    step(c, m, s);
    gcb_poll(m);
    if (gcb_rng_below(&c->rng, 400) == 0) {
      m->gc->collect(m, kit_kinds[gcb_rng_below(&c->rng, 7)]);
      if (gcb_rng_below(&c->rng, 2)) m->gc->collect(m, kit_kinds[gcb_rng_below(&c->rng, 7)]);
      gcb_poll(m);
      compare(c, m, s);
    }
    if (gcb_rng_below(&c->rng, 5000) == 0) kit_audit(c, m);
  }
  compare(c, m, s);
  for (uint32_t i = 0; i < ROOTS; i++) gcb_clear(m, root(m, i)), s->root[i] = NONE;
  for (int i = 0; i < 4; i++) kit_settle(c, m), s->step++;
  for (uint32_t i = 0; i < KEPT && drops_cycles(c); i++)
    CHECK(s->o[i].form == DEAD || s->o[i].ran == s->o[i].registered,
          "finalizers of object %u: %u registered, %u ran after all was dropped", i, s->o[i].registered,
          s->o[i].ran);
  if (has(c, GCB_CAP(CYCLES))) kit_exact(c, m, 0);
  c->on_final = NULL;
  free(s);
}

BEHAVIOUR(soak, "100000 random operations leave the heap as a model in plain C arrays says") {
  for (uint64_t seed = 1; seed <= 4; seed++) soak_with(c, m, seed, MANY(25000));
}
