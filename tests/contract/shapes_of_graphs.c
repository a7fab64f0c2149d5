/* Deep, wide and large: structures that overflow what recurses or keeps a fixed stack. */
#include "kit.h"

enum { DEEP = 2000000 };

BEHAVIOUR(deep_list, "a list of two million links is collected without recursion", .limit = 512u << 20) {
  gcb_frame f = gcb_enter(m, 2);
  gcb_slot list = gcb_at(f, 0);
  kit_list(c, m, list, MANY(DEEP), 1);
  kit_settle(c, m);
  kit_expect_list(c, m, list, MANY(DEEP), 1, "a deep list");
  kit_exact(c, m, 0);
  gcb_clear(m, list);
  kit_settle(c, m);
  CHECK_EQ(kit_audit(c, m).objects, 0, "objects reachable after a deep list was dropped");
  kit_exact(c, m, 0);
  gcb_leave(m, f);
}

/* Deep through the last slot of wide objects, so that whoever pushes all slots pushes in the worst order; and
 * through arrays. Dropped while young and while old. */
BEHAVIOUR(deep_and_wide,
          "structures that are deep through the last slot of wide objects and through arrays are collected "
          "without recursion",
          .limit = 512u << 20) {
  gcb_frame f = gcb_enter(m, 3);
  gcb_slot chain = gcb_at(f, 0), next = gcb_at(f, 1), side = gcb_at(f, 2);
  uint32_t n = MANY(100000);
  for (int round = 0; round < 3; round++) {
    gcb_clear(m, chain);
    for (uint32_t i = 0; i < n; i++) {
      if (i % 2) {
        kit_new(c, m, next, c->wide, i);
        gcb_put(m, next, i % 4 == 1 ? 11 : 0, chain);
      } else {
        kit_array(c, m, next, 5);
        kit_new(c, m, side, c->leaf, i);
        gcb_put(m, next, 4 * (i / 2 % 2), chain);
        gcb_put(m, next, 2, side);
      }
      gcb_move(m, chain, next);
      gcb_poll(m);
    }
    if (round == 1) kit_age(c, m);
    if (round == 2) kit_collect(c, m, GCB_MINOR);
    for (uint32_t i = n; i-- > 0;) {
      if (i % 2) {
        kit_expect(c, m, chain, c->wide, i, "a wide link");
        gcb_get(m, chain, chain, i % 4 == 1 ? 11 : 0);
      } else {
        gcb_get(m, side, chain, 2);
        kit_expect(c, m, side, c->leaf, i, "a leaf beside the chain");
        gcb_get(m, chain, chain, 4 * (i / 2 % 2));
      }
    }
    CHECK(gcb_is_null(m, chain), "the chain goes on behind its end");
  }
  gcb_clear(m, next), gcb_clear(m, side);
  kit_settle(c, m);
  kit_exact(c, m, 0);
  gcb_leave(m, f);
}

/* One object with very many children; then each child with the same child. */
BEHAVIOUR(wide_array, "an array of 300000 elements keeps each") {
  uint32_t n = MANY(300000);
  gcb_frame f = gcb_enter(m, 3);
  gcb_slot all = gcb_at(f, 0), o = gcb_at(f, 1), shared = gcb_at(f, 2);
  kit_array(c, m, all, n);
  kit_new(c, m, shared, c->leaf, 77);
  for (uint32_t i = 0; i < n; i++) {
    kit_new(c, m, o, c->link, i);
    gcb_put(m, o, 0, shared);
    gcb_put(m, all, i, o);
    gcb_poll(m);
  }
  kit_settle(c, m);
  for (uint32_t i = 0; i < n; i++) {
    gcb_get(m, o, all, i);
    kit_expect(c, m, o, c->link, i, "an element of a wide array");
    gcb_get(m, o, o, 0);
    CHECK(gcb_same(m, o, shared), "element %u holds a copy of the shared object", i);
  }
  kit_exact(c, m, 0);
  gcb_leave(m, f);
}

BEHAVIOUR(large_objects, "large arrays keep all that they hold, and go when they are dropped") {
  enum { BIG = 1 << 17, BYTES = 3000001 };
  gcb_frame f = gcb_enter(m, 4);
  gcb_slot big = gcb_at(f, 0), bytes = gcb_at(f, 1), o = gcb_at(f, 2), inner = gcb_at(f, 3);
  static const uint32_t at[] = {0, 1, 511, 512, BIG / 2, BIG - 2, BIG - 1};
  enum { AT = sizeof at / sizeof *at };
  kit_array(c, m, big, BIG);
  kit_bytes(c, m, bytes, BYTES, 99);
  for (int round = 0; round < 14; round++) {
    for (uint32_t i = 0; i < AT; i++) { /* young children of a large object of any age */
      kit_new(c, m, o, c->link, 100 * (uint64_t)round + i);
      kit_array(c, m, inner, 3000); /* a large object in a large object */
      gcb_put(m, inner, 2999, o);
      gcb_put(m, big, at[i], inner);
    }
    gcb_clear(m, o), gcb_clear(m, inner);
    kit_garbage(c, m, 300000);
    kit_collect(c, m, kit_kinds[round % 7]);
    for (uint32_t i = 0; i < AT; i++) {
      gcb_get(m, o, big, at[i]);
      CHECK(!gcb_is_null(m, o), "element %u of a large array is gone", at[i]);
      CHECK_EQ(gcb_length(m, o), 3000, "length of an array in a large array");
      gcb_get(m, o, o, 2999);
      kit_expect(c, m, o, c->link, 100 * (uint64_t)round + i, "the child of a large array");
    }
    gcb_get(m, o, big, 1000);
    CHECK(gcb_is_null(m, o), "an untouched element of a large array is not null");
    kit_expect_bytes(c, m, bytes, BYTES, 99, "a large byte array");
    kit_audit(c, m);
  }
  gcb_clear(m, o);
  kit_settle(c, m);
  kit_exact(c, m, 0);
  gcb_clear(m, big);
  kit_settle(c, m);
  kit_exact(c, m, 0);
  gcb_leave(m, f);
}

/* A large object is initialised with init() right after its allocation, wherever it was put (OCaml #12481).
 */
BEHAVIOUR(large_object_of_young_ones,
          "a large array takes young elements through init() without a barrier, wherever it was put") {
  enum { N = 4000 };
  gcb_frame f = gcb_enter(m, N + 2);
  gcb_slot big = gcb_at(f, N), o = gcb_at(f, N + 1);
  for (uint32_t round = 0; round < 7; round++) {
    for (uint32_t i = 0; i < N; i++) kit_new(c, m, gcb_at(f, i), c->leaf, round * 10000 + i);
    kit_array(c, m, big, N);
    for (uint32_t i = 0; i < N; i++) gcb_init(m, big, i, gcb_at(f, i));
    for (uint32_t i = 0; i < N; i++) gcb_clear(m, gcb_at(f, i));
    kit_collect(c, m, GCB_MINOR);
    kit_collect(c, m, kit_kinds[round]);
    for (uint32_t i = 0; i < N; i++) {
      gcb_get(m, o, big, i);
      kit_expect(c, m, o, c->leaf, round * 10000 + i, "a young child stored with init()");
    }
  }
  gcb_leave(m, f);
}

/* Shapes at the ends of what is allowed. */
BEHAVIOUR(extreme_shapes, "shapes at the ends of what is allowed work like any") {
  static const uint32_t dims[][2] = {
      {0, 0}, {0, 1}, {1, 0}, {0, 7}, {255, 0}, {1000, 8000}, {GCB_MAX_REFS, 0}, {0, GCB_MAX_PAYLOAD}};
  enum { N = sizeof dims / sizeof *dims };
  gcb_frame f = gcb_enter(m, 2 * N);
  const gcb_shape *shapes[N];
  for (uint32_t i = 0; i < N; i++) {
    shapes[i] = gcb_shape_new(m, "extreme", dims[i][0], dims[i][1]);
    CHECK(shapes[i], "a shape of %u references and %u bytes was refused", dims[i][0], dims[i][1]);
    kit_new(c, m, gcb_at(f, i), shapes[i], i);
    kit_new(c, m, gcb_at(f, N + i), c->leaf, i);
    if (dims[i][0]) gcb_put(m, gcb_at(f, i), dims[i][0] - 1, gcb_at(f, N + i));
    gcb_clear(m, gcb_at(f, N + i));
  }
  for (int round = 0; round < 7; round++) {
    kit_garbage(c, m, 30000);
    kit_collect(c, m, kit_kinds[round]);
    for (uint32_t i = 0; i < N; i++) {
      kit_expect(c, m, gcb_at(f, i), shapes[i], i, "an object of an extreme shape");
      if (!dims[i][0]) continue;
      gcb_get(m, gcb_at(f, N), gcb_at(f, i), dims[i][0] - 1);
      kit_expect(c, m, gcb_at(f, N), c->leaf, i, "the last slot of an extreme shape");
    }
  }
  gcb_clear(m, gcb_at(f, N));
  kit_settle(c, m);
  kit_exact(c, m, 0);
  gcb_leave(m, f);
}
