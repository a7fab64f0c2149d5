/* Stops the world for 2 ms at every 2000th allocation and reports each of these pauses twice. */
#include <gcbench/collector.h>
static gcb_object *twice_alloc(gcb_mutator *m, uint64_t header, size_t bytes);
#define PLAIN_ALLOC twice_alloc
#include "plain.h"

static gcb_object *twice_alloc(gcb_mutator *m, uint64_t header, size_t bytes) {
  static uint32_t calls;
  if (__atomic_add_fetch(&calls, 1, __ATOMIC_RELAXED) % 2000 == 0 && gcb_stop_world(m)) {
    uint64_t start = gcb_now(m->heap), end;
    while ((end = gcb_now(m->heap)) - start < 2000000) {
    }
    gcb_pause(m->heap, NULL, GCB_MAJOR, start, end);
    gcb_pause(m->heap, NULL, GCB_MAJOR, start, end);
    gcb_resume_world(m);
  }
  return plain_alloc(m, header, bytes);
}
