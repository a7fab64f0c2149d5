#include "runtime/heap_host.h"
#include <stdlib.h>

bool gcb_instance_init(gcb_instance *in, const gcb_collector *c) {
  memset(in, 0, sizeof *in);
  in->heap.collector = c;
  in->heap.host = &in->host;
  in->heap.path = c->path;
  in->heap.limit = UINT64_MAX;
  in->heap.mutators = 1;
  in->ops = c->ops;
  in->host.now = gcb_clock;
  gcb_recorder_init(&in->recorder);
  gcb_recorder_wire(in);
  gcb_pages_wire(in);
  gcb_roots_wire(in);
  gcb_world_wire(in);
  gcb_watch_set(in, GCB_WATCH_THROUGHPUT);
  gcb_workers_start(in, 1, NULL, NULL);
  if (in->slots) return true;
  gcb_instance_free(in);
  return false;
}

void gcb_instance_free(gcb_instance *in) {
  gcb_workers_stop(in);
  gcb_world_free(in);
  gcb_roots_free(in);
  gcb_pages_free(in);
  gcb_recorder_free(&in->recorder);
}
