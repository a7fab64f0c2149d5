/* Overflows the stack of the mutator that makes the 1000th allocation. */
#include <gcbench/collector.h>
static gcb_object *overflowing_alloc(gcb_mutator *m, uint64_t header, size_t bytes);
#define PLAIN_ALLOC overflowing_alloc
#include "plain.h"

/* Exported, so that a backtrace can name it. */
__attribute__((visibility("default"), noinline)) uint64_t runs_deep(volatile uint64_t *from) {
  volatile uint64_t frame[64];
  frame[0] = *from + 1;
  if (frame[0] == 0) return 0; /* never, which a compiler does not know */
  return runs_deep(frame) + frame[0];
}

static gcb_object *overflowing_alloc(gcb_mutator *m, uint64_t header, size_t bytes) {
  static uint32_t calls;
  volatile uint64_t depth = 0;
  if (__atomic_add_fetch(&calls, 1, __ATOMIC_RELAXED) == 1000) header = runs_deep(&depth);
  return plain_alloc(m, header, bytes);
}
