/* Memory that a process holds outside what its collector has committed. */
#ifndef GCB_OUTSIDE_H
#define GCB_OUTSIDE_H

#include "runtime/heap_host.h"

typedef struct gcb_resident {
  int64_t inside, outside; /* bytes resident in the heap's reserved regions, and in all other mappings */
} gcb_resident;

/* Read it from the kernel's list of mappings, which takes time in proportion to resident memory: not while
 * anything is timed. False: the kernel does not tell. */
bool gcb_resident_now(const gcb_instance *in, gcb_resident *out);

#endif
