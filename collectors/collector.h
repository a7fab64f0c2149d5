/* The collector contract. A collector is a shared object that exports one symbol:
 *
 *     const gcb_collector gcbench_collector = { .abi = GCB_COLLECTOR_ABI, .size = sizeof(gcb_collector), ...
 * };
 *
 * It is loaded into a fresh process for each invocation; one process holds one heap. The harness owns the
 * roots, the pages, the stop-the-world rendezvous, the worker threads, the clock and the events, and gives
 * them as services (gcb_host, below). A collector never prints, never ends the process and never takes memory
 * for the heap but through the page services: running out is an answer (NULL, GCB_OOM). Small fixed state of
 * its own (static data, a struct from malloc) is not counted.
 *
 * Threads: functions that take a gcb_mutator run on that mutator's thread, in the running state, and may stop
 * the world; those that take a gcb_heap run on the main thread before the mutators begin or after they ended,
 * unless said otherwise.
 */
#ifndef GCBENCH_COLLECTOR_H
#define GCBENCH_COLLECTOR_H

#include <gcbench/heap.h>

#define GCB_COLLECTOR_ABI 1u

/* Declared capabilities: bits of gcb_collector.capabilities. Tests hold a collector to what it declares. */
#define GCB_CAPABILITIES(X)                                                                                  \
  X(MOVES, "moves")               /* objects change address */                                               \
  X(GENERATIONAL, "generational") /* collect(GCB_MINOR) exists */                                            \
  X(PARALLEL, "parallel")         /* uses the worker threads during a stop */                                \
  X(CONCURRENT, "concurrent")     /* works beside the mutators */                                            \
  X(RECLAIMS, "reclaims")         /* frees garbage at all */                                                 \
  X(CYCLES, "cycles")             /* frees cyclic garbage too */                                             \
  X(PROMPT, "prompt") /* acyclic garbage is freed, and finalized, when the last reference goes */            \
  X(WEAK, "weak")     /* weak references */                                                                  \
  X(SHORT_WEAK,                                                                                              \
    "short-weak") /* weak references into a dead cycle go before its finalizers run, not after */            \
  X(EPHEMERONS, "ephemerons") /* ephemerons; with CYCLES, a value that reaches its key does not keep it */   \
  X(FINALIZERS, "finalizers") /* finalizers, run at most once a registration, resurrection allowed */        \
  X(THREADS, "threads")       /* several mutators */                                                         \
  X(BOUNDED, "bounded")       /* honours the heap bound exactly, metadata included */                        \
  X(EXACT, "exact")           /* no conservative retention: what is unreachable does go */                   \
  X(FOREIGN, "foreign")       /* objects are outside the reserved regions: no walk over the heap */          \
  X(UNTIMED, "untimed")       /* cannot tell its pauses: gcb_pause() of no length counts its collections */  \
  X(EXPLICIT, "explicit")     /* no collector: frees what is released, and nothing else */
enum {
#define X(id, word) GCB_CAP_BIT_##id,
  GCB_CAPABILITIES(X)
#undef X
};
#define GCB_CAP(id) (1ull << GCB_CAP_BIT_##id)

/* Kinds of pause. A collector that has only one kind of collection calls it major. */
#define GCB_PAUSES(X)                                                                                        \
  X(MINOR, "minor")     /* the youngest generation */                                                        \
  X(MIDDLE, "middle")   /* the youngest two of three */                                                      \
  X(MAJOR, "major")     /* the whole heap */                                                                 \
  X(CASCADE, "cascade") /* a long chain of reference-count deaths, in one mutator */                         \
  X(SLICE, "slice")     /* a bounded step of an incremental collection */
typedef enum gcb_pause_kind {
#define X(id, word) GCB_##id,
  GCB_PAUSES(X)
#undef X
      GCB_PAUSE_KINDS
} gcb_pause_kind;

/* Named rare paths, counted by gcb_count() so that a stress run can say which it never reached.
 * clang-format never comes to rest on the list. */
/* clang-format off */
#define GCB_EVENTS(X)                                                                                        \
  X(MARK_STACK_OVERFLOW)                                                                                     \
  X(REMEMBERED_SET_OVERFLOW) X(REMEMBERED) X(CARD_SCANNED) X(PROMOTED) X(PROMOTION_FAILED)                   \
  X(EVACUATION_FAILED) X(EMPTY_COLLECTION) X(BUFFER_REFILL) X(BLOCK_FULL) X(BLOCK_FREED) X(LAZY_SWEEP)       \
  X(LARGE_ALLOCATED) X(LARGE_FREED) X(LARGE_PROMOTED) X(HEAP_GROWN) X(HEAP_SHRUNK) X(COLLECTED_BY_OTHER)     \
  X(FINALIZER_READY) X(RESURRECTED) X(WEAK_CLEARED) X(EPHEMERON_CLEARED) X(EPHEMERON_ROUNDS)                 \
  X(CYCLE_FOUND) X(CASCADED) X(COUNT_STUCK) X(OUT_OF_MEMORY)                                                 \
  X(THREAD_BEGAN) X(THREAD_BEGAN_IN_STOP) X(THREAD_ENDED) X(THREAD_ENDED_IN_STOP)
/* clang-format on */
enum {
#define X(id) GCB_EVENT_##id,
  GCB_EVENTS(X)
#undef X
      GCB_EVENT_KINDS
};

/* Which of them a collector can take: bits of gcb_collector.rare, so that coverage asks for nothing else. */
#define GCB_RARE(id) (1ull << GCB_EVENT_##id)
/* The harness counts these by itself, for whoever has the capability. */
#define GCB_RARE_OF_FINALIZERS (GCB_RARE(FINALIZER_READY) | GCB_RARE(RESURRECTED))
#define GCB_RARE_OF_THREADS                                                                                  \
  (GCB_RARE(THREAD_BEGAN) | GCB_RARE(THREAD_BEGAN_IN_STOP) | GCB_RARE(THREAD_ENDED) |                        \
   GCB_RARE(THREAD_ENDED_IN_STOP))

/* Exact work counters, compared without statistics; added to by the collector. */
#define GCB_WORK(X)                                                                                          \
  X(COPIED, "copied_bytes") X(PROMOTED, "promoted_bytes") X(MARKED, "marked_bytes") X(FREED, "freed_bytes")
enum {
#define X(id, word) GCB_WORK_##id,
  GCB_WORK(X)
#undef X
      GCB_WORK_KINDS
};

/* Where the committed bytes are; the five add up to what the collector has committed. */
typedef struct gcb_space_ledger {
  uint64_t objects;  /* bytes of objects that the collector holds to be allocated: dead ones not yet found
                        included */
  uint64_t rounding; /* lost inside cells: size-class rounding and alignment */
  uint64_t free;     /* committed for objects, at present in none: free cells, buffer tails, fragmentation */
  uint64_t reserve;  /* kept empty on purpose: a copy reserve */
  uint64_t metadata; /* marks, cards, tables, stacks */
} gcb_space_ledger;

/* Debug flags in gcb_heap.debug, set by stress runs. */
enum {
  GCB_DEBUG_POISON = 1, /* fill dead memory with gcb_poison() */
  GCB_DEBUG_MOVE = 2,   /* a collection that may move an object does move it */
};

struct gcb_heap {
  const gcb_collector *collector;
  const gcb_host *host;
  void *state;       /* the collector's */
  gcb_path path;     /* from the collector's declaration; start() may change it according to its options */
  uint64_t limit;    /* bytes: commit() fails beyond; UINT64_MAX when unbounded */
  uint32_t mutators; /* how many there will be */
  uint32_t workers;  /* collector threads that run_workers() uses, at least 1 */
  uint32_t debug;    /* GCB_DEBUG_ flags */
  uint32_t n_shapes;
  gcb_shape *const *shapes;
  gcb_mutator *live; /* list of live mutators; stable while the world is stopped */
  uint64_t events[GCB_EVENT_KINDS];
  uint64_t work[GCB_WORK_KINDS];
};

typedef void gcb_visit(void *ctx, gcb_object **slot);

/* Services. Call them through the gcb_ wrappers below. */
struct gcb_host {
  void *(*reserve)(gcb_heap *h, size_t bytes, size_t align);
  bool (*commit)(gcb_heap *h, void *at, size_t bytes);
  void (*decommit)(gcb_heap *h, void *at, size_t bytes);
  uint64_t (*committed)(gcb_heap *h);
  void (*each_root)(gcb_heap *h, gcb_visit *visit, void *ctx);
  bool (*stop_world)(gcb_heap *h, gcb_mutator *m);
  void (*resume_world)(gcb_heap *h, gcb_mutator *m);
  void (*run_workers)(gcb_heap *h, void (*fn)(void *ctx, uint32_t worker), void *ctx);
  uint64_t (*now)(void);
  void (*pause)(gcb_heap *h, gcb_mutator *m, gcb_pause_kind kind, uint64_t start_ns, uint64_t end_ns);
  bool (*finalizer_ready)(gcb_heap *h, gcb_object *o, uint64_t token);
  /* the rest is for the inline paths in <gcbench/mutator.h> */
  void (*poll)(gcb_mutator *m);
  void (*blocked_begin)(gcb_mutator *m);
  void (*blocked_end)(gcb_mutator *m);
  void (*lock)(gcb_mutator *m, uint32_t lock);
  void (*unlock)(gcb_mutator *m, uint32_t lock);
  void (*fatal)(gcb_mutator *m, const char *why);
  const gcb_shape *(*shape)(gcb_mutator *m, const char *name, uint32_t refs, uint32_t payload_bytes);
  gcb_object **(*global)(gcb_heap *h, uint32_t i);
};

/* Address space of the heap: `bytes` (rounded up to pages) at a multiple of `align` (a power of two),
 * readable and writable, not yet counted. Touch only what was committed. NULL when the system refuses. Freed
 * with the process. */
static inline void *gcb_reserve(gcb_heap *h, size_t bytes, size_t align) {
  return h->host->reserve(h, bytes, align);
}
/* Count [at, at + bytes) of reserved space against the bound: multiples of 4096, disjoint from what is
 * committed. The pages read as zero. False, with nothing changed, when the bound would be passed (or when a
 * stress run wants it so). Any thread. */
static inline bool gcb_commit(gcb_heap *h, void *at, size_t bytes) {
  return h->host->commit(h, at, bytes);
}
/* Give committed pages back: uncounted, contents lost, reads as zero when committed again. Any thread. */
static inline void gcb_decommit(gcb_heap *h, void *at, size_t bytes) {
  h->host->decommit(h, at, bytes);
}
static inline uint64_t gcb_committed(gcb_heap *h) {
  return h->host->committed(h);
}
/* Visit every root slot that is not null: globals, shadow stacks, objects waiting for their finalizer. World
 * stopped; the visitor may store a new reference into the slot. One thread at a time. */
static inline void gcb_each_root(gcb_heap *h, gcb_visit *visit, void *ctx) {
  h->host->each_root(h, visit, ctx);
}
/* Stop all mutators at safepoints. True: the world is stopped, the caller collects and then resumes. False:
 * another mutator stopped it first and has resumed; look again whether there is still need. From a slow path
 * of mutator `m`; a thread of the collector's own calls h->host->stop_world(h, NULL). Time to safepoint is
 * measured. */
static inline bool gcb_stop_world(gcb_mutator *m) {
  return m->heap->host->stop_world(m->heap, m);
}
static inline void gcb_resume_world(gcb_mutator *m) {
  m->heap->host->resume_world(m->heap, m);
}
/* Run fn(ctx, 0 .. h->workers - 1) on the worker threads (worker 0 is the caller), and wait for all. World
 * stopped or not. */
static inline void gcb_run_workers(gcb_heap *h, void (*fn)(void *ctx, uint32_t worker), void *ctx) {
  h->host->run_workers(h, fn, ctx);
}
/* Monotonic nanoseconds. */
static inline uint64_t gcb_now(gcb_heap *h) {
  return h->host->now();
}
/* Report a pause [start, end) that mutator `m` suffered, or all mutators when m is NULL. */
static inline void gcb_pause(gcb_heap *h, gcb_mutator *m, gcb_pause_kind kind, uint64_t start, uint64_t end) {
  h->host->pause(h, m, kind, start, end);
}
/* Hand an unreachable object to the harness, which runs the workload's finalizer at a later poll. From then
 * on the harness holds it as a root (with counted roots: takes over one count). World stopped, or on the
 * dying object's mutator. False: no memory for the queue; keep the registration and try at the next
 * collection. */
static inline bool gcb_finalizer_ready(gcb_heap *h, gcb_object *o, uint64_t token) {
  return h->host->finalizer_ready(h, o, token);
}
static inline void gcb_count(gcb_heap *h, int event) {
  __atomic_fetch_add(&h->events[event], 1, __ATOMIC_RELAXED);
}
static inline void gcb_work(gcb_heap *h, int kind, uint64_t amount) {
  __atomic_fetch_add(&h->work[kind], amount, __ATOMIC_RELAXED);
}

/* One byte a life stage, so that a dump tells how a reference came to point there. */
enum { GCB_POISON_FREED = 0xf5, GCB_POISON_FROM = 0xf7, GCB_POISON_EMPTY = 0xf9 };
static inline void gcb_poison(gcb_heap *h, void *at, size_t bytes, int stage) {
  if (h->debug & GCB_DEBUG_POISON) __builtin_memset(at, stage, bytes);
}

/* A named set of option values: `none+card` is collector none with its preset "card". */
typedef struct gcb_preset {
  const char *name;    /* NULL ends the table */
  const char *options; /* "barrier=card,other=1" */
} gcb_preset;

struct gcb_collector {
  uint32_t abi;  /* GCB_COLLECTOR_ABI */
  uint32_t size; /* sizeof(gcb_collector) as the module was compiled */
  const char *name;
  const char *summary;   /* one line */
  const char *follows;   /* the paper or system it follows */
  const char *note;      /* NULL, or what a reader of its figures must know: printed beside them */
  uint64_t capabilities; /* GCB_CAP() bits */
  uint64_t rare;         /* GCB_RARE() bits of what it counts itself, and COLLECTED_BY_OTHER if its mutators
                            stop the world; 0: not told */
  gcb_path path;         /* its inline path, unless start() sets another in the heap */
  const gcb_option *options; /* n_options of them */
  uint32_t n_options;
  const gcb_preset *presets; /* NULL or a table */

  /* Begin: h->limit, h->mutators, h->workers, h->debug are set; values[i] belongs to options[i]. Reserve
   * space, set h->state. On failure write one sentence to `why` and answer GCB_FAILED (a bad option), GCB_OOM
   * (the bound is too small even to start). */
  gcb_status (*start)(gcb_heap *h, const gcb_value *values, char *why, size_t why_size);
  /* End, all mutators gone: free what malloc gave. Reserved space goes with the process. */
  void (*stop)(gcb_heap *h);
  /* A shape was registered: set its header bits and size class. NULL: nothing to do (bits 0). World as it is.
   */
  gcb_status (*shape_added)(gcb_heap *h, gcb_shape *shape);
  /* A mutator joins (before its first operation) or leaves (after its last: its shadow stack is empty;
   * buffers go back). On its own thread. */
  gcb_status (*thread_begin)(gcb_mutator *m);
  void (*thread_end)(gcb_mutator *m);

  /* Allocate: an object of `bytes` (gcb_size_of its geometry) with this header stored and the rest zero, or
   * NULL when out of memory, after having tried to collect. Called when the inline path cannot serve, or for
   * every object on GCB_ALLOC_CALL, and for every object over inline_max. May stop the world, may refill
   * cursor and limit or free lists for the next inline allocations. Until the mutator's next allocation or
   * poll the object takes init() and construct() stores without a barrier, wherever it was put. */
  gcb_object *(*alloc)(gcb_mutator *m, uint64_t header, size_t bytes);
  /* GCB_WRITE_CALL: store `value` into `slot` of `o`, with whatever barrier. */
  void (*write)(gcb_mutator *m, gcb_object *o, gcb_object **slot, gcb_object *value);
  /* GCB_WRITE_OBJECT_LOG, _FIELD_LOG: called before the store when the log test says so. Must not stop the
   * world and cannot fail: reserve room when you set the log bit, or fall back on scanning everything. */
  void (*log)(gcb_mutator *m, gcb_object *o, gcb_object **slot);
  /* GCB_WRITE_COUNT: the last counted reference to `o` has gone. Reclaim it, iteratively, whatever hangs on
   * it. */
  void (*dead)(gcb_mutator *m, gcb_object *o);
  /* GCB_READ_CALL: load `slot` of `o`. */
  gcb_object *(*read)(gcb_mutator *m, gcb_object *o, gcb_object **slot);

  /* A new weak reference to the object in `target` (not null); a new ephemeron from key (not null) to value.
   * NULL when out of memory. The slots are roots: read them after anything that may move. With counted roots
   * the result carries one count for the caller's slot. */
  gcb_object *(*weak_new)(gcb_mutator *m, gcb_slot target);
  gcb_object *(*ephemeron_new)(gcb_mutator *m, gcb_slot key, gcb_slot value);
  /* The target (or key, for an ephemeron), or NULL once cleared; with counted roots, counted for the caller's
   * slot. NULL: the path loads the slot. A target is cleared when it can no longer be reached, not even
   * through an object that waits for its finalizer; all weak references to it at once. */
  gcb_object *(*weak_get)(gcb_mutator *m, gcb_object *weak);
  /* The value of an ephemeron whose key lives, else NULL; counted like weak_get. NULL: the path loads the
   * slot. */
  gcb_object *(*ephemeron_get)(gcb_mutator *m, gcb_object *ephemeron);
  /* Replace the value of an ephemeron, with its barrier; no effect once the key has gone. NULL: the path uses
   * its ordinary put. */
  void (*ephemeron_put)(gcb_mutator *m, gcb_object *ephemeron, gcb_object *value);
  /* Register a finalizer for the object in the slot: when it has become unreachable, gcb_finalizer_ready()
   * once. An object may have several. May collect to make room, which may move the object: the slot is a
   * root. GCB_OOM when there is no room for the registration all the same. */
  gcb_status (*finalizer)(gcb_mutator *m, gcb_slot obj, uint64_t token);

  /* Collect now: GCB_MINOR, GCB_MIDDLE or GCB_MAJOR. A major collection reclaims all that is unreachable and
   * may queue finalizers. GCB_UNSUPPORTED for a kind that it has not. GCB_OOM when the collection itself
   * could not be done within the bound (the heap is intact). */
  gcb_status (*collect)(gcb_mutator *m, gcb_pause_kind kind);
  /* GCB_CAP(EXPLICIT), which needs GCB_ALLOC_CALL: the object dies now; or it and all that hangs on it, of
   * which each was reached by one reference only, however long the chains are. NULL for everyone else: their
   * copies of the workloads do not ask. */
  void (*release)(gcb_mutator *m, gcb_object *o);
  void (*release_tree)(gcb_mutator *m, gcb_object *o);
  /* Fill in the ledger. World stopped or single-threaded. */
  void (*ledger)(gcb_heap *h, gcb_space_ledger *out);

  /* Handle-based runtimes only (path.roots == GCB_ROOTS_CALL): every mutator operation; then alloc .. release
   * above may be NULL. */
  const gcb_ops *ops;
  /* Wrap a mutator's whole run: call body(arg) inside the runtime's own frame (handles, error jumps). NULL:
   * called directly. */
  gcb_status (*enter)(gcb_heap *h, gcb_status (*body)(void *arg), void *arg);
};

#endif
