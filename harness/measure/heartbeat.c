#include "measure/heartbeat.h"
#include "measure/service_thread.h"
#include "runtime/heap_host.h"
#include "runtime/threads.h"
#include <stdlib.h>
#include <sys/prctl.h>

struct gcb_heartbeat {
  pthread_t thread;
  gcb_recorder *recorder;
  uint64_t period_ns;
  bool quit; /* atomic */
};

static void *run(void *arg) {
  gcb_heartbeat *b = arg;
  gcb_threads_join("heartbeat", 0);
  prctl(PR_SET_TIMERSLACK, 1ul, 0ul, 0ul, 0ul); /* the usual 50 us would look like gaps */
  uint64_t due = gcb_clock();
  while (!__atomic_load_n(&b->quit, __ATOMIC_RELAXED)) {
    due += b->period_ns;
    struct timespec until = {(time_t)(due / 1000000000u), (long)(due % 1000000000u)};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
    uint64_t now = gcb_clock();
    if (now > due + GCB_GAP_MIN_NS)
      gcb_record(b->recorder, &b->recorder->gaps, (gcb_moment){due, now, 0, GCB_ALL_MUTATORS, 0});
    if (now > due) due = now - (now - due) % b->period_ns; /* beats that were missed are not made up for */
  }
  gcb_threads_leave();
  return NULL;
}

gcb_heartbeat *gcb_heartbeat_start(gcb_recorder *r, uint64_t period_ns, int cpu) {
  gcb_heartbeat *b = calloc(1, sizeof *b);
  if (!b) return NULL;
  b->recorder = r;
  b->period_ns = period_ns;
  if (gcb_aside_start(&b->thread, cpu, run, b)) return b;
  free(b);
  return NULL;
}

void gcb_heartbeat_stop(gcb_heartbeat *b) {
  if (!b) return;
  __atomic_store_n(&b->quit, true, __ATOMIC_RELAXED);
  pthread_join(b->thread, NULL);
  free(b);
}
