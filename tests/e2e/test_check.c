/* gcbench check names what is wrong with a plug-in; gcbench new writes one with which nothing is. */
#include "shell.h"

static answer check(const char *plugin, const char *options) {
  char line[1000];
  snprintf(line, sizeof line, "check '%s/%s.so' -q --json check.json %s", GCB_PLUGINS, plugin, options);
  return gcbench(line);
}

/* Each with the one behaviour that it breaks. */
static void each_misbehaviour_is_named(void **state) {
  (void)state;
  static const struct {
    const char *plugin, *options, *behaviour, *words;
  } cases[] = {
      {"corrupts", "--only globals_are_roots", "globals_are_roots", "payload byte 0"},
      {"corrupts_headers", "--only contents_survive", "contents_survive", "the heap is broken"},
      {"exits", "--only globals_are_roots", "globals_are_roots", "it ended the process with status 0"},
#ifndef __SANITIZE_ADDRESS__ /* whose malloc tells mallinfo2() nothing */
      {"hides_memory", "--only memory_is_counted", "memory_is_counted", "bytes came from malloc"},
#endif
      {"leaks_descriptors", "--only leaves_no_descriptors", "leaves_no_descriptors",
       "still open after stop(): 2 desc"},
      {"leaks_threads", "--only leaves_no_threads --variant call", "leaves_no_threads",
       "still there a second after stop(): 1 thr"},
      {"lies", "--only pauses_are_told", "pauses_are_told", "pauses that it told add up to"},
      {"mutant", "--only generations --variant tiny", "storm_of_old_writes", ""},
      {"never_collects", "--only garbage_goes", "garbage_goes", "bytes of objects before"},
      {"prints", "--only prints_nothing", "prints_nothing", "it printed"},
      {"refuses", "", "empty_heap", "start() answered failed: the moon is in the wrong phase"},
      {"segfaults", "--only globals_are_roots", "globals_are_roots", "killed by signal 11"},
      {"spins", "--only globals_are_roots --timeout 500ms", "globals_are_roots", "it hung: no end after"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    answer a = check(cases[i].plugin, cases[i].options);
    expect_status(&a, 1);
    expect_contains(a.out, "does not conform");
    expect_contains(a.out, "expected: ");
    json_t *report = load("check.json"), *row, *found = NULL;
    size_t k;
    json_array_foreach(json_object_get(report, "behaviours"), k,
                       row) if (strcmp(word(row, "outcome"), "broken") == 0 &&
                                strcmp(word(row, "name"), cases[i].behaviour) == 0) found = row;
    if (!found) print_error("%s: %s is not broken:\n%s\n", cases[i].plugin, cases[i].behaviour, a.out);
    assert_non_null(found);
    expect_contains(word(found, "happened"), cases[i].words);
    expect_contains(word(found, "replay"), cases[i].behaviour);
    assert_string_equal(word(report, "verdict"), "does not conform");
    json_decref(report);
    answer_free(&a);
  }
}

static void the_replay_command_shows_the_failure_again(void **state) {
  (void)state;
  answer a = check("corrupts", "--only frames_are_roots");
  json_t *report = load("check.json");
  const char *replay = word(json_array_get(json_object_get(report, "behaviours"), 0), "replay");
  assert_memory_equal(replay, "gcbench check ", 14);
  answer again = gcbench(replay + 8);
  expect_status(&again, 1);
  expect_contains(again.out, "BROKEN frames_are_roots, variant default");
  answer_free(&again);
  json_decref(report);
  answer_free(&a);
}

static void what_does_not_load_is_told_apart(void **state) {
  (void)state;
  static const char *const cases[][2] = {{"crashes_on_load", "killed by signal 11"},
                                         {"no_symbol", "exports no symbol gcbench_collector"},
                                         {"wrong_abi", "made for ABI 2"},
                                         {"no_barrier", "lacks write()"},
                                         {"no_collect", "lacks collect()"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    answer a = check(cases[i][0], "");
    expect_status(&a, 4);
    expect_contains(a.out, cases[i][1]);
    expect_contains(a.out, "it could not be loaded");
    json_t *report = load("check.json");
    assert_string_equal(word(report, "verdict"), "not loaded");
    json_decref(report);
    answer_free(&a);
  }
}

static void a_collector_that_keeps_the_contract_conforms(void **state) {
  (void)state;
  answer a = check("well_behaved", "--stress 500ms --junit check.xml");
  expect_status(&a, 0);
  expect_contains(a.out, "well_behaved.so conforms: ");
  json_t *report = load("check.json");
  assert_string_equal(word(report, "verdict"), "conforms");
  answer_free(&a);
  char *xml = slurp("check.xml");
  expect_contains(xml, "not declared: weak");
  expect_contains(xml, "failures=\"0\"");
  free(xml);
  json_decref(report);
}

static void a_part_is_no_verdict_on_all(void **state) {
  (void)state;
  answer a = check("well_behaved", "--only objects");
  expect_status(&a, 0);
  expect_contains(a.out, "no verdict on all: 8 hold");
  answer_free(&a);
}

static void wrong_words_are_told(void **state) {
  (void)state;
  static const char *const lines[][2] = {
      {"check gen33", "did you mean gen3?"},
      {"check", "COLLECTOR"},
      {"check none+card", "its presets are tried as variants"},
      {"check none --only weak_to_weka", "did you mean weak_to_weak?"},
      {"check none --only empty_heap --variant tinny", "there are default, tiny"},
      {"check ./nothing.so", "cannot be read"},
      {"new collector gen3", "there is a collector of that name"},
      {"new collector Gen-3", "a name is made of small letters"},
      {"new colector mine", "expected collector"},
      {"new workload trees", "there is a workload of that name"},
      {"new workload mine --barrier card", "no barrier of its own"},
      {"new collector mine --barrier cards", "card"},
  };
  for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
    answer a = gcbench(lines[i][0]);
    expect_status(&a, 2);
    expect_contains(a.err, lines[i][1]);
    answer_free(&a);
  }
}

static void run(const char *command) {
  int status = system(command);
  if (status) print_error("failed: %s\n", command);
  assert_int_equal(status, 0);
}

/* Every kind of barrier: written, built against the build tree, and held against what a barrier is for. */
static void a_new_project_of_each_barrier_conforms(void **state) {
  (void)state;
  static const char *const kinds[] = {"none", "card", "object-log", "field-log", "call"};
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    char line[300];
    snprintf(line, sizeof line, "new collector made --barrier %s --into of/%s", kinds[i], kinds[i]);
    answer a = gcbench(line);
    expect_status(&a, 0);
    answer_free(&a);
    a = gcbench(line);
    expect_status(&a, 2);
    expect_contains(a.err, "not overwritten");
    answer_free(&a);
    snprintf(line, sizeof line, "make -s -C of/%s CFLAGS='-O1 -Werror %s'", kinds[i], GCB_TEST_FLAGS);
    run(line);
    snprintf(line, sizeof line, "check of/%s/made.so -q --only generations,commit_failures", kinds[i]);
    a = gcbench(line);
    expect_status(&a, 0);
    answer_free(&a);
  }
}

/* The suite is worth something: without its barrier the same project breaks. */
static void a_barrier_that_is_left_out_is_found(void **state) {
  (void)state;
  answer a = gcbench("new collector made --barrier card --into without");
  expect_status(&a, 0);
  answer_free(&a);
  run("sed -i 's/return memchr.*/return false;/' without/barrier.h");
  run("make -s -C without CFLAGS='-O1 " GCB_TEST_FLAGS "'");
  a = gcbench("check without/made.so -q --only generations");
  expect_status(&a, 1);
  expect_contains(a.out, "BROKEN old_to_young_every_slot");
  expect_contains(a.out, "the write barrier misses no store");
  answer_free(&a);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_misbehaviour_is_named),
      cmocka_unit_test(the_replay_command_shows_the_failure_again),
      cmocka_unit_test(what_does_not_load_is_told_apart),
      cmocka_unit_test(a_collector_that_keeps_the_contract_conforms),
      cmocka_unit_test(a_part_is_no_verdict_on_all),
      cmocka_unit_test(wrong_words_are_told),
      cmocka_unit_test(a_new_project_of_each_barrier_conforms),
      cmocka_unit_test(a_barrier_that_is_left_out_is_found),
  };
  return cmocka_run_group_tests(tests, enter_scratch, leave_scratch);
}
