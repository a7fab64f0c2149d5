/* gcbench plot, as a user calls it. */
#include "shell.h"
#include <sys/stat.h>

#define DATA "'" GCB_TEST_DATA "/plots/"
#define TWO  DATA "two.json'"

static void expect(const char *arguments, int status, const char *out, const char *err) {
  answer a = gcbench(arguments);
  expect_status(&a, status);
  if (out) expect_contains(a.out, out);
  if (err) expect_contains(a.err, err);
  answer_free(&a);
}

static size_t size_of(const char *path) {
  struct stat st;
  return stat(path, &st) == 0 ? (size_t)st.st_size : 0;
}

static void list_names_every_kind_with_what_it_needs(void **state) {
  (void)state;
  expect("plot --list", 0, "throughput", NULL);
  expect("plot --list", 0, "--heap 1.5x,2x,3x,6x", NULL);
  expect("plot --list", 0, "topology", NULL);
}

static void the_suffix_decides_on_the_format(void **state) {
  (void)state;
  expect("plot -f " TWO " -k heap -o heap.svg", 0, "heap.svg", NULL);
  expect("plot -f " TWO " -k heap -o heap.png", 0, "heap.png", NULL);
  expect("plot -f " TWO " -k heap -o heap.pdf", 0, "heap.pdf", NULL);
  char *svg = slurp("heap.svg"), *png = slurp("heap.png"), *pdf = slurp("heap.pdf");
  expect_contains(svg, "</svg>");
  assert_memory_equal(png, "\x89PNG", 4);
  assert_memory_equal(pdf, "%PDF", 4);
  free(svg);
  free(png);
  free(pdf);
  expect("plot -f " TWO " -k heap -o heap.jpg", 2, NULL, "ends in .svg, .png or .pdf");
}

static void without_a_file_letters_go_to_the_terminal(void **state) {
  (void)state;
  answer a = gcbench("plot -f " TWO " -k heap");
  expect_status(&a, 0);
  expect_contains(a.out, "markcompact");
  for (char *line = strtok(a.out, "\n"); line; line = strtok(NULL, "\n")) assert_true(strlen(line) < 80);
  answer_free(&a);
}

static void several_figures_get_a_file_each(void **state) {
  (void)state;
  expect("plot -f " TWO " -k throughput -o t.svg", 0, "t-trees-6x.svg", NULL);
  assert_true(size_of("t-trees-1.5x.svg") > 1000 && size_of("t-trees-6x.svg") > 1000);
  assert_true(size_of("t.svg") == 0);
}

static void without_a_kind_the_usual_figures_fill_a_folder(void **state) {
  (void)state;
  expect("plot -f " TWO " -o all/", 0, "all/ratios-3x.svg", NULL);
  assert_true(size_of("all/heap-trees.svg") > 1000 && size_of("all/mmu-trees-3x.svg") > 1000);
}

static void wrong_words_are_named_with_the_nearest(void **state) {
  (void)state;
  expect("plot -k heap --results nowhere", 2, NULL, "nowhere");
  expect("plot -f " TWO " -k heep", 2, NULL, "did you mean heap?");
  expect("plot -f " TWO " -k heap -m wall", 2, NULL, "did you mean wall_ns?");
  expect("plot -f " TWO " -k heap -c gen4", 2, NULL, "there are some of: gen3 markcompact");
  expect("plot -f nowhere.json -k heap", 2, NULL, "nowhere.json");
}

static void what_cannot_be_drawn_says_why(void **state) {
  (void)state;
  expect("plot -f " DATA "empty.json' -k heap", 5, NULL, "empty");
  expect("plot -f " DATA "empty.json' -o none/", 5, NULL, "empty");
  expect("plot -f " DATA "one.json' -k lbo", 5, NULL, "gcbench run -c gen3,marksweep");
}

static void one_sample_is_drawn_as_such(void **state) {
  (void)state;
  expect("plot -f " DATA "one.json' -k throughput", 0, ", n=1", NULL);
}

static void without_gnuplot_it_says_what_to_install(void **state) {
  (void)state;
  char *path = strdup(getenv("PATH"));
  setenv("PATH", "/nonexistent", 1);
  answer a = gcbench("plot -f " TWO " -k heap -o absent.svg");
  setenv("PATH", path, 1);
  free(path);
  expect_status(&a, 5);
  expect_contains(a.err, "apt-get install gnuplot-nox");
  assert_true(size_of("absent.svg") == 0);
  answer_free(&a);
}

static void a_folder_that_takes_nothing_is_named(void **state) {
  (void)state;
  expect("plot -f " TWO " -k heap -o /proc/heap.svg", 5, NULL, "/proc");
}

static void a_run_is_drawn_with_the_memory_that_it_sampled(void **state) {
  (void)state;
  expect("run -w trees -c semispace -n 1 -i 1 --json run.json -q", 0, NULL, NULL);
  json_t *run = json_load_file("run.json", 0, NULL);
  json_t *invocation =
      json_array_get(json_object_get(json_array_get(json_object_get(run, "cells"), 0), "invocations"), 0);
  json_t *iteration = json_array_get(json_object_get(invocation, "iterations"), 0), *sample;
  json_t *memory = json_object_get(iteration, "memory");
  json_int_t last = 0, wall = json_integer_value(json_object_get(iteration, "wall_ns"));
  size_t i;
  assert_true(json_array_size(memory) >= 1 && json_array_size(memory) <= 128);
  json_array_foreach(memory, i, sample) {
    json_int_t at = json_integer_value(json_array_get(sample, 0));
    assert_true(at > last || i == 0);
    assert_true(at <= wall + 1000000000);
    assert_true(json_integer_value(json_array_get(sample, 1)) > 0);
    assert_true(json_integer_value(json_array_get(sample, 2)) <=
                json_integer_value(json_object_get(invocation, "peak_heap_bytes")));
    last = at;
  }
  json_decref(run);
  expect("plot -f run.json", 0, "run-plots/throughput-trees-", NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(list_names_every_kind_with_what_it_needs),
      cmocka_unit_test(the_suffix_decides_on_the_format),
      cmocka_unit_test(without_a_file_letters_go_to_the_terminal),
      cmocka_unit_test(several_figures_get_a_file_each),
      cmocka_unit_test(without_a_kind_the_usual_figures_fill_a_folder),
      cmocka_unit_test(wrong_words_are_named_with_the_nearest),
      cmocka_unit_test(what_cannot_be_drawn_says_why),
      cmocka_unit_test(one_sample_is_drawn_as_such),
      cmocka_unit_test(without_gnuplot_it_says_what_to_install),
      cmocka_unit_test(a_folder_that_takes_nothing_is_named),
      cmocka_unit_test(a_run_is_drawn_with_the_memory_that_it_sampled),
  };
  return cmocka_run_group_tests(tests, enter_scratch, leave_scratch);
}
