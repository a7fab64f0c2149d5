/* What malloc.c (the collector) and malloc_blocks.c (one library's blocks, and what they take) share. */
#ifndef MALLOC_H
#define MALLOC_H

#include <gcbench/collector.h>
#include <pthread.h>

enum { SMALL = 1024 }; /* bytes: blocks up to here are counted without asking the library */

/* What one mutator has of the bytes that are counted; what another releases may be this one's, so only sums
 * over all mutators mean anything. */
typedef struct lane {
  uint64_t spare;   /* granted and in no block */
  uint64_t objects; /* bytes of objects, modulo 2^64 */
} lane;

typedef struct library {
  void *(*malloc)(size_t);
  void *(*calloc)(size_t, size_t);
  void (*free)(void *);
  size_t (*usable)(void *);
  uint32_t header;               /* bytes before each block that are not in its usable size */
  uint16_t block[SMALL / 8 + 1]; /* bytes of a block of 8 * i, header included */
} library;

typedef struct heap {
  pthread_mutex_t lock;
  library lib;
  lane left; /* of mutators that ended */
  char *range;
  uint64_t range_bytes, granted;
  struct {
    gcb_object *at;
    size_t bytes;
  } * held; /* with poison on: released and not yet free, GCB_HELD of them in a ring */
  uint32_t next_held;
} heap;
enum { GCB_HELD = 1024 };

/* Open the library number `which` of the option. On failure one sentence in `why`. */
bool gcb_malloc_open(library *lib, uint64_t which, char *why, size_t why_size);
/* A zeroed block of `bytes`, counted; NULL when out of memory. */
void *gcb_block_new(gcb_heap *h, lane *l, size_t bytes);
void gcb_block_free(gcb_heap *h, lane *l, void *block, size_t bytes);

#endif
