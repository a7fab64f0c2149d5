/* trees: the benchmark of Ellis, Kovac and Boehm, "GCBench", with its exact counts.
 *
 * Functional programs and compilers that allocate by trees behave so: bursts of small nodes that live as long
 * as the tree they belong to, at lifetimes from 31 to 131,071 nodes, beside a large tree and a large array
 * that stay. It is the most widely published collector benchmark, so an iteration here does exactly what a
 * published run does, 14,809,575 nodes of two references and 8 bytes at the default depth, long-lived data
 * included; times can be set beside those of other systems.
 *
 * A long-lived tree of depth 16 is built top-down and 500,000 doubles are half filled. Then for depths 4, 6
 * .. 16 as many trees as make two trees of depth 18 are built top-down (children stored into a parent that is
 * already there, with a barrier) and as many bottom-up (a parent constructed around its children); each is
 * dropped as soon as it is built. As in the Whippet collector's version of it, `holes` allocates a dead
 * object of power-law size before each child (top-down) and each parent (bottom-up): 24.2 million objects and
 * 1,130 MB in all.
 *
 * The published program counts nothing. To know that the heap is right, the last tree of each kind and the
 * long-lived data are walked, 3 % of the nodes; the checksum folds the nodes that all trees then have.
 */
#include <gcbench/mutator.h>

enum { P_DEPTH, P_HOLES, N_PARAMS };
enum { SHALLOWEST = 4, PAYLOAD = 8, SIZES = 256, BLOCK = 500 };

static const gcb_option params[N_PARAMS] = {
    [P_DEPTH] =
        {"depth", GCB_UINT, "16", SHALLOWEST, 24, NULL,
         "depth of the long-lived tree and of the deepest short-lived ones; 16 is the published benchmark"},
    [P_HOLES] = {"holes", GCB_BOOL, "0", 0, 0, NULL,
                 "allocate dead objects of power-law size between the nodes"},
};

typedef struct state {
  const gcb_shape *node;
  bool holes;
  uint8_t size[SIZES]; /* of a hole in words beyond the first, 0: no hole; each entry is as likely */
} state;

/* One mutator's run. */
typedef struct work {
  gcb_mutator *m;
  const gcb_shape *node;
  const uint8_t *size; /* NULL: no holes */
  uint32_t turn;
  gcb_slot hole;
} work;

static uint64_t nodes_of(uint32_t depth) {
  return (2ull << depth) - 1;
}
static uint64_t trees_of(uint32_t depth, uint32_t deepest) {
  return 2 * nodes_of(deepest + 2) / nodes_of(depth);
}
static uint32_t doubles_of(uint32_t deepest) {
  return deepest <= 16 ? 500000u >> (16 - deepest) : 500000u << (deepest - 16);
}

/* Sizes by the law "take the size with probability 0.15, else try the next": quantiles, then shuffled. */
static void hole_sizes(uint64_t seed, uint8_t size[SIZES]) {
  double longer = 0.85;
  uint32_t words = 0;
  for (uint32_t q = 0; q < SIZES; q++) {
    for (; longer > 1 - (q + 0.5) / SIZES; words++) longer *= 0.85;
    size[q] = (uint8_t)words;
  }
  gcb_rng rng = gcb_rng_seed(seed);
  for (uint32_t i = SIZES - 1; i > 0; i--) {
    uint32_t k = (uint32_t)gcb_rng_below(&rng, i + 1);
    uint8_t swap = size[i];
    size[i] = size[k], size[k] = swap;
  }
}

/* The long-lived tree and array and the deepest short-lived tree, complete; the last hole and the one under
 * way, at most 40 words each. */
static uint64_t peak_live(const gcb_task *t) {
  uint32_t deepest = (uint32_t)t->params[P_DEPTH].u;
  uint64_t nodes = nodes_of(deepest) + nodes_of(deepest & ~1u);
  uint64_t holes = t->params[P_HOLES].u ? 2 * gcb_size_of(gcb_geometry_array(GCB_KIND_BYTES, 8 * 40)) : 0;
  return t->mutators * (nodes * gcb_size_of(gcb_geometry_fixed(2, PAYLOAD)) + holes +
                        gcb_size_of(gcb_geometry_array(GCB_KIND_BYTES, 8 * doubles_of(deepest))));
}

static double allocated(const gcb_task *t) {
  uint32_t deepest = (uint32_t)t->params[P_DEPTH].u;
  double nodes = (double)nodes_of(deepest);
  for (uint32_t depth = SHALLOWEST; depth <= deepest; depth += 2) /* of both kinds */
    nodes += 2 * (double)trees_of(depth, deepest) * (double)nodes_of(depth);
  double hole = t->params[P_HOLES].u ? 8 + 8 / .15 : 0; /* mean */
  return t->mutators * (nodes * ((double)gcb_size_of(gcb_geometry_fixed(2, PAYLOAD)) + hole * .85) +
                        8.0 * doubles_of(deepest));
}

static gcb_status setup(gcb_mutator *m, gcb_task *t) {
  state *s = t->state;
  s->node = gcb_shape_new(m, "tree", 2, PAYLOAD);
  s->holes = t->params[P_HOLES].u;
  hole_sizes(t->seed, s->size);
  return GCB_OK;
}

static inline bool punch(work *w) {
  if (!w->size) return true;
  uint32_t words = w->size[w->turn++ % SIZES];
  gcb_release(w->m, w->hole);
  return words == 0 || gcb_new_bytes(w->m, w->hole, 8 + 8 * words);
}

/* Give the node in slot `at` two children and those theirs. Uses the slots after it, two a level. */
static bool grow(work *w, gcb_frame f, uint32_t at, uint32_t depth) {
  gcb_mutator *m = w->m;
  gcb_slot node = gcb_at(f, at), right = gcb_at(f, at + 1), left = gcb_at(f, at + 2);
  gcb_poll(m);
  if (!punch(w) || !gcb_new(m, left, w->node)) return false;
  gcb_put(m, node, 0, left);
  if (!punch(w) || !gcb_new(m, right, w->node)) return false;
  gcb_put(m, node, 1, right);
  return depth == 1 || (grow(w, f, at + 2, depth - 1) && grow(w, f, at + 1, depth - 1));
}

/* A tree into slot `at`, from the leaves up. Uses the slots after it, one a level. */
static inline bool join(work *w, gcb_slot at) {
  return punch(w) && gcb_construct(w->m, at, w->node, at);
}
static inline bool make1(work *w, gcb_frame f, uint32_t at) {
  return gcb_new(w->m, gcb_at(f, at), w->node) && gcb_new(w->m, gcb_at(f, at + 1), w->node) &&
         join(w, gcb_at(f, at));
}
static bool make(work *w, gcb_frame f, uint32_t at, uint32_t depth) {
  gcb_poll(w->m);
  if (depth == 2) return make1(w, f, at) && make1(w, f, at + 1) && join(w, gcb_at(f, at));
  return make(w, f, at, depth - 1) && make(w, f, at + 1, depth - 1) && join(w, gcb_at(f, at));
}

/* Nodes of the tree in slot `at`, or 0 if the shape is not what was built or the payload, which nobody has
 * written, is not zero. */
static uint64_t count(gcb_mutator *m, gcb_frame f, uint32_t at, uint32_t depth) {
  gcb_slot node = gcb_at(f, at), child = gcb_at(f, at + 1);
  if (gcb_is_null(m, node) || gcb_read_u64(m, node, 0) != 0) return 0;
  uint64_t nodes = 1;
  gcb_poll(m);
  for (uint32_t i = 0; i < 2; i++) {
    gcb_get(m, child, node, i);
    uint64_t below = depth ? count(m, f, at + 1, depth - 1) : gcb_is_null(m, child);
    if (below == 0) return 0;
    if (depth) nodes += below;
  }
  return nodes;
}

enum { TOP_DOWN, BOTTOM_UP };

/* `trees` trees of one kind; only the last is counted. */
static gcb_status build(work *w, gcb_task *t, gcb_tally *tally, uint32_t kind, uint32_t depth,
                        uint64_t trees) {
  gcb_mutator *m = w->m;
  uint64_t nodes = 0;
  for (uint64_t i = 1; i <= trees; i++) {
    gcb_poll(m);
    gcb_frame f = gcb_enter(m, 2 * depth + 2);
    if (kind == TOP_DOWN ? !gcb_new(m, gcb_at(f, 0), w->node) || !grow(w, f, 0, depth)
                         : !make(w, f, 0, depth))
      return GCB_OOM;
    tally->ops += nodes_of(depth);
    if (i == trees) {
      for (uint32_t k = 1; k < 2 * depth + 2; k++) gcb_clear(m, gcb_at(f, k));
      nodes = count(m, f, 0, depth);
    }
    gcb_release_tree(m, gcb_at(f, 0));
    gcb_leave(m, f);
  }
  tally->checksum = gcb_mix(tally->checksum, trees * nodes);
  if (nodes == nodes_of(depth)) return GCB_OK;
  t->explain(t, "a tree of depth %u, built %s, is not what was built", depth,
             kind == TOP_DOWN ? "top-down" : "bottom-up");
  return GCB_WRONG;
}

/* a[i] = 1.0 / i for the first half, as published: a[0] is infinite. */
static void fill(gcb_mutator *m, gcb_slot array, uint32_t doubles) {
  double block[BLOCK];
  for (uint32_t i = 0, n; i < doubles / 2; i += n) {
    gcb_poll(m);
    n = doubles / 2 - i < BLOCK ? doubles / 2 - i : BLOCK;
    for (uint32_t k = 0; k < n; k++) block[k] = 1.0 / (i + k);
    gcb_write(m, array, 8 * i, block, 8 * n);
  }
}
static bool filled(gcb_mutator *m, gcb_slot array, uint32_t doubles) {
  double block[BLOCK];
  for (uint32_t i = 0, n; i < doubles; i += n) {
    gcb_poll(m);
    n = doubles - i < BLOCK ? doubles - i : BLOCK;
    gcb_read(m, array, 8 * i, block, 8 * n);
    for (uint32_t k = 0; k < n; k++)
      if (block[k] != (i + k < doubles / 2 ? 1.0 / (i + k) : 0.0)) return false;
  }
  return true;
}

static gcb_status iterate(gcb_mutator *m, gcb_task *t, gcb_tally *tally) {
  const state *s = t->state;
  uint32_t deepest = (uint32_t)t->params[P_DEPTH].u, doubles = doubles_of(deepest);
  enum { ARRAY, HOLE, TREE };
  gcb_frame f = gcb_enter(m, TREE + 2 * deepest + 2);
  work w = {.m = m, .node = s->node, .size = s->holes ? s->size : NULL, .hole = gcb_at(f, HOLE)};
  gcb_slot array = gcb_at(f, ARRAY);

  if (!gcb_new(m, gcb_at(f, TREE), w.node) || !grow(&w, f, TREE, deepest)) return GCB_OOM;
  tally->ops += nodes_of(deepest);
  if (!gcb_new_bytes(m, array, 8 * doubles)) return GCB_OOM;
  fill(m, array, doubles);

  for (uint32_t depth = SHALLOWEST; depth <= deepest; depth += 2)
    for (uint32_t kind = TOP_DOWN; kind <= BOTTOM_UP; kind++) {
      gcb_status status = build(&w, t, tally, kind, depth, trees_of(depth, deepest));
      if (status != GCB_OK) return status;
    }

  uint64_t nodes = count(m, f, TREE, deepest);
  if (nodes != nodes_of(deepest) || !filled(m, array, doubles)) {
    t->explain(t, "the long-lived %s is not what was built", nodes != nodes_of(deepest) ? "tree" : "array");
    return GCB_WRONG;
  }
  tally->checksum = gcb_mix(tally->checksum, nodes);
  gcb_release_tree(m, gcb_at(f, TREE));
  gcb_release(m, array);
  gcb_release(m, w.hole);
  gcb_leave(m, f);
  return GCB_OK;
}

GCB_WORKLOAD(
    trees,
    .summary =
        "GCBench of Ellis, Kovac and Boehm: short-lived binary trees beside a long-lived tree and array",
    .op = "one tree node allocated", .params = params, .n_params = N_PARAMS, .state_bytes = sizeof(state),
    .releases = true, .peak_live = peak_live, .live_params = {"depth"}, .allocated = allocated,
    .setup = setup, .iterate = iterate);
