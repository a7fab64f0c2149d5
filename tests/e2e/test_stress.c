/* gcbench stress: every mode does something, a bug is found, made small, saved, replayed and told once. */
#include "shell.h"

static json_int_t effect(const json_t *r, const char *name) {
  return json_integer_value(json_object_get(json_array_get(json_object_get(r, "collectors"), 0), name));
}

/* A mode's count of effects: none without it, some with it. */
static void mode_has_effects(const char *collector, const char *mode, const char *count, int programs) {
  char line[300];
  snprintf(line, sizeof line, "stress -c %s -m none -n %d -q --json plain.json", collector, programs);
  answer a = gcbench(line);
  expect_status(&a, 0);
  answer_free(&a);
  snprintf(line, sizeof line, "stress -c %s -m %s -n %d -q --json with.json", collector, mode, programs);
  a = gcbench(line);
  expect_status(&a, 0);
  answer_free(&a);
  json_t *plain = load("plain.json"), *with = load("with.json");
  json_int_t before = effect(plain, count), after = effect(with, count);
  bool more = strcmp(count, "out_of_memory") == 0 ||
              strcmp(count, "threads") == 0 || /* has some without, too */
              strcmp(count, "objects_moved") == 0;
  if (after <= before || (before && !more))
    print_error("mode %s: %s was %d without and %d with it\n", mode, count, (int)before, (int)after);
  assert_true(after > before && (more || !before));
  json_decref(plain);
  json_decref(with);
}

static void every_mode_has_effects(void **state) {
  (void)state;
  mode_has_effects("gen3", "collect", "forced_collections", 30);
  mode_has_effects("gen3", "tiny", "options_shrunk", 30);
  mode_has_effects("semispace", "small", "out_of_memory", 60);
  mode_has_effects("marksweep", "fail", "pages_refused", 80);
  mode_has_effects("marksweep", "poison", "poisoned", 30);
  mode_has_effects("gen3", "protect", "ranges_protected", 30);
  mode_has_effects("markcompact", "base", "bases_placed", 30);
  mode_has_effects("gen3", "vary", "options_varied", 30);
  mode_has_effects("gen3", "threads", "threads", 30);
  mode_has_effects("semispace", "safepoints", "at_safepoints", 30);
  mode_has_effects("marksweep", "sweep", "sweeps", 200);
  mode_has_effects("gen3", "starve", "pages_refused", 60);
  mode_has_effects("gen3", "barrier", "stores_explained", 30);
  mode_has_effects("markcompact", "relocate", "objects_moved", 30);
  mode_has_effects("gen3", "together", "meetings", 10);
}

static void tiny_constants_make_overflow_paths_run(void **state) {
  (void)state;
  answer a = gcbench("stress -c gen3 -m tiny -n 60 -q --json with.json --coverage");
  expect_status(&a, 0);
  expect_contains(a.out, "rare paths reached");
  expect_contains(a.out, "cannot occur in it: EVACUATION_FAILED");
  assert_null(strstr(a.out, "not declared"));
  json_t *r = load("with.json");
  json_t *events = json_object_get(json_array_get(json_object_get(r, "collectors"), 0), "events");
  assert_true(json_integer_value(json_object_get(events, "MARK_STACK_OVERFLOW")) > 0);
  assert_true(json_integer_value(json_object_get(events, "REMEMBERED_SET_OVERFLOW")) > 0);
  json_decref(r);
  answer_free(&a);
}

/* A generational collector without its write barrier. */
static void a_missing_barrier_is_found_small_and_replayed(void **state) {
  (void)state;
  json_t *r;
  char line[1000];
  answer a = gcbench("stress -c '" GCB_PLUGINS "/mutant.so' -n 60 -q --json found.json --save .");
  expect_status(&a, 1);
  expect_contains(a.out, "FOUND in mutant.so");
  expect_contains(a.out, "--replay");
  answer_free(&a);
  r = load("found.json");
  json_t *findings = json_object_get(r, "findings"), *one;
  size_t i, k;
  assert_true(json_array_size(findings) > 0);
  json_array_foreach(findings, i, one) {
    for (k = 0; k < i; k++) { /* told once */
      const json_t *other = json_array_get(findings, k);
      assert_false(strcmp(word(one, "check"), word(other, "check")) == 0 &&
                   strcmp(word(one, "operation"), word(other, "operation")) == 0);
    }
    json_int_t n = json_integer_value(json_object_get(one, "operations"));
    if (n < 1 || n > 15) print_error("%s has %d operations\n", word(one, "file"), (int)n);
    assert_in_range(n, 1, 15);
    snprintf(line, sizeof line, "stress -c '" GCB_PLUGINS "/mutant.so' --replay '%s'", word(one, "file"));
    a = gcbench(line);
    expect_status(&a, 1);
    answer_free(&a);
    snprintf(line, sizeof line, "stress -c gen3 --replay '%s'", word(one, "file"));
    a = gcbench(line);
    expect_status(&a, 0);
    expect_contains(a.out, "holds");
    answer_free(&a);
  }
  json_decref(r);
}

static json_int_t event(const json_t *r, const char *name) {
  json_t *one = json_array_get(json_object_get(r, "collectors"), 0);
  return json_integer_value(json_object_get(json_object_get(one, "events"), name));
}

/* No page during a collection: promotion finds no room where it wants to go. */
static void promotion_is_made_to_fail(void **state) {
  (void)state;
  answer a = gcbench("stress -c gen3 -m starve,tiny,vary -n 80 -q --json with.json");
  expect_status(&a, 0);
  json_t *r = load("with.json");
  assert_true(event(r, "PROMOTION_FAILED") > 0);
  json_decref(r);
  answer_free(&a);
}

/* With the threads of a program running at the same time, they collect for one another and come and go. */
static void threads_that_run_together_collect_for_one_another(void **state) {
  (void)state;
  answer a = gcbench("stress -c semispace --threads -n 60 -q --json with.json");
  expect_status(&a, 0);
  json_t *r = load("with.json");
  assert_true(event(r, "COLLECTED_BY_OTHER") > 0);
  assert_true(event(r, "THREAD_BEGAN") > 0 && event(r, "THREAD_ENDED") > 0);
  assert_true(effect(r, "yields") > 0);
  json_decref(r);
  answer_free(&a);
}

/* The finding ends its process, and what was done before it counts all the same. */
static void a_finding_does_not_take_the_counts_along(void **state) {
  (void)state;
  answer a = gcbench("stress -c '" GCB_PLUGINS "/mutant.so' -n 15 --shrink 0 -q --json found.json --save .");
  expect_status(&a, 1);
  json_t *r = load("found.json");
  assert_int_equal(effect(r, "programs"), 15);
  assert_true(effect(r, "operations") > 150 && effect(r, "collections") > 0);
  json_decref(r);
  answer_free(&a);
}

static void what_crashes_or_corrupts_is_found(void **state) {
  (void)state;
  answer a = gcbench("stress -c '" GCB_PLUGINS "/segfaults.so' -n 5 -q --save .");
  expect_status(&a, 1);
  expect_contains(a.out, "crash");
  answer_free(&a);
  a = gcbench("stress -c '" GCB_PLUGINS "/corrupts.so' -n 20 -q --save .");
  expect_status(&a, 1);
  expect_contains(a.out, "payload");
  answer_free(&a);
}

static void wrong_words_are_told(void **state) {
  (void)state;
  answer a = gcbench("stress -m poisson");
  expect_status(&a, 2);
  expect_contains(a.err, "poisson");
  answer_free(&a);
  a = gcbench("stress -c gen4");
  expect_status(&a, 2);
  expect_contains(a.err, "gen3");
  answer_free(&a);
  a = gcbench("stress --replay nowhere.program");
  expect_status(&a, 2);
  expect_contains(a.err, "no such program file");
  answer_free(&a);
  FILE *f = fopen("wrong.program", "w");
  fputs("poll\nnew f0 1\n", f);
  fclose(f);
  a = gcbench("stress --replay wrong.program");
  expect_status(&a, 2);
  expect_contains(a.err, "line 2");
  answer_free(&a);
}

/* The file may be longer than an argument of a process (128 KiB), and than 1 MiB. What is behind the comments
 * is run: the last line is no operation, and read. */
static void a_long_program_is_read_to_its_end(void **state) {
  (void)state;
  for (int mebibytes = 0; mebibytes < 3; mebibytes += 2) {
    FILE *f = fopen("long.program", "w");
    assert_non_null(f);
    for (int i = 0; i < 4000 + mebibytes * 20000; i++) fprintf(f, "# %060d\n", i);
    fputs("limit 16777216\nnew g15 1 0\ncollect middle\n", f);
    assert_int_equal(fclose(f), 0);
    answer a = gcbench("stress -c gen3,marksweep --replay long.program");
    expect_status(&a, 0);
    expect_contains(a.out, "gen3: long.program holds");
    expect_contains(a.out, "marksweep: long.program holds");
    answer_free(&a);
    f = fopen("long.program", "a");
    fputs("dance g15\n", f);
    assert_int_equal(fclose(f), 0);
    a = gcbench("stress -c gen3 --replay long.program");
    expect_status(&a, 2);
    expect_contains(a.err, "dance");
    answer_free(&a);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_mode_has_effects),
      cmocka_unit_test(tiny_constants_make_overflow_paths_run),
      cmocka_unit_test(a_long_program_is_read_to_its_end),
      cmocka_unit_test(a_missing_barrier_is_found_small_and_replayed),
      cmocka_unit_test(promotion_is_made_to_fail),
      cmocka_unit_test(threads_that_run_together_collect_for_one_another),
      cmocka_unit_test(a_finding_does_not_take_the_counts_along),
      cmocka_unit_test(what_crashes_or_corrupts_is_found),
      cmocka_unit_test(wrong_words_are_told),
  };
  return cmocka_run_group_tests(tests, enter_scratch, leave_scratch);
}
