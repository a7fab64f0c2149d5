/* A store that version 0.1.0 wrote opens, and every run of it can be read. */
#include "run_documents.h"

static char why[4500];

static void copy_store(const char *folder) {
  char command[600];
  snprintf(command, sizeof command, "mkdir -p %s && cp '%s/0.1.0/gcbench.sqlite' %s/", folder, GCB_TEST_DATA,
           folder);
  assert_int_equal(system(command), 0);
}

static void every_run_of_an_old_store_is_there(void **state) {
  (void)state;
  copy_store("old");
  struct gcb_store *s = must_open("old", GCB_STORE_WRITE);
  assert_true(query(s, "SELECT count(*) FROM runs") == 9);
  assert_true(query(s, "SELECT sum(done) FROM runs") == query(s, "SELECT count(*) FROM invocations"));
  for (int64_t run = 1; run <= 9; run++) {
    json_t *document = gcb_store_load(s, run, true, why, sizeof why);
    if (!document) print_error("%s\n", why);
    assert_non_null(document);
    size_t cells = json_array_size(json_object_get(document, "cells"));
    char count[80];
    snprintf(count, sizeof count, "SELECT count(*) FROM run_cells WHERE run = %d", (int)run);
    assert_true((double)cells == query(s, count));
    json_decref(document);
  }
  assert_true(gcb_store_check(s, why, sizeof why));
  gcb_store_close(s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_run_of_an_old_store_is_there),
  };
  return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
