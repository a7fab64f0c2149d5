#include "stress/shrink.h"
#include <stdlib.h>
#include <string.h>

typedef struct shrinker {
  gcb_stress_program *p;
  gcb_stress_fails *fails;
  void *ctx;
  uint32_t trials, most;
} shrinker;

static bool still_fails(shrinker *s, const gcb_stress_program *p) {
  if (s->trials >= s->most) return false;
  s->trials++;
  return s->fails(s->ctx, p);
}

/* Leave out ops [at, at + n) if it fails without them. */
static bool drop(shrinker *s, uint32_t at, uint32_t n) {
  gcb_stress_program less;
  if (!gcb_stress_copy(&less, s->p)) return false;
  memmove(less.ops + at, less.ops + at + n, (less.n - at - n) * sizeof *less.ops);
  less.n -= n;
  bool fails = still_fails(s, &less);
  if (fails) {
    gcb_stress_free(s->p);
    *s->p = less;
  } else {
    gcb_stress_free(&less);
  }
  return fails;
}

/* From the end to the beginning: what comes after the failure goes at once. */
static bool drop_chunks(shrinker *s) {
  bool any = false;
  for (uint32_t size = s->p->n; size >= 1; size = size == 1 ? 0 : (size + 1) / 2)
    for (uint32_t end = s->p->n; end > 0 && s->trials < s->most;) {
      uint32_t at = end > size ? end - size : 0;
      any |= drop(s, at, end - at);
      end = at;
    }
  return any;
}

static bool try_modes(shrinker *s, gcb_stress_modes other) {
  gcb_stress_modes had = s->p->modes;
  if (memcmp(&had, &other, sizeof had) == 0) return false;
  s->p->modes = other;
  if (still_fails(s, s->p)) return true;
  s->p->modes = had;
  return false;
}

static void drop_modes(shrinker *s) {
#define WITHOUT(field, value)                                                                                \
  do {                                                                                                       \
    gcb_stress_modes m = s->p->modes;                                                                        \
    m.field = value;                                                                                         \
    try_modes(s, m);                                                                                         \
  } while (0)
  WITHOUT(together, 0);
  if (s->p->modes.sweep)
    for (uint64_t n = 1; n <= 60 && s->p->modes.sweep; n++) {
      gcb_stress_modes m = s->p->modes;
      m.sweep = false;
      m.fail = n;
      try_modes(s, m);
    }
  WITHOUT(collect, 0);
  WITHOUT(safepoints, false);
  WITHOUT(starve, false);
  WITHOUT(relocate, false);
  WITHOUT(barrier, false);
  WITHOUT(fail, 0);
  WITHOUT(base, 0);
  WITHOUT(vary, 0);
  WITHOUT(tiny, false);
  WITHOUT(protect, false);
  WITHOUT(poison, false);
  WITHOUT(limit, 16 << 20);
#undef WITHOUT
}

static bool smaller_numbers(shrinker *s) {
  bool any = false;
  for (uint32_t i = 0; i < s->p->n; i++) {
    const char *types = gcb_stress_operands(s->p->ops[i].code);
    for (int k = 0; types[k]; k++) {
      if (types[k] != 'N') continue;
      for (uint32_t had; (had = s->p->ops[i].a[k]) > 0;) {
        static const uint32_t factors[] = {0, 2, 4};
        bool good = false;
        for (int f = 0; f < 3 && !good; f++) {
          s->p->ops[i].a[k] = f == 0 ? 0 : f == 1 ? had / factors[f] : had - had / factors[f];
          good = s->p->ops[i].a[k] != had && still_fails(s, s->p);
        }
        if (!good) {
          s->p->ops[i].a[k] = had;
          break;
        }
        any = true;
      }
    }
  }
  return any;
}

uint32_t gcb_stress_shrink(gcb_stress_program *p, gcb_stress_fails *fails, void *ctx, uint32_t most) {
  shrinker s = {p, fails, ctx, 0, most};
  drop_chunks(&s);
  drop_modes(&s);
  while (s.trials < most && drop_chunks(&s)) {
  }
  if (smaller_numbers(&s)) drop_chunks(&s);
  return s.trials;
}
