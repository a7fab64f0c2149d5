/* The verifier of write barriers: a store that the barrier was not told of is found, on every kind of
 * barrier; one that it was told of, or need not be, is not. */
#include "stress/barrier_verifier.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { BIT_LOG = 2, SHIFT = 6 };
static struct {
  gcb_object *words[64]; /* objects of 3 references stand 8 words apart */
} heap __attribute__((aligned(4096)));
static uint8_t table[4096];
static gcb_object target;
static gcb_barrier b;
static gcb_mutator m;

static gcb_object *object(int k) {
  gcb_object *o = (gcb_object *)&heap.words[8 * k];
  uint64_t header = gcb_header(gcb_geometry_fixed(3, 0), BIT_LOG);
  memcpy(o, &header, sizeof header);
  return o;
}
static gcb_object **slot(int k, int i) {
  return gcb_slots_of((gcb_object *)&heap.words[8 * k]) + i;
}

static void begin(int write) {
  const gcb_path path = {GCB_ALLOC_CALL, (uint8_t)write, GCB_READ_NONE, GCB_ROOTS_PLAIN};
  memset(&heap, 0, sizeof heap);
  memset(table, write == GCB_WRITE_FIELD_LOG ? 0xff : 0, sizeof table);
  uintptr_t first = write == GCB_WRITE_FIELD_LOG ? (uintptr_t)&heap >> 6 : (uintptr_t)&heap >> SHIFT;
  m = (gcb_mutator){.log_mask = BIT_LOG, .barrier_base = table - first, .barrier_shift = SHIFT};
  assert_true(gcb_barrier_is_checked(path));
  gcb_barrier_begin(&b, path, &m);
  for (int k = 0; k < 4; k++) assert_true(gcb_barrier_note(&b, object(k), (uint32_t)k));
}

static void expect(int k, uint32_t i) {
  uint32_t where = 99;
  const gcb_held *held = gcb_barrier_unexplained(&b, &where);
  assert_non_null(held);
  assert_int_equal(held->id, k);
  assert_int_equal(where, i);
}
static void expect_nothing(uint64_t explained) {
  uint32_t where;
  uint64_t before = b.explained;
  assert_null(gcb_barrier_unexplained(&b, &where));
  assert_int_equal(b.explained - before, explained);
}

static void a_store_past_the_object_log_is_found(void **state) {
  (void)state;
  begin(GCB_WRITE_OBJECT_LOG);
  expect_nothing(0);
  *slot(1, 0) = &target; /* told, and disarmed with it: its other slots are free */
  object(1)->bits = 0;
  assert_true(gcb_barrier_tell(&b, object(1), slot(1, 0)));
  ((gcb_object *)&heap.words[8])->bits = 0;
  *slot(1, 2) = &target;
  expect_nothing(2);
  *slot(2, 1) = &target; /* told, and armed still, as a large object with cards is: slot for slot */
  assert_true(gcb_barrier_tell(&b, (gcb_object *)&heap.words[16], slot(2, 1)));
  expect_nothing(3);
  *slot(2, 2) = &target;
  expect(2, 2);
  assert_true(gcb_barrier_tell(&b, (gcb_object *)&heap.words[16], slot(2, 2)));
  expect_nothing(4);
  *slot(3, 0) = &target;
  expect(3, 0);
  gcb_barrier_free(&b);
}

static void what_is_remembered_already_need_not_be_told(void **state) {
  (void)state;
  begin(GCB_WRITE_OBJECT_LOG);
  gcb_barrier_begin(&b, b.path, &m);
  ((gcb_object *)&heap.words[0])->bits = 0;
  assert_true(gcb_barrier_note(&b, (gcb_object *)&heap.words[0], 0));
  *slot(0, 0) = &target;
  expect_nothing(0);
  gcb_barrier_free(&b);
}

static void a_store_past_the_cards_is_found(void **state) {
  (void)state;
  begin(GCB_WRITE_CARD);
  *slot(0, 1) = &target;
  m.barrier_base[(uintptr_t)slot(0, 1) >> SHIFT] = 1;
  expect_nothing(1);
  *slot(2, 1) = &target;
  expect(2, 1);
  gcb_barrier_free(&b);
}

static void a_store_past_the_field_log_is_found(void **state) {
  (void)state;
  begin(GCB_WRITE_FIELD_LOG);
  *slot(0, 1) = &target;
  assert_true(gcb_barrier_tell(&b, (gcb_object *)&heap.words[0], slot(0, 1)));
  expect_nothing(1);
  *slot(0, 2) = &target; /* another field of it */
  expect(0, 2);
  gcb_barrier_free(&b);
}

static void only_barriers_that_note_stores_are_checked(void **state) {
  (void)state;
  assert_false(
      gcb_barrier_is_checked((gcb_path){GCB_ALLOC_CALL, GCB_WRITE_NONE, GCB_READ_NONE, GCB_ROOTS_PLAIN}));
  assert_false(
      gcb_barrier_is_checked((gcb_path){GCB_ALLOC_CALL, GCB_WRITE_COUNT, GCB_READ_NONE, GCB_ROOTS_COUNTED}));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_store_past_the_object_log_is_found),
      cmocka_unit_test(what_is_remembered_already_need_not_be_told),
      cmocka_unit_test(a_store_past_the_cards_is_found),
      cmocka_unit_test(a_store_past_the_field_log_is_found),
      cmocka_unit_test(only_barriers_that_note_stores_are_checked),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
