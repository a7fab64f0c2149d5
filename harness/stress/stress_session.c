/* One program from an empty heap to its end: options, modes, the crew of threads that take turns. */
#include "runtime/crash.h"
#include "stress/program_run.h"
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

enum { MOST_SWEPT = 200 };

_Thread_local gcb_stress_crew *gcb_stress_me;

void gcb_stress_fail(gcb_stress_run *r, const char *check, const char *format, ...) {
  static pthread_mutex_t once = PTHREAD_MUTEX_INITIALIZER;
  char message[400];
  va_list args;
  pthread_mutex_lock(&once); /* kept: the first finding ends the process */
  gcb_stress_tell(r->report, r->counts);
  const gcb_stress_crew *me = gcb_stress_me;
  va_start(args, format);
  vsnprintf(message, sizeof message, format, args);
  va_end(args);
  if (r->program->modes.sweep)
    snprintf(message + strlen(message), sizeof message - strlen(message), " (page request %llu was refused)",
             (unsigned long long)r->in.fail_commit);
  dprintf(r->report, "F %s %s %u %s\n", check, me ? gcb_stress_word(me->code) : "?", me ? me->line : 0,
          message);
  _exit(1);
}

/* ---- turns ---- */
static void pass(gcb_stress_run *r, uint32_t to) {
  pthread_mutex_lock(&r->turn_lock);
  r->turn = to;
  pthread_cond_broadcast(&r->turned);
  pthread_mutex_unlock(&r->turn_lock);
}
static void await(gcb_stress_run *r, gcb_mutator *m, uint32_t me) {
  gcb_blocked_begin(m);
  pthread_mutex_lock(&r->turn_lock);
  r->counts->hand_overs++; /* while another thread has the turn already */
  while (r->turn != me) pthread_cond_wait(&r->turned, &r->turn_lock);
  pthread_mutex_unlock(&r->turn_lock);
  gcb_blocked_end(m);
}

static void *crew_main(void *arg);

gcb_mutator *gcb_stress_join(gcb_stress_crew *c) {
  gcb_stress_run *r = c->run;
  gcb_status status;
  gcb_stress_me = c;
  c->m = gcb_mutator_attach(&r->in, &status);
  if (!c->m) {
    if (status != GCB_OOM) gcb_stress_fail(r, "status", "a mutator was refused with status %d", status);
    c->counts->out_of_memory++;
    return NULL;
  }
  c->live = true;
  gcb_stress_verify_from(r, c->m);
  c->counts->threads++;
  r->shadow.threads[c->id] = (gcb_shadow_thread){.live = true};
  gcb_stress_step(r, c->m, (gcb_stress_op){GCB_STRESS_ENTER, {GCB_STRESS_SLOTS}});
  return c->m;
}

/* Leave all frames, as a thread does at its end. */
void gcb_stress_leave(gcb_stress_crew *c) {
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
    c->line = r->pc;
    if (op.code != GCB_STRESS_THREAD && op.code != GCB_STRESS_END) {
      gcb_stress_step(r, m, op);
      continue;
    }
    uint32_t other = op.a[0] % GCB_STRESS_THREADS;
    gcb_stress_crew *o = &r->crew[other];
    if (!gcb_stress_has(r, GCB_CAP(THREADS))) continue;
    c->code = op.code;
    c->fresh = NULL;
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
  gcb_crash_thread();
  pthread_mutex_lock(&r->turn_lock);
  while (r->turn != c->id) pthread_cond_wait(&r->turned, &r->turn_lock);
  pthread_mutex_unlock(&r->turn_lock);
  if (gcb_stress_join(c)) {
    interpret(c);
    gcb_stress_leave(c);
  }
  pass(r, c->give_back);
  return NULL;
}

static void main_thread(gcb_stress_run *r) {
  gcb_stress_crew *c = &r->crew[0];
  if (!gcb_stress_join(c)) return;
  if (r->program->modes.together && gcb_stress_has(r, GCB_CAP(THREADS)))
    gcb_stress_together(c);
  else
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
  gcb_stress_leave(c);
}

/* ---- a program ---- */
void gcb_stress_play(gcb_stress_run *r) {
  const gcb_stress_modes *m = &r->program->modes;
  gcb_heap *h = &r->in.heap;
  gcb_stress_audit_begin();
  r->counts->poisoned += m->poison;
  main_thread(r);
  r->gc->stop(h);
  for (int i = 0; i < GCB_EVENT_KINDS; i++) r->counts->events[i] += h->events[i];
  r->counts->ranges_protected += r->in.protected_ranges;
  r->counts->bases_placed += r->in.placed_bases;
  gcb_stress_close(r);
}

void gcb_stress_perform(const gcb_collector *gc, const gcb_stress_program *p, int report,
                        gcb_stress_counts *counts) {
  static gcb_stress_run run; /* large, and there is one at a time */
  gcb_stress_program one = *p;
  uint64_t refused;
  do {
    one.modes.fail += p->modes.sweep;
    refused = counts->pages_refused;
    counts->sweeps += p->modes.sweep;
    if (gcb_stress_open(&run, gc, &one, report, counts)) gcb_stress_play(&run);
  } while (p->modes.sweep && counts->pages_refused > refused && one.modes.fail < MOST_SWEPT);
}
