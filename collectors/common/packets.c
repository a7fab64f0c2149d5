/* See packets.h. Every list is under the one lock: a packet is half a thousand objects, so it is taken
 * rarely. */
#include "packets.h"
#include "vec.h"
#include <string.h>

_Static_assert(sizeof(gcb_packet) == 4096, "a packet is a page");

static void push(gcb_packet **list, gcb_packet *p) {
  p->next = *list;
  __atomic_store_n(list, p, __ATOMIC_RELAXED); /* pop_slow looks without the lock */
}
static gcb_packet *pop(gcb_packet **list) {
  gcb_packet *p = *list;
  if (p) __atomic_store_n(list, p->next, __ATOMIC_RELAXED);
  return p;
}

static gcb_packet *get_empty(gcb_packets *k) {
  gcb_packet *p = pop(&k->empty);
  if (p) return p;
  if (k->top == k->max || !gcb_commit(k->heap, k->base + k->top, sizeof *p)) return NULL;
  p = k->base + k->top++;
  p->n = 0;
  return p;
}
static void put_full(gcb_packets *k, gcb_packet *p) {
  push(&k->full, p);
  if (k->idle) pthread_cond_signal(&k->more);
}

bool gcb_packets_init(gcb_packets *k, gcb_heap *h, size_t entries, size_t floor) {
  *k = (gcb_packets){.heap = h, .capacity = GCB_PACKET_ITEMS};
  if (entries) { /* small packets, so that even a small stack can be shared */
    k->capacity = entries / (2 * h->workers);
    if (k->capacity < 1) k->capacity = 1;
    if (k->capacity > GCB_PACKET_ITEMS) k->capacity = GCB_PACKET_ITEMS;
    k->max = (entries + k->capacity - 1) / k->capacity;
  } else {
    k->max = gcb_span(h) / 2 / sizeof(gcb_packet) + 2; /* an object is 16 bytes at least, an entry 8 */
  }
  size_t kept = (floor + k->capacity - 1) / k->capacity;
  k->floor = kept < k->max ? kept : k->max;
  k->base = gcb_reserve(h, k->max * sizeof(gcb_packet), sizeof(gcb_packet));
  if (!k->base || !gcb_commit(h, k->base, k->floor * sizeof(gcb_packet))) return false;
  k->top = k->floor;
  for (size_t i = k->floor; i-- > 0;) push(&k->empty, k->base + i);
  return pthread_mutex_init(&k->lock, NULL) == 0 && pthread_cond_init(&k->more, NULL) == 0;
}

void gcb_packets_phase(gcb_packets *k, uint32_t workers) {
  k->workers = workers;
  k->idle = 0;
  k->over = false;
}

void gcb_packets_trim(gcb_packets *k) {
  if (k->top == k->floor) return;
  gcb_decommit(k->heap, k->base + k->floor, (k->top - k->floor) * sizeof(gcb_packet));
  k->top = k->floor;
  k->empty = NULL;
  for (size_t i = k->floor; i-- > 0;) {
    k->base[i].n = 0;
    push(&k->empty, k->base + i);
  }
}

static void swap(gcb_packet_stack *s) {
  gcb_packet *p = s->top;
  s->top = s->below;
  s->below = p;
}

bool gcb_packet_push_slow(gcb_packet_stack *s, gcb_object *o) {
  gcb_packets *k = s->pool;
  if (s->below && !s->below->n) {
    swap(s);
  } else {
    pthread_mutex_lock(&k->lock);
    gcb_packet *p = get_empty(k);
    if (p && s->below) put_full(k, s->below);
    pthread_mutex_unlock(&k->lock);
    if (!p) return false;
    s->below = s->top;
    s->top = p;
  }
  s->top->items[s->top->n++] = o;
  return true;
}

/* Exchange the empty packets of the stack for a full one, under the lock. */
static bool take_full(gcb_packet_stack *s) {
  gcb_packets *k = s->pool;
  gcb_packet *p = pop(&k->full);
  if (!p) return false;
  if (s->top) push(&k->empty, s->top);
  s->top = p;
  return true;
}

gcb_object *gcb_packet_pop_slow(gcb_packet_stack *s) {
  if (s->below && s->below->n) {
    swap(s);
  } else if (!__atomic_load_n(&s->pool->full, __ATOMIC_RELAXED)) {
    return NULL;
  } else {
    pthread_mutex_lock(&s->pool->lock);
    bool taken = take_full(s);
    pthread_mutex_unlock(&s->pool->lock);
    if (!taken) return NULL;
  }
  return s->top->items[--s->top->n];
}

static void set_idle(gcb_packets *k, uint32_t idle) {
  __atomic_store_n(&k->idle, idle, __ATOMIC_RELAXED);
}

bool gcb_packet_wait(gcb_packet_stack *s) {
  gcb_packets *k = s->pool;
  pthread_mutex_lock(&k->lock);
  set_idle(k, k->idle + 1);
  bool taken;
  while (!(taken = take_full(s)) && !k->over) {
    if (k->idle == k->workers) {
      k->over = true;
      pthread_cond_broadcast(&k->more);
    } else {
      pthread_cond_wait(&k->more, &k->lock);
    }
  }
  if (taken) set_idle(k, k->idle - 1);
  pthread_mutex_unlock(&k->lock);
  return taken;
}

void gcb_packet_share(gcb_packet_stack *s) {
  gcb_packets *k = s->pool;
  gcb_packet *p = s->top;
  pthread_mutex_lock(&k->lock);
  if (!k->full) {
    if (s->below && s->below->n) {
      put_full(k, s->below);
      s->below = NULL;
    } else if (p && p->n >= GCB_PACKET_SHARED) {
      gcb_packet *half = s->below ? s->below : get_empty(k);
      if (half) { /* the older half: nearer to the roots, so probably the larger subgraphs */
        half->n = p->n / 2;
        p->n -= half->n;
        memcpy(half->items, p->items, half->n * sizeof *p->items);
        memmove(p->items, p->items + half->n, p->n * sizeof *p->items);
        s->below = NULL;
        put_full(k, half);
      }
    }
  }
  pthread_mutex_unlock(&k->lock);
}

void gcb_packet_flush(gcb_packet_stack *s) {
  gcb_packets *k = s->pool;
  gcb_packet *own[2] = {s->top, s->below};
  pthread_mutex_lock(&k->lock);
  for (int i = 0; i < 2; i++) {
    if (!own[i]) continue;
    if (own[i]->n)
      put_full(k, own[i]);
    else
      push(&k->empty, own[i]);
  }
  pthread_mutex_unlock(&k->lock);
  s->top = s->below = NULL;
}
