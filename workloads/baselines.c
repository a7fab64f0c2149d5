/* What the same would cost without a collector, written by hand: the yardsticks of the kernels. */
#include "kernels.h"
#include <stdlib.h>

typedef struct cell {
  uint64_t header;
  struct cell *slot[2];
} cell;

typedef struct node {
  uint64_t header;
  struct node *left, *right;
  uint64_t payload;
} node;

enum { ARENA = 256 << 10 };

/* Bump a two-slot object with a header and store both slots, in an arena that stays in the cache and starts
 * over when it is full. */
static gcb_status bump(gcb_mutator *m, const gcb_kernel *k, gcb_loop *l) {
  (void)m, (void)k;
  char *arena = malloc(ARENA);
  if (!arena) return GCB_OOM;
  cell one = {0}, two = {0}, *a = &one, *b = &two, *last = NULL;
  char *at = arena, *end = arena + ARENA;
  __asm__ volatile("" : "+r"(a), "+r"(b)); /* values that the compiler does not know */
  for (uint64_t n; (n = l->more(l));) {
    for (; n; n--) {
      if (GCB_UNLIKELY(sizeof(cell) > (size_t)(end - at))) at = arena;
      last = (cell *)at;
      at += sizeof(cell);
      last->header = 1;
      last->slot[0] = a;
      last->slot[1] = b;
    }
    __asm__ volatile("" ::"r"(last) : "memory");
  }
  free(arena);
  return GCB_OK;
}

static gcb_status pair(gcb_mutator *m, const gcb_kernel *k, gcb_loop *l) {
  (void)m, (void)k;
  cell one = {0};
  for (uint64_t n; (n = l->more(l));)
    for (; n; n--) {
      cell *c = malloc(sizeof *c);
      if (!c) return GCB_OOM;
      *c = (cell){1, {&one, &one}};
      __asm__ volatile("" : "+r"(c)::"memory"); /* else there is neither */
      free(c);
    }
  return GCB_OK;
}

/* ---- trees, at its default size ---- */

typedef struct arena {
  char *at;
} arena;

static inline node *node_new(arena *a) {
  node *n = (node *)a->at;
  a->at += sizeof *n;
  *n = (node){.header = 1};
  return n;
}
static void grow(arena *a, node *n, uint32_t depth) {
  n->left = node_new(a);
  n->right = node_new(a);
  if (depth == 1) return;
  grow(a, n->left, depth - 1);
  grow(a, n->right, depth - 1);
}
static node *make(arena *a, uint32_t depth) {
  node *left = NULL, *right = NULL;
  if (depth) {
    left = make(a, depth - 1);
    right = make(a, depth - 1);
  }
  node *n = node_new(a);
  n->left = left;
  n->right = right;
  return n;
}

enum { DEEPEST = 16, SHALLOWEST = 4, DOUBLES = 500000 };

/* Every short-lived tree is built from the arena's start, which frees the one before. */
static gcb_status trees(gcb_mutator *m, const gcb_kernel *k, gcb_loop *l) {
  size_t one_tree = ((2u << DEEPEST) - 1) * sizeof(node);
  char *memory = malloc(2 * one_tree);
  double *doubles = malloc(DOUBLES * sizeof *doubles);
  (void)m, (void)k;
  if (!memory || !doubles) {
    free(memory);
    free(doubles);
    return GCB_OOM;
  }
  for (uint64_t n; (n = l->more(l));)
    for (; n; n--) {
      arena a = {memory + one_tree};
      grow(&a, node_new(&a), DEEPEST);
      memset(doubles, 0, DOUBLES * sizeof *doubles);
      for (uint32_t i = 0; i < DOUBLES / 2; i++) doubles[i] = 1.0 / i;
      for (uint32_t depth = SHALLOWEST; depth <= DEEPEST; depth += 2) {
        uint64_t trees = 2 * ((2ull << (DEEPEST + 2)) - 1) / ((2ull << depth) - 1);
        for (uint64_t i = 0; i < trees; i++) {
          a.at = memory;
          grow(&a, node_new(&a), depth);
          __asm__ volatile("" ::"r"(memory) : "memory");
        }
        for (uint64_t i = 0; i < trees; i++) {
          a.at = memory;
          make(&a, depth);
          __asm__ volatile("" ::"r"(memory) : "memory");
        }
      }
      __asm__ volatile("" ::"r"(doubles) : "memory");
    }
  free(memory);
  free(doubles);
  return GCB_OK;
}

static const gcb_kernel baselines[] = {
    {.name = "baseline/bump",
     .summary = "new_init/2 by hand, in a cache-resident arena",
     .baseline = true,
     .body = bump},
    {.name = "baseline/malloc", .summary = "malloc, two stores, free", .baseline = true, .body = pair},
    {.name = "baseline/trees",
     .summary = "an iteration of trees, each tree freed at once",
     .items = 14809575,
     .clocked = false,
     .baseline = true,
     .by_hand = "trees",
     .body = trees},
};
const gcb_kernel_table gcb_baselines = {baselines, sizeof baselines / sizeof *baselines};
