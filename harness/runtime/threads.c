#include "runtime/threads.h"
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 256 };

typedef struct known {
  pid_t tid;
  const char *role;
  uint32_t number;
} known;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static known list[MOST];
static size_t n_list;
static uint64_t gone; /* ns of CPU time of threads that left the list */

static pid_t own_tid(void) {
  return (pid_t)syscall(SYS_gettid);
}

/* The kernel's clock of one thread's CPU time, by the thread's id (clock_getcpuclockid() takes processes
 * only, pthread_getcpuclockid() needs a pthread_t that still lives). */
static uint64_t cpu_of(pid_t tid) {
  struct timespec t;
  clockid_t clock = (clockid_t)(~(unsigned)tid << 3 | 4u | 2u); /* of a thread, in scheduler time */
  if (clock_gettime(clock, &t)) return 0;
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static known *find(pid_t tid) {
  for (size_t i = 0; i < n_list; i++)
    if (list[i].tid == tid) return &list[i];
  return NULL;
}

void gcb_threads_join(const char *role, uint32_t number) {
  pid_t tid = own_tid();
  pthread_mutex_lock(&lock);
  known *own = find(tid);
  if (!own && n_list < MOST) own = &list[n_list++];
  if (own) *own = (known){tid, role, number};
  pthread_mutex_unlock(&lock);
}

void gcb_threads_leave(void) {
  pid_t tid = own_tid();
  pthread_mutex_lock(&lock);
  known *own = find(tid);
  if (own) {
    gone += cpu_of(tid);
    *own = list[--n_list];
  }
  pthread_mutex_unlock(&lock);
}

uint64_t gcb_threads_cpu(void) {
  pthread_mutex_lock(&lock);
  uint64_t sum = gone;
  for (size_t i = 0; i < n_list; i++) sum += cpu_of(list[i].tid);
  pthread_mutex_unlock(&lock);
  return sum;
}

static json_t *cpus_of(pid_t tid) {
  cpu_set_t set;
  if (sched_getaffinity(tid, sizeof set, &set)) return json_null();
  json_t *cpus = json_array();
  for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
    if (CPU_ISSET((unsigned)cpu, &set)) json_array_append_new(cpus, json_integer(cpu));
  return cpus;
}

json_t *gcb_threads_json(void) {
  json_t *out = json_array();
  pthread_mutex_lock(&lock);
  for (size_t i = 0; i < n_list; i++)
    json_array_append_new(out, json_pack("{s:s, s:I, s:o}", "role", list[i].role, "number",
                                         (json_int_t)list[i].number, "cpus", cpus_of(list[i].tid)));
  pthread_mutex_unlock(&lock);
  return out;
}

bool gcb_threads_allow(const int *cpus, size_t n, char *why, size_t why_size) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (size_t i = 0; i < n; i++)
    if (cpus[i] >= 0 && cpus[i] < CPU_SETSIZE) CPU_SET((unsigned)cpus[i], &set);
  if (n && sched_setaffinity(0, sizeof set, &set) == 0) return true;
  snprintf(why, why_size, "a collector thread could not be bound to its cpus: %s", strerror(errno));
  return false;
}
