/* A machine that measures badly, as machines do: what the rates of false and missed verdicts are simulated
 * on.
 *
 * A measurement is exp(level + noise + outlier + effect). The level drifts: a step after every invocation,
 * and now and then a jump (another tenant, another frequency). Noise is normal; outliers only ever add time,
 * and have no bound. Drift and outliers are the two things that method.md names; the sizes are parameters,
 * and `usual_machine` is close to A/A pairs of `trees` on a shared two-core virtual machine.
 */
#ifndef NOISE_H
#define NOISE_H

#include <gcbench/rng.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct noisy_machine {
  double noise;            /* standard deviation of an invocation, relative */
  double step;             /* of the level, after each invocation */
  double jumps, jump;      /* share of invocations after which the level jumps; standard deviation of that */
  double outliers, length; /* share of outliers, and their mean */
  double level;
  gcb_rng rng;
} noisy_machine;

static const noisy_machine usual_machine = {
    .noise = .02, .step = .003, .jumps = .02, .jump = .04, .outliers = .05, .length = .15};

static inline double normal(gcb_rng *rng) {
  double u = 1 - gcb_rng_unit(rng), v = gcb_rng_unit(rng); /* Box and Muller */
  return sqrt(-2 * log(u)) * cos(6.283185307179586 * v);
}

/* One invocation, of a program that takes exp(effect). */
static inline double measured(noisy_machine *m, double effect) {
  double log_time = m->level + m->noise * normal(&m->rng) + effect;
  if (gcb_rng_unit(&m->rng) < m->outliers) log_time += log1p(-m->length * log(1 - gcb_rng_unit(&m->rng)));
  m->level += m->step * normal(&m->rng);
  if (gcb_rng_unit(&m->rng) < m->jumps) m->level += m->jump * normal(&m->rng);
  return exp(log_time);
}

/* n pairs, each in random order, of which the candidate takes exp(effect) as long. */
static inline void measured_pairs(noisy_machine *m, double effect, double *a, double *b, size_t n) {
  for (size_t i = 0; i < n; i++) {
    bool b_first = gcb_rng_below(&m->rng, 2);
    if (b_first) b[i] = measured(m, effect);
    a[i] = measured(m, 0);
    if (!b_first) b[i] = measured(m, effect);
  }
}

#endif
