/* What the two contracts share: object layout, shapes, options, and the context of one mutator thread.
 *
 * Invariant of the layout: every object of a collector with an inline path is one 8-byte header, then its
 * reference slots, then its payload, and its size follows from the header alone. A reference is the address
 * of the header, aligned to 8. The low half of the header belongs to the collector (marks, ages, counts, a
 * forwarding tag); the high half, the geometry, is written once at allocation and never changes while the
 * object lives. A collector may overwrite a whole header (a forwarding pointer) only while the world is
 * stopped, and restores it before it resumes. Runtimes whose references are handles (path.roots ==
 * GCB_ROOTS_CALL) lay out their objects as they like.
 */
#ifndef GCBENCH_HEAP_H
#define GCBENCH_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- status: one list for everything that can go wrong in an operation ---- */
#define GCB_STATUSES(X)                                                                                      \
  X(OK, "ok")                   /* done */                                                                   \
  X(OOM, "oom")                 /* the heap bound, or the system, gave no more memory; nothing changed */    \
  X(WRONG, "wrong")             /* a check of the data failed: the collector broke the heap */               \
  X(UNSUPPORTED, "unsupported") /* this collector declares that it cannot */                                 \
  X(FAILED, "failed")           /* bad option, unreadable file, no thread: the reason says which */          \
  X(TIMEOUT, "timeout")         /* outcome of a process: killed after its time */                            \
  X(CRASHED, "crashed")         /* outcome of a process: died by a signal or left without a result */
typedef enum gcb_status {
#define X(id, word) GCB_##id,
  GCB_STATUSES(X)
#undef X
} gcb_status;

/* ---- objects ---- */
typedef struct gcb_object {
  uint32_t bits;     /* the collector's */
  uint32_t geometry; /* kind and extent, see below */
} gcb_object;

enum {
  GCB_KIND_FIXED = 0,   /* geometry: 15 bits of reference slots, 15 bits of payload words */
  GCB_KIND_REFS = 1,    /* array of references: 30 bits of length */
  GCB_KIND_BYTES = 2,   /* array of bytes: 30 bits of length */
  GCB_KIND_SPECIAL = 3, /* a weak reference or an ephemeron: no strong slot, see below */
};
#define GCB_MAX_LENGTH  ((1u << 30) - 1) /* of an array, in elements */
#define GCB_MAX_REFS    32767u           /* reference slots of a shape */
#define GCB_MAX_PAYLOAD (32767u * 8)     /* payload bytes of a shape */
#define GCB_MIN_OBJECT  16u              /* bytes: an empty object still has room for a link */

/* A weak reference holds {target, link}; an ephemeron {key, value, link}. Tracing must not follow these slots
 * as strong ones: it discovers the object (the link word is the collector's, to chain what it discovered) and
 * settles it when the closure is complete. Moving collectors update target, key and value like any slot. */
#define GCB_GEOMETRY_WEAK      ((3u << 30) | 0u)
#define GCB_GEOMETRY_EPHEMERON ((3u << 30) | 1u)

static inline uint32_t gcb_geometry_fixed(uint32_t refs, uint32_t payload_bytes) {
  return refs << 15 | (payload_bytes + 7) / 8;
}
static inline uint32_t gcb_geometry_array(uint32_t kind, uint32_t length) {
  return kind << 30 | length;
}
static inline uint32_t gcb_kind(uint32_t geometry) {
  return geometry >> 30;
}
static inline uint32_t gcb_length_of(uint32_t geometry) {
  return geometry & GCB_MAX_LENGTH;
}

/* Strong reference slots: 0 for byte arrays and special objects. */
static inline uint32_t gcb_refs_of(uint32_t geometry) {
  uint32_t kind = gcb_kind(geometry);
  return kind == GCB_KIND_FIXED ? geometry >> 15 : kind == GCB_KIND_REFS ? gcb_length_of(geometry) : 0;
}

/* Bytes of the whole object, header included, a multiple of 8. */
static inline size_t gcb_size_of(uint32_t geometry) {
  size_t size;
  switch (gcb_kind(geometry)) {
  case GCB_KIND_FIXED:
    size = 8 + 8 * (size_t)((geometry >> 15) + (geometry & 32767));
    break;
  case GCB_KIND_REFS:
    size = 8 + 8 * (size_t)gcb_length_of(geometry);
    break;
  case GCB_KIND_BYTES:
    size = 8 + (((size_t)gcb_length_of(geometry) + 7) & ~(size_t)7);
    break;
  default:
    size = geometry == GCB_GEOMETRY_WEAK ? 24 : 32;
    break;
  }
  return size < GCB_MIN_OBJECT ? GCB_MIN_OBJECT : size;
}
static inline gcb_object **gcb_slots_of(gcb_object *o) {
  return (gcb_object **)(o + 1);
}
static inline char *gcb_payload_of(gcb_object *o) {
  return (char *)(o + 1) + 8 * (size_t)(gcb_kind(o->geometry) == GCB_KIND_FIXED ? o->geometry >> 15 : 0);
}
/* The header as one word, as shapes precompute it and `alloc` receives it. */
static inline uint64_t gcb_header(uint32_t geometry, uint32_t bits) {
  return (uint64_t)geometry << 32 | bits;
}
/* Target, key, value and link of special objects; value of an ephemeron only. */
static inline gcb_object **gcb_weak_target(gcb_object *o) {
  return gcb_slots_of(o);
}
static inline gcb_object **gcb_ephemeron_value(gcb_object *o) {
  return gcb_slots_of(o) + 1;
}
static inline gcb_object **gcb_special_link(gcb_object *o) {
  return gcb_slots_of(o) + (o->geometry == GCB_GEOMETRY_WEAK ? 1 : 2);
}

/* A registered object layout. The harness fills it in and owns it; a collector may set `bits`, `size_class`
 * and `local` in its shape_added(), and `header` again at any later stop of the world. */
typedef struct gcb_shape {
  uint64_t header;     /* geometry and the collector's initial bits, stored by the inline allocation path */
  uint32_t size;       /* bytes, header included */
  uint32_t refs;       /* reference slots */
  uint32_t payload;    /* bytes, as asked for */
  uint32_t size_class; /* index into gcb_mutator.free, for the free-list path */
  uint32_t id;         /* 0, 1, 2 .. in order of registration */
  const char *name;
  void *local; /* the collector's: a class of a foreign runtime */
} gcb_shape;

/* ---- the inline path that a collector declares, as data ---- */
enum { GCB_ALLOC_CALL, GCB_ALLOC_BUMP, GCB_ALLOC_FREE };
enum {
  GCB_WRITE_CALL,
  GCB_WRITE_NONE,
  GCB_WRITE_CARD,
  GCB_WRITE_OBJECT_LOG,
  GCB_WRITE_FIELD_LOG,
  GCB_WRITE_COUNT
};
enum { GCB_READ_CALL, GCB_READ_NONE };
enum { GCB_ROOTS_CALL, GCB_ROOTS_PLAIN, GCB_ROOTS_COUNTED };
typedef struct gcb_path {
  uint8_t alloc, write, read, roots;
} gcb_path;

/* ---- options of collectors and parameters of workloads ---- */
typedef enum { GCB_UINT, GCB_REAL, GCB_BYTES, GCB_BOOL, GCB_CHOICE, GCB_FILE, GCB_TEXT } gcb_option_type;
typedef struct gcb_option {
  const char *name;
  gcb_option_type type;
  const char *fallback; /* the default, as a user would type it; for GCB_FILE "" means none */
  double min, max;      /* inclusive, for GCB_UINT, GCB_REAL and GCB_BYTES */
  const char *choices;  /* GCB_CHOICE: "a|b|c"; the value is the index */
  const char *help;     /* one line, with the unit */
} gcb_option;
typedef union gcb_value {
  uint64_t u;    /* GCB_UINT, GCB_BYTES, GCB_BOOL, GCB_CHOICE */
  double d;      /* GCB_REAL */
  const char *s; /* GCB_FILE, GCB_TEXT */
} gcb_value;

/* ---- the context of one mutator thread ---- */
typedef struct gcb_heap gcb_heap;
typedef struct gcb_host gcb_host;
typedef struct gcb_ops gcb_ops;
typedef struct gcb_collector gcb_collector;

/* A root slot: a place in a shadow stack, or a global. Workloads pass it by value and never look inside. */
typedef struct gcb_slot {
  gcb_object **at;
} gcb_slot;

/* The first cache lines are what the inline paths touch; their fields belong to the collector unless said
 * otherwise. Set in thread_begin() or with the world stopped. */
typedef struct gcb_mutator {
  char *cursor, *limit;    /* bump: next free byte and end of the allocation buffer; both NULL: none yet */
  gcb_object **top, **end; /* harness: first free slot of the shadow stack, and its end */
  uint32_t attention;      /* harness: nonzero asks for the slow path of poll (read relaxed) */
  uint32_t shared;         /* harness: nonzero while more than one mutator exists: counts are atomic */
  uint32_t bits;           /* initial header bits of arrays (shapes carry their own) */
  uint32_t inline_max;     /* bump, free list: largest object in bytes that the inline path may allocate */
  void **free; /* free list: head of the list of each size class; a cell's first word is the link */
  const uint8_t *size_class; /* free list: size class by object size / 8, up to inline_max */
  uint8_t *barrier_base;  /* card: byte of address 0; field log: bitmap byte of address 0 (one bit a word) */
  uint32_t barrier_shift; /* card: log2 of the card's bytes */
  uint32_t log_mask;      /* object log: header bits that send a store to log() */
  uint32_t count_one; /* count: what one reference adds to the bits; a count is stuck once bit 31 is set */
  uint32_t id;        /* harness: 0 .. */
  gcb_object *(*alloc)(struct gcb_mutator *m, uint64_t header, size_t bytes); /* slow or called allocation */
  const gcb_collector *gc;                                                    /* harness */
  const gcb_ops *ops;       /* harness: every operation as a function, for the call path */
  gcb_heap *heap;           /* harness */
  void *local;              /* the collector's own data of this thread */
  void *harness;            /* the harness's own data of this thread */
  struct gcb_mutator *next; /* harness: all live mutators; stable while the world is stopped */
} gcb_mutator;

#define GCB_GLOBALS     256u       /* numbered root slots shared by all mutators */
#define GCB_STACK_SLOTS (1u << 16) /* root slots of one mutator's shadow stack */

#endif
