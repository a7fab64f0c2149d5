#include "kit.h"
#include <stdlib.h>

const gcb_pause_kind kit_kinds[7] = {GCB_MINOR, GCB_MINOR, GCB_MIDDLE, GCB_MINOR,
                                     GCB_MAJOR, GCB_MINOR, GCB_MAJOR};

void kit_begin(contract *c, gcb_mutator *m) {
  c->bare = gcb_shape_new(m, "bare", 0, 0);
  c->leaf = gcb_shape_new(m, "leaf", 0, 16);
  c->link = gcb_shape_new(m, "link", 1, 8);
  c->pair = gcb_shape_new(m, "pair", 2, 8);
  c->node = gcb_shape_new(m, "node", 4, 24);
  c->wide = gcb_shape_new(m, "wide", 12, 40);
  CHECK(c->bare && c->leaf && c->link && c->pair && c->node && c->wide, "a shape was refused");
}

/* ---- stamps ---- */
static uint64_t word(uint64_t id, uint32_t i) {
  return i ? (id + i) * 0x9e3779b97f4a7c15u : id;
}

static void stamp(gcb_mutator *m, gcb_slot obj, uint32_t bytes, uint64_t id) {
  uint64_t block[64];
  for (uint32_t at = 0; at < bytes;) {
    uint32_t n = bytes - at < sizeof block ? bytes - at : (uint32_t)sizeof block;
    for (uint32_t i = 0; i < (n + 7) / 8; i++) block[i] = word(id, at / 8 + i);
    gcb_write(m, obj, at, block, n);
    at += n;
  }
}

static void expect(contract *c, gcb_mutator *m, gcb_slot obj, uint32_t bytes, uint64_t id, const char *what) {
  uint64_t block[64], right[64];
  CHECK(!gcb_is_null(m, obj), "%s: object %llu is gone: its slot is null", what, (unsigned long long)id);
  for (uint32_t at = 0; at < bytes;) {
    uint32_t n = bytes - at < sizeof block ? bytes - at : (uint32_t)sizeof block;
    gcb_read(m, obj, at, block, n);
    for (uint32_t i = 0; i < (n + 7) / 8; i++) right[i] = word(id, at / 8 + i);
    if (memcmp(block, right, n))
      for (uint32_t i = 0; i < n; i++)
        CHECK(((char *)block)[i] == ((char *)right)[i],
              "%s: object %llu, payload byte %u of %u: expected 0x%02x, got 0x%02x (its word is %016llx)",
              what, (unsigned long long)id, at + i, bytes, ((uint8_t *)right)[i], ((uint8_t *)block)[i],
              (unsigned long long)block[i / 8]);
    at += n;
  }
}

bool kit_try(gcb_mutator *m, gcb_slot dst, const gcb_shape *shape, uint64_t id) {
  if (!gcb_new(m, dst, shape)) return false;
  stamp(m, dst, shape->payload, id);
  return true;
}
void kit_new(contract *c, gcb_mutator *m, gcb_slot dst, const gcb_shape *shape, uint64_t id) {
  CHECK(kit_try(m, dst, shape, id), "out of memory for object %llu where there is plenty of room",
        (unsigned long long)id);
}
void kit_array(contract *c, gcb_mutator *m, gcb_slot dst, uint32_t n) {
  CHECK(gcb_new_array(m, dst, n), "out of memory for an array of %u where there is plenty of room", n);
}
void kit_bytes(contract *c, gcb_mutator *m, gcb_slot dst, uint32_t n, uint64_t id) {
  CHECK(gcb_new_bytes(m, dst, n), "out of memory for %u bytes where there is plenty of room", n);
  stamp(m, dst, n, id);
}
void kit_expect(contract *c, gcb_mutator *m, gcb_slot obj, const gcb_shape *shape, uint64_t id,
                const char *what) {
  expect(c, m, obj, shape->payload, id, what);
}
void kit_expect_bytes(contract *c, gcb_mutator *m, gcb_slot obj, uint32_t n, uint64_t id, const char *what) {
  CHECK(!gcb_is_null(m, obj), "%s: byte array %llu is gone", what, (unsigned long long)id);
  CHECK_EQ(gcb_length(m, obj), n, what);
  expect(c, m, obj, n, id, what);
}
uint64_t kit_id(gcb_mutator *m, gcb_slot obj) {
  return gcb_read_u64(m, obj, 0);
}

/* ---- structures ---- */
void kit_list(contract *c, gcb_mutator *m, gcb_slot dst, uint32_t n, uint64_t first) {
  gcb_frame f = gcb_enter(m, 1);
  gcb_slot list = gcb_at(f, 0);
  for (uint32_t i = n; i-- > 0;) {
    CHECK(gcb_construct(m, list, c->link, list), "out of memory for a list of %u", n);
    stamp(m, list, c->link->payload, first + i);
    gcb_poll(m);
  }
  gcb_move(m, dst, list);
  gcb_leave(m, f);
}

void kit_expect_list(contract *c, gcb_mutator *m, gcb_slot list, uint32_t n, uint64_t first,
                     const char *what) {
  gcb_frame f = gcb_enter(m, 1);
  gcb_slot at = gcb_at(f, 0);
  gcb_move(m, at, list);
  for (uint32_t i = 0; i < n; i++) {
    kit_expect(c, m, at, c->link, first + i, what);
    gcb_get(m, at, at, 0);
  }
  CHECK(gcb_is_null(m, at), "%s: the list of %u goes on behind its end", what, n);
  gcb_leave(m, f);
}

void kit_ring(contract *c, gcb_mutator *m, gcb_slot dst, uint32_t n, uint64_t first, gcb_slot held) {
  gcb_frame f = gcb_enter(m, 2);
  gcb_slot head = gcb_at(f, 0), tail = gcb_at(f, 1);
  for (uint32_t i = 0; i < n; i++) {
    gcb_frame two = gcb_enter(m, 2);
    gcb_move(m, gcb_at(two, 0), head);
    gcb_move(m, gcb_at(two, 1), held);
    CHECK(gcb_construct(m, head, c->pair, gcb_at(two, 0)), "out of memory for a ring of %u", n);
    stamp(m, head, c->pair->payload, first + i);
    if (i == 0) gcb_move(m, tail, head);
    gcb_leave(m, two);
  }
  gcb_put(m, tail, 0, head);
  gcb_move(m, dst, head);
  gcb_leave(m, f);
}

/* ---- collections ---- */
void kit_collect(contract *c, gcb_mutator *m, gcb_pause_kind kind) {
  gcb_status status = m->gc->collect(m, kind);
  bool must = kind == GCB_MINOR ? has(c, GCB_CAP(GENERATIONAL))
                                : kind == GCB_MAJOR && has(c, GCB_CAP(RECLAIMS) | GCB_CAP(CYCLES));
  bool may = kind != GCB_MINOR || must;
  CHECK(status == GCB_OK || status == GCB_UNSUPPORTED, "collect(kind %d) answered status %d", kind, status);
  CHECK(!must || status == GCB_OK, "collect(kind %d) is declared, and answered unsupported", kind);
  CHECK(may || status == GCB_UNSUPPORTED, "collect(kind %d) is not declared, and answered ok", kind);
  gcb_poll(m);
}
void kit_settle(contract *c, gcb_mutator *m) {
  kit_collect(c, m, GCB_MAJOR);
  kit_collect(c, m, GCB_MAJOR);
}
void kit_age(contract *c, gcb_mutator *m) {
  for (int i = 0; i < 4; i++) kit_collect(c, m, GCB_MINOR);
  kit_collect(c, m, GCB_MIDDLE);
  kit_collect(c, m, GCB_MIDDLE);
  kit_collect(c, m, GCB_MAJOR);
}
void kit_garbage(contract *c, gcb_mutator *m, uint64_t bytes) {
  gcb_frame f = gcb_enter(m, 1);
  for (uint64_t done = 0; done < bytes; done += c->node->size + c->leaf->size) {
    kit_new(c, m, gcb_at(f, 0), c->node, done);
    kit_new(c, m, gcb_at(f, 0), c->leaf, done);
    gcb_poll(m);
  }
  gcb_leave(m, f);
}

/* ---- audits ---- */
static gcb_reach audit(contract *c, gcb_mutator *m, gcb_space_ledger *l) {
  gcb_reach reach = {0};
  char why[300] = "";
  while (!gcb_stop_world(m)) {
  }
  gcb_heap *h = &c->in->heap;
  gcb_status status = gcb_reachable(c->in, &reach, why, sizeof why);
  CHECK(status == GCB_OK || status == GCB_UNSUPPORTED, "walk from the roots: %s", why);
  m->gc->ledger(h, l);
  uint64_t sum = l->objects + l->rounding + l->free + l->reserve + l->metadata;
  CHECK(
      sum == gcb_committed(h),
      "the ledger adds up to %llu, committed are %llu (objects %llu, rounding %llu, free %llu, reserve %llu, "
      "metadata %llu)",
      (unsigned long long)sum, (unsigned long long)gcb_committed(h), (unsigned long long)l->objects,
      (unsigned long long)l->rounding, (unsigned long long)l->free, (unsigned long long)l->reserve,
      (unsigned long long)l->metadata);
  CHECK(l->objects >= reach.bytes, "the ledger knows %llu bytes of objects, reachable are %llu",
        (unsigned long long)l->objects, (unsigned long long)reach.bytes);
  CHECK(c->in->peak_committed <= h->limit, "%llu bytes were committed under a bound of %llu",
        (unsigned long long)c->in->peak_committed, (unsigned long long)h->limit);
  gcb_resume_world(m);
  return reach;
}
gcb_reach kit_audit(contract *c, gcb_mutator *m) {
  gcb_space_ledger l;
  return audit(c, m, &l);
}
void kit_exact(contract *c, gcb_mutator *m, uint64_t cyclic) {
  gcb_space_ledger l;
  gcb_reach reach = audit(c, m, &l);
  if (!drops(c) || m->heap->path.roots == GCB_ROOTS_CALL) return;
  uint64_t expected = reach.bytes + (has(c, GCB_CAP(CYCLES)) ? 0 : cyclic);
  CHECK(l.objects == expected,
        "after two major collections the collector holds %llu bytes of objects; reachable are %llu in %llu "
        "objects%s",
        (unsigned long long)l.objects, (unsigned long long)reach.bytes, (unsigned long long)reach.objects,
        expected > reach.bytes ? ", and cyclic garbage that it may keep" : "");
}

uint32_t kit_finals(contract *c, uint64_t token) {
  return __atomic_load_n(&c->finals[token], __ATOMIC_ACQUIRE);
}

/* ---- threads ---- */
struct kit_thread {
  pthread_t thread;
  contract *c;
  void (*fn)(contract *c, gcb_mutator *m, void *arg);
  void *arg;
};

static void *thread_main(void *arg) {
  kit_thread *t = arg;
  contract *c = t->c;
  gcb_status status;
  gcb_mutator *m = gcb_mutator_attach(c->in, &status);
  CHECK(m, "a further mutator was refused with status %d", status);
  gcb_thread *own = m->harness;
  if (setjmp(own->unwind)) contract_fail(c, __FILE__, __LINE__, "fatal: %s", own->why);
  t->fn(c, m, t->arg);
  gcb_mutator_detach(m);
  return NULL;
}

kit_thread *kit_spawn(contract *c, void (*fn)(contract *c, gcb_mutator *m, void *arg), void *arg) {
  kit_thread *t = malloc(sizeof *t);
  CHECK(t, "no memory for a thread");
  *t = (kit_thread){.c = c, .fn = fn, .arg = arg};
  CHECK(!pthread_create(&t->thread, NULL, thread_main, t), "no thread");
  return t;
}
void kit_join(gcb_mutator *m, kit_thread *t) {
  gcb_blocked_begin(m);
  pthread_join(t->thread, NULL);
  gcb_blocked_end(m);
  free(t);
}
