/* Series of nights with a known truth, as a benchmark's history looks.
 *
 * A night is the mean of 10 invocations. Each is level x exp(night + drift + invocation): `night` is shared
 * by the night, normal with the given sd, and resembles the night before (AR(1), the given correlation);
 * `drift` runs through the night in a straight line, by up to 3 % from end to end; `invocation` is normal, sd
 * 2 %. In 2 % of the nights the whole is 10 to 30 % too slow: something else ran on the machine. */
#ifndef GCB_BENCH_NIGHTS_H
#define GCB_BENCH_NIGHTS_H

#include <gcbench/rng.h>
#include <math.h>
#include <stddef.h>

typedef struct nights_noise {
  double sd, correlation; /* of `night` */
} nights_noise;

static inline double nights_normal(gcb_rng *rng) {
  double u = 1 - gcb_rng_unit(rng), v = gcb_rng_unit(rng);
  return sqrt(-2 * log(u)) * cos(2 * M_PI * v);
}

/* The level is 1, and 1 + step from night `at` on. */
static inline void nights_make(gcb_rng *rng, nights_noise noise, size_t at, double step, double *y,
                               size_t n) {
  enum { INVOCATIONS = 10 };
  double night = noise.sd * nights_normal(rng);
  double fresh = noise.sd * sqrt(1 - noise.correlation * noise.correlation);
  for (size_t i = 0; i < n; i++) {
    double drift = 0.03 * (2 * gcb_rng_unit(rng) - 1), sum = 0;
    for (int k = 0; k < INVOCATIONS; k++)
      sum += exp(night + drift * (k / (INVOCATIONS - 1.) - 0.5) + 0.02 * nights_normal(rng));
    y[i] = sum / INVOCATIONS * (i >= at ? 1 + step : 1);
    if (gcb_rng_unit(rng) < 0.02) y[i] *= 1.1 + 0.2 * gcb_rng_unit(rng);
    night = noise.correlation * night + fresh * nights_normal(rng);
  }
}

#endif
