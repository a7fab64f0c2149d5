/* What the two files of marksweep share: the heap's parts, and the closure over them. */
#ifndef GCB_MARKSWEEP_H
#define GCB_MARKSWEEP_H

#include "common/blocks.h"
#include "common/large.h"
#include "common/packets.h"
#include "common/settle.h"

enum { GCB_TRACE_QUEUE = 32 }; /* headers in flight between stack and scan: a power of two */

/* One worker of the closure. */
typedef struct gcb_tracer {
  struct gcb_marksweep *ms;
  gcb_packet_stack stack;
  gcb_object *queue[GCB_TRACE_QUEUE]; /* popped, their headers being fetched; empty between drains */
  uint32_t at;
  uint64_t bytes; /* of cell objects scanned: what lives, as long as nothing was missed */
} __attribute__((aligned(64))) gcb_tracer;

typedef struct gcb_marksweep {
  gcb_heap *heap;
  gcb_blocks blocks;
  gcb_large_space large;
  gcb_settle settle;
  gcb_packets packets;
  gcb_tracer *tracers;     /* h->workers of them */
  uint32_t missed;         /* blocks and large objects flagged since the last rescan */
  bool overflowed;         /* in this collection */
  bool scarce;             /* since the last collection small objects take larger cells (atomic) */
  pthread_mutex_t special; /* of settle's lists, while several workers trace */
} gcb_marksweep;

/* Mark everything reachable from roots, settle what is weak; the bytes of live cell objects. The world is
 * stopped and the blocks' marks are clear. */
uint64_t gcb_trace_all(gcb_marksweep *ms);

#endif
