/* Prints on standard output, where only results belong. */
#include <gcbench/collector.h>
static gcb_object *printing_alloc(gcb_mutator *m, uint64_t header, size_t bytes);
#define PLAIN_ALLOC printing_alloc
#include "plain.h"
#include <stdio.h>

static gcb_object *printing_alloc(gcb_mutator *m, uint64_t header, size_t bytes) {
  static uint32_t calls;
  if (__atomic_add_fetch(&calls, 1, __ATOMIC_RELAXED) % 1000 == 1) {
    puts("{\"status\": \"ok\", \"checksum\": 0}");
    fflush(stdout);
  }
  return plain_alloc(m, header, bytes);
}
