#include "plots/report/findings.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

bool gcb_sentence_begin(gcb_sentence *s) {
  *s = (gcb_sentence){0};
  s->out = open_memstream(&s->text, &s->size);
  return s->out != NULL;
}

void gcb_sentence_end(gcb_sentence *s, json_t *list) {
  if (fclose(s->out) == 0 && s->size) json_array_append_new(list, json_string(s->text));
  free(s->text);
  *s = (gcb_sentence){0};
}

gcb_interval gcb_inverse(gcb_interval ratio) {
  return (gcb_interval){1 / ratio.mean, 1 / ratio.hi, 1 / ratio.lo, ratio.n};
}

/* Decimals that show the width of an interval, and that do not round an end to `nothing`, which it is not. */
static int decimals(gcb_interval v, double nothing) {
  double half = (v.hi - v.lo) / 2;
  int n = half > 0 ? (int)ceil(-log10(half)) : 2;
  if (n < 0) n = 0;
  if (n > 3) n = 3;
  for (; n < 5; n++) {
    double step = pow(10, n);
    bool hidden = false;
    for (int i = 0; i < 2; i++) {
      double end = i ? v.hi : v.lo;
      hidden |= end != nothing && round(end * step) == round(nothing * step);
    }
    if (!hidden) break;
  }
  return n;
}

void gcb_put_factor(FILE *out, gcb_interval f) {
  if (isfinite(f.lo) && isfinite(f.hi)) {
    int n = decimals(f, 1);
    fprintf(out, "%.*fx [%.*f, %.*f]", n, f.mean, n, f.lo, n, f.hi);
  } else {
    fprintf(out, "%.2fx [no interval]", f.mean);
  }
}

void gcb_put_less(FILE *out, gcb_interval ratio) {
  gcb_interval p = {100 * (1 - ratio.mean), 100 * (1 - ratio.hi), 100 * (1 - ratio.lo), ratio.n};
  if (isfinite(p.lo) && isfinite(p.hi)) {
    int n = decimals(p, 0);
    fprintf(out, "%.*f %% [%.*f, %.*f]", n, p.mean, n, p.lo, n, p.hi);
  } else {
    fprintf(out, "%.1f %% [no interval]", p.mean);
  }
}

void gcb_put_experiment(FILE *out, const gcb_grid *g, size_t e) {
  if (g->one_heap)
    fputs(g->experiments[e].workload, out);
  else
    fprintf(out, "%s at %s", g->experiments[e].workload, g->experiments[e].heap);
}

const char *gcb_experiments_word(const gcb_grid *g, size_t n) {
  if (g->one_heap) return n == 1 ? "workload" : "workloads";
  if (g->n_workloads == 1) return n == 1 ? "heap size" : "heap sizes";
  return n == 1 ? "pair of workload and heap" : "pairs of workload and heap";
}

const char *gcb_list_comma(size_t i, size_t n) {
  return i == 0 ? "" : i + 1 == n ? " and " : ", ";
}
