#include "results/store/history.h"
#include <math.h>

static json_t *real(double v) {
  return isfinite(v) ? json_real(v) : json_null();
}

static json_t *night_json(const gcb_night *n) {
  return json_pack("{s:I, s:s, s:s?, s:s}", "id", (json_int_t)n->id, "uuid", n->uuid, "name", n->name,
                   "started", n->started);
}

static json_t *step_json(const gcb_series *s, const gcb_step *step) {
  static const char *const words[] = {"suspect", "acknowledged", "undone", "better", "shown"};
  const gcb_change *c = &step->change;
  return json_pack("{s:I, s:I, s:o, s:o, s:o, s:o, s:s, s:s?}", "at", (json_int_t)c->at, "night",
                   (json_int_t)s->nights[c->at], "before", real(c->before), "after", real(c->after), "ratio",
                   real(c->after / c->before), "p", real(c->p), "verdict", words[step->verdict], "reason",
                   step->reason);
}

static json_t *series_json(const gcb_series *s) {
  json_t *nights = json_array(), *values = json_array(), *steps = json_array();
  for (size_t i = 0; i < s->n; i++) {
    json_array_append_new(nights, json_integer((json_int_t)s->nights[i]));
    json_array_append_new(values, real(s->values[i]));
  }
  for (size_t i = 0; i < s->n_steps; i++) json_array_append_new(steps, step_json(s, &s->steps[i]));
  json_t *o = json_pack("{s:I, s:s, s:s, s:s}", "id", (json_int_t)s->id, "metric", s->metric->name, "class",
                        gcb_metric_class_word(s->metric->class), "machine", s->machine);
  json_object_update(o, s->cell);
  json_object_set_new(o, "nights", nights);
  json_object_set_new(o, "values", values);
  json_object_set_new(o, "steps", steps);
  return o;
}

json_t *gcb_history_json(const struct gcb_history *h) {
  json_t *nights = json_array(), *series = json_array();
  for (size_t i = 0; i < h->n_nights; i++) json_array_append_new(nights, night_json(&h->nights[i]));
  for (size_t i = 0; i < h->n_series; i++) json_array_append_new(series, series_json(&h->series[i]));
  return json_pack("{s:s, s:o, s:O, s:o}", "schema", "gcbench.history/1", "nights", nights, "machines",
                   h->machines, "series", series);
}
