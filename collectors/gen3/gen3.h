/* gen3: what its files share. See gen3.c for the invariants. */
#ifndef GCB_GEN3_H
#define GCB_GEN3_H

#include "common/compact.h"
#include "common/copy.h"
#include "common/large.h"
#include "common/mark.h"
#include "common/settle.h"
#include <stdlib.h>

/* Header bits. Bit 0 is the forwarding tag of copy.h. */
enum {
  BIT_LOG = 2,    /* middle, old: not remembered; the next store into it calls log() */
  BIT_MIDSET = 4, /* old: on the list of those that refer to the middle generation */
  AGE_SHIFT = 3,  /* times it has been copied, up to AGE_MAX */
  AGE_MAX = 15,
  AGE_BITS = AGE_MAX << AGE_SHIFT,
};
/* Flags of large objects: which lists it is on. Its BIT_LOG stays set, so that each store marks a card. */
enum { LARGE_REMEMBERED = 1, LARGE_MIDSET = 2 };
/* Cards of large objects. */
enum { CARD_CLEAN, CARD_NURSERY, CARD_MIDDLE, CARD_SHIFT = 9 };

/* The copying spaces stand side by side in one reservation, so that one shift tells the space of an address:
 * new objects; nursery objects that were copied, two halves; the middle generation, two halves. */
enum { EDEN, AGED, AGED_OTHER, MIDDLE, MIDDLE_OTHER, SPACES };
enum {
  IN_NURSERY = 1 << EDEN | 1 << AGED | 1 << AGED_OTHER,
  IN_MIDDLE = 1 << MIDDLE | 1 << MIDDLE_OTHER,
};
/* Where a copy goes. */
enum { TO_AGED, TO_MIDDLE, TO_OLD, DESTINATIONS };

enum { LOG_BUFFER = 256 };
typedef struct log_buffer {
  uint32_t n;
  gcb_object *at[LOG_BUFFER];
} log_buffer;

/* Where copies of one destination go in the collection at hand. */
typedef struct destination {
  char *next, *limit; /* the room; a copy of the space's own */
  char *scan;         /* copies below have been scanned */
  char *start;
  gcb_copy_space *space; /* NULL for the old generation */
} destination;

typedef struct gen3 {
  gcb_heap *heap;
  /* what the copying loop reads */
  char *young;    /* base of the copying spaces */
  uint32_t shift; /* log2 of the range of each */
  uint32_t from;  /* bit set of the spaces that are being emptied */
  char *large_base;
  size_t large_range;
  destination to[DESTINATIONS];
  uint8_t to_of_age[AGE_MAX + 1];
  gcb_large *grey; /* reached young large objects to be scanned, chained through `local` */

  gcb_copy_space space[SPACES];
  uint32_t aged, middle; /* which half is in use: AGED or AGED_OTHER, MIDDLE or MIDDLE_OTHER */
  gcb_compact old;
  gcb_large_space large;
  gcb_settle settle;
  gcb_marker marker;
  gcb_vec remembered;   /* middle and old objects that may refer to the nursery */
  gcb_vec midset;       /* old objects that refer to the middle generation */
  bool overflow;        /* a list had no room: the next collection walks both generations instead */
  bool everything;      /* the collection at hand promotes every survivor to the old generation */
  gcb_pause_kind kind;  /* of the collection at hand */
  uint64_t pause_start; /* ns; the pause at hand goes on until the world does */
  gcb_pause_kind pause_kind;
  bool pausing;
  size_t first_nursery; /* finalizer entries before are not of nursery objects */
  size_t first_middle;  /* ... nor of middle ones */
  size_t owed;          /* bytes that may survive this collection, at most */
  uint64_t large_bytes; /* of the large objects reached */
  uint64_t cards;       /* scanned */

  pthread_mutex_t lock;        /* of eden, the lists, and page giving, while mutators run */
  uint32_t age, middle_age;    /* options */
  size_t nursery, middle_size; /* options, bytes */
  size_t small;                /* bytes: larger objects are large */
  size_t chunk;                /* bytes that copies and buffers take at once */
  size_t eden_size;            /* bytes of the nursery now */
  size_t middle_limit;         /* bytes of the middle generation that start its collection */
  size_t most;                 /* bytes that the nursery could have had at its last sizing */
  size_t survival;             /* share of the young bytes that survived of late, in 1/256 */
  size_t least;                /* a smaller nursery calls for a bigger collection */
  uint64_t bound;              /* of the heap, or what an unbounded one allows itself */
  uint32_t tight;              /* majors in a row that left almost nothing */
} gen3;

/* ---- young.c: minor and middle collections ---- */
void gen3_collect_young(gen3 *g, gcb_pause_kind kind, bool everything);
/* Reach an object; its address from now on. Adds the bit of its space to *seen. */
gcb_object *gen3_reach(gen3 *g, gcb_object *o, uint32_t *seen);
/* Reach what slots [from, to) hold. The spaces that they refer to then, a bit set. */
uint32_t gen3_scan(gen3 *g, gcb_object **from, gcb_object **to);

/* ---- remember.c: what points into younger generations ---- */
void gen3_log(gcb_mutator *m, gcb_object *o, gcb_object **slot);
/* Move a mutator's buffer to the list. Lock held or world stopped. */
void gen3_flush_log(gen3 *g, gcb_mutator *m);
/* Scan what is remembered, as far as this collection needs it, and forget what no longer matters. */
void gen3_scan_remembered(gen3 *g);
/* A middle or old object refers to these spaces: remember it if it must be. Not for large ones. */
void gen3_classify(gen3 *g, gcb_object *o, uint32_t seen);
/* Put an old object with clear BIT_LOG on the list `remembered`. Lock held or world stopped. */
void gen3_remember(gen3 *g, gcb_object *o);
/* Scan an old large object, card by card; `all`: whether marked or not. */
void gen3_scan_cards(gen3 *g, gcb_object *o, bool all);

/* ---- old.c: the major collection of the old generation alone, the young ones being empty ---- */
void gen3_collect_old(gen3 *g);

/* ---- room.c: sizes and who gets the pages. World stopped, but for gen3_give_back ---- */
/* Size the nursery, which is empty, for what is left of the bound, and have it and the copy reserve
 * committed. Bytes of the nursery; 0 when there is no room for one. */
size_t gen3_prepare(gen3 *g);
/* Give back up to `bytes` of pages that nothing is owed. Bytes given back. Lock held or world stopped. */
size_t gen3_give_back(gen3 *g, size_t bytes);
/* The same from the end of the nursery that is not in use yet, and from what is owed for it. */
size_t gen3_shrink_nursery(gen3 *g, size_t bytes);
/* One collection and the next nursery: its bytes. The pause begins here and goes on until the next one in the
 * same stop, or gen3_end_pause(): what is done for the mutator before it may go on is a pause for it too. */
size_t gen3_collect(gen3 *g, gcb_pause_kind kind);
/* Report the pause at hand, if any; the last thing before the world is resumed. */
void gen3_end_pause(gen3 *g);
/* The nursery is full: collect as much as it takes for the next one to be worth while and to hold `bytes`.
 * False: out of memory. */
bool gen3_collect_for_room(gen3 *g, size_t bytes);
/* A new object in the old generation, remembered, for when there is no room for a nursery; NULL when the
 * bound is reached. Lock held or world stopped. */
gcb_object *gen3_alloc_old(gen3 *g, uint64_t header, size_t bytes);

static inline size_t gen3_used(const gcb_copy_space *s) {
  return (size_t)(s->next - s->base);
}
/* Number of the copying space of an address; SPACES or more: none. */
static inline size_t gen3_space_of(const gen3 *g, const void *at) {
  return (size_t)((char *)at - g->young) >> g->shift;
}
static inline bool gen3_is_young_large(const gen3 *g, gcb_object *o) {
  return (size_t)((char *)o - g->large_base) < g->large_range && !gcb_large_of(o)->old;
}
/* The bit of the space that an object, not null, stands in; 0 for the old generation. Young large objects
 * count as nursery. */
static inline uint32_t gen3_bit_of(const gen3 *g, gcb_object *o) {
  size_t space = gen3_space_of(g, o);
  if (space < SPACES) return 1u << space;
  return gen3_is_young_large(g, o) ? 1u << EDEN : 0;
}

#endif
