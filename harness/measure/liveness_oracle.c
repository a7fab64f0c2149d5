#include "measure/liveness_oracle.h"
#include "runtime/live_graph.h"
#include <stdlib.h>
#include <sys/mman.h>

enum { WALKS = 128, CYCLE_WALKS = 16, AGES = 32, FIRST_AGE_BITS = 14, STAMP_BYTES = 64 };

typedef struct sample {
  uint64_t allocated, ns; /* since the start; ns without the walks */
  uint64_t live, objects, committed;
} sample;

struct gcb_shadow {
  gcb_instance *in;
  gcb_ops ops;
  uint64_t allocated, next, step; /* bytes so far; when the next walk is due; between walks */
  uint64_t start, walking;        /* ns; spent in walks */
  bool ages, failed;
  uint32_t *births[GCB_REGIONS]; /* one a word: 1 + allocated / STAMP_BYTES when the object there was made */
  sample last, peak;
  gcb_space_ledger peak_ledger;
  uint64_t depth, walks;
  uint64_t cyclic_walks, cyclic_bytes, cyclic_of; /* over the walks that looked for cycles */
  double live_area, dead_area, free_area;         /* integrals over allocated bytes: live, dead held, free */
  double dead_seconds, free_seconds;
  uint32_t majors; /* pauses seen so far */
  double floating;
  uint64_t floating_walks, floating_most;
  double alive[AGES], made[AGES]; /* bytes by class of age, summed over walks */
};

static unsigned age_class(uint64_t age) {
  if (age >> FIRST_AGE_BITS == 0) return 0;
  unsigned c = 64 - (unsigned)__builtin_clzll(age >> FIRST_AGE_BITS);
  return c < AGES ? c : AGES - 1;
}

static uint64_t class_begin(unsigned c) {
  return c ? UINT64_C(1) << (FIRST_AGE_BITS + c - 1) : 0;
}

static void tell_ages(gcb_shadow *s, const gcb_graph *g) {
  for (size_t i = 0; i < g->n; i++) {
    size_t word;
    int region = gcb_graph_find(s->in, g->objects[i], &word);
    uint32_t stamp = region >= 0 && s->births[region] ? s->births[region][word] : 0;
    if (!stamp) continue; /* made before the shadow began */
    uint64_t born = (uint64_t)(stamp - 1) * STAMP_BYTES;
    s->alive[age_class(s->allocated - born)] += (double)gcb_size_of(g->objects[i]->geometry);
  }
  for (unsigned c = 0; c < AGES && class_begin(c) < s->allocated; c++) {
    uint64_t end = c + 1 < AGES ? class_begin(c + 1) : UINT64_MAX;
    s->made[c] += (double)((end < s->allocated ? end : s->allocated) - class_begin(c));
  }
}

/* Has a full collection ended since the last look? */
static bool collected(gcb_shadow *s) {
  const gcb_moments *pauses = &s->in->recorder.pauses;
  uint32_t majors = 0;
  for (uint32_t i = 0; i < pauses->n; i++) majors += pauses->at[i].kind == GCB_MAJOR;
  bool more = majors > s->majors;
  s->majors = majors;
  return more;
}

static void integrate(gcb_shadow *s, const sample *now) {
  /* The trapezium rule between two walks. */
  double dead =
      ((double)now->objects - (double)now->live + (double)s->last.objects - (double)s->last.live) / 2;
  double free_bytes =
      ((double)now->committed - (double)now->objects + (double)s->last.committed - (double)s->last.objects) /
      2;
  double bytes = (double)(now->allocated - s->last.allocated), t = (double)(now->ns - s->last.ns) / 1e9;
  s->live_area += ((double)now->live + (double)s->last.live) / 2 * bytes;
  s->dead_area += dead * bytes;
  s->free_area += free_bytes * bytes;
  s->dead_seconds += dead * t;
  s->free_seconds += free_bytes * t;
}

static void look(gcb_shadow *s, bool after_collection) {
  gcb_heap *h = &s->in->heap;
  gcb_space_ledger l = {0};
  gcb_graph g;
  uint64_t begin = gcb_clock();
  bool walked = gcb_graph_walk(&g, s->in);
  s->failed |= !walked;
  h->collector->ledger(h, &l);
  sample now = {s->allocated, begin - s->start - s->walking, g.bytes, l.objects, s->in->committed};
  if (walked && s->walks) integrate(s, &now);
  if (walked && now.live >= s->peak.live) {
    s->peak = now;
    s->peak_ledger = l;
    s->depth = g.depth;
  }
  if (walked && after_collection && now.objects >= now.live) {
    s->floating += (double)(now.objects - now.live);
    if (now.objects - now.live > s->floating_most) s->floating_most = now.objects - now.live;
    s->floating_walks++;
  }
  if (walked && s->ages) tell_ages(s, &g);
  if (walked && s->walks % (WALKS / CYCLE_WALKS) == 0) {
    uint64_t cyclic = gcb_graph_cyclic(&g);
    s->failed |= cyclic == UINT64_MAX;
    s->cyclic_bytes += cyclic;
    s->cyclic_of += g.bytes;
    s->cyclic_walks++;
  }
  s->last = now;
  s->walks++;
  gcb_graph_free(&g);
  s->walking += gcb_clock() - begin;
}

/* After an allocation: its birth, and a walk when one is due, or when a full collection has just ended. */
static bool allocated(gcb_mutator *m, gcb_slot dst, uint32_t geometry, bool done) {
  gcb_shadow *s = ((gcb_instance *)m->heap)->shadow;
  size_t word;
  if (!done || s->failed) return done;
  int region = s->ages ? gcb_graph_find(s->in, *dst.at, &word) : -1;
  if (region >= 0 && s->births[region]) s->births[region][word] = (uint32_t)(s->allocated / STAMP_BYTES) + 1;
  s->allocated += gcb_size_of(geometry);
  bool soon = s->allocated - s->last.allocated >= s->step / 8 && collected(s);
  if (s->allocated < s->next && !soon) return done;
  s->next = s->allocated + s->step;
  look(s, soon);
  return done;
}

static uint32_t geometry_of(const gcb_shape *shape) {
  return (uint32_t)(shape->header >> 32);
}
static bool shadow_new_object(gcb_mutator *m, gcb_slot dst, const gcb_shape *shape) {
  return allocated(m, dst, geometry_of(shape), gcb_counting_ops.new_object(m, dst, shape));
}
static bool shadow_new_array(gcb_mutator *m, gcb_slot dst, uint32_t n) {
  return allocated(m, dst, gcb_geometry_array(GCB_KIND_REFS, n), gcb_counting_ops.new_array(m, dst, n));
}
static bool shadow_new_bytes(gcb_mutator *m, gcb_slot dst, uint32_t n) {
  return allocated(m, dst, gcb_geometry_array(GCB_KIND_BYTES, n), gcb_counting_ops.new_bytes(m, dst, n));
}
static bool shadow_construct(gcb_mutator *m, gcb_slot dst, const gcb_shape *shape, gcb_slot first) {
  return allocated(m, dst, geometry_of(shape), gcb_counting_ops.construct(m, dst, shape, first));
}
static bool shadow_weak_new(gcb_mutator *m, gcb_slot dst, gcb_slot target) {
  return allocated(m, dst, GCB_GEOMETRY_WEAK, gcb_counting_ops.weak_new(m, dst, target));
}
static bool shadow_ephemeron_new(gcb_mutator *m, gcb_slot dst, gcb_slot key, gcb_slot value) {
  return allocated(m, dst, GCB_GEOMETRY_EPHEMERON, gcb_counting_ops.ephemeron_new(m, dst, key, value));
}

gcb_shadow *gcb_shadow_start(gcb_instance *in, uint64_t allocated_bytes) {
  gcb_shadow *s = calloc(1, sizeof *s);
  uint64_t caps = in->heap.collector->capabilities;
  if (!s || in->heap.mutators != 1 || in->heap.path.roots == GCB_ROOTS_CALL || caps & GCB_CAP(FOREIGN)) {
    free(s);
    return NULL;
  }
  s->in = in;
  s->ops = gcb_counting_ops;
  s->ops.new_object = shadow_new_object;
  s->ops.new_array = shadow_new_array;
  s->ops.new_bytes = shadow_new_bytes;
  s->ops.construct = shadow_construct;
  s->ops.weak_new = shadow_weak_new;
  s->ops.ephemeron_new = shadow_ephemeron_new;
  s->step = allocated_bytes / WALKS > 4096 ? allocated_bytes / WALKS : 4096;
  s->next = s->step;
  s->start = gcb_clock();
  s->ages = !(caps & (GCB_CAP(MOVES) | GCB_CAP(RECLAIMS)));
  for (uint32_t i = 0; s->ages && i < in->n_regions; i++) {
    void *map = mmap(NULL, in->regions[i].bytes / 2 + 4, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    s->births[i] = map == MAP_FAILED ? NULL : map;
    s->failed |= map == MAP_FAILED;
  }
  in->shadow = s;
  look(s, false);
  return s;
}

const gcb_ops *gcb_shadow_ops(const gcb_shadow *s) {
  return &s->ops;
}

static json_t *real_or_null(double d, bool known) {
  return known ? json_real(d) : json_null();
}

/* Of the bytes that were allocated at each age before a walk, the share that the walk found alive. */
static json_t *survival(const gcb_shadow *s) {
  json_t *list = json_array();
  for (unsigned c = 0; c < AGES && s->made[c] > 0; c++)
    json_array_append_new(list,
                          json_pack("{s:I, s:I, s:f}", "from_bytes", (json_int_t)class_begin(c), "to_bytes",
                                    (json_int_t)class_begin(c + 1), "alive", s->alive[c] / s->made[c]));
  return list;
}

json_t *gcb_shadow_end(gcb_shadow *s) {
  look(s, false);
  double bytes = (double)s->allocated;
  const gcb_space_ledger *l = &s->peak_ledger;
  json_t *out = json_pack(
      "{s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "granularity_bytes",
      (json_int_t)s->step, "walks", (json_int_t)s->walks, "allocated_bytes", (json_int_t)s->allocated,
      "peak_live_bytes", (json_int_t)s->peak.live, "depth", (json_int_t)s->depth, "mean_live_bytes",
      real_or_null(s->live_area / bytes, bytes > 0), "mean_dead_held_bytes",
      real_or_null(s->dead_area / bytes, bytes > 0), "mean_not_objects_bytes",
      real_or_null(s->free_area / bytes, bytes > 0), "drag_byte_seconds", json_real(s->dead_seconds),
      "not_objects_byte_seconds", json_real(s->free_seconds), "floating_bytes",
      real_or_null(s->floating / (double)s->floating_walks, s->floating_walks), "floating_most_bytes",
      s->floating_walks ? json_integer((json_int_t)s->floating_most) : json_null(), "cyclic_share",
      real_or_null((double)s->cyclic_bytes / (double)s->cyclic_of, s->cyclic_of), "survival",
      s->ages ? survival(s) : json_null());
  json_object_set_new(out, "peak_ledger",
                      json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "objects", (json_int_t)l->objects,
                                "rounding", (json_int_t)l->rounding, "free", (json_int_t)l->free, "reserve",
                                (json_int_t)l->reserve, "metadata", (json_int_t)l->metadata, "committed",
                                (json_int_t)s->peak.committed));
  bool failed = s->failed;
  s->in->shadow = NULL;
  for (uint32_t i = 0; i < GCB_REGIONS; i++)
    if (s->births[i]) munmap(s->births[i], s->in->regions[i].bytes / 2 + 4);
  free(s);
  if (!failed) return out;
  json_decref(out);
  return json_null();
}
