/* Weak references: they keep nothing alive, follow what lives, and go to null together. */
#include "kit.h"

BEHAVIOUR(weak_to_the_living, "a weak reference leads to its target as long as that lives, wherever it moves",
          .needs = GCB_CAP(WEAK)) {
  enum { N = 300 };
  gcb_frame f = gcb_enter(m, 5);
  gcb_slot targets = gcb_at(f, 0), weaks = gcb_at(f, 1), o = gcb_at(f, 2), w = gcb_at(f, 3), x = gcb_at(f, 4);
  kit_array(c, m, targets, N);
  kit_array(c, m, weaks, N);
  for (uint32_t i = 0; i < N; i++) {
    if (i % 10 == 0)
      kit_array(c, m, o, i * 10); /* some are large */
    else
      kit_new(c, m, o, c->pair, i);
    gcb_put(m, targets, i, o);
    if (i % 3 == 0) kit_collect(c, m, GCB_MINOR); /* target older than its weak reference */
    CHECK(gcb_weak_new(m, w, o), "out of memory for a weak reference");
    gcb_put(m, weaks, i, w);
  }
  for (int round = 0; round < 14; round++) {
    gcb_clear(m, o), gcb_clear(m, w), gcb_clear(m, x);
    kit_garbage(c, m, 50000);
    kit_collect(c, m, kit_kinds[round % 7]);
    for (uint32_t i = 0; i < N; i++) {
      gcb_get(m, w, weaks, i);
      gcb_weak_get(m, x, w);
      gcb_get(m, o, targets, i);
      CHECK(!gcb_is_null(m, x), "weak reference %u lost a target that is alive", i);
      CHECK(gcb_same(m, x, o), "weak reference %u leads to another object than its target", i);
      if (i % 10) kit_expect(c, m, x, c->pair, i, "a target through its weak reference");
    }
  }
  kit_audit(c, m);
  gcb_leave(m, f);
}

/* Dropped while young, while aged once, and while old; many weak references to one target agree. */
BEHAVIOUR(weak_to_the_dropped, "all weak references to a dropped target are cleared together",
          .needs = GCB_CAP(WEAK)) {
  enum { N = 40, EACH = 5 };
  gcb_frame f = gcb_enter(m, 4);
  gcb_slot targets = gcb_at(f, 0), weaks = gcb_at(f, 1), o = gcb_at(f, 2), w = gcb_at(f, 3);
  for (int age = 0; age < 4; age++) {
    kit_array(c, m, targets, N);
    kit_array(c, m, weaks, N * EACH);
    for (uint32_t i = 0; i < N; i++) {
      kit_new(c, m, o, c->pair, i);
      gcb_put(m, targets, i, o);
    }
    for (uint32_t k = 0; k < EACH; k++) {
      for (uint32_t i = 0; i < N; i++) {
        gcb_get(m, o, targets, i);
        CHECK(gcb_weak_new(m, w, o), "out of memory for a weak reference");
        gcb_put(m, weaks, i * EACH + k, w);
      }
      gcb_clear(m, o), gcb_clear(m, w);
      for (int i = 0; i < age; i++) kit_collect(c, m, age == 3 ? GCB_MAJOR : GCB_MINOR);
    }
    for (uint32_t i = 0; i < N; i += 2) gcb_put_null(m, targets, i);
    for (int step = 0; step < 4; step++) {
      kit_collect(c, m, step < 1 ? GCB_MINOR : step < 2 ? GCB_MIDDLE : GCB_MAJOR);
      for (uint32_t i = 0; i < N; i++) {
        uint32_t there = 0;
        for (uint32_t k = 0; k < EACH; k++) {
          gcb_get(m, w, weaks, i * EACH + k);
          gcb_weak_get(m, o, w);
          if (gcb_is_null(m, o)) continue;
          there++;
          kit_expect(c, m, o, c->pair, i, "a target through its weak reference");
        }
        gcb_clear(m, o), gcb_clear(m, w);
        CHECK(there == 0 || there == EACH, "of %d weak references to one target %u are cleared", EACH,
              EACH - there);
        CHECK(there || i % 2 == 0, "weak references to target %u, which is alive, are cleared", i);
        /* Two majors after the drop it must have gone; what read it in between made it no younger. */
        CHECK(step < 3 || i % 2 || !there || !drops(c),
              "target %u, dropped, is there after two major collections", i);
        CHECK(has(c, GCB_CAP(RECLAIMS)) || there, "nothing is reclaimed by declaration, and target %u went",
              i);
      }
    }
    kit_exact(c, m, 0);
  }
  gcb_leave(m, f);
}

/* What weak_get gave is a strong reference like any other. */
BEHAVIOUR(weak_get_keeps, "what a weak reference gave is held like any other reference",
          .needs = GCB_CAP(WEAK)) {
  gcb_frame f = gcb_enter(m, 3);
  gcb_slot o = gcb_at(f, 0), w = gcb_at(f, 1), x = gcb_at(f, 2);
  for (uint32_t i = 0; i < 60; i++) {
    kit_list(c, m, o, 10, i);
    CHECK(gcb_weak_new(m, w, o), "out of memory for a weak reference");
    if (i % 3) kit_collect(c, m, kit_kinds[i % 7]);
    gcb_weak_get(m, x, w);
    gcb_clear(m, o);
    for (int round = 0; round < 3; round++) {
      kit_collect(c, m, kit_kinds[(i + round) % 7]);
      kit_expect_list(c, m, x, 10, i, "a list held by what weak_get gave");
      gcb_weak_get(m, o, w);
      CHECK(gcb_same(m, o, x), "a weak reference lost its target, which weak_get made strong");
      gcb_clear(m, o);
    }
    gcb_weak_get(m, w, w); /* dst is the weak reference itself */
    CHECK(gcb_same(m, w, x), "weak_get into its own slot");
  }
  gcb_clear(m, w), gcb_clear(m, x);
  kit_settle(c, m);
  kit_exact(c, m, 0);
  gcb_leave(m, f);
}

/* Weak references to weak references, and weak references that die before their targets. */
BEHAVIOUR(weak_to_weak, "weak references to weak references work, and may die before their targets",
          .needs = GCB_CAP(WEAK)) {
  enum { N = 50 };
  gcb_frame f = gcb_enter(m, 4);
  gcb_slot target = gcb_at(f, 0), first = gcb_at(f, 1), w = gcb_at(f, 2), x = gcb_at(f, 3);
  kit_new(c, m, target, c->leaf, 4711);
  for (int round = 0; round < 7; round++) {
    CHECK(gcb_weak_new(m, first, target), "out of memory");
    CHECK(gcb_weak_new(m, w, first), "out of memory");
    for (uint32_t i = 0; i < N; i++) { /* each of them drops the one before */
      CHECK(gcb_weak_new(m, x, target), "out of memory");
      kit_collect(c, m, i % 10 ? GCB_MINOR : kit_kinds[round]);
    }
    gcb_weak_get(m, x, w);
    CHECK(gcb_same(m, x, first), "a weak reference to a weak reference leads elsewhere");
    gcb_weak_get(m, x, x);
    CHECK(gcb_same(m, x, target), "two weak references in a row lead elsewhere");
    gcb_clear(m, first), gcb_clear(m, x);
    kit_settle(c, m);
    gcb_weak_get(m, x, w);
    CHECK(!drops(c) || gcb_is_null(m, x), "a dropped weak reference is still reachable weakly");
    gcb_clear(m, x);
    kit_expect(c, m, target, c->leaf, 4711, "a target whose weak references died");
    kit_exact(c, m, 0);
  }
  gcb_leave(m, f);
}

/* A cycle that reaches the weak reference to itself is no reason to keep it. */
BEHAVIOUR(weak_inside_its_target, "a cycle that holds a weak reference to itself goes",
          .needs = GCB_CAP(WEAK) | GCB_CAP(CYCLES)) {
  gcb_frame f = gcb_enter(m, 4);
  gcb_slot o = gcb_at(f, 0), w = gcb_at(f, 1), watch = gcb_at(f, 2), x = gcb_at(f, 3);
  for (int age = 0; age < 4; age++) {
    kit_ring(c, m, o, 100, 0, x);
    CHECK(gcb_weak_new(m, w, o) && gcb_weak_new(m, watch, o), "out of memory");
    gcb_put(m, o, 1, w);
    for (int i = 0; i < age; i++) kit_collect(c, m, age == 3 ? GCB_MAJOR : GCB_MINOR);
    gcb_clear(m, o), gcb_clear(m, w);
    kit_settle(c, m);
    gcb_weak_get(m, x, watch);
    CHECK(!drops_cycles(c) || gcb_is_null(m, x),
          "a dropped ring with a weak reference to itself is still there");
    gcb_clear(m, x);
    kit_exact(c, m, 0);
  }
  gcb_leave(m, f);
}

/* Many weak references, many dead, in a table that was old before they were stored. */
BEHAVIOUR(weak_table_churn, "an old table of weak references loses the dead and keeps the living",
          .needs = GCB_CAP(WEAK)) {
  enum { N = 4000 };
  static uint32_t strong[N], id[N];
  gcb_frame f = gcb_enter(m, 4);
  gcb_slot weaks = gcb_at(f, 0), keep = gcb_at(f, 1), o = gcb_at(f, 2), w = gcb_at(f, 3);
  kit_array(c, m, weaks, N);
  kit_array(c, m, keep, N);
  kit_age(c, m);
  for (uint32_t step = 1; step < MANY(60000); step++) {
    uint32_t i = (uint32_t)gcb_rng_below(&c->rng, N);
    gcb_get(m, w, weaks, i);
    if (!gcb_is_null(m, w)) {
      gcb_weak_get(m, o, w);
      CHECK(!gcb_is_null(m, o) || !strong[i], "entry %u of the table lost its target", i);
      if (!gcb_is_null(m, o)) kit_expect(c, m, o, c->node, id[i], "a target in the table");
    }
    kit_new(c, m, o, c->node, step);
    CHECK(gcb_weak_new(m, w, o), "out of memory");
    gcb_put(m, weaks, i, w);
    id[i] = step;
    strong[i] = step % 3 == 0;
    if (strong[i])
      gcb_put(m, keep, i, o);
    else
      gcb_put_null(m, keep, i);
    gcb_poll(m);
    if (step % 3000 == 0) kit_collect(c, m, kit_kinds[step / 3000 % 7]);
  }
  gcb_clear(m, o), gcb_clear(m, w);
  kit_settle(c, m);
  for (uint32_t i = 0; i < N; i++) {
    gcb_get(m, w, weaks, i);
    if (gcb_is_null(m, w)) continue;
    gcb_weak_get(m, o, w);
    CHECK(!strong[i] || !gcb_is_null(m, o), "entry %u lost its target at the end", i);
    CHECK(strong[i] || gcb_is_null(m, o) || !drops(c), "entry %u kept its target at the end", i);
  }
  gcb_clear(m, o), gcb_clear(m, w);
  kit_exact(c, m, 0);
  gcb_leave(m, f);
}

/* A target that a weak reference gave, with no finalizer due at that moment, is held by a slot from then on:
 * its finalizer has to wait until it is dropped again, whatever the collector knew and had not yet said. */
BEHAVIOUR(weak_get_holds_off_the_finalizer,
          "what a weak reference gave is not finalized while the mutator holds it",
          .needs = GCB_CAP(FINALIZERS) | GCB_CAP(WEAK)) {
  enum { N = 400, GARBAGE = 20000 };
  gcb_frame f = gcb_enter(m, 5);
  gcb_slot weak = gcb_at(f, 0), o = gcb_at(f, 1), w = gcb_at(f, 2), x = gcb_at(f, 3), strong = gcb_at(f, 4);
  kit_array(c, m, weak, N);
  kit_array(c, m, strong, N);
  for (uint32_t i = 0; i < N; i++) {
    kit_new(c, m, o, c->link, i);
    gcb_put(m, strong, i, o);
    CHECK_EQ(gcb_finalizer(m, o, i), GCB_OK, "answer of a registration");
    CHECK(gcb_weak_new(m, w, o), "out of memory");
    gcb_put(m, weak, i, w);
    gcb_poll(m);
  }
  gcb_clear(m, strong), gcb_clear(m, o);
  for (uint32_t i = 0; i < N; i++) {
    gcb_get(m, w, weak, i);
    gcb_weak_get(m, o, w);
    gcb_poll(m); /* what was due before */
    bool held = !gcb_is_null(m, o) && kit_finals(c, i) == 0;
    kit_bytes(c, m, x, GARBAGE, i); /* may collect */
    gcb_poll(m);
    if (!held) continue;
    CHECK_EQ(kit_finals(c, i), 0, "runs of a finalizer whose object a weak reference had brought back");
    kit_expect(c, m, o, c->link, i, "an object brought back by a weak reference");
  }
  gcb_clear(m, weak), gcb_clear(m, o), gcb_clear(m, w), gcb_clear(m, x);
  for (int i = 0; i < 3; i++) kit_settle(c, m);
  for (uint32_t i = 0; i < N && drops(c); i++)
    CHECK_EQ(kit_finals(c, i), 1, "runs of a finalizer whose object was dropped for good");
  kit_exact(c, m, 0);
  gcb_leave(m, f);
}
