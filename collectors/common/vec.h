/* A growable vector in counted pages: what collectors keep their stacks, tables and remembered sets in.
 *
 * Invariant: [base, base + committed) is committed; elements [0, n) are in it. The address space for `max`
 * elements is reserved at once, so elements never move. Not thread-safe.
 */
#ifndef GCB_COMMON_VEC_H
#define GCB_COMMON_VEC_H

#include <gcbench/collector.h>

typedef struct gcb_vec {
  gcb_heap *heap;
  char *base;
  size_t element, n, max; /* bytes of one; elements in use; most elements ever (an option such as mark-stack=4
                             sets it low) */
  size_t committed;       /* bytes */
} gcb_vec;

/* Bytes of address space that nothing in this heap can outgrow: what spaces and tables reserve. */
static inline size_t gcb_span(const gcb_heap *h) {
  const size_t most = (size_t)1 << 36; /* of an unbounded heap */
  return h->limit < most ? ((size_t)h->limit + 4095) & ~(size_t)4095 : most;
}

/* An empty vector of at most `max` elements of `element` bytes. False when the address space is refused. */
bool gcb_vec_init(gcb_vec *v, gcb_heap *h, size_t element, size_t max);
/* Room for `extra` more elements now, so that so many pushes succeed. False: bound reached, or max; nothing
 * changed. */
bool gcb_vec_room(gcb_vec *v, size_t extra);
/* Commit a step of one or more pages (slow path of push). False: bound reached, or max; nothing changed. */
bool gcb_vec_grow(gcb_vec *v);
/* Give back the pages beyond the elements in use. */
void gcb_vec_trim(gcb_vec *v);

/* Push and pop a pointer (element == 8). */
static inline bool gcb_vec_push(gcb_vec *v, void *p) {
  if (__builtin_expect((v->n + 1) * sizeof p > v->committed || v->n == v->max, 0) && !gcb_vec_grow(v))
    return false;
  ((void **)v->base)[v->n++] = p;
  return true;
}
static inline void *gcb_vec_pop(gcb_vec *v) {
  return v->n ? ((void **)v->base)[--v->n] : NULL;
}
static inline void *gcb_vec_at(gcb_vec *v, size_t i) {
  return v->base + i * v->element;
}

#endif
