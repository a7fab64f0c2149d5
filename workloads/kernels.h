/* Micro-benchmarks: every mutator operation as a timed loop, compiled once a path like the workloads, so that
 * a loop costs what the operation costs inline; the call copy prices the same loop through function pointers.
 */
#ifndef GCB_KERNELS_H
#define GCB_KERNELS_H

#include <gcbench/mutator.h>

/* The clock that drives a kernel, kept by the harness. */
typedef struct gcb_loop {
  /* The next batch: how many operations to do before asking again; 0 ends the loop. The first call starts the
   * clock, the last one stops it. */
  uint64_t (*more)(struct gcb_loop *l);
  /* A clocked kernel: what the operation of this batch (then always one) took. */
  void (*spent)(struct gcb_loop *l, uint64_t ns);
  /* A kernel whose operations handle as many things as it happens: how many in this one. */
  void (*handled)(struct gcb_loop *l, uint64_t things);
} gcb_loop;

typedef struct gcb_kernel {
  const char *name; /* "put/old_young" */
  const char *summary;
  uint64_t needs;      /* GCB_CAP() bits that the collector must declare */
  uint32_t n;          /* its own parameter: the bytes of an object, survivors, .. */
  uint32_t items;      /* what one operation handles, when that is not one thing and not told by handled() */
  uint64_t bytes;      /* of heap that one operation takes and drops, at most */
  bool clocked;        /* reports its time by spent(): preparation between operations is not counted */
  bool baseline;       /* uses no heap; m is NULL */
  const char *by_hand; /* a baseline that does by hand what an iteration of this workload does */
  /* Prepare, loop, leave the shadow stack as it was. GCB_OOM and GCB_UNSUPPORTED mean that there is no
   * result. */
  gcb_status (*body)(gcb_mutator *m, const struct gcb_kernel *k, gcb_loop *l);
} gcb_kernel;

typedef struct gcb_kernel_table {
  const gcb_kernel *at;
  uint32_t n;
} gcb_kernel_table;

/* In kernels.c and baselines.c; weak, for a module without any. */
extern const gcb_kernel_table gcb_kernels __attribute__((weak)), gcb_baselines __attribute__((weak));

/* The loop changes memory that the compiler must not keep in registers from one round to the next. */
#define GCB_TOUCH() __asm__ volatile("" ::: "memory")

#endif
