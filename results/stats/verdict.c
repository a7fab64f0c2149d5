#include "results/stats/verdict.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LESSONS = 20 }; /* A/A comparisons that teach a floor */

static const char *const words[] = {
#define X(name, word) word,
    GCB_VERDICTS(X)
#undef X
};

const char *gcb_verdict_text(gcb_verdict_word w) {
  return words[w];
}

bool gcb_verdict_parse(const char *text, gcb_verdict_word *w) {
  for (size_t i = 0; text && i < sizeof words / sizeof *words; i++) {
    if (strcmp(words[i], text) != 0) continue;
    *w = (gcb_verdict_word)i;
    return true;
  }
  return false;
}

/* Zero is a value (no pause, no stall), so its ratio to another is one too: nothing changed from zero to
 * zero, and everything did from zero to something. */
static double log_ratio(double a, double b) {
  if (a == b) return 0;
  if (a == 0) return GCB_LOG_LIMIT;
  if (b == 0) return -GCB_LOG_LIMIT;
  return fmin(fmax(log(b / a), -GCB_LOG_LIMIT), GCB_LOG_LIMIT);
}

static bool usable(double v) {
  return v >= 0 && isfinite(v);
}

static double beyond(double floor) {
  return log1p(floor > 0 ? floor : GCB_FLOOR);
}

static gcb_verdict undecided(size_t n) {
  return (gcb_verdict){{NAN, NAN, NAN, n}, NAN, NAN, false, GCB_INCONCLUSIVE};
}

/* `level` is the size of the metric at the baseline, for limits->whole. */
static void judge(gcb_verdict *v, double level, bool paired, const gcb_limits *limits) {
  double floor = beyond(limits->floor), lo = v->log_ratio.lo, hi = v->log_ratio.hi;
  double most = fmax(fabs(expm1(lo)), fabs(expm1(hi)));
  bool little = limits->whole > 0 && most * level < GCB_LITTLE * limits->whole;
  bool same = lo > -log1p(GCB_SAME) && hi < log1p(GCB_SAME);
  v->adjusted = v->p;
  v->worse = limits->more_is_better ? v->log_ratio.mean < 0 : v->log_ratio.mean > 0;
  v->word = GCB_INCONCLUSIVE;
  if (lo == 0 && hi == 0) /* the very same values */
    v->word = GCB_EQUIVALENT;
  else if (!paired)
    v->word = little || !(lo > floor || hi < -floor) ? GCB_INCONCLUSIVE
              : v->worse                             ? GCB_SUSPECT
                                                     : GCB_PROMISING;
  else if (little)
    v->word = same ? GCB_EQUIVALENT : GCB_NEGLIGIBLE;
  else if (lo > floor || hi < -floor)
    v->word = (lo > floor) != limits->more_is_better ? GCB_REGRESSED : GCB_IMPROVED;
  else if (same)
    v->word = GCB_EQUIVALENT;
}

gcb_verdict gcb_verdict_paired(const double *a, const double *b, size_t n, const gcb_limits *limits) {
  double *ratios = calloc(n + 1, sizeof *ratios), *level = calloc(n + 1, sizeof *level);
  gcb_verdict v = undecided(0);
  size_t used = 0;
  for (size_t i = 0; ratios && level && i < n; i++) {
    if (!usable(a[i]) || !usable(b[i])) continue;
    level[used] = fmax(a[i], b[i]); /* a baseline of zero would make any difference little */
    ratios[used++] = log_ratio(a[i], b[i]);
  }
  if (used) {
    v.log_ratio = gcb_hodges_lehmann(ratios, used);
    v.p = gcb_signed_rank_p(ratios, used);
    judge(&v, gcb_median(level, used), true, limits);
  }
  free(ratios);
  free(level);
  return v;
}

/* Logarithms of the usable values, those of zero below all others by the limit. */
static size_t logs(const double *x, size_t n, double least, double *out) {
  size_t used = 0;
  for (size_t i = 0; i < n; i++)
    if (usable(x[i])) out[used++] = x[i] > 0 ? log(x[i]) : log(least) - GCB_LOG_LIMIT;
  return used;
}

gcb_verdict gcb_verdict_unpaired(const double *a, size_t na, const double *b, size_t nb,
                                 const gcb_limits *limits) {
  double *la = calloc(na + 1, sizeof *la), *lb = calloc(nb + 1, sizeof *lb), least = INFINITY;
  gcb_verdict v = undecided(0);
  if (!la || !lb) goto out;
  for (size_t i = 0; i < na; i++) least = usable(a[i]) && a[i] > 0 ? fmin(least, a[i]) : least;
  for (size_t i = 0; i < nb; i++) least = usable(b[i]) && b[i] > 0 ? fmin(least, b[i]) : least;
  if (isinf(least)) least = 1; /* all zero: nothing changed */
  size_t ua = logs(a, na, least, la), ub = logs(b, nb, least, lb);
  if (ua && ub) {
    v.log_ratio = gcb_shift(la, ua, lb, ub);
    v.p = gcb_rank_sum_p(la, ua, lb, ub);
    judge(&v, exp(fmax(gcb_median(la, ua), gcb_median(lb, ub))), false, limits);
  }
out:
  free(la);
  free(lb);
  return v;
}

bool gcb_verdicts_correct(gcb_verdict *v, size_t n) {
  double *p = calloc(n + 1, sizeof *p);
  for (size_t i = 0; p && i < n; i++) p[i] = v[i].p;
  bool good = p && gcb_benjamini_hochberg(p, n, p);
  for (size_t i = 0; i < n; i++) {
    v[i].adjusted = good ? p[i] : NAN;
    bool claims = v[i].word == GCB_REGRESSED || v[i].word == GCB_IMPROVED || v[i].word == GCB_SUSPECT ||
                  v[i].word == GCB_PROMISING;
    if (claims && !(v[i].adjusted <= GCB_GATE_RATE)) v[i].word = GCB_INCONCLUSIVE;
  }
  free(p);
  return good;
}

size_t gcb_pairs_for_comparisons(size_t comparisons) {
  size_t n = 6; /* fewer have no interval */
  while (ldexp(2, -(int)n) * (double)comparisons > GCB_GATE_RATE) n++;
  return n;
}

size_t gcb_pairs_for_precision(const gcb_verdict *v, double precision) {
  double half = (v->log_ratio.hi - v->log_ratio.lo) / 2 / log1p(precision);
  if (!(half >= 0) || v->log_ratio.hi >= GCB_LOG_LIMIT || v->log_ratio.lo <= -GCB_LOG_LIMIT) return 0;
  double needed = ceil((double)v->log_ratio.n * half * half * (1 - 1e-12)); /* 20 is not 21 by rounding */
  return needed < 6 ? 6 : needed < 1e9 ? (size_t)needed : 0;
}

double gcb_floor_learnt(const double *log_ratios, size_t n) {
  double *size = calloc(n + 1, sizeof *size), floor = GCB_FLOOR;
  for (size_t i = 0; size && i < n; i++) size[i] = fabs(log_ratios[i]);
  if (size && n >= LESSONS && gcb_sort(size, n)) floor = fmax(floor, expm1(gcb_percentile(size, n, .95)));
  free(size);
  return floor;
}

static bool worse_than(const gcb_verdict *v, double floor) {
  return v->worse && fabs(v->log_ratio.mean) > beyond(floor);
}

bool gcb_gate(const gcb_verdict *v, size_t n, double floor, bool *alarm) {
  double *p = calloc(n + 1, sizeof *p);
  for (size_t i = 0; p && i < n; i++) p[i] = v[i].p;
  bool good = p && gcb_benjamini_hochberg(p, n, p);
  for (size_t i = 0; i < n; i++) alarm[i] = good && p[i] <= GCB_GATE_RATE && worse_than(&v[i], floor);
  free(p);
  return good;
}

bool gcb_gate_agrees(const gcb_verdict *rerun, double floor) {
  return rerun->p <= GCB_GATE_RATE && worse_than(rerun, floor);
}
