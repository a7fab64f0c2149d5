/* What `gcbench version` tells of the program, as text and as JSON. */
#include "shell.h"

static void version_names_all_that_the_program_was_built_from(void **state) {
  (void)state;
  answer a = gcbench("version --json");
  expect_status(&a, 0);
  json_t *v = json_loads(a.out, 0, NULL), *library;
  answer_free(&a);
  static const char *const told[] = {"gcbench", "commit", "compiler", "flags", "build_type"};
  for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
    if (!*word(v, told[i])) print_error("not told: %s\n", told[i]);
    assert_true(*word(v, told[i]));
  }
  const char *key;
  size_t n = 0;
  json_object_foreach(json_object_get(v, "libraries"), key, library) {
    assert_true(json_is_string(library));
    n++;
  }
  assert_int_equal(n, 6);
  assert_true(json_array_size(json_object_get(v, "optional")) > 5);
  a = gcbench("version");
  answer b = gcbench("--version");
  expect_status(&a, 0);
  assert_string_equal(a.out, b.out);
  expect_contains(a.out, word(v, "commit"));
  expect_contains(a.out, word(v, "compiler"));
  expect_contains(a.out, "jansson ");
  answer_free(&a);
  answer_free(&b);
  json_decref(v);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(version_names_all_that_the_program_was_built_from),
  };
  return cmocka_run_group_tests(tests, enter_scratch, leave_scratch);
}
