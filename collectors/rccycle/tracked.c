#include "tracked.h"

bool rcc_table_init(rcc_heap *rc, gcb_heap *h) {
  const size_t smallest = 32; /* bytes of a cell with a slot */
  size_t most = gcb_span(h) / smallest + 65536;
  if (most > RCC_STUCK) most = RCC_STUCK; /* numbers have 31 bits */
  for (uint32_t g = 0; g < RCC_GENERATIONS; g++) rc->start[g] = 1;
  pthread_mutex_init(&rc->lock, NULL);
  if (!gcb_vec_init(&rc->table, h, sizeof(gcb_object *), most)) return false;
  if (!gcb_vec_room(&rc->table, 1)) return false;
  rcc_entries(rc)[0] = 1;
  rc->table.n = 1;
  return true;
}

bool rcc_table_claim(rcc_heap *rc, rcc_local *local) {
  pthread_mutex_lock(&rc->lock);
  bool room = gcb_vec_room(&rc->table, RCC_BATCH);
  if (room) {
    local->next = (uint32_t)rc->table.n;
    local->end = local->next + RCC_BATCH;
    for (uint32_t i = local->next; i < local->end; i++) rcc_entries(rc)[i] = 1;
    rc->table.n = local->end;
  }
  pthread_mutex_unlock(&rc->lock);
  return room;
}

void rcc_table_slide(rcc_heap *rc, size_t from) {
  size_t to = from, middle = rc->start[1], young = rc->start[0];
  for (size_t i = from; i < rc->table.n; i++) {
    if (i == middle) rc->start[1] = to;
    if (i == young) rc->start[0] = to;
    gcb_object *o = rcc_entry(rc, i);
    if (!o) continue;
    if (to != i) {
      rcc_entries(rc)[to] = (uintptr_t)o;
      rcc_prefix_of(o)->index = (uint32_t)to;
    }
    to++;
  }
  if (middle >= rc->table.n) rc->start[1] = to;
  if (young >= rc->table.n) rc->start[0] = to;
  rc->table.n = to;
}
