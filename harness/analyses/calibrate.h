/* The suite's own calibration: facts of the literature that it must see, each from runs of its own. Which
 * workloads and collectors show a fact, and what is expected, is data (facts.json); nothing here knows.
 */
#ifndef GCB_CALIBRATE_H
#define GCB_CALIBRATE_H

#include "session/session.h"

/* The facts of a file; NULL for those that were installed. New reference: a list. NULL with a sentence. */
json_t *gcb_facts_load(const char *file, char *why, size_t why_size);

typedef struct gcb_calibration {
  uint64_t rounds; /* of each cell; 0: as the fact says */
  uint64_t seed, timeout_ns;
  const char *pin;
} gcb_calibration;

/* Run what a fact asks for, and judge it (facts.h). Adds "cells" (as in a run document) and "seconds". A
 * collector that is not here makes it `not shown`. New reference; NULL when interrupted. */
json_t *gcb_calibrate_fact(const gcb_calibration *c, const json_t *fact);

#endif
