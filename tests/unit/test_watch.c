/* What is clocked on the way into a collector: by kind of invocation, and once however paths nest. */
#include "plain_heap.h"

static uint64_t nap_ns;
static uint32_t deaths;

static void spend(uint64_t ns) {
  uint64_t start = gcb_clock();
  while (gcb_clock() - start < ns) {
  }
}

static gcb_object *slow_alloc(gcb_mutator *m, uint64_t header, size_t bytes) {
  spend(nap_ns);
  return plain_alloc(m, header, bytes);
}

/* Dies with `deaths` others, one inside the other, through the mutator's own table as counting does. */
static void slow_dead(gcb_mutator *m, gcb_object *o) {
  spend(nap_ns);
  if (deaths && deaths--) m->gc->dead(m, o);
}

static gcb_collector slow;

static gcb_instance *heap(gcb_watch watch) {
  gcb_instance *in = plain_heap(1, UINT64_MAX);
  slow = *in->heap.collector;
  slow.alloc = slow_alloc;
  slow.dead = slow_dead;
  in->heap.collector = &slow;
  gcb_watch_set(in, watch);
  return in;
}

static void let_go(gcb_instance *in, gcb_mutator *m) {
  gcb_mutator_detach(m);
  plain_free(in);
}

static void a_throughput_invocation_leaves_call_paths_alone(void **state) {
  (void)state;
  gcb_instance *in = heap(GCB_WATCH_THROUGHPUT);
  gcb_mutator *m = plain_mutator(in);
  assert_ptr_equal(m->alloc, slow_alloc);
  assert_ptr_equal(m->gc, &slow);
  assert_false(gcb_watch_complete(in));
  let_go(in, m);
}

static void a_latency_invocation_clocks_every_allocation(void **state) {
  (void)state;
  gcb_instance *in = heap(GCB_WATCH_LATENCY);
  gcb_mutator *m = plain_mutator(in);
  gcb_thread *t = m->harness;
  assert_true(gcb_watch_complete(in));
  nap_ns = 2 * GCB_STALL_MIN_NS;
  assert_non_null(m->alloc(m, gcb_header(gcb_geometry_fixed(1, 0), 0), 16));
  assert_int_equal(in->recorder.stalls.n, 1);
  assert_true(in->recorder.stalls.at[0].end - in->recorder.stalls.at[0].start >= nap_ns);
  assert_int_equal(in->recorder.stalls.at[0].kind, GCB_STALL_ALLOCATION);
  /* Short ones are in the sum; one that the system preempts is a stall, rightly. */
  nap_ns = 0;
  for (int i = 0; i < 100; i++) m->alloc(m, gcb_header(gcb_geometry_fixed(1, 0), 0), 16);
  assert_int_equal(t->short_n + in->recorder.stalls.n, 101);
  assert_true(t->short_n > 0);
  gcb_watch_clear(m);
  assert_int_equal(t->short_n + t->short_ns, 0);
  let_go(in, m);
}

static void deaths_inside_a_death_are_one_stall(void **state) {
  (void)state;
  gcb_instance *in = heap(GCB_WATCH_LATENCY);
  gcb_mutator *m = plain_mutator(in);
  nap_ns = 2 * GCB_STALL_MIN_NS;
  deaths = 9;
  m->gc->dead(m, NULL);
  assert_int_equal(in->recorder.stalls.n, 1);
  assert_int_equal(in->recorder.stalls.at[0].kind, GCB_STALL_DEATH);
  assert_true(in->recorder.stalls.at[0].end - in->recorder.stalls.at[0].start >= 10 * nap_ns);
  assert_int_equal(((gcb_thread *)m->harness)->in_slow_path, 0);
  let_go(in, m);
}

/* The inline paths ask whether a function is there: what the collector has not must stay absent. */
static void what_a_collector_lacks_stays_absent(void **state) {
  (void)state;
  gcb_instance *in = heap(GCB_WATCH_LATENCY);
  assert_null(in->clocked.weak_get);
  assert_null(in->clocked.release);
  assert_null(in->clocked.log);
  assert_ptr_equal(in->clocked.collect, slow.collect);
  plain_free(in);
}

static void with_the_instrument_off_nothing_is_kept(void **state) {
  (void)state;
  gcb_instance *in = heap(GCB_WATCH_NOTHING);
  gcb_mutator *m = plain_mutator(in);
  assert_ptr_equal(m->alloc, slow_alloc);
  assert_true(gcb_stop_world(m));
  gcb_pause(m->heap, NULL, GCB_MAJOR, 1, 2);
  gcb_resume_world(m);
  assert_int_equal(in->recorder.pauses.n + in->recorder.stops.n + in->recorder.safepoints.n, 0);
  let_go(in, m);
}

static void a_stop_is_seen_whatever_is_reported(void **state) {
  (void)state;
  gcb_instance *in = heap(GCB_WATCH_THROUGHPUT);
  gcb_mutator *m = plain_mutator(in);
  assert_true(gcb_stop_world(m));
  spend(1000000);
  gcb_resume_world(m);
  assert_int_equal(in->recorder.stops.n, 1);
  assert_true(in->recorder.stops.at[0].end - in->recorder.stops.at[0].start >= 1000000);
  assert_true(in->recorder.stopped_cpu > 0);
  let_go(in, m);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_throughput_invocation_leaves_call_paths_alone),
      cmocka_unit_test(a_latency_invocation_clocks_every_allocation),
      cmocka_unit_test(deaths_inside_a_death_are_one_stall),
      cmocka_unit_test(what_a_collector_lacks_stays_absent),
      cmocka_unit_test(with_the_instrument_off_nothing_is_kept),
      cmocka_unit_test(a_stop_is_seen_whatever_is_reported),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
