/* Tells a process that hangs from one that is slow because the machine is busy. A process hangs when it has
 * used up its CPU time without progress, or when it uses no CPU time at all.
 */
#ifndef GCB_HANG_H
#define GCB_HANG_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

typedef struct gcb_hang {
  pid_t pid;
  uint64_t cpu_limit_ns, idle_limit_ns;
  uint64_t since_ns, window_ns;   /* when the last progress was made; when the window of idleness began */
  uint64_t looked_ns, scanned_ns; /* the last call; the last reading of CPU times */
  uint64_t cpu_since_ns, cpu_window_ns; /* CPU time at these two moments */
  uint64_t cpu_ns;                      /* CPU time since the last progress, at the last reading */
  bool cpu_known, idle;                 /* idle: why gcb_hang_look() answered true */
} gcb_hang;

/* Begin to watch process `pid` and the processes of the group that it leads. It hangs when, since the last
 * progress, cpu_limit_ns of wall time and of CPU time (all threads and processes) have passed, or when it
 * used less than 2 % of a cpu for idle_limit_ns. Time in which the caller itself did not look for more than a
 * second, because it was stopped or the machine was suspended, does not count. */
void gcb_hang_begin(gcb_hang *h, pid_t pid, uint64_t cpu_limit_ns, uint64_t idle_limit_ns);

/* The process made progress: all counts begin anew. Cheap. */
void gcb_hang_progress(gcb_hang *h);

/* True when the process hangs. To be called at least every 500 ms; reads /proc at most every 50 ms. */
bool gcb_hang_look(gcb_hang *h);

#endif
