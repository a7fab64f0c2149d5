/* What older generations know of younger ones. Two lists: `remembered`, of middle and old objects that may
 * refer to the nursery, and `midset`, of old objects that refer to the middle generation, which a minor
 * collection need not look at. An object is on the first when its BIT_LOG is clear, on the second when its
 * BIT_MIDSET is set, so it is on each at most once. Large objects keep their BIT_LOG: each store into one
 * marks a card of it, and only marked cards are scanned.
 *
 * A list that finds no room sets `overflow`: its bits then say that an object is on a list though it is not,
 * and the next collection walks the middle and the old generation from end to end and makes both lists anew.
 * Both spaces can be walked because they have no holes: only whole objects are put there, side by side.
 */
#include "common/mutants.h"
#include "gen3.h"

static void push(gen3 *g, gcb_vec *list, gcb_object *o) {
  if (gcb_vec_push(list, o)) return;
  if (!g->overflow) gcb_count(g->heap, GCB_EVENT_REMEMBERED_SET_OVERFLOW);
  g->overflow = true;
}

/* ---- while mutators run ---- */
void gen3_remember(gen3 *g, gcb_object *o) {
  push(g, &g->remembered, o);
}

void gen3_flush_log(gen3 *g, gcb_mutator *m) {
  log_buffer *b = m->local;
  if (!b) return; /* a thread that has said goodbye and is not off the list yet */
  for (uint32_t i = 0; i < b->n; i++) push(g, &g->remembered, b->at[i]);
  __atomic_fetch_add(&g->heap->events[GCB_EVENT_REMEMBERED], b->n, __ATOMIC_RELAXED);
  b->n = 0;
}

/* True for the one caller that clears the log bit (sets the flag) and so has to put the object on the list.
 */
static bool first_to_log(gcb_object *o, bool shared) {
  if (shared) return __atomic_fetch_and(&o->bits, ~(uint32_t)BIT_LOG, __ATOMIC_RELAXED) & BIT_LOG;
  o->bits &= ~(uint32_t)BIT_LOG;
  return true;
}
static bool first_to_mark(gcb_object *o, gcb_object **slot) {
  uint8_t *card = gcb_large_cards(o) + ((size_t)((char *)slot - (char *)o) >> CARD_SHIFT);
  gcb_large *l = gcb_large_of(o);
  __atomic_store_n(card, CARD_NURSERY, __ATOMIC_RELAXED);
  if (__atomic_load_n(&l->flag, __ATOMIC_RELAXED) & LARGE_REMEMBERED) return false;
  return !(__atomic_fetch_or(&l->flag, LARGE_REMEMBERED, __ATOMIC_RELAXED) & LARGE_REMEMBERED);
}

void gen3_log(gcb_mutator *m, gcb_object *o, gcb_object **slot) {
  gen3 *g = m->heap->state;
  log_buffer *b = m->local;
  if (GCB_MUTANT(LOG_NONE)) return;
  if (GCB_MUTANT(LOG_LARGE) && gcb_is_large(&g->large, o)) return;
  bool first = gcb_is_large(&g->large, o) ? first_to_mark(o, slot) : first_to_log(o, m->shared);
  if (!first) return;
  b->at[b->n++] = o;
  if (b->n < LOG_BUFFER) return;
  pthread_mutex_lock(&g->lock);
  gen3_flush_log(g, m);
  pthread_mutex_unlock(&g->lock);
}

/* ---- in a collection ---- */
void gen3_classify(gen3 *g, gcb_object *o, uint32_t seen) {
  if (seen & IN_NURSERY) {
    if (!(o->bits & BIT_LOG)) return;
    o->bits &= ~(uint32_t)BIT_LOG;
    push(g, &g->remembered, o);
  } else if (!GCB_MUTANT(OLD_TO_MIDDLE) && seen & IN_MIDDLE && gen3_space_of(g, o) >= SPACES &&
             !(o->bits & BIT_MIDSET)) {
    o->bits |= BIT_MIDSET;
    push(g, &g->midset, o);
  }
}

void gen3_scan_cards(gen3 *g, gcb_object *o, bool all) {
  uint8_t *cards = gcb_large_cards(o);
  gcb_object **slots = gcb_slots_of(o), **last = slots + gcb_refs_of(o->geometry);
  size_t n = (((size_t)((char *)last - (char *)o) - 1) >> CARD_SHIFT) + 1;
  gcb_large *l = gcb_large_of(o);
  uint32_t seen_all = 0;
  if (GCB_MUTANT(CARD_LAST)) n--;
  for (size_t i = 0; i < n; i++) {
    if (!all && cards[i] == CARD_CLEAN) continue;
    if (!all && cards[i] == CARD_MIDDLE && !(g->from & IN_MIDDLE)) {
      seen_all |= IN_MIDDLE;
      continue;
    }
    gcb_object **from = (gcb_object **)((char *)o + (i << CARD_SHIFT));
    gcb_object **to = from + ((size_t)1 << CARD_SHIFT) / sizeof *to;
    uint32_t seen = gen3_scan(g, i ? from : slots, to < last ? to : last);
    cards[i] = seen & IN_NURSERY ? CARD_NURSERY : seen & IN_MIDDLE ? CARD_MIDDLE : CARD_CLEAN;
    if (GCB_MUTANT(CARD_CLEARED)) cards[i] = CARD_CLEAN;
    seen_all |= cards[i] == CARD_MIDDLE ? IN_MIDDLE : seen & IN_NURSERY;
    g->cards++;
  }
  if (seen_all & IN_NURSERY && !(l->flag & LARGE_REMEMBERED)) {
    l->flag |= LARGE_REMEMBERED;
    push(g, &g->remembered, o);
  }
  if (seen_all & IN_MIDDLE && !(l->flag & LARGE_MIDSET)) {
    l->flag |= LARGE_MIDSET;
    push(g, &g->midset, o);
  }
}

/* Scan a small object that was on a list; it goes on the lists again that it belongs to now. Special objects
 * are put there once they are settled. */
static void scan_again(gen3 *g, gcb_object *o) {
  gcb_object **slots = gcb_slots_of(o);
  if (gcb_kind(o->geometry) == GCB_KIND_SPECIAL)
    gcb_discover(&g->settle, o);
  else
    gen3_classify(g, o, gen3_scan(g, slots, slots + gcb_refs_of(o->geometry)));
}

/* Empty a list and scan what was on it. What goes back on takes a place that was read already. */
static void scan_list(gen3 *g, gcb_vec *list, uint32_t log, uint32_t midset, uint8_t flag) {
  gcb_object **entries = (gcb_object **)list->base;
  size_t n = list->n;
  if (GCB_MUTANT(REMSET_CUT) && n > 4) n = (size_t)1 << (63 - __builtin_clzll(n));
  list->n = 0;
  for (size_t i = 0; i < n; i++) {
    gcb_object *o = entries[i];
    if (i + 4 < n) __builtin_prefetch(entries[i + 4]);
    size_t space = gen3_space_of(g, o);
    if (space < SPACES && g->from >> space & 1) continue; /* looked at when it is copied, if it lives */
    if (gcb_is_large(&g->large, o)) {
      gcb_large_of(o)->flag &= (uint8_t)~flag;
      gen3_scan_cards(g, o, false);
    } else {
      o->bits = (o->bits | (GCB_MUTANT(LOG_ONCE) ? 0 : log)) & ~midset;
      scan_again(g, o);
    }
  }
}

static void walk(gen3 *g, char *at, const char *end) {
  while (at < end) {
    gcb_object *o = (gcb_object *)at;
    at += gcb_size_of(o->geometry);
    o->bits = (o->bits | BIT_LOG) & ~(uint32_t)BIT_MIDSET;
    scan_again(g, o);
  }
}

static void walk_everything(gen3 *g) {
  g->remembered.n = g->midset.n = 0;
  g->overflow = false;
  if (!(g->from & IN_MIDDLE)) walk(g, g->space[g->middle].base, g->to[TO_MIDDLE].start);
  walk(g, g->old.base, g->to[TO_OLD].start);
  for (gcb_large *l = g->large.old; l; l = l->next) {
    l->flag = 0;
    gen3_scan_cards(g, gcb_large_object(l), false);
  }
}

void gen3_scan_remembered(gen3 *g) {
  if (g->overflow && !GCB_MUTANT(REMSET_OVERFLOW)) {
    walk_everything(g);
    return;
  }
  scan_list(g, &g->remembered, BIT_LOG, 0, LARGE_REMEMBERED);
  if (g->from & IN_MIDDLE) scan_list(g, &g->midset, 0, BIT_MIDSET, LARGE_MIDSET);
}
