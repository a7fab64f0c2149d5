/* cycles: graphs with and without cycles, dropped while young or old.
 *
 * Object-oriented programs behave so: trees whose children know their parents, observers, closures that
 * capture themselves, doubly linked lists, exceptions that hold the frame that holds them. Counting
 * references never frees these; a tracing collector does not see the difference; cycle detectors live or die
 * by it.
 *
 * A graph is a chain of `length` nodes, each linked to the node before it and by `cross` further links to
 * still earlier ones, plus an acyclic tail of `tail` nodes that hangs on the first node. A `fraction` of the
 * graphs become rings: the first node is linked to the last one. Most graphs are dropped at once, young; a
 * share `hold` goes into a table, in the place of the oldest graph there, which is dropped old. A graph that
 * leaves the table is walked before, and so is one in 64 of the young ones.
 *
 * Every link but the closing one leads to an older node, so that nothing is cyclic before that store, and all
 * of the graph is in a ring or hangs on one after it. Each ring is dropped sooner or later, at the end of
 * the iteration at the latest: what counting alone cannot free is known exactly at any moment, by adding up
 * the graph's bytes where the ring is closed. No allocation can come between the two.
 */
#include <gcbench/mutator.h>

enum { P_LENGTH, P_FRACTION, P_CROSS, P_TAIL, P_HOLD, P_LIVE, P_NODES, N_PARAMS };
enum { PAYLOAD = 8, SAMPLE = 64 };

static const gcb_option params[N_PARAMS] = {
    [P_LENGTH] = {"length", GCB_UINT, "10", 1, 1e7, NULL,
                  "nodes in the ring, or in the open chain, of a graph"},
    [P_FRACTION] = {"fraction", GCB_REAL, "0.5", 0, 1, NULL, "share of the graphs that are rings"},
    [P_CROSS] = {"cross", GCB_UINT, "1", 0, 8, NULL,
                 "further links of each node to earlier nodes of its graph"},
    [P_TAIL] = {"tail", GCB_UINT, "2", 0, 1e6, NULL,
                "nodes that hang on the graph without being in its ring"},
    [P_HOLD] = {"hold", GCB_REAL, "0.1", 0, 1, NULL,
                "share of the graphs that is kept in a table before it is dropped"},
    [P_LIVE] = {"live", GCB_UINT, "180000", 1, 1e9, NULL, "nodes of the graphs in the table of each mutator"},
    [P_NODES] = {"nodes", GCB_UINT, "12000000", 1, 4e9, NULL,
                 "nodes that each mutator allocates in an iteration"},
};

/* The parameters in the units that the code counts in; pure. */
typedef struct plan {
  uint32_t length, cross, tail, refs;
  uint32_t held;         /* graphs in the table */
  uint64_t graphs;       /* in an iteration */
  uint64_t bytes;        /* of one graph */
  uint64_t rings, holds; /* shares, in 2^-32 */
} plan;

typedef struct state {
  plan p;
  const gcb_shape *node;
} state;

static plan plan_of(const gcb_task *t) {
  const gcb_value *v = t->params;
  plan p = {
      .length = (uint32_t)v[P_LENGTH].u, .cross = (uint32_t)v[P_CROSS].u, .tail = (uint32_t)v[P_TAIL].u};
  uint64_t nodes = p.length + p.tail;
  p.refs = 1 + p.cross + (p.tail > 0); /* neighbour, cross links, tail */
  p.held = (uint32_t)(v[P_LIVE].u / nodes);
  if (p.held == 0) p.held = 1;
  p.graphs = (v[P_NODES].u + nodes - 1) / nodes;
  p.bytes = nodes * gcb_size_of(gcb_geometry_fixed(p.refs, PAYLOAD));
  p.rings = (uint64_t)(v[P_FRACTION].d * 4294967296.0);
  p.holds = (uint64_t)(v[P_HOLD].d * 4294967296.0);
  return p;
}

/* The table, full, and one graph beside it: the new one, or the one that it replaced. */
static uint64_t peak_live(const gcb_task *t) {
  plan p = plan_of(t);
  uint64_t kept = p.graphs * p.holds >> 32;
  if (kept > p.held) kept = p.held;
  return t->mutators * (gcb_size_of(gcb_geometry_array(GCB_KIND_REFS, p.held)) + (kept + 1) * p.bytes);
}

static double allocated(const gcb_task *t) {
  plan p = plan_of(t);
  return t->mutators * (8.0 * p.held + (double)p.graphs * (double)p.bytes);
}

static gcb_status setup(gcb_mutator *m, gcb_task *t) {
  state *s = t->state;
  s->p = plan_of(t);
  s->node = gcb_shape_new(m, "node", s->p.refs, PAYLOAD);
  return GCB_OK;
}

/* Frame slots. The links of the next node stand from LINK on, in the order of its reference slots; a node
 * replaces its predecessor in LINK, since it is the neighbour of its successor. */
enum { TABLE, FIRST, AT, AIM, LINK };

/* A node's value: its graph's number, its place (0: first), and whether the graph is a ring. */
static inline uint64_t value_of(uint64_t graph, uint32_t place, bool ring) {
  return graph << 25 | (uint64_t)place << 1 | ring;
}

/* A graph into slot LINK, still open; its first node into FIRST. */
static bool build(gcb_mutator *m, const state *s, gcb_frame f, uint64_t graph, bool ring, gcb_rng *rng) {
  const plan *p = &s->p;
  gcb_slot link = gcb_at(f, LINK), tail = gcb_at(f, LINK + 1 + p->cross);
  for (uint32_t i = 0; i < p->tail; i++) {
    gcb_poll(m);
    if (!gcb_construct(m, link, s->node, link)) return false;
    gcb_write_u64(m, link, 0, value_of(graph, i, false));
  }
  gcb_move(m, tail, link);
  gcb_clear(m, link);
  for (uint32_t i = 0; i < p->length; i++) {
    gcb_poll(m);
    if (i > 0 && p->cross > 0) { /* one in four links is aimed anew, so they span four nodes on average */
      uint64_t random = gcb_rng_next(rng);
      for (uint32_t k = 1; k <= p->cross; k++, random >>= 2)
        if (i == 1 || (random & 3) == 0) gcb_move(m, gcb_at(f, LINK + k), link);
    }
    if (!gcb_construct(m, link, s->node, link)) return false;
    gcb_write_u64(m, link, 0, value_of(graph, i, ring));
    if (i == 0) {
      gcb_move(m, gcb_at(f, FIRST), link);
      gcb_clear(m, tail);
    }
  }
  return true;
}

static gcb_status wrong(gcb_task *t, uint64_t graph, uint32_t place, const char *what) {
  t->explain(t, "graph %llu, node %u: %s", (unsigned long long)graph, place, what);
  return GCB_WRONG;
}

/* Walk a graph from its last node, in slot AT, to its first, and then its tail. */
static gcb_status check(gcb_mutator *m, gcb_task *t, gcb_frame f, uint64_t *sum) {
  const state *s = t->state;
  const plan *p = &s->p;
  gcb_slot at = gcb_at(f, AT), aim = gcb_at(f, AIM), last = gcb_at(f, LINK);
  gcb_move(m, last, at);
  uint64_t head = gcb_read_u64(m, at, 0), graph = head >> 25;
  bool ring = head & 1;
  for (uint32_t i = p->length; i-- > 0;) {
    gcb_poll(m);
    if (gcb_is_null(m, at)) return wrong(t, graph, i, "the chain ends too early");
    uint64_t value = gcb_read_u64(m, at, 0);
    if (value != value_of(graph, i, ring)) return wrong(t, graph, i, "not the value that was stored");
    *sum = gcb_mix(*sum, value);
    for (uint32_t k = 1; k <= p->cross; k++) {
      gcb_get(m, aim, at, k);
      if (gcb_is_null(m, aim) != (i == 0)) return wrong(t, graph, i, "a cross link lost or invented");
      if (i == 0) continue;
      uint64_t aimed = gcb_read_u64(m, aim, 0);
      if (aimed >= value || aimed >> 25 != graph) return wrong(t, graph, i, "a cross link leads elsewhere");
      *sum = gcb_mix(*sum, aimed);
    }
    if (i == 0 && p->tail > 0) gcb_get(m, aim, at, 1 + p->cross);
    gcb_get(m, at, at, 0);
  }
  if (ring ? !gcb_same(m, at, last) : !gcb_is_null(m, at))
    return wrong(t, graph, 0, "the ring is not as it was closed");
  for (uint32_t i = p->tail; i-- > 0;) {
    gcb_poll(m);
    if (gcb_is_null(m, aim) || gcb_read_u64(m, aim, 0) != value_of(graph, i, false))
      return wrong(t, graph, i, "its tail is not what was stored");
    gcb_get(m, aim, aim, 0);
  }
  for (uint32_t i = FIRST; i <= LINK; i++) gcb_clear(m, gcb_at(f, i));
  return GCB_OK;
}

static gcb_status iterate(gcb_mutator *m, gcb_task *t, gcb_tally *tally) {
  const state *s = t->state;
  const plan *p = &s->p;
  gcb_rng rng = gcb_rng_seed(gcb_mix(t->seed, m->id));
  gcb_frame f = gcb_enter(m, LINK + 2 + p->cross);
  gcb_slot table = gcb_at(f, TABLE), at = gcb_at(f, AT), whole = gcb_at(f, LINK);
  uint64_t kept = 0;
  if (!gcb_new_array(m, table, p->held)) return GCB_OOM;
  for (uint64_t n = 0; n < p->graphs; n++) {
    gcb_poll(m);
    bool ring = gcb_rng_next(&rng) >> 32 < p->rings;
    bool hold = (n + 1) * p->holds >> 32 > n * p->holds >> 32; /* spread evenly: their number is exact */
    if (!build(m, s, f, n, ring, &rng)) return GCB_OOM;
    tally->ops += p->length + p->tail;
    if (ring) {
      gcb_put(m, gcb_at(f, FIRST), 0, whole);
      tally->cyclic_bytes += p->bytes;
    }
    if (hold) {
      uint32_t place = (uint32_t)(kept++ % p->held);
      gcb_get(m, at, table, place);
      gcb_put(m, table, place, whole);
    }
    if (!hold && n % SAMPLE == 0) gcb_move(m, at, whole);
    for (uint32_t k = 0; k <= 1 + p->cross; k++) gcb_clear(m, gcb_at(f, LINK + k));
    gcb_clear(m, gcb_at(f, FIRST));
    if (!gcb_is_null(m, at)) {
      gcb_status status = check(m, t, f, &tally->checksum);
      if (status != GCB_OK) return status;
    }
  }
  for (uint32_t i = 0; i < p->held && i < kept; i++) {
    gcb_get(m, at, table, i);
    if (gcb_is_null(m, at)) return wrong(t, i, 0, "gone from the table");
    gcb_status status = check(m, t, f, &tally->checksum);
    if (status != GCB_OK) return status;
  }
  gcb_leave(m, f);
  return GCB_OK;
}

GCB_WORKLOAD(
    cycles,
    .summary =
        "rings and open chains with cross links, dropped young or old; the cyclic garbage is known exactly",
    .op = "one node allocated", .params = params, .n_params = N_PARAMS, .state_bytes = sizeof(state),
    .peak_live = peak_live, .live_params = {"live"}, .work_param = "nodes", .allocated = allocated,
    .setup = setup, .iterate = iterate);
