/* True liveness: what can be reached from the harness's own roots, found without the collector's help, with
 * marks in a bitmap of our own over the reserved regions. An explicit stack, so depth costs memory outside
 * the heap and never the C stack. Ephemerons are settled by rounds: the pending ones are looked at again
 * until a round reaches nothing new. */
#include "runtime/heap_host.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

typedef struct walk {
  gcb_instance *in;
  uint8_t *marks[GCB_REGIONS]; /* one bit a word of the region */
  gcb_object **stack, **pending;
  size_t n, max, n_pending, max_pending;
  gcb_reach reach;
  gcb_status status;
  char *why;
  size_t why_size;
} walk;

static void fail(walk *w, const char *what, const void *where) {
  if (w->status != GCB_OK) return;
  w->status = GCB_WRONG;
  snprintf(w->why, w->why_size, "the heap is broken: a reachable slot holds %p, %s", where, what);
}

static bool push(gcb_object ***at, size_t *n, size_t *max, gcb_object *o) {
  if (*n == *max) {
    size_t bigger = *max ? 2 * *max : 65536;
    gcb_object **moved = realloc(*at, bigger * sizeof *moved);
    if (!moved) return false;
    *at = moved;
    *max = bigger;
  }
  (*at)[(*n)++] = o;
  return true;
}

/* Bit of the object in its region's bitmap; -1 when the address is in no region. */
static int find(walk *w, const gcb_object *o, size_t *bit) {
  for (uint32_t i = 0; i < w->in->n_regions; i++) {
    const gcb_region *r = &w->in->regions[i];
    if ((const char *)o < r->base || (const char *)o >= r->base + r->bytes) continue;
    *bit = (size_t)((const char *)o - r->base) / 8;
    return (int)i;
  }
  return -1;
}

static bool is_marked(walk *w, const gcb_object *o) {
  size_t bit;
  int region = find(w, o, &bit);
  return region >= 0 && (w->marks[region][bit / 8] >> bit % 8 & 1);
}

static void reach(void *ctx, gcb_object **slot) {
  walk *w = ctx;
  gcb_object *o = *slot;
  size_t bit;
  if (w->status != GCB_OK) return;
  if ((uintptr_t)o % 8) {
    fail(w, "which is not aligned to 8", o);
    return;
  }
  int region = find(w, o, &bit);
  if (region < 0) {
    fail(w, "which lies outside every region that the collector reserved", o);
    return;
  }
  if (w->marks[region][bit / 8] >> bit % 8 & 1) return;
  size_t size = gcb_size_of(o->geometry);
  if ((char *)o + size > w->in->regions[region].base + w->in->regions[region].bytes) {
    fail(w, "whose header gives a size beyond its region", o);
    return;
  }
  w->marks[region][bit / 8] |= (uint8_t)(1 << bit % 8);
  w->reach.objects++;
  w->reach.bytes += size;
  bool kept = push(&w->stack, &w->n, &w->max, o);
  if (kept && o->geometry == GCB_GEOMETRY_EPHEMERON)
    kept = push(&w->pending, &w->n_pending, &w->max_pending, o);
  if (!kept) {
    w->status = GCB_FAILED;
    snprintf(w->why, w->why_size, "no memory for the harness's own walk over the heap");
  }
}

static void drain(walk *w) {
  while (w->n && w->status == GCB_OK) {
    gcb_object *o = w->stack[--w->n], **slots = gcb_slots_of(o);
    uint32_t refs = gcb_refs_of(o->geometry);
    for (uint32_t i = 0; i < refs; i++)
      if (slots[i]) reach(w, slots + i);
  }
}

gcb_status gcb_reachable(gcb_instance *in, gcb_reach *out, char *why, size_t why_size) {
  walk w = {.in = in, .why = why, .why_size = why_size};
  bool foreign = in->heap.collector->capabilities & GCB_CAP(FOREIGN);
  if (foreign || in->heap.path.roots == GCB_ROOTS_CALL) return GCB_UNSUPPORTED;
  for (uint32_t i = 0; i < in->n_regions; i++) {
    w.marks[i] = mmap(NULL, in->regions[i].bytes / 64 + 1, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (w.marks[i] == MAP_FAILED) {
      w.marks[i] = NULL;
      w.status = GCB_FAILED;
      snprintf(why, why_size, "no address space for the harness's own walk over the heap");
    }
  }
  if (w.status == GCB_OK) in->host.each_root(&in->heap, reach, &w);
  drain(&w);
  for (bool again = true; again && w.status == GCB_OK;) {
    again = false;
    for (size_t i = 0; i < w.n_pending;) {
      gcb_object *e = w.pending[i], *key = *gcb_weak_target(e);
      if (!key || !is_marked(&w, key)) {
        i++;
        continue;
      }
      w.pending[i] = w.pending[--w.n_pending];
      again = true;
      if (*gcb_ephemeron_value(e)) reach(&w, gcb_ephemeron_value(e));
      drain(&w);
    }
  }
  for (uint32_t i = 0; i < in->n_regions; i++)
    if (w.marks[i]) munmap(w.marks[i], in->regions[i].bytes / 64 + 1);
  free(w.stack);
  free(w.pending);
  *out = w.reach;
  return w.status;
}
