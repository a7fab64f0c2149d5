/* Ephemerons: the value lives as long as ephemeron and key do, and no longer, even if it reaches the key. */
#include "kit.h"

#define NEEDS (GCB_CAP(WEAK) | GCB_CAP(EPHEMERONS))

static void ephemeron(contract *c, gcb_mutator *m, gcb_slot dst, gcb_slot key, gcb_slot value) {
  CHECK(gcb_ephemeron_new(m, dst, key, value), "out of memory for an ephemeron");
}

/* Key and value as of an ephemeron that must be whole. */
static void expect_whole(contract *c, gcb_mutator *m, gcb_slot e, gcb_slot key, uint64_t value,
                         const char *what) {
  gcb_frame f = gcb_enter(m, 1);
  gcb_slot x = gcb_at(f, 0);
  gcb_ephemeron_key(m, x, e);
  CHECK(gcb_same(m, x, key), "%s: the key of value %llu is %s", what, (unsigned long long)value,
        gcb_is_null(m, x) ? "gone, and it is alive" : "another object");
  gcb_ephemeron_get(m, x, e);
  kit_expect(c, m, x, c->link, value, what);
  gcb_leave(m, f);
}

/* After two major collections with the key dropped. */
static void expect_gone(contract *c, gcb_mutator *m, gcb_slot e, const char *what) {
  gcb_frame f = gcb_enter(m, 2);
  gcb_ephemeron_key(m, gcb_at(f, 0), e);
  gcb_ephemeron_get(m, gcb_at(f, 1), e);
  bool key = !gcb_is_null(m, gcb_at(f, 0)), value = !gcb_is_null(m, gcb_at(f, 1));
  CHECK(key || !value, "%s: the key is gone, and the value is still given", what);
  CHECK(!drops_cycles(c) || !key, "%s: the dropped key is still given", what);
  CHECK(has(c, GCB_CAP(RECLAIMS)) || key, "%s: nothing is reclaimed by declaration, and a key went", what);
  gcb_leave(m, f);
}

BEHAVIOUR(ephemeron_follows_its_key,
          "an ephemeron gives its value as long as its key lives, and neither afterwards", .needs = NEEDS) {
  enum { N = 60 };
  gcb_frame f = gcb_enter(m, 5);
  gcb_slot keys = gcb_at(f, 0), table = gcb_at(f, 1), k = gcb_at(f, 2), v = gcb_at(f, 3), e = gcb_at(f, 4);
  for (int age = 0; age < 5; age++) {
    kit_array(c, m, keys, N);
    kit_array(c, m, table, N);
    for (uint32_t i = 0; i < N; i++) {
      kit_new(c, m, k, c->leaf, i);
      gcb_put(m, keys, i, k);
      if (age == 1) kit_collect(c, m, GCB_MINOR); /* the value younger than its key */
      kit_new(c, m, v, c->link, 1000 + i);
      ephemeron(c, m, e, k, v);
      gcb_put(m, table, i, e);
    }
    gcb_clear(m, k), gcb_clear(m, v), gcb_clear(m, e);
    for (int i = 0; i < age; i++) kit_collect(c, m, age == 4 ? GCB_MAJOR : GCB_MINOR);
    for (int round = 0; round < 7; round++) {
      kit_garbage(c, m, 20000);
      kit_collect(c, m, kit_kinds[round]);
      for (uint32_t i = 0; i < N; i++) {
        gcb_get(m, k, keys, i);
        gcb_get(m, e, table, i);
        expect_whole(c, m, e, k, 1000 + i, "an ephemeron whose key is alive");
      }
      gcb_clear(m, k), gcb_clear(m, e);
    }
    for (uint32_t i = 0; i < N; i += 2) gcb_put_null(m, keys, i);
    kit_settle(c, m);
    for (uint32_t i = 0; i < N; i++) {
      gcb_get(m, k, keys, i);
      gcb_get(m, e, table, i);
      if (i % 2)
        expect_whole(c, m, e, k, 1000 + i, "an ephemeron whose key is alive beside dead ones");
      else
        expect_gone(c, m, e, "an ephemeron whose key was dropped");
    }
    gcb_clear(m, k), gcb_clear(m, e);
    kit_exact(c, m, 0);
  }
  gcb_leave(m, f);
}

/* The value holds the key: an ordinary table would keep both for ever. The value of one ephemeron is the key
 * of the next and the last leads back to the first; no key is held. */
BEHAVIOUR(ephemeron_value_reaches_key, "a value that reaches its own key does not keep the key alive",
          .needs = NEEDS | GCB_CAP(CYCLES)) {
  gcb_frame f = gcb_enter(m, 4);
  gcb_slot table = gcb_at(f, 0), k = gcb_at(f, 1), v = gcb_at(f, 2), e = gcb_at(f, 3);
  enum { N = 50 };
  for (int age = 0; age < 4; age++) {
    kit_array(c, m, table, 2 * N);
    for (uint32_t i = 0; i < N; i++) {
      kit_new(c, m, k, c->leaf, i);
      kit_new(c, m, v, c->link, i);
      gcb_put(m, v, 0, k);
      ephemeron(c, m, e, k, v);
      gcb_put(m, table, i, e);
      kit_new(c, m, k, c->link, i);
      ephemeron(c, m, e, k, k); /* key and value are one */
      gcb_put(m, table, N + i, e);
    }
    for (int i = 0; i < age; i++) kit_collect(c, m, age == 3 ? GCB_MAJOR : GCB_MINOR);
    gcb_clear(m, k), gcb_clear(m, v), gcb_clear(m, e);
    kit_settle(c, m);
    for (uint32_t i = 0; i < 2 * N; i++) {
      gcb_get(m, e, table, i);
      expect_gone(c, m, e, "an ephemeron whose value is all that reaches its key");
    }
    gcb_clear(m, e);
    kit_exact(c, m, 0);
  }
  kit_list(c, m, k, N, 0); /* the ring of keys */
  kit_array(c, m, table, N);
  gcb_slot first = v;
  gcb_move(m, first, k);
  for (uint32_t i = 0; i < N; i++) {
    gcb_frame g = gcb_enter(m, 1);
    gcb_slot next = gcb_at(g, 0);
    gcb_get(m, next, k, 0);
    if (gcb_is_null(m, next)) gcb_move(m, next, first);
    ephemeron(c, m, e, k, next);
    gcb_put(m, table, i, e);
    gcb_get(m, next, k, 0);
    gcb_put_null(m, k, 0); /* from here on only the ephemerons chain them */
    gcb_move(m, k, next);
    gcb_leave(m, g);
  }
  gcb_clear(m, k), gcb_clear(m, e);
  kit_settle(c, m);
  gcb_get(m, e, table, N - 1); /* with the first key held, the whole ring is */
  gcb_ephemeron_get(m, k, e);
  CHECK(gcb_same(m, k, first), "the last ephemeron of a ring does not lead to the first key");
  gcb_clear(m, k), gcb_clear(m, e), gcb_clear(m, first);
  kit_settle(c, m);
  for (uint32_t i = 0; i < N; i++) {
    gcb_get(m, e, table, i);
    expect_gone(c, m, e, "an ephemeron in a ring of keys and values");
  }
  gcb_clear(m, e);
  kit_exact(c, m, 0);
  gcb_leave(m, f);
}

/* Each value is the next key, found in the worst order or the best: n rounds over n would run out of time. */
BEHAVIOUR(ephemeron_chain, "a chain of 20000 ephemerons is settled in time that grows with its length alone",
          .needs = NEEDS, .limit = 512u << 20) {
  uint32_t n = MANY(20000);
  gcb_frame f = gcb_enter(m, 5);
  gcb_slot table = gcb_at(f, 0), first = gcb_at(f, 1), k = gcb_at(f, 2), v = gcb_at(f, 3), e = gcb_at(f, 4);
  for (int backwards = 0; backwards < 2; backwards++) {
    kit_array(c, m, table, n);
    kit_new(c, m, first, c->link, 0);
    gcb_move(m, k, first);
    for (uint32_t i = 0; i < n; i++) {
      kit_new(c, m, v, c->link, i + 1);
      ephemeron(c, m, e, k, v);
      gcb_put(m, table, backwards ? n - 1 - i : i, e);
      gcb_move(m, k, v);
    }
    gcb_clear(m, k), gcb_clear(m, v), gcb_clear(m, e);
    for (int round = 0; round < 3; round++) {
      kit_collect(c, m, kit_kinds[round + 2]);
      gcb_move(m, k, first);
      for (uint32_t i = 0; i < n; i++) {
        gcb_get(m, e, table, backwards ? n - 1 - i : i);
        gcb_ephemeron_key(m, v, e);
        CHECK(gcb_same(m, v, k), "key %u of a chain of %u is %s", i, n,
              gcb_is_null(m, v) ? "gone" : "another object");
        gcb_ephemeron_get(m, k, e);
        kit_expect(c, m, k, c->link, i + 1, "a value that is the next key");
      }
      gcb_clear(m, k), gcb_clear(m, v), gcb_clear(m, e);
    }
    gcb_clear(m, first);
    kit_settle(c, m);
    for (uint32_t i = 0; i < n; i += 97) {
      gcb_get(m, e, table, i);
      expect_gone(c, m, e, "an ephemeron in a chain whose first key was dropped");
    }
    gcb_clear(m, e);
    kit_exact(c, m, 0);
  }
  gcb_leave(m, f);
}

/* Old ephemerons are given young values: a store that must be remembered like any (OCaml #9391). After the
 * key's death a store has no effect. */
BEHAVIOUR(ephemeron_put_into_old, "an old ephemeron keeps the young value that it was given last",
          .needs = NEEDS) {
  enum { N = 100 };
  gcb_frame f = gcb_enter(m, 5);
  gcb_slot keys = gcb_at(f, 0), table = gcb_at(f, 1), k = gcb_at(f, 2), v = gcb_at(f, 3), e = gcb_at(f, 4);
  kit_array(c, m, keys, N);
  kit_array(c, m, table, N);
  for (uint32_t i = 0; i < N; i++) {
    kit_new(c, m, k, c->leaf, i);
    gcb_put(m, keys, i, k);
    ephemeron(c, m, e, k, v); /* a null value at first, then that of the one before */
    gcb_put(m, table, i, e);
  }
  gcb_clear(m, k), gcb_clear(m, e);
  kit_age(c, m);
  for (uint32_t round = 0; round < 14; round++) {
    for (uint32_t i = 0; i < N; i++) {
      gcb_get(m, e, table, i);
      kit_new(c, m, v, c->link, round * N + i);
      gcb_ephemeron_put(m, e, v);
    }
    gcb_clear(m, v), gcb_clear(m, e);
    kit_collect(c, m, GCB_MINOR);
    kit_garbage(c, m, 30000);
    kit_collect(c, m, kit_kinds[round % 7]);
    for (uint32_t i = 0; i < N; i++) {
      gcb_get(m, k, keys, i);
      gcb_get(m, e, table, i);
      expect_whole(c, m, e, k, round * N + i, "a young value put into an old ephemeron");
    }
    gcb_clear(m, k), gcb_clear(m, e);
  }
  for (uint32_t i = 0; i < N; i++) gcb_put_null(m, keys, i);
  kit_settle(c, m);
  for (uint32_t i = 0; i < N; i++) {
    gcb_get(m, e, table, i);
    expect_gone(c, m, e, "an old ephemeron whose key was dropped");
    gcb_ephemeron_key(m, k, e);
    bool dead = gcb_is_null(m, k);
    gcb_clear(m, k);
    kit_new(c, m, v, c->link, 5);
    gcb_ephemeron_put(m, e, v);
    gcb_ephemeron_get(m, k, e);
    CHECK(!dead || gcb_is_null(m, k), "a value was put into an ephemeron whose key has gone");
  }
  gcb_clear(m, e), gcb_clear(m, v), gcb_clear(m, k);
  kit_settle(c, m);
  kit_exact(c, m, 0);
  gcb_leave(m, f);
}

/* Ephemerons held by ephemerons' values, and keys that live only through another ephemeron's value. */
BEHAVIOUR(ephemeron_nested, "ephemerons held by the values of ephemerons work like any", .needs = NEEDS) {
  gcb_frame f = gcb_enter(m, 6);
  gcb_slot outer = gcb_at(f, 0), k1 = gcb_at(f, 1), v1 = gcb_at(f, 2), inner = gcb_at(f, 3), x = gcb_at(f, 4),
           weak = gcb_at(f, 5);
  for (int age = 0; age < 4; age++) {
    kit_new(c, m, k1, c->link, 1);
    kit_new(c, m, v1, c->pair, 2);
    kit_new(c, m, x, c->link, 3);
    gcb_put(m, v1, 0, x); /* v1 holds the inner key */
    CHECK(gcb_weak_new(m, weak, x), "out of memory");
    ephemeron(c, m, outer, k1, v1); /* k1 -> v1 */
    kit_new(c, m, v1, c->link, 4);
    ephemeron(c, m, inner, x, v1); /* inner key -> 4 */
    gcb_ephemeron_get(m, x, outer);
    gcb_put(m, x, 1, inner); /* and the inner ephemeron */
    gcb_clear(m, x), gcb_clear(m, v1), gcb_clear(m, inner);
    for (int i = 0; i < age; i++) kit_collect(c, m, age == 3 ? GCB_MAJOR : GCB_MINOR);
    for (int round = 0; round < 7; round++) {
      kit_collect(c, m, kit_kinds[round]);
      gcb_ephemeron_get(m, v1, outer);
      kit_expect(c, m, v1, c->pair, 2, "the outer value");
      gcb_get(m, inner, v1, 1);
      gcb_get(m, x, v1, 0);
      expect_whole(c, m, inner, x, 4, "an ephemeron that lives through another's value");
      gcb_weak_get(m, v1, weak);
      CHECK(gcb_same(m, v1, x), "a weak reference to an object that lives through an ephemeron was cleared");
      gcb_clear(m, x), gcb_clear(m, v1), gcb_clear(m, inner);
    }
    gcb_clear(m, k1);
    kit_settle(c, m);
    expect_gone(c, m, outer, "the outer ephemeron after its key was dropped");
    gcb_weak_get(m, x, weak);
    CHECK(!drops(c) || gcb_is_null(m, x), "the inner key outlived the outer one");
    gcb_clear(m, x);
    kit_exact(c, m, 0);
  }
  gcb_leave(m, f);
}

BEHAVIOUR(ephemeron_table_churn,
          "a table of ephemerons keeps the entries whose keys live, and loses the others", .needs = NEEDS) {
  enum { N = 3000 };
  static uint32_t id[N];
  static bool held[N];
  gcb_frame f = gcb_enter(m, 6);
  gcb_slot table = gcb_at(f, 0), keys = gcb_at(f, 1), k = gcb_at(f, 2), v = gcb_at(f, 3), e = gcb_at(f, 4),
           x = gcb_at(f, 5);
  kit_array(c, m, table, N);
  kit_array(c, m, keys, N);
  kit_age(c, m);
  for (uint32_t step = 1; step < MANY(40000); step++) {
    uint32_t i = (uint32_t)gcb_rng_below(&c->rng, N);
    gcb_get(m, e, table, i);
    if (!gcb_is_null(m, e)) {
      gcb_ephemeron_key(m, k, e);
      gcb_ephemeron_get(m, v, e);
      CHECK(!held[i] || !gcb_is_null(m, k), "entry %u lost its key", i);
      CHECK(gcb_is_null(m, k) == gcb_is_null(m, v), "entry %u has a key or a value, not both", i);
      if (!gcb_is_null(m, v)) kit_expect(c, m, v, c->link, id[i], "a value in the table");
    }
    kit_new(c, m, k, c->leaf, step);
    kit_new(c, m, v, c->link, step);
    if (step % 2) gcb_put(m, v, 0, k); /* the value reaches its key */
    ephemeron(c, m, e, k, v);
    if (step % 5 == 0) {
      kit_new(c, m, x, c->link, step);
      gcb_ephemeron_put(m, e, x);
    }
    gcb_put(m, table, i, e);
    id[i] = step;
    held[i] = step % 3 == 0;
    if (held[i])
      gcb_put(m, keys, i, k);
    else
      gcb_put_null(m, keys, i);
    gcb_poll(m);
    if (step % 2500 == 0) kit_collect(c, m, kit_kinds[step / 2500 % 7]);
  }
  for (uint32_t i = 2; i < 6; i++) gcb_clear(m, gcb_at(f, i));
  kit_settle(c, m);
  for (uint32_t i = 0; i < N; i++) {
    gcb_get(m, e, table, i);
    if (gcb_is_null(m, e)) continue;
    gcb_get(m, k, keys, i);
    if (held[i])
      expect_whole(c, m, e, k, id[i], "an entry at the end");
    else
      expect_gone(c, m, e, "an entry whose key was dropped, at the end");
  }
  gcb_clear(m, e), gcb_clear(m, k);
  if (has(c, GCB_CAP(CYCLES))) kit_exact(c, m, 0);
  gcb_leave(m, f);
}
