// What a result depends on beside the code: the state of the machine and of the build, recorded with every
// run.
#pragma once

#include <jansson.h>

// The machine as it is now; the caller owns the object. NULL only when memory is out. Takes about a
// millisecond, so call it between measurements, from any thread. `root` is put before every path that is read
// ("" for this machine), so that a test can bring a /proc and a /sys of its own.
//
// What cannot be read is null, never zero and never a guess:
//   host, kernel, kernel_build, architecture          strings, from uname(2)
//   distribution, cpu_model                           strings
//   governor                                          string: one cpufreq governor, or all in use, with
//   commas turbo                                             boolean, from intel_pstate or cpufreq smt
//   string: on, off, forceoff, notsupported, notimplemented thp string: always, madvise, never aslr 0 (off),
//   1, 2 (full); as the system has it aslr_off_here                                     boolean: this process
//   opted out (setarch -R) numa_nodes                                        number of nodes online
//   load_average                                      [1, 5, 15 minutes]
//   steal_seconds, steal_share                        since boot: time that the hypervisor gave to others,
//   and as
//                                                     a share of all cpu time. Subtract two records for a
//                                                     run's.
//   memory_bytes                                      all of the machine
//   cgroup_limited, cgroup_memory_limit_bytes         boolean; the tightest limit of the cgroup and those
//   around it
//   cgroup_cpus                                       the tightest cpu quota, in cpus: 0.25 is a quarter of
//   one, 0 is no quota
//   virtualised                                       boolean: the cpu shows a hypervisor's flag
//   compiler, c_flags                                 strings, of this program; c_flags is "unknown" when the
//   build
//                                                     did not define GCB_C_FLAGS
//   hwloc, jansson, libc                              versions, as strings
//   page_bytes                                        number
//   clocksource                                       string: what the kernel reads the time from
//   clock_resolution_ns, clock_cost_ns                of CLOCK_MONOTONIC: clock_getres(2), and the measured
//   cost of
//                                                     one clock_gettime (real: fastest of several batches)
json_t *gcb_machine_json(const char *root);
