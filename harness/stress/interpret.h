/* What the interpreter's files share. */
#ifndef GCB_STRESS_INTERPRET_H
#define GCB_STRESS_INTERPRET_H

#include "stress/program_run.h"

typedef struct gcb_place { /* a slot in both worlds; twin NULL: it does not exist */
  gcb_slot slot;
  gcb_twin **twin;
} gcb_place;

static inline gcb_shadow_thread *gcb_stress_mine(gcb_stress_run *r) {
  return &r->shadow.threads[gcb_stress_me->id];
}
gcb_place gcb_stress_at(gcb_stress_run *r, gcb_mutator *m, uint32_t operand);
/* Does the mutator see in this place what the shadow says? `after`: what it was got by. */
void gcb_stress_look(gcb_stress_run *r, gcb_mutator *m, gcb_place p, const char *after);
void gcb_stress_collect(gcb_stress_run *r, gcb_mutator *m, uint32_t kind);
/* Out of memory for so many bytes: fails where that cannot be; else false. */
bool gcb_stress_refused(gcb_stress_run *r, size_t bytes);

/* Safepoint, where the modes may want a collection. */
void gcb_stress_safepoint(gcb_stress_run *r, gcb_mutator *m);

/* Register a finalizer. */
void gcb_stress_watch(gcb_stress_run *r, gcb_mutator *m, gcb_place p, gcb_stress_action action,
                      uint32_t argument);
/* After an operation: what it made ready must not be reachable. */
void gcb_stress_judge_ready(gcb_stress_run *r);

#endif
