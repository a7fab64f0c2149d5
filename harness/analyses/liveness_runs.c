#include "analyses/liveness_runs.h"
#include "results/model/clean.h"
#include "results/text/columns.h"
#include <string.h>

void gcb_liveness_measure(const gcb_session *s, gcb_cell *cell) {
  if (!cell->spec || gcb_interrupted) return;
  if (s->terminal)
    gcb_session_progress(s, "liveness of %s on %s", s->plan.groups[cell->group].workload->name,
                         cell->collector->name);
  json_t *spec = json_deep_copy(cell->spec);
  json_object_set_new(spec, "liveness", json_true());
  json_object_set_new(spec, "warmups", json_integer(0));
  json_object_set_new(spec, "iterations", json_integer(0));
  json_t *result = gcb_session_invoke(s, spec), *seen = json_object_get(result, "liveness");
  bool ok = strcmp(json_string_value(json_object_get(result, "status")), "ok") == 0;
  if (ok && json_is_object(seen)) {
    json_object_set(seen, "leaked_bytes", json_object_get(result, "leaked_bytes"));
    json_object_set(cell->result, "liveness", seen);
  } else {
    const char *why = json_string_value(json_object_get(result, "reason"));
    json_object_set_new(
        cell->result, "liveness",
        json_pack(
            "{s:o}", "reason",
            gcb_clean_string(!ok && why ? why : "a shadow takes one mutator, an inline layout, and memory")));
  }
  json_decref(result);
  json_decref(spec);
}

static void put(gcb_columns *t, unsigned column, const json_t *o, const char *key) {
  const json_t *v = json_object_get(o, key);
  if (json_is_number(v)) gcb_columns_put(t, column, "%s", gcb_format_bytes(json_number_value(v)).s);
}

void gcb_liveness_print(const json_t *cells, FILE *out) {
  static const char *const heads[] = {
      "workload",       "collector", "heap",     "peak live", "mean live", "mean dead, held",
      "mean no object", "drag",      "floating", "leaked",    ""};
  gcb_columns t;
  size_t i;
  json_t *cell;
  gcb_columns_begin(&t, heads, sizeof heads / sizeof *heads, 1u << 0 | 1u << 1 | 1u << 10);
  json_array_foreach(cells, i, cell) {
    const json_t *seen = json_object_get(cell, "liveness");
    const char *why = json_string_value(json_object_get(seen, "reason"));
    if (!seen) continue;
    gcb_columns_row(&t);
    gcb_columns_put(&t, 0, "%s", json_string_value(json_object_get(cell, "workload")));
    gcb_columns_put(&t, 1, "%s", json_string_value(json_object_get(cell, "collector")));
    if (json_is_true(json_object_get(cell, "bounded")))
      gcb_columns_put(&t, 2, "%.3gx", json_number_value(json_object_get(cell, "heap_factor")));
    put(&t, 3, seen, "peak_live_bytes");
    put(&t, 4, seen, "mean_live_bytes");
    put(&t, 5, seen, "mean_dead_held_bytes");
    put(&t, 6, seen, "mean_not_objects_bytes");
    const json_t *drag = json_object_get(seen, "drag_byte_seconds");
    if (drag) gcb_columns_put(&t, 7, "%s s", gcb_format_bytes(json_number_value(drag)).s);
    put(&t, 8, seen, "floating_bytes");
    put(&t, 9, seen, "leaked_bytes");
    gcb_columns_put(&t, 10, "%s", why ? why : "");
  }
  fputs(
      "\nTrue liveness, by walks from the roots; means over allocated bytes; drag: dead and held, over time; "
      "floating: dead and held just after a full collection\n",
      out);
  gcb_columns_end(&t, "  ", out);
}
