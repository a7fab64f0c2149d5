/* The mutator contract. A workload is an ordinary C program over a garbage-collected heap that includes this
 * header and nothing else of gcbench. It never holds a reference: every operand is a root slot of a frame, of
 * the globals, or of its caller, so it cannot forget a root and a moving collector cannot leave it a stale
 * pointer.
 *
 *     gcb_frame f = gcb_enter(m, 2);
 *     gcb_slot list = gcb_at(f, 0), node = gcb_at(f, 1);
 *     if (!gcb_construct(m, node, shape, list)) return GCB_OOM;   // node = new {list}
 *     ...
 *     gcb_leave(m, f);
 *
 * Each workload is compiled once for every inline path (GCB_PATH_* below are set by the build), so these
 * operations cost what the collector's own compiler would make them cost. All run on the mutator's own
 * thread. Operations that allocate return false when out of memory, with nothing changed; a workload then
 * returns GCB_OOM at once, from any depth: the harness unwinds its frames.
 *
 * One run may mix copies (the harness counts operations through the call copy): all state lives in
 * gcb_task.state, none in static data.
 *
 * Two mutators may touch the same slot of the same object, one of them writing, only under gcb_lock().
 */
#ifndef GCBENCH_MUTATOR_H
#define GCBENCH_MUTATOR_H

#include <gcbench/paths.h>
#include <gcbench/rng.h>

/* ---- frames and slots ---- */
/* A frame of n null slots on this mutator's shadow stack. Frames are left in the reverse order of entry. */
static inline gcb_frame gcb_enter(gcb_mutator *m, uint32_t n);
static inline void gcb_leave(gcb_mutator *m, gcb_frame f);
/* Slot i of a frame; a slot may be passed to a callee, which then needs no frame of its own. */
static inline gcb_slot gcb_at(gcb_frame f, uint32_t i);
/* Global root slot i, below GCB_GLOBALS, shared by all mutators. */
static inline gcb_slot gcb_global(gcb_mutator *m, uint32_t i);
static inline void gcb_move(gcb_mutator *m, gcb_slot dst, gcb_slot src);
static inline void gcb_clear(gcb_mutator *m, gcb_slot dst);
static inline bool gcb_is_null(gcb_mutator *m, gcb_slot s);
static inline bool gcb_same(gcb_mutator *m, gcb_slot a, gcb_slot b);

/* ---- allocation ---- */
/* Register an object layout: `refs` reference slots (at most GCB_MAX_REFS), then `payload` bytes (at most
 * GCB_MAX_PAYLOAD). In setup(), before use; never fails but for absurd numbers (NULL). The harness owns it;
 * equal layouts share one. `name` is a literal. */
static inline const gcb_shape *gcb_shape_new(gcb_mutator *m, const char *name, uint32_t refs,
                                             uint32_t payload);
/* New object, null and zero all over. n of arrays and bytes: at most GCB_MAX_LENGTH. dst may hold anything
 * before. */
static inline bool gcb_new(gcb_mutator *m, gcb_slot dst, const gcb_shape *shape);
static inline bool gcb_new_array(gcb_mutator *m, gcb_slot dst, uint32_t n);
static inline bool gcb_new_bytes(gcb_mutator *m, gcb_slot dst, uint32_t n);
/* New object whose reference slots are filled from consecutive root slots first, first + 1, ..; payload zero.
 * dst may be one of them. */
static inline bool gcb_construct(gcb_mutator *m, gcb_slot dst, const gcb_shape *shape, gcb_slot first);
/* The object of this slot dies now: no reference to it will be used again, and the slot becomes null. The
 * object alone: what it refers to lives on. To a collector this is gcb_clear(); memory that is freed by hand
 * is freed here. Nothing happens to a null slot. */
static inline void gcb_release(gcb_mutator *m, gcb_slot obj);
/* The same for the object and all that can be reached from it through its slots: a tree, in which each object
 * is referred to once. Weak references and ephemerons are no part of one. */
static inline void gcb_release_tree(gcb_mutator *m, gcb_slot obj);

/* ---- fields ---- */
/* First store into reference slot i of an object that this mutator created, with no allocation and no poll in
 * between. No barrier. */
static inline void gcb_init(gcb_mutator *m, gcb_slot obj, uint32_t i, gcb_slot src);
static inline void gcb_put(gcb_mutator *m, gcb_slot obj, uint32_t i, gcb_slot src);
static inline void gcb_put_null(gcb_mutator *m, gcb_slot obj, uint32_t i);
static inline void gcb_get(gcb_mutator *m, gcb_slot dst, gcb_slot obj, uint32_t i);
/* Elements of an array or of a byte array. */
static inline uint32_t gcb_length(gcb_mutator *m, gcb_slot obj);
/* Copy payload out and in: `bytes` from byte `offset` of the object's payload or of a byte array. */
static inline void gcb_read(gcb_mutator *m, gcb_slot obj, uint32_t offset, void *into, uint32_t bytes);
static inline void gcb_write(gcb_mutator *m, gcb_slot obj, uint32_t offset, const void *from, uint32_t bytes);
static inline uint64_t gcb_read_u64(gcb_mutator *m, gcb_slot obj, uint32_t offset);
static inline void gcb_write_u64(gcb_mutator *m, gcb_slot obj, uint32_t offset, uint64_t value);

/* ---- weak references, ephemerons, finalizers ---- */
/* Target and key must not be null. After the target (key) died, weak_get, ephemeron_key and ephemeron_get
 * give null: at what time depends on the collector, so no checksum may depend on it. An ephemeron's value is
 * held as long as ephemeron and key are. */
static inline bool gcb_weak_new(gcb_mutator *m, gcb_slot dst, gcb_slot target);
static inline void gcb_weak_get(gcb_mutator *m, gcb_slot dst, gcb_slot weak);
static inline bool gcb_ephemeron_new(gcb_mutator *m, gcb_slot dst, gcb_slot key, gcb_slot value);
static inline void gcb_ephemeron_key(gcb_mutator *m, gcb_slot dst, gcb_slot ephemeron);
static inline void gcb_ephemeron_get(gcb_mutator *m, gcb_slot dst, gcb_slot ephemeron);
static inline void gcb_ephemeron_put(gcb_mutator *m, gcb_slot ephemeron, gcb_slot src);
/* Ask for finalized(object, token) once after the object became unreachable. GCB_OK or GCB_OOM. */
static inline gcb_status gcb_finalizer(gcb_mutator *m, gcb_slot obj, uint64_t token);

/* ---- safepoints and threads ---- */
/* In every loop: the world may stop here, and finalizers run here (only here: they may use the heap, not the
 * caller's slots). */
static inline void gcb_poll(gcb_mutator *m);
/* Around waits (files, locks, sleep): the world does not wait for this mutator, which must not touch the heap
 * in between. */
static inline void gcb_blocked_begin(gcb_mutator *m);
static inline void gcb_blocked_end(gcb_mutator *m);
/* One of 64 locks for data that mutators share; waiting counts as blocked. Not recursive; leave it before
 * iterate() returns. */
static inline void gcb_lock(gcb_mutator *m, uint32_t lock);
static inline void gcb_unlock(gcb_mutator *m, uint32_t lock);

/* ---- the workload itself ---- */
#define GCB_WORKLOAD_ABI 2u

/* Where an invocation stands: every run begins with one counted iteration through the call copy, then come
 * the warm-ups, then what is measured. */
typedef enum gcb_phase { GCB_PHASE_COUNTED, GCB_PHASE_WARMUP, GCB_PHASE_TIMED } gcb_phase;

/* One run of a workload in one process: owned by the harness, shared by all mutators, read-only but for
 * `state`. */
typedef struct gcb_task {
  const gcb_value *params; /* params[i] belongs to workload->params[i] */
  void *state;             /* state_bytes of zeroes at first, the workload's own; no references in it */
  uint64_t seed;
  uint32_t mutators;
  const char *scratch; /* a folder for temporary files, emptied by the harness */
  void (*explain)(struct gcb_task *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
  /* For workloads that measure response times themselves. What they compute must not depend on any of it. */
  gcb_phase phase;
  uint64_t (*now)(void); /* ns, monotonic */
  /* Wait outside the heap until about then, as a server waits for its next request: no poll is due meanwhile.
   */
  void (*wait_until)(struct gcb_task *t, gcb_mutator *m, uint64_t ns);
  /* The load of an iteration before its first response, by each mutator: as a share of `saturation`, and in
   * operations a second of all mutators together (0: as fast as it goes). */
  void (*offered)(struct gcb_task *t, gcb_mutator *m, double load, double rate, double saturation);
  /* One response: ns since its service began, and since the moment at which the request was due. */
  void (*response)(struct gcb_task *t, gcb_mutator *m, uint64_t simple_ns, uint64_t intended_ns);
} gcb_task;

/* What one mutator did in one iteration: the harness zeroes it before and adds up the mutators' after. */
typedef struct gcb_tally {
  uint64_t ops;
  uint64_t checksum;     /* over values and shape; independent of addresses, time and collector; summed over
                            mutators */
  uint64_t cyclic_bytes; /* of garbage that no counting alone can free: bytes in, or only reachable from,
                            cycles that were dropped */
} gcb_tally;

enum { GCB_LIVE_PARAMS = 3 };

typedef struct gcb_workload {
  uint32_t abi, size; /* GCB_WORKLOAD_ABI, sizeof(gcb_workload) */
  gcb_path path;      /* that this copy was compiled for; GCB_WORKLOAD() sets these three and the name */
  const char *name;
  const char *summary; /* one line */
  const char *op;      /* what one operation is: "one node allocated" */
  const gcb_option *params;
  uint32_t n_params;
  uint32_t state_bytes;
  /* Every object that it drops it releases, whatever its parameters, so that it runs where memory is freed by
   * hand. What its globals hold at the end need not be. */
  bool releases;
  /* GCB_NEEDS_ bits of what it takes with these parameters; NULL: nothing special. Pure. */
  uint64_t (*needs)(const gcb_task *t);
  /* Analytic peak of live bytes over a whole run, all mutators together, as gcb_size_of() counts objects.
   * Pure. */
  uint64_t (*peak_live)(const gcb_task *t);
  /* Once a run, on mutator 0, before any iteration: shapes, long-lived data in globals, files. To fail,
   * t->explain() in one sentence and return GCB_FAILED. May be NULL. */
  gcb_status (*setup)(gcb_mutator *m, gcb_task *t);
  /* One iteration on one mutator (m->id of t->mutators). Every iteration does the same operations, starting
   * from and returning to the same state, and gives the same tally. GCB_WRONG with t->explain() when data are
   * not what was stored. */
  gcb_status (*iterate)(gcb_mutator *m, gcb_task *t, gcb_tally *tally);
  /* Runs inside gcb_poll() of some mutator for each finalizer that is due. `object` may be stored anywhere
   * (resurrection). May be NULL. */
  void (*finalized)(gcb_mutator *m, gcb_task *t, gcb_slot object, uint64_t token);
  /* After the last iteration, mutators gone: close files, free state's own memory. No heap operation. May be
   * NULL. */
  void (*teardown)(gcb_task *t);
  /* For `--live SIZE`, which chooses parameters: names of whole numbers that set the live size, changed
   * together in the proportion of their defaults; peak_live() must not fall when they grow. None: --live is
   * refused. */
  const char *live_params[GCB_LIVE_PARAMS];
  /* Name of the whole number that sets how much an iteration does; it is raised until an iteration allocates
   * many times its live bytes. NULL: an iteration does more by itself when there is more live data. */
  const char *work_param;
  /* About how many bytes all mutators allocate in an iteration, as gcb_size_of() counts objects; not less
   * when work_param grows. Pure. NULL only without live_params. */
  double (*allocated)(const gcb_task *t);
  /* The largest value of live_params[0] that still makes more live data. Pure. NULL: the end of its range. */
  uint64_t (*most_live)(const gcb_task *t);
} gcb_workload;

enum { GCB_NEEDS_WEAK = 1, GCB_NEEDS_EPHEMERONS = 2, GCB_NEEDS_FINALIZERS = 4 };
enum { GCB_NEEDS_WARMUP = 8 }; /* of the harness: at least one warm-up before it is timed */

/* What a workload as a plug-in exports, as `gcbench_workload`: its copies, one for each path. */
typedef struct gcb_workload_copies {
  uint32_t abi, size; /* GCB_WORKLOAD_ABI, sizeof(gcb_workload_copies) */
  const gcb_workload *const *first, *const *end;
} gcb_workload_copies;

/* The linker gathers what GCB_WORKLOAD() puts into this section; weak, for an object without any workload. */
extern const gcb_workload *const __start_gcb_workloads[] __attribute__((weak, visibility("hidden")));
extern const gcb_workload *const __stop_gcb_workloads[] __attribute__((weak, visibility("hidden")));

/* At the end of a workload's file: GCB_WORKLOAD(churn, .summary = "...", ...); nothing else is needed to be
 * found. */
#define GCB_WORKLOAD(id, ...)                                                                                \
  static const gcb_workload workload_##id = {                                                                \
      .abi = GCB_WORKLOAD_ABI,                                                                               \
      .size = sizeof(gcb_workload),                                                                          \
      .path = {GCB_PATH_ALLOC, GCB_PATH_WRITE, GCB_PATH_READ, GCB_PATH_ROOTS},                               \
      .name = #id,                                                                                           \
      __VA_ARGS__};                                                                                          \
  __attribute__((section("gcb_workloads"), used)) static const gcb_workload *const entry_##id =              \
      &workload_##id;                                                                                        \
  extern const gcb_workload_copies gcbench_workload;                                                         \
  __attribute__((weak, visibility("default"))) const gcb_workload_copies gcbench_workload = {                \
      GCB_WORKLOAD_ABI, sizeof(gcb_workload_copies), __start_gcb_workloads, __stop_gcb_workloads}

/* For checksums: folds value into sum, order-dependent. */
static inline uint64_t gcb_mix(uint64_t sum, uint64_t value) {
  sum = (sum ^ value) * 0x9e3779b97f4a7c15u;
  return sum ^ sum >> 29;
}

#endif
