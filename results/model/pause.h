/* What a reported pause must be like: one rule for who writes runs and who reads them, and what is doubtful
 * about pauses that keep the rule one by one. */
#ifndef GCB_PAUSE_H
#define GCB_PAUSE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* NULL when a pause from start to end may stand in a run; else what is wrong, as the end of a sentence ("ends
 * before it begins"). ns on one clock, which is 0 where the measurement begins; `latest`: the time at which
 * the pause was reported, INT64_MAX when it is not known; `kind`: the word of its kind, NULL when there is
 * none. */
const char *gcb_pause_fault(int64_t start, int64_t end, int64_t latest, const char *kind);

typedef struct gcb_pause_span {
  int64_t start, end; /* ns */
  int mutator;        /* GCB_PAUSE_OF_ALL, or its number, below GCB_PAUSE_MUTATORS */
  bool cascade;       /* of counted deaths, which may lie inside a stop */
} gcb_pause_span;
enum { GCB_PAUSE_OF_ALL = -1, GCB_PAUSE_MUTATORS = 1024 };

typedef struct gcb_pause_doubts {
  size_t twice; /* pauses that equal another one */
  size_t
      overlaps; /* pauses that begin before an earlier one of the same mutator ended; equal ones included */
} gcb_pause_doubts;

/* Sorts the spans by start. A pause of all mutators is one of each. */
gcb_pause_doubts gcb_pauses_doubted(gcb_pause_span *spans, size_t n);

/* The same of an iteration's `pauses`. *over_wall: pauses of all mutators add up to more than the wall time.
 * Without memory, and where pauses are not known: nothing is doubted. */
gcb_pause_doubts gcb_iteration_doubts(const json_t *iteration, bool *over_wall);

#endif
