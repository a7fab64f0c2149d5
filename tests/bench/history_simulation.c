/* How often `gcbench history` finds a step that is there, and one that is not: series of nights with a known
 * truth (nights.h) through the product's own results/stats/changes.c. The table that it prints is in
 * results/README.md.
 *
 *   bench_history_simulation [SERIES [SEED]]
 */
#include "nights.h"
#include "results/stats/changes.h"
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { NIGHTS = 90, STEP = 60, NEAR = 5, MOST = NIGHTS };

typedef struct tally {
  double found;     /* share of series with a change within NEAR nights of the step */
  double elsewhere; /* share of series with another change */
  double off;       /* nights between the step and the change: mean over those found */
  double wait;      /* nights after the step until a look saw it: mean over those found */
} tally;

/* Looks after each night from `first` on, as a team does that reads the history every morning. */
static tally look(gcb_rng *rng, nights_noise noise, double step, size_t first, size_t series) {
  tally t = {0};
  for (size_t s = 0; s < series; s++) {
    double y[NIGHTS];
    gcb_change changes[MOST];
    size_t off = SIZE_MAX, wait = 0;
    bool elsewhere = false;
    nights_make(rng, noise, STEP, step, y, NIGHTS);
    for (size_t nights = first; nights <= NIGHTS; nights++) {
      size_t n = gcb_changes(y, nights, NULL, changes, MOST);
      for (size_t i = 0; i < n; i++) {
        size_t apart = changes[i].at > STEP ? changes[i].at - STEP : STEP - changes[i].at;
        if (step == 0 || apart > NEAR) {
          elsewhere = true;
          continue;
        }
        if (off == SIZE_MAX) wait = nights - STEP;
        off = apart < off ? apart : off;
      }
    }
    t.elsewhere += elsewhere;
    if (off == SIZE_MAX) continue;
    t.found++;
    t.off += (double)off;
    t.wait += (double)wait;
  }
  t.off /= t.found;
  t.wait /= t.found;
  t.found /= (double)series;
  t.elsewhere /= (double)series;
  return t;
}

int main(int argc, char **argv) {
  static const nights_noise noises[] = {{.005, 0}, {.01, 0},  {.01, .3}, {.015, 0}, {.015, .3},
                                        {.02, 0},  {.02, .3}, {.03, 0},  {.03, .3}};
  size_t series = argc > 1 ? strtoull(argv[1], NULL, 10) : 2000;
  gcb_rng rng = gcb_rng_seed(argc > 2 ? strtoull(argv[2], NULL, 10) : 1);
  if (series < 10) {
    fprintf(stderr, "usage: %s [SERIES [SEED]], at least 10 series\n", argv[0]);
    return 2;
  }
  printf("%zu series a row, %d nights each; steps at night %d; the last three columns: %zu series a row, "
         "looked at after every night from the 10th on\n\n",
         series, NIGHTS, STEP, series / 10);
  puts("| sd of nights | correlation | +5 % found | off by nights | alarms elsewhere | +3 % found | null: "
       "alarms "
       "| +5 % found | after nights | null: alarms |\n|---|---|---|---|---|---|---|---|---|---|");
  for (size_t i = 0; i < sizeof noises / sizeof *noises; i++) {
    tally five = look(&rng, noises[i], .05, NIGHTS, series);
    tally three = look(&rng, noises[i], .03, NIGHTS, series);
    tally null = look(&rng, noises[i], 0, NIGHTS, series);
    tally nightly = look(&rng, noises[i], .05, 10, series / 10);
    tally quiet = look(&rng, noises[i], 0, 10, series / 10);
    printf("| %.1f %% | %.1f | %.3f | %.1f | %.3f | %.3f | %.3f | %.3f | %.1f | %.3f |\n", noises[i].sd * 100,
           noises[i].correlation, five.found, five.off, five.elsewhere, three.found, null.elsewhere,
           nightly.found, nightly.wait, quiet.elsewhere);
    fflush(stdout);
  }
  return 0;
}
