/* The page service: what is committed is counted, bounded, and refused on request. */
#include "plain_heap.h"

enum { P = 4096 };

static void commits_are_counted_and_bounded(void **state) {
  (void)state;
  gcb_instance *in = plain_heap(1, 10 * P);
  char *at = gcb_reserve(&in->heap, 100 * P, P);
  assert_non_null(at);
  assert_int_equal(gcb_committed(&in->heap), 0);
  assert_true(gcb_commit(&in->heap, at, 6 * P));
  assert_false(gcb_commit(&in->heap, at + 6 * P, 5 * P));
  assert_int_equal(gcb_committed(&in->heap), 6 * P);
  assert_true(gcb_commit(&in->heap, at + 6 * P, 4 * P)); /* the bound itself is allowed */
  assert_false(gcb_commit(&in->heap, at + 10 * P, P));
  gcb_decommit(&in->heap, at, 3 * P);
  assert_int_equal(gcb_committed(&in->heap), 7 * P);
  assert_int_equal(in->peak_committed, 10 * P);
  assert_false(gcb_commit(&in->heap, at + 20 * P, SIZE_MAX & ~(size_t)(P - 1))); /* no overflow */
  plain_free(in);
}

static void pages_read_as_zero_again_after_decommit(void **state) {
  (void)state;
  gcb_instance *in = plain_heap(1, UINT64_MAX);
  char *at = gcb_reserve(&in->heap, 4 * P, P);
  assert_true(gcb_commit(&in->heap, at, 4 * P));
  memset(at, 0xaa, 4 * P);
  gcb_decommit(&in->heap, at + P, 2 * P);
  assert_true(gcb_commit(&in->heap, at + P, 2 * P));
  for (int i = 0; i < 4 * P; i++) assert_int_equal((uint8_t)at[i], i / P == 0 || i / P == 3 ? 0xaa : 0);
  plain_free(in);
}

static void reservations_are_aligned_and_known(void **state) {
  (void)state;
  gcb_instance *in = plain_heap(1, UINT64_MAX);
  for (size_t align = 1; align <= 1 << 22; align *= 4) {
    char *at = gcb_reserve(&in->heap, 5 * P + 1, align);
    assert_non_null(at);
    assert_int_equal((uintptr_t)at % (align < P ? P : align), 0);
    assert_true(gcb_in_regions(in, at));
    assert_true(gcb_in_regions(in, at + 6 * P - 1));
    assert_false(gcb_in_regions(in, at + 6 * P) && gcb_in_regions(in, at - 1));
  }
  assert_null(gcb_reserve(&in->heap, P, 3 * P)); /* not a power of two */
  assert_null(gcb_reserve(&in->heap, 0, P));
  assert_null(gcb_reserve(&in->heap, (size_t)1 << 60, P));
  assert_false(gcb_in_regions(in, &in));
  plain_free(in);
}

static void the_nth_request_is_refused_once(void **state) {
  (void)state;
  gcb_instance *in = plain_heap(1, UINT64_MAX);
  char *at = gcb_reserve(&in->heap, 10 * P, P);
  in->fail_commit = in->commits + 2;
  assert_true(gcb_commit(&in->heap, at, P));
  assert_false(gcb_commit(&in->heap, at + P, P));
  assert_int_equal(gcb_committed(&in->heap), P);
  assert_true(gcb_commit(&in->heap, at + P, P));
  plain_free(in);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(commits_are_counted_and_bounded),
      cmocka_unit_test(pages_read_as_zero_again_after_decommit),
      cmocka_unit_test(reservations_are_aligned_and_known),
      cmocka_unit_test(the_nth_request_is_refused_once),
  };
  return cmocka_run_group_tests_name("pages", tests, NULL, NULL);
}
