/* The bound, and what happens at it: running out is an answer, after which everything is as it was and room
 * that is given back can be used again. */
#include "kit.h"

/* Links onto the list in `list` until memory ends; their number. */
static uint32_t fill_with_links(contract *c, gcb_mutator *m, gcb_slot list, uint32_t from) {
  uint32_t n = from;
  gcb_frame f = gcb_enter(m, 1);
  gcb_slot o = gcb_at(f, 0);
  while (kit_try(m, o, c->link, n)) {
    gcb_put(m, o, 0, list);
    gcb_move(m, list, o);
    n++;
    gcb_poll(m);
  }
  gcb_leave(m, f);
  return n;
}

static void expect_links(contract *c, gcb_mutator *m, gcb_slot list, uint32_t n, const char *what) {
  gcb_frame f = gcb_enter(m, 1);
  gcb_slot x = gcb_at(f, 0);
  gcb_move(m, x, list);
  for (uint32_t i = n; i-- > 0;) {
    kit_expect(c, m, x, c->link, i, what);
    gcb_get(m, x, x, 0);
  }
  CHECK(gcb_is_null(m, x), "%s: the list goes on behind its end", what);
  gcb_leave(m, f);
}

BEHAVIOUR(out_of_memory_small,
          "a heap filled with small objects answers out of memory, stays whole, and can be used again once "
          "it is emptied",
          .needs = GCB_CAP(BOUNDED), .limit = 4 << 20) {
  gcb_frame f = gcb_enter(m, 2);
  gcb_slot list = gcb_at(f, 0), o = gcb_at(f, 1);
  uint32_t first = 0;
  for (int round = 0; round < 3; round++) {
    uint32_t n = fill_with_links(c, m, list, 0);
    CHECK((uint64_t)n * c->link->size > (4 << 20) / 4,
          "out of memory with %u links of %u bytes in a bound of 4M", n, c->link->size);
    if (round == 0) first = n;
    for (int again = 0; again < 3; again++) /* it stays an answer */
      CHECK(!gcb_new_array(m, o, 100000) && gcb_is_null(m, o), "a full heap had room for an array of 800 KB");
    expect_links(c, m, list, n, "a list that filled the heap");
    kit_audit(c, m);
    gcb_clear(m, list);
    if (!drops(c)) break; /* a conservative collector may keep all of a list, for a word on a stack */
    m->gc->collect(m, GCB_MAJOR);
    gcb_poll(m);
    kit_settle(c, m);
    kit_exact(c, m, 0);
    CHECK(!round || n >= first - first / 8, "only %u links fit after the heap was emptied, %u did at first",
          n, first);
  }
  gcb_leave(m, f);
}

BEHAVIOUR(out_of_memory_large, "an allocation that is too large answers out of memory and changes nothing",
          .needs = GCB_CAP(BOUNDED), .limit = 16 << 20) {
  enum { N = 400, BYTES = 100000 };
  gcb_frame f = gcb_enter(m, 3);
  gcb_slot all = gcb_at(f, 0), o = gcb_at(f, 1), x = gcb_at(f, 2);
  kit_new(c, m, o, c->leaf, 31);
  gcb_move(m, x, o);
  CHECK(!gcb_new_array(m, o, GCB_MAX_LENGTH), "an array of 8 GiB was allocated in a bound of 16M");
  CHECK(gcb_same(m, o, x), "an allocation that failed changed its slot");
  CHECK(!gcb_new_bytes(m, o, GCB_MAX_LENGTH), "1 GiB was allocated in a bound of 16M");
  CHECK(!gcb_new_bytes(m, o, 16 << 20), "16M and a header were allocated in a bound of 16M");
  CHECK(gcb_same(m, o, x), "an allocation that failed changed its slot");
  kit_expect(c, m, o, c->leaf, 31, "an object after failed allocations");
  for (int round = 0; round < 3; round++) {
    uint32_t n = 0;
    kit_array(c, m, all, N);
    while (n < N && gcb_new_bytes(m, o, BYTES)) {
      for (uint32_t at = 0; at + 8 <= BYTES; at += 4096) gcb_write_u64(m, o, at, n + at);
      gcb_put(m, all, n++, o);
      gcb_poll(m);
    }
    gcb_clear(m, o);
    CHECK(n < N, "%u objects of %d bytes fitted into 16M", n, BYTES);
    CHECK((uint64_t)n * BYTES > 4 << 20, "out of memory with %u objects of %d bytes in a bound of 16M", n,
          BYTES);
    for (uint32_t i = 0; i < n; i++) {
      gcb_get(m, o, all, i);
      for (uint32_t at = 0; at + 8 <= BYTES; at += 4096)
        CHECK_EQ(gcb_read_u64(m, o, at), i + at, "a word of a large object in a full heap");
    }
    gcb_clear(m, o);
    kit_audit(c, m);
    gcb_clear(m, all);
    if (!has(c, GCB_CAP(RECLAIMS))) break;
    m->gc->collect(m, GCB_MAJOR);
    kit_settle(c, m);
    kit_exact(c, m, 0);
  }
  gcb_leave(m, f);
}

/* Each allocating operation, in a heap that is full: it says so, and changes nothing. */
BEHAVIOUR(out_of_memory_every_operation,
          "every operation that allocates answers out of memory in a full heap, and changes nothing",
          .needs = GCB_CAP(BOUNDED), .limit = 2 << 20) {
  static const char *const names[] = {"new",       "new_array", "new_bytes",
                                      "construct", "weak_new",  "ephemeron_new"};
  gcb_frame f = gcb_enter(m, 20);
  gcb_slot list = gcb_at(f, 0), o = gcb_at(f, 1), key = gcb_at(f, 2), d = gcb_at(f, 3), bytes = gcb_at(f, 4);
  kit_new(c, m, key, c->leaf, 5);
  kit_new(c, m, d, c->leaf, 6);
  for (uint32_t k = 0; k < 6; k++) {
    if (k >= 4 && !has(c, k == 4 ? GCB_CAP(WEAK) : GCB_CAP(EPHEMERONS))) continue;
    gcb_clear(m, list);
    for (int i = 0; i < 3; i++) m->gc->collect(m, GCB_MAJOR), gcb_poll(m);
    fill_with_links(c, m, list, 0);
    gcb_clear(m, bytes);
    uint32_t fitted = 0;
    for (;; fitted++) { /* a full heap may have room of another size, but not for ever */
      gcb_move(m, o, d);
      bool done = k == 0   ? gcb_new(m, o, c->wide)
                  : k == 1 ? gcb_new_array(m, o, 500)
                  : k == 2 ? gcb_new_bytes(m, o, 9000)
                  : k == 3 ? gcb_construct(m, o, c->wide, gcb_at(f, 5))
                  : k == 4 ? gcb_weak_new(m, o, key)
                           : gcb_ephemeron_new(m, o, key, key);
      if (!done) {
        CHECK(gcb_same(m, o, d), "%s failed and changed its slot", names[k]);
        break;
      }
      CHECK(fitted < 60000, "%s finds room in a full heap for ever", names[k]);
      gcb_clear(m, bytes);
      if (!gcb_new(m, bytes, c->pair)) break; /* what was made now is kept, and this is what fails */
      gcb_put(m, bytes, 0, o);
      gcb_put(m, bytes, 1, list);
      gcb_move(m, list, bytes);
    }
    kit_expect(c, m, key, c->leaf, 5, "a key in a full heap");
    kit_expect(c, m, d, c->leaf, 6, "an object in a full heap");
    kit_audit(c, m);
  }
  if (has(c, GCB_CAP(FINALIZERS))) {
    gcb_status status = GCB_OK;
    uint32_t n = 0;
    while (n < 1000000 && (status = gcb_finalizer(m, key, 3)) == GCB_OK) n++;
    CHECK(status == GCB_OOM, "%u finalizers were registered in a bound of 2M, then the answer was %d", n,
          status);
    gcb_clear(m, key), gcb_clear(m, list);
    for (int i = 0; i < 4; i++) m->gc->collect(m, GCB_MAJOR), gcb_poll(m);
    CHECK(!drops(c) || kit_finals(c, 3) == n, "%u finalizers of one object ran, of %u registered",
          kit_finals(c, 3), n);
  }
  gcb_leave(m, f);
}

/* ---- refused pages: also run by suite.c under hopeless bounds and with the n-th request refused ---- */
BEHAVIOUR(commit_failures,
          "a refused page, whichever it is, and a bound too small for anything are answered with out of "
          "memory, never with a crash or a broken heap",
          .sweeps = true, .limit = 8 << 20) {
  enum { N = 64 };
  uint32_t size[N] = {0};
  bool small[N];
  uint64_t id[N];
  gcb_frame f = gcb_enter(m, N + 3);
  gcb_slot o = gcb_at(f, N), x = gcb_at(f, N + 1);
  for (uint32_t step = 0; step < 600; step++) {
    uint32_t i = (uint32_t)gcb_rng_below(&c->rng, N), kind = (uint32_t)gcb_rng_below(&c->rng, 16);
    gcb_slot s = gcb_at(f, i);
    if (size[i]) { /* what is there is whole, before it is replaced or grown */
      if (small[i]) {
        kit_expect(c, m, s, c->pair, id[i], "a pair under refused pages");
        gcb_get(m, x, s, 0);
        for (uint32_t k = 1; k < size[i]; k++) {
          kit_expect(c, m, x, c->pair, id[i] + k, "a list of pairs under refused pages");
          gcb_get(m, x, x, 0);
        }
        CHECK(gcb_is_null(m, x), "a list of pairs has no end");
      } else {
        uint64_t word = gcb_read_u64(m, s, size[i] - 8);
        CHECK_EQ(gcb_length(m, s), size[i], "length of a byte array");
        CHECK_EQ(word, id[i], "the last word of a byte array");
      }
    }
    if (kind == 0) {
      gcb_clear(m, s);
      size[i] = 0;
    } else if (kind < 3) {
      uint32_t bytes = 8 + (uint32_t)gcb_rng_below(&c->rng, kind == 1 ? 3000 : 60000);
      if (gcb_new_bytes(m, s, bytes)) {
        gcb_write_u64(m, s, bytes - 8, step);
        size[i] = bytes, small[i] = false, id[i] = step;
      }
    } else if (kind < 12) { /* a fresh list of up to 400 */
      uint32_t n = 1 + (uint32_t)gcb_rng_below(&c->rng, 400), k = n;
      gcb_clear(m, o);
      for (; k > 0; k--) {
        gcb_frame two = gcb_enter(m, 2);
        gcb_move(m, gcb_at(two, 0), o);
        bool done = kit_try(m, x, c->pair, (uint64_t)step * 1000 + k - 1);
        if (done) gcb_put(m, x, 0, gcb_at(two, 0)), gcb_move(m, o, x);
        gcb_leave(m, two);
        if (!done) break;
      }
      if (k == 0) gcb_move(m, s, o), size[i] = n, small[i] = true, id[i] = (uint64_t)step * 1000;
      gcb_clear(m, o), gcb_clear(m, x);
    } else if (kind == 12 && has(c, GCB_CAP(WEAK)) && size[i]) {
      if (gcb_weak_new(m, o, s)) {
        gcb_weak_get(m, x, o);
        CHECK(gcb_same(m, x, s), "a weak reference leads elsewhere");
      }
      gcb_clear(m, o), gcb_clear(m, x);
    } else if (kind == 13 && has(c, GCB_CAP(FINALIZERS)) && size[i]) {
      gcb_status status = gcb_finalizer(m, s, i);
      CHECK(status == GCB_OK || status == GCB_OOM, "answer %d of a finalizer's registration", status);
    } else if (kind == 14 && step % 8 == 0) {
      gcb_status status = m->gc->collect(m, kit_kinds[step / 8 % 7]);
      CHECK(status == GCB_OK || status == GCB_OOM || status == GCB_UNSUPPORTED, "collect answered %d",
            status);
    }
    gcb_poll(m);
    if (step % 100 == 99) kit_audit(c, m);
  }
  for (uint32_t i = 0; i < N + 2; i++) gcb_clear(m, gcb_at(f, i));
  for (int i = 0; i < 3; i++) m->gc->collect(m, GCB_MAJOR), gcb_poll(m);
  kit_exact(c, m, 0);
  gcb_leave(m, f);
}

/* ---- garbage ---- */
BEHAVIOUR(garbage_for_ever, "small garbage of 50 times the bound goes through a heap that keeps what lives",
          .needs = GCB_CAP(RECLAIMS), .limit = 8 << 20) {
  gcb_frame f = gcb_enter(m, 4);
  gcb_slot kept = gcb_at(f, 0), o = gcb_at(f, 1), x = gcb_at(f, 2);
  kit_list(c, m, kept, 20000, 1);
  uint64_t total = 0, until = (uint64_t)MANY(50) * (8 << 20);
  for (uint32_t i = 0; total < until; i++) {
    uint32_t pick = (uint32_t)gcb_rng_below(&c->rng, 1000);
    if (pick == 0) {
      uint32_t n = (uint32_t)gcb_rng_below(&c->rng, 200000);
      kit_bytes(c, m, o, n, i);
      total += n;
    } else if (pick < 30) {
      uint32_t n = (uint32_t)gcb_rng_below(&c->rng, 700);
      kit_array(c, m, o, n);
      if (n) gcb_put(m, o, n - 1, x);
      total += 8 * n;
    } else {
      kit_new(c, m, x, pick % 2 ? c->node : c->wide, i);
      if (pick > 900) gcb_put(m, x, 3, o); /* chains of garbage, cut now and then */
      if (pick > 700) gcb_move(m, o, x);
      if (pick % 4 == 0) gcb_clear(m, x);
      total += 90;
    }
    gcb_poll(m);
  }
  kit_expect_list(c, m, kept, 20000, 1, "a list beside garbage");
  gcb_clear(m, o), gcb_clear(m, x);
  kit_settle(c, m);
  kit_exact(c, m, 0);
  gcb_leave(m, f);
}

BEHAVIOUR(large_garbage_for_ever,
          "large garbage of many times the bound goes through a heap that keeps what lives",
          .needs = GCB_CAP(RECLAIMS), .limit = 16 << 20) {
  gcb_frame f = gcb_enter(m, 2);
  gcb_slot o = gcb_at(f, 0), kept = gcb_at(f, 1);
  kit_list(c, m, kept, 1000, 1);
  for (uint32_t i = 0; i < MANY(3000) + 100; i++) {
    uint32_t n = 10000 + (uint32_t)gcb_rng_below(&c->rng, 1000000);
    if (i % 2)
      CHECK(gcb_new_bytes(m, o, n), "out of memory for %u bytes beside large garbage", n);
    else
      kit_array(c, m, o, n / 8);
    if (i % 2 == 0) gcb_put(m, o, n / 8 - 1, kept);
    gcb_poll(m);
    if (i % 500 == 0) kit_audit(c, m);
  }
  kit_expect_list(c, m, kept, 1000, 1, "a list beside large garbage");
  gcb_clear(m, o);
  kit_settle(c, m);
  kit_exact(c, m, 0);
  gcb_leave(m, f);
}

BEHAVIOUR(cyclic_garbage_for_ever,
          "cyclic garbage of 20 times the bound goes through a heap that keeps what lives",
          .needs = GCB_CAP(RECLAIMS) | GCB_CAP(CYCLES), .limit = 8 << 20) {
  gcb_frame f = gcb_enter(m, 4);
  gcb_slot kept = gcb_at(f, 0), o = gcb_at(f, 1), old = gcb_at(f, 2), x = gcb_at(f, 3);
  kit_ring(c, m, kept, 5000, 100, x);
  uint64_t until = (uint64_t)MANY(20) * (8 << 20);
  for (uint64_t total = 0, i = 0; total < until; i++) {
    uint32_t n = 1 + (uint32_t)gcb_rng_below(&c->rng, i % 64 ? 50 : 5000);
    kit_ring(c, m, o, n, i, kept); /* garbage may point to the living, and to other garbage */
    if (i % 512 == 0) gcb_clear(m, old);
    if (i % 4 == 0) gcb_put(m, o, 1, old);
    if (i % 16 == 0) gcb_move(m, old, o);
    total += (uint64_t)n * c->pair->size;
    gcb_poll(m);
  }
  gcb_clear(m, o), gcb_clear(m, old);
  gcb_move(m, x, kept);
  for (uint32_t i = 0; i < 5000; i++) {
    kit_expect(c, m, x, c->pair, kit_id(m, x), "a ring beside cyclic garbage");
    gcb_get(m, x, x, 0);
  }
  CHECK(gcb_same(m, x, kept), "a ring beside cyclic garbage does not close");
  gcb_clear(m, x);
  kit_settle(c, m);
  kit_exact(c, m, 0);
  gcb_leave(m, f);
}

/* Holes of one size, then objects of another: what does not move may run out, and then cleanly. */
BEHAVIOUR(fragmentation,
          "objects fit into the holes that others of another size left, or the answer is out of memory",
          .needs = GCB_CAP(RECLAIMS) | GCB_CAP(BOUNDED), .limit = 16 << 20) {
  enum { N = 100000 };
  uint32_t n = MANY(N);
  gcb_frame f = gcb_enter(m, 3);
  gcb_slot all = gcb_at(f, 0), o = gcb_at(f, 1), more = gcb_at(f, 2);
  kit_array(c, m, all, n);
  for (uint32_t i = 0; i < n; i++) {
    kit_new(c, m, o, i % 2 ? c->leaf : c->link, i);
    gcb_put(m, all, i, o);
    gcb_poll(m);
  }
  for (uint32_t i = 0; i < n; i++)
    if (i % 16) gcb_put_null(m, all, i);
  gcb_clear(m, o);
  kit_settle(c, m);
  kit_exact(c, m, 0);
  uint32_t room = 0;
  kit_array(c, m, more, 1000);
  while (room < 1000 && gcb_new_bytes(m, o, 4000)) {
    gcb_write_u64(m, o, 3992, room);
    gcb_put(m, more, room++, o);
    gcb_poll(m);
  }
  CHECK(room >= 500, "only %u objects of 4000 bytes fit beside %u small ones into 16M", room, n / 16);
  for (uint32_t i = 0; i < n; i += 16) {
    gcb_get(m, o, all, i);
    kit_expect(c, m, o, i % 2 ? c->leaf : c->link, i, "one of few that stayed");
  }
  for (uint32_t i = 0; i < room; i++) {
    gcb_get(m, o, more, i);
    CHECK_EQ(gcb_read_u64(m, o, 3992), i, "the last word of an object in what was freed");
  }
  gcb_leave(m, f);
}
