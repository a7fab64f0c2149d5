/* Delta debugging: what is left fails, and nothing of it can be left out. */
#include "stress/generate.h"
#include "stress/shrink.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* "Fails" when, in this order, a weak reference is made, a collection is forced and it is asked. */
static bool three_in_a_row(void *ctx, const gcb_stress_program *p) {
  static const gcb_stress_code row[] = {GCB_STRESS_WEAK, GCB_STRESS_COLLECT, GCB_STRESS_WEAK_GET};
  uint32_t found = 0;
  ++*(uint32_t *)ctx;
  for (uint32_t i = 0; i < p->n && found < 3; i++) found += p->ops[i].code == row[found];
  return found == 3;
}

static bool poisoned_large(void *ctx, const gcb_stress_program *p) {
  (void)ctx;
  bool large = false;
  for (uint32_t i = 0; i < p->n; i++) large |= p->ops[i].code == GCB_STRESS_ARRAY && p->ops[i].a[1] >= 700;
  return large && p->modes.poison;
}

static void only_what_is_needed_is_left(void **state) {
  (void)state;
  int shrunk = 0;
  for (uint64_t seed = 1; seed < 300; seed++) {
    gcb_stress_program p;
    uint32_t trials = 0;
    assert_true(gcb_stress_generate(&p, seed, ~0u));
    if (three_in_a_row(&trials, &p)) {
      uint32_t took = gcb_stress_shrink(&p, three_in_a_row, &trials, 5000);
      assert_int_equal(p.n, 3);
      assert_true(three_in_a_row(&trials, &p));
      assert_int_equal(took, trials - 2);
      assert_false(p.modes.tiny || p.modes.poison || p.modes.base || p.modes.collect || p.modes.fail);
      shrunk++;
    }
    gcb_stress_free(&p);
  }
  assert_true(shrunk > 20);
}

static void a_mode_that_matters_stays_and_numbers_become_small(void **state) {
  (void)state;
  int shrunk = 0;
  for (uint64_t seed = 1; seed < 300; seed++) {
    gcb_stress_program p;
    assert_true(gcb_stress_generate(&p, seed, ~0u));
    if (poisoned_large(NULL, &p)) {
      gcb_stress_shrink(&p, poisoned_large, NULL, 5000);
      assert_int_equal(p.n, 1);
      assert_true(p.modes.poison);
      assert_in_range(p.ops[0].a[1], 700, 1100);
      shrunk++;
    }
    gcb_stress_free(&p);
  }
  assert_true(shrunk > 20);
}

static void trials_are_bounded(void **state) {
  (void)state;
  gcb_stress_program p;
  uint32_t trials = 0;
  assert_true(gcb_stress_generate(&p, 3, ~0u));
  assert_true(gcb_stress_shrink(&p, three_in_a_row, &trials, 10) <= 10);
  gcb_stress_free(&p);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(only_what_is_needed_is_left),
      cmocka_unit_test(a_mode_that_matters_stays_and_numbers_become_small),
      cmocka_unit_test(trials_are_bounded),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
