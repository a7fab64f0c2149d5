/* quads: a long-lived tree of arity 4 and short-lived ones beside it.
 *
 * In-memory databases, spatial indexes and large caches behave so: a big live set that does not change, and
 * small results that die at once. A collector that traces everything pays for the live tree again and again,
 * however little there is to free; a generational one should not notice it. The shapes and sizes are those of
 * the Whippet collector's benchmark of this name: nodes of four references and nothing else, 1,398,101 of
 * them or 55.9 MB in the long-lived tree of depth 10, 85 in each short-lived one.
 *
 * The long-lived tree is built once, before anything is timed, and belongs to all mutators, who only read it.
 * Several times in an iteration every mutator walks it; of its own short-lived trees it walks one in 64.
 */
#include <gcbench/mutator.h>

enum { P_DEPTH, P_YOUNG, P_TREES, P_WALKS, N_PARAMS };
enum { ARITY = 4, KEPT = 0 /* the global */, SAMPLE = 64 };

static const gcb_option params[N_PARAMS] = {
    [P_DEPTH] = {"depth", GCB_UINT, "10", 1, 13, NULL, "depth of the long-lived tree"},
    [P_YOUNG] = {"young", GCB_UINT, "3", 1, 10, NULL, "depth of the short-lived trees"},
    [P_TREES] = {"trees", GCB_UINT, "250000", 1, 1e9, NULL,
                 "short-lived trees that each mutator builds in an iteration"},
    [P_WALKS] = {"walks", GCB_UINT, "4", 1, 1000, NULL,
                 "walks over the long-lived tree in an iteration, evenly spread"},
};

typedef struct state {
  const gcb_shape *quad;
} state;

static uint64_t nodes_of(uint32_t depth) {
  return ((1ull << (2 * depth + 2)) - 1) / 3;
}
/* Frame slots for a tree of this depth: each level holds up to four finished subtrees. */
static uint32_t slots_of(uint32_t depth) {
  return (ARITY - 1) * depth + ARITY;
}

/* The long-lived tree and one short-lived tree of each mutator. */
static uint64_t peak_live(const gcb_task *t) {
  uint64_t nodes =
      nodes_of((uint32_t)t->params[P_DEPTH].u) + t->mutators * nodes_of((uint32_t)t->params[P_YOUNG].u);
  return nodes * gcb_size_of(gcb_geometry_fixed(ARITY, 0));
}

static double allocated(const gcb_task *t) {
  double trees = (double)t->params[P_TREES].u * (double)nodes_of((uint32_t)t->params[P_YOUNG].u);
  return t->mutators * trees * (double)gcb_size_of(gcb_geometry_fixed(ARITY, 0));
}

/* A tree into slot `at`, from the leaves up; uses the slots after it. */
static bool make(gcb_mutator *m, const gcb_shape *quad, gcb_frame f, uint32_t at, uint32_t depth) {
  gcb_poll(m);
  for (uint32_t i = 0; i < ARITY; i++)
    if (depth == 1 ? !gcb_new(m, gcb_at(f, at + i), quad) : !make(m, quad, f, at + i, depth - 1))
      return false;
  return gcb_construct(m, gcb_at(f, at), quad, gcb_at(f, at));
}

/* Nodes of the tree in slot `node`, or 0 if it has not the shape that was built; `child` and the slots after
 * it are used. */
static uint64_t count(gcb_mutator *m, gcb_frame f, gcb_slot node, uint32_t child, uint32_t depth) {
  if (gcb_is_null(m, node)) return 0;
  uint64_t nodes = 1;
  gcb_poll(m);
  for (uint32_t i = 0; i < ARITY; i++) {
    gcb_get(m, gcb_at(f, child), node, i);
    uint64_t below =
        depth ? count(m, f, gcb_at(f, child), child + 1, depth - 1) : gcb_is_null(m, gcb_at(f, child));
    if (below == 0) return 0;
    if (depth) nodes += below;
  }
  return nodes;
}

static gcb_status setup(gcb_mutator *m, gcb_task *t) {
  state *s = t->state;
  uint32_t depth = (uint32_t)t->params[P_DEPTH].u;
  s->quad = gcb_shape_new(m, "quad", ARITY, 0);
  gcb_frame f = gcb_enter(m, slots_of(depth));
  if (!make(m, s->quad, f, 0, depth)) return GCB_OOM;
  gcb_move(m, gcb_global(m, KEPT), gcb_at(f, 0));
  gcb_leave(m, f);
  return GCB_OK;
}

static gcb_status verify(gcb_mutator *m, gcb_task *t, gcb_slot root, uint32_t depth, gcb_tally *tally) {
  gcb_frame f = gcb_enter(m, depth + 1);
  uint64_t nodes = count(m, f, root, 0, depth);
  gcb_leave(m, f);
  tally->checksum = gcb_mix(tally->checksum, nodes);
  if (nodes == nodes_of(depth)) return GCB_OK;
  t->explain(t, "a tree of depth %u has not the %llu nodes that were built", depth,
             (unsigned long long)nodes_of(depth));
  return GCB_WRONG;
}

static gcb_status iterate(gcb_mutator *m, gcb_task *t, gcb_tally *tally) {
  const state *s = t->state;
  uint32_t depth = (uint32_t)t->params[P_DEPTH].u, young = (uint32_t)t->params[P_YOUNG].u;
  uint64_t trees = t->params[P_TREES].u, walks = t->params[P_WALKS].u, walked = 0;
  gcb_status status = GCB_OK;
  for (uint64_t i = 0; i < trees; i++) {
    gcb_poll(m);
    gcb_frame f = gcb_enter(m, slots_of(young));
    if (!make(m, s->quad, f, 0, young)) return GCB_OOM;
    tally->ops += nodes_of(young);
    if (i % SAMPLE == 0 && (status = verify(m, t, gcb_at(f, 0), young, tally)) != GCB_OK) return status;
    gcb_release_tree(m, gcb_at(f, 0));
    gcb_leave(m, f);
    for (; walked < (i + 1) * walks / trees; walked++)
      if ((status = verify(m, t, gcb_global(m, KEPT), depth, tally)) != GCB_OK) return status;
  }
  return GCB_OK;
}

GCB_WORKLOAD(quads,
             .summary = "short-lived trees of arity 4 beside a long-lived one of 55.9 MB that is only read",
             .op = "one tree node allocated", .params = params, .n_params = N_PARAMS,
             .state_bytes = sizeof(state), .releases = true, .peak_live = peak_live, .live_params = {"depth"},
             .work_param = "trees", .allocated = allocated, .setup = setup, .iterate = iterate);
