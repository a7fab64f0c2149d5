/* bdwgc: the Boehm-Demers-Weiser collector, as Debian's libgc. Conservative for thread stacks and registers,
 * precise for root slots and objects. Follows Boehm and Weiser 1988, and what its manual advises: kinds with
 * length descriptors, allocation in lists of cells, pointers to the beginnings of objects only.
 *
 * Invariant: libgc knows everything that may hold a reference: the harness's slots in use and the mutators'
 * lists of free cells (push_roots()), the stacks of registered threads, and objects through the descriptors
 * of their kinds: the first 8 + 8 * refs bytes. A free cell is an object of its kind whose first word leads
 * to the next, so a list lives as long as its head. Threads are stopped by signals, anywhere: what is between
 * a register and a slot then is found on the stack.
 *
 * Memory: libgc maps its own. account() commits as many pages of a reserved range that nobody touches, so
 * that the harness's figures include libgc's headers and mark stack. The bound on libgc's heap follows from
 * what the bound on all has left; a mark stack that must grow when everything is full would pass it.
 */
#define GC_THREADS
#define GC_NO_THREAD_REDIRECTS
#include "common/cpus.h"
#include <gc/gc.h>
#include <gc/gc_inline.h>
#include <gc/gc_mark.h>
#include <gcbench/collector.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE = 4096, INLINE_MAX = 512, LARGE = 4096, GRANULE = 16 };
enum { CLASSES = 64, KINDS = 8, ATOMIC = 0, NORMAL = 1 };
/* Headers and tables of the least heap, and the slack for a mark stack to grow. */
#define OVERHEAD  ((uint64_t)512 << 10)
#define ADDRESSES ((uint64_t)1 << 38)

enum { OPTION_LAYOUT, OPTION_ALLOC, OPTION_MARKERS, OPTION_INTERIOR, OPTION_DIVISOR };
static const gcb_option options[] = {
    {"layout", GCB_CHOICE, "precise", 0, 0, "precise|conservative",
     "precise: only reference slots are scanned; conservative: whole objects, but for byte arrays"},
    {"alloc", GCB_CHOICE, "inline", 0, 0, "inline|call",
     "inline: lists of cells from GC_generic_malloc_many(); call: GC_malloc_kind() for each object"},
    {"markers", GCB_UINT, "0", 0, 64, NULL, "marking threads; 0: as many as the run has collector threads"},
    {"interior", GCB_BOOL, "off", 0, 0, NULL, "pointers into the middle of an object keep it, too"},
    {"free-space-divisor", GCB_UINT, "3", 1, 1000, NULL,
     "the heap grows rather than collects until this fraction of it was allocated"},
};
static const gcb_preset presets[] = {{"conservative", "layout=conservative,interior=on"}, {NULL, NULL}};

/* Objects of one kind and size, for the mutators' lists. Class 0 is nobody's: its list is always empty. */
typedef struct cell_class {
  int kind;
  size_t bytes;
} cell_class;

/* libgc is one a process, and so is this; its callbacks have no argument. */
typedef struct boehm {
  gcb_heap *heap;
  bool inline_path, conservative;
  uint8_t extra; /* bytes: with interior pointers a cell's last word is not scanned, so it is another one */
  uint32_t kind_refs[KINDS]; /* reference slots of the objects of each kind of ours */
  int kind[KINDS];
  uint32_t n_kinds;
  cell_class classes[CLASSES];
  uint32_t n_classes;
  char *range; /* what account() commits of */
  uint64_t range_bytes, committed;
  uint64_t stop_start;
  GC_push_other_roots_proc push_stacks; /* libgc's own, which ours stands in front of */
} boehm;
static boehm own;
static const uint8_t no_class[INLINE_MAX / 8 + 1];

/* ---- memory ---- */

/* Commit, in effigy, what libgc has from the system, and tell it how much its heap may grow. Called with its
 * lock held, or before it has threads. */
static void account(void) {
  struct GC_prof_stats_s s;
  GC_get_prof_stats_unsafe(&s, sizeof s);
  uint64_t now = ((uint64_t)s.obtained_from_os_bytes - s.unmapped_bytes + PAGE - 1) & ~(uint64_t)(PAGE - 1);
  if (now > own.range_bytes) now = own.range_bytes;
  if (now > own.committed) {
    if (gcb_commit(own.heap, own.range + own.committed, now - own.committed)) own.committed = now;
  } else if (now < own.committed) {
    gcb_decommit(own.heap, own.range + now, own.committed - now);
    own.committed = now;
  }
  uint64_t limit = own.heap->limit;
  if (limit == UINT64_MAX) return;
  /* A sixteenth of what is left goes to the headers of new blocks. */
  uint64_t heap = s.heapsize_full - s.unmapped_bytes, used = own.committed;
  uint64_t left = limit > used + OVERHEAD / 4 ? limit - used - OVERHEAD / 4 : 0;
  GC_set_max_heap_size(heap + left - left / 12);
}

static void on_resize(GC_word bytes) {
  (void)bytes;
  account();
}

static void on_event(GC_EventType event) {
  gcb_heap *h = own.heap;
  switch (event) {
  case GC_EVENT_PRE_STOP_WORLD:
    own.stop_start = gcb_now(h);
    break;
  case GC_EVENT_POST_START_WORLD:
    gcb_pause(h, NULL, GCB_MAJOR, own.stop_start, gcb_now(h));
    break;
  case GC_EVENT_END:
    account();
    break;
  default:
    break;
  }
}

/* ---- roots ---- */
typedef struct run {
  gcb_object **from, **to;
} run;

static void extend_run(void *ctx, gcb_object **slot) {
  run *r = ctx;
  if (slot == r->to) {
    r->to++;
    return;
  }
  if (r->from) GC_push_all(r->from, r->to);
  *r = (run){slot, slot + 1};
}

/* The world is stopped, perhaps in the middle of the harness's own code: its list of mutators and its slots
 * are consistent at every instruction, and its queue of finalizers is changed with collections disabled. */
static void push_roots(void) {
  run r = {NULL, NULL};
  own.push_stacks();
  gcb_each_root(own.heap, extend_run, &r);
  if (r.from) GC_push_all(r.from, r.to);
  for (gcb_mutator *m = own.heap->live; m; m = m->next)
    if (m->free) GC_push_all(m->free, m->free + CLASSES);
}

/* Behind everything that may have collected. libgc itself would offer its queue at the beginning of the next
 * allocation that needs its lock, any number of the mutator's steps later: by then a weak reference could
 * have brought an object of the queue back, and its finalizer would run while it is in use. */
static void deliver(void) {
  if (GC_should_invoke_finalizers()) GC_invoke_finalizers();
}

/* ---- kinds ---- */

/* The kind whose objects begin with a header and `refs` references. libgc has room for a dozen kinds and ends
 * the process at one more, so late comers are scanned whole; and so are those that come when the heap is
 * full, for without memory for a free list it ends the process, too. */
static int kind_of(uint32_t refs) {
  if (own.conservative) return NORMAL;
  for (uint32_t i = 0; i < own.n_kinds; i++)
    if (own.kind_refs[i] == refs) return own.kind[i];
  if (own.n_kinds == KINDS) return NORMAL;
  void *room = GC_malloc_atomic(4 * PAGE);
  if (!room) return NORMAL;
  GC_free(room);
  GC_word descriptor = (8 + 8 * (GC_word)refs) | GC_DS_LENGTH;
  own.kind_refs[own.n_kinds] = refs;
  own.kind[own.n_kinds] = (int)GC_new_kind(GC_new_free_list(), descriptor, 0, 1);
  return own.kind[own.n_kinds++];
}

static uint32_t class_of(int kind, size_t bytes, bool add) {
  bytes = (bytes + own.extra + GRANULE - 1) & ~(size_t)(GRANULE - 1);
  for (uint32_t i = 1; i < own.n_classes; i++)
    if (own.classes[i].kind == kind && own.classes[i].bytes == bytes) return i;
  if (!add || own.n_classes == CLASSES) return 0;
  own.classes[own.n_classes] = (cell_class){kind, bytes};
  return own.n_classes++;
}

static gcb_status shape_added(gcb_heap *h, gcb_shape *shape) {
  (void)h;
  int kind = kind_of(shape->refs);
  if (own.inline_path && shape->size <= INLINE_MAX) shape->size_class = class_of(kind, shape->size, true);
  deliver();
  return GCB_OK;
}

/* ---- allocation ---- */
static gcb_object *headed(void *at, uint64_t header) {
  if (at)
    memcpy(at, &header, sizeof header);
  else
    gcb_count(own.heap, GCB_EVENT_OUT_OF_MEMORY);
  return at;
}

static gcb_object *zeroed(void *at, uint64_t header, size_t bytes) {
  if (at) memset(at, 0, bytes);
  return headed(at, header);
}

static gcb_object *make(gcb_mutator *m, uint64_t header, size_t bytes) {
  uint32_t geometry = (uint32_t)(header >> 32), refs = gcb_refs_of(geometry);
  if (gcb_kind(geometry) == GCB_KIND_BYTES)
    return zeroed(bytes > LARGE ? GC_malloc_atomic_ignore_off_page(bytes) : GC_malloc_atomic(bytes), header,
                  bytes);
  if (gcb_kind(geometry) == GCB_KIND_REFS)
    return headed(bytes > LARGE ? GC_malloc_ignore_off_page(bytes) : GC_malloc(bytes), header);
  int kind = kind_of(refs);
  uint32_t list = own.inline_path && bytes <= INLINE_MAX ? class_of(kind, bytes, false) : 0;
  if (!list) {
    if (refs == 0 && !own.conservative) return zeroed(GC_malloc_atomic(bytes), header, bytes);
    return headed(GC_generic_malloc(bytes, kind), header);
  }
  void *cells = NULL;
  GC_generic_malloc_many(own.classes[list].bytes, kind, &cells);
  gcb_count(m->heap, GCB_EVENT_BUFFER_REFILL);
  if (cells) m->free[list] = *(void **)cells;
  return headed(cells, header);
}

/* ---- finalizers and weak references ---- */

/* libgc has one finalizer an object: its data is the chain of all registrations. */
typedef struct registration {
  struct registration *next;
  uint64_t token;
} registration;

static void due(void *object, void *data);

static bool watch(void *object, registration *r) {
  GC_finalization_proc before = due;
  void *rest = r; /* stays so when there is no memory */
  GC_register_finalizer_no_order(object, due, r, &before, &rest);
  if (rest == r) return false;
  r->next = rest;
  return true;
}

static void due(void *object, void *data) {
  for (registration *r = data, *next; r; r = next) {
    next = r->next;
    GC_disable(); /* the queue may be on its way to another place */
    bool queued = gcb_finalizer_ready(own.heap, object, r->token);
    GC_enable();
    if (!queued) watch(object, r);
  }
}

static gcb_object *alloc(gcb_mutator *m, uint64_t header, size_t bytes) {
  gcb_object *o = make(m, header, bytes);
  deliver();
  return o;
}

/* A long link is cleared when its target cannot be reached even through what waits for its finalizer. */
static gcb_object *weak_new(gcb_mutator *m, gcb_slot target) {
  (void)m;
  gcb_object *o = zeroed(GC_malloc_atomic(gcb_size_of(GCB_GEOMETRY_WEAK)), gcb_header(GCB_GEOMETRY_WEAK, 0),
                         gcb_size_of(GCB_GEOMETRY_WEAK));
  if (!o) return NULL;
  *gcb_weak_target(o) = *target.at;
  bool linked = GC_register_long_link((void **)gcb_weak_target(o), *target.at) != GC_NO_MEMORY;
  deliver();
  return linked ? o : NULL;
}

static void *load(void *weak) {
  return *gcb_weak_target(weak);
}

/* libgc clears links after it has let the mutators run again, but with its lock held all through: a load
 * without the lock could give a target that the sweep is about to take. */
static gcb_object *weak_get(gcb_mutator *m, gcb_object *weak) {
  (void)m;
  return GC_call_with_alloc_lock(load, weak);
}

static gcb_status finalizer(gcb_mutator *m, gcb_slot o, uint64_t token) {
  (void)m;
  registration *r = GC_malloc(sizeof *r);
  if (!r) return GCB_OOM;
  r->token = token;
  bool watched = watch(*o.at, r);
  deliver();
  return watched ? GCB_OK : GCB_OOM;
}

static gcb_status collect(gcb_mutator *m, gcb_pause_kind kind) {
  (void)m;
  if (kind != GCB_MAJOR) return GCB_UNSUPPORTED;
  GC_gcollect();
  deliver();
  return GCB_OK;
}

/* ---- beginning and end ---- */
static gcb_status thread_begin(gcb_mutator *m) {
  struct GC_stack_base base;
  GC_get_stack_base(&base);
  int result = GC_register_my_thread(&base);
  if (result != GC_SUCCESS && result != GC_DUPLICATE) return GCB_FAILED;
  m->local = result == GC_SUCCESS ? &own : NULL; /* the first thread is known from the start */
  m->inline_max = own.inline_path ? INLINE_MAX : 0;
  m->size_class = no_class; /* arrays differ in kind, not only in size: through alloc() */
  m->free = calloc(CLASSES, sizeof *m->free);
  return m->free ? GCB_OK : GCB_OOM;
}

static void thread_end(gcb_mutator *m) {
  void **lists = m->free;
  m->free = NULL;
  free(lists);
  if (m->local) GC_unregister_my_thread();
}

static void begin(void *ctx) {
  (void)ctx;
  GC_init();
  if (GC_get_parallel()) GC_start_mark_threads();
}

static gcb_status start(gcb_heap *h, const gcb_value *values, char *why, size_t why_size) {
  own.heap = h;
  own.n_classes = 1;
  own.conservative = values[OPTION_LAYOUT].u == 1;
  own.extra = values[OPTION_INTERIOR].u ? 1 : 0;
  own.inline_path = values[OPTION_ALLOC].u == 0;
  h->path = (gcb_path){own.inline_path ? GCB_ALLOC_FREE : GCB_ALLOC_CALL, GCB_WRITE_NONE, GCB_READ_NONE,
                       GCB_ROOTS_PLAIN};
  if (h->limit < 2 * OVERHEAD) {
    snprintf(why, why_size, "libgc does not start below %llu KiB", (unsigned long long)(2 * OVERHEAD >> 10));
    return GCB_OOM;
  }
  own.range_bytes = (h->limit < ADDRESSES ? h->limit : ADDRESSES) & ~(uint64_t)(PAGE - 1);
  own.range = gcb_reserve(h, own.range_bytes, PAGE);
  if (!own.range) return GCB_OOM;
  GC_set_no_dls(1); /* references are in slots and on stacks, never in static data */
  GC_set_all_interior_pointers(values[OPTION_INTERIOR].u != 0);
  GC_set_markers_count(values[OPTION_MARKERS].u ? (unsigned)values[OPTION_MARKERS].u : h->workers);
  GC_set_warn_proc(GC_ignore_warn_proc);
  GC_set_handle_fork(0);
  GC_set_finalize_on_demand(1);
  GC_set_java_finalization(1);
  own.push_stacks = GC_get_push_other_roots();
  GC_set_push_other_roots(push_roots);
  gcb_on_worker_cpus(h, begin, NULL); /* libgc starts its marking threads */
  GC_clear_roots();
  GC_set_free_space_divisor(values[OPTION_DIVISOR].u);
  GC_set_on_heap_resize(on_resize);
  GC_set_on_collection_event(on_event);
  account();
  GC_allow_register_threads();
  /* The tables of links and finalizers get their first room now: at a full heap that ends the process. */
  void *object = GC_malloc(16);
  void **link = GC_malloc_atomic(16);
  if (!object || !link) return GCB_OOM;
  *link = object;
  GC_register_long_link(link, object);
  GC_unregister_long_link(link);
  GC_register_finalizer_no_order(object, due, NULL, NULL, NULL);
  GC_register_finalizer_no_order(object, NULL, NULL, NULL, NULL);
  return GCB_OK;
}

/* The heap goes with the process. */
static void stop(gcb_heap *h) {
  (void)h;
  GC_disable();
}

static void ledger(gcb_heap *h, gcb_space_ledger *out) {
  uint64_t free = GC_get_free_bytes(), heap = GC_get_heap_size(), all = own.committed;
  (void)h;
  if (heap > all) heap = all;
  if (free > heap) free = heap;
  *out = (gcb_space_ledger){.objects = heap - free, .free = free, .metadata = all - heap};
}

const gcb_collector gcbench_collector = {
    .abi = GCB_COLLECTOR_ABI,
    .size = sizeof(gcb_collector),
    .name = "bdwgc",
    .summary = "the Boehm-Demers-Weiser conservative collector (libgc)",
    .follows = "Boehm and Weiser 1988; libgc",
    .capabilities = GCB_CAP(RECLAIMS) | GCB_CAP(CYCLES) | GCB_CAP(PARALLEL) | GCB_CAP(WEAK) |
                    GCB_CAP(FINALIZERS) | GCB_CAP(THREADS) | GCB_CAP(BOUNDED) | GCB_CAP(FOREIGN),
    .rare = GCB_RARE(BUFFER_REFILL) | GCB_RARE(OUT_OF_MEMORY),
    .path = {GCB_ALLOC_FREE, GCB_WRITE_NONE, GCB_READ_NONE, GCB_ROOTS_PLAIN},
    .options = options,
    .n_options = sizeof options / sizeof *options,
    .presets = presets,
    .start = start,
    .stop = stop,
    .shape_added = shape_added,
    .thread_begin = thread_begin,
    .thread_end = thread_end,
    .alloc = alloc,
    .weak_new = weak_new,
    .weak_get = weak_get,
    .finalizer = finalizer,
    .collect = collect,
    .ledger = ledger,
};
