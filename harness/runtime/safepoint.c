/* The stop-the-world rendezvous, and threads that come, wait and go. Follows the usual polling safepoints
 * (Agesen 1998): a stop raises a flag that every poll reads; who arrives parks on a condition; who waits
 * outside the heap (blocked) does not hold the stop up. */
#include "runtime/heap_host.h"
#include <stdio.h>
#include <stdlib.h>

static gcb_instance *instance(gcb_heap *h) {
  return (gcb_instance *)h;
}

static void flag_all(gcb_instance *in, bool stop) {
  for (gcb_mutator *m = in->heap.live; m; m = m->next) {
    if (stop)
      __atomic_fetch_or(&m->attention, GCB_ATTENTION_STOP, __ATOMIC_RELAXED);
    else
      __atomic_fetch_and(&m->attention, ~(uint32_t)GCB_ATTENTION_STOP, __ATOMIC_RELAXED);
  }
}

/* A wait for a stop to be over: a stall, unless it happened inside a slow path whose whole time is charged.
 */
static void stalled(gcb_instance *in, gcb_mutator *m, uint64_t start) {
  if (((gcb_thread *)m->harness)->in_slow_path) return;
  gcb_record(&in->recorder, &in->recorder.stalls,
             (gcb_moment){start, gcb_clock(), GCB_STALL_SAFEPOINT, (uint16_t)m->id, 0});
}

/* Stand still until the present stop is over; the lock is held. The time is the mutator's, so it is recorded
 * as its stall. */
static void park(gcb_instance *in, gcb_mutator *m) {
  uint64_t start = gcb_clock(), stop = in->stops;
  if (--in->running == 0) pthread_cond_signal(&in->parked);
  while (in->stopping && in->stops == stop) pthread_cond_wait(&in->resumed, &in->lock);
  while (in->stopping) pthread_cond_wait(&in->resumed, &in->lock); /* the next stop has begun already */
  in->running++;
  stalled(in, m, start);
}

/* The instance that the calling thread has stopped. */
static _Thread_local gcb_instance *stopped_here;
static _Thread_local uint64_t stopped_own_cpu; /* ns: its CPU time where the present part of the stop began */

static bool stop_world(gcb_heap *h, gcb_mutator *m) {
  gcb_instance *in = instance(h);
  pthread_mutex_lock(&in->lock);
  if (in->stopping && m) {
    park(in, m);
    pthread_mutex_unlock(&in->lock);
    gcb_count(h, GCB_EVENT_COLLECTED_BY_OTHER);
    return false;
  }
  while (in->stopping) pthread_cond_wait(&in->resumed, &in->lock);
  uint64_t start = gcb_clock();
  in->stopping = true;
  in->stops++;
  flag_all(in, true);
  if (m) in->running--;
  while (in->running) pthread_cond_wait(&in->parked, &in->lock);
  pthread_mutex_unlock(&in->lock);
  uint64_t now = gcb_clock();
  gcb_record(&in->recorder, &in->recorder.safepoints, (gcb_moment){start, now, 0, GCB_ALL_MUTATORS, 0});
  if (m) gcb_stall_cut(in, m, now);
  stopped_here = in;
  in->stopped_cpu = gcb_cpu_clock();
  stopped_own_cpu = gcb_thread_cpu_clock();
  in->stopped_at = gcb_clock();
  return true;
}

/* Record the stop, or what of it follows the last report, with this thread's CPU time. Returns the time (ns).
 */
static uint64_t end_part(gcb_instance *in) {
  uint64_t now = gcb_clock(), used = gcb_cpu_clock(), own = gcb_thread_cpu_clock();
  gcb_record(&in->recorder, &in->recorder.stops,
             (gcb_moment){in->stopped_at, now, 0, GCB_ALL_MUTATORS, own - stopped_own_cpu});
  in->recorder.stopped_cpu += used - in->stopped_cpu;
  in->stopped_at = now;
  in->stopped_cpu = used;
  stopped_own_cpu = own;
  return now;
}

void gcb_stop_reported(gcb_instance *in) {
  if (stopped_here == in) end_part(in);
}

static void resume_world(gcb_heap *h, gcb_mutator *m) {
  gcb_instance *in = instance(h);
  uint64_t now = end_part(in);
  stopped_here = NULL;
  if (m) gcb_stall_continue(m, now);
  pthread_mutex_lock(&in->lock);
  in->stopping = false;
  if (m) in->running++;
  flag_all(in, false);
  pthread_cond_broadcast(&in->resumed);
  pthread_mutex_unlock(&in->lock);
}

static void poll(gcb_mutator *m) {
  gcb_instance *in = instance(m->heap);
  uint32_t attention = __atomic_load_n(&m->attention, __ATOMIC_RELAXED);
  if (attention & GCB_ATTENTION_STOP) {
    pthread_mutex_lock(&in->lock);
    if (in->stopping) park(in, m);
    pthread_mutex_unlock(&in->lock);
  }
  if (attention & GCB_ATTENTION_FINALIZERS) gcb_run_finalizers(m);
}

static void blocked_begin(gcb_mutator *m) {
  gcb_instance *in = instance(m->heap);
  if (in->ops->blocked_begin) in->ops->blocked_begin(m);
  pthread_mutex_lock(&in->lock);
  if (--in->running == 0) pthread_cond_signal(&in->parked);
  pthread_mutex_unlock(&in->lock);
}

static void blocked_end(gcb_mutator *m) {
  gcb_instance *in = instance(m->heap);
  pthread_mutex_lock(&in->lock);
  uint64_t start = in->stopping ? gcb_clock() : 0;
  while (in->stopping) pthread_cond_wait(&in->resumed, &in->lock);
  in->running++;
  pthread_mutex_unlock(&in->lock);
  if (start) stalled(in, m, start);
  if (in->ops->blocked_end) in->ops->blocked_end(m);
}

static void lock_shared(gcb_mutator *m, uint32_t lock) {
  gcb_instance *in = instance(m->heap);
  if (pthread_mutex_trylock(&in->locks[lock % GCB_LOCKS]) == 0) return;
  blocked_begin(m);
  pthread_mutex_lock(&in->locks[lock % GCB_LOCKS]);
  blocked_end(m);
}

static void unlock_shared(gcb_mutator *m, uint32_t lock) {
  pthread_mutex_unlock(&instance(m->heap)->locks[lock % GCB_LOCKS]);
}

static void fatal(gcb_mutator *m, const char *why) {
  gcb_thread *t = m->harness;
  snprintf(t->why, sizeof t->why, "%s", why);
  longjmp(t->unwind, 1);
}

gcb_mutator *gcb_mutator_attach(gcb_instance *in, gcb_status *status) {
  gcb_thread *t = aligned_alloc(64, (sizeof *t + 63) & ~(size_t)63);
  *status = GCB_FAILED;
  if (!t) return NULL;
  memset(t, 0, sizeof *t);
  gcb_mutator *m = &t->mutator;
  const gcb_collector *c = in->heap.collector;
  pthread_mutex_lock(&in->lock);
  gcb_count(&in->heap, in->stopping ? GCB_EVENT_THREAD_BEGAN_IN_STOP : GCB_EVENT_THREAD_BEGAN);
  while (in->stopping) pthread_cond_wait(&in->resumed, &in->lock);
  if (in->ids == UINT64_MAX) {
    pthread_mutex_unlock(&in->lock);
    free(t);
    return NULL;
  }
  uint32_t id = (uint32_t)__builtin_ctzll(~in->ids);
  in->ids |= 1ull << id;
  m->id = id;
  m->top = in->slots + GCB_GLOBALS + (size_t)id * GCB_STACK_SLOTS;
  m->end = m->top + GCB_STACK_SLOTS;
  m->shared = in->heap.mutators > 1;
  gcb_watch_mutator(in, m);
  m->ops = in->ops;
  m->heap = &in->heap;
  m->harness = t;
  m->attention = in->first_ready < in->n_ready ? GCB_ATTENTION_FINALIZERS : 0;
  m->next = in->heap.live;
  in->heap.live = m;
  in->running++;
  pthread_mutex_unlock(&in->lock);
  *status = c->thread_begin ? c->thread_begin(m) : GCB_OK;
  if (*status == GCB_OK) return m;
  t->in_finalizer = true; /* thread_end() of a thread that never began is not called */
  gcb_mutator_detach(m);
  return NULL;
}

void gcb_mutator_detach(gcb_mutator *m) {
  gcb_instance *in = instance(m->heap);
  gcb_thread *t = m->harness;
  if (!t->in_finalizer && m->gc->thread_end) m->gc->thread_end(m);
  pthread_mutex_lock(&in->lock);
  gcb_count(&in->heap, in->stopping ? GCB_EVENT_THREAD_ENDED_IN_STOP : GCB_EVENT_THREAD_ENDED);
  if (in->stopping) park(in, m);
  gcb_mutator **link = &in->heap.live;
  while (*link != m) link = &(*link)->next;
  *link = m->next;
  in->ids &= ~(1ull << m->id);
  in->running--;
  pthread_mutex_unlock(&in->lock);
  free(t);
}

void gcb_mutator_unwind(gcb_mutator *m) {
  gcb_object **base = m->end - GCB_STACK_SLOTS;
  ((gcb_thread *)m->harness)->in_finalizer = false;
  ((gcb_thread *)m->harness)->in_slow_path = 0;
  if (m->top > base) m->ops->leave(m, base, (uint32_t)(m->top - base));
  m->top = base;
}

void gcb_world_wire(gcb_instance *in) {
  pthread_mutex_init(&in->lock, NULL);
  pthread_cond_init(&in->parked, NULL);
  pthread_cond_init(&in->resumed, NULL);
  for (int i = 0; i < GCB_LOCKS; i++) pthread_mutex_init(&in->locks[i], NULL);
  in->host.stop_world = stop_world;
  in->host.resume_world = resume_world;
  in->host.poll = poll;
  in->host.blocked_begin = blocked_begin;
  in->host.blocked_end = blocked_end;
  in->host.lock = lock_shared;
  in->host.unlock = unlock_shared;
  in->host.fatal = fatal;
}

void gcb_world_free(gcb_instance *in) {
  for (int i = 0; i < GCB_LOCKS; i++) pthread_mutex_destroy(&in->locks[i]);
  pthread_cond_destroy(&in->parked);
  pthread_cond_destroy(&in->resumed);
  pthread_mutex_destroy(&in->lock);
}
