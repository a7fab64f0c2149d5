#include "results/stats/mmu.h"
#include <math.h>
#include <stdlib.h>

__extension__ typedef __int128 wide;

// A point of the lost-time curve: how much was lost before a moment.
typedef struct {
  uint64_t at_ns, lost_ns;
} point;

// Reads the curve at moments that never go back, so that a pass over them costs O(n) and needs no prefix
// sums.
typedef struct {
  const gcb_span *spans;
  size_t n, next;   // spans[next] is the first that does not end before the moment
  uint64_t lost_ns; // in the spans before it
} cursor;

static const gcb_utilization NO_WINDOW = {NAN, 0, 0};

static int by_start(const void *a, const void *b) {
  uint64_t x = ((const gcb_span *)a)->start_ns, y = ((const gcb_span *)b)->start_ns;
  return (x > y) - (x < y);
}

size_t gcb_spans_merge(gcb_span *spans, size_t n, uint64_t run_ns) {
  size_t kept = 0;
  for (size_t i = 0; i < n; i++) {
    gcb_span span = spans[i];
    if (span.end_ns > run_ns) span.end_ns = run_ns;
    if (span.start_ns < span.end_ns) spans[kept++] = span;
  }
  if (kept == 0) return 0;
  qsort(spans, kept, sizeof *spans, by_start);
  size_t last = 0;
  for (size_t i = 1; i < kept; i++) {
    if (spans[i].start_ns > spans[last].end_ns) {
      spans[++last] = spans[i];
    } else if (spans[i].end_ns > spans[last].end_ns) {
      spans[last].end_ns = spans[i].end_ns;
    }
  }
  return last + 1;
}

uint64_t gcb_spans_total(const gcb_span *spans, size_t n) {
  uint64_t total = 0;
  for (size_t i = 0; i < n; i++) total += spans[i].end_ns - spans[i].start_ns;
  return total;
}

// The time lost before a moment, which is not earlier than the one asked for last.
static uint64_t lost_before(cursor *c, uint64_t at_ns) {
  while (c->next < c->n && c->spans[c->next].end_ns <= at_ns) {
    c->lost_ns += c->spans[c->next].end_ns - c->spans[c->next].start_ns;
    c->next++;
  }
  bool inside = c->next < c->n && c->spans[c->next].start_ns < at_ns;
  return c->lost_ns + (inside ? at_ns - c->spans[c->next].start_ns : 0);
}

static double share(uint64_t lost_ns, uint64_t length_ns) {
  return (double)(length_ns - lost_ns) / (double)length_ns;
}

// The earliest window of that length that loses most: where it starts and how much it loses. 0 < window_ns <=
// run_ns.
static point most_lost(const gcb_span *spans, size_t n, uint64_t run_ns, uint64_t window_ns) {
  point worst = {0, 0};
  cursor left = {spans, n, 0, 0}, right = left;
  for (size_t i = 0; i < n; i++) {
    uint64_t latest = run_ns - window_ns, start = spans[i].start_ns < latest ? spans[i].start_ns : latest;
    uint64_t lost = lost_before(&right, start + window_ns) - lost_before(&left, start);
    if (lost > worst.lost_ns) worst = (point){start, lost};
  }
  return worst;
}

gcb_utilization gcb_mmu(const gcb_span *spans, size_t n, uint64_t run_ns, uint64_t window_ns) {
  if (window_ns == 0 || window_ns > run_ns) return NO_WINDOW;
  point worst = most_lost(spans, n, run_ns, window_ns);
  return (gcb_utilization){share(worst.lost_ns, window_ns), worst.at_ns, window_ns};
}

// Above 0 if the path a, b, c turns left (the curve gets steeper at b).
static wide turn(point a, point b, point c) {
  wide abx = (wide)b.at_ns - a.at_ns, aby = (wide)b.lost_ns - a.lost_ns;
  wide acx = (wide)c.at_ns - a.at_ns, acy = (wide)c.lost_ns - a.lost_ns;
  return abx * acy - aby * acx;
}

// Adds a point right of all others to a lower convex hull; returns its new size.
static size_t hull_add(point *hull, size_t size, point p) {
  while (size >= 2 && turn(hull[size - 2], hull[size - 1], p) <= 0) size--;
  hull[size] = p;
  return size + 1;
}

// The hull's point from which the chord to `end`, right of all of them, is steepest. Seen from `end`, the
// hull's edges, extended, pass below it up to that point and above it from there on: hence the bisection.
static point steepest(const point *hull, size_t size, point end) {
  size_t lo = 0, hi = size - 1;
  while (lo < hi) {
    size_t middle = lo + (hi - lo) / 2;
    if (turn(hull[middle], hull[middle + 1], end) > 0) {
      lo = middle + 1;
    } else {
      hi = middle;
    }
  }
  return hull[lo];
}

gcb_utilization gcb_bmu(const gcb_span *spans, size_t n, uint64_t run_ns, uint64_t window_ns) {
  if (window_ns == 0 || window_ns > run_ns || n == 0) return gcb_mmu(spans, n, run_ns, window_ns);
  point *hull = malloc(n * sizeof *hull);
  if (!hull) return NO_WINDOW;

  point worst = most_lost(spans, n, run_ns, window_ns);
  uint64_t worst_length = window_ns, lost_at_end = 0, lost_at_start = 0;
  size_t size = 0, admitted = 0;
  for (size_t j = 0; j < n; j++) {
    point end = {spans[j].end_ns, lost_at_end += spans[j].end_ns - spans[j].start_ns};
    while (admitted <= j && end.at_ns - spans[admitted].start_ns >= window_ns) {
      size = hull_add(hull, size, (point){spans[admitted].start_ns, lost_at_start});
      lost_at_start += spans[admitted].end_ns - spans[admitted].start_ns;
      admitted++;
    }
    if (size == 0) continue;
    point start = steepest(hull, size, end);
    uint64_t lost = end.lost_ns - start.lost_ns, length = end.at_ns - start.at_ns;
    if ((wide)lost * worst_length > (wide)worst.lost_ns * length) {
      worst = (point){start.at_ns, lost};
      worst_length = length;
    }
  }
  free(hull);
  return (gcb_utilization){share(worst.lost_ns, worst_length), worst.at_ns, worst_length};
}

// ---- all mutators together ----

static int by_moment(const void *a, const void *b) {
  uint64_t x = ((const gcb_joint_point *)a)->at_ns, y = ((const gcb_joint_point *)b)->at_ns;
  return (x > y) - (x < y);
}

size_t gcb_joint_curve(const gcb_span *const *spans, const size_t *n, size_t mutators,
                       gcb_joint_point *curve) {
  size_t points = 0, kept = 0;
  for (size_t m = 0; m < mutators; m++)
    for (size_t i = 0; i < n[m]; i++) {
      curve[points++] = (gcb_joint_point){spans[m][i].start_ns, 0, 0, true, false};
      curve[points++] = (gcb_joint_point){spans[m][i].end_ns, 0, 0, false, true};
    }
  if (points) qsort(curve, points, sizeof *curve, by_moment);
  uint32_t waiting = 0;
  for (size_t i = 0; i < points; i++) {
    gcb_joint_point p = curve[i];
    if (kept && curve[kept - 1].at_ns == p.at_ns) {
      curve[kept - 1].begins |= p.begins;
      curve[kept - 1].ends |= p.ends;
    } else {
      p.lost_ns = kept ? curve[kept - 1].lost_ns + waiting * (p.at_ns - curve[kept - 1].at_ns) : 0;
      curve[kept++] = p;
    }
    waiting = p.begins ? waiting + 1 : waiting - 1;
    curve[kept - 1].waiting = waiting;
  }
  return kept;
}

static uint64_t joint_lost_before(const gcb_joint_point *curve, size_t n, uint64_t at_ns) {
  size_t lo = 0, hi = n; // curve[lo - 1] is the last point not after the moment
  while (lo < hi) {
    size_t middle = lo + (hi - lo) / 2;
    if (curve[middle].at_ns <= at_ns)
      lo = middle + 1;
    else
      hi = middle;
  }
  return lo ? curve[lo - 1].lost_ns + curve[lo - 1].waiting * (at_ns - curve[lo - 1].at_ns) : 0;
}

static point joint_most_lost(const gcb_joint_point *curve, size_t n, uint64_t run_ns, uint64_t window_ns) {
  point worst = {0, 0};
  uint64_t latest = run_ns - window_ns;
  for (size_t i = 0; i < n; i++) {
    uint64_t at = curve[i].at_ns, starts[2] = {at, at > window_ns ? at - window_ns : 0};
    for (int k = 0; k < 2; k++) {
      if (!(k ? curve[i].ends : curve[i].begins)) continue;
      uint64_t start = starts[k] < latest ? starts[k] : latest;
      uint64_t lost = joint_lost_before(curve, n, start + window_ns) - joint_lost_before(curve, n, start);
      if (lost > worst.lost_ns || (lost == worst.lost_ns && lost && start < worst.at_ns))
        worst = (point){start, lost};
    }
  }
  return worst;
}

static double joint_share(uint64_t lost_ns, size_t mutators, uint64_t length_ns) {
  return share(lost_ns, (uint64_t)mutators * length_ns);
}

gcb_utilization gcb_joint_mmu(const gcb_joint_point *curve, size_t n, size_t mutators, uint64_t run_ns,
                              uint64_t window_ns) {
  if (mutators == 0 || window_ns == 0 || window_ns > run_ns) return NO_WINDOW;
  point worst = joint_most_lost(curve, n, run_ns, window_ns);
  return (gcb_utilization){joint_share(worst.lost_ns, mutators, window_ns), worst.at_ns, window_ns};
}

gcb_utilization gcb_joint_bmu(const gcb_joint_point *curve, size_t n, size_t mutators, uint64_t run_ns,
                              uint64_t window_ns) {
  if (mutators == 0 || window_ns == 0 || window_ns > run_ns || n == 0)
    return gcb_joint_mmu(curve, n, mutators, run_ns, window_ns);
  point *hull = malloc(n * sizeof *hull);
  if (!hull) return NO_WINDOW;
  point worst = joint_most_lost(curve, n, run_ns, window_ns);
  uint64_t worst_length = window_ns;
  size_t size = 0, admitted = 0;
  for (size_t j = 0; j < n; j++) {
    if (!curve[j].ends) continue;
    for (; admitted <= j && curve[j].at_ns - curve[admitted].at_ns >= window_ns; admitted++)
      if (curve[admitted].begins)
        size = hull_add(hull, size, (point){curve[admitted].at_ns, curve[admitted].lost_ns});
    if (size == 0) continue;
    point start = steepest(hull, size, (point){curve[j].at_ns, curve[j].lost_ns});
    uint64_t lost = curve[j].lost_ns - start.lost_ns, length = curve[j].at_ns - start.at_ns;
    if ((wide)lost * worst_length > (wide)worst.lost_ns * length) {
      worst = (point){start.at_ns, lost};
      worst_length = length;
    }
  }
  free(hull);
  return (gcb_utilization){joint_share(worst.lost_ns, mutators, worst_length), worst.at_ns, worst_length};
}
