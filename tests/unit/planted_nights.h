/* A store of 120 nights with a known truth, for the tests of history. */
#ifndef GCB_TEST_PLANTED_NIGHTS_H
#define GCB_TEST_PLANTED_NIGHTS_H

#include "run_documents.h"
#include <gcbench/rng.h>
#include <time.h>

enum {
  PLANTED = 120,        /* nights from 2026-05-01 on, called night-000 ... */
  PLANTED_MACHINE = 30, /* the first on another processor */
  PLANTED_STEP = 90,    /* the first of trees with 5 % more wall and CPU time */
  PLANTED_EXACT = 105,  /* the first of cycles with 64 bytes more allocated */
};

static inline json_t *planted_night(int n, gcb_rng *rng) {
  char name[20], started[40];
  time_t begin = 1777593600 + (time_t)86400 * n;
  struct tm parts;
  gmtime_r(&begin, &parts);
  strftime(started, sizeof started, "%Y-%m-%dT%H:%M:%S.000Z", &parts);
  snprintf(name, sizeof name, "night-%03d", n);
  json_t *run = some_run(name, started, n < PLANTED_MACHINE ? "old processor" : "new processor");
  for (size_t i = 0; i < 2; i++) {
    double wall = 1e6 * (1 + .01 * (gcb_rng_unit(rng) - .5)) * (i == 0 && n >= PLANTED_STEP ? 1.05 : 1);
    json_t *one = some_invocation((int)wall);
    if (i == 1 && n >= PLANTED_EXACT)
      json_object_set_new(json_array_get(json_object_get(one, "iterations"), 0), "allocated_bytes",
                          json_integer(4160));
    json_array_append_new(json_object_get(cell_of(run, i), "invocations"), one);
  }
  return run;
}

/* Imported from the newest to the oldest, so that numbers of runs go against time: night n is run 120 - n. */
static inline void plant_nights(const char *folder) {
  struct gcb_store *s = must_open(folder, GCB_STORE_WRITE);
  gcb_rng rng = gcb_rng_seed(90);
  sqlite3_exec(gcb_store_database(s), "PRAGMA synchronous=OFF", NULL, NULL, NULL);
  for (int n = PLANTED; n-- > 0;) must_import(s, planted_night(n, &rng));
  gcb_store_close(s);
}

#endif
