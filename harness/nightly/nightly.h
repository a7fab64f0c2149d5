/* The workings of `gcbench nightly`: a suite becomes a plan of pairs, those that the budget holds are run,
 * and what came of it is judged by results/analysis/regression_run.h.
 *
 * A baseline is a collector as it was: its module, kept in the store's folder as baselines/NAME/COLLECTOR.so.
 * It runs in tonight's harness, with tonight's workloads and options: only the collector differs.
 */
#ifndef GCB_NIGHTLY_H
#define GCB_NIGHTLY_H

#include "nightly/suite.h"
#include "session/pairs.h"
#include <limits.h>

/* A pair of the night, with cells of its own: those of the plan are only what they are made of. */
typedef struct gcb_night_pair {
  gcb_cell a, b;
  size_t from;          /* the plan's cell */
  const char *leg;      /* see night.h */
  const char *baseline; /* or NULL */
  char *module;         /* of the baseline, or of the canary: of both sides; NULL: tonight's */
  uint64_t cost_ns;     /* of one pair, by its warm-up */
  bool first_of_cell;   /* its side b is what history sees of that cell */
} gcb_night_pair;

typedef struct gcb_night_plan {
  gcb_suite suite;
  gcb_session session;
  char folder[PATH_MAX];    /* of the store */
  char machine[17];         /* its fingerprint */
  json_t *earlier;          /* documents of nights of this suite and machine, oldest first */
  size_t nights;            /* of this suite, on any machine */
  size_t rotation, next;    /* the cells that come first, of those chosen, tonight and on the next night */
  bool dry_run;             /* nothing is written */
  bool *chosen;             /* of the plan's cells: not left out by --only, none twice */
  size_t n_chosen, canary;  /* canary: its cell of the plan, n_cells when there is none */
  gcb_night_pair *pairs;    /* by urgency */
  size_t n_pairs, n_kept;   /* the first n_kept are run */
  uint64_t rounds, started; /* gcb_clock() */
  json_t *broken, *notes, *left_out, *suspects, *frozen; /* as in the document; frozen: "canary" of it */
} gcb_night_plan;

/* ---- nightly_files.c: what lies in the store's folder ---- */

/* Copy a file whole or not at all; folders on the way are made. False with a sentence. */
bool gcb_copy_file(const char *from, const char *to, char *why, size_t why_size);
/* FOLDER/baselines/NAME/COLLECTOR.so for a module; the caller frees. */
char *gcb_baseline_file(const gcb_night_plan *n, const char *name, const char *module);
/* Read the earlier nights. */
void gcb_nightly_past(gcb_night_plan *n);
/* FOLDER/nightly/RUN.json, for the next nights. False with a sentence. */
bool gcb_nightly_record(const gcb_night_plan *n, const json_t *night, char *why, size_t why_size);
/* Give the collectors that passed the name of a baseline; what was done is added to the notes. */
void gcb_nightly_keep_as(gcb_night_plan *n, const json_t *night, const char *name, bool whatever);

/* ---- nightly_plan.c ---- */

/* Plan the cells of the suite and choose those that match a word of `only` (a workload or collector; none:
 * all). False with a sentence, which names the suite's line where it is to blame. */
bool gcb_nightly_plan(gcb_night_plan *n, const char *path, const struct gcb_strings *only, char *why,
                      size_t why_size);

/* ---- nightly_pairs.c ---- */

/* The pairs, the most urgent first: canary, cells with themselves, suspects of history, the others by turns.
 */
bool gcb_nightly_pair(gcb_night_plan *n);
/* "trees at 3x on gen3 against last-night". Returns `text`. */
const char *gcb_night_pair_text(const gcb_night_plan *n, const gcb_night_pair *p, char *text, size_t size);

/* ---- nightly_run.c ---- */

/* Warm the pairs up, and keep those of which the budget holds so many rounds that a change can be proven. */
void gcb_nightly_fit(gcb_night_plan *n);
/* Run the kept pairs, as a run of the store called `name` (changed where that is taken). The document; NULL
 * with a sentence. New reference. */
json_t *gcb_nightly_measure(gcb_night_plan *n, json_t *context, char *name, size_t name_size, bool quiet,
                            char *why, size_t why_size);
/* The same, afresh, for as many pairs as the time holds, by their numbers, in that order. */
json_t *gcb_nightly_rerun(gcb_night_plan *n, const json_t *numbers, json_t *context, const char *name,
                          bool quiet, char *why, size_t why_size);

#endif
