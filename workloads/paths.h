/* The inline paths: the mutator operations of <gcbench/mutator.h>, specialised by four constants that the
 * build sets for each copy of the workloads (GCB_PATH_ALLOC, _WRITE, _READ, _ROOTS, see <gcbench/heap.h>).
 * All conditions on them fold at compile time.
 *
 * Invariants. Bump: [cursor, limit) is free and the mutator's own. Free list: every cell on free[c] is the
 * mutator's own. Counted roots: each slot in use owns one count of what it holds, released last, because
 * dead() may run arbitrary reclamation.
 */
#ifndef GCBENCH_PATHS_H
#define GCBENCH_PATHS_H

#include <assert.h>
#include <gcbench/collector.h>
#include <gcbench/ops.h>
#include <string.h>

#ifndef GCB_PATH_ROOTS
#define GCB_PATH_ALLOC GCB_ALLOC_CALL
#define GCB_PATH_WRITE GCB_WRITE_CALL
#define GCB_PATH_READ  GCB_READ_CALL
#define GCB_PATH_ROOTS GCB_ROOTS_CALL
#endif

#ifdef GCB_CHECKED
#define GCB_CHECK(condition) assert(condition)
#else
#define GCB_CHECK(condition) ((void)0)
#endif

#define GCB_CALLS       (GCB_PATH_ROOTS == GCB_ROOTS_CALL)
#define GCB_COUNTED     (GCB_PATH_ROOTS == GCB_ROOTS_COUNTED)
#define GCB_LIKELY(x)   __builtin_expect(!!(x), 1)
#define GCB_UNLIKELY(x) __builtin_expect(!!(x), 0)

typedef struct gcb_frame {
  gcb_object **base;
  uint32_t n;
} gcb_frame;

/* ---- reference counts: bits 31 set means stuck, for ever ---- */
static inline void gcb_count_up(gcb_mutator *m, gcb_object *o) {
  if (!o) return;
  if (GCB_UNLIKELY(m->shared)) {
    if ((int32_t)__atomic_load_n(&o->bits, __ATOMIC_RELAXED) >= 0)
      __atomic_fetch_add(&o->bits, m->count_one, __ATOMIC_RELAXED);
  } else if (GCB_LIKELY((int32_t)o->bits >= 0)) {
    o->bits += m->count_one;
  }
}
static inline void gcb_count_down(gcb_mutator *m, gcb_object *o) {
  if (!o) return;
  uint32_t left;
  if (GCB_UNLIKELY(m->shared)) {
    if ((int32_t)__atomic_load_n(&o->bits, __ATOMIC_RELAXED) < 0) return;
    left = __atomic_sub_fetch(&o->bits, m->count_one, __ATOMIC_ACQ_REL);
  } else {
    if (GCB_UNLIKELY((int32_t)o->bits < 0)) return;
    left = o->bits -= m->count_one;
  }
  if (left < m->count_one) m->gc->dead(m, o);
}
/* Give slot dst a reference that already carries a count for it. */
static inline void gcb_slot_take(gcb_mutator *m, gcb_slot dst, gcb_object *o) {
  gcb_object *old = *dst.at;
  *dst.at = o;
  if (GCB_COUNTED) gcb_count_down(m, old);
}

/* ---- frames and slots ---- */
static inline uint32_t gcb_slot_index(gcb_mutator *m, gcb_slot s) {
  return (uint32_t)(s.at - m->heap->host->global(m->heap, 0));
}
static inline gcb_frame gcb_enter(gcb_mutator *m, uint32_t n) {
  gcb_frame f = {m->top, n};
  if (GCB_UNLIKELY((size_t)(m->end - m->top) < n))
    m->heap->host->fatal(m, "the shadow stack is full: too many nested frames");
  for (uint32_t i = 0; i < n; i++) f.base[i] = NULL;
  m->top = f.base + n;
  if (GCB_CALLS) m->ops->enter(m, f.base, n);
  return f;
}
static inline void gcb_leave(gcb_mutator *m, gcb_frame f) {
  GCB_CHECK(m->top == f.base + f.n);
  if (GCB_CALLS) m->ops->leave(m, f.base, f.n);
  if (GCB_COUNTED)
    for (uint32_t i = 0; i < f.n; i++) {
      gcb_object *old = f.base[i];
      f.base[i] = NULL;
      gcb_count_down(m, old);
    }
  m->top = f.base;
}
static inline gcb_slot gcb_at(gcb_frame f, uint32_t i) {
  GCB_CHECK(i < f.n);
  return (gcb_slot){f.base + i};
}
static inline gcb_slot gcb_global(gcb_mutator *m, uint32_t i) {
  GCB_CHECK(i < GCB_GLOBALS);
  return (gcb_slot){m->heap->host->global(m->heap, i)};
}
static inline void gcb_move(gcb_mutator *m, gcb_slot dst, gcb_slot src) {
  if (GCB_CALLS) {
    m->ops->move(m, dst, src);
    return;
  }
  gcb_object *o = *src.at;
  if (GCB_COUNTED) gcb_count_up(m, o);
  gcb_slot_take(m, dst, o);
}
static inline void gcb_clear(gcb_mutator *m, gcb_slot dst) {
  if (GCB_CALLS)
    m->ops->clear(m, dst);
  else
    gcb_slot_take(m, dst, NULL);
}
static inline bool gcb_is_null(gcb_mutator *m, gcb_slot s) {
  return GCB_CALLS ? m->ops->is_null(m, s) : *s.at == NULL;
}
static inline bool gcb_same(gcb_mutator *m, gcb_slot a, gcb_slot b) {
  return GCB_CALLS ? m->ops->same(m, a, b) : *a.at == *b.at;
}

/* ---- allocation ---- */
static inline const gcb_shape *gcb_shape_new(gcb_mutator *m, const char *name, uint32_t refs,
                                             uint32_t payload) {
  return m->heap->host->shape(m, name, refs, payload);
}

/* A cell with its header stored, from the inline path alone, else NULL. What follows the header is not
 * zeroed. */
static inline gcb_object *gcb_alloc_inline(gcb_mutator *m, uint64_t header, size_t size,
                                           uint32_t size_class) {
  if (GCB_PATH_ALLOC == GCB_ALLOC_BUMP) {
    char *at = m->cursor;
    if (GCB_UNLIKELY(size > (size_t)(m->limit - at))) return NULL;
    m->cursor = at + size;
    memcpy(at, &header, 8);
    return (gcb_object *)at;
  }
  if (GCB_PATH_ALLOC == GCB_ALLOC_FREE) {
    void *cell = m->free[size_class];
    if (GCB_UNLIKELY(!cell)) return NULL;
    m->free[size_class] = *(void **)cell;
    memcpy(cell, &header, 8);
    return (gcb_object *)cell;
  }
  return NULL;
}
static inline gcb_object *gcb_zeroed(gcb_object *o, size_t from, size_t size) {
  uint64_t *word = (uint64_t *)((char *)o + from), *end = (uint64_t *)((char *)o + size);
  while (word < end) *word++ = 0;
  return o;
}
/* Any object of this geometry, zeroed. */
static inline gcb_object *gcb_alloc_any(gcb_mutator *m, uint32_t geometry) {
  size_t size = gcb_size_of(geometry);
  uint64_t header = gcb_header(geometry, m->bits);
  gcb_object *o = NULL;
  if (GCB_PATH_ALLOC != GCB_ALLOC_CALL && size <= m->inline_max)
    o = gcb_alloc_inline(m, header, size, GCB_PATH_ALLOC == GCB_ALLOC_FREE ? m->size_class[size / 8] : 0);
  if (!o) return m->alloc(m, header, size);
  memset(o + 1, 0, size - sizeof *o);
  return o;
}
static inline bool gcb_slot_new(gcb_mutator *m, gcb_slot dst, gcb_object *o) {
  if (GCB_UNLIKELY(!o)) return false;
  gcb_slot_take(m, dst, o);
  return true;
}
static inline gcb_object *gcb_alloc_shape(gcb_mutator *m, const gcb_shape *shape, size_t zero_from) {
  gcb_object *o = NULL;
  uint64_t header = shape->header;
  size_t size =
      shape->size; /* loaded once: to the compiler, the store of the header might change the shape */
  if (GCB_PATH_ALLOC != GCB_ALLOC_CALL && GCB_LIKELY(size <= m->inline_max))
    o = gcb_alloc_inline(m, header, size, shape->size_class);
  return GCB_LIKELY(o != NULL) ? gcb_zeroed(o, zero_from, size) : m->alloc(m, header, size);
}
static inline bool gcb_new(gcb_mutator *m, gcb_slot dst, const gcb_shape *shape) {
  return GCB_CALLS ? m->ops->new_object(m, dst, shape)
                   : gcb_slot_new(m, dst, gcb_alloc_shape(m, shape, sizeof(gcb_object)));
}
static inline bool gcb_new_array(gcb_mutator *m, gcb_slot dst, uint32_t n) {
  GCB_CHECK(n <= GCB_MAX_LENGTH);
  return GCB_CALLS ? m->ops->new_array(m, dst, n)
                   : gcb_slot_new(m, dst, gcb_alloc_any(m, gcb_geometry_array(GCB_KIND_REFS, n)));
}
static inline bool gcb_new_bytes(gcb_mutator *m, gcb_slot dst, uint32_t n) {
  GCB_CHECK(n <= GCB_MAX_LENGTH);
  return GCB_CALLS ? m->ops->new_bytes(m, dst, n)
                   : gcb_slot_new(m, dst, gcb_alloc_any(m, gcb_geometry_array(GCB_KIND_BYTES, n)));
}
static inline bool gcb_construct(gcb_mutator *m, gcb_slot dst, const gcb_shape *shape, gcb_slot first) {
  if (GCB_CALLS) return m->ops->construct(m, dst, shape, first);
  uint32_t refs = shape->refs;
  gcb_object *o = gcb_alloc_shape(m, shape, sizeof(gcb_object) + 8 * (size_t)refs);
  if (GCB_UNLIKELY(!o)) return false;
  gcb_object **slots = gcb_slots_of(o);
  for (uint32_t i = 0; i < refs; i++) {
    slots[i] = first.at[i];
    if (GCB_PATH_WRITE == GCB_WRITE_COUNT) gcb_count_up(m, slots[i]);
  }
  gcb_slot_take(m, dst, o);
  return true;
}
/* Only what allocates by call may free by hand: on the other paths a release is a clear. */
static inline void gcb_release(gcb_mutator *m, gcb_slot obj) {
  if (GCB_CALLS) {
    m->ops->release(m, obj);
    return;
  }
  if (GCB_PATH_ALLOC == GCB_ALLOC_CALL && m->gc->release && *obj.at) m->gc->release(m, *obj.at);
  gcb_clear(m, obj);
}
static inline void gcb_release_tree(gcb_mutator *m, gcb_slot obj) {
  if (GCB_CALLS) {
    m->ops->release_tree(m, obj);
    return;
  }
  if (GCB_PATH_ALLOC == GCB_ALLOC_CALL && m->gc->release_tree && *obj.at) m->gc->release_tree(m, *obj.at);
  gcb_clear(m, obj);
}

/* ---- fields ---- */
static inline void gcb_init(gcb_mutator *m, gcb_slot obj, uint32_t i, gcb_slot src) {
  if (GCB_CALLS) {
    m->ops->init(m, obj, i, src);
    return;
  }
  GCB_CHECK(i < gcb_refs_of((*obj.at)->geometry) && !gcb_slots_of(*obj.at)[i]);
  gcb_object *value = *src.at;
  if (GCB_PATH_WRITE == GCB_WRITE_COUNT) gcb_count_up(m, value);
  gcb_slots_of(*obj.at)[i] = value;
}
/* Store with the path's barrier into one slot of o; `value` may be NULL. */
static inline void gcb_store(gcb_mutator *m, gcb_object *o, gcb_object **slot, gcb_object *value) {
  switch (GCB_PATH_WRITE) {
  case GCB_WRITE_NONE:
    break;
  case GCB_WRITE_CALL:
    m->gc->write(m, o, slot, value);
    return;
  case GCB_WRITE_CARD:
    __atomic_store_n(&m->barrier_base[(uintptr_t)slot >> m->barrier_shift], 1, __ATOMIC_RELAXED);
    break;
  case GCB_WRITE_OBJECT_LOG:
    if (GCB_UNLIKELY(__atomic_load_n(&o->bits, __ATOMIC_RELAXED) & m->log_mask)) m->gc->log(m, o, slot);
    break;
  case GCB_WRITE_FIELD_LOG: {
    uintptr_t word = (uintptr_t)slot >> 3;
    if (GCB_UNLIKELY(__atomic_load_n(&m->barrier_base[word >> 3], __ATOMIC_RELAXED) >> (word & 7) & 1))
      m->gc->log(m, o, slot);
    break;
  }
  case GCB_WRITE_COUNT: {
    gcb_count_up(m, value);
    gcb_object *old = *slot;
    *slot = value;
    gcb_count_down(m, old);
    return;
  }
  }
  *slot = value;
}
static inline void gcb_put(gcb_mutator *m, gcb_slot obj, uint32_t i, gcb_slot src) {
  if (GCB_CALLS) {
    m->ops->put(m, obj, i, src);
    return;
  }
  GCB_CHECK(i < gcb_refs_of((*obj.at)->geometry));
  gcb_store(m, *obj.at, gcb_slots_of(*obj.at) + i, *src.at);
}
static inline void gcb_put_null(gcb_mutator *m, gcb_slot obj, uint32_t i) {
  if (GCB_CALLS) {
    m->ops->put_null(m, obj, i);
    return;
  }
  GCB_CHECK(i < gcb_refs_of((*obj.at)->geometry));
  gcb_store(m, *obj.at, gcb_slots_of(*obj.at) + i, NULL);
}
static inline gcb_object *gcb_load(gcb_mutator *m, gcb_object *o, gcb_object **slot) {
  gcb_object *value = GCB_PATH_READ == GCB_READ_CALL ? m->gc->read(m, o, slot) : *slot;
  if (GCB_COUNTED) gcb_count_up(m, value);
  return value;
}
static inline void gcb_get(gcb_mutator *m, gcb_slot dst, gcb_slot obj, uint32_t i) {
  if (GCB_CALLS) {
    m->ops->get(m, dst, obj, i);
    return;
  }
  GCB_CHECK(i < gcb_refs_of((*obj.at)->geometry));
  gcb_slot_take(m, dst, gcb_load(m, *obj.at, gcb_slots_of(*obj.at) + i));
}
static inline uint32_t gcb_length(gcb_mutator *m, gcb_slot obj) {
  return GCB_CALLS ? m->ops->length(m, obj) : gcb_length_of((*obj.at)->geometry);
}
static inline void gcb_read(gcb_mutator *m, gcb_slot obj, uint32_t offset, void *into, uint32_t bytes) {
  if (GCB_CALLS) {
    m->ops->read(m, obj, offset, into, bytes);
    return;
  }
  char *payload = gcb_payload_of(*obj.at);
  GCB_CHECK(payload + offset + bytes <= (char *)*obj.at + gcb_size_of((*obj.at)->geometry));
  memcpy(into, payload + offset, bytes);
}
static inline void gcb_write(gcb_mutator *m, gcb_slot obj, uint32_t offset, const void *from,
                             uint32_t bytes) {
  if (GCB_CALLS) {
    m->ops->write(m, obj, offset, from, bytes);
    return;
  }
  char *payload = gcb_payload_of(*obj.at);
  GCB_CHECK(payload + offset + bytes <= (char *)*obj.at + gcb_size_of((*obj.at)->geometry));
  memcpy(payload + offset, from, bytes);
}
static inline uint64_t gcb_read_u64(gcb_mutator *m, gcb_slot obj, uint32_t offset) {
  uint64_t value;
  gcb_read(m, obj, offset, &value, sizeof value);
  return value;
}
static inline void gcb_write_u64(gcb_mutator *m, gcb_slot obj, uint32_t offset, uint64_t value) {
  gcb_write(m, obj, offset, &value, sizeof value);
}

/* ---- weak references, ephemerons, finalizers: calls, but for loads ---- */
static inline bool gcb_weak_new(gcb_mutator *m, gcb_slot dst, gcb_slot target) {
  GCB_CHECK(GCB_CALLS || *target.at);
  return GCB_CALLS ? m->ops->weak_new(m, dst, target) : gcb_slot_new(m, dst, m->gc->weak_new(m, target));
}
/* Targets and keys stand in the first slot alike. */
static inline gcb_object *gcb_weak_load(gcb_mutator *m, gcb_object *o) {
  return m->gc->weak_get ? m->gc->weak_get(m, o) : gcb_load(m, o, gcb_weak_target(o));
}
static inline void gcb_weak_get(gcb_mutator *m, gcb_slot dst, gcb_slot weak) {
  if (GCB_CALLS)
    m->ops->weak_get(m, dst, weak);
  else
    gcb_slot_take(m, dst, gcb_weak_load(m, *weak.at));
}
static inline bool gcb_ephemeron_new(gcb_mutator *m, gcb_slot dst, gcb_slot key, gcb_slot value) {
  GCB_CHECK(GCB_CALLS || *key.at);
  return GCB_CALLS ? m->ops->ephemeron_new(m, dst, key, value)
                   : gcb_slot_new(m, dst, m->gc->ephemeron_new(m, key, value));
}
static inline void gcb_ephemeron_key(gcb_mutator *m, gcb_slot dst, gcb_slot ephemeron) {
  if (GCB_CALLS)
    m->ops->ephemeron_key(m, dst, ephemeron);
  else
    gcb_slot_take(m, dst, gcb_weak_load(m, *ephemeron.at));
}
static inline void gcb_ephemeron_get(gcb_mutator *m, gcb_slot dst, gcb_slot ephemeron) {
  if (GCB_CALLS) {
    m->ops->ephemeron_get(m, dst, ephemeron);
    return;
  }
  gcb_object *e = *ephemeron.at;
  gcb_slot_take(m, dst,
                m->gc->ephemeron_get ? m->gc->ephemeron_get(m, e) : gcb_load(m, e, gcb_ephemeron_value(e)));
}
static inline void gcb_ephemeron_put(gcb_mutator *m, gcb_slot ephemeron, gcb_slot src) {
  if (GCB_CALLS) {
    m->ops->ephemeron_put(m, ephemeron, src);
    return;
  }
  gcb_object *e = *ephemeron.at;
  if (m->gc->ephemeron_put)
    m->gc->ephemeron_put(m, e, *src.at);
  else if (*gcb_weak_target(e))
    gcb_store(m, e, gcb_ephemeron_value(e), *src.at);
}
static inline gcb_status gcb_finalizer(gcb_mutator *m, gcb_slot obj, uint64_t token) {
  return GCB_CALLS ? m->ops->finalizer(m, obj, token) : m->gc->finalizer(m, obj, token);
}

/* ---- safepoints and threads ---- */
static inline void gcb_poll(gcb_mutator *m) {
  if (GCB_CALLS)
    m->ops->poll(m);
  else if (GCB_UNLIKELY(__atomic_load_n(&m->attention, __ATOMIC_RELAXED)))
    m->heap->host->poll(m);
}
static inline void gcb_blocked_begin(gcb_mutator *m) {
  m->heap->host->blocked_begin(m);
}
static inline void gcb_blocked_end(gcb_mutator *m) {
  m->heap->host->blocked_end(m);
}
static inline void gcb_lock(gcb_mutator *m, uint32_t lock) {
  m->heap->host->lock(m, lock);
}
static inline void gcb_unlock(gcb_mutator *m, uint32_t lock) {
  m->heap->host->unlock(m, lock);
}

#endif
