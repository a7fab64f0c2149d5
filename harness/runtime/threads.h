/* The threads that the harness starts in a measured process: where each may run, and the CPU time of all. CPU
 * time of the process beyond theirs was used by threads that a collector started itself.
 *
 * One list in a process. Any thread may call these functions.
 */
#ifndef GCB_THREADS_H
#define GCB_THREADS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Enter the calling thread in the list, in a role ("mutator", "worker", "sampler", "heartbeat"; a constant);
 * number it within its role. Again: it gets the new role. Beyond 256 threads: no effect. */
void gcb_threads_join(const char *role, uint32_t number);
/* Take the calling thread out; its CPU time stays in the sum. */
void gcb_threads_leave(void);
/* CPU time in ns of all threads that are or were in the list. */
uint64_t gcb_threads_cpu(void);
/* [{role, number, cpus: [..]}]: the cpus on which the kernel lets each thread of the list run now. New
 * reference; threads without a known affinity have null. */
json_t *gcb_threads_json(void);

/* Let the calling thread run on these cpus and no others. False, with a sentence, when the system refuses. */
bool gcb_threads_allow(const int *cpus, size_t n, char *why, size_t why_size);

#endif
