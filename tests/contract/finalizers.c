/* Finalizers: once a registration, never while reachable, with everything the object reaches intact, in any
 * order; and whatever they do to the heap. */
#include "kit.h"

#define NEEDS GCB_CAP(FINALIZERS)

static void watch(contract *c, gcb_mutator *m, gcb_slot obj, uint64_t token) {
  CHECK_EQ(gcb_finalizer(m, obj, token), GCB_OK, "answer of a finalizer's registration");
}

/* After kit_settle: as many runs of these tokens as a dropped object must have had. */
static void expect_ran(contract *c, uint64_t from, uint64_t n, uint32_t times, const char *what) {
  for (uint64_t t = from; t < from + n; t++) {
    uint32_t ran = kit_finals(c, t);
    CHECK(ran <= times, "%s: finalizer %llu ran %u times", what, (unsigned long long)t, ran);
    CHECK(ran == times || !drops(c), "%s: finalizer %llu ran %u times, not %u, after two major collections",
          what, (unsigned long long)t, ran, times);
    CHECK(!ran || has(c, GCB_CAP(RECLAIMS)),
          "%s: nothing is reclaimed by declaration, and finalizer %llu ran", what, (unsigned long long)t);
  }
}

static void is_itself(contract *c, gcb_mutator *m, gcb_slot object, uint64_t token) {
  kit_expect(c, m, object, c->link, token, "an object in its finalizer");
}

BEHAVIOUR(finalizer_once, .needs = NEEDS) {
  enum { N = 100 };
  c->on_final = is_itself;
  gcb_frame f = gcb_enter(m, 2);
  gcb_slot all = gcb_at(f, 0), o = gcb_at(f, 1);
  for (uint32_t age = 0; age < 5; age++) {
    uint64_t base = age * 1000;
    kit_array(c, m, all, N);
    for (uint32_t i = 0; i < N; i++) {
      kit_new(c, m, o, c->link, base + i);
      if (i % 4 == 3) kit_collect(c, m, GCB_MINOR); /* registered when already older */
      watch(c, m, o, base + i);
      gcb_put(m, all, i, o);
    }
    gcb_clear(m, o);
    for (uint32_t i = 0; i < age; i++) kit_collect(c, m, age == 4 ? GCB_MAJOR : GCB_MINOR);
    for (int round = 0; round < 7; round++) {
      kit_garbage(c, m, 20000);
      kit_collect(c, m, kit_kinds[round]);
      for (uint32_t i = 0; i < N; i++)
        CHECK(!kit_finals(c, base + i), "finalizer %llu ran while its object was reachable",
              (unsigned long long)(base + i));
    }
    for (uint32_t i = 0; i < N; i += 2) gcb_put_null(m, all, i);
    kit_settle(c, m);
    for (uint32_t i = 0; i < N; i++) expect_ran(c, base + i, 1, i % 2 ? 0 : 1, "dropped or held");
    gcb_clear(m, all);
    kit_settle(c, m);
    expect_ran(c, base, N, 1, "all dropped");
    kit_settle(c, m);
    expect_ran(c, base, N, 1, "all dropped, and collected again");
    kit_exact(c, m, 0);
  }
  gcb_leave(m, f);
}

BEHAVIOUR(finalizer_many, .needs = NEEDS) {
  uint32_t n = MANY(50000);
  c->on_final = is_itself;
  gcb_frame f = gcb_enter(m, 1);
  for (uint32_t i = 0; i < n; i++) {
    kit_new(c, m, gcb_at(f, 0), c->link, i);
    watch(c, m, gcb_at(f, 0), i);
    gcb_poll(m);
  }
  gcb_clear(m, gcb_at(f, 0));
  kit_settle(c, m);
  expect_ran(c, 0, n, 1, "many dropped");
  CHECK(c->finals_in_all <= n, "%u finalizers ran of %u registered", c->finals_in_all, n);
  kit_exact(c, m, 0);
  gcb_leave(m, f);
}

/* Declared prompt: due at the next poll after the last reference went; not declared: in time all the same. */
BEHAVIOUR(finalizer_prompt, .needs = NEEDS | GCB_CAP(PROMPT)) {
  c->on_final = is_itself;
  gcb_frame f = gcb_enter(m, 2);
  gcb_slot o = gcb_at(f, 0), holder = gcb_at(f, 1);
  for (uint32_t i = 0; i < 1000; i++) {
    kit_new(c, m, o, c->link, i);
    watch(c, m, o, i);
    kit_new(c, m, holder, c->pair, i);
    gcb_put(m, holder, 0, o);
    gcb_put(m, holder, 1, o);
    gcb_clear(m, o);
    gcb_put_null(m, holder, 0);
    gcb_poll(m);
    CHECK_EQ(kit_finals(c, i), 0, "runs of a finalizer with one reference left");
    if (i % 3 == 0) gcb_put_null(m, holder, 1);
    if (i % 3 == 1) kit_new(c, m, holder, c->pair, i); /* the slot's new content drops the old one */
    if (i % 3 == 2) gcb_clear(m, holder);
    gcb_poll(m);
    CHECK_EQ(kit_finals(c, i), 1, "runs of a finalizer at the poll after the last reference went");
  }
  gcb_leave(m, f);
}

/* Everything an object reaches is whole in its finalizer: other finalizable objects too, in both orders. */
static void reaches_all(contract *c, gcb_mutator *m, gcb_slot object, uint64_t token) {
  gcb_frame f = gcb_enter(m, 2);
  gcb_slot x = gcb_at(f, 0), list = gcb_at(f, 1);
  kit_expect(c, m, object, c->node, token, "an object in its finalizer");
  gcb_get(m, list, object, 0);
  kit_expect_list(c, m, list, 20, token, "the list of a dying object");
  gcb_get(m, x, object, 1);
  kit_expect_bytes(c, m, x, 700, token, "the bytes of a dying object");
  gcb_get(m, x, object, 2);
  if (!gcb_is_null(m, x)) kit_expect(c, m, x, c->node, kit_id(m, x), "the neighbour of a dying object");
  gcb_leave(m, f);
}
BEHAVIOUR(finalizer_sees_all_it_reaches, .needs = NEEDS) {
  enum { N = 200 };
  c->on_final = reaches_all;
  gcb_frame f = gcb_enter(m, 3);
  gcb_slot chain = gcb_at(f, 0), o = gcb_at(f, 1), x = gcb_at(f, 2);
  for (uint32_t age = 0; age < 4; age++) {
    uint64_t base = 1000 * age;
    gcb_clear(m, chain);
    for (uint32_t i = 0; i < N; i++) {
      kit_new(c, m, o, c->node, base + i);
      kit_list(c, m, x, 20, base + i);
      gcb_put(m, o, 0, x);
      kit_bytes(c, m, x, 700, base + i);
      gcb_put(m, o, 1, x);
      gcb_put(m, o, 2, chain);
      gcb_move(m, chain, o);
      if (age % 2) watch(c, m, o, base + i);
    }
    if (age % 2 == 0) { /* registered in the other order */
      gcb_move(m, o, chain);
      for (uint32_t i = N; i-- > 0;) {
        watch(c, m, o, base + i);
        gcb_get(m, o, o, 2);
      }
    }
    gcb_clear(m, o), gcb_clear(m, x);
    for (uint32_t i = 0; i < age; i++) kit_collect(c, m, GCB_MINOR);
    gcb_clear(m, chain);
    for (int i = 0; i < N + 2; i++) { /* a collector may take them one after the other, as the chain unties */
      kit_collect(c, m, GCB_MAJOR);
      if (kit_finals(c, base) && kit_finals(c, base + N - 1)) break;
    }
    kit_settle(c, m);
    expect_ran(c, base, N, 1, "a chain of finalizable objects");
    kit_exact(c, m, 0);
  }
  gcb_leave(m, f);
}

/* ---- resurrection ---- */
static void resurrect(contract *c, gcb_mutator *m, gcb_slot object, uint64_t token) {
  reaches_all(c, m, object, token);
  gcb_move(m, gcb_global(m, token % 100), object);
}
BEHAVIOUR(finalizer_resurrects, .needs = NEEDS) {
  enum { N = 50 };
  c->on_final = resurrect;
  gcb_frame f = gcb_enter(m, 2);
  gcb_slot o = gcb_at(f, 0), x = gcb_at(f, 1);
  for (uint32_t age = 0; age < 5; age++) {
    uint64_t base = 100 * age;
    for (uint32_t i = 0; i < N; i++) {
      kit_new(c, m, o, c->node, base + i);
      kit_list(c, m, x, 20, base + i);
      gcb_put(m, o, 0, x);
      kit_bytes(c, m, x, 700, base + i);
      gcb_put(m, o, 1, x);
      watch(c, m, o, base + i);
      gcb_move(m, gcb_global(m, 100 + i), o);
    }
    gcb_clear(m, o), gcb_clear(m, x);
    for (uint32_t i = 0; i < age; i++) kit_collect(c, m, age == 4 ? GCB_MAJOR : GCB_MINOR);
    for (uint32_t i = 0; i < N; i++) gcb_clear(m, gcb_global(m, 100 + i));
    kit_settle(c, m);
    expect_ran(c, base, N, 1, "to be resurrected");
    for (int round = 0; round < 7;
         round++) { /* a resurrected object is as good as any, minor steps included */
      kit_garbage(c, m, 20000);
      kit_collect(c, m, kit_kinds[round]);
      for (uint32_t i = 0; i < N && drops(c); i++) {
        gcb_move(m, o, gcb_global(m, i));
        kit_expect(c, m, o, c->node, base + i, "a resurrected object");
        reaches_all(c, m, o, base + i);
        kit_new(c, m, x, c->leaf, round);
        gcb_put(m, o, 3, x);
      }
    }
    gcb_clear(m, o), gcb_clear(m, x);
    kit_settle(c, m);
    kit_exact(c, m, 0);
    for (uint32_t i = 0; i < N; i++) gcb_clear(m, gcb_global(m, i));
    kit_settle(c, m);
    expect_ran(c, base, N, 1, "resurrected, and dropped again");
    kit_exact(c, m, 0);
  }
  gcb_leave(m, f);
}

/* Registered again in each finalizer: ten lives. */
static void nine_more(contract *c, gcb_mutator *m, gcb_slot object, uint64_t token) {
  kit_expect(c, m, object, c->link, token, "an object with ten lives");
  if (kit_finals(c, token) < 10) watch(c, m, object, token);
}
BEHAVIOUR(finalizer_registers_again, .needs = NEEDS) {
  enum { N = 30 };
  c->on_final = nine_more;
  gcb_frame f = gcb_enter(m, 1);
  for (uint32_t i = 0; i < N; i++) {
    kit_new(c, m, gcb_at(f, 0), c->link, i);
    watch(c, m, gcb_at(f, 0), i);
  }
  gcb_clear(m, gcb_at(f, 0));
  for (int i = 0; i < 12; i++) {
    kit_collect(c, m, kit_kinds[i % 7]);
    kit_collect(c, m, GCB_MAJOR);
  }
  expect_ran(c, 0, N, 10, "an object with ten lives");
  kit_exact(c, m, 0);
  gcb_leave(m, f);
}

BEHAVIOUR(finalizer_twice_registered, .needs = NEEDS) {
  enum { N = 40 };
  gcb_frame f = gcb_enter(m, 2);
  gcb_slot all = gcb_at(f, 0), o = gcb_at(f, 1);
  kit_array(c, m, all, N);
  for (uint32_t i = 0; i < N; i++) {
    kit_new(c, m, o, c->link, i);
    gcb_put(m, all, i, o);
    watch(c, m, o, 1);       /* the same token for all */
    watch(c, m, o, 100 + i); /* and one of its own */
    if (i % 2) kit_collect(c, m, GCB_MINOR);
    watch(c, m, o, 100 + i); /* which is registered once more */
  }
  gcb_clear(m, o), gcb_clear(m, all);
  for (int i = 0; i < 4; i++) kit_settle(c, m); /* one after the other would do, too */
  expect_ran(c, 1, 1, N, "a token shared by all");
  expect_ran(c, 100, N, 2, "a token registered twice");
  CHECK_EQ(c->finals_in_all, drops(c) ? 3 * N : c->finals_in_all, "finalizers in all");
  kit_exact(c, m, 0);
  gcb_leave(m, f);
}

BEHAVIOUR(finalizer_in_a_cycle, .needs = NEEDS | GCB_CAP(CYCLES)) {
  enum { N = 60 };
  gcb_frame f = gcb_enter(m, 3);
  gcb_slot o = gcb_at(f, 0), x = gcb_at(f, 1), null = gcb_at(f, 2);
  for (uint32_t age = 0; age < 4; age++) {
    uint64_t base = 1000 * age;
    kit_ring(c, m, o, N, base, null);
    gcb_move(m, x, o);
    for (uint32_t i = 0; i < N; i++) {
      watch(c, m, x, kit_id(m, x));
      gcb_get(m, x, x, 0);
    }
    CHECK(gcb_same(m, x, o), "a ring does not close");
    gcb_clear(m, x);
    for (uint32_t i = 0; i < age; i++) kit_collect(c, m, age == 3 ? GCB_MAJOR : GCB_MINOR);
    expect_ran(c, base, N, 0, "a ring that is held");
    gcb_clear(m, o);
    for (int i = 0; i < 3; i++) kit_settle(c, m);
    if (drops_cycles(c)) expect_ran(c, base, N, 1, "a dropped ring");
    kit_exact(c, m, 0);
  }
  gcb_leave(m, f);
}

/* ---- what finalizers do ---- */
static void busy(contract *c, gcb_mutator *m, gcb_slot object, uint64_t token) {
  gcb_frame f = gcb_enter(m, 2);
  gcb_slot x = gcb_at(f, 0), w = gcb_at(f, 1);
  is_itself(c, m, object, token);
  kit_garbage(c, m, 30000);
  kit_list(c, m, x, 50, token);
  if (token < 1000) { /* registers another, which dies at once or later */
    kit_new(c, m, w, c->link, token + 1000);
    watch(c, m, w, token + 1000);
    if (token % 2) gcb_move(m, gcb_global(m, token % 100), w);
  }
  if (has(c, GCB_CAP(WEAK))) {
    CHECK(gcb_weak_new(m, w, object), "out of memory for a weak reference in a finalizer");
    gcb_move(m, gcb_global(m, 100 + token % 100), w);
  }
  if (token % 5 == 0) m->gc->collect(m, GCB_MAJOR);
  kit_expect_list(c, m, x, 50, token, "a list built in a finalizer");
  is_itself(c, m, object, token);
  gcb_leave(m, f);
}
BEHAVIOUR(finalizer_uses_the_heap, .needs = NEEDS) {
  enum { N = 100 };
  c->on_final = busy;
  gcb_frame f = gcb_enter(m, 3);
  gcb_slot o = gcb_at(f, 0), kept = gcb_at(f, 1), x = gcb_at(f, 2);
  kit_list(c, m, kept, 500, 1);
  for (uint32_t i = 0; i < N; i++) {
    kit_new(c, m, o, c->link, i);
    watch(c, m, o, i);
    if (i % 10 == 0) kit_collect(c, m, GCB_MINOR);
  }
  gcb_clear(m, o);
  for (int i = 0; i < 3; i++) kit_settle(c, m);
  expect_ran(c, 0, N, 1, "a finalizer that uses the heap");
  for (uint32_t i = 0; i < 100; i++) {
    if (!gcb_is_null(m, gcb_global(m, i)))
      kit_expect(c, m, gcb_global(m, i), c->link, 1000 + i, "an object made by a finalizer");
    gcb_clear(m, gcb_global(m, i));
    if (gcb_is_null(m, gcb_global(m, 100 + i))) continue;
    gcb_weak_get(m, x, gcb_global(m, 100 + i));
    CHECK(!drops(c) || gcb_is_null(m, x),
          "a weak reference made by the finalizer of its target leads to it after its death");
    gcb_clear(m, x);
    gcb_clear(m, gcb_global(m, 100 + i));
  }
  for (int i = 0; i < 3; i++) kit_settle(c, m);
  expect_ran(c, 1000, N, 1, "registered in a finalizer");
  for (uint32_t i = 0; i < GCB_GLOBALS; i++) gcb_clear(m, gcb_global(m, i));
  kit_expect_list(c, m, kept, 500, 1, "a list beside finalizers");
  kit_settle(c, m);
  kit_exact(c, m, 0);
  gcb_leave(m, f);
}

/* ---- weak references and finalizers together ---- */
typedef struct late {
  uint32_t seen, cleared;
} late;
static void looks_at_weak(contract *c, gcb_mutator *m, gcb_slot object, uint64_t token) {
  gcb_frame f = gcb_enter(m, 3);
  gcb_slot x = gcb_at(f, 0), held = gcb_at(f, 1);
  gcb_get(m, held, object, 0);
  kit_expect(c, m, held, c->link, token, "an object that lives through a pending finalizer");
  gcb_weak_get(m, x, gcb_global(m, (uint32_t)token));
  late *l = c->data;
  l->seen++;
  if (gcb_is_null(m, x))
    l->cleared++;
  else
    CHECK(gcb_same(m, x, held), "a weak reference leads elsewhere than its target");
  gcb_leave(m, f);
}
/* The target is reachable only through an object that waits for its finalizer: not cleared yet. Collections
 * between the drop and the finalizer's run make no difference. */
BEHAVIOUR(weak_outlives_pending_finalizer, .needs = NEEDS | GCB_CAP(WEAK)) {
  enum { N = 50 };
  late l = {0};
  c->data = &l;
  c->on_final = looks_at_weak;
  gcb_frame f = gcb_enter(m, 3);
  gcb_slot all = gcb_at(f, 0), o = gcb_at(f, 1), x = gcb_at(f, 2);
  kit_array(c, m, all, N);
  for (uint32_t i = 0; i < N; i++) {
    kit_new(c, m, o, c->pair, i);
    kit_new(c, m, x, c->link, i);
    gcb_put(m, o, 0, x);
    CHECK(gcb_weak_new(m, gcb_global(m, i), x), "out of memory");
    watch(c, m, o, i);
    gcb_put(m, all, i, o);
    if (i % 5 == 0) kit_collect(c, m, GCB_MINOR);
  }
  gcb_clear(m, o), gcb_clear(m, x), gcb_clear(m, all);
  for (int i = 0; i < 4; i++) { /* without a poll: the finalizers are due and stay pending */
    m->gc->collect(m, GCB_MINOR);
    m->gc->collect(m, GCB_MAJOR);
  }
  gcb_poll(m);
  expect_ran(c, 0, N, 1, "pending over several collections");
  CHECK_EQ(l.cleared, 0,
           "weak references cleared while a pending finalizer's object still held their target");
  kit_settle(c, m);
  for (uint32_t i = 0; i < N; i++) {
    gcb_weak_get(m, x, gcb_global(m, i));
    CHECK(!drops(c) || gcb_is_null(m, x), "a weak reference outlived its target by two major collections");
    gcb_clear(m, gcb_global(m, i));
  }
  gcb_clear(m, x);
  kit_settle(c, m);
  kit_exact(c, m, 0);
  gcb_leave(m, f);
}
