/* "Collects" by changing a byte of the payload of every object that a root holds, at each collection and at
 * every 4096th allocation: a workload's checksum must notice. */
#include <gcbench/collector.h>
static gcb_object *corrupting_alloc(gcb_mutator *m, uint64_t header, size_t bytes);
static gcb_status corrupting_collect(gcb_mutator *m, gcb_pause_kind kind);
#define PLAIN_ALLOC   corrupting_alloc
#define PLAIN_COLLECT corrupting_collect
#include "plain.h"

static void corrupt(void *ctx, gcb_object **slot) {
  gcb_object *o = *slot;
  (void)ctx;
  if ((char *)o + gcb_size_of(o->geometry) > gcb_payload_of(o)) gcb_payload_of(o)[0] ^= 0x40;
}
static gcb_status corrupting_collect(gcb_mutator *m, gcb_pause_kind kind) {
  if (kind != GCB_MAJOR) return GCB_UNSUPPORTED;
  while (!gcb_stop_world(m)) {
  }
  gcb_each_root(m->heap, corrupt, NULL);
  gcb_resume_world(m);
  return GCB_OK;
}
static gcb_object *corrupting_alloc(gcb_mutator *m, uint64_t header, size_t bytes) {
  static uint32_t calls;
  if (__atomic_add_fetch(&calls, 1, __ATOMIC_RELAXED) % 4096 == 0) corrupting_collect(m, GCB_MAJOR);
  return plain_alloc(m, header, bytes);
}
