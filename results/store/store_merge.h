/* Joining stores: what several machines, or one at several times, have kept apart. */
#ifndef GCB_STORE_MERGE_H
#define GCB_STORE_MERGE_H

#include "results/store/store.h"

typedef struct gcb_merged {
  size_t runs;     /* new here, or with more in them than before */
  size_t shards;   /* parts of a suite that were joined to it */
  size_t same;     /* were here already */
  size_t nameless; /* could not keep their name, which a run here has */
  size_t beside;   /* parts whose suite has that part already, from another run: kept as runs of their own */
} gcb_merged;

/* Bring every run of the store in `folder` into this one. Runs are known by their uuid, so merging again
 * changes nothing but what has been added since. Parts of a suite (gcbench run --shard) become one run, whose
 * uuid is the suite's. Each run in a transaction of its own: after a failure those before it are there. */
bool gcb_store_merge(struct gcb_store *into, const char *folder, gcb_merged *counts, char *why,
                     size_t why_size);

#endif
