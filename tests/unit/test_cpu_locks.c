/* Two gcbench processes at once: the second takes cpus that are free, or names the first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "plan/cpu_locks.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char file[] = "/tmp/gcbench-locks-XXXXXX";

static struct gcb_placement place(const char *topology, const char *policy, size_t mutators) {
  char path[400], why[300];
  struct gcb_placement p;
  snprintf(path, sizeof path, "%s/topology/%s", GCB_TEST_DATA, topology);
  struct gcb_topology *t = gcb_topology_open(path, why, sizeof why);
  if (!t || !gcb_place_beside(file, t, policy, mutators, 0, &p, why, sizeof why)) fail_msg("%s", why);
  gcb_topology_close(t);
  return p;
}

/* A process that has placed its mutators, and goes on until it is killed. */
static pid_t other(const char *topology, const char *policy, size_t mutators, int cpus[]) {
  int ends[2];
  assert_int_equal(pipe(ends), 0);
  pid_t pid = fork();
  if (pid == 0) {
    struct gcb_placement p = place(topology, policy, mutators);
    if (write(ends[1], p.mutator_cpu, mutators * sizeof *cpus) < 0) _exit(1);
    for (;;) pause();
  }
  assert_int_equal(read(ends[0], cpus, mutators * sizeof *cpus), mutators * sizeof *cpus);
  close(ends[0]);
  close(ends[1]);
  return pid;
}

static void end(pid_t pid) {
  kill(pid, SIGKILL);
  assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void the_second_one_takes_cpus_that_are_free(void **state) {
  (void)state;
  int cpus[2];
  pid_t pid = other("2-l3-4-cores.xml", "auto", 2, cpus);
  struct gcb_placement p = place("2-l3-4-cores.xml", "auto", 2);
  for (int i = 0; i < 2; i++)
    for (int k = 0; k < 2; k++) assert_int_not_equal(p.mutator_cpu[i], cpus[k]);
  assert_null(strstr(p.note, "shared with"));
  gcb_placement_free(&p);
  end(pid);
}

static void without_a_free_cpu_the_other_process_is_named(void **state) {
  (void)state;
  int cpus[2];
  char expected[100];
  pid_t pid = other("2-l3-4-cores.xml", "0", 1, cpus);
  struct gcb_placement p = place("2-l3-4-cores.xml", "0", 1);
  snprintf(expected, sizeof expected, "cpu 0 is shared with gcbench process %d", (int)pid);
  assert_string_equal(p.note, expected);
  gcb_placement_free(&p);
  end(pid);
  p = place("2-l3-4-cores.xml", "0", 1); /* killed: its locks have gone with it */
  assert_string_equal(p.note, "");
  gcb_placement_free(&p);
}

static int make_file(void **state) {
  (void)state;
  int fd = mkstemp(file);
  return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state) {
  (void)state;
  return unlink(file);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_second_one_takes_cpus_that_are_free),
      cmocka_unit_test(without_a_free_cpu_the_other_process_is_named),
  };
  return cmocka_run_group_tests(tests, make_file, remove_file);
}
