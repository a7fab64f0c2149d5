/* The live graph, as the harness's own roots see it: its objects in breadth-first order, its depth, and the
 * share of it that lies on cycles. For profiles, not for checks (that is gcb_reachable()). */
#ifndef GCB_GRAPH_H
#define GCB_GRAPH_H

#include "runtime/heap_host.h"

typedef struct gcb_graph {
  gcb_object **objects; /* n of them, in order of distance from the roots */
  size_t n, max;
  uint64_t bytes, depth;         /* depth: the longest of the shortest paths from a root, in objects */
  uint32_t *number[GCB_REGIONS]; /* one a word: 1 + index in objects, 0 for none */
  gcb_instance *in;
  bool failed; /* for want of memory */
} gcb_graph;

/* Walk it: world stopped or single-threaded, inline-layout heaps only. Weak references are not followed;
 * values of ephemerons are when their key is reached. False: no memory. Free it in either case. */
bool gcb_graph_walk(gcb_graph *g, gcb_instance *in);
void gcb_graph_free(gcb_graph *g);

/* Bytes of the objects that lie on a cycle (strongly connected components of more than one object, or an
 * object that refers to itself). UINT64_MAX: no memory. */
uint64_t gcb_graph_cyclic(const gcb_graph *g);

/* Region and word of an address of the heap; -1: none. */
int gcb_graph_find(const gcb_instance *in, const void *p, size_t *word);

#endif
