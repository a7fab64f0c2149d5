/* The small parts that tracing collectors share: growable vectors, large objects, and what follows a closure.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/large.h"
#include "common/settle.h"
#include "fake_host.h"
#include <gcbench/rng.h>

enum { PAGE = FAKE_PAGE };

static void a_vector_grows_to_its_most_and_not_beyond(void **state) {
  (void)state;
  fake_host f;
  gcb_vec v;
  assert_true(gcb_vec_init(&v, fake_host_begin(&f, UINT64_MAX), 8, 1000));
  for (uintptr_t i = 1; i <= 1000; i++) assert_true(gcb_vec_push(&v, (void *)i));
  assert_false(gcb_vec_push(&v, &v));
  assert_false(gcb_vec_room(&v, 1));
  for (uintptr_t i = 1000; i; i--) assert_ptr_equal(gcb_vec_pop(&v), (void *)i);
  assert_null(gcb_vec_pop(&v));
  gcb_vec_trim(&v);
  assert_int_equal(f.committed, 0);
  fake_host_end(&f);
}

static void a_vector_takes_the_last_page_of_the_bound(void **state) {
  (void)state;
  fake_host f;
  gcb_vec v;
  assert_true(gcb_vec_init(&v, fake_host_begin(&f, 10 * PAGE), 16, 1 << 20));
  assert_false(gcb_vec_room(&v, 10 * PAGE / 16 + 1));
  assert_int_equal(f.committed, 0);
  size_t n = 0;
  while (gcb_vec_room(&v, 1)) v.n++, n++;
  assert_int_equal(n, 10 * PAGE / 16);
  assert_int_equal(f.committed, 10 * PAGE);
  v.n = PAGE / 16 + 1;
  gcb_vec_trim(&v);
  assert_int_equal(f.committed, 2 * PAGE);
  fake_host_end(&f);
}

static gcb_object *large(gcb_large_space *s, size_t bytes) {
  uint32_t geometry = gcb_geometry_array(GCB_KIND_BYTES, (uint32_t)(bytes - 8));
  return gcb_large_alloc(s, gcb_header(geometry, 5), gcb_size_of(geometry));
}

static void large_objects_are_zeroed_runs_that_do_not_overlap(void **state) {
  (void)state;
  enum { N = 40 };
  fake_host f;
  gcb_large_space s;
  gcb_object *at[N] = {0};
  gcb_rng rng = gcb_rng_seed(1);
  assert_true(gcb_large_init(&s, fake_host_begin(&f, 64 << 20)));
  for (int step = 0; step < 2000; step++) {
    size_t i = gcb_rng_below(&rng, N);
    if (at[i]) {
      gcb_large_free(&s, at[i]);
      at[i] = NULL;
      continue;
    }
    gcb_object *o = at[i] = large(&s, 8 * (1200 + gcb_rng_below(&rng, 20000)));
    assert_non_null(o);
    assert_true(gcb_is_large(&s, o));
    assert_int_equal(o->bits, 5);
    size_t size = gcb_size_of(o->geometry);
    char *payload = gcb_payload_of(o);
    for (size_t b = 0; b < size - 8; b += 512) assert_int_equal(payload[b], 0);
    memset(payload, 1, size - 8);
    for (int k = 0; k < N; k++)
      if (at[k] && at[k] != o)
        assert_true((char *)at[k] + gcb_size_of(at[k]->geometry) <= (char *)gcb_large_of(o) ||
                    (char *)gcb_large_of(at[k]) >= (char *)o + size);
  }
  uint64_t bytes = 0;
  for (int k = 0; k < N; k++)
    if (at[k]) bytes += gcb_size_of(at[k]->geometry);
  assert_int_equal(s.bytes, bytes);
  assert_int_equal(f.committed, s.committed + s.map_committed);
  fake_host_end(&f);
}

static void a_sweep_frees_the_unmarked_and_promotes_whom_its_owner_chose(void **state) {
  (void)state;
  fake_host f;
  gcb_large_space s;
  assert_true(gcb_large_init(&s, fake_host_begin(&f, 1 << 20)));
  gcb_object *a = large(&s, 10000), *b = large(&s, 20000), *c = large(&s, 30000);
  gcb_large_of(a)->marked = gcb_large_of(c)->marked = 1;
  gcb_large_of(c)->old = 1;
  uint64_t dead = gcb_size_of(b->geometry); /* read before the sweep unmaps it */
  assert_int_equal(gcb_large_sweep(&s, false, true), dead);
  assert_ptr_equal(s.young, gcb_large_of(a));
  assert_ptr_equal(s.old, gcb_large_of(c));
  assert_false(gcb_large_of(a)->marked || gcb_large_of(c)->marked);
  assert_int_equal(gcb_large_sweep(&s, false, true),
                   gcb_size_of(gcb_geometry_array(GCB_KIND_BYTES, 10000 - 8)));
  assert_true(gcb_large_sweep(&s, true, false) >= 30000);
  assert_null(s.young);
  assert_null(s.old);
  assert_int_equal(f.committed, s.map_committed);
  fake_host_end(&f);
}

static void a_large_object_beyond_the_bound_is_refused_and_changes_nothing(void **state) {
  (void)state;
  fake_host f;
  gcb_large_space s;
  assert_true(gcb_large_init(&s, fake_host_begin(&f, 20 * PAGE)));
  assert_null(large(&s, 20 * PAGE));
  gcb_object *o = large(&s, 18 * PAGE);
  assert_non_null(o);
  assert_null(large(&s, PAGE));
  assert_int_equal(s.bytes, gcb_size_of(o->geometry));
  gcb_large_free(&s, o);
  assert_non_null(large(&s, 18 * PAGE));
  fake_host_end(&f);
}

/* A heap of a few objects in plain memory whose marks are their header bits. */
static gcb_object *alive(void *ctx, gcb_object *o) {
  (void)ctx;
  return o->bits ? o : NULL;
}
static gcb_object *retain(void *ctx, gcb_object *o) {
  if (!o->bits && gcb_kind(o->geometry) == GCB_KIND_SPECIAL) gcb_discover(ctx, o);
  o->bits = 1;
  return o;
}
static void drain(void *ctx) {
  (void)ctx;
}
static gcb_object *make(uint64_t (*cells)[4], uint32_t geometry, uint32_t marked) {
  memset(*cells, 0, sizeof *cells);
  gcb_object *o = (gcb_object *)*cells;
  *o = (gcb_object){marked, geometry};
  return o;
}

/* Hayes 1997: a chain of ephemerons, each of whose values is the next one's key, in the worst order. */
static void a_chain_of_ephemerons_is_followed_in_either_order(void **state) {
  (void)state;
  enum { N = 50 };
  for (int down = 0; down < 2; down++) {
    static uint64_t cells[2 * N + 1][4];
    fake_host f;
    gcb_settle s;
    assert_true(gcb_settle_init(&s, fake_host_begin(&f, UINT64_MAX)));
    gcb_object *key[N + 1];
    for (int i = 0; i <= N; i++) key[i] = make(&cells[i], gcb_geometry_fixed(1, 0), i == 0);
    for (int i = 0; i < N; i++) {
      int k = down ? N - 1 - i : i;
      gcb_object *e = make(&cells[N + 1 + k], GCB_GEOMETRY_EPHEMERON, 1);
      *gcb_weak_target(e) = key[k];
      *gcb_ephemeron_value(e) = key[k + 1];
      gcb_discover(&s, e);
      gcb_discover(&s, e); /* scanned twice after an overflow */
    }
    gcb_settle_all(&s, &(gcb_liveness){.ctx = &s, .alive = alive, .retain = retain, .drain = drain});
    for (int i = 0; i <= N; i++) assert_int_equal(key[i]->bits, 1);
    fake_host_end(&f);
  }
}

static void weak_references_are_cleared_after_finalizers_retained(void **state) {
  (void)state;
  static uint64_t cells[5][4];
  fake_host f;
  gcb_settle s;
  assert_true(gcb_settle_init(&s, fake_host_begin(&f, UINT64_MAX)));
  gcb_object *due = make(&cells[0], gcb_geometry_fixed(1, 0), 0),
             *dead = make(&cells[1], gcb_geometry_fixed(1, 0), 0);
  gcb_object *to_due = make(&cells[2], GCB_GEOMETRY_WEAK, 1),
             *to_dead = make(&cells[3], GCB_GEOMETRY_WEAK, 1);
  gcb_object *living = make(&cells[4], gcb_geometry_fixed(1, 0), 1);
  *gcb_weak_target(to_due) = due;
  *gcb_weak_target(to_dead) = dead;
  gcb_discover(&s, to_due);
  gcb_discover(&s, to_dead);
  assert_int_equal(gcb_settle_register(&s, living, 1), GCB_OK);
  assert_int_equal(gcb_settle_register(&s, due, 2), GCB_OK);
  assert_int_equal(gcb_settle_register(&s, due, 3), GCB_OK);
  gcb_liveness l = {.ctx = &s, .alive = alive, .retain = retain, .drain = drain};
  gcb_settle_all(&s, &l);
  assert_ptr_equal(*gcb_weak_target(to_due), due);
  assert_null(*gcb_weak_target(to_dead));
  assert_int_equal(f.n_ready, 2);
  assert_int_equal(f.ready[0].token + f.ready[1].token, 5);
  assert_int_equal(s.finalizers.n, 1);
  due->bits = 0; /* its finalizers have run */
  gcb_discover(&s, to_due);
  gcb_settle_all(&s, &l);
  assert_null(*gcb_weak_target(to_due));
  assert_int_equal(f.n_ready, 2);
  fake_host_end(&f);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_vector_grows_to_its_most_and_not_beyond),
      cmocka_unit_test(a_vector_takes_the_last_page_of_the_bound),
      cmocka_unit_test(large_objects_are_zeroed_runs_that_do_not_overlap),
      cmocka_unit_test(a_sweep_frees_the_unmarked_and_promotes_whom_its_owner_chose),
      cmocka_unit_test(a_large_object_beyond_the_bound_is_refused_and_changes_nothing),
      cmocka_unit_test(a_chain_of_ephemerons_is_followed_in_either_order),
      cmocka_unit_test(weak_references_are_cleared_after_finalizers_retained),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
