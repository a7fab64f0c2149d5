/* Where a property that holds above some unknown point begins to hold: doubling or halving from a first
 * guess, then bisection. The oracle may be noisy or expensive: nothing is asked twice. */
#ifndef GCB_BISECT_H
#define GCB_BISECT_H

#include <stdbool.h>

typedef enum { GCB_PROBE_NO, GCB_PROBE_YES, GCB_PROBE_STOP } gcb_probe;

typedef struct gcb_bisection {
  double from;       /* the first guess; min <= from <= max */
  double factor;     /* widen by, until both answers were seen: 2, or less when the guess is good */
  double min, max;   /* nothing outside is tried */
  double resolution; /* stop when yes - no <= resolution * yes; above 0 */
  gcb_probe (*holds)(void *ctx, double x);
  void *ctx;
  /* Set by the search: the smallest x seen to hold (0: none did) and the largest below it seen not to (0:
   * none), and the number of questions. */
  double yes, no;
  unsigned probes;
} gcb_bisection;

/* False when stopped by the oracle, or when it held nowhere up to max: `yes` is then what was found so far.
 */
bool gcb_bisect(gcb_bisection *b);

#endif
