/* What copying collectors share: ranges of pages that are filled from the bottom up, buffers of mutators cut
 * from them, and moving one object. Follows Cheney 1970 for the forwarding address in the old header.
 *
 * Invariant of a space: [base, limit) is committed, [base, next) was handed out: objects, buffers in use and
 * `tails` bytes of buffers that were given up. Not locked: the owner's lock, or the world stopped. Invariant
 * of headers: bit 0 of a live object's bits is clear; a header with it set is the new address plus one.
 */
#ifndef GCB_COMMON_COPY_H
#define GCB_COMMON_COPY_H

#include "mutants.h"
#include <gcbench/collector.h>
#include <string.h>

#define GCB_PAGE ((size_t)4096)
static inline size_t gcb_pages_up(size_t bytes) {
  return (bytes + GCB_PAGE - 1) & ~(GCB_PAGE - 1);
}

#define GCB_COPY_RARE (GCB_RARE(HEAP_GROWN) | GCB_RARE(HEAP_SHRUNK) | GCB_RARE(BUFFER_REFILL))

typedef struct gcb_copy_space {
  gcb_heap *heap;
  char *base, *next, *limit, *end; /* start, first free byte, end of the pages, end of the range */
  size_t tails;                    /* bytes below next that no object will fill */
} gcb_copy_space;

/* Take [base, base + bytes) of reserved space, both multiples of a page; nothing is committed. */
void gcb_copy_init(gcb_copy_space *s, gcb_heap *h, char *base, size_t bytes);
/* Have `bytes` from base committed, rounded up to pages. False: bound or range reached, nothing changed. */
bool gcb_copy_commit(gcb_copy_space *s, size_t bytes);
/* Give back the pages beyond `bytes` from base and beyond next. Bytes given back. */
size_t gcb_copy_trim(gcb_copy_space *s, size_t bytes);
/* All objects are gone or moved: poison them and begin at base again. Pages are kept. */
void gcb_copy_reset(gcb_copy_space *s);

/* Have at least `bytes` between m's cursor and limit, and about `step`, from what is committed. False: not
 * enough room; nothing changed. */
bool gcb_buffer_refill(gcb_mutator *m, gcb_copy_space *s, size_t bytes, size_t step);
/* m gives up the rest of its buffer. */
void gcb_buffer_drop(gcb_mutator *m, gcb_copy_space *s);
/* Bytes in the buffers of all mutators that are not objects yet. World stopped or single-threaded. */
size_t gcb_buffers_left(gcb_heap *h);

/* The rest of an allocation for which the buffer has room. Zeroed. */
static inline gcb_object *gcb_buffer_take(gcb_mutator *m, uint64_t header, size_t bytes) {
  char *at = m->cursor;
  m->cursor = at + bytes;
  memcpy(at, &header, sizeof header);
  memset(at + sizeof header, 0, bytes - sizeof header - (GCB_MUTANT(BUFFER_TAIL) ? 8 : 0));
  return (gcb_object *)at;
}

/* ---- moving ---- */
static inline uint64_t gcb_header_of(const gcb_object *o) {
  uint64_t header;
  memcpy(&header, o, sizeof header);
  return header;
}
/* The new address in a header read by gcb_header_of(), or NULL when the object has not moved. */
static inline gcb_object *gcb_forwarding(uint64_t header) {
  return header & 1 ? (gcb_object *)(header - 1) : NULL;
}
/* Copy an object of `bytes` with this header to `to`, and leave its new address behind. */
static inline gcb_object *gcb_move_object(gcb_object *o, uint64_t header, char *to, size_t bytes) {
  uint64_t *into = (uint64_t *)to, *from = (uint64_t *)o;
  into[0] = header;
  into[1] = from[1];
  if (bytes > 64) {
    memcpy(into + 2, from + 2, bytes - 16 - (GCB_MUTANT(COPY_SHORT) ? 8 : 0));
  } else {
    switch (bytes / 8) { /* straight moves: most objects are this small */
    case 8:
      into[7] = from[7]; /* fall through */
    case 7:
      into[6] = from[6]; /* fall through */
    case 6:
      into[5] = from[5]; /* fall through */
    case 5:
      into[4] = from[4]; /* fall through */
    case 4:
      into[3] = from[3]; /* fall through */
    case 3:
      into[2] = from[2]; /* fall through */
    default:
      break;
    }
  }
  from[0] = (uint64_t)to | 1;
  return (gcb_object *)to;
}

#endif
