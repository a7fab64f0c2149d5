/* The roots, which the harness owns: one array of slots, globals first, then one shadow stack for each
 * mutator id; and the objects that wait for their finalizer. A collector that misses one is caught, because
 * nobody else keeps a list. Shapes live here too: they are what roots' objects are made of. */
#include "runtime/heap_host.h"
#include <stdlib.h>
#include <sys/mman.h>

static gcb_instance *instance(gcb_heap *h) {
  return (gcb_instance *)h;
}

#define SLOT_BYTES ((GCB_GLOBALS + (size_t)GCB_MAX_MUTATORS * GCB_STACK_SLOTS) * sizeof(gcb_object *))

static void each_root(gcb_heap *h, gcb_visit *visit, void *ctx) {
  gcb_instance *in = instance(h);
  for (uint32_t i = 0; i < GCB_GLOBALS; i++)
    if (in->slots[i]) visit(ctx, in->slots + i);
  for (gcb_mutator *m = h->live; m; m = m->next)
    for (gcb_object **s = m->end - GCB_STACK_SLOTS; s < m->top; s++)
      if (*s) visit(ctx, s);
  for (size_t i = in->first_ready; i < in->n_ready; i++) visit(ctx, &in->ready[i].object);
}

static gcb_object **global(gcb_heap *h, uint32_t i) {
  return instance(h)->slots + i;
}

static bool finalizer_ready(gcb_heap *h, gcb_object *o, uint64_t token) {
  gcb_instance *in = instance(h);
  bool kept = true;
  pthread_mutex_lock(&in->lock);
  if (in->n_ready == in->max_ready) {
    size_t max = in->max_ready ? 2 * in->max_ready : 1024;
    gcb_ready *ready = realloc(in->ready, max * sizeof *ready);
    kept = ready != NULL;
    if (kept) {
      in->ready = ready;
      in->max_ready = max;
    }
  }
  if (kept) {
    in->ready[in->n_ready++] = (gcb_ready){o, token};
    for (gcb_mutator *m = h->live; m; m = m->next)
      __atomic_fetch_or(&m->attention, GCB_ATTENTION_FINALIZERS, __ATOMIC_RELAXED);
  }
  pthread_mutex_unlock(&in->lock);
  if (kept) gcb_count(h, GCB_EVENT_FINALIZER_READY);
  return kept;
}

/* Take the oldest waiting object, already in slot `into` (a root at every moment). */
static bool take_ready(gcb_instance *in, gcb_mutator *m, gcb_slot into, uint64_t *token) {
  pthread_mutex_lock(&in->lock);
  bool any = in->first_ready < in->n_ready;
  if (any) {
    gcb_ready r = in->ready[in->first_ready++];
    *token = r.token;
    if (in->ops->adopt)
      in->ops->adopt(m, into, r.object);
    else
      *into.at = r.object;
  } else {
    in->first_ready = in->n_ready = 0;
    for (gcb_mutator *other = in->heap.live; other; other = other->next)
      __atomic_fetch_and(&other->attention, ~(uint32_t)GCB_ATTENTION_FINALIZERS, __ATOMIC_RELAXED);
  }
  pthread_mutex_unlock(&in->lock);
  return any;
}

void gcb_run_finalizers(gcb_mutator *m) {
  gcb_instance *in = instance(m->heap);
  gcb_thread *t = m->harness;
  if (t->in_finalizer) return;
  t->in_finalizer = true;
  for (;;) {
    gcb_object **base = m->top;
    if (m->end - base < 1) break;
    *base = NULL;
    m->top = base + 1;
    m->ops->enter(m, base, 1);
    uint64_t token;
    bool any = take_ready(in, m, (gcb_slot){base}, &token);
    if (any) {
      __atomic_fetch_add(&in->finalized_count, 1, __ATOMIC_RELAXED);
      if (in->finalized) in->finalized(m, in->finalized_ctx, (gcb_slot){base}, token);
    }
    m->ops->leave(m, base, 1);
    m->top = base;
    if (!any) break;
  }
  t->in_finalizer = false;
}

static const gcb_shape *shape(gcb_mutator *m, const char *name, uint32_t refs, uint32_t payload) {
  gcb_instance *in = instance(m->heap);
  if (refs > GCB_MAX_REFS || payload > GCB_MAX_PAYLOAD) return NULL;
  for (uint32_t i = 0; i < in->heap.n_shapes; i++)
    if (in->shape_list[i]->refs == refs && in->shape_list[i]->payload == payload) return in->shape_list[i];
  gcb_shape **list = realloc(in->shape_list, (in->heap.n_shapes + 1) * sizeof *list);
  gcb_shape *s = calloc(1, sizeof *s);
  if (list) in->shape_list = list;
  if (!list || !s) {
    free(s);
    return NULL;
  }
  uint32_t geometry = gcb_geometry_fixed(refs, payload);
  *s = (gcb_shape){.header = gcb_header(geometry, m->bits),
                   .size = (uint32_t)gcb_size_of(geometry),
                   .refs = refs,
                   .payload = payload,
                   .id = in->heap.n_shapes,
                   .name = name};
  if (in->heap.collector->shape_added && in->heap.collector->shape_added(&in->heap, s) != GCB_OK) {
    free(s);
    return NULL;
  }
  list[in->heap.n_shapes++] = s;
  in->heap.shapes = list;
  return s;
}

void gcb_roots_wire(gcb_instance *in) {
  in->slots =
      mmap(NULL, SLOT_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (in->slots == MAP_FAILED) in->slots = NULL;
  in->host.each_root = each_root;
  in->host.global = global;
  in->host.finalizer_ready = finalizer_ready;
  in->host.shape = shape;
}

void gcb_roots_free(gcb_instance *in) {
  if (in->slots) munmap(in->slots, SLOT_BYTES);
  for (uint32_t i = 0; i < in->heap.n_shapes; i++) free(in->shape_list[i]);
  free(in->shape_list);
  free(in->ready);
}
