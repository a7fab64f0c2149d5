#include "copy.h"
#include "mutants.h"

void gcb_copy_init(gcb_copy_space *s, gcb_heap *h, char *base, size_t bytes) {
  *s = (gcb_copy_space){.heap = h, .base = base, .next = base, .limit = base, .end = base + bytes};
}

bool gcb_copy_commit(gcb_copy_space *s, size_t bytes) {
  size_t have = (size_t)(s->limit - s->base), want = gcb_pages_up(bytes);
  if (want <= have) return true;
  if (want > (size_t)(s->end - s->base) || !gcb_commit(s->heap, s->limit, want - have)) return false;
  s->limit = s->base + want;
  gcb_count(s->heap, GCB_EVENT_HEAP_GROWN);
  return true;
}

size_t gcb_copy_trim(gcb_copy_space *s, size_t bytes) {
  size_t used = (size_t)(s->next - s->base), have = (size_t)(s->limit - s->base);
  size_t keep = gcb_pages_up(bytes > used ? bytes : used);
  if (GCB_MUTANT(TRIM_PAGE) && keep) keep -= GCB_PAGE;
  if (keep >= have) return 0;
  gcb_decommit(s->heap, s->base + keep, have - keep);
  s->limit = s->base + keep;
  gcb_count(s->heap, GCB_EVENT_HEAP_SHRUNK);
  return have - keep;
}

void gcb_copy_reset(gcb_copy_space *s) {
  gcb_poison(s->heap, s->base, (size_t)(s->next - s->base), GCB_POISON_FROM);
  s->next = s->base;
  s->tails = 0;
}

bool gcb_buffer_refill(gcb_mutator *m, gcb_copy_space *s, size_t bytes, size_t step) {
  size_t left = (size_t)(m->limit - m->cursor), room = (size_t)(s->limit - s->next);
  bool extend = m->limit == s->next; /* nobody cut a buffer behind this one: it grows in place */
  size_t need = extend ? bytes - (left < bytes ? left : bytes) : bytes;
  if (need > room) return false;
  size_t take = need > step ? need : step < room ? step : room;
  if (!extend) {
    s->tails += left;
    m->cursor = s->next;
  }
  s->next += take;
  m->limit = s->next;
  gcb_count(s->heap, GCB_EVENT_BUFFER_REFILL);
  return true;
}

void gcb_buffer_drop(gcb_mutator *m, gcb_copy_space *s) {
  size_t left = (size_t)(m->limit - m->cursor);
  if (m->limit && m->limit == s->next)
    s->next = m->cursor;
  else
    s->tails += left;
  m->cursor = m->limit = NULL;
}

size_t gcb_buffers_left(gcb_heap *h) {
  size_t left = 0;
  for (gcb_mutator *m = h->live; m; m = m->next) left += (size_t)(m->limit - m->cursor);
  return left;
}
