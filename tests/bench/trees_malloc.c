/* trees in plain C: malloc for each node, and free of a tree where it is dropped. LD_PRELOAD chooses another
 * library. */
#include <stdint.h>
#include <stdlib.h>

typedef struct tree {
  struct tree *child[2];
  uint64_t payload;
} * node;

static inline node join(node l, node r) {
  node n = malloc(sizeof *n);
  if (!n) abort();
  n->child[0] = l;
  n->child[1] = r;
  n->payload = 0;
  return n;
}
static inline node new_node(void) {
  return join(NULL, NULL);
}
static inline void set_left(node n, node l) {
  n->child[0] = l;
}
static inline void set_right(node n, node r) {
  n->child[1] = r;
}
static void drop(node n) {
  if (n->child[0]) drop(n->child[0]);
  if (n->child[1]) drop(n->child[1]);
  free(n);
}
static inline void *new_doubles(unsigned long n) {
  static void *held;
  free(held);
  held = malloc(n * sizeof(double));
  if (!held) abort();
  return held;
}
#include "trees_by_hand.h"

int main(int argc, char **argv) {
  return by_hand(argc > 1 ? atoi(argv[1]) : 5);
}
