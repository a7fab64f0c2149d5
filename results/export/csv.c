#include "results/export/csv.h"
#include <stdbool.h>
#include <string.h>

static const char *const cell_keys[] = {"workload",   "params",      "collector", "options",
                                        "heap_bytes", "heap_factor", "mutators",  "workers",
                                        "seed",       "status",      "reason",    "checksum"};
static const char *const iteration_keys[] = {"wall_ns",           "cpu_ns",   "ops",    "allocated_bytes",
                                             "allocated_objects", "stall_ns", "tts_ns", "peak_rss_bytes",
                                             "avg_rss_bytes"};
static const char *const kinds[] = {"minor", "middle", "major", "slice"};
#define EACH(i, list) for (size_t i = 0; i < sizeof(list) / sizeof *(list); i++)

static void text(FILE *out, const char *s) {
  if (!strpbrk(s, ",\"\r\n")) {
    fputs(s, out);
    return;
  }
  fputc('"', out);
  for (; *s; s++) {
    if (*s == '"') fputc('"', out);
    fputc(*s, out);
  }
  fputc('"', out);
}

/* "length=10 fraction=0.5" */
static void object(FILE *out, const json_t *o) {
  char line[1000] = "";
  const char *key;
  json_t *value;
  json_object_foreach((json_t *)o, key, value) {
    size_t n = strlen(line);
    snprintf(line + n, sizeof line - n, "%s%s=%s", n ? " " : "", key, json_string_value(value));
  }
  text(out, line);
}

static void field(FILE *out, const json_t *v) {
  if (json_is_string(v)) text(out, json_string_value(v));
  if (json_is_integer(v)) fprintf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(v));
  if (json_is_real(v)) fprintf(out, "%.17g", json_real_value(v));
  if (json_is_object(v)) object(out, v);
}

static void row(FILE *out, const json_t *cell, long invocation, long iteration, const json_t *values) {
  EACH(i, cell_keys) {
    if (i) fputc(',', out);
    field(out, json_object_get(cell, cell_keys[i]));
  }
  if (invocation >= 0)
    fprintf(out, ",%ld,%ld", invocation, iteration);
  else
    fputs(",,", out);
  EACH(i, iteration_keys) {
    fputc(',', out);
    field(out, json_object_get(values, iteration_keys[i]));
  }
  EACH(i, kinds) {
    fputc(',', out);
    field(out, json_object_get(json_object_get(values, "collections"), kinds[i]));
  }
  json_int_t total = 0, max = 0;
  size_t k;
  json_t *pause;
  json_array_foreach(json_object_get(values, "pauses"), k, pause) {
    json_int_t ns = json_integer_value(json_object_get(pause, "ns"));
    total += ns;
    if (ns > max) max = ns;
  }
  if (json_is_array(json_object_get(values, "pauses"))) /* else they are not known: neither is their sum */
    fprintf(out, ",%zu,%" JSON_INTEGER_FORMAT ",%" JSON_INTEGER_FORMAT "\r\n", k, total, max);
  else
    fputs(",,,\r\n", out);
}

void gcb_csv_write(const json_t *run, FILE *out) {
  EACH(i, cell_keys) fprintf(out, "%s%s", i ? "," : "", cell_keys[i]);
  fputs(",invocation,iteration", out);
  EACH(i, iteration_keys) fprintf(out, ",%s", iteration_keys[i]);
  EACH(i, kinds) fprintf(out, ",%s_collections", kinds[i]);
  fputs(",pauses,pause_total_ns,pause_max_ns\r\n", out);
  size_t c, i, k;
  json_t *cell, *invocation, *iteration;
  json_array_foreach(json_object_get(run, "cells"), c, cell) {
    bool any = false;
    json_array_foreach(json_object_get(cell, "invocations"), i, invocation)
        json_array_foreach(json_object_get(invocation, "iterations"), k, iteration) {
      row(out, cell, (long)i, (long)k, iteration);
      any = true;
    }
    if (!any) row(out, cell, -1, -1, NULL);
  }
}
