/* Seeded bugs about roots, for all collectors at once: a collector that misses a root is one whose visitor is
 * not called for it. See collectors/common/mutants.h. */
#include "stress/mutant_hunt.h"
#include "stress/program_run.h"

#ifdef GCB_MUTANTS
typedef struct filter {
  gcb_stress_run *run;
  gcb_visit *visit;
  void *ctx;
} filter;

static bool missed(gcb_stress_run *r, gcb_object **slot) {
  const gcb_mutator *newest = r->in.heap.live;
  if (GCB_MUTANT(ROOT_LAST))
    for (const gcb_mutator *m = newest; m; m = m->next)
      if (slot == m->top - 1) return true;
  if (GCB_MUTANT(ROOT_GLOBALS) && r->collecting == GCB_MINOR)
    return slot >= r->in.slots && slot < r->in.slots + GCB_GLOBALS;
  return GCB_MUTANT(ROOT_NEW_THREAD) && newest && newest->next && slot >= newest->end - GCB_STACK_SLOTS &&
         slot < newest->end;
}

static void pass_on(void *ctx, gcb_object **slot) {
  const filter *f = ctx;
  if (!missed(f->run, slot)) f->visit(f->ctx, slot);
}

static void each_root(gcb_heap *h, gcb_visit *visit, void *ctx) {
  filter f = {(gcb_stress_run *)h, visit, ctx};
  f.run->each_root(h, pass_on, &f);
}

void gcb_stress_miss_roots(gcb_stress_run *r) {
  if (!GCB_MUTANT(ROOT_LAST) && !GCB_MUTANT(ROOT_GLOBALS) && !GCB_MUTANT(ROOT_NEW_THREAD)) return;
  r->each_root = r->in.host.each_root;
  r->in.host.each_root = each_root;
}
#else
void gcb_stress_miss_roots(gcb_stress_run *r) {
  (void)r;
}
#endif
