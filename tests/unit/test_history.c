/* History: series with their steps, machines and acknowledgements, from a store with a known truth. */
#include "planted_nights.h"

#include "results/store/history.h"
#include "results/text/sparkline.h"

static char why[4500];
static const char *const wall[] = {"wall_ns"};

static struct gcb_history *history(struct gcb_store *s, const gcb_history_filter *f) {
  struct gcb_history *h = gcb_history_load(s, f, why, sizeof why);
  if (!h) print_error("%s\n", why);
  assert_non_null(h);
  return h;
}

static gcb_series *series_of(struct gcb_history *h, const char *workload, const char *metric) {
  for (size_t i = 0; i < h->n_series; i++)
    if (strcmp(word_of(h->series[i].cell, "workload"), workload) == 0 &&
        strcmp(h->series[i].metric->name, metric) == 0)
      return &h->series[i];
  fail_msg("no series %s %s", workload, metric);
  return NULL;
}

static void a_planted_step_is_a_suspect_in_the_night_where_it_happened(void **state) {
  (void)state;
  struct gcb_store *s = must_open("planted", GCB_STORE_READ);
  struct gcb_history *h = history(s, &(gcb_history_filter){.metrics = wall, .n_metrics = 1});
  assert_int_equal(h->n_nights, PLANTED);
  assert_int_equal(h->n_series, 4); /* two workloads on two machines */
  gcb_series *trees = series_of(h, "trees", "wall_ns"), *cycles = series_of(h, "cycles", "wall_ns");
  assert_int_equal(trees->n, PLANTED - PLANTED_MACHINE);
  assert_int_equal(trees->n_steps, 1);
  const gcb_step *step = trees->steps;
  assert_string_equal(h->nights[trees->nights[step->change.at]].name, "night-090");
  assert_int_equal(step->verdict, GCB_STEP_SUSPECT);
  assert_true(fabs(step->change.after / step->change.before - 1.05) < .004);
  assert_int_equal(cycles->n_steps, 0);
  gcb_history_free(h);
  gcb_store_close(s);
}

static void no_step_is_looked_for_across_a_change_of_machine(void **state) {
  (void)state;
  struct gcb_store *s = must_open("planted", GCB_STORE_READ);
  struct gcb_history *h = history(s, &(gcb_history_filter){.metrics = wall, .n_metrics = 1});
  assert_int_equal(json_array_size(h->machines), 2);
  const json_t *now = json_array_get(h->machines, 0), *then = json_array_get(h->machines, 1);
  assert_string_equal(word_of(now, "difference"), "cpu_model old processor -> new processor");
  assert_string_equal(word_of(now, "before"), word_of(then, "key"));
  assert_int_equal(json_integer_value(json_object_get(now, "first")), PLANTED_MACHINE);
  assert_true(json_is_null(json_object_get(then, "before")));
  assert_string_equal(h->series[0].machine, word_of(now, "key")); /* the newest machine comes first */
  gcb_history_free(h);
  gcb_store_close(s);
}

static void any_difference_of_an_exact_metric_is_a_step(void **state) {
  (void)state;
  static const char *const bytes[] = {"allocated_bytes"};
  struct gcb_store *s = must_open("planted", GCB_STORE_READ);
  struct gcb_history *h = history(s, &(gcb_history_filter){.metrics = bytes, .n_metrics = 1});
  const gcb_series *cycles = series_of(h, "cycles", "allocated_bytes");
  assert_int_equal(cycles->n_steps, 1);
  assert_string_equal(h->nights[cycles->nights[cycles->steps[0].change.at]].name, "night-105");
  assert_true(cycles->steps[0].change.after == 4160 && cycles->steps[0].verdict == GCB_STEP_SUSPECT);
  assert_int_equal(series_of(h, "trees", "allocated_bytes")->n_steps, 0);
  gcb_history_free(h);
  gcb_store_close(s);
}

static void a_filter_takes_its_series_and_nights(void **state) {
  (void)state;
  static const char *const trees[] = {"trees"}, *const other[] = {"gen4"};
  static const struct gcb_heap_size three = {.factor = 3}, bytes = {.bytes = 3145728}, two = {.factor = 2};
  struct gcb_store *s = must_open("planted", GCB_STORE_READ);
  const struct {
    gcb_history_filter filter;
    size_t series, nights;
  } rows[] = {
      {{.metrics = wall, .n_metrics = 1, .workloads = trees, .n_workloads = 1}, 2, 120},
      {{.metrics = wall, .n_metrics = 1, .collectors = other, .n_collectors = 1}, 0, 120},
      {{.metrics = wall, .n_metrics = 1, .heaps = &three, .n_heaps = 1}, 4, 120},
      {{.metrics = wall, .n_metrics = 1, .heaps = &bytes, .n_heaps = 1}, 4, 120},
      {{.metrics = wall, .n_metrics = 1, .heaps = &two, .n_heaps = 1}, 0, 120},
      {{.metrics = wall, .n_metrics = 1, .since = "10d"}, 2, 11}, /* before the newest, which counts too */
      {{.metrics = wall, .n_metrics = 1, .since = "2026-08-01"}, 2, 28},
      {{.metrics = wall, .n_metrics = 1, .machine = "no such"}, 0, 120},
      {{.ids = (int64_t[]){1}, .n_ids = 1}, 1, 120},
      {{.ids = (int64_t[]){1, 2, 3}, .n_ids = 3}, 3, 120},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct gcb_history *h = history(s, &rows[i].filter);
    if (h->n_series != rows[i].series || h->n_nights != rows[i].nights)
      print_error("row %zu: %zu series, %zu nights\n", i, h->n_series, h->n_nights);
    assert_true(h->n_series == rows[i].series && h->n_nights == rows[i].nights);
    gcb_history_free(h);
  }
  gcb_store_close(s);
}

static gcb_step_verdict verdict_of_step(struct gcb_store *s) {
  struct gcb_history *h = history(s, &(gcb_history_filter){.metrics = wall, .n_metrics = 1});
  gcb_step_verdict verdict = series_of(h, "trees", "wall_ns")->steps[0].verdict;
  gcb_history_free(h);
  return verdict;
}

static void an_expected_step_is_no_suspect_until_that_is_taken_back(void **state) {
  (void)state;
  struct gcb_store *s = must_open("planted", GCB_STORE_READ);
  int64_t step = gcb_store_find(s, "night-091", why, sizeof why); /* one night off will do */
  int64_t far = gcb_store_find(s, "night-095", why, sizeof why);
  json_t *pattern = json_pack("{s:s}", "workload", "trees"),
         *other = json_pack("{s:s}", "workload", "cycles");
  assert_true(gcb_history_ack(s, other, step, "another workload", why, sizeof why));
  assert_true(gcb_history_ack(s, pattern, far, "another step", why, sizeof why));
  assert_int_equal(verdict_of_step(s), GCB_STEP_SUSPECT);
  assert_true(gcb_history_ack(s, pattern, step, "first words", why, sizeof why));
  assert_true(gcb_history_ack(s, pattern, step, "a deeper tree", why, sizeof why));
  assert_int_equal(verdict_of_step(s), GCB_STEP_ACKNOWLEDGED);
  json_t *acks = gcb_history_acks(s, why, sizeof why);
  assert_int_equal(json_array_size(acks), 3);
  assert_string_equal(word_of(json_array_get(acks, 2), "reason"), "a deeper tree");
  assert_true(gcb_history_unack(s, json_integer_value(json_object_get(json_array_get(acks, 2), "id")), why,
                                sizeof why));
  assert_int_equal(verdict_of_step(s), GCB_STEP_SUSPECT);
  assert_false(gcb_history_unack(s, 77, why, sizeof why));
  expect_part(why, "no acknowledgement 77");
  json_decref(acks);

  struct gcb_history *h = history(s, &(gcb_history_filter){.metrics = wall, .n_metrics = 1});
  json_t *exact = gcb_series_pattern(series_of(h, "trees", "wall_ns"));
  gcb_history_free(h);
  assert_true(gcb_history_ack(s, exact, step, "of this series alone", why, sizeof why));
  assert_int_equal(verdict_of_step(s), GCB_STEP_ACKNOWLEDGED);
  assert_true(gcb_history_unack(s, (int64_t)query(s, "SELECT max(id) FROM acks"), why, sizeof why));
  json_decref(exact);
  json_decref(pattern);
  json_decref(other);
  gcb_store_close(s);
}

static void a_step_that_a_later_one_brought_back_is_undone(void **state) {
  (void)state;
  struct gcb_store *s = must_open("undone", GCB_STORE_WRITE);
  sqlite3_exec(gcb_store_database(s), "PRAGMA synchronous=OFF", NULL, NULL, NULL);
  for (int n = 0; n < 45; n++) {
    char started[40];
    snprintf(started, sizeof started, "2026-%02d-%02dT00:00:00.000Z", 1 + n / 28, 1 + n % 28);
    json_t *run = some_run(NULL, started, "fast");
    measure(run, 0, (n >= 15 && n < 30 ? 1100 : 1000) + n % 3);
    measure(run, 1, (n >= 15 ? 900 : 1000) + n % 3);
    must_import(s, run);
  }
  struct gcb_history *h = history(s, &(gcb_history_filter){.metrics = wall, .n_metrics = 1});
  const gcb_series *trees = series_of(h, "trees", "wall_ns"), *cycles = series_of(h, "cycles", "wall_ns");
  assert_int_equal(trees->n_steps, 2);
  assert_int_equal(trees->steps[0].verdict, GCB_STEP_UNDONE);
  assert_int_equal(trees->steps[1].verdict, GCB_STEP_BETTER);
  assert_int_equal(cycles->n_steps, 1);
  assert_int_equal(cycles->steps[0].verdict, GCB_STEP_BETTER);
  gcb_history_free(h);
  gcb_store_close(s);
}

static void the_sides_of_a_comparison_are_no_nights(void **state) {
  (void)state;
  struct gcb_store *s = must_open("sides", GCB_STORE_WRITE);
  json_t *run = a_measured_run(NULL, NULL, "fast");
  json_object_set_new(cell_of(run, 0), "side", json_string("a"));
  must_import(s, run);
  struct gcb_history *h = history(s, &(gcb_history_filter){.metrics = wall, .n_metrics = 1});
  assert_int_equal(h->n_series, 1);
  assert_string_equal(word_of(h->series[0].cell, "workload"), "cycles");
  gcb_history_free(h);
  gcb_store_close(s);
}

static void an_empty_store_has_an_empty_history(void **state) {
  (void)state;
  struct gcb_store *s = must_open("empty", GCB_STORE_WRITE);
  struct gcb_history *h = history(s, &(gcb_history_filter){.since = "90d"});
  assert_int_equal(h->n_nights + h->n_series, 0);
  json_t *document = gcb_history_json(h);
  assert_string_equal(word_of(document, "schema"), "gcbench.history/1");
  json_decref(document);
  gcb_history_free(h);
  gcb_store_close(s);
}

static void a_sparkline_shows_levels_and_keeps_noise_flat(void **state) {
  (void)state;
  char text[GCB_SPARKLINE_SIZE];
  const double y[] = {1, 2, 3, 4, 5, 6, 7, 8}, flat[] = {100, 100.4, 99.8}, one[] = {5}, zero[] = {0, 0};
  assert_string_equal(gcb_sparkline(y, 8, 24, true, text), "▁▂▃▄▅▆▇█");
  assert_string_equal(gcb_sparkline(y, 8, 24, false, text), "_.-~=+*#");
  assert_string_equal(gcb_sparkline(y, 8, 4, false, text), "_-+#"); /* medians of two */
  assert_string_equal(gcb_sparkline(flat, 3, 24, false, text), "~=~");
  assert_string_equal(gcb_sparkline(one, 1, 24, false, text), "=");
  assert_string_equal(gcb_sparkline(zero, 2, 24, false, text), "__");
  assert_string_equal(gcb_sparkline(y, 0, 24, false, text), "");
}

static int plant(void **state) {
  if (enter_folder(state) != 0) return -1;
  plant_nights("planted");
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_planted_step_is_a_suspect_in_the_night_where_it_happened),
      cmocka_unit_test(no_step_is_looked_for_across_a_change_of_machine),
      cmocka_unit_test(any_difference_of_an_exact_metric_is_a_step),
      cmocka_unit_test(a_filter_takes_its_series_and_nights),
      cmocka_unit_test(an_expected_step_is_no_suspect_until_that_is_taken_back),
      cmocka_unit_test(a_step_that_a_later_one_brought_back_is_undone),
      cmocka_unit_test(the_sides_of_a_comparison_are_no_nights),
      cmocka_unit_test(an_empty_store_has_an_empty_history),
      cmocka_unit_test(a_sparkline_shows_levels_and_keeps_noise_flat),
  };
  return cmocka_run_group_tests(tests, plant, leave_folder);
}
