#include "stress/shadow_heap.h"
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 1 << 18, NUMBERS = 10000000 /* of objects, for each thread */ };

void gcb_shadow_free(gcb_shadow *s) {
  for (int k = 0; k < GCB_STRESS_THREADS; k++)
    for (char *b = s->part[k].blocks, *next; b; b = next) {
      memcpy(&next, b, sizeof next);
      free(b);
    }
  free(s->pending);
  *s = (gcb_shadow){0};
}

gcb_twin *gcb_shadow_new(gcb_shadow *s, uint32_t thread, uint32_t geometry) {
  gcb_shadow_part *p = &s->part[thread];
  uint32_t n = geometry == GCB_GEOMETRY_WEAK        ? 1
               : geometry == GCB_GEOMETRY_EPHEMERON ? 2
                                                    : gcb_refs_of(geometry);
  size_t size = sizeof(gcb_twin) + n * sizeof(gcb_twin *);
  if (size > p->room - p->used) {
    size_t room = size + sizeof(char *) > BLOCK ? size + sizeof(char *) : BLOCK;
    char *block = malloc(room);
    if (!block) return NULL;
    memcpy(block, &p->blocks, sizeof(char *));
    p->blocks = block;
    p->used = sizeof(char *);
    p->room = room;
  }
  gcb_twin *t = (gcb_twin *)(p->blocks + p->used);
  p->used += size;
  memset(t, 0, size);
  t->id = ++p->ids + thread * NUMBERS;
  t->owner = (uint8_t)thread;
  t->geometry = geometry;
  t->n_slots = n;
  t->all = p->all;
  p->all = t;
  if (gcb_twin_is_special(t)) {
    t->special = p->special;
    p->special = t;
  }
  return t;
}

uint32_t gcb_shadow_register(gcb_shadow *s, gcb_twin *t, gcb_stress_action action, uint32_t argument) {
  if (s->n_pending == s->max_pending) {
    uint32_t max = s->max_pending ? 2 * s->max_pending : 64;
    gcb_pending *pending = realloc(s->pending, max * sizeof *pending);
    if (!pending) return UINT32_MAX;
    s->pending = pending;
    s->max_pending = max;
  }
  s->pending[s->n_pending] = (gcb_pending){.twin = t, .action = action, .argument = argument};
  s->n_asleep++;
  return s->n_pending++;
}

static void reach(gcb_shadow *s, gcb_twin *t, gcb_twin **work) {
  if (!t || t->mark == s->marks) return;
  t->mark = s->marks;
  t->queue = *work;
  *work = t;
}

/* Ephemerons are looked at until a round finds nothing new; there are few. */
static void drain(gcb_shadow *s, gcb_twin *work) {
  gcb_twin *ephemerons[256];
  uint32_t n = 0;
  for (;;) {
    while (work) {
      gcb_twin *t = work;
      work = t->queue;
      if (t->geometry == GCB_GEOMETRY_EPHEMERON && !t->cleared) {
        if (n < 256)
          ephemerons[n++] = t;
        else
          reach(s, t->slots[1], &work); /* more than a program has */
      }
      if (gcb_twin_is_special(t)) continue;
      for (uint32_t i = 0; i < t->n_slots; i++) reach(s, t->slots[i], &work);
    }
    for (uint32_t i = 0; i < n; i++)
      if (ephemerons[i]->slots[0]->mark == s->marks) reach(s, ephemerons[i]->slots[1], &work);
    if (!work) return;
  }
}

uint32_t gcb_shadow_close(gcb_shadow *s, bool ready, uint32_t before, bool asleep) {
  gcb_twin *work = NULL;
  s->marks++;
  for (int i = 0; i < GCB_STRESS_GLOBALS; i++) reach(s, s->globals[i], &work);
  for (int k = 0; k < GCB_STRESS_THREADS; k++)
    for (uint32_t i = 0; i < s->threads[k].top; i++) reach(s, s->threads[k].slots[i], &work);
  for (uint32_t i = 0; i < s->n_pending && (ready || asleep); i++) {
    const gcb_pending *p = &s->pending[i];
    if ((p->state == GCB_PENDING_READY && ready && p->since < before) ||
        (p->state == GCB_PENDING_ASLEEP && asleep))
      reach(s, p->twin, &work);
  }
  drain(s, work);
  return s->marks;
}

/* Everything that can be followed, in two passes over the threads: what the one before put into a global is
 * the next one's now. */
void gcb_shadow_share(gcb_shadow *s, uint32_t turn) {
  for (int pass = 0; pass < 2; pass++)
    for (uint32_t k = 0; k < GCB_STRESS_THREADS; k++) {
      gcb_twin *work = NULL;
      if (pass == 0 && k == 0) s->marks++;
      for (uint32_t i = 0; i < GCB_STRESS_GLOBALS && pass == 0; i++)
        if ((i + turn) % GCB_STRESS_THREADS == k) reach(s, s->globals[i], &work);
      for (uint32_t i = 0; i < s->threads[k].top && pass == 1; i++) reach(s, s->threads[k].slots[i], &work);
      while (work) {
        gcb_twin *t = work;
        work = t->queue;
        t->owner = (uint8_t)k;
        for (uint32_t i = 0; i < t->n_slots; i++) reach(s, t->slots[i], &work);
      }
    }
}

uint64_t gcb_shadow_bytes(const gcb_shadow *s, uint32_t mark) {
  uint64_t bytes = 0;
  GCB_EACH_TWIN(s, t, all)
  if (t->mark == mark) bytes += gcb_size_of(t->geometry);
  return bytes;
}

/* What t holds counted references to: strong slots, and the value of an ephemeron whose key was not freed. */
static uint32_t first_counted(const gcb_twin *t) {
  if (!gcb_twin_is_special(t)) return 0;
  return t->geometry == GCB_GEOMETRY_EPHEMERON && !t->cleared && !t->slots[0]->freed ? 1 : t->n_slots;
}

static void let_go(gcb_twin *t, uint32_t mark, gcb_twin **work) {
  if (!t || --t->count || t->freed || t->mark == mark) return;
  t->queue = *work;
  *work = t;
}

uint64_t gcb_shadow_count(gcb_shadow *s, uint32_t mark) {
  gcb_twin *work = NULL;
  uint64_t bytes = 0;
  GCB_EACH_TWIN(s, t, all) t->count = 0;
  GCB_EACH_TWIN(s, t, all)
  for (uint32_t i = t->freed ? t->n_slots : first_counted(t); i < t->n_slots; i++)
    if (t->slots[i]) t->slots[i]->count++;
  GCB_EACH_TWIN(s, t, all)
  if (!t->freed && t->mark != mark && !t->count) {
    t->queue = work;
    work = t;
  }
  while (work) {
    gcb_twin *t = work;
    work = t->queue;
    for (uint32_t i = first_counted(t); i < t->n_slots; i++) let_go(t->slots[i], mark, &work);
    /* A key that goes takes its ephemerons' hold on their values with it. */
    GCB_EACH_TWIN(s, e, special)
    if (t->is_key && e->geometry == GCB_GEOMETRY_EPHEMERON && !e->freed && !e->cleared && e->slots[0] == t)
      let_go(e->slots[1], mark, &work);
    t->freed = true;
  }
  GCB_EACH_TWIN(s, t, all)
  if (!t->freed && t->mark != mark) bytes += gcb_size_of(t->geometry);
  return bytes;
}
