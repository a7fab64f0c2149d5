#include "measure/sampler.h"
#include "measure/rss.h"
#include "measure/service_thread.h"
#include "runtime/threads.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { KEPT = 128 };

struct gcb_sampler {
  pthread_t thread;
  pthread_mutex_t lock;
  pthread_cond_t wake;
  bool quit;
  uint64_t period_ns, samples;
  int64_t last; /* bytes */
  double sum;
  gcb_progress *progress;
  const uint64_t *committed;
  struct {
    uint64_t at, rss, committed;
  } kept[KEPT]; /* every stride-th sample */
  size_t n_kept;
  uint64_t stride;
  uint64_t stopped; /* ns */
};

/* ---- stops ---- */
enum { STOP_MIN_NS = 250000000 };

typedef struct instant {
  uint64_t now, boot; /* ns: CLOCK_MONOTONIC, and with the time in which the machine slept */
  uint64_t delay;     /* ns: that the calling thread has waited for a cpu so far */
} instant;

static instant look(int schedstat) {
  char text[100];
  unsigned long long ran, delay = 0;
  struct timespec t;
  ssize_t n = schedstat < 0 ? -1 : pread(schedstat, text, sizeof text - 1, 0);
  text[n > 0 ? n : 0] = 0;
  if (sscanf(text, "%llu %llu", &ran, &delay) != 2) delay = 0;
  clock_gettime(CLOCK_BOOTTIME, &t);
  return (instant){gcb_clock(), (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec, delay};
}

static uint64_t stopped_between(instant a, instant b, uint64_t period_ns) {
  uint64_t known = period_ns + (b.delay - a.delay), passed = b.boot - a.boot;
  return passed > known + STOP_MIN_NS ? passed - known : 0;
}

/* When there is no more place, every second one goes, and from then on fewer come. */
static void keep(gcb_sampler *s, uint64_t rss) {
  if ((s->samples - 1) % s->stride != 0) return;
  if (s->n_kept == KEPT) {
    for (size_t i = 0; i < KEPT / 2; i++) s->kept[i] = s->kept[2 * i];
    s->n_kept = KEPT / 2;
    s->stride *= 2;
  }
  s->kept[s->n_kept].at = gcb_clock();
  s->kept[s->n_kept].rss = rss;
  s->kept[s->n_kept++].committed = __atomic_load_n(s->committed, __ATOMIC_RELAXED);
}

static void sample(gcb_sampler *s) {
  int64_t bytes = gcb_rss_bytes();
  if (bytes < 0) return;
  s->last = bytes;
  s->samples++;
  s->sum += (double)bytes;
  keep(s, (uint64_t)bytes);
}

static void *run(void *arg) {
  gcb_sampler *s = arg;
  gcb_threads_join("sampler", 0);
  int schedstat = open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC);
  instant before = look(schedstat);
  pthread_mutex_lock(&s->lock);
  while (!s->quit) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    uint64_t ns = (uint64_t)until.tv_nsec + s->period_ns;
    until.tv_sec += (time_t)(ns / 1000000000u);
    until.tv_nsec = (long)(ns % 1000000000u);
    pthread_cond_clockwait(&s->wake, &s->lock, CLOCK_MONOTONIC, &until);
    if (s->quit) break;
    instant after = look(schedstat);
    if (schedstat >= 0) s->stopped += stopped_between(before, after, s->period_ns);
    before = after;
    sample(s);
    gcb_progress_tell(s->progress, s->last);
  }
  pthread_mutex_unlock(&s->lock);
  if (schedstat >= 0) close(schedstat);
  gcb_threads_leave();
  return NULL;
}

gcb_sampler *gcb_sampler_start(uint64_t period_ns, int cpu, const uint64_t *committed,
                               gcb_progress *progress) {
  gcb_sampler *s = calloc(1, sizeof *s);
  if (!s) return NULL;
  s->period_ns = period_ns;
  s->committed = committed;
  s->progress = progress;
  s->stride = 1;
  pthread_mutex_init(&s->lock, NULL);
  pthread_cond_init(&s->wake, NULL);
  if (gcb_aside_start(&s->thread, cpu, run, s)) return s;
  free(s);
  return NULL;
}

void gcb_sampler_clear(gcb_sampler *s) {
  if (!s) return;
  pthread_mutex_lock(&s->lock);
  s->samples = 0;
  s->sum = 0;
  s->n_kept = 0;
  s->stride = 1;
  pthread_mutex_unlock(&s->lock);
}

gcb_rss_average gcb_sampler_read(gcb_sampler *s) {
  gcb_rss_average average = {0, 0};
  if (!s) return average;
  pthread_mutex_lock(&s->lock);
  sample(s);
  if (s->samples) average = (gcb_rss_average){s->samples, s->sum / (double)s->samples};
  pthread_mutex_unlock(&s->lock);
  return average;
}

json_t *gcb_sampler_memory(gcb_sampler *s, uint64_t origin) {
  json_t *out = json_array();
  if (!s) return out;
  pthread_mutex_lock(&s->lock);
  for (size_t i = 0; i < s->n_kept; i++)
    if (s->kept[i].at >= origin)
      json_array_append_new(out, json_pack("[I, I, I]", (json_int_t)(s->kept[i].at - origin),
                                           (json_int_t)s->kept[i].rss, (json_int_t)s->kept[i].committed));
  pthread_mutex_unlock(&s->lock);
  return out;
}

uint64_t gcb_sampler_stopped(gcb_sampler *s) {
  if (!s) return 0;
  pthread_mutex_lock(&s->lock);
  uint64_t stopped = s->stopped;
  pthread_mutex_unlock(&s->lock);
  return stopped;
}

void gcb_sampler_stop(gcb_sampler *s) {
  if (!s) return;
  pthread_mutex_lock(&s->lock);
  s->quit = true;
  pthread_cond_signal(&s->wake);
  pthread_mutex_unlock(&s->lock);
  pthread_join(s->thread, NULL);
  pthread_cond_destroy(&s->wake);
  pthread_mutex_destroy(&s->lock);
  free(s);
}
