/* churn: short-lived records over a small live set.
 *
 * Servers, compilers and interpreters behave so: almost every object dies within microseconds, a few are kept
 * in a table (sessions, symbols, a cache) until something newer takes their place. Each record is allocated
 * with `refs` leaves of its own, so survivors drag a small cluster along; a `survival` share of the records
 * is stored into the live table, replacing an entry by the lifetime law: young        half of the survivors
 * replace an entry in 1/512 of the table, a quarter in the next 1/512, an eighth in the next 1/256 ..: the
 * longer an entry has lived, the longer it is going to live exponential  every entry is as likely to go as
 * any other, whatever its age fifo         the oldest entry goes, which is what a generational collector
 * likes least
 *
 * Entry i of the table always holds a record of the same size, quantile i of the distribution, so that the
 * live bytes are the same at any moment and known beforehand. Values are unique: a lost store, a stale
 * reference or a record that died too soon shows in the checksum at the latest when its entry is replaced.
 */
#include <gcbench/mutator.h>

enum { LAW_YOUNG, LAW_EXPONENTIAL, LAW_FIFO };
enum { SIZES_FIXED, SIZES_UNIFORM, SIZES_GEOMETRIC, SIZES_POWER };
enum { P_RECORDS, P_LIVE, P_SURVIVAL, P_LAW, P_SIZES, P_SIZE, P_REFS, N_PARAMS };
enum { TABLE, RECORD, OLD, LEAVES };               /* frame slots; one leaf slot more than there are leaves */
enum { QUANTILES = 1024, REGIONS = 10, LEAF = 8 }; /* LEAF: payload bytes of a leaf */

static const gcb_option params[N_PARAMS] = {
    [P_RECORDS] = {"records", GCB_UINT, "6000000", 1, 1e12, NULL,
                   "records that each mutator allocates in an iteration once its table is full"},
    [P_LIVE] = {"live", GCB_UINT, "80000", 1024, 1e8, NULL, "records in the live table of each mutator"},
    [P_SURVIVAL] = {"survival", GCB_REAL, "0.1", 0, 1, NULL,
                    "share of the records that is stored into the live table"},
    [P_LAW] = {"law", GCB_CHOICE, "young", 0, 0, "young|exponential|fifo",
               "which entry a stored record replaces: mostly a recent one, any, the oldest"},
    [P_SIZES] = {"sizes", GCB_CHOICE, "geometric", 0, 0, "fixed|uniform|geometric|power",
                 "distribution of the payload of records"},
    [P_SIZE] = {"size", GCB_UINT, "32", 8, 1024, NULL, "mean payload of a record in bytes, before rounding"},
    [P_REFS] = {"refs", GCB_UINT, "2", 0, 64, NULL, "references of a record, each to a leaf of its own"},
};

typedef struct state {
  const gcb_shape *leaf, *record[QUANTILES];
  uint32_t refs;
} state;

/* Quantiles lie all over the table, so that no region of it has only small records. */
static uint32_t quantile_of(uint64_t entry) {
  return (uint32_t)(entry * 389 % QUANTILES);
}

/* A multiple of 8 bytes, with four significant bits: the power law then needs tens of shapes, not hundreds.
 */
static uint32_t round_size(double bytes) {
  uint32_t words = (uint32_t)((bytes + 7) / 8), unit = 1;
  while (words / unit >= 16) unit *= 2;
  words = (words + unit - 1) / unit * unit;
  return words ? words * 8 : 8;
}

/* The payload of each quantile, ascending. Only + - * /, so the same on every machine. */
static void payloads(const gcb_task *t, uint32_t out[QUANTILES]) {
  double mean = (double)t->params[P_SIZE].u;
  double p = 8 / mean, tail = 1; /* geometric: chance of each word to be the last; share longer than so far */
  uint32_t words = 0;
  for (uint32_t q = 0; q < QUANTILES; q++) {
    double u = (q + 0.5) / QUANTILES;
    switch (t->params[P_SIZES].u) {
    case SIZES_FIXED:
      out[q] = round_size(mean);
      break;
    case SIZES_UNIFORM:
      out[q] = round_size(8 + u * 2 * (mean - 8));
      break;
    case SIZES_GEOMETRIC:
      for (; tail > 1 - u && words < QUANTILES; words++) tail *= 1 - p;
      out[q] = round_size(words * 8);
      break;
    default: /* density proportional to x^-2 over three decades (1 : 1024); 6.9 = ln 1024 */
      out[q] = round_size(mean / 6.9 / (1 - u + u / 1024));
      break;
    }
  }
}

static uint64_t record_bytes(const gcb_task *t, uint32_t payload) {
  uint32_t refs = (uint32_t)t->params[P_REFS].u;
  return gcb_size_of(gcb_geometry_fixed(refs, payload)) + refs * gcb_size_of(gcb_geometry_fixed(0, LEAF));
}

/* The table, a record with its leaves for each entry, and at most two records beside it: the one just made
 * and the one that it replaced, or that came before it. */
static uint64_t peak_live(const gcb_task *t) {
  uint32_t payload[QUANTILES];
  payloads(t, payload);
  uint64_t live = t->params[P_LIVE].u, bytes = gcb_size_of(gcb_geometry_array(GCB_KIND_REFS, (uint32_t)live));
  for (uint32_t q = 0; q < QUANTILES; q++) bytes += live / QUANTILES * record_bytes(t, payload[q]);
  for (uint64_t i = live / QUANTILES * QUANTILES; i < live; i++)
    bytes += record_bytes(t, payload[quantile_of(i)]);
  return t->mutators * (bytes + 2 * record_bytes(t, payload[QUANTILES - 1]));
}

static double allocated(const gcb_task *t) {
  uint32_t payload[QUANTILES];
  double mean = 0, live = (double)t->params[P_LIVE].u;
  payloads(t, payload);
  for (uint32_t q = 0; q < QUANTILES; q++) mean += (double)record_bytes(t, payload[q]) / QUANTILES;
  return t->mutators * (8 * live + (live + (double)t->params[P_RECORDS].u) * mean);
}

static gcb_status setup(gcb_mutator *m, gcb_task *t) {
  state *s = t->state;
  uint32_t payload[QUANTILES];
  payloads(t, payload);
  s->refs = (uint32_t)t->params[P_REFS].u;
  s->leaf = gcb_shape_new(m, "leaf", 0, LEAF);
  for (uint32_t q = 0; q < QUANTILES; q++) s->record[q] = gcb_shape_new(m, "record", s->refs, payload[q]);
  return GCB_OK;
}

/* A record with its leaves into slot RECORD: its value in the first word, inverted in the last. */
static inline bool make(gcb_mutator *m, const state *s, gcb_frame f, uint32_t quantile, uint64_t value) {
  const gcb_shape *shape = s->record[quantile];
  gcb_slot record = gcb_at(f, RECORD);
  for (uint32_t i = 0; i < s->refs; i++) {
    if (!gcb_new(m, gcb_at(f, LEAVES + i), s->leaf)) return false;
    gcb_write_u64(m, gcb_at(f, LEAVES + i), 0, value + i);
  }
  if (!gcb_construct(m, record, shape, gcb_at(f, LEAVES))) return false;
  gcb_write_u64(m, record, shape->payload - 8, ~value);
  gcb_write_u64(m, record, 0, value);
  return true;
}

/* Load entry i of the table into slot OLD and fold its value and its size into the sum. */
static gcb_status check(gcb_mutator *m, gcb_task *t, gcb_frame f, uint32_t i, uint64_t *sum) {
  const state *s = t->state;
  uint32_t last = s->record[quantile_of(i)]->payload - 8;
  gcb_slot old = gcb_at(f, OLD), leaf = gcb_at(f, LEAVES);
  gcb_get(m, old, gcb_at(f, TABLE), i);
  bool good = !gcb_is_null(m, old);
  uint64_t value = good ? gcb_read_u64(m, old, 0) : 0;
  good = good && (last == 0 || gcb_read_u64(m, old, last) == ~value);
  for (uint32_t k = 0; good && k < s->refs; k++) {
    gcb_get(m, leaf, old, k);
    good = !gcb_is_null(m, leaf) && gcb_read_u64(m, leaf, 0) == value + k;
  }
  *sum = gcb_mix(*sum, value + last + s->refs);
  if (good) return GCB_OK;
  t->explain(t, "entry %u of the live table does not hold the record that was stored there", i);
  return GCB_WRONG;
}

/* Regions of the young law: 0 and 1 of 1/512 of the table, then each twice the one before it. */
static uint32_t victim(uint64_t law, uint32_t live, uint64_t random, uint32_t stored) {
  if (law == LAW_FIFO) return stored % live;
  if (law == LAW_EXPONENTIAL) return (uint32_t)((random >> 32) * live >> 32);
  uint32_t region = (uint32_t)__builtin_ctzll(random | 1u << (REGIONS - 1));
  uint32_t from = region ? live >> (REGIONS - region) : 0, to = live >> (REGIONS - 1 - region);
  return from + (uint32_t)((random >> 32) * (to - from) >> 32);
}

static gcb_status iterate(gcb_mutator *m, gcb_task *t, gcb_tally *tally) {
  const state *s = t->state;
  gcb_rng rng = gcb_rng_seed(gcb_mix(t->seed, m->id));
  uint64_t records = t->params[P_RECORDS].u, law = t->params[P_LAW].u;
  uint32_t live = (uint32_t)t->params[P_LIVE].u, stored = 0;
  const uint32_t certain = 1u << 22; /* what 22 random bits are compared with when every record survives */
  uint32_t survives = (uint32_t)(t->params[P_SURVIVAL].d * certain);
  gcb_status status = GCB_OK;

  gcb_frame f = gcb_enter(m, LEAVES + 1 + s->refs);
  gcb_slot table = gcb_at(f, TABLE), record = gcb_at(f, RECORD);
  if (!gcb_new_array(m, table, live)) return GCB_OOM;
  for (uint32_t i = 0; i < live; i++, tally->ops++) {
    gcb_poll(m);
    if (!make(m, s, f, quantile_of(i), gcb_rng_next(&rng))) return GCB_OOM;
    gcb_put(m, table, i, record);
  }
  for (uint64_t n = 0; n < records; n++, tally->ops++) {
    gcb_poll(m);
    uint64_t random = gcb_rng_next(&rng);
    if ((random >> 32) % certain >= survives) {
      if (!make(m, s, f, (uint32_t)random % QUANTILES, random)) return GCB_OOM;
      gcb_release_tree(m, record);
      continue;
    }
    uint32_t i = victim(law, live, gcb_rng_next(&rng), stored++);
    if (!make(m, s, f, quantile_of(i), random)) return GCB_OOM;
    if ((status = check(m, t, f, i, &tally->checksum)) != GCB_OK) return status;
    gcb_put(m, table, i, record);
    gcb_release_tree(m, gcb_at(f, OLD));
  }
  for (uint32_t i = 0; i < live; i++) {
    gcb_poll(m);
    if ((status = check(m, t, f, i, &tally->checksum)) != GCB_OK) return status;
  }
  gcb_release_tree(m, table);
  gcb_leave(m, f);
  return GCB_OK;
}

GCB_WORKLOAD(
    churn,
    .summary = "short-lived records over a small live set, by survival, size distribution and lifetime law",
    .op = "one record allocated, with its leaves", .params = params, .n_params = N_PARAMS,
    .state_bytes = sizeof(state), .releases = true, .peak_live = peak_live, .live_params = {"live"},
    .work_param = "records", .allocated = allocated, .setup = setup, .iterate = iterate);
