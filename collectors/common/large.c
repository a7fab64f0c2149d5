/* First fit by address over a byte map of pages. First fit keeps the range short, and with it the map; the
 * hints, one a power of two, keep the search from walking over the same small holes again. The range is
 * several times the bound, so that holes cost address space and never memory. */
#include "large.h"
#include "mutants.h"
#include "vec.h"
#include <string.h>

enum { PAGE = 4096, RANGE = 4 /* times the bound */ };

bool gcb_large_init(gcb_large_space *s, gcb_heap *h) {
  memset(s, 0, sizeof *s);
  s->heap = h;
  s->pages = RANGE * (gcb_span(h) / PAGE);
  s->base = gcb_reserve(h, s->pages * PAGE, PAGE);
  s->map = gcb_reserve(h, s->pages, PAGE);
  if (!s->base || !s->map) return false;
  s->end = s->base + s->pages * PAGE;
  return pthread_mutex_init(&s->lock, NULL) == 0;
}

/* The page after the last of the free or used run that `page` begins, at most `end`. */
static size_t run_end(const gcb_large_space *s, size_t page, size_t end, int in_use) {
  const uint8_t *stop = memchr(s->map + page, !in_use, end - page);
  return stop ? (size_t)(stop - s->map) : end;
}

/* Number of the first of `n` free pages, or s->pages; and what its hint becomes once they are taken. */
static size_t find_run(const gcb_large_space *s, size_t n, size_t k, size_t *hint) {
  size_t page = s->hint[k];
  bool first = true; /* no run of 2^k pages seen so far */
  while (page < s->top) {
    page = run_end(s, page, s->top, 1);
    if (page == s->top) break;
    size_t end = run_end(s, page, s->top, 0);
    if (end == s->top || end - page + GCB_MUTANT(LARGE_RUN) >= n)
      break; /* fits, or reaches into the untouched pages */
    if (first && end - page >= (size_t)1 << k) {
      *hint = page;
      first = false;
    }
    page = end;
  }
  if (n > s->pages - page) return s->pages;
  if (first) *hint = page + n;
  return page;
}

static bool map_reaches(gcb_large_space *s, size_t pages) {
  if (pages <= s->map_committed) return true;
  size_t want = (pages + PAGE - 1) & ~(size_t)(PAGE - 1);
  if (!gcb_commit(s->heap, s->map + s->map_committed, want - s->map_committed)) return false;
  s->map_committed = want;
  return true;
}

/* A run in the map and committed, or NULL with nothing changed. */
static gcb_large *take_run(gcb_large_space *s, size_t pages) {
  size_t k = 63 - (size_t)__builtin_clzll(pages), hint = 0;
  size_t page = find_run(s, pages, k, &hint);
  if (page == s->pages || !map_reaches(s, page + pages)) return NULL;
  gcb_large *l = (gcb_large *)(s->base + page * PAGE);
  if (!gcb_commit(s->heap, l, pages * PAGE)) return NULL;
  memset(s->map + page, 1, pages);
  s->hint[k] = hint;
  if (page + pages > s->top) s->top = page + pages;
  return l;
}

/* A free run begins at `page`. */
static void reopen(gcb_large_space *s, size_t page) {
  for (size_t k = 0; k < GCB_LARGE_HINTS; k++)
    if (s->hint[k] > page) s->hint[k] = page;
}

static void list_add(gcb_large **head, gcb_large *l) {
  l->next = *head;
  l->link = head;
  if (*head) (*head)->link = &l->next;
  *head = l;
}
static void list_remove(gcb_large *l) {
  *l->link = l->next;
  if (l->next) l->next->link = l->link;
}

gcb_object *gcb_large_alloc(gcb_large_space *s, uint64_t header, size_t bytes) {
  size_t cards = s->card_shift ? (bytes >> s->card_shift) + 1 : 0;
  size_t pages = (sizeof(gcb_large) + bytes + cards + PAGE - 1) / PAGE;
  if (pages > s->pages) return NULL;
  pthread_mutex_lock(&s->lock);
  gcb_large *l = take_run(s, pages);
  if (!l) {
    pthread_mutex_unlock(&s->lock);
    return NULL;
  }
  l->pages = pages;
  list_add(&s->young, l);
  s->bytes += bytes;
  s->committed += pages * PAGE;
  pthread_mutex_unlock(&s->lock);
  gcb_object *o = gcb_large_object(l);
  memcpy(o, &header, sizeof header);
  gcb_count(s->heap, GCB_EVENT_LARGE_ALLOCATED);
  return o;
}

void gcb_large_free(gcb_large_space *s, gcb_object *o) {
  gcb_large *l = gcb_large_of(o);
  size_t bytes = gcb_size_of(o->geometry), pages = l->pages;
  size_t page = (size_t)((char *)l - s->base) / PAGE;
  pthread_mutex_lock(&s->lock);
  list_remove(l);
  gcb_decommit(s->heap, l, pages * PAGE);
  memset(s->map + page, 0, pages);
  const uint8_t *before = page ? memrchr(s->map, 1, page) : NULL;
  reopen(s, before ? (size_t)(before - s->map) + 1 : 0);
  s->bytes -= bytes;
  s->committed -= pages * PAGE;
  pthread_mutex_unlock(&s->lock);
  gcb_count(s->heap, GCB_EVENT_LARGE_FREED);
}

uint64_t gcb_large_sweep(gcb_large_space *s, bool old, bool promote) {
  uint64_t freed = 0;
  gcb_large *next;
  for (gcb_large *l = old ? s->old : s->young; l; l = next) {
    next = l->next;
    gcb_object *o = gcb_large_object(l);
    if (!l->marked) {
      freed += gcb_size_of(o->geometry);
      gcb_large_free(s, o);
      continue;
    }
    if (!GCB_MUTANT(LARGE_MARK_KEPT)) l->marked = false;
    if (old || !promote || !l->old) continue;
    list_remove(l);
    list_add(&s->old, l);
    gcb_count(s->heap, GCB_EVENT_LARGE_PROMOTED);
  }
  return freed;
}
