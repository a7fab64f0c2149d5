/* What is wrong in memory freed by hand ends the run with a sentence, and is never silently wrong. */
#include "plan/load.h"
#include "runtime/heap_host.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
/* cmocka wants the four before it */
#include <cmocka.h>

static gcb_instance in;
static const gcb_collector *c;
static gcb_mutator *m;
static const gcb_shape *pair;
static gcb_frame f;

static void begin(bool poison) {
  char why[300];
  gcb_status status;
  gcb_value values[] = {{.u = 0}};
  c = gcb_load_collector(GCB_MODULE, why, sizeof why);
  assert_non_null(c);
  assert_true(gcb_instance_init(&in, c));
  in.heap.limit = UINT64_MAX;
  in.heap.mutators = 1;
  in.heap.debug = poison ? GCB_DEBUG_POISON : 0;
  assert_int_equal(c->start(&in.heap, values, why, sizeof why), GCB_OK);
  m = gcb_mutator_attach(&in, &status);
  assert_non_null(m);
  pair = gcb_shape_new(m, "pair", 2, 8);
  f = gcb_enter(m, 3);
}

static void end(void) {
  gcb_leave(m, f);
  gcb_mutator_detach(m);
  c->stop(&in.heap);
  gcb_instance_free(&in);
}

/* Run `misuse`, which must be found, with these words in the sentence. */
static void expect_found(void (*misuse)(void), bool poison, const char *words) {
  begin(poison);
  gcb_thread *own = m->harness;
  if (!setjmp(own->unwind)) {
    misuse();
    fail_msg("misuse went unnoticed: %s", words);
  }
  assert_non_null(strstr(own->why, words));
  end();
}

static void make_pair(uint32_t slot) {
  assert_true(gcb_new(m, gcb_at(f, slot), pair));
}

static void release_twice(void) {
  make_pair(0);
  gcb_move(m, gcb_at(f, 1), gcb_at(f, 0));
  gcb_release(m, gcb_at(f, 0));
  gcb_release(m, gcb_at(f, 1));
}
static void release_what_a_tree_had(void) {
  make_pair(0);
  make_pair(1);
  gcb_put(m, gcb_at(f, 0), 1, gcb_at(f, 1));
  gcb_release_tree(m, gcb_at(f, 0));
  gcb_release(m, gcb_at(f, 1));
}
static void release_a_cycle_as_a_tree(void) {
  make_pair(0);
  make_pair(1);
  gcb_put(m, gcb_at(f, 0), 0, gcb_at(f, 1));
  gcb_put(m, gcb_at(f, 1), 1, gcb_at(f, 0));
  gcb_release_tree(m, gcb_at(f, 0));
}
static void release_what_two_hold_as_a_tree(void) {
  make_pair(0);
  make_pair(1);
  gcb_put(m, gcb_at(f, 0), 0, gcb_at(f, 1));
  gcb_put(m, gcb_at(f, 0), 1, gcb_at(f, 1));
  gcb_release_tree(m, gcb_at(f, 0));
}
static void write_into_what_was_released(void) {
  make_pair(0);
  gcb_move(m, gcb_at(f, 1), gcb_at(f, 0));
  gcb_release(m, gcb_at(f, 0));
  gcb_write_u64(m, gcb_at(f, 1), 0, 1);
  for (int i = 0; i < 5000; i++) {
    make_pair(2);
    gcb_release(m, gcb_at(f, 2));
  }
}

static void a_second_release_is_found(void **state) {
  (void)state;
  for (int poison = 0; poison < 2; poison++) {
    expect_found(release_twice, poison, "released before");
    expect_found(release_what_a_tree_had, poison, "released before");
    expect_found(release_a_cycle_as_a_tree, poison, "two ways");
    expect_found(release_what_two_hold_as_a_tree, poison, "two ways");
  }
}

static void a_store_after_the_release_is_found_with_poison_on(void **state) {
  (void)state;
  expect_found(write_into_what_was_released, true, "written after");
}

static void what_is_read_after_the_release_is_poison(void **state) {
  (void)state;
  begin(true);
  make_pair(0);
  gcb_write_u64(m, gcb_at(f, 0), 0, 77);
  gcb_move(m, gcb_at(f, 1), gcb_at(f, 0));
  gcb_release(m, gcb_at(f, 0));
  gcb_object *o = *gcb_at(f, 1).at; /* its header is poison too, so the payload's place comes from here */
  for (size_t i = 0; i < pair->size; i++) assert_int_equal(((uint8_t *)o)[i], GCB_POISON_FREED);
  end();
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_second_release_is_found),
      cmocka_unit_test(a_store_after_the_release_is_found_with_poison_on),
      cmocka_unit_test(what_is_read_after_the_release_is_poison),
  };
  return cmocka_run_group_tests_name("malloc", tests, NULL, NULL);
}
