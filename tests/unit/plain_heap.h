/* A started heap for tests of the harness's services: the tests' simplest collector on the real instance. */
#ifndef GCB_TEST_PLAIN_HEAP_H
#define GCB_TEST_PLAIN_HEAP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../plugins/plain.h"
#include "plan/load.h"
#include "runtime/heap_host.h"

/* The operations of the collector's path, from the compiled copy beside the test's program. */
static inline gcb_instance *plain_heap(uint32_t mutators, uint64_t limit) {
  gcb_instance *in = malloc(sizeof *in);
  char why[300];
  assert_non_null(in);
  assert_true(gcb_instance_init(in, &gcbench_collector));
  in->heap.limit = limit;
  in->heap.mutators = mutators;
  assert_int_equal(gcbench_collector.start(&in->heap, NULL, why, sizeof why), GCB_OK);
  const gcb_path_module *p = gcb_load_path(in->heap.path, why, sizeof why);
  assert_non_null(p);
  in->ops = p->ops;
  return in;
}
static inline gcb_mutator *plain_mutator(gcb_instance *in) {
  gcb_status status;
  gcb_mutator *m = gcb_mutator_attach(in, &status);
  assert_non_null(m);
  return m;
}
static inline void plain_free(gcb_instance *in) {
  gcbench_collector.stop(&in->heap);
  gcb_instance_free(in);
  free(in);
}

#endif
