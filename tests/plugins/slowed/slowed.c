/* A collector of the tree, slower by a known share: its slow path of allocation burns so many per cent of the
 * time since it was last left. What `compare` must find is planted with it. The other collector is compiled
 * in with its symbol renamed (see CMakeLists.txt here). */
#include <gcbench/collector.h>
#include <string.h>

extern const gcb_collector slowed_inner; /* the collector below */

enum { MOST_OPTIONS = 32 };
/* Longer gaps are not the mutator's: between iterations, or another process had the processor. */
static const uint64_t longest_gap_ns = 10000000;

static gcb_option options[MOST_OPTIONS + 1];
static double share;
static _Thread_local uint64_t left_at;

static gcb_status start(gcb_heap *h, const gcb_value *values, char *why, size_t why_size) {
  share = values[slowed_inner.n_options].d / 100;
  return slowed_inner.start(h, values, why, why_size);
}

static gcb_object *alloc(gcb_mutator *m, uint64_t header, size_t bytes) {
  gcb_object *o = slowed_inner.alloc(m, header, bytes);
  uint64_t now = gcb_now(m->heap), gap = left_at ? now - left_at : 0;
  uint64_t until = now + (uint64_t)(share * (double)(gap < longest_gap_ns ? gap : longest_gap_ns));
  left_at = now;
  while (share > 0 && left_at < until) left_at = gcb_now(m->heap);
  return o;
}

__attribute__((visibility("default"))) gcb_collector gcbench_collector;

/* A constant cannot be made of another one. */
__attribute__((constructor)) static void wrap(void) {
  gcbench_collector = slowed_inner;
  if (slowed_inner.n_options > MOST_OPTIONS) return;
  memcpy(options, slowed_inner.options, slowed_inner.n_options * sizeof *options);
  options[slowed_inner.n_options] =
      (gcb_option){"slow", GCB_REAL, "0", 0, 1000, NULL, "per cent of its time that the mutator loses"};
  gcbench_collector.name = "slowed";
  gcbench_collector.options = options;
  gcbench_collector.n_options = slowed_inner.n_options + 1;
  gcbench_collector.start = start;
  gcbench_collector.alloc = alloc;
}
