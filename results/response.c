#include "response.h"
#include "columns.h"
#include "stats.h"
#include "units.h"
#include <math.h>

static const struct {
  const char *word, *head;
  double p;
} percentiles[] = {
    {"p50", "p50", .5},      {"p90", "p90", .9},         {"p99", "p99", .99},
    {"p999", "p99.9", .999}, {"p9999", "p99.99", .9999},
};
enum { PERCENTILES = sizeof percentiles / sizeof *percentiles };

/* ---- as JSON ---- */

static json_t *real(double d) {
  return isfinite(d) ? json_real(d) : json_null();
}

json_t *gcb_response_describe(const gcb_histogram *h, bool buckets) {
  json_t *out = json_object();
  for (unsigned i = 0; i < PERCENTILES; i++)
    json_object_set_new(out, percentiles[i].word,
                        gcb_percentile_allowed(percentiles[i].p, h->total)
                            ? json_integer((json_int_t)gcb_histogram_percentile(h, percentiles[i].p))
                            : json_null());
  json_object_set_new(out, "max", h->total ? json_integer((json_int_t)h->max) : json_null());
  json_object_set_new(out, "mean", real(h->sum / (double)h->total));
  json_object_set_new(out, "count", json_integer((json_int_t)h->total));
  if (!buckets) return out;
  json_t *list = json_array();
  uint64_t value, count;
  for (size_t i = 0; gcb_histogram_next(h, &i, &value, &count);)
    json_array_append_new(list, json_pack("[I, I]", (json_int_t)value, (json_int_t)count));
  json_object_set_new(out, "buckets", list);
  return out;
}

/* ---- over invocations ---- */

static bool gather(gcb_histogram *h, const json_t *invocations, const char *which) {
  size_t i, k;
  json_t *invocation, *bucket;
  if (!gcb_histogram_init(h)) return false;
  json_array_foreach(invocations, i, invocation) {
    const json_t *one = json_object_get(json_object_get(invocation, "response"), which);
    uint64_t max = (uint64_t)json_integer_value(json_object_get(one, "max"));
    json_array_foreach(json_object_get(one, "buckets"), k, bucket) {
      uint64_t value = (uint64_t)json_integer_value(json_array_get(bucket, 0));
      gcb_histogram_record(h, value < max ? value : max,
                           (uint64_t)json_integer_value(json_array_get(bucket, 1)));
    }
  }
  return true;
}

static json_t *mean_of(const json_t *invocations, const char *key) {
  double sum = 0, n = 0;
  size_t i;
  json_t *invocation;
  json_array_foreach(invocations, i, invocation) {
    json_t *v = json_object_get(json_object_get(invocation, "response"), key);
    if (!json_is_number(v)) continue;
    sum += json_number_value(v);
    n++;
  }
  return real(sum / n);
}

json_t *gcb_response_merge(const json_t *invocations) {
  static const char *const which[] = {"simple", "intended"}, *const means[] = {"load", "rate", "saturation"};
  json_t *out = json_object();
  uint64_t total = 0;
  for (int i = 0; i < 3; i++) json_object_set_new(out, means[i], mean_of(invocations, means[i]));
  for (int i = 0; i < 2; i++) {
    gcb_histogram h;
    if (gather(&h, invocations, which[i]))
      json_object_set_new(out, which[i], gcb_response_describe(&h, false));
    total = h.total;
    gcb_histogram_free(&h);
  }
  if (total) return out;
  json_decref(out);
  return json_null();
}

double gcb_response_percentile(const json_t *invocations, double p) {
  gcb_histogram h;
  double value = NAN;
  if (gather(&h, invocations, "intended") && gcb_percentile_allowed(p, h.total))
    value = (double)gcb_histogram_percentile(&h, p);
  gcb_histogram_free(&h);
  return value;
}

/* ---- as a table ---- */

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
  for (unsigned i = 0; i <= PERCENTILES; i++) {
    const json_t *v = json_object_get(times, i < PERCENTILES ? percentiles[i].word : "max");
    if (json_is_integer(v)) gcb_columns_put(t, 5 + i, "%s", gcb_format_ns((double)json_integer_value(v)).s);
  }
  gcb_columns_put(t, 6 + PERCENTILES, "%lld", (long long)json_integer_value(json_object_get(times, "count")));
}

void gcb_response_print(const json_t *cells, size_t from, size_t to, FILE *out) {
  const char *heads[7 + PERCENTILES] = {"collector", "heap", "rate", "load", "response time"};
  gcb_columns t;
  bool any = false;
  for (unsigned i = 0; i < PERCENTILES; i++) heads[5 + i] = percentiles[i].head;
  heads[5 + PERCENTILES] = "max";
  heads[6 + PERCENTILES] = "responses";
  gcb_columns_begin(&t, heads, 7 + PERCENTILES, 1u << 0 | 1u << 4);
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
