/* What the files of a night share. */
#ifndef GCB_NIGHT_PRIVATE_H
#define GCB_NIGHT_PRIVATE_H

#include "night.h"
#include <math.h>
#include <string.h>

/* Its intervals say how noisy a night was, gate or not. */
#define GCB_NIGHT_HEADLINE "wall_ns"

/* The word of a key, "" without one. */
static inline const char *gcb_text_at(const json_t *o, const char *key) {
  const char *s = json_string_value(json_object_get(o, key));
  return s ? s : "";
}

static inline bool gcb_says(const json_t *o, const char *key, const char *word) {
  return strcmp(gcb_text_at(o, key), word) == 0;
}

/* The number of a key, NAN without one. */
static inline double gcb_number_at(const json_t *o, const char *key) {
  json_t *v = json_object_get(o, key);
  return json_is_number(v) ? json_number_value(v) : NAN;
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
