/* What the interpreter does about finalizers: each registration runs once, and never while its object can be
 * reached; and the settling that makes all of them run. */
#include "stress/interpret.h"

void gcb_stress_watch(gcb_stress_run *r, gcb_mutator *m, gcb_place p, gcb_stress_action action,
                      uint32_t argument) {
  pthread_mutex_lock(&r->ready_lock);
  uint32_t token = gcb_shadow_register(&r->shadow, *p.twin, action, argument);
  pthread_mutex_unlock(&r->ready_lock);
  if (token == UINT32_MAX) gcb_stress_fail(r, "harness", "no memory for the shadow");
  gcb_stress_me->fresh = NULL;
  gcb_status status = gcb_finalizer(m, p.slot, token);
  if (status == GCB_OK) return;
  if (status != GCB_OOM) gcb_stress_fail(r, "status", "finalizer answered status %d", status);
  pthread_mutex_lock(&r->ready_lock);
  r->shadow.pending[token].state = GCB_PENDING_RAN;
  r->shadow.n_asleep--;
  pthread_mutex_unlock(&r->ready_lock);
  gcb_stress_refused(r, 64);
}

bool gcb_stress_ready(gcb_heap *h, gcb_object *o, uint64_t token) {
  gcb_stress_run *r = (gcb_stress_run *)h;
  pthread_mutex_lock(&r->ready_lock);
  gcb_pending *p = token < r->shadow.n_pending ? &r->shadow.pending[token] : NULL;
  if (!p || p->state != GCB_PENDING_ASLEEP)
    gcb_stress_fail(r, "finalizer", "the finalizer %llu is %s", (unsigned long long)token,
                    p ? "made ready twice" : "none that was registered");
  bool kept = r->finalizer_ready(h, o, token);
  if (kept) {
    p->state = GCB_PENDING_READY;
    p->since = r->step;
    r->news++;
    r->shadow.n_asleep--;
  }
  pthread_mutex_unlock(&r->ready_lock);
  return kept;
}

/* Made ready by this operation: not reachable, but through others that it made ready too. */
void gcb_stress_judge_ready(gcb_stress_run *r) {
  if (!r->news) return;
  r->news = 0;
  uint32_t mark = gcb_shadow_close(&r->shadow, true, r->step, false);
  for (uint32_t i = 0; i < r->shadow.n_pending; i++) {
    const gcb_pending *p = &r->shadow.pending[i];
    if (p->state == GCB_PENDING_READY && p->since == r->step && p->twin->mark == mark)
      gcb_stress_fail(r, "finalizer", "finalizer %u was made ready while its object %u could be reached", i,
                      p->twin->id);
  }
}

void gcb_stress_finalized(gcb_mutator *m, void *run, gcb_slot object, uint64_t token) {
  gcb_stress_run *r = run;
  pthread_mutex_lock(&r->ready_lock); /* another thread's registration may move the table */
  gcb_pending *entry = &r->shadow.pending[token], was = *entry, *p = &was;
  entry->state = GCB_PENDING_RAN;
  pthread_mutex_unlock(&r->ready_lock);
  if (p->state != GCB_PENDING_READY)
    gcb_stress_fail(r, "finalizer", "finalizer %llu runs twice", (unsigned long long)token);
  gcb_stress_me->counts->finalizers++;
  gcb_shadow_thread *t = gcb_stress_mine(r);
  t->frames[t->n_frames++] = t->top;
  t->slots[t->top++] = p->twin;
  gcb_place it = gcb_stress_at(r, m, 0);
  if (it.slot.at != object.at) gcb_stress_fail(r, "harness", "a finalizer's frame is not where it should be");
  gcb_stress_look(r, m, it, "the finalizer");
  gcb_stress_action action = p->action;
  uint32_t n = p->argument, global = GCB_STRESS_GLOBAL + n % GCB_STRESS_GLOBALS;
  if (r->together) /* one that is this thread's until they meet */
    global += (gcb_stress_me->id - r->meetings) % GCB_STRESS_THREADS - n % GCB_STRESS_THREADS;
  switch (action) {
  case GCB_STRESS_FINAL_KEEP:
    gcb_stress_step(r, m, (gcb_stress_op){GCB_STRESS_MOVE, {global, 0}});
    gcb_count(&r->in.heap, GCB_EVENT_RESURRECTED);
    break;
  case GCB_STRESS_FINAL_AGAIN:
    gcb_stress_step(r, m, (gcb_stress_op){GCB_STRESS_FINALIZER, {0, GCB_STRESS_FINAL_NOTHING, n}});
    break;
  case GCB_STRESS_FINAL_ALLOCATE:
    gcb_stress_step(r, m, (gcb_stress_op){GCB_STRESS_LIST, {global, n % 100}});
    break;
  case GCB_STRESS_FINAL_REFER:
    gcb_stress_step(r, m, (gcb_stress_op){GCB_STRESS_WEAK, {global, 0}});
    break;
  case GCB_STRESS_FINAL_COLLECTS:
    gcb_stress_step(r, m, (gcb_stress_op){GCB_STRESS_COLLECT, {n % 3}});
    break;
  case GCB_STRESS_FINAL_EMPTY:
    gcb_stress_step(r, m, (gcb_stress_op){GCB_STRESS_CLEAR, {global}});
    break;
  default:
    break;
  }
  t->top = t->frames[--t->n_frames]; /* the harness leaves the real frame */
}

void gcb_stress_settle(gcb_stress_run *r, gcb_mutator *m) {
  uint64_t ran;
  int rounds = 0;
  do {
    ran = r->counts->finalizers;
    gcb_stress_collect(r, m, GCB_MAJOR);
    gcb_stress_judge_ready(r);
    gcb_poll(m);
    gcb_stress_judge_ready(r);
    r->step++;
  } while (r->counts->finalizers != ran && ++rounds < 200);
  bool whole = m->gc->collect(m, GCB_MAJOR) != GCB_OOM;
  r->in.heap.debug &= ~(uint32_t)GCB_DEBUG_MOVE; /* what makes room to move is no leak */
  whole = m->gc->collect(m, GCB_MAJOR) != GCB_OOM && whole && rounds < 200;
  gcb_stress_judge_ready(r);
  gcb_stress_audit(r, m, whole);
  if (r->program->modes.relocate) r->in.heap.debug |= GCB_DEBUG_MOVE;
  if (whole) r->counts->settled++;
}
