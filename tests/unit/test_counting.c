/* Operation counts: exact, without the work of finalizers, and with a digest that tells two programs apart.
 */
#include "plain_heap.h"

static gcb_op_counts *counts(gcb_mutator *m) {
  return &((gcb_thread *)m->harness)->counts;
}

/* A program on the call operations, as the counting iteration runs it. */
static gcb_op_counts run(uint32_t n, bool swap) {
  gcb_instance *in = plain_heap(1, UINT64_MAX);
  gcb_mutator *m = plain_mutator(in);
  m->ops = &gcb_counting_ops;
  const gcb_shape *pair = gcb_shape_new(m, "pair", 2, 8);
  gcb_frame f = gcb_enter(m, 3);
  for (uint32_t i = 0; i < n; i++) {
    gcb_slot a = gcb_at(f, 0), b = gcb_at(f, 1), x = gcb_at(f, 2);
    assert_true(gcb_new(m, a, pair));
    assert_true(gcb_construct(m, b, pair, a));
    assert_true(gcb_new_bytes(m, x, 100));
    gcb_put(m, b, swap, x);
    gcb_put_null(m, b, !swap);
    gcb_get(m, x, b, swap);
    gcb_write_u64(m, b, 0, i);
    assert_int_equal(gcb_read_u64(m, b, 0), i);
    gcb_poll(m);
  }
  gcb_leave(m, f);
  gcb_op_counts c = *counts(m);
  gcb_mutator_detach(m);
  plain_free(in);
  return c;
}

static void counts_are_exact(void **state) {
  (void)state;
  gcb_op_counts c = run(100, false);
  assert_int_equal(c.allocated_objects, 300);
  assert_int_equal(c.allocated_bytes, 100 * (32 + 32 + 112));
  assert_int_equal(c.inits, 200); /* of construct */
  assert_int_equal(c.puts, 200);
  assert_int_equal(c.gets, 100);
  assert_int_equal(c.reads, 100);
  assert_int_equal(c.writes, 100);
  assert_int_equal(c.polls, 100);
  assert_int_equal(c.frames, 1);
}

static void the_digest_tells_programs_apart_and_nothing_else(void **state) {
  (void)state;
  assert_true(run(50, false).digest == run(50, false).digest);
  assert_true(run(50, false).digest != run(50, true).digest);
  assert_true(run(50, false).digest != run(51, false).digest);
}

static void allocate_a_lot(gcb_mutator *m, void *ctx, gcb_slot object, uint64_t token) {
  (void)token;
  ++*(uint32_t *)ctx;
  for (int i = 0; i < 10; i++) assert_true(gcb_new_bytes(m, object, 50));
}

static void finalizers_are_not_counted(void **state) {
  (void)state;
  gcb_instance *in = plain_heap(1, UINT64_MAX);
  gcb_mutator *m = plain_mutator(in);
  uint32_t ran = 0;
  m->ops = &gcb_counting_ops;
  in->finalized = allocate_a_lot;
  in->finalized_ctx = &ran;
  gcb_frame f = gcb_enter(m, 1);
  assert_true(gcb_new_bytes(m, gcb_at(f, 0), 8));
  assert_true(gcb_finalizer_ready(&in->heap, *gcb_at(f, 0).at, 1));
  gcb_poll(m);
  assert_int_equal(ran, 1);
  assert_int_equal(counts(m)->allocated_objects, 1);
  assert_int_equal(counts(m)->polls, 1);
  gcb_leave(m, f);
  gcb_mutator_detach(m);
  plain_free(in);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(counts_are_exact),
      cmocka_unit_test(the_digest_tells_programs_apart_and_nothing_else),
      cmocka_unit_test(finalizers_are_not_counted),
  };
  return cmocka_run_group_tests_name("counting", tests, NULL, NULL);
}
