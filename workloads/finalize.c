/* finalize: resources held by finalizers, against explicit release. What it models: wrappers around things
 * that the collector does not own (files, sockets, GPU buffers, native memory), as language bindings,
 * database drivers and image libraries create them, and the advice "close it yourself" with its price.
 *
 * Each mutator keeps `window` sessions open. An operation opens one: it takes a handle, allocates the
 * resource that holds it, and a session of the resource and a buffer of `work` bytes; and drops the oldest
 * session. mode=explicit closes the handle then; mode=finalizer leaves it to finalized(). A share of the
 * finalized objects is resurrected: finalized() stores the object into a table of bounded size and registers
 * a second finalizer, which closes the handle after the table has let go of the object.
 *
 * Handles are plain C, not heap: a table of states outside of the collector's world. A handle carries a
 * generation, so that closing it twice, or in an object that was given another, is seen: GCB_WRONG. Handles
 * that are still open because their finalizers lag are not an error, and no checksum depends on them; neither
 * does any allocation, because finalized() allocates nothing unless `allocate` asks for it.
 *
 * Peak live counts the window and the full table of resurrected objects, and not the dropped objects that
 * wait for their finalizer: they are floating garbage, 32 bytes of each session, whose rest is ordinary. Nor
 * does it count what a collector keeps a registered finalizer in, 16 bytes or more.
 */
#include <gcbench/mutator.h>
#include <stdlib.h>

enum { WINDOW, OPS, MODE, RESURRECT, WORK, ALLOCATE };
enum { EXPLICIT, FINALIZER };
static const gcb_option params[] = {
    [WINDOW] = {"window", GCB_UINT, "10000", 1, 1e7, NULL, "sessions that each mutator holds open"},
    [OPS] = {"ops", GCB_UINT, "1000000", 1, 1e10, NULL,
             "resources opened in an iteration, over all mutators"},
    [MODE] = {"mode", GCB_CHOICE, "finalizer", 0, 0, "explicit|finalizer", "who closes a dropped resource"},
    [RESURRECT] = {"resurrect", GCB_REAL, "0.01", 0, 1, NULL,
                   "share of finalized objects that live once more"},
    [WORK] = {"work", GCB_BYTES, "128", 16, 65536, NULL, "bytes of the buffer of each session"},
    [ALLOCATE] = {"allocate", GCB_BOOL, "0", 0, 1, NULL, "finalizers allocate a buffer of `work` bytes too"},
};

/* Handles of one mutator. Only its owner takes from `free`; whoever closes a handle pushes it on `returned`,
 * which the owner takes over whole when `free` is empty: no ABA. Chunks never move, so that a handle can be
 * closed by another thread while the owner adds one. */
enum { CHUNK_BITS = 12, CHUNK = 1 << CHUNK_BITS, CHUNKS = 1 << 12, NO_HANDLE = UINT32_MAX };
typedef struct handle {
  uint32_t state; /* generation * 2 + open */
  uint32_t next;  /* on `free` or `returned` */
} handle;
typedef struct table {
  handle *chunk[CHUNKS];
  uint32_t used, free, returned;
  uint64_t closed; /* ever, by whomever */
} table;
typedef struct finalize {
  const gcb_shape *resource, *session;
  table **tables;         /* one a mutator */
  uint64_t broken, found; /* token of the first failed check, as seen by a finalizer, and what it found */
  uint64_t failed;        /* set last */
} finalize;

/* A token names a handle for ever: 8 bits of generation above state would wrap, so it has 32. */
enum { OWNER_BITS = 8, INDEX_BITS = 24 };
static uint64_t token_of(uint32_t owner, uint32_t index, uint32_t generation) {
  return (uint64_t)generation << 32 | (uint64_t)index << OWNER_BITS | owner;
}
static table *table_of(const finalize *w, uint64_t token) {
  return w->tables[token & ((1u << OWNER_BITS) - 1)];
}
static uint32_t index_of(uint64_t token) {
  return (uint32_t)token >> OWNER_BITS;
}
static handle *handle_at(table *h, uint32_t index) {
  handle *chunk = __atomic_load_n(&h->chunk[index >> CHUNK_BITS], __ATOMIC_ACQUIRE);
  return chunk ? chunk + (index & (CHUNK - 1)) : NULL;
}

/* Payload of a resource: its token, what was put into it, and how many lives it has had. */
enum { TOKEN = 0, VALUE = 8, LIVES = 16, PAYLOAD = 24 };
enum { RESOURCE, BUFFER, SESSION_REFS };

static uint32_t morgue_size(const gcb_task *t) {
  uint64_t n = t->params[WINDOW].u / 64;
  return t->params[RESURRECT].d > 0 && t->params[MODE].u == FINALIZER ? (uint32_t)(n < 8 ? 8 : n) : 0;
}
static uint64_t bytes_size(uint64_t n) {
  return gcb_size_of(gcb_geometry_array(GCB_KIND_BYTES, (uint32_t)n));
}
static uint64_t array_size(uint64_t n) {
  return gcb_size_of(gcb_geometry_array(GCB_KIND_REFS, (uint32_t)n));
}
static uint64_t peak_live(const gcb_task *t) {
  uint64_t window = t->params[WINDOW].u, morgue = morgue_size(t);
  uint64_t resource = gcb_size_of(gcb_geometry_fixed(0, PAYLOAD));
  uint64_t session = gcb_size_of(gcb_geometry_fixed(SESSION_REFS, 0));
  uint64_t each = array_size(window) + array_size(morgue) + morgue * resource +
                  (window + 2) * (resource + session + bytes_size(t->params[WORK].u));
  return t->mutators * each + array_size(t->mutators);
}

static double allocated(const gcb_task *t) {
  double buffer = (double)bytes_size(t->params[WORK].u);
  double each = (double)gcb_size_of(gcb_geometry_fixed(0, PAYLOAD)) +
                (double)gcb_size_of(gcb_geometry_fixed(SESSION_REFS, 0)) + buffer;
  if (t->params[ALLOCATE].u && t->params[MODE].u == FINALIZER) each += buffer;
  return (double)t->params[OPS].u * each + t->mutators * 8 * (double)t->params[WINDOW].u;
}

/* Locks: one for each table of resurrected objects, of which there may be more than locks. */
static uint32_t lock_of(uint32_t mutator) {
  return mutator % 64;
}

static gcb_status setup(gcb_mutator *m, gcb_task *t) {
  finalize *w = t->state;
  w->resource = gcb_shape_new(m, "finalize.resource", 0, PAYLOAD);
  w->session = gcb_shape_new(m, "finalize.session", SESSION_REFS, 0);
  if (t->mutators > 1u << OWNER_BITS) {
    t->explain(t, "finalize takes at most %u mutators", 1u << OWNER_BITS);
    return GCB_FAILED;
  }
  w->tables = calloc(t->mutators, sizeof *w->tables);
  for (uint32_t i = 0; w->tables && i < t->mutators; i++) {
    w->tables[i] = calloc(1, sizeof **w->tables);
    if (!w->tables[i]) return GCB_OOM;
    w->tables[i]->free = w->tables[i]->returned = NO_HANDLE;
  }
  if (!w->tables) return GCB_OOM;
  if (!gcb_new_array(m, gcb_global(m, 0), t->mutators)) return GCB_OOM;
  gcb_frame f = gcb_enter(m, 1);
  for (uint32_t i = 0; i < t->mutators; i++) {
    if (!gcb_new_array(m, gcb_at(f, 0), morgue_size(t))) return GCB_OOM;
    gcb_put(m, gcb_global(m, 0), i, gcb_at(f, 0));
    gcb_poll(m);
  }
  gcb_leave(m, f);
  return GCB_OK;
}
static void teardown(gcb_task *t) {
  finalize *w = t->state;
  for (uint32_t i = 0; w->tables && i < t->mutators; i++) {
    for (uint32_t c = 0; w->tables[i] && c < CHUNKS; c++) free(w->tables[i]->chunk[c]);
    free(w->tables[i]);
  }
  free(w->tables);
}

/* ---- handles: outside the heap ---- */
static uint64_t handle_open(finalize *w, uint32_t owner) {
  table *h = w->tables[owner];
  if (h->free == NO_HANDLE) h->free = __atomic_exchange_n(&h->returned, NO_HANDLE, __ATOMIC_ACQUIRE);
  uint32_t index = h->free;
  if (index == NO_HANDLE) {
    index = h->used;
    if (index >> CHUNK_BITS == CHUNKS) return UINT64_MAX;
    if (!h->chunk[index >> CHUNK_BITS]) {
      handle *chunk = calloc(CHUNK, sizeof *chunk);
      if (!chunk) return UINT64_MAX;
      __atomic_store_n(&h->chunk[index >> CHUNK_BITS], chunk, __ATOMIC_RELEASE);
    }
    h->used++;
  } else {
    h->free = handle_at(h, index)->next;
  }
  handle *e = handle_at(h, index);
  uint32_t state = __atomic_load_n(&e->state, __ATOMIC_RELAXED) + 1;
  __atomic_store_n(&e->state, state, __ATOMIC_RELAXED);
  return token_of(owner, index, state);
}
/* False: it was not open, or open for somebody else. */
static bool handle_close(finalize *w, uint64_t token) {
  table *h = table_of(w, token);
  handle *e = handle_at(h, index_of(token));
  uint32_t state = (uint32_t)(token >> 32);
  if (!e ||
      !__atomic_compare_exchange_n(&e->state, &state, state + 1, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
    return false;
  __atomic_fetch_add(&h->closed, 1, __ATOMIC_RELAXED);
  e->next = __atomic_load_n(&h->returned, __ATOMIC_RELAXED);
  while (!__atomic_compare_exchange_n(&h->returned, &e->next, index_of(token), true, __ATOMIC_RELEASE,
                                      __ATOMIC_RELAXED)) {
  }
  return true;
}

static bool is_open(const finalize *w, uint32_t owner, uint64_t token) {
  uint32_t index = index_of(token);
  if ((token & ((1u << OWNER_BITS) - 1)) != owner || index >= w->tables[owner]->used) return false;
  return __atomic_load_n(&handle_at(w->tables[owner], index)->state, __ATOMIC_RELAXED) == token >> 32;
}

/* ---- finalizers ---- */
static void fail(finalize *w, uint64_t token, uint64_t found) {
  uint64_t none = 0;
  if (!__atomic_compare_exchange_n(&w->broken, &none, token, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
    return;
  w->found = found;
  __atomic_store_n(&w->failed, 1, __ATOMIC_RELEASE);
}
static gcb_status verdict(gcb_task *t) {
  finalize *w = t->state;
  if (!__atomic_load_n(&w->failed, __ATOMIC_ACQUIRE)) return GCB_OK;
  t->explain(t, "resource %llx was finalized twice or too early: its object holds token %llx",
             (unsigned long long)w->broken, (unsigned long long)w->found);
  return GCB_WRONG;
}

static uint64_t value_of(uint64_t random) {
  return gcb_mix(random, 0x66696e616cu) | 1;
}

/* Resurrect: into a slot of its owner's table, out of which falls the one that was there. */
static bool resurrect(gcb_mutator *m, gcb_task *t, gcb_slot object, uint64_t token, uint64_t value) {
  if (gcb_read_u64(m, object, LIVES)) return false;
  if ((value >> 16 & 0xffff) >= (uint64_t)(t->params[RESURRECT].d * 65536)) return false;
  uint32_t owner = (uint32_t)(token & ((1u << OWNER_BITS) - 1));
  gcb_write_u64(m, object, LIVES, 1);
  if (gcb_finalizer(m, object, token) != GCB_OK) return false;
  gcb_frame f = gcb_enter(m, 1);
  gcb_slot morgue = gcb_at(f, 0);
  gcb_lock(m, lock_of(owner));
  gcb_get(m, morgue, gcb_global(m, 0), owner);
  gcb_put(m, morgue, (uint32_t)(value >> 32) % gcb_length(m, morgue), object);
  gcb_unlock(m, lock_of(owner));
  gcb_leave(m, f);
  return true;
}
static void finalized(gcb_mutator *m, gcb_task *t, gcb_slot object, uint64_t token) {
  finalize *w = t->state;
  uint64_t held = gcb_read_u64(m, object, TOKEN), value = gcb_read_u64(m, object, VALUE);
  if (held != token || !(value & 1)) {
    fail(w, token, held);
    return;
  }
  if (t->params[ALLOCATE].u) {
    gcb_frame f = gcb_enter(m, 1);
    if (gcb_new_bytes(m, gcb_at(f, 0), (uint32_t)t->params[WORK].u)) gcb_release(m, gcb_at(f, 0));
    gcb_leave(m, f);
  }
  if (resurrect(m, t, object, token, value)) return;
  if (!handle_close(w, token)) fail(w, token, held);
}

/* ---- one iteration ---- */
/* NEW and NEW + 1 are what a session is constructed from. */
enum { WINDOW_SLOT, NEW, NEW_BUFFER, SESSION, OLD, OLD_BUFFER, MORGUE, SLOTS };

static gcb_status open_one(gcb_mutator *m, gcb_task *t, gcb_frame f, uint64_t value) {
  finalize *w = t->state;
  uint32_t work = (uint32_t)t->params[WORK].u;
  gcb_slot resource = gcb_at(f, NEW), buffer = gcb_at(f, NEW_BUFFER);
  uint64_t payload[3] = {handle_open(w, m->id), value, 0};
  if (payload[0] == UINT64_MAX) {
    t->explain(t, "%u handles are open: no finalizer runs", CHUNK * CHUNKS);
    return GCB_FAILED;
  }
  if (!gcb_new(m, resource, w->resource)) return GCB_OOM;
  gcb_write(m, resource, TOKEN, payload, sizeof payload);
  if (t->params[MODE].u == FINALIZER && gcb_finalizer(m, resource, payload[0]) != GCB_OK) return GCB_OOM;
  if (!gcb_new_bytes(m, buffer, work)) return GCB_OOM;
  gcb_write_u64(m, buffer, work - 8, value);
  return gcb_construct(m, gcb_at(f, SESSION), w->session, resource) ? GCB_OK : GCB_OOM;
}
/* Take the session out of slot `at` of the window, if there is one; it must be as it was stored. */
static gcb_status drop_one(gcb_mutator *m, gcb_task *t, gcb_frame f, uint32_t at, uint64_t *sum) {
  finalize *w = t->state;
  gcb_slot window = gcb_at(f, WINDOW_SLOT), session = gcb_at(f, SESSION);
  gcb_slot resource = gcb_at(f, OLD), buffer = gcb_at(f, OLD_BUFFER);
  gcb_get(m, session, window, at);
  if (gcb_is_null(m, session)) return GCB_OK;
  gcb_get(m, resource, session, RESOURCE);
  gcb_get(m, buffer, session, BUFFER);
  uint64_t payload[3], written = gcb_read_u64(m, buffer, (uint32_t)t->params[WORK].u - 8);
  gcb_read(m, resource, TOKEN, payload, sizeof payload);
  if (!is_open(w, m->id, payload[0]) || payload[1] != written || payload[2]) {
    t->explain(t, "resource %llx of mutator %u was finalized or changed while reachable",
               (unsigned long long)payload[0], m->id);
    return GCB_WRONG;
  }
  *sum = gcb_mix(*sum, written);
  gcb_put_null(m, window, at);
  gcb_release(m, session);
  gcb_release(m, buffer);
  if (t->params[MODE].u == EXPLICIT) {
    if (!handle_close(w, payload[0])) {
      t->explain(t, "resource %llx was closed twice", (unsigned long long)payload[0]);
      return GCB_WRONG;
    }
    gcb_release(m, resource);
  }
  gcb_clear(m, resource);
  return GCB_OK;
}

static gcb_status iterate(gcb_mutator *m, gcb_task *t, gcb_tally *tally) {
  uint32_t window = (uint32_t)t->params[WINDOW].u, at = 0;
  uint64_t ops = (t->params[OPS].u + m->id) / t->mutators, sum = 0;
  gcb_rng rng = gcb_rng_seed(gcb_mix(t->seed, m->id));
  gcb_frame f = gcb_enter(m, SLOTS);
  gcb_status status;
  if (!gcb_new_array(m, gcb_at(f, WINDOW_SLOT), window)) return GCB_OOM;
  for (uint64_t i = 0; i < ops; i++) {
    gcb_poll(m);
    uint64_t value = value_of(gcb_rng_next(&rng));
    if ((status = drop_one(m, t, f, at, &sum)) != GCB_OK) return status;
    if ((status = open_one(m, t, f, value)) != GCB_OK) return status;
    gcb_put(m, gcb_at(f, WINDOW_SLOT), at, gcb_at(f, SESSION));
    at = at + 1 == window ? 0 : at + 1;
  }
  for (uint32_t i = 0; i < window; i++) {
    gcb_poll(m);
    if ((status = drop_one(m, t, f, i, &sum)) != GCB_OK) return status;
  }
  /* Every iteration starts without resurrected objects of its own. */
  gcb_lock(m, lock_of(m->id));
  gcb_get(m, gcb_at(f, MORGUE), gcb_global(m, 0), m->id);
  for (uint32_t i = morgue_size(t); i-- > 0;) gcb_put_null(m, gcb_at(f, MORGUE), i);
  gcb_unlock(m, lock_of(m->id));
  tally->ops = ops;
  tally->checksum = sum;
  gcb_leave(m, f);
  return verdict(t);
}

static uint64_t needs(const gcb_task *t) {
  (void)t;
  return GCB_NEEDS_FINALIZERS;
}

GCB_WORKLOAD(finalize, .summary = "resources held by finalizers, against explicit release, with resurrection",
             .op = "one resource opened and dropped", .needs = needs, .params = params,
             .n_params = sizeof params / sizeof *params, .state_bytes = sizeof(finalize),
             .peak_live = peak_live, .live_params = {"window"}, .work_param = "ops", .allocated = allocated,
             .setup = setup, .iterate = iterate, .finalized = finalized, .teardown = teardown);
