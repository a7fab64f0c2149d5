/* The sliding space against a model: a list of objects with the addresses that a naive compaction gives them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "common/compact.h"
#include "fake_host.h"
#include <gcbench/rng.h>

enum { MOST = 20000 };

typedef struct model {
  fake_host host;
  gcb_compact c;
  gcb_rng rng;
  gcb_object *at[MOST]; /* where object i is */
  gcb_object *to[MOST]; /* where it must go; NULL: dead */
  int refers[MOST];     /* the object that its slots hold, -1: none */
  int n;
  size_t pad; /* bytes that the space will begin with, when everything is to move */
} model;

static model *begin(uint64_t limit, uint64_t seed) {
  model *t = calloc(1, sizeof *t);
  assert_non_null(t);
  gcb_heap *h = fake_host_begin(&t->host, limit);
  h->debug = GCB_DEBUG_POISON;
  assert_true(gcb_compact_init(&t->c, h, limit < (1u << 30) ? limit : 1u << 30));
  t->rng = gcb_rng_seed(seed);
  return t;
}
static void end(model *t) {
  assert_int_equal(t->host.committed, (uint64_t)(t->c.committed - t->c.base) + t->c.metadata);
  fake_host_end(&t->host);
  free(t);
}

/* The payload of object i tells which it is, in its first and last word. */
static gcb_object *add(model *t, uint32_t refs, uint32_t payload_bytes, bool live) {
  uint32_t geometry = gcb_geometry_fixed(refs, payload_bytes);
  size_t size = gcb_size_of(geometry);
  char *at = gcb_compact_alloc(&t->c, size);
  if (!at) return NULL;
  memset(at, 0, size);
  gcb_object *o = (gcb_object *)at;
  *o = (gcb_object){.bits = (uint32_t)t->n, .geometry = geometry};
  if (geometry & 32767) *(uint64_t *)(at + size - 8) = (uint64_t)t->n * 0x9e3779b97f4a7c15u;
  t->at[t->n] = o;
  t->to[t->n] = live ? o : NULL;
  t->refers[t->n] = -1;
  t->n++;
  return o;
}
static void refer(model *t, int from, int to) {
  t->refers[from] = to;
  for (uint32_t i = 0; i < gcb_refs_of(t->at[from]->geometry); i++) gcb_slots_of(t->at[from])[i] = t->at[to];
}

static void mark_all(model *t) {
  char *to = t->c.base + t->pad;
  for (int i = 0; i < t->n; i++) {
    if (!t->to[i]) continue;
    size_t size = gcb_size_of(t->at[i]->geometry);
    assert_false(gcb_compact_marked(&t->c, t->at[i]));
    assert_true(gcb_compact_reach(&t->c, t->at[i]));
    assert_false(gcb_compact_reach(&t->c, t->at[i]));
    assert_false(gcb_compact_scanned(&t->c, t->at[i]));
    gcb_compact_cover(&t->c, t->at[i], size);
    assert_true(gcb_compact_scanned(&t->c, t->at[i]));
    t->to[i] = (gcb_object *)to;
    to += size;
  }
}

/* Mark, plan, slide, and check each step against the model; then the model has only the live. */
static void compact(model *t) {
  mark_all(t);
  gcb_object *o = gcb_compact_next(&t->c, t->c.base);
  size_t live = 0;
  for (int i = 0; i < t->n; i++) {
    assert_int_equal(gcb_compact_marked(&t->c, t->at[i]), t->to[i] != NULL);
    if (!t->to[i]) continue;
    assert_ptr_equal(o, t->at[i]);
    size_t size = gcb_size_of(o->geometry);
    live += size;
    o = gcb_compact_next(&t->c, (char *)o + size);
  }
  assert_null(o);
  assert_int_equal(gcb_compact_plan(&t->c), live);
  for (int i = 0; i < t->n; i++)
    if (t->to[i]) {
      assert_ptr_equal(gcb_compact_forward(&t->c, t->at[i]), t->to[i]);
      gcb_object *slot = t->at[i], *row[3] = {t->at[i], NULL, (gcb_object *)&slot};
      gcb_compact_update_slot(&t->c, &slot);
      assert_ptr_equal(slot, t->to[i]);
      gcb_compact_update_slots(&t->c, row, 3);
      assert_ptr_equal(row[0], t->to[i]);
      assert_null(row[1]);
      assert_ptr_equal(row[2], &slot);
    }
  gcb_compact_slide(&t->c, NULL, NULL);
  assert_ptr_equal(t->c.top, t->c.base + t->pad + live);
  for (int i = 0; i < t->n; i++) {
    gcb_object *now = t->to[i];
    if (!now) continue;
    size_t size = gcb_size_of(now->geometry);
    assert_int_equal(now->bits, i);
    if ((now->geometry & 32767) && !gcb_kind(now->geometry))
      assert_int_equal(*(uint64_t *)((char *)now + size - 8), (uint64_t)i * 0x9e3779b97f4a7c15u);
    for (uint32_t s = 0; s < gcb_refs_of(now->geometry); s++)
      assert_ptr_equal(gcb_slots_of(now)[s], t->refers[i] < 0 ? NULL : t->to[t->refers[i]]);
    assert_false(gcb_compact_marked(&t->c, now));
  }
  memcpy(t->at, t->to, sizeof t->at);
}
/* Drop the dead from the model, so that more can be added. */
static void forget_dead(model *t) {
  int number[MOST], n = 0;
  for (int i = 0; i < t->n; i++) number[i] = t->to[i] ? n++ : -1;
  for (int i = 0; i < t->n; i++)
    if (t->to[i]) {
      int k = number[i];
      t->at[k] = t->to[k] = t->at[i];
      t->refers[k] = t->refers[i] < 0 ? -1 : number[t->refers[i]];
      gcb_object *o = t->at[k];
      o->bits = (uint32_t)k;
      if (o->geometry & 32767)
        *(uint64_t *)((char *)o + gcb_size_of(o->geometry) - 8) = (uint64_t)k * 0x9e3779b97f4a7c15u;
    }
  t->n = n;
}

static uint64_t below(model *t, uint64_t n) {
  return gcb_rng_below(&t->rng, n);
}
static void add_random(model *t, int n, uint32_t survive_percent) {
  int first = t->n;
  for (int i = 0; i < n; i++) {
    bool big = below(t, 50) == 0;
    add(t, (uint32_t)below(t, big ? 200 : 4), (uint32_t)below(t, big ? 4000 : 40),
        below(t, 100) < survive_percent);
  }
  for (int i = first; i < t->n; i++) {
    int to = (int)below(t, (uint64_t)t->n);
    if (!t->to[i] || t->to[to]) refer(t, i, to); /* the dead may refer to anything, the live to the live */
  }
}

static void forwarding_agrees_with_a_naive_compaction(void **state) {
  (void)state;
  static const uint32_t survive[] = {0, 1, 10, 50, 90, 99, 100};
  for (uint64_t seed = 0; seed < 4; seed++)
    for (size_t s = 0; s < sizeof survive / sizeof *survive; s++) {
      model *t = begin(UINT64_MAX, 1 + seed);
      add_random(t, 3000, survive[s]);
      compact(t);
      end(t);
    }
}

static void compacting_again_and_again_keeps_every_object(void **state) {
  (void)state;
  model *t = begin(UINT64_MAX, 7);
  add_random(t, 500, 60);
  for (int round = 0; round < 20; round++) {
    compact(t);
    forget_dead(t);
    compact(t); /* nothing died, nothing moves */
    for (int i = 0; i < t->n; i++)
      if (below(t, 3) == 0) { /* dies, with those that refer to it left without */
        for (int k = 0; k < t->n; k++)
          if (t->refers[k] == i) {
            memset(gcb_slots_of(t->at[k]), 0, 8 * gcb_refs_of(t->at[k]->geometry));
            t->refers[k] = -1;
          }
        t->to[i] = NULL;
      }
    add_random(t, 300, 60);
  }
  end(t);
}

static void smallest_objects_side_by_side(void **state) {
  (void)state;
  for (int pattern = 0; pattern < 3; pattern++) {
    model *t = begin(UINT64_MAX, 3);
    for (int i = 0; i < 1000; i++) add(t, 1, 0, pattern == 0 || (pattern == 1 ? i % 2 : i % 64 >= 32));
    for (int i = 0; i < 1000; i++)
      if (t->to[999 - i]) refer(t, i, 999 - i);
    compact(t);
    end(t);
  }
}

static void an_empty_space_and_one_without_survivors(void **state) {
  (void)state;
  model *t = begin(UINT64_MAX, 3);
  compact(t);
  assert_ptr_equal(t->c.top, t->c.base);
  assert_int_equal(t->host.committed, 0);
  add_random(t, 100, 0);
  compact(t);
  assert_ptr_equal(t->c.top, t->c.base);
  assert_true(gcb_compact_trim(&t->c, 0) > 0);
  assert_int_equal(t->host.committed, 0);
  end(t);
}

/* OCaml 9853: the compactor met the only chunk exactly full. */
static void a_space_full_to_the_last_byte(void **state) {
  (void)state;
  for (int dead = -1; dead < 256; dead += 51) {
    model *t = begin(16384 + 4096, 3);
    for (int i = 0; i < 256; i++) assert_non_null(add(t, 3, 32, i != dead));
    assert_ptr_equal(t->c.top, t->c.base + 16384);
    assert_ptr_equal(t->c.top, t->c.committed);
    assert_null(add(t, 1, 0, true));
    for (int i = 0; i < 256; i++)
      if (i != dead) refer(t, i, dead == 255 ? 0 : 255);
    compact(t);
    assert_int_equal(t->c.committed - t->c.top, dead < 0 ? 0 : 64);
    end(t);
  }
}

/* A mutant of many compactors: the slide by a copy that must not overlap. */
static void objects_move_by_less_than_their_size(void **state) {
  (void)state;
  static const uint32_t payload[] = {16, 64, 240, 248, 256, 504, 512, 4096, 8000};
  for (size_t i = 0; i < sizeof payload / sizeof *payload; i++) {
    model *t = begin(UINT64_MAX, 3);
    add(t, 0, 16, true);
    add(t, 1, 0, false); /* 16 bytes */
    gcb_object *o = add(t, 0, payload[i], true);
    char copy[8192];
    size_t size = gcb_size_of(o->geometry);
    for (size_t b = 8; b < size - 8; b++) ((char *)o)[b] = (char)below(t, 256);
    memcpy(copy, o, size);
    compact(t);
    assert_ptr_equal((char *)t->to[2], (char *)o - 16);
    assert_memory_equal(t->to[2], copy, size);
    end(t);
  }
}

static void what_is_dense_at_the_bottom_stays(void **state) {
  (void)state;
  model *t = begin(UINT64_MAX, 3);
  for (int i = 0; i < 100; i++) add(t, 2, 8, i != 60);
  mark_all(t);
  gcb_compact_plan(&t->c);
  assert_ptr_equal(t->c.moving, t->at[60]);
  gcb_compact_unmark(&t->c);
  for (int i = 0; i < 100; i++) assert_false(gcb_compact_marked(&t->c, t->at[i]));
  compact(t);
  end(t);
}

static void slots_of_weak_references_and_ephemerons_follow(void **state) {
  (void)state;
  model *t = begin(UINT64_MAX, 3);
  add(t, 2, 8, false);
  gcb_object *special[2];
  for (uint32_t i = 0; i < 2; i++) {
    special[i] = (gcb_object *)gcb_compact_alloc(&t->c, i ? 32 : 24);
    *special[i] = (gcb_object){.geometry = i ? GCB_GEOMETRY_EPHEMERON : GCB_GEOMETRY_WEAK};
    t->at[t->n] = t->to[t->n] = special[i];
    special[i]->bits = (uint32_t)t->n;
    t->refers[t->n++] = -1;
  }
  gcb_object *target = add(t, 0, 8, true), *link = (gcb_object *)8;
  gcb_slots_of(special[0])[0] = target;
  gcb_slots_of(special[0])[1] = link;
  gcb_slots_of(special[1])[0] = target;
  gcb_slots_of(special[1])[1] = special[0];
  gcb_slots_of(special[1])[2] = link;
  compact(t);
  assert_ptr_equal(gcb_slots_of(t->to[1])[0], t->to[3]);
  assert_ptr_equal(gcb_slots_of(t->to[1])[1], link);
  assert_ptr_equal(gcb_slots_of(t->to[2])[0], t->to[3]);
  assert_ptr_equal(gcb_slots_of(t->to[2])[1], t->to[1]);
  assert_ptr_equal(gcb_slots_of(t->to[2])[2], link);
  end(t);
}

typedef struct seen {
  model *t;
  int next;
} seen;
static void see(void *ctx, gcb_object *o, gcb_object *to) {
  seen *s = ctx;
  while (!s->t->to[s->next]) s->next++;
  assert_ptr_equal(o, s->t->at[s->next]);
  assert_ptr_equal(to, s->t->to[s->next]);
  int refers = s->t->refers[s->next];
  if (refers >= 0 && gcb_refs_of(o->geometry)) assert_ptr_equal(gcb_slots_of(o)[0], s->t->to[refers]);
  o->bits += 1000000;
  s->next++;
}
static void the_visitor_sees_each_object_before_it_moves(void **state) {
  (void)state;
  model *t = begin(UINT64_MAX, 5);
  add_random(t, 1000, 50);
  add(t, 0, 8, true);
  mark_all(t);
  gcb_compact_plan(&t->c);
  seen s = {t, 0};
  gcb_compact_slide(&t->c, see, &s);
  assert_int_equal(s.next, t->n);
  for (int i = 0; i < t->n; i++)
    if (t->to[i]) assert_int_equal(t->to[i]->bits, i + 1000000);
  end(t);
}

static void pages_are_taken_up_to_the_bound_and_given_back(void **state) {
  (void)state;
  uint64_t limit = 300 * 4096;
  model *t = begin(limit, 3);
  size_t objects = 0;
  while (add(t, 2, 488, false)) objects++;
  /* 300 pages: 290 of objects, 10 of blocks (one for 32). */
  assert_int_equal(objects, 290 * 4096 / 512);
  assert_int_equal(t->host.committed, limit);
  assert_int_equal(gcb_compact_trim(&t->c, 0), 0);
  t->to[0] = t->at[0];
  compact(t);
  assert_int_equal(gcb_compact_trim(&t->c, 4096), limit - 3 * 4096);
  assert_int_equal(t->host.committed, 3 * 4096);
  assert_true(gcb_compact_grow(&t->c, 100 * 4096));
  assert_false(gcb_compact_grow(&t->c, 300 * 4096));
  end(t);
}

static void a_refused_commit_changes_nothing(void **state) {
  (void)state;
  for (uint64_t n = 1; n < 20; n++) {
    model *t = begin(64 * 4096, 3);
    t->host.fail_commit = n;
    while (t->host.commits < n) {
      char *top = t->c.top;
      if (!add(t, 10, 4000, true)) assert_ptr_equal(t->c.top, top);
      assert_int_equal(t->host.committed, (uint64_t)(t->c.committed - t->c.base) + t->c.metadata);
    }
    compact(t);
    end(t);
  }
}

/* With GCB_DEBUG_MOVE even a space without a hole moves as a whole, up and down in turn, and is walkable. */
static void everything_moves_when_it_is_asked_to(void **state) {
  (void)state;
  model *t = begin(4 << 20, 9);
  for (int i = 0; i < 500; i++) {
    assert_non_null(
        add(t, (uint32_t)gcb_rng_below(&t->rng, 4), 8 * (uint32_t)gcb_rng_below(&t->rng, 40), true));
    if (i) refer(t, i, (int)gcb_rng_below(&t->rng, (uint64_t)i));
  }
  t->host.heap.debug |= GCB_DEBUG_MOVE;
  for (int round = 0; round < 6; round++) {
    gcb_object *before[500];
    memcpy(before, t->at, sizeof before);
    t->pad = round % 2 ? 0 : 16;
    compact(t);
    for (int i = 0; i < 500; i++) assert_ptr_not_equal(t->at[i], before[i]);
    const gcb_object *first = (gcb_object *)t->c.base;
    assert_ptr_equal((char *)first + gcb_size_of(first->geometry),
                     round % 2 ? (char *)t->at[1] : (char *)t->at[0]);
  }
  end(t);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(everything_moves_when_it_is_asked_to),
      cmocka_unit_test(forwarding_agrees_with_a_naive_compaction),
      cmocka_unit_test(compacting_again_and_again_keeps_every_object),
      cmocka_unit_test(smallest_objects_side_by_side),
      cmocka_unit_test(an_empty_space_and_one_without_survivors),
      cmocka_unit_test(a_space_full_to_the_last_byte),
      cmocka_unit_test(objects_move_by_less_than_their_size),
      cmocka_unit_test(what_is_dense_at_the_bottom_stays),
      cmocka_unit_test(slots_of_weak_references_and_ephemerons_follow),
      cmocka_unit_test(the_visitor_sees_each_object_before_it_moves),
      cmocka_unit_test(pages_are_taken_up_to_the_bound_and_given_back),
      cmocka_unit_test(a_refused_commit_changes_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
