/* The metrics of an invocation: one table for summaries, comparisons, gates, history and plots.
 *
 * Classes (they decide what may be said of a difference):
 *   exact          the same number every time for the same program: any difference is reported, no statistics
 *   noisy          compared with intervals; may gate
 *   informational  shown, never a gate
 */
#ifndef GCB_METRICS_H
#define GCB_METRICS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

typedef enum gcb_metric_class { GCB_EXACT, GCB_NOISY, GCB_INFORMATIONAL } gcb_metric_class;
typedef enum gcb_unit { GCB_UNIT_NS, GCB_UNIT_BYTES, GCB_UNIT_COUNT, GCB_UNIT_RATE } gcb_unit;

typedef struct gcb_metric {
  const char *name; /* as in summaries and on the command line */
  gcb_metric_class class;
  gcb_unit unit;
  bool more_is_better;
  const char *meaning; /* one phrase */
  double (*of_iteration)(const json_t *iteration, const char *key);
  double (*of_invocation)(const json_t *invocation, const char *key); /* where there is no of_iteration */
  const char *key;                                                    /* handed to them */
} gcb_metric;

extern const gcb_metric gcb_metrics[];
extern const size_t gcb_n_metrics;

/* By name; NULL for an unknown one. */
const gcb_metric *gcb_metric_find(const char *name);
/* "exact", "noisy", "informational". */
const char *gcb_metric_class_word(gcb_metric_class c);
/* The value of one invocation: the mean over its timed iterations of what each says. NAN where it is not
 * known (a runtime that does not tell its pauses; a percentile with too few samples). */
double gcb_metric_of(const gcb_metric *m, const json_t *invocation);
/* The known values of a list of invocations, in their order, into values[0 .. size of the list - 1]. Returns
 * how many there are. */
size_t gcb_metric_values(const gcb_metric *m, const json_t *invocations, double *values);
/* A value with its unit, for people. */
struct gcb_text gcb_metric_format(const gcb_metric *m, double value);

#endif
