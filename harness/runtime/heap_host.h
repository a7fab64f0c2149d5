/* One heap in one process: what the harness keeps behind a gcb_heap. The invocation process builds one; so do
 * the tests.
 *
 * Invariants: the gcb_heap is the first member, so a heap pointer is an instance pointer. `running` counts
 * mutators that are neither parked at a safepoint nor blocked; while `stopping` is set nobody becomes
 * running, and the world is stopped once `running` is 0. Everything that the harness allocates here lies
 * outside the measured heap (malloc and its own mappings).
 */
#ifndef GCB_INSTANCE_H
#define GCB_INSTANCE_H

#include "machine/clock.h"
#include "runtime/counting.h"
#include "runtime/event_recorder.h"
#include "runtime/instrumentation.h"
#include <gcbench/mutator.h>
#include <pthread.h>
#include <setjmp.h>

enum { GCB_ATTENTION_STOP = 1, GCB_ATTENTION_FINALIZERS = 2 };
enum { GCB_REGIONS = 64, GCB_LOCKS = 64 };

typedef struct gcb_region {
  char *base;
  size_t bytes;
} gcb_region;

/* The harness's own data of one mutator thread; gcb_mutator.harness points here. */
typedef struct gcb_thread {
  gcb_mutator mutator; /* first */
  bool in_finalizer;
  uint32_t in_slow_path;      /* nesting of clocked paths, see watch.h */
  uint64_t piece_start;       /* ns: where the present piece of a clocked path began, see instrumentation.h */
  uint64_t read_at, read_cpu; /* ns: when the thread's CPU clock was last read, and what it said */
  uint64_t short_ns, short_n; /* stalls of less than GCB_STALL_MIN_NS in the present lap */
  gcb_op_counts counts;
  jmp_buf unwind; /* where fatal() goes; set by gcb_mutator_guard users */
  char why[200];
} gcb_thread;

typedef struct gcb_ready {
  gcb_object *object;
  uint64_t token;
} gcb_ready;

typedef struct gcb_instance {
  gcb_heap heap; /* first */
  gcb_host host;
  const gcb_ops *ops; /* of the heap's path */
  gcb_recorder recorder;

  /* watch.c */
  gcb_watch watch;
  gcb_collector clocked;
  gcb_ops clocked_ops;

  struct gcb_shadow *shadow; /* while an iteration is watched for what lives */

  /* pages.c */
  gcb_region regions[GCB_REGIONS];
  uint32_t n_regions;
  uint64_t committed, peak_committed, returned; /* bytes; atomics; returned: given back so far, summed */
  uint64_t commits, fail_commit;                /* requests so far; the request to refuse, 0: none */
  uint64_t base_seed; /* stress runs: scatters the heap's addresses, low ones included; 0: not */
  bool protect;       /* stress runs: reserved pages that are not committed cannot be touched */
  bool starve;        /* stress runs: no page is to be had while the world is stopped */
  uint64_t placed_bases, protected_ranges, refused; /* what these did */

  /* roots.c */
  gcb_object **slots; /* globals, then the shadow stack of each mutator id */
  uint64_t ids;       /* bit set of mutator ids in use */
  gcb_ready *ready; /* objects that wait for their finalizer: a ring would save nothing, they drain at once */
  size_t n_ready, first_ready, max_ready;
  void (*finalized)(gcb_mutator *m, void *ctx, gcb_slot object, uint64_t token);
  void *finalized_ctx;
  uint64_t finalized_count; /* atomic */

  /* world.c */
  pthread_mutex_t lock; /* of all below, of `ready` and of the list of live mutators */
  pthread_cond_t parked, resumed;
  bool stopping;
  uint32_t running;
  uint64_t stops; /* generation number of stops */
  uint64_t stopped_at,
      stopped_cpu; /* ns: when the present stop was complete, and the process's CPU time then */
  pthread_mutex_t locks[GCB_LOCKS];

  /* workers.c */
  struct gcb_workers *workers;

  /* shapes, in shapes.c */
  gcb_shape **shape_list;
} gcb_instance;

#define GCB_MAX_MUTATORS 64u

/* Build an instance for a loaded collector: services wired, no page reserved, collector not started. False:
 * no memory. */
bool gcb_instance_init(gcb_instance *in, const gcb_collector *c);
/* Everything back; the collector must have been stopped. Reserved regions are unmapped. */
void gcb_instance_free(gcb_instance *in);

/* Attach the calling thread as a mutator: NULL with *status set when the collector (or the id table) refuses.
 * Detach it: its frames must be left (see gcb_mutator_unwind). */
gcb_mutator *gcb_mutator_attach(gcb_instance *in, gcb_status *status);
void gcb_mutator_detach(gcb_mutator *m);
/* Drop every frame of the mutator, as after an out-of-memory return. */
void gcb_mutator_unwind(gcb_mutator *m);
/* Run what finalizers are due, as a poll does. */
void gcb_run_finalizers(gcb_mutator *m);

/* Set up the groups of services. */
void gcb_recorder_wire(gcb_instance *in);
void gcb_pages_wire(gcb_instance *in);
void gcb_roots_wire(gcb_instance *in);
void gcb_world_wire(gcb_instance *in);
void gcb_world_free(gcb_instance *in);
/* A pause was reported on the calling thread. Inside a stop that this thread made, the stop so far is
 * recorded with its CPU time, so that a preemption after the report takes nothing from what the pause covers.
 */
void gcb_stop_reported(gcb_instance *in);
void gcb_pages_free(gcb_instance *in);
void gcb_roots_free(gcb_instance *in);
/* Start `n - 1` worker threads; `pin`, if not NULL, is called on each with its number. False: no threads. */
bool gcb_workers_start(gcb_instance *in, uint32_t n, void (*pin)(void *ctx, uint32_t worker), void *ctx);
void gcb_workers_stop(gcb_instance *in);

/* Is this the address of committed or reserved heap space? For checks. */
bool gcb_in_regions(const gcb_instance *in, const void *p);

typedef struct gcb_reach {
  uint64_t bytes, objects;
} gcb_reach;
/* Walk everything strongly reachable from the harness's own roots and count it, with gcb_size_of(). Trusts no
 * collector: an address outside the reserved regions, a misaligned one, or an impossible extent is reported
 * as GCB_WRONG with a sentence in `why`. World stopped or single-threaded; inline-layout heaps only
 * (GCB_UNSUPPORTED otherwise); ephemeron values count when their key is reached. */
gcb_status gcb_reachable(gcb_instance *in, gcb_reach *out, char *why, size_t why_size);

#endif
