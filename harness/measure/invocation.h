/* One invocation: one fresh process that runs one cell once. This is what the child process does; the
 * parent's side is process.h.
 *
 * The order is always: load, pin, start the collector, set the workload up, one counted iteration (untimed,
 * exact operation counts), warm-ups, a full collection, timed iterations, full collections, the account of
 * what is left.
 */
#ifndef GCB_INVOCATION_H
#define GCB_INVOCATION_H

#include <jansson.h>

/* Run what `spec` says in this process, and describe what happened, whatever happened:
 *   spec:   {workload, params{}, collector (file), options{}, heap_bytes (0: unbounded), mutators, workers,
 * seed, warmups, iterations, mutator_cpus[], worker_cpus[] (of created workers; -1: not pinned; a list: any
 * of these), scratch (folder), watch
 * ("throughput", the default, "latency" or "nothing", see watch.h), liveness (true: one more iteration with a
 * shadow, see shadow.h), counted (false: leave out the counted iteration), progress (true: lines of
 * progress.h)} result: {status, reason, checksum, iterations[], counts{}, ...}, see results/README.md New
 * reference; never NULL but without memory. Main thread of a process that does nothing else afterwards. */
json_t *gcb_invocation(const json_t *spec);

#endif
