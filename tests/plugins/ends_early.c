/* Reports pauses that break the rule: one that ends before it begins, and one of no known kind in the future.
 */
#include <gcbench/collector.h>
static gcb_object *early_alloc(gcb_mutator *m, uint64_t header, size_t bytes);
#define PLAIN_ALLOC early_alloc
#include "plain.h"

static gcb_object *early_alloc(gcb_mutator *m, uint64_t header, size_t bytes) {
  static uint32_t calls;
  if (__atomic_add_fetch(&calls, 1, __ATOMIC_RELAXED) % 5000 == 0 && gcb_stop_world(m)) {
    uint64_t now = gcb_now(m->heap);
    gcb_pause(m->heap, NULL, GCB_MAJOR, now, now - 1000000);
    gcb_pause(m->heap, NULL, (gcb_pause_kind)77, now + 5000000000u, now + 6000000000u);
    gcb_resume_world(m);
  }
  return plain_alloc(m, header, bytes);
}
