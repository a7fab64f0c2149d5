#include "analyses/bisection.h"

/* Ask about x and note the answer; false when the oracle stops the search. */
static bool ask(gcb_bisection *b, double x) {
  b->probes++;
  gcb_probe answer = b->holds(b->ctx, x);
  if (answer == GCB_PROBE_YES) b->yes = x;
  if (answer == GCB_PROBE_NO) b->no = x;
  return answer != GCB_PROBE_STOP;
}

bool gcb_bisect(gcb_bisection *b) {
  b->yes = b->no = 0;
  b->probes = 0;
  double x = b->from;
  if (!ask(b, x)) return false;
  while (b->yes == 0) {
    if (x >= b->max) return false;
    x = b->factor * x < b->max ? b->factor * x : b->max;
    if (!ask(b, x)) return false;
  }
  while (b->no == 0) {
    if (x <= b->min) return true; /* it holds everywhere */
    x = x / b->factor > b->min ? x / b->factor : b->min;
    if (!ask(b, x)) return false;
  }
  while (b->yes - b->no > b->resolution * b->yes)
    if (!ask(b, b->no + (b->yes - b->no) / 2)) return false;
  return true;
}
