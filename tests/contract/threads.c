/* Several mutators: they allocate, share under locks, come and go, and wait, while any of them collects. */
#include "kit.h"

#define NEEDS .needs = GCB_CAP(THREADS), .mutators = 4

typedef struct crew {
  uint32_t number, steps;
  bool done; /* atomic */
} crew;

static void allocate_alone(contract *c, gcb_mutator *m, void *arg) {
  crew *w = arg;
  gcb_rng rng = gcb_rng_seed(c->seed + w->number);
  gcb_frame f = gcb_enter(m, 3);
  gcb_slot kept = gcb_at(f, 0), o = gcb_at(f, 1), x = gcb_at(f, 2);
  uint64_t base = (uint64_t)(w->number + 1) << 32;
  kit_array(c, m, kept, 64);
  uint32_t length[64] = {0};
  for (uint32_t i = 0; i < w->steps; i++) {
    uint32_t at = (uint32_t)gcb_rng_below(&rng, 64), n = 1 + (uint32_t)gcb_rng_below(&rng, 30);
    gcb_get(m, o, kept, at);
    kit_expect_list(c, m, o, length[at], base + at * 100, "a thread's own list");
    kit_list(c, m, o, n, base + at * 100);
    gcb_put(m, kept, at, o);
    length[at] = n;
    if (i % 100 == 0) kit_bytes(c, m, x, 20000, i);
    if (i % 257 == 0) m->gc->collect(m, kit_kinds[i / 257 % 7]);
    gcb_poll(m);
  }
  for (uint32_t at = 0; at < 64; at++) {
    gcb_get(m, o, kept, at);
    kit_expect_list(c, m, o, length[at], base + at * 100, "a thread's own list at the end");
  }
  gcb_leave(m, f);
}

BEHAVIOUR(threads_allocate, "several mutators allocate, collect and keep what is theirs", NEEDS) {
  kit_thread *t[3];
  crew w[4];
  for (uint32_t i = 0; i < 4; i++) w[i] = (crew){.number = i, .steps = MANY(3000)};
  for (uint32_t i = 0; i < 3; i++) t[i] = kit_spawn(c, allocate_alone, &w[i]);
  allocate_alone(c, m, &w[3]);
  for (uint32_t i = 0; i < 3; i++) kit_join(m, t[i]);
  kit_settle(c, m);
  CHECK_EQ(kit_audit(c, m).objects, 0, "objects reachable after all threads dropped theirs");
  kit_exact(c, m, 0);
}

/* Objects handed over: each thread pushes onto its neighbours' lists and takes from its own. */
enum { HANDS = 4 };
static uint64_t pushed[HANDS], taken[HANDS], pushed_sum[HANDS], taken_sum[HANDS];

static void hand_over(contract *c, gcb_mutator *m, void *arg) {
  crew *w = arg;
  uint32_t me = w->number;
  gcb_rng rng = gcb_rng_seed(c->seed * 7 + me);
  gcb_frame f = gcb_enter(m, 3);
  gcb_slot o = gcb_at(f, 0), cell = gcb_at(f, 1), x = gcb_at(f, 2);
  for (uint32_t i = 0; i < w->steps; i++) {
    uint32_t to = (uint32_t)gcb_rng_below(&rng, HANDS);
    uint64_t id = ((uint64_t)me << 32) + i;
    kit_list(c, m, o, 3, id);
    kit_new(c, m, cell, c->pair, id);
    gcb_put(m, cell, 1, o);
    gcb_lock(m, to);
    gcb_move(m, x, gcb_global(m, to));
    gcb_put(m, cell, 0, x);
    gcb_move(m, gcb_global(m, to), cell);
    gcb_unlock(m, to);
    pushed[me]++, pushed_sum[me] += id;
    gcb_lock(m, me);
    gcb_move(m, cell, gcb_global(m, me));
    if (!gcb_is_null(m, cell)) {
      gcb_get(m, x, cell, 0);
      gcb_move(m, gcb_global(m, me), x);
    }
    gcb_unlock(m, me);
    if (!gcb_is_null(m, cell)) {
      id = kit_id(m, cell);
      kit_expect(c, m, cell, c->pair, id, "a cell from another thread");
      gcb_get(m, x, cell, 1);
      kit_expect_list(c, m, x, 3, id, "a list from another thread");
      taken[me]++, taken_sum[me] += id;
    }
    gcb_clear(m, cell);
    if (i % 331 == 0) m->gc->collect(m, kit_kinds[i / 331 % 7]);
    gcb_poll(m);
  }
  gcb_leave(m, f);
}

BEHAVIOUR(threads_hand_over, "objects handed from one mutator to another stay whole", NEEDS) {
  kit_thread *t[HANDS];
  crew w[HANDS];
  for (uint32_t i = 0; i < HANDS; i++) w[i] = (crew){.number = i, .steps = MANY(8000)};
  for (uint32_t i = 1; i < HANDS; i++) t[i] = kit_spawn(c, hand_over, &w[i]);
  hand_over(c, m, &w[0]);
  for (uint32_t i = 1; i < HANDS; i++) kit_join(m, t[i]);
  uint64_t n = 0, sum = 0;
  gcb_frame f = gcb_enter(m, 2);
  gcb_slot cell = gcb_at(f, 0), x = gcb_at(f, 1);
  for (uint32_t i = 0; i < HANDS; i++) {
    n += pushed[i] - taken[i], sum += pushed_sum[i] - taken_sum[i];
    while (!gcb_is_null(m, gcb_global(m, i))) {
      gcb_move(m, cell, gcb_global(m, i));
      uint64_t id = kit_id(m, cell);
      kit_expect(c, m, cell, c->pair, id, "a cell that nobody took");
      gcb_get(m, x, cell, 1);
      kit_expect_list(c, m, x, 3, id, "a list that nobody took");
      n--, sum -= id;
      gcb_get(m, x, cell, 0);
      gcb_move(m, gcb_global(m, i), x);
    }
  }
  CHECK_EQ(n, 0, "cells lost between threads");
  CHECK_EQ(sum, 0, "difference of the cells' numbers");
  gcb_leave(m, f);
  kit_settle(c, m);
  kit_exact(c, m, 0);
}

/* Short-lived threads, beginning and ending during the collections of the others. */
static void come_and_go(contract *c, gcb_mutator *m, void *arg) {
  crew *w = arg;
  gcb_frame f = gcb_enter(m, 1);
  kit_list(c, m, gcb_at(f, 0), 200, w->number);
  if (w->number % 3 == 0) m->gc->collect(m, kit_kinds[w->number / 3 % 7]);
  kit_expect_list(c, m, gcb_at(f, 0), 200, w->number, "a short-lived thread's list");
  gcb_lock(m, 9);
  gcb_move(m, gcb_global(m, 9), gcb_at(f, 0)); /* survives its maker */
  gcb_unlock(m, 9);
  gcb_leave(m, f);
}
static void collect_all_the_time(contract *c, gcb_mutator *m, void *arg) {
  crew *w = arg;
  gcb_frame f = gcb_enter(m, 1);
  kit_list(c, m, gcb_at(f, 0), 1000, 3);
  for (uint32_t i = 0; !__atomic_load_n(&w->done, __ATOMIC_ACQUIRE); i++) {
    kit_garbage(c, m, 20000);
    m->gc->collect(m, kit_kinds[i % 7]);
    gcb_poll(m);
  }
  kit_expect_list(c, m, gcb_at(f, 0), 1000, 3, "the list of a thread that collects");
  gcb_leave(m, f);
}

BEHAVIOUR(threads_come_and_go, "mutators start and end while others collect", NEEDS) {
  crew collector = {0}, w[2];
  kit_thread *busy = kit_spawn(c, collect_all_the_time, &collector);
  for (uint32_t i = 0; i < MANY(150); i++) {
    w[0] = (crew){.number = 2 * i}, w[1] = (crew){.number = 2 * i + 1};
    kit_thread *a = kit_spawn(c, come_and_go, &w[0]), *b = kit_spawn(c, come_and_go, &w[1]);
    kit_garbage(c, m, 5000);
    kit_join(m, a);
    kit_join(m, b);
    gcb_lock(m, 9);
    uint64_t id = kit_id(m, gcb_global(m, 9));
    gcb_unlock(m, 9);
    CHECK(id / 2 == i, "the list left by thread %u carries number %llu", 2 * i, (unsigned long long)id);
    kit_expect_list(c, m, gcb_global(m, 9), 200, id, "a list whose maker has gone");
  }
  __atomic_store_n(&collector.done, true, __ATOMIC_RELEASE);
  kit_join(m, busy);
  gcb_clear(m, gcb_global(m, 9));
  kit_settle(c, m);
  CHECK_EQ(kit_audit(c, m).objects, 0, "objects reachable after all threads went");
  kit_exact(c, m, 0);
}

/* A blocked mutator holds no collection up, and finds its frame as it should be. */
static void wait_blocked(contract *c, gcb_mutator *m, void *arg) {
  crew *w = arg;
  gcb_frame f = gcb_enter(m, 2);
  kit_list(c, m, gcb_at(f, 0), 500, 40);
  kit_new(c, m, gcb_at(f, 1), c->leaf, 41);
  gcb_blocked_begin(m);
  while (!__atomic_load_n(&w->done, __ATOMIC_ACQUIRE)) {
    struct timespec nap = {0, 200000};
    nanosleep(&nap, NULL);
  }
  gcb_blocked_end(m);
  kit_expect_list(c, m, gcb_at(f, 0), 500, 40, "the list of a thread that was blocked");
  kit_expect(c, m, gcb_at(f, 1), c->leaf, 41, "the leaf of a thread that was blocked");
  kit_list(c, m, gcb_at(f, 1), 500, 42);
  kit_expect_list(c, m, gcb_at(f, 1), 500, 42, "a list built after having been blocked");
  gcb_leave(m, f);
}

BEHAVIOUR(threads_blocked,
          "a mutator that waits outside the heap holds up no collection, and finds its objects afterwards",
          NEEDS) {
  crew w = {0};
  kit_thread *t = kit_spawn(c, wait_blocked, &w);
  for (int i = 0; i < 21; i++) {
    kit_garbage(c, m, 200000);
    m->gc->collect(m, kit_kinds[i % 7]);
    gcb_poll(m);
  }
  kit_audit(c, m);
  __atomic_store_n(&w.done, true, __ATOMIC_RELEASE);
  kit_join(m, t);
  kit_settle(c, m);
  kit_exact(c, m, 0);
}

/* Two ask for a collection at the same time: both get an answer, nobody waits for ever. */
static void collect_often(contract *c, gcb_mutator *m, void *arg) {
  crew *w = arg;
  gcb_frame f = gcb_enter(m, 1);
  kit_list(c, m, gcb_at(f, 0), 100, w->number);
  for (uint32_t i = 0; i < w->steps; i++) {
    gcb_pause_kind kind = kit_kinds[(i + w->number) % 7];
    gcb_status status = m->gc->collect(m, kind);
    CHECK(status == GCB_OK || (status == GCB_UNSUPPORTED && !(kind == GCB_MAJOR && has(c, GCB_CAP(CYCLES)))),
          "collect(kind %d) answered %d while others collect", kind, status);
    gcb_poll(m);
  }
  kit_expect_list(c, m, gcb_at(f, 0), 100, w->number, "a list beside rival collections");
  gcb_leave(m, f);
}
BEHAVIOUR(threads_collect_at_once,
          "mutators that ask for a collection at the same moment all get their answer", NEEDS) {
  kit_thread *t[3];
  crew w[4];
  for (uint32_t i = 0; i < 4; i++) w[i] = (crew){.number = i, .steps = MANY(300)};
  for (uint32_t i = 0; i < 3; i++) t[i] = kit_spawn(c, collect_often, &w[i]);
  collect_often(c, m, &w[3]);
  for (uint32_t i = 0; i < 3; i++) kit_join(m, t[i]);
  kit_settle(c, m);
  kit_exact(c, m, 0);
}

/* Finalizers and weak references of all threads' objects, run by whichever thread polls. */
static void drop_watched(contract *c, gcb_mutator *m, void *arg) {
  crew *w = arg;
  gcb_frame f = gcb_enter(m, 3);
  gcb_slot o = gcb_at(f, 0), weak = gcb_at(f, 1), x = gcb_at(f, 2);
  for (uint32_t i = 0; i < w->steps; i++) {
    uint64_t id = w->number * 20000 + i;
    kit_new(c, m, o, c->link, id);
    CHECK_EQ(gcb_finalizer(m, o, id), GCB_OK, "answer of a finalizer's registration");
    CHECK(gcb_weak_new(m, weak, o), "out of memory");
    kit_list(c, m, x, 5, id);
    gcb_weak_get(m, x, weak);
    CHECK(gcb_same(m, x, o), "a weak reference lost a target that a frame holds");
    CHECK_EQ(kit_finals(c, id), 0, "runs of the finalizer of an object that a frame holds");
    gcb_clear(m, x), gcb_clear(m, o);
    gcb_poll(m);
    gcb_weak_get(m, x, weak);
    if (!gcb_is_null(m, x))
      kit_expect(c, m, x, c->link, id, "a dropped object that a weak reference still finds");
    if (i % 211 == 0) m->gc->collect(m, kit_kinds[i / 211 % 7]);
  }
  gcb_leave(m, f);
}
static void is_link(contract *c, gcb_mutator *m, gcb_slot object, uint64_t token) {
  kit_expect(c, m, object, c->link, token, "an object in its finalizer");
}
BEHAVIOUR(threads_finalizers_and_weaks, "finalizers and weak references work with several mutators",
          .needs = GCB_CAP(THREADS) | GCB_CAP(FINALIZERS) | GCB_CAP(WEAK), .mutators = 4) {
  kit_thread *t[3];
  crew w[4];
  c->on_final = is_link;
  for (uint32_t i = 0; i < 4; i++) w[i] = (crew){.number = i, .steps = MANY(5000)};
  for (uint32_t i = 0; i < 3; i++) t[i] = kit_spawn(c, drop_watched, &w[i]);
  drop_watched(c, m, &w[3]);
  for (uint32_t i = 0; i < 3; i++) kit_join(m, t[i]);
  kit_settle(c, m);
  for (uint32_t i = 0; i < 4; i++)
    for (uint32_t k = 0; k < w[i].steps; k++) {
      uint32_t ran = kit_finals(c, i * 20000 + k);
      CHECK(ran == 1 || (!ran && !drops(c)), "finalizer %u of thread %u ran %u times", k, i, ran);
    }
  kit_exact(c, m, 0);
}

/* Weak references read while other threads collect: what they give is whole, and stays so while it is held.
 */
static void read_weaks(contract *c, gcb_mutator *m, void *arg) {
  enum { N = 1000, HELD = 64 };
  crew *w = arg;
  uint64_t held[HELD] = {0};
  gcb_frame f = gcb_enter(m, 5);
  gcb_slot o = gcb_at(f, 0), weak = gcb_at(f, 1), weaks = gcb_at(f, 2), strong = gcb_at(f, 3);
  gcb_slot ring = gcb_at(f, 4);
  kit_array(c, m, weaks, N);
  kit_array(c, m, ring, HELD);
  for (uint32_t step = 0; step < w->steps; step++) {
    uint64_t first = ((uint64_t)w->number << 40) + (uint64_t)step * N + 1;
    kit_array(c, m, strong, N);
    for (uint32_t i = 0; i < N; i++) {
      kit_new(c, m, o, c->link, first + i);
      gcb_put(m, strong, i, o);
      CHECK(gcb_weak_new(m, weak, o), "out of memory");
      gcb_put(m, weaks, i, weak);
      gcb_poll(m);
    }
    gcb_clear(m, strong), gcb_clear(m, o);
    for (uint32_t i = 0; i < N; i++) {
      if (i == w->number * N / 4) m->gc->collect(m, GCB_MAJOR);
      gcb_get(m, weak, weaks, i);
      gcb_weak_get(m, o, weak);
      gcb_poll(m);
      if (!gcb_is_null(m, o)) {
        kit_expect(c, m, o, c->link, first + i, "a dropped object that a weak reference still finds");
        gcb_put(m, ring, i % HELD, o);
        held[i % HELD] = first + i;
      }
      gcb_get(m, o, ring, i * 7 % HELD);
      if (held[i * 7 % HELD])
        kit_expect(c, m, o, c->link, held[i * 7 % HELD], "an object held since a weak reference gave it");
      gcb_clear(m, o);
    }
  }
  gcb_leave(m, f);
}
BEHAVIOUR(threads_read_weaks, "what a weak reference gives one thread stays whole while others collect",
          .needs = GCB_CAP(THREADS) | GCB_CAP(WEAK), .mutators = 4) {
  kit_thread *t[3];
  crew w[4];
  for (uint32_t i = 0; i < 4; i++) w[i] = (crew){.number = i, .steps = MANY(40)};
  for (uint32_t i = 0; i < 3; i++) t[i] = kit_spawn(c, read_weaks, &w[i]);
  read_weaks(c, m, &w[3]);
  for (uint32_t i = 0; i < 3; i++) kit_join(m, t[i]);
  kit_settle(c, m);
  kit_exact(c, m, 0);
}

/* One shared array, every element under its lock, written by all: barriers and counts from several threads
 * on the same objects. */
static void scribble(contract *c, gcb_mutator *m, void *arg) {
  crew *w = arg;
  gcb_rng rng = gcb_rng_seed(c->seed * 31 + w->number);
  gcb_frame f = gcb_enter(m, 3);
  gcb_slot o = gcb_at(f, 0), row = gcb_at(f, 1), x = gcb_at(f, 2);
  for (uint32_t i = 0; i < w->steps; i++) {
    uint32_t lock = (uint32_t)gcb_rng_below(&rng, 8), at = 8 * (uint32_t)gcb_rng_below(&rng, 64) + lock;
    gcb_move(m, row, gcb_global(m, 0));
    kit_new(c, m, o, c->link, ((uint64_t)w->number << 40) + i);
    gcb_lock(m, lock);
    gcb_get(m, x, row, at);
    if (!gcb_is_null(m, x)) kit_expect(c, m, x, c->link, kit_id(m, x), "an element of a shared array");
    if (i % 5 == 0)
      gcb_put_null(m, row, at);
    else if (i % 5 == 1)
      gcb_put(m, row, at, x); /* a = a */
    else
      gcb_put(m, row, at, o);
    gcb_unlock(m, lock);
    if (i % 503 == 0) m->gc->collect(m, kit_kinds[i / 503 % 7]);
    gcb_poll(m);
  }
  gcb_leave(m, f);
}
BEHAVIOUR(threads_share_an_array, "an array that several mutators write under a lock loses no element",
          NEEDS) {
  kit_thread *t[3];
  crew w[4];
  kit_array(c, m, gcb_global(m, 0), 512);
  for (uint32_t i = 0; i < 4; i++) w[i] = (crew){.number = i, .steps = MANY(20000)};
  for (uint32_t i = 0; i < 3; i++) t[i] = kit_spawn(c, scribble, &w[i]);
  scribble(c, m, &w[3]);
  for (uint32_t i = 0; i < 3; i++) kit_join(m, t[i]);
  kit_settle(c, m);
  kit_exact(c, m, 0);
  gcb_clear(m, gcb_global(m, 0));
  kit_settle(c, m);
  CHECK_EQ(kit_audit(c, m).objects, 0, "objects reachable after the shared array was dropped");
  kit_exact(c, m, 0);
}
