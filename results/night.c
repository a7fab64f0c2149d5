#include "night.h"
#include "compare.h"
#include "metrics.h"
#include "verdict.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char headline[] = "wall_ns";

static const char *string(const json_t *o, const char *key) {
  const char *s = json_string_value(json_object_get(o, key));
  return s ? s : "";
}

static bool is(const json_t *o, const char *key, const char *word) {
  return strcmp(string(o, key), word) == 0;
}

static double number(const json_t *o, const char *key) {
  json_t *v = json_object_get(o, key);
  return json_is_number(v) ? json_number_value(v) : NAN;
}

static bool itself(const json_t *comparison) {
  return !is(comparison, "leg", "gate");
}

static json_t *metric_named(const json_t *comparison, const char *name) {
  size_t i;
  json_t *m;
  json_array_foreach(json_object_get(comparison, "metrics"), i, m) if (is(m, "name", name)) return m;
  return NULL;
}

static const gcb_night_gate *gate_of(const gcb_night_rules *rules, const char *name) {
  for (size_t i = 0; i < rules->n_gates; i++)
    if (strcmp(rules->gates[i].metric, name) == 0) return &rules->gates[i];
  return NULL;
}

/* ---- what cells taught that were compared with themselves ---- */

enum { LESSON_NIGHTS = 30, FEWEST_LESSONS = 40 };

typedef struct lessons {
  double *log_ratios;
  size_t n, alarms; /* alarms: of a p that is below the nominal rate */
} lessons;

static void learn_from(lessons *l, const json_t *night, const char *metric) {
  size_t i, k;
  json_t *c, *m;
  json_array_foreach(json_object_get(night, "comparisons"), i, c) if (itself(c))
      json_array_foreach(json_object_get(c, "metrics"), k, m) {
    double ratio = number(json_object_get(m, "ratio"), "mean"), p = number(m, "p");
    if ((metric && !is(m, "name", metric)) || !(ratio > 0) || !isfinite(p)) continue;
    double *grown = realloc(l->log_ratios, (l->n + 1) * sizeof *grown);
    if (!grown) return;
    l->log_ratios = grown;
    l->log_ratios[l->n++] = log(ratio);
    l->alarms += p <= GCB_GATE_RATE;
  }
}

/* Of the last nights, and `tonight` unless it is NULL; of one metric or (NULL) of all. */
static lessons learn(const json_t *earlier, const json_t *tonight, const char *metric) {
  lessons l = {0};
  size_t n = json_array_size(earlier), from = n > LESSON_NIGHTS ? n - LESSON_NIGHTS : 0;
  for (size_t i = from; i < n; i++) learn_from(&l, json_array_get(earlier, i), metric);
  if (tonight) learn_from(&l, tonight, metric);
  return l;
}

static double floor_of(const gcb_night_gate *gate, const json_t *earlier) {
  if (gate->floor > 0) return gate->floor;
  lessons l = learn(earlier, NULL, gate->metric);
  double floor = gcb_floor_learnt(l.log_ratios, l.n);
  free(l.log_ratios);
  return floor;
}

/* ---- comparing and gating ---- */

/* Of a cell as compare.h describes it, what a night needs. */
static json_t *comparison_of(const json_t *cell) {
  static const char *const keys[] = {"workload", "params", "heap_bytes", "heap_factor", "mutators",
                                     "workers",  "a",      "b",          "checksum",    "pairs"};
  json_t *out = json_object(), *metrics = json_array(), *exact = json_array(), *m;
  const json_t *night = json_object_get(cell, "night");
  size_t i;
  json_object_set(out, "leg", json_object_get(night, "leg"));
  json_object_set(out, "baseline", json_object_get(night, "baseline"));
  json_object_set(out, "number", json_object_get(night, "number"));
  for (i = 0; i < sizeof keys / sizeof *keys; i++)
    json_object_set(out, keys[i], json_object_get(cell, keys[i]));
  json_array_foreach(json_object_get(cell, "metrics"), i, m) {
    if (is(m, "class", "exact") && is(m, "verdict", "differs")) json_array_append(exact, m);
    if (json_object_get(m, "ratio")) json_array_append(metrics, m);
  }
  json_object_set_new(out, "metrics", metrics);
  json_object_set_new(out, "exact", exact);
  return out;
}

static json_t *compare(const json_t *run, const gcb_night_rules *rules) {
  const char **names = calloc(rules->n_gates + 1, sizeof *names);
  json_t *list = json_array(), *cell;
  size_t i, n = 0;
  if (!names) return list;
  names[n++] = headline; /* gate or not, its intervals say how noisy the night was */
  for (i = 0; i < rules->n_gates; i++)
    if (strcmp(rules->gates[i].metric, headline) != 0) names[n++] = rules->gates[i].metric;
  gcb_comparison how = {.name_a = "baseline", .name_b = "tonight", .metrics = names, .n_metrics = n};
  json_t *all = gcb_compare_runs(run, run, &how);
  json_array_foreach(json_object_get(all, "cells"), i, cell) json_array_append_new(list, comparison_of(cell));
  json_decref(all);
  free(names);
  return list;
}

static gcb_verdict verdict_of(const json_t *metric) {
  const gcb_metric *m = gcb_metric_find(string(metric, "name"));
  gcb_verdict v = {.p = number(metric, "p"), .word = GCB_INCONCLUSIVE};
  v.log_ratio.mean = log(number(json_object_get(metric, "ratio"), "mean"));
  v.worse = m && m->more_is_better ? v.log_ratio.mean < 0 : v.log_ratio.mean > 0;
  return v;
}

static void set_word(json_t *metric, const char *word) {
  json_object_set_new(metric, "verdict", json_string(word));
}

/* Every gate metric of every comparison with a baseline is read together with all others. */
static void apply_gate(json_t *comparisons, const gcb_night_rules *rules, const json_t *earlier,
                       size_t *made) {
  size_t most = json_array_size(comparisons) * rules->n_gates, n = 0, i, k;
  gcb_verdict *verdicts = calloc(most + 1, sizeof *verdicts);
  json_t **metrics = calloc(most + 1, sizeof *metrics), *c, *m;
  double *floors = calloc(rules->n_gates + 1, sizeof *floors);
  bool *alarm = calloc(most + 1, sizeof *alarm);
  if (!verdicts || !metrics || !floors || !alarm) goto out;
  for (i = 0; i < rules->n_gates; i++) floors[i] = floor_of(&rules->gates[i], earlier);
  json_array_foreach(comparisons, i, c) json_array_foreach(json_object_get(c, "metrics"), k, m) {
    const gcb_night_gate *gate = gate_of(rules, string(m, "name"));
    if (itself(c))
      set_word(m, number(m, "p") <= GCB_GATE_RATE ? "chance" : "same");
    else if (!gate && is(m, "verdict", "regressed"))
      set_word(m, "ungated");
    if (gate) json_object_set_new(m, "floor", json_real(floors[gate - rules->gates]));
    if (itself(c) || !gate) continue;
    metrics[n] = m;
    verdicts[n++] = verdict_of(m);
  }
  /* The least floor that a suite may name: each metric's own comes next. */
  gcb_gate(verdicts, n, .001, alarm);
  for (i = 0; i < n; i++) {
    alarm[i] &= gcb_gate_agrees(&verdicts[i], number(metrics[i], "floor"));
    if (alarm[i])
      set_word(metrics[i], "alarm");
    else if (is(metrics[i], "verdict", "regressed"))
      set_word(metrics[i], "minor");
  }
  *made = n;
out:
  free(verdicts);
  free(metrics);
  free(floors);
  free(alarm);
}

json_t *gcb_night_judge(const json_t *run, const gcb_night_rules *rules, const json_t *earlier) {
  json_t *comparisons = compare(run, rules);
  size_t made = 0;
  apply_gate(comparisons, rules, earlier, &made);
  return json_pack("{s:s, s:o, s:I, s:I}", "schema", "gcbench.nightly/1", "comparisons", comparisons, "gated",
                   (json_int_t)made, "least_pairs", (json_int_t)(made ? gcb_pairs_for_comparisons(made) : 0));
}

static bool has_verdict(const json_t *comparison, const char *word) {
  size_t i;
  json_t *m;
  json_array_foreach(json_object_get(comparison, "metrics"), i, m) if (is(m, "verdict", word)) return true;
  return false;
}

/* How many times its floor the worst alarm of a comparison is; 0: it has none. */
static double strength(const json_t *comparison) {
  double most = 0;
  size_t i;
  json_t *m;
  json_array_foreach(json_object_get(comparison, "metrics"), i, m) if (is(m, "verdict", "alarm")) most =
      fmax(most, fabs(verdict_of(m).log_ratio.mean) / log1p(number(m, "floor")));
  return most;
}

json_t *gcb_night_alarms(const json_t *night) {
  const json_t *comparisons = json_object_get(night, "comparisons");
  json_t *list = json_array(), *c, *other;
  size_t i, k;
  json_array_foreach(comparisons, i, c) {
    size_t before = 0, own = 0;
    if (!(strength(c) > 0)) continue;
    json_array_foreach(comparisons, k, other) own +=
        strength(other) > strength(c) || (k < i && strength(other) == strength(c));
    json_array_foreach(list, k, other) before +=
        json_integer_value(json_object_get(other, "rank")) < (json_int_t)own;
    json_array_insert_new(
        list, before,
        json_pack("{s:I, s:O}", "rank", (json_int_t)own, "number", json_object_get(c, "number")));
  }
  json_array_foreach(list, i, c) json_array_set(list, i, json_object_get(c, "number"));
  return list;
}

enum { FEWEST_PAIRS = 6 }; /* with fewer nothing can be confirmed, and so nothing is cleared */

static void confirm(const json_t *comparison, const json_t *again) {
  size_t i;
  json_t *m;
  json_array_foreach(json_object_get(comparison, "metrics"), i, m) {
    json_t *fresh = metric_named(again, string(m, "name"));
    if (!is(m, "verdict", "alarm") || !(number(json_object_get(fresh, "ratio"), "n") >= FEWEST_PAIRS))
      continue;
    gcb_verdict v = verdict_of(fresh);
    set_word(m, gcb_gate_agrees(&v, number(m, "floor")) ? "regressed" : "cleared");
    json_object_set_new(
        m, "rerun",
        json_pack("{s:O, s:O}", "ratio", json_object_get(fresh, "ratio"), "p", json_object_get(fresh, "p")));
  }
}

void gcb_night_confirm(json_t *night, const json_t *rerun, const gcb_night_rules *rules) {
  json_t *fresh = compare(rerun, rules), *c, *again;
  size_t i, k;
  json_array_foreach(json_object_get(night, "comparisons"), i, c) json_array_foreach(
      fresh, k, again) if (json_equal(json_object_get(c, "number"), json_object_get(again, "number")))
      confirm(c, again);
  json_decref(fresh);
}

/* ---- trust ---- */

static void reason(json_t *reasons, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void reason(json_t *reasons, const char *format, ...) {
  char text[500];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  json_array_append_new(reasons, json_string(text));
}

static const json_t *finding(const json_t *findings, const char *check) {
  size_t i;
  json_t *f;
  json_array_foreach(findings, i, f) if (is(f, "check", check)) return f;
  return NULL;
}

/* The load average tells of minutes: a build just before it would show there. It counts if it is still felt.
 * Afterwards it tells of the night itself. */
static void heed_doctor(const json_t *before, const json_t *after, json_t *reasons) {
  const json_t *noise = finding(before, "noise"), *load = finding(before, "load"),
               *later = finding(after, "noise");
  if (is(noise, "verdict", "bad"))
    reason(reasons, "the machine was noisy at the start: %s", string(noise, "found"));
  if (is(load, "verdict", "bad") && !is(noise, "verdict", "fine"))
    reason(reasons, "the machine was busy at the start: %s", string(load, "found"));
  if (is(later, "verdict", "bad"))
    reason(reasons, "the machine was noisy at the end: %s", string(later, "found"));
}

static double half_width(const json_t *comparisons) {
  size_t n = 0, i;
  json_t *c;
  double *widths = calloc(json_array_size(comparisons) + 1, sizeof *widths);
  json_array_foreach(comparisons, i, c) {
    const json_t *ratio = json_object_get(metric_named(c, headline), "ratio");
    double half = log(number(ratio, "hi") / number(ratio, "lo")) / 2;
    if (widths && isfinite(half)) widths[n++] = half;
  }
  double median = expm1(gcb_median(widths, n));
  free(widths);
  return median;
}

enum { CANARY_NIGHTS = 5 }; /* that say what is usual */

static double canary_time(const json_t *night) {
  return number(json_object_get(night, "canary"), "wall_ns");
}

static json_t *judge_canary(const json_t *night, const json_t *earlier, double moves, bool *moved) {
  const json_t *canary = json_object_get(night, "canary");
  double now = canary_time(night), *before = calloc(json_array_size(earlier) + 1, sizeof *before);
  size_t n = 0, i;
  json_t *one;
  json_array_foreach(earlier, i, one) {
    double t = canary_time(one);
    bool same = json_equal(json_object_get(json_object_get(one, "canary"), "digest"),
                           json_object_get(canary, "digest"));
    if (before && same && t > 0) before[n++] = log(t);
  }
  double usual = gcb_median(before, n);
  for (i = 0; i < n; i++) before[i] = fabs(before[i] - usual);
  double sigma = 1.4826 * gcb_median(before, n), shift = log(now) - usual;
  free(before);
  *moved = n >= CANARY_NIGHTS && now > 0 && fabs(shift) > log1p(moves) && fabs(shift) > 3 * sigma;
  return json_pack("{s:I, s:o, s:o}", "nights", (json_int_t)n, "ratio",
                   isfinite(shift) ? json_real(exp(shift)) : json_null(), "sigma",
                   isfinite(sigma) ? json_real(sigma) : json_null());
}

void gcb_night_trust(json_t *night, const json_t *earlier, const json_t *before, const json_t *after,
                     const gcb_night_rules *rules) {
  json_t *reasons = json_array(), *comparisons = json_object_get(night, "comparisons"), *c;
  bool moved;
  size_t i;
  json_array_foreach(comparisons, i, c) {
    const json_t *wall = metric_named(c, headline);
    double mean = (number(wall, "a") + number(wall, "b")) / 2;
    if (is(c, "leg", "canary") && mean > 0)
      json_object_set_new(json_object_get(night, "canary"), "wall_ns", json_real(mean));
  }
  if (rules->heed_doctor) heed_doctor(before, after, reasons);
  double width = half_width(comparisons);
  if (width > rules->widest)
    reason(reasons,
           "the intervals are wide: half of those of the wall times are wider than +-%.1f %%, and %.1f %% "
           "are allowed",
           100 * width, 100 * rules->widest);
  lessons l = learn(earlier, night, NULL);
  double rate = l.n ? (double)l.alarms / (double)l.n : NAN;
  if (l.n >= FEWEST_LESSONS && rate > 2 * GCB_GATE_RATE)
    reason(reasons,
           "cells compared with themselves differ too often: %zu of %zu comparisons of the last nights, "
           "where 1 of 20 is chance",
           l.alarms, l.n);
  json_t *canary = judge_canary(night, earlier, rules->canary_moves, &moved);
  if (moved)
    reason(reasons, "the frozen collector took %+.1f %% of its usual time: the machine changed",
           100 * (number(canary, "ratio") - 1));
  json_object_set_new(night, "trust",
                      json_pack("{s:b, s:o, s:o, s:I, s:I, s:o}", "trusted", json_array_size(reasons) == 0,
                                "reasons", reasons, "half_width",
                                isfinite(width) ? json_real(width) : json_null(), "aa_comparisons",
                                (json_int_t)l.n, "aa_alarms", (json_int_t)l.alarms, "canary", canary));
  free(l.log_ratios);
}

/* ---- what it comes to ---- */

static bool ended(const json_t *side, const char *status) {
  return is(side, "status", status);
}

static bool bad(const json_t *side) {
  return !ended(side, "ok") && !ended(side, "oom") && !ended(side, "unsupported") &&
         number(side, "invocations") > 0;
}

/* Tonight's failed where the baseline did not; against itself, any crash. */
static bool failed(const json_t *c) {
  const json_t *a = json_object_get(c, "a"), *b = json_object_get(c, "b");
  if (is(c, "leg", "canary")) return false;
  if (itself(c)) return bad(a) || bad(b);
  return ended(a, "ok") && (bad(b) || ended(b, "oom"));
}

gcb_night_outcome gcb_night_conclude(json_t *night) {
  static const char *const words[] = {
#define X(name, word) word,
      GCB_NIGHT_OUTCOMES(X)
#undef X
  };
  bool any = false, against = false, stands = false, open = false, failing;
  gcb_night_outcome o = GCB_NIGHT_QUIET;
  size_t i;
  json_t *c;
  failing = json_array_size(json_object_get(night, "broken")) > 0;
  json_array_foreach(json_object_get(night, "comparisons"), i, c) {
    bool measured = json_array_size(json_object_get(c, "metrics")) > 0;
    any |= measured && !is(c, "leg", "canary");
    against |= measured && is(c, "leg", "gate");
    stands |= has_verdict(c, "regressed");
    open |= has_verdict(c, "alarm");
    failing |= failed(c);
    json_object_set_new(c, "failed", json_boolean(failed(c)));
  }
  if (json_is_true(json_object_get(night, "interrupted")))
    o = GCB_NIGHT_INTERRUPTED;
  else if (failing)
    o = GCB_NIGHT_FAILED;
  else if (!any)
    o = GCB_NIGHT_NOTHING;
  else if (json_is_false(json_object_get(json_object_get(night, "trust"), "trusted")))
    o = GCB_NIGHT_UNTRUSTED;
  else if (stands)
    o = GCB_NIGHT_REGRESSED;
  else if (!against)
    o = GCB_NIGHT_FIRST;
  else if (open)
    o = GCB_NIGHT_OPEN;
  json_object_set_new(night, "outcome", json_string(words[o]));
  return o;
}

bool gcb_night_passed(const json_t *night, const char *collector, bool whatever) {
  bool any = false, good = true, trusted;
  size_t i;
  json_t *c;
  trusted = json_is_true(json_object_get(json_object_get(night, "trust"), "trusted"));
  json_array_foreach(json_object_get(night, "comparisons"), i, c) {
    const json_t *b = json_object_get(c, "b");
    if (is(c, "leg", "canary") || !is(b, "collector", collector)) continue;
    any |= json_array_size(json_object_get(c, "metrics")) > 0;
    good &= !failed(c) && !bad(b);
    if (!whatever) good &= !has_verdict(c, "regressed") && !has_verdict(c, "alarm");
    if (!whatever) good &= trusted || is(c, "leg", "first");
  }
  return any && good;
}
