/* none: never collects. Bump allocation from fresh chunks; what is dropped stays. One candidate for the lower
 * bound among others, and the trusted reference for checksums: nothing here can free or move an object by
 * mistake.
 *
 * Invariant: each mutator's [cursor, limit) is committed, untouched (zero) and its own; chunks are handed out
 * once, in address order.
 *
 * Presets price a barrier or counted roots alone, with nobody using what they record: none+card, none+log,
 * none+count.
 */
#include <gcbench/collector.h>
#include <pthread.h>
#include <stdlib.h>

enum { BARRIER_NONE, BARRIER_CARD, BARRIER_LOG, BARRIER_COUNT };
enum { CHUNK = 1 << 20, CARD_SHIFT = 9, COUNT_ONE = 2, LOG_BIT = 1 };
#define ADDRESS_SPACE ((size_t)1 << 38) /* at most */

typedef struct none {
  pthread_mutex_t lock;
  char *base, *next, *end;
  uint8_t *cards;  /* one byte a card of [base, end) */
  char *cards_end; /* committed so far */
  uint32_t barrier;
  uint64_t handed;   /* bytes of chunks and large objects handed out */
  uint64_t tails;    /* left over at the ends of chunks */
  uint64_t rounding; /* of large objects to pages */
} none;

static const gcb_option options[] = {
    {"barrier", GCB_CHOICE, "none", 0, 0, "none|card|log|count", "write barrier to pay for without using it"},
};
static const gcb_preset presets[] = {
    {"card", "barrier=card"}, {"log", "barrier=log"}, {"count", "barrier=count"}, {NULL, NULL}};

static const gcb_path paths[] = {
    [BARRIER_NONE] = {GCB_ALLOC_BUMP, GCB_WRITE_NONE, GCB_READ_NONE, GCB_ROOTS_PLAIN},
    [BARRIER_CARD] = {GCB_ALLOC_BUMP, GCB_WRITE_CARD, GCB_READ_NONE, GCB_ROOTS_PLAIN},
    [BARRIER_LOG] = {GCB_ALLOC_BUMP, GCB_WRITE_OBJECT_LOG, GCB_READ_NONE, GCB_ROOTS_PLAIN},
    [BARRIER_COUNT] = {GCB_ALLOC_BUMP, GCB_WRITE_COUNT, GCB_READ_NONE, GCB_ROOTS_COUNTED},
};

static gcb_status start(gcb_heap *h, const gcb_value *values, char *why, size_t why_size) {
  none *n = calloc(1, sizeof *n);
  /* No more than the bound: the address space itself may be limited (RLIMIT_AS). */
  size_t space = h->limit < ADDRESS_SPACE - 2 * CHUNK ? (h->limit + 2 * CHUNK - 1) & ~(size_t)(CHUNK - 1)
                                                      : ADDRESS_SPACE;
  (void)why, (void)why_size;
  if (!n) return GCB_OOM;
  n->barrier = (uint32_t)values[0].u;
  h->path = paths[n->barrier];
  n->base = n->next = gcb_reserve(h, space, CHUNK);
  n->end = n->base ? n->base + space : NULL;
  if (n->barrier == BARRIER_CARD) n->cards = gcb_reserve(h, space >> CARD_SHIFT, 4096);
  n->cards_end = (char *)n->cards;
  if (!n->base || (n->barrier == BARRIER_CARD && !n->cards)) {
    free(n);
    return GCB_OOM;
  }
  pthread_mutex_init(&n->lock, NULL);
  h->state = n;
  return GCB_OK;
}

static void stop(gcb_heap *h) {
  none *n = h->state;
  pthread_mutex_destroy(&n->lock);
  free(n);
}

/* Cards for everything up to `next`, before an object can be there to be stored into. */
static bool cover(gcb_heap *h, none *n, char *next) {
  if (n->barrier != BARRIER_CARD) return true;
  char *need = (char *)n->cards + ((((size_t)(next - n->base) >> CARD_SHIFT) + 4095) & ~(size_t)4095);
  if (need <= n->cards_end) return true;
  if (!gcb_commit(h, n->cards_end, (size_t)(need - n->cards_end))) return false;
  n->cards_end = need;
  return true;
}

static char *take(gcb_heap *h, size_t bytes) {
  none *n = h->state;
  char *at = NULL;
  pthread_mutex_lock(&n->lock);
  if (bytes <= (size_t)(n->end - n->next) && cover(h, n, n->next + bytes) && gcb_commit(h, n->next, bytes)) {
    at = n->next;
    n->next += bytes;
    n->handed += bytes;
  }
  pthread_mutex_unlock(&n->lock);
  return at;
}

static uint32_t first_bits(const none *n) {
  return n->barrier == BARRIER_COUNT ? COUNT_ONE : n->barrier == BARRIER_LOG ? LOG_BIT : 0;
}

static gcb_status shape_added(gcb_heap *h, gcb_shape *shape) {
  shape->header |= first_bits(h->state);
  return GCB_OK;
}

static gcb_status thread_begin(gcb_mutator *m) {
  none *n = m->heap->state;
  m->bits = first_bits(n);
  m->inline_max = CHUNK / 8;
  m->count_one = COUNT_ONE;
  m->log_mask = LOG_BIT;
  m->barrier_shift = CARD_SHIFT;
  m->barrier_base = (uint8_t *)((uintptr_t)n->cards - ((uintptr_t)n->base >> CARD_SHIFT));
  return GCB_OK;
}

/* What a leaving mutator did not use stays unused. */
static void thread_end(gcb_mutator *m) {
  none *n = m->heap->state;
  __atomic_fetch_add(&n->tails, (uint64_t)(m->limit - m->cursor), __ATOMIC_RELAXED);
  m->cursor = m->limit = NULL;
}

static gcb_object *alloc(gcb_mutator *m, uint64_t header, size_t bytes) {
  none *n = m->heap->state;
  char *at;
  if (bytes > m->inline_max) {
    size_t pages = (bytes + 4095) & ~(size_t)4095;
    at = take(m->heap, pages);
    if (!at) return NULL;
    __atomic_fetch_add(&n->rounding, pages - bytes, __ATOMIC_RELAXED);
  } else {
    if (bytes > (size_t)(m->limit - m->cursor)) {
      at = take(m->heap, CHUNK);
      if (!at) return NULL;
      __atomic_fetch_add(&n->tails, (uint64_t)(m->limit - m->cursor), __ATOMIC_RELAXED);
      m->cursor = at;
      m->limit = at + CHUNK;
      gcb_count(m->heap, GCB_EVENT_BUFFER_REFILL);
    }
    at = m->cursor;
    m->cursor += bytes;
  }
  __builtin_memcpy(at, &header, sizeof header);
  return (gcb_object *)at;
}

/* The first store into an object logs it once; nobody reads the log. */
static void logged(gcb_mutator *m, gcb_object *o, gcb_object **slot) {
  (void)m, (void)slot;
  __atomic_fetch_and(&o->bits, ~(uint32_t)LOG_BIT, __ATOMIC_RELAXED);
}

static void dead(gcb_mutator *m, gcb_object *o) {
  (void)m, (void)o;
}

static void count_up(gcb_mutator *m, gcb_object *o) {
  if (o && ((none *)m->heap->state)->barrier == BARRIER_COUNT)
    __atomic_fetch_add(&o->bits, COUNT_ONE, __ATOMIC_RELAXED);
}

/* Nothing dies here, so a weak reference is never cleared, and needs no more than its object. Its target is
 * not counted. */
static gcb_object *weak_new(gcb_mutator *m, gcb_slot target) {
  gcb_object *o = alloc(m, gcb_header(GCB_GEOMETRY_WEAK, m->bits), gcb_size_of(GCB_GEOMETRY_WEAK));
  if (o) *gcb_weak_target(o) = *target.at;
  return o;
}

static gcb_object *ephemeron_new(gcb_mutator *m, gcb_slot key, gcb_slot value) {
  gcb_object *o = alloc(m, gcb_header(GCB_GEOMETRY_EPHEMERON, m->bits), gcb_size_of(GCB_GEOMETRY_EPHEMERON));
  if (!o) return NULL;
  *gcb_weak_target(o) = *key.at;
  *gcb_ephemeron_value(o) = *value.at;
  count_up(m, *value.at);
  return o;
}

/* Registered, and never due: no object is ever found dead. */
static gcb_status finalizer(gcb_mutator *m, gcb_slot obj, uint64_t token) {
  (void)m, (void)obj, (void)token;
  return GCB_OK;
}

static gcb_status collect(gcb_mutator *m, gcb_pause_kind kind) {
  (void)m, (void)kind;
  return GCB_UNSUPPORTED;
}

static void ledger(gcb_heap *h, gcb_space_ledger *out) {
  none *n = h->state;
  uint64_t empty = n->tails;
  for (gcb_mutator *m = h->live; m; m = m->next) empty += (uint64_t)(m->limit - m->cursor);
  *out = (gcb_space_ledger){.objects = n->handed - empty - n->rounding,
                            .rounding = n->rounding,
                            .free = empty,
                            .metadata = (uint64_t)(n->cards_end - (char *)n->cards)};
}

const gcb_collector gcbench_collector = {
    .abi = GCB_COLLECTOR_ABI,
    .size = sizeof(gcb_collector),
    .name = "none",
    .summary = "never collects; bump allocation",
    .follows = "Epsilon (JEP 318)",
    .capabilities =
        GCB_CAP(WEAK) | GCB_CAP(EPHEMERONS) | GCB_CAP(FINALIZERS) | GCB_CAP(THREADS) | GCB_CAP(EXACT),
    .rare = GCB_RARE(BUFFER_REFILL),
    .path = {GCB_ALLOC_BUMP, GCB_WRITE_NONE, GCB_READ_NONE, GCB_ROOTS_PLAIN},
    .options = options,
    .n_options = sizeof options / sizeof *options,
    .presets = presets,
    .start = start,
    .stop = stop,
    .shape_added = shape_added,
    .thread_begin = thread_begin,
    .thread_end = thread_end,
    .alloc = alloc,
    .log = logged,
    .dead = dead,
    .weak_new = weak_new,
    .ephemeron_new = ephemeron_new,
    .finalizer = finalizer,
    .collect = collect,
    .ledger = ledger,
};
