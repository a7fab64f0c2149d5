/* template: a queue of records, each with one part of its own.
 *
 * What it stands for: say here which programs behave so, and what a collector must do well to serve them.
 * Each mutator keeps `live` records in an array; an operation makes a record and puts it into the place of
 * the oldest one. Every record carries a number that is checked when the record leaves the queue.
 */
#include <gcbench/mutator.h>

enum { P_RECORDS, P_LIVE, N_PARAMS };
enum {
  QUEUE,
  RECORD,
  PART,
  OLD,
  SLOTS
};                     /* root slots of the frame; PART follows RECORD, see gcb_construct() */
enum { PAYLOAD = 24 }; /* bytes of a record beside its reference */

static const gcb_option params[N_PARAMS] = {
    [P_RECORDS] = {"records", GCB_UINT, "2000000", 1, 1e12, NULL,
                   "records that each mutator makes in an iteration"},
    [P_LIVE] = {"live", GCB_UINT, "20000", 1, 1e8, NULL, "records in the queue of each mutator"},
};

/* No state in static variables: one process may run several copies of this file. */
typedef struct state {
  const gcb_shape *record, *part;
} state;

/* The most bytes that live at once, all mutators together: what `--heap 3x` is three times of. */
static uint64_t peak_live(const gcb_task *t) {
  uint64_t live = t->params[P_LIVE].u;
  uint64_t record = gcb_size_of(gcb_geometry_fixed(1, PAYLOAD)), part = gcb_size_of(gcb_geometry_fixed(0, 8));
  return t->mutators *
         (gcb_size_of(gcb_geometry_array(GCB_KIND_REFS, (uint32_t)live)) + (live + 1) * (record + part));
}

static gcb_status setup(gcb_mutator *m, gcb_task *t) {
  state *s = t->state;
  s->record = gcb_shape_new(m, "record", 1, PAYLOAD);
  s->part = gcb_shape_new(m, "part", 0, 8);
  return s->record && s->part ? GCB_OK : GCB_FAILED;
}

/* A record with this number, and its part with the same, into slot RECORD. */
static bool make(gcb_mutator *m, const state *s, gcb_frame f, uint64_t number) {
  if (!gcb_new(m, gcb_at(f, PART), s->part)) return false;
  gcb_write_u64(m, gcb_at(f, PART), 0, number);
  if (!gcb_construct(m, gcb_at(f, RECORD), s->record, gcb_at(f, PART))) return false;
  gcb_write_u64(m, gcb_at(f, RECORD), 0, number);
  return true;
}

/* Is record i of the queue, and the part that it refers to, what was stored? It goes into slot OLD. */
static bool check(gcb_mutator *m, gcb_frame f, uint32_t i, uint64_t number) {
  gcb_get(m, gcb_at(f, OLD), gcb_at(f, QUEUE), i);
  if (gcb_read_u64(m, gcb_at(f, OLD), 0) != number) return false;
  gcb_get(m, gcb_at(f, PART), gcb_at(f, OLD), 0);
  return gcb_read_u64(m, gcb_at(f, PART), 0) == number;
}

static gcb_status iterate(gcb_mutator *m, gcb_task *t, gcb_tally *tally) {
  const state *s = t->state;
  uint64_t records = t->params[P_RECORDS].u;
  uint32_t live = (uint32_t)t->params[P_LIVE].u;
  gcb_frame f = gcb_enter(m, SLOTS);
  if (!gcb_new_array(m, gcb_at(f, QUEUE), live)) return GCB_OOM;
  for (uint64_t n = 0; n < records; n++, tally->ops++) {
    uint32_t i = (uint32_t)(n % live);
    gcb_poll(m); /* in every loop: the world may stop here */
    if (n >= live) {
      if (!check(m, f, i, n - live)) {
        t->explain(t, "record %llu is not what was stored", (unsigned long long)(n - live));
        return GCB_WRONG;
      }
      tally->checksum = gcb_mix(tally->checksum, n - live);
      gcb_put_null(m, gcb_at(f, QUEUE), i);
      gcb_release_tree(
          m,
          gcb_at(f,
                 OLD)); /* to a collector this is gcb_clear(); where memory is freed by hand, it is freed */
    }
    if (!make(m, s, f, n)) return GCB_OOM;
    gcb_put(m, gcb_at(f, QUEUE), i, gcb_at(f, RECORD));
  }
  gcb_clear(m, gcb_at(f, RECORD));
  gcb_clear(m, gcb_at(f, PART));
  gcb_release_tree(m, gcb_at(f, QUEUE));
  gcb_leave(m, f);
  return GCB_OK;
}

GCB_WORKLOAD(template, .summary = "a queue of records, each with one part of its own",
             .op = "one record made", .params = params, .n_params = N_PARAMS, .state_bytes = sizeof(state),
             .releases = true, .peak_live = peak_live, .setup = setup, .iterate = iterate);
