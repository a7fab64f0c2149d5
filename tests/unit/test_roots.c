/* The harness's roots: each slot in use is visited once, and objects that wait for their finalizer are roots.
 */
#include "plain_heap.h"

typedef struct seen {
  uint32_t n;
  gcb_object **slots[1024];
} seen;

static void note(void *ctx, gcb_object **slot) {
  seen *s = ctx;
  assert_non_null(*slot);
  for (uint32_t i = 0; i < s->n; i++) assert_ptr_not_equal(s->slots[i], slot);
  s->slots[s->n++] = slot;
}

static uint32_t visit(gcb_instance *in) {
  seen s = {0};
  gcb_each_root(&in->heap, note, &s);
  return s.n;
}

static void every_slot_in_use_is_visited_once(void **state) {
  (void)state;
  gcb_instance *in = plain_heap(2, UINT64_MAX);
  gcb_mutator *m = plain_mutator(in), *other = plain_mutator(in);
  const gcb_shape *leaf = gcb_shape_new(m, "leaf", 0, 8);
  assert_int_equal(visit(in), 0);
  gcb_frame f = gcb_enter(m, 5), g = gcb_enter(other, 3);
  assert_int_equal(visit(in), 0); /* null slots are none */
  assert_true(gcb_new(m, gcb_at(f, 0), leaf) && gcb_new(m, gcb_at(f, 4), leaf));
  assert_true(gcb_new(other, gcb_at(g, 2), leaf));
  gcb_move(m, gcb_global(m, 0), gcb_at(f, 0));
  gcb_move(m, gcb_global(m, GCB_GLOBALS - 1), gcb_at(f, 0));
  assert_int_equal(visit(in), 5);
  gcb_leave(m, f);
  assert_int_equal(visit(in), 3);
  gcb_leave(other, g);
  gcb_mutator_detach(other);
  gcb_clear(m, gcb_global(m, 0));
  assert_int_equal(visit(in), 1);
  gcb_mutator_detach(m);
  plain_free(in);
}

static void a_reached_slot_can_be_updated(void **state) {
  (void)state;
  gcb_instance *in = plain_heap(1, UINT64_MAX);
  gcb_mutator *m = plain_mutator(in);
  const gcb_shape *leaf = gcb_shape_new(m, "leaf", 0, 8);
  gcb_frame f = gcb_enter(m, 2);
  assert_true(gcb_new(m, gcb_at(f, 0), leaf) && gcb_new(m, gcb_at(f, 1), leaf));
  seen s = {0};
  gcb_each_root(&in->heap, note, &s);
  *s.slots[0] = *s.slots[1];
  assert_true(gcb_same(m, gcb_at(f, 0), gcb_at(f, 1)));
  gcb_leave(m, f);
  gcb_mutator_detach(m);
  plain_free(in);
}

static uint64_t order[3000];
static uint32_t ran;
static void finalized(gcb_mutator *m, void *ctx, gcb_slot object, uint64_t token) {
  gcb_instance *in = ctx;
  assert_int_equal(gcb_read_u64(m, object, 0), token);
  assert_true(ran < 3000);
  order[ran++] = token;
  m->heap->host->poll(m); /* a finalizer that polls does not run others inside */
  assert_int_equal(order[ran - 1], token);
  assert_true(visit(in) >= 1);
}

static void finalizers_run_in_order_at_the_poll_and_are_roots_until_then(void **state) {
  (void)state;
  gcb_instance *in = plain_heap(1, UINT64_MAX);
  gcb_mutator *m = plain_mutator(in);
  const gcb_shape *leaf = gcb_shape_new(m, "leaf", 0, 8);
  in->finalized = finalized;
  in->finalized_ctx = in;
  gcb_frame f = gcb_enter(m, 1);
  for (uint64_t i = 0; i < 500; i++) { /* few enough for visit()'s table */
    assert_true(gcb_new(m, gcb_at(f, 0), leaf));
    gcb_write_u64(m, gcb_at(f, 0), 0, i);
    assert_true(gcb_finalizer_ready(&in->heap, *gcb_at(f, 0).at, i));
  }
  gcb_clear(m, gcb_at(f, 0));
  assert_int_equal(visit(in), 500);
  assert_int_equal(ran, 0);
  m->heap->host->poll(m);
  assert_int_equal(ran, 500);
  for (uint32_t i = 0; i < 500; i++) assert_int_equal(order[i], i);
  assert_int_equal(visit(in), 0);
  assert_int_equal(m->attention, 0);
  m->heap->host->poll(m);
  assert_int_equal(ran, 500);
  gcb_leave(m, f);
  gcb_mutator_detach(m);
  plain_free(in);
}

static void equal_shapes_are_one_and_absurd_ones_none(void **state) {
  (void)state;
  gcb_instance *in = plain_heap(1, UINT64_MAX);
  gcb_mutator *m = plain_mutator(in);
  const gcb_shape *a = gcb_shape_new(m, "a", 3, 24), *b = gcb_shape_new(m, "b", 3, 24);
  assert_ptr_equal(a, b);
  assert_int_equal(a->size, 8 + 24 + 24);
  assert_ptr_not_equal(a, gcb_shape_new(m, "c", 3, 25));
  assert_non_null(gcb_shape_new(m, "widest", GCB_MAX_REFS, GCB_MAX_PAYLOAD));
  assert_null(gcb_shape_new(m, "absurd", GCB_MAX_REFS + 1, 0));
  assert_null(gcb_shape_new(m, "absurd", 0, GCB_MAX_PAYLOAD + 1));
  gcb_mutator_detach(m);
  plain_free(in);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_slot_in_use_is_visited_once),
      cmocka_unit_test(a_reached_slot_can_be_updated),
      cmocka_unit_test(finalizers_run_in_order_at_the_poll_and_are_roots_until_then),
      cmocka_unit_test(equal_shapes_are_one_and_absurd_ones_none),
  };
  return cmocka_run_group_tests_name("roots", tests, NULL, NULL);
}
