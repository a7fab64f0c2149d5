/* Writes through a wild pointer at its 1000th allocation. */
#include <gcbench/collector.h>
static gcb_object *crashing_alloc(gcb_mutator *m, uint64_t header, size_t bytes);
#define PLAIN_ALLOC crashing_alloc
#include "plain.h"

static gcb_object *crashing_alloc(gcb_mutator *m, uint64_t header, size_t bytes) {
  static uint32_t calls;
  static int *volatile nowhere;
  if (__atomic_add_fetch(&calls, 1, __ATOMIC_RELAXED) == 1000) *nowhere = 1;
  return plain_alloc(m, header, bytes);
}
