/* What happened when: pauses as the collector reports them, stalls as mutators suffer them, times to
 * safepoint, stops, and what the operating system took. Kept raw, outside the measured heap. An event that
 * cannot be kept sets `lost`, which voids the run.
 */
#ifndef GCB_RECORDER_H
#define GCB_RECORDER_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

typedef struct gcb_moment {
  uint64_t start, end; /* ns, CLOCK_MONOTONIC */
  uint16_t kind;       /* gcb_pause_kind of a pause; gcb_stall_kind of a stall */
  uint16_t mutator;    /* id, or GCB_ALL_MUTATORS */
  uint64_t cpu; /* ns of CPU time: in a stop of the thread that made it, in a piece of the mutator's thread;
                   else 0 */
} gcb_moment;
#define GCB_ALL_MUTATORS UINT16_MAX

typedef enum {
  GCB_STALL_ALLOCATION,
  GCB_STALL_SAFEPOINT,
  GCB_STALL_BARRIER, /* a write, read or log barrier's slow half */
  GCB_STALL_DEATH    /* a counted reference went, and what hung on it */
} gcb_stall_kind;
enum {
  GCB_STALL_MIN_NS = 5000, /* shorter slow paths are ordinary work, not stalls */
  GCB_STALL_CPU_MIN_NS =
      50000 /* the same by CPU time: a preemption costs the thread that it hits up to 25 us */
};

typedef struct gcb_moments {
  gcb_moment *at;
  uint32_t n, max;
} gcb_moments;

typedef struct gcb_recorder {
  pthread_mutex_t lock;
  gcb_moments pauses, stalls;
  gcb_moments safepoints; /* from request to all stopped */
  gcb_moments stops;      /* from all stopped to resumed, as the harness saw it, cut at reports */
  gcb_moments pieces;     /* of stalls, less the stops that their own thread made: those that used
                             at least GCB_STALL_CPU_MIN_NS of CPU time */
  gcb_moments gaps;       /* in which the heartbeat thread should have run */
  uint64_t stopped_cpu;   /* ns: of the whole process during stops */
  bool lost, off;         /* off: keep nothing */
  uint64_t born;          /* ns: when it was initialised; no pause begins before */
  char fault[240]; /* a sentence on the first reported pause that breaks the rule of pause.h; "": none */
} gcb_recorder;

void gcb_recorder_init(gcb_recorder *r);
void gcb_recorder_free(gcb_recorder *r);
/* Forget everything recorded so far (between iterations). */
void gcb_recorder_clear(gcb_recorder *r);
/* Bytes that its lists hold by malloc. */
size_t gcb_recorder_bytes(const gcb_recorder *r);
/* Any thread. */
void gcb_record(gcb_recorder *r, gcb_moments *list, gcb_moment span);

#endif
