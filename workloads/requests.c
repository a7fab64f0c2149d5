/* An open-loop server: requests arrive by a seeded Poisson process and do not care whether the heap is being
 * collected. Each reads a session of a large cache, builds a result of rows and a response out of them,
 * stores what the session is to remember, and now and then replaces the session. So behave application
 * servers, RPC back ends and web shops; TailBench and DaCapo's latency-critical programs measure such.
 *
 * Arrival times follow from the seed and the rate alone. A request that was due during a pause waits, and its
 * response time from the intended arrival counts the wait; a closed loop would fall silent and not see it
 * (coordinated omission: Tene, "How not to measure latency"). The rate is a share of the saturation that the
 * warm-up measured in a closed loop on the same collector, or a given number of requests a second.
 *
 * The operations do not depend on time. A session's remembered object carries a version, which a table
 * outside the heap knows too: a lost or stale store is found at the session's next use.
 */
#include <gcbench/mutator.h>
#include <math.h>
#include <stdlib.h>

enum { P_REQUESTS, P_SESSIONS, P_NODES, P_ROWS, P_RENEW, P_LOAD, P_RATE, N_PARAMS };
enum { PROFILE, LAST };                                       /* references of a session */
enum { NEXT, NAME };                                          /* references of a row */
enum { TABLE, SESSION, NODE, LIST, TEXT, RESPONSE, N_SLOTS }; /* frame slots; LIST, TEXT as in a row */
enum { WALKED = 4, NAME_MIN = 8, NAME_SPREAD = 64, SPIN_NS = 100000, MOST_MUTATORS = 64 };

static const gcb_option params[N_PARAMS] = {
    [P_REQUESTS] = {"requests", GCB_UINT, "100000", 1, 1e9, NULL,
                    "requests that each mutator serves in an iteration"},
    [P_SESSIONS] = {"sessions", GCB_UINT, "8192", 1, 1e8, NULL,
                    "sessions in the cache of each mutator: its live set"},
    [P_NODES] = {"nodes", GCB_UINT, "16", 1, 1e6, NULL, "objects in the profile of a session"},
    [P_ROWS] = {"rows", GCB_UINT, "48", 1, 1e6, NULL, "mean rows of a request's result"},
    [P_RENEW] = {"renew", GCB_REAL, "0.05", 0, 1, NULL, "share of requests that replace their session"},
    [P_LOAD] = {"load", GCB_REAL, "0.7", 0, 2, NULL,
                "offered load as a share of saturation; 0 serves in a closed loop, as fast as it goes"},
    [P_RATE] = {"rate", GCB_REAL, "0", 0, 1e9, NULL,
                "requests a second of all mutators together, instead of a share of saturation"},
};

typedef struct state {
  const gcb_shape *session, *node, *last, *row;
  uint32_t sessions;
  uint32_t *version[MOST_MUTATORS]; /* of each mutator's sessions: what their remembered object must say */
  uint64_t busy_ns[MOST_MUTATORS];  /* how long the requests took in the last warm-up */
} state;

static uint64_t fixed(uint32_t refs, uint32_t payload) {
  return gcb_size_of(gcb_geometry_fixed(refs, payload));
}

static uint64_t most_rows(const gcb_task *t) {
  return t->params[P_ROWS].u / 2 + t->params[P_ROWS].u;
}

static uint32_t response_bytes(uint64_t rows) {
  return (uint32_t)(64 + 8 * rows);
}

/* The caches, and in each mutator's hands a session about to replace another, a remembered object likewise,
 * and the largest result with its response. */
static uint64_t peak_live(const gcb_task *t) {
  uint64_t n = t->params[P_SESSIONS].u, rows = most_rows(t);
  uint64_t last = fixed(0, 16), session = fixed(2, 8) + t->params[P_NODES].u * fixed(1, 40) + last;
  uint64_t row = fixed(2, 8) + gcb_size_of(gcb_geometry_array(GCB_KIND_BYTES, NAME_MIN + NAME_SPREAD - 1));
  uint64_t result = rows * row + gcb_size_of(gcb_geometry_array(GCB_KIND_BYTES, response_bytes(rows)));
  return t->mutators *
         (gcb_size_of(gcb_geometry_array(GCB_KIND_REFS, (uint32_t)n)) + (n + 1) * session + last + result);
}

static double allocated(const gcb_task *t) {
  double rows = (double)(t->params[P_ROWS].u / 2) + ((double)t->params[P_ROWS].u - 1) / 2;
  double name = 8 + 4 + NAME_MIN + (NAME_SPREAD - 1) / 2.0; /* mean, with its header, rounded up to words */
  double session = (double)(fixed(2, 8) + t->params[P_NODES].u * fixed(1, 40) + fixed(0, 16));
  double result = rows * ((double)fixed(2, 8) + name) + 72 + 8 * rows;
  double each = result + t->params[P_RENEW].d * session + (1 - t->params[P_RENEW].d) * (double)fixed(0, 16);
  return t->mutators * (double)t->params[P_REQUESTS].u * each;
}

static uint64_t needs(const gcb_task *t) {
  return t->params[P_LOAD].d > 0 && !(t->params[P_RATE].d > 0) ? GCB_NEEDS_WARMUP : 0;
}

static uint64_t node_value(uint64_t id, uint64_t depth) {
  return gcb_mix(id, depth);
}

/* What a session remembers, into slot `into`. */
static bool remember(gcb_mutator *m, const state *s, gcb_slot into, uint64_t id, uint64_t version) {
  if (!gcb_new(m, into, s->last)) return false;
  gcb_write_u64(m, into, 0, id);
  gcb_write_u64(m, into, 8, version);
  return true;
}

/* A whole session into slot SESSION; uses NODE and NODE + 1, which then are profile and remembered object. */
static bool make_session(gcb_mutator *m, gcb_task *t, gcb_frame f, uint64_t id, uint64_t version) {
  const state *s = t->state;
  gcb_slot node = gcb_at(f, NODE), last = gcb_at(f, NODE + 1), session = gcb_at(f, SESSION);
  gcb_clear(m, node);
  for (uint64_t depth = t->params[P_NODES].u; depth-- > 0;) {
    gcb_poll(m);
    if (!gcb_construct(m, node, s->node, node)) return false;
    gcb_write_u64(m, node, 0, node_value(id, depth));
  }
  if (!remember(m, s, last, id, version) || !gcb_construct(m, session, s->session, node)) return false;
  gcb_write_u64(m, session, 0, id);
  gcb_clear(m, node);
  gcb_clear(m, last);
  return true;
}

static gcb_status setup(gcb_mutator *m, gcb_task *t) {
  state *s = t->state;
  s->session = gcb_shape_new(m, "session", 2, 8);
  s->node = gcb_shape_new(m, "profile", 1, 40);
  s->last = gcb_shape_new(m, "remembered", 0, 16);
  s->row = gcb_shape_new(m, "row", 2, 8);
  s->sessions = (uint32_t)t->params[P_SESSIONS].u;
  gcb_frame f = gcb_enter(m, N_SLOTS);
  for (uint32_t k = 0; k < t->mutators; k++) {
    gcb_slot table = gcb_global(m, k);
    s->version[k] = calloc(s->sessions, sizeof *s->version[k]);
    if (!s->version[k]) {
      t->explain(t, "no memory for the table of versions");
      return GCB_FAILED;
    }
    if (!gcb_new_array(m, table, s->sessions)) return GCB_OOM;
    for (uint32_t i = 0; i < s->sessions; i++) {
      if (!make_session(m, t, f, i, 0)) return GCB_OOM;
      gcb_put(m, table, i, gcb_at(f, SESSION));
    }
  }
  gcb_leave(m, f);
  return GCB_OK;
}

static void teardown(gcb_task *t) {
  state *s = t->state;
  for (uint32_t k = 0; k < t->mutators; k++) free(s->version[k]);
}

/* Load session i into slot SESSION and look at the beginning of its profile and at what it remembers. */
static bool check_session(gcb_mutator *m, gcb_task *t, gcb_frame f, uint32_t i, uint64_t *sum) {
  const state *s = t->state;
  gcb_slot session = gcb_at(f, SESSION), node = gcb_at(f, NODE);
  uint64_t nodes = t->params[P_NODES].u, walked = nodes < WALKED ? nodes : WALKED;
  gcb_get(m, session, gcb_at(f, TABLE), i);
  if (gcb_is_null(m, session) || gcb_read_u64(m, session, 0) != i) return false;
  gcb_get(m, node, session, LAST);
  if (gcb_is_null(m, node) || gcb_read_u64(m, node, 0) != i ||
      gcb_read_u64(m, node, 8) != s->version[m->id][i])
    return false;
  gcb_get(m, node, session, PROFILE);
  for (uint64_t depth = 0; depth < walked; depth++) {
    if (gcb_is_null(m, node) || gcb_read_u64(m, node, 0) != node_value(i, depth)) return false;
    *sum = gcb_mix(*sum, node_value(i, depth));
    if (depth + 1 < walked) gcb_get(m, node, node, 0);
  }
  gcb_clear(m, node);
  return true;
}

/* The result: a list of rows with their names, last first, into slot LIST. */
static bool make_rows(gcb_mutator *m, const state *s, gcb_frame f, uint64_t rows, gcb_rng *rng) {
  gcb_slot list = gcb_at(f, LIST), text = gcb_at(f, TEXT);
  for (uint64_t k = 0; k < rows; k++) {
    gcb_poll(m);
    uint64_t random = gcb_rng_next(rng);
    if (!gcb_new_bytes(m, text, NAME_MIN + (uint32_t)(random % NAME_SPREAD))) return false;
    gcb_write_u64(m, text, 0, random);
    if (!gcb_construct(m, list, s->row, list)) return false;
    gcb_write_u64(m, list, 0, k);
  }
  return true;
}

/* The response from the rows; eats the list. False: out of memory. */
static bool respond(gcb_mutator *m, gcb_frame f, uint64_t rows, uint64_t *sum) {
  gcb_slot list = gcb_at(f, LIST), text = gcb_at(f, TEXT), response = gcb_at(f, RESPONSE);
  gcb_slot next = gcb_at(f, NODE);
  uint32_t bytes = response_bytes(rows);
  if (!gcb_new_bytes(m, response, bytes)) return false;
  for (uint64_t k = 0; !gcb_is_null(m, list); k++) {
    gcb_poll(m);
    gcb_get(m, text, list, NAME);
    gcb_write_u64(m, response, (uint32_t)(8 * k), gcb_read_u64(m, text, 0) + gcb_read_u64(m, list, 0));
    *sum = gcb_mix(*sum, gcb_read_u64(m, response, (uint32_t)(8 * k)) + gcb_length(m, text));
    gcb_get(m, next, list, NEXT);
    gcb_release(m, text);
    gcb_release(m, list);
    gcb_move(m, list, next);
  }
  gcb_release(m, response);
  return true;
}

static gcb_status serve(gcb_mutator *m, gcb_task *t, gcb_frame f, gcb_rng *rng, uint64_t *sum) {
  const state *s = t->state;
  gcb_slot old = gcb_at(f, TEXT); /* null again once the response is written */
  uint64_t random = gcb_rng_next(rng),
           rows = t->params[P_ROWS].u / 2 + gcb_rng_below(rng, t->params[P_ROWS].u);
  /* Half of the requests come from the sixteenth of the sessions that are busy. */
  uint32_t among = random & 1 && s->sessions >= 16 ? s->sessions / 16 : s->sessions;
  uint32_t i = (uint32_t)((random >> 32) * among >> 32);
  if (!check_session(m, t, f, i, sum)) {
    t->explain(t, "session %u does not hold what was stored there", i);
    return GCB_WRONG;
  }
  if (!make_rows(m, s, f, rows ? rows : 1, rng) || !respond(m, f, rows ? rows : 1, sum)) return GCB_OOM;
  uint32_t version = ++s->version[m->id][i];
  if (gcb_rng_unit(rng) < t->params[P_RENEW].d) {
    gcb_move(m, old, gcb_at(f, SESSION));
    if (!make_session(m, t, f, i, version)) return GCB_OOM;
    gcb_put(m, gcb_at(f, TABLE), i, gcb_at(f, SESSION));
  } else {
    gcb_get(m, old, gcb_at(f, SESSION), LAST);
    if (!remember(m, s, gcb_at(f, NODE), i, version)) return GCB_OOM;
    gcb_put(m, gcb_at(f, SESSION), LAST, gcb_at(f, NODE));
    gcb_clear(m, gcb_at(f, NODE));
  }
  gcb_release_tree(m, old);
  gcb_clear(m, gcb_at(f, SESSION));
  return GCB_OK;
}

/* Requests a second of all mutators; 0 in a closed loop. */
static double announce(gcb_mutator *m, gcb_task *t) {
  const state *s = t->state;
  double saturation = 0, rate = t->params[P_RATE].d, load = t->params[P_LOAD].d;
  for (uint32_t k = 0; k < t->mutators; k++)
    if (s->busy_ns[k]) saturation += (double)t->params[P_REQUESTS].u / (double)s->busy_ns[k] * 1e9;
  if (!(rate > 0))
    rate = load * saturation;
  else
    load = saturation > 0 ? rate / saturation : 0;
  t->offered(t, m, load, rate, saturation);
  return rate;
}

/* Sleep for the most part, then look at the clock. */
static void await(gcb_mutator *m, gcb_task *t, uint64_t due) {
  if (t->now() + 2 * SPIN_NS < due) t->wait_until(t, m, due - SPIN_NS);
  while (t->now() < due) gcb_poll(m);
}

static gcb_status iterate(gcb_mutator *m, gcb_task *t, gcb_tally *tally) {
  state *s = t->state;
  bool timed = t->phase == GCB_PHASE_TIMED;
  gcb_rng rng = gcb_rng_seed(gcb_mix(t->seed, m->id)), clock = gcb_rng_seed(gcb_mix(~t->seed, m->id));
  double rate = timed ? announce(m, t) : 0, after = 0; /* ns */
  gcb_frame f = gcb_enter(m, N_SLOTS);
  gcb_move(m, gcb_at(f, TABLE), gcb_global(m, m->id));
  uint64_t begin = t->now();
  for (uint64_t n = 0; n < t->params[P_REQUESTS].u; n++, tally->ops++) {
    gcb_poll(m);
    uint64_t due = 0;
    if (rate > 0) {
      after += -log(1 - gcb_rng_unit(&clock)) * 1e9 * t->mutators / rate;
      due = begin + (uint64_t)after;
      await(m, t, due);
    }
    uint64_t start = timed ? t->now() : 0;
    gcb_status status = serve(m, t, f, &rng, &tally->checksum);
    if (status != GCB_OK) return status;
    if (timed) {
      uint64_t end = t->now();
      t->response(t, m, end - start, end - (due ? due : start));
    }
  }
  if (t->phase == GCB_PHASE_WARMUP) s->busy_ns[m->id] = t->now() - begin;
  gcb_leave(m, f);
  return GCB_OK;
}

GCB_WORKLOAD(requests,
             .summary = "an open-loop server with a session cache: response times from the intended arrival",
             .op = "one request served", .params = params, .n_params = N_PARAMS, .state_bytes = sizeof(state),
             .releases = true, .needs = needs, .peak_live = peak_live, .live_params = {"sessions"},
             .work_param = "requests", .allocated = allocated, .setup = setup, .iterate = iterate,
             .teardown = teardown);
