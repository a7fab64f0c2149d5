/* What one compiled copy of the workloads exports: its path, the workloads, the kernels of the
 * micro-benchmarks, and the mutator operations as functions for that path. */
#ifndef GCB_PATH_MODULE_H
#define GCB_PATH_MODULE_H

#include "kernels.h"

typedef struct gcb_path_module {
  uint32_t abi; /* GCB_WORKLOAD_ABI */
  gcb_path path;
  const gcb_ops *ops; /* NULL in the copy for handle runtimes, which bring their own */
  const gcb_workload *const *workloads;
  uint32_t n_workloads;
  const gcb_kernel_table *kernels, *baselines; /* NULL: none */
} gcb_path_module;

/* The symbol of each lib/gcbench/paths/NAME.so. */
extern const gcb_path_module *gcbench_path_module(void);

#endif
