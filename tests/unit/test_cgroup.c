/* Limits of control groups and of the process, on recorded trees of /proc and /sys in tests/data/machine:
 * `container` is version 2 with the limit on the outer of two groups, `docker1` is version 1 with the group's
 * own folder out of sight, `metal` has a limit without figures of use, `none` does not exist. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "machine/cgroup.h"
#include "machine/machine.h"
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define AT(name) GCB_TEST_DATA "/machine/" name

static void the_room_is_what_the_outer_group_has_left(void **state) {
  (void)state;
  gcb_cgroup_memory m = gcb_cgroup_memory_of(AT("container"));
  assert_true(m.seen);
  assert_int_equal(m.limit, 512 << 20);
  assert_int_equal(m.room, 256 << 20); /* 384 MiB are used, of which 128 MiB are page cache */
  assert_int_equal(m.oom_kills, 2);
  assert_int_equal(gcb_memory_room(AT("container")), 256 << 20);
}

static void version_1_has_the_same_figures_under_other_names(void **state) {
  (void)state;
  gcb_cgroup_memory m = gcb_cgroup_memory_of(AT("docker1"));
  assert_int_equal(m.limit, 256 << 20);
  assert_int_equal(m.room, 192 << 20);
  assert_int_equal(m.oom_kills, 5);
  assert_int_equal(gcb_memory_room(AT("docker1")), 192 << 20);
}

static void a_group_without_a_limit_leaves_what_the_machine_has(void **state) {
  (void)state;
  gcb_cgroup_memory m = gcb_cgroup_memory_of(AT("guest"));
  assert_true(m.seen);
  assert_true(m.limit == UINT64_MAX);
  assert_true(m.room == UINT64_MAX);
  assert_int_equal(m.oom_kills, -1);
}

static void nothing_is_known_of_a_machine_without_files(void **state) {
  (void)state;
  gcb_cgroup_memory m = gcb_cgroup_memory_of(AT("none"));
  assert_false(m.seen);
  assert_true(gcb_cgroup_cpus(AT("none")) < 0);
  assert_int_equal(gcb_memory_room(AT("none")),
                   (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE));
}

static void a_limit_on_the_address_space_limits_the_room(void **state) {
  (void)state;
#if defined __SANITIZE_ADDRESS__ ||                                                                          \
    defined __SANITIZE_THREAD__ /* their shadow takes terabytes of addresses */
  return;
#endif
  pid_t pid = fork();
  if (pid == 0) {
    struct rlimit limit = {1ull << 30, 1ull << 30};
    if (setrlimit(RLIMIT_AS, &limit) != 0) _exit(2);
    uint64_t room = gcb_memory_room("");
    _exit(room > 0 && room < 1ull << 30 ? 0 : 1);
  }
  int status = -1;
  assert_int_equal(waitpid(pid, &status, 0), pid);
  assert_int_equal(status, 0);
}

static void a_kill_for_memory_is_told_from_another(void **state) {
  (void)state;
  gcb_cgroup_memory group = gcb_cgroup_memory_of(AT("container")); /* 512 MiB, 2 kills */
  const uint64_t small = 10 << 20, physical = 1ull << 34;
  assert_true(gcb_killed_for_memory(&group, 1, small, physical));
  assert_false(gcb_killed_for_memory(&group, 2, small, physical));
  assert_false(gcb_killed_for_memory(&group, -1, small, physical));
  assert_true(gcb_killed_for_memory(&group, -1, 500 << 20, physical));
  group = gcb_cgroup_memory_of(AT("none"));
  assert_false(gcb_killed_for_memory(&group, -1, 500 << 20, physical));
  assert_true(gcb_killed_for_memory(&group, -1, physical - 1, physical));
}

static void the_tightest_cpu_quota_counts(void **state) {
  (void)state;
  assert_float_equal(gcb_cgroup_cpus(AT("container")), .5, 1e-9);
  assert_float_equal(gcb_cgroup_cpus(AT("docker1")), .25, 1e-9);
  json_t *m = gcb_machine_json(AT("docker1"));
  assert_float_equal(json_real_value(json_object_get(m, "cgroup_cpus")), .25, 1e-9);
  json_decref(m);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_room_is_what_the_outer_group_has_left),
      cmocka_unit_test(version_1_has_the_same_figures_under_other_names),
      cmocka_unit_test(a_group_without_a_limit_leaves_what_the_machine_has),
      cmocka_unit_test(nothing_is_known_of_a_machine_without_files),
      cmocka_unit_test(a_limit_on_the_address_space_limits_the_room),
      cmocka_unit_test(a_kill_for_memory_is_told_from_another),
      cmocka_unit_test(the_tightest_cpu_quota_counts),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
