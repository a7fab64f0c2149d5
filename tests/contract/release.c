/* Releases: to a collector a cleared slot, to memory that is freed by hand the end of the object, or of its
 * tree. */
#include "kit.h"

static uint64_t objects_held(contract *c, gcb_mutator *m) {
  gcb_space_ledger l;
  kit_audit(c, m);
  m->gc->ledger(m->heap, &l);
  return l.objects;
}

/* A complete tree of nodes, four children each. */
static void tree(contract *c, gcb_mutator *m, gcb_slot dst, uint32_t depth, uint64_t id) {
  gcb_frame f = gcb_enter(m, 2);
  kit_new(c, m, gcb_at(f, 0), c->node, id);
  for (uint32_t i = 0; depth && i < 4; i++) {
    tree(c, m, gcb_at(f, 1), depth - 1, 4 * id + i);
    gcb_put(m, gcb_at(f, 0), i, gcb_at(f, 1));
  }
  gcb_move(m, dst, gcb_at(f, 0));
  gcb_leave(m, f);
}

BEHAVIOUR(release_clears_the_slot_and_nothing_else, "release() clears its slot and touches nothing else") {
  gcb_frame f = gcb_enter(m, 4);
  gcb_slot kept = gcb_at(f, 0), o = gcb_at(f, 1), none = gcb_at(f, 2), large = gcb_at(f, 3);
  for (uint32_t i = 0; i < MANY(3000) + 10; i++) {
    kit_list(c, m, kept, 3, i);
    kit_new(c, m, o, c->pair, i);
    gcb_put(m, o, 0, kept);
    kit_bytes(c, m, large, i % 1000 ? i % 64 : 50000, i);
    gcb_release(m, o);
    gcb_release(m, large);
    gcb_release(m, none);
    gcb_release_tree(m, none);
    CHECK(gcb_is_null(m, o) && gcb_is_null(m, large), "a released slot is not null");
    kit_new(c, m, o, c->leaf, i + 1);
    kit_expect_list(c, m, kept, 3, i, "what a released object had referred to");
    kit_expect(c, m, o, c->leaf, i + 1, "what came after a released object");
    gcb_release_tree(m, kept);
    CHECK(gcb_is_null(m, kept), "the slot of a released tree is not null");
    gcb_release(m, o);
    gcb_poll(m);
  }
  kit_settle(c, m);
  kit_exact(c, m, 0);
  gcb_leave(m, f);
}

/* Deep, wide, of one object, with holes; everything beside it stays, and all memory of it comes back. */
BEHAVIOUR(release_frees_whole_trees, "a released tree gives all its memory back, and what is beside it stays",
          .needs = GCB_CAP(EXPLICIT)) {
  gcb_frame f = gcb_enter(m, 5);
  gcb_slot kept = gcb_at(f, 0), a = gcb_at(f, 1), b = gcb_at(f, 2), d = gcb_at(f, 3), x = gcb_at(f, 4);
  kit_list(c, m, kept, 1000, 7);
  uint64_t before = objects_held(c, m);
  for (uint32_t round = 0; round < 3; round++) {
    tree(c, m, a, 6, 1);
    kit_list(c, m, b, MANY(300000), 1); /* no stack is as deep */
    kit_array(c, m, d, 5000);
    for (uint32_t i = 0; i < 5000; i += 3) {
      kit_list(c, m, x, i % 5, i);
      gcb_put(m, d, i, x);
    }
    gcb_clear(m, x);
    gcb_release_tree(m, b);
    kit_expect_list(c, m, kept, 1000, 7, "a list beside a released one");
    gcb_release_tree(m, d);
    gcb_release_tree(m, a);
    CHECK_EQ(objects_held(c, m), before, "bytes of objects once all trees were released");
  }
  kit_expect_list(c, m, kept, 1000, 7, "a list beside released trees");
  gcb_leave(m, f);
}

static void give_away(contract *c, gcb_mutator *m, void *arg) {
  (void)arg;
  gcb_frame f = gcb_enter(m, 1);
  for (uint32_t i = 0; i < MANY(20000); i++) {
    kit_list(c, m, gcb_at(f, 0), 5, i);
    gcb_lock(m, 1);
    gcb_release_tree(m, gcb_global(m, 0)); /* another thread's, as often as not */
    gcb_move(m, gcb_global(m, 0), gcb_at(f, 0));
    gcb_unlock(m, 1);
    gcb_poll(m);
  }
  gcb_leave(m, f);
}
BEHAVIOUR(release_by_another_thread, "what one thread allocated another may release",
          .needs = GCB_CAP(EXPLICIT) | GCB_CAP(THREADS), .mutators = 2) {
  uint64_t before = objects_held(c, m);
  kit_thread *t = kit_spawn(c, give_away, NULL);
  give_away(c, m, NULL);
  kit_join(m, t);
  gcb_release_tree(m, gcb_global(m, 0));
  CHECK_EQ(objects_held(c, m), before, "bytes of objects once all was released");
}
