/* Runs as Go benchmark text, which benchstat reads ("Go Benchmark Data Format",
 * golang.org/design/14313-benchmark-format).
 */
#ifndef GCB_GO_BENCH_H
#define GCB_GO_BENCH_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/* One line for each invocation: BenchmarkTrees/depth=16/collector=gen3/heap=3x-1, its timed iterations,
 * ns/op, and each metric of results/model/metrics.h that is known and not exact; latency invocations are left
 * out. Lines of one name are the samples of one cell. Options of a collector are parts of the name too. False
 * when nothing could be written: no cell has an ended invocation. */
bool gcb_go_bench_write(const json_t *run, FILE *out);

#endif
