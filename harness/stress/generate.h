/* Random programs: the same seed, the same program, for ever. */
#ifndef GCB_STRESS_GENERATE_H
#define GCB_STRESS_GENERATE_H

#include "stress/program.h"

#define GCB_STRESS_MODES(X)                                                                                  \
  X(COLLECT, "collect")       /* a collection before every n-th allocation */                                \
  X(TINY, "tiny")             /* declared constants shrunk: nursery, mark stack, remembered set */           \
  X(SMALL, "small")           /* a small heap, so that memory runs out */                                    \
  X(FAIL, "fail")             /* one page request refused */                                                 \
  X(POISON, "poison")         /* dead memory filled */                                                       \
  X(PROTECT, "protect")       /* pages given back cannot be touched */                                       \
  X(BASE, "base")             /* the heap at a random address */                                             \
  X(VARY, "vary")             /* the collector's small options drawn: ages, choices */                       \
  X(THREADS, "threads")       /* threads that start, hand over and end */                                    \
  X(SAFEPOINTS, "safepoints") /* a collection at each safepoint */                                           \
  X(SWEEP, "sweep")           /* each page request refused in turn */                                        \
  X(STARVE, "starve")         /* no page during a collection: promotion fails */                             \
  X(RELOCATE, "relocate")     /* whatever can be moved is moved */                                           \
  X(BARRIER, "barrier")       /* stores compared with what the barrier was told */                           \
  X(TOGETHER, "together")     /* threads run at the same time: only when asked for */
enum {
#define X(id, word) GCB_STRESS_MODE_BIT_##id,
  GCB_STRESS_MODES(X)
#undef X
      GCB_STRESS_MODE_KINDS
};
/* Programs that run the same way each time. */
#define GCB_STRESS_EXACT_MODES (((1u << GCB_STRESS_MODE_KINDS) - 1) & ~GCB_STRESS_MODE(TOGETHER))
#define GCB_STRESS_MODE(id)    (1u << GCB_STRESS_MODE_BIT_##id)

/* The word of a mode, NULL past the last. */
const char *gcb_stress_mode_word(unsigned bit);

/* A program of the modes in the mask: each is drawn for some programs. False: no memory. */
bool gcb_stress_generate(gcb_stress_program *p, uint64_t seed, unsigned modes);

#endif
