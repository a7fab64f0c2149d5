#include "../data/stats_tables.h"
#include <gcbench/rng.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h> // needs those above, in a group of its own so that formatting keeps it last

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void splitmix64_gives_the_published_sequence(void **state) {
  (void)state;
  uint64_t seed = 1234567;
  for (size_t i = 0; i < COUNT(splitmix_1234567); i++) {
    assert_int_equal(gcb_splitmix64(&seed), splitmix_1234567[i]);
  }
  // The well-known one, in case the script and the header err alike.
  seed = 1234567;
  assert_int_equal(gcb_splitmix64(&seed), UINT64_C(6457827717110365317));
}

static void xoshiro_gives_the_published_sequence(void **state) {
  (void)state;
  gcb_rng rng = {{1, 2, 3, 4}};
  for (size_t i = 0; i < COUNT(xoshiro_1234); i++) assert_int_equal(gcb_rng_next(&rng), xoshiro_1234[i]);
  rng = (gcb_rng){{1, 2, 3, 4}};
  const uint64_t known[] = {11520, 0, 1509978240, UINT64_C(1215971899390074240)};
  for (size_t i = 0; i < COUNT(known); i++) assert_int_equal(gcb_rng_next(&rng), known[i]);
}

static void seed_fills_the_state_by_splitmix64(void **state) {
  (void)state;
  gcb_rng rng = gcb_rng_seed(42);
  for (size_t i = 0; i < COUNT(seeded_42); i++) assert_int_equal(gcb_rng_next(&rng), seeded_42[i]);
}

static void zero_is_a_good_seed(void **state) {
  (void)state;
  gcb_rng rng = gcb_rng_seed(0);
  uint64_t bits = 0;
  for (int i = 0; i < 64; i++) bits |= gcb_rng_next(&rng);
  assert_int_equal(bits, UINT64_MAX);
}

static void below_refuses_exactly_the_surplus_products(void **state) {
  (void)state;
  gcb_rng rng = gcb_rng_seed(7);
  for (size_t i = 0; i < COUNT(below_1000_seed_7); i++) {
    assert_int_equal(gcb_rng_below(&rng, 1000), below_1000_seed_7[i]);
  }
  rng = gcb_rng_seed(7);
  for (size_t i = 0; i < COUNT(below_3_2_62_seed_7); i++) {
    assert_int_equal(gcb_rng_below(&rng, UINT64_C(3) << 62), below_3_2_62_seed_7[i]);
  }
}

static void below_stays_below_and_is_even(void **state) {
  (void)state;
  enum { SIDES = 6, ROLLS = 60000 };
  size_t seen[SIDES] = {0};
  gcb_rng rng = gcb_rng_seed(1);
  for (int i = 0; i < ROLLS; i++) {
    uint64_t value = gcb_rng_below(&rng, SIDES);
    assert_true(value < SIDES);
    seen[value]++;
  }
  double chi2 = 0, expected = (double)ROLLS / SIDES;
  for (int i = 0; i < SIDES; i++) {
    chi2 += ((double)seen[i] - expected) * ((double)seen[i] - expected) / expected;
  }
  assert_true(chi2 < 20.5); // 5 degrees of freedom, p = .001; the seed is fixed, so this cannot flicker
}

static void below_of_one_and_of_none_is_zero(void **state) {
  (void)state;
  gcb_rng rng = gcb_rng_seed(1);
  for (int i = 0; i < 10; i++) {
    assert_int_equal(gcb_rng_below(&rng, 1), 0);
    assert_int_equal(gcb_rng_below(&rng, 0), 0);
  }
}

static void unit_is_the_high_53_bits(void **state) {
  (void)state;
  gcb_rng rng = gcb_rng_seed(7);
  for (size_t i = 0; i < COUNT(unit_seed_7); i++) assert_true(gcb_rng_unit(&rng) == unit_seed_7[i]);
}

static void unit_never_reaches_one(void **state) {
  (void)state;
  // s[1] such that rotl(s[1] * 5, 7) * 9 is all ones: the largest output there is.
  uint64_t all = UINT64_MAX * UINT64_C(0x8e38e38e38e38e39); // 9's inverse mod 2^64
  uint64_t fifth = ((all >> 7) | (all << 57)) * UINT64_C(0xcccccccccccccccd);
  gcb_rng rng = {{1, fifth, 3, 4}}, copy = rng;
  assert_int_equal(gcb_rng_next(&copy), UINT64_MAX);
  assert_true(gcb_rng_unit(&rng) < 1.0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(splitmix64_gives_the_published_sequence),
      cmocka_unit_test(xoshiro_gives_the_published_sequence),
      cmocka_unit_test(seed_fills_the_state_by_splitmix64),
      cmocka_unit_test(zero_is_a_good_seed),
      cmocka_unit_test(below_refuses_exactly_the_surplus_products),
      cmocka_unit_test(below_stays_below_and_is_even),
      cmocka_unit_test(below_of_one_and_of_none_is_zero),
      cmocka_unit_test(unit_is_the_high_53_bits),
      cmocka_unit_test(unit_never_reaches_one),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
