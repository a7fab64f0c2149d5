/* Foreign runtimes start threads of their own, which inherit the processors of the thread that starts them.
 */
#ifndef GCB_CPUS_H
#define GCB_CPUS_H

#include <gcbench/collector.h>

/* Call fn(ctx) on this thread while it may run where the harness's collector threads run, and nowhere else.
 * In start(). */
void gcb_on_worker_cpus(gcb_heap *h, void (*fn)(void *ctx), void *ctx);

#endif
