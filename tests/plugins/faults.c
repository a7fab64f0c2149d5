/* Reads from an address that is not mapped at its 1000th allocation. */
#include <gcbench/collector.h>
static gcb_object *faulting_alloc(gcb_mutator *m, uint64_t header, size_t bytes);
#define PLAIN_ALLOC faulting_alloc
#include "plain.h"

/* Exported, so that a backtrace can name it. */
__attribute__((visibility("default"), noinline)) uint64_t reads_nowhere(volatile uint64_t *at) {
  return *at + 1;
}

static gcb_object *faulting_alloc(gcb_mutator *m, uint64_t header, size_t bytes) {
  static uint32_t calls;
  if (__atomic_add_fetch(&calls, 1, __ATOMIC_RELAXED) == 1000) header = reads_nowhere((uint64_t *)64);
  return plain_alloc(m, header, bytes);
}
