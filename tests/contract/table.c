/* The symbol of each copy, and what a collector answers that lacks a capability: it says no in the declared
 * way, and everything else goes on. */
#include "kit.h"

/* The linker gathers what BEHAVIOUR() put into this section. */
extern const behaviour *const __start_contract_behaviours[] __attribute__((visibility("hidden")));
extern const behaviour *const __stop_contract_behaviours[] __attribute__((visibility("hidden")));

static uint64_t objects_held(contract *c, gcb_mutator *m) {
  gcb_space_ledger l;
  kit_audit(c, m);
  m->gc->ledger(m->heap, &l);
  return l.objects;
}

static void denied(contract *c, gcb_mutator *m, uint64_t missing) {
  gcb_frame f = gcb_enter(m, 3);
  gcb_slot kept = gcb_at(f, 0), other = gcb_at(f, 1);
  const gcb_collector *g = m->gc;
  kit_list(c, m, kept, 1000, 5000);
  kit_new(c, m, other, c->leaf, 7);
  if (missing & GCB_CAP(GENERATIONAL))
    CHECK(g->collect(m, GCB_MINOR) == GCB_UNSUPPORTED, "collect(minor) is not declared, and not refused");
  if (missing & GCB_CAP(WEAK))
    CHECK(!g->weak_new || !g->weak_new(m, other), "weak references are not declared, and not refused");
  if (missing & GCB_CAP(EPHEMERONS))
    CHECK(!g->ephemeron_new || !g->ephemeron_new(m, other, kept),
          "ephemerons are not declared, and not refused");
  if (missing & GCB_CAP(FINALIZERS))
    CHECK(!g->finalizer || g->finalizer(m, *other.at, 1) == GCB_UNSUPPORTED,
          "finalizers are not declared, and not refused");
  if (missing & (GCB_CAP(RECLAIMS) | GCB_CAP(PROMPT))) {
    uint64_t before = objects_held(c, m), dropped = 1u << 20;
    kit_garbage(c, m, dropped);
    uint64_t after = objects_held(c, m);
    if (missing & GCB_CAP(RECLAIMS))
      CHECK(after >= before + dropped, "nothing is reclaimed by declaration, and %llu bytes of garbage went",
            (unsigned long long)(before + dropped - after));
    kit_settle(c, m);
    kit_exact(c, m, 0);
  }
  if (missing & GCB_CAP(CYCLES)) {
    kit_ring(c, m, other, 1000, 1, gcb_at(f, 2));
    gcb_clear(m, other);
    kit_settle(c, m);
    kit_exact(c, m, 1000 * (uint64_t)c->pair->size);
  }
  if (missing & GCB_CAP(BOUNDED)) kit_garbage(c, m, 32u << 20);
  kit_collect(c, m, GCB_MAJOR);
  kit_expect_list(c, m, kept, 1000, 5000, "a list beside what was refused");
  gcb_leave(m, f);
}

__attribute__((visibility("default"))) const contract_table *contract_table_of(void);
const contract_table *contract_table_of(void) {
  static contract_table table;
  table = (contract_table){.behaviours = __start_contract_behaviours,
                           .n = (uint32_t)(__stop_contract_behaviours - __start_contract_behaviours),
                           .begin = kit_begin,
                           .denied = denied};
  return &table;
}
