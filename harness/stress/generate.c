/* Weights lean to states, not to volume. A program is a row of scenes, each of which brings the heap into a
 * state in which real collectors have failed (aged and then written, a large young object that holds a young
 * one, a finalizer that stores its object into something old), with random operations between them.
 */
#include "stress/generate.h"
#include <gcbench/rng.h>

typedef enum { NOTHING, HOLDER, BLOB, WEAKLY, EPHEMERAL } kind;

typedef struct maker {
  gcb_stress_program *p;
  gcb_rng rng;
  unsigned modes;
  bool full; /* no memory */
  uint32_t thread, threads;
  kind frame[GCB_STRESS_THREADS][GCB_STRESS_SLOTS], global[GCB_STRESS_GLOBALS];
} maker;

const char *gcb_stress_mode_word(unsigned bit) {
  static const char *const words[] = {
#define X(id, word) word,
      GCB_STRESS_MODES(X)
#undef X
          NULL};
  return bit < GCB_STRESS_MODE_KINDS ? words[bit] : NULL;
}

static uint32_t below(maker *k, uint32_t n) {
  return (uint32_t)gcb_rng_below(&k->rng, n);
}
static bool chance(maker *k, uint32_t percent) {
  return below(k, 100) < percent;
}
static kind *kind_of(maker *k, uint32_t slot) {
  return slot >= GCB_STRESS_GLOBAL ? &k->global[slot - GCB_STRESS_GLOBAL] : &k->frame[k->thread][slot];
}
static void emit(maker *k, gcb_stress_code code, uint32_t a, uint32_t b, uint32_t c) {
  if (!gcb_stress_add(k->p, (gcb_stress_op){code, {a, b, c}})) k->full = true;
}

static uint32_t any(maker *k) {
  return chance(k, 70) ? below(k, GCB_STRESS_SLOTS) : GCB_STRESS_GLOBAL + below(k, GCB_STRESS_GLOBALS);
}
/* A slot that probably holds this; any slot when none turns up. */
static uint32_t one(maker *k, kind wanted) {
  uint32_t s = any(k);
  for (int i = 0; i < 12 && *kind_of(k, s) != wanted; i++) s = any(k);
  return s;
}
static uint32_t object(maker *k) {
  return one(k, chance(k, 85) ? HOLDER : BLOB);
}

/* ---- making things ---- */
static uint32_t extent(maker *k) {
  uint32_t p = below(k, 100);
  return p < 65 ? below(k, 12) : p < 90 ? below(k, 150) : p < 98 ? below(k, 1500) : below(k, 6000);
}

static void make(maker *k, uint32_t dst) {
  uint32_t p = below(k, 100);
  kind made = HOLDER;
  if (p < 45) {
    emit(k, GCB_STRESS_NEW, dst, chance(k, 90) ? 1 + below(k, 6) : below(k, 300), 8 * below(k, 6));
  } else if (p < 60) {
    emit(k, GCB_STRESS_CONSTRUCT, dst, 1 + below(k, 4), below(k, GCB_STRESS_SLOTS - 4));
  } else if (p < 75) {
    emit(k, GCB_STRESS_ARRAY, dst, 1 + extent(k), 0);
  } else if (p < 90) {
    emit(k, GCB_STRESS_BYTES, dst, (chance(k, 80) ? 1 : 8) * extent(k), 0);
    made = BLOB;
  } else {
    emit(k, chance(k, 50) ? GCB_STRESS_LIST : GCB_STRESS_RING, dst, 1 + below(k, chance(k, 95) ? 20 : 400),
         0);
  }
  *kind_of(k, dst) = made;
  if (made == HOLDER && chance(k, 40)) emit(k, GCB_STRESS_INIT, dst, below(k, 8), any(k));
  if (chance(k, 60)) emit(k, GCB_STRESS_WRITE, dst, below(k, 1000), 0);
}
static uint32_t holder(maker *k, uint32_t dst) {
  emit(k, GCB_STRESS_NEW, dst, 1 + below(k, 4), 8 * below(k, 3));
  *kind_of(k, dst) = HOLDER;
  return dst;
}
static void clear(maker *k, uint32_t s) {
  emit(k, GCB_STRESS_CLEAR, s, 0, 0);
  *kind_of(k, s) = NOTHING;
}
static void collect(maker *k) {
  uint32_t p = below(k, 10);
  emit(k, GCB_STRESS_COLLECT, p < 6 ? GCB_MINOR : p < 8 ? GCB_MIDDLE : GCB_MAJOR, 0, 0);
}
static void age(maker *k) {
  for (uint32_t n = below(k, 4); n > 0; n--) collect(k);
}

/* ---- scenes ---- */
static void aged_then_written(maker *k) {
  uint32_t old = holder(k, any(k)), young = any(k), i = below(k, 6);
  age(k);
  if (chance(k, 30)) emit(k, GCB_STRESS_PUT, old, i, any(k));
  if (chance(k, 30)) age(k);
  make(k, young);
  emit(k, GCB_STRESS_PUT, old, i, young);
  if (young != old) clear(k, young);
  if (chance(k, 50)) emit(k, GCB_STRESS_GARBAGE, below(k, 200), 0, 0);
  age(k);
  emit(k, GCB_STRESS_GET, any(k), old, i);
}
static void large_and_young(maker *k) {
  uint32_t large = any(k), young = any(k), n = 500 + below(k, chance(k, 95) ? 1500 : 12000);
  emit(k, GCB_STRESS_ARRAY, large, n, 0);
  *kind_of(k, large) = HOLDER;
  age(k);
  for (uint32_t i = 0; i < 3; i++) {
    make(k, young);
    emit(k, GCB_STRESS_PUT, large, chance(k, 40) ? n - 1 : below(k, n), young);
  }
  if (young != large) clear(k, young);
  age(k);
  if (chance(k, 50)) clear(k, large);
}
static void small_holds_large(maker *k) {
  uint32_t small = holder(k, any(k)), large = any(k), i = below(k, 4);
  if (chance(k, 50)) age(k);
  emit(k, chance(k, 60) ? GCB_STRESS_BYTES : GCB_STRESS_ARRAY, large,
       (chance(k, 60) ? 8 : 1) * (1000 + below(k, 4000)), 0);
  *kind_of(k, large) = HOLDER;
  emit(k, GCB_STRESS_PUT, small, i, large);
  if (large != small) clear(k, large);
  age(k);
  age(k);
  emit(k, GCB_STRESS_GET, any(k), small, i);
}
static void weak_and_old(maker *k) {
  uint32_t target = any(k), weak = any(k), table = any(k);
  holder(k, table);
  age(k);
  make(k, target);
  age(k);
  emit(k, GCB_STRESS_WEAK, weak, target, 0);
  *kind_of(k, weak) = WEAKLY;
  if (chance(k, 50)) emit(k, GCB_STRESS_PUT, table, below(k, 4), weak);
  if (chance(k, 30)) emit(k, GCB_STRESS_WEAK, any(k), target, 0);
  age(k);
  if (chance(k, 60)) clear(k, target);
  age(k);
  emit(k, GCB_STRESS_WEAK_GET, any(k), weak, 0);
}
static void ephemerons(maker *k) {
  uint32_t table = holder(k, any(k)), n = 1 + below(k, 6), key = any(k), value = any(k), e = any(k);
  holder(k, key);
  age(k);
  for (uint32_t i = 0; i < n; i++) { /* each value the key of the next */
    holder(k, value);
    if (chance(k, 25)) emit(k, GCB_STRESS_PUT, value, below(k, 4), key);
    emit(k, GCB_STRESS_EPHEMERON, e, key, value);
    *kind_of(k, e) = EPHEMERAL;
    if (chance(k, 70)) emit(k, GCB_STRESS_PUT, table, i, e);
    if (chance(k, 30)) age(k);
    if (chance(k, 70)) emit(k, GCB_STRESS_MOVE, key, value, 0);
  }
  if (chance(k, 40)) clear(k, key);
  if (chance(k, 60)) clear(k, value);
  age(k);
  if (chance(k, 40)) emit(k, GCB_STRESS_EPHEMERON_PUT, e, any(k), 0);
  if (chance(k, 40)) age(k);
  emit(k, GCB_STRESS_EPHEMERON_GET, any(k), e, 0);
}
static void old_ephemeron_written(maker *k) {
  uint32_t key = GCB_STRESS_GLOBAL + below(k, GCB_STRESS_GLOBALS), e = any(k), value = any(k);
  holder(k, key);
  emit(k, GCB_STRESS_EPHEMERON, e, key, any(k));
  *kind_of(k, e) = EPHEMERAL;
  for (int i = 0; i < 3; i++) age(k);
  holder(k, value);
  emit(k, GCB_STRESS_EPHEMERON_PUT, e, value, 0);
  if (value != e) clear(k, value);
  for (uint32_t n = 1 + below(k, 3); n > 0; n--) emit(k, GCB_STRESS_COLLECT, GCB_MINOR, 0, 0);
  emit(k, GCB_STRESS_EPHEMERON_GET, any(k), e, 0);
}
static void finalizers(maker *k) {
  uint32_t dying = any(k), n = 1 + below(k, 3);
  if (chance(k, 30))
    emit(k, GCB_STRESS_RING, dying, 1 + below(k, 5), 0);
  else
    make(k, dying);
  *kind_of(k, dying) = HOLDER;
  age(k);
  for (uint32_t i = 0; i < n; i++)
    emit(k, GCB_STRESS_FINALIZER, dying, below(k, GCB_STRESS_FINALS), below(k, GCB_STRESS_GLOBALS));
  if (chance(k, 50)) emit(k, GCB_STRESS_PUT, dying, below(k, 4), object(k));
  age(k);
  if (chance(k, 70)) clear(k, dying);
  collect(k);
  if (chance(k, 70)) emit(k, GCB_STRESS_POLL, 0, 0, 0);
  age(k);
}
static void deep(maker *k) {
  uint32_t s = any(k);
  emit(k, chance(k, 70) ? GCB_STRESS_LIST : GCB_STRESS_RING, s, 20 + below(k, chance(k, 6) ? 2500 : 80), 0);
  *kind_of(k, s) = HOLDER;
  collect(k);
  if (chance(k, 50)) emit(k, GCB_STRESS_PUT, s, 0, object(k));
  if (chance(k, 60)) clear(k, s);
  age(k);
}
static void pressed(maker *k) {
  for (uint32_t n = 3 + below(k, 8); n > 0; n--) {
    uint32_t s = any(k);
    bool blob = chance(k, 65);
    emit(k, blob ? GCB_STRESS_BYTES : GCB_STRESS_ARRAY, s, 1000 + below(k, blob ? 200000 : 6000), 0);
    *kind_of(k, s) = blob ? BLOB : HOLDER;
    emit(k, GCB_STRESS_GARBAGE, below(k, 300), 0, 0);
  }
  if (chance(k, 12)) emit(k, GCB_STRESS_LIST, any(k), below(k, 6000), 0);
}
static void many_old_written(maker *k) {
  uint32_t ring = any(k);
  emit(k, GCB_STRESS_RING, ring, 2 + below(k, 60), 0);
  *kind_of(k, ring) = HOLDER;
  age(k);
  age(k);
  emit(k, GCB_STRESS_SCATTER, ring, 1 + below(k, 60), 0);
  collect(k);
  if (chance(k, 50)) emit(k, GCB_STRESS_SCATTER, ring, 1 + below(k, 60), 0);
  age(k);
}
/* One object with many references to it, which go again: a count that is narrow sticks. */
static void popular(maker *k) {
  uint32_t table = any(k), one = any(k), n = 4 + below(k, 20);
  make(k, one);
  emit(k, GCB_STRESS_ARRAY, table, n, 0);
  *kind_of(k, table) = HOLDER;
  for (uint32_t i = 0; i < n; i++) emit(k, GCB_STRESS_PUT, table, i, one);
  collect(k);
  if (chance(k, 50)) clear(k, one);
  for (uint32_t i = 0; i < n && chance(k, 90); i++) emit(k, GCB_STRESS_PUT_NULL, table, i, 0);
  emit(k, GCB_STRESS_GET, any(k), table, n - 1);
}
/* A wide object: its children fill stacks and cards. */
static void wide(maker *k) {
  uint32_t table = any(k), n = 40 + below(k, chance(k, 15) ? 1100 : 160);
  emit(k, GCB_STRESS_ARRAY, table, n, 0);
  *kind_of(k, table) = HOLDER;
  if (chance(k, 50)) age(k);
  emit(k, GCB_STRESS_FILL, table, n - below(k, n / 4), 0);
  age(k);
  if (chance(k, 40)) clear(k, table);
}
static void threads(maker *k) {
  if (k->threads < 2) return;
  if (k->p->modes.together && chance(k, 30)) emit(k, GCB_STRESS_MEET, 0, 0, 0);
  uint32_t to = below(k, k->threads);
  if (chance(k, 25)) {
    emit(k, GCB_STRESS_END, to, 0, 0);
    if (to == k->thread && to) k->thread = 0;
    for (int i = 0; i < GCB_STRESS_SLOTS && to; i++) k->frame[to][i] = NOTHING;
    return;
  }
  if (chance(k, 50)) emit(k, GCB_STRESS_MOVE, GCB_STRESS_GLOBAL + below(k, GCB_STRESS_GLOBALS), object(k), 0);
  emit(k, GCB_STRESS_THREAD, to, 0, 0);
  k->thread = to;
}

/* ---- one random operation ---- */
static void anything(maker *k) {
  uint32_t p = below(k, 100), d = any(k), s;
  if (p < 22) {
    make(k, d);
  } else if (p < 44) {
    emit(k, GCB_STRESS_PUT, one(k, HOLDER), below(k, chance(k, 80) ? 6 : 30000),
         chance(k, 90) ? object(k) : any(k));
  } else if (p < 54) {
    s = one(k, HOLDER);
    emit(k, GCB_STRESS_GET, d, s, below(k, 6));
    *kind_of(k, d) = HOLDER;
  } else if (p < 60) {
    s = any(k);
    emit(k, GCB_STRESS_MOVE, d, s, 0);
    *kind_of(k, d) = *kind_of(k, s);
  } else if (p < 68) {
    clear(k, d);
  } else if (p < 71) {
    emit(k, GCB_STRESS_PUT_NULL, one(k, HOLDER), below(k, 6), 0);
  } else if (p < 75) {
    emit(k, GCB_STRESS_WRITE, object(k), below(k, 1000), 0);
  } else if (p < 78) {
    emit(k, GCB_STRESS_WEAK, d, chance(k, 90) ? object(k) : any(k), 0);
    *kind_of(k, d) = WEAKLY;
  } else if (p < 80) {
    emit(k, GCB_STRESS_WEAK_GET, d, one(k, WEAKLY), 0);
    *kind_of(k, d) = HOLDER;
  } else if (p < 83) {
    emit(k, GCB_STRESS_EPHEMERON, d, object(k), any(k));
    *kind_of(k, d) = EPHEMERAL;
  } else if (p < 85) {
    s = one(k, EPHEMERAL);
    emit(k, chance(k, 50) ? GCB_STRESS_EPHEMERON_GET : GCB_STRESS_EPHEMERON_KEY, d, s, 0);
    *kind_of(k, d) = HOLDER;
  } else if (p < 86) {
    emit(k, GCB_STRESS_EPHEMERON_PUT, one(k, EPHEMERAL), any(k), 0);
  } else if (p < 88) {
    emit(k, GCB_STRESS_FINALIZER, any(k), below(k, GCB_STRESS_FINALS), below(k, GCB_STRESS_GLOBALS));
  } else if (p < 90) {
    emit(k, GCB_STRESS_GARBAGE, below(k, 300), 0, 0);
  } else if (p < 94) {
    collect(k);
  } else if (p < 96) {
    emit(k, GCB_STRESS_POLL, 0, 0, 0);
  } else if (p < 97) {
    emit(k, GCB_STRESS_SETTLE, 0, 0, 0);
  } else {
    bool enter = chance(k, 50);
    emit(k, enter ? GCB_STRESS_ENTER : GCB_STRESS_LEAVE, enter ? 4 + below(k, GCB_STRESS_SLOTS - 4) : 0, 0,
         0);
  }
}

static void draw_modes(maker *k) {
  gcb_stress_modes *m = &k->p->modes;
  /* Every draw happens, whatever the mask, so that a mode more or less leaves the rest as it is. */
  uint32_t on[GCB_STRESS_MODE_KINDS];
  static const uint32_t percent[] = {30, 35, 25, 12, 50, 25, 30, 30, 25, 10, 1, 10, 20, 20, 50};
  for (int i = 0; i < GCB_STRESS_MODE_KINDS; i++) on[i] = chance(k, percent[i]) && k->modes >> i & 1;
  uint32_t every = 1 + below(k, 1 + below(k, 40)), kind = below(k, 6), room = below(k, 4),
           fail = below(k, 40);
  uint64_t base = gcb_rng_next(&k->rng) >> 16 | 1;
  if (on[GCB_STRESS_MODE_BIT_COLLECT]) {
    m->collect = every;
    m->collect_kind = kind < 3 ? kind : GCB_PAUSE_KINDS;
  }
  if (on[GCB_STRESS_MODE_BIT_SMALL]) m->limit = 512u << 10 << room;
  if (on[GCB_STRESS_MODE_BIT_FAIL]) m->fail = 1 + fail;
  if (on[GCB_STRESS_MODE_BIT_BASE]) m->base = base;
  if (on[GCB_STRESS_MODE_BIT_VARY]) m->vary = 1 + base % 997;
  m->tiny = on[GCB_STRESS_MODE_BIT_TINY];
  m->poison = on[GCB_STRESS_MODE_BIT_POISON];
  m->protect = on[GCB_STRESS_MODE_BIT_PROTECT];
  m->safepoints = on[GCB_STRESS_MODE_BIT_SAFEPOINTS];
  m->safepoint_kind = kind < 3 ? kind : GCB_PAUSE_KINDS;
  if (!m->safepoints) m->safepoint_kind = 0;
  m->relocate = on[GCB_STRESS_MODE_BIT_RELOCATE];
  m->barrier = on[GCB_STRESS_MODE_BIT_BARRIER];
  m->starve = on[GCB_STRESS_MODE_BIT_STARVE];
  m->sweep = on[GCB_STRESS_MODE_BIT_SWEEP] && !m->starve;
  if (m->sweep) m->fail = 0;
  if (on[GCB_STRESS_MODE_BIT_TOGETHER]) {
    m->together = base;
    m->sweep = m->starve = false;
  }
  k->threads = on[GCB_STRESS_MODE_BIT_THREADS] || m->together ? 2 + room % 3 : 1;
}

bool gcb_stress_generate(gcb_stress_program *p, uint64_t seed, unsigned modes) {
  static void (*const scenes[])(maker * k) = {aged_then_written,
                                              aged_then_written,
                                              large_and_young,
                                              small_holds_large,
                                              many_old_written,
                                              old_ephemeron_written,
                                              weak_and_old,
                                              ephemerons,
                                              finalizers,
                                              finalizers,
                                              popular,
                                              wide,
                                              deep};
  maker k = {.p = p, .rng = gcb_rng_seed(seed), .modes = modes};
  gcb_stress_init(p);
  draw_modes(&k);
  bool small = p->modes.limit < 16 << 20;
  uint32_t n = 2 + below(&k, 8);
  if (p->modes.together) n *= 2;
  if (p->modes.sweep) n = 2; /* it runs once for each request */
  for (uint32_t i = 0; i < n; i++) {
    uint32_t which = below(&k, sizeof scenes / sizeof *scenes);
    scenes[which](&k);
    if (small && chance(&k, 40)) pressed(&k);
    for (uint32_t more = below(&k, 12); more > 0; more--) anything(&k);
    threads(&k);
  }
  if (!k.full) return true;
  gcb_stress_free(p);
  return false;
}
