// Placement and description of recorded machines (tests/data/topology), and pinning on this one.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "plan/placement.h"

static struct gcb_topology *machine(const char *name) {
  char path[512], why[256] = "";
  snprintf(path, sizeof path, "%s/topology/%s.xml", GCB_TEST_DATA, name);
  struct gcb_topology *t = gcb_topology_open(path, why, sizeof why);
  if (!t) fail_msg("%s", why);
  return t;
}

// Expects a placement, written as `mutators/workers`, and its note.
static void expect(const char *name, const char *policy, size_t mutators, size_t workers, const char *cpus,
                   const char *note) {
  struct gcb_topology *t = machine(name);
  struct gcb_placement p;
  char why[256], got[256] = "";
  if (!gcb_place(t, policy, mutators, workers, &p, why, sizeof why)) fail_msg("%s", why);
  for (size_t i = 0; i < mutators + workers; i++) {
    int cpu = i < mutators ? p.mutator_cpu[i] : p.worker_cpu[i - mutators];
    size_t at = strlen(got);
    snprintf(got + at, sizeof got - at, "%s%d", i == mutators ? "/" : i ? "," : "", cpu);
  }
  assert_string_equal(got, cpus);
  assert_string_equal(p.note, note);
  assert_int_equal(p.shared, strstr(note, " share ") != NULL);
  assert_string_equal(why, "");
  gcb_placement_free(&p);
  gcb_topology_close(t);
}

static void expect_refusal(const char *name, const char *policy, const char *sentence) {
  struct gcb_topology *t = machine(name);
  struct gcb_placement p;
  char why[256] = "";
  assert_false(gcb_place(t, policy, 1, 1, &p, why, sizeof why));
  assert_string_equal(why, sentence);
  assert_null(p.mutator_cpu);
  assert_false(gcb_pin_policy_check(t, policy, why, sizeof why));
  gcb_placement_free(&p);
  gcb_topology_close(t);
}

static void auto_shares_the_only_core(void **state) {
  (void)state;
  expect("1-core", "auto", 1, 0, "0", "");
  expect("1-core", "auto", 1, 2, "0/0,0", "1 mutator and 2 collector threads share 1 core");
}

static void auto_leaves_core_0_to_interrupts(void **state) {
  (void)state;
  expect("2-cores", "auto", 1, 0, "1", "");
  expect("4-cores-smt", "auto", 2, 1, "1,2/3", "");
}

static void auto_takes_core_0_last(void **state) {
  (void)state;
  expect("2-cores", "auto", 1, 1, "1/0", "");
  expect("4-cores-smt", "auto", 2, 2, "1,2/3,0", "");
}

static void auto_makes_collector_threads_share_the_mutators_cores(void **state) {
  (void)state;
  expect("2-cores", "auto", 2, 2, "1,0/1,0", "2 mutators and 2 collector threads share 2 cores");
  expect("2-cores", "auto", 1, 2, "1/0,1", "1 mutator and 2 collector threads share 2 cores");
}

static void expect_invocation(size_t mutators, size_t gc_threads, const char *cpus, const char *note) {
  struct gcb_topology *t = machine("2-cores");
  struct gcb_placement p;
  char why[256], got[256] = "";
  if (!gcb_place_invocation(t, "auto", mutators, gc_threads, &p, why, sizeof why)) fail_msg("%s", why);
  for (size_t i = 0; i < p.mutators + p.workers; i++) {
    size_t at = strlen(got);
    snprintf(got + at, sizeof got - at, "%s%d",
             i == mutators ? "/"
             : i           ? ","
                           : "",
             i < mutators ? p.mutator_cpu[i] : p.worker_cpu[i - mutators]);
  }
  assert_string_equal(got, cpus);
  assert_string_equal(p.note, note);
  gcb_placement_free(&p);
  gcb_topology_close(t);
}

// The mutator that stops the world is worker 0, which needs no core of its own.
static void an_invocation_places_the_threads_that_are_created(void **state) {
  (void)state;
  expect_invocation(1, 1, "1/0", "");
  expect_invocation(1, 2, "1/0", "");
  expect_invocation(2, 1, "1,0", "");
  expect_invocation(2, 2, "1,0/1", "2 mutators and 1 collector thread share 2 cores");
}

static void auto_makes_mutators_share_when_they_alone_outnumber_the_cores(void **state) {
  (void)state;
  expect("2-cores", "auto", 3, 0, "1,0,1", "3 mutators share 2 cores");
}

static void auto_uses_siblings_only_when_no_core_is_free(void **state) {
  (void)state;
  expect("4-cores-smt", "auto", 4, 0, "1,2,3,0", "");
  expect("4-cores-smt", "auto", 4, 2, "1,2,3,0/5,6",
         "4 mutators and 2 collector threads share 4 cores, each on its own hardware thread");
}

static void auto_starts_over_when_every_hardware_thread_is_taken(void **state) {
  (void)state;
  expect("4-cores-smt", "auto", 8, 1, "1,2,3,0,5,6,7,4/1", "8 mutators and 1 collector thread share 4 cores");
}

static void auto_stays_within_one_l3_cache(void **state) {
  (void)state;
  expect("2-l3-4-cores", "auto", 2, 1, "1,2/3", "");
}

static void auto_moves_to_the_l3_cache_that_can_leave_core_0_free(void **state) {
  (void)state;
  expect("2-l3-4-cores", "auto", 2, 2, "4,5/6,7", "");
  expect("2-packages-smt", "auto", 4, 4, "8,9,10,11/12,13,14,15", "");
}

static void auto_spills_over_to_the_next_l3_cache(void **state) {
  (void)state;
  expect("2-l3-4-cores", "auto", 3, 3, "1,2,3/4,5,6", "");
}

static void auto_says_when_threads_span_numa_nodes(void **state) {
  (void)state;
  expect("2-packages-smt", "auto", 8, 2, "1,2,3,4,5,6,7,8/9,10", "threads are spread over 2 NUMA nodes");
}

static void auto_keeps_to_the_cpus_of_a_container(void **state) {
  (void)state;
  expect("2-packages-restricted", "auto", 1, 1, "6/7", "");
  expect("2-packages-restricted", "auto", 2, 1, "6,7/8", "threads are spread over 2 NUMA nodes");
  expect("2-packages-restricted", "auto", 4, 1, "6,7,8,9/22",
         "4 mutators and 1 collector thread share 4 cores, each on its own hardware thread; "
         "threads are spread over 2 NUMA nodes");
}

static void auto_prefers_fast_cores_to_a_free_core_0(void **state) {
  (void)state;
  expect("hybrid", "auto", 1, 0, "1", "");
  expect("hybrid", "auto", 1, 1, "1/0", "");
}

static void auto_gives_mutators_the_fast_cores_of_a_mixed_placement(void **state) {
  (void)state;
  expect("hybrid", "auto", 2, 2, "1,0/2,3", "threads are on cores of different kinds");
}

static void none_pins_nothing(void **state) {
  (void)state;
  expect("2-cores", "none", 2, 1, "-1,-1/-1", "");
}

static void a_list_serves_mutators_first_in_its_order(void **state) {
  (void)state;
  expect("2-l3-4-cores", "3,0-1", 2, 1, "3,0/1", "");
}

static void a_list_that_is_longer_than_needed_is_cut(void **state) {
  (void)state;
  expect("2-l3-4-cores", "0-3", 1, 1, "0/1", "");
}

static void a_short_list_wraps_round_with_a_note(void **state) {
  (void)state;
  expect("2-cores", "0-1", 2, 1, "0,1/0",
         "3 threads wrap round the 2 cpus of the pin list; 2 mutators and 1 collector thread share 2 cores");
}

static void a_list_of_siblings_is_noted_as_sharing(void **state) {
  (void)state;
  expect("4-cores-smt", "1,5", 2, 0, "1,5", "2 mutators share 1 core, each on its own hardware thread");
}

static void no_threads_is_an_empty_placement(void **state) {
  (void)state;
  expect("2-cores", "auto", 0, 0, "", "");
  expect("2-cores", "1", 0, 0, "", "");
}

static void a_cpu_that_does_not_exist_is_refused(void **state) {
  (void)state;
  expect_refusal("2-cores", "0,2",
                 "pin policy '0,2': cpu 2 does not exist on this machine; choose among 0-1");
  expect_refusal(
      "2-cores", "99999999999999999999",
      "pin policy '99999999999999999999': cpu 18446744073709551615 does not exist on this machine; "
      "choose among 0-1");
}

static void a_range_is_refused_at_its_first_missing_cpu(void **state) {
  (void)state;
  expect_refusal("2-cores", "0-4000000000",
                 "pin policy '0-4000000000': cpu 2 does not exist on this machine; choose among 0-1");
}

static void a_cpu_outside_the_container_is_refused(void **state) {
  (void)state;
  expect_refusal("2-packages-restricted", "6,10",
                 "pin policy '6,10': cpu 10 is not allowed to this process by its affinity mask or cgroup; "
                 "choose among 6-9,22-25");
}

static void words_that_are_no_list_are_refused(void **state) {
  (void)state;
  static const char *const words[] = {"", "fast", "0,", ",0", "0-", "-1", "0 1", "0x1", "+1", "0-1-2", "0;1"};
  static const char *const named[] = {"", "fast", "", "", "0-", "-1", "0 1", "0x1", "+1", "0-1-2", "0;1"};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    char sentence[200];
    snprintf(sentence, sizeof sentence,
             "pin policy '%s': '%s' is no cpu or range of cpus; write auto, none or a list such as 0,2-3",
             words[i], named[i]);
    expect_refusal("2-cores", words[i], sentence);
  }
}

static void a_range_that_runs_backwards_is_refused(void **state) {
  (void)state;
  expect_refusal("2-cores", "1-0", "pin policy '1-0': the range 1-0 runs backwards; write 0-1");
}

static void the_summary_is_one_line(void **state) {
  (void)state;
  static const char *const lines[][2] = {
      {"1-core", "1 core, 1 package, L3 8 MiB, Recorded 1"},
      {"4-cores-smt", "4 cores, 8 hardware threads, 1 package, L3 8 MiB, Recorded 4x2"},
      {"2-l3-4-cores", "8 cores, 1 package, L3 2 x 16 MiB, Recorded 2x4"},
      {"2-packages-restricted", "16 cores, 32 hardware threads, 2 packages, 2 NUMA nodes, L3 2 x 32 MiB, "
                                "Recorded 2x8x2 (8 of 32 cpus allowed)"},
  };
  for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
    struct gcb_topology *t = machine(lines[i][0]);
    char line[200];
    gcb_topology_summary(t, line, sizeof line);
    assert_string_equal(line, lines[i][1]);
    gcb_topology_close(t);
  }
}

static void a_summary_is_cut_to_its_room(void **state) {
  (void)state;
  struct gcb_topology *t = machine("2-cores");
  char line[8];
  gcb_topology_summary(t, line, sizeof line);
  assert_string_equal(line, "2 cores");
  gcb_topology_close(t);
}

static void json_describes_the_whole_machine(void **state) {
  (void)state;
  struct gcb_topology *t = machine("2-packages-restricted");
  json_t *j = gcb_topology_json(t);
  assert_non_null(j);
  assert_string_equal(json_string_value(json_object_get(j, "model")), "Recorded 2x8x2");
  assert_string_equal(json_string_value(json_object_get(j, "allowed")), "6-9,22-25");
  assert_true(json_is_true(json_object_get(j, "recorded")));
  assert_int_equal(json_array_size(json_object_get(j, "packages")), 2);
  assert_int_equal(json_array_size(json_object_get(j, "numa")), 2);
  assert_int_equal(json_array_size(json_object_get(j, "pus")), 32);
  json_t *core = json_array_get(json_object_get(j, "cores"), 9);
  assert_string_equal(json_string_value(json_object_get(core, "cpus")), "9,25");
  assert_int_equal(json_integer_value(json_object_get(core, "numa")), 1);
  assert_true(json_is_null(json_object_get(core, "kind")));
  json_t *l3 = json_array_get(json_object_get(j, "caches"), 17);
  assert_int_equal(json_integer_value(json_object_get(l3, "level")), 3);
  assert_int_equal(json_integer_value(json_object_get(l3, "bytes")), 33554432);
  assert_string_equal(json_string_value(json_object_get(l3, "shared_by")), "8-15,24-31");
  json_decref(j);
  gcb_topology_close(t);
}

static void json_ranks_the_cores_of_a_hybrid_machine(void **state) {
  (void)state;
  struct gcb_topology *t = machine("hybrid");
  json_t *j = gcb_topology_json(t), *cores = json_object_get(j, "cores");
  assert_int_equal(json_integer_value(json_object_get(json_array_get(cores, 0), "kind")), 1);
  assert_int_equal(json_integer_value(json_object_get(json_array_get(cores, 5), "kind")), 0);
  json_decref(j);
  gcb_topology_close(t);
}

static void a_missing_recording_is_an_error_sentence(void **state) {
  (void)state;
  char why[256] = "";
  assert_null(gcb_topology_open("no/such.xml", why, sizeof why));
  assert_string_equal(why, "cannot read the recorded topology no/such.xml: No such file or directory; "
                           "`lstopo no/such.xml` makes one");
}

static void a_file_that_is_no_recording_is_an_error_sentence(void **state) {
  (void)state;
  char why[512] = "";
  assert_null(gcb_topology_open(GCB_TEST_DATA "/topology/make.sh", why, sizeof why));
  assert_non_null(strstr(why, "make.sh is not a recorded topology"));
}

static void pinning_moves_the_thread_and_the_mask_bounds_a_later_topology(void **state) {
  (void)state;
  char why[256] = "";
  struct gcb_topology *t = gcb_topology_open(NULL, why, sizeof why);
  if (!t) fail_msg("%s", why);
  int cpu = hwloc_bitmap_last(t->allowed);
  assert_true(gcb_pin_thread(t, cpu, why, sizeof why));
  assert_int_equal(sched_getcpu(), cpu);
  struct gcb_topology *narrow = gcb_topology_open(NULL, why, sizeof why);
  assert_int_equal(hwloc_bitmap_weight(narrow->allowed), 1);
  assert_int_equal(hwloc_bitmap_first(narrow->allowed), cpu);
  gcb_topology_close(narrow);
  hwloc_set_cpubind(t->hw, t->allowed, HWLOC_CPUBIND_THREAD);
  gcb_topology_close(t);
}

static void pinning_to_a_missing_cpu_says_so_and_goes_on(void **state) {
  (void)state;
  char why[256] = "";
  struct gcb_topology *t = gcb_topology_open(NULL, why, sizeof why);
  assert_false(gcb_pin_thread(t, 1 << 20, why, sizeof why));
  assert_non_null(strstr(why, "thread not pinned to cpu 1048576: there is no such cpu"));
  assert_false(gcb_pin_thread(t, GCB_CPU_ANY, why, sizeof why));
  gcb_topology_close(t);
}

static void nothing_is_pinned_on_a_recorded_machine(void **state) {
  (void)state;
  char why[256] = "";
  struct gcb_topology *t = machine("2-cores");
  assert_false(gcb_pin_thread(t, 0, why, sizeof why));
  assert_non_null(strstr(why, "recorded"));
  gcb_topology_close(t);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(auto_shares_the_only_core),
      cmocka_unit_test(auto_leaves_core_0_to_interrupts),
      cmocka_unit_test(auto_takes_core_0_last),
      cmocka_unit_test(auto_makes_collector_threads_share_the_mutators_cores),
      cmocka_unit_test(an_invocation_places_the_threads_that_are_created),
      cmocka_unit_test(auto_makes_mutators_share_when_they_alone_outnumber_the_cores),
      cmocka_unit_test(auto_uses_siblings_only_when_no_core_is_free),
      cmocka_unit_test(auto_starts_over_when_every_hardware_thread_is_taken),
      cmocka_unit_test(auto_stays_within_one_l3_cache),
      cmocka_unit_test(auto_moves_to_the_l3_cache_that_can_leave_core_0_free),
      cmocka_unit_test(auto_spills_over_to_the_next_l3_cache),
      cmocka_unit_test(auto_says_when_threads_span_numa_nodes),
      cmocka_unit_test(auto_keeps_to_the_cpus_of_a_container),
      cmocka_unit_test(auto_prefers_fast_cores_to_a_free_core_0),
      cmocka_unit_test(auto_gives_mutators_the_fast_cores_of_a_mixed_placement),
      cmocka_unit_test(none_pins_nothing),
      cmocka_unit_test(a_list_serves_mutators_first_in_its_order),
      cmocka_unit_test(a_list_that_is_longer_than_needed_is_cut),
      cmocka_unit_test(a_short_list_wraps_round_with_a_note),
      cmocka_unit_test(a_list_of_siblings_is_noted_as_sharing),
      cmocka_unit_test(no_threads_is_an_empty_placement),
      cmocka_unit_test(a_cpu_that_does_not_exist_is_refused),
      cmocka_unit_test(a_range_is_refused_at_its_first_missing_cpu),
      cmocka_unit_test(a_cpu_outside_the_container_is_refused),
      cmocka_unit_test(words_that_are_no_list_are_refused),
      cmocka_unit_test(a_range_that_runs_backwards_is_refused),
      cmocka_unit_test(the_summary_is_one_line),
      cmocka_unit_test(a_summary_is_cut_to_its_room),
      cmocka_unit_test(json_describes_the_whole_machine),
      cmocka_unit_test(json_ranks_the_cores_of_a_hybrid_machine),
      cmocka_unit_test(a_missing_recording_is_an_error_sentence),
      cmocka_unit_test(a_file_that_is_no_recording_is_an_error_sentence),
      cmocka_unit_test(pinning_moves_the_thread_and_the_mask_bounds_a_later_topology),
      cmocka_unit_test(pinning_to_a_missing_cpu_says_so_and_goes_on),
      cmocka_unit_test(nothing_is_pinned_on_a_recorded_machine),
  };
  return cmocka_run_group_tests_name("topology", tests, NULL, NULL);
}
