/* Who won what, where and by how much. */
#include "plots/report/findings.h"
#include "results/model/cell.h"
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* The words of a metric. */
typedef struct claim {
  const char *metric;
  const char *noun;  /* "cannot be told apart by .." */
  const char *wins;  /* A .. B */
  const char *loses; /* where it is the other way round */
  const char *most;  /* A .. of 8 */
  bool percent;      /* a small difference reads as "20 %", not as "1.25x" */
} claim;

static const claim claims[] = {
    {"wall_ns", "wall time", "is faster than", "slower", "is the fastest", false},
    {"cpu_ns", "CPU time", "takes less CPU time than", "more", "takes the least CPU time", false},
    {"pause_p99", "pauses (99th percentile)", "has shorter pauses (99th percentile) than", "longer",
     "has the shortest pauses (99th percentile)", false},
    {"pause_p90", "pauses (90th percentile)", "has shorter pauses (90th percentile) than", "longer",
     "has the shortest pauses (90th percentile)", false},
    {"pause_p50", "pauses (median)", "has shorter pauses (median) than", "longer",
     "has the shortest pauses (median)", false},
    {"pause_max", "longest pause", "has a shorter longest pause than", "a longer one",
     "has the shortest longest pause", false},
    {"peak_rss_bytes", "peak memory", "needs less memory (peak resident set) than", "more",
     "needs the least memory (peak resident set)", true},
};

static const claim *claim_of(const gcb_metric *m) {
  for (size_t i = 0; i < sizeof claims / sizeof *claims; i++)
    if (strcmp(claims[i].metric, m->name) == 0) return &claims[i];
  return NULL;
}

/* In how many finished cells of contenders that reclaim the metric is known. */
static size_t known(const gcb_grid *g, const char *name) {
  gcb_readings r;
  size_t n = 0;
  if (gcb_readings_take(&r, g, gcb_metric_find(name)))
    for (size_t e = 0; e < g->n_experiments; e++)
      for (size_t c = 0; c < g->n_contenders; c++)
        n += g->contenders[c].reclaims && gcb_reading_known(&r, e, c);
  gcb_readings_free(&r);
  return n;
}

size_t gcb_answered(const gcb_grid *g, const gcb_metric **metrics) {
  static const char *const percentiles[] = {"pause_p99", "pause_p90", "pause_p50"};
  size_t n = 0, tell = known(g, "pause_max");
  metrics[n++] = gcb_metric_find("wall_ns");
  metrics[n++] = gcb_metric_find("cpu_ns");
  for (size_t i = 0; tell && i < sizeof percentiles / sizeof *percentiles; i++)
    if (known(g, percentiles[i]) * 2 >= tell) {
      metrics[n++] = gcb_metric_find(percentiles[i]);
      break;
    }
  if (tell) metrics[n++] = gcb_metric_find("pause_max");
  metrics[n++] = gcb_metric_find("peak_rss_bytes");
  return n;
}

/* ---- two ---- */

enum { LISTED = 6 }; /* experiments that a sentence names one by one */

typedef struct duel {
  const gcb_readings *r;
  const claim *words;
  size_t a, b;    /* b against a: ratio below 1 is a win of a */
  size_t *set, n; /* the experiments that both ran */
  gcb_interval *ratios;
} duel;

static void put_gain(FILE *out, const claim *words, gcb_interval ratio) {
  if (words->percent && ratio.mean > .5)
    gcb_put_less(out, ratio);
  else
    gcb_put_factor(out, gcb_inverse(ratio));
}

static size_t on_side(const duel *d, int side) {
  size_t n = 0;
  for (size_t i = 0; i < d->n; i++) n += gcb_ratio_side(d->ratios[i]) == side;
  return n;
}

/* "2.1x [2.0, 2.2] on trees, ..": the gains of one side, in the direction of the winner; of many, the least
 * and the greatest. Where nobody wins: a in relation to b. */
static void put_each(FILE *out, const duel *d, int side) {
  size_t n = on_side(d, side), listed = 0, least = SIZE_MAX, greatest = SIZE_MAX;
  for (size_t i = 0; i < d->n; i++) {
    if (gcb_ratio_side(d->ratios[i]) != side) continue;
    double size = fabs(log(d->ratios[i].mean));
    if (least == SIZE_MAX || size < fabs(log(d->ratios[least].mean))) least = i;
    if (greatest == SIZE_MAX || size > fabs(log(d->ratios[greatest].mean))) greatest = i;
  }
  for (size_t i = 0; i < d->n; i++) {
    if (gcb_ratio_side(d->ratios[i]) != side || (n > LISTED && i != least && i != greatest)) continue;
    fputs(n > LISTED ? (listed ? " and " : "from ") : gcb_list_comma(listed, n), out);
    if (side == GCB_UNTOLD)
      gcb_put_factor(out, d->ratios[i]);
    else
      put_gain(out, d->words, side == GCB_LESS ? d->ratios[i] : gcb_inverse(d->ratios[i]));
    fputs(" on ", out);
    gcb_put_experiment(out, d->r->grid, d->set[i]);
    listed++;
  }
}

/* "; in the geometric mean over all 6, gen3 is ahead by 1.4x [1.2, 1.6]" */
static void put_overall(FILE *out, const duel *d, const char *a, const char *b, int winner) {
  gcb_interval ratio = gcb_ratio(d->r, d->a, d->b, d->set, d->n);
  int side = gcb_ratio_side(ratio);
  fprintf(out, "; in the geometric mean over %s %zu", d->n == 2 ? "these" : "all", d->n);
  if (side == GCB_UNTOLD) {
    fputs(" they cannot be told apart (", out);
    gcb_put_factor(out, ratio);
    fputc(')', out);
    return;
  }
  if (side == winner)
    fputs(" by ", out);
  else
    fprintf(out, " %s is ahead by ", side == GCB_LESS ? a : b);
  put_gain(out, d->words, side == GCB_LESS ? ratio : gcb_inverse(ratio));
}

/* The claim: how many, and by how much in all. */
static void claim_it(FILE *out, const duel *d) {
  const gcb_grid *g = d->r->grid;
  size_t less = on_side(d, GCB_LESS), more = on_side(d, GCB_MORE), untold = d->n - less - more;
  int winner = less == more ? GCB_UNTOLD : more > less ? GCB_MORE : GCB_LESS;
  const char *a = g->contenders[d->a].name, *b = g->contenders[d->b].name;
  bool few = true; /* no pair of cells has enough invocations to claim anything */
  for (size_t i = 0; i < d->n; i++) few &= d->ratios[i].n < GCB_CLAIM_MIN;
  if (few) {
    fprintf(out, "No difference between %s and %s in %s can be claimed: that takes %d invocations of each.",
            a, b, d->words->noun, GCB_CLAIM_MIN);
    return;
  }
  if (less && less == more)
    fprintf(out, "Neither of %s and %s leads by %s", a, b, d->words->noun);
  else if (winner == GCB_UNTOLD)
    fprintf(out, "%s and %s cannot be told apart by %s", a, b, d->words->noun);
  else
    fprintf(out, "%s %s %s", winner == GCB_LESS ? a : b, d->words->wins, winner == GCB_LESS ? b : a);
  if (d->n == 1) {
    fputs(winner == GCB_UNTOLD ? " on " : ": by ", out);
    if (winner == GCB_UNTOLD)
      gcb_put_experiment(out, g, d->set[0]);
    else
      put_each(out, d, winner);
  } else if (less && less == more) {
    fprintf(out, ": of %zu %s, %zu each", d->n, gcb_experiments_word(g, d->n), less);
    if (untold) fprintf(out, ", not to be told apart on %zu", untold);
  } else if (winner == GCB_UNTOLD) {
    fprintf(out, " on any of %zu %s", d->n, gcb_experiments_word(g, d->n));
  } else {
    size_t won = winner == GCB_LESS ? less : more, lost = winner == GCB_LESS ? more : less;
    fprintf(out, " on %zu of %zu %s", won, d->n, gcb_experiments_word(g, d->n));
    if (lost) fprintf(out, ", %s on %zu", d->words->loses, lost);
    if (untold) fprintf(out, ", not to be told from it on %zu", untold);
  }
  if (d->n > 1) put_overall(out, d, a, b, winner);
  fputc('.', out);
}

/* One by one. */
static void detail(FILE *out, const duel *d) {
  const gcb_grid *g = d->r->grid;
  static const int sides[] = {GCB_LESS, GCB_MORE, GCB_UNTOLD};
  const char *names[] = {g->contenders[d->a].name, g->contenders[d->b].name, NULL};
  bool any = false;
  for (size_t k = 0; k < 3; k++) {
    if (!on_side(d, sides[k]) || (d->n == 1 && sides[k] != GCB_UNTOLD)) continue;
    if (any) fputs("; ", out);
    if (names[k])
      fprintf(out, "%s leads by ", names[k]);
    else
      fprintf(out, "%sot to be told apart: %s against %s ", any ? "n" : "N", names[0], names[1]);
    put_each(out, d, sides[k]);
    any = true;
  }
  if (any) fputc('.', out);
  if (d->n < g->n_experiments)
    fprintf(out, "%sNot known for both on %zu of %zu.", any ? " " : "", g->n_experiments - d->n,
            g->n_experiments);
}

static void duel_out(json_t *answers, json_t *details, const gcb_readings *r, const claim *words, size_t a,
                     size_t b) {
  const gcb_grid *g = r->grid;
  duel d = {r, words, a, b, calloc(g->n_experiments + 1, sizeof *d.set), 0, NULL};
  gcb_sentence s;
  d.ratios = calloc(g->n_experiments + 1, sizeof *d.ratios);
  for (size_t e = 0; d.set && d.ratios && e < g->n_experiments; e++) {
    if (!gcb_reading_known(r, e, a) || !gcb_reading_known(r, e, b)) continue;
    d.ratios[d.n] = gcb_ratio(r, a, b, &e, 1);
    d.set[d.n++] = e;
  }
  if (d.n && gcb_sentence_begin(&s)) {
    claim_it(s.out, &d);
    gcb_sentence_end(&s, answers);
    if (gcb_sentence_begin(&s)) {
      detail(s.out, &d);
      gcb_sentence_end(&s, details);
    }
  }
  free(d.set);
  free(d.ratios);
}

/* ---- many ---- */

static void put_left_out(FILE *out, const gcb_grid *g, const gcb_ranking *k) {
  if (!k->n_left_out) return;
  fprintf(out, "%sNot ranked, having finished too few: ", k->n_set < 2 ? "" : " ");
  for (size_t i = 0; i < k->n_left_out; i++)
    fprintf(out, "%s%s (%zu)", gcb_list_comma(i, k->n_left_out), g->contenders[k->left_out[i]].name,
            k->ran[i]);
  fputc('.', out);
}

/* "gen3 alone needs least on 20, immix on 10; on 6 the least cannot be told from another." */
static void put_fronts(FILE *out, const gcb_grid *g, const gcb_ranking *k) {
  size_t alone = 0, named = 0;
  for (size_t i = 0; i < k->n; i++) alone += k->places[i].alone;
  if (k->n_set < 2) return;
  fputs("One by one: ", out);
  for (size_t i = 0; i < k->n; i++)
    if (k->places[i].alone)
      fprintf(out, "%s%s is ahead of all others on %zu", named++ ? ", " : "",
              g->contenders[k->places[i].contender].name, k->places[i].alone);
  if (alone < k->n_set)
    fprintf(out, "%son %zu the first cannot be told from another", named ? "; " : "", k->n_set - alone);
  fputc('.', out);
}

static void ranking_out(json_t *answers, json_t *details, const gcb_readings *r, const claim *words) {
  const gcb_grid *g = r->grid;
  gcb_ranking k;
  gcb_sentence s;
  bool good = gcb_rank(&k, r) && k.n > 1 && k.n_set;
  if (good && gcb_sentence_begin(&s)) {
    const char *first = g->contenders[k.places[0].contender].name;
    size_t level = 0, told = 0; /* places that cannot be told from the first */
    for (size_t i = 1; i < k.n; i++) level += gcb_ratio_side(k.places[i].ratio) == GCB_UNTOLD;
    if (level)
      fprintf(s.out, "By %s %s comes first of %zu, but cannot be told from ", words->noun, first, k.n);
    else
      fprintf(s.out, "%s %s of %zu", first, words->most, k.n);
    for (size_t i = 1; i < k.n; i++)
      if (gcb_ratio_side(k.places[i].ratio) == GCB_UNTOLD)
        fprintf(s.out, "%s%s", gcb_list_comma(told++, level), g->contenders[k.places[i].contender].name);
    if (k.n_set > 1)
      fprintf(s.out, ", in the geometric mean over %zu %s", k.n_set, gcb_experiments_word(g, k.n_set));
    fputc('.', s.out);
    gcb_sentence_end(&s, answers);
  }
  if (good && gcb_sentence_begin(&s)) {
    fprintf(s.out, "As multiples of %s: ", g->contenders[k.places[0].contender].name);
    for (size_t i = 1; i < k.n; i++) {
      fprintf(s.out, "%s%s ", i > 1 ? ", " : "", g->contenders[k.places[i].contender].name);
      gcb_put_factor(s.out, k.places[i].ratio);
    }
    fputc('.', s.out);
    gcb_sentence_end(&s, details);
    if (gcb_sentence_begin(&s)) {
      put_fronts(s.out, g, &k);
      put_left_out(s.out, g, &k);
      gcb_sentence_end(&s, details);
    }
  }
  gcb_ranking_free(&k);
}

void gcb_answer(json_t *answers, const gcb_readings *r) {
  const gcb_grid *g = r->grid;
  const claim *words = claim_of(r->metric);
  json_t *claim = json_array(), *details = json_array(), *one;
  size_t who[2], n = 0, i;
  gcb_sentence s;
  for (size_t c = 0; c < g->n_contenders; c++) {
    bool any = false;
    for (size_t e = 0; e < g->n_experiments; e++) any |= gcb_reading_known(r, e, c);
    if (!any || !g->contenders[c].reclaims) continue;
    if (n < 2) who[n] = c;
    n++;
  }
  if (words && n == 2) duel_out(claim, details, r, words, who[0], who[1]);
  if (words && n > 2) ranking_out(claim, details, r, words);
  if (json_array_size(claim) && gcb_sentence_begin(&s)) {
    json_t *detail = json_array();
    json_array_foreach(details, i, one) fprintf(s.out, "%s%s", i ? " " : "", json_string_value(one));
    gcb_sentence_end(&s, detail);
    json_t *text = json_array_get(detail, 0);
    json_array_append_new(answers,
                          json_pack("{s:s, s:O, s:s}", "metric", r->metric->name, "claim",
                                    json_array_get(claim, 0), "detail", text ? json_string_value(text) : ""));
    json_decref(detail);
  }
  json_decref(claim);
  json_decref(details);
}
