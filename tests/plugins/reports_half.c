/* Stops the world for 2 ms of CPU time at every 2000th allocation and reports the first half of the stop. */
#include <gcbench/collector.h>
#include <time.h>
static gcb_object *half_alloc(gcb_mutator *m, uint64_t header, size_t bytes);
#define PLAIN_ALLOC half_alloc
#include "plain.h"

static uint64_t cpu_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static gcb_object *half_alloc(gcb_mutator *m, uint64_t header, size_t bytes) {
  static uint32_t calls;
  if (__atomic_add_fetch(&calls, 1, __ATOMIC_RELAXED) % 2000 == 0 && gcb_stop_world(m)) {
    uint64_t start = gcb_now(m->heap), work = cpu_ns();
    while (cpu_ns() - work < 2000000) {
    }
    gcb_pause(m->heap, NULL, GCB_MAJOR, start, start + (gcb_now(m->heap) - start) / 2);
    gcb_resume_world(m);
  }
  return plain_alloc(m, header, bytes);
}
