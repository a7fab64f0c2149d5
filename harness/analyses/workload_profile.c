#include "analyses/workload_profile.h"
#include "results/model/called.h"
#include "results/model/clean.h"
#include "results/model/members.h"
#include "results/text/columns.h"
#include <math.h>
#include <string.h>

/* Minimum, median and maximum over the 22 programs of DaCapo 23.11 (Blackburn et al., "Rethinking Java
 * performance analysis", ASPLOS 2025). */
typedef struct range {
  const char *key, *name;
  double least, median, most;
} range;
static const range dacapo[] = {
    {"alloc_bytes_per_s", "allocation rate (MB/s)", 41e6, 2063e6, 11697e6},
    {"mean_object_bytes", "mean object (bytes)", 28, 58, 211},
    {"peak_live_bytes", "live set, as minimum heap (MB)", 5e6, 71e6, 681e6},
    {"turnover", "turnover (allocated / live)", 3, 52, 1211},
};
enum { RANGES = sizeof dacapo / sizeof *dacapo };

static json_t *real(double d) {
  return isfinite(d) ? json_real(d) : json_null();
}

/* Share of bytes that live at an age: that of the class of ages which begins there. */
static double survival_at(const json_t *liveness, uint64_t age) {
  size_t i;
  json_t *one;
  json_array_foreach(json_object_get(liveness, "survival"), i,
                     one) if ((uint64_t)json_integer_value(json_object_get(one, "from_bytes")) ==
                              age) return gcb_number(one, "alive");
  return NAN;
}

static void measured(json_t *card, const json_t *result) {
  const json_t *counts = json_object_get(result, "counts"), *live = json_object_get(result, "liveness");
  const json_t *lap = json_array_get(json_object_get(result, "iterations"), 0);
  double bytes = gcb_number(counts, "allocated_bytes"), objects = gcb_number(counts, "allocated_objects");
  double peak = gcb_number(live, "peak_live_bytes"),
         stores = gcb_number(counts, "puts") + gcb_number(counts, "inits");
  json_object_set_new(card, "alloc_bytes_per_s",
                      real(gcb_number(lap, "allocated_bytes") / gcb_number(lap, "wall_ns") * 1e9));
  json_object_set_new(card, "allocated_bytes", real(bytes));
  json_object_set_new(card, "mean_object_bytes", real(bytes / objects));
  json_object_set_new(card, "peak_live_bytes", real(peak));
  json_object_set_new(card, "turnover", real(peak > 0 ? bytes / peak : NAN));
  json_object_set_new(card, "stores_per_allocation", real(stores / objects));
  json_object_set_new(card, "puts_per_allocation", real(gcb_number(counts, "puts") / objects));
  json_object_set_new(card, "depth", real(gcb_number(live, "depth")));
  json_object_set_new(card, "cyclic_share", real(gcb_number(live, "cyclic_share")));
  json_object_set(card, "survival", json_object_get(live, "survival"));
  json_object_set(card, "granularity_bytes", json_object_get(live, "granularity_bytes"));
}

json_t *gcb_cards(const gcb_session *s) {
  json_t *cards = json_array();
  for (size_t i = 0; i < s->plan.n_groups && !gcb_interrupted; i++) {
    const gcb_group *g = &s->plan.groups[i];
    json_t *card = json_pack("{s:s, s:O, s:I}", "workload", g->workload->name, "params", g->params,
                             "analytic_peak_live_bytes", (json_int_t)g->peak_live);
    json_array_append_new(cards, card);
    gcb_session_progress(s, "card %zu of %zu: %s", i + 1, s->plan.n_groups, g->workload->name);
    json_t *spec = g->reference ? json_deep_copy(g->reference) : NULL;
    if (spec) {
      json_object_set_new(spec, "liveness", json_true());
      json_object_set_new(spec, "iterations", json_integer(1));
    }
    json_t *result =
        spec ? gcb_session_invoke(s, spec)
             : json_pack("{s:s, s:o}", "status", "unsupported", "reason", gcb_clean_string(g->unverified));
    json_object_set(card, "status", json_object_get(result, "status"));
    json_object_set(card, "reason", json_object_get(result, "reason"));
    if (strcmp(json_string_value(json_object_get(result, "status")), "ok") == 0) measured(card, result);
    json_decref(result);
    json_decref(spec);
  }
  gcb_session_quieten(s);
  return cards;
}

/* Which part of the range of real programs no card covers: below the least or above the most of ours. */
static void spans(const json_t *cards, const range *r, FILE *out) {
  double least = INFINITY, most = 0, unit = r->least >= 1e6 ? 1e6 : 1;
  size_t i;
  json_t *card;
  json_array_foreach(cards, i, card) {
    double v = gcb_number(card, r->key);
    if (!isfinite(v)) continue;
    least = fmin(least, v);
    most = fmax(most, v);
  }
  fprintf(out, "  %-32s DaCapo %.4g / %.4g / %.4g; here ", r->name, r->least / unit, r->median / unit,
          r->most / unit);
  if (most == 0) {
    fprintf(out, "not measured\n");
    return;
  }
  fprintf(out, "%.3g to %.3g", least / unit, most / unit);
  bool below = least > r->least, above = most < r->most;
  if (below || above) fputs("; not spanned: ", out);
  if (below) fprintf(out, "%.3g to %.3g", r->least / unit, fmin(least, r->most) / unit);
  if (above)
    fprintf(out, "%s%.3g to %.3g", below ? " and " : "", fmax(most, r->least) / unit, r->most / unit);
  fputc('\n', out);
}

void gcb_cards_print(const json_t *cards, FILE *out) {
  static const char *const heads[] = {"workload", "allocation",   "mean object",  "peak live",
                                      "turnover", "puts/alloc",   "stores/alloc", "depth",
                                      "cyclic",   "alive at 64K", "at 1M",        "at 16M",
                                      ""};
  static const uint64_t ages[] = {64 << 10, 1 << 20, 16 << 20};
  gcb_columns t;
  size_t i;
  json_t *card;
  gcb_columns_begin(&t, heads, sizeof heads / sizeof *heads, 1u << 0 | 1u << 12);
  json_array_foreach(cards, i, card) {
    double cyclic = gcb_number(card, "cyclic_share"), turnover = gcb_number(card, "turnover");
    const char *reason = json_string_value(json_object_get(card, "reason"));
    gcb_columns_row(&t);
    gcb_columns_put(&t, 0, "%s", json_string_value(json_object_get(card, "workload")));
    gcb_columns_put(&t, 12, "%s", reason ? reason : "");
    if (!json_object_get(card, "mean_object_bytes")) continue;
    gcb_columns_put(&t, 1, "%.0f MB/s", gcb_number(card, "alloc_bytes_per_s") / 1e6);
    gcb_columns_put(&t, 2, "%.0f B", gcb_number(card, "mean_object_bytes"));
    gcb_columns_put(&t, 3, "%s", gcb_format_bytes(gcb_number(card, "peak_live_bytes")).s);
    if (isfinite(turnover)) gcb_columns_put(&t, 4, "%.3g", turnover);
    gcb_columns_put(&t, 5, "%.2f", gcb_number(card, "puts_per_allocation"));
    gcb_columns_put(&t, 6, "%.2f", gcb_number(card, "stores_per_allocation"));
    if (isfinite(gcb_number(card, "depth"))) gcb_columns_put(&t, 7, "%.0f", gcb_number(card, "depth"));
    if (isfinite(cyclic)) gcb_columns_put(&t, 8, "%.0f %%", 100 * cyclic);
    for (unsigned k = 0; k < 3; k++) {
      double alive = survival_at(card, ages[k]);
      if (isfinite(alive)) gcb_columns_put(&t, 9 + k, "%.1f %%", 100 * alive);
    }
  }
  gcb_columns_end(&t, "", out);
  fputs("\nBeside real programs (minimum / median / maximum of DaCapo 23.11's 22)\n", out);
  for (unsigned k = 0; k < RANGES; k++) spans(cards, &dacapo[k], out);
  fputs(gcb_as_called(
            "  share of time in pauses at 2x    DaCapo 0 / 3 / 77 %; here it is a matter of the collector: "
            "gcbench run "
            "--heap 2x\n"),
        out);
}
