/* Collector worker threads: a fixed crew that runs one function at a time, and waits for the next. */
#include "runtime/crash.h"
#include "runtime/heap_host.h"
#include <stdlib.h>

typedef struct gcb_workers {
  pthread_mutex_t lock;
  pthread_cond_t start, done;
  void (*fn)(void *ctx, uint32_t worker);
  void *ctx;
  uint64_t round;      /* number of the job in hand */
  uint32_t n, pending; /* crew without the caller; those still at work */
  uint32_t started;
  bool quit;
  void (*pin)(void *ctx, uint32_t worker);
  void *pin_ctx;
  pthread_t thread[];
} gcb_workers;

static void *work(void *arg) {
  gcb_workers *w = arg;
  gcb_crash_thread();
  pthread_mutex_lock(&w->lock);
  uint32_t me = ++w->started;
  if (w->pin) {
    pthread_mutex_unlock(&w->lock);
    w->pin(w->pin_ctx, me);
    pthread_mutex_lock(&w->lock);
  }
  for (uint64_t seen = 0;;) {
    while (!w->quit && w->round == seen) pthread_cond_wait(&w->start, &w->lock);
    if (w->quit) break;
    seen = w->round;
    pthread_mutex_unlock(&w->lock);
    w->fn(w->ctx, me);
    pthread_mutex_lock(&w->lock);
    if (--w->pending == 0) pthread_cond_signal(&w->done);
  }
  pthread_mutex_unlock(&w->lock);
  return NULL;
}

static void run_workers(gcb_heap *h, void (*fn)(void *ctx, uint32_t worker), void *ctx) {
  gcb_workers *w = ((gcb_instance *)h)->workers;
  if (w && w->n) {
    pthread_mutex_lock(&w->lock);
    w->fn = fn;
    w->ctx = ctx;
    w->pending = w->n;
    w->round++;
    pthread_cond_broadcast(&w->start);
    pthread_mutex_unlock(&w->lock);
  }
  fn(ctx, 0);
  if (w && w->n) {
    pthread_mutex_lock(&w->lock);
    while (w->pending) pthread_cond_wait(&w->done, &w->lock);
    pthread_mutex_unlock(&w->lock);
  }
}

bool gcb_workers_start(gcb_instance *in, uint32_t n, void (*pin)(void *ctx, uint32_t worker), void *ctx) {
  in->host.run_workers = run_workers;
  in->heap.workers = 1;
  if (n < 2) return true;
  gcb_workers *w = calloc(1, sizeof *w + (n - 1) * sizeof(pthread_t));
  if (!w) return false;
  pthread_mutex_init(&w->lock, NULL);
  pthread_cond_init(&w->start, NULL);
  pthread_cond_init(&w->done, NULL);
  w->pin = pin;
  w->pin_ctx = ctx;
  in->workers = w;
  while (w->n < n - 1 && pthread_create(&w->thread[w->n], NULL, work, w) == 0) w->n++;
  in->heap.workers = w->n + 1;
  if (w->n == n - 1) return true;
  gcb_workers_stop(in);
  return false;
}

void gcb_workers_stop(gcb_instance *in) {
  gcb_workers *w = in->workers;
  if (!w) return;
  pthread_mutex_lock(&w->lock);
  w->quit = true;
  pthread_cond_broadcast(&w->start);
  pthread_mutex_unlock(&w->lock);
  for (uint32_t i = 0; i < w->n; i++) pthread_join(w->thread[i], NULL);
  pthread_cond_destroy(&w->start);
  pthread_cond_destroy(&w->done);
  pthread_mutex_destroy(&w->lock);
  free(w);
  in->workers = NULL;
}
