/* Memory outside the bound and threads that nobody declared are said under the table. */
#include "shell.h"

static bool flagged(const json_t *cell, const char *name) {
  size_t i;
  json_t *flag;
  json_array_foreach(json_object_get(json_object_get(cell, "summary"), "flags"), i, flag) {
    if (strcmp(word(flag, "flag"), name) == 0) return true;
  }
  return false;
}

/* trees on that plug-in: the flag `here` is in the JSON and under the table, `absent` in neither. */
static json_t *expect_flag(const char *plugin, const char *here, const char *absent) {
  char line[1000];
  snprintf(line, sizeof line,
           "run -w trees -p depth=12 -c '%s/%s.so' --heap 1G -n 1 -i 3 --no-save --json run.json",
           GCB_PLUGINS, plugin);
  answer a = gcbench(line);
  expect_status(&a, 0);
  expect_contains(a.out, here);
  assert_null(strstr(a.out, absent));
  answer_free(&a);
  json_t *r = load("run.json"), *cell = json_incref(json_array_get(json_object_get(r, "cells"), 0));
  assert_true(flagged(cell, here));
  assert_false(flagged(cell, absent));
  json_decref(r);
  return cell;
}

static void metadata_outside_the_bound_breaks_it(void **state) {
  (void)state;
  char line[1000];
  snprintf(line, sizeof line,
           "run -w trees -p depth=8 -c '%s/hoards.so' --heap 32M -n 1 -i 1 --no-save --json run.json",
           GCB_PLUGINS);
  answer a = gcbench(line);
  expect_status(&a, 0);
  expect_contains(a.out, "bound broken");
  answer_free(&a);
  json_t *r = load("run.json"), *cell = json_array_get(json_object_get(r, "cells"), 0);
  json_t *invocation = json_array_get(json_object_get(cell, "invocations"), 0);
  assert_true(json_integer_value(json_object_get(invocation, "outside_bytes")) > 90 << 20);
  assert_false(flagged(cell, "undeclared threads"));
  json_decref(r);
}

static void a_thread_that_was_not_declared_is_seen(void **state) {
  (void)state;
  json_decref(expect_flag("works_aside", "undeclared threads", "bound broken"));
}

static void honest_collectors_get_neither_flag(void **state) {
  (void)state;
  answer a = gcbench("run -w trees -p depth=12 -c all -n 1 -i 2 -q --no-save --json run.json");
  answer_free(&a);
  json_t *r = load("run.json"), *cell;
  size_t i, ok = 0;
  json_array_foreach(json_object_get(r, "cells"), i, cell) {
    if (flagged(cell, "bound broken") || flagged(cell, "undeclared threads"))
      fail_msg("%s is flagged", word(cell, "collector"));
    ok += strcmp(word(cell, "status"), "ok") == 0;
  }
  assert_true(ok >= 8);
  json_decref(r);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(metadata_outside_the_bound_breaks_it),
      cmocka_unit_test(a_thread_that_was_not_declared_is_seen),
      cmocka_unit_test(honest_collectors_get_neither_flag),
  };
  return cmocka_run_group_tests(tests, enter_scratch, leave_scratch);
}
