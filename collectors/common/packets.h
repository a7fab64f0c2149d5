/* Work packets: where the workers of a parallel marker keep reached objects whose slots they have yet to
 * scan. Follows Ossia et al. 2002. A worker pushes to and pops from two packets of its own, a stack in
 * page-sized steps; full packets go to a common pool, from which a worker that has run out takes one. With
 * one worker this is a plain mark stack.
 *
 * Invariant: a packet is in the pool of full ones (holds at least one object), in the pool of empty ones, or
 * a worker's own. All packets are committed pages; those above `floor` are given back after the collection.
 * The phase is over when every worker waits: then no packet holds anything.
 */
#ifndef GCB_COMMON_PACKETS_H
#define GCB_COMMON_PACKETS_H

#include <gcbench/collector.h>
#include <pthread.h>

enum {
  GCB_PACKET_ITEMS = 510,
  GCB_PACKET_SHARED = 8, /* fewest objects on a stack that are worth waking another worker for */
};

typedef struct gcb_packet {
  struct gcb_packet *next;
  size_t n;
  gcb_object *items[GCB_PACKET_ITEMS];
} gcb_packet;

typedef struct gcb_packets {
  gcb_heap *heap;
  gcb_packet *base;
  size_t top, floor, max; /* packets: committed; kept between collections; most there may be */
  size_t capacity;        /* objects a packet: less than GCB_PACKET_ITEMS only to provoke overflow */
  gcb_packet *full, *empty;
  uint32_t workers, idle; /* in this phase; of them waiting (read relaxed as a hint to share) */
  bool over;
  pthread_mutex_t lock;
  pthread_cond_t more;
} gcb_packets;

/* A worker's own packets; all zero at first. */
typedef struct gcb_packet_stack {
  gcb_packets *pool;
  gcb_packet *top,
      *below; /* below: empty or full, so that a stack that swings at a packet's edge stays here */
} gcb_packet_stack;

/* At most `entries` objects in all (0: as many as the bound allows), `floor` of them committed for good.
 * False when the bound does not allow even that. */
bool gcb_packets_init(gcb_packets *k, gcb_heap *h, size_t entries, size_t floor);
/* A phase of so many workers begins: before they call gcb_packet_wait(). */
void gcb_packets_phase(gcb_packets *k, uint32_t workers);
/* Give back the pages above the floor. All packets must be back. */
void gcb_packets_trim(gcb_packets *k);
static inline uint64_t gcb_packets_committed(const gcb_packets *k) {
  return k->top * sizeof(gcb_packet);
}

/* Slow paths of push and pop. */
bool gcb_packet_push_slow(gcb_packet_stack *s, gcb_object *o);
gcb_object *gcb_packet_pop_slow(gcb_packet_stack *s);
/* Take a packet of the pool, waiting for one. False: all workers wait, the phase is over. */
bool gcb_packet_wait(gcb_packet_stack *s);
/* Others wait: put half of what is here into the pool. */
void gcb_packet_share(gcb_packet_stack *s);
/* Put everything into the pool. */
void gcb_packet_flush(gcb_packet_stack *s);

/* False: no room anywhere. */
static inline bool gcb_packet_push(gcb_packet_stack *s, gcb_object *o) {
  gcb_packet *p = s->top;
  if (__builtin_expect(!p || p->n == s->pool->capacity, 0)) return gcb_packet_push_slow(s, o);
  p->items[p->n++] = o;
  return true;
}
/* NULL: this worker has nothing more, nor has the pool at present. */
static inline gcb_object *gcb_packet_pop(gcb_packet_stack *s) {
  gcb_packet *p = s->top;
  if (__builtin_expect(!p || !p->n, 0)) return gcb_packet_pop_slow(s);
  return p->items[--p->n];
}
static inline bool gcb_packet_wanted(const gcb_packet_stack *s) {
  return __builtin_expect(__atomic_load_n(&s->pool->idle, __ATOMIC_RELAXED) != 0, 0);
}

#endif
