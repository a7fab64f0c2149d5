/* The rare turns of the marking loop. */
#include "mark.h"
#include "mutants.h"

#define PAGE 4096u

bool gcb_marker_init(gcb_marker *k, gcb_heap *h, gcb_settle *settle, size_t entries) {
  *k = (gcb_marker){.heap = h, .settle = settle, .missed = GCB_MARK_NONE};
  return gcb_vec_init(&k->stack, h, sizeof(gcb_object *), entries ? entries : gcb_span(h) / 8);
}
void gcb_marker_begin(gcb_marker *k) {
  k->bytes = 0;
  k->missed = GCB_MARK_NONE;
}
void gcb_marker_miss(gcb_marker *k, gcb_object *o) {
  if (k->missed == GCB_MARK_NONE) gcb_count(k->heap, GCB_EVENT_MARK_STACK_OVERFLOW);
  if ((char *)o < k->missed && !GCB_MUTANT(MARK_MISSED)) k->missed = (char *)o;
}
void gcb_marker_keep(gcb_marker *k, size_t entries) {
  size_t held = k->stack.committed / sizeof(gcb_object *);
  if (entries > k->stack.max) entries = k->stack.max;
  if (held > entries + PAGE) {
    k->stack.n = entries;
    gcb_vec_trim(&k->stack);
    k->stack.n = 0;
  }
  for (; entries > held && !gcb_vec_room(&k->stack, entries); entries = held + (entries - held) / 2) continue;
}
bool gcb_marker_defer(gcb_marker *k, gcb_object *array, uint32_t slot) {
  if (k->stack.max - k->stack.n < 2 || !gcb_vec_room(&k->stack, 2)) return false;
  return gcb_vec_push(&k->stack, (void *)(uintptr_t)slot) && gcb_vec_push(&k->stack, (char *)array + 1);
}
