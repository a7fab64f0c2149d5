/* "Collects" by making every object that a root holds longer than it is: a walk over the heap must notice. */
#include <gcbench/collector.h>
static gcb_status corrupting_collect(gcb_mutator *m, gcb_pause_kind kind);
#define PLAIN_COLLECT      corrupting_collect
#define PLAIN_CAPABILITIES GCB_CAP(RECLAIMS)
#include "plain.h"

static void corrupt(void *ctx, gcb_object **slot) {
  (void)ctx;
  if (gcb_kind((*slot)->geometry) == GCB_KIND_FIXED) (*slot)->geometry |= 0x3fffffff;
}
static gcb_status corrupting_collect(gcb_mutator *m, gcb_pause_kind kind) {
  if (kind != GCB_MAJOR) return GCB_UNSUPPORTED;
  while (!gcb_stop_world(m)) {
  }
  gcb_each_root(m->heap, corrupt, NULL);
  gcb_resume_world(m);
  return GCB_OK;
}
