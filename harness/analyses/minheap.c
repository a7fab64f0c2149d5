#include "analyses/minheap.h"
#include "analyses/bisection.h"
#include "results/model/called.h"
#include "results/model/clean.h"
#include "results/model/units.h"
#include "results/stats/stats.h"
#include "results/text/columns.h"
#include "runtime/enum_names.h"
#include <string.h>
#include <unistd.h>

enum { PAGE = 4096, MOST_REPEATS = 64 };

typedef struct search {
  const gcb_minheap_search *m;
  const gcb_cell *cell;
  uint64_t iterations, seed;
  gcb_status status; /* of a probe that ended neither well nor for want of memory */
  char why[500];
} search;

static uint64_t whole_pages(double bytes) {
  return ((uint64_t)bytes + PAGE - 1) / PAGE * PAGE;
}

static gcb_probe fits(void *ctx, double bytes) {
  search *s = ctx;
  const gcb_session *session = s->m->session;
  char seed[24];
  json_t *spec = json_deep_copy(s->cell->spec);
  snprintf(seed, sizeof seed, "%llu", (unsigned long long)s->seed);
  json_object_set_new(spec, "heap_bytes", json_integer((json_int_t)whole_pages(bytes)));
  json_object_set_new(spec, "iterations", json_integer((json_int_t)s->iterations));
  json_object_set_new(spec, "warmups", json_integer(0));
  json_object_set_new(spec, "counted", json_false());
  json_object_set_new(spec, "seed", json_string(seed));
  if (session->terminal)
    gcb_session_progress(session, "%s on %s, %s, seed %s: does it fit %s?",
                         session->plan.groups[s->cell->group].workload->name, s->cell->collector->name,
                         gcb_format_number((double)s->iterations, "iteration").s, seed,
                         gcb_format_bytes((double)whole_pages(bytes)).s);
  json_t *result = gcb_session_invoke(session, spec);
  gcb_status status = gcb_status_of(json_string_value(json_object_get(result, "status")));
  gcb_probe answer = status == GCB_OK                             ? GCB_PROBE_YES
                     : status == GCB_OOM || status == GCB_TIMEOUT ? GCB_PROBE_NO
                                                                  : GCB_PROBE_STOP;
  if (gcb_interrupted) answer = GCB_PROBE_STOP;
  if (answer == GCB_PROBE_STOP) {
    const char *why = json_string_value(json_object_get(result, "reason"));
    s->status = gcb_interrupted ? GCB_FAILED : status;
    snprintf(s->why, sizeof s->why, "%s", gcb_interrupted ? "interrupted" : why ? why : "no reason given");
  }
  json_decref(result);
  json_decref(spec);
  return answer;
}

/* The minimum for one number of iterations; NULL when the search ended otherwise. */
static json_t *minimum(search *s, uint64_t peak_live) {
  const gcb_minheap_search *m = s->m;
  json_t *values = json_array(), *seeds = json_array();
  double at[MOST_REPEATS], ceiling = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE) * .6;
  double from = (double)(peak_live < 2 * PAGE ? 2 * PAGE : peak_live);
  uint64_t n = 0, probes = 0;
  for (; n < m->repeats && n < MOST_REPEATS; n++) {
    gcb_bisection b = {.from = from < ceiling ? from : ceiling,
                       .factor = n ? 1 + 2 * m->resolution : 2, /* the next seed's minimum is near by */
                       .min = PAGE,
                       .max = ceiling,
                       .resolution = m->resolution,
                       .holds = fits,
                       .ctx = s};
    s->seed = m->seed + n;
    bool found = gcb_bisect(&b);
    probes += b.probes;
    if (!found) {
      if (s->status == GCB_OK) {
        s->status = GCB_OOM;
        snprintf(s->why, sizeof s->why,
                 "did not fit %s, which is 60 %% of this machine's memory; --timeout counts as not fitting",
                 gcb_format_bytes(ceiling).s);
      }
      json_decref(values);
      json_decref(seeds);
      return NULL;
    }
    at[n] = (double)whole_pages(b.yes);
    json_array_append_new(values, json_integer((json_int_t)at[n]));
    json_array_append_new(seeds, json_integer((json_int_t)s->seed));
    from = b.yes;
  }
  gcb_sort(at, n);
  double median = gcb_percentile(at, n, .5);
  return json_pack("{s:I, s:I, s:I, s:I, s:o, s:o, s:f, s:I}", "iterations", (json_int_t)s->iterations,
                   "bytes", (json_int_t)median, "lo", (json_int_t)at[0], "hi", (json_int_t)at[n - 1],
                   "values", values, "seeds", seeds, "efficiency", median / (double)peak_live, "probes",
                   (json_int_t)probes);
}

static json_int_t integer(const json_t *o, const char *key) {
  return json_integer_value(json_object_get(o, key));
}

void gcb_minheap_find(const gcb_minheap_search *m, gcb_cell *cell) {
  search s = {.m = m, .cell = cell, .status = GCB_OK};
  uint64_t peak_live = m->session->plan.groups[cell->group].peak_live;
  json_t *minima = json_array();
  json_object_set_new(cell->result, "minima", minima);
  json_object_set_new(cell->result, "grows", json_null());
  if (!cell->spec) return;
  if (!(cell->collector->capabilities & GCB_CAP(BOUNDED))) {
    s.status = GCB_UNSUPPORTED;
    snprintf(s.why, sizeof s.why, "does not honour a heap bound, so it has no minimum to find");
  }
  for (size_t i = 0; i < m->n && s.status == GCB_OK; i++) {
    s.iterations = m->iterations[i];
    json_t *one = minimum(&s, peak_live);
    if (one) json_array_append_new(minima, one);
  }
  if (s.status == GCB_OK && m->n > 1) {
    json_t *few = json_array_get(minima, 0), *many = json_array_get(minima, m->n - 1);
    double grown = (double)integer(many, "lo") - (double)integer(few, "hi");
    json_object_set_new(cell->result, "grows",
                        json_boolean(grown > 2 * m->resolution * (double)integer(few, "hi")));
  }
  if (s.status != GCB_OK) {
    json_object_set_new(cell->result, "status", json_string(gcb_status_word(s.status)));
    json_object_set_new(cell->result, "reason", gcb_clean_string(s.why));
  }
}

static void options_text(const json_t *o, char *into, size_t size) {
  const char *key;
  json_t *value;
  json_object_foreach((json_t *)o, key, value) {
    size_t n = strlen(into);
    if (n < size) snprintf(into + n, size - n, "%s%s=%s", n ? " " : "", key, json_string_value(value));
  }
}

static void rows(gcb_columns *t, const json_t *cell) {
  const char *collector = json_string_value(json_object_get(cell, "collector"));
  char options[80] = "";
  size_t i;
  json_t *one, *minima = json_object_get(cell, "minima");
  options_text(json_object_get(cell, "options"), options, sizeof options);
  json_array_foreach(minima, i, one) {
    gcb_columns_row(t);
    gcb_columns_put(t, 0, "%s%s%s", collector, options[0] ? " " : "", options);
    gcb_columns_put(t, 1, "%lld", (long long)integer(one, "iterations"));
    gcb_columns_put(t, 2, "%s", gcb_format_bytes((double)integer(one, "bytes")).s);
    gcb_columns_put(t, 3, "%s to %s", gcb_format_bytes((double)integer(one, "lo")).s,
                    gcb_format_bytes((double)integer(one, "hi")).s);
    gcb_columns_put(t, 4, "%.3gx", json_number_value(json_object_get(one, "efficiency")));
    gcb_columns_put(t, 5, "%s",
                    i && json_is_true(json_object_get(cell, "grows")) ? "grows with iterations: a leak" : "");
  }
  const char *status = json_string_value(json_object_get(cell, "status"));
  if (status && strcmp(status, "ok") != 0) {
    const char *why = json_string_value(json_object_get(cell, "reason"));
    gcb_columns_row(t);
    gcb_columns_put(t, 0, "%s%s%s", collector, options[0] ? " " : "", options);
    gcb_columns_put(t, 5, "%s: %s", status, gcb_as_called(why ? why : ""));
  }
}

void gcb_minheap_print(const json_t *cells, FILE *out) {
  static const char *const heads[] = {"collector", "iterations", "minimum heap", "over seeds", "x live", ""};
  size_t n = json_array_size(cells);
  for (size_t from = 0; from < n;) {
    const json_t *first = json_array_get(cells, from);
    const char *workload = json_string_value(json_object_get(first, "workload"));
    char params[400] = "";
    gcb_columns t;
    options_text(json_object_get(first, "params"), params, sizeof params);
    fprintf(out, "%s%s  %s\n  %s live at most\n", from ? "\n" : "", workload, params,
            gcb_format_bytes((double)integer(first, "peak_live_bytes")).s);
    gcb_columns_begin(&t, heads, sizeof heads / sizeof *heads, 1u << 0 | 1u << 5);
    for (; from < n; from++) {
      const json_t *cell = json_array_get(cells, from);
      if (strcmp(json_string_value(json_object_get(cell, "workload")), workload) != 0 ||
          !json_equal(json_object_get(cell, "params"), json_object_get(first, "params")))
        break;
      rows(&t, cell);
    }
    gcb_columns_end(&t, "", out);
  }
}
