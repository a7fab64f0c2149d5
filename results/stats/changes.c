#include "results/stats/changes.h"
#include "results/stats/stats.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

const gcb_change_rules gcb_change_defaults = {
    .window = GCB_CHANGE_WINDOW, .fewest = 5, .weak = .01, .strong = .001, .size = .02, .clip = 5};

/* ---- clipping ---- */

static double middle_of_sorted(const double *x, size_t n) {
  return n % 2 ? x[n / 2] : 0.5 * (x[n / 2 - 1] + x[n / 2]);
}

/* By insertion: for the few nights around one, several times as fast as the library's sort, and there is one
 * such sort for every point of every series. */
static void sort_few(double *x, size_t n) {
  for (size_t i = 1; i < n; i++) {
    double held = x[i];
    size_t k = i;
    for (; k > 0 && x[k - 1] > held; k--) x[k] = x[k - 1];
    x[k] = held;
  }
}

void gcb_hampel_clip(const double *x, size_t n, size_t half, double *out) {
  const double normal = 1.4826, wild = 3; /* the MAD of a normal distribution is sd / 1.4826 */
  double near[2 * GCB_CHANGE_WINDOW + 1];
  if (half > GCB_CHANGE_WINDOW) half = GCB_CHANGE_WINDOW;
  for (size_t i = 0; i < n; i++) {
    size_t from = i > half ? i - half : 0, to = i + half + 1 < n ? i + half + 1 : n, m = to - from;
    memcpy(near, x + from, m * sizeof *near);
    sort_few(near, m);
    double median = middle_of_sorted(near, m);
    for (size_t k = 0; k < m; k++) near[k] = fabs(near[k] - median);
    sort_few(near, m);
    double reach = wild * normal * middle_of_sorted(near, m);
    out[i] = fmin(fmax(x[i], median - reach), median + reach);
  }
}

/* ---- a split and its test ---- */

bool gcb_best_split(const double *x, size_t n, size_t fewest, gcb_split *out) {
  /* sums[i][j]: of the distances between each of the first i and each of the first j values, so that every
   * block of distances is four look-ups. */
  static const size_t most = GCB_CHANGE_WINDOW;
  double sums[GCB_CHANGE_WINDOW + 1][GCB_CHANGE_WINDOW + 1], inverse[GCB_CHANGE_WINDOW + 1];
  if (n > most || n < 2 * fewest || fewest < 2) return false;
  for (size_t j = 0; j <= n; j++) {
    sums[0][j] = 0;
    inverse[j] = 1 / (double)j; /* divisions would be most of the time */
  }
  for (size_t i = 0; i < n; i++) {
    double row = 0;
    sums[i + 1][0] = 0;
    for (size_t j = 0; j < n; j++) {
      row += fabs(x[i] - x[j]);
      sums[i + 1][j + 1] = sums[i][j + 1] + row;
    }
  }
  *out = (gcb_split){.q = -INFINITY};
  for (size_t at = fewest; at + fewest <= n; at++) {
    for (size_t upto = at + fewest; upto <= n; upto++) {
      double a = (double)at, b = (double)(upto - at);
      double left = sums[at][at], across = sums[at][upto] - left;
      double right =
          sums[upto][upto] - 2 * sums[at][upto] + left; /* symmetric: both blocks off the diagonal */
      /* a b / (a + b) x (2 across / (a b) - left / (a (a - 1)) - right / (b (b - 1))) */
      double q =
          (2 * across - left * b * inverse[at - 1] - right * a * inverse[upto - at - 1]) * inverse[upto];
      if (q > out->q) *out = (gcb_split){at, upto, q};
    }
  }
  return true;
}

/* How much further apart than those of independent nights two means of such nights lie by chance, squared:
 * (1 + r) / (1 - r) for nights that resemble the one before with correlation r (Zwiers and von Storch,
 * "Taking Serial Correlation into Account in Tests of the Mean", 1995), never less than 1. `e` is what is
 * left of the nights when their level is taken away, which makes the estimate of r too small by (1 + 4 r) / n
 * (Kendall 1954). */
static double resemblance(const double *e, size_t n, double sum_of_squares) {
  const double most = .9;
  double products = 0;
  for (size_t i = 1; i < n; i++) products += e[i - 1] * e[i];
  double r = products / sum_of_squares;
  r = fmin(r + (1 + 4 * r) / (double)n, most);
  return r > 0 ? (1 + r) / (1 - r) : 1;
}

double gcb_step_p(const double *x, size_t at, size_t n, bool serial) {
  double *e = at > 0 && at < n && n > 2 ? malloc(n * sizeof *e) : NULL, squares = 0;
  if (!e) return 1;
  double before = gcb_mean(x, at), after = gcb_mean(x + at, n - at), apart = fabs(after - before);
  for (size_t i = 0; i < n; i++) {
    e[i] = x[i] - (i < at ? before : after);
    squares += e[i] * e[i];
  }
  /* Constant levels differ truly, or by the rounding of their means. */
  bool constant = sqrt(squares / (double)n) <= 1e-13 * fabs(before);
  double factor = serial && !constant ? resemblance(e, n, squares) : 1;
  double error = sqrt(squares / (double)(n - 2) * (1 / (double)at + 1 / (double)(n - at)) * factor);
  double independent = (double)n / factor;
  free(e);
  if (constant) return apart <= 1e-12 * fabs(before) ? 1 : 0;
  return gcb_student_p(apart / error, independent > 3 ? (size_t)independent - 2 : 1);
}

/* ---- the weak pass ---- */

typedef struct candidates {
  size_t *at, n;
} candidates;

/* Keeps the list sorted and without repetitions. */
static void add_candidate(candidates *c, size_t at) {
  size_t i = c->n;
  while (i > 0 && c->at[i - 1] > at) i--;
  if (i > 0 && c->at[i - 1] == at) return;
  memmove(c->at + i + 1, c->at + i, (c->n - i) * sizeof *c->at);
  c->at[i] = at;
  c->n++;
}

/* Splits x[from .. to-1] for as long as the test passes. Returns the last change, or `from`. */
static size_t split_window(const double *x, size_t from, size_t to, const gcb_change_rules *r,
                           candidates *found) {
  gcb_split split;
  if (!gcb_best_split(x + from, to - from, r->fewest, &split)) return from;
  size_t at = from + split.at;
  if (!(gcb_step_p(x + from, split.at, split.upto, false) < r->weak)) return from;
  add_candidate(found, at);
  split_window(x, from, at, r, found);
  return split_window(x, at, to, r, found);
}

static void find_candidates(const double *x, size_t n, const gcb_change_rules *r, candidates *found) {
  for (size_t from = 0; from < n;) {
    size_t to = from + r->window < n ? from + r->window : n;
    size_t last = split_window(x, from, to, r, found), next = from + r->window / 2;
    if (to == n) break;
    from = last > next ? last : next;
  }
}

/* ---- the strong pass ---- */

typedef struct judged {
  gcb_change change;
  size_t from, to;      /* the nights that it was judged by */
  size_t before, after; /* nights on each side that belong to its levels */
  bool sized;           /* medians are taken only of those that pass the rest: sorting is most of the work */
} judged;

/* The search gives each side `fewest` nights: one that got just so many may hold the last nights of the other
 * level. How many nights fit better, of x[0 .. n-1] split at `at`, on the shorter side. */
static size_t nights_that_fit(const double *x, size_t at, size_t n) {
  bool last = n - at <= at;
  size_t side = last ? n - at : at, best = side;
  double least = gcb_step_p(x, at, n, true);
  for (size_t fewer = 1; fewer < side; fewer++) {
    double p = gcb_step_p(x, last ? n - fewer : fewer, n, true);
    if (p < least) {
      least = p;
      best = fewer;
    }
  }
  return best;
}

static judged judge(const double *clipped, size_t n, const candidates *c, size_t i,
                    const gcb_change_rules *r) {
  size_t at = c->at[i], from = i ? c->at[i - 1] : 0, to = i + 1 < c->n ? c->at[i + 1] : n;
  if (at - from > r->window) from = at - r->window;
  if (to - at > r->window) to = at + r->window;
  judged j = {.from = from, .to = to, .before = at - from, .after = to - at};
  j.change = (gcb_change){.at = at, .p = gcb_step_p(clipped + from, at - from, to - from, true)};
  if (j.before == r->fewest || j.after == r->fewest) {
    size_t fit = nights_that_fit(clipped + from, at - from, to - from);
    if (j.after <= j.before)
      j.after = fit;
    else
      j.before = fit;
  }
  return j;
}

/* Too short a side, then too weak: the weakest of each. n when there is none. */
static size_t least_credible(const judged *all, size_t n, const gcb_change_rules *r) {
  size_t shortest = n, weakest = n;
  for (size_t i = 0; i < n; i++) {
    double p = all[i].change.p;
    bool tooshort = all[i].before < r->fewest || all[i].after < r->fewest;
    if (tooshort && (shortest == n || p > all[shortest].change.p)) shortest = i;
    if (!(p < r->strong) && (weakest == n || p > all[weakest].change.p)) weakest = i;
  }
  return shortest < n ? shortest : weakest;
}

static double relative_size(const gcb_change *c) {
  if (c->before == c->after) return 0;
  return c->before == 0 ? INFINITY : fabs(c->after / c->before - 1);
}

/* The smallest of those that are too small, or n. Without memory for its medians one counts as too small. */
static size_t smallest(const double *y, judged *all, size_t n, const gcb_change_rules *r) {
  size_t found = n;
  for (size_t i = 0; i < n; i++) {
    judged *j = &all[i];
    if (!j->sized) {
      j->change.before = gcb_median(y + j->from, j->change.at - j->from);
      j->change.after = gcb_median(y + j->change.at, j->to - j->change.at);
      j->sized = true;
    }
    double size = relative_size(&j->change);
    if (!(size >= r->size) && (found == n || !(size >= relative_size(&all[found].change)))) found = i;
  }
  return found;
}

static void drop_incredible(const double *y, const double *clipped, size_t n, const gcb_change_rules *r,
                            candidates *c, judged *all) {
  for (size_t i = 0; i < c->n; i++) all[i] = judge(clipped, n, c, i, r);
  for (;;) {
    size_t worst = least_credible(all, c->n, r);
    if (worst == c->n) worst = smallest(y, all, c->n, r);
    if (worst == c->n) return;
    c->n--;
    memmove(c->at + worst, c->at + worst + 1, (c->n - worst) * sizeof *c->at);
    memmove(all + worst, all + worst + 1, (c->n - worst) * sizeof *all);
    if (worst > 0) all[worst - 1] = judge(clipped, n, c, worst - 1, r);
    if (worst < c->n) all[worst] = judge(clipped, n, c, worst, r);
  }
}

size_t gcb_changes(const double *y, size_t n, const gcb_change_rules *rules, gcb_change *out, size_t most) {
  const gcb_change_rules *r = rules ? rules : &gcb_change_defaults;
  double *clipped = calloc(n + 1, sizeof *clipped);
  candidates c = {.at = calloc(n + 1, sizeof *c.at)};
  judged *all = NULL;
  size_t written = 0;
  if (!clipped || !c.at || !isfinite(gcb_mean(y, n))) goto out;
  gcb_hampel_clip(y, n, r->clip, clipped);
  find_candidates(clipped, n, r, &c);
  all = calloc(c.n + 1, sizeof *all);
  if (!all) goto out;
  drop_incredible(y, clipped, n, r, &c, all);
  for (size_t i = c.n > most ? c.n - most : 0; i < c.n; i++) out[written++] = all[i].change;
out:
  free(clipped);
  free(c.at);
  free(all);
  return written;
}

size_t gcb_exact_changes(const double *y, size_t n, gcb_change *out, size_t most) {
  size_t written = 0;
  for (size_t i = 1; i < n; i++) {
    if (y[i] == y[i - 1]) continue;
    if (written == most && most) memmove(out, out + 1, --written * sizeof *out);
    if (most) out[written++] = (gcb_change){i, y[i - 1], y[i], 0};
  }
  return written;
}
