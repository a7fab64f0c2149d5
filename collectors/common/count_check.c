/* The invariant of count.h, recomputed from the heap: for checked builds. */
#include "count.h"

#ifdef GCB_CHECKED
#include <stdlib.h>

/* References found, by object: open addressing in memory outside the heap. */
typedef struct tally {
  gcb_counting *counting;
  gcb_object **keys;
  uint64_t *found;
  size_t mask, objects;
  bool exact, good;
} tally;

static size_t place(const tally *t, gcb_object *o) {
  size_t i = (size_t)(((uint64_t)(uintptr_t)o >> 3) * 0x9e3779b97f4a7c15u >> 20) & t->mask;
  while (t->keys[i] && t->keys[i] != o) i = (i + 1) & t->mask;
  return i;
}

static void add(tally *t, gcb_object *o) {
  size_t i = place(t, o);
  t->good &= t->keys[i] != NULL; /* else a slot leads to no object */
  t->found[i]++;
}

static void each_object(tally *t, void (*fn)(void *ctx, gcb_object *o)) {
  gcb_blocks_each(&t->counting->blocks, fn, t);
  for (gcb_large *l = t->counting->large.young; l; l = l->next) fn(t, gcb_large_object(l));
}

static void count_object(void *ctx, gcb_object *o) {
  (void)o;
  ((tally *)ctx)->objects++;
}
static void enter_object(void *ctx, gcb_object *o) {
  tally *t = ctx;
  t->keys[place(t, o)] = o;
}
static void add_root(void *ctx, gcb_object **slot) {
  add(ctx, *slot);
}
static void add_slots(void *ctx, gcb_object *o) {
  gcb_object **slots = gcb_slots_of(o);
  uint32_t n = gcb_refs_of(o->geometry);
  for (uint32_t i = 0; i < n; i++)
    if (slots[i]) add(ctx, slots[i]);
  if (o->geometry == GCB_GEOMETRY_EPHEMERON && *gcb_ephemeron_value(o)) add(ctx, *gcb_ephemeron_value(o));
}

static void check_object(void *ctx, gcb_object *o) {
  tally *t = ctx;
  gcb_counting *c = t->counting;
  uint64_t found = t->found[place(t, o)], count = o->bits / c->one;
  if ((int32_t)o->bits >= 0) t->good &= t->exact ? found == count : found <= count;
  t->good &= !(o->bits & GCB_FLAG_WEAK) == !gcb_count_map_find(&c->weaks, o);
  t->good &= !(o->bits & GCB_FLAG_FINAL) == !gcb_count_map_find(&c->finals, o);
}

bool gcb_counting_check(gcb_counting *c, bool exact) {
  tally t = {.counting = c, .exact = exact, .good = true};
  each_object(&t, count_object);
  size_t places = 64;
  while (places < 2 * t.objects) places *= 2;
  t.mask = places - 1;
  t.keys = calloc(places, sizeof(gcb_object *));
  t.found = calloc(places, sizeof *t.found);
  if (t.keys && t.found) {
    each_object(&t, enter_object);
    gcb_each_root(c->heap, add_root, &t);
    each_object(&t, add_slots);
    for (uint32_t i = c->waiting; i; i = ((gcb_count_record *)gcb_vec_at(&c->records, i))->waiting)
      add(&t, ((gcb_count_record *)gcb_vec_at(&c->records, i))->object);
    each_object(&t, check_object);
  }
  free(t.keys);
  free(t.found);
  return t.good;
}
#endif
