/* The block space: size classes, sweeping by handing out, cells given back, the bound, the ledger. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "common/blocks.h"
#include "fake_host.h"
#include <gcbench/rng.h>

enum { BLOCK = GCB_BLOCK_BYTES, MANY = 1 << 16 };

typedef struct space {
  fake_host host;
  gcb_mutator m;
  gcb_blocks s;
  gcb_object *at[MANY];
} space;

static space *begin(uint64_t limit, size_t prefix) {
  space *t = calloc(1, sizeof *t);
  assert_non_null(t);
  gcb_heap *h = fake_host_begin(&t->host, limit);
  h->live = &t->m;
  t->m.heap = h;
  assert_true(gcb_blocks_init(&t->s, h, prefix));
  assert_int_equal(gcb_blocks_attach(&t->s, &t->m), GCB_OK);
  return t;
}
static void end(space *t) {
  gcb_blocks_detach(&t->s, &t->m);
  fake_host_end(&t->host);
  free(t);
}

/* An object of exactly so many bytes. */
static gcb_object *make(space *t, size_t bytes) {
  uint32_t geometry = gcb_geometry_fixed(0, (uint32_t)bytes - 8);
  return gcb_blocks_alloc(&t->s, &t->m, gcb_header(geometry, 0), bytes);
}
/* As many as the bound allows. */
static size_t fill(space *t, size_t bytes) {
  size_t n = 0;
  while (n < MANY && (t->at[n] = make(t, bytes))) n++;
  assert_true(n < MANY);
  return n;
}
static void count_one(void *ctx, gcb_object *o) {
  (void)o;
  ++*(size_t *)ctx;
}
static size_t objects_in(space *t) {
  size_t n = 0;
  gcb_blocks_each(&t->s, count_one, &n);
  return n;
}
/* What the ledger must always say. */
static gcb_space_ledger checked_ledger(space *t) {
  gcb_space_ledger l = {0};
  gcb_blocks_ledger(&t->s, &l);
  assert_int_equal(l.objects + l.rounding + l.free + l.reserve + l.metadata, t->host.committed);
  return l;
}

static void size_classes_cover_every_size_and_waste_little(void **state) {
  (void)state;
  for (size_t prefix = 0; prefix <= 24; prefix += 8) {
    space *t = begin(1 << 20, prefix);
    for (size_t bytes = 16; bytes <= t->s.object_max; bytes += 8) {
      uint32_t c = t->s.size_class[bytes / 8], cell = t->s.cell_bytes[c];
      assert_true(c < GCB_CELL_CLASSES && cell >= bytes + prefix && cell % 8 == 0);
      assert_true(c == 0 || t->s.cell_bytes[c - 1] < bytes + prefix);
      size_t waste = cell - bytes - prefix;
      assert_true(waste * 1000 <= (cell <= 128 ? 0 : cell <= 2048 ? 111 : 201) * cell);
    }
    assert_int_equal(t->s.cell_bytes[GCB_CELL_CLASSES - 1], GCB_CELL_MAX);
    end(t);
  }
}

static void objects_do_not_overlap_and_are_zero(void **state) {
  (void)state;
  for (size_t prefix = 0; prefix <= 16; prefix += 8) {
    space *t = begin(8 << 20, prefix);
    gcb_rng rng = gcb_rng_seed(7 + prefix);
    for (size_t i = 0; i < 3000; i++) {
      size_t bytes = 16 + 8 * gcb_rng_below(&rng, 80);
      gcb_object *o = t->at[i] = make(t, bytes);
      assert_non_null(o);
      assert_true(gcb_in_blocks(&t->s, o));
      for (size_t k = 1; k < bytes / 8; k++) assert_int_equal(((uint64_t *)o)[k], 0);
      for (size_t k = 0; k < prefix; k++) assert_int_equal(((char *)o)[-1 - (long)k], 0);
      memset((char *)o - prefix, (int)(i % 255) + 1, prefix);
      memset(o + 1, (int)(i % 255) + 1, bytes - 8);
    }
    for (size_t i = 0; i < 3000; i++)
      for (size_t k = 8; k < gcb_size_of(t->at[i]->geometry); k++)
        assert_int_equal(((unsigned char *)t->at[i])[k], i % 255 + 1);
    assert_int_equal(objects_in(t), 3000);
    checked_ledger(t);
    end(t);
  }
}

static void bound_is_exact_and_everything_under_it_is_used(void **state) {
  (void)state;
  const uint64_t limit = 10 * BLOCK + 3 * 4096;
  space *t = begin(limit, 0);
  assert_int_equal(fill(t, 32), 10 * BLOCK / 32); /* ten blocks, a page of bits, a page of records */
  assert_true(t->host.committed <= limit);
  assert_null(make(t, 8000));
  gcb_space_ledger l = checked_ledger(t);
  assert_int_equal(l.objects, 10 * BLOCK);
  assert_int_equal(l.free, 0);
  end(t);
}

static void last_cell_of_a_block_is_swept(void **state) {
  (void)state;
  for (size_t bytes = 16; bytes <= GCB_CELL_MAX; bytes *= 2) {
    space *t = begin(4 * BLOCK + 2 * 4096, 8 * (bytes == 64));
    size_t n = fill(t, bytes), cells = t->s.cells[t->s.size_class[bytes / 8]];
    assert_int_equal(n, 4 * cells);
    gcb_blocks_mark_begin(&t->s);
    for (size_t i = 0; i < n; i++)
      if (i % cells != cells - 1) gcb_cell_mark(&t->s, t->at[i], false);
    gcb_blocks_mark_end(&t->s, (n - 4) * bytes);
    assert_int_equal(checked_ledger(t).objects, (n - 4) * bytes);
    for (size_t i = 0; i < 4; i++) {
      gcb_object *o = make(t, bytes);
      size_t k = cells - 1;
      while (k < n && t->at[k] != o) k += cells;
      assert_true(k < n);
      t->at[k] = NULL;
    }
    assert_null(make(t, bytes));
    end(t);
  }
}

static void no_cell_is_handed_out_twice(void **state) {
  (void)state;
  space *t = begin(8 * BLOCK + 2 * 4096, 0);
  gcb_rng rng = gcb_rng_seed(11);
  size_t n = fill(t, 48);
  for (int round = 0; round < 20; round++) {
    size_t kept = 0;
    gcb_blocks_mark_begin(&t->s);
    for (size_t i = 0; i < n; i++)
      if (gcb_rng_below(&rng, 4)) {
        assert_true(gcb_cell_mark(&t->s, t->at[i], round & 1));
        assert_false(gcb_cell_mark(&t->s, t->at[i], round & 1));
        t->at[kept++] = t->at[i];
      }
    uint64_t freed = gcb_blocks_mark_end(&t->s, kept * 48);
    assert_int_equal(freed, (n - kept) * 48);
    size_t wanted = gcb_rng_below(&rng, (n - kept + 1));
    for (n = kept; n < kept + wanted; n++) {
      assert_non_null(t->at[n] = make(t, 48));
      memset(t->at[n] + 1, 1, 40);
    }
    assert_int_equal(objects_in(t), n); /* one bit each: had one been given twice, there were fewer */
    assert_int_equal(checked_ledger(t).objects, n * 48);
  }
  end(t);
}

static void unswept_blocks_survive_the_next_mark(void **state) {
  (void)state;
  space *t = begin(8 * BLOCK, 0);
  size_t n = fill(t, 64);
  for (int round = 0; round < 3; round++) { /* half of each block, never swept in between */
    gcb_blocks_mark_begin(&t->s);
    for (size_t i = 0; i < n; i += 2 << round) gcb_cell_mark(&t->s, t->at[i], false);
    gcb_blocks_mark_end(&t->s, n / (2u << round) * 64);
    assert_int_equal(checked_ledger(t).objects, n / (2u << round) * 64);
    assert_int_equal(objects_in(t), n / (2u << round));
  }
  end(t);
}

static void empty_blocks_serve_other_sizes_and_are_given_back_when_not_needed(void **state) {
  (void)state;
  space *t = begin(16 * BLOCK + 2 * 4096, 0);
  fill(t, 16);
  gcb_blocks_mark_begin(&t->s);
  gcb_blocks_mark_end(&t->s, 0);
  assert_int_equal(t->s.in_use, 0);
  assert_int_equal(t->s.pooled, 16); /* kept, for they had been needed */
  assert_int_equal(fill(t, 8192), 64);
  gcb_blocks_mark_begin(&t->s);
  gcb_cell_mark(&t->s, t->at[0], false);
  gcb_blocks_mark_end(&t->s, 8192);
  assert_int_equal(t->s.pooled, 15);
  gcb_blocks_mark_begin(&t->s); /* a cycle that needed none of them */
  gcb_cell_mark(&t->s, t->at[0], false);
  gcb_blocks_mark_end(&t->s, 8192);
  assert_int_equal(t->s.pooled, 0);
  assert_int_equal(t->host.committed, BLOCK + 2 * 4096);
  assert_int_equal(fill(t, 24), 15 * (BLOCK / 24)); /* and they can be had again */
  gcb_blocks_mark_begin(&t->s);
  gcb_blocks_mark_end(&t->s, 0);
  gcb_blocks_trim(&t->s, 3 * BLOCK);
  assert_int_equal(t->s.pooled, 13);
  checked_ledger(t);
  end(t);
}

static void counting_gives_cells_and_blocks_back(void **state) {
  (void)state;
  space *t = begin(UINT64_MAX, 16);
  for (size_t i = 0; i < 40000; i++) assert_non_null(t->at[i] = make(t, 112));
  size_t peak = t->s.in_use;
  for (size_t i = 0; i < 40000; i++) gcb_blocks_free(&t->s, &t->m, t->at[i]);
  assert_true(t->s.in_use <= 6);
  assert_true(t->s.pooled <= 8 + peak / 8);
  assert_int_equal(objects_in(t), 0);
  assert_int_equal(t->s.in_use, 0);
  assert_int_equal(checked_ledger(t).objects, 0);
  end(t);
}

static void cells_stay_exclusive_under_random_frees(void **state) {
  (void)state;
  space *t = begin(UINT64_MAX, 0);
  gcb_rng rng = gcb_rng_seed(3);
  size_t n = 0;
  for (int step = 0; step < 300000; step++) {
    bool growing = step / 50000 % 2 == 0;
    if (n < 30000 && (!n || gcb_rng_below(&rng, 10) < (growing ? 7 : 3))) {
      assert_non_null(t->at[n] = make(t, 16 + 16 * gcb_rng_below(&rng, 4)));
      n++;
    } else {
      size_t i = gcb_rng_below(&rng, n);
      gcb_blocks_free(&t->s, &t->m, t->at[i]);
      t->at[i] = t->at[--n];
    }
    if (step % 10000 == 0) {
      assert_int_equal(objects_in(t), n);
      checked_ledger(t);
    }
  }
  end(t);
}

static void larger_cells_are_the_last_resort(void **state) {
  (void)state;
  space *t = begin(2 * BLOCK + 2 * 4096, 0);
  assert_non_null(make(t, 64));
  assert_non_null(make(t, 256));
  assert_null(make(t, 16));
  gcb_object *o = gcb_blocks_alloc_larger(&t->s, &t->m, gcb_header(gcb_geometry_fixed(1, 0), 0), 16);
  assert_non_null(o);
  assert_int_equal(gcb_cell_bytes(&t->s, o), 64);
  gcb_blocks_retire(&t->s, &t->m);
  size_t n = 0;
  while (gcb_blocks_alloc_larger(&t->s, &t->m, gcb_header(gcb_geometry_fixed(1, 0), 0), 16)) n++;
  assert_int_equal(n, BLOCK / 64 + BLOCK / 256 - 3);
  assert_int_equal(objects_in(t), n + 3);
  checked_ledger(t);
  end(t);
}

static void refused_pages_change_nothing(void **state) {
  (void)state;
  for (uint64_t nth = 1; nth <= 12; nth++) {
    space *t = begin(UINT64_MAX, 0);
    t->host.fail_commit = nth;
    size_t refused = 0;
    for (size_t i = 0; i < 5000; i++) {
      gcb_object *o = make(t, 64);
      if (!o) {
        refused++;
        assert_non_null(o = make(t, 64)); /* the next request succeeds */
      }
      t->at[i] = o;
    }
    assert_int_equal(refused, 1);
    assert_int_equal(objects_in(t), 5000);
    checked_ledger(t);
    end(t);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(size_classes_cover_every_size_and_waste_little),
      cmocka_unit_test(objects_do_not_overlap_and_are_zero),
      cmocka_unit_test(bound_is_exact_and_everything_under_it_is_used),
      cmocka_unit_test(last_cell_of_a_block_is_swept),
      cmocka_unit_test(no_cell_is_handed_out_twice),
      cmocka_unit_test(unswept_blocks_survive_the_next_mark),
      cmocka_unit_test(empty_blocks_serve_other_sizes_and_are_given_back_when_not_needed),
      cmocka_unit_test(counting_gives_cells_and_blocks_back),
      cmocka_unit_test(cells_stay_exclusive_under_random_frees),
      cmocka_unit_test(larger_cells_are_the_last_resort),
      cmocka_unit_test(refused_pages_change_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
