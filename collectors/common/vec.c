#include "vec.h"

enum { PAGE = 4096, STEP_MAX = 64 * PAGE };

static size_t pages_up(size_t bytes) {
  return (bytes + PAGE - 1) & ~(size_t)(PAGE - 1);
}

bool gcb_vec_init(gcb_vec *v, gcb_heap *h, size_t element, size_t max) {
  *v = (gcb_vec){.heap = h, .element = element, .max = max};
  v->base = gcb_reserve(h, max * element, PAGE);
  return v->base != NULL;
}

static bool commit_to(gcb_vec *v, size_t bytes) {
  if (bytes <= v->committed) return true;
  if (!gcb_commit(v->heap, v->base + v->committed, bytes - v->committed)) return false;
  v->committed = bytes;
  return true;
}

bool gcb_vec_room(gcb_vec *v, size_t extra) {
  return extra <= v->max - v->n && commit_to(v, pages_up((v->n + extra) * v->element));
}

bool gcb_vec_grow(gcb_vec *v) {
  if (v->n == v->max) return false;
  size_t most = pages_up(v->max * v->element);
  size_t step = pages_up(v->committed / 2 + 1);
  if (step > STEP_MAX) step = STEP_MAX;
  if (step > most - v->committed) step = most - v->committed;
  return commit_to(v, v->committed + step) || commit_to(v, pages_up((v->n + 1) * v->element));
}

void gcb_vec_trim(gcb_vec *v) {
  size_t keep = pages_up(v->n * v->element);
  if (keep >= v->committed) return;
  gcb_decommit(v->heap, v->base + keep, v->committed - keep);
  v->committed = keep;
}
