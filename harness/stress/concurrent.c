/* Threads that run at the same time: the mode `together`.
 *
 * A program is cut into sections by its lines `meet`. Within one, each thread runs its own lines while the
 * others run theirs; at its end all wait outside the heap, the heap is compared with the shadow, and what
 * there is changes hands.
 *
 * Invariant: within a section each object has one owner among the threads, and only the owner looks inside;
 * others may hold it, pass it on and let it go. Global i is thread (i + meetings so far) modulo their
 * number's alone. So the shadow says what must be there whatever the order in which threads ran, and no two
 * touch one part of it. Who owns what is settled at each meeting: what a global reaches goes to the thread
 * whose turn at that global it is, which hands it over.
 *
 * What depends on the order is taken as it comes and judged at the meeting: a weak reference that was found
 * cleared had a target that is unreachable still. Which finalizer runs where is left open.
 */
#include "runtime/crash.h"
#include "stress/program_run.h"
#include <sched.h>
#include <unistd.h>

/* Somebody else's chance, at places where it may matter. */
static void yield(void) {
  gcb_stress_crew *c = gcb_stress_me;
  if (!c) return;
  uint64_t die = gcb_rng_below(&c->rng, 64);
  if (die >= 12) return;
  c->counts->yields++;
  if (die < 2)
    usleep((unsigned)(1 + gcb_rng_below(&c->rng, 60)));
  else
    sched_yield();
}
static void yielding_poll(gcb_mutator *m) {
  yield();
  ((gcb_stress_run *)m->heap)->poll(m);
}
static bool yielding_stop(gcb_heap *h, gcb_mutator *m) {
  yield();
  return ((gcb_stress_run *)h)->stop_world(h, m);
}

/* The lines of this section that are this thread's, or those until its end. */
static void run_section(gcb_stress_crew *c) {
  gcb_stress_run *r = c->run;
  gcb_thread *own = c->m->harness;
  if (setjmp(own->unwind)) gcb_stress_fail(r, "fatal", "%s", own->why);
  uint32_t whose = r->whose;
  for (uint32_t i = r->first; i < r->end && !c->ending; i++) {
    gcb_stress_op op = r->program->ops[i];
    if (op.code == GCB_STRESS_THREAD) {
      whose = op.a[0] % GCB_STRESS_THREADS;
    } else if (op.code == GCB_STRESS_END) {
      c->ending = c->id && op.a[0] % GCB_STRESS_THREADS == c->id;
    } else if (whose == c->id) {
      c->line = i + 1;
      yield();
      gcb_stress_step(r, c->m, op);
    }
  }
}

static void done(gcb_stress_run *r) {
  pthread_mutex_lock(&r->turn_lock);
  r->busy--;
  pthread_cond_broadcast(&r->turned);
  pthread_mutex_unlock(&r->turn_lock);
}

static void *crew_main(void *arg) {
  gcb_stress_crew *c = arg;
  gcb_stress_run *r = c->run;
  gcb_crash_thread();
  pthread_mutex_lock(&r->turn_lock);
  uint32_t section = r->section;
  pthread_mutex_unlock(&r->turn_lock);
  if (gcb_stress_join(c)) {
    for (run_section(c); !c->ending; run_section(c)) {
      gcb_blocked_begin(c->m);
      done(r);
      pthread_mutex_lock(&r->turn_lock);
      while (r->section == section) pthread_cond_wait(&r->turned, &r->turn_lock);
      section = r->section;
      c->ending = r->closing;
      pthread_mutex_unlock(&r->turn_lock);
      gcb_blocked_end(c->m);
      if (c->ending) break;
    }
    gcb_stress_leave(c);
  }
  done(r);
  return NULL;
}

static void add(gcb_stress_counts *to, gcb_stress_counts *from) {
#define X(name) to->name += from->name;
  GCB_STRESS_COUNTS(X)
#undef X
  *from = (gcb_stress_counts){0};
}

/* Shapes are for a time before threads. */
static void register_shapes(gcb_stress_run *r, gcb_mutator *m) {
  for (uint32_t refs = 0; refs < 3; refs++) /* of lists, rings, garbage */
    for (uint32_t bytes = 0; bytes < 5; bytes++) gcb_shape_new(m, "program", refs, 8 * bytes);
  for (uint32_t i = 0; i < r->program->n; i++) {
    const gcb_stress_op *op = &r->program->ops[i];
    if (op->code == GCB_STRESS_NEW) gcb_shape_new(m, "program", op->a[1], (op->a[2] + 7) & ~7u);
    if (op->code == GCB_STRESS_CONSTRUCT) gcb_shape_new(m, "program", op->a[1], 8);
  }
}

/* All others stand still outside the heap, or have left it. */
static void meet(gcb_stress_run *r, gcb_mutator *m) {
  r->stuck |= r->in.heap.path.roots == GCB_ROOTS_COUNTED; /* nobody looked: leaks are not judged */
  for (uint32_t k = 1; k < GCB_STRESS_THREADS; k++) {
    add(r->counts, &r->crew[k].own);
    if (!r->crew[k].started || r->crew[k].live) continue;
    pthread_join(r->crew[k].thread, NULL);
    r->crew[k].started = false;
  }
  gcb_stress_judge_weak(r);
  gcb_stress_audit(r, m, false);
  r->news = 0; /* an object may have come back through a weak reference since: nothing to judge */
  r->meetings++;
  r->counts->meetings++;
  gcb_shadow_share(&r->shadow, r->meetings);
}

/* Start who has lines in this section and is not there; the number of those that will be done with it. */
static uint32_t call_crew(gcb_stress_run *r) {
  bool wanted[GCB_STRESS_THREADS] = {false};
  uint32_t n = 0;
  wanted[r->whose] = true;
  for (uint32_t i = r->first; i < r->end; i++)
    if (r->program->ops[i].code == GCB_STRESS_THREAD)
      wanted[r->program->ops[i].a[0] % GCB_STRESS_THREADS] = true;
  for (uint32_t k = 1; k < GCB_STRESS_THREADS; k++) {
    gcb_stress_crew *c = &r->crew[k];
    if (!c->live && !wanted[k]) continue;
    n++;
    if (c->live) continue;
    c->started = pthread_create(&c->thread, NULL, crew_main, c) == 0;
    if (!c->started) gcb_stress_fail(r, "harness", "the system refused a thread");
  }
  return n;
}

/* Let the others run a section (or leave, when closing), take part, and wait for them. */
static void section(gcb_stress_run *r, gcb_stress_crew *first) {
  pthread_mutex_lock(&r->turn_lock); /* who is started now waits here for the number */
  r->section++;
  r->step++;
  if (!r->closing) {
    r->busy = call_crew(r);
  } else {
    r->busy = 0;
    for (uint32_t k = 1; k < GCB_STRESS_THREADS; k++) r->busy += r->crew[k].live;
  }
  pthread_cond_broadcast(&r->turned);
  pthread_mutex_unlock(&r->turn_lock);
  if (!r->closing) run_section(first);
  gcb_blocked_begin(first->m);
  pthread_mutex_lock(&r->turn_lock);
  while (r->busy) pthread_cond_wait(&r->turned, &r->turn_lock);
  pthread_mutex_unlock(&r->turn_lock);
  gcb_blocked_end(first->m);
  meet(r, first->m);
}

void gcb_stress_together(gcb_stress_crew *first) {
  gcb_stress_run *r = first->run;
  const gcb_stress_program *p = r->program;
  r->poll = r->in.host.poll;
  r->stop_world = r->in.host.stop_world;
  r->in.host.poll = yielding_poll;
  r->in.host.stop_world = yielding_stop;
  for (uint32_t k = 0; k < GCB_STRESS_THREADS; k++) {
    r->crew[k].rng = gcb_rng_seed(p->modes.together + k);
    if (k) r->crew[k].counts = &r->crew[k].own;
  }
  register_shapes(r, first->m);
  r->together = true;
  gcb_shadow_share(&r->shadow, 0);
  while (r->first < p->n) {
    for (r->end = r->first; r->end < p->n && p->ops[r->end].code != GCB_STRESS_MEET; r->end++) continue;
    section(r, first);
    for (; r->first < r->end; r->first++)
      if (p->ops[r->first].code == GCB_STRESS_THREAD) r->whose = p->ops[r->first].a[0] % GCB_STRESS_THREADS;
    r->first++;
  }
  r->closing = true;
  section(r, first);
  r->together = false;
  gcb_stress_count_into(r, r->counts);
  r->in.host.poll = r->poll;
  r->in.host.stop_world = r->stop_world;
}
