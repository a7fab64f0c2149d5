#include "stress/barrier_verifier.h"
#include <stdlib.h>

bool gcb_barrier_is_checked(gcb_path path) {
  return path.write == GCB_WRITE_CARD || path.write == GCB_WRITE_OBJECT_LOG ||
         path.write == GCB_WRITE_FIELD_LOG;
}

void gcb_barrier_free(gcb_barrier *b) {
  free(b->held);
  free(b->values);
  free(b->armed);
  free(b->told);
  *b = (gcb_barrier){0};
}

void gcb_barrier_begin(gcb_barrier *b, gcb_path path, const gcb_mutator *m) {
  b->path = path;
  b->log_mask = m->log_mask;
  b->base = m->barrier_base;
  b->shift = m->barrier_shift;
  b->n_held = b->n_values = b->n_told = 0;
}

/* Room for one more of `size` bytes. */
static bool room(void *array, size_t n, size_t *max, size_t more, size_t size) {
  void **at = array;
  if (n + more <= *max) return true;
  size_t bigger = 2 * (n + more) + 256;
  void *moved = realloc(*at, bigger * size);
  if (!moved) return false;
  *at = moved;
  *max = bigger;
  return true;
}

/* Would a store into this slot be told of? */
static bool is_armed(const gcb_barrier *b, const gcb_object *o, gcb_object *const *slot) {
  uintptr_t word = (uintptr_t)slot >> 3;
  switch (b->path.write) {
  case GCB_WRITE_CARD:
    return !b->base[(uintptr_t)slot >> b->shift];
  case GCB_WRITE_FIELD_LOG:
    return b->base[word >> 3] >> (word & 7) & 1;
  default:
    return o->bits & b->log_mask;
  }
}

bool gcb_barrier_note(gcb_barrier *b, gcb_object *o, uint32_t id) {
  uint32_t n = gcb_refs_of(o->geometry);
  gcb_object **slots = gcb_slots_of(o);
  size_t armed_max = b->max_values;
  if (!n) return true;
  if (!room(&b->held, b->n_held, &b->max_held, 1, sizeof *b->held) ||
      !room(&b->armed, b->n_values, &armed_max, n, 1) ||
      !room(&b->values, b->n_values, &b->max_values, n, sizeof *b->values))
    return false;
  b->held[b->n_held++] = (gcb_held){o, id, n, b->n_values};
  for (uint32_t i = 0; i < n; i++) {
    b->values[b->n_values] = slots[i];
    b->armed[b->n_values++] = is_armed(b, o, slots + i);
  }
  return true;
}

bool gcb_barrier_tell(gcb_barrier *b, gcb_object *o, gcb_object **slot) {
  if (!room(&b->told, b->n_told, &b->max_told, 1, sizeof *b->told)) return false;
  b->told[b->n_told++] = (gcb_told){o, slot};
  return true;
}

/* Of this slot; or of another one of the object, after which it need not be told again. */
static bool was_told(const gcb_barrier *b, const gcb_held *h, gcb_object **slot) {
  if (b->path.write == GCB_WRITE_CARD) return b->base[(uintptr_t)slot >> b->shift];
  bool once = b->path.write == GCB_WRITE_OBJECT_LOG && !(h->object->bits & b->log_mask);
  for (size_t i = 0; i < b->n_told; i++)
    if (b->told[i].object == h->object && (once || b->told[i].slot == slot)) return true;
  return false;
}

const gcb_held *gcb_barrier_unexplained(gcb_barrier *b, uint32_t *slot) {
  for (size_t k = 0; k < b->n_held; k++) {
    const gcb_held *h = &b->held[k];
    gcb_object **slots = gcb_slots_of(h->object);
    for (uint32_t i = 0; i < h->n; i++) {
      if (slots[i] == b->values[h->first + i] || !b->armed[h->first + i]) continue;
      *slot = i;
      if (!was_told(b, h, slots + i)) return h;
      b->explained++;
    }
  }
  return NULL;
}
