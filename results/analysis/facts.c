#include "results/analysis/facts.h"
#include "results/model/cell.h"
#include "results/model/members.h"
#include "results/model/metrics.h"
#include "results/model/units.h"
#include "results/stats/stats.h"
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_CELLS = 64 };

/* What one figure is worked out from. */
typedef struct sample {
  double *at; /* a value a round */
  size_t n;
  const char *why; /* there is none */
  char text[400];
} sample;

static void lacks(sample *s, const char *why) {
  if (!s->why) s->why = why;
}

/* ---- cells ---- */

/* A selection is {workload, collector, heap, params{}, options{}}; what it does not say is not asked for. An
 * option of null has its default, which a cell leaves out. */
static bool selected(const json_t *selection, const json_t *cell) {
  const char *collector = gcb_string(selection, "collector"), *workload = gcb_string(selection, "workload"),
             *key;
  double heap = json_number_value(json_object_get(selection, "heap"));
  double has = json_number_value(json_object_get(cell, "heap_factor"));
  json_t *value;
  if (*collector && strcmp(collector, gcb_string(cell, "collector")) != 0) return false;
  if (*workload && strcmp(workload, gcb_string(cell, "workload")) != 0) return false;
  if (heap > 0 && fabs(has / heap - 1) > .02) return false;
  static const char *const settings[] = {"params", "options"};
  for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
    const json_t *has_set = json_object_get(cell, settings[i]);
    json_object_foreach(json_object_get(selection, settings[i]), key, value) {
      const json_t *has_value = json_object_get(has_set, key);
      if (json_is_null(value) ? has_value != NULL : !json_equal(value, has_value)) return false;
    }
  }
  return true;
}

static size_t choose(const json_t *selection, const json_t *cells, const json_t **out) {
  size_t i, n = 0;
  json_t *cell;
  json_array_foreach(cells, i, cell) if (n < MOST_CELLS && selected(selection, cell)) out[n++] = cell;
  return n;
}

/* ---- values ---- */

/* A number somewhere inside an object: "response.intended.p999". */
static double inside(const json_t *o, const char *path) {
  char name[64];
  for (;;) {
    size_t n = strcspn(path, ".");
    if (n >= sizeof name) return NAN;
    memcpy(name, path, n);
    name[n] = 0;
    o = json_object_get(o, name);
    if (!path[n]) return json_is_number(o) ? json_number_value(o) : NAN;
    path += n + 1;
  }
}

static double named_value(const json_t *invocation, const char *name) {
  const gcb_metric *m = gcb_metric_find(name);
  return m ? gcb_metric_of(m, invocation) : inside(invocation, name);
}

/* "A" or "A / B": metrics, or paths inside an invocation. */
static double value_of(const json_t *invocation, const char *expression) {
  char first[80];
  const char *over = strstr(expression, " / ");
  if (!over) return named_value(invocation, expression);
  if ((size_t)(over - expression) >= sizeof first) return NAN;
  memcpy(first, expression, (size_t)(over - expression));
  first[over - expression] = 0;
  return named_value(invocation, first) / named_value(invocation, over + 3);
}

/* With "median" in the figure, the median over the iterations, each by itself: what hit one of them is not in
 * it. */
static double robust_value(const json_t *figure, const json_t *invocation, const char *expression) {
  json_t *iterations = json_object_get(invocation, "iterations"), *one;
  size_t i, n = 0;
  if (!json_is_true(json_object_get(figure, "median"))) return value_of(invocation, expression);
  double *each = calloc(json_array_size(iterations) + 1, sizeof *each), value;
  json_array_foreach(iterations, i, one) {
    json_t *alone = json_pack("{s:[O]}", "iterations", one);
    value = value_of(alone, expression);
    if (each && isfinite(value)) each[n++] = value;
    json_decref(alone);
  }
  value = each ? gcb_median(each, n) : NAN;
  free(each);
  return value;
}

static const json_t *invocations_of(const json_t *figure, const json_t *cell) {
  bool latency = strcmp(gcb_string(figure, "watch"), "latency") == 0;
  return json_object_get(cell, latency ? "latency_invocations" : "invocations");
}

/* Rounds that every one of the cells has ended. Too few of them is a reason. */
static size_t rounds_of(const json_t *figure, const json_t *const *cells, size_t n, sample *s) {
  size_t rounds = n ? SIZE_MAX : 0;
  for (size_t i = 0; i < n; i++) {
    size_t has = json_array_size(invocations_of(figure, cells[i]));
    if (strcmp(gcb_string(cells[i], "status"), "ok") != 0) {
      snprintf(s->text, sizeof s->text, "%.60s on %.60s ended %.20s: %.200s",
               gcb_string(cells[i], "workload"), gcb_string(cells[i], "collector"),
               gcb_string(cells[i], "status"), gcb_string(cells[i], "reason"));
      lacks(s, s->text);
      has = 0;
    }
    if (has < rounds) rounds = has;
  }
  if (!n) lacks(s, "no such cell was run");
  return rounds;
}

/* The one cell of a selection; NULL with a reason. */
static const json_t *only(const json_t *selection, const json_t *cells, sample *s) {
  const json_t *chosen[MOST_CELLS];
  size_t n = choose(selection, cells, chosen);
  if (n == 1) return chosen[0];
  lacks(s, n ? "the selection fits several cells" : "no such cell was run");
  return NULL;
}

static void keep(sample *s, double v) {
  if (isfinite(v)) s->at[s->n++] = v;
}

/* ---- kinds of figure: each fills the sample ---- */

typedef void figure_kind(const json_t *figure, const json_t *cells, sample *s);

static void value(const json_t *figure, const json_t *cells, sample *s) {
  const json_t *cell = only(json_object_get(figure, "of"), cells, s);
  size_t rounds = cell ? rounds_of(figure, &cell, 1, s) : 0;
  for (size_t r = 0; r < rounds; r++)
    keep(s,
         robust_value(figure, json_array_get(invocations_of(figure, cell), r), gcb_string(figure, "value")));
}

/* The value of one cell beside that of another, or of the same cell's second value. */
static void two(const json_t *figure, const json_t *cells, sample *s, double (*join)(double, double)) {
  const json_t *a = json_object_get(figure, "of"), *b = json_object_get(figure, "to");
  const json_t *pair[2] = {only(a, cells, s), b ? only(b, cells, s) : NULL};
  if (!b) pair[1] = pair[0];
  const char *first = gcb_string(figure, "value"), *second = gcb_string(figure, "beside");
  size_t rounds = pair[0] && pair[1] ? rounds_of(figure, pair, 2, s) : 0;
  for (size_t r = 0; r < rounds; r++)
    keep(s, join(robust_value(figure, json_array_get(invocations_of(figure, pair[0]), r), first),
                 robust_value(figure, json_array_get(invocations_of(figure, pair[1]), r),
                              *second ? second : first)));
}
static double log_ratio(double a, double b) {
  return log(a / b);
}
static double minus(double a, double b) {
  return a - b;
}
static void ratio(const json_t *figure, const json_t *cells, sample *s) {
  two(figure, cells, s, log_ratio);
}
static void difference(const json_t *figure, const json_t *cells, sample *s) {
  two(figure, cells, s, minus);
}

/* What a cell's value is set against: "heap"; "room", live/(share x heap - live); or a parameter. */
static double abscissa(const json_t *figure, const json_t *cell) {
  const char *against = gcb_string(figure, "against");
  double heap = json_number_value(json_object_get(cell, "heap_bytes"));
  double live = json_number_value(json_object_get(cell, "peak_live_bytes"));
  double share = json_number_value(json_object_get(figure, "share"));
  if (strcmp(against, "heap") == 0) return heap;
  if (strcmp(against, "room") == 0) return live / ((share > 0 ? share : 1) * heap - live);
  const char *word = json_string_value(json_object_get(json_object_get(cell, "params"), against));
  const char *end;
  return word ? gcb_parse_real(word, &end) : NAN;
}

/* The exponent k of value ~ x^k over the chosen cells: least squares of the logarithms. */
static void slope(const json_t *figure, const json_t *cells, sample *s) {
  const json_t *chosen[MOST_CELLS];
  size_t n = choose(json_object_get(figure, "of"), cells, chosen);
  size_t rounds = rounds_of(figure, chosen, n, s);
  for (size_t r = 0; r < rounds; r++) {
    double x[MOST_CELLS], y[MOST_CELLS], xy = 0, xx = 0;
    for (size_t i = 0; i < n; i++) {
      x[i] = log(abscissa(figure, chosen[i]));
      y[i] = log(robust_value(figure, json_array_get(invocations_of(figure, chosen[i]), r),
                              gcb_string(figure, "value")));
    }
    double mx = gcb_mean(x, n), my = gcb_mean(y, n);
    for (size_t i = 0; i < n; i++) {
      xy += (x[i] - mx) * (y[i] - my);
      xx += (x[i] - mx) * (x[i] - mx);
    }
    keep(s, xy / xx);
  }
}

/* How many of the chosen cells ended otherwise than "ok". */
static void failures(const json_t *figure, const json_t *cells, sample *s) {
  const json_t *chosen[MOST_CELLS];
  size_t n = choose(json_object_get(figure, "of"), cells, chosen), failed = 0, unsupported = 0;
  for (size_t i = 0; i < n; i++) {
    const char *status = gcb_string(chosen[i], "status");
    unsupported += strcmp(status, "unsupported") == 0;
    failed += strcmp(status, "ok") != 0;
  }
  if (!n || unsupported) return lacks(s, n ? "one of them does not support it" : "no such cell was run");
  keep(s, (double)failed);
}

/* Responses later than `late` ns, over those that must be when requests go on arriving, at their mean rate,
 * during every stop: each stop of length p makes rate x (p - late) of them. */
static void punctual(const json_t *figure, const json_t *cells, sample *s) {
  const json_t *cell = only(json_object_get(figure, "of"), cells, s), *iteration, *pause, *bucket;
  size_t rounds = cell ? rounds_of(figure, &cell, 1, s) : 0, i, k;
  for (size_t r = 0; r < rounds; r++) {
    const json_t *one = json_array_get(invocations_of(figure, cell), r);
    const json_t *response = json_object_get(one, "response");
    double late = .5 * named_value(one, "pause_max"), due = 0, seen = 0;
    json_array_foreach(json_object_get(one, "iterations"), i, iteration)
        json_array_foreach(json_object_get(iteration, "pauses"), k, pause) {
      double beyond = json_number_value(json_object_get(pause, "ns")) - late;
      if (beyond > 0) due += beyond / 1e9 * json_number_value(json_object_get(response, "rate"));
    }
    json_array_foreach(json_object_get(json_object_get(response, "intended"), "buckets"), i,
                       bucket) if (json_number_value(json_array_get(bucket, 0)) >= late) seen +=
        json_number_value(json_array_get(bucket, 1));
    keep(s, seen / due);
  }
}

static const struct kind {
  const char *name;
  figure_kind *fill;
  bool logarithmic, exact;
} kinds[] = {
    {"value", value, false, false},           {"ratio", ratio, true, false},
    {"difference", difference, false, false}, {"slope", slope, false, false},
    {"failures", failures, false, true},      {"equal", difference, false, true},
    {"punctual", punctual, false, false},     {"lbo", NULL, false, false},
};

static const struct kind *kind_of(const json_t *figure) {
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if (strcmp(kinds[i].name, gcb_string(figure, "kind")) == 0) return kinds + i;
  return NULL;
}

/* ---- judging ---- */

static gcb_interval interval_of(const struct kind *k, sample *s) {
  gcb_interval v = {NAN, NAN, NAN, s->n};
  if (!s->n) return v;
  if (!k->exact) v = gcb_hodges_lehmann(s->at, s->n);
  if (!isfinite(v.lo)) { /* exact, or too few for an interval: what was seen */
    gcb_sort(s->at, s->n);
    v = (gcb_interval){gcb_median(s->at, s->n), s->at[0], s->at[s->n - 1], s->n};
  }
  if (k->logarithmic) v = (gcb_interval){exp(v.mean), exp(v.lo), exp(v.hi), v.n};
  return v;
}

/* As the summary has it: the baseline is drawn anew in its interval. */
static gcb_interval lbo_of(const json_t *figure, const json_t *cells, sample *s) {
  const json_t *cell = only(json_object_get(figure, "of"), cells, s);
  const json_t *lbo = json_object_get(json_object_get(cell, "summary"), "lbo");
  const json_t *v = json_object_get(lbo, gcb_string(figure, "value"));
  if (cell) rounds_of(figure, &cell, 1, s);
  if (!v) return (gcb_interval){NAN, NAN, NAN, 0};
  return (gcb_interval){inside(v, "mean"), inside(v, "lo"), inside(v, "hi"),
                        (size_t)json_integer_value(json_object_get(v, "n"))};
}

static double bound(const json_t *figure, size_t i, double open) {
  const json_t *v = json_array_get(json_object_get(figure, "expect"), i);
  return json_is_number(v) ? json_number_value(v) : open;
}

static json_t *real(double d) {
  return isfinite(d) ? json_real(d) : json_null();
}

/* Could a busy machine change it? */
static bool timed(const json_t *figure, const struct kind *k) {
  return strstr(gcb_string(figure, "value"), "_ns") || strstr(gcb_string(figure, "value"), "response.") ||
         strstr(gcb_string(figure, "value"), "pause_") || (k && (k->fill == punctual || !k->fill));
}

static json_t *judge(const json_t *figure, const json_t *cells) {
  const struct kind *k = kind_of(figure);
  size_t most = 1, i;
  json_t *cell;
  json_array_foreach(cells, i, cell) most += json_array_size(json_object_get(cell, "invocations")) +
                                             json_array_size(json_object_get(cell, "latency_invocations"));
  sample s = {.at = calloc(most, sizeof *s.at)};
  gcb_interval v = {NAN, NAN, NAN, 0};
  if (s.at && k && k->fill) {
    k->fill(figure, cells, &s);
    v = interval_of(k, &s);
  } else if (s.at && k) {
    v = lbo_of(figure, cells, &s);
  }
  double lo = bound(figure, 0, -INFINITY), hi = bound(figure, 1, INFINITY);
  bool known = isfinite(v.mean);
  const char *verdict = !known                     ? "not shown"
                        : v.lo >= lo && v.hi <= hi ? "pass"
                        : v.hi < lo || v.lo > hi   ? "fail"
                                                   : "inconclusive";
  if (!known) lacks(&s, "its invocations do not have this value");
  json_t *out =
      json_pack("{s:s, s:s, s:s, s:b, s:o, s:o, s:s, s:o, s:o}", "what", gcb_string(figure, "what"), "kind",
                gcb_string(figure, "kind"), "unit", gcb_string(figure, "unit"), "timed",
                (int)timed(figure, k), "expected", json_pack("[o, o]", real(lo), real(hi)), "seen",
                known ? json_pack("{s:o, s:o, s:o, s:I}", "mean", real(v.mean), "lo", real(v.lo), "hi",
                                  real(v.hi), "n", (json_int_t)v.n)
                      : json_null(),
                "verdict", verdict, "why", known ? json_null() : json_string(s.why), "note",
                *gcb_string(figure, "note") ? json_string(gcb_string(figure, "note")) : json_null());
  free(s.at);
  return out;
}

static json_t *head(const json_t *fact, const char *verdict) {
  return json_pack("{s:s, s:s, s:s}", "name", gcb_string(fact, "name"), "fact", gcb_string(fact, "fact"),
                   "verdict", verdict);
}

/* The worst of the figures' verdicts. */
static const char *worst_of(const json_t *figures) {
  static const char *const order[] = {"fail", "inconclusive", "not shown", "pass"};
  size_t worst = 3, i;
  json_t *one;
  json_array_foreach(figures, i, one) for (size_t k = 0; k < worst;
                                           k++) if (strcmp(gcb_string(one, "verdict"), order[k]) == 0) worst =
      k;
  return order[worst];
}

json_t *gcb_fact_judge(const json_t *fact, const json_t *cells) {
  size_t i;
  json_t *figure, *figures = json_array(), *out;
  json_array_foreach(json_object_get(fact, "figures"), i, figure)
      json_array_append_new(figures, judge(figure, cells));
  out = head(fact, worst_of(figures));
  json_object_set_new(out, "figures", figures);
  return out;
}

void gcb_fact_doubt(json_t *judged, const char *why) {
  size_t i;
  json_t *one, *figures = json_object_get(judged, "figures");
  json_array_foreach(figures, i, one) {
    if (!json_is_true(json_object_get(one, "timed")) || strcmp(gcb_string(one, "verdict"), "fail") != 0)
      continue;
    json_object_set_new(one, "verdict", json_string("inconclusive"));
    json_object_set_new(one, "why", json_string(why));
  }
  if (json_array_size(figures)) json_object_set_new(judged, "verdict", json_string(worst_of(figures)));
}

json_t *gcb_fact_unshown(const json_t *fact, const char *why) {
  json_t *out = head(fact, "not shown");
  json_object_set_new(out, "why", json_string(why));
  json_object_set_new(out, "figures", json_array());
  return out;
}

int gcb_fact_valid(const json_t *fact, char *why, size_t why_size) {
  const json_t *figures = json_object_get(fact, "figures");
  size_t i;
  json_t *figure;
  if (!*gcb_string(fact, "name") || !*gcb_string(fact, "fact") || !json_array_size(figures)) {
    snprintf(why, why_size, "a fact needs name, fact and figures");
    return 0;
  }
  json_array_foreach(figures, i, figure) {
    const char *what = gcb_string(figure, "what");
    if (*what && kind_of(figure) && json_array_size(json_object_get(figure, "expect")) == 2) continue;
    snprintf(why, why_size, "figure %zu of the fact '%.60s' needs what, a known kind, and expect: [from, to]",
             i + 1, gcb_string(fact, "name"));
    return 0;
  }
  return 1;
}
