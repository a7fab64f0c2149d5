#include "analyses/slo.h"
#include "analyses/bisection.h"
#include "plan/settings.h"
#include "results/model/response.h"
#include "results/text/columns.h"
#include <math.h>
#include <string.h>

static const char knob[] = "rate"; /* requests a second; 0: the workload's own load */

static bool parse(const char *word, gcb_slo *slo) {
  static const struct {
    const char *word;
    double p;
  } known[] = {{"p50", .5},     {"p90", .9},      {"p99", .99},     {"p999", .999},
               {"p99.9", .999}, {"p9999", .9999}, {"p99.99", .9999}};
  const char *equals = strchr(word, '=');
  if (!equals || gcb_parse_duration(equals + 1, &slo->limit_ns) != GCB_UNITS_OK || !slo->limit_ns)
    return false;
  slo->word = word;
  for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
    slo->p = known[i].p;
    if (strlen(known[i].word) == (size_t)(equals - word) &&
        strncmp(word, known[i].word, (size_t)(equals - word)) == 0)
      return true;
  }
  return false;
}

bool gcb_slo_check(const gcb_session *s, const char *word, gcb_slo *slo, char *why, size_t why_size) {
  if (!parse(word, slo)) {
    snprintf(why, why_size,
             "expected a percentile (p50, p90, p99, p99.9, p99.99) and a time, such as p99=2ms");
    return false;
  }
  for (size_t i = 0; i < s->plan.n_groups; i++) {
    const gcb_workload *w = s->plan.groups[i].workload;
    if (gcb_setting_find(w->params, w->n_params, knob) >= 0) continue;
    snprintf(why, why_size, "the workload %s has no parameter 'rate' to search over", w->name);
    return false;
  }
  return true;
}

typedef struct search {
  const gcb_session *session;
  const gcb_slo *slo;
  const gcb_cell *cell;
  uint64_t invocations;
  json_t *tries;
  json_t *kept, *ended; /* invocations at the highest rate that kept to the limit; those that ended it all */
  double kept_rate;
} search;

static bool all_ok(const json_t *invocations) {
  size_t i;
  json_t *one;
  json_array_foreach(invocations, i, one) if (strcmp(json_string_value(json_object_get(one, "status")),
                                                     "ok") != 0) return false;
  return true;
}

/* `n` invocations at a rate (0: the workload's own); stops at the first that does not end ok. */
static json_t *try_rate(const search *s, double rate, uint64_t n) {
  char word[32];
  json_t *spec = json_deep_copy(s->cell->spec), *results = json_array();
  snprintf(word, sizeof word, "%.6g", rate);
  if (rate > 0) json_object_set_new(json_object_get(spec, "params"), knob, json_string(word));
  for (uint64_t i = 0; i < n && !gcb_interrupted && all_ok(results); i++) {
    if (s->session->terminal)
      gcb_session_progress(s->session, "%s on %s at %s: %llu of %llu",
                           s->session->plan.groups[s->cell->group].workload->name, s->cell->collector->name,
                           rate > 0 ? gcb_format_rate(rate).s : "saturation", (unsigned long long)i + 1,
                           (unsigned long long)n);
    json_array_append_new(results, gcb_session_invoke(s->session, spec));
  }
  if (gcb_interrupted) json_array_clear(results);
  json_decref(spec);
  return results;
}

static gcb_probe violated(void *ctx, double rate) {
  search *s = ctx;
  json_t *results = try_rate(s, rate, s->invocations);
  double value = gcb_response_percentile(results, s->slo->p);
  if (!json_array_size(results) || !all_ok(results) || isnan(value)) {
    s->ended = results;
    return GCB_PROBE_STOP;
  }
  bool kept = value <= (double)s->slo->limit_ns;
  json_array_append_new(s->tries,
                        json_pack("{s:f, s:f, s:b}", "rate", rate, "value_ns", value, "kept", kept));
  if (kept && rate > s->kept_rate) {
    json_decref(s->kept);
    s->kept = json_incref(results);
    s->kept_rate = rate;
  }
  json_decref(results);
  return kept ? GCB_PROBE_NO : GCB_PROBE_YES;
}

static json_t *number_or_null(double d) {
  return d > 0 && isfinite(d) ? json_real(d) : json_null();
}

json_t *gcb_slo_search(const gcb_session *session, const gcb_slo *slo, gcb_cell *cell, uint64_t invocations) {
  search s = {.session = session, .slo = slo, .cell = cell, .invocations = invocations};
  s.tries = json_array();
  json_t *first = try_rate(&s, 0, 1);
  double saturation =
      json_number_value(json_object_get(json_object_get(json_array_get(first, 0), "response"), "saturation"));
  gcb_bisection b = {.from = saturation * .7,
                     .factor = 2,
                     .min = saturation / 10,
                     .max = saturation * 2,
                     .resolution = .03,
                     .holds = violated,
                     .ctx = &s};
  if (saturation > 0) gcb_bisect(&b);
  json_object_set_new(cell->result, "slo",
                      json_pack("{s:s, s:f, s:I, s:o, s:o, s:o, s:o}", "objective", slo->word, "percentile",
                                slo->p, "limit_ns", (json_int_t)slo->limit_ns, "saturation",
                                number_or_null(saturation), "rate", number_or_null(s.kept_rate),
                                "violated_rate", number_or_null(b.yes), "tries", s.tries));
  json_t *results = s.ended ? s.ended : s.kept ? s.kept : first;
  json_incref(results);
  json_decref(first);
  json_decref(s.kept);
  json_decref(s.ended);
  return results;
}

void gcb_slo_print(const json_t *cells, FILE *out) {
  static const char *const heads[] = {"workload",     "collector",     "heap",           "objective",
                                      "highest rate", "of saturation", "first violated", ""};
  gcb_columns t;
  size_t i;
  json_t *cell;
  gcb_columns_begin(&t, heads, sizeof heads / sizeof *heads, 1u << 0 | 1u << 1 | 1u << 3 | 1u << 7);
  json_array_foreach(cells, i, cell) {
    const json_t *slo = json_object_get(cell, "slo");
    double rate = json_number_value(json_object_get(slo, "rate"));
    double saturation = json_number_value(json_object_get(slo, "saturation"));
    double beyond = json_number_value(json_object_get(slo, "violated_rate"));
    if (!slo) continue;
    gcb_columns_row(&t);
    gcb_columns_put(&t, 0, "%s", json_string_value(json_object_get(cell, "workload")));
    gcb_columns_put(&t, 1, "%s", json_string_value(json_object_get(cell, "collector")));
    gcb_columns_put(&t, 2, "%.3gx", json_number_value(json_object_get(cell, "heap_factor")));
    gcb_columns_put(&t, 3, "%s", json_string_value(json_object_get(slo, "objective")));
    if (rate > 0) gcb_columns_put(&t, 4, "%s", gcb_format_rate(rate).s);
    if (rate > 0) gcb_columns_put(&t, 5, "%.0f %%", 100 * rate / saturation);
    size_t tries = json_array_size(json_object_get(slo, "tries"));
    gcb_columns_put(&t, 7, "%s",
                    rate > 0 ? ""
                    : tries  ? "violated at every rate that was tried"
                             : "a try failed, or made too few responses for this percentile");
    if (beyond > 0) gcb_columns_put(&t, 6, "%s", gcb_format_rate(beyond).s);
  }
  fputc('\n', out);
  gcb_columns_end(&t, "", out);
}
