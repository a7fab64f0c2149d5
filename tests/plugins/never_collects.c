/* Declares that it reclaims, answers that it did, and frees nothing. */
#include <gcbench/collector.h>
static gcb_status idle_collect(gcb_mutator *m, gcb_pause_kind kind);
#define PLAIN_COLLECT      idle_collect
#define PLAIN_CAPABILITIES GCB_CAP(RECLAIMS)
#include "plain.h"

static gcb_status idle_collect(gcb_mutator *m, gcb_pause_kind kind) {
  (void)m;
  return kind == GCB_MAJOR ? GCB_OK : GCB_UNSUPPORTED;
}
