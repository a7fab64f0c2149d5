/* Google Benchmark in charge of a loop that we time: it asks for each iteration, is told how long it took
 * (manual time) and what it did (items, bytes), and writes the entry of its JSON. The module holds the
 * library, which adds some 2 MiB to the resident set, so that only a process that was asked to has it.
 */
#ifndef GCB_DRIVE_H
#define GCB_DRIVE_H

#include "measure/gbench.h"
#include <jansson.h>

/* The library's module; NULL with a sentence where it was not built. Loaded once a process. */
const gcb_gbench *gcb_gbench_load(char *why, size_t why_size);

typedef struct gcb_drive {
  const char *name;
  uint64_t laps;
  /* One of them. False: it failed, for the reason in `why`. */
  bool (*lap)(struct gcb_drive *d);
  void *ctx;
  /* Set by lap(): of this lap, and sums over all. */
  uint64_t ns, items, bytes;
  const char *why;
} gcb_drive;

/* Run the laps, at most once a process. The library's entry, as JSON: new reference; NULL with a sentence
 * when the library did not carry it out. */
json_t *gcb_drive_run(const gcb_gbench *library, gcb_drive *d, char *why, size_t why_size);

/* Google Benchmark's JSON, in which numbers may be NaN and Infinity: members with such a value are left out.
 * New reference; NULL with a sentence. */
json_t *gcb_gbench_parse(const char *text, char *why, size_t why_size);

#endif
