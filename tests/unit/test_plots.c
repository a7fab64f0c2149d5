/* What emitters write is what was computed, stays what it was, and says what it cannot show. The documents
 * are made by tests/data/plots/make.py, which computes means and percentiles on its own. */
#include "plot_documents.h"
#include "plots/figure/axis.h"
#include "plots/figure/plots.h"
#include "results/model/members.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS = 16 };

static gcb_plots *draw_data(const json_t *d, const char *kind, const char *metric) {
  char why[1024] = "";
  gcb_plots *plots = gcb_plots_open();
  gcb_plot_answer answer =
      gcb_plots_add(plots, d, &(gcb_plot_request){.kind = kind, .metric = metric}, why, sizeof why);
  if (answer != GCB_PLOT_ADDED) print_error("%s: %s\n", kind, why);
  assert_int_equal(answer, GCB_PLOT_ADDED);
  return plots;
}

/* The next row of a figure's data: its text and its numbers. False at the end. */
static bool next_row(const char **at, char *text, double *values, size_t *n) {
  while (**at == '#' || **at == '\n') *at = strchr(*at, '\n') + 1;
  if (!**at) return false;
  size_t length = strcspn(*at, "\t\n");
  snprintf(text, GCB_PLOT_TEXT_SIZE, "%.*s", (int)length, *at);
  *at += length;
  for (*n = 0; **at == '\t' && *n < COLUMNS; (*n)++) {
    char *end;
    values[*n] = strtod(*at + 1, &end);
    *at = end;
  }
  assert_int_equal(**at, '\n');
  (*at)++;
  return true;
}

/* The cell that a figure shows of this collector: the subtitle tells workload and heap apart. */
static const json_t *cell_of(const json_t *d, const gcb_plot_figure *f, const char *collector,
                             double factor) {
  size_t i;
  json_t *cell;
  json_array_foreach(json_object_get(d, "cells"), i, cell) {
    const char *workload = json_string_value(json_object_get(cell, "workload"));
    char heap[32];
    snprintf(heap, sizeof heap, "-%gx", gcb_number(cell, "heap_factor"));
    if (strcmp(json_string_value(json_object_get(cell, "collector")), collector) == 0 &&
        strstr(f->name, workload) &&
        (factor > 0 ? gcb_number(cell, "heap_factor") == factor : strstr(f->name, heap) != NULL))
      return cell;
  }
  fail_msg("%s has a row of %s, of which there is no cell", f->name, collector);
  return NULL;
}

static void same(double shown, const json_t *object, const char *key) {
  double computed = gcb_number(object, key);
  if (isnan(computed))
    assert_true(isnan(shown));
  else
    assert_true(fabs(shown - computed) <= 1e-12 * fabs(computed));
}

/* Rows from..: mean, lo, hi of what `path` leads to in the summary. */
static void check_intervals(const char *name, const char *kind, const char *metric, const char *inner,
                            size_t from, bool by_heap) {
  json_t *d = document(name);
  gcb_plots *plots = draw_data(d, kind, metric);
  size_t rows = 0, n;
  for (size_t i = 0; i < gcb_plots_count(plots); i++) {
    gcb_plot_figure f = gcb_plots_at(plots, i);
    const char *at = f.data;
    char text[GCB_PLOT_TEXT_SIZE];
    double v[COLUMNS];
    while (next_row(&at, text, v, &n)) {
      const json_t *cell = cell_of(d, &f, text, by_heap ? v[0] : 0);
      const json_t *m = json_object_get(json_object_get(cell, "summary"), inner ? inner : metric);
      if (inner) m = json_object_get(m, "wall");
      same(v[from], m, "mean");
      same(v[from + 1], m, "lo");
      same(v[from + 2], m, "hi");
      rows++;
    }
  }
  assert_true(rows >= json_array_size(json_object_get(d, "cells")) / 2);
  gcb_plots_close(plots);
  json_decref(d);
}

static void bars_show_the_means_and_intervals_of_summaries(void **state) {
  (void)state;
  check_intervals("ten", "throughput", "ops_per_s", NULL, 1, false);
  check_intervals("two", "throughput", "wall_ns", NULL, 1, false);
}

static void heap_sweeps_show_the_means_and_intervals_of_summaries(void **state) {
  (void)state;
  check_intervals("ten", "heap", "wall_ns", NULL, 1, true);
  check_intervals("ten", "heap-lbo", NULL, "lbo", 1, true);
}

static void overheads_show_the_means_and_intervals_of_summaries(void **state) {
  (void)state;
  check_intervals("ten", "lbo", NULL, "lbo", 1, false);
}

/* Wherever a curve is marked as known to summaries, they have that value; and where it is not, they have
 * none. */
static void pause_curves_go_through_the_percentiles_of_summaries(void **state) {
  static const char *const keys[] = {"p50", "p90", "p99", "p999"};
  static const double fractions[] = {.5, .9, .99, .999};
  (void)state;
  json_t *d = document("two");
  gcb_plots *plots = draw_data(d, "pauses", NULL);
  size_t checked = 0, n;
  for (size_t i = 0; i < gcb_plots_count(plots); i++) {
    gcb_plot_figure f = gcb_plots_at(plots, i);
    const char *at = f.data;
    char text[GCB_PLOT_TEXT_SIZE];
    double v[COLUMNS];
    while (next_row(&at, text, v, &n)) {
      const json_t *said = json_object_get(json_object_get(cell_of(d, &f, text, 0), "summary"), "pause_ns");
      for (size_t k = 0; k < 4; k++)
        if (v[1] == fractions[k]) {
          assert_int_equal(v[3] == 1, json_is_number(json_object_get(said, keys[k])));
          if (v[3] == 1) same(v[2], said, keys[k]);
          checked++;
        }
      if (v[1] == 1) same(v[2], said, "max");
    }
  }
  assert_true(checked >= 8);
  gcb_plots_close(plots);
  json_decref(d);
}

static const json_t *responses_of(const json_t *cell, double which) {
  const json_t *first = json_array_get(json_object_get(cell, "invocations"), 0);
  return json_object_get(json_object_get(first, "response"), which == 0 ? "intended" : "simple");
}

static void response_curves_go_through_the_percentiles_of_summaries(void **state) {
  static const char *const keys[] = {"p50", "p90"};
  (void)state;
  json_t *d = document("two"), *cell, *list;
  size_t i;
  /* One invocation, so that its own percentiles are those of the cell. */
  json_array_foreach(json_object_get(d, "cells"), i, cell) {
    list = json_object_get(cell, "invocations");
    while (json_array_size(list) > 1) json_array_remove(list, 1);
  }
  gcb_plots *plots = draw_data(d, "latency", NULL);
  size_t checked = 0, n;
  for (i = 0; i < gcb_plots_count(plots); i++) {
    gcb_plot_figure f = gcb_plots_at(plots, i);
    const char *at = f.data;
    char text[GCB_PLOT_TEXT_SIZE];
    double v[COLUMNS];
    while (next_row(&at, text, v, &n))
      for (size_t k = 0; k < 2; k++)
        if (v[2] == (k ? .9 : .5)) {
          double said = gcb_number(responses_of(cell_of(d, &f, text, 0), v[0]), keys[k]);
          assert_true(fabs(v[3] - said) <= 1e-3 * said); /* the histogram's resolution */
          checked++;
        }
  }
  assert_true(checked >= 8);
  gcb_plots_close(plots);
  json_decref(d);
}

static void utilization_is_that_of_summaries(void **state) {
  (void)state;
  json_t *d = document("ten");
  gcb_plots *plots = draw_data(d, "mmu", NULL);
  size_t points = 0, n, k;
  for (size_t i = 0; i < gcb_plots_count(plots); i++) {
    gcb_plot_figure f = gcb_plots_at(plots, i);
    const char *at = f.data;
    char text[GCB_PLOT_TEXT_SIZE];
    double v[COLUMNS];
    while (next_row(&at, text, v, &n)) {
      json_t *point;
      const json_t *cell = cell_of(d, &f, text, 0);
      json_array_foreach(json_object_get(json_object_get(cell, "summary"), "mmu"), k,
                         point) if (gcb_number(point, "window_ns") == v[0]) {
        same(v[1], point, "mmu");
        same(v[2], point, "bmu");
        points++;
      }
    }
  }
  assert_true(points > 100);
  gcb_plots_close(plots);
  json_decref(d);
}

static void decimation_keeps_the_shortest_and_the_longest_pause(void **state) {
  (void)state;
  json_t *d = document("one"), *cell = json_array_get(json_object_get(d, "cells"), 0);
  json_t *pauses = json_object_get(
      json_array_get(json_object_get(json_array_get(json_object_get(cell, "invocations"), 0), "iterations"),
                     0),
      "pauses");
  for (int i = 0; i < 100000; i++)
    json_array_append_new(pauses, json_pack("{s:i, s:i, s:s, s:n}", "start_ns", i * 900, "ns",
                                            100000 + i * 7 % 1000, "kind", "minor", "mutator"));
  json_array_append_new(
      pauses, json_pack("{s:i, s:i, s:s, s:n}", "start_ns", 5, "ns", 3, "kind", "minor", "mutator"));
  json_array_append_new(
      pauses, json_pack("{s:i, s:i, s:s, s:n}", "start_ns", 77, "ns", 99999999, "kind", "minor", "mutator"));
  static const char *const kinds[] = {"pauses", "cdf", "timeline"};
  for (size_t k = 0; k < 3; k++) {
    gcb_plots *plots = draw_data(d, kinds[k], NULL);
    gcb_plot_figure f = gcb_plots_at(plots, 0);
    assert_true(f.data_size < 100000);
    assert_non_null(strstr(f.data, "99999999"));
    if (k < 2) assert_non_null(strstr(f.data, "\t3\t"));
    gcb_plots_close(plots);
  }
  json_decref(d);
}

static void a_collector_looks_the_same_in_every_figure_and_no_two_look_alike(void **state) {
  (void)state;
  json_t *d = document("ten");
  char why[1024], looks[10][64];
  size_t n = 0;
  gcb_plots *plots = gcb_plots_open();
  static const char *const only[] = {"semispace", "gen3"};
  for (size_t i = 0; i < gcb_n_plot_kinds; i++)
    for (size_t filtered = 0; filtered < 2; filtered++)
      gcb_plots_add(plots, d,
                    &(gcb_plot_request){.kind = gcb_plot_kinds[i]->name,
                                        .collectors = only,
                                        .n_collectors = filtered ? 2 : 0},
                    why, sizeof why);
  assert_true(gcb_plots_count(plots) > 50);
  for (size_t i = 0; i < plots->n; i++)
    for (size_t s = 0; s < plots->figures[i]->n_series; s++) {
      const gcb_series *series = &plots->figures[i]->series[s];
      gcb_look look = gcb_palette_find(&plots->palette, series->label);
      if (strcmp(look.colour, "#777777") == 0) continue; /* no collector */
      assert_string_equal(series->colour, look.colour);
      assert_string_equal(series->colour, gcb_plots_colour(plots, series->label));
      assert_int_equal(series->mark, look.mark);
    }
  for (size_t i = 0; i < plots->palette.n; i++) {
    gcb_look look = gcb_palette_find(&plots->palette, plots->palette.names[i]);
    snprintf(looks[n++], sizeof looks[0], "%s %d", look.colour, look.mark);
    for (size_t k = 0; k + 1 < n; k++) assert_string_not_equal(looks[k], looks[n - 1]);
  }
  assert_int_equal(n, 10);
  gcb_plots_close(plots);
  json_decref(d);
}

static void labels_of_lines_never_touch(void **state) {
  (void)state;
  static const double heights[][6] = {{1, 1, 1, 1, 1, 1}, {0, .01, .02, .5, .51, 1}, {0, 0, 0, 1, 1, 1}};
  for (size_t c = 0; c < 3; c++) {
    gcb_figure f = {.height = 440, .top = 58, .bottom = 84};
    gcb_axis axis = {.lo = 0, .hi = 1};
    gcb_line_end ends[6];
    f.set = open_memstream(&f.set_text, &f.set_size);
    for (size_t i = 0; i < 6; i++) {
      ends[i] = (gcb_line_end){.x = 1, .y = heights[c][i], .colour = "#000000"};
      snprintf(ends[i].label, sizeof ends[i].label, "line%zu", i);
    }
    gcb_axis_labels(&f, ends, 6, &axis, &axis);
    fclose(f.set);
    double last = -1, place;
    size_t labels = 0;
    for (const char *at = f.set_text; (at = strstr(at, "set label")); at++, labels++) {
      assert_int_equal(sscanf(strstr(at, "1, graph "), "1, graph %lf", &place), 1);
      assert_true(place >= 0 && place <= 1);
      if (labels) assert_true((place - last) * (440 - 58 - 84) >= 14.9);
      last = place;
    }
    assert_int_equal(labels, 6);
    free(f.set_text);
  }
}

static void expect_answer(const char *name, gcb_plot_request r, gcb_plot_answer expected, const char *part) {
  char why[1024] = "";
  json_t *d = document(name);
  gcb_plots *plots = gcb_plots_open();
  assert_int_equal(gcb_plots_add(plots, d, &r, why, sizeof why), expected);
  if (!strstr(why, part)) print_error("expected '%s' in '%s'\n", part, why);
  assert_non_null(strstr(why, part));
  gcb_plots_close(plots);
  json_decref(d);
}

static void what_cannot_be_drawn_says_what_to_run(void **state) {
  (void)state;
  static const char *const unknown[] = {"gen4"};
  expect_answer("one", (gcb_plot_request){.kind = "bars"}, GCB_PLOT_WRONG, "'bars'");
  expect_answer("one", (gcb_plot_request){.kind = "heap", .metric = "speed"}, GCB_PLOT_WRONG, "'speed'");
  expect_answer("two", (gcb_plot_request){.kind = "heap", .collectors = unknown, .n_collectors = 1},
                GCB_PLOT_WRONG, "'gen4'; there are some of: gen3 markcompact");
  expect_answer("empty", (gcb_plot_request){.kind = "heap"}, GCB_PLOT_IMPOSSIBLE, "empty");
  expect_answer("one", (gcb_plot_request){.kind = "heap"}, GCB_PLOT_IMPOSSIBLE, "--heap 1.5x,2x,3x,6x");
  expect_answer("one", (gcb_plot_request){.kind = "lbo"}, GCB_PLOT_IMPOSSIBLE, "-c gen3,marksweep");
  expect_answer(
      "one", (gcb_plot_request){.kind = "lbo-split"}, GCB_PLOT_IMPOSSIBLE,
      "there is no run on a collector that never reclaims without barrier, and none with the barrier");
  expect_answer("one", (gcb_plot_request){.kind = "lbo-split", .source = "a run.json"}, GCB_PLOT_IMPOSSIBLE,
                "made with: gcbench explain 'a run.json' 1 --run-json split.json; then: gcbench plot --from "
                "split.json");
  expect_answer("one", (gcb_plot_request){.kind = "history"}, GCB_PLOT_IMPOSSIBLE, "gcbench history --json");
  expect_answer("cards", (gcb_plot_request){.kind = "throughput"}, GCB_PLOT_IMPOSSIBLE, "gcbench run --json");
}

static void one_sample_is_shown_without_an_interval_and_says_so(void **state) {
  (void)state;
  json_t *d = document("one");
  gcb_plots *plots = draw_data(d, "throughput", NULL);
  assert_non_null(strstr(gcb_plots_at(plots, 0).data, "NaN\tNaN"));
  assert_non_null(strstr(plots->figures[0]->set_text, ", n=1"));
  gcb_plots_close(plots);
  json_decref(d);
}

static void cells_that_did_not_run_are_marked(void **state) {
  (void)state;
  json_t *d = document("ten");
  gcb_plots *plots = draw_data(d, "heap", NULL);
  for (size_t i = 0; i < plots->n; i++) {
    assert_non_null(strstr(plots->figures[i]->note, "none: out of memory in 1.5x, 3x, 6x"));
    assert_non_null(strstr(plots->figures[i]->note, "rc, semispace: out of memory in 1.5x"));
    assert_non_null(strstr(plots->figures[i]->set_text, "'none (out of memory)'"));
  }
  gcb_plots_close(plots);
  json_decref(d);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(bars_show_the_means_and_intervals_of_summaries),
      cmocka_unit_test(heap_sweeps_show_the_means_and_intervals_of_summaries),
      cmocka_unit_test(overheads_show_the_means_and_intervals_of_summaries),
      cmocka_unit_test(pause_curves_go_through_the_percentiles_of_summaries),
      cmocka_unit_test(response_curves_go_through_the_percentiles_of_summaries),
      cmocka_unit_test(utilization_is_that_of_summaries),
      cmocka_unit_test(decimation_keeps_the_shortest_and_the_longest_pause),
      cmocka_unit_test(a_collector_looks_the_same_in_every_figure_and_no_two_look_alike),
      cmocka_unit_test(labels_of_lines_never_touch),
      cmocka_unit_test(what_cannot_be_drawn_says_what_to_run),
      cmocka_unit_test(one_sample_is_shown_without_an_interval_and_says_so),
      cmocka_unit_test(cells_that_did_not_run_are_marked),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
