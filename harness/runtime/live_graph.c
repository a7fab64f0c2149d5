#include "runtime/live_graph.h"
#include <stdlib.h>
#include <sys/mman.h>

int gcb_graph_find(const gcb_instance *in, const void *p, size_t *word) {
  for (uint32_t i = 0; i < in->n_regions; i++) {
    const gcb_region *r = &in->regions[i];
    if ((const char *)p < r->base || (const char *)p >= r->base + r->bytes) continue;
    *word = (size_t)((const char *)p - r->base) / 8;
    return (int)i;
  }
  return -1;
}

static uint32_t number_of(const gcb_graph *g, const gcb_object *o) {
  size_t word;
  int region = gcb_graph_find(g->in, o, &word);
  return region < 0 ? 0 : g->number[region][word];
}

static void visit(void *ctx, gcb_object **slot) {
  gcb_graph *g = ctx;
  size_t word;
  int region = gcb_graph_find(g->in, *slot, &word);
  if (region < 0 || g->failed || g->number[region][word]) return;
  if (g->n == g->max) {
    size_t bigger = g->max ? 2 * g->max : 65536;
    gcb_object **moved = bigger < UINT32_MAX ? realloc(g->objects, bigger * sizeof *moved) : NULL;
    g->failed = !moved;
    if (!moved) return;
    g->objects = moved;
    g->max = bigger;
  }
  g->objects[g->n++] = *slot;
  g->number[region][word] = (uint32_t)g->n;
  g->bytes += gcb_size_of((*slot)->geometry);
}

/* Values of ephemerons whose key was reached, which the breadth-first search could not see. */
static bool settle_ephemerons(gcb_graph *g) {
  size_t before = g->n;
  for (size_t i = 0; i < before; i++) {
    gcb_object *e = g->objects[i], *key;
    if (e->geometry != GCB_GEOMETRY_EPHEMERON) continue;
    key = *gcb_weak_target(e);
    if (key && number_of(g, key) && *gcb_ephemeron_value(e)) visit(g, gcb_ephemeron_value(e));
  }
  return g->n > before;
}

bool gcb_graph_walk(gcb_graph *g, gcb_instance *in) {
  *g = (gcb_graph){.in = in};
  for (uint32_t i = 0; i < in->n_regions; i++) {
    void *map = mmap(NULL, in->regions[i].bytes / 2 + 4, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    g->failed |= map == MAP_FAILED;
    g->number[i] = map == MAP_FAILED ? NULL : map;
  }
  if (!g->failed) in->host.each_root(&in->heap, visit, g);
  size_t done = 0;
  do {
    while (done < g->n && !g->failed) {
      size_t level = g->n; /* all that is one step further than the last level */
      g->depth++;
      for (; done < level; done++) {
        gcb_object *o = g->objects[done], **slots = gcb_slots_of(o);
        uint32_t refs = gcb_refs_of(o->geometry);
        for (uint32_t k = 0; k < refs; k++)
          if (slots[k]) visit(g, slots + k);
      }
    }
  } while (!g->failed && settle_ephemerons(g));
  return !g->failed;
}

void gcb_graph_free(gcb_graph *g) {
  for (uint32_t i = 0; i < GCB_REGIONS; i++)
    if (g->number[i]) munmap(g->number[i], g->in->regions[i].bytes / 2 + 4);
  free(g->objects);
  *g = (gcb_graph){0};
}

/* Tarjan's algorithm (1972) with a stack of its own. All arrays are by number of the object, 1 .. n; an index
 * of 0 means not yet visited, and a component that is complete has UINT32_MAX as its low link. */
typedef struct tarjan {
  const gcb_graph *g;
  uint32_t *index, *low, *cursor, *path, *open; /* path: of the search; open: not yet in a component */
  uint32_t n_path, n_open, next;
  uint64_t bytes;
} tarjan;

static void enter(tarjan *t, uint32_t v) {
  t->index[v] = t->low[v] = ++t->next;
  t->path[t->n_path++] = v;
  t->open[t->n_open++] = v;
}

static bool refers_to_itself(gcb_object *o) {
  gcb_object **slots = gcb_slots_of(o);
  for (uint32_t k = 0; k < gcb_refs_of(o->geometry); k++)
    if (slots[k] == o) return true;
  return false;
}

/* v is the root of a component: take it off the open stack. */
static void close_component(tarjan *t, uint32_t v) {
  bool alone = t->open[t->n_open - 1] == v;
  uint32_t w;
  do {
    w = t->open[--t->n_open];
    t->low[w] = UINT32_MAX;
    gcb_object *o = t->g->objects[w - 1];
    if (!alone || refers_to_itself(o)) t->bytes += gcb_size_of(o->geometry);
  } while (w != v);
}

static void search(tarjan *t, uint32_t root) {
  enter(t, root);
  while (t->n_path) {
    uint32_t v = t->path[t->n_path - 1], w = 0;
    gcb_object *o = t->g->objects[v - 1], **slots = gcb_slots_of(o);
    uint32_t refs = gcb_refs_of(o->geometry);
    while (t->cursor[v] < refs && !w) {
      gcb_object *to = slots[t->cursor[v]++];
      w = to ? number_of(t->g, to) : 0;
      if (w && t->index[w]) {
        if (t->low[w] != UINT32_MAX && t->index[w] < t->low[v]) t->low[v] = t->index[w];
        w = 0;
      }
    }
    if (w) {
      enter(t, w);
      continue;
    }
    uint32_t low = t->low[v];
    if (low == t->index[v]) close_component(t, v);
    if (--t->n_path) {
      uint32_t above = t->path[t->n_path - 1];
      if (low < t->low[above]) t->low[above] = low;
    }
  }
}

uint64_t gcb_graph_cyclic(const gcb_graph *g) {
  uint32_t *memory = calloc(5 * (g->n + 1), sizeof *memory);
  if (!memory) return UINT64_MAX;
  tarjan t = {.g = g, .index = memory};
  t.low = t.index + g->n + 1;
  t.cursor = t.low + g->n + 1;
  t.path = t.cursor + g->n + 1;
  t.open = t.path + g->n + 1;
  for (uint32_t v = 1; v <= g->n; v++)
    if (!t.index[v]) search(&t, v);
  free(memory);
  return t.bytes;
}
