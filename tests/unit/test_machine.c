// The record of a machine, on trees of /proc and /sys in tests/data/machine: `metal` is a server with a batch
// system, `guest` a container in a virtual machine, `garbled` has files of which nothing can be told.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <string.h>
#include <sys/utsname.h>

#include "machine/machine.h"

#define METAL   GCB_TEST_DATA "/machine/metal"
#define GUEST   GCB_TEST_DATA "/machine/guest"
#define GARBLED GCB_TEST_DATA "/machine/garbled"

// What is read from files, so what a machine without them does not tell.
static const char *const read_from_files[] = {
    "distribution", "cpu_model",    "governor",       "turbo",
    "smt",          "thp",          "aslr",           "aslr_off_here",
    "numa_nodes",   "load_average", "steal_seconds",  "steal_share",
    "memory_bytes", "clocksource",  "cgroup_limited", "cgroup_memory_limit_bytes",
    "virtualised",
};

// Expects the value of a key, as JSON text.
static void expect(const char *root, const char *key, const char *text) {
  json_t *m = gcb_machine_json(root);
  assert_non_null(m);
  char *got = json_dumps(json_object_get(m, key), JSON_ENCODE_ANY | JSON_REAL_PRECISION(6));
  assert_non_null(got);
  assert_string_equal(got, text);
  free(got);
  json_decref(m);
}

static void host_and_kernel_are_those_of_uname(void **state) {
  (void)state;
  struct utsname u;
  assert_int_equal(uname(&u), 0);
  json_t *m = gcb_machine_json("");
  assert_string_equal(json_string_value(json_object_get(m, "host")), u.nodename);
  assert_string_equal(json_string_value(json_object_get(m, "kernel")), u.release);
  assert_string_equal(json_string_value(json_object_get(m, "architecture")), u.machine);
  json_decref(m);
}

static void the_distribution_is_its_pretty_name_without_quotes(void **state) {
  (void)state;
  expect(METAL, "distribution", "\"Example Linux 12 (sample)\"");
  expect(GUEST, "distribution", "\"Guest Linux\"");
}

static void the_cpu_model_is_that_of_the_first_cpu(void **state) {
  (void)state;
  expect(METAL, "cpu_model", "\"Example CPU @ 3.00GHz\"");
}

static void a_hypervisor_shows_in_the_flags(void **state) {
  (void)state;
  expect(METAL, "virtualised", "false");
  expect(GUEST, "virtualised", "true");
}

static void governors_are_named_once_each(void **state) {
  (void)state;
  expect(METAL, "governor", "\"performance\"");
  expect(GUEST, "governor", "\"performance,powersave\"");
}

static void turbo_comes_from_either_driver(void **state) {
  (void)state;
  expect(METAL, "turbo", "false"); // intel_pstate/no_turbo is 1
  expect(GUEST, "turbo", "true");  // cpufreq/boost is 1
}

static void kernel_settings_are_as_the_kernel_words_them(void **state) {
  (void)state;
  expect(METAL, "smt", "\"on\"");
  expect(METAL, "thp", "\"madvise\"");
  expect(METAL, "clocksource", "\"tsc\"");
  expect(METAL, "aslr", "2");
}

static void aslr_that_is_off_is_zero_and_not_null(void **state) {
  (void)state;
  expect(GUEST, "aslr", "0");
}

static void a_process_that_opted_out_of_aslr_is_told(void **state) {
  (void)state;
  expect(METAL, "aslr_off_here", "true");
  expect(GUEST, "aslr_off_here", "false");
}

static void numa_nodes_are_counted_across_gaps(void **state) {
  (void)state;
  expect(METAL, "numa_nodes", "3");
}

static void the_load_has_three_averages(void **state) {
  (void)state;
  expect(METAL, "load_average", "[0.5, 1.25, 2.0]");
}

static void steal_is_a_time_and_a_share(void **state) {
  (void)state;
  expect(GUEST, "steal_share", "0.1");
  expect(GUEST, "steal_seconds", "1.0");
}

static void no_steal_is_zero_and_not_null(void **state) {
  (void)state;
  expect(METAL, "steal_seconds", "0.0");
}

static void memory_is_in_bytes(void **state) {
  (void)state;
  expect(METAL, "memory_bytes", "16777216000");
}

static void the_limit_of_an_outer_cgroup_binds(void **state) {
  (void)state;
  expect(METAL, "cgroup_limited", "true");
  expect(METAL, "cgroup_memory_limit_bytes", "8589934592");
}

static void a_version_1_cgroup_is_found_from_within_a_container(void **state) {
  (void)state;
  expect(GUEST, "cgroup_limited", "false");
  expect(GUEST, "cgroup_memory_limit_bytes", "null");
}

static void what_is_not_there_is_null(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof read_from_files / sizeof *read_from_files; i++) {
    expect(GCB_TEST_DATA "/machine/none", read_from_files[i], "null");
  }
}

static void what_makes_no_sense_is_null(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof read_from_files / sizeof *read_from_files; i++) {
    expect(GARBLED, read_from_files[i], "null");
  }
}

static void the_program_tells_how_it_was_built(void **state) {
  (void)state;
  json_t *m = gcb_machine_json("");
  static const char *const keys[] = {"compiler", "c_flags", "hwloc", "jansson", "libc"};
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
    assert_true(json_string_length(json_object_get(m, keys[i])) > 0);
  }
  json_decref(m);
}

static void the_clock_is_priced(void **state) {
  (void)state;
  json_t *m = gcb_machine_json("");
  assert_true(json_integer_value(json_object_get(m, "clock_resolution_ns")) >= 1);
  double cost = json_real_value(json_object_get(m, "clock_cost_ns"));
  assert_true(cost > 0.5 && cost < 1e6);
  json_decref(m);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(host_and_kernel_are_those_of_uname),
      cmocka_unit_test(the_distribution_is_its_pretty_name_without_quotes),
      cmocka_unit_test(the_cpu_model_is_that_of_the_first_cpu),
      cmocka_unit_test(a_hypervisor_shows_in_the_flags),
      cmocka_unit_test(governors_are_named_once_each),
      cmocka_unit_test(turbo_comes_from_either_driver),
      cmocka_unit_test(kernel_settings_are_as_the_kernel_words_them),
      cmocka_unit_test(aslr_that_is_off_is_zero_and_not_null),
      cmocka_unit_test(a_process_that_opted_out_of_aslr_is_told),
      cmocka_unit_test(numa_nodes_are_counted_across_gaps),
      cmocka_unit_test(the_load_has_three_averages),
      cmocka_unit_test(steal_is_a_time_and_a_share),
      cmocka_unit_test(no_steal_is_zero_and_not_null),
      cmocka_unit_test(memory_is_in_bytes),
      cmocka_unit_test(the_limit_of_an_outer_cgroup_binds),
      cmocka_unit_test(a_version_1_cgroup_is_found_from_within_a_container),
      cmocka_unit_test(what_is_not_there_is_null),
      cmocka_unit_test(what_makes_no_sense_is_null),
      cmocka_unit_test(the_program_tells_how_it_was_built),
      cmocka_unit_test(the_clock_is_priced),
  };
  return cmocka_run_group_tests_name("machine", tests, NULL, NULL);
}
