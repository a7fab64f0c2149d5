/* References from old objects to younger ones, which only a write barrier can tell a partial collection of.
 * Collectors without generations run the same programs through their major collections. */
#include "kit.h"

/* Old objects are written again and again, between collections that promote what was written: a barrier that
 * logs once and never again loses the second round. */
BEHAVIOUR(old_to_young_every_slot, "a young object survives each partial collection, whichever slot of "
                                   "whatever old object holds it: the write barrier misses no store") {
  enum { ROUNDS = 28 };
  gcb_frame f = gcb_enter(m, 3);
  gcb_slot old = gcb_at(f, 0), young = gcb_at(f, 1), x = gcb_at(f, 2);
  kit_array(c, m, old, 20);
  for (uint32_t i = 0; i < 20; i++) {
    kit_new(c, m, x, c->wide, i);
    gcb_put(m, old, i, x);
  }
  kit_age(c, m);
  for (uint32_t round = 0; round < ROUNDS; round++) {
    for (uint32_t i = 0; i < 20; i++) {
      gcb_get(m, x, old, i);
      for (uint32_t slot = 0; slot < 12; slot++) {
        if ((slot + round) % 3 == 0) continue; /* keeps the child of an earlier round */
        kit_new(c, m, young, c->link, round * 1000 + i * 12 + slot);
        gcb_put(m, x, slot, young);
      }
    }
    gcb_clear(m, young), gcb_clear(m, x);
    if (round % 2) kit_garbage(c, m, 40000);
    kit_collect(c, m, round % 5 < 3 ? GCB_MINOR : kit_kinds[round % 7]);
    kit_garbage(c, m, 20000);
    for (uint32_t i = 0; i < 20; i++)
      for (uint32_t slot = 0; slot < 12; slot++) {
        uint32_t wrote = (slot + round) % 3 ? round : round - 1;
        gcb_get(m, x, old, i);
        gcb_get(m, x, x, slot);
        if (wrote == UINT32_MAX)
          CHECK(gcb_is_null(m, x), "slot %u of an old object is not null", slot);
        else
          kit_expect(c, m, x, c->link, wrote * 1000 + i * 12 + slot, "the young child of an old object");
      }
    gcb_clear(m, x);
  }
  kit_audit(c, m);
  gcb_leave(m, f);
}

/* Arrays of all sizes, old, with one young element at the first or the last slot: card ends, log ends, the
 * border between small and large. */
BEHAVIOUR(old_array_one_young,
          "the one young element of an old array survives, at its first slot and at its last") {
  static const uint32_t sizes[] = {1,   2,   31,   32,   63,   64,   65,   127,
                                   128, 500, 1022, 1023, 1024, 1025, 4096, 40000};
  enum { N = sizeof sizes / sizeof *sizes };
  gcb_frame f = gcb_enter(m, N + 1);
  gcb_slot o = gcb_at(f, N);
  for (uint32_t i = 0; i < N; i++) kit_array(c, m, gcb_at(f, i), sizes[i]);
  kit_age(c, m);
  for (uint32_t round = 0; round < 40; round++) {
    uint32_t from_end = round / 2 % 4;
    for (uint32_t i = 0; i < N; i++) {
      uint32_t at = from_end < sizes[i] ? from_end : 0;
      if (round % 2) at = sizes[i] - 1 - at;
      kit_new(c, m, o, c->leaf, round * 100 + i);
      gcb_put(m, gcb_at(f, i), at, o);
    }
    gcb_clear(m, o);
    kit_collect(c, m, round % 10 == 9 ? GCB_MIDDLE : GCB_MINOR);
    kit_garbage(c, m, 10000);
    for (uint32_t i = 0; i < N; i++) {
      uint32_t at = from_end < sizes[i] ? from_end : 0;
      if (round % 2) at = sizes[i] - 1 - at;
      gcb_get(m, o, gcb_at(f, i), at);
      kit_expect(c, m, o, c->leaf, round * 100 + i, "the one young element of an old array");
    }
  }
  kit_audit(c, m);
  gcb_leave(m, f);
}

/* A chain in which every link is of another age, built oldest first and youngest first. */
BEHAVIOUR(chain_through_all_ages,
          "a chain of objects of all ages stays whole through each kind of collection") {
  gcb_frame f = gcb_enter(m, 3);
  gcb_slot head = gcb_at(f, 0), tail = gcb_at(f, 1), o = gcb_at(f, 2);
  for (int towards_young = 0; towards_young < 2; towards_young++) {
    for (uint32_t i = 0; i < 40; i++) {
      kit_new(c, m, o, c->link, towards_young ? i : 39 - i);
      if (i == 0)
        gcb_move(m, head, o), gcb_move(m, tail, o);
      else if (towards_young)
        gcb_put(m, tail, 0, o), gcb_move(m, tail, o);
      else
        gcb_put(m, o, 0, head), gcb_move(m, head, o);
      kit_collect(c, m, i % 7 == 6 ? GCB_MIDDLE : GCB_MINOR);
    }
    gcb_clear(m, tail), gcb_clear(m, o);
    for (int round = 0; round < 7; round++) {
      kit_garbage(c, m, 50000);
      kit_collect(c, m, kit_kinds[round]);
      kit_expect_list(c, m, head, 40, 0, "a chain through all ages");
    }
  }
  gcb_leave(m, f);
}

/* More remembered objects than any set of a fixed size holds, each written once. */
BEHAVIOUR(storm_of_old_writes, "more old objects are written between two collections than any remembered set "
                               "of a fixed size holds, and no young object is lost") {
  uint32_t n = MANY(20000);
  gcb_frame f = gcb_enter(m, 3);
  gcb_slot all = gcb_at(f, 0), o = gcb_at(f, 1), young = gcb_at(f, 2);
  kit_array(c, m, all, n);
  for (uint32_t i = 0; i < n; i++) {
    kit_new(c, m, o, c->pair, i);
    gcb_put(m, all, i, o);
  }
  gcb_clear(m, o);
  kit_age(c, m);
  for (uint32_t round = 0; round < 3; round++) {
    for (uint32_t i = 0; i < n; i++) {
      gcb_get(m, o, all, i);
      kit_new(c, m, young, c->leaf, round * n + i);
      gcb_put(m, o, (i + round) % 2, young);
      if (i % 4 == 0) gcb_put_null(m, o, (i + round) % 2);
      if (i % 8 == 0) gcb_put(m, o, (i + round) % 2, young);
    }
    gcb_clear(m, young);
    kit_collect(c, m, GCB_MINOR);
    for (uint32_t i = 0; i < n; i++) {
      gcb_get(m, o, all, i);
      gcb_get(m, o, o, (i + round) % 2);
      if (i % 4 == 0 && i % 8)
        CHECK(gcb_is_null(m, o), "a slot that was set to null last is not null");
      else
        kit_expect(c, m, o, c->leaf, round * n + i, "one of many old writes");
    }
    gcb_clear(m, o);
  }
  kit_settle(c, m);
  kit_exact(c, m, 0);
  gcb_leave(m, f);
}

/* The young object's only holder is old, and is itself moved to another holder in the meantime. */
BEHAVIOUR(young_passed_from_old_to_old,
          "a young object survives being passed from one old holder to another") {
  enum { N = 16 };
  gcb_frame f = gcb_enter(m, N + 1);
  gcb_slot o = gcb_at(f, N);
  for (uint32_t i = 0; i < N; i++) kit_new(c, m, gcb_at(f, i), c->pair, i);
  kit_age(c, m);
  for (uint32_t start = 0; start < 200; start++) {
    uint32_t at = start % N;
    kit_new(c, m, o, c->leaf, start);
    gcb_put(m, gcb_at(f, at), 0, o);
    for (uint32_t hop = 0; hop < 6; hop++) {
      gcb_clear(m, o);
      kit_collect(c, m, hop == 4 ? GCB_MIDDLE : GCB_MINOR);
      uint32_t to = (at + 1 + start % 3) % N;
      gcb_get(m, o, gcb_at(f, at), 0);
      gcb_put(m, gcb_at(f, to), 0, o);
      gcb_put_null(m, gcb_at(f, at), 0);
      at = to;
    }
    gcb_get(m, o, gcb_at(f, at), 0);
    kit_expect(c, m, o, c->leaf, start, "an object passed from old holder to old holder");
    gcb_put_null(m, gcb_at(f, at), 0);
  }
  gcb_clear(m, o);
  kit_settle(c, m);
  kit_exact(c, m, 0);
  gcb_leave(m, f);
}

/* The declared answer to collect(minor), and that dead young objects go in the end. */
BEHAVIOUR(minor_collections,
          "collect(minor) is done when it is asked for, and dead young objects go in the end",
          .needs = GCB_CAP(GENERATIONAL)) {
  gcb_frame f = gcb_enter(m, 2);
  for (uint32_t i = 0; i < 100; i++) {
    kit_list(c, m, gcb_at(f, 0), 1000, i);
    CHECK_EQ(m->gc->collect(m, GCB_MINOR), GCB_OK, "answer of collect(minor)");
    gcb_poll(m);
    if (i % 10 == 9) kit_audit(c, m);
    kit_expect_list(c, m, gcb_at(f, 0), 1000, i, "a list after a minor collection");
    if (i % 3 == 0) gcb_clear(m, gcb_at(f, 0));
  }
  gcb_clear(m, gcb_at(f, 0));
  kit_settle(c, m);
  kit_exact(c, m, 0);
  gcb_leave(m, f);
}
