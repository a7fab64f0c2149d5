/* compare_rates [TRIALS [NIGHTS]]: how often the verdicts of `compare` and the gate of a night are wrong, in
 * simulation, by the product's own functions. Fails when a rate is not what results/README.md promises. */
#include "noise.h"
#include "results/stats/verdict.h"
#include <stdio.h>
#include <stdlib.h>

enum { MOST_PAIRS = 30, CELLS = 200, NIGHT_PAIRS = 20 };

typedef struct rates {
  double covered, regressed, improved, equivalent, sequential; /* shares of the trials */
} rates;

static rates simulate(noisy_machine m, size_t pairs, double effect, unsigned trials, uint64_t seed) {
  rates r = {0};
  double a[MOST_PAIRS], b[MOST_PAIRS], one = 1.0 / trials;
  const gcb_limits usual = {0};
  m.rng = gcb_rng_seed(seed);
  for (unsigned t = 0; t < trials; t++) {
    m.level = 0;
    measured_pairs(&m, effect, a, b, pairs);
    gcb_verdict v = gcb_verdict_paired(a, b, pairs, &usual);
    r.covered += one * (v.log_ratio.lo <= effect && effect <= v.log_ratio.hi);
    r.regressed += one * (v.word == GCB_REGRESSED);
    r.improved += one * (v.word == GCB_IMPROVED);
    r.equivalent += one * (v.word == GCB_EQUIVALENT);
    for (size_t i = 0; i < pairs; i++) a[i] = measured(&m, 0); /* the same, one after the other */
    for (size_t i = 0; i < pairs; i++) b[i] = measured(&m, effect);
    v = gcb_verdict_unpaired(a, pairs, b, pairs, &usual);
    r.sequential += one * (v.log_ratio.lo > effect || v.log_ratio.hi < effect);
  }
  return r;
}

typedef struct night {
  bool first, stands; /* an alarm; one that the rerun agrees with */
  unsigned found;     /* of the slower cells */
} night;

/* A night of cells, of which the first few are slower by 5 %. */
static night simulate_night(noisy_machine *m, size_t slower) {
  static gcb_verdict v[CELLS];
  bool alarm[CELLS];
  double a[NIGHT_PAIRS], b[NIGHT_PAIRS];
  const gcb_limits usual = {0};
  night n = {0};
  for (size_t i = 0; i < CELLS; i++) {
    measured_pairs(m, i < slower ? log(1.05) : 0, a, b, NIGHT_PAIRS);
    v[i] = gcb_verdict_paired(a, b, NIGHT_PAIRS, &usual);
  }
  gcb_gate(v, CELLS, 0, alarm);
  for (size_t i = 0; i < CELLS; i++) {
    if (!alarm[i]) continue;
    n.first = true;
    measured_pairs(m, i < slower ? log(1.05) : 0, a, b, NIGHT_PAIRS);
    gcb_verdict again = gcb_verdict_paired(a, b, NIGHT_PAIRS, &usual);
    if (!gcb_gate_agrees(&again, 0)) continue;
    n.stands = true;
    n.found += i < slower;
  }
  return n;
}

static bool promise(const char *what, double seen, bool at_most, double bound) {
  bool kept = at_most ? seen <= bound : seen >= bound;
  printf("%-62s %6.2f %%  (%s %g %%)%s\n", what, 100 * seen, at_most ? "at most" : "at least", 100 * bound,
         kept ? "" : "  MISSED");
  return kept;
}

int main(int argc, char **argv) {
  unsigned trials = argc > 1 ? (unsigned)atoi(argv[1]) : 10000,
           nights = argc > 2 ? (unsigned)atoi(argv[2]) : 1000;
  static const size_t pairs[] = {10, 20, 30};
  static const double noises[] = {.01, .02, .03, .04, .06};
  bool good = true;
  if (!trials || nights < 10) {
    fprintf(stderr, "usage: compare_rates [TRIALS [NIGHTS]]\n");
    return 2;
  }
  printf("%u trials; drift %g %% a step, %g %% jumps of %g %%, %g %% outliers of +%g %%\n\n", trials,
         100 * usual_machine.step, 100 * usual_machine.jumps, 100 * usual_machine.jump,
         100 * usual_machine.outliers, 100 * usual_machine.length);
  printf("                 no change                                                  +5 %%\n");
  printf("noise  pairs     beyond 0   called a change   equivalent   A then B*       regressed   covered\n");
  for (size_t i = 0; i < sizeof noises / sizeof *noises; i++)
    for (size_t k = 0; k < sizeof pairs / sizeof *pairs; k++) {
      noisy_machine m = usual_machine;
      m.noise = noises[i];
      rates null = simulate(m, pairs[k], 0, trials, 1 + 10 * i + k);
      rates five = simulate(m, pairs[k], log(1.05), trials, 1001 + 10 * i + k);
      printf("%4.0f %%  %5zu     %6.2f %%  %13.2f %%  %9.1f %%  %8.1f %%  %13.1f %%  %6.1f %%\n",
             100 * noises[i], pairs[k], 100 * (1 - null.covered), 100 * (null.regressed + null.improved),
             100 * null.equivalent, 100 * null.sequential, 100 * five.regressed, 100 * five.covered);
    }
  printf("* all of A, then all of B: how often the interval of the rank-sum test leaves 0 out\n\n");

  rates null = simulate(usual_machine, 20, 0, trials, 7),
        five = simulate(usual_machine, 20, log(1.05), trials, 8);
  good &= promise("20 pairs, no change: the interval leaves 0 out", 1 - null.covered, true, .06);
  good &=
      promise("20 pairs, no change: called regressed or improved", null.regressed + null.improved, true, .06);
  good &= promise("20 pairs, +5 %: called regressed", five.regressed, false, .9);

  noisy_machine m = usual_machine;
  static const size_t slower[] = {1, 10, 100};
  double first = 0, stands = 0;
  m.rng = gcb_rng_seed(9);
  for (unsigned i = 0; i < nights; i++) {
    m.level = 0;
    night n = simulate_night(&m, 0);
    first += n.first, stands += n.stands;
  }
  printf("%u nights of %d cells, %d pairs each: %.2f %% had an alarm before the rerun\n", nights, CELLS,
         NIGHT_PAIRS, 100 * first / nights);
  good &= promise("null nights with an alarm that stands", stands / nights, true, .05);
  for (size_t k = 0; k < sizeof slower / sizeof *slower; k++) {
    double found = 0;
    for (unsigned i = 0; i < nights / 10; i++) {
      m.level = 0;
      found += simulate_night(&m, slower[k]).found;
    }
    printf("of %3zu cells that are slower by 5 %%, the gate and its rerun find %.0f %%\n", slower[k],
           100 * found / (double)slower[k] / (nights / 10));
  }
  return !good;
}
