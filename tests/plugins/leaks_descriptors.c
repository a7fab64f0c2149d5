/* Keeps a descriptor open in each iteration or so: nothing that a heap's ledger would show. */
#include <gcbench/collector.h>
static gcb_object *leaking_alloc(gcb_mutator *m, uint64_t header, size_t bytes);
#define PLAIN_ALLOC leaking_alloc
#include "plain.h"
#include <unistd.h>

static gcb_object *leaking_alloc(gcb_mutator *m, uint64_t header, size_t bytes) {
  static uint32_t calls;
  if (__atomic_add_fetch(&calls, 1, __ATOMIC_RELAXED) % 30000 == 1 && dup(0) < 0) return NULL;
  return plain_alloc(m, header, bytes);
}
