/* What could not run, and what a reader must know before believing the rest. */
#include "plots/report/findings.h"
#include "results/model/cell.h"
#include "results/model/members.h"
#include "results/model/units.h"
#include <stdlib.h>
#include <string.h>

enum { NAMED = 6 }; /* experiments that a sentence names */

/* ---- what could not run ---- */

static const char *in_words(const char *status) {
  static const char *const words[][2] = {{"oom", "ran out of memory"},  {"timeout", "did not end in time"},
                                         {"crashed", "crashed"},        {"wrong", "computed something wrong"},
                                         {"unsupported", "cannot run"}, {"failed", "failed"}};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (strcmp(words[i][0], status) == 0) return words[i][1];
  return "did not finish";
}

/* "gen3 ran out of memory in 2 of 12 cells: trees at 1.4x and cycles at 1.4x (<first reason>)." */
static void failures_of(json_t *failed, const gcb_grid *g, size_t c, const char *status) {
  size_t n = 0, cells = 0, listed = 0;
  const char *reason = NULL;
  bool same = true;
  gcb_sentence s;
  for (size_t e = 0; e < g->n_experiments; e++) {
    const json_t *cell = gcb_grid_at(g, e, c);
    cells += cell != NULL;
    if (!cell || strcmp(gcb_string(cell, "status"), status) != 0) continue;
    if (!reason) reason = gcb_string(cell, "reason");
    same &= strcmp(reason, gcb_string(cell, "reason")) == 0 ||
            strcmp(status, "timeout") == 0; /* which says when */
    n++;
  }
  if (!n || !gcb_sentence_begin(&s)) return;
  fprintf(s.out, "%s %s in %zu of %s: ", g->contenders[c].name, in_words(status), n,
          gcb_format_number((double)cells, "cell").s);
  for (size_t e = 0; e < g->n_experiments && listed < NAMED; e++) {
    const json_t *cell = gcb_grid_at(g, e, c);
    if (!cell || strcmp(gcb_string(cell, "status"), status) != 0) continue;
    fputs(n > NAMED ? (listed ? ", " : "") : gcb_list_comma(listed, n), s.out);
    gcb_put_experiment(s.out, g, e);
    listed++;
  }
  if (n > NAMED) fprintf(s.out, " and %zu more", n - NAMED);
  if (*reason) fprintf(s.out, " (%s%s)", reason, same ? "" : "; others say something else");
  fputc('.', s.out);
  gcb_sentence_end(&s, failed);
}

static void leaks_of(json_t *failed, const gcb_grid *g, size_t c) {
  size_t n = 0, worst = 0;
  double most = 0;
  gcb_sentence s;
  for (size_t e = 0; e < g->n_experiments; e++) {
    const json_t *cell = gcb_grid_at(g, e, c);
    double leaked = json_number_value(
        json_object_get(json_object_get(json_object_get(cell, "summary"), "leaked_bytes"), "mean"));
    n += leaked > 0;
    if (leaked <= most) continue;
    most = leaked;
    worst = e;
  }
  if (!n || !gcb_sentence_begin(&s)) return;
  fprintf(s.out, "%s leaks in %s: after full collections it holds up to %s that nothing reaches (",
          g->contenders[c].name, gcb_format_number((double)n, "cell").s, gcb_format_bytes(most).s);
  gcb_put_experiment(s.out, g, worst);
  fputs(").", s.out);
  gcb_sentence_end(&s, failed);
}

void gcb_list_failures(json_t *failed, const gcb_grid *g) {
  static const char *const statuses[] = {"wrong", "crashed", "timeout", "oom", "failed", "unsupported"};
  for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
    for (size_t c = 0; c < g->n_contenders; c++) failures_of(failed, g, c, statuses[i]);
  for (size_t c = 0; c < g->n_contenders; c++) leaks_of(failed, g, c);
}

/* ---- what to beware of ---- */

const json_t *gcb_flag_of(const json_t *cell, const char *name) {
  size_t i;
  json_t *flag;
  json_array_foreach(json_object_get(json_object_get(cell, "summary"), "flags"), i,
                     flag) if (strcmp(gcb_string(flag, "flag"), name) == 0) return flag;
  return NULL;
}

/* "not steady, 3 of 12 cells (gen3, rc): <meaning>." */
static void one_flag(json_t *cautions, const gcb_grid *g, const json_t *flag) {
  const char *name = gcb_string(flag, "flag");
  size_t n = 0, ok = 0, listed = 0;
  gcb_sentence s;
  if (!gcb_sentence_begin(&s)) return;
  for (size_t i = 0; i < g->n_experiments * g->n_contenders; i++) {
    ok += g->cells[i] && gcb_cell_ok(g->cells[i]);
    n += g->cells[i] && gcb_flag_of(g->cells[i], name);
  }
  fprintf(s.out, "Flag '%s' on %zu of %s", name, n, gcb_format_number((double)ok, "finished cell").s);
  for (size_t c = 0; c < g->n_contenders && n < ok; c++) {
    bool its = false;
    for (size_t e = 0; e < g->n_experiments; e++)
      its |= gcb_grid_at(g, e, c) && gcb_flag_of(gcb_grid_at(g, e, c), name);
    if (its) fprintf(s.out, "%s%s", listed++ ? ", " : " (", g->contenders[c].name);
  }
  fprintf(s.out, "%s: %s.", listed ? ")" : "", gcb_string(flag, "meaning"));
  gcb_sentence_end(&s, cautions);
}

static void flags(json_t *cautions, const gcb_grid *g) {
  json_t *seen = json_object(), *flag;
  size_t k;
  for (size_t i = 0; i < g->n_experiments * g->n_contenders; i++)
    json_array_foreach(json_object_get(json_object_get(g->cells[i], "summary"), "flags"), k, flag) {
      if (json_object_get(seen, gcb_string(flag, "flag"))) continue;
      json_object_set(seen, gcb_string(flag, "flag"), flag);
      one_flag(cautions, g, flag);
    }
  json_decref(seen);
}

/* The contenders of a kind, in one sentence around their names. */
static void who(json_t *cautions, const gcb_grid *g, bool unbounded, const char *after) {
  size_t n = 0, listed = 0;
  gcb_sentence s;
  for (size_t c = 0; c < g->n_contenders; c++)
    n += unbounded ? g->contenders[c].unbounded && g->contenders[c].reclaims : !g->contenders[c].reclaims;
  if (!n || !gcb_sentence_begin(&s)) return;
  for (size_t c = 0; c < g->n_contenders; c++)
    if (unbounded ? g->contenders[c].unbounded && g->contenders[c].reclaims : !g->contenders[c].reclaims)
      fprintf(s.out, "%s%s", gcb_list_comma(listed++, n), g->contenders[c].name);
  fputs(after, s.out);
  gcb_sentence_end(&s, cautions);
}

void gcb_list_cautions(json_t *cautions, const json_t *run, const gcb_grid *g) {
  const json_t *findings = json_object_get(json_object_get(run, "context"), "doctor");
  size_t i;
  json_t *f;
  gcb_sentence s;
  if (json_is_true(json_object_get(run, "interrupted")))
    json_array_append_new(
        cautions, json_string("The run was interrupted: cells may have fewer invocations than asked for."));
  json_array_foreach(findings, i, f) {
    if (strcmp(gcb_string(f, "verdict"), "bad") != 0 || !gcb_sentence_begin(&s)) continue;
    fprintf(s.out, "The machine was not fit for measuring: %s: %s.", gcb_string(f, "check"),
            gcb_string(f, "found"));
    gcb_sentence_end(&s, cautions);
  }
  who(cautions, g, true,
      ": not bound by the heap size, so measured with what memory they took; compare their peak memory too.");
  who(cautions, g, false, ": never reclaims, is there to price barriers, and takes part in no comparison.");
  flags(cautions, g);
}
