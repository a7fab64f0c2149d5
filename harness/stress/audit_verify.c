/* The barrier verifier at work in a run: cycles begin when an audit after a collection has seen the heap, and
 * end at the next stop of the world. */
#include "stress/program_run.h"

static void log_told(gcb_mutator *m, gcb_object *o, gcb_object **slot) {
  gcb_stress_run *r = (gcb_stress_run *)m->heap;
  if (!gcb_barrier_tell(&r->barrier, o, slot)) gcb_stress_fail(r, "harness", "no memory for the verifier");
  r->gc->log(m, o, slot);
}

static bool stop_and_judge(gcb_heap *h, gcb_mutator *m) {
  gcb_stress_run *r = (gcb_stress_run *)h;
  if (!r->stop_world(h, m)) return false;
  uint32_t slot;
  const gcb_held *held = gcb_barrier_unexplained(&r->barrier, &slot);
  if (held)
    gcb_stress_fail(r, "barrier", "slot %u of object %u was stored into, and the write barrier was not told",
                    slot, held->id);
  r->counts->stores_explained += r->barrier.explained;
  r->barrier.explained = 0;
  if (!r->auditing) r->barrier.n_held = 0; /* what follows may move things */
  return true;
}

void gcb_stress_verify_from(gcb_stress_run *r, gcb_mutator *m) {
  if (!r->program->modes.barrier || r->program->modes.together || !gcb_barrier_is_checked(r->in.heap.path) ||
      gcb_stress_has(r, GCB_CAP(FOREIGN)))
    return;
  if (!r->verifies) {
    r->verifies = true;
    r->told = *r->gc;
    if (r->told.log) r->told.log = log_told;
    r->stop_world = r->in.host.stop_world;
    r->in.host.stop_world = stop_and_judge;
  }
  m->gc = &r->told;
}

void gcb_stress_verify_begin(gcb_stress_run *r, const gcb_mutator *m, uint32_t audit) {
  if (!r->verifies) return;
  gcb_barrier_begin(&r->barrier, r->in.heap.path, m);
  GCB_EACH_TWIN(&r->shadow, t, all)
  if (t->seen == audit && !gcb_twin_is_special(t) && !gcb_barrier_note(&r->barrier, t->real, t->id))
    gcb_stress_fail(r, "harness", "no memory for the verifier");
}
