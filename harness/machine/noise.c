#include "machine/noise.h"
#include "machine/clock.h"
#include <errno.h>
#include <linux/perf_event.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

typedef struct spinner {
  pthread_t thread;
  const bool *go; /* atomic */
  int cpu;
  uint64_t ns, lost, longest;
} spinner;

static void *spin(void *arg) {
  spinner *s = arg;
  while (!__atomic_load_n(s->go, __ATOMIC_ACQUIRE)) sched_yield();
  uint64_t begin = gcb_clock(), last = begin, now;
  do {
    now = gcb_clock();
    if (now - last > GCB_PROBE_GAP_NS) {
      s->lost += now - last;
      if (now - last > s->longest) s->longest = now - last;
    }
    last = now;
  } while (now - begin < s->ns);
  s->ns = now - begin;
  return NULL;
}

static bool launch(spinner *s) {
  cpu_set_t set;
  pthread_attr_t attributes;
  CPU_ZERO(&set);
  CPU_SET((unsigned)s->cpu, &set);
  pthread_attr_init(&attributes);
  pthread_attr_setaffinity_np(&attributes, sizeof set, &set);
  int refused = pthread_create(&s->thread, &attributes, spin, s);
  pthread_attr_destroy(&attributes);
  return !refused;
}

json_t *gcb_probe_noise(uint64_t ns) {
  cpu_set_t allowed;
  bool go = false;
  spinner *all = calloc(CPU_SETSIZE, sizeof *all);
  unsigned n = 0, running = 0;
  CPU_ZERO(&allowed);
  if (!all || sched_getaffinity(0, sizeof allowed, &allowed)) {
    free(all);
    return json_null();
  }
  for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
    if (CPU_ISSET((unsigned)cpu, &allowed)) all[n++] = (spinner){.go = &go, .cpu = cpu, .ns = ns};
  while (running < n && launch(&all[running])) running++;
  __atomic_store_n(&go, true, __ATOMIC_RELEASE);
  json_t *cpus = json_array();
  double worst = 0;
  uint64_t longest = 0;
  for (unsigned i = 0; i < running; i++) {
    pthread_join(all[i].thread, NULL);
    double share = (double)all[i].lost / (double)all[i].ns;
    if (share > worst) worst = share;
    if (all[i].longest > longest) longest = all[i].longest;
    json_array_append_new(cpus, json_pack("{s:i, s:f, s:I}", "cpu", all[i].cpu, "lost_share", share,
                                          "longest_ns", (json_int_t)all[i].longest));
  }
  free(all);
  if (!running) {
    json_decref(cpus);
    return json_null();
  }
  return json_pack("{s:I, s:o, s:f, s:I}", "duration_ns", (json_int_t)ns, "cpus", cpus, "worst_share", worst,
                   "longest_ns", (json_int_t)longest);
}

/* ---- hardware counters ---- */

static int open_counter(uint64_t what) {
  struct perf_event_attr a = {.type = PERF_TYPE_HARDWARE,
                              .size = sizeof a,
                              .config = what,
                              .disabled = 1,
                              .exclude_kernel = 1,
                              .exclude_hv = 1};
  return (int)syscall(SYS_perf_event_open, &a, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
}

static const char *explain(int error) {
  switch (error) {
  case EACCES:
  case EPERM:
    return "not permitted: kernel.perf_event_paranoid, or the container, forbids it";
  case ENOENT:
  case EOPNOTSUPP:
  case ENODEV:
    return "the processor shows none, as in most virtual machines";
  case ENOSYS:
    return "this kernel was built without perf events, or the container hides them";
  default:
    return strerror(error);
  }
}

json_t *gcb_probe_counters(void) {
  static const struct {
    const char *name;
    uint64_t what;
  } counters[] = {{"cpu_cycles", PERF_COUNT_HW_CPU_CYCLES},
                  {"instructions", PERF_COUNT_HW_INSTRUCTIONS},
                  {"cache_misses", PERF_COUNT_HW_CACHE_MISSES}};
  json_t *out = json_object(), *why = NULL;
  for (size_t i = 0; i < sizeof counters / sizeof *counters; i++) {
    uint64_t value = 0;
    int fd = open_counter(counters[i].what);
    if (fd < 0 && !why) why = json_string(explain(errno));
    if (fd >= 0) {
      ioctl(fd, PERF_EVENT_IOC_ENABLE, 0);
      for (volatile int k = 0; k < 100000; k++) {
      }
      ioctl(fd, PERF_EVENT_IOC_DISABLE, 0);
    }
    bool read_it = fd >= 0 && read(fd, &value, sizeof value) == (ssize_t)sizeof value;
    json_object_set_new(out, counters[i].name, read_it ? json_integer((json_int_t)value) : json_null());
    if (fd >= 0) close(fd);
  }
  json_object_set_new(out, "why", why ? why : json_null());
  return out;
}
