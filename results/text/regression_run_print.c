/* A night as people read it. */
#include "results/analysis/regression_run_private.h"
#include "results/model/called.h"
#include "results/model/cell.h"
#include "results/model/metrics.h"
#include "results/model/units.h"
#include "results/stats/verdict.h"
#include "results/text/columns.h"

typedef struct phrase {
  char s[700];
} phrase;

static const char *base(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

/* "trees at 3x on gen3 nursery=4M, 2 mutators" */
static phrase what(const json_t *c) {
  phrase p;
  char heap[40], collector[400], threads[40] = "";
  double mutators = gcb_number(c, "mutators");
  gcb_cell_collector(json_object_get(c, "b"), collector, sizeof collector);
  if (mutators > 1) snprintf(threads, sizeof threads, ", %s", gcb_format_number(mutators, "mutator").s);
  snprintf(p.s, sizeof p.s, "%s at %s on %s%s", gcb_string(c, "workload"),
           gcb_cell_heap(c, heap, sizeof heap), base(collector), threads);
  return p;
}

static phrase change(const json_t *ratio) {
  phrase p;
  snprintf(p.s, sizeof p.s, "%s %s", gcb_format_change(gcb_number(ratio, "mean")).s,
           gcb_format_changes(gcb_number(ratio, "lo"), gcb_number(ratio, "hi")).s);
  return p;
}

/* ---- sentences ---- */

static void headline(const json_t *night, FILE *out) {
  static const struct {
    const char *outcome, *said;
  } sentences[] = {
      {"interrupted", "INTERRUPTED: what was finished is kept; nothing gates"},
      {"nothing", "NOTHING was measured"},
      {"failed",
       "FAILED: of tonight's collectors, some cannot be loaded, or fail where their baseline did not"},
      {"untrusted", "UNTRUSTED: alarms are shown, and none gates"},
      {"regressed", "REGRESSED"},
      {"first", "no verdict: there was nothing to compare with; the next night has tonight's collectors as "
                "its baseline"},
      {"open", "no verdict: an alarm could not be run again"},
      {"quiet", "quiet: no regression"},
  };
  const json_t *budget = json_object_get(night, "budget");
  const char *said = gcb_string(night, "outcome");
  for (size_t i = 0; i < sizeof sentences / sizeof *sentences; i++)
    if (gcb_says(night, "outcome", sentences[i].outcome)) said = sentences[i].said;
  bool blind = gcb_number(budget, "pairs") < gcb_number(night, "least_pairs");
  fprintf(out, "%s: %s%s.\n", gcb_string(night, "run"), said,
          gcb_says(night, "outcome", "quiet") && blind ? ", as far as so few pairs can tell" : "");
  size_t n = json_array_size(json_object_get(night, "comparisons"));
  if (budget)
    fprintf(out, "%s, up to %s each, in %s of %s.\n", gcb_format_number((double)n, "comparison").s,
            gcb_format_number(gcb_number(budget, "pairs"), "pair").s,
            gcb_format_left((uint64_t)gcb_number(budget, "spent_ns")).s,
            gcb_format_left((uint64_t)gcb_number(budget, "allowed_ns")).s);
}

static void alarm_sentence(const json_t *c, const json_t *m, const char *lead, const char *tail, FILE *out) {
  const json_t *rerun = json_object_get(m, "rerun");
  fprintf(out, "%s%s: %s %s against %s", lead, what(c).s, gcb_string(m, "name"),
          change(json_object_get(m, "ratio")).s, gcb_string(c, "baseline"));
  if (rerun) fprintf(out, "; in the fresh rerun %s", change(json_object_get(rerun, "ratio")).s);
  fprintf(out, "%s.\n", tail);
}

static void all_with(const json_t *night, const char *verdict, const char *lead, const char *tail,
                     FILE *out) {
  size_t i, k;
  json_t *c, *m;
  json_array_foreach(json_object_get(night, "comparisons"), i, c)
      json_array_foreach(json_object_get(c, "metrics"), k, m) if (gcb_says(m, "verdict", verdict))
          alarm_sentence(c, m, lead, tail, out);
}

static void failures(const json_t *night, FILE *out) {
  size_t i;
  json_t *c, *one;
  json_array_foreach(json_object_get(night, "comparisons"), i, c) {
    const json_t *a = json_object_get(c, "a"), *b = json_object_get(c, "b");
    const json_t *side = gcb_says(b, "status", "ok") ? a : b;
    if (gcb_says(side, "status", "ok") || gcb_says(side, "status", "unsupported")) continue;
    if (json_is_true(json_object_get(c, "failed")))
      fprintf(out, "FAILED  %s: %s: %s\n", what(c).s, gcb_string(side, "status"), gcb_string(side, "reason"));
    else if (gcb_says(c, "leg", "gate"))
      fprintf(out, "%s could not be compared with %s: %s ended %s: %s\n", what(c).s,
              gcb_string(c, "baseline"), side == a ? "the baseline" : "both, tonight's",
              gcb_string(side, "status"), gcb_string(side, "reason"));
    else
      fprintf(out, "%s ended %s: %s\n", what(c).s, gcb_string(side, "status"), gcb_string(side, "reason"));
  }
  json_array_foreach(json_object_get(night, "broken"), i, one)
      fprintf(out, "FAILED  %s: %s\n", gcb_string(one, "collector"), gcb_string(one, "why"));
}

static void exact(const json_t *night, FILE *out) {
  size_t i, k;
  json_t *c, *m;
  json_array_foreach(json_object_get(night, "comparisons"), i, c) {
    const json_t *list = json_object_get(c, "exact");
    if (!json_array_size(list) || !gcb_says(c, "leg", "gate")) continue;
    fprintf(out, "%s against %s, exactly different (told, never a gate):", what(c).s,
            gcb_string(c, "baseline"));
    json_array_foreach(list, k, m) {
      const gcb_metric *metric = gcb_metric_find(gcb_string(m, "name"));
      if (metric)
        fprintf(out, "%s %s %s -> %s", k ? "," : "", metric->name,
                gcb_metric_format(metric, gcb_number(m, "a")).s,
                gcb_metric_format(metric, gcb_number(m, "b")).s);
    }
    fputs(".\n", out);
  }
}

static void lines(const json_t *list, const char *lead, const char *tail, FILE *out) {
  size_t i;
  json_t *one;
  json_array_foreach(list, i, one) fprintf(out, "%s%s%s\n", lead, json_string_value(one), tail);
}

/* ---- the table ---- */

enum { WORKLOAD, COLLECTOR, HEAP, THREADS, BASELINE, METRIC, PAIRS, CHANGE, VERDICT, COLUMNS };

static void row(gcb_columns *t, const json_t *c, const json_t *m) {
  static const char *const words[][2] = {{"minor", "worse, below the floor"},
                                         {"ungated", "worse, not a gate"},
                                         {"chance", "(chance, or the machine)"},
                                         {"same", "no difference"}};
  char heap[40], collector[400];
  const char *verdict = gcb_string(m, "verdict");
  gcb_columns_row(t);
  gcb_columns_put(t, WORKLOAD, "%s", gcb_string(c, "workload"));
  gcb_columns_put(t, COLLECTOR, "%s",
                  base(gcb_cell_collector(json_object_get(c, "b"), collector, sizeof collector)));
  gcb_columns_put(t, HEAP, "%s", gcb_cell_heap(c, heap, sizeof heap));
  gcb_columns_put(t, THREADS, "%.0f", gcb_number(c, "mutators"));
  gcb_columns_put(t, BASELINE, "%s",
                  gcb_says(c, "leg", "gate")     ? gcb_string(c, "baseline")
                  : gcb_says(c, "leg", "canary") ? "itself, frozen"
                                                 : "itself");
  gcb_columns_put(t, METRIC, "%s", gcb_string(m, "name"));
  gcb_columns_put(t, PAIRS, "%.0f", gcb_number(json_object_get(m, "ratio"), "n"));
  gcb_columns_put(t, CHANGE, "%s", change(json_object_get(m, "ratio")).s);
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (strcmp(verdict, words[i][0]) == 0) verdict = words[i][1];
  gcb_columns_put(t, VERDICT, "%s", verdict);
}

static void table(const json_t *night, bool markdown, FILE *out) {
  static const char *const heads[COLUMNS] = {"workload", "collector", "heap",          "mutators", "against",
                                             "metric",   "pairs",     "change [95 %]", "verdict"};
  gcb_columns t;
  size_t i, k;
  json_t *c, *m;
  bool any = false;
  gcb_columns_begin(&t, heads, COLUMNS,
                    1u << WORKLOAD | 1u << COLLECTOR | 1u << BASELINE | 1u << METRIC | 1u << VERDICT);
  json_array_foreach(json_object_get(night, "comparisons"), i, c)
      json_array_foreach(json_object_get(c, "metrics"), k, m) {
    row(&t, c, m);
    any = true;
  }
  if (any) fputc('\n', out);
  if (markdown)
    gcb_columns_markdown(&t, any ? out : NULL);
  else
    gcb_columns_end(&t, "", any ? out : NULL);
}

void gcb_night_print(const json_t *night, bool markdown, FILE *out) {
  const json_t *trust = json_object_get(night, "trust"), *budget = json_object_get(night, "budget");
  bool trusted = !json_is_false(json_object_get(trust, "trusted"));
  double pairs = gcb_number(budget, "pairs"), least = gcb_number(night, "least_pairs");
  if (markdown) fputs("### gcbench nightly\n\n", out);
  headline(night, out);
  all_with(night, "regressed", trusted ? "REGRESSED  " : "alarm, repeated  ", "", out);
  all_with(night, "alarm", "alarm  ", "; it was not run again", out);
  all_with(night, "cleared", "cleared  ", ": an alarm that did not repeat", out);
  failures(night, out);
  exact(night, out);
  lines(json_object_get(trust, "reasons"), "not to be trusted: ", ".", out);
  lines(json_object_get(night, "suspects"), gcb_as_called("suspect in 'gcbench history': "), ".", out);
  table(night, markdown, out);
  if (json_array_size(json_object_get(night, "left_out")))
    fputs("\nleft out tonight, for the budget; the next night begins with them:\n", out);
  lines(json_object_get(night, "left_out"), "- ", "", out);
  if (json_array_size(json_object_get(night, "notes")) || pairs < least) fputc('\n', out);
  lines(json_object_get(night, "notes"), "note: ", ".", out);
  if (pairs < least)
    fprintf(out,
            "note: a change in one alone of the %.0f comparisons that gate cannot be proven with %.0f pairs: "
            "it takes "
            "at least %.0f; raise %s.\n",
            gcb_number(night, "gated"), pairs, least,
            pairs < gcb_number(budget, "wanted") ? "the budget" : "'pairs' in the suite");
}

/* ---- JUnit ---- */

static json_t *case_of(const json_t *c) {
  char message[1500] = "", *end = message + sizeof message;
  const char *outcome = "passed";
  const json_t *a = json_object_get(c, "a"), *b = json_object_get(c, "b");
  phrase name;
  size_t i, n = 0;
  json_t *m;
  snprintf(name.s, sizeof name.s, "%.550s against %.100s", what(c).s,
           gcb_says(c, "leg", "gate") ? gcb_string(c, "baseline") : "itself");
  json_array_foreach(json_object_get(c, "metrics"), i, m) {
    if (!gcb_says(m, "verdict", "regressed") || n >= sizeof message - 1) continue;
    n += (size_t)snprintf(message + n, (size_t)(end - message) - n, "%s%s %s", n ? "; " : "",
                          gcb_string(m, "name"), change(json_object_get(m, "ratio")).s);
    outcome = "failure";
  }
  if (json_is_true(json_object_get(c, "failed"))) {
    const json_t *side = gcb_says(b, "status", "ok") ? a : b;
    outcome = "error";
    snprintf(message, sizeof message, "%s: %s", gcb_string(side, "status"), gcb_string(side, "reason"));
  } else if (!json_array_size(json_object_get(c, "metrics"))) {
    const json_t *side = gcb_says(b, "status", "ok") ? a : b;
    outcome = "skipped";
    snprintf(message, sizeof message, "not compared: %s: %s", gcb_string(side, "status"),
             gcb_string(side, "reason"));
  } else if (gcb_says(c, "leg", "first")) {
    outcome = "skipped";
    snprintf(message, sizeof message, "there is no baseline to compare it with yet");
  }
  return json_pack("{s:s, s:s, s:f, s:s, s:s}", "class", gcb_string(c, "workload"), "name", name.s, "seconds",
                   json_number_value(json_object_get(c, "seconds")), "outcome", outcome, "message", message);
}

json_t *gcb_night_junit(const json_t *night) {
  json_t *cases = json_array(), *c, *one;
  bool trusted = !json_is_false(json_object_get(json_object_get(night, "trust"), "trusted"));
  size_t i;
  json_array_foreach(json_object_get(night, "comparisons"), i, c) {
    json_t *made = case_of(c);
    if (!trusted && gcb_says(made, "outcome", "failure"))
      json_object_set_new(made, "outcome", json_string("skipped"));
    json_array_append_new(cases, made);
  }
  json_array_foreach(json_object_get(night, "broken"), i, one)
      json_array_append_new(cases, json_pack("{s:s, s:s, s:f, s:s, s:s}", "class", "collectors", "name",
                                             gcb_string(one, "collector"), "seconds", 0., "outcome", "error",
                                             "message", gcb_string(one, "why")));
  json_array_foreach(json_object_get(night, "left_out"), i, one) json_array_append_new(
      cases, json_pack("{s:s, s:s, s:f, s:s, s:s}", "class", "left out", "name", json_string_value(one),
                       "seconds", 0., "outcome", "skipped", "message", "the budget did not hold it tonight"));
  return json_pack("[{s:s, s:o}]", "name", gcb_string(night, "run"), "cases", cases);
}
