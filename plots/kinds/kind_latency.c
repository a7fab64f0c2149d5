/* Response times by percentile: simple, from the start of service, against intended, from the moment at which
 * the request was due. */
#include "plots/figure/axis.h"
#include "plots/kinds/kinds.h"
#include "results/model/cell.h"
#include "results/stats/histogram.h"
#include <math.h>
#include <string.h>

enum { STEPS_A_NINE = 20 };

static double nines(double p) {
  return -log10(1 - p);
}

static void merge(gcb_histogram *h, const json_t *invocations, const char *clock) {
  size_t i, k;
  json_t *invocation, *bucket;
  json_array_foreach(invocations, i, invocation) json_array_foreach(
      json_object_get(json_object_get(json_object_get(invocation, "response"), clock), "buckets"), k, bucket)
      gcb_histogram_record(h, (uint64_t)json_number_value(json_array_get(bucket, 0)),
                           (uint64_t)json_integer_value(json_array_get(bucket, 1)));
}

/* Up to the percentile beyond which fewer than ten responses lie, as summaries say them. */
static void curve(gcb_figure *f, const char *label, const gcb_histogram *h, double which, gcb_axis *x,
                  gcb_axis *y) {
  static const double said[] = {.5, .9, .99, .999, .9999};
  size_t next = 0;
  for (size_t step = 0;; step++) {
    double at = (double)step / STEPS_A_NINE;
    for (; next < 5 && nines(said[next]) <= at; next++)
      if (gcb_percentile_allowed(said[next], h->total))
        GCB_ROW(f, label, which, nines(said[next]), said[next],
                (double)gcb_histogram_percentile(h, said[next]));
    double p = 1 - pow(10, -at), value = (double)gcb_histogram_percentile(h, p);
    if (!gcb_percentile_allowed(p, h->total)) return;
    GCB_ROW(f, label, which, at, p, value);
    gcb_axis_see(x, at);
    gcb_axis_see(y, value);
  }
}

static bool emit(gcb_figure *f, const gcb_plot_cells *cells) {
  static const char *const clocks[] = {"intended", "simple"};
  gcb_axis x, y;
  gcb_line_end ends[GCB_FIGURE_SERIES];
  size_t n_ends = 0;
  gcb_axis_begin(&x, GCB_UNIT_COUNT);
  gcb_axis_begin(&y, GCB_UNIT_NS);
  gcb_figure_columns(f, "collector simple nines fraction response_ns");
  for (size_t i = 0; i < cells->n; i++) {
    char label[GCB_PLOT_TEXT_SIZE];
    const gcb_series *s = NULL;
    gcb_cell_collector(cells->cells[i], label, sizeof label);
    for (size_t c = 0; c < 2; c++) {
      gcb_histogram h;
      if (gcb_histogram_init(&h) && gcb_cell_ok(cells->cells[i]))
        merge(&h, json_object_get(cells->cells[i], "invocations"), clocks[c]);
      if (h.counts && h.total >= 10 && (s || (s = gcb_figure_series(f, label)))) {
        curve(f, label, &h, (double)c, &x, &y);
        fputc('\n', f->data); /* one empty line: a new line of the same series */
        if (c == 0) {
          double last = floor(nines(1 - 10. / (double)h.total) * STEPS_A_NINE) / STEPS_A_NINE;
          ends[n_ends] = (gcb_line_end){
              .x = last, .y = (double)gcb_histogram_percentile(&h, 1 - pow(10, -last)), .colour = s->colour};
          memcpy(ends[n_ends++].label, label, sizeof label);
        }
      }
      gcb_histogram_free(&h);
    }
    if (!gcb_cell_ok(cells->cells[i]))
      gcb_figure_note(f, "%s: %s", label, gcb_plot_status_phrase(cells->cells[i]));
    else if (!s)
      gcb_figure_note(f, "%s: fewer than ten responses known", label);
  }
  gcb_axis_fit(&y, GCB_LOG);
  x.lo = 0;
  x.hi = fmax(1, ceil(x.hi * 10) / 10);
  gcb_figure_title(f, "response times: intended (solid) and simple (dotted)");
  gcb_axis_write(f, "y", &y, "response time");
  gcb_figure_number(f, "nines", x.hi);
  gcb_axis_labels(f, ends, n_ends, &x, &y);
  return n_ends > 0;
}

const gcb_kind gcb_kind_latency = {
    .public = {.name = "latency",
               .shows =
                   "response times by percentile, from when a request was due and from when it was served",
               .needs = "response times, of a workload that serves requests: 'gcbench run -w requests'",
               .usual = true},
    .scope = GCB_OF_HEAP,
    .emit = emit,
};
