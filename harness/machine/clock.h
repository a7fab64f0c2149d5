/* The clocks that every time in results is read from. Any thread. */
#ifndef GCB_CLOCK_H
#define GCB_CLOCK_H

#include <stdint.h>
#include <time.h>

/* CPU time of all threads of the process, in ns. A system call, so not for paths that are short. */
static inline uint64_t gcb_cpu_clock(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* CPU time of the calling thread, in ns. A system call, too. */
static inline uint64_t gcb_thread_cpu_clock(void) {
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* CLOCK_MONOTONIC, in ns. */
static inline uint64_t gcb_clock(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

#endif
