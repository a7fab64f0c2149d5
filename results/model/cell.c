#include "results/model/cell.h"
#include "results/model/units.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

char *gcb_cell_key(const json_t *cell, bool experiment) {
  static const char *const keys[] = {"workload", "params",    "heap_bytes", "mutators",
                                     "workers",  "collector", "options"};
  json_t *key = json_object();
  for (size_t i = 0; i < sizeof keys / sizeof *keys - (experiment ? 2 : 0); i++)
    json_object_set(key, keys[i], json_object_get(cell, keys[i]));
  char *text = json_dumps(key, JSON_COMPACT | JSON_SORT_KEYS);
  json_decref(key);
  return text;
}

static const char *with_settings(const json_t *cell, const char *name, const char *settings, char *text,
                                 size_t size) {
  const char *key, *word = json_string_value(json_object_get(cell, name));
  json_t *value;
  snprintf(text, size, "%s", word ? word : "?");
  json_object_foreach(json_object_get(cell, settings), key, value) {
    size_t n = strlen(text);
    if (json_is_string(value)) snprintf(text + n, size - n, " %s=%s", key, json_string_value(value));
  }
  return text;
}

const char *gcb_cell_collector(const json_t *cell, char *text, size_t size) {
  return with_settings(cell, "collector", "options", text, size);
}

const char *gcb_cell_workload(const json_t *cell, char *text, size_t size) {
  return with_settings(cell, "workload", "params", text, size);
}

/* The bound is the factor's bytes rounded up to a page, so the factor is only nearly what was asked for. */
const char *gcb_cell_heap(const json_t *cell, char *text, size_t size) {
  double factor = json_number_value(json_object_get(cell, "heap_factor"));
  double bytes = json_number_value(json_object_get(cell, "heap_bytes"));
  double shown = round(factor * 100) / 100, live = bytes / factor;
  if (shown > 0 && fabs(shown - factor) * live < 4096)
    snprintf(text, size, "%.4gx", shown);
  else
    snprintf(text, size, "%s", gcb_format_bytes(bytes).s);
  return text;
}

bool gcb_cell_ok(const json_t *cell) {
  const char *status = json_string_value(json_object_get(cell, "status"));
  return status && strcmp(status, "ok") == 0 && json_array_size(json_object_get(cell, "invocations")) > 0;
}

double gcb_cell_seconds(const json_t *cell) {
  double ns = 0;
  size_t i, k;
  json_t *invocation, *iteration;
  json_array_foreach(json_object_get(cell, "invocations"), i, invocation)
      json_array_foreach(json_object_get(invocation, "iterations"), k, iteration) ns +=
      json_number_value(json_object_get(iteration, "wall_ns"));
  return ns / 1e9;
}
