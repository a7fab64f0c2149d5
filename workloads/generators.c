/* generators: pipelines of suspended generators whose frames live on the heap, against materialised lists.
 * What it models: Python's and JavaScript's generators, C#'s iterators and async tasks, Lua's coroutines:
 * each frame is an object that survives many short-lived items, is written to at every step (state, locals,
 * who waits for it), and old frames keep pointing to the newest item. The lists mode is the same computation
 * by list comprehensions: every stage builds its whole result before the next one starts.
 *
 * A server of `pipelines` clients: all pipelines exist at once and are resumed in turn, one item each. A
 * pipeline is a source of `items` boxed values and `stages` stages, in this order and again from the first:
 * map (a new box each), spread (each item yields `fan` boxes, the flat-map), pairs (combines each item with
 * the one before, which its frame holds), fold (`fan` items become one). Resuming is not recursion: an asked
 * generator remembers its asker in its frame, as a Python frame its f_back, and the loop in pull() runs one
 * step of the current generator, which asks, yields, or ends. The link to the asker is cut when it yields, so
 * a suspended pipeline has no cycle.
 *
 * Both modes give the same checksum: the values that come out of each pipeline, in order.
 */
#include <gcbench/mutator.h>

enum { PIPELINES, STAGES, ITEMS, FAN, MODE };
enum { GENERATORS, LISTS };
static const gcb_option params[] = {
    [PIPELINES] = {"pipelines", GCB_UINT, "5000", 1, 1e6, NULL, "pipelines alive at once, over all mutators"},
    [STAGES] = {"stages", GCB_UINT, "4", 1, 64, NULL, "stages of a pipeline behind its source"},
    [ITEMS] = {"items", GCB_UINT, "120", 1, 1e8, NULL, "items that each source yields"},
    [FAN] = {"fan", GCB_UINT, "3", 1, 1000, NULL, "items that `spread` makes of one, and `fold` one of"},
    [MODE] = {"mode", GCB_CHOICE, "generators", 0, 0, "generators|lists", "suspended frames or whole lists"},
};

enum { SOURCE, MAP, SPREAD, PAIRS, FOLD, KINDS }; /* of a generator: stage s is MAP + s % 4 */
enum { FROM, ASKER, HELD, FRAME_REFS }; /* reference slots of a frame: its source, who waits, a local */
/* The payload of a frame. */
typedef struct frame {
  uint32_t kind, stage;
  uint32_t count; /* SOURCE: items left; SPREAD, FOLD: items so far of this round */
  uint32_t unused;
  uint64_t value; /* SOURCE: its random state; FOLD: what it has summed up */
  uint64_t sum;   /* of the last stage: checksum of what came out of the pipeline */
} frame;

/* A boxed item: its value and a word that proves it. */
enum { BOX_PAYLOAD = 16 };
enum { HEAD, TAIL, CELL_REFS }; /* a cell of a list */

typedef struct generators {
  const gcb_shape *frame, *box, *cell;
} generators;

static uint64_t items_after(const gcb_task *t, uint64_t stages) {
  uint64_t n = t->params[ITEMS].u, fan = t->params[FAN].u;
  for (uint64_t s = 0; s < stages; s++)
    n = MAP + s % (KINDS - MAP) == SPREAD ? n * fan : MAP + s % (KINDS - MAP) == FOLD ? n / fan : n;
  return n;
}
static uint64_t peak_live(const gcb_task *t) {
  uint64_t pipelines = t->params[PIPELINES].u, stages = t->params[STAGES].u;
  uint64_t box = gcb_size_of(gcb_geometry_fixed(0, BOX_PAYLOAD));
  uint64_t cell = gcb_size_of(gcb_geometry_fixed(CELL_REFS, 0)) + box;
  uint64_t tables = t->mutators * 16 + 8 * pipelines, most = 0;
  if (t->params[MODE].u == GENERATORS) {
    /* What suspended frames hold: pairs one item, spread one unless a fold behind it keeps step with it. */
    uint64_t holding = 0;
    for (uint64_t s = 0; s < stages; s++) {
      uint64_t kind = MAP + s % (KINDS - MAP);
      holding += kind == PAIRS || (kind == SPREAD && s + FOLD - SPREAD >= stages && t->params[FAN].u > 1);
    }
    uint64_t frames = (stages + 1) * gcb_size_of(gcb_geometry_fixed(FRAME_REFS, sizeof(frame)));
    return tables + pipelines * (frames + holding * box) + t->mutators * (stages + 4) * box;
  }
  /* The lists of one stage are replaced one by one; a mutator has one pipeline's lists of both stages. */
  for (uint64_t s = 0; s < stages; s++) {
    uint64_t here = items_after(t, s), next = items_after(t, s + 1);
    uint64_t before = pipelines * here + t->mutators * next, after = pipelines * next + t->mutators * here;
    if (before > most) most = before;
    if (after > most) most = after;
  }
  return tables + (most + t->mutators * 2) * cell;
}

static double allocated(const gcb_task *t) {
  double box = (double)gcb_size_of(gcb_geometry_fixed(0, BOX_PAYLOAD)), boxes = 0, own;
  uint64_t stages = t->params[STAGES].u;
  for (uint64_t s = 0; s <= stages; s++) boxes += (double)items_after(t, s);
  if (t->params[MODE].u == GENERATORS)
    own = (double)(stages + 1) * (double)gcb_size_of(gcb_geometry_fixed(FRAME_REFS, sizeof(frame)));
  else
    own = boxes * (double)gcb_size_of(gcb_geometry_fixed(CELL_REFS, 0));
  return (double)t->params[PIPELINES].u * (8 + own + boxes * box);
}

static gcb_status setup(gcb_mutator *m, gcb_task *t) {
  generators *w = t->state;
  w->frame = gcb_shape_new(m, "generators.frame", FRAME_REFS, sizeof(frame));
  w->box = gcb_shape_new(m, "generators.box", 0, BOX_PAYLOAD);
  w->cell = gcb_shape_new(m, "generators.cell", CELL_REFS, 0);
  uint64_t worst = 0;
  for (uint64_t s = 0; s <= t->params[STAGES].u; s++)
    worst = items_after(t, s) > worst ? items_after(t, s) : worst;
  if (worst < UINT32_MAX) return GCB_OK;
  t->explain(t, "a pipeline of %llu items in one stage is too long: reduce items or fan",
             (unsigned long long)worst);
  return GCB_FAILED;
}

/* ---- items: what the stages compute, the same in both modes ---- */
static uint64_t proof(uint64_t value) {
  return ~value * 3;
}
static bool box(gcb_mutator *m, const gcb_task *t, gcb_slot dst, uint64_t value) {
  const generators *w = t->state;
  uint64_t payload[2] = {value, proof(value)};
  if (!gcb_new(m, dst, w->box)) return false;
  gcb_write(m, dst, 0, payload, sizeof payload);
  return true;
}
static bool unbox(gcb_mutator *m, gcb_slot item, uint64_t *value) {
  uint64_t payload[2];
  gcb_read(m, item, 0, payload, sizeof payload);
  *value = payload[0];
  return payload[1] == proof(payload[0]);
}
static gcb_status damaged(gcb_task *t) {
  t->explain(t, "an item is not what was put into its box");
  return GCB_WRONG;
}
static uint64_t source_state(const gcb_task *t, uint64_t pipeline) {
  return gcb_mix(t->seed, pipeline);
}
static uint64_t mapped(uint64_t value, uint32_t stage) {
  return (value ^ stage) * 0x2545f4914f6cdd1du + 1;
}
static uint64_t spread(uint64_t value, uint32_t i) {
  return value + ((uint64_t)i << 40) + i;
}
static uint64_t paired(uint64_t before, uint64_t value) {
  return (before << 7 | before >> 57) + value;
}
static uint64_t folded(uint64_t sum, uint64_t value) {
  return (sum << 1 | sum >> 63) ^ value;
}

/* ---- generators ---- */
/* Slots of a mutator's frame. */
enum { PIPELINE, CURRENT, NEXT, ITEM, NIL, BEFORE, TOP, LIST, FIRST, LAST, CELL, SLOTS };
typedef enum outcome { ASKS, YIELDS, ENDS, NO_MEMORY, DAMAGE } outcome;

/* One step of the current generator. `arrived`: ITEM is an item from its source, which it had asked for. */
static outcome source_step(gcb_mutator *m, gcb_task *t, gcb_frame f, frame *g) {
  if (!g->count) return ENDS;
  g->count--;
  return box(m, t, gcb_at(f, ITEM), gcb_splitmix64(&g->value)) ? YIELDS : NO_MEMORY;
}
static outcome map_step(gcb_mutator *m, gcb_task *t, gcb_frame f, frame *g, bool arrived) {
  uint64_t value;
  if (!arrived) return ASKS;
  if (!unbox(m, gcb_at(f, ITEM), &value)) return DAMAGE;
  gcb_release(m, gcb_at(f, ITEM));
  return box(m, t, gcb_at(f, ITEM), mapped(value, g->stage)) ? YIELDS : NO_MEMORY;
}
static outcome spread_step(gcb_mutator *m, gcb_task *t, gcb_frame f, frame *g, bool arrived) {
  gcb_slot self = gcb_at(f, CURRENT), item = gcb_at(f, ITEM);
  uint64_t value;
  if (arrived)
    gcb_put(m, self, HELD, item);
  else if (!g->count)
    return ASKS;
  else
    gcb_get(m, item, self, HELD);
  if (!unbox(m, item, &value)) return DAMAGE;
  uint32_t i = g->count++;
  if (g->count == t->params[FAN].u) {
    g->count = 0;
    gcb_put_null(m, self, HELD);
    gcb_release(m, item);
  }
  return box(m, t, item, spread(value, i)) ? YIELDS : NO_MEMORY;
}
static outcome pairs_step(gcb_mutator *m, gcb_task *t, gcb_frame f, bool arrived) {
  gcb_slot self = gcb_at(f, CURRENT), item = gcb_at(f, ITEM), before = gcb_at(f, BEFORE);
  uint64_t value, last;
  if (!arrived) return ASKS;
  if (!unbox(m, item, &value)) return DAMAGE;
  last = value;
  gcb_get(m, before, self, HELD);
  if (!gcb_is_null(m, before) && !unbox(m, before, &last)) return DAMAGE;
  gcb_put(m, self, HELD, item);
  gcb_release(m, before);
  return box(m, t, item, paired(last, value)) ? YIELDS : NO_MEMORY;
}
static outcome fold_step(gcb_mutator *m, gcb_task *t, gcb_frame f, frame *g, bool arrived) {
  uint64_t value;
  if (!arrived) return ASKS;
  if (!unbox(m, gcb_at(f, ITEM), &value)) return DAMAGE;
  gcb_release(m, gcb_at(f, ITEM));
  g->value = folded(g->value, value);
  if (++g->count < t->params[FAN].u) return ASKS;
  value = g->value;
  g->count = 0;
  g->value = 0;
  return box(m, t, gcb_at(f, ITEM), value) ? YIELDS : NO_MEMORY;
}

static outcome resume(gcb_mutator *m, gcb_task *t, gcb_frame f, frame *g, bool arrived) {
  switch (g->kind) {
  case SOURCE:
    return source_step(m, t, f, g);
  case MAP:
    return map_step(m, t, f, g, arrived);
  case SPREAD:
    return spread_step(m, t, f, g, arrived);
  case PAIRS:
    return pairs_step(m, t, f, arrived);
  case FOLD:
    return fold_step(m, t, f, g, arrived);
  default:
    return DAMAGE;
  }
}
/* Resume the generator in TOP until an item comes out into ITEM; ITEM is null when the pipeline has ended.
 * Every stage ends with its source, so an end goes all the way up. */
static gcb_status pull(gcb_mutator *m, gcb_task *t, gcb_frame f) {
  gcb_slot self = gcb_at(f, CURRENT), next = gcb_at(f, NEXT);
  outcome o = ASKS;
  gcb_move(m, self, gcb_at(f, TOP));
  gcb_clear(m, gcb_at(f, ITEM));
  for (;;) {
    gcb_poll(m);
    if (o != ENDS) {
      frame g;
      gcb_read(m, self, 0, &g, sizeof g);
      o = resume(m, t, f, &g, o == YIELDS);
      gcb_write(m, self, 0, &g, sizeof g);
    }
    switch (o) {
    case NO_MEMORY:
      return GCB_OOM;
    case DAMAGE:
      return damaged(t);
    case ASKS:
      gcb_get(m, next, self, FROM);
      gcb_put(m, next, ASKER, self);
      break;
    case YIELDS:
    case ENDS:
      gcb_get(m, next, self, ASKER);
      if (gcb_is_null(m, next)) return GCB_OK;
      gcb_put_null(m, self, ASKER);
      break;
    }
    gcb_move(m, self, next);
  }
}

/* A new pipeline, nothing computed yet, into TOP. */
static bool start(gcb_mutator *m, gcb_task *t, gcb_frame f, uint64_t pipeline) {
  const generators *w = t->state;
  gcb_slot self = gcb_at(f, CURRENT), below = gcb_at(f, TOP);
  frame g = {.kind = SOURCE, .count = (uint32_t)t->params[ITEMS].u, .value = source_state(t, pipeline)};
  gcb_clear(m, below);
  for (uint32_t stage = 0; stage <= t->params[STAGES].u; stage++) {
    if (!gcb_new(m, self, w->frame)) return false;
    if (!gcb_is_null(m, below)) gcb_init(m, self, FROM, below);
    gcb_write(m, self, 0, &g, sizeof g);
    gcb_move(m, below, self);
    g = (frame){.kind = MAP + stage % (KINDS - MAP), .stage = stage};
  }
  return true;
}
static void dispose(gcb_mutator *m, gcb_frame f) {
  gcb_slot self = gcb_at(f, TOP), next = gcb_at(f, NEXT), held = gcb_at(f, BEFORE);
  gcb_clear(m, gcb_at(f, CURRENT));
  while (!gcb_is_null(m, self)) {
    gcb_get(m, next, self, FROM);
    gcb_get(m, held, self, HELD);
    gcb_release(m, held);
    gcb_release(m, self);
    gcb_move(m, self, next);
  }
}
/* The server: one item of every pipeline in turn, until the last has ended. */
static gcb_status serve(gcb_mutator *m, gcb_task *t, gcb_frame f, uint64_t first, uint32_t n, uint64_t *sum) {
  gcb_slot table = gcb_at(f, PIPELINE), top = gcb_at(f, TOP), item = gcb_at(f, ITEM);
  for (uint32_t i = 0; i < n; i++) {
    gcb_poll(m);
    if (!start(m, t, f, first + i)) return GCB_OOM;
    gcb_put(m, table, i, top);
  }
  for (uint32_t running = n; running;) {
    for (uint32_t i = 0; i < n; i++) {
      gcb_get(m, top, table, i);
      if (gcb_is_null(m, top)) continue;
      gcb_status status = pull(m, t, f);
      if (status != GCB_OK) return status;
      uint64_t value, so_far = gcb_read_u64(m, top, offsetof(frame, sum));
      if (!gcb_is_null(m, item)) {
        if (!unbox(m, item, &value)) return damaged(t);
        gcb_write_u64(m, top, offsetof(frame, sum), gcb_mix(so_far, value));
        gcb_release(m, item);
      } else {
        *sum += so_far;
        gcb_put_null(m, table, i);
        dispose(m, f);
        running--;
      }
    }
  }
  return GCB_OK;
}

/* ---- lists ---- */
/* Append ITEM to the list from FIRST to LAST. NIL is null, and follows ITEM. */
static bool append(gcb_mutator *m, gcb_task *t, gcb_frame f) {
  const generators *w = t->state;
  gcb_slot cell = gcb_at(f, CELL), last = gcb_at(f, LAST);
  if (!gcb_construct(m, cell, w->cell, gcb_at(f, ITEM))) return false;
  if (gcb_is_null(m, last))
    gcb_move(m, gcb_at(f, FIRST), cell);
  else
    gcb_put(m, last, TAIL, cell);
  gcb_move(m, last, cell);
  return true;
}
static bool append_value(gcb_mutator *m, gcb_task *t, gcb_frame f, uint64_t value) {
  return box(m, t, gcb_at(f, ITEM), value) && append(m, t, f);
}
static bool source_list(gcb_mutator *m, gcb_task *t, gcb_frame f, uint64_t pipeline) {
  uint64_t state = source_state(t, pipeline);
  for (uint64_t i = t->params[ITEMS].u; i-- > 0;) {
    gcb_poll(m);
    if (!append_value(m, t, f, gcb_splitmix64(&state))) return false;
  }
  return true;
}
/* What one stage makes of the list in LIST. */
static gcb_status stage_list(gcb_mutator *m, gcb_task *t, gcb_frame f, uint32_t stage) {
  gcb_slot list = gcb_at(f, LIST), item = gcb_at(f, BEFORE);
  uint32_t kind = MAP + stage % (KINDS - MAP), fan = (uint32_t)t->params[FAN].u, count = 0;
  uint64_t value, last = 0, sum = 0;
  bool first = true, ok = true;
  for (; ok && !gcb_is_null(m, list); gcb_get(m, list, list, TAIL)) {
    gcb_poll(m);
    gcb_get(m, item, list, HEAD);
    if (!unbox(m, item, &value)) return damaged(t);
    switch (kind) {
    case MAP:
      ok = append_value(m, t, f, mapped(value, stage));
      break;
    case SPREAD:
      for (uint32_t i = 0; ok && i < fan; i++) ok = append_value(m, t, f, spread(value, i));
      break;
    case PAIRS:
      ok = append_value(m, t, f, paired(first ? value : last, value));
      last = value;
      break;
    default:
      sum = folded(sum, value);
      if (++count < fan) break;
      ok = append_value(m, t, f, sum);
      count = 0;
      sum = 0;
    }
    first = false;
  }
  return ok ? GCB_OK : GCB_OOM;
}
static gcb_status sum_list(gcb_mutator *m, gcb_task *t, gcb_frame f, uint64_t *sum) {
  gcb_slot list = gcb_at(f, LIST), item = gcb_at(f, BEFORE);
  uint64_t value, so_far = 0;
  for (; !gcb_is_null(m, list); gcb_get(m, list, list, TAIL)) {
    gcb_poll(m);
    gcb_get(m, item, list, HEAD);
    if (!unbox(m, item, &value)) return damaged(t);
    so_far = gcb_mix(so_far, value);
  }
  *sum += so_far;
  return GCB_OK;
}
static gcb_status materialise(gcb_mutator *m, gcb_task *t, gcb_frame f, uint64_t first, uint32_t n,
                              uint64_t *sum) {
  gcb_slot table = gcb_at(f, PIPELINE);
  uint32_t stages = (uint32_t)t->params[STAGES].u;
  for (uint32_t round = 0; round <= stages + 1; round++)
    for (uint32_t i = 0; i < n; i++) {
      gcb_status status = GCB_OK;
      gcb_get(m, gcb_at(f, LIST), table, i);
      if (round == 0)
        status = source_list(m, t, f, first + i) ? GCB_OK : GCB_OOM;
      else if (round <= stages)
        status = stage_list(m, t, f, round - 1);
      else
        status = sum_list(m, t, f, sum);
      if (status != GCB_OK) return status;
      gcb_get(m, gcb_at(f, LIST), table, i);
      gcb_put(m, table, i, gcb_at(f, FIRST));
      gcb_release_tree(m, gcb_at(f, LIST));
      for (uint32_t s = ITEM; s < SLOTS; s++) gcb_clear(m, gcb_at(f, s));
    }
  return GCB_OK;
}

static gcb_status iterate(gcb_mutator *m, gcb_task *t, gcb_tally *tally) {
  uint64_t pipelines = t->params[PIPELINES].u, first = pipelines * m->id / t->mutators, sum = 0;
  uint32_t n = (uint32_t)(pipelines * (m->id + 1) / t->mutators - first);
  gcb_frame f = gcb_enter(m, SLOTS);
  if (!gcb_new_array(m, gcb_at(f, PIPELINE), n)) return GCB_OOM;
  gcb_status status =
      t->params[MODE].u == GENERATORS ? serve(m, t, f, first, n, &sum) : materialise(m, t, f, first, n, &sum);
  if (status != GCB_OK) return status;
  for (uint64_t s = 0; s <= t->params[STAGES].u; s++) tally->ops += n * items_after(t, s);
  tally->checksum = sum;
  gcb_release(m, gcb_at(f, PIPELINE));
  gcb_leave(m, f);
  return GCB_OK;
}

GCB_WORKLOAD(generators, .summary = "pipelines of suspended generators, against materialised lists",
             .op = "one item yielded by a source or a stage", .params = params,
             .n_params = sizeof params / sizeof *params, .state_bytes = sizeof(generators), .releases = true,
             .peak_live = peak_live, .live_params = {"pipelines"}, .work_param = "items",
             .allocated = allocated, .setup = setup, .iterate = iterate);
