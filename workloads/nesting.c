/* nesting: deep and wide nested structures, built, walked and dropped at once.
 *
 * Parsers, interpreters and functional programs behave so: nested lists, syntax trees, lazy streams and undo
 * histories become chains as long as the input, and one assignment drops all of it. A collector that recurses
 * overflows its stack, one that marks depth-first needs a mark stack as long as the chain (or none, a chain
 * has one branch), a parallel one finds no second thread's work, and reference counting stops for the whole
 * cascade of deaths.
 *
 * A structure has `depth` levels. A level is a node of `width` references: the first to the level inside it,
 * the others to leaves. Built from the inside out (each new node constructed around the old structure), or by
 * appending at the innermost end (each new node stored into an older one, with a barrier). As the control,
 * the flat form holds the same nodes and leaves side by side in one array.
 */
#include <gcbench/mutator.h>

enum { FORM_DEEP, FORM_APPENDED, FORM_FLAT };
enum { P_DEPTH, P_WIDTH, P_FORM, P_LEVELS, N_PARAMS };
enum { PAYLOAD = 8 };

static const gcb_option params[N_PARAMS] = {
    [P_DEPTH] = {"depth", GCB_UINT, "100000", 1, 1e8, NULL, "levels of a structure"},
    [P_WIDTH] = {"width", GCB_UINT, "2", 1, 4096, NULL,
                 "references of each level: one to the level inside it, the others to leaves"},
    [P_FORM] = {"form", GCB_CHOICE, "deep", 0, 0, "deep|appended|flat",
                "deep: linked, wrapped from the inside out; appended: linked, grown at the innermost end; "
                "flat: the same objects in one array"},
    [P_LEVELS] = {"levels", GCB_UINT, "8000000", 1, 1e12, NULL,
                  "levels that each mutator builds in an iteration: levels / depth structures, at least one"},
};

typedef struct state {
  const gcb_shape *level, *leaf;
} state;

/* The structure under way in its frame slots, and what it is made of. */
typedef struct work {
  gcb_mutator *m;
  const state *s;
  gcb_frame f;
  gcb_slot whole, node, tail; /* head of the chain, or the array; a level; the innermost level */
  uint32_t depth, width;
  uint64_t form, seed;
} work;
enum { WHOLE, NODE, TAIL, LEAF, INSIDE }; /* INSIDE and the width - 1 slots after it fill a level */

/* One structure at a time, complete before it is walked, dropped before the next begins. */
static uint64_t peak_live(const gcb_task *t) {
  uint64_t depth = t->params[P_DEPTH].u, width = t->params[P_WIDTH].u;
  uint64_t level = gcb_size_of(gcb_geometry_fixed((uint32_t)width, PAYLOAD)) +
                   (width - 1) * gcb_size_of(gcb_geometry_fixed(0, PAYLOAD));
  uint64_t array = t->params[P_FORM].u == FORM_FLAT ? 8 + 8 * depth : 0;
  return t->mutators * (depth * level + array);
}

static double allocated(const gcb_task *t) {
  uint64_t structures = t->params[P_LEVELS].u / t->params[P_DEPTH].u;
  return (double)peak_live(t) * (double)(structures ? structures : 1);
}

static gcb_status setup(gcb_mutator *m, gcb_task *t) {
  state *s = t->state;
  s->level = gcb_shape_new(m, "level", (uint32_t)t->params[P_WIDTH].u, PAYLOAD);
  s->leaf = gcb_shape_new(m, "leaf", 0, PAYLOAD);
  return GCB_OK;
}

/* What level i holds, and its leaf k with k added. */
static inline uint64_t value_of(const work *w, uint32_t i) {
  return (w->seed + i) * 0x9e3779b97f4a7c15u;
}

static bool build(const work *w) {
  gcb_mutator *m = w->m;
  gcb_slot inside = gcb_at(w->f, INSIDE), made = w->form == FORM_DEEP ? inside : w->node;
  if (w->form == FORM_FLAT && !gcb_new_array(m, w->whole, w->depth)) return false;
  for (uint32_t i = 0; i < w->depth; i++) {
    gcb_poll(m);
    uint64_t value = value_of(w, i);
    for (uint32_t k = 1; k < w->width; k++) {
      gcb_slot leaf = gcb_at(w->f, INSIDE + k);
      if (!gcb_new(m, leaf, w->s->leaf)) return false;
      gcb_write_u64(m, leaf, 0, value + k);
    }
    if (!gcb_construct(m, made, w->s->level, inside)) return false;
    gcb_write_u64(m, made, 0, value);
    if (w->form == FORM_FLAT) {
      gcb_put(m, w->whole, i, made);
    } else if (w->form == FORM_APPENDED) {
      if (i)
        gcb_put(m, w->tail, 0, made);
      else
        gcb_move(m, w->whole, made);
      gcb_move(m, w->tail, made);
    }
  }
  if (w->form == FORM_DEEP) gcb_move(m, w->whole, inside);
  return true;
}

/* Level i, in slot node, holds what was stored. */
static inline bool level_is(const work *w, uint32_t i) {
  gcb_mutator *m = w->m;
  gcb_slot leaf = gcb_at(w->f, LEAF);
  uint64_t value = value_of(w, i);
  if (gcb_is_null(m, w->node) || gcb_read_u64(m, w->node, 0) != value) return false;
  for (uint32_t k = 1; k < w->width; k++) {
    gcb_get(m, leaf, w->node, k);
    if (gcb_is_null(m, leaf) || gcb_read_u64(m, leaf, 0) != value + k) return false;
  }
  return true;
}

static gcb_status walk(const work *w, gcb_task *t, uint64_t *sum) {
  gcb_mutator *m = w->m;
  gcb_move(m, w->node, w->whole);
  for (uint32_t n = 0; n < w->depth; n++) {
    gcb_poll(m);
    uint32_t i = w->form == FORM_DEEP ? w->depth - 1 - n : n;
    if (w->form == FORM_FLAT) gcb_get(m, w->node, w->whole, n);
    if (!level_is(w, i)) {
      t->explain(t, "level %u of %u, counted from where the walk began, does not hold what was stored there",
                 n, w->depth);
      return GCB_WRONG;
    }
    *sum = gcb_mix(*sum, gcb_read_u64(m, w->node, 0) + w->width);
    if (w->form != FORM_FLAT) gcb_get(m, w->node, w->node, 0);
  }
  if (w->form != FORM_FLAT && !gcb_is_null(m, w->node)) {
    t->explain(t, "the structure goes on after its last level, %u", w->depth);
    return GCB_WRONG;
  }
  return GCB_OK;
}

static gcb_status iterate(gcb_mutator *m, gcb_task *t, gcb_tally *tally) {
  uint32_t width = (uint32_t)t->params[P_WIDTH].u, depth = (uint32_t)t->params[P_DEPTH].u;
  uint32_t slots = INSIDE + width;
  uint64_t structures = t->params[P_LEVELS].u / depth;
  gcb_frame f = gcb_enter(m, slots);
  work w = {.m = m, .s = t->state, .f = f, .depth = depth, .width = width, .form = t->params[P_FORM].u};
  w.whole = gcb_at(f, WHOLE), w.node = gcb_at(f, NODE), w.tail = gcb_at(f, TAIL);
  w.seed = gcb_mix(t->seed, m->id);
  do {
    gcb_poll(m);
    if (!build(&w)) return GCB_OOM;
    for (uint32_t i = NODE; i < slots; i++) gcb_clear(m, gcb_at(f, i));
    gcb_status status = walk(&w, t, &tally->checksum);
    if (status != GCB_OK) return status;
    gcb_clear(m, gcb_at(f, LEAF));
    gcb_clear(m, w.node);
    gcb_release_tree(m, w.whole); /* all of it dies here */
    tally->ops += depth;
  } while (structures-- > 1);
  gcb_leave(m, f);
  return GCB_OK;
}

GCB_WORKLOAD(
    nesting,
    .summary = "deep and wide nested structures built, walked and dropped at once; deep against flat",
    .op = "one level built, with its leaves", .params = params, .n_params = N_PARAMS,
    .state_bytes = sizeof(state), .releases = true, .peak_live = peak_live, .live_params = {"depth"},
    .work_param = "levels", .allocated = allocated, .setup = setup, .iterate = iterate);
