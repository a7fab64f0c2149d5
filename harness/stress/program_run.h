/* One program on one collector: the interpreter, and the audit that compares the heap with its shadow.
 *
 * Invariant: one thread at a time interprets, whose turn it is; the others wait outside the heap. So a
 * program with threads is as deterministic as one without. But in the mode `together` (together.c).
 *
 * A failure is told on the report descriptor and ends the process at once (these functions only run in a
 * child): the heap is broken, and nothing more can be learned from it.
 */
#ifndef GCB_STRESS_RUN_H
#define GCB_STRESS_RUN_H

#include "plan/load.h"
#include "runtime/heap_host.h"
#include "stress/barrier_verifier.h"
#include "stress/shadow_heap.h"

/* What a campaign adds up; all uint64_t. The parent counts the programs, by their beginnings. clang-format
 * never comes to rest on the list. */
/* clang-format off */
#define GCB_STRESS_COUNTS(X)                                                                                 \
  X(programs) X(operations) X(passed_over) X(audits) X(objects_checked) X(collections) X(settled)            \
  X(out_of_memory) X(finalizers) X(weak_cleared) X(threads) X(hand_overs) X(forced_collections) X(at_safepoints)              \
  X(meetings) X(yields) X(objects_moved) X(stores_explained) X(options_shrunk) X(options_varied) X(pages_refused) X(sweeps) X(ranges_protected) X(bases_placed) X(poisoned)
/* clang-format on */
typedef struct gcb_stress_counts {
#define X(name) uint64_t name;
  GCB_STRESS_COUNTS(X)
#undef X
  uint64_t events[GCB_EVENT_KINDS];
} gcb_stress_counts;

enum { GCB_STRESS_OPTIONS = 64 };
typedef struct gcb_stress_start {
  uint64_t limit, fail, base;
  uint32_t mutators, poison, protect, move;
  uint32_t shrunk, varied; /* options */
  gcb_value values[GCB_STRESS_OPTIONS];
} gcb_stress_start;

typedef struct gcb_stress_run gcb_stress_run;
typedef struct gcb_stress_crew {
  gcb_stress_run *run;
  uint32_t id;
  pthread_t thread;
  bool started, live, ending; /* started: a pthread to join */
  uint32_t give_back;         /* whose turn it is after its end */
  gcb_mutator *m;
  gcb_stress_counts *counts; /* the run's; its own while it runs beside the first */
  gcb_stress_counts own;
  gcb_rng rng; /* of yields */
  /* of the operation in hand */
  uint32_t line;
  gcb_stress_code code;
  const gcb_twin *fresh; /* takes init() */
  uint32_t forced;       /* collections */
  uint64_t allocations;  /* so far */
  uint32_t kinds;        /* forced collections so far */
} gcb_stress_crew;

struct gcb_stress_run {
  gcb_instance in; /* first: an instance pointer is a run pointer */
  const gcb_collector *gc;
  const gcb_stress_program *program;
  gcb_stress_counts *counts;
  int report; /* descriptor */
  gcb_shadow shadow;
  gcb_stress_crew crew[GCB_STRESS_THREADS];
  pthread_mutex_t turn_lock, ready_lock;
  pthread_cond_t turned;
  uint32_t turn, pc, step; /* whose; next line; number of the operation in hand, or of the section */
  uint64_t stops;          /* of the world, at the last audit */
  uint32_t news;           /* finalizers made ready in this step */
  uint32_t collecting;     /* kind of the collection that was asked for; GCB_PAUSE_KINDS: none */
  void (*each_root)(gcb_heap *h, gcb_visit *visit, void *ctx); /* the harness's, see roots.c */
  gcb_barrier barrier;
  bool verifies, auditing; /* the barrier; a stop is the audit's own */
  gcb_collector told;      /* the collector, with a log() that tells the verifier */
  bool stuck;              /* a count was seen that has stuck: its object stays for ever, as declared */
  /* threads that run together, see together.c; under turn_lock */
  bool together, closing;
  uint32_t section, busy, meetings; /* number; threads in it; so far */
  uint32_t first, end, whose;       /* its lines; whose the first is */
  void (*poll)(gcb_mutator *m);     /* the harness's, as below */
  bool (*stop_world)(gcb_heap *h, gcb_mutator *m);
  bool (*finalizer_ready)(gcb_heap *h, gcb_object *o, uint64_t token); /* the harness's */
};

/* All that a heap is started with. False, with a sentence, when its options cannot be. */
bool gcb_stress_start_of(gcb_stress_start *s, const gcb_collector *gc, const gcb_stress_program *p, char *why,
                         size_t why_size);
/* Start a heap for the program. False: it cannot be, for want of memory that the modes have refused. */
bool gcb_stress_open(gcb_stress_run *r, const gcb_collector *gc, const gcb_stress_program *p, int report,
                     gcb_stress_counts *counts);
void gcb_stress_count_into(gcb_stress_run *r, gcb_stress_counts *counts);
/* Run it there, to its end; add to the counts; close. */
void gcb_stress_play(gcb_stress_run *r);
void gcb_stress_close(gcb_stress_run *r);
/* Both. */
void gcb_stress_perform(const gcb_collector *gc, const gcb_stress_program *p, int report,
                        gcb_stress_counts *counts);

/* Write the counts that are not zero as lines "C NAME VALUE", and make them zero. */
void gcb_stress_tell(int report, gcb_stress_counts *counts);
/* Add what such a line says. */
void gcb_stress_hear(const char *line, gcb_stress_counts *counts);

/* Of the calling thread. */
extern _Thread_local gcb_stress_crew *gcb_stress_me;
/* May this one look inside? */
static inline bool gcb_stress_owns(const gcb_twin *t) {
  return !gcb_stress_me->run->together || t->owner == gcb_stress_me->id;
}

/* session.c: a thread begins; NULL when the heap has no memory for it. It ends. */
gcb_mutator *gcb_stress_join(gcb_stress_crew *c);
void gcb_stress_leave(gcb_stress_crew *c);
/* together.c: the whole program, by the first thread; the others are gone at the end. */
void gcb_stress_together(gcb_stress_crew *first);

/* verify.c: have the barrier verified, of this mutator too. The next cycle begins with what this audit has
 * seen. */
void gcb_stress_verify_from(gcb_stress_run *r, gcb_mutator *m);
void gcb_stress_verify_begin(gcb_stress_run *r, const gcb_mutator *m, uint32_t audit);
/* roots.c: in a build with seeded bugs, have one about roots. */
void gcb_stress_miss_roots(gcb_stress_run *r);

/* interpret.c: one operation of a thread; skipped when it does not fit. */
void gcb_stress_step(gcb_stress_run *r, gcb_mutator *m, gcb_stress_op op);
void gcb_stress_settle(gcb_stress_run *r, gcb_mutator *m);
void gcb_stress_finalized(gcb_mutator *m, void *run, gcb_slot object, uint64_t token);
bool gcb_stress_ready(gcb_heap *h, gcb_object *o, uint64_t token);
/* audit.c: a program begins. */
void gcb_stress_audit_begin(void);
/* Compare everything. exact: after settling, when nothing else may be there. */
void gcb_stress_audit(gcb_stress_run *r, gcb_mutator *m, bool exact);
/* Weak references that threads found cleared while they ran together: were they allowed to be? */
void gcb_stress_judge_weak(gcb_stress_run *r);
uint32_t gcb_stress_close_weak(gcb_stress_run *r);
/* Word i of the payload of a twin with a stamp. */
uint64_t gcb_stress_word_of(const gcb_twin *t, uint32_t i);
uint32_t gcb_stress_payload(const gcb_twin *t);

/* End this process with a finding. `check` is one word. */
_Noreturn void gcb_stress_fail(gcb_stress_run *r, const char *check, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static inline bool gcb_stress_has(const gcb_stress_run *r, uint64_t caps) {
  return (r->gc->capabilities & caps) == caps;
}

#endif
