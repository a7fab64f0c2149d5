#include "measure/progress.h"
#include "machine/process.h"
#include "runtime/heap_host.h"
#include <stdio.h>
#include <unistd.h>

void gcb_progress_start(gcb_progress *p, gcb_instance *in, bool wanted, uint64_t iterations) {
  *p = (gcb_progress){.in = wanted ? in : NULL, .iterations = iterations};
  pthread_mutex_init(&p->lock, NULL);
}

void gcb_progress_stop(gcb_progress *p) {
  pthread_mutex_lock(&p->lock);
  p->in = NULL;
  pthread_mutex_unlock(&p->lock);
}

void gcb_progress_iteration(gcb_progress *p, uint64_t ops, uint64_t ns) {
  pthread_mutex_lock(&p->lock);
  p->iteration++;
  p->ops += ops;
  p->ns += ns;
  p->seen = 0;
  p->longest = 0;
  pthread_mutex_unlock(&p->lock);
}

/* Of many new pauses only the last are looked at: whoever records one waits meanwhile. */
static uint32_t look(gcb_progress *p) {
  gcb_recorder *r = &p->in->recorder;
  pthread_mutex_lock(&r->lock);
  uint32_t n = r->pauses.n;
  if (n < p->seen) p->seen = 0; /* the list was begun afresh */
  if (n - p->seen > GCB_PROGRESS_LOOK) p->seen = n - GCB_PROGRESS_LOOK;
  for (; p->seen < n; p->seen++) {
    uint64_t ns = r->pauses.at[p->seen].end - r->pauses.at[p->seen].start;
    if (ns > p->longest) p->longest = ns;
  }
  pthread_mutex_unlock(&r->lock);
  return n;
}

void gcb_progress_tell(gcb_progress *p, int64_t rss) {
  char line[400];
  uint64_t now = gcb_clock();
  pthread_mutex_lock(&p->lock);
  if (p->in && now - p->last >= GCB_PROGRESS_NS) {
    uint64_t limit = p->in->heap.limit;
    uint32_t pauses = look(p);
    p->last = now;
    int n =
        snprintf(line, sizeof line,
                 "%c{\"iteration\":%llu,\"iterations\":%llu,\"committed\":%llu,\"limit\":%llu,\"rss\":%lld,"
                 "\"pauses\":%u,\"longest_ns\":%llu,\"ops\":%llu,\"wall_ns\":%llu}\n",
                 GCB_PROGRESS_MARK, (unsigned long long)p->iteration, (unsigned long long)p->iterations,
                 (unsigned long long)__atomic_load_n(&p->in->committed, __ATOMIC_RELAXED),
                 limit == UINT64_MAX ? 0 : (unsigned long long)limit, (long long)rss, pauses,
                 (unsigned long long)p->longest, (unsigned long long)p->ops, (unsigned long long)p->ns);
    /* Shorter than PIPE_BUF, so whole or not at all; a reader that went away is no concern of a measurement.
     */
    if (write(GCB_ANSWER_FD, line, (size_t)n) != n) p->in = NULL;
  }
  pthread_mutex_unlock(&p->lock);
}

void gcb_progress_beat(void) {
  static const char line[] = {GCB_PROGRESS_MARK, '\n'};
  /* A parent that went away kills this process; nothing depends on the line. */
  ssize_t ignored = write(GCB_ANSWER_FD, line, sizeof line);
  (void)ignored;
}
