/* A suite in parts, so that several machines can share it: every N-th cell of its plan is one part. */
#ifndef GCB_SHARD_H
#define GCB_SHARD_H

#include "plan/cells.h"

typedef struct gcb_shard {
  uint64_t number, of; /* from 1; of 0: not a part */
} gcb_shard;

/* "2/4". False when it is no such thing. */
bool gcb_shard_parse(const char *word, gcb_shard *shard);
/* Leave in the plan what this part runs. The document's "run" for it is returned: {suite, suite_name, number,
 * of}, where suite is equal for all parts of a suite: same plan, seed, repetitions and name (may be NULL).
 * NULL when there is nothing left to run. New reference. */
json_t *gcb_shard_take(gcb_plan *p, const gcb_request *r, const gcb_shard *shard, const char *name);

#endif
