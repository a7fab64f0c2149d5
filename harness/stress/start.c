/* Starting a heap as the modes of a program want it. */
#include "plan/settings.h"
#include "stress/program_run.h"

/* ---- options ---- */
static void shrink_options(const gcb_collector *gc, gcb_stress_start *s) {
  static const struct {
    const char *name;
    uint64_t value;
  } small[] = {{"nursery", 4096}, {"middle", 16384}, {"mark-stack", 4}, {"remset", 8}};
  for (size_t i = 0; i < sizeof small / sizeof *small; i++) {
    int k = gcb_setting_find(gc->options, gc->n_options, small[i].name);
    if (k < 0 || (gc->options[k].type != GCB_UINT && gc->options[k].type != GCB_BYTES)) continue;
    uint64_t min = (uint64_t)gc->options[k].min;
    s->values[k].u = small[i].value > min ? small[i].value : min;
    s->shrunk++;
  }
}

/* Ages, choices and switches: whatever has few values. */
static void vary_options(const gcb_collector *gc, gcb_stress_start *s, uint64_t seed) {
  gcb_rng rng = gcb_rng_seed(seed);
  for (uint32_t i = 0; i < gc->n_options; i++) {
    const gcb_option *o = &gc->options[i];
    uint64_t least = 0, most = 0;
    if (o->type == GCB_BOOL) {
      most = 1;
    } else if (o->type == GCB_CHOICE) {
      for (const char *at = o->choices; *at; at++) most += *at == '|';
    } else if (o->type == GCB_UINT && o->max <= 64) {
      least = (uint64_t)o->min;
      most = (uint64_t)o->max;
    }
    if (most == least) continue;
    uint64_t value = least + gcb_rng_below(&rng, most - least + 1);
    s->values[i].u = gcb_rng_below(&rng, 3) ? value : least; /* the least is where rare paths are */
    s->varied++;
  }
}

static bool has_threads(const gcb_stress_program *p) {
  for (uint32_t i = 0; i < p->n; i++)
    if (p->ops[i].code == GCB_STRESS_THREAD) return true;
  return false;
}

bool gcb_stress_start_of(gcb_stress_start *s, const gcb_collector *gc, const gcb_stress_program *p, char *why,
                         size_t why_size) {
  const gcb_stress_modes *m = &p->modes;
  bool foreign = gc->capabilities & GCB_CAP(FOREIGN), bounded = gc->capabilities & GCB_CAP(BOUNDED);
  memset(s, 0, sizeof *s); /* compared byte for byte */
  s->limit = bounded ? m->limit : UINT64_MAX;
  s->mutators = has_threads(p) && gc->capabilities & GCB_CAP(THREADS) ? GCB_STRESS_THREADS : 1;
  /* A foreign runtime may end the process when it has no memory for a thread of its own. */
  if (foreign && s->mutators > 1 && s->limit < 64 << 20) s->limit = 64 << 20;
  if (bounded || !foreign) { /* else it takes no pages of ours */
    s->fail = m->fail;
    s->base = m->base;
    s->poison = m->poison;
    s->protect = m->protect;
    s->move = m->relocate;
  }
  if (gc->n_options > GCB_STRESS_OPTIONS) {
    snprintf(why, why_size, "it has more than %d options", GCB_STRESS_OPTIONS);
    return false;
  }
  if (!gcb_settings_read(gc->options, gc->n_options, NULL, s->values, why, why_size)) return false;
  if (m->tiny) shrink_options(gc, s);
  if (m->vary) vary_options(gc, s, m->vary);
  return true;
}

/* ---- a heap ---- */
/* The operations for the path; modules stay loaded, so it is looked up once a path. */
static const gcb_ops *operations(gcb_stress_run *r) {
  static gcb_path known;
  static const gcb_ops *ops;
  char why[300];
  gcb_path path = r->in.heap.path;
  if (path.roots == GCB_ROOTS_CALL) return r->gc->ops;
  if (ops && memcmp(&known, &path, sizeof path) == 0) return ops;
  const gcb_path_module *module = gcb_load_path(path, why, sizeof why);
  if (!module) gcb_stress_fail(r, "harness", "%s", why);
  known = path;
  return ops = module->ops;
}

void gcb_stress_close(gcb_stress_run *r) {
  r->counts->pages_refused += r->in.refused;
  gcb_instance_free(&r->in);
  gcb_shadow_free(&r->shadow);
  gcb_barrier_free(&r->barrier);
  pthread_cond_destroy(&r->turned);
  pthread_mutex_destroy(&r->turn_lock);
  pthread_mutex_destroy(&r->ready_lock);
}

void gcb_stress_count_into(gcb_stress_run *r, gcb_stress_counts *counts) {
  r->counts = counts;
  for (uint32_t k = 0; k < GCB_STRESS_THREADS; k++) r->crew[k].counts = counts;
}

bool gcb_stress_open(gcb_stress_run *r, const gcb_collector *gc, const gcb_stress_program *p, int report,
                     gcb_stress_counts *counts) {
  gcb_stress_start s;
  char why[300] = "";
  memset(r, 0, sizeof *r);
  if (!gcb_instance_init(&r->in, gc)) return false;
  r->in.recorder.off = true;
  r->gc = gc;
  r->program = p;
  r->report = report;
  pthread_mutex_init(&r->turn_lock, NULL);
  pthread_mutex_init(&r->ready_lock, NULL);
  pthread_cond_init(&r->turned, NULL);
  for (uint32_t k = 0; k < GCB_STRESS_THREADS; k++) {
    gcb_stress_crew *c = &r->crew[k];
    c->run = r;
    c->id = k;
  }
  gcb_stress_count_into(r, counts);
  gcb_heap *h = &r->in.heap;
  if (!gcb_stress_start_of(&s, gc, p, why, sizeof why)) gcb_stress_fail(r, "harness", "its options: %s", why);
  h->limit = s.limit;
  h->mutators = s.mutators;
  h->debug = (s.poison ? GCB_DEBUG_POISON : 0) | (s.move ? GCB_DEBUG_MOVE : 0);
  r->in.fail_commit = s.fail;
  r->in.base_seed = s.base;
  r->in.protect = s.protect;
  r->in.finalized = gcb_stress_finalized;
  r->in.finalized_ctx = r;
  r->finalizer_ready = r->in.host.finalizer_ready;
  r->in.host.finalizer_ready = gcb_stress_ready;
  r->in.starve = p->modes.starve && !(gc->capabilities & GCB_CAP(FOREIGN));
  r->collecting = GCB_PAUSE_KINDS;
  gcb_stress_miss_roots(r);
  counts->options_shrunk += s.shrunk;
  counts->options_varied += s.varied;
  gcb_status status = gcb_start_collector(gc, h, s.values, why, sizeof why);
  if (status == GCB_OK) {
    r->in.ops = operations(r);
    return true;
  }
  if (status != GCB_OOM || (!s.fail && s.limit >= 4 << 20))
    gcb_stress_fail(r, "start", "start answered status %d: %s", status, why);
  counts->out_of_memory++;
  gcb_stress_close(r);
  return false;
}
