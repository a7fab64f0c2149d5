#include "results/analysis/compare.h"
#include "results/model/cell.h"
#include "results/model/members.h"
#include "results/model/metrics.h"
#include "results/model/units.h"
#include "results/stats/verdict.h"
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define PRECISION .01
#define WIDE      .1 /* an interval of so much, as logs, is the machine's */

/* What the sentence about a cell is about, unless the user names metrics. */
static const char headline[] = "wall_ns";

typedef struct judged {
  json_t *metric; /* borrowed, in the document */
  gcb_verdict verdict;
} judged;

typedef struct work {
  const json_t *a, *b;
  const gcb_comparison *how;
  json_t *cells, *notes;
  judged *judged;
  size_t n_judged;
} work;

static json_t *real(double d) {
  return isfinite(d) ? json_real(d) : json_null();
}

/* ---- which cells belong together ---- */

bool gcb_compare_has_sides(const json_t *run) {
  size_t i;
  json_t *cell;
  json_array_foreach(json_object_get(run, "cells"), i, cell) if (json_object_get(cell, "side")) return true;
  return false;
}

/* `side` is NULL where cells of both sides count. */
static bool chosen(const json_t *cell, const char *collector, const char *side) {
  char label[300];
  if (side && strcmp(gcb_string(cell, "side"), side) != 0) return false;
  return !collector || strcmp(gcb_string(cell, "collector"), collector) == 0 ||
         strcmp(gcb_cell_collector(cell, label, sizeof label), collector) == 0;
}

typedef struct keyed {
  json_t *cell;
  char *key; /* of the present pass */
  bool taken;
} keyed;

static keyed *list_cells(const json_t *run, const char *collector, const char *side, size_t *n) {
  const json_t *cells = json_object_get(run, "cells");
  keyed *list = calloc(json_array_size(cells) + 1, sizeof *list);
  size_t i;
  json_t *cell;
  *n = 0;
  json_array_foreach(cells, i, cell) if (list && chosen(cell, collector, side)) list[(*n)++].cell = cell;
  return list;
}

/* From the closest identity to the loosest: partners of pairs; the same cell; the same collector with other
 * options; another collector at the same experiment. Only what is unique is matched. */
enum { PARTNERS, SAME_CELL, SAME_COLLECTOR, SAME_EXPERIMENT, PASSES };

static void make_keys(keyed *list, size_t n, int pass) {
  for (size_t i = 0; i < n; i++) {
    const char *pairing = gcb_string(list[i].cell, "pairing");
    free(list[i].key);
    list[i].key = NULL;
    if (pass == PARTNERS && pairing[0]) list[i].key = strdup(pairing);
    if (pass != PARTNERS) list[i].key = gcb_cell_key(list[i].cell, pass != SAME_CELL);
    if (pass != SAME_COLLECTOR || !list[i].key) continue;
    json_t *both = json_pack("[s, s]", list[i].key, gcb_string(list[i].cell, "collector"));
    free(list[i].key);
    list[i].key = json_dumps(both, JSON_COMPACT);
    json_decref(both);
  }
}

/* The only cell of the list with that key that is not taken; NULL when there are none or several. */
static keyed *only(keyed *list, size_t n, const char *key) {
  keyed *found = NULL;
  for (size_t i = 0; i < n; i++) {
    if (list[i].taken || !list[i].key || strcmp(list[i].key, key) != 0) continue;
    if (found) return NULL;
    found = &list[i];
  }
  return found;
}

/* ---- one metric of two cells ---- */

static bool wanted(const gcb_comparison *how, const gcb_metric *m) {
  for (size_t i = 0; i < how->n_metrics; i++)
    if (strcmp(how->metrics[i], m->name) == 0) return true;
  return how->n_metrics == 0;
}

/* Values in the order of `invocations`, NAN where unknown. NULL without memory. */
static double *values_of(const gcb_metric *m, const json_t *invocations) {
  double *x = calloc(json_array_size(invocations) + 1, sizeof *x);
  size_t i;
  json_t *one;
  json_array_foreach(invocations, i, one) if (x) x[i] = gcb_metric_of(m, one);
  return x;
}

static void exact(json_t *metric, double *a, size_t na, double *b, size_t nb) {
  gcb_sort(a, na);
  gcb_sort(b, nb);
  bool varies = a[0] != a[na - 1] || b[0] != b[nb - 1];
  bool apart = a[na - 1] < b[0] || b[nb - 1] < a[0];
  const char *word = apart ? "differs" : varies ? "varies" : "equal";
  json_object_set_new(metric, "verdict", json_string(word));
  if (!varies) return;
  json_object_set_new(metric, "a_range", json_pack("[f, f]", a[0], a[na - 1]));
  json_object_set_new(metric, "b_range", json_pack("[f, f]", b[0], b[nb - 1]));
}

/* A metric that both cells know, judged for now on its own; else nothing. */
static void compare_metric(work *w, const gcb_metric *m, const json_t *a, const json_t *b, bool paired,
                           double wall, json_t *metrics) {
  size_t n = json_array_size(a), na = n, nb = json_array_size(b);
  double *x = values_of(m, a), *y = values_of(m, b);
  gcb_limits limits = {w->how->floor, m->more_is_better,
                       m->of_iteration && m->unit == GCB_UNIT_NS && strcmp(m->name, headline) != 0 ? wall
                                                                                                   : 0};
  gcb_verdict v = {.word = GCB_INCONCLUSIVE};
  if (!x || !y) goto out;
  if (paired) v = gcb_verdict_paired(x, y, n < nb ? n : nb, &limits);
  na = gcb_keep_known(x, na);
  nb = gcb_keep_known(y, nb);
  if (!na || !nb) goto out;
  json_t *metric =
      json_pack("{s:s, s:s, s:o, s:o}", "name", m->name, "class", gcb_metric_class_word(m->class), "a",
                real(gcb_median(x, na)), "b", real(gcb_median(y, nb)));
  json_array_append_new(metrics, metric);
  if (m->class == GCB_EXACT) {
    exact(metric, x, na, y, nb);
  } else if (m->class == GCB_NOISY && wanted(w->how, m)) {
    if (!paired) v = gcb_verdict_unpaired(x, na, y, nb, &limits);
    judged *grown = realloc(w->judged, (w->n_judged + 1) * sizeof *grown);
    if (!grown) goto out;
    w->judged = grown;
    w->judged[w->n_judged++] = (judged){metric, v};
  }
out:
  free(x);
  free(y);
}

/* ---- one cell ---- */

/* The invocations of two interleaved cells in pairs: by their ordinals when pairs were run, else by round. A
 * round in which one of them is missing or did not end well is no pair. */
static void pair_up(const json_t *a, const json_t *b, json_t **list_a, json_t **list_b) {
  size_t i, k;
  json_t *x, *y;
  *list_a = json_array();
  *list_b = json_array();
  json_array_foreach(a, i, x) json_array_foreach(b, k, y) {
    const json_t *at = json_object_get(x, "pair"), *bt = json_object_get(y, "pair");
    bool together = at && bt ? json_integer_value(at) == json_integer_value(bt) : i == k;
    if (!together || strcmp(gcb_string(x, "status"), "ok") != 0 || strcmp(gcb_string(y, "status"), "ok") != 0)
      continue;
    json_array_append(*list_a, x);
    json_array_append(*list_b, y);
  }
}

static json_t *copy_of(const json_t *cell, const char *const *keys, size_t n) {
  json_t *out = json_object();
  for (size_t i = 0; i < n; i++) json_object_set(out, keys[i], json_object_get(cell, keys[i]));
  return out;
}

/* What a person needs to recognise it. */
static json_t *identity(const json_t *cell) {
  static const char *const keys[] = {"workload", "params",    "heap_bytes", "heap_factor",
                                     "mutators", "collector", "options"};
  return copy_of(cell, keys, sizeof keys / sizeof *keys);
}

static json_t *side(const json_t *cell) {
  static const char *const keys[] = {"collector", "options", "status", "reason"};
  json_t *out = copy_of(cell, keys, sizeof keys / sizeof *keys);
  size_t n = json_array_size(json_object_get(cell, "invocations"));
  json_object_set_new(out, "invocations", json_integer((json_int_t)n));
  return out;
}

static double median_wall(const json_t *invocations) {
  double *x = calloc(json_array_size(invocations) + 1, sizeof *x);
  size_t n = x ? gcb_metric_values(gcb_metric_find(headline), invocations, x) : 0;
  double median = gcb_median(x, n);
  free(x);
  return median;
}

/* Whether the two did the same work, and what a reader must know if they did not. */
static void same_work(const json_t *a, const json_t *b, json_t *out, json_t *notes) {
  const char *sum_a = gcb_string(a, "checksum"), *sum_b = gcb_string(b, "checksum");
  const json_t *first_a = json_array_get(json_object_get(a, "invocations"), 0);
  const json_t *first_b = json_array_get(json_object_get(b, "invocations"), 0);
  bool seeds = strcmp(gcb_string(a, "seed"), gcb_string(b, "seed")) == 0;
  if (!seeds)
    gcb_note(notes,
             "the seeds differ (%s and %s): other operations, so checksums and exact metrics say little",
             gcb_string(a, "seed"), gcb_string(b, "seed"));
  if (json_array_size(json_object_get(first_a, "iterations")) !=
      json_array_size(json_object_get(first_b, "iterations")))
    gcb_note(
        notes, "the invocations of A have %s, those of B %s: their means are not of the same thing",
        gcb_format_number((double)json_array_size(json_object_get(first_a, "iterations")), "iteration").s,
        gcb_format_number((double)json_array_size(json_object_get(first_b, "iterations")), "iteration").s);
  json_t *equal = sum_a[0] && sum_b[0] && seeds ? json_boolean(strcmp(sum_a, sum_b) == 0) : json_null();
  json_object_set_new(out, "checksum", json_pack("{s:s, s:s, s:o}", "a", sum_a, "b", sum_b, "equal", equal));
}

/* In what the experiments differ that were paired all the same, because a document says so. */
static json_t *unlike(const json_t *a, const json_t *b, json_t *notes) {
  static const char *const keys[] = {"workload", "params", "heap_bytes", "mutators", "workers"};
  json_t *list = json_array();
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
    json_t *x = json_object_get(a, keys[i]), *y = json_object_get(b, keys[i]);
    if (x == y || json_equal(x, y)) continue;
    char *from = json_dumps(x, JSON_ENCODE_ANY), *to = json_dumps(y, JSON_ENCODE_ANY);
    json_array_append_new(list, json_string(keys[i]));
    gcb_note(notes,
             "A and B were paired although their %s differ (%.200s and %.200s): no difference shows that "
             "the collector is its cause",
             strcmp(keys[i], "heap_bytes") == 0 ? "heap sizes" : keys[i], from ? from : "none",
             to ? to : "none");
    free(from);
    free(to);
  }
  return list;
}

static void compare_cell(work *w, json_t *a, json_t *b) {
  static const char *const shared[] = {"workload", "params",  "heap_bytes", "heap_factor",
                                       "mutators", "workers", "night"};
  json_t *out = copy_of(a, shared, sizeof shared / sizeof *shared), *metrics = json_array();
  json_t *list_a = json_incref(json_object_get(a, "invocations"));
  json_t *list_b = json_incref(json_object_get(b, "invocations"));
  const char *pairing = gcb_string(a, "pairing");
  bool paired = pairing[0] ? strcmp(pairing, gcb_string(b, "pairing")) == 0
                           : w->a == w->b && !gcb_string(b, "pairing")[0];
  json_object_set_new(out, "a", side(a));
  json_object_set_new(out, "b", side(b));
  json_object_set_new(out, "interleaved", json_boolean(paired));
  json_object_set_new(out, "unlike", unlike(a, b, w->notes));
  json_array_append_new(w->cells, out);
  json_object_set_new(out, "metrics", metrics);
  if (pairing[0] && paired && json_equal(json_object_get(a, "collector"), json_object_get(b, "collector")) &&
      json_equal(json_object_get(a, "options"), json_object_get(b, "options")))
    gcb_note(w->notes, "A and B are the same collector: what is called changed here is a false alarm");
  if (gcb_cell_ok(a) && gcb_cell_ok(b)) {
    same_work(a, b, out, w->notes);
    if (paired) {
      json_decref(list_a);
      json_decref(list_b);
      pair_up(json_object_get(a, "invocations"), json_object_get(b, "invocations"), &list_a, &list_b);
    }
    double wall = median_wall(list_a);
    json_object_set_new(out, "pairs",
                        paired ? json_integer((json_int_t)json_array_size(list_a)) : json_null());
    json_object_set_new(out, "seconds", json_real(gcb_cell_seconds(a) + gcb_cell_seconds(b)));
    for (size_t i = 0; i < gcb_n_metrics; i++)
      compare_metric(w, &gcb_metrics[i], list_a, list_b, paired, wall, metrics);
  }
  json_decref(list_a);
  json_decref(list_b);
}

/* ---- all of them ---- */

static void match(work *w, json_t *only_a, json_t *only_b) {
  size_t na, nb;
  bool sides = w->a == w->b && gcb_compare_has_sides(w->a);
  keyed *a = list_cells(w->a, w->how->collector_a, sides ? "a" : NULL, &na);
  keyed *b = list_cells(w->b, w->how->collector_b, sides ? "b" : NULL, &nb);
  for (int pass = PARTNERS; a && b && pass < PASSES; pass++) {
    make_keys(a, na, pass);
    make_keys(b, nb, pass);
    for (size_t i = 0; i < na; i++) {
      keyed *one = a[i].taken || !a[i].key ? NULL : only(b, nb, a[i].key);
      if (!one || only(a, na, a[i].key) != &a[i]) continue;
      compare_cell(w, a[i].cell, one->cell);
      a[i].taken = one->taken = true;
    }
  }
  for (size_t i = 0; a && i < na; i++) {
    if (!a[i].taken) json_array_append_new(only_a, identity(a[i].cell));
    free(a[i].key);
  }
  for (size_t i = 0; b && i < nb; i++) {
    if (!b[i].taken) json_array_append_new(only_b, identity(b[i].cell));
    free(b[i].key);
  }
  free(a);
  free(b);
}

/* The words, once all comparisons that are read together are known. */
static void decide(work *w) {
  double precision = w->how->precision > 0 ? w->how->precision : PRECISION;
  gcb_verdict *all = calloc(w->n_judged + 1, sizeof *all);
  for (size_t i = 0; all && i < w->n_judged; i++) all[i] = w->judged[i].verdict;
  if (all) gcb_verdicts_correct(all, w->n_judged);
  for (size_t i = 0; all && i < w->n_judged; i++) {
    json_t *metric = w->judged[i].metric;
    const gcb_verdict *v = &all[i];
    size_t needed = gcb_pairs_for_precision(v, precision);
    json_object_set_new(metric, "ratio",
                        json_pack("{s:o, s:o, s:o, s:I}", "mean", real(exp(v->log_ratio.mean)), "lo",
                                  real(exp(v->log_ratio.lo)), "hi", real(exp(v->log_ratio.hi)), "n",
                                  (json_int_t)v->log_ratio.n));
    json_object_set_new(metric, "p", real(v->p));
    json_object_set_new(metric, "adjusted_p", real(v->adjusted));
    json_object_set_new(metric, "verdict", json_string(gcb_verdict_text(v->word)));
    if (v->word == GCB_NEGLIGIBLE)
      json_object_set_new(metric, "reason",
                          json_string("the difference is surely under 0.1 % of the wall time"));
    json_object_set_new(metric, "pairs_needed", needed ? json_integer((json_int_t)needed) : json_null());
    if (v->word != w->judged[i].verdict.word)
      gcb_note(w->notes, "%s would pass for %s alone, but not among the %s made here: more pairs would tell",
               gcb_string(metric, "name"), gcb_verdict_text(w->judged[i].verdict.word),
               gcb_format_number((double)w->n_judged, "comparison").s);
  }
  free(all);
}

/* Any regression that is proven counts; what is not proven counts for the metrics that were asked for. */
static void cell_verdict(const gcb_comparison *how, json_t *cell) {
  gcb_verdict_word least = GCB_EQUIVALENT, word;
  size_t i;
  json_t *metric;
  bool any = false;
  json_array_foreach(json_object_get(cell, "metrics"), i, metric) {
    if (!gcb_verdict_parse(gcb_string(metric, "verdict"), &word)) continue;
    any = true;
    bool counts = how->n_metrics || strcmp(gcb_string(metric, "name"), headline) == 0 || word <= GCB_SUSPECT;
    if (counts && word < least) least = word;
  }
  json_object_set_new(cell, "verdict", any ? json_string(gcb_verdict_text(least)) : json_null());
}

/* A cell that was never run did not fail. */
static bool failed(const json_t *side) {
  const char *status = gcb_string(side, "status");
  bool expected =
      strcmp(status, "ok") == 0 || strcmp(status, "oom") == 0 || strcmp(status, "unsupported") == 0;
  return !expected && json_integer_value(json_object_get(side, "invocations")) > 0;
}

static bool has_status(const json_t *side, const char *status) {
  return strcmp(gcb_string(side, "status"), status) == 0;
}

static const char *outcome(const json_t *cells) {
  static const char *const words[] = {
#define X(name, word) word,
      GCB_OUTCOMES(X)
#undef X
  };
  size_t i;
  json_t *cell;
  bool any = false;
  gcb_outcome worst = GCB_OUTCOME_WELL, one;
  json_array_foreach(cells, i, cell) {
    const json_t *a = json_object_get(cell, "a"), *b = json_object_get(cell, "b");
    gcb_verdict_word word;
    bool judged = gcb_verdict_parse(gcb_string(cell, "verdict"), &word);
    any |= judged;
    one = GCB_OUTCOME_WELL;
    if (failed(a) || failed(b) || (has_status(a, "ok") && has_status(b, "oom")))
      one = GCB_OUTCOME_FAILED;
    else if (json_is_false(json_object_get(json_object_get(cell, "checksum"), "equal")))
      one = GCB_OUTCOME_DIVERGED;
    else if (judged && word == GCB_REGRESSED)
      one = GCB_OUTCOME_WORSE;
    else if (judged && (word == GCB_SUSPECT || word == GCB_INCONCLUSIVE || word == GCB_PROMISING))
      one = GCB_OUTCOME_OPEN;
    if (one < worst) worst = one;
  }
  if (!any && worst > GCB_OUTCOME_DIVERGED) worst = GCB_OUTCOME_NOTHING;
  return words[worst];
}

gcb_outcome gcb_compare_outcome(const json_t *comparison) {
  static const struct {
    const char *word;
    gcb_outcome outcome;
  } all[] = {
#define X(name, word) {word, GCB_OUTCOME_##name},
      GCB_OUTCOMES(X)
#undef X
  };
  for (size_t i = 0; i < sizeof all / sizeof *all; i++)
    if (strcmp(gcb_string(comparison, "outcome"), all[i].word) == 0) return all[i].outcome;
  return GCB_OUTCOME_NOTHING;
}

/* What two machines or builds have that differs: then the difference may be theirs. */
static void compare_contexts(const work *w) {
  static const char *const keys[] = {"host",     "cpu_model", "kernel", "compiler", "c_flags",
                                     "governor", "turbo",     "thp",    "gcbench"};
  const json_t *a = json_object_get(w->a, "context"), *b = json_object_get(w->b, "context");
  if (json_is_true(json_object_get(w->a, "interrupted")) ||
      json_is_true(json_object_get(w->b, "interrupted")))
    gcb_note(w->notes,
             "a run was interrupted: a verdict is on what had ended by then, not on what was planned");
  const json_t *id_a = json_object_get(w->a, "uuid"), *id_b = json_object_get(w->b, "uuid");
  bool same = id_a && id_b ? json_equal(id_a, id_b) : a && json_equal(a, b);
  if (w->a != w->b && same) gcb_note(w->notes, "A and B are the same run");
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
    const json_t *x = json_object_get(a, keys[i]), *y = json_object_get(b, keys[i]);
    if (!x || !y || json_equal(x, y)) continue;
    char *from = json_dumps(x, JSON_ENCODE_ANY), *to = json_dumps(y, JSON_ENCODE_ANY);
    gcb_note(w->notes, "%s differs: %.100s and %.100s; part of what differs below may be that", keys[i],
             from ? from : "?", to ? to : "?");
    free(from);
    free(to);
  }
}

/* Where pairs by the hundred would be needed, pairs are not the remedy. */
static void noisy_machine(const work *w) {
  for (size_t i = 0; i < w->n_judged; i++) {
    const gcb_verdict *v = &w->judged[i].verdict;
    if (strcmp(gcb_string(w->judged[i].metric, "name"), headline) != 0 || v->word != GCB_INCONCLUSIVE)
      continue;
    if (v->log_ratio.hi - v->log_ratio.lo > WIDE)
      gcb_note(w->notes,
               "wall times vary too much for a verdict: a quieter machine helps more than further pairs; "
               "'gcbench doctor' says what to put right");
  }
}

/* A change in many comparisons at once needs fewer pairs than one in a single comparison. */
static void too_few_pairs(const work *w) {
  size_t least = gcb_pairs_for_comparisons(w->n_judged), i;
  if (!w->n_judged || w->judged[0].verdict.log_ratio.n >= least) return;
  size_t pairs = w->judged[0].verdict.log_ratio.n;
  bool claimed = false;
  json_t *cell, *metric;
  size_t k;
  gcb_verdict_word word;
  json_array_foreach(w->cells, i, cell) json_array_foreach(json_object_get(cell, "metrics"), k, metric)
      claimed |= gcb_verdict_parse(gcb_string(metric, "verdict"), &word) &&
                 (word == GCB_REGRESSED || word == GCB_IMPROVED);
  if (claimed)
    gcb_note(w->notes,
             "what changed is proven with %zu pairs because many of the %zu comparisons changed together; a "
             "change "
             "in one of them alone takes at least %zu pairs",
             pairs, w->n_judged, least);
  else
    gcb_note(w->notes, "a change in one of %s alone cannot be proven with %s: take at least %zu",
             gcb_format_number((double)w->n_judged, "comparison").s,
             gcb_format_number((double)pairs, "pair").s, least);
}

json_t *gcb_compare_runs(const json_t *a, const json_t *b, const gcb_comparison *how) {
  work w = {.a = a, .b = b, .how = how, .cells = json_array(), .notes = json_array()};
  json_t *only_a = json_array(), *only_b = json_array(), *cell;
  size_t i;
  bool interleaved = true;
  compare_contexts(&w);
  match(&w, only_a, only_b);
  decide(&w);
  json_array_foreach(w.cells, i, cell) {
    cell_verdict(how, cell);
    interleaved &= json_is_true(json_object_get(cell, "interleaved"));
  }
  noisy_machine(&w);
  if (interleaved) too_few_pairs(&w);
  free(w.judged);
  return json_pack("{s:s, s:s, s:s, s:b, s:f, s:f, s:I, s:o, s:o, s:o, s:o, s:s}", "schema",
                   "gcbench.compare/1", "a", how->name_a, "b", how->name_b, "interleaved", interleaved,
                   "floor", how->floor > 0 ? how->floor : GCB_FLOOR, "precision",
                   how->precision > 0 ? how->precision : PRECISION, "comparisons", (json_int_t)w.n_judged,
                   "cells", w.cells, "only_a", only_a, "only_b", only_b, "notes", w.notes, "outcome",
                   outcome(w.cells));
}
