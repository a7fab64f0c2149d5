/* The search against oracles whose answer is known. */
#include "analyses/bisection.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

typedef struct oracle {
  double threshold;
  unsigned asked, stop_at; /* answer STOP to this question; 0: never */
  double least, most;      /* of what was asked */
} oracle;

static gcb_probe at_least(void *ctx, double x) {
  oracle *o = ctx;
  o->least = fmin(o->least, x);
  o->most = fmax(o->most, x);
  if (++o->asked == o->stop_at) return GCB_PROBE_STOP;
  return x >= o->threshold ? GCB_PROBE_YES : GCB_PROBE_NO;
}

static gcb_bisection search(oracle *o, double from) {
  return (gcb_bisection){
      .from = from, .factor = 2, .min = 1, .max = 1e6, .resolution = .01, .holds = at_least, .ctx = o};
}

static void it_brackets_the_threshold(void **state) {
  (void)state;
  for (double threshold = 1.5; threshold < 1e6; threshold *= 1.37)
    for (double from = 1; from <= 1e6; from *= 10) {
      oracle o = {.threshold = threshold, .least = 1e9};
      gcb_bisection b = search(&o, from);
      assert_true(gcb_bisect(&b));
      assert_true(b.yes >= threshold && b.no < threshold);
      assert_true(b.yes - b.no <= .01 * b.yes);
      assert_int_equal(b.probes, o.asked);
      assert_true(b.probes < 40);
      assert_true(o.least >= 1 && o.most <= 1e6);
    }
}

static void what_holds_everywhere_or_nowhere(void **state) {
  (void)state;
  oracle always = {.threshold = 0, .least = 1e9}, never = {.threshold = 1e9, .least = 1e9};
  gcb_bisection a = search(&always, 100), n = search(&never, 100);
  assert_true(gcb_bisect(&a));
  assert_true(a.yes == 1 && a.no == 0);
  assert_false(gcb_bisect(&n));
  assert_true(n.yes == 0 && n.no == 1e6);
}

static void the_oracle_can_stop_it_at_any_question(void **state) {
  (void)state;
  for (unsigned stop = 1; stop < 12; stop++) {
    oracle o = {.threshold = 777, .stop_at = stop, .least = 1e9};
    gcb_bisection b = search(&o, 10);
    assert_false(gcb_bisect(&b));
    assert_int_equal(b.probes, stop);
    assert_true(b.yes == 0 || b.yes >= 777);
  }
}

static void a_good_guess_with_a_small_factor_is_cheap(void **state) {
  (void)state;
  oracle o = {.threshold = 1000, .least = 1e9};
  gcb_bisection b = search(&o, 1005);
  b.factor = 1.02;
  assert_true(gcb_bisect(&b));
  assert_true(b.probes <= 4);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(it_brackets_the_threshold),
      cmocka_unit_test(what_holds_everywhere_or_nowhere),
      cmocka_unit_test(the_oracle_can_stop_it_at_any_question),
      cmocka_unit_test(a_good_guess_with_a_small_factor_is_cheap),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
