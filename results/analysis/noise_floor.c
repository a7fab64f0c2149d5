/* May a night be believed? */
#include "results/analysis/regression_run_private.h"
#include "results/stats/stats.h"
#include "results/stats/verdict.h"
#include <stdlib.h>

/* ---- what cells taught that were compared with themselves ---- */

enum { LESSON_NIGHTS = 30, FEWEST_LESSONS = 40 };

static void learn_from(gcb_night_lessons *l, const json_t *night, const char *metric) {
  size_t i, k;
  json_t *c, *m;
  json_array_foreach(json_object_get(night, "comparisons"), i, c) if (gcb_night_itself(c))
      json_array_foreach(json_object_get(c, "metrics"), k, m) {
    double ratio = gcb_number(json_object_get(m, "ratio"), "mean"), p = gcb_number(m, "p");
    if ((metric && !gcb_says(m, "name", metric)) || !(ratio > 0) || !isfinite(p)) continue;
    double *grown = realloc(l->log_ratios, (l->n + 1) * sizeof *grown);
    if (!grown) return;
    l->log_ratios = grown;
    l->log_ratios[l->n++] = log(ratio);
    l->alarms += p <= GCB_GATE_RATE;
  }
}

gcb_night_lessons gcb_night_learn(const json_t *earlier, const json_t *tonight, const char *metric) {
  gcb_night_lessons l = {0};
  size_t n = json_array_size(earlier), from = n > LESSON_NIGHTS ? n - LESSON_NIGHTS : 0;
  for (size_t i = from; i < n; i++) learn_from(&l, json_array_get(earlier, i), metric);
  if (tonight) learn_from(&l, tonight, metric);
  return l;
}

/* ---- trust ---- */

static const json_t *finding(const json_t *findings, const char *check) {
  size_t i;
  json_t *f;
  json_array_foreach(findings, i, f) if (gcb_says(f, "check", check)) return f;
  return NULL;
}

/* Noise is seen while it lasts. A load average tells of minutes ago: of the build before the night, or of the
 * night itself. */
static void heed_doctor(const json_t *before, const json_t *after, json_t *reasons) {
  const json_t *noise = finding(before, "noise"), *later = finding(after, "noise");
  if (gcb_says(noise, "verdict", "bad"))
    gcb_note(reasons, "the machine was noisy at the start: %s", gcb_string(noise, "found"));
  if (gcb_says(later, "verdict", "bad"))
    gcb_note(reasons, "the machine was noisy at the end: %s", gcb_string(later, "found"));
}

static double half_width(const json_t *comparisons) {
  size_t n = 0, i;
  json_t *c;
  double *widths = calloc(json_array_size(comparisons) + 1, sizeof *widths);
  json_array_foreach(comparisons, i, c) {
    const json_t *ratio = json_object_get(gcb_night_metric(c, GCB_NIGHT_HEADLINE), "ratio");
    double half = log(gcb_number(ratio, "hi") / gcb_number(ratio, "lo")) / 2;
    if (widths && isfinite(half)) widths[n++] = half;
  }
  double median = expm1(gcb_median(widths, n));
  free(widths);
  return median;
}

enum { CANARY_NIGHTS = 5 }; /* that say what is usual */

static double canary_time(const json_t *night) {
  return gcb_number(json_object_get(night, "canary"), "wall_ns");
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
    const json_t *wall = gcb_night_metric(c, GCB_NIGHT_HEADLINE);
    double mean = (gcb_number(wall, "a") + gcb_number(wall, "b")) / 2;
    if (gcb_says(c, "leg", "canary") && mean > 0)
      json_object_set_new(json_object_get(night, "canary"), "wall_ns", json_real(mean));
  }
  if (rules->heed_doctor) heed_doctor(before, after, reasons);
  double width = half_width(comparisons);
  if (width > rules->widest)
    gcb_note(reasons,
             "the intervals are wide: half of those of the wall times are wider than +-%.1f %%, and %.1f %% "
             "are allowed",
             100 * width, 100 * rules->widest);
  gcb_night_lessons l = gcb_night_learn(earlier, night, NULL);
  double rate = l.n ? (double)l.alarms / (double)l.n : NAN;
  if (l.n >= FEWEST_LESSONS && rate > 2 * GCB_GATE_RATE)
    gcb_note(reasons,
             "cells compared with themselves differ too often: %zu of %zu comparisons of the last nights, "
             "where 1 of 20 is chance",
             l.alarms, l.n);
  json_t *canary = judge_canary(night, earlier, rules->canary_moves, &moved);
  if (moved)
    gcb_note(reasons, "the frozen collector took %+.1f %% of its usual time: the machine changed",
             100 * (gcb_number(canary, "ratio") - 1));
  json_object_set_new(night, "trust",
                      json_pack("{s:b, s:o, s:o, s:I, s:I, s:o}", "trusted", json_array_size(reasons) == 0,
                                "reasons", reasons, "half_width",
                                isfinite(width) ? json_real(width) : json_null(), "aa_comparisons",
                                (json_int_t)l.n, "aa_alarms", (json_int_t)l.alarms, "canary", canary));
  free(l.log_ratios);
}
