/* Pauses that cannot be true: no reader ever refuses what was written, and the table says what is doubtful.
 */
#include "shell.h"

static answer on_plugin(const char *plugin) {
  char line[1000];
  snprintf(line, sizeof line, "run -w trees -p depth=8 -c '%s/%s.so' -n 2 -i 2 --save %s --json run.json",
           GCB_PLUGINS, plugin, plugin);
  return gcbench(line);
}

static bool flagged(const json_t *cell, const char *name) {
  size_t i;
  json_t *flag;
  json_array_foreach(json_object_get(json_object_get(cell, "summary"), "flags"), i, flag) {
    if (strcmp(word(flag, "flag"), name) == 0) return true;
  }
  return false;
}

static void a_pause_that_breaks_the_rule_makes_its_cell_wrong(void **state) {
  (void)state;
  answer a = on_plugin("ends_early");
  expect_status(&a, 4);
  expect_contains(a.out, "ends before it begins");
  answer_free(&a);
  json_t *r = load("run.json"), *cell = json_array_get(json_object_get(r, "cells"), 0);
  assert_string_equal(word(cell, "status"), "wrong");
  expect_contains(word(cell, "reason"), "reported a pause");
  json_decref(r);
  static const char *const readers[] = {"results show ends_early",
                                        "export ends_early --format csv --output kept.csv",
                                        "import run.json --results other"};
  for (size_t i = 0; i < 3; i++) {
    answer b = gcbench(readers[i]);
    expect_status(&b, 0);
    answer_free(&b);
  }
}

static void pauses_told_twice_are_flagged(void **state) {
  (void)state;
  answer a = on_plugin("tells_twice");
  expect_status(&a, 0);
  expect_contains(a.out, "pauses overlap");
  answer_free(&a);
  json_t *r = load("run.json"), *cell = json_array_get(json_object_get(r, "cells"), 0);
  assert_true(flagged(cell, "pauses overlap"));
  json_decref(r);
}

static void check_says_which_rule_is_broken(void **state) {
  (void)state;
  static const char *const plugins[][2] = {{"ends_early", "ends before it begins"},
                                           {"tells_twice", "reported twice"}};
  for (size_t i = 0; i < 2; i++) {
    char line[500];
    snprintf(line, sizeof line, "check '%s/%s.so' --only pauses_are_true", GCB_PLUGINS, plugins[i][0]);
    answer a = gcbench(line);
    expect_status(&a, 1);
    expect_contains(a.out, plugins[i][1]);
    answer_free(&a);
  }
}

static void honest_collectors_are_not_doubted(void **state) {
  (void)state;
  answer a = gcbench("run -w trees -p depth=10 -c all -n 1 -i 1 -q --no-save --json run.json");
  answer_free(&a);
  json_t *r = load("run.json"), *cell;
  size_t i, ok = 0;
  json_array_foreach(json_object_get(r, "cells"), i, cell) {
    if (flagged(cell, "pauses overlap") || flagged(cell, "pauses exceed the wall time"))
      fail_msg("%s on %s is doubted", word(cell, "workload"), word(cell, "collector"));
    assert_string_not_equal(word(cell, "status"), "wrong");
    ok += strcmp(word(cell, "status"), "ok") == 0;
  }
  assert_true(ok >= 10);
  json_decref(r);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_pause_that_breaks_the_rule_makes_its_cell_wrong),
      cmocka_unit_test(pauses_told_twice_are_flagged),
      cmocka_unit_test(check_says_which_rule_is_broken),
      cmocka_unit_test(honest_collectors_are_not_doubted),
  };
  return cmocka_run_group_tests(tests, enter_scratch, leave_scratch);
}
