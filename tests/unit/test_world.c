/* The rendezvous: who stops, who waits, who does not hold it up. */
#include "plain_heap.h"

enum { THREADS = 4 };

typedef struct party {
  gcb_instance *in;
  uint32_t attached, quit, inside; /* atomics; inside: threads at work between two polls */
  uint32_t won, lost;              /* atomics: answers of stop_world */
} party;

static void *poll_until_told(void *arg) {
  party *p = arg;
  gcb_status status;
  gcb_mutator *m = gcb_mutator_attach(p->in, &status);
  __atomic_add_fetch(&p->attached, 1, __ATOMIC_SEQ_CST);
  while (!__atomic_load_n(&p->quit, __ATOMIC_ACQUIRE)) {
    __atomic_add_fetch(&p->inside, 1, __ATOMIC_SEQ_CST);
    __atomic_sub_fetch(&p->inside, 1, __ATOMIC_SEQ_CST);
    gcb_poll(m);
    if (__atomic_load_n(&m->attention, __ATOMIC_RELAXED)) m->heap->host->poll(m);
  }
  gcb_mutator_detach(m);
  return NULL;
}

static void nap(void) {
  nanosleep(&(struct timespec){0, 200000}, NULL);
}

static void all_stand_still_during_a_stop(void **state) {
  (void)state;
  party p = {.in = plain_heap(THREADS, UINT64_MAX)};
  pthread_t t[THREADS];
  gcb_mutator *m = plain_mutator(p.in);
  for (int i = 0; i < THREADS - 1; i++) assert_int_equal(pthread_create(&t[i], NULL, poll_until_told, &p), 0);
  while (__atomic_load_n(&p.attached, __ATOMIC_SEQ_CST) < THREADS - 1) nap();
  for (int round = 0; round < 50; round++) {
    assert_true(gcb_stop_world(m));
    assert_int_equal(p.in->running, 0);
    for (int i = 0; i < 100; i++) assert_int_equal(__atomic_load_n(&p.inside, __ATOMIC_SEQ_CST), 0);
    gcb_resume_world(m);
  }
  __atomic_store_n(&p.quit, 1, __ATOMIC_RELEASE);
  gcb_blocked_begin(m);
  for (int i = 0; i < THREADS - 1; i++) pthread_join(t[i], NULL);
  gcb_blocked_end(m);
  assert_int_equal(p.in->recorder.safepoints.n, 50);
  gcb_mutator_detach(m);
  plain_free(p.in);
}

static void *wait_outside(void *arg) {
  party *p = arg;
  gcb_status status;
  gcb_mutator *m = gcb_mutator_attach(p->in, &status);
  gcb_blocked_begin(m);
  __atomic_add_fetch(&p->attached, 1, __ATOMIC_SEQ_CST);
  while (!__atomic_load_n(&p->quit, __ATOMIC_ACQUIRE)) nap();
  gcb_blocked_end(m);
  gcb_mutator_detach(m);
  return NULL;
}

static void the_blocked_do_not_hold_a_stop_up(void **state) {
  (void)state;
  party p = {.in = plain_heap(THREADS, UINT64_MAX)};
  pthread_t t;
  gcb_mutator *m = plain_mutator(p.in);
  assert_int_equal(pthread_create(&t, NULL, wait_outside, &p), 0);
  while (!__atomic_load_n(&p.attached, __ATOMIC_SEQ_CST)) nap();
  assert_true(gcb_stop_world(m)); /* returns, although the other never polls */
  __atomic_store_n(&p.quit, 1, __ATOMIC_RELEASE);
  for (int i = 0; i < 5; i++) nap();
  assert_int_equal(p.in->running, 0); /* it cannot come back during the stop */
  gcb_resume_world(m);
  gcb_blocked_begin(m);
  pthread_join(t, NULL);
  gcb_blocked_end(m);
  gcb_mutator_detach(m);
  plain_free(p.in);
}

static void *stop_often(void *arg) {
  party *p = arg;
  gcb_status status;
  gcb_mutator *m = gcb_mutator_attach(p->in, &status);
  __atomic_add_fetch(&p->attached, 1, __ATOMIC_SEQ_CST);
  while (__atomic_load_n(&p->attached, __ATOMIC_SEQ_CST) < THREADS) m->heap->host->poll(m);
  for (int i = 0; i < 500; i++) {
    if (gcb_stop_world(m)) {
      __atomic_add_fetch(&p->won, 1, __ATOMIC_SEQ_CST);
      uint32_t alone = __atomic_add_fetch(&p->inside, 1, __ATOMIC_SEQ_CST);
      __atomic_sub_fetch(&p->inside, 1, __ATOMIC_SEQ_CST);
      if (alone != 1) p->quit = 1;
      gcb_resume_world(m);
    } else {
      __atomic_add_fetch(&p->lost, 1, __ATOMIC_SEQ_CST);
    }
  }
  gcb_mutator_detach(m);
  return NULL;
}

static void of_rival_stops_one_wins_and_the_others_are_told(void **state) {
  (void)state;
  party p = {.in = plain_heap(THREADS, UINT64_MAX)};
  pthread_t t[THREADS];
  for (int i = 0; i < THREADS; i++) assert_int_equal(pthread_create(&t[i], NULL, stop_often, &p), 0);
  for (int i = 0; i < THREADS; i++) pthread_join(t[i], NULL);
  assert_int_equal(p.won + p.lost, THREADS * 500);
  assert_int_equal(p.in->heap.events[GCB_EVENT_COLLECTED_BY_OTHER], p.lost);
  assert_int_equal(p.quit, 0); /* never two at once */
  assert_null(p.in->heap.live);
  assert_int_equal(p.in->running, 0);
  plain_free(p.in);
}

static void ids_are_given_again(void **state) {
  (void)state;
  gcb_instance *in = plain_heap(3, UINT64_MAX);
  gcb_mutator *a = plain_mutator(in), *b = plain_mutator(in);
  assert_int_equal(a->id, 0);
  assert_int_equal(b->id, 1);
  gcb_mutator_detach(a);
  gcb_mutator *again = plain_mutator(in);
  assert_int_equal(again->id, 0);
  gcb_mutator_detach(again);
  gcb_mutator_detach(b);
  plain_free(in);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(all_stand_still_during_a_stop),
      cmocka_unit_test(the_blocked_do_not_hold_a_stop_up),
      cmocka_unit_test(of_rival_stops_one_wins_and_the_others_are_told),
      cmocka_unit_test(ids_are_given_again),
  };
  return cmocka_run_group_tests_name("world", tests, NULL, NULL);
}
