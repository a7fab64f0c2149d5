/* Threads of the harness's own that run beside the mutators: the sampler, the heartbeat. */
#ifndef GCB_ASIDE_H
#define GCB_ASIDE_H

#include <pthread.h>
#include <stdbool.h>

/* Start run(arg) on a new thread, from its first instruction on that cpu if it is not -1. False when the
 * system refuses. */
bool gcb_aside_start(pthread_t *thread, int cpu, void *(*run)(void *arg), void *arg);

#endif
