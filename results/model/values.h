/* Lists of values, as the command line fills them and the planner crosses them. Plain data: whoever made a
 * list owns its arrays and strings; those of a parsed command line belong to its struct gcb_parsed. */
#ifndef GCB_VALUES_H
#define GCB_VALUES_H

#include <stddef.h>

#include "results/model/units.h"

struct gcb_strings {
  const char **items;
  size_t n;
};

struct gcb_heap_sizes {
  struct gcb_heap_size *items;
  size_t n;
};

/* "-p depth=16,18 -p seed=1 -p depth=20" is {depth: 16, 18, 20}, {seed: 1}: keys in order of first use. */
struct gcb_sweep {
  const char *key;
  struct gcb_strings values; /* at least one */
};

struct gcb_sweeps {
  struct gcb_sweep *items;
  size_t n;
};

#endif
