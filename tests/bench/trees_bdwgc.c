/* trees on libgc, as its manual would have it. */
#define GC_THREADS
#include <gc/gc.h>
#include <stdint.h>

typedef struct tree {
  struct tree *child[2];
  uint64_t payload;
} * node;

static inline node new_node(void) {
  return GC_MALLOC(sizeof *new_node());
}
static inline node join(node l, node r) {
  node n = new_node();
  n->child[0] = l;
  n->child[1] = r;
  return n;
}
static inline void set_left(node n, node l) {
  n->child[0] = l;
}
static inline void set_right(node n, node r) {
  n->child[1] = r;
}
static inline void drop(node n) {
  (void)n;
}
static inline void *new_doubles(unsigned long n) {
  return GC_MALLOC_ATOMIC(n * sizeof(double));
}
#include "trees_by_hand.h"

int main(int argc, char **argv) {
  GC_set_markers_count(1); /* as gcbench runs it */
  GC_INIT();
  if (argc > 2) GC_set_max_heap_size(strtoul(argv[2], NULL, 10));
  return by_hand(argc > 1 ? atoi(argv[1]) : 5);
}
