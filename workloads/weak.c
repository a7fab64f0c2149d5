/* weak: a cache behind weak references, with facts about its entries in ephemeron tables, under churn. What
 * it models: canonicalising and memoising caches (interned strings, ORM identity maps, image caches) with a
 * small strong part that keeps what was used lately, and side tables that attach data to objects they do not
 * own (WeakHashMap and WeakKeyDictionary users: debuggers, proxies, observers).
 *
 * Each mutator has `keys` weak references, of which `strong` have their target held by a clock, the usual
 * approximation of least recently used. An operation looks up one key. If the clock holds its entry, the weak
 * reference must give that very object, and the ephemerons must give what was attached: GCB_WRONG if not. If
 * the clock does not hold it, a new entry replaces the oldest unused one, with a new weak reference and new
 * ephemerons, even if the collector has left the old entry alive, so that neither an allocation nor the
 * checksum depends on when it clears. What is still found then must be an intact old entry of that key.
 *
 * Ephemerons form a chain of `ephemerons` links: the entry is key to its first attachment, which is key to
 * the next. No value reaches its key, so that any collector with weak references can carry them, counting
 * alone included. Cleared and stale weak references and ephemerons stay in the tables until replaced: they
 * are live, their targets are not.
 */
#include <gcbench/mutator.h>
#include <stdlib.h>

enum { KEYS, STRONG, OPS, HITS, EPHEMERONS, ENTRY };
static const gcb_option params[] = {
    [KEYS] = {"keys", GCB_UINT, "16000", 1, 1e7, NULL, "keys of each mutator's cache"},
    [STRONG] = {"strong", GCB_UINT, "6000", 1, 1e7, NULL, "entries held strongly, at most `keys`"},
    [OPS] = {"ops", GCB_UINT, "2000000", 1, 1e10, NULL, "lookups of an iteration, over all mutators"},
    [HITS] = {"hits", GCB_REAL, "0.3", 0, 1, NULL, "share of lookups that aim at a held entry"},
    [EPHEMERONS] = {"ephemerons", GCB_UINT, "1", 0, 8, NULL,
                    "length of the chain of ephemerons behind a key"},
    [ENTRY] = {"entry", GCB_BYTES, "64", 24, 65536, NULL, "payload of an entry, in bytes"},
};

enum { MAX_CHAIN = 8, RENEW = 8, ABSENT = -1 }; /* one hit in RENEW replaces the last attachment */
enum { KEY = 0, VALUE = 8, CHECK = 16 };        /* payload of an entry */
enum { FACT_VALUE = 0, FACT_COUNT = 8 };        /* payload of an attachment */
enum { TABLE, CLOCK, FACTS, HELD = FACTS + MAX_CHAIN, ENTRY_SLOT, SPECIAL, FACT, FOUND, SLOTS }; /* frame */

/* What the program knows without asking the heap; one for each mutator, outside of the heap. */
typedef struct held {
  uint64_t value;
  uint32_t key, renewals;
  bool present, used;
} held;
typedef struct view {
  int32_t *where; /* by key: index in `clock`, or ABSENT */
  held *clock;
  uint32_t hand;
  uint64_t stale; /* dropped entries found again: for the curious, differs by collector */
} view;
typedef struct weak {
  const gcb_shape *entry, *fact;
  view *views;
} weak;

typedef struct cache {
  gcb_mutator *m;
  gcb_task *t;
  gcb_frame f;
  const weak *w;
  view *v;
  uint32_t keys, strong, chain;
  uint64_t sum;
} cache;

static uint32_t strong_of(const gcb_task *t) {
  const gcb_value *p = t->params;
  return (uint32_t)(p[STRONG].u < p[KEYS].u ? p[STRONG].u : p[KEYS].u);
}
static uint64_t peak_live(const gcb_task *t) {
  const gcb_value *p = t->params;
  uint64_t strong = strong_of(t), chain = p[EPHEMERONS].u, array = 8 + 8 * p[KEYS].u + 8;
  uint64_t touched = p[OPS].u / t->mutators + 1 < p[KEYS].u ? p[OPS].u / t->mutators + 1 : p[KEYS].u;
  uint64_t weak_bytes = gcb_size_of(GCB_GEOMETRY_WEAK), ephemeron = gcb_size_of(GCB_GEOMETRY_EPHEMERON);
  uint64_t entry = gcb_size_of(gcb_geometry_fixed(0, (uint32_t)p[ENTRY].u)) +
                   chain * gcb_size_of(gcb_geometry_fixed(0, 16));
  uint64_t each = array + touched * weak_bytes + chain * (array + touched * ephemeron) + 8 + 8 * strong +
                  (strong + 2) * entry + 2 * (weak_bytes + ephemeron);
  return t->mutators * each;
}

/* A lookup that the clock does not hold makes an entry with all that hangs on it; one hit in RENEW a fact. */
static double allocated(const gcb_task *t) {
  const gcb_value *p = t->params;
  double keys = (double)p[KEYS].u, chain = (double)p[EPHEMERONS].u, strong = (double)strong_of(t);
  double fact = (double)gcb_size_of(gcb_geometry_fixed(0, 16)),
         misses = (1 - p[HITS].d) * (1 - strong / keys);
  double made = (double)gcb_size_of(gcb_geometry_fixed(0, (uint32_t)p[ENTRY].u)) +
                (double)gcb_size_of(GCB_GEOMETRY_WEAK) +
                chain * ((double)gcb_size_of(GCB_GEOMETRY_EPHEMERON) + fact);
  return (double)p[OPS].u * (misses * made + (chain > 0 ? (1 - misses) / RENEW * fact : 0)) +
         t->mutators * 8 * ((1 + chain) * keys + strong);
}

static void teardown(gcb_task *t) {
  weak *w = t->state;
  for (uint32_t i = 0; w->views && i < t->mutators; i++) {
    free(w->views[i].where);
    free(w->views[i].clock);
  }
  free(w->views);
}
static gcb_status setup(gcb_mutator *m, gcb_task *t) {
  weak *w = t->state;
  w->entry = gcb_shape_new(m, "weak.entry", 0, (uint32_t)t->params[ENTRY].u);
  w->fact = gcb_shape_new(m, "weak.fact", 0, 16);
  w->views = calloc(t->mutators, sizeof *w->views);
  if (!w->views) return GCB_OOM;
  for (uint32_t i = 0; i < t->mutators; i++) {
    w->views[i].where = calloc(t->params[KEYS].u, sizeof *w->views[i].where);
    w->views[i].clock = calloc(strong_of(t), sizeof *w->views[i].clock);
    if (!w->views[i].where || !w->views[i].clock) return GCB_OOM;
  }
  return GCB_OK;
}

static gcb_status broken(cache *c, const char *what, uint32_t key) {
  c->t->explain(c->t, "%s of key %u of mutator %u", what, key, c->m->id);
  return GCB_WRONG;
}
static uint64_t fact_value(uint64_t value, uint32_t link) {
  return gcb_mix(value, link + 1);
}
static uint64_t check_of(uint32_t key, uint64_t value) {
  return gcb_mix(value, ~(uint64_t)key);
}

/* An attachment into slot FACT. */
static bool new_fact(cache *c, uint64_t value, uint32_t link, uint64_t count) {
  uint64_t payload[2] = {fact_value(value, link), count};
  if (!gcb_new(c->m, gcb_at(c->f, FACT), c->w->fact)) return false;
  gcb_write(c->m, gcb_at(c->f, FACT), FACT_VALUE, payload, sizeof payload);
  return true;
}

/* ---- a key whose entry the clock holds ---- */
static gcb_status check_facts(cache *c, uint32_t key, const held *h) {
  gcb_mutator *m = c->m;
  gcb_slot holder = gcb_at(c->f, HELD), e = gcb_at(c->f, SPECIAL);
  gcb_slot fact = gcb_at(c->f, FACT), found = gcb_at(c->f, FOUND);
  gcb_move(m, holder, gcb_at(c->f, ENTRY_SLOT));
  for (uint32_t link = 0; link < c->chain; link++) {
    gcb_get(m, e, gcb_at(c->f, FACTS + link), key);
    gcb_ephemeron_key(m, found, e);
    if (!gcb_same(m, found, holder)) return broken(c, "an ephemeron has lost the living key", key);
    gcb_ephemeron_get(m, fact, e);
    if (gcb_is_null(m, fact)) return broken(c, "an ephemeron has lost the value of the living entry", key);
    uint64_t payload[2], count = link + 1 == c->chain ? h->renewals : 0;
    gcb_read(m, fact, FACT_VALUE, payload, sizeof payload);
    if (payload[0] != fact_value(h->value, link) || payload[1] != count)
      return broken(c, "an ephemeron gives a foreign value for the entry", key);
    c->sum += payload[0] ^ payload[1];
    gcb_move(m, holder, fact);
  }
  return GCB_OK;
}
static gcb_status hit(cache *c, uint32_t key, uint32_t slot, bool renew) {
  gcb_mutator *m = c->m;
  held *h = c->v->clock + slot;
  gcb_slot entry = gcb_at(c->f, ENTRY_SLOT), reference = gcb_at(c->f, SPECIAL), found = gcb_at(c->f, FOUND);
  h->used = true;
  gcb_get(m, entry, gcb_at(c->f, CLOCK), slot);
  gcb_get(m, reference, gcb_at(c->f, TABLE), key);
  gcb_weak_get(m, found, reference);
  if (gcb_is_null(m, found)) return broken(c, "the weak reference was cleared to the held entry", key);
  if (!gcb_same(m, found, entry)) return broken(c, "the weak reference does not lead to the entry", key);
  uint64_t payload[3];
  gcb_read(m, found, KEY, payload, sizeof payload);
  if (payload[0] != key || payload[1] != h->value || payload[2] != check_of(key, h->value))
    return broken(c, "damaged entry", key);
  c->sum = gcb_mix(c->sum, payload[1]);
  gcb_status status = check_facts(c, key, h);
  if (status != GCB_OK || !renew || !c->chain) return status;
  h->renewals++;
  if (!new_fact(c, h->value, c->chain - 1, h->renewals)) return GCB_OOM;
  gcb_get(m, reference, gcb_at(c->f, FACTS + c->chain - 1), key);
  gcb_ephemeron_put(m, reference, gcb_at(c->f, FACT));
  return GCB_OK;
}

/* ---- a key whose entry has been given up, or never was ---- */
/* What the weak reference still gives may be null or not; if it is not, it must be an old entry of the key.
 * The new one is read in the place of one that is gone, so that the operations are the same on every
 * collector. */
static gcb_status check_stale(cache *c, uint32_t key) {
  gcb_mutator *m = c->m;
  gcb_slot reference = gcb_at(c->f, SPECIAL), found = gcb_at(c->f, FOUND);
  gcb_get(m, reference, gcb_at(c->f, TABLE), key);
  if (gcb_is_null(m, reference)) return GCB_OK;
  gcb_weak_get(m, found, reference);
  bool gone = gcb_is_null(m, found);
  uint64_t payload[3];
  gcb_read(m, gone ? gcb_at(c->f, ENTRY_SLOT) : found, KEY, payload, sizeof payload);
  if (payload[0] != key || payload[2] != check_of(key, payload[1]))
    return broken(c, "damaged old entry", key);
  c->v->stale += !gone;
  gcb_clear(m, found);
  return GCB_OK;
}
/* The clock's hand moves on to an entry not used since it came by last, and gives that up. */
static uint32_t evict(cache *c) {
  view *v = c->v;
  while (v->clock[v->hand].present && v->clock[v->hand].used) {
    v->clock[v->hand].used = false;
    v->hand = v->hand + 1 == c->strong ? 0 : v->hand + 1;
  }
  uint32_t slot = v->hand;
  v->hand = v->hand + 1 == c->strong ? 0 : v->hand + 1;
  if (v->clock[slot].present) v->where[v->clock[slot].key] = ABSENT;
  return slot;
}
static gcb_status miss(cache *c, uint32_t key, uint64_t value) {
  gcb_mutator *m = c->m;
  gcb_slot entry = gcb_at(c->f, ENTRY_SLOT), holder = gcb_at(c->f, HELD), special = gcb_at(c->f, SPECIAL);
  uint32_t slot = evict(c);
  gcb_put_null(m, gcb_at(c->f, CLOCK), slot);
  uint64_t payload[3] = {key, value, check_of(key, value)};
  if (!gcb_new(m, entry, c->w->entry)) return GCB_OOM;
  gcb_write(m, entry, KEY, payload, sizeof payload);
  gcb_status status = check_stale(c, key);
  if (status != GCB_OK) return status;
  gcb_put(m, gcb_at(c->f, CLOCK), slot, entry);
  if (!gcb_weak_new(m, special, entry)) return GCB_OOM;
  gcb_put(m, gcb_at(c->f, TABLE), key, special);
  gcb_move(m, holder, entry);
  for (uint32_t link = 0; link < c->chain; link++) {
    if (!new_fact(c, value, link, 0)) return GCB_OOM;
    if (!gcb_ephemeron_new(m, special, holder, gcb_at(c->f, FACT))) return GCB_OOM;
    gcb_put(m, gcb_at(c->f, FACTS + link), key, special);
    gcb_move(m, holder, gcb_at(c->f, FACT));
  }
  c->v->clock[slot] = (held){.value = value, .key = key, .present = true};
  c->v->where[key] = (int32_t)slot;
  c->sum = gcb_mix(c->sum, value);
  return GCB_OK;
}

static gcb_status begin(cache *c) {
  view *v = c->v;
  for (uint32_t i = 0; i < c->keys; i++) v->where[i] = ABSENT;
  for (uint32_t i = 0; i < c->strong; i++) v->clock[i].present = false;
  v->hand = 0;
  if (!gcb_new_array(c->m, gcb_at(c->f, TABLE), c->keys)) return GCB_OOM;
  if (!gcb_new_array(c->m, gcb_at(c->f, CLOCK), c->strong)) return GCB_OOM;
  for (uint32_t link = 0; link < c->chain; link++)
    if (!gcb_new_array(c->m, gcb_at(c->f, FACTS + link), c->keys)) return GCB_OOM;
  return GCB_OK;
}
static gcb_status iterate(gcb_mutator *m, gcb_task *t, gcb_tally *tally) {
  const weak *w = t->state;
  uint64_t ops = (t->params[OPS].u + m->id) / t->mutators;
  uint64_t aimed = (uint64_t)(t->params[HITS].d * 65536);
  gcb_rng rng = gcb_rng_seed(gcb_mix(t->seed, m->id));
  gcb_frame f = gcb_enter(m, SLOTS);
  cache c = {.m = m, .t = t, .f = f, .w = w, .v = w->views + m->id};
  c.keys = (uint32_t)t->params[KEYS].u;
  c.strong = strong_of(t);
  c.chain = (uint32_t)t->params[EPHEMERONS].u;
  gcb_status status = begin(&c);
  for (uint64_t i = 0; status == GCB_OK && i < ops; i++) {
    gcb_poll(m);
    uint64_t dice = gcb_rng_next(&rng), value = gcb_rng_next(&rng);
    uint32_t slot = (uint32_t)((dice >> 32) * c.strong >> 32), key = (uint32_t)((dice >> 32) * c.keys >> 32);
    if ((dice & 65535) < aimed && c.v->clock[slot].present) key = c.v->clock[slot].key;
    if (c.v->where[key] == ABSENT)
      status = miss(&c, key, value);
    else
      status = hit(&c, key, (uint32_t)c.v->where[key], value % RENEW == 0);
  }
  for (uint32_t slot = 0; status == GCB_OK && slot < c.strong; slot++) {
    gcb_poll(m);
    if (c.v->clock[slot].present) status = hit(&c, c.v->clock[slot].key, slot, false);
  }
  if (status != GCB_OK) return status;
  tally->ops = ops;
  tally->checksum = c.sum;
  gcb_leave(m, f);
  return GCB_OK;
}

static uint64_t needs(const gcb_task *t) {
  return GCB_NEEDS_WEAK | (t->params[EPHEMERONS].u ? GCB_NEEDS_EPHEMERONS : 0);
}

GCB_WORKLOAD(weak, .summary = "a cache of weak references and ephemeron tables under churn",
             .op = "one key looked up", .needs = needs, .params = params,
             .n_params = sizeof params / sizeof *params, .state_bytes = sizeof(weak), .peak_live = peak_live,
             .live_params = {"keys", "strong"}, .work_param = "ops", .allocated = allocated, .setup = setup,
             .iterate = iterate, .teardown = teardown);
