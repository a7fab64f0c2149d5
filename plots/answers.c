/* Who won what, where and by how much. */
#include "cell.h"
#include "findings.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The words of a metric. */
typedef struct claim {
  const char *metric;
  const char *noun; /* "cannot be told apart by .." */
  const char *wins; /* A .. B */
  const char *more; /* "Neither .. everywhere" */
  const char *most; /* A .. of 8 */
  bool percent;     /* a small difference reads as "20 %", not as "1.25x" */
} claim;

static const claim claims[] = {
    {"wall_ns", "wall time", "is faster than", "is faster", "is the fastest", false},
    {"cpu_ns", "CPU time", "takes less CPU time than", "takes less CPU time", "takes the least CPU time",
     false},
    {"pause_p99", "pauses (99th percentile)", "has shorter pauses (99th percentile) than",
     "has shorter pauses (99th percentile)", "has the shortest pauses (99th percentile)", false},
    {"pause_p90", "pauses (90th percentile)", "has shorter pauses (90th percentile) than",
     "has shorter pauses (90th percentile)", "has the shortest pauses (90th percentile)", false},
    {"pause_p50", "pauses (median)", "has shorter pauses (median) than", "has shorter pauses (median)",
     "has the shortest pauses (median)", false},
    {"pause_max", "longest pause", "has a shorter longest pause than", "has a shorter longest pause",
     "has the shortest longest pause", false},
    {"peak_rss_bytes", "peak memory", "needs less memory (peak resident set) than",
     "needs less memory (peak resident set)", "needs the least memory (peak resident set)", true},
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
  size_t a, b; /* b against a: ratio below 1 is a win of a */
  uint64_t seed;
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

/* "by 2.1x [2.0, 2.2] on trees, ..": the gains of one side, in the direction of the winner; of many, the
 * least and the greatest. */
static void put_gains(FILE *out, const duel *d, int side) {
  size_t n = on_side(d, side), listed = 0, least = SIZE_MAX, greatest = SIZE_MAX;
  for (size_t i = 0; i < d->n; i++) {
    if (gcb_ratio_side(d->ratios[i]) != side) continue;
    gcb_interval ratio = side == GCB_LESS ? d->ratios[i] : gcb_inverse(d->ratios[i]);
    if (n <= LISTED) {
      fprintf(out, "%s%s", gcb_list_comma(listed, n), listed ? "" : "by ");
      put_gain(out, d->words, ratio);
      fputs(" on ", out);
      gcb_put_experiment(out, d->r->grid, d->set[i]);
    }
    listed++;
    double size = fabs(log(ratio.mean));
    if (least == SIZE_MAX || size < fabs(log(d->ratios[least].mean))) least = i;
    if (greatest == SIZE_MAX || size > fabs(log(d->ratios[greatest].mean))) greatest = i;
  }
  if (n <= LISTED) return;
  for (int k = 0; k < 2; k++) {
    size_t i = k ? greatest : least;
    fputs(k ? " to " : "by ", out);
    put_gain(out, d->words, side == GCB_LESS ? d->ratios[i] : gcb_inverse(d->ratios[i]));
    fputs(" on ", out);
    gcb_put_experiment(out, d->r->grid, d->set[i]);
  }
}

/* "1.01x [0.98, 1.03] on trees, ..": b in relation to a where nobody can tell. */
static void put_untold(FILE *out, const duel *d) {
  size_t n = on_side(d, GCB_UNTOLD), listed = 0;
  for (size_t i = 0; i < d->n && listed < LISTED; i++) {
    if (gcb_ratio_side(d->ratios[i]) != GCB_UNTOLD) continue;
    fputs(n > LISTED ? (listed ? ", " : "") : gcb_list_comma(listed, n), out);
    gcb_put_factor(out, d->ratios[i]);
    fputs(" on ", out);
    gcb_put_experiment(out, d->r->grid, d->set[i]);
    listed++;
  }
  if (n > LISTED) fprintf(out, " and %zu more", n - LISTED);
}

static void put_overall(FILE *out, const duel *d, const char *a, const char *b) {
  if (d->n < 2) return;
  gcb_interval ratio = gcb_ratio(d->r, d->a, d->b, d->set, d->n, d->seed);
  fprintf(out, " In the geometric mean over %s %zu ", d->n == 2 ? "these" : "all", d->n);
  switch (gcb_ratio_side(ratio)) {
  case GCB_UNTOLD:
    fputs("they cannot be told apart: ", out);
    gcb_put_factor(out, ratio);
    break;
  default:
    fprintf(out, "%s is ahead by ", gcb_ratio_side(ratio) == GCB_LESS ? a : b);
    put_gain(out, d->words, gcb_ratio_side(ratio) == GCB_LESS ? ratio : gcb_inverse(ratio));
  }
  fputc('.', out);
}

static void tell(FILE *out, const duel *d) {
  const gcb_grid *g = d->r->grid;
  size_t less = on_side(d, GCB_LESS), more = on_side(d, GCB_MORE), untold = d->n - less - more;
  int side = less ? GCB_LESS : GCB_MORE;
  const char *a = g->contenders[d->a].name, *b = g->contenders[d->b].name;
  const char *noun = gcb_experiments_word(g, d->n);
  if (less && more) {
    int major = more > less ? GCB_MORE : GCB_LESS;
    fprintf(out, "Neither %s everywhere: of %zu %s, %s on %zu (", d->words->more, d->n, noun,
            major == GCB_LESS ? a : b, on_side(d, major));
    put_gains(out, d, major);
    fprintf(out, "), %s on %zu (", major == GCB_LESS ? b : a, on_side(d, -major));
    put_gains(out, d, -major);
    fputc(')', out);
  } else if (less + more) {
    fprintf(out, "%s %s %s on %zu of %zu %s: ", side == GCB_LESS ? a : b, d->words->wins,
            side == GCB_LESS ? b : a, less + more, d->n, noun);
    put_gains(out, d, side);
  } else {
    fprintf(out, "%s and %s cannot be told apart by %s on any of %zu %s (", a, b, d->words->noun, d->n, noun);
    put_untold(out, d);
    fputc(')', out);
  }
  if (untold && untold < d->n) {
    fprintf(out, "; on %zu they cannot be told apart (%s against %s ", untold, a, b);
    put_untold(out, d);
    fputc(')', out);
  }
  fputc('.', out);
  put_overall(out, d, a, b);
  if (d->n < g->n_experiments)
    fprintf(out, " On %zu of %zu it is not known for both.", g->n_experiments - d->n, g->n_experiments);
}

static void duel_out(json_t *answers, const gcb_readings *r, const claim *words, size_t a, size_t b,
                     uint64_t seed) {
  const gcb_grid *g = r->grid;
  duel d = {r, words, a, b, seed, calloc(g->n_experiments + 1, sizeof *d.set), 0, NULL};
  gcb_sentence s;
  d.ratios = calloc(g->n_experiments + 1, sizeof *d.ratios);
  for (size_t e = 0; d.set && d.ratios && e < g->n_experiments; e++) {
    if (!gcb_reading_known(r, e, a) || !gcb_reading_known(r, e, b)) continue;
    d.ratios[d.n] = gcb_ratio(r, a, b, &e, 1, seed);
    d.set[d.n++] = e;
  }
  if (d.n && gcb_sentence_begin(&s)) {
    tell(s.out, &d);
    gcb_sentence_end(&s, answers);
  }
  free(d.set);
  free(d.ratios);
}

/* ---- many ---- */

static void put_left_out(FILE *out, const gcb_grid *g, const gcb_ranking *k) {
  if (!k->n_left_out) return;
  fputs(" Not ranked, having finished too few: ", out);
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
  fputs(" One by one: ", out);
  for (size_t i = 0; i < k->n; i++)
    if (k->places[i].alone)
      fprintf(out, "%s%s is ahead of all others on %zu", named++ ? ", " : "",
              g->contenders[k->places[i].contender].name, k->places[i].alone);
  if (alone < k->n_set)
    fprintf(out, "%son %zu the first cannot be told from the next", named ? "; " : "", k->n_set - alone);
  fputc('.', out);
}

static void ranking_out(json_t *answers, const gcb_readings *r, const claim *words, uint64_t seed) {
  const gcb_grid *g = r->grid;
  gcb_ranking k;
  gcb_sentence s;
  bool good = gcb_rank(&k, r, seed) && k.n > 1 && k.n_set;
  if (good && gcb_sentence_begin(&s)) {
    size_t level = 1; /* places that cannot be told from the first */
    while (level < k.n && gcb_ratio_side(k.places[level].ratio) == GCB_UNTOLD) level++;
    for (size_t i = 0; i < level; i++)
      fprintf(s.out, "%s%s", gcb_list_comma(i, level), g->contenders[k.places[i].contender].name);
    if (level == 1)
      fprintf(s.out, " %s of %zu", words->most, k.n);
    else
      fprintf(s.out, " lead %zu by %s and cannot be told apart", k.n, words->noun);
    if (k.n_set > 1)
      fprintf(s.out, ", in the geometric mean over %zu %s", k.n_set, gcb_experiments_word(g, k.n_set));
    fprintf(s.out, "; as multiples of %s: ", g->contenders[k.places[0].contender].name);
    for (size_t i = 1; i < k.n; i++) {
      fprintf(s.out, "%s%s ", i > 1 ? ", " : "", g->contenders[k.places[i].contender].name);
      gcb_put_factor(s.out, k.places[i].ratio);
    }
    fputc('.', s.out);
    put_fronts(s.out, g, &k);
    put_left_out(s.out, g, &k);
    gcb_sentence_end(&s, answers);
  }
  gcb_ranking_free(&k);
}

void gcb_answer(json_t *answers, const gcb_readings *r, uint64_t seed) {
  const gcb_grid *g = r->grid;
  const claim *words = claim_of(r->metric);
  size_t who[2], n = 0;
  for (size_t c = 0; c < g->n_contenders; c++) {
    bool any = false;
    for (size_t e = 0; e < g->n_experiments; e++) any |= gcb_reading_known(r, e, c);
    if (!any || !g->contenders[c].reclaims) continue;
    if (n < 2) who[n] = c;
    n++;
  }
  if (!words || n < 2) return;
  if (n == 2)
    duel_out(answers, r, words, who[0], who[1], seed);
  else
    ranking_out(answers, r, words, seed);
}
