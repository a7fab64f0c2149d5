#include "results/analysis/compare.h"
#include "results/analysis/regression_run_private.h"
#include "results/model/metrics.h"
#include "results/stats/verdict.h"
#include <stdlib.h>

static const gcb_night_gate *gate_of(const gcb_night_rules *rules, const char *name) {
  for (size_t i = 0; i < rules->n_gates; i++)
    if (strcmp(rules->gates[i].metric, name) == 0) return &rules->gates[i];
  return NULL;
}

static double floor_of(const gcb_night_gate *gate, const json_t *earlier) {
  if (gate->floor > 0) return gate->floor;
  gcb_night_lessons l = gcb_night_learn(earlier, NULL, gate->metric);
  double floor = gcb_floor_learnt(l.log_ratios, l.n);
  free(l.log_ratios);
  return floor;
}

/* ---- comparing and gating ---- */

/* Of a cell as compare.h describes it, what a night needs. */
static json_t *comparison_of(const json_t *cell) {
  static const char *const keys[] = {"workload", "params", "heap_bytes", "heap_factor", "mutators", "workers",
                                     "a",        "b",      "checksum",   "pairs",       "seconds"};
  json_t *out = json_object(), *metrics = json_array(), *exact = json_array(), *m;
  const json_t *night = json_object_get(cell, "night");
  size_t i;
  json_object_set(out, "leg", json_object_get(night, "leg"));
  json_object_set(out, "baseline", json_object_get(night, "baseline"));
  json_object_set(out, "number", json_object_get(night, "number"));
  for (i = 0; i < sizeof keys / sizeof *keys; i++)
    json_object_set(out, keys[i], json_object_get(cell, keys[i]));
  json_array_foreach(json_object_get(cell, "metrics"), i, m) {
    if (gcb_says(m, "class", "exact") && gcb_says(m, "verdict", "differs")) json_array_append(exact, m);
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
  names[n++] = GCB_NIGHT_HEADLINE; /* gate or not, its intervals say how noisy the night was */
  for (i = 0; i < rules->n_gates; i++)
    if (strcmp(rules->gates[i].metric, GCB_NIGHT_HEADLINE) != 0) names[n++] = rules->gates[i].metric;
  gcb_comparison how = {.name_a = "baseline", .name_b = "tonight", .metrics = names, .n_metrics = n};
  json_t *all = gcb_compare_runs(run, run, &how);
  json_array_foreach(json_object_get(all, "cells"), i, cell) json_array_append_new(list, comparison_of(cell));
  json_decref(all);
  free(names);
  return list;
}

static gcb_verdict verdict_of(const json_t *metric) {
  const gcb_metric *m = gcb_metric_find(gcb_string(metric, "name"));
  gcb_verdict v = {.p = gcb_number(metric, "p"), .word = GCB_INCONCLUSIVE};
  v.log_ratio.mean = log(gcb_number(json_object_get(metric, "ratio"), "mean"));
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
    const gcb_night_gate *gate = gate_of(rules, gcb_string(m, "name"));
    if (gcb_night_itself(c))
      set_word(m, gcb_number(m, "p") <= GCB_GATE_RATE ? "chance" : "same");
    else if (!gate && gcb_says(m, "verdict", "regressed"))
      set_word(m, "ungated");
    if (gate) json_object_set_new(m, "floor", json_real(floors[gate - rules->gates]));
    if (gcb_night_itself(c) || !gate) continue;
    metrics[n] = m;
    verdicts[n++] = verdict_of(m);
  }
  /* The least floor that a suite may name: each metric's own comes next. */
  gcb_gate(verdicts, n, .001, alarm);
  for (i = 0; i < n; i++) {
    alarm[i] &= gcb_gate_agrees(&verdicts[i], gcb_number(metrics[i], "floor"));
    if (alarm[i])
      set_word(metrics[i], "alarm");
    else if (gcb_says(metrics[i], "verdict", "regressed"))
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
  json_array_foreach(json_object_get(comparison, "metrics"), i,
                     m) if (gcb_says(m, "verdict", word)) return true;
  return false;
}

/* How many times its floor the worst alarm of a comparison is; 0: it has none. */
static double strength(const json_t *comparison) {
  double most = 0;
  size_t i;
  json_t *m;
  json_array_foreach(json_object_get(comparison, "metrics"), i, m) if (gcb_says(m, "verdict", "alarm")) most =
      fmax(most, fabs(verdict_of(m).log_ratio.mean) / log1p(gcb_number(m, "floor")));
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
    json_t *fresh = gcb_night_metric(again, gcb_string(m, "name"));
    if (!gcb_says(m, "verdict", "alarm") ||
        !(gcb_number(json_object_get(fresh, "ratio"), "n") >= FEWEST_PAIRS))
      continue;
    gcb_verdict v = verdict_of(fresh);
    set_word(m, gcb_gate_agrees(&v, gcb_number(m, "floor")) ? "regressed" : "cleared");
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

/* ---- what it comes to ---- */

static bool ended(const json_t *side, const char *status) {
  return gcb_says(side, "status", status);
}

static bool bad(const json_t *side) {
  return !ended(side, "ok") && !ended(side, "oom") && !ended(side, "unsupported") &&
         gcb_number(side, "invocations") > 0;
}

/* Tonight's failed where the baseline did not; against itself, any crash. */
static bool failed(const json_t *c) {
  const json_t *a = json_object_get(c, "a"), *b = json_object_get(c, "b");
  if (gcb_says(c, "leg", "canary")) return false;
  if (gcb_night_itself(c)) return bad(a) || bad(b);
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
    any |= measured && !gcb_says(c, "leg", "canary");
    against |= measured && gcb_says(c, "leg", "gate");
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
    if (gcb_says(c, "leg", "canary") || !gcb_says(b, "collector", collector)) continue;
    any |= json_array_size(json_object_get(c, "metrics")) > 0;
    good &= !failed(c) && !bad(b);
    if (!whatever) good &= !has_verdict(c, "regressed") && !has_verdict(c, "alarm");
    if (!whatever) good &= trusted || gcb_says(c, "leg", "first");
  }
  return any && good;
}
