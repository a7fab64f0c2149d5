/* Running a plan: references first, then rounds in which every cell has one invocation, in a random order;
 * each result is judged and given to its cell. What `run` does, for every command that needs a run document.
 */
#ifndef GCB_EXECUTE_H
#define GCB_EXECUTE_H

#include "session.h"

typedef struct gcb_execution {
  gcb_session *session;
  uint64_t invocations, seed;
  bool google_benchmark;         /* it drives the timed loops, but for latency invocations */
  bool latency;                  /* as many latency invocations again, by turns with the others */
  uint64_t started, total, done; /* for the line of progress: ns of gcb_clock(); invocations */
} gcb_execution;

/* How many invocations the plan comes to, references included; sets `total` and `started`. */
void gcb_execution_begin(gcb_execution *e);
/* One untimed run of each group on its reference, for the checksum. */
void gcb_execution_references(gcb_execution *e);
/* All rounds. A cell is over at its first invocation that does not end ok. Stops early when interrupted. */
void gcb_execution_rounds(gcb_execution *e);
/* Judge the result of one invocation against its group's checksum, and append it to its cell's `list`. */
void gcb_execution_finish(gcb_execution *e, gcb_cell *cell, const char *list, json_t *result);
/* Say on standard error what is next: "[3/20] trees on gen3 invocation 2, 10s left". */
void gcb_execution_progress(const gcb_execution *e, const char *what, const gcb_cell *cell, uint64_t round);
/* The cells with their summaries and lower-bound overheads, as "cells" of a run document. New reference. */
json_t *gcb_execution_cells(gcb_execution *e);

#endif
