/* The marking loop on random graphs against a search without a bounded stack. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "common/compact.h"
#include "common/mark.h"
#include "fake_host.h"
#include <gcbench/rng.h>

enum { OBJECTS = 3000 };

typedef struct graph {
  fake_host host;
  gcb_compact c;
  gcb_settle settle;
  gcb_marker marker;
  gcb_object *at[OBJECTS];
  bool expect[OBJECTS];
  uint64_t bytes; /* of what is expected to be marked */
  int walks;
} graph;

GCB_MARK_INLINE bool reach(void *ctx, gcb_object *o) {
  return gcb_compact_reach(&((graph *)ctx)->c, o);
}
GCB_MARK_INLINE void cover(void *ctx, gcb_object *o, size_t bytes) {
  gcb_compact_cover(&((graph *)ctx)->c, o, bytes);
}
static void drain(graph *g) {
  gcb_mark_drain(&g->marker, reach, cover, g);
}
static void mark(graph *g, gcb_object *root) {
  gcb_marker_begin(&g->marker);
  gcb_mark(&g->marker, root, reach, g);
  for (drain(g); g->marker.missed != GCB_MARK_NONE; g->walks++) {
    char *from = g->marker.missed;
    g->marker.missed = GCB_MARK_NONE;
    for (gcb_object *o = gcb_compact_next(&g->c, from); o;
         o = gcb_compact_next(&g->c, (char *)o + gcb_size_of(o->geometry)))
      if (!gcb_compact_scanned(&g->c, o)) {
        gcb_mark_scan(&g->marker, o, reach, cover, g);
        drain(g);
      }
  }
}

static graph *begin(uint64_t limit, size_t entries) {
  graph *g = calloc(1, sizeof *g);
  assert_non_null(g);
  gcb_heap *h = fake_host_begin(&g->host, limit);
  assert_true(gcb_compact_init(&g->c, h, 64 << 20));
  assert_true(gcb_settle_init(&g->settle, h));
  assert_true(gcb_marker_init(&g->marker, h, &g->settle, entries));
  return g;
}
static void end(graph *g) {
  fake_host_end(&g->host);
  free(g);
}
static gcb_object *add(graph *g, int i, uint32_t geometry) {
  char *at = gcb_compact_alloc(&g->c, gcb_size_of(geometry));
  assert_non_null(at);
  memset(at, 0, gcb_size_of(geometry));
  ((gcb_object *)at)->bits = (uint32_t)i;
  ((gcb_object *)at)->geometry = geometry;
  return g->at[i] = (gcb_object *)at;
}

static void search(graph *g, gcb_object *root) {
  static gcb_object *work[OBJECTS];
  size_t n = 0;
  work[n++] = root;
  g->expect[root->bits] = true;
  while (n) {
    gcb_object *o = work[--n];
    g->bytes += gcb_size_of(o->geometry);
    for (uint32_t i = 0; i < gcb_refs_of(o->geometry); i++) {
      gcb_object *to = gcb_slots_of(o)[i];
      if (!to || g->expect[to->bits]) continue;
      g->expect[to->bits] = true;
      work[n++] = to;
    }
  }
}
static void check(graph *g) {
  search(g, g->at[0]);
  mark(g, g->at[0]);
  for (int i = 0; i < OBJECTS; i++)
    if (g->at[i]) {
      assert_int_equal(gcb_compact_marked(&g->c, g->at[i]), g->expect[i]);
      assert_int_equal(gcb_compact_scanned(&g->c, g->at[i]), g->expect[i]);
    }
  assert_int_equal(g->marker.bytes, g->bytes); /* so nothing was scanned twice either */
  assert_int_equal(g->marker.stack.n, 0);
}

/* Objects of 0 to 4 slots, some arrays of up to 2000, one in 8 slots null; specials hold no object. */
static void fill(graph *g, uint64_t seed) {
  gcb_rng rng = gcb_rng_seed(seed);
  for (int i = 0; i < OBJECTS; i++) {
    uint64_t kind = gcb_rng_below(&rng, 200);
    add(g, i,
        kind == 0 || i == 0 ? gcb_geometry_array(GCB_KIND_REFS, 100 + (uint32_t)gcb_rng_below(&rng, 2000))
        : kind < 9          ? (kind % 2 ? GCB_GEOMETRY_WEAK : GCB_GEOMETRY_EPHEMERON)
                   : gcb_geometry_fixed((uint32_t)gcb_rng_below(&rng, 5), (uint32_t)gcb_rng_below(&rng, 30)));
  }
  for (int i = 0; i < OBJECTS; i++)
    for (uint32_t s = 0; s < gcb_refs_of(g->at[i]->geometry); s++)
      if (gcb_rng_below(&rng, 8)) gcb_slots_of(g->at[i])[s] = g->at[gcb_rng_below(&rng, OBJECTS)];
}

static void a_bounded_stack_marks_what_an_unbounded_one_does(void **state) {
  (void)state;
  static const size_t entries[] = {0, 1, 2, 3, 4, 17, 300};
  for (size_t e = 0; e < sizeof entries / sizeof *entries; e++)
    for (uint64_t seed = 1; seed < 6; seed++) {
      graph *g = begin(UINT64_MAX, entries[e]);
      fill(g, seed);
      check(g);
      assert_int_equal(g->walks > 0, g->host.heap.events[GCB_EVENT_MARK_STACK_OVERFLOW] > 0);
      if (entries[e] && entries[e] < 5) assert_true(g->walks > 0);
      if (!entries[e]) assert_int_equal(g->walks, 0);
      end(g);
    }
}

static void a_heap_without_a_page_for_the_stack_is_marked_all_the_same(void **state) {
  (void)state;
  graph *g = begin(UINT64_MAX, 0);
  fill(g, 9);
  g->host.heap.limit = g->host.committed;
  check(g);
  assert_true(g->walks > 0);
  end(g);
}

static void a_large_array_does_not_fill_the_stack(void **state) {
  (void)state;
  graph *g = begin(UINT64_MAX, 2 * GCB_MARK_STEP);
  add(g, 0, gcb_geometry_array(GCB_KIND_REFS, OBJECTS - 1));
  for (int i = 1; i < OBJECTS; i++) gcb_slots_of(g->at[0])[i - 1] = add(g, i, gcb_geometry_fixed(1, 8));
  check(g);
  assert_int_equal(g->walks, 0);
  end(g);
}

static void a_list_is_marked_in_one_walk_whatever_its_direction(void **state) {
  (void)state;
  for (int down = 0; down < 2; down++) {
    graph *g = begin(UINT64_MAX, 1);
    for (int i = 0; i < OBJECTS; i++) add(g, i, gcb_geometry_fixed(1, 0));
    gcb_object *last = g->at[0];
    for (int i = 1; i < OBJECTS; i++) {
      gcb_object *o = g->at[down ? OBJECTS - i : i];
      gcb_slots_of(last)[0] = o;
      last = o;
    }
    check(g);
    assert_int_equal(g->walks, 0);
    end(g);
  }
}

static void the_stack_keeps_what_it_is_told_to(void **state) {
  (void)state;
  graph *g = begin(16 * 4096, 0);
  gcb_marker_keep(&g->marker, 1024);
  assert_int_equal(g->marker.stack.committed, 2 * 4096);
  gcb_marker_keep(&g->marker, 100 * 512); /* as near as the bound allows */
  assert_true(g->marker.stack.committed > 8 * 4096 && g->host.committed <= 16 * 4096);
  gcb_marker_keep(&g->marker, 512);
  assert_int_equal(g->marker.stack.committed, 4096);
  end(g);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_bounded_stack_marks_what_an_unbounded_one_does),
      cmocka_unit_test(a_heap_without_a_page_for_the_stack_is_marked_all_the_same),
      cmocka_unit_test(a_large_array_does_not_fill_the_stack),
      cmocka_unit_test(a_list_is_marked_in_one_walk_whatever_its_direction),
      cmocka_unit_test(the_stack_keeps_what_it_is_told_to),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
