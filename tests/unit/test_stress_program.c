/* Programs of the stress run: what is printed can be read again, what is wrong is told by its line, and the
 * same seed gives the same program. */
#include "stress/generate.h"
#include <gcbench/rng.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void refuses(const char *text, const char *said) {
  gcb_stress_program p;
  char why[200] = "";
  assert_false(gcb_stress_parse(&p, text, strlen(text), why, sizeof why));
  if (!strstr(why, said)) fail_msg("'%s' was answered by: %s", text, why);
}

static void what_is_wrong_is_told_by_its_line(void **state) {
  (void)state;
  refuses("new f0 1", "line 1: new: takes 3 operands");
  refuses("poll\n\n# a comment\nnewt f0 1 8", "line 4: newt: no such operation");
  refuses("new f16 1 8", "f16: expected a slot");
  refuses("new x 1 8", "x: expected a slot");
  refuses("move f0 g16", "g16: expected a slot");
  refuses("new f0 -1 8", "-1: expected a number");
  refuses("new f0 99999999999999999999999 8", "expected a number");
  refuses("collect medium", "expected minor, middle or major");
  refuses("finalizer f0 sleep 1", "expected what the finalizer does");
  refuses("limit", "takes one number");
  refuses("every 3 sometimes", "sometimes: expected minor");
  refuses("poll\ntiny", "line 2: tiny: no such operation"); /* modes stand at the head */
  refuses("tiny 3", "takes nothing more");
  refuses("poll poll poll poll poll poll", "too many words");
}

static void no_text_breaks_the_parser(void **state) {
  (void)state;
  static const char letters[] = "new f0g1 \n#collect every\t9\r\0limit";
  gcb_rng rng = gcb_rng_seed(7);
  char text[120], why[200];
  for (int round = 0; round < 20000; round++) {
    size_t n = gcb_rng_below(&rng, sizeof text);
    for (size_t i = 0; i < n; i++) text[i] = letters[gcb_rng_below(&rng, sizeof letters)];
    gcb_stress_program p;
    if (gcb_stress_parse(&p, text, n, why, sizeof why))
      gcb_stress_free(&p);
    else
      assert_true(strncmp(why, "line ", 5) == 0);
  }
}

static void what_is_printed_is_read_again(void **state) {
  (void)state;
  unsigned seen = 0;
  for (uint64_t seed = 1; seed < 400; seed++) {
    gcb_stress_program p, again;
    char why[200] = "";
    assert_true(gcb_stress_generate(&p, seed, ~0u));
    char *text = gcb_stress_print(&p);
    if (!gcb_stress_parse(&again, text, strlen(text), why, sizeof why))
      fail_msg("seed %d: %s", (int)seed, why);
    assert_int_equal(p.n, again.n);
    for (uint32_t i = 0; i < p.n; i++) {
      char one[100], other[100];
      gcb_stress_line(p.ops[i], one, sizeof one);
      gcb_stress_line(again.ops[i], other, sizeof other);
      assert_string_equal(one, other);
      seen |= 1u << p.ops[i].code;
    }
    char *twice = gcb_stress_print(&again); /* the modes, too */
    assert_string_equal(text, twice);
    free(twice);
    free(text);
    gcb_stress_free(&p);
    gcb_stress_free(&again);
  }
  assert_int_equal(seen, (1u << GCB_STRESS_CODES) - 1); /* every operation turns up */
}

static void a_limit_of_none_is_printed(void **state) {
  (void)state;
  const char *text = "limit 0\nnew g0 0 0\n";
  gcb_stress_program p;
  char why[300];
  assert_true(gcb_stress_parse(&p, text, strlen(text), why, sizeof why));
  char *printed = gcb_stress_print(&p);
  assert_string_equal(printed, text);
  free(printed);
  gcb_stress_free(&p);
}

static void one_seed_one_program(void **state) {
  (void)state;
  gcb_stress_program p, same, other;
  assert_true(gcb_stress_generate(&p, 5, ~0u) && gcb_stress_generate(&same, 5, ~0u) &&
              gcb_stress_generate(&other, 6, ~0u));
  char *a = gcb_stress_print(&p), *b = gcb_stress_print(&same), *c = gcb_stress_print(&other);
  assert_string_equal(a, b);
  assert_string_not_equal(a, c);
  free(a), free(b), free(c);
  gcb_stress_free(&p), gcb_stress_free(&same), gcb_stress_free(&other);
}

static void a_mask_leaves_its_modes_out(void **state) {
  (void)state;
  for (uint64_t seed = 1; seed < 100; seed++) {
    gcb_stress_program p;
    assert_true(gcb_stress_generate(&p, seed, GCB_STRESS_MODE(POISON)));
    assert_false(p.modes.tiny || p.modes.protect || p.modes.collect || p.modes.fail || p.modes.base);
    assert_int_equal(p.modes.limit, 16 << 20);
    for (uint32_t i = 0; i < p.n; i++) assert_int_not_equal(p.ops[i].code, GCB_STRESS_THREAD);
    gcb_stress_free(&p);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_is_wrong_is_told_by_its_line),
      cmocka_unit_test(no_text_breaks_the_parser),
      cmocka_unit_test(what_is_printed_is_read_again),
      cmocka_unit_test(a_limit_of_none_is_printed),
      cmocka_unit_test(one_seed_one_program),
      cmocka_unit_test(a_mask_leaves_its_modes_out),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
