/* The report for a design review: a candidate against a baseline, with the words of results/stats/verdict.h.
 */
#include "plots/report/findings.h"
#include "plots/report/report.h"
#include "results/model/cell.h"
#include "results/model/members.h"
#include "results/model/units.h"
#include "results/text/compare_print.h"
#include <math.h>
#include <string.h>

static const char *look(const char *verdict) {
  if (strcmp(verdict, "regressed") == 0) return "bad";
  if (strcmp(verdict, "improved") == 0) return "good";
  if (strcmp(verdict, "suspect") == 0 || strcmp(verdict, "differs") == 0) return "warn";
  return verdict[0] == '(' ? "dim" : NULL;
}

/* "4 regressed, 1 inconclusive and 7 equivalent": the cells by their verdicts, gravest first. */
static void put_count(FILE *out, const json_t *cells) {
  static const char *const words[] = {"regressed", "suspect",    "inconclusive", "promising",
                                      "improved",  "negligible", "equivalent",   ""};
  size_t kinds = 0, told = 0, i, n[sizeof words / sizeof *words] = {0};
  json_t *cell;
  json_array_foreach(cells, i, cell) for (size_t k = 0; k < sizeof words / sizeof *words; k++) n[k] +=
      strcmp(gcb_string(cell, "verdict"), words[k]) == 0;
  for (size_t k = 0; k < sizeof words / sizeof *words; k++) kinds += n[k] > 0;
  for (size_t k = 0; k < sizeof words / sizeof *words; k++)
    if (n[k])
      fprintf(out, "%s%zu %s", gcb_list_comma(told++, kinds), n[k],
              words[k][0] ? words[k] : "that could not be compared");
}

/* The answer: what it comes to, in a sentence. */
static void put_outcome(FILE *out, const json_t *c) {
  const char *a = gcb_string(c, "a"), *b = gcb_string(c, "b");
  size_t n = json_array_size(json_object_get(c, "cells"));
  switch (gcb_compare_outcome(c)) {
  case GCB_OUTCOME_NOTHING:
    fprintf(out, "Nothing of %s can be compared with %s.", b, a);
    return;
  case GCB_OUTCOME_FAILED:
    fprintf(out, "A cell failed in %s or %s: look at that before anything else", a, b);
    break;
  case GCB_OUTCOME_DIVERGED:
    fprintf(out, "%s and %s do not compute the same: checksums differ", b, a);
    break;
  case GCB_OUTCOME_WORSE:
    fprintf(out, "%s is worse than %s", b, a);
    break;
  case GCB_OUTCOME_OPEN:
    fprintf(out, "There is no verdict for all of %s against %s", b, a);
    break;
  case GCB_OUTCOME_WELL:
    fprintf(out, "%s is not worse than %s in any cell", b, a);
    break;
  }
  fprintf(out, ": of %s, ", gcb_format_number((double)n, "cell").s);
  put_count(out, json_object_get(c, "cells"));
  fputc('.', out);
}

static void answers(gcb_page *p, const json_t *c) {
  json_t *list = json_array(), *cell;
  size_t i;
  gcb_sentence s;
  if (gcb_sentence_begin(&s)) {
    put_outcome(s.out, c);
    gcb_sentence_end(&s, list);
  }
  json_array_foreach(json_object_get(c, "cells"), i, cell) {
    if (!gcb_sentence_begin(&s)) continue;
    gcb_compare_sentence(c, cell, s.out);
    gcb_sentence_end(&s, list);
  }
  p->as->items(p, "answers", list);
  json_decref(list);
}

static void cautions(gcb_page *p, const json_t *c) {
  static const char *const only[][2] = {{"only_a", "a"}, {"only_b", "b"}};
  json_t *list = json_deep_copy(json_object_get(c, "notes")), *one;
  size_t i;
  gcb_sentence s;
  if (!json_is_true(json_object_get(c, "interleaved")))
    json_array_insert_new(
        list, 0,
        json_string("The two were not interleaved but measured one after the other. Between sessions the "
                    "machine drifts; in simulation, 24 to 43 % of such comparisons find a difference where "
                    "there is none, whatever their intervals say. Nothing here is a verdict: for one, run "
                    "'gcbench compare --workload .. --a .. --b ..'."));
  for (size_t k = 0; k < 2; k++) {
    const json_t *alone = json_object_get(c, only[k][0]);
    if (!json_array_size(alone) || !gcb_sentence_begin(&s)) continue;
    fprintf(s.out, "Only in %s, or not the only one to compare with: ", gcb_string(c, only[k][1]));
    json_array_foreach(alone, i, one) {
      char label[300];
      fprintf(s.out, "%s%s", i ? ", " : "", gcb_cell_collector(one, label, sizeof label));
    }
    fputc('.', s.out);
    gcb_sentence_end(&s, list);
  }
  if (json_array_size(list)) p->as->heading(p, 3, NULL, "Read with care");
  p->as->items(p, "cautions", list);
  json_decref(list);
}

static void tables(gcb_page *p, const json_t *c) {
  gcb_head heads[GCB_COMPARE_COLUMNS];
  size_t i, k;
  json_t *cell, *metric;
  for (k = 0; k < GCB_COMPARE_COLUMNS; k++)
    heads[k] =
        (gcb_head){gcb_compare_heads[k], NULL,
                   k == GCB_COMPARE_METRIC || k == GCB_COMPARE_TILDE || k == GCB_COMPARE_VERDICT, false};
  json_array_foreach(json_object_get(c, "cells"), i, cell) {
    char title[600], workload[400], heap[32], texts[GCB_COMPARE_COLUMNS][GCB_COLUMN_TEXT];
    size_t equal = 0;
    if (!json_array_size(json_object_get(cell, "metrics"))) continue;
    snprintf(title, sizeof title, "%s, heap %s", gcb_cell_workload(cell, workload, sizeof workload),
             gcb_cell_heap(cell, heap, sizeof heap));
    p->as->heading(p, 3, NULL, title);
    p->as->table(p, heads, GCB_COMPARE_COLUMNS);
    json_array_foreach(json_object_get(cell, "metrics"), k, metric) {
      gcb_box boxes[GCB_COMPARE_COLUMNS];
      equal += strcmp(gcb_string(metric, "verdict"), "equal") == 0;
      if (!gcb_compare_row(metric, texts)) continue;
      for (unsigned b = 0; b < GCB_COMPARE_COLUMNS; b++) boxes[b] = (gcb_box){texts[b], NAN, NULL};
      const json_t *va = json_object_get(metric, "a"), *vb = json_object_get(metric, "b");
      const json_t *ratio = json_object_get(json_object_get(metric, "ratio"), "mean");
      boxes[GCB_COMPARE_A].value = json_is_number(va) ? json_number_value(va) : NAN;
      boxes[GCB_COMPARE_B].value = json_is_number(vb) ? json_number_value(vb) : NAN;
      boxes[GCB_COMPARE_CHANGE].value = json_is_number(ratio) ? json_number_value(ratio) : NAN;
      boxes[GCB_COMPARE_VERDICT].kind = look(texts[GCB_COMPARE_VERDICT]);
      p->as->row(p, -1, boxes);
    }
    p->as->table_end(p);
    if (!equal) continue;
    snprintf(title, sizeof title, "%s %s equal.", gcb_format_number((double)equal, "exact metric").s,
             equal == 1 ? "is" : "are");
    p->as->paragraph(p, "small", title);
  }
}

static const char *const method[] = {
    "A and B are medians over invocations. The difference is that of B to A: with interleaved pairs the "
    "Hodges-Lehmann estimate of the log ratios of pairs and its exact signed-rank interval; without pairs "
    "the "
    "shift between the logarithms and the interval of the rank-sum test.",
    ("regressed, improved: the whole interval lies beyond the floor, which goes before: equivalent: it lies "
     "within 2 %. negligible: the difference is surely under 0.1 % of the wall time. "
     "inconclusive: it allows too much. suspect (worse), promising (better): beyond the floor, but without "
     "pairs, so no verdict. '~': "
     "the "
     "interval holds no change."),
    "Verdicts that are read together are corrected for their number (Benjamini-Hochberg at 5 %).",
    ("Exact metrics are the same number every time for the same program: any difference is reported, without "
     "statistics. Informational ones are shown and never judged."),
};

void gcb_report_of_review(gcb_reporter *r, const json_t *c, const gcb_report_run *base,
                          const gcb_report_run *candidate) {
  const char *const entries[][2] = {{"tables", "Differences"},
                                    {"method", "Method"},
                                    {"base", candidate ? "Baseline" : "The run"},
                                    {"candidate", "Candidate"}};
  const gcb_report_run *const runs[] = {base, candidate};
  gcb_page *p = &r->page;
  char title[500];
  snprintf(title, sizeof title, "%s against %s", gcb_string(c, "b"), gcb_string(c, "a"));
  p->as->begin(p, title);
  p->as->heading(p, 1, NULL, title);
  snprintf(title, sizeof title, "A is the baseline, %s; B is the candidate, %s.", gcb_string(c, "a"),
           gcb_string(c, "b"));
  p->as->paragraph(p, "lead", title);
  answers(p, c);
  cautions(p, c);
  p->as->contents(p, entries, sizeof entries / sizeof *entries - !candidate);
  p->as->heading(p, 2, "tables", "Differences");
  tables(p, c);
  p->as->heading(p, 2, "method", "Method");
  json_t *texts = json_array();
  for (size_t i = 0; i < sizeof method / sizeof *method; i++)
    json_array_append_new(texts, json_string(method[i]));
  p->as->items(p, NULL, texts);
  json_decref(texts);
  for (size_t i = 0; i < (candidate ? 2 : 1); i++) {
    snprintf(title, sizeof title, "%s: %s",
             i           ? "Candidate"
             : candidate ? "Baseline"
                         : "The run",
             runs[i]->name);
    p->as->heading(p, 2, i ? "candidate" : "base", title);
    gcb_report_section(r, runs[i]);
  }
  p->as->end(p);
}
