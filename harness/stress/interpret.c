/* Each operation is done twice, on the heap through the mutator's operations and on the shadow, in an order
 * in which a collection within the operation finds both alike. */
#include "stress/interpret.h"

enum { MOST_FORCED = 6 }; /* collections in one operation: a long list needs no thousands */

static uint32_t frame_size(gcb_stress_run *r) {
  gcb_shadow_thread *t = gcb_stress_mine(r);
  return t->top - t->frames[t->n_frames - 1];
}

gcb_place gcb_stress_at(gcb_stress_run *r, gcb_mutator *m, uint32_t operand) {
  if (operand >= GCB_STRESS_GLOBAL) {
    uint32_t i = operand - GCB_STRESS_GLOBAL;
    if (r->together && (i + r->meetings) % GCB_STRESS_THREADS != gcb_stress_me->id)
      return (gcb_place){{NULL}, NULL};
    return (gcb_place){gcb_global(m, i), &r->shadow.globals[i]};
  }
  gcb_shadow_thread *t = gcb_stress_mine(r);
  if (operand >= frame_size(r)) return (gcb_place){{NULL}, NULL};
  uint32_t i = t->frames[t->n_frames - 1] + operand;
  return (gcb_place){{m->end - GCB_STACK_SLOTS + i}, &t->slots[i]};
}

/* ---- frames ---- */
static gcb_frame push(gcb_stress_run *r, gcb_mutator *m, uint32_t n) {
  gcb_shadow_thread *t = gcb_stress_mine(r);
  t->frames[t->n_frames++] = t->top;
  for (uint32_t i = 0; i < n; i++) t->slots[t->top++] = NULL;
  return gcb_enter(m, n);
}
static void pop(gcb_stress_run *r, gcb_mutator *m) {
  gcb_shadow_thread *t = gcb_stress_mine(r);
  uint32_t base = t->frames[--t->n_frames], n = t->top - base;
  t->top = base;
  gcb_leave(m, (gcb_frame){m->end - GCB_STACK_SLOTS + base, n});
}

/* ---- what stands in a slot, as the mutator sees it ---- */
void gcb_stress_look(gcb_stress_run *r, gcb_mutator *m, gcb_place p, const char *after) {
  const gcb_twin *t = *p.twin;
  bool null = gcb_is_null(m, p.slot);
  if (null != (t == NULL))
    gcb_stress_fail(r, null ? "lost" : "stale", "%s gave %s, expected %s", after, null ? "null" : "an object",
                    t ? "an object" : "null");
  if (!t || gcb_twin_is_special(t) || !gcb_stress_owns(t)) return;
  if (t->gone)
    gcb_stress_fail(r, "undead", "%s gave object %u, to which references were cleared", after, t->id);
  if (gcb_kind(t->geometry) != GCB_KIND_FIXED && gcb_length(m, p.slot) != gcb_length_of(t->geometry))
    gcb_stress_fail(r, "identity", "%s gave an array of %u, expected object %u, of %u", after,
                    gcb_length(m, p.slot), t->id, gcb_length_of(t->geometry));
  if (gcb_stress_payload(t) < 8) return;
  uint64_t word = gcb_read_u64(m, p.slot, 0), right = t->stamp ? gcb_stress_word_of(t, 0) : 0;
  if (word != right)
    gcb_stress_fail(r, "payload", "%s gave an object whose first word is %016llx; in object %u it is %016llx",
                    after, (unsigned long long)word, t->id, (unsigned long long)right);
}

/* ---- allocation ---- */
void gcb_stress_collect(gcb_stress_run *r, gcb_mutator *m, uint32_t kind) {
  gcb_stress_crew *c = gcb_stress_me;
  c->fresh = NULL;
  if (!r->together) r->collecting = kind;
  gcb_status status = m->gc->collect(m, kind);
  if (!r->together) r->collecting = GCB_PAUSE_KINDS;
  if (status != GCB_OK && status != GCB_UNSUPPORTED && status != GCB_OOM)
    gcb_stress_fail(r, "status", "collect answered status %d", status);
  if (status == GCB_OK) c->counts->collections++;
}

static void force(uint32_t kind) {
  gcb_stress_crew *c = gcb_stress_me;
  static const uint32_t kinds[] = {GCB_MINOR, GCB_MINOR, GCB_MIDDLE, GCB_MINOR, GCB_MAJOR};
  c->forced++;
  gcb_stress_collect(c->run, c->m, kind == GCB_PAUSE_KINDS ? kinds[c->kinds++ % 5] : kind);
}

static void before(gcb_stress_run *r) {
  const gcb_stress_modes *o = &r->program->modes;
  gcb_stress_crew *c = gcb_stress_me;
  c->fresh = NULL;
  if (!o->collect || ++c->allocations % o->collect || c->forced >= MOST_FORCED) return;
  c->counts->forced_collections++;
  force(o->collect_kind);
}

void gcb_stress_safepoint(gcb_stress_run *r, gcb_mutator *m) {
  const gcb_stress_modes *o = &r->program->modes;
  gcb_stress_crew *c = gcb_stress_me;
  c->fresh = NULL;
  if (o->safepoints && c->forced < MOST_FORCED) {
    c->counts->at_safepoints++;
    force(o->safepoint_kind);
  }
  gcb_poll(m);
}

/* Out of memory where there is room: only said when it is beyond doubt. */
bool gcb_stress_refused(gcb_stress_run *r, size_t bytes) {
  const gcb_stress_modes *o = &r->program->modes;
  gcb_stress_me->counts->out_of_memory++;
  if (r->in.fail_commit || o->starve || r->together || o->limit < 8 << 20 || bytes > o->limit / 16 ||
      !gcb_stress_has(r, GCB_CAP(RECLAIMS) | GCB_CAP(CYCLES) | GCB_CAP(EXACT)))
    return false;
  uint64_t live = gcb_shadow_bytes(&r->shadow, gcb_shadow_close(&r->shadow, true, UINT32_MAX, true));
  if (live + bytes < o->limit / 16)
    gcb_stress_fail(r, "room", "out of memory for %zu bytes with %llu live in a bound of %llu", bytes,
                    (unsigned long long)live, (unsigned long long)o->limit);
  return false;
}

static bool made(gcb_stress_run *r, gcb_place dst, uint32_t geometry, bool done) {
  if (!done) return gcb_stress_refused(r, gcb_size_of(geometry));
  gcb_stress_crew *c = gcb_stress_me;
  gcb_twin *t = gcb_shadow_new(&r->shadow, c->id, geometry);
  if (!t) gcb_stress_fail(r, "harness", "no memory for the shadow");
  *dst.twin = t;
  c->fresh = t;
  return true;
}

static const gcb_shape *shape(gcb_stress_run *r, gcb_mutator *m, uint32_t refs, uint32_t payload) {
  const gcb_shape *s = gcb_shape_new(m, "program", refs, (payload + 7) & ~7u);
  if (!s) gcb_stress_fail(r, "shape", "a shape of %u slots and %u bytes was refused", refs, payload);
  return s;
}

static bool create(gcb_stress_run *r, gcb_mutator *m, gcb_place dst, uint32_t refs, uint32_t payload) {
  const gcb_shape *s = shape(r, m, refs, payload);
  before(r);
  return made(r, dst, gcb_geometry_fixed(refs, s->payload), gcb_new(m, dst.slot, s));
}

static bool construct(gcb_stress_run *r, gcb_mutator *m, gcb_place dst, uint32_t refs, uint32_t payload,
                      gcb_place first) {
  const gcb_shape *s = shape(r, m, refs, payload);
  gcb_twin *old[GCB_STRESS_SLOTS];
  before(r);
  memcpy(old, first.twin, refs * sizeof *old);
  if (!made(r, dst, gcb_geometry_fixed(refs, s->payload), gcb_construct(m, dst.slot, s, first.slot)))
    return false;
  memcpy((*dst.twin)->slots, old, refs * sizeof *old);
  return true;
}

static void stamp(gcb_mutator *m, gcb_place p, uint32_t number) {
  gcb_twin *t = *p.twin;
  uint64_t block[128];
  uint32_t bytes = gcb_stress_payload(t);
  t->stamp = number | 1;
  for (uint32_t done = 0; done < bytes;) {
    uint32_t n = bytes - done < sizeof block ? bytes - done : (uint32_t)sizeof block;
    for (uint32_t i = 0; i < (n + 7) / 8; i++) block[i] = gcb_stress_word_of(t, done / 8 + i);
    gcb_write(m, p.slot, done, block, n);
    done += n;
  }
}

static void chain(gcb_stress_run *r, gcb_mutator *m, gcb_place dst, uint32_t n, bool ring) {
  push(r, m, 3);
  gcb_place head = gcb_stress_at(r, m, 0), tail = gcb_stress_at(r, m, 2);
  bool good = true;
  for (uint32_t i = 0; i < n && good; i++) {
    good = construct(r, m, head, ring ? 2 : 1, 8, head);
    if (good) stamp(m, head, i);
    if (good && i == 0) {
      gcb_move(m, tail.slot, head.slot);
      *tail.twin = *head.twin;
    }
    if (i % 16 == 15) gcb_stress_safepoint(r, m);
  }
  if (good && ring && n) {
    gcb_put(m, tail.slot, 0, head.slot);
    (*tail.twin)->slots[0] = *head.twin;
  }
  if (good) {
    *dst.twin = *head.twin;
    gcb_move(m, dst.slot, head.slot);
  }
  pop(r, m);
}

/* Slots of an object that this mutator may look into. */
static uint32_t holds(const gcb_twin *t) {
  return gcb_twin_is_special(t) || !gcb_stress_owns(t) ? 0 : t->n_slots;
}

/* Stores into many objects, which may be old: what remembered sets are for. */
static void scatter(gcb_stress_run *r, gcb_mutator *m, gcb_place from, uint32_t n) {
  push(r, m, 2);
  gcb_place walk = gcb_stress_at(r, m, 0), fresh = gcb_stress_at(r, m, 1);
  *walk.twin = *from.twin;
  gcb_move(m, walk.slot, from.slot);
  for (; n > 0 && *walk.twin && holds(*walk.twin) > 1; n--) {
    uint32_t last = (*walk.twin)->n_slots - 1;
    if (!create(r, m, fresh, 1, 8)) break;
    (*walk.twin)->slots[last] = *fresh.twin;
    gcb_put(m, walk.slot, last, fresh.slot);
    *walk.twin = (*walk.twin)->slots[0];
    gcb_get(m, walk.slot, walk.slot, 0);
  }
  pop(r, m);
}

/* Fresh objects into the slots of one. */
static void fill(gcb_stress_run *r, gcb_mutator *m, gcb_place table, uint32_t n) {
  push(r, m, 1);
  gcb_place fresh = gcb_stress_at(r, m, 0);
  if (n > (*table.twin)->n_slots) n = (*table.twin)->n_slots;
  for (uint32_t i = 0; i < n && create(r, m, fresh, 1, 8); i++) {
    (*table.twin)->slots[i] = *fresh.twin;
    gcb_put(m, table.slot, i, fresh.slot);
  }
  pop(r, m);
}

static void garbage(gcb_stress_run *r, gcb_mutator *m, uint32_t n) {
  push(r, m, 1);
  for (uint32_t i = 0; i < n && create(r, m, gcb_stress_at(r, m, 0), i % 3, 8 * (i % 5)); i++)
    if (i % 16 == 15) gcb_stress_safepoint(r, m);
  pop(r, m);
}

/* ---- weak references ---- */
/* Threads that run together judge when they meet: what is gone stays gone. */
static void is_cleared(gcb_stress_run *r, gcb_twin *special) {
  gcb_twin *target = special->slots[0];
  if (special->cleared) return;
  special->cleared = true;
  gcb_stress_me->counts->weak_cleared++;
  if (r->together) return;
  if (target->mark == gcb_stress_close_weak(r))
    gcb_stress_fail(r, "cleared", "the %s %u is cleared, and its %s %u can be reached",
                    special->geometry == GCB_GEOMETRY_WEAK ? "weak reference" : "ephemeron", special->id,
                    special->geometry == GCB_GEOMETRY_WEAK ? "target" : "key", target->id);
  target->gone = !gcb_stress_has(r, GCB_CAP(SHORT_WEAK)); /* else a finalizer may still bring it back */
}

static void take_weak(gcb_stress_run *r, gcb_mutator *m, gcb_place dst, gcb_place src, gcb_stress_code code) {
  gcb_twin *special = *src.twin, *expected = special->slots[code == GCB_STRESS_EPHEMERON_GET];
  *dst.twin = NULL;
  if (code == GCB_STRESS_WEAK_GET)
    gcb_weak_get(m, dst.slot, src.slot);
  else if (code == GCB_STRESS_EPHEMERON_KEY)
    gcb_ephemeron_key(m, dst.slot, src.slot);
  else
    gcb_ephemeron_get(m, dst.slot, src.slot);
  if (gcb_is_null(m, dst.slot)) {
    if (expected) is_cleared(r, special);
    return;
  }
  if (special->cleared)
    gcb_stress_fail(r, "undead", "%s of %u gave an object again after it was cleared", gcb_stress_word(code),
                    special->id);
  *dst.twin = expected;
  gcb_stress_look(r, m, dst, gcb_stress_word(code));
}

/* ---- all operations ---- */
/* False: it does not fit the moment. */
static bool perform(gcb_stress_run *r, gcb_mutator *m, gcb_stress_op op) {
  const uint32_t *a = op.a;
  const char *types = gcb_stress_operands(op.code);
  gcb_place p[3] = {0};
  for (int i = 0; types[i]; i++) {
    if (types[i] != 'S' && types[i] != 'D') continue;
    p[i] = gcb_stress_at(r, m, a[i]);
    if (!p[i].twin) return false;
  }
  gcb_stress_crew *c = gcb_stress_me;
  gcb_twin *first = p[0].twin ? *p[0].twin : NULL, *second = p[1].twin ? *p[1].twin : NULL;
  uint32_t slots = first ? holds(first) : 0;
  bool inside = first && gcb_stress_owns(first), inside_second = second && gcb_stress_owns(second);
  gcb_shadow_thread *t = gcb_stress_mine(r);
  switch (op.code) {
  case GCB_STRESS_NEW:
    if (a[1] > 2000 || a[2] > 20000) return false;
    create(r, m, p[0], a[1], a[2]);
    return true;
  case GCB_STRESS_ARRAY:
  case GCB_STRESS_BYTES: {
    if (a[1] > 1 << 22) return false;
    before(r);
    bool array = op.code == GCB_STRESS_ARRAY;
    made(r, p[0], gcb_geometry_array(array ? GCB_KIND_REFS : GCB_KIND_BYTES, a[1]),
         array ? gcb_new_array(m, p[0].slot, a[1]) : gcb_new_bytes(m, p[0].slot, a[1]));
    return true;
  }
  case GCB_STRESS_CONSTRUCT: {
    bool global = a[2] >= GCB_STRESS_GLOBAL;
    if (global && r->together) return false;
    uint32_t room = global ? GCB_STRESS_GLOBAL + GCB_STRESS_GLOBALS - a[2] : frame_size(r) - a[2];
    if (a[1] > room || a[1] > GCB_STRESS_SLOTS) return false;
    construct(r, m, p[0], a[1], 8, p[2]);
    return true;
  }
  case GCB_STRESS_INIT:
    if (!slots || first != c->fresh || first->slots[a[1] % slots]) return false;
    gcb_init(m, p[0].slot, a[1] % slots, p[2].slot);
    first->slots[a[1] % slots] = *p[2].twin;
    return true;
  case GCB_STRESS_PUT:
    if (!slots) return false;
    first->slots[a[1] % slots] = *p[2].twin;
    gcb_put(m, p[0].slot, a[1] % slots, p[2].slot);
    return true;
  case GCB_STRESS_PUT_NULL:
    if (!slots) return false;
    first->slots[a[1] % slots] = NULL;
    gcb_put_null(m, p[0].slot, a[1] % slots);
    return true;
  case GCB_STRESS_GET:
    if (!second || !holds(second)) return false;
    *p[0].twin = second->slots[a[2] % second->n_slots];
    gcb_get(m, p[0].slot, p[1].slot, a[2] % second->n_slots);
    gcb_stress_look(r, m, p[0], "get");
    return true;
  case GCB_STRESS_MOVE:
    *p[0].twin = second;
    gcb_move(m, p[0].slot, p[1].slot);
    return true;
  case GCB_STRESS_CLEAR:
    *p[0].twin = NULL;
    gcb_clear(m, p[0].slot);
    return true;
  case GCB_STRESS_WRITE:
    if (!inside || gcb_twin_is_special(first) || !gcb_stress_payload(first)) return false;
    stamp(m, p[0], a[1]);
    return true;
  case GCB_STRESS_WEAK:
    if (!second || !gcb_stress_has(r, GCB_CAP(WEAK))) return false;
    before(r);
    if (made(r, p[0], GCB_GEOMETRY_WEAK, gcb_weak_new(m, p[0].slot, p[1].slot)))
      (*p[0].twin)->slots[0] = second;
    return true;
  case GCB_STRESS_EPHEMERON: {
    if (!second || !gcb_stress_has(r, GCB_CAP(EPHEMERONS))) return false;
    gcb_twin *value = *p[2].twin;
    before(r);
    if (!made(r, p[0], GCB_GEOMETRY_EPHEMERON, gcb_ephemeron_new(m, p[0].slot, p[1].slot, p[2].slot)))
      return true;
    (*p[0].twin)->slots[0] = second;
    (*p[0].twin)->slots[1] = value;
    __atomic_store_n(&second->is_key, true, __ATOMIC_RELAXED);
    return true;
  }
  case GCB_STRESS_WEAK_GET:
    if (!inside_second || second->geometry != GCB_GEOMETRY_WEAK) return false;
    take_weak(r, m, p[0], p[1], op.code);
    return true;
  case GCB_STRESS_EPHEMERON_KEY:
  case GCB_STRESS_EPHEMERON_GET:
    if (!inside_second || second->geometry != GCB_GEOMETRY_EPHEMERON) return false;
    take_weak(r, m, p[0], p[1], op.code);
    return true;
  case GCB_STRESS_EPHEMERON_PUT: {
    if (!inside || first->geometry != GCB_GEOMETRY_EPHEMERON) return false;
    push(r, m, 1);
    gcb_place key = gcb_stress_at(r, m, 0); /* whether the key is there decides, and holds it meanwhile */
    take_weak(r, m, key, (gcb_place){p[0].slot, p[0].twin}, GCB_STRESS_EPHEMERON_KEY);
    if (*key.twin) first->slots[1] = second;
    gcb_ephemeron_put(m, p[0].slot, p[1].slot);
    pop(r, m);
    return true;
  }
  case GCB_STRESS_FINALIZER:
    if (!first || !gcb_stress_has(r, GCB_CAP(FINALIZERS))) return false;
    gcb_stress_watch(r, m, p[0], a[1], a[2]);
    return true;
  case GCB_STRESS_LIST:
  case GCB_STRESS_RING:
    chain(r, m, p[0], a[1] % 100000, op.code == GCB_STRESS_RING);
    return true;
  case GCB_STRESS_SCATTER:
    if (!first) return false;
    scatter(r, m, p[0], a[1] % 100000);
    return true;
  case GCB_STRESS_FILL:
    if (!slots) return false;
    fill(r, m, p[0], a[1]);
    return true;
  case GCB_STRESS_GARBAGE:
    garbage(r, m, a[0] % 100000);
    return true;
  case GCB_STRESS_COLLECT:
    gcb_stress_collect(r, m, a[0]);
    return true;
  case GCB_STRESS_SETTLE:
    if (r->together) return false;
    gcb_stress_settle(r, m);
    return true;
  case GCB_STRESS_POLL:
    gcb_stress_safepoint(r, m);
    return true;
  case GCB_STRESS_ENTER:
    if (t->n_frames >= GCB_STRESS_FRAMES) return false;
    push(r, m, a[0] % (GCB_STRESS_SLOTS + 1));
    return true;
  case GCB_STRESS_LEAVE:
    if (t->n_frames < 2 || ((gcb_thread *)m->harness)->in_finalizer) return false;
    pop(r, m);
    return true;
  default:
    return false;
  }
}

/* A count that has just stuck is that of an object which a slot refers to. */
static void look_for_stuck(gcb_stress_run *r, const gcb_mutator *m) {
  gcb_object *const *slots = m->end - GCB_STACK_SLOTS, *o;
  for (uint32_t i = 0; i < gcb_stress_mine(r)->top; i++)
    if ((o = slots[i]) && (int32_t)o->bits < 0) r->stuck = true;
  for (uint32_t i = 0; i < GCB_STRESS_GLOBALS; i++)
    if ((o = r->in.slots[i]) && (int32_t)o->bits < 0) r->stuck = true;
}

void gcb_stress_step(gcb_stress_run *r, gcb_mutator *m, gcb_stress_op op) {
  gcb_stress_crew *c = gcb_stress_me;
  c->code = op.code;
  c->forced = 0;
  if (!r->together) r->step++;
  if (perform(r, m, op))
    c->counts->operations++;
  else
    c->counts->passed_over++;
  if (r->together) return;
  if (r->in.heap.path.roots == GCB_ROOTS_COUNTED && !r->stuck) look_for_stuck(r, m);
  gcb_stress_judge_ready(r);
  if (r->in.stops != r->stops || r->step % 64 == 0) gcb_stress_audit(r, m, false);
}
