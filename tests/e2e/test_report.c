/* What `gcbench report` refuses, and what `run --watch` shows. What reports contain is tested in ../report.
 */
#include "shell.h"
#include <pty.h>

static void refuses(const char *arguments, const char *word, const char *sentence) {
  answer a = gcbench(arguments);
  expect_status(&a, 2);
  assert_string_equal(a.out, "");
  expect_contains(a.err, word);
  expect_contains(a.err, sentence);
  expect_contains(a.err, "Try 'gcbench report --help'");
  answer_free(&a);
}

static void write_text(const char *path, const char *text) {
  FILE *f = fopen(path, "w");
  assert_non_null(f);
  fputs(text, f);
  fclose(f);
}

static void runs_that_are_not_there_are_named(void **state) {
  (void)state;
  refuses("report ./nothere.json", "./nothere.json", "cannot open");
  refuses("report --results empty", "empty", "there is no store");
  refuses("report mine --results empty", "empty", "there is no store");
  write_text("other.json", "{\"schema\": \"gcbench.doctor/1\"}");
  refuses("report ./other.json", "./other.json", "gcbench.run/1");
}

static void a_name_that_is_nearly_right_gets_the_right_one(void **state) {
  (void)state;
  answer a = gcbench("run -w trees -p depth=8 -c gen3 -n 1 -i 1 -q --save mine --results store");
  expect_status(&a, 0);
  answer_free(&a);
  refuses("report mien --results store", "mien", "did you mean mine?");
  refuses("report --base mine --candidate main --results store", "main", "did you mean mine?");
}

static void an_empty_run_is_refused(void **state) {
  (void)state;
  write_text("empty.json", "{\"schema\": \"gcbench.run/1\", \"context\": {}, \"cells\": []}");
  refuses("report ./empty.json", "./empty.json", "there is nothing to report");
  assert_int_not_equal(access("report.html", F_OK), 0);
}

static void words_that_do_not_go_together_are_refused(void **state) {
  (void)state;
  refuses("report last -o report.doc", "report.doc", ".html, .pdf or .md");
  refuses("report last -o report", "report", ".html, .pdf or .md");
  refuses("report --base a.json", "--candidate", "two runs");
  refuses("report --candidate a.json", "--base", "two runs");
  refuses("report c --base a --candidate b", "c", "two runs");
  refuses("report a.json --from b.json", "b.json", "named twice");
}

static void a_file_that_cannot_be_written_is_named_before_anything_is_drawn(void **state) {
  (void)state;
  answer a = gcbench("run -w trees -p depth=8 -c gen3 -n 1 -i 1 -q --no-save --json one.json");
  expect_status(&a, 0);
  answer_free(&a);
  refuses("report ./one.json -o /nowhere/report.html", "/nowhere/report.html", "cannot be written");
  refuses("report ./one.json -o /nowhere/report.pdf", "/nowhere/report.pdf", "cannot be written");
}

static void one_collector_in_one_invocation_makes_a_report_too(void **state) {
  (void)state;
  answer a = gcbench("report ./one.json -o one.md --no-plots");
  expect_status(&a, 0);
  assert_string_equal(a.out, "one.md\n");
  assert_string_equal(a.err, "");
  char *page = slurp("one.md");
  expect_contains(page, "There are no two collectors to compare.");
  expect_contains(page, "--no-plots");
  free(page);
  answer_free(&a);
}

/* ---- run --watch ---- */

#define WATCHED "run -w trees -p depth=15 -c gen3 -n 1 -i 8 --no-save --watch"

/* What the program writes to a terminal of 100 columns on standard error. */
static char *on_a_terminal(const char *command) {
  int master;
  struct winsize size = {.ws_row = 30, .ws_col = 100};
  pid_t pid = forkpty(&master, NULL, NULL, &size);
  assert_true(pid >= 0);
  if (pid == 0) {
    execl("/bin/sh", "sh", "-c", command, (char *)NULL);
    _exit(127);
  }
  char *text = calloc(1, 1 << 20);
  size_t n = 0;
  assert_non_null(text);
  for (ssize_t k; (k = read(master, text + n, (1 << 20) - n - 1)) > 0;) n += (size_t)k;
  close(master);
  int status;
  assert_int_equal(waitpid(pid, &status, 0), pid);
  assert_int_equal(status, 0);
  return text;
}

static void on_a_terminal_the_view_is_drawn_over_itself_and_wiped(void **state) {
  (void)state;
  char *text = on_a_terminal("LC_ALL=C.UTF-8 '" GCB_PROGRAM "' " WATCHED " --json watched.json >out.txt");
  expect_contains(text, "trees on gen3");
  expect_contains(text, "heap ");
  expect_contains(text, "pauses ");
  expect_contains(text, "\033[3A");
  const char *wiped = strstr(text, "\r\033[J");
  for (const char *next = wiped; next; next = strstr(next + 1, "\r\033[J")) wiped = next;
  assert_non_null(wiped);
  if (strstr(wiped, "pauses ")) print_error("left on the terminal: %s\n", wiped);
  assert_null(strstr(wiped, "pauses "));
  free(text);
}

static void elsewhere_it_is_plain_lines(void **state) {
  (void)state;
  answer a = gcbench(WATCHED);
  expect_status(&a, 0);
  expect_contains(a.err, ", longest"); /* of one pause, or of several */
  assert_null(strchr(a.err, '\033'));
  answer_free(&a);
  a = gcbench(WATCHED " --quiet");
  expect_status(&a, 0);
  assert_string_equal(a.err, "");
  answer_free(&a);
}

/* All that does not depend on the clock: checksum, counts, collections. */
static void watching_changes_no_result(void **state) {
  (void)state;
  static const char *const same[] = {"checksum", "counts", "live_bytes", "path", "events"};
  answer a = gcbench("run -w trees -p depth=15 -c gen3 -n 1 -i 8 --no-save -q --json alone.json");
  expect_status(&a, 0);
  answer_free(&a);
  json_t *watched = load("watched.json"), *alone = load("alone.json");
  const json_t *x = json_array_get(json_object_get(watched, "cells"), 0);
  const json_t *y = json_array_get(json_object_get(alone, "cells"), 0);
  x = json_array_get(json_object_get(x, "invocations"), 0);
  y = json_array_get(json_object_get(y, "invocations"), 0);
  for (size_t i = 0; i < sizeof same / sizeof *same; i++)
    assert_true(json_equal(json_object_get(x, same[i]), json_object_get(y, same[i])));
  for (size_t i = 0; i < 8; i++) {
    const json_t *a1 = json_array_get(json_object_get(x, "iterations"), i);
    const json_t *b1 = json_array_get(json_object_get(y, "iterations"), i);
    assert_true(json_equal(json_object_get(a1, "collections"), json_object_get(b1, "collections")));
    assert_true(json_equal(json_object_get(a1, "work"), json_object_get(b1, "work")));
  }
  json_decref(watched);
  json_decref(alone);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(runs_that_are_not_there_are_named),
      cmocka_unit_test(a_name_that_is_nearly_right_gets_the_right_one),
      cmocka_unit_test(an_empty_run_is_refused),
      cmocka_unit_test(words_that_do_not_go_together_are_refused),
      cmocka_unit_test(a_file_that_cannot_be_written_is_named_before_anything_is_drawn),
      cmocka_unit_test(one_collector_in_one_invocation_makes_a_report_too),
      cmocka_unit_test(on_a_terminal_the_view_is_drawn_over_itself_and_wiped),
      cmocka_unit_test(elsewhere_it_is_plain_lines),
      cmocka_unit_test(watching_changes_no_result),
  };
  return cmocka_run_group_tests(tests, enter_scratch, leave_scratch);
}
