#include "results/model/response.h"
#include "results/model/units.h"
#include "results/stats/stats.h"
#include <math.h>

const gcb_response_percentile_row gcb_response_percentiles[GCB_RESPONSE_PERCENTILES] = {
    {"p50", "p50", .5},      {"p90", "p90", .9},         {"p99", "p99", .99},
    {"p999", "p99.9", .999}, {"p9999", "p99.99", .9999},
};

/* ---- as JSON ---- */

static json_t *real(double d) {
  return isfinite(d) ? json_real(d) : json_null();
}

json_t *gcb_response_describe(const gcb_histogram *h, bool buckets) {
  json_t *out = json_object();
  for (unsigned i = 0; i < GCB_RESPONSE_PERCENTILES; i++)
    json_object_set_new(
        out, gcb_response_percentiles[i].word,
        gcb_percentile_allowed(gcb_response_percentiles[i].p, h->total)
            ? json_integer((json_int_t)gcb_histogram_percentile(h, gcb_response_percentiles[i].p))
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
