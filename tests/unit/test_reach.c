/* The harness's own walk: what is reachable, to the byte, and what makes it call a heap broken. */
#include "plain_heap.h"

enum { DEPTH = 1000000 };

static gcb_reach walk(gcb_instance *in, gcb_status expected, const char *because) {
  gcb_reach r = {0};
  char why[300] = "";
  gcb_status status = gcb_reachable(in, &r, why, sizeof why);
  if (status != expected || (because && !strstr(why, because)))
    fail_msg("status %d, reason \"%s\"; expected %d, \"%s\"", status, why, expected, because ? because : "");
  return r;
}

static void counts_what_is_reachable_once(void **state) {
  (void)state;
  gcb_instance *in = plain_heap(1, UINT64_MAX);
  gcb_mutator *m = plain_mutator(in);
  const gcb_shape *pair = gcb_shape_new(m, "pair", 2, 8);
  gcb_frame f = gcb_enter(m, 3);
  gcb_slot a = gcb_at(f, 0), b = gcb_at(f, 1), list = gcb_at(f, 2);
  assert_int_equal(walk(in, GCB_OK, NULL).objects, 0);
  assert_true(gcb_new(m, a, pair) && gcb_new(m, b, pair));
  gcb_put(m, a, 0, b), gcb_put(m, b, 0, a), gcb_put(m, a, 1, a); /* shared, cyclic */
  gcb_reach r = walk(in, GCB_OK, NULL);
  assert_int_equal(r.objects, 2);
  assert_int_equal(r.bytes, 2 * pair->size);
  assert_true(gcb_new_bytes(m, b, 13)); /* a is still reached, and the old b through it */
  r = walk(in, GCB_OK, NULL);
  assert_int_equal(r.objects, 3);
  assert_int_equal(r.bytes, 2 * pair->size + 24);
  for (uint32_t i = 0; i < DEPTH; i++) {
    assert_true(gcb_new_array(m, b, 1));
    gcb_init(m, b, 0, list);
    gcb_move(m, list, b);
  }
  r = walk(in, GCB_OK, NULL); /* deep, on the C stack there is */
  assert_int_equal(r.objects, 2 + DEPTH);
  assert_int_equal(r.bytes, 2 * pair->size + 16ull * DEPTH);
  gcb_leave(m, f);
  gcb_mutator_detach(m);
  plain_free(in);
}

/* Made by hand: the plain collector has no ephemerons. */
static void ephemerons_count_their_value_with_their_key(void **state) {
  (void)state;
  gcb_instance *in = plain_heap(1, UINT64_MAX);
  gcb_mutator *m = plain_mutator(in);
  gcb_frame f = gcb_enter(m, 3);
  gcb_slot key = gcb_at(f, 0), value = gcb_at(f, 1), e = gcb_at(f, 2);
  assert_true(gcb_new_bytes(m, key, 8) && gcb_new_bytes(m, value, 800));
  *e.at = plain_alloc(m, gcb_header(GCB_GEOMETRY_EPHEMERON, 0), 32);
  *gcb_weak_target(*e.at) = *key.at;
  *gcb_ephemeron_value(*e.at) = *value.at;
  gcb_clear(m, value);
  assert_int_equal(walk(in, GCB_OK, NULL).bytes, 32 + 16 + 808);
  gcb_clear(m, key);
  assert_int_equal(walk(in, GCB_OK, NULL).bytes, 32);
  gcb_leave(m, f);
  gcb_mutator_detach(m);
  plain_free(in);
}

static void a_broken_slot_is_told(void **state) {
  (void)state;
  gcb_instance *in = plain_heap(1, UINT64_MAX);
  gcb_mutator *m = plain_mutator(in);
  gcb_frame f = gcb_enter(m, 1);
  gcb_slot s = gcb_at(f, 0);
  assert_true(gcb_new_array(m, s, 2));
  gcb_object **slot = gcb_slots_of(*s.at);
  static uint64_t elsewhere[4];
  slot[1] = (gcb_object *)elsewhere;
  walk(in, GCB_WRONG, "outside");
  slot[1] = (gcb_object *)((char *)*s.at + 4);
  walk(in, GCB_WRONG, "aligned");
  slot[1] = *s.at;
  walk(in, GCB_OK, NULL);
  gcb_object *last = (gcb_object *)(in->regions[0].base + in->regions[0].bytes - 8);
  assert_true(gcb_commit(&in->heap, (void *)((uintptr_t)last & ~(uintptr_t)4095), 4096));
  last->geometry = gcb_geometry_array(GCB_KIND_BYTES, GCB_MAX_LENGTH);
  slot[1] = last;
  walk(in, GCB_WRONG, "beyond");
  gcb_leave(m, f);
  gcb_mutator_detach(m);
  plain_free(in);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(counts_what_is_reachable_once),
      cmocka_unit_test(ephemerons_count_their_value_with_their_key),
      cmocka_unit_test(a_broken_slot_is_told),
  };
  return cmocka_run_group_tests_name("reach", tests, NULL, NULL);
}
