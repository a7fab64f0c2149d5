/* What a machine does to a thread that wants nothing but to run, and whether it shows hardware counters. */
#ifndef GCB_PROBE_H
#define GCB_PROBE_H

#include <jansson.h>
#include <stdint.h>

/* Spin on every cpu that this process may use, all at once, for `ns`, reading the clock: whatever the thread
 * missed went to interrupts, other threads, or the hypervisor. {duration_ns, cpus: [{cpu, lost_share,
 * longest_ns}], worst_share, longest_ns}; null without threads or memory. Only gaps of more than
 * GCB_PROBE_GAP_NS count: less is the loop's own unevenness. */
enum { GCB_PROBE_GAP_NS = 2000 };
json_t *gcb_probe_noise(uint64_t ns);

/* Can this process count cycles, instructions and cache misses? {cpu_cycles, instructions, cache_misses:
 * counted over a fixed loop, or null, why: a word for null}. */
json_t *gcb_probe_counters(void);

#endif
