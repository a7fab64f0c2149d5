/* The collections that gcbench reports of CPython are those that gc.get_stats() reports. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "plan/load.h"
#include "runtime/heap_host.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka wants the four before it */
#include <cmocka.h>

static void read_stats(uint64_t collections[3]) {
  PyObject *gc = PyImport_ImportModule("gc"), *stats = PyObject_CallMethod(gc, "get_stats", NULL);
  assert_non_null(stats);
  for (int i = 0; i < 3; i++)
    collections[i] = PyLong_AsUnsignedLong(PyDict_GetItemString(PyList_GetItem(stats, i), "collections"));
  Py_DECREF(stats);
  Py_DECREF(gc);
}

static void collections_are_those_of_gc_get_stats(void **state) {
  (void)state;
  static gcb_instance in;
  char why[300];
  gcb_status status;
  const gcb_collector *c = gcb_load_collector(GCB_MODULE, why, sizeof why);
  assert_non_null(c);
  assert_true(gcb_instance_init(&in, c));
  in.heap.limit = UINT64_MAX;
  in.heap.mutators = 1;
  gcb_value values[] = {{.s = "500,7,5"}, {.u = 0}};
  assert_int_equal(c->start(&in.heap, values, why, sizeof why), GCB_OK);
  gcb_mutator *m = gcb_mutator_attach(&in, &status);
  assert_non_null(m);
  uint64_t before[3], after[3], seen[GCB_PAUSE_KINDS] = {0};
  read_stats(before);
  gcb_recorder_clear(&in.recorder);
  const gcb_shape *pair = gcb_shape_new(m, "pair", 2, 8);
  gcb_frame f = gcb_enter(m, 2);
  for (int i = 0; i < 300000; i++) {
    assert_true(gcb_new(m, gcb_at(f, 0), pair));
    gcb_put(m, gcb_at(f, 0), 0, gcb_at(f, 0));
    if (i % 50 == 0) gcb_put(m, gcb_at(f, 0), 1, gcb_at(f, 1));
    if (i % 50 == 0) gcb_move(m, gcb_at(f, 1), gcb_at(f, 0));
    gcb_poll(m);
  }
  for (int i = 0; i < 3; i++) c->collect(m, GCB_MINOR), c->collect(m, GCB_MIDDLE), c->collect(m, GCB_MAJOR);
  read_stats(after);
  for (uint32_t i = 0; i < in.recorder.pauses.n; i++) seen[in.recorder.pauses.at[i].kind]++;
  assert_true(seen[GCB_MINOR] > 500);
  assert_int_equal(seen[GCB_MINOR], after[0] - before[0]);
  assert_int_equal(seen[GCB_MIDDLE], after[1] - before[1]);
  assert_int_equal(seen[GCB_MAJOR], after[2] - before[2]);
  gcb_leave(m, f);
  gcb_mutator_detach(m);
  c->stop(&in.heap);
  gcb_instance_free(&in);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(collections_are_those_of_gc_get_stats)};
  return cmocka_run_group_tests_name("cpython", tests, NULL, NULL);
}
