/* Where the threads of an invocation run, as the kernel tells it while they run. */
#include "children.h"

#include <dirent.h>
#include <sched.h>

enum { MOST = 64 };

typedef struct task {
  bool main;
  char cpus[64]; /* Cpus_allowed_list */
} task;

/* The tasks of a process; 0 when it has ended. */
static size_t tasks_of(pid_t pid, task *tasks) {
  char folder[64], path[400], line[300];
  size_t n = 0;
  snprintf(folder, sizeof folder, "/proc/%d/task", (int)pid);
  DIR *d = opendir(folder);
  for (struct dirent *e; d && n < MOST && (e = readdir(d));) {
    if (e->d_name[0] == '.') continue;
    snprintf(path, sizeof path, "%s/%s/status", folder, e->d_name);
    FILE *f = fopen(path, "r");
    tasks[n] = (task){.main = atoi(e->d_name) == pid};
    while (f && fgets(line, sizeof line, f)) sscanf(line, "Cpus_allowed_list: %63s", tasks[n].cpus);
    if (f) fclose(f);
    n += tasks[n].cpus[0] != 0;
  }
  if (d) closedir(d);
  return n;
}

/* The first two cpus that this test may use, or false. */
static bool two_cpus(int cpu[2]) {
  cpu_set_t set;
  int n = 0;
  if (sched_getaffinity(0, sizeof set, &set)) return false;
  for (int c = 0; c < CPU_SETSIZE && n < 2; c++)
    if (CPU_ISSET((unsigned)c, &set)) cpu[n++] = c;
  return n == 2;
}

/* Run on marksweep with these words until `good` holds of its tasks; then end the run. */
static void watch_tasks(const char *pin, const char *mutators, const char *workers,
                        bool (*good)(const task *tasks, size_t n, const void *ctx), const void *ctx) {
  const char *const argv[] = {"gcbench", "run",    "-w",           "trees", "-c",        "marksweep", "-n",
                              "1",       "-i",     "1000",         "-q",    "--no-save", "--pin",     pin,
                              "-m",      mutators, "--gc-threads", workers, NULL};
  task tasks[MOST];
  struct timespec nap = {0, 10000000};
  size_t n = 0;
  bool seen = false;
  pid_t run = start(argv), child = wait_for_invocation(run);
  for (int i = 0; i < 3000 && !seen && kill(child, 0) == 0; i++) {
    n = tasks_of(child, tasks);
    seen = good(tasks, n, ctx);
    nanosleep(&nap, NULL);
  }
  if (!seen)
    for (size_t i = 0; i < n; i++)
      print_error("%s thread: cpus %s\n", tasks[i].main ? "main" : "other", tasks[i].cpus);
  kill(run, SIGINT);
  waitpid(run, NULL, 0);
  assert_true(seen);
}

/* The main thread on one cpu; two more, the worker and the sampler, on the other. */
static bool worker_is_elsewhere(const task *tasks, size_t n, const void *ctx) {
  const char *const *cpu = ctx;
  size_t elsewhere = 0;
  for (size_t i = 0; i < n; i++) {
    if (strcmp(tasks[i].cpus, cpu[tasks[i].main ? 0 : 1]) != 0) return false;
    elsewhere += !tasks[i].main;
  }
  return elsewhere >= 2;
}

static void a_second_gc_thread_runs_on_another_cpu_than_the_mutator(void **state) {
  (void)state;
  int cpu[2];
  char first[12], second[12], pin[30];
  if (!two_cpus(cpu)) skip();
  snprintf(first, sizeof first, "%d", cpu[0]);
  snprintf(second, sizeof second, "%d", cpu[1]);
  snprintf(pin, sizeof pin, "%s,%s", first, second);
  watch_tasks(pin, "1", "2", worker_is_elsewhere, (const char *[]){first, second});
}

/* Each mutator on a cpu of its own; a worker that may use both. */
static bool worker_may_use_both(const task *tasks, size_t n, const void *ctx) {
  const char *const *cpu = ctx;
  size_t on[3] = {0};
  for (size_t i = 0; i < n; i++)
    for (int k = 0; k < 3; k++) on[k] += strcmp(tasks[i].cpus, cpu[k]) == 0;
  return on[0] && on[1] && on[2];
}

static void a_gc_thread_without_a_core_may_use_every_mutators_cpu(void **state) {
  (void)state;
  int cpu[2];
  char first[12], second[12], pin[30], both[30];
  if (!two_cpus(cpu)) skip();
  snprintf(first, sizeof first, "%d", cpu[0]);
  snprintf(second, sizeof second, "%d", cpu[1]);
  snprintf(pin, sizeof pin, "%s,%s", first, second);
  snprintf(both, sizeof both, cpu[1] == cpu[0] + 1 ? "%d-%d" : "%d,%d", cpu[0], cpu[1]);
  watch_tasks(pin, "2", "2", worker_may_use_both, (const char *[]){first, second, both});
}

static void the_json_has_the_cpus_of_each_thread(void **state) {
  (void)state;
  int cpu[2];
  char line[300];
  if (!two_cpus(cpu)) skip();
  snprintf(line, sizeof line,
           "run -w trees -p depth=8 -c marksweep -n 1 -i 1 -q --gc-threads 2 --pin %d,%d --json run.json",
           cpu[0], cpu[1]);
  answer a = gcbench(line);
  expect_status(&a, 0);
  answer_free(&a);
  json_t *r = load("run.json"), *thread;
  json_t *cell = json_array_get(json_object_get(r, "cells"), 0);
  json_t *threads = json_object_get(json_array_get(json_object_get(cell, "invocations"), 0), "threads");
  size_t i;
  int workers = 0;
  json_array_foreach(threads, i, thread) {
    bool worker = strcmp(word(thread, "role"), "worker") == 0;
    json_t *cpus = json_object_get(thread, "cpus");
    assert_int_equal(json_array_size(cpus), 1);
    assert_int_equal(json_integer_value(json_array_get(cpus, 0)), cpu[worker]);
    workers += worker;
  }
  assert_int_equal(workers, 1);
  assert_int_equal(i, 2);
  json_decref(r);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_second_gc_thread_runs_on_another_cpu_than_the_mutator),
      cmocka_unit_test(a_gc_thread_without_a_core_may_use_every_mutators_cpu),
      cmocka_unit_test(the_json_has_the_cpus_of_each_thread),
  };
  return cmocka_run_group_tests(tests, enter_scratch, leave_scratch);
}
