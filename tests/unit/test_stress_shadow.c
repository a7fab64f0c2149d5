/* The shadow knows what can be reached, and what counting cannot free. */
#include "stress/shadow_heap.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static gcb_shadow s;
static gcb_twin *pair(gcb_twin *a, gcb_twin *b) {
  gcb_twin *t = gcb_shadow_new(&s, 0, gcb_geometry_fixed(2, 0));
  t->slots[0] = a;
  t->slots[1] = b;
  return t;
}
static gcb_twin *ephemeron(gcb_twin *key, gcb_twin *value) {
  gcb_twin *t = gcb_shadow_new(&s, 0, GCB_GEOMETRY_EPHEMERON);
  t->slots[0] = key;
  t->slots[1] = value;
  key->is_key = true;
  return t;
}
static bool is_marked(const gcb_twin *t, uint32_t mark) {
  return t->mark == mark;
}
static uint32_t roots(void) {
  return gcb_shadow_close(&s, true, UINT32_MAX, false);
}

static void what_roots_reach_is_marked(void **state) {
  (void)state;
  gcb_twin *a = pair(NULL, NULL), *b = pair(a, NULL), *lost = pair(b, NULL);
  s.globals[3] = b;
  uint32_t mark = roots();
  assert_true(a->mark == mark && b->mark == mark && lost->mark != mark);
  assert_int_equal(gcb_shadow_bytes(&s, mark), 2 * 24);
  gcb_shadow_free(&s);
}

static void an_ephemeron_needs_its_key(void **state) {
  (void)state;
  gcb_twin *key = pair(NULL, NULL), *value = pair(NULL, NULL), *e = ephemeron(key, value);
  gcb_twin *second = ephemeron(value, pair(NULL, NULL)), *own = pair(NULL, NULL),
           *self = ephemeron(own, pair(own, NULL));
  s.globals[0] = second; /* before the one that keeps its key */
  s.globals[1] = e;
  s.globals[2] = self;
  uint32_t mark = roots();
  assert_true(value->mark != mark && second->slots[1]->mark != mark);
  s.globals[3] = key;
  mark = roots();
  assert_true(value->mark == mark && second->slots[1]->mark == mark);
  assert_true(own->mark != mark); /* held by its own value only */
  gcb_shadow_free(&s);
}

static void pending_finalizers_hold_when_asked(void **state) {
  (void)state;
  gcb_twin *held = pair(NULL, NULL), *dying = pair(held, NULL);
  uint32_t token = gcb_shadow_register(&s, dying, GCB_STRESS_FINAL_NOTHING, 0);
  assert_false(is_marked(held, roots()));
  assert_true(is_marked(held, gcb_shadow_close(&s, true, UINT32_MAX, true)));
  s.pending[token].state = GCB_PENDING_READY;
  s.pending[token].since = 7;
  assert_true(is_marked(held, roots()));
  assert_false(is_marked(held, gcb_shadow_close(&s, true, 7, false))); /* made ready by operation 7 itself */
  assert_true(is_marked(held, gcb_shadow_close(&s, true, 8, false)));
  gcb_shadow_free(&s);
}

static void counting_keeps_cycles_and_what_they_hold(void **state) {
  (void)state;
  gcb_twin *held = pair(NULL, NULL), *a = pair(NULL, held), *b = pair(a, NULL);
  a->slots[0] = b;
  gcb_twin *above = pair(a, NULL); /* refers to the cycle, and dies */
  gcb_twin *key = pair(NULL, NULL), *value = pair(key, NULL), *e = ephemeron(key, value);
  s.globals[0] = e; /* its value holds the key: for counting that is a cycle */
  uint32_t mark = roots();
  assert_int_equal(gcb_shadow_count(&s, mark), (3 + 2) * 24);
  assert_true(above->freed && !a->freed && !held->freed && !value->freed);
  a->slots[0] = NULL; /* the cycle is cut */
  assert_int_equal(gcb_shadow_count(&s, mark), 2 * 24);
  assert_true(a->freed && b->freed && held->freed);
  gcb_shadow_free(&s);
}

static void a_dead_key_releases_the_value(void **state) {
  (void)state;
  gcb_twin *deep = pair(NULL, NULL), *key = pair(NULL, NULL), *e = ephemeron(key, pair(deep, NULL));
  s.globals[0] = e;
  s.globals[1] = key;
  assert_int_equal(gcb_shadow_count(&s, roots()), 0);
  s.globals[1] = NULL;
  assert_int_equal(gcb_shadow_count(&s, roots()), 0);
  assert_true(key->freed && deep->freed && !e->freed);
  gcb_shadow_free(&s);
}

/* What the global of a turn reaches changes hands; what only a frame reaches does not. */
static void objects_are_handed_over_through_globals(void **state) {
  (void)state;
  gcb_twin *handed = gcb_shadow_new(&s, 1, gcb_geometry_fixed(1, 0)),
           *child = gcb_shadow_new(&s, 0, gcb_geometry_fixed(1, 0)),
           *kept = gcb_shadow_new(&s, 1, gcb_geometry_fixed(1, 0));
  handed->slots[0] = child;
  s.globals[1] = handed;
  s.threads[3].slots[0] = kept;
  s.threads[3].top = 1;
  s.threads[2].slots[0] = child; /* a global goes first */
  s.threads[2].top = 1;
  gcb_shadow_share(&s, 1); /* global 1 is thread (1 + 1) % 4's now */
  assert_int_equal(handed->owner, 2);
  assert_int_equal(child->owner, 2);
  assert_int_equal(kept->owner, 3);
  gcb_shadow_share(&s, 3);
  assert_int_equal(handed->owner, 0);
  assert_int_equal(child->owner, 0);
  assert_int_equal(kept->owner, 3);
  gcb_shadow_free(&s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(objects_are_handed_over_through_globals),
      cmocka_unit_test(what_roots_reach_is_marked),
      cmocka_unit_test(an_ephemeron_needs_its_key),
      cmocka_unit_test(pending_finalizers_hold_when_asked),
      cmocka_unit_test(counting_keeps_cycles_and_what_they_hold),
      cmocka_unit_test(a_dead_key_releases_the_value),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
