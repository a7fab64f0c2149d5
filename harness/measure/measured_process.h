/* The workings of one invocation: a collector, a workload, and a crew of mutator threads that iterate in
 * step.
 *
 * Invariant: between laps every mutator but the first waits outside the heap (blocked) at the gate, with an
 * empty shadow stack; the first is the main thread, and only it then touches the heap. Crew members only ever
 * record a failure; the main thread decides what it means.
 */
#ifndef GCB_TRIAL_H
#define GCB_TRIAL_H

#include "measure/liveness_oracle.h"
#include "measure/outside.h"
#include "measure/progress.h"
#include "measure/responses.h"
#include "plan/load.h"
#include "runtime/heap_host.h"
#include <jansson.h>

struct gcb_topology;

typedef struct gcb_rss_average {
  uint64_t samples;
  double mean; /* bytes */
} gcb_rss_average;

/* One iteration over all mutators. */
typedef struct gcb_lap {
  uint64_t start, end, cpu; /* ns */
  uint64_t own_cpu;         /* ns: of `cpu`, what threads of threads.h used */
  gcb_tally tally;
  uint64_t work[GCB_WORK_KINDS]; /* the collector's counters at its start */
  gcb_rss_average rss;
  int64_t peak_rss;           /* -1: not known */
  uint64_t short_ns, short_n; /* stalls too short to be recorded one by one, of all mutators */
} gcb_lap;

typedef struct gcb_member {
  struct gcb_trial *trial;
  pthread_t thread;
  gcb_mutator *m;
  uint32_t index;
  int cpu;
  gcb_status status; /* of the present lap */
  gcb_tally tally;
  gcb_op_counts counts;
  gcb_responses responses;
} gcb_member;

typedef struct gcb_trial {
  gcb_instance in; /* first, so that heap, instance and trial share an address */
  const json_t *spec;
  gcb_value collector_values[64], params[64];
  const gcb_workload *plain, *counting; /* the same workload: the path's copy, and the call copy */
  gcb_task task;
  gcb_member crew[GCB_MAX_MUTATORS];
  uint32_t crew_started;
  pthread_barrier_t gate; /* crew and main thread, at the start and at the end of each lap */
  bool gate_ready, quit, count;
  struct gcb_topology *topology;
  const gcb_ops *ops;           /* what mutators call in timed iterations */
  uint64_t heartbeat_period_ns; /* 0: no heartbeat */
  bool open, started, attached, set_up, counted;
  bool collected; /* the last full collection at the end was carried out */
  gcb_op_counts counts;
  uint64_t checksum, cyclic_bytes;
  json_t *benchmark; /* Google Benchmark's entry of the timed laps; NULL: it did not drive them */
  json_t *liveness;  /* what a shadow saw; NULL: there was none */
  json_t *soak;      /* the readings of a soak; NULL: it was none */
  uint32_t laps;
  gcb_resident baseline; /* without the heap: before the collector started; of a foreign runtime, after */
  int64_t grown;         /* bytes that the harness's own records have taken since */
  int64_t outside;    /* bytes beyond the baseline and what is committed, after the timed laps; -1: unknown */
  uint64_t last_beat; /* ns: when the parent heard of progress last */
  gcb_progress progress;
  pthread_mutex_t why_lock;
  gcb_status status;
  char why[400];
} gcb_trial;

/* Everything up to a set-up workload. False: status and why say what was in the way. Close it in either case.
 */
bool gcb_trial_open(gcb_trial *t, const json_t *spec);
/* All laps and the collections after them; timed iterations are appended to `iterations`, the wall times of
 * the warm-ups before them to `warmups`. */
void gcb_trial_run(gcb_trial *t, json_t *iterations, json_t *warmups);
void gcb_trial_close(gcb_trial *t);
/* One iteration of everybody. False when somebody failed. */
bool gcb_trial_lap(gcb_trial *t, gcb_lap *lap);
/* Full collections with the finalizers that they find, as often as a resurrected chain may need. */
void gcb_trial_collect(gcb_trial *t, int times);
/* Note a failure; the first one stays. Any thread. */
void gcb_trial_fail(gcb_trial *t, gcb_status status, const char *why);
/* In invocation.c: one timed iteration as JSON. */
json_t *gcb_trial_iteration(gcb_trial *t, const gcb_lap *lap);

#endif
