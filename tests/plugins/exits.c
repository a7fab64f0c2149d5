/* Ends the process with status 0 at its 1000th allocation, as if all were well. */
#include <gcbench/collector.h>
static gcb_object *exiting_alloc(gcb_mutator *m, uint64_t header, size_t bytes);
#define PLAIN_ALLOC exiting_alloc
#include "plain.h"
#include <stdlib.h>

static gcb_object *exiting_alloc(gcb_mutator *m, uint64_t header, size_t bytes) {
  static uint32_t calls;
  if (__atomic_add_fetch(&calls, 1, __ATOMIC_RELAXED) == 1000) exit(0);
  return plain_alloc(m, header, bytes);
}
