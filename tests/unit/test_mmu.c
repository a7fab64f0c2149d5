#include "results/stats/mmu.h"
#include <gcbench/rng.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h> // needs those above, in a group of its own so that formatting keeps it last

enum { RUN = 60, MOST = 12 };

// A run of at most RUN ticks, each of which is lost or not: everything can be counted.
typedef struct {
  gcb_span spans[MOST];
  size_t n;
  uint64_t run;
  char lost[RUN];
} tiny_run;

// Spans overlap, touch, are empty, inverted, or stick out of the run, as they come.
static tiny_run random_run(gcb_rng *rng) {
  tiny_run r = {.n = gcb_rng_below(rng, MOST + 1), .run = 1 + gcb_rng_below(rng, RUN)};
  uint64_t longest = 1 + gcb_rng_below(rng, 15);
  for (size_t i = 0; i < r.n; i++) {
    uint64_t start = gcb_rng_below(rng, r.run + 5), end = start + gcb_rng_below(rng, longest + 1);
    if (gcb_rng_below(rng, 20) == 0) end = start / 2;
    r.spans[i] = (gcb_span){start, end};
    for (uint64_t t = start; t < end && t < r.run; t++) r.lost[t] = 1;
  }
  return r;
}

static uint64_t count_lost(const tiny_run *r, uint64_t start, uint64_t length) {
  uint64_t lost = 0;
  for (uint64_t t = start; t < start + length; t++) lost += (uint64_t)r->lost[t];
  return lost;
}

static double brute_mmu(const tiny_run *r, uint64_t window) {
  double least = 1;
  for (uint64_t start = 0; start + window <= r->run; start++) {
    least = fmin(least, (double)(window - count_lost(r, start, window)) / (double)window);
  }
  return least;
}

static void merge_keeps_every_lost_tick_and_no_other(void **state) {
  (void)state;
  gcb_rng rng = gcb_rng_seed(1);
  for (int round = 0; round < 2000; round++) {
    tiny_run r = random_run(&rng);
    size_t n = gcb_spans_merge(r.spans, r.n, r.run);
    char seen[RUN] = {0};
    for (size_t i = 0; i < n; i++) {
      assert_true(r.spans[i].start_ns < r.spans[i].end_ns && r.spans[i].end_ns <= r.run);
      if (i > 0) assert_true(r.spans[i - 1].end_ns < r.spans[i].start_ns);
      for (uint64_t t = r.spans[i].start_ns; t < r.spans[i].end_ns; t++) seen[t] = 1;
    }
    assert_memory_equal(seen, r.lost, RUN);
    assert_int_equal(gcb_spans_total(r.spans, n), count_lost(&r, 0, r.run));
  }
}

static void mmu_is_that_of_every_window_tried(void **state) {
  (void)state;
  gcb_rng rng = gcb_rng_seed(2);
  for (int round = 0; round < 1000; round++) {
    tiny_run r = random_run(&rng);
    size_t n = gcb_spans_merge(r.spans, r.n, r.run);
    for (uint64_t window = 1; window <= r.run; window++) {
      gcb_utilization mmu = gcb_mmu(r.spans, n, r.run, window);
      assert_true(mmu.share == brute_mmu(&r, window));
      assert_int_equal(mmu.length_ns, window);
      assert_true(mmu.start_ns + window <= r.run);
      assert_true(mmu.share == (double)(window - count_lost(&r, mmu.start_ns, window)) / (double)window);
    }
  }
}

static void bmu_is_the_least_mmu_of_every_longer_window_tried(void **state) {
  (void)state;
  gcb_rng rng = gcb_rng_seed(3);
  for (int round = 0; round < 1000; round++) {
    tiny_run r = random_run(&rng);
    size_t n = gcb_spans_merge(r.spans, r.n, r.run);
    double expected = 1;
    for (uint64_t window = r.run; window > 0; window--) {
      expected = fmin(expected, brute_mmu(&r, window));
      gcb_utilization bmu = gcb_bmu(r.spans, n, r.run, window);
      assert_true(bmu.share == expected);
      assert_true(bmu.length_ns >= window && bmu.start_ns + bmu.length_ns <= r.run);
      uint64_t running = bmu.length_ns - count_lost(&r, bmu.start_ns, bmu.length_ns);
      assert_true(bmu.share == (double)running / (double)bmu.length_ns);
    }
  }
}

// Were the worst window between whole ticks, a finer clock would find a worse one.
static void finer_clock_finds_no_worse_window(void **state) {
  (void)state;
  gcb_rng rng = gcb_rng_seed(4);
  for (int round = 0; round < 500; round++) {
    tiny_run r = random_run(&rng);
    size_t n = gcb_spans_merge(r.spans, r.n, r.run);
    gcb_span fine[MOST];
    const uint64_t factor = 7;
    for (size_t i = 0; i < n; i++) {
      fine[i] = (gcb_span){factor * r.spans[i].start_ns, factor * r.spans[i].end_ns};
    }
    double least = 1;
    for (uint64_t length = factor * r.run; length > 0; length--) {
      least = fmin(least, gcb_mmu(fine, n, factor * r.run, length).share);
      if (length % factor == 0) {
        assert_true(gcb_bmu(r.spans, n, r.run, length / factor).share == least);
        assert_true(gcb_bmu(fine, n, factor * r.run, length).share == least);
      }
    }
  }
}

static void worst_window_may_lie_between_two_lengths_of_a_grid(void **state) {
  (void)state;
  // Two pauses of 10 in a span of 25: a window of 25 keeps 5/25, while 20 keeps 5/20 and 40 keeps 20/40.
  const gcb_span spans[] = {{100, 110}, {115, 125}};
  assert_true(gcb_mmu(spans, 2, 1000, 20).share == 0.25);
  assert_true(gcb_mmu(spans, 2, 1000, 40).share == 0.5);
  gcb_utilization bmu = gcb_bmu(spans, 2, 1000, 20);
  assert_true(bmu.share == 0.2);
  assert_int_equal(bmu.start_ns, 100);
  assert_int_equal(bmu.length_ns, 25);
}

static void window_inside_a_pause_has_nothing(void **state) {
  (void)state;
  const gcb_span span = {40, 70};
  assert_true(gcb_mmu(&span, 1, 100, 30).share == 0);
  assert_int_equal(gcb_mmu(&span, 1, 100, 30).start_ns, 40);
  assert_true(gcb_mmu(&span, 1, 100, 31).share > 0);
}

static void whole_run_has_one_window(void **state) {
  (void)state;
  const gcb_span span = {40, 70};
  assert_true(gcb_mmu(&span, 1, 100, 100).share == 0.7);
  assert_true(gcb_bmu(&span, 1, 100, 100).share == 0.7);
  assert_int_equal(gcb_mmu(&span, 1, 100, 100).start_ns, 0);
}

static void run_without_loss_is_all_the_mutators(void **state) {
  (void)state;
  assert_true(gcb_mmu(NULL, 0, 100, 10).share == 1);
  assert_true(gcb_bmu(NULL, 0, 100, 10).share == 1);
}

static void windows_longer_than_the_run_or_empty_are_nan(void **state) {
  (void)state;
  const gcb_span span = {40, 70};
  const uint64_t none[] = {0, 101, UINT64_MAX};
  for (size_t i = 0; i < 3; i++) {
    assert_true(isnan(gcb_mmu(&span, 1, 100, none[i]).share));
    assert_true(isnan(gcb_bmu(&span, 1, 100, none[i]).share));
    assert_true(isnan(gcb_bmu(NULL, 0, 100, none[i]).share));
  }
  assert_true(isnan(gcb_mmu(NULL, 0, 0, 0).share));
}

// Days in nanoseconds and many spans: products need more than 64 bits, and the hull more than a few points.
static void long_runs_agree_with_every_pair_of_edges(void **state) {
  (void)state;
  enum { SPANS = 400 };
  gcb_rng rng = gcb_rng_seed(5);
  gcb_span *spans = malloc(SPANS * sizeof *spans);
  const uint64_t run = UINT64_C(10) * 24 * 3600 * 1000000000;
  for (int round = 0; round < 5; round++) {
    for (int i = 0; i < SPANS; i++) {
      uint64_t start = gcb_rng_below(&rng, run), length = gcb_rng_below(&rng, run / SPANS / 2);
      spans[i] = (gcb_span){start, start + length};
    }
    size_t n = gcb_spans_merge(spans, SPANS, run);
    for (uint64_t window = 1000; window < run; window *= 3) {
      double least = gcb_mmu(spans, n, run, window).share;
      for (size_t i = 0; i < n; i++) {
        uint64_t lost = 0;
        for (size_t j = i; j < n; j++) {
          lost += spans[j].end_ns - spans[j].start_ns;
          uint64_t length = spans[j].end_ns - spans[i].start_ns;
          if (length >= window) least = fmin(least, (double)(length - lost) / (double)length);
        }
      }
      assert_true(fabs(gcb_bmu(spans, n, run, window).share - least) <= 1e-15);
    }
  }
  free(spans);
}

// Several mutators of one run, tick by tick: the mean of their shares of each window.
static void joint_curves_are_those_of_every_window_tried(void **state) {
  (void)state;
  enum { MUTATORS = 4 };
  gcb_rng rng = gcb_rng_seed(5);
  for (int round = 0; round < 400; round++) {
    size_t mutators = 1 + gcb_rng_below(&rng, MUTATORS), n[MUTATORS];
    tiny_run r[MUTATORS];
    const gcb_span *spans[MUTATORS];
    gcb_joint_point curve[2 * MUTATORS * MOST];
    uint64_t run = 1 + gcb_rng_below(&rng, RUN);
    for (size_t m = 0; m < mutators; m++) {
      r[m] = random_run(&rng);
      memset(r[m].lost + (r[m].run < run ? r[m].run : run), 0, RUN - (r[m].run < run ? r[m].run : run));
      n[m] = gcb_spans_merge(r[m].spans, r[m].n, r[m].run < run ? r[m].run : run);
      spans[m] = r[m].spans;
    }
    size_t points = gcb_joint_curve(spans, n, mutators, curve);
    double bounded = 1;
    for (uint64_t window = run; window > 0; window--) {
      double least = 1;
      for (uint64_t start = 0; start + window <= run; start++) {
        uint64_t lost = 0;
        for (size_t m = 0; m < mutators; m++) lost += count_lost(&r[m], start, window);
        least = fmin(least, (double)(mutators * window - lost) / (double)(mutators * window));
      }
      bounded = fmin(bounded, least);
      gcb_utilization mmu = gcb_joint_mmu(curve, points, mutators, run, window);
      gcb_utilization bmu = gcb_joint_bmu(curve, points, mutators, run, window);
      assert_true(mmu.share == least);
      assert_true(bmu.share == bounded);
      assert_true(mmu.start_ns + window <= run && bmu.length_ns >= window);
      if (mutators == 1) {
        assert_true(mmu.share == gcb_mmu(spans[0], n[0], run, window).share);
        assert_true(bmu.share == gcb_bmu(spans[0], n[0], run, window).share);
      }
    }
    assert_true(isnan(gcb_joint_mmu(curve, points, mutators, run, run + 1).share));
    assert_true(isnan(gcb_joint_bmu(curve, points, mutators, run, 0).share));
  }
}

static void a_stop_of_all_counts_in_full_and_a_wait_of_one_by_its_part(void **state) {
  (void)state;
  const gcb_span all = {10, 20}, one[2] = {{10, 20}, {50, 90}};
  const gcb_span *spans[2] = {&all, one};
  const size_t n[2] = {1, 2};
  gcb_joint_point curve[6];
  size_t points = gcb_joint_curve(spans, n, 2, curve);
  assert_true(gcb_joint_mmu(curve, points, 2, 100, 10).share == 0);
  assert_true(gcb_joint_mmu(curve, points, 2, 100, 40).share == .5);
  assert_true(gcb_mmu(one, 2, 100, 40).share == 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(merge_keeps_every_lost_tick_and_no_other),
      cmocka_unit_test(mmu_is_that_of_every_window_tried),
      cmocka_unit_test(bmu_is_the_least_mmu_of_every_longer_window_tried),
      cmocka_unit_test(finer_clock_finds_no_worse_window),
      cmocka_unit_test(worst_window_may_lie_between_two_lengths_of_a_grid),
      cmocka_unit_test(window_inside_a_pause_has_nothing),
      cmocka_unit_test(whole_run_has_one_window),
      cmocka_unit_test(run_without_loss_is_all_the_mutators),
      cmocka_unit_test(windows_longer_than_the_run_or_empty_are_nan),
      cmocka_unit_test(long_runs_agree_with_every_pair_of_edges),
      cmocka_unit_test(joint_curves_are_those_of_every_window_tried),
      cmocka_unit_test(a_stop_of_all_counts_in_full_and_a_wait_of_one_by_its_part),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
