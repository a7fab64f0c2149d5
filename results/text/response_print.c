#include "results/text/response_print.h"
#include "results/model/response.h"
#include "results/model/units.h"
#include "results/text/columns.h"

static void row(gcb_columns *t, const json_t *cell, const char *which, const char *name) {
  const json_t *latency = json_object_get(json_object_get(cell, "summary"), "response");
  const json_t *times = json_object_get(latency, which);
  double load = json_number_value(json_object_get(latency, "load"));
  double rate = json_number_value(json_object_get(latency, "rate"));
  gcb_columns_row(t);
  gcb_columns_put(t, 0, "%s", json_string_value(json_object_get(cell, "collector")));
  gcb_columns_put(t, 1, "%.3gx", json_number_value(json_object_get(cell, "heap_factor")));
  gcb_columns_put(t, 2, "%s", rate > 0 ? gcb_format_rate(rate).s : "closed loop");
  if (rate > 0) gcb_columns_put(t, 3, "%.0f %%", load * 100);
  gcb_columns_put(t, 4, "%s", name);
  for (unsigned i = 0; i <= GCB_RESPONSE_PERCENTILES; i++) {
    const json_t *v =
        json_object_get(times, i < GCB_RESPONSE_PERCENTILES ? gcb_response_percentiles[i].word : "max");
    if (json_is_integer(v)) gcb_columns_put(t, 5 + i, "%s", gcb_format_ns((double)json_integer_value(v)).s);
  }
  gcb_columns_put(t, 6 + GCB_RESPONSE_PERCENTILES, "%lld",
                  (long long)json_integer_value(json_object_get(times, "count")));
}

void gcb_response_print(const json_t *cells, size_t from, size_t to, FILE *out) {
  const char *heads[7 + GCB_RESPONSE_PERCENTILES] = {"collector", "heap", "rate", "load", "response time"};
  gcb_columns t;
  bool any = false;
  for (unsigned i = 0; i < GCB_RESPONSE_PERCENTILES; i++) heads[5 + i] = gcb_response_percentiles[i].head;
  heads[5 + GCB_RESPONSE_PERCENTILES] = "max";
  heads[6 + GCB_RESPONSE_PERCENTILES] = "responses";
  gcb_columns_begin(&t, heads, 7 + GCB_RESPONSE_PERCENTILES, 1u << 0 | 1u << 4);
  for (size_t i = from; i < to; i++) {
    const json_t *cell = json_array_get(cells, i);
    if (!json_is_object(json_object_get(json_object_get(cell, "summary"), "response"))) continue;
    any = true;
    row(&t, cell, "simple", "from start of service");
    row(&t, cell, "intended", "from intended arrival");
  }
  if (any) fputc('\n', out);
  gcb_columns_end(&t, "  ", any ? out : NULL);
}
