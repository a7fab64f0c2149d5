/* What the files of a night share. */
#ifndef GCB_NIGHT_PRIVATE_H
#define GCB_NIGHT_PRIVATE_H

#include "results/analysis/regression_run.h"
#include "results/model/members.h"
#include <string.h>

/* Its intervals say how noisy a night was, gate or not. */
#define GCB_NIGHT_HEADLINE "wall_ns"

static inline bool gcb_says(const json_t *o, const char *key, const char *word) {
  return strcmp(gcb_string(o, key), word) == 0;
}

/* Is it there for trust only: the same collector on both sides? */
static inline bool gcb_night_itself(const json_t *comparison) {
  return !gcb_says(comparison, "leg", "gate");
}

static inline json_t *gcb_night_metric(const json_t *comparison, const char *name) {
  size_t i;
  json_t *m;
  json_array_foreach(json_object_get(comparison, "metrics"), i, m) if (gcb_says(m, "name", name)) return m;
  return NULL;
}

/* What cells taught that were compared with themselves: log ratios, and how many had a p below the nominal
 * rate. */
typedef struct gcb_night_lessons {
  double *log_ratios; /* the caller frees */
  size_t n, alarms;
} gcb_night_lessons;

/* Of the last 30 nights, and `tonight` unless it is NULL; of one metric or (NULL) of all. */
gcb_night_lessons gcb_night_learn(const json_t *earlier, const json_t *tonight, const char *metric);

#endif
