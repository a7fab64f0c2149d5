#include "plan/scale.h"
#include "plan/settings.h"
#include "results/model/units.h"
#include <math.h>
#include <string.h>

enum { MOST_PARAMS = 64, STEPS = 60 };

typedef struct scaling {
  const gcb_workload *w;
  gcb_task task;
  gcb_value values[MOST_PARAMS];
  int live[GCB_LIVE_PARAMS]; /* those that may be chosen */
  uint64_t first[GCB_LIVE_PARAMS], most[GCB_LIVE_PARAMS];
  unsigned n_live;
  int work; /* -1: none, or it is given */
  double wanted;
} scaling;

static double peak(const scaling *s) {
  return (double)s->w->peak_live(&s->task);
}

/* How far a peak is from the wish, as a factor of 1 or more. */
static double distance(const scaling *s, double bytes) {
  return bytes > s->wanted ? bytes / s->wanted : bytes > 0 ? s->wanted / bytes : INFINITY;
}

static uint64_t largest(const gcb_option *o) {
  return o->max > 0 ? (uint64_t)o->max : UINT64_MAX >> 1;
}

/* All live parameters at `factor` times their defaults, within their ranges. */
static void set_live(scaling *s, double factor) {
  for (unsigned i = 0; i < s->n_live; i++) {
    double v = round((double)s->first[i] * factor), least = s->w->params[s->live[i]].min;
    s->values[s->live[i]].u = v < least ? (uint64_t)least : v < (double)s->most[i] ? (uint64_t)v : s->most[i];
  }
}

static bool same_live(scaling *s, double a, double b) {
  uint64_t at_a[GCB_LIVE_PARAMS];
  set_live(s, a);
  for (unsigned i = 0; i < s->n_live; i++) at_a[i] = s->values[s->live[i]].u;
  set_live(s, b);
  for (unsigned i = 0; i < s->n_live; i++)
    if (at_a[i] != s->values[s->live[i]].u) return false;
  return true;
}

/* Bisect the factor, on a scale of logarithms, to the nearest peak that there is. */
static void choose_live(scaling *s) {
  double lo = 1e-10, hi = 1e10, best = 1, best_distance = INFINITY;
  for (int step = 0; step < STEPS && best_distance > 1.002 && !same_live(s, lo, hi); step++) {
    double at = sqrt(lo * hi);
    set_live(s, at);
    double bytes = peak(s);
    if (distance(s, bytes) < best_distance) {
      best = at;
      best_distance = distance(s, bytes);
    }
    if (bytes < s->wanted)
      lo = at;
    else
      hi = at;
  }
  for (int end = 0; end < 2 && best_distance > 1.002; end++) {
    double at = end ? hi : lo;
    set_live(s, at);
    if (distance(s, peak(s)) < best_distance) {
      best = at;
      best_distance = distance(s, peak(s));
    }
  }
  set_live(s, best);
}

static bool enough(const scaling *s, double complete) {
  return s->w->allocated(&s->task) >= GCB_SCALE_TURNOVER * complete && peak(s) >= .995 * complete;
}

/* The least work, and not less than `first`, that fills the live data and turns them over often enough. */
static void choose_work(scaling *s, uint64_t first, uint64_t most) {
  double complete = peak(s); /* with the most work */
  uint64_t lo = first, hi = most;
  s->values[s->work].u = first;
  if (enough(s, complete)) return;
  while (hi - lo > 1 && (double)hi > 1.001 * (double)lo) {
    uint64_t at = (uint64_t)sqrt((double)lo * (double)hi);
    if (at <= lo) at = lo + 1;
    s->values[s->work].u = at;
    if (enough(s, complete))
      hi = at;
    else
      lo = at;
  }
  s->values[s->work].u = hi;
}

/* "depth=16", or "keys=1 strong=2", of the parameters that were chosen. */
static void words_of(const scaling *s, char *into, size_t size) {
  size_t n = 0;
  into[0] = 0;
  for (unsigned i = 0; i < s->n_live && n < size; i++)
    n += (size_t)snprintf(into + n, size - n, "%s%s=%llu", i ? " " : "", s->w->params[s->live[i]].name,
                          (unsigned long long)s->values[s->live[i]].u);
}

static void give(const scaling *s, json_t *given, int param) {
  char word[24];
  snprintf(word, sizeof word, "%llu", (unsigned long long)s->values[param].u);
  json_object_set_new(given, s->w->params[param].name, json_string(word));
}

/* Which parameters may be chosen. False with a sentence when none sets the live size. */
static bool free_params(scaling *s, const json_t *given, char *why, size_t why_size) {
  const gcb_workload *w = s->w;
  if (!w->live_params[0] || !w->allocated) {
    snprintf(why, why_size,
             "%s does not say which of its parameters set its live size; set them with --param", w->name);
    return false;
  }
  for (size_t i = 0; i < GCB_LIVE_PARAMS && w->live_params[i]; i++) {
    int at = gcb_setting_find(w->params, w->n_params, w->live_params[i]);
    if (at < 0 || w->n_params > MOST_PARAMS) {
      snprintf(why, why_size, "%s names a live parameter that it does not have: %s", w->name,
               w->live_params[i]);
      return false;
    }
    if (json_object_get(given, w->live_params[i])) continue;
    s->first[s->n_live] = s->values[at].u;
    s->most[s->n_live] = largest(&w->params[at]);
    uint64_t limit = i == 0 && w->most_live ? w->most_live(&s->task) : 0;
    if (limit && limit < s->most[s->n_live]) s->most[s->n_live] = limit;
    s->live[s->n_live++] = at;
  }
  if (!s->n_live)
    snprintf(why, why_size, "-p %s=%s already sets the live size of %s; leave out one of the two",
             w->live_params[0], json_string_value(json_object_get(given, w->live_params[0])), w->name);
  return s->n_live > 0;
}

bool gcb_scale(const gcb_workload *w, const gcb_task *task, uint64_t live, json_t *given, char *note,
               size_t note_size, char *why, size_t why_size) {
  scaling s = {.w = w, .task = *task, .work = -1, .wanted = (double)live};
  s.task.params = s.values;
  note[0] = 0;
  if (w->n_params > MOST_PARAMS ||
      !gcb_settings_read(w->params, w->n_params, given, s.values, why, why_size) ||
      !free_params(&s, given, why, why_size))
    return false;
  if (w->work_param && !json_object_get(given, w->work_param))
    s.work = gcb_setting_find(w->params, w->n_params, w->work_param);
  uint64_t first = 0, most = 0;
  if (s.work >= 0) { /* live data may be complete only after some work: chosen with the most of it */
    first = s.values[s.work].u;
    most = largest(&w->params[s.work]);
    s.values[s.work].u = most;
    set_live(&s, 0);
    if (peak(&s) > s.wanted) { /* here work makes live data, not garbage */
      s.values[s.work].u = first;
      s.work = -1;
    }
  }
  choose_live(&s);
  if (s.work >= 0) choose_work(&s, first, most);
  for (unsigned i = 0; i < s.n_live; i++) give(&s, given, s.live[i]);
  if (s.work >= 0) give(&s, given, s.work);
  char words[200];
  words_of(&s, words, sizeof words);
  double bytes = peak(&s), turnover = w->allocated(&s.task) / bytes;
  if (distance(&s, bytes) > 1 + GCB_SCALE_TOLERANCE)
    snprintf(note, note_size, "%s comes nearest to %s of live data with %s: %s", w->name,
             gcb_format_bytes(s.wanted).s, words, gcb_format_bytes(bytes).s);
  else if (turnover < .9 * GCB_SCALE_TURNOVER)
    snprintf(note, note_size,
             "%s allocates only %.2g times its live data in an iteration, so collections may be few", w->name,
             turnover);
  return true;
}
