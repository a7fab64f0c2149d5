/* Starts a thread that nobody ends. */
#include <gcbench/collector.h>
static gcb_status threading_start(gcb_heap *h, const gcb_value *values, char *why, size_t why_size);
#define PLAIN_START threading_start
#include "plain.h"
#include <pthread.h>
#include <unistd.h>

static void *sleep_on(void *arg) {
  for (;;) pause();
  return arg;
}
static gcb_status threading_start(gcb_heap *h, const gcb_value *values, char *why, size_t why_size) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, sleep_on, NULL)) return GCB_FAILED;
  return plain_start(h, values, why, why_size);
}
