/* Does a collector keep its contract? The suite of lib/gcbench/contract and random programs, on one
 * collector, each part in a process of its own with a time-out.
 *
 * What comes out are rows, JSON objects: `group`, `name`, `expected` (a sentence), `outcome` ("holds",
 * "broken", "not applicable", "not run"), `variant` and `happened` (null where there is nothing to say),
 * `replay` (the command that shows it again, null unless broken), `seconds`.
 */
#ifndef GCB_CONFORMANCE_H
#define GCB_CONFORMANCE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct gcb_conformance {
  const char *word;      /* the collector as the user wrote it, for commands */
  const char *file;      /* its shared object */
  uint64_t capabilities; /* that it declares */
  const char *variant;   /* NULL: all */
  uint64_t timeout;      /* ns, of one behaviour in all its variants */
  const char *save;      /* folder for failing programs */
  const volatile int *interrupt;
} gcb_conformance;

/* The behaviours: [{name, group, expected, needs[]}], in the order in which to run them. New reference; NULL
 * with a sentence when the suite is not installed or does not run. */
json_t *gcb_conformance_list(char *why, size_t why_size);
/* Run one of them: its row, a new reference. NULL with a sentence when there is no such variant. */
json_t *gcb_conformance_run(const gcb_conformance *c, const json_t *behaviour, char *why, size_t why_size);
/* A row for a behaviour that is not run, and why not. */
json_t *gcb_conformance_skip(const json_t *behaviour, const char *why);
/* The row of random programs when there was no time for them, and why not. */
json_t *gcb_conformance_unstressed(const char *why);
/* Random programs for so many ns, or until three different findings: a list with one row for each finding, or
 * one row that says that there is none. */
json_t *gcb_conformance_stress(const gcb_conformance *c, uint64_t ns);

/* The row's outcome is this word. */
bool gcb_conformance_is(const json_t *row, const char *outcome);

#endif
