/* Objects keep their contents, their identity and their holders, whatever is collected around them. */
#include "kit.h"

BEHAVIOUR(empty_heap, "an empty heap can be collected and walked") {
  for (int round = 0; round < 2; round++) {
    for (int i = 0; i < 7; i++) kit_collect(c, m, kit_kinds[i]);
    CHECK_EQ(kit_audit(c, m).objects, 0, "objects reachable in an empty heap");
    kit_exact(c, m, 0);
  }
  /* A frame of null slots is as empty. */
  gcb_frame f = gcb_enter(m, 100);
  kit_settle(c, m);
  for (uint32_t i = 0; i < 100; i++) CHECK(gcb_is_null(m, gcb_at(f, i)), "slot %u is not null", i);
  gcb_leave(m, f);
}

/* Memory that held a pattern is handed out again as zeroes: tails and holes included. */
BEHAVIOUR(new_objects_are_zero,
          "new objects are null and zero all over, in memory that was used before, too") {
  gcb_frame f = gcb_enter(m, 3);
  gcb_slot o = gcb_at(f, 0), ref = gcb_at(f, 1);
  uint64_t payload[4];
  static const char zero[2400];
  char bytes[2400];
  for (uint32_t round = 0; round < 6; round++) {
    for (uint32_t n = 0; n < MANY(2400) + 10; n++) {
      kit_new(c, m, o, c->node, ~0ull);
      kit_bytes(c, m, o, n, ~0ull);
      kit_array(c, m, o, n / 8);
      for (uint32_t i = 0; i < n / 8; i++) gcb_init(m, o, i, o);
      gcb_poll(m);
    }
    gcb_clear(m, o);
    kit_collect(c, m, kit_kinds[round]);
    for (uint32_t n = 0; n < MANY(2400) + 10; n++) {
      CHECK(gcb_new(m, o, c->node), "out of memory");
      for (uint32_t i = 0; i < 4; i++) {
        gcb_get(m, ref, o, i);
        CHECK(gcb_is_null(m, ref), "slot %u of a new object is not null", i);
      }
      gcb_read(m, o, 0, payload, 24);
      CHECK(!payload[0] && !payload[1] && !payload[2], "the payload of a new object is not zero");
      CHECK(gcb_new_array(m, o, n / 8), "out of memory");
      CHECK_EQ(gcb_length(m, o), n / 8, "length of a new array");
      for (uint32_t i = 0; i < n / 8; i++) {
        gcb_get(m, ref, o, i);
        CHECK(gcb_is_null(m, ref), "element %u of a new array of %u is not null", i, n / 8);
      }
      CHECK(gcb_new_bytes(m, o, n), "out of memory");
      CHECK_EQ(gcb_length(m, o), n, "length of a new byte array");
      gcb_read(m, o, 0, bytes, n < sizeof bytes ? n : sizeof bytes);
      CHECK(!memcmp(bytes, zero, n < sizeof bytes ? n : sizeof bytes), "a new array of %u bytes is not zero",
            n);
      gcb_poll(m);
    }
  }
  gcb_leave(m, f);
}

/* Every kind and many sizes, small to large, held by one array, through each kind of collection. */
BEHAVIOUR(contents_survive,
          "objects of all shapes keep every byte and every reference through each kind of collection") {
  enum { N = 600 };
  gcb_frame f = gcb_enter(m, 3);
  gcb_slot all = gcb_at(f, 0), o = gcb_at(f, 1), e = gcb_at(f, 2);
  kit_array(c, m, all, N);
  for (uint32_t i = 0; i < N; i++) {
    const gcb_shape *shapes[] = {c->bare, c->leaf, c->link, c->pair, c->node, c->wide};
    uint32_t n = i * i / 4 % 23000;
    if (i % 3 == 0) {
      kit_new(c, m, o, shapes[i / 3 % 6], i);
    } else if (i % 3 == 1) {
      kit_bytes(c, m, o, n, i);
    } else {
      kit_array(c, m, o, n / 8 + 1);
      kit_new(c, m, e, c->leaf, i);
      gcb_put(m, o, n / 8, e);
    }
    gcb_put(m, all, i, o);
    gcb_poll(m);
  }
  for (int round = 0; round < 7; round++) {
    gcb_clear(m, o), gcb_clear(m, e);
    kit_garbage(c, m, 100000);
    kit_collect(c, m, kit_kinds[round]);
    CHECK_EQ(gcb_length(m, all), N, "length of the holder");
    for (uint32_t i = 0; i < N; i++) {
      const gcb_shape *shapes[] = {c->bare, c->leaf, c->link, c->pair, c->node, c->wide};
      uint32_t n = i * i / 4 % 23000;
      gcb_get(m, o, all, i);
      if (i % 3 == 0) {
        kit_expect(c, m, o, shapes[i / 3 % 6], i, "an object of a shape");
      } else if (i % 3 == 1) {
        kit_expect_bytes(c, m, o, n, i, "a byte array");
      } else {
        CHECK_EQ(gcb_length(m, o), n / 8 + 1, "length of an array");
        gcb_get(m, e, o, n / 8);
        kit_expect(c, m, e, c->leaf, i, "the last element of an array");
      }
    }
    kit_audit(c, m);
  }
  kit_settle(c, m);
  kit_exact(c, m, 0);
  for (uint32_t i = 0; i < N; i += 2) gcb_put_null(m, all, i);
  gcb_clear(m, o), gcb_clear(m, e);
  kit_settle(c, m);
  kit_exact(c, m, 0);
  gcb_leave(m, f);
}

/* Operations whose operands coincide; the exact ledger at the end finds a count that went wrong. */
BEHAVIOUR(aliased_operands, "operations whose operands are the same slot or the same object do what they "
                            "say, and no count goes wrong") {
  gcb_frame f = gcb_enter(m, 6);
  gcb_slot a = gcb_at(f, 0), b = gcb_at(f, 1), d = gcb_at(f, 2), e = gcb_at(f, 3);
  for (uint32_t round = 0; round < 50; round++) {
    kit_new(c, m, a, c->leaf, 1);
    kit_new(c, m, b, c->leaf, 2);
    CHECK(gcb_construct(m, a, c->pair, a), "out of memory"); /* dst is the first source */
    gcb_get(m, d, a, 0);
    kit_expect(c, m, d, c->leaf, 1, "construct into its first source");
    gcb_get(m, d, a, 1);
    kit_expect(c, m, d, c->leaf, 2, "construct into its first source, second slot");
    CHECK(gcb_construct(m, b, c->pair, a), "out of memory"); /* dst is the last source */
    gcb_get(m, d, b, 0);
    CHECK(gcb_same(m, d, a), "construct into its last source: the first slot is another object");
    gcb_get(m, d, b, 1);
    kit_expect(c, m, d, c->leaf, 2, "construct into its last source");
    gcb_move(m, d, a), gcb_move(m, e, a); /* the same source twice */
    CHECK(gcb_construct(m, e, c->pair, d), "out of memory");
    gcb_get(m, d, e, 0);
    gcb_get(m, e, e, 1); /* dst is the object */
    CHECK(gcb_same(m, d, e) && gcb_same(m, e, a), "get into the slot of its object");
    gcb_move(m, a, a);
    CHECK(gcb_same(m, a, d), "a = a lost its object");
    for (int i = 0; i < 3; i++) { /* the same value again, and null again */
      gcb_get(m, d, b, 0);
      gcb_put(m, b, 0, d);
      gcb_clear(m, d);
      gcb_clear(m, d);
      gcb_put_null(m, a, 1);
    }
    kit_new(c, m, e, c->link, 9);
    gcb_put(m, e, 0, e); /* holds itself */
    kit_collect(c, m, kit_kinds[round % 7]);
    gcb_get(m, d, e, 0);
    CHECK(gcb_same(m, d, e), "an object that holds itself holds another one after a collection");
    gcb_put_null(m, e, 0);
    gcb_get(m, d, e, 0);
    CHECK(gcb_is_null(m, d), "put_null left a reference");
    gcb_get(m, d, b, 0);
    CHECK(gcb_same(m, d, a), "an object changed its identity");
    gcb_get(m, d, a, 0);
    kit_expect(c, m, d, c->leaf, 1, "a pair's first");
    CHECK(gcb_construct(m, e, c->wide, gcb_at(gcb_enter(m, 12), 0)), "out of memory"); /* of nulls */
    gcb_leave(m, (gcb_frame){m->top - 12, 12});
    for (uint32_t i = 0; i < 12; i++) {
      gcb_get(m, d, e, i);
      CHECK(gcb_is_null(m, d), "constructed from nulls, and slot %u is not null", i);
    }
  }
  for (uint32_t i = 0; i < 6; i++) gcb_clear(m, gcb_at(f, i));
  kit_settle(c, m);
  kit_exact(c, m, 0);
  gcb_leave(m, f);
}

BEHAVIOUR(identity_across_moves,
          "one object stays one object, and two stay two, through each kind of collection") {
  enum { N = 200 };
  gcb_frame f = gcb_enter(m, N + 3);
  gcb_slot ring = gcb_at(f, N), x = gcb_at(f, N + 1), y = gcb_at(f, N + 2);
  kit_array(c, m, ring, N);
  for (uint32_t i = 0; i < N; i++) {
    kit_new(c, m, gcb_at(f, i), c->pair, i);
    gcb_put(m, ring, i, gcb_at(f, i));
    gcb_put(m, gcb_at(f, i), 0, ring);
    if (i) gcb_put(m, gcb_at(f, i), 1, gcb_at(f, i - 1));
  }
  gcb_put(m, gcb_at(f, 0), 1, gcb_at(f, N - 1));
  for (int round = 0; round < 7; round++) {
    kit_garbage(c, m, 50000);
    kit_collect(c, m, kit_kinds[round]);
    for (uint32_t i = 0; i < N; i++) {
      gcb_get(m, x, ring, i);
      CHECK(gcb_same(m, x, gcb_at(f, i)), "object %u reached by two ways is two objects", i);
      gcb_get(m, y, x, 0);
      CHECK(gcb_same(m, y, ring), "object %u no longer holds the ring itself", i);
      gcb_get(m, y, x, 1);
      CHECK(gcb_same(m, y, gcb_at(f, (i + N - 1) % N)), "object %u no longer holds its neighbour", i);
      CHECK(!gcb_same(m, x, y), "two objects became one");
    }
  }
  gcb_leave(m, f);
}

BEHAVIOUR(globals_are_roots, "an object that only a global root slot holds survives") {
  gcb_frame f = gcb_enter(m, 1);
  gcb_slot o = gcb_at(f, 0);
  for (uint32_t i = 0; i < GCB_GLOBALS; i++) kit_new(c, m, gcb_global(m, i), c->leaf, i);
  for (int round = 0; round < 7; round++) {
    kit_garbage(c, m, 100000);
    kit_collect(c, m, kit_kinds[round]);
    for (uint32_t i = 0; i < GCB_GLOBALS; i++) kit_expect(c, m, gcb_global(m, i), c->leaf, i, "a global");
    kit_new(c, m, o, c->leaf, 13); /* a young object behind an old root */
    gcb_move(m, gcb_global(m, 13), o);
    gcb_clear(m, o);
  }
  for (uint32_t i = 0; i < GCB_GLOBALS; i++) gcb_clear(m, gcb_global(m, i));
  kit_settle(c, m);
  kit_exact(c, m, 0);
  gcb_leave(m, f);
}

/* The only holder is the last (or first) slot of a frame, near and far from the top of the shadow stack. */
BEHAVIOUR(frames_are_roots, "an object that only one slot of a deep shadow stack holds survives") {
  enum { DEPTH = 500, SLOTS = 7 };
  gcb_frame frames[DEPTH];
  for (uint32_t i = 0; i < DEPTH; i++) {
    frames[i] = gcb_enter(m, SLOTS);
    kit_new(c, m, gcb_at(frames[i], i % 2 ? SLOTS - 1 : 0), c->link, i);
    if (i)
      gcb_put(m, gcb_at(frames[i], i % 2 ? SLOTS - 1 : 0), 0, gcb_at(frames[i - 1], i % 2 ? 0 : SLOTS - 1));
    if (i % 50 == 49) kit_collect(c, m, kit_kinds[i / 50 % 7]);
  }
  for (uint32_t i = DEPTH; i-- > 0;) {
    kit_expect(c, m, gcb_at(frames[i], i % 2 ? SLOTS - 1 : 0), c->link, i, "the only slot that holds it");
    if (i % 50 == 0) kit_collect(c, m, kit_kinds[i / 50 % 7]);
    gcb_leave(m, frames[i]);
  }
  kit_settle(c, m);
  CHECK_EQ(kit_audit(c, m).objects, 0, "objects reachable after all frames were left");
  kit_exact(c, m, 0);
}

static void callee(contract *c, gcb_mutator *m, gcb_slot in, gcb_slot out, uint32_t depth) {
  gcb_frame f = gcb_enter(m, 2);
  gcb_slot o = gcb_at(f, 0);
  kit_expect(c, m, in, c->link, depth, "an argument in the caller's slot");
  kit_new(c, m, o, c->link, depth + 1);
  gcb_put(m, o, 0, in);
  if (depth % 16 == 0) kit_collect(c, m, kit_kinds[depth / 16 % 7]);
  if (depth < 100)
    callee(c, m, o, out, depth + 1);
  else
    gcb_move(m, out, o);
  kit_expect(c, m, o, c->link, depth + 1, "a callee's object after its own callees");
  gcb_leave(m, f);
}
BEHAVIOUR(callers_slots_are_written,
          "a callee that stores into its caller's slots, with collections in between, is not forgotten") {
  gcb_frame f = gcb_enter(m, 2);
  kit_new(c, m, gcb_at(f, 0), c->link, 0);
  callee(c, m, gcb_at(f, 0), gcb_at(f, 1), 0);
  for (uint32_t i = 102; i-- > 0;) {
    kit_expect(c, m, gcb_at(f, 1), c->link, i, "a list built on the way down");
    gcb_get(m, gcb_at(f, 1), gcb_at(f, 1), 0);
  }
  gcb_leave(m, f);
}
