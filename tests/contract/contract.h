/* The contract suite: each behaviour is a small mutator program that is compiled once a path, as workloads
 * are, and run against every collector in a process of its own. What must be true is kept on this side, in
 * plain C arrays; a collector is held to what it declares, and to its refusal of what it does not declare.
 *
 * A behaviour runs on a thread with a small stack (deep structures must not recurse) as the only mutator,
 * unless it spawns more.
 */
#ifndef CONTRACT_H
#define CONTRACT_H

#include "runtime/heap_host.h"

#ifndef CONTRACT_SCALE
#define CONTRACT_SCALE 1 /* sanitizer builds run everything in smaller numbers */
#endif
#define MANY(n) ((uint32_t)((n) / CONTRACT_SCALE))

typedef struct contract contract;
typedef struct behaviour {
  const char *name;
  const char *file;     /* its group is the name of its source */
  const char *expected; /* one sentence: what a collector that conforms does */
  uint64_t needs;       /* GCB_CAP bits; a collector that lacks one is asked for its refusal instead */
  uint64_t limit;       /* heap bound in bytes; 0: the default, which nothing should reach */
  uint32_t mutators;    /* announced to the collector; 0: one */
  bool sweeps;          /* run again with each page request refused in turn, and under hopeless bounds */
  void (*run)(contract *c, gcb_mutator *m);
  void (*before)(contract *c); /* the collector starts, or NULL: nothing to do */
  void (*after)(contract *c);  /* it stopped */
} behaviour;

enum { CONTRACT_FINALS = 1 << 17 }; /* tokens that are counted */

struct contract {
  gcb_instance *in;
  const gcb_collector *gc;
  const behaviour *behaviour;
  const char *variant;
  uint64_t caps, seed;
  gcb_rng rng;
  const gcb_shape *bare, *leaf, *link, *pair, *node, *wide; /* see kit_begin() */
  /* Called for each finalizer that runs, after finals[token] was counted up. NULL: nothing more to do. */
  void (*on_final)(contract *c, gcb_mutator *m, gcb_slot object, uint64_t token);
  uint32_t *finals;       /* CONTRACT_FINALS counts, atomics */
  uint32_t finals_in_all; /* atomic */
  void *data;             /* the behaviour's own */
};

/* BEHAVIOUR(name, "what is expected", .needs = GCB_CAP(WEAK), ...) { body with c and m }. CMake finds the
 * name by reading the line. */
#define BEHAVIOUR(id, sentence, ...)                                                                         \
  static void run_##id(contract *c, gcb_mutator *m);                                                         \
  static const behaviour behaviour_##id = {                                                                  \
      .name = #id, .file = __FILE__, .expected = "" sentence, .run = run_##id, __VA_ARGS__};                 \
  __attribute__((section("contract_behaviours"), used)) static const behaviour *const entry_##id =           \
      &behaviour_##id;                                                                                       \
  static void run_##id(contract *c, gcb_mutator *m)

/* What a copy for one path exports, by the symbol contract_table. */
typedef struct contract_table {
  const behaviour *const *behaviours;
  uint32_t n;
  void (*begin)(contract *c, gcb_mutator *m);                    /* registers the shapes */
  void (*denied)(contract *c, gcb_mutator *m, uint64_t missing); /* asserts the declared answers */
} contract_table;

/* End this test with a sentence; says collector, behaviour, variant and seed. Any thread. */
_Noreturn void contract_fail(contract *c, const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#define CHECK(condition, ...)                                                                                \
  do {                                                                                                       \
    if (!(condition)) contract_fail(c, __FILE__, __LINE__, __VA_ARGS__);                                     \
  } while (0)
#define CHECK_EQ(actual, expected, what)                                                                     \
  do {                                                                                                       \
    uint64_t actual_ = (uint64_t)(actual), expected_ = (uint64_t)(expected);                                 \
    CHECK(actual_ == expected_, "%s: expected %llu, got %llu", what, (unsigned long long)expected_,          \
          (unsigned long long)actual_);                                                                      \
  } while (0)

static inline bool has(const contract *c, uint64_t caps) {
  return (c->caps & caps) == caps;
}
/* Is dropped data certain to go in two major collections? Acyclic data, and any. */
static inline bool drops(const contract *c) {
  return has(c, GCB_CAP(RECLAIMS) | GCB_CAP(EXACT));
}
static inline bool drops_cycles(const contract *c) {
  return drops(c) && has(c, GCB_CAP(CYCLES));
}

#endif
