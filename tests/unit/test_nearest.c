#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "results/text/nearest.h"

static const char *const names[] = {"semispace", "marksweep", "markcompact", "gen3",
                                    "rc",        "rccycle",   "immix"};

static const char *nearest(const char *word) {
  return gcb_nearest(word, names, sizeof names / sizeof *names);
}

static void one_slip_of_each_kind_is_close(void **state) {
  (void)state;
  assert_string_equal(nearest("imix"), "immix");
  assert_string_equal(nearest("immmix"), "immix");
  assert_string_equal(nearest("immax"), "immix");
  assert_string_equal(nearest("imimx"), "immix");
}

static void neighbours_swapped_are_one_slip(void **state) {
  (void)state;
  const char *const two[] = {"ab"};
  assert_string_equal(gcb_nearest("ba", two, 1), "ab");
}

static void a_third_of_the_length_plus_one_is_the_limit(void **state) {
  (void)state;
  const char *const one[] = {"abcdef"};
  assert_string_equal(gcb_nearest("abcxyz", one, 1), "abcdef"); /* 3 of 6: 6 / 3 + 1 */
  assert_null(gcb_nearest("abwxyz", one, 1));
}

static void what_shares_no_letter_is_never_close(void **state) {
  (void)state;
  const char *const one[] = {"a"};
  assert_null(gcb_nearest("b", one, 1));
  assert_null(nearest("zz"));
}

static void the_only_completion_is_close_however_long(void **state) {
  (void)state;
  assert_string_equal(nearest("se"), "semispace");
  assert_string_equal(nearest("markc"), "markcompact");
  assert_null(nearest("s"));
}

static void case_is_ignored(void **state) {
  (void)state;
  assert_string_equal(nearest("GEN3"), "gen3");
}

static void the_first_of_equals_wins(void **state) {
  (void)state;
  const char *const both[] = {"bat", "cat"};
  assert_string_equal(gcb_nearest("hat", both, 2), "bat");
}

static void empty_and_endless_words_have_no_nearest(void **state) {
  (void)state;
  char word[1000];
  memset(word, 'a', sizeof word - 1);
  word[sizeof word - 1] = '\0';
  const char *const candidates[] = {word, ""};
  assert_null(nearest(""));
  assert_null(nearest(word));
  assert_null(gcb_nearest("abc", candidates, 2));
  assert_null(gcb_nearest("abc", NULL, 0));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(one_slip_of_each_kind_is_close),
      cmocka_unit_test(neighbours_swapped_are_one_slip),
      cmocka_unit_test(a_third_of_the_length_plus_one_is_the_limit),
      cmocka_unit_test(what_shares_no_letter_is_never_close),
      cmocka_unit_test(the_only_completion_is_close_however_long),
      cmocka_unit_test(case_is_ignored),
      cmocka_unit_test(the_first_of_equals_wins),
      cmocka_unit_test(empty_and_endless_words_have_no_nearest),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
