/* Every mutator operation as a timed loop. Objects that a loop allocates are dropped at once, so that what is
 * timed is the allocation with its share of collections of an otherwise empty heap. The safepoint is polled
 * once a batch, outside what an operation costs. */
#include "kernels.h"

enum { SLOTS = 16, INITS = 64, BATCH_MASK = SLOTS - 1 };

/* Age everything reachable as far as the collector can. */
static void age(gcb_mutator *m) {
  static const gcb_pause_kind kinds[] = {GCB_MINOR, GCB_MINOR, GCB_MINOR, GCB_MIDDLE, GCB_MIDDLE, GCB_MAJOR};
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    m->gc->collect(m, kinds[i]);
    gcb_poll(m);
  }
}

/* ---- allocation ---- */

static gcb_status alloc(gcb_mutator *m, const gcb_kernel *k, gcb_loop *l) {
  const gcb_shape *shape = gcb_shape_new(m, "cell", 0, k->n - 8);
  gcb_frame f = gcb_enter(m, 1);
  gcb_slot dst = gcb_at(f, 0);
  for (uint64_t n; (n = l->more(l));) {
    for (; n; n--)
      if (!gcb_new(m, dst, shape)) return GCB_OOM;
    gcb_poll(m);
  }
  gcb_leave(m, f);
  return GCB_OK;
}

enum { NEW_INIT, NEW_PUT, CONSTRUCT };

/* A two-slot object and its two stores, in each way that there is. */
static inline gcb_status pair(gcb_mutator *m, gcb_loop *l, int how) {
  const gcb_shape *shape = gcb_shape_new(m, "pair", 2, 0);
  gcb_frame f = gcb_enter(m, 3);
  gcb_slot dst = gcb_at(f, 0), a = gcb_at(f, 1), b = gcb_at(f, 2);
  if (!gcb_new(m, a, shape) || !gcb_new(m, b, shape)) return GCB_OOM;
  age(m);
  for (uint64_t n; (n = l->more(l));) {
    for (; n; n--) {
      if (how == CONSTRUCT ? !gcb_construct(m, dst, shape, a) : !gcb_new(m, dst, shape)) return GCB_OOM;
      if (how == NEW_INIT) {
        gcb_init(m, dst, 0, a);
        gcb_init(m, dst, 1, b);
      } else if (how == NEW_PUT) {
        gcb_put(m, dst, 0, a);
        gcb_put(m, dst, 1, b);
      }
    }
    gcb_poll(m);
  }
  gcb_leave(m, f);
  return GCB_OK;
}
static gcb_status new_init(gcb_mutator *m, const gcb_kernel *k, gcb_loop *l) {
  (void)k;
  return pair(m, l, NEW_INIT);
}
static gcb_status new_put(gcb_mutator *m, const gcb_kernel *k, gcb_loop *l) {
  (void)k;
  return pair(m, l, NEW_PUT);
}
static gcb_status construct(gcb_mutator *m, const gcb_kernel *k, gcb_loop *l) {
  (void)k;
  return pair(m, l, CONSTRUCT);
}

static gcb_status array(gcb_mutator *m, const gcb_kernel *k, gcb_loop *l) {
  gcb_frame f = gcb_enter(m, 1);
  gcb_slot dst = gcb_at(f, 0);
  for (uint64_t n; (n = l->more(l));) {
    for (; n; n--)
      if (!gcb_new_array(m, dst, k->n)) return GCB_OOM;
    gcb_poll(m);
  }
  gcb_leave(m, f);
  return GCB_OK;
}

static gcb_status bytes(gcb_mutator *m, const gcb_kernel *k, gcb_loop *l) {
  gcb_frame f = gcb_enter(m, 1);
  gcb_slot dst = gcb_at(f, 0);
  for (uint64_t n; (n = l->more(l));) {
    for (; n; n--)
      if (!gcb_new_bytes(m, dst, k->n)) return GCB_OOM;
    gcb_poll(m);
  }
  gcb_leave(m, f);
  return GCB_OK;
}

/* ---- stores ---- */

/* init() is for new objects only: its cost is what this takes beyond the allocation, a slot. */
static gcb_status init(gcb_mutator *m, const gcb_kernel *k, gcb_loop *l) {
  const gcb_shape *shape = gcb_shape_new(m, "wide", INITS, 0);
  gcb_frame f = gcb_enter(m, 2);
  gcb_slot dst = gcb_at(f, 0), value = gcb_at(f, 1);
  (void)k;
  if (!gcb_new(m, value, shape)) return GCB_OOM;
  age(m);
  for (uint64_t n; (n = l->more(l));) {
    for (; n; n--) {
      if (!gcb_new(m, dst, shape)) return GCB_OOM;
      for (uint32_t i = 0; i < INITS; i++) gcb_init(m, dst, i, value);
    }
    gcb_poll(m);
  }
  gcb_leave(m, f);
  return GCB_OK;
}

/* Bits of the kernel's parameter: the object stored into is old; so is the one that is stored. */
enum { INTO_OLD = 1, OLD = 2 };

static gcb_status put(gcb_mutator *m, const gcb_kernel *k, gcb_loop *l) {
  const gcb_shape *shape = gcb_shape_new(m, "pair", 2, 0);
  gcb_frame f = gcb_enter(m, 2 * SLOTS);
  bool into_old = k->n & INTO_OLD, value_old = k->n & OLD;
  for (int old = 1; old >= 0; old--) {
    for (uint32_t i = 0; i < SLOTS; i++) {
      if (into_old == old && !gcb_new(m, gcb_at(f, i), shape)) return GCB_OOM;
      if (value_old == old && !gcb_new(m, gcb_at(f, SLOTS + i), shape)) return GCB_OOM;
    }
    if (old) age(m);
  }
  for (uint64_t n; (n = l->more(l));) {
    for (; n; n--) {
      gcb_put(m, gcb_at(f, n & BATCH_MASK), 0, gcb_at(f, SLOTS + (n & BATCH_MASK)));
      GCB_TOUCH();
    }
    gcb_poll(m);
  }
  gcb_leave(m, f);
  return GCB_OK;
}

static gcb_status put_null(gcb_mutator *m, const gcb_kernel *k, gcb_loop *l) {
  const gcb_shape *shape = gcb_shape_new(m, "pair", 2, 0);
  gcb_frame f = gcb_enter(m, SLOTS);
  (void)k;
  for (uint32_t i = 0; i < SLOTS; i++)
    if (!gcb_new(m, gcb_at(f, i), shape)) return GCB_OOM;
  age(m);
  for (uint64_t n; (n = l->more(l));) {
    for (; n; n--) {
      gcb_put_null(m, gcb_at(f, n & BATCH_MASK), 0);
      GCB_TOUCH();
    }
    gcb_poll(m);
  }
  gcb_leave(m, f);
  return GCB_OK;
}

/* ---- loads, moves, payload ---- */

enum { GET, MOVE, READ, WRITE };

static inline gcb_status touch(gcb_mutator *m, gcb_loop *l, int what) {
  const gcb_shape *shape = gcb_shape_new(m, "node", 2, 8);
  gcb_frame f = gcb_enter(m, 2 + SLOTS);
  gcb_slot dst = gcb_at(f, 0), child = gcb_at(f, 1);
  uint64_t sum = 0;
  if (!gcb_new(m, child, shape)) return GCB_OOM;
  for (uint32_t i = 0; i < SLOTS; i++) {
    if (!gcb_new(m, gcb_at(f, 2 + i), shape)) return GCB_OOM;
    gcb_init(m, gcb_at(f, 2 + i), 0, child);
  }
  age(m);
  for (uint64_t n; (n = l->more(l));) {
    for (; n; n--) {
      gcb_slot obj = gcb_at(f, 2 + (n & BATCH_MASK));
      if (what == GET) gcb_get(m, dst, obj, 0);
      if (what == MOVE) gcb_move(m, dst, obj);
      if (what == READ) sum += gcb_read_u64(m, obj, 0);
      if (what == WRITE) gcb_write_u64(m, obj, 0, n);
      GCB_TOUCH();
    }
    __asm__ volatile("" ::"r"(sum));
    gcb_poll(m);
  }
  gcb_leave(m, f);
  return GCB_OK;
}
static gcb_status get(gcb_mutator *m, const gcb_kernel *k, gcb_loop *l) {
  (void)k;
  return touch(m, l, GET);
}
static gcb_status move(gcb_mutator *m, const gcb_kernel *k, gcb_loop *l) {
  (void)k;
  return touch(m, l, MOVE);
}
static gcb_status read_u64(gcb_mutator *m, const gcb_kernel *k, gcb_loop *l) {
  (void)k;
  return touch(m, l, READ);
}
static gcb_status write_u64(gcb_mutator *m, const gcb_kernel *k, gcb_loop *l) {
  (void)k;
  return touch(m, l, WRITE);
}

/* ---- weak references, ephemerons, finalizers ---- */

enum { WEAK_NEW, WEAK_GET, EPHEMERON_NEW, EPHEMERON_GET };

static gcb_status weak(gcb_mutator *m, const gcb_kernel *k, gcb_loop *l) {
  const gcb_shape *shape = gcb_shape_new(m, "pair", 2, 0);
  gcb_frame f = gcb_enter(m, 5);
  gcb_slot key = gcb_at(f, 0), value = gcb_at(f, 1), w = gcb_at(f, 2), e = gcb_at(f, 3), dst = gcb_at(f, 4);
  bool ephemeron = k->n == EPHEMERON_NEW || k->n == EPHEMERON_GET;
  if (!gcb_new(m, key, shape) || !gcb_new(m, value, shape)) return GCB_OOM;
  if (ephemeron ? !gcb_ephemeron_new(m, e, key, value) : !gcb_weak_new(m, w, key)) return GCB_OOM;
  age(m);
  for (uint64_t n; (n = l->more(l));) {
    bool good = true;
    switch (k->n) {
    case WEAK_NEW:
      for (; n && good; n--) good = gcb_weak_new(m, dst, key);
      break;
    case WEAK_GET:
      for (; n; n--) {
        gcb_weak_get(m, dst, w);
        GCB_TOUCH();
      }
      break;
    case EPHEMERON_NEW:
      for (; n && good; n--) good = gcb_ephemeron_new(m, dst, key, value);
      break;
    case EPHEMERON_GET:
      for (; n; n--) {
        gcb_ephemeron_get(m, dst, e);
        GCB_TOUCH();
      }
      break;
    }
    if (!good) return GCB_OOM;
    gcb_poll(m);
  }
  gcb_leave(m, f);
  return GCB_OK;
}

/* A new object each, because one that has a finalizer may cost more at each further one; the poll runs those
 * that are due. */
static gcb_status finalizer(gcb_mutator *m, const gcb_kernel *k, gcb_loop *l) {
  const gcb_shape *shape = gcb_shape_new(m, "pair", 2, 0);
  gcb_frame f = gcb_enter(m, 1);
  gcb_slot dst = gcb_at(f, 0);
  (void)k;
  for (uint64_t n; (n = l->more(l));)
    for (; n; n--) {
      if (!gcb_new(m, dst, shape)) return GCB_OOM;
      gcb_status status = gcb_finalizer(m, dst, n);
      if (status != GCB_OK) return status;
      gcb_poll(m);
    }
  gcb_leave(m, f);
  return GCB_OK;
}

/* ---- safepoints, frames ---- */

static gcb_status poll(gcb_mutator *m, const gcb_kernel *k, gcb_loop *l) {
  (void)k;
  for (uint64_t n; (n = l->more(l));)
    for (; n; n--) {
      gcb_poll(m);
      GCB_TOUCH();
    }
  return GCB_OK;
}

static gcb_status frame(gcb_mutator *m, const gcb_kernel *k, gcb_loop *l) {
  (void)k;
  for (uint64_t n; (n = l->more(l));) {
    for (; n; n--) {
      gcb_frame f = gcb_enter(m, 4);
      GCB_TOUCH();
      gcb_leave(m, f);
    }
    gcb_poll(m);
  }
  return GCB_OK;
}

/* ---- collections of n survivors, or as many as a nursery holds ---- */

typedef struct growth {
  gcb_mutator *m;
  const gcb_shape *shape;
  uint64_t
      fresh; /* objects since the collector last copied or marked any: what a minor collection will find */
  uint64_t worked;
} growth;

static uint64_t worked(const gcb_mutator *m) {
  const uint64_t *work = m->heap->work;
  return work[GCB_WORK_COPIED] + work[GCB_WORK_PROMOTED] + work[GCB_WORK_MARKED];
}

static bool node(growth *g, gcb_slot dst, gcb_slot first) {
  gcb_poll(g->m);
  if (!gcb_construct(g->m, dst, g->shape, first)) return false;
  uint64_t now = worked(g->m);
  g->fresh = now == g->worked ? g->fresh + 1 : 1;
  g->worked = now;
  return true;
}

static bool list_of(growth *g, gcb_frame f, uint32_t n) {
  bool good = true;
  while (n-- && good) good = node(g, gcb_at(f, 0), gcb_at(f, 0)); /* its slots: the list so far, and null */
  return good;
}

/* Balanced, of n nodes, into slot `at`; the slots after it are used, two a level. */
static bool tree_of(growth *g, gcb_frame f, uint32_t at, uint32_t n) {
  gcb_clear(g->m, gcb_at(f, at));
  if (n == 0) return true;
  return tree_of(g, f, at + 1, (n - 1) / 2) && tree_of(g, f, at + 2, n - 1 - (n - 1) / 2) &&
         node(g, gcb_at(f, at), gcb_at(f, at + 1));
}

static gcb_status collection(gcb_mutator *m, const gcb_kernel *k, gcb_loop *l, gcb_pause_kind kind,
                             bool tree) {
  enum { DEPTH = 48 };
  growth g = {.m = m, .shape = gcb_shape_new(m, "pair", 2, 0)};
  gcb_status status = m->gc->collect(m, kind);
  while (status == GCB_OK && l->more(l)) {
    gcb_frame f = gcb_enter(m, DEPTH);
    m->gc->collect(m, GCB_MAJOR); /* what is built next is all that a collection finds alive */
    g.fresh = 0;
    g.worked = worked(m);
    if (tree ? !tree_of(&g, f, 0, k->n) : !list_of(&g, f, k->n)) return GCB_OOM;
    for (uint32_t i = 1; i < DEPTH; i++) gcb_clear(m, gcb_at(f, i));
    uint64_t start = m->heap->host->now();
    status = m->gc->collect(m, kind);
    l->spent(l, m->heap->host->now() - start);
    l->handled(l, kind == GCB_MINOR ? g.fresh : k->n);
    gcb_leave(m, f);
    gcb_poll(m);
  }
  return status;
}
static gcb_status minor_list(gcb_mutator *m, const gcb_kernel *k, gcb_loop *l) {
  return collection(m, k, l, GCB_MINOR, false);
}
static gcb_status minor_tree(gcb_mutator *m, const gcb_kernel *k, gcb_loop *l) {
  return collection(m, k, l, GCB_MINOR, true);
}
static gcb_status major_list(gcb_mutator *m, const gcb_kernel *k, gcb_loop *l) {
  return collection(m, k, l, GCB_MAJOR, false);
}
static gcb_status major_tree(gcb_mutator *m, const gcb_kernel *k, gcb_loop *l) {
  return collection(m, k, l, GCB_MAJOR, true);
}

#define ALLOC(label, size)                                                                                   \
  {                                                                                                          \
    .name = "alloc/" label, .summary = "a new object of so many bytes, header included", .n = size,          \
    .bytes = size, .body = alloc                                                                             \
  }
#define SURVIVORS(kind, structure, label, count, caps)                                                       \
  {                                                                                                          \
    .name = #kind "/" #structure "/" label, .summary = "a " #kind " collection of so many live objects",     \
    .needs = caps, .n = count, .bytes = 24ull * count, .clocked = true, .body = kind##_##structure           \
  }
#define COLLECTIONS(kind, structure, caps)                                                                   \
  SURVIVORS(kind, structure, "1k", 1000, caps), SURVIVORS(kind, structure, "10k", 10000, caps),              \
      SURVIVORS(kind, structure, "100k", 100000, caps)

static const gcb_kernel kernels[] = {
    ALLOC("16", 16),
    ALLOC("32", 32),
    ALLOC("64", 64),
    ALLOC("128", 128),
    ALLOC("512", 512),
    ALLOC("4k", 4096),
    ALLOC("64k", 65536),
    {.name = "new_init/2", .summary = "new, two init", .bytes = 24, .body = new_init},
    {.name = "construct/2", .summary = "construct with two slots", .bytes = 24, .body = construct},
    {.name = "new_put/2", .summary = "new, two put of old objects", .bytes = 24, .body = new_put},
    {.name = "new_array/16", .summary = "a new array", .n = 16, .bytes = 136, .body = array},
    {.name = "new_bytes/64", .summary = "a new byte array", .n = 64, .bytes = 72, .body = bytes},
    {.name = "init/64", .summary = "new, 64 init", .items = INITS, .bytes = 8 + 8 * INITS, .body = init},
    {.name = "put/old_old", .summary = "into an old object, an old one", .n = INTO_OLD | OLD, .body = put},
    {.name = "put/old_young", .summary = "into an old object, a young one", .n = INTO_OLD, .body = put},
    {.name = "put/young_young", .summary = "into a young object, a young one", .body = put},
    {.name = "put_null", .summary = "null into an old object", .body = put_null},
    {.name = "get", .summary = "load a slot", .body = get},
    {.name = "move", .summary = "copy a root slot", .body = move},
    {.name = "read_u64", .summary = "a word of payload", .body = read_u64},
    {.name = "write_u64", .summary = "a word of payload", .body = write_u64},
    {.name = "weak_new",
     .summary = "a new weak reference",
     .needs = GCB_CAP(WEAK),
     .n = WEAK_NEW,
     .bytes = 24,
     .body = weak},
    {.name = "weak_get", .summary = "its target", .needs = GCB_CAP(WEAK), .n = WEAK_GET, .body = weak},
    {.name = "ephemeron_new",
     .summary = "a new ephemeron",
     .needs = GCB_CAP(EPHEMERONS),
     .n = EPHEMERON_NEW,
     .bytes = 32,
     .body = weak},
    {.name = "ephemeron_get",
     .summary = "its value",
     .needs = GCB_CAP(EPHEMERONS),
     .n = EPHEMERON_GET,
     .body = weak},
    {.name = "finalizer",
     .summary = "new, a finalizer, and the run of it once it is due",
     .needs = GCB_CAP(FINALIZERS),
     .bytes = 96,
     .body = finalizer},
    {.name = "poll", .summary = "a safepoint where nothing is asked for", .body = poll},
    {.name = "frame/4", .summary = "enter and leave a frame of four slots", .body = frame},
    COLLECTIONS(minor, list, GCB_CAP(GENERATIONAL)),
    COLLECTIONS(minor, tree, GCB_CAP(GENERATIONAL)),
    COLLECTIONS(major, list, GCB_CAP(RECLAIMS) | GCB_CAP(CYCLES)),
    COLLECTIONS(major, tree, GCB_CAP(RECLAIMS) | GCB_CAP(CYCLES)),
};
const gcb_kernel_table gcb_kernels = {kernels, sizeof kernels / sizeof *kernels};
