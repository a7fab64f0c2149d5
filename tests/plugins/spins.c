/* Never returns from its 1000th allocation. */
#include <gcbench/collector.h>
static gcb_object *spinning_alloc(gcb_mutator *m, uint64_t header, size_t bytes);
#define PLAIN_ALLOC spinning_alloc
#include "plain.h"

static gcb_object *spinning_alloc(gcb_mutator *m, uint64_t header, size_t bytes) {
  static uint32_t calls;
  static volatile bool forever = true;
  if (__atomic_add_fetch(&calls, 1, __ATOMIC_RELAXED) >= 1000)
    while (forever) {
    }
  return plain_alloc(m, header, bytes);
}
