/* Depth and cyclic share of graphs made by hand. */
#include "plain_heap.h"
#include "runtime/live_graph.h"

typedef struct answer {
  uint64_t objects, depth, cyclic;
} answer;

static answer look(gcb_instance *in) {
  gcb_graph g;
  assert_true(gcb_graph_walk(&g, in));
  answer a = {g.n, g.depth, gcb_graph_cyclic(&g)};
  gcb_reach r;
  char why[200];
  assert_int_equal(gcb_reachable(in, &r, why, sizeof why), GCB_OK);
  assert_int_equal(r.bytes, g.bytes);
  assert_int_equal(r.objects, g.n);
  gcb_graph_free(&g);
  return a;
}

static void cycles_and_depth(void **state) {
  (void)state;
  gcb_instance *in = plain_heap(1, UINT64_MAX);
  gcb_mutator *m = plain_mutator(in);
  const gcb_shape *pair = gcb_shape_new(m, "pair", 2, 8);
  gcb_frame f = gcb_enter(m, 3);
  gcb_slot a = gcb_at(f, 0), b = gcb_at(f, 1), c = gcb_at(f, 2);
  assert_int_equal(look(in).depth, 0);
  assert_true(gcb_new(m, a, pair) && gcb_new(m, b, pair) && gcb_new(m, c, pair));
  gcb_put(m, a, 0, b);
  gcb_put(m, b, 0, c);
  gcb_put(m, a, 1, c); /* shared, no cycle */
  answer got = look(in);
  assert_true(got.objects == 3 && got.depth == 1 && got.cyclic == 0);
  gcb_clear(m, b);
  gcb_clear(m, c);
  assert_int_equal(look(in).depth, 2); /* the shortest path to c is short */
  gcb_get(m, c, a, 1);
  gcb_put(m, c, 1, c); /* itself */
  assert_int_equal(look(in).cyclic, pair->size);
  gcb_put(m, c, 0, a); /* a -> b -> c -> a */
  assert_int_equal(look(in).cyclic, 3 * pair->size);
  gcb_leave(m, f);
  gcb_mutator_detach(m);
  plain_free(in);
}

static void a_long_list_closed_into_a_ring(void **state) {
  (void)state;
  enum { N = 300000 };
  gcb_instance *in = plain_heap(1, UINT64_MAX);
  gcb_mutator *m = plain_mutator(in);
  const gcb_shape *link = gcb_shape_new(m, "link", 1, 8);
  gcb_frame f = gcb_enter(m, 2);
  gcb_slot list = gcb_at(f, 0), last = gcb_at(f, 1);
  assert_true(gcb_new(m, last, link));
  gcb_move(m, list, last);
  for (uint32_t i = 1; i < N; i++) assert_true(gcb_construct(m, list, link, list));
  gcb_clear(m, last);
  answer got = look(in);
  assert_true(got.objects == N && got.depth == N && got.cyclic == 0);
  gcb_move(m, last, list);
  for (uint32_t i = 1; i < N; i++) gcb_get(m, last, last, 0);
  gcb_put(m, last, 0, list);
  assert_int_equal(look(in).cyclic, (uint64_t)N * link->size);
  gcb_leave(m, f);
  gcb_mutator_detach(m);
  plain_free(in);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(cycles_and_depth),
      cmocka_unit_test(a_long_list_closed_into_a_ring),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
