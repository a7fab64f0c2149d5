/* Whose time was lost, on intervals written down by hand; drift against scipy. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "measure/stall_accounting.h"
#include "results/stats/steady.h"
#include <math.h>

static void put(gcb_recorder *r, gcb_moments *list, uint64_t start, uint64_t end, uint16_t who) {
  gcb_record(r, list, (gcb_moment){start, end, 0, who, 0});
}

static void what_no_pause_covers_is_unreported(void **state) {
  (void)state;
  gcb_recorder r;
  gcb_lost lost;
  gcb_recorder_init(&r);
  put(&r, &r.stalls, 1100, 1200, 0); /* covered by a pause of all but for its first 10 */
  put(&r, &r.pauses, 1110, 1210, GCB_ALL_MUTATORS);
  put(&r, &r.stalls, 1300, 1400, 0); /* the other mutator's pause does not excuse it */
  put(&r, &r.pauses, 1300, 1400, 1);
  put(&r, &r.stalls, 1500, 1520, 1); /* waiting for the others to stop is not the collector's secret */
  put(&r, &r.safepoints, 1500, 1515, GCB_ALL_MUTATORS);
  put(&r, &r.stalls, 900, 1050, 1);  /* half of it before the iteration */
  put(&r, &r.stalls, 1040, 1060, 1); /* overlapping: once */
  assert_true(gcb_lost_time(&r, 1000, 2000, 0, 2, &lost));
  assert_int_equal(lost.suffered, 100 + 100 + 20 + 60);
  assert_int_equal(lost.unreported, 10 + 100 + 5 + 60);
  gcb_recorder_free(&r);
}

static void stops_are_known_without_the_collector(void **state) {
  (void)state;
  gcb_recorder r;
  gcb_lost lost;
  gcb_recorder_init(&r);
  put(&r, &r.stops, 100, 300, GCB_ALL_MUTATORS);
  put(&r, &r.pauses, 150, 350, GCB_ALL_MUTATORS); /* 50 of it outside the stop */
  put(&r, &r.pauses, 500, 600, 0);                /* of one mutator: a stop when it is the only one */
  r.stopped_cpu = 400;                            /* two collector threads */
  assert_true(gcb_lost_time(&r, 0, 1000, 800, 1, &lost));
  assert_int_equal(lost.stopped, 250 + 100);
  assert_int_equal(lost.stopped_cpu, 400 + 150 / 2); /* outside stops: 400 ns of CPU in 800 ns */
  assert_true(gcb_lost_time(&r, 0, 1000, 800, 2, &lost));
  assert_int_equal(lost.stopped, 250);
  gcb_recorder_free(&r);
}

/* Preemption makes stalls long, but uses no CPU time of the thread that waits or stops the world. */
static void cpu_time_judges_what_is_unreported(void **state) {
  (void)state;
  gcb_recorder r;
  gcb_lost lost;
  gcb_recorder_init(&r);
  put(&r, &r.stalls, 1000, 9000, 0); /* preempted for 7900, used 100, and no pause covers it */
  gcb_record(&r, &r.pieces, (gcb_moment){1000, 9000, 0, 0, 100});
  put(&r, &r.stalls, 10000, 14000, 0); /* used 400, of which a pause covers three quarters */
  gcb_record(&r, &r.pieces, (gcb_moment){10000, 14000, 0, 0, 400});
  put(&r, &r.pauses, 10000, 13000, 0);
  put(&r, &r.stalls, 20000, 30000, 1); /* waits for a stop that ran half of the time, half of it reported */
  gcb_record(&r, &r.stops, (gcb_moment){20000, 28000, 0, GCB_ALL_MUTATORS, 4000});
  put(&r, &r.pauses, 20000, 24000, GCB_ALL_MUTATORS);
  assert_true(gcb_lost_time(&r, 0, 40000, 5000, 2, &lost));
  assert_int_equal(lost.unreported, 8000 + 1000 + 6000);
  assert_int_equal(lost.suffered_cpu, 100 + 400 + 4000);
  assert_int_equal(lost.unreported_cpu, 100 + 100 + 2000);
  gcb_recorder_free(&r);
}

/* What is in a stop is not counted by the CPU time of a piece again; clocks that disagree add nothing. */
static void a_wait_costs_at_most_its_length_of_cpu_time(void **state) {
  (void)state;
  gcb_recorder r;
  gcb_lost lost;
  gcb_recorder_init(&r);
  put(&r, &r.stalls, 1000, 3000, 0);
  gcb_record(&r, &r.pieces, (gcb_moment){1000, 3000, 0, 0, 500}); /* 1000 of it are in the stop */
  gcb_record(&r, &r.stops, (gcb_moment){1000, 2000, 0, GCB_ALL_MUTATORS, 4000});
  assert_true(gcb_lost_time(&r, 0, 4000, 4500, 1, &lost));
  assert_int_equal(lost.suffered_cpu, 1000 + 500);
  assert_int_equal(lost.unreported_cpu, 1000 + 500);
  gcb_recorder_free(&r);
}

static void a_recorder_that_is_off_keeps_nothing(void **state) {
  (void)state;
  gcb_recorder r;
  gcb_recorder_init(&r);
  r.off = true;
  put(&r, &r.stalls, 1, 2, 0);
  assert_int_equal(r.stalls.n, 0);
  gcb_recorder_free(&r);
}

/* Expected values by scipy from the definitions: the sum of Kendall's S over the blocks, its variance, a
 * continuity correction, and the normal tail; the slope by numpy's median of all pairs. */
static void drift_inside_invocations_shows_through_their_different_levels(void **state) {
  (void)state;
  const double rising[] = {100, 101, 102, 103, 200, 202, 205, 206, 50, 50.5, 51, 52, 150, 151, 153, 154};
  gcb_drift d = gcb_steady(rising, 4, 4);
  /* S = 24, Var = 4 * 4*3*13/18 = 34.6667, z = 23/5.8878 = 3.90638 */
  assert_true(fabs(d.p - 9.369852852119804e-05) < 1e-12);
  assert_true(fabs(d.slope - .009852216748768473) < 1e-12);
  const double level[] = {100, 102, 101, 100.5, 200, 198, 203, 201, 50, 50.5, 49, 50.2};
  d = gcb_steady(level, 3, 4);
  assert_true(fabs(d.p - .84451926747294) < 1e-9);
  const double flat[] = {7, 7, 7, 7};
  d = gcb_steady(flat, 2, 2);
  assert_true(d.slope == 0 && d.p == 1);
  d = gcb_steady(flat, 4, 1);
  assert_true(isnan(d.slope) && isnan(d.p));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_no_pause_covers_is_unreported),
      cmocka_unit_test(stops_are_known_without_the_collector),
      cmocka_unit_test(cpu_time_judges_what_is_unreported),
      cmocka_unit_test(a_wait_costs_at_most_its_length_of_cpu_time),
      cmocka_unit_test(a_recorder_that_is_off_keeps_nothing),
      cmocka_unit_test(drift_inside_invocations_shows_through_their_different_levels),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
