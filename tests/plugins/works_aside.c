/* Keeps a thread busy that it does not declare: the mutators look cheap, and the process uses two processors.
 */
#include <gcbench/collector.h>
static gcb_status busy_start(gcb_heap *h, const gcb_value *values, char *why, size_t why_size);
#define PLAIN_START busy_start
#include "plain.h"
#include <pthread.h>

static void *spin(void *arg) {
  for (volatile uint64_t n = 0;; n++) {
  }
  return arg;
}
static gcb_status busy_start(gcb_heap *h, const gcb_value *values, char *why, size_t why_size) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, spin, NULL)) return GCB_FAILED;
  return plain_start(h, values, why, why_size);
}
