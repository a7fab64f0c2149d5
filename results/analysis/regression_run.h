/* A night of interleaved pairs, judged: schema gcbench.nightly/1 (see README.md here), and how it reads.
 *
 * Its input is a run document of pairs (schema gcbench.run/1) whose cells say in "night" what they are there
 * for: {leg, baseline, number}. Legs: "gate", tonight's collector (side b) against a baseline (side a);
 * "first", tonight's against itself, because there is no baseline; "a-a", the same to see what the machine
 * makes of equal things; "canary", a frozen collector against itself. All but printing are pure functions.
 */
#ifndef GCB_NIGHT_H
#define GCB_NIGHT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* A metric that gates, and the relative change below which it does not; 0: what comparisons of cells with
 * themselves taught, at least GCB_FLOOR. */
typedef struct gcb_night_gate {
  const char *metric;
  double floor;
} gcb_night_gate;

typedef struct gcb_night_rules {
  gcb_night_gate *gates;
  size_t n_gates;
  bool heed_doctor;    /* a machine that is noisy is not trusted */
  double widest;       /* median half-width of the intervals of wall times, relative; wider: not trusted */
  double canary_moves; /* relative change of the canary; more: not trusted */
} gcb_night_rules;

/* The last column is what a night ends with; the words are in the order of their weight. */
#define GCB_NIGHT_OUTCOMES(X)                                                                                \
  X(INTERRUPTED, "interrupted") /* by the user */                                                            \
  X(NOTHING, "nothing")         /* nothing was measured */                                                   \
  X(FAILED, "failed")           /* a cell of tonight's failed where the baseline did not */                  \
  X(UNTRUSTED, "untrusted")                                                                                  \
  X(REGRESSED, "regressed")                                                                                  \
  X(FIRST, "first") /* there was no baseline to compare with */                                              \
  X(OPEN, "open")   /* an alarm could not be run again */                                                    \
  X(QUIET, "quiet")

typedef enum gcb_night_outcome {
#define X(name, word) GCB_NIGHT_##name,
  GCB_NIGHT_OUTCOMES(X)
#undef X
} gcb_night_outcome;

/* Compare all pairs of the run and apply the gate to those against a baseline. `earlier`: documents of nights
 * of the same suite and machine, oldest first; floors may be learnt from them. New reference: a document with
 * "comparisons", to which the caller may add. */
json_t *gcb_night_judge(const json_t *run, const gcb_night_rules *rules, const json_t *earlier);
/* The numbers ("night.number") of comparisons with an alarm, those first that are most beyond their floor:
 * [n,
 * ..]. New reference. */
json_t *gcb_night_alarms(const json_t *night);
/* The fresh rerun of those: alarms that it repeats stand ("regressed"), others are "cleared"; those of
 * which it has too few pairs stay "alarm". */
void gcb_night_confirm(json_t *night, const json_t *rerun, const gcb_night_rules *rules);
/* Adds "trust": may the night be believed? From doctor's findings before and after, the intervals, the
 * comparisons of cells with themselves (of this and of earlier nights), and the canary, whose module has the
 * digest of night.canary. */
void gcb_night_trust(json_t *night, const json_t *earlier, const json_t *before, const json_t *after,
                     const gcb_night_rules *rules);
/* Adds "outcome"; from all the above, and "broken" (plug-ins that could not be loaded) and "interrupted". */
gcb_night_outcome gcb_night_conclude(json_t *night);
/* May this collector (as the cells call it) be a baseline: did all of its cells end well, in a night that is
 * to be believed, and does no regression of it stand? `whatever`: by hand; then only failures are against it.
 */
bool gcb_night_passed(const json_t *night, const char *collector, bool whatever);

/* For people: sentences first, then a table, then notes. */
void gcb_night_print(const json_t *night, bool markdown, FILE *out);
/* For gcb_junit_write(): a case for each comparison. New reference. */
json_t *gcb_night_junit(const json_t *night);

#endif
