/* The table behind weak references and finalizers of counting collectors, against a plain array; and the
 * packed header of dead objects. The page service is a small one of our own that can refuse. */
#include "../../collectors/common/count_cascade.h"
#include "../../collectors/common/count_map.c"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <cmocka.h>

static void *reserve(gcb_heap *h, size_t bytes, size_t align) {
  (void)h, (void)align;
  void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return p == MAP_FAILED ? NULL : p;
}
static uint64_t committed;
static bool commit(gcb_heap *h, void *at, size_t bytes) {
  (void)at;
  if (committed + bytes > h->limit) return false;
  committed += bytes;
  return true;
}
static void decommit(gcb_heap *h, void *at, size_t bytes) {
  (void)h;
  madvise(at, bytes, MADV_DONTNEED);
  committed -= bytes;
}
static const gcb_host host = {.reserve = reserve, .commit = commit, .decommit = decommit};

static gcb_object *key(size_t i) {
  return (gcb_object *)(uintptr_t)(0x7f0000000000u + 24 * i);
}

static void agrees_with_an_array_under_random_changes(void **state) {
  (void)state;
  gcb_heap h = {.host = &host, .limit = UINT64_MAX};
  gcb_count_map map;
  enum { KEYS = 20000, STEPS = 400000 };
  uint64_t *model = calloc(KEYS, sizeof *model), seed = 1;
  size_t n = 0;
  committed = 0;
  assert_true(gcb_count_map_init(&map, &h, KEYS));
  for (int i = 0; i < STEPS; i++) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    size_t range = i < STEPS / 2 ? KEYS : KEYS / 50, k = (seed >> 33) % range;
    if (i >= STEPS / 2 && i < STEPS / 2 + KEYS) k = (size_t)(i - STEPS / 2); /* empty it in between */
    uint64_t *found = gcb_count_map_find(&map, key(k));
    assert_int_equal(found ? *found : 0, model[k]);
    if (model[k]) {
      gcb_count_map_remove(&map, key(k));
      model[k] = 0;
      n--;
    } else if (i < STEPS / 2 || i >= STEPS / 2 + KEYS) {
      *gcb_count_map_add(&map, key(k)) = model[k] = seed | 1;
      n++;
    }
    assert_int_equal(map.n, n);
    assert_int_equal(committed, gcb_count_map_bytes(&map));
  }
  for (size_t k = 0; k < KEYS; k++) {
    uint64_t *found = gcb_count_map_find(&map, key(k));
    assert_int_equal(found ? *found : 0, model[k]);
  }
  assert_true(map.capacity <= 4096); /* it shrank */
  free(model);
}

static void fills_up_before_it_gives_up(void **state) {
  (void)state;
  gcb_heap h = {.host = &host, .limit = 4096};
  gcb_count_map map;
  size_t n = 0;
  committed = 0;
  assert_true(gcb_count_map_init(&map, &h, 1 << 20));
  while (gcb_count_map_add(&map, key(n))) n++;
  assert_int_equal(n, GCB_COUNT_MAP_MIN / 16 * 15);
  for (size_t i = 0; i < n; i++) assert_non_null(gcb_count_map_find(&map, key(i)));
  assert_null(gcb_count_map_find(&map, key(n)));
  for (size_t i = 0; i < n; i++) gcb_count_map_remove(&map, key(i));
  assert_int_equal(map.n, 0);
  assert_non_null(gcb_count_map_add(&map, key(0)));
}

static void packs_the_header_of_a_dead_object(void **state) {
  (void)state;
  gcb_object *next[] = {NULL, key(0), (gcb_object *)(uintptr_t)0xfffffffffff8u};
  for (size_t i = 0; i < sizeof next / sizeof *next; i++)
    for (uint32_t refs = 0; refs <= 1023; refs += 31) {
      uint64_t header = gcb_dead_pack(next[i], refs);
      assert_ptr_equal(gcb_dead_next(header), next[i]);
      assert_int_equal(gcb_dead_refs(header), refs);
    }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(agrees_with_an_array_under_random_changes),
      cmocka_unit_test(fills_up_before_it_gives_up),
      cmocka_unit_test(packs_the_header_of_a_dead_object),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
