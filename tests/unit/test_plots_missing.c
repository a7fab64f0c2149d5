/* Figures of cells that are missing, unbounded, or a thousand times as large as others: nothing is dropped
 * without a word, and nothing is cut. */
#include "plot_documents.h"
#include "plots/figure/axis.h"
#include "plots/figure/plots.h"
#include "results/model/cell.h"
#include "results/model/members.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static gcb_plots *plots_of(const json_t *d, const char *kind) {
  char why[1024] = "";
  gcb_plots *plots = gcb_plots_open();
  gcb_plot_answer answer = gcb_plots_add(plots, d, &(gcb_plot_request){.kind = kind}, why, sizeof why);
  if (answer != GCB_PLOT_ADDED) print_error("%s: %s\n", kind, why);
  assert_int_equal(answer, GCB_PLOT_ADDED);
  return plots;
}

static const gcb_figure *figure_named(const gcb_plots *plots, const char *name) {
  for (size_t i = 0; i < plots->n; i++)
    if (strcmp(plots->figures[i]->name, name) == 0) return plots->figures[i];
  fail_msg("there is no figure %s", name);
  return NULL;
}

static bool is(const json_t *cell, const char *key, const char *word) {
  return strcmp(json_string_value(json_object_get(cell, key)), word) == 0;
}

static void expect_part(const char *text, const char *part) {
  if (!strstr(text, part)) print_error("expected '%s' in:\n%s\n", part, text);
  assert_non_null(strstr(text, part));
}

/* "two" without markcompact in a heap of 2x, as an interrupted run leaves it. */
static json_t *two_with_a_hole(void) {
  json_t *d = document("two"), *cells = json_object_get(d, "cells"), *cell;
  size_t i;
  json_array_foreach(cells, i, cell) {
    if (!is(cell, "collector", "markcompact") || gcb_number(cell, "heap_factor") != 2) continue;
    json_array_remove(cells, i);
    return d;
  }
  fail_msg("the document has no such cell");
  return d;
}

static void a_line_has_a_hole_in_a_heap_that_was_not_run(void **state) {
  (void)state;
  json_t *d = two_with_a_hole();
  static const char *const kinds[] = {"heap", "heap-lbo", "pareto"};
  for (size_t k = 0; k < 3; k++) {
    gcb_plots *plots = plots_of(d, kinds[k]);
    const gcb_figure *f = plots->figures[0];
    if (k < 2) expect_part(f->data_text, "markcompact\t1.5\t");
    if (k < 2) expect_part(f->data_text, "\nmarkcompact\t2\tNaN\tNaN\tNaN\tNaN\nmarkcompact\t3\t");
    assert_string_equal(f->note, "gen3: out of memory in 1.5x; markcompact: not run in 2x");
    gcb_plots_close(plots);
  }
  json_decref(d);
}

static void a_figure_of_one_heap_names_who_was_not_run_in_it(void **state) {
  (void)state;
  json_t *d = two_with_a_hole();
  gcb_plots *plots = plots_of(d, "throughput");
  assert_string_equal(figure_named(plots, "throughput-trees-2x")->note, "markcompact: not run");
  assert_string_equal(figure_named(plots, "throughput-trees-3x")->note, "");
  gcb_plots_close(plots);
  json_decref(d);
}

static void collectors_that_no_heap_bounds_are_named(void **state) {
  (void)state;
  json_t *d = document("two"), *cell;
  size_t i;
  json_array_foreach(json_object_get(d, "cells"), i, cell)
      json_object_set_new(cell, "bounded", json_boolean(!is(cell, "collector", "gen3")));
  static const char *const kinds[] = {"throughput", "ratios", "heap", "pareto", "lbo"};
  for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
    gcb_plots *plots = plots_of(d, kinds[k]);
    expect_part(plots->figures[plots->n - 1]->note, "gen3: not bounded by the heap");
    gcb_plots_close(plots);
  }
  json_decref(d);
}

static void cells_without_a_split_are_named(void **state) {
  (void)state;
  json_t *d = document("two"), *cell;
  size_t i;
  json_array_foreach(json_object_get(d, "cells"), i, cell) {
    if (is(cell, "collector", "gen3")) json_object_del(json_object_get(cell, "summary"), "lbo_split");
  }
  gcb_plots *plots = plots_of(d, "lbo-split");
  assert_string_equal(figure_named(plots, "lbo-split-trees-3x")->note, "gen3: not split");
  gcb_plots_close(plots);
  json_decref(d);
}

static void scale(json_t *object, double by) {
  const char *key;
  json_t *value;
  json_object_foreach(object, key, value) if (json_is_number(value) && strcmp(key, "n") != 0)
      json_object_set_new(object, key, json_real(json_number_value(value) * by));
}

/* Bars of which one is a thousandth of another cannot be read: each is then whole. */
static void a_split_of_a_wide_range_is_drawn_in_shares(void **state) {
  static const char *const parts[] = {"mutator_ns", "barrier_ns", "stopped_ns", "rest_ns"};
  (void)state;
  json_t *d = document("two"), *cell;
  size_t i, rows = 0;
  json_array_foreach(json_object_get(d, "cells"), i, cell) {
    json_t *summary = json_object_get(cell, "summary");
    if (is(cell, "collector", "gen3")) continue;
    scale(json_object_get(summary, "lbo_split"), 1000);
    scale(json_object_get(summary, "wall_ns"), 1000);
  }
  gcb_plots *plots = plots_of(d, "lbo-split");
  const gcb_figure *f = figure_named(plots, "lbo-split-trees-3x");
  expect_part(f->set_text, "(%)");
  json_array_foreach(json_object_get(d, "cells"), i, cell) {
    if (gcb_number(cell, "heap_factor") != 3) continue;
    const json_t *split = json_object_get(json_object_get(cell, "summary"), "lbo_split");
    const char *at = strstr(f->data_text, json_string_value(json_object_get(cell, "collector")));
    double v[13], sum = 0, end = 0;
    assert_non_null(at);
    at = strchr(at, '\t');
    for (size_t k = 0; k < 13; k++) {
      char *next;
      v[k] = strtod(at, &next);
      at = next;
    }
    for (size_t p = 0; p < 4; p++) {
      double value = gcb_number(split, parts[p]);
      assert_true(fabs(v[1 + p] - value) <= 1e-12 * fabs(value)); /* the data stay in nanoseconds */
      sum += value;
    }
    for (size_t p = 0; p < 4; p++) {
      double width = v[6 + 2 * p] - v[5 + 2 * p];
      assert_true(fabs(width - 100 * v[1 + p] / sum) < 1e-9);
      end += width;
    }
    assert_true(fabs(end - 100) < 1e-9);
    rows++;
  }
  assert_int_equal(rows, 2);
  gcb_plots_close(plots);
  json_decref(d);
}

/* gnuplot leaves out a tick that lies on the end of a logarithmic axis, to a rounding error. */
static void a_logarithmic_axis_reaches_past_its_last_ticks(void **state) {
  (void)state;
  gcb_figure f = {0};
  gcb_axis a;
  double lo, hi;
  gcb_axis_begin(&a, GCB_UNIT_NS);
  gcb_axis_see(&a, 12e3);
  gcb_axis_see(&a, 950e3);
  gcb_axis_fit(&a, GCB_LOG);
  f.set = open_memstream(&f.set_text, &f.set_size);
  gcb_axis_write(&f, "x", &a, "pause");
  assert_int_equal(f.left, 0);
  gcb_axis_write(&f, "y", &a, "pause");
  assert_true(f.left >= 14); /* "100 us", and the title */
  fclose(f.set);
  assert_int_equal(sscanf(f.set_text, "set xrange [%lf:%lf]", &lo, &hi), 2);
  assert_true(lo < 1e4 && lo > 0.999e4);
  assert_true(hi > a.hi && hi < 1.001 * a.hi);
  expect_part(f.set_text, "\"10 us\" 10000");
  expect_part(f.set_text, "\"30 us\" 30000"); /* two decades and a little: three labels would be few */
  free(f.set_text);
}

/* The value of a row is right of the plot, in a margin that is made for it. */
static void values_of_a_wide_range_fit_into_the_margin(void **state) {
  (void)state;
  json_t *d = document("two"), *cell;
  size_t i, longest = 0;
  json_array_foreach(json_object_get(d, "cells"), i, cell) {
    json_t *lbo = json_object_get(json_object_get(cell, "summary"), "lbo");
    if (is(cell, "collector", "gen3")) continue;
    scale(json_object_get(lbo, "wall"), 1111);
    scale(json_object_get(lbo, "cpu"), 1111);
  }
  gcb_plots *plots = plots_of(d, "lbo");
  const gcb_figure *f = figure_named(plots, "lbo-trees-3x");
  for (const char *at = f->set_text; (at = strstr(at, "set label 'wall")); at++) {
    size_t length = strcspn(at + 11, "'");
    if (length > longest) longest = length;
  }
  assert_true(longest > 40);
  assert_null(strstr(f->set_text, "e+0"));
  assert_true(f->right >= (double)longest * .9 + 2);
  gcb_plots_close(plots);
  json_decref(d);
}

/* Few pauses or many: a curve that has no mark could not be told from another without colours. */
static void every_distribution_has_marks(void **state) {
  (void)state;
  static const size_t pauses[] = {1, 2, 7, 60};
  for (size_t k = 0; k < 4; k++) {
    json_t *d = document("one"), *cell = json_array_get(json_object_get(d, "cells"), 0);
    json_t *list = json_object_get(
        json_array_get(json_object_get(json_array_get(json_object_get(cell, "invocations"), 0), "iterations"),
                       0),
        "pauses");
    json_array_clear(list);
    for (size_t i = 0; i < pauses[k]; i++)
      json_array_append_new(list, json_pack("{s:i, s:i, s:s, s:n}", "start_ns", (int)(i * 900), "ns",
                                            (int)(1000 + 37 * i), "kind", "minor", "mutator"));
    gcb_plots *plots = plots_of(d, "cdf");
    size_t marks = 0;
    for (const char *at = plots->figures[0]->data_text; (at = strstr(at, "\t1\n")); at++) marks++;
    assert_int_equal(marks, pauses[k] < 5 ? pauses[k] : 5);
    gcb_plots_close(plots);
    json_decref(d);
  }
}

static void a_map_says_why_a_column_has_no_ratios(void **state) {
  (void)state;
  json_t *d = document("ten"), *cell;
  size_t i;
  json_array_foreach(json_object_get(d, "cells"), i, cell) {
    bool theirs = is(cell, "workload", "churn") == is(cell, "collector", "markcompact");
    if (!theirs) json_object_set_new(cell, "status", json_string("timeout"));
  }
  gcb_plots *plots = plots_of(d, "ratios");
  expect_part(plots->figures[plots->n - 1]->note, "bdwgc did not run, and there are no ratios to it: churn");
  gcb_plots_close(plots);
  json_decref(d);
}

/* Title and key stand over a map, which may be narrower than either. */
static void a_figure_is_as_wide_as_its_texts(void **state) {
  (void)state;
  json_t *d = document("two"), *cell;
  size_t i;
  json_array_foreach(json_object_get(d, "cells"), i, cell) json_object_set_new(
      cell, "options",
      json_pack("{s:s, s:s}", "an-option-with-a-long-name", "a-value", "another-such-option", "1M"));
  gcb_plots *plots = plots_of(d, "ratios");
  const gcb_figure *f = plots->figures[0];
  expect_part(f->title, "relative to gen3 an-option-with-a-long-name=a-value another-such-option=1M");
  assert_true(f->width >= strlen(f->title) * 8.5);
  assert_true(f->width >= f->left * 7 + 430);
  gcb_plots_close(plots);
  json_decref(d);
}

static char *drawn(gcb_plots *plots, size_t i, gcb_plot_format format) {
  char why[1024] = "";
  size_t size;
  if (!gcb_plots_draw(plots, format, why, sizeof why)) fail_msg("%s", why);
  char *text = gcb_plots_take(plots, i, &size);
  assert_non_null(text);
  return text;
}

/* Ten collectors on twelve workloads: more labels than fit below the numbers of the key's. */
static void every_cell_of_a_large_map_has_its_number(void **state) {
  (void)state;
  json_t *d = document("ten"), *cells = json_object_get(d, "cells"), *all = json_array(), *cell;
  size_t i, texts = 0;
  for (int w = 0; w < 12; w++) json_array_foreach(cells, i, cell) {
      char name[16];
      if (!is(cell, "workload", "trees") || gcb_number(cell, "heap_factor") != 3) continue;
      json_t *copy = json_copy(cell);
      snprintf(name, sizeof name, "w%d", w);
      json_object_set_new(copy, "workload", json_string(name));
      json_array_append_new(all, copy);
    }
  assert_int_equal(json_array_size(all), 120);
  json_object_set_new(d, "cells", all);
  gcb_plots *plots = plots_of(d, "ratios");
  char *svg = drawn(plots, 0, GCB_PLOT_SVG);
  for (const char *at = svg; (at = strstr(at, "<text")); at++) texts++;
  assert_true(texts >= 120 + 10 + 12 + 3); /* cells, rows, columns, the key */
  free(svg);
  gcb_plots_close(plots);
  json_decref(d);
}

static void letters_say_all_that_is_missing_within_a_terminal(void **state) {
  (void)state;
  json_t *d = document("ten");
  gcb_plots *plots = plots_of(d, "heap");
  const gcb_figure *f = plots->figures[1]; /* of churn, which one does not support */
  char *text = drawn(plots, 1, GCB_PLOT_TEXT), *words = strdup(text), *note = strdup(f->note), *rest = NULL;
  assert_true(strlen(f->note) > 79);
  for (char *line = strtok_r(words, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
    assert_true(strlen(line) <= 79);
  const char *at = strstr(text, strtok_r(note, " ", &rest));
  for (char *word; (word = strtok_r(NULL, " ", &rest));) {
    assert_non_null(at);
    at = strstr(at, word);
  }
  assert_non_null(at);
  assert_string_equal(text + strlen(text) - 2 + (text[strlen(text) - 2] != '\n'), "\n");
  free(note);
  free(words);
  free(text);
  gcb_plots_close(plots);
  json_decref(d);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_line_has_a_hole_in_a_heap_that_was_not_run),
      cmocka_unit_test(a_figure_of_one_heap_names_who_was_not_run_in_it),
      cmocka_unit_test(collectors_that_no_heap_bounds_are_named),
      cmocka_unit_test(cells_without_a_split_are_named),
      cmocka_unit_test(a_split_of_a_wide_range_is_drawn_in_shares),
      cmocka_unit_test(a_logarithmic_axis_reaches_past_its_last_ticks),
      cmocka_unit_test(values_of_a_wide_range_fit_into_the_margin),
      cmocka_unit_test(every_distribution_has_marks),
      cmocka_unit_test(a_map_says_why_a_column_has_no_ratios),
      cmocka_unit_test(a_figure_is_as_wide_as_its_texts),
      cmocka_unit_test(every_cell_of_a_large_map_has_its_number),
      cmocka_unit_test(letters_say_all_that_is_missing_within_a_terminal),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
