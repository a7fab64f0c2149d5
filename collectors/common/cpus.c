#include "cpus.h"
#include <sched.h>
#include <string.h>

typedef struct allowed {
  cpu_set_t cpus[64];
} allowed;

static void see_cpus(void *ctx, uint32_t worker) {
  cpu_set_t *set = &((allowed *)ctx)->cpus[worker % 64];
  sched_getaffinity(0, sizeof *set, set);
}

void gcb_on_worker_cpus(gcb_heap *h, void (*fn)(void *ctx), void *ctx) {
  allowed where;
  cpu_set_t mine, all;
  CPU_ZERO(&all);
  memset(&where, 0, sizeof where);
  gcb_run_workers(h, see_cpus, &where);
  for (int i = 0; i < 64; i++) CPU_OR(&all, &all, &where.cpus[i]);
  bool known = sched_getaffinity(0, sizeof mine, &mine) == 0;
  if (known) sched_setaffinity(0, sizeof all, &all);
  fn(ctx);
  if (known) sched_setaffinity(0, sizeof mine, &mine);
}
