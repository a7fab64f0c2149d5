/* What a figure has no place for is said, and what it says has a place: cells that did not run, collectors
 * that were not asked, many names, long times beside short ones. */
#include "plot_documents.h"
#include "plots/figure/plots.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The figures of the document, which is released. */
static gcb_plots *figures(json_t *d, const char *kind) {
  char why[1024] = "";
  gcb_plots *plots = gcb_plots_open();
  gcb_plot_answer answer = gcb_plots_add(plots, d, &(gcb_plot_request){.kind = kind}, why, sizeof why);
  if (answer != GCB_PLOT_ADDED) print_error("%s: %s\n", kind, why);
  assert_int_equal(answer, GCB_PLOT_ADDED);
  json_decref(d);
  return plots;
}

static void expect_part(const char *text, const char *part) {
  if (!strstr(text, part)) print_error("expected '%s' in:\n%s\n", part, text);
  assert_non_null(strstr(text, part));
}

static json_t *cells_of(json_t *d) {
  return json_object_get(d, "cells");
}

static const char *word(const json_t *cell, const char *set, const char *key) {
  const char *s = json_string_value(json_object_get(set ? json_object_get(cell, set) : cell, key));
  return s ? s : "";
}

/* The cell of the sweep with these values. */
static json_t *swept_cell(json_t *d, const char *collector, const char *depth, const char *holes) {
  size_t i;
  json_t *cell;
  json_array_foreach(cells_of(d), i, cell) if (strcmp(word(cell, NULL, "collector"), collector) == 0 &&
                                               strcmp(word(cell, "params", "depth"), depth) == 0 &&
                                               strcmp(word(cell, "params", "holes"), holes) == 0) return cell;
  fail();
  return NULL;
}

static void fails(json_t *cell, const char *status) {
  json_object_set_new(cell, "status", json_string(status));
}

static void a_line_does_not_lead_past_what_did_not_run(void **state) {
  (void)state;
  json_t *d = document("sweep");
  fails(swept_cell(d, "gen3", "14", "2"), "oom");
  fails(swept_cell(d, "gen3", "18", "2"), "oom");
  fails(swept_cell(d, "marksweep", "16", "0"), "timeout");
  gcb_plots *plots = figures(d, "sweep");
  const gcb_figure *f = plots->figures[0];
  expect_part(f->note, "gen3: out of memory at depth=14, 18");
  expect_part(f->note, "marksweep: timed out at depth=16");
  /* Depth 12 stands alone: an empty line before 16; after 16 the next line begins, by two. */
  const char *at = strstr(f->data_text, "gen3 holes=2\t12\t"), *next = strchr(at, '\n') + 1;
  assert_int_equal(strncmp(next, "\ngen3 holes=2\t16\t", 17), 0);
  assert_int_equal(strncmp(strchr(next + 1, '\n') + 1, "\n\ngen3 holes=4\t12\t", 18), 0);
  gcb_plots_close(plots);
}

static void a_subtitle_with_many_parameters_is_whole(void **state) {
  (void)state;
  json_t *d = document("two"), *cell;
  size_t i;
  json_array_foreach(cells_of(d), i, cell) json_object_set_new(
      json_object_get(cell, "params"), "input",
      json_string("/somewhere/on/a/disk/with/deeply/nested/folders/and/then/some/more/words.txt"));
  gcb_plots *plots = figures(d, "throughput");
  const gcb_figure *f = plots->figures[0];
  assert_true(strlen(f->subtitle) > strlen(f->shown[0]));
  expect_part(f->shown[1], "heap ");
  assert_null(strstr(f->shown[1], ".."));
  assert_true(f->top > 58);
  gcb_plots_close(plots);
}

/* The same workload in the same heap with other numbers of workers has figures of its own. */
static void figures_of_other_workers_have_other_subtitles(void **state) {
  (void)state;
  char why[400];
  size_t i;
  json_t *d = document("one"), *cells = json_object_get(d, "cells"), *more = json_array(), *cell;
  json_array_foreach(cells, i, cell) {
    json_t *copy = json_deep_copy(cell);
    json_object_set_new(copy, "workers", json_integer(4));
    json_array_append_new(more, copy);
  }
  json_array_extend(cells, more);
  gcb_plots *plots = gcb_plots_open();
  assert_int_equal(gcb_plots_add(plots, d, &(gcb_plot_request){.kind = "pauses"}, why, sizeof why),
                   GCB_PLOT_ADDED);
  assert_true(plots->n > 1);
  for (i = 0; i < plots->n; i++)
    for (size_t k = 0; k < i; k++)
      assert_string_not_equal(plots->figures[i]->subtitle, plots->figures[k]->subtitle);
  gcb_plots_close(plots);
  json_decref(more);
  json_decref(d);
}

/* Beside few others and beside other ones, whoever is known first; ten differ in colour. */
static void a_collector_has_one_colour_in_runs_of_different_collectors(void **state) {
  static const char *const names[] = {"rc",   "bdwgc",       "gen3", "jvm",     "malloc",
                                      "none", "markcompact", "one",  "rccycle", "semispace"};
  enum { N = sizeof names / sizeof *names };
  (void)state;
  gcb_palette few = {0}, more = {0}, all = {0};
  gcb_palette_add(&few, "semispace");
  gcb_palette_add(&few, "gen3");
  gcb_palette_add(&more, "gen3");
  gcb_palette_add(&more, "bdwgc");
  gcb_palette_add(&more, "semispace");
  for (size_t i = 0; i < N; i++) gcb_palette_add(&all, names[i]);
  for (size_t i = 0; i < 2; i++) {
    const char *name = i ? "gen3" : "semispace";
    assert_string_equal(gcb_palette_find(&few, name).colour, gcb_palette_find(&more, name).colour);
    assert_string_equal(gcb_palette_find(&few, name).colour, gcb_palette_find(&all, name).colour);
  }
  for (size_t i = 0; i < N; i++)
    for (size_t k = 0; k < i; k++)
      assert_string_not_equal(gcb_palette_find(&all, names[i]).colour,
                              gcb_palette_find(&all, names[k]).colour);
  gcb_palette_free(&few);
  gcb_palette_free(&more);
  gcb_palette_free(&all);
}

static void an_option_is_swept_over_the_collector_that_has_it(void **state) {
  static const char *const sizes[][2] = {{"12", "1M"}, {"14", "4M"}, {"16", "64M"}};
  (void)state;
  json_t *d = document("sweep"), *cells = json_array();
  for (size_t i = 0; i < 3; i++) {
    json_t *cell = swept_cell(d, "gen3", sizes[i][0], "0");
    json_object_set_new(json_object_get(cell, "params"), "depth", json_string("12"));
    json_object_set_new(json_object_get(cell, "options"), "nursery", json_string(sizes[i][1]));
    json_array_append(cells, cell);
  }
  json_array_insert(cells, 0, swept_cell(d, "marksweep", "12", "0"));
  json_object_set_new(d, "cells", cells);
  gcb_plots *plots = figures(d, "sweep");
  expect_part(plots->figures[0]->note, "marksweep: not swept");
  expect_part(plots->figures[0]->data_text, "gen3\t1048576\t");
  expect_part(plots->figures[0]->data_text, "gen3\t67108864\t");
  expect_part(plots->figures[0]->set_text, "\"8 MiB\" 8388608");
  gcb_plots_close(plots);
}

static void a_collector_with_options_keeps_its_colour_where_they_are_not_said(void **state) {
  (void)state;
  json_t *d = document("sweep"), *cell;
  size_t i;
  json_array_foreach(cells_of(d), i, cell) if (strcmp(word(cell, NULL, "collector"), "gen3") == 0)
      json_object_set_new(json_object_get(cell, "options"), "nursery", json_string("4M"));
  gcb_plots *plots = figures(d, "sweep");
  expect_part(plots->figures[0]->series[0].label, "gen3");
  assert_string_equal(plots->figures[0]->series[0].colour, gcb_plots_colour(plots, "gen3 nursery=4M"));
  assert_string_not_equal(gcb_plots_colour(plots, "gen3"), gcb_plots_colour(plots, "marksweep"));
  assert_int_equal(plots->palette.n, 2);
  gcb_plots_close(plots);
}

static void a_contour_names_what_is_not_in_it(void **state) {
  (void)state;
  json_t *d = document("sweep"), *third = json_deep_copy(swept_cell(d, "gen3", "12", "0"));
  fails(swept_cell(d, "gen3", "14", "2"), "unsupported");
  json_object_set_new(third, "collector", json_string("rc"));
  json_array_append_new(cells_of(d), third);
  gcb_plots *plots = figures(d, "contour");
  expect_part(plots->figures[0]->note, "gen3: unsupported at depth=14 holes=2");
  expect_part(plots->figures[0]->note, "only two collectors fit; --collector shows others: rc");
  gcb_plots_close(plots);
}

/* 12 by 10 cells, with the ratios 1 to 120. */
static json_t *large_grid(void) {
  json_t *d = document("sweep"), *cells = json_array(), *invocation;
  size_t k;
  for (int i = 0; i < 240; i++) {
    char depth[8], holes[8];
    json_t *cell = json_deep_copy(swept_cell(d, i < 120 ? "gen3" : "marksweep", "12", "0"));
    snprintf(depth, sizeof depth, "%d", i % 12);
    snprintf(holes, sizeof holes, "%d", i / 12 % 10);
    json_object_set_new(json_object_get(cell, "params"), "depth", json_string(depth));
    json_object_set_new(json_object_get(cell, "params"), "holes", json_string(holes));
    json_array_foreach(json_object_get(cell, "invocations"), k, invocation)
        json_object_set_new(json_array_get(json_object_get(invocation, "iterations"), 0), "wall_ns",
                            json_integer(i < 120 ? 1000000 : 1000000 * (i - 119)));
    for (json_t *list = json_object_get(cell, "invocations");
         json_array_size(list) < 6;) /* as many as a claim takes */
      json_array_append(list, json_array_get(list, 0));
    json_array_append_new(cells, cell);
  }
  json_object_set_new(d, "cells", cells);
  return d;
}

static void every_cell_of_a_large_contour_has_its_number(void **state) {
  (void)state;
  char why[1024] = "", number[32];
  size_t size;
  gcb_plots *plots = figures(large_grid(), "contour");
  assert_true(plots->figures[0]->width >= 12 * 40);
  assert_true(gcb_plots_draw(plots, GCB_PLOT_SVG, why, sizeof why));
  char *svg = gcb_plots_take(plots, 0, &size);
  for (int k = 1; k <= 120; k++) {
    snprintf(number, sizeof number,
             k == 1    ? ">~%d.00<"
             : k < 10  ? ">%d.00<"
             : k < 100 ? ">%d.0<"
                       : ">%d<",
             k);
    expect_part(svg, number);
  }
  free(svg);
  gcb_plots_close(plots);
}

static void short_iterations_are_seen_beside_long_ones(void **state) {
  static const char *const kinds[] = {"timeline", "memory"};
  (void)state;
  for (size_t k = 0; k < 2; k++) {
    gcb_plots *plots = figures(document("ten"), kinds[k]);
    for (size_t i = 0; i < plots->n; i++) { /* those of churn differ by 1000, those of trees by less than 2 */
      bool wide = strstr(plots->figures[i]->name, "churn");
      expect_part(plots->figures[i]->set_text, wide ? "shares = 1\n" : "shares = 0\n");
      expect_part(plots->figures[i]->set_text, wide ? "'share of the iteration" : "'time (ms)'");
    }
    gcb_plots_close(plots);
  }
}

static void who_answered_nothing_is_named(void **state) {
  (void)state;
  json_t *d = document("two"), *cell, *invocation;
  size_t i, k;
  json_array_foreach(cells_of(d), i, cell)
      json_array_foreach(json_object_get(cell, "invocations"), k,
                         invocation) if (strcmp(word(cell, NULL, "collector"), "gen3") == 0)
          json_object_del(invocation, "response");
  gcb_plots *plots = figures(d, "latency");
  expect_part(plots->figures[0]->note, "gen3: fewer than ten responses known");
  gcb_plots_close(plots);

  d = document("cards");
  fails(json_array_get(json_object_get(d, "cards"), 1), "oom");
  json_object_set_new(json_array_get(json_object_get(d, "cards"), 1), "survival", json_null());
  plots = figures(d, "survival");
  assert_string_equal(plots->figures[0]->note, "churn: out of memory");
  gcb_plots_close(plots);
}

enum { STEPS = 12, LETTER = 7 };

/* The history of gen3 with steps at its first, at its last and at neighbouring nights. */
static json_t *with_steps(void) {
  static const int nights[STEPS] = {1, 2, 3, 20, 40, 41, 60, 61, 62, 80, 88, 89};
  json_t *d = document("history"), *steps = json_array();
  for (int i = 0; i < STEPS; i++)
    json_array_append_new(steps, json_pack("{s:i, s:f, s:f, s:s}", "night", nights[i], "before", 1e8, "after",
                                           1.1e8, "verdict", "regression"));
  json_object_set_new(json_array_get(json_object_get(d, "series"), 0), "steps", steps);
  return d;
}

static void names_of_steps_are_apart_from_each_other_and_from_lines(void **state) {
  (void)state;
  gcb_plots *plots = figures(with_steps(), "history");
  const gcb_figure *f = plots->figures[0];
  double left[STEPS], right[STEPS], height[STEPS], plot = f->width - (f->left + f->right) * LETTER;
  size_t n = 0;
  for (const char *at = f->set_text; (at = strstr(at, "set label (plain ? ")) && n < STEPS; at++, n++) {
    const char *name = strstr(at, " : '") + 4, *place = strstr(name, "at first ");
    double night;
    assert_int_equal(sscanf(place, "at first %lf, graph %lf", &night, &height[n]), 2);
    left[n] = (night + .5) / 90 * plot;
    right[n] = left[n] + (double)(strchr(name, '\'') - name) * LETTER;
    assert_true(f->left * LETTER + right[n] <= f->width);
    assert_true(height[n] > 1 && (height[n] - 1) * (f->height - f->top - f->bottom) < f->top - 44);
  }
  assert_int_equal(n, STEPS);
  for (size_t i = 0; i < n; i++)
    for (size_t k = 0; k < n; k++) /* the line of k goes up to its name */
      if (left[k] > left[i] && left[k] < right[i]) assert_true(height[k] < height[i]);
  gcb_plots_close(plots);
}

static void cpus_of_a_large_machine_are_named(void **state) {
  (void)state;
  json_t *d = document("one"), *topology = json_object_get(json_object_get(d, "context"), "topology");
  json_t *cores = json_array(), *pus = json_array(), *packages = json_array();
  for (int i = 0; i < 64; i++) {
    char cpu[8];
    snprintf(cpu, sizeof cpu, "%d", i);
    json_array_append_new(cores, json_pack("{s:s}", "cpus", cpu));
    json_array_append_new(pus, json_pack("{s:i, s:i, s:b}", "cpu", i, "core", i, "allowed", 1));
  }
  for (int i = 0; i < 2; i++)
    json_array_append_new(packages,
                          json_pack("{s:s, s:s}", "cpus", i ? "32-63" : "0-31", "model",
                                    "A processor whose name is longer than half of the picture could hold"));
  json_object_set_new(topology, "cores", cores);
  json_object_set_new(topology, "pus", pus);
  json_object_set_new(topology, "packages", packages);
  gcb_plots *plots = figures(d, "topology");
  expect_part(plots->figures[0]->set_text, ": '63')");
  expect_part(plots->figures[0]->set_text, ": 'package 1')");
  expect_part(plots->figures[0]->title, "pinned to cpu 1");
  gcb_plots_close(plots);
}

static void a_terminal_gets_whole_titles_and_notes(void **state) {
  (void)state;
  char why[1024] = "";
  size_t size;
  gcb_plots *plots = figures(document("ten"), "memory");
  gcb_figure *f = plots->figures[0];
  while (strlen(f->note) < 300) gcb_figure_note(f, "%s: out of memory", "a collector with many options");
  assert_true(gcb_plots_draw(plots, GCB_PLOT_TEXT, why, sizeof why));
  char *text = gcb_plots_take(plots, 0, &size), *joined = calloc(1, size + 1);
  size_t n = 0, column = 0;
  for (const char *c = text; *c; c++) {
    column = *c == '\n' ? 0 : column + 1;
    assert_true(column < 80);
    if ((*c != ' ' && *c != '\n') || (n && joined[n - 1] != ' ')) joined[n++] = *c == '\n' ? ' ' : *c;
  }
  expect_part(joined, f->title);
  expect_part(joined, f->note);
  free(joined);
  free(text);
  gcb_plots_close(plots);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_line_does_not_lead_past_what_did_not_run),
      cmocka_unit_test(a_subtitle_with_many_parameters_is_whole),
      cmocka_unit_test(figures_of_other_workers_have_other_subtitles),
      cmocka_unit_test(a_collector_has_one_colour_in_runs_of_different_collectors),
      cmocka_unit_test(an_option_is_swept_over_the_collector_that_has_it),
      cmocka_unit_test(a_collector_with_options_keeps_its_colour_where_they_are_not_said),
      cmocka_unit_test(a_contour_names_what_is_not_in_it),
      cmocka_unit_test(every_cell_of_a_large_contour_has_its_number),
      cmocka_unit_test(short_iterations_are_seen_beside_long_ones),
      cmocka_unit_test(who_answered_nothing_is_named),
      cmocka_unit_test(names_of_steps_are_apart_from_each_other_and_from_lines),
      cmocka_unit_test(cpus_of_a_large_machine_are_named),
      cmocka_unit_test(a_terminal_gets_whole_titles_and_notes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
