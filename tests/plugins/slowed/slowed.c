/* A collector of the tree, slower by a known share: its slow path of allocation burns so many per cent of the
 * time since it was last left. What `compare` must find is planted with it. The other collector is compiled
 * in with its symbol renamed (see CMakeLists.txt here). */
#include <gcbench/collector.h>
#include <string.h>
#include <time.h>

#ifndef SLOW_BY_DEFAULT
#define SLOW_BY_DEFAULT "0"
#endif

extern const gcb_collector slowed_inner; /* the collector below */

enum { MOST_OPTIONS = 32 };
enum { STRIDE = 32 }; /* slow paths between two looks at the clock, which costs about as much as one */

static gcb_option options[MOST_OPTIONS + 1];
static double share;
static _Thread_local uint64_t left_at; /* on the thread's own clock: what others take is not the mutator's */
static _Thread_local unsigned calls;

static gcb_status start(gcb_heap *h, const gcb_value *values, char *why, size_t why_size) {
  share = values[slowed_inner.n_options].d / 100;
  return slowed_inner.start(h, values, why, why_size);
}

static uint64_t thread_time(void) {
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static gcb_object *alloc(gcb_mutator *m, uint64_t header, size_t bytes) {
  gcb_object *o = slowed_inner.alloc(m, header, bytes);
  if (calls++ % STRIDE == 0) { /* at 0 per cent too: calls of the clock alone changed times by 4 % */
    uint64_t now = thread_time(), until = now + (uint64_t)(share * (double)(left_at ? now - left_at : 0));
    do left_at = thread_time();
    while (left_at < until);
  }
  return o;
}

__attribute__((visibility("default"))) gcb_collector gcbench_collector;

/* A constant cannot be made of another one. */
__attribute__((constructor)) static void wrap(void) {
  gcbench_collector = slowed_inner;
  if (slowed_inner.n_options > MOST_OPTIONS) return;
  memcpy(options, slowed_inner.options, slowed_inner.n_options * sizeof *options);
  options[slowed_inner.n_options] = (gcb_option){
      "slow", GCB_REAL, SLOW_BY_DEFAULT, 0, 1000, NULL, "per cent of its time that the mutator loses"};
  gcbench_collector.name = "slowed";
  gcbench_collector.options = options;
  gcbench_collector.n_options = slowed_inner.n_options + 1;
  gcbench_collector.start = start;
  gcbench_collector.alloc = alloc;
}
