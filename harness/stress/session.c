/* One program from an empty heap to its end: options, modes, the crew of threads that take turns. */
#include "../settings.h"
#include "run.h"
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

enum { MAX_OPTIONS = 64 };

void gcb_stress_fail(gcb_stress_run *r, const char *check, const char *format, ...) {
  static pthread_mutex_t once = PTHREAD_MUTEX_INITIALIZER;
  char message[400];
  va_list args;
  pthread_mutex_lock(&once); /* kept: the first finding ends the process */
  va_start(args, format);
  vsnprintf(message, sizeof message, format, args);
  va_end(args);
  dprintf(r->report, "F %s %s %u %s\n", check, gcb_stress_word(r->code), r->pc, message);
  _exit(1);
}

/* ---- turns ---- */
static void pass(gcb_stress_run *r, uint32_t to) {
  pthread_mutex_lock(&r->turn_lock);
  r->turn = to;
  pthread_cond_broadcast(&r->turned);
  pthread_mutex_unlock(&r->turn_lock);
  r->counts->hand_overs++;
}
static void await(gcb_stress_run *r, gcb_mutator *m, uint32_t me) {
  gcb_blocked_begin(m);
  pthread_mutex_lock(&r->turn_lock);
  while (r->turn != me) pthread_cond_wait(&r->turned, &r->turn_lock);
  pthread_mutex_unlock(&r->turn_lock);
  gcb_blocked_end(m);
}

static void *crew_main(void *arg);

static gcb_mutator *join_heap(gcb_stress_crew *c) {
  gcb_stress_run *r = c->run;
  gcb_status status;
  c->m = gcb_mutator_attach(&r->in, &status);
  if (!c->m) {
    if (status != GCB_OOM) gcb_stress_fail(r, "status", "a mutator was refused with status %d", status);
    r->counts->out_of_memory++;
    return NULL;
  }
  c->live = true;
  r->counts->threads++;
  r->shadow.threads[c->id] = (gcb_shadow_thread){.live = true};
  gcb_stress_step(r, c->m, (gcb_stress_op){GCB_STRESS_ENTER, {GCB_STRESS_SLOTS}});
  return c->m;
}

/* Leave all frames, as a thread does at its end. */
static void leave_heap(gcb_stress_crew *c) {
  gcb_shadow_thread *t = &c->run->shadow.threads[c->id];
  t->top = t->n_frames = 0;
  gcb_mutator_unwind(c->m);
  gcb_mutator_detach(c->m);
  c->live = c->ending = false;
  c->m = NULL;
}

/* The lines that are this thread's, until another's turn comes for good. */
static void interpret(gcb_stress_crew *c) {
  gcb_stress_run *r = c->run;
  gcb_mutator *m = c->m;
  gcb_thread *own = m->harness;
  if (setjmp(own->unwind)) gcb_stress_fail(r, "fatal", "%s", own->why);
  while (!c->ending) {
    if (r->pc >= r->program->n) {
      if (c->id == 0) return;
      pass(r, 0);
      await(r, m, c->id);
      continue;
    }
    gcb_stress_op op = r->program->ops[r->pc++];
    if (op.code != GCB_STRESS_THREAD && op.code != GCB_STRESS_END) {
      gcb_stress_step(r, m, op);
      continue;
    }
    uint32_t other = op.a[0] % GCB_STRESS_THREADS;
    gcb_stress_crew *o = &r->crew[other];
    if (!gcb_stress_has(r, GCB_CAP(THREADS))) continue;
    r->code = op.code;
    r->fresh = NULL;
    if (op.code == GCB_STRESS_END) {
      if (other == 0 || !o->live) continue;
      o->ending = true;
      o->give_back = other == c->id ? 0 : c->id;
      if (other == c->id) return;
    } else if (other == c->id) {
      continue;
    } else if (!o->live) {
      if (o->started) { /* an earlier life, which is over but for its last instructions */
        gcb_blocked_begin(m);
        pthread_join(o->thread, NULL);
        gcb_blocked_end(m);
      }
      o->give_back = c->id;
      o->started = pthread_create(&o->thread, NULL, crew_main, o) == 0;
      if (!o->started) gcb_stress_fail(r, "harness", "the system refused a thread");
    }
    pass(r, other);
    await(r, m, c->id);
  }
}

static void *crew_main(void *arg) {
  gcb_stress_crew *c = arg;
  gcb_stress_run *r = c->run;
  pthread_mutex_lock(&r->turn_lock);
  while (r->turn != c->id) pthread_cond_wait(&r->turned, &r->turn_lock);
  pthread_mutex_unlock(&r->turn_lock);
  if (join_heap(c)) {
    interpret(c);
    leave_heap(c);
  }
  pass(r, c->give_back);
  return NULL;
}

static void main_thread(gcb_stress_run *r) {
  gcb_stress_crew *c = &r->crew[0];
  if (!join_heap(c)) return;
  interpret(c);
  gcb_stress_step(r, c->m, (gcb_stress_op){.code = GCB_STRESS_SETTLE});
  for (uint32_t k = 1; k < GCB_STRESS_THREADS; k++) {
    if (r->crew[k].live) {
      r->crew[k].ending = true;
      r->crew[k].give_back = 0;
      pass(r, k);
      await(r, c->m, 0);
    }
    if (r->crew[k].started) {
      gcb_blocked_begin(c->m);
      pthread_join(r->crew[k].thread, NULL);
      gcb_blocked_end(c->m);
    }
  }
  for (uint32_t i = 0; i < GCB_STRESS_GLOBALS; i += 2)
    gcb_stress_step(r, c->m, (gcb_stress_op){GCB_STRESS_CLEAR, {GCB_STRESS_GLOBAL + i}});
  gcb_stress_step(r, c->m, (gcb_stress_op){.code = GCB_STRESS_SETTLE});
  leave_heap(c);
}

/* ---- a heap ---- */
static void set_options(gcb_stress_run *r, gcb_value *values) {
  static const struct {
    const char *name;
    uint64_t value;
  } small[] = {{"nursery", 4096}, {"middle", 16384}, {"mark-stack", 4}, {"remset", 8}};
  char why[300];
  const gcb_collector *gc = r->gc;
  if (gc->n_options > MAX_OPTIONS ||
      !gcb_settings_read(gc->options, gc->n_options, NULL, values, why, sizeof why))
    gcb_stress_fail(r, "harness", "its options: %s", why);
  for (size_t i = 0; i < sizeof small / sizeof *small && r->program->modes.tiny; i++) {
    int k = gcb_setting_find(gc->options, gc->n_options, small[i].name);
    if (k < 0 || (gc->options[k].type != GCB_UINT && gc->options[k].type != GCB_BYTES)) continue;
    uint64_t min = (uint64_t)gc->options[k].min;
    values[k].u = small[i].value > min ? small[i].value : min;
    r->counts->options_shrunk++;
  }
}

/* Ages, choices and switches: whatever has few values. */
static void vary_options(gcb_stress_run *r, gcb_value *values) {
  gcb_rng rng = gcb_rng_seed(r->program->modes.vary);
  for (uint32_t i = 0; i < r->gc->n_options && r->program->modes.vary; i++) {
    const gcb_option *o = &r->gc->options[i];
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
    values[i].u = least + gcb_rng_below(&rng, most - least + 1);
    r->counts->options_varied++;
  }
}

static bool has_threads(const gcb_stress_program *p) {
  for (uint32_t i = 0; i < p->n; i++)
    if (p->ops[i].code == GCB_STRESS_THREAD) return true;
  return false;
}

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

void gcb_stress_perform(const gcb_collector *gc, const gcb_stress_program *p, int report,
                        gcb_stress_counts *counts) {
  gcb_stress_run *r = calloc(1, sizeof *r);
  gcb_value values[MAX_OPTIONS];
  char why[300] = "";
  if (!r || !gcb_instance_init(&r->in, gc)) {
    free(r);
    return;
  }
  r->gc = gc;
  r->program = p;
  r->counts = counts;
  r->report = report;
  pthread_mutex_init(&r->turn_lock, NULL);
  pthread_mutex_init(&r->ready_lock, NULL);
  pthread_cond_init(&r->turned, NULL);
  for (uint32_t k = 0; k < GCB_STRESS_THREADS; k++) r->crew[k] = (gcb_stress_crew){.run = r, .id = k};
  gcb_heap *h = &r->in.heap;
  h->limit = gcb_stress_has(r, GCB_CAP(BOUNDED)) ? p->modes.limit : UINT64_MAX;
  h->mutators = has_threads(p) && gcb_stress_has(r, GCB_CAP(THREADS)) ? GCB_STRESS_THREADS : 1;
  /* A foreign runtime may end the process when it has no memory for a thread of its own. */
  if (gcb_stress_has(r, GCB_CAP(FOREIGN)) && h->mutators > 1 && h->limit < 64 << 20) h->limit = 64 << 20;
  h->debug = p->modes.poison ? GCB_DEBUG_POISON : 0;
  r->in.fail_commit = p->modes.fail;
  r->in.base_seed = p->modes.base;
  r->in.protect = p->modes.protect;
  r->in.finalized = gcb_stress_finalized;
  r->in.finalized_ctx = r;
  r->finalizer_ready = r->in.host.finalizer_ready;
  r->in.host.finalizer_ready = gcb_stress_ready;
  set_options(r, values);
  vary_options(r, values);
  counts->programs++;
  counts->poisoned += p->modes.poison;
  gcb_status status = gc->start(h, values, why, sizeof why);
  if (status == GCB_OK) {
    r->in.ops = operations(r);
    main_thread(r);
    gc->stop(h);
  } else if (status == GCB_OOM && (p->modes.fail || p->modes.limit < 4 << 20)) {
    counts->out_of_memory++;
  } else {
    gcb_stress_fail(r, "start", "start answered status %d: %s", status, why);
  }
  for (int i = 0; i < GCB_EVENT_KINDS; i++) counts->events[i] += h->events[i];
  counts->pages_refused += p->modes.fail && r->in.commits >= p->modes.fail;
  counts->ranges_protected += r->in.protected_ranges;
  counts->bases_placed += r->in.placed_bases;
  gcb_instance_free(&r->in);
  gcb_shadow_free(&r->shadow);
  pthread_cond_destroy(&r->turned);
  pthread_mutex_destroy(&r->turn_lock);
  pthread_mutex_destroy(&r->ready_lock);
  free(r);
}
