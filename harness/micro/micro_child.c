/* The child process of gcbench micro: registers every kernel that there is with Google Benchmark, in the
 * collector's inline copy and in the call copy, and lets it run them. */
#include "measure/gbench_driver.h"
#include "micro/micro.h"
#include "results/model/clean.h"
#include "runtime/enum_names.h"
#include <stdio.h>
#include <stdlib.h>

enum { BATCH = 1024 };

static const gcb_gbench *library;

/* One kernel in one copy: the context of its case. */
typedef struct entry {
  gcb_stage *s;
  const gcb_kernel *k;
} entry;

/* The library's clock behind a kernel's loop. */
typedef struct timed {
  gcb_loop loop; /* first */
  gcb_gbench_state *state;
  uint64_t batch;
  uint64_t things;
} timed;

static uint64_t more(gcb_loop *l) {
  timed *t = (timed *)l;
  return library->more(t->state, t->batch) ? t->batch : 0;
}
static void spent(gcb_loop *l, uint64_t ns) {
  library->time(((timed *)l)->state, (double)ns / 1e9);
}
static void handled(gcb_loop *l, uint64_t things) {
  ((timed *)l)->things += things;
}

static uint64_t batch_of(const gcb_kernel *k) {
  /* A large object is slow enough for a batch of its own, and fewer of them fill a small heap. */
  return k->clocked || k->by_hand ? 1 : k->bytes >= 4096 ? 16 : BATCH;
}

static void run(gcb_gbench_state *state, void *context) {
  const entry *e = context;
  const gcb_kernel *k = e->k;
  timed t = {.loop = {more, spent, handled}, .state = state, .batch = batch_of(k)};
  char why[300];
  const char *lacks = gcb_stage_lacks(e->s, k);
  if (lacks) {
    snprintf(why, sizeof why, "the collector does not declare '%s'", lacks);
    library->skip_case(state, why);
    return;
  }
  gcb_status status = gcb_stage_kernel(e->s, k, &t.loop);
  if (status != GCB_OK) {
    (status == GCB_UNSUPPORTED ? library->skip_case : library->fail_case)(state, e->s->why);
    return;
  }
  uint64_t n = library->operations(state);
  uint64_t items = t.things ? t.things : n * (k->items ? k->items : 1);
  library->items(state, items);
  if (k->bytes && !k->clocked) library->bytes(state, n * k->bytes);
  if (k->items) library->time_per(state, "per_item", k->items);
  if (!t.things || !n) return;
  library->average(state, "survivors", (double)t.things);
  library->time_per(state, "per_survivor", (double)t.things / (double)n);
}

/* What never gives memory back can only do so many operations in its heap: an equal share for each kernel. */
static uint64_t iterations_of(const gcb_stage *s, const gcb_kernel *k, uint64_t shares) {
  if (k->baseline || !k->bytes || s->in.heap.collector->capabilities & GCB_CAP(RECLAIMS)) return 0;
  uint64_t share = s->in.heap.limit / 2 / shares / k->bytes, batch = batch_of(k);
  return share > batch ? share / batch * batch : batch;
}

static void register_table(gcb_stage *s, const gcb_kernel_table *table, const char *ending, entry **next,
                           uint64_t shares) {
  char name[300];
  for (uint32_t i = 0; table && i < table->n; i++) {
    const gcb_kernel *k = table->at + i;
    *(*next) = (entry){s, k};
    snprintf(name, sizeof name, "%s%s", k->name, ending);
    library->register_case(&(gcb_gbench_case){name, run, (*next)++, k->clocked, iterations_of(s, k, shares)});
  }
}

static json_t *answer(gcb_status status, const char *why) {
  return json_pack("{s:s, s:o}", "status", gcb_status_word(status), "reason", gcb_clean_string(why));
}

json_t *gcb_micro_child(const json_t *spec) {
  gcb_stage *s = calloc(1, sizeof *s);
  if (!s) return NULL;
  library = gcb_gbench_load(s->why, sizeof s->why);
  if (!library) return answer(GCB_UNSUPPORTED, s->why);
  if (!gcb_stage_open(s, spec)) return answer(GCB_FAILED, s->why);
  const char *name = json_string_value(json_object_get(spec, "name"));
  bool inlined = name && s->path != s->calls;
  bool call = name && (!inlined || json_is_true(json_object_get(spec, "call")));
  uint64_t repetitions = (uint64_t)json_integer_value(json_object_get(spec, "repetitions"));
  uint64_t all = s->calls->kernels->n + s->calls->baselines->n;
  entry *entries = calloc(2 * all, sizeof *entries), *next = entries;
  char ending[200];
  if (!entries) return answer(GCB_FAILED, "no memory");
  if (!name) register_table(s, s->calls->baselines, "", &next, 1);
  snprintf(ending, sizeof ending, "/%s", name);
  if (inlined) register_table(s, s->path->kernels, ending, &next, 2 * all * repetitions);
  snprintf(ending, sizeof ending, "/%s:call", name);
  if (call) register_table(s, s->calls->kernels, ending, &next, 2 * all * repetitions);
  gcb_gbench_options options = {
      .filter = json_string_value(json_object_get(spec, "filter")),
      .min_time = json_string_value(json_object_get(spec, "min_time")),
      .repetitions = repetitions,
      .interleave = json_is_true(json_object_get(spec, "interleave")),
      .list = json_is_true(json_object_get(spec, "list")),
  };
  gcb_gbench_report report;
  if (!library->run(&options, &report)) return answer(GCB_FAILED, "no memory");
  return json_pack("{s:s, s:n, s:I, s:I, s:s, s:s, s:s, s:s}", "status", "ok", "reason", "cases",
                   (json_int_t)report.cases, "failed", (json_int_t)report.failed, "table", report.table,
                   "warnings", report.warnings, "skipped", report.skipped, "json", report.json);
}
