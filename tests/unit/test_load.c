/* Loading a collector: what is wrong with it is said in one sentence that names the file. */
#include "plain_heap.h"
#include <stdio.h>

static char why[600];

static const gcb_collector *load(const char *name) {
  char file[600];
  snprintf(file, sizeof file, "%s/%s.so", GCB_TEST_PLUGINS, name);
  why[0] = 0;
  return gcb_load_collector(file, why, sizeof why);
}
static void refused(const char *name, const char *because) {
  assert_null(load(name));
  if (!strstr(why, because) || !strstr(why, name))
    fail_msg("the reason is \"%s\", expected \"%s\"", why, because);
}

static void a_whole_collector_loads(void **state) {
  (void)state;
  const gcb_collector *c = load("well_behaved");
  assert_non_null(c);
  assert_string_equal(c->name, "plain");
  assert_string_equal(why, "");
  assert_ptr_equal(load("well_behaved"), c);
}

static void what_is_missing_is_named(void **state) {
  (void)state;
  refused("no_such_file", "cannot be read");
  refused("no_symbol", "gcbench_collector");
  refused("wrong_abi", "ABI 2");
  refused("no_collect", "collect()");
  refused("no_barrier", "write()");
}

static void what_is_no_module_is_refused(void **state) {
  (void)state;
  assert_null(gcb_load_collector("/proc/self/status", why, sizeof why));
  assert_non_null(strstr(why, "cannot be loaded"));
}

static void path_copies_are_found_and_called_ones_stand_in(void **state) {
  (void)state;
  gcb_path bump = {GCB_ALLOC_BUMP, GCB_WRITE_CARD, GCB_READ_NONE, GCB_ROOTS_PLAIN};
  const gcb_path_module *p = gcb_load_path(bump, why, sizeof why);
  assert_non_null(p);
  assert_memory_equal(&p->path, &bump, sizeof bump);
  gcb_path rare = {GCB_ALLOC_FREE, GCB_WRITE_FIELD_LOG, GCB_READ_NONE, GCB_ROOTS_PLAIN};
  p = gcb_load_path(rare, why, sizeof why); /* no such copy: allocation is called instead */
  assert_non_null(p);
  assert_int_equal(p->path.alloc, GCB_ALLOC_CALL);
  assert_int_equal(p->path.write, GCB_WRITE_FIELD_LOG);
  gcb_path none = {GCB_ALLOC_CALL, GCB_WRITE_CARD, GCB_READ_CALL, GCB_ROOTS_COUNTED};
  assert_null(gcb_load_path(none, why, sizeof why));
  assert_non_null(strstr(why, "call-card-call-counted"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_whole_collector_loads),
      cmocka_unit_test(what_is_missing_is_named),
      cmocka_unit_test(what_is_no_module_is_refused),
      cmocka_unit_test(path_copies_are_found_and_called_ones_stand_in),
  };
  return cmocka_run_group_tests_name("load", tests, NULL, NULL);
}
