#include "results/text/compare_print.h"
#include "results/model/called.h"
#include "results/model/cell.h"
#include "results/model/members.h"
#include "results/model/metrics.h"
#include "results/model/units.h"
#include "results/stats/verdict.h"
#include <math.h>
#include <string.h>

typedef struct phrase {
  char s[80];
} phrase;

static phrase interval(const json_t *ratio) {
  phrase p;
  snprintf(p.s, sizeof p.s, " %s", gcb_format_changes(gcb_number(ratio, "lo"), gcb_number(ratio, "hi")).s);
  return p;
}

/* It is an estimate: two digits will do. */
static phrase rounded(double n) {
  phrase p;
  double unit = n < 100 ? 1 : pow(10, floor(log10(n)) - 1);
  snprintf(p.s, sizeof p.s, "%.0f", ceil(n / unit) * unit);
  return p;
}

/* ---- the sentence of a cell ---- */

static const json_t *metric_named(const json_t *cell, const char *name) {
  size_t i;
  json_t *m;
  json_array_foreach(json_object_get(cell, "metrics"), i,
                     m) if (strcmp(gcb_string(m, "name"), name) == 0) return m;
  return NULL;
}

/* "5.1 % slower [+4.2 %, +6.0 %]" */
static void more_or_less(const json_t *metric, FILE *out) {
  const json_t *ratio = json_object_get(metric, "ratio");
  const char *name = gcb_string(metric, "name");
  double mean = gcb_number(ratio, "mean");
  bool wall = strcmp(name, "wall_ns") == 0;
  if (mean >= 2)
    fprintf(out, "%.3g times as %s%s", mean, wall ? "slow" : "high in ", wall ? "" : name);
  else
    fprintf(out, "%.1f %% %s%s", fabs(100 * (mean - 1)),
            mean > 1 ? (wall ? "slower" : "higher in ") : (wall ? "faster" : "lower in "), wall ? "" : name);
  fputs(interval(ratio).s, out);
}

/* Names and changes of the metrics with that verdict, but for `except`, which was told already. */
static void others(const json_t *cell, const char *verdict, const char *lead, const char *except, FILE *out) {
  size_t i, n = 0;
  json_t *m;
  json_array_foreach(json_object_get(cell, "metrics"), i, m) {
    if (strcmp(gcb_string(m, "verdict"), verdict) != 0 || strcmp(gcb_string(m, "name"), except) == 0)
      continue;
    const json_t *ratio = json_object_get(m, "ratio");
    fprintf(out, "%s%s", n++ ? ", " : lead, gcb_string(m, "name"));
    if (ratio) fprintf(out, " %s", gcb_format_change(gcb_number(ratio, "mean")).s);
  }
}

static void why_not(const json_t *cell, FILE *out) {
  static const char *const sides[] = {"a", "b"};
  for (size_t i = 0; i < 2; i++) {
    const json_t *one = json_object_get(cell, sides[i]);
    const char *status = gcb_string(one, "status");
    if (strcmp(status, "ok") != 0)
      fprintf(out, " %s ended %s (%s).", i ? "B" : "A", status, gcb_as_called(gcb_string(one, "reason")));
    else if (!gcb_number(one, "invocations"))
      fprintf(out, " %s has no invocations.", i ? "B" : "A");
  }
}

/* "mine.so size=2" for "/home/me/mine.so size=2". */
static const char *without_folder(const char *label) {
  const char *name = label;
  for (const char *p = label; *p && *p != ' '; p++)
    if (*p == '/') name = p + 1;
  return name;
}

void gcb_compare_sentence(const json_t *c, const json_t *cell, FILE *out) {
  char label_a[400], label_b[400], heap[40];
  const char *word = gcb_string(cell, "verdict"), *a = label_a, *b = label_b;
  gcb_cell_collector(json_object_get(cell, "a"), label_a, sizeof label_a);
  gcb_cell_collector(json_object_get(cell, "b"), label_b, sizeof label_b);
  if (strcmp(without_folder(a), without_folder(b)) != 0 || strcmp(a, b) == 0) {
    a = without_folder(a);
    b = without_folder(b);
  }
  fprintf(out, "%s at %s: ", gcb_string(cell, "workload"), gcb_cell_heap(cell, heap, sizeof heap));
  const json_t *first = metric_named(cell, "wall_ns");
  size_t i;
  json_t *m;
  if (!json_object_get(first, "ratio"))
    json_array_foreach(json_object_get(cell, "metrics"), i, m) if (json_object_get(m, "ratio")) {
      first = m;
      break;
    }
  if (!word[0]) {
    fprintf(out, "B (%s) was not compared with A (%s).", b, a);
    why_not(cell, out);
    return;
  }
  const char *verdict = gcb_string(first, "verdict"), *name = gcb_string(first, "name");
  const char *what = strcmp(name, "wall_ns") == 0 ? "wall time" : name;
  const json_t *ratio = json_object_get(first, "ratio");
  if (strcmp(verdict, "equivalent") == 0 || strcmp(verdict, "negligible") == 0) {
    fprintf(out, "B (%s) %s A (%s) in %s: %s%s", b,
            verdict[0] == 'e' ? "is equivalent to" : "differs negligibly from", a, what,
            gcb_format_change(gcb_number(ratio, "mean")).s, interval(ratio).s);
    if (verdict[0] != 'e') fprintf(out, ", %s", gcb_as_called(gcb_string(first, "reason")));
  } else if (strcmp(verdict, "inconclusive") == 0) {
    fprintf(out, "no verdict on the %s of B (%s) against A (%s): %s%s", what, b, a,
            gcb_format_change(gcb_number(ratio, "mean")).s, interval(ratio).s);
    double floor = 1 + gcb_number(c, "floor");
    if (gcb_number(ratio, "lo") > floor || gcb_number(ratio, "hi") < 1 / floor)
      fprintf(out, ", which is not significant among %s",
              gcb_format_number(gcb_number(c, "comparisons"), "comparison").s);
    else if (json_is_true(json_object_get(cell, "interleaved")) &&
             gcb_number(first, "pairs_needed") > gcb_number(ratio, "n"))
      fprintf(out, "; about %s pairs would narrow that to +-%.3g %%",
              rounded(gcb_number(first, "pairs_needed")).s, 100 * gcb_number(c, "precision"));
  } else {
    fprintf(out, "B (%s) %s ", b,
            strcmp(verdict, "suspect") == 0 || strcmp(verdict, "promising") == 0 ? "looks" : "is");
    more_or_less(first, out);
    fprintf(out, " than A (%s): %s", a, verdict);
  }
  others(cell, "regressed", "; regressed: ", name, out);
  others(cell, "improved", "; improved: ", name, out);
  others(cell, "suspect", "; suspect: ", name, out);
  others(cell, "promising", "; promising: ", name, out);
  others(cell, "differs", "; exactly different: ", name, out);
  fputc('.', out);
  if (json_is_false(json_object_get(json_object_get(cell, "checksum"), "equal")))
    fprintf(out, " The checksums differ (%s, %s): one of them computed something wrong.",
            gcb_string(json_object_get(cell, "checksum"), "a"),
            gcb_string(json_object_get(cell, "checksum"), "b"));
}

/* ---- the table of a cell ---- */

const char *const gcb_compare_heads[GCB_COMPARE_COLUMNS] = {"metric", "A",      "B", "difference [95 %]",
                                                            "",       "verdict"};

static phrase value(const gcb_metric *m, const json_t *metric, const char *key, const char *range_key) {
  const json_t *range = json_object_get(metric, range_key);
  double v = gcb_number(metric, key);
  bool count = m->unit == GCB_UNIT_COUNT;
  phrase p;
  if (m->class == GCB_EXACT && !range && v == floor(v) && fabs(v) < 1e15)
    snprintf(p.s, sizeof p.s, "%.0f%s", v, m->unit == GCB_UNIT_BYTES ? " B" : "");
  else if (m->class == GCB_EXACT && !range)
    snprintf(p.s, sizeof p.s, "%.10g%s", v, count ? "" : " B");
  else if (range)
    snprintf(p.s, sizeof p.s, "%s to %s", gcb_metric_format(m, json_number_value(json_array_get(range, 0))).s,
             gcb_metric_format(m, json_number_value(json_array_get(range, 1))).s);
  else
    snprintf(p.s, sizeof p.s, "%s", gcb_metric_format(m, v).s);
  return p;
}

bool gcb_compare_row(const json_t *metric, char texts[GCB_COMPARE_COLUMNS][GCB_COLUMN_TEXT]) {
  const gcb_metric *m = gcb_metric_find(gcb_string(metric, "name"));
  const json_t *ratio = json_object_get(metric, "ratio");
  double a = gcb_number(metric, "a"), b = gcb_number(metric, "b"), lo = gcb_number(ratio, "lo"),
         hi = gcb_number(ratio, "hi");
  bool same = strcmp(gcb_string(metric, "verdict"), "equal") == 0;
  if (!m || same || (a == 0 && b == 0 && (m->class != GCB_EXACT))) return false;
  for (unsigned i = 0; i < GCB_COMPARE_COLUMNS; i++) snprintf(texts[i], GCB_COLUMN_TEXT, "-");
#define PUT(column, ...) snprintf(texts[column], GCB_COLUMN_TEXT, __VA_ARGS__)
  PUT(GCB_COMPARE_METRIC, "%s", m->name);
  PUT(GCB_COMPARE_A, "%s", value(m, metric, "a", "a_range").s);
  PUT(GCB_COMPARE_B, "%s", value(m, metric, "b", "b_range").s);
  if (ratio)
    PUT(GCB_COMPARE_CHANGE, "%s%s", gcb_format_change(gcb_number(ratio, "mean")).s, interval(ratio).s);
  else if (a > 0)
    PUT(GCB_COMPARE_CHANGE, "%s", gcb_format_change(b / a).s);
  PUT(GCB_COMPARE_TILDE, "%s", lo <= 1 && hi >= 1 ? "~" : "");
  PUT(GCB_COMPARE_VERDICT, "%s",
      m->class == GCB_INFORMATIONAL ? "(informational)"
      : m->class == GCB_EXACT       ? gcb_string(metric, "verdict")
      : ratio                       ? gcb_string(metric, "verdict")
                                    : "(not judged)");
#undef PUT
  return true;
}

static void table(const json_t *cell, bool markdown, FILE *out) {
  gcb_columns t;
  char texts[GCB_COMPARE_COLUMNS][GCB_COLUMN_TEXT];
  size_t i, equal = 0;
  json_t *metric;
  gcb_columns_begin(&t, gcb_compare_heads, GCB_COMPARE_COLUMNS,
                    1u << GCB_COMPARE_METRIC | 1u << GCB_COMPARE_TILDE | 1u << GCB_COMPARE_VERDICT);
  json_array_foreach(json_object_get(cell, "metrics"), i, metric) {
    equal += strcmp(gcb_string(metric, "verdict"), "equal") == 0;
    if (!gcb_compare_row(metric, texts)) continue;
    gcb_columns_row(&t);
    for (unsigned c = 0; c < GCB_COMPARE_COLUMNS; c++) gcb_columns_put(&t, c, "%s", texts[c]);
  }
  if (markdown)
    gcb_columns_markdown(&t, out);
  else
    gcb_columns_end(&t, "  ", out);
  if (equal)
    fprintf(out, "%s%s %s equal\n", markdown ? "\n" : "  ",
            gcb_format_number((double)equal, "exact metric").s, equal == 1 ? "is" : "are");
}

/* ---- everything ---- */

/* "12 cells: 1 regressed, 8 equivalent, 3 inconclusive": by the cells' verdicts. */
static void tally(const json_t *cells, FILE *out) {
  size_t i, k, told = 0, n = json_array_size(cells);
  json_t *cell;
  fprintf(out, "%s:", gcb_format_number((double)n, "cell").s);
  for (k = GCB_REGRESSED; k <= GCB_EQUIVALENT; k++) {
    size_t same = 0;
    json_array_foreach(cells, i, cell) same +=
        strcmp(gcb_string(cell, "verdict"), gcb_verdict_text((gcb_verdict_word)k)) == 0;
    if (same) fprintf(out, "%s %zu %s", told ? "," : "", same, gcb_verdict_text((gcb_verdict_word)k));
    told += same;
  }
  if (told < n) fprintf(out, "%s %zu not compared", told ? "," : "", n - told);
  fputc('\n', out);
}

static bool any_verdict(const json_t *cells, const char *word) {
  size_t i, k;
  json_t *cell, *metric;
  json_array_foreach(cells, i, cell)
      json_array_foreach(json_object_get(cell, "metrics"), k,
                         metric) if (strcmp(gcb_string(metric, "verdict"), word) == 0) return true;
  return false;
}

static void unmatched(const json_t *list, const char *side, FILE *out) {
  size_t i;
  json_t *one;
  char label[200], heap[40];
  json_array_foreach(list, i, one)
      fprintf(out, "%s%s on %s at %s", i ? ", " : "", gcb_string(one, "workload"),
              gcb_cell_collector(one, label, sizeof label), gcb_cell_heap(one, heap, sizeof heap));
  if (json_array_size(list))
    fprintf(out, ": in %s only, or with several that it could be compared with\n", side);
}

void gcb_compare_print(const json_t *c, bool markdown, FILE *out) {
  const char *bullet = markdown ? "- " : "";
  const json_t *cells = json_object_get(c, "cells"), *notes = json_object_get(c, "notes");
  size_t i;
  json_t *cell, *one;
  if (markdown) fprintf(out, "### gcbench: A = `%s`, B = `%s`\n\n", gcb_string(c, "a"), gcb_string(c, "b"));
  json_array_foreach(cells, i, cell) {
    fputs(bullet, out);
    gcb_compare_sentence(c, cell, out);
    fputc('\n', out);
  }
  if (json_array_size(cells) > 1) {
    fputs(bullet, out);
    tally(cells, out);
  }
  if (!json_array_size(cells))
    fprintf(out, "%s has nothing that can be compared with %s.\n", gcb_string(c, "a"), gcb_string(c, "b"));
  bool judged = gcb_number(c, "comparisons") > 0;
  if (judged && !json_is_true(json_object_get(c, "interleaved")))
    fprintf(
        out,
        gcb_as_called(
            "\n%sNOT INTERLEAVED: A and B were measured one after the other. Between sessions the machine "
            "drifts; in\n"
            "%ssimulation, 24 to 43 %% of such comparisons find a difference where there is none, whatever "
            "their\n"
            "%sintervals say. Nothing here is a verdict. For one: gcbench compare --workload .. --a .. --b "
            "..\n"),
        markdown ? "> " : "", markdown ? "> " : "", markdown ? "> " : "");
  json_array_foreach(cells, i, cell) {
    char text[400], heap[40];
    if (!json_array_size(json_object_get(cell, "metrics"))) continue;
    fprintf(out, "\n%s%s, heap %s, %s", markdown ? "#### " : "", gcb_cell_workload(cell, text, sizeof text),
            gcb_cell_heap(cell, heap, sizeof heap),
            gcb_format_number(gcb_number(cell, "mutators"), "mutator").s);
    if (json_is_true(json_object_get(cell, "interleaved")))
      fprintf(out, "; %s", gcb_format_number(gcb_number(cell, "pairs"), "pair").s);
    fputs(markdown ? "\n\n" : "\n", out);
    table(cell, markdown, out);
  }
  if (judged)
    fprintf(out,
            "\nA and B are medians over invocations; the difference is that of B to A (Hodges-Lehmann, 95 %% "
            "interval);\n"
            "~: the interval holds no change. A change counts beyond %.3g %%%s\n",
            100 * gcb_number(c, "floor"),
            any_verdict(cells, "negligible") ? "; negligible: surely under 0.1 % of the wall time." : ".");
  unmatched(json_object_get(c, "only_a"), gcb_string(c, "a"), out);
  unmatched(json_object_get(c, "only_b"), gcb_string(c, "b"), out);
  json_array_foreach(notes, i, one)
      fprintf(out, "%s%s\n", markdown ? "- " : "note: ", gcb_as_called(json_string_value(one)));
}
