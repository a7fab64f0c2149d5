#include "results/text/space.h"
#include "results/model/units.h"
#include "results/text/columns.h"
#include <math.h>

/* Mean over the invocations of invocation.key, or of invocation.group.key; NAN when none has it. */
static double mean(const json_t *invocations, const char *group, const char *key) {
  double sum = 0, n = 0;
  size_t i;
  json_t *invocation;
  json_array_foreach(invocations, i, invocation) {
    const json_t *v = json_object_get(group ? json_object_get(invocation, group) : invocation, key);
    if (!json_is_number(v)) continue;
    sum += json_number_value(v);
    n++;
  }
  return sum / n;
}

static void put(gcb_columns *t, unsigned column, double bytes) {
  if (isfinite(bytes)) gcb_columns_put(t, column, "%s", gcb_format_bytes(bytes).s);
}

void gcb_space_print(const json_t *cells, FILE *out) {
  static const char *const parts[] = {"rounding", "free", "reserve", "metadata", "committed"};
  static const char *const heads[] = {"workload",  "collector", "heap",    "live",     "dead, held",
                                      "rounding",  "free",      "reserve", "metadata", "committed",
                                      "peak heap", "peak RSS",  "returned"};
  gcb_columns t;
  size_t i;
  json_t *cell;
  gcb_columns_begin(&t, heads, sizeof heads / sizeof *heads, 1u << 0 | 1u << 1);
  json_array_foreach(cells, i, cell) {
    const json_t *list = json_object_get(cell, "invocations"), *summary = json_object_get(cell, "summary");
    double objects = mean(list, "ledger", "objects"), live = mean(list, NULL, "live_bytes");
    if (!isfinite(objects)) continue;
    gcb_columns_row(&t);
    gcb_columns_put(&t, 0, "%s", json_string_value(json_object_get(cell, "workload")));
    gcb_columns_put(&t, 1, "%s", json_string_value(json_object_get(cell, "collector")));
    if (json_is_true(json_object_get(cell, "bounded")))
      gcb_columns_put(&t, 2, "%s",
                      gcb_format_bytes(json_number_value(json_object_get(cell, "heap_bytes"))).s);
    put(&t, 3, live);
    put(&t, 4, objects - live);
    for (unsigned k = 0; k < sizeof parts / sizeof *parts; k++)
      put(&t, 5 + k, mean(list, "ledger", parts[k]));
    put(&t, 10, mean(list, NULL, "peak_heap_bytes"));
    put(&t, 11, json_number_value(json_object_get(json_object_get(summary, "peak_rss_bytes"), "mean")));
    put(&t, 12, mean(list, NULL, "returned_bytes"));
  }
  fputs("\nSpace at the end, after full collections; live to metadata add up to committed\n", out);
  gcb_columns_end(&t, "  ", out);
}
