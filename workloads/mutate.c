/* mutate: a storm of pointer stores into an old graph. What it models: programs whose long-lived data are
 * updated all the time (object caches, in-memory indexes, simulations, ORM sessions). Almost nothing dies but
 * what a store replaces, so the cost is the write barrier, the remembered set that it fills, and the scan of
 * large old arrays of which few slots changed.
 *
 * Each mutator owns a graph of `nodes`: a node has two links to other nodes and one leaf; beside them stand
 * large arrays of 2^`array` slots, one kind owning the nodes (never written again), one kind linking to
 * nodes, one kind owning leaves. An operation is one store, into a node or into a large array. A young store
 * replaces a leaf by a fresh one, so that the old leaf dies at once; an old store links an old node to
 * another. Every leaf therefore has exactly one owner and every node stays: the live size never changes, but
 * for the one new leaf before its store.
 *
 * Verified on the way: each leaf names its owner and each node its number, both checked when a store replaces
 * them. A last pass reads the whole graph for the checksum and puts it back as it was.
 */
#include <gcbench/mutator.h>

enum { NODES, OPS, YOUNG, ARRAYS, LOCALITY, NEAR, ARRAY, LEAF };
static const gcb_option params[] = {
    [NODES] = {"nodes", GCB_UINT, "12000", 16, 5e7, NULL, "nodes of each mutator's old graph"},
    [OPS] = {"ops", GCB_UINT, "5000000", 1, 1e11, NULL, "stores of an iteration, over all mutators"},
    [YOUNG] = {"young", GCB_REAL, "0.6", 0, 1, NULL, "share of stores that install a fresh object"},
    [ARRAYS] = {"arrays", GCB_REAL, "0.3", 0, 1, NULL, "share of stores that go into large arrays"},
    [LOCALITY] = {"locality", GCB_REAL, "0.5", 0, 1, NULL, "share of stores near the one before"},
    [NEAR] = {"near", GCB_UINT, "64", 1, 1e6, NULL, "how near: width of the window, in nodes"},
    [ARRAY] = {"array", GCB_UINT, "12", 0, 24, NULL, "slots of one large array, as a power of two"},
    [LEAF] = {"leaf", GCB_BYTES, "24", 16, 65536, NULL, "payload of a leaf, in bytes"},
};

enum { LINKS = 2, CARGO = 2, NODE_REFS = 3 }; /* reference slots of a node: two links, one leaf */
enum { OWNERS, LINKED, LEAVES, KINDS };       /* of large arrays */
enum { LEAF_OWNER = 0, LEAF_VALUE = 8 };      /* payload offsets */
#define IN_ARRAY (1ull << 63)                 /* in a leaf's owner: a large array, not a node, holds it */

typedef struct mutate {
  const gcb_shape *node, *leaf;
} mutate;

/* The slots of one mutator's frame: the three kinds of arrays of arrays, and scratch. */
enum { ROOT, TABLES, TABLE = TABLES + KINDS, FROM, TO, OLD, SLOTS };

typedef struct graph {
  gcb_frame f;
  uint64_t nodes;
  uint32_t array; /* log2 of the slots of a large array */
  gcb_task *t;
  gcb_mutator *m;
} graph;

static uint64_t arrays_of(const gcb_task *t) {
  return ((t->params[NODES].u - 1) >> t->params[ARRAY].u) + 1;
}

static uint64_t peak_live(const gcb_task *t) {
  uint64_t nodes = t->params[NODES].u, tables = arrays_of(t);
  uint64_t leaf = gcb_size_of(gcb_geometry_fixed(0, (uint32_t)t->params[LEAF].u));
  uint64_t each = nodes * (gcb_size_of(gcb_geometry_fixed(NODE_REFS, 8)) + 2 * leaf) +
                  KINDS * (16 + 8 * tables + tables * (8 + (8ull << t->params[ARRAY].u))) + 2 * leaf + 32;
  return t->mutators * each + 8 + 8 * t->mutators;
}

static double allocated(const gcb_task *t) {
  double leaf = (double)gcb_size_of(gcb_geometry_fixed(0, (uint32_t)t->params[LEAF].u));
  return (double)t->params[OPS].u * t->params[YOUNG].d * leaf;
}

/* Slot i of kind k lies in a large array: load that array into TABLE, answer the index in it. */
static uint32_t table(graph *g, int kind, uint64_t i) {
  gcb_get(g->m, gcb_at(g->f, TABLE), gcb_at(g->f, TABLES + kind), (uint32_t)(i >> g->array));
  return (uint32_t)i & ((1u << g->array) - 1);
}
static void element(graph *g, int kind, uint64_t i, int into) {
  uint32_t at = table(g, kind, i);
  gcb_get(g->m, gcb_at(g->f, into), gcb_at(g->f, TABLE), at);
}

/* Where the links of node i point before and after each iteration. */
static uint64_t wired(const graph *g, uint64_t i, uint32_t k) {
  return (i * (2 * k + 3) + k + 1) % g->nodes;
}
static uint64_t first_value(uint64_t owner) {
  return gcb_mix(owner, 0x6d7574617465u);
}

static bool new_leaf(graph *g, int into, uint64_t owner, uint64_t value) {
  const mutate *w = g->t->state;
  uint64_t payload[2] = {owner, value};
  if (!gcb_new(g->m, gcb_at(g->f, into), w->leaf)) return false;
  gcb_write(g->m, gcb_at(g->f, into), LEAF_OWNER, payload, sizeof payload);
  return true;
}

static gcb_status broken(graph *g, const char *what, uint64_t i, uint64_t found) {
  g->t->explain(g->t, "%s %llu of mutator %u holds %llx", what, (unsigned long long)i, g->m->id,
                (unsigned long long)found);
  return GCB_WRONG;
}

/* ---- building: in setup, for every mutator, so that the graph is old when the clock starts ---- */
static gcb_status build_nodes(graph *g) {
  const mutate *w = g->t->state;
  gcb_slot node = gcb_at(g->f, FROM), leaf = gcb_at(g->f, TO), into = gcb_at(g->f, TABLE);
  for (uint64_t i = 0; i < g->nodes; i++) {
    gcb_poll(g->m);
    if (!new_leaf(g, TO, i, first_value(i)) || !gcb_new(g->m, node, w->node)) return GCB_OOM;
    gcb_init(g->m, node, CARGO, leaf);
    gcb_write_u64(g->m, node, 0, i);
    uint32_t at = table(g, OWNERS, i);
    gcb_put(g->m, into, at, node);
    if (!new_leaf(g, TO, i | IN_ARRAY, first_value(i | IN_ARRAY))) return GCB_OOM;
    at = table(g, LEAVES, i);
    gcb_put(g->m, into, at, leaf);
  }
  return GCB_OK;
}
static void wire(graph *g, uint64_t i) {
  gcb_slot node = gcb_at(g->f, FROM), other = gcb_at(g->f, TO);
  element(g, OWNERS, i, FROM);
  for (uint32_t k = 0; k < LINKS; k++) {
    element(g, OWNERS, wired(g, i, k), TO);
    gcb_put(g->m, node, k, other);
  }
  uint32_t at = table(g, LINKED, i);
  gcb_put(g->m, gcb_at(g->f, TABLE), at, other);
}
static gcb_status build(graph *g) {
  uint64_t tables = arrays_of(g->t);
  for (int kind = 0; kind < KINDS; kind++) {
    gcb_slot all = gcb_at(g->f, TABLES + kind), one = gcb_at(g->f, TABLE);
    if (!gcb_new_array(g->m, all, (uint32_t)tables)) return GCB_OOM;
    for (uint32_t i = 0; i < tables; i++) {
      gcb_poll(g->m);
      if (!gcb_new_array(g->m, one, 1u << g->array)) return GCB_OOM;
      gcb_put(g->m, all, i, one);
    }
  }
  gcb_status status = build_nodes(g);
  for (uint64_t i = 0; status == GCB_OK && i < g->nodes; i++) {
    gcb_poll(g->m);
    wire(g, i);
  }
  return status;
}

static gcb_status setup(gcb_mutator *m, gcb_task *t) {
  mutate *w = t->state;
  w->node = gcb_shape_new(m, "mutate.node", NODE_REFS, 8);
  w->leaf = gcb_shape_new(m, "mutate.leaf", 0, (uint32_t)t->params[LEAF].u);
  gcb_frame f = gcb_enter(m, SLOTS);
  graph g = {f, t->params[NODES].u, (uint32_t)t->params[ARRAY].u, t, m};
  gcb_slot all = gcb_global(m, 0), root = gcb_at(f, ROOT);
  if (!gcb_new_array(m, all, t->mutators)) return GCB_OOM;
  for (uint32_t i = 0; i < t->mutators; i++) {
    gcb_poll(m);
    gcb_status status = build(&g);
    if (status != GCB_OK) return status;
    if (!gcb_new_array(m, root, KINDS)) return GCB_OOM;
    for (uint32_t kind = 0; kind < KINDS; kind++) gcb_put(m, root, kind, gcb_at(f, TABLES + kind));
    gcb_put(m, all, i, root);
  }
  gcb_leave(m, f);
  return GCB_OK;
}

/* ---- the storm ---- */
static gcb_status check_leaf(graph *g, uint64_t owner, uint64_t *value) {
  gcb_slot old = gcb_at(g->f, OLD);
  if (gcb_is_null(g->m, old)) return broken(g, "the leaf of", owner, 0);
  uint64_t payload[2];
  gcb_read(g->m, old, LEAF_OWNER, payload, sizeof payload);
  if (payload[0] != owner) return broken(g, "the leaf of", owner, payload[0]);
  *value = payload[1];
  return GCB_OK;
}
static gcb_status check_node(graph *g, int slot, uint64_t *number) {
  gcb_slot node = gcb_at(g->f, slot);
  *number = gcb_is_null(g->m, node) ? UINT64_MAX : gcb_read_u64(g->m, node, 0);
  return *number < g->nodes ? GCB_OK : broken(g, "a link in the graph of", g->nodes, *number);
}

/* One store of each of the four sorts. `value` is random; sum takes up what was replaced. */
static gcb_status store_leaf(graph *g, uint64_t i, bool in_array, uint64_t value, uint64_t *sum) {
  uint64_t owner = in_array ? i | IN_ARRAY : i, was;
  if (!new_leaf(g, TO, owner, value)) return GCB_OOM;
  gcb_slot holder = gcb_at(g->f, in_array ? TABLE : FROM), old = gcb_at(g->f, OLD);
  uint32_t at = CARGO;
  if (in_array)
    at = table(g, LEAVES, i);
  else
    element(g, OWNERS, i, FROM);
  gcb_get(g->m, old, holder, at);
  gcb_status status = check_leaf(g, owner, &was);
  if (status != GCB_OK) return status;
  gcb_put(g->m, holder, at, gcb_at(g->f, TO));
  gcb_release(g->m, old);
  *sum += was;
  return GCB_OK;
}
static gcb_status store_link(graph *g, uint64_t i, bool in_array, uint64_t target, uint32_t k,
                             uint64_t *sum) {
  gcb_slot holder = gcb_at(g->f, in_array ? TABLE : FROM), old = gcb_at(g->f, OLD);
  uint64_t was;
  element(g, OWNERS, target, TO);
  if (in_array)
    k = table(g, LINKED, i);
  else
    element(g, OWNERS, i, FROM);
  gcb_get(g->m, old, holder, k);
  gcb_status status = check_node(g, OLD, &was);
  if (status != GCB_OK) return status;
  gcb_put(g->m, holder, k, gcb_at(g->f, TO));
  *sum += was * 2 + 1;
  return GCB_OK;
}

/* Read one node with all it owns into the checksum; put it back as it was built. */
static gcb_status restore(graph *g, uint64_t i, uint64_t *sum) {
  gcb_mutator *m = g->m;
  uint64_t value;
  gcb_status status;
  element(g, OWNERS, i, FROM);
  if ((status = check_node(g, FROM, &value)) != GCB_OK) return status;
  if (value != i) return broken(g, "node", i, value);
  for (uint32_t k = 0; k < LINKS; k++) {
    gcb_get(m, gcb_at(g->f, OLD), gcb_at(g->f, FROM), k);
    if ((status = check_node(g, OLD, &value)) != GCB_OK) return status;
    *sum = gcb_mix(*sum, value);
  }
  element(g, LINKED, i, OLD);
  if ((status = check_node(g, OLD, &value)) != GCB_OK) return status;
  *sum = gcb_mix(*sum, value);
  gcb_get(m, gcb_at(g->f, OLD), gcb_at(g->f, FROM), CARGO);
  if ((status = check_leaf(g, i, &value)) != GCB_OK) return status;
  *sum = gcb_mix(*sum, value);
  gcb_write_u64(m, gcb_at(g->f, OLD), LEAF_VALUE, first_value(i));
  element(g, LEAVES, i, OLD);
  if ((status = check_leaf(g, i | IN_ARRAY, &value)) != GCB_OK) return status;
  *sum = gcb_mix(*sum, value);
  gcb_write_u64(m, gcb_at(g->f, OLD), LEAF_VALUE, first_value(i | IN_ARRAY));
  wire(g, i);
  return GCB_OK;
}

static uint64_t threshold(double share) {
  return (uint64_t)(share * 65536);
}

/* A number below n from 32 random bits: no division on the way of every store. */
static uint64_t below(uint64_t bits, uint64_t n) {
  return (uint32_t)bits * n >> 32;
}

static gcb_status iterate(gcb_mutator *m, gcb_task *t, gcb_tally *tally) {
  const gcb_value *p = t->params;
  gcb_frame f = gcb_enter(m, SLOTS);
  graph g = {f, p[NODES].u, (uint32_t)p[ARRAY].u, t, m};
  gcb_get(m, gcb_at(f, ROOT), gcb_global(m, 0), m->id);
  for (uint32_t kind = 0; kind < KINDS; kind++) gcb_get(m, gcb_at(f, TABLES + kind), gcb_at(f, ROOT), kind);

  gcb_rng rng = gcb_rng_seed(gcb_mix(t->seed, m->id));
  uint64_t ops = (p[OPS].u + m->id) / t->mutators, at = 0, sum = 0;
  uint64_t young = threshold(p[YOUNG].d), arrays = threshold(p[ARRAYS].d), local = threshold(p[LOCALITY].d);
  gcb_status status = GCB_OK;
  for (uint64_t i = 0; i < ops; i++) {
    gcb_poll(m);
    uint64_t dice = gcb_rng_next(&rng), value = gcb_rng_next(&rng);
    bool near = (dice & 65535) < local, in_array = (dice >> 16 & 65535) < arrays;
    at = near ? at + below(value >> 32, p[NEAR].u) : below(value >> 32, g.nodes);
    if (at >= g.nodes) at %= g.nodes;
    if ((dice >> 32 & 65535) < young)
      status = store_leaf(&g, at, in_array, value, &sum);
    else
      status = store_link(&g, at, in_array, below(value, g.nodes), dice >> 48 & 1, &sum);
    if (status != GCB_OK) return status;
  }
  for (uint64_t i = 0; i < g.nodes; i++) {
    gcb_poll(m);
    if ((status = restore(&g, i, &sum)) != GCB_OK) return status;
  }
  tally->ops = ops;
  tally->checksum = sum;
  gcb_leave(m, f);
  return GCB_OK;
}

GCB_WORKLOAD(mutate, .summary = "a storm of pointer stores into an old graph: write barrier stress",
             .op = "one reference stored", .params = params, .n_params = sizeof params / sizeof *params,
             .state_bytes = sizeof(mutate), .releases = true, .peak_live = peak_live,
             .live_params = {"nodes"}, .work_param = "ops", .allocated = allocated, .setup = setup,
             .iterate = iterate);
