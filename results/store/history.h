/* What the store knows over time: series of nights, one for each metric, cell and machine, with their steps
 * (changes.h) and what was said of them.
 *
 * A night is a run that was stored. The cell of a series is its workload with parameters, collector with
 * options, heap bytes, mutators and GC threads; machines are told apart by their fingerprint, so that no
 * series goes across a change of machine. */
#ifndef GCB_HISTORY_H
#define GCB_HISTORY_H

#include "results/model/metrics.h"
#include "results/model/units.h"
#include "results/stats/changes.h"
#include "results/store/store.h"

typedef enum gcb_step_verdict {
  GCB_STEP_SUSPECT,      /* for the worse, and nobody expected it: an interleaved A/B must decide */
  GCB_STEP_ACKNOWLEDGED, /* expected, by `gcbench history ack` */
  GCB_STEP_UNDONE,       /* was for the worse, and a later step brought the level back */
  GCB_STEP_BETTER,       /* for the better */
  GCB_STEP_SHOWN         /* of a metric that is informational */
} gcb_step_verdict;

typedef struct gcb_step {
  gcb_change change; /* `at` counts in the series */
  gcb_step_verdict verdict;
  char *reason; /* of the acknowledgement; else NULL */
} gcb_step;

typedef struct gcb_night {
  int64_t id;
  char uuid[37], started[25]; /* "2026-11-20T19:06:15.123Z" */
  char *name;                 /* or NULL */
} gcb_night;

typedef struct gcb_series {
  int64_t id;
  const gcb_metric *metric;
  json_t *cell; /* identity, as in a run document, with heap_factor where it is known */
  char machine[17];
  size_t n;       /* nights that have a value */
  size_t *nights; /* which: indices into the history's nights */
  double *values;
  gcb_step *steps; /* in time order */
  size_t n_steps;
} gcb_series;

struct gcb_history {
  gcb_night *nights; /* by start */
  size_t n_nights;
  gcb_series
      *series; /* by machine (the one with the newest night first), workload, collector, heap, metric */
  size_t n_series;
  json_t *machines; /* [{key, first, last, about, before, difference}]: first and last are indices of nights;
                       `before` is the key of the machine that this one took over from, or null, and
                       `difference` says what changed: "kernel 6.1.0-18 -> 6.1.0-21" */
};

/* Which series; what is zero takes all. */
typedef struct gcb_history_filter {
  const char *const *workloads, *const *collectors, *const *metrics; /* names; collectors also with options */
  size_t n_workloads, n_collectors, n_metrics;
  const struct gcb_heap_size *heaps;
  size_t n_heaps;
  const char *machine; /* the beginning of its key */
  const char *since;   /* "2026-01-31...", or "180d": days before the newest night; NULL: the whole store */
  const int64_t *ids;  /* of series */
  size_t n_ids;
} gcb_history_filter;

/* Read and judge. NULL with a sentence when the store cannot be read; a history without series is one. */
struct gcb_history *gcb_history_load(struct gcb_store *s, const gcb_history_filter *f, char *why,
                                     size_t why_size);
void gcb_history_free(struct gcb_history *h);
/* Schema gcbench.history/1; see README.md. New reference. */
json_t *gcb_history_json(const struct gcb_history *h);

/* What an acknowledgement is for: the series' metric, machine and cell. New reference. */
json_t *gcb_series_pattern(const gcb_series *s);

/* The steps of all series that agree with `pattern` in every key that it has, within two nights of run
 * `uuid`, were expected. Again for the same: the reason is replaced. */
bool gcb_history_ack(struct gcb_store *s, const json_t *pattern, int64_t run, const char *reason, char *why,
                     size_t why_size);
/* [{id, pattern, run, run_id, started, made, reason}], oldest first; run_id and started are null when the run
 * is gone. NULL on failure. */
json_t *gcb_history_acks(struct gcb_store *s, char *why, size_t why_size);
/* Take number `id` back. */
bool gcb_history_unack(struct gcb_store *s, int64_t id, char *why, size_t why_size);

#endif
