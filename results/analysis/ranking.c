#include "results/analysis/ranking.h"
#include "results/model/cell.h"
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

bool gcb_readings_take(gcb_readings *r, const gcb_grid *g, const gcb_metric *m) {
  size_t n = g->n_experiments * g->n_contenders;
  *r = (gcb_readings){g, m, calloc(n + 1, sizeof *r->values), calloc(n + 1, sizeof *r->n)};
  if (!r->values || !r->n) return false;
  for (size_t i = 0; i < n; i++) {
    if (!g->cells[i] || !gcb_cell_ok(g->cells[i])) continue;
    const json_t *invocations = json_object_get(g->cells[i], "invocations");
    r->values[i] = calloc(json_array_size(invocations), sizeof **r->values);
    if (!r->values[i]) return false;
    r->n[i] = gcb_metric_values(m, invocations, r->values[i]);
  }
  return true;
}

void gcb_readings_free(gcb_readings *r) {
  for (size_t i = 0; r->values && i < r->grid->n_experiments * r->grid->n_contenders; i++) free(r->values[i]);
  free(r->values);
  free(r->n);
  *r = (gcb_readings){0};
}

/* The place of a cell; a mean of zero (no CPU time, no pause) has no ratio. */
static size_t at(const gcb_readings *r, size_t e, size_t c) {
  return e * r->grid->n_contenders + c;
}
bool gcb_reading_known(const gcb_readings *r, size_t e, size_t c) {
  size_t i = at(r, e, c);
  return r->n[i] && gcb_mean(r->values[i], r->n[i]) > 0;
}

/* ---- ratios ---- */

gcb_interval gcb_ratio(const gcb_readings *r, size_t a, size_t b, const size_t *set, size_t n) {
  gcb_log_sum sum = {0};
  for (size_t i = 0; i < n; i++) {
    size_t x = at(r, set[i], a), y = at(r, set[i], b);
    gcb_log_add(&sum, r->values[x], r->n[x], 1 / (double)n);
    gcb_log_add(&sum, r->values[y], r->n[y], -1 / (double)n);
  }
  return gcb_log_interval(&sum);
}

int gcb_ratio_side(gcb_interval ratio) {
  if (ratio.n < GCB_CLAIM_MIN) return GCB_UNTOLD;
  return ratio.hi < 1 ? GCB_LESS : ratio.lo > 1 ? GCB_MORE : GCB_UNTOLD;
}

/* ---- ranking ---- */

/* The experiments that all contenders in `in` have; returns how many. */
static size_t common(const gcb_readings *r, const bool *in, size_t *set) {
  size_t n = 0;
  for (size_t e = 0; e < r->grid->n_experiments; e++) {
    bool all = true;
    for (size_t c = 0; c < r->grid->n_contenders; c++) all &= !in[c] || gcb_reading_known(r, e, c);
    if (all) set[n++] = e;
  }
  return n;
}

static size_t ran(const gcb_readings *r, size_t c) {
  size_t n = 0;
  for (size_t e = 0; e < r->grid->n_experiments; e++) n += gcb_reading_known(r, e, c);
  return n;
}

/* Choose who takes part, and in what. */
static void choose(gcb_ranking *k, const gcb_readings *r, bool *in) {
  const gcb_grid *g = r->grid;
  size_t left = 0, any = 0;
  for (size_t c = 0; c < g->n_contenders; c++) left += in[c] = g->contenders[c].reclaims && ran(r, c) > 0;
  for (size_t e = 0; e < g->n_experiments; e++) {
    bool some = false;
    for (size_t c = 0; c < g->n_contenders; c++) some |= in[c] && gcb_reading_known(r, e, c);
    any += some;
  }
  while (left && (k->n_set = common(r, in, k->set)) * 2 < any && left > 1) {
    size_t worst = SIZE_MAX;
    for (size_t c = 0; c < g->n_contenders; c++)
      if (in[c] && (worst == SIZE_MAX || ran(r, c) < ran(r, worst))) worst = c;
    in[worst] = false;
    left--;
  }
  for (size_t c = 0; c < g->n_contenders; c++) {
    if (in[c]) k->places[k->n++].contender = c;
    if (in[c] || !g->contenders[c].reclaims) continue;
    k->left_out[k->n_left_out] = c;
    k->ran[k->n_left_out++] = ran(r, c);
  }
}

static double log_mean(const gcb_ranking *k, const gcb_readings *r, size_t c) {
  double sum = 0;
  for (size_t i = 0; i < k->n_set; i++)
    sum += log(gcb_mean(r->values[at(r, k->set[i], c)], r->n[at(r, k->set[i], c)]));
  return sum;
}

static void sort_places(gcb_ranking *k, const gcb_readings *r) {
  for (size_t i = 1; i < k->n; i++)
    for (size_t j = i; j > 0; j--) {
      if (log_mean(k, r, k->places[j - 1].contender) <= log_mean(k, r, k->places[j].contender)) break;
      gcb_place swap = k->places[j];
      k->places[j] = k->places[j - 1];
      k->places[j - 1] = swap;
    }
}

/* Who is in front in one experiment: the least, and all who cannot be told from it. */
static void front(gcb_ranking *k, const gcb_readings *r, size_t experiment) {
  size_t least = 0, beside = 0;
  bool *ties = calloc(k->n, sizeof *ties);
  if (!ties) return;
  for (size_t i = 1; i < k->n; i++) {
    size_t x = at(r, experiment, k->places[i].contender), y = at(r, experiment, k->places[least].contender);
    if (gcb_mean(r->values[x], r->n[x]) < gcb_mean(r->values[y], r->n[y])) least = i;
  }
  for (size_t i = 0; i < k->n; i++) {
    if (i == least) continue;
    gcb_interval ratio = gcb_ratio(r, k->places[i].contender, k->places[least].contender, &experiment, 1);
    ties[i] = gcb_ratio_side(ratio) != GCB_MORE;
    beside += ties[i];
  }
  if (!beside) k->places[least].alone++;
  ties[least] = true;
  for (size_t i = 0; beside && i < k->n; i++) k->places[i].among += ties[i];
  free(ties);
}

bool gcb_rank(gcb_ranking *k, const gcb_readings *r) {
  const gcb_grid *g = r->grid;
  bool *in = calloc(g->n_contenders + 1, sizeof *in);
  *k = (gcb_ranking){.places = calloc(g->n_contenders + 1, sizeof *k->places),
                     .set = calloc(g->n_experiments + 1, sizeof *k->set),
                     .left_out = calloc(g->n_contenders + 1, sizeof *k->left_out),
                     .ran = calloc(g->n_contenders + 1, sizeof *k->ran)};
  bool good = in && k->places && k->set && k->left_out && k->ran;
  if (good) {
    choose(k, r, in);
    sort_places(k, r);
    for (size_t i = 0; i < k->n; i++)
      k->places[i].ratio = i ? gcb_ratio(r, k->places[i].contender, k->places[0].contender, k->set, k->n_set)
                             : (gcb_interval){1, 1, 1, 0};
    for (size_t i = 0; i < k->n_set; i++) front(k, r, k->set[i]);
  }
  free(in);
  return good;
}

void gcb_ranking_free(gcb_ranking *k) {
  free(k->places);
  free(k->set);
  free(k->left_out);
  free(k->ran);
  *k = (gcb_ranking){0};
}
