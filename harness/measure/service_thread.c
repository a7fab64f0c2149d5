#include "measure/service_thread.h"
#include <sched.h>

bool gcb_aside_start(pthread_t *thread, int cpu, void *(*run)(void *arg), void *arg) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  if (cpu >= 0) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET((unsigned)cpu, &set);
    pthread_attr_setaffinity_np(&attributes, sizeof set, &set);
  }
  int refused = pthread_create(thread, &attributes, run, arg);
  pthread_attr_destroy(&attributes);
  return !refused;
}
