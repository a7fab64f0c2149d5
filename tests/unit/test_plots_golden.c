/* Every kind draws from the stored documents what it drew before: the first figure of each, its data and
 * settings, are in tests/data/plots/golden; pictures of a few too. After a change that is meant,
 * GCB_WRITE_GOLDEN=1 writes them anew: look at the difference, and at the picture. */
#include "plot_documents.h"
#include "plots/figure/plots.h"
#include "results/export/file.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
  const char *kind, *document;
  bool picture;
} golden[] = {
    {"throughput", "two", true}, {"ratios", "two", true},       {"heap", "two", true},
    {"heap-lbo", "two", false},  {"pareto", "two", false},      {"lbo", "two", false},
    {"lbo-split", "two", false}, {"pauses", "one", true},       {"cdf", "one", false},
    {"timeline", "one", false},  {"mmu", "two", false},         {"latency", "two", false},
    {"memory", "two", false},    {"survival", "cards", true},   {"sweep", "sweep", false},
    {"contour", "sweep", true},  {"history", "history", false}, {"topology", "one", false},
};
enum { GOLDEN = sizeof golden / sizeof *golden };

static gcb_plots *first_figure(size_t which) {
  char why[1024];
  json_t *d = document(golden[which].document);
  gcb_plots *plots = gcb_plots_open();
  assert_int_equal(gcb_plots_add(plots, d, &(gcb_plot_request){.kind = golden[which].kind}, why, sizeof why),
                   GCB_PLOT_ADDED);
  while (plots->n > 1) gcb_figure_free(plots->figures[--plots->n]);
  json_decref(d);
  return plots;
}

static char *read_all(const char *path, size_t *size) {
  FILE *in = fopen(path, "rb");
  char *text = calloc(1, 1 << 20);
  *size = in ? fread(text, 1, (1 << 20) - 1, in) : 0;
  if (in) fclose(in);
  return text;
}

static void expect_golden(const char *kind, const char *suffix, const char *text, size_t size) {
  char path[512], why[1024];
  snprintf(path, sizeof path, "%s/plots/golden/%s.%s", GCB_TEST_DATA, kind, suffix);
  if (getenv("GCB_WRITE_GOLDEN")) {
    gcb_file f;
    assert_true(gcb_file_begin(&f, path, why, sizeof why));
    fwrite(text, 1, size, f.out);
    assert_true(gcb_file_commit(&f, true, why, sizeof why));
  }
  size_t n;
  char *expected = read_all(path, &n);
  if (n != size || memcmp(expected, text, n) != 0) {
    size_t at = 0;
    while (at < n && at < size && expected[at] == text[at]) at++;
    print_error("%s differs at byte %zu: expected\n%.200s\nwas\n%.200s\n", path, at, expected + at,
                text + at);
  }
  assert_int_equal(n, size);
  assert_memory_equal(expected, text, n);
  free(expected);
}

static void every_kind_has_a_golden_figure(void **state) {
  (void)state;
  for (size_t k = 0; k < gcb_n_plot_kinds; k++) {
    size_t i = 0;
    while (i < GOLDEN && strcmp(golden[i].kind, gcb_plot_kinds[k]->name) != 0) i++;
    if (i == GOLDEN) print_error("no golden figure of %s\n", gcb_plot_kinds[k]->name);
    assert_true(i < GOLDEN);
  }
}

static void data_and_settings_are_what_they_were(void **state) {
  (void)state;
  for (size_t i = 0; i < GOLDEN; i++) {
    gcb_plots *plots = first_figure(i);
    const gcb_figure *f = plots->figures[0];
    expect_golden(golden[i].kind, "tsv", f->data_text, f->data_size);
    expect_golden(golden[i].kind, "set", f->set_text, f->set_size);
    gcb_plots_close(plots);
  }
}

static char *drawn(gcb_plots *plots, gcb_plot_format format, size_t *size) {
  char why[1024] = "";
  bool good = gcb_plots_draw(plots, format, why, sizeof why);
  if (!good) print_error("%s\n", why);
  assert_true(good);
  char *text = gcb_plots_take(plots, 0, size);
  assert_non_null(text);
  return text;
}

static void pictures_are_what_they_were(void **state) {
  (void)state;
  for (size_t i = 0; i < GOLDEN; i++) {
    size_t size;
    if (!golden[i].picture) continue;
    gcb_plots *plots = first_figure(i);
    char *svg = drawn(plots, GCB_PLOT_SVG, &size);
    expect_golden(golden[i].kind, "svg", svg, size);
    free(svg);
    gcb_plots_close(plots);
  }
}

/* Every kind, as it is in one page, by processes that started at different times. */
static gcb_plots *draw_some(gcb_plot_format format) {
  char why[1024] = "";
  gcb_plots *plots = gcb_plots_open();
  bool slow = format == GCB_PLOT_PNG || format == GCB_PLOT_PDF;
  for (size_t i = slow ? GOLDEN - 3 : 0; i < GOLDEN; i++) {
    static const char *const only[] = {"trees"};
    json_t *d = document(golden[i].document);
    gcb_plots_add(plots, d, &(gcb_plot_request){.kind = golden[i].kind, .workloads = only, .n_workloads = 1},
                  why, sizeof why);
    json_decref(d);
  }
  bool good = gcb_plots_draw(plots, format, why, sizeof why);
  if (!good) print_error("%s\n", why);
  assert_true(good);
  assert_true(gcb_plots_count(plots) >= 3);
  return plots;
}

static void the_same_data_makes_the_same_bytes(void **state) {
  (void)state;
  for (int format = GCB_PLOT_SVG; format <= GCB_PLOT_TEXT; format++) {
    gcb_plots *first = draw_some((gcb_plot_format)format);
    if (format == GCB_PLOT_PDF) usleep(1100000); /* its date counts seconds */
    gcb_plots *second = draw_some((gcb_plot_format)format);
    for (size_t i = 0; i < gcb_plots_count(first); i++) {
      size_t a, b;
      char *one = gcb_plots_take(first, i, &a), *two = gcb_plots_take(second, i, &b);
      assert_int_equal(a, b);
      assert_memory_equal(one, two, a);
      assert_null(strstr(one, "GNUPLOT"));
      free(one);
      free(two);
    }
    gcb_plots_close(first);
    gcb_plots_close(second);
  }
}

static void names_inside_a_picture_are_its_own(void **state) {
  (void)state;
  size_t size;
  gcb_plots *plots = first_figure(2);
  char *svg = drawn(plots, GCB_PLOT_SVG, &size);
  for (const char *at = svg; (at = strstr(at, " id=")); at++)
    assert_true(strncmp(at + 5, plots->figures[0]->name, strlen(plots->figures[0]->name)) == 0);
  free(svg);
  gcb_plots_close(plots);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_kind_has_a_golden_figure),
      cmocka_unit_test(data_and_settings_are_what_they_were),
      cmocka_unit_test(pictures_are_what_they_were),
      cmocka_unit_test(the_same_data_makes_the_same_bytes),
      cmocka_unit_test(names_inside_a_picture_are_its_own),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
