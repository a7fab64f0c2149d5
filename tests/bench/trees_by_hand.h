/* The workload `trees` as one would write it for a runtime, without gcbench: the same nodes in the same
 * order. Whoever includes this has defined the type node and
 *   node new_node(void)                   two null children, 8 bytes of payload
 *   node join(node left, node right)      takes its children over
 *   void set_left(node, node), set_right  store a fresh child and give it to the parent
 *   node left(node), right(node)          borrowed
 *   void drop(node)                       the last use
 *   void *new_doubles(size_t n)           that stay
 * and calls by_hand(), which prints nanoseconds of CPU time a node of the best iteration.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static uint64_t made;

static void grow(node n, int depth) {
  node l = new_node();
  set_left(n, l);
  node r = new_node();
  set_right(n, r);
  made += 2;
  if (depth == 1) return;
  grow(l, depth - 1);
  grow(r, depth - 1);
}

static node make(int depth) {
  made++;
  if (depth == 0) return new_node();
  node l = make(depth - 1);
  return join(l, make(depth - 1));
}

static void iteration(int deepest) {
  node stays = new_node();
  made++;
  grow(stays, deepest);
  double *doubles = new_doubles(500000);
  for (int i = 0; i < 250000; i++) doubles[i] = 1.0 / (i + 1);
  for (int depth = 4; depth <= deepest; depth += 2) {
    uint64_t trees = 2 * ((2ull << (deepest + 2)) - 1) / ((2ull << depth) - 1);
    for (uint64_t i = 0; i < trees; i++) {
      node n = new_node();
      made++;
      grow(n, depth);
      drop(n);
    }
    for (uint64_t i = 0; i < trees; i++) drop(make(depth));
  }
  if (doubles[1000] != 1.0 / 1001) abort();
  drop(stays);
}

static double cpu_now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int by_hand(int iterations) {
  const char *depth = getenv("DEPTH"); /* of overhead.sh */
  int deepest = depth ? atoi(depth) : 16;
  double best = 1e30;
  for (int i = 0; i < iterations; i++) {
    double start = cpu_now_ns();
    made = 0;
    iteration(deepest);
    double ns = (cpu_now_ns() - start) / (double)made;
    if (ns < best) best = ns;
  }
  printf("%.2f\n", best);
  return 0;
}
