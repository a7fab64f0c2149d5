/* Google Benchmark for C: what the micro-benchmarks and the timed loops of invocations need of it, as a
 * module to load (drive.h), so that no process holds that library that was not asked to. Process-wide and for
 * one thread, as the library is: register cases, then run once.
 *
 * Traps of version 1.7.1 that stay behind this header: its exit status knows nothing of a case that failed
 * (run() counts them), Debian's build warns of itself as a debug build on each run (the line is
 * dropped: a loop enters the library once a batch, not once an operation), and its JSON may hold NaN and
 * Infinity (gcb_gbench_parse reads it nevertheless). */
#ifndef GCB_GBENCH_H
#define GCB_GBENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gcb_gbench_state gcb_gbench_state;

typedef struct gcb_gbench_case {
  const char *name; /* copied */
  void (*run)(gcb_gbench_state *state, void *context);
  void *context;
  bool clocked;        /* the case reports its time by time(); its name gets the ending /manual_time */
  uint64_t iterations; /* exactly so many (its name gets /iterations:N); 0: as the minimum time asks */
} gcb_gbench_case;

typedef struct gcb_gbench_options {
  const char *filter;   /* regular expression; NULL: all */
  const char *min_time; /* seconds, as text; NULL: the library's */
  uint64_t repetitions;
  bool interleave, list; /* repetitions of the cases in random order; only name what would run */
} gcb_gbench_options;

typedef struct gcb_gbench_report {
  size_t cases, failed; /* that the filter let through; runs that ended in a failure */
  char *table;          /* the library's console report, or the names */
  char *warnings;       /* what it says of the machine */
  char *skipped;        /* "6 skipped: REASON", a line each */
  char *json;           /* its JSON report, as it is */
} gcb_gbench_report;

/* What lib/gcbench/gbench.so exports, where it was built. */
typedef struct gcb_gbench {
  void (*register_case)(const gcb_gbench_case *c);

  /* In run(), until it answers false: the clock runs from the first call to the last. `batch` operations
   * follow each true. After fail_case() or skip_case() no further call is needed. */
  bool (*more)(gcb_gbench_state *state, uint64_t batch);
  /* Operations that all calls together have asked for. */
  uint64_t (*operations)(const gcb_gbench_state *state);
  /* How long the operation of this batch (of 1) took. */
  void (*time)(gcb_gbench_state *state, double seconds);
  /* No result, for this reason. A failure is shown among the results and recorded there; a case that does not
   * apply is only told of in the report's `skipped`. */
  void (*fail_case)(gcb_gbench_state *state, const char *why);
  void (*skip_case)(gcb_gbench_state *state, const char *why);
  /* After the loop: totals, shown as rates; a total that is shown as its average over the operations; and the
   * time over so many things an operation. */
  void (*items)(gcb_gbench_state *state, uint64_t items);
  void (*bytes)(gcb_gbench_state *state, uint64_t bytes);
  void (*average)(gcb_gbench_state *state, const char *name, double total);
  void (*time_per)(gcb_gbench_state *state, const char *name, double things);

  /* Run what is registered. False without memory; else free() the four texts. */
  bool (*run)(const gcb_gbench_options *options, gcb_gbench_report *report);
} gcb_gbench;

extern const gcb_gbench gcb_gbench_library;

#ifdef __cplusplus
}
#endif

#endif
