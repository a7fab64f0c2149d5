/* Bytes that are no UTF-8, or control a terminal, by every way into the program: each ends in a result or in
 * a sentence, never in a signal, and neither output holds such bytes. */
#include "shell.h"

/* No byte that is not printable ASCII, a newline, or part of UTF-8: what JSON and terminals take. The table's
 * own UTF-8 is let through; 0xfc, 0xff and the escape are the bytes that the tests bring in. */
static void expect_clean(const char *what, const char *text) {
  if (strpbrk(text, "\xfc\xff\033\a")) print_error("%s let foreign bytes through:\n%s\n", what, text);
  assert_null(strpbrk(text, "\xfc\xff\033\a"));
}

static answer say(const char *arguments, int status) {
  char line[3000];
  snprintf(line, sizeof line, arguments, GCB_PLUGINS, GCB_PLUGINS);
  answer a = gcbench(line);
  expect_status(&a, status);
  expect_clean(arguments, a.out);
  expect_clean(arguments, a.err);
  return a;
}

#define DIES "'%s/last_words_not_utf8.so'"

static void last_words_cost_their_cell_in_every_command(void **state) {
  static const struct {
    const char *arguments, *said; /* what out.txt or err.txt hold */
    int status;
  } commands[] = {
      {"run -w trees -p depth=8 -c " DIES ",marksweep -n 1 -i 1 -q --no-save", "bad \\xfc byte \\x1b[31m", 4},
      {"compare -w trees -p depth=8 --a marksweep --b " DIES " -n 6 --no-save", "bad \\xfc byte", 4},
      {"soak -w trees -p depth=8 -c " DIES " --time 1s", "bad \\xfc byte", 4},
      {"micro -c " DIES " --filter new_init/2", "bad \\xfc byte", 4},
      {"check " DIES " --only objects", "killed by signal 6", 1},
      {"stress -c " DIES " --programs 20", "it printed: bad \\xfc byte", 1},
  };
  (void)state;
  for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
    answer a = say(commands[i].arguments, commands[i].status);
    char *both = NULL;
    assert_true(asprintf(&both, "%s\n%s", a.out, a.err) > 0);
    expect_words(both, commands[i].said);
    free(both);
    answer_free(&a);
  }
}

static void last_words_are_in_the_results_and_other_cells_go_on(void **state) {
  (void)state;
  answer a =
      say("run -w trees -p depth=8 -c " DIES ",marksweep -n 2 -i 1 -q --json run.json --csv run.csv", 4);
  answer_free(&a);
  json_t *r = load("run.json"), *cells = json_object_get(r, "cells");
  assert_string_equal(word(json_array_get(cells, 0), "status"), "crashed");
  expect_contains(word(json_array_get(cells, 0), "reason"), "it printed: bad \\xfc byte \\x1b[31m");
  assert_string_equal(word(json_array_get(cells, 1), "status"), "ok");
  json_decref(r);
  a = say("results show last", 0);
  expect_contains(a.out, "crashed");
  answer_free(&a);
}

static void a_night_goes_on_beside_them(void **state) {
  char suite[1000];
  (void)state;
  FILE *f = fopen("bytes.yaml", "w");
  assert_non_null(f);
  snprintf(suite, sizeof suite,
           "name: bytes\nbudget: 2m\npairs: 6\ncells:\n  - workloads: [trees]\n    params: {depth: [8]}\n"
           "    collectors: [%s/last_words_not_utf8.so]\n",
           GCB_PLUGINS);
  assert_true(fputs(suite, f) >= 0 && fclose(f) == 0);
  answer a = gcbench("nightly bytes.yaml");
  if (a.status == 2 || a.status >= 128) print_error("%d %s\n", a.status, a.err);
  assert_true(a.status != 2 && a.status < 128);
  expect_clean("nightly", a.out);
  expect_clean("nightly", a.err);
  answer_free(&a);
}

static void a_plug_ins_description_and_reason_are_cleaned(void **state) {
  (void)state;
  answer a = say("run -w trees -p depth=8 -c '%s/foreign_words.so' -n 1 -i 1 -q --no-save", 4);
  expect_words(a.out, "bad \\xfc reason \\x1b[31m");
  answer_free(&a);
  a = say("check '%s/foreign_words.so' --only objects", 1);
  expect_contains(a.out, "bad \\xfc summary \\x1b[31m");
  answer_free(&a);
}

/* Words of the command line and of the environment; "\374" is what the shell's printf makes of it. */
static void words_and_paths_of_any_bytes_end_in_a_sentence(void **state) {
  static const struct {
    const char *command, *said;
    int status;
  } ways[] = {
      {"\"$G\" run -w \"$B\" -c marksweep", "not UTF-8", 2},
      {"\"$G\" run -w trees -c \"$B\"", "not UTF-8", 2},
      {"\"$G\" run -w trees -c marksweep -p \"depth=$B\"", "not UTF-8", 2},
      {"\"$G\" run -w trees -c gen3 -o \"nursery=$B\"", "not UTF-8", 2},
      {"\"$G\" run -w trees -c marksweep --save \"$B\"", "not UTF-8", 2},
      {"\"$G\" run -w trees -c marksweep --heap \"$B\"", "not UTF-8", 2},
      {"\"$G\" run -w trees -c marksweep --slo \"$B\"", "not UTF-8", 2},
      {"\"$G\" results show \"$B\"", "not UTF-8", 2},
      {"\"$G\" \"$B\"", "unknown command", 2},
      {"\"$G\" run \"--$B\"", "unknown option", 2},
      {"\"$G\" import \"$B\"", "cannot open", 2},
      {"cp '" GCB_PLUGINS "/segfaults.so' \"$B.so\"; \"$G\" check \"./$B.so\"", "not UTF-8", 2},
      {"mkdir \"$B\"; cp '" GCB_PLUGINS
       "/segfaults.so' \"$B/a.so\"; cd \"$B\"; \"$G\" run -w trees -c ./a.so",
       "is not UTF-8", 2},
      {"mkdir -p \"t$B\"; TMPDIR=\"t$B\" \"$G\" run -w trees -p depth=8 -c marksweep", "UTF-8", 2},
      {"GCBENCH_RESULTS=\"r$B\" \"$G\" run -w trees -p depth=8 -c marksweep -n 1 -i 1", "kept as run 1", 0},
      {"\"$G\" run -w trees -p depth=8 -c marksweep -n 1 -i 1 --no-save --json \"$B.json\" && "
       "cp \"$B.json\" plain.json && echo made >&2",
       "made", 0},
      {"printf 'a: \\374' >\"$B.yaml\"; \"$G\" nightly \"$B.yaml\"", "yaml", 2},
      {"printf '{\"a\": \"\\374\"}' >bad.json; \"$G\" import bad.json", "not JSON", 2},
  };
  (void)state;
  for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
    char command[3000];
    answer a;
    snprintf(command, sizeof command,
             "G='%s'; B=$(printf 'b\\374\\033d'); (%s) >out.txt 2>err.txt </dev/null", GCB_PROGRAM,
             ways[i].command);
    int status = system(command);
    a.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    a.out = slurp("out.txt");
    a.err = slurp("err.txt");
    if (a.status != ways[i].status) print_error("%s\n", ways[i].command);
    expect_status(&a, ways[i].status);
    expect_clean(ways[i].command, a.out);
    expect_clean(ways[i].command, a.err);
    expect_contains(a.err, ways[i].said);
    answer_free(&a);
  }
  json_t *run = load("plain.json"); /* its record of the command has the name, cleaned */
  json_decref(run);
}

static void a_document_from_elsewhere_is_cleaned(void **state) {
  (void)state;
  answer a = say("run -w trees -p depth=8 -c marksweep -n 1 -i 1 -q --no-save --json in.json", 0);
  answer_free(&a);
  assert_int_equal(system("sed 's/\"collector\": \"marksweep\"/\"collector\": \"m\\\\u001b[31m\\\\u0007\"/' "
                          "in.json >odd.json"),
                   0);
  static const char *const readers[] = {"import odd.json --save odd", "results show odd",
                                        "compare in.json odd.json --a marksweep --b 'm\\x1b[31m\\x07'",
                                        "export odd --format csv"};
  for (size_t i = 0; i < sizeof readers / sizeof *readers; i++) {
    a = gcbench(readers[i]);
    assert_true(a.status < 128);
    expect_clean(readers[i], a.out);
    expect_clean(readers[i], a.err);
    answer_free(&a);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(last_words_cost_their_cell_in_every_command),
      cmocka_unit_test(last_words_are_in_the_results_and_other_cells_go_on),
      cmocka_unit_test(a_night_goes_on_beside_them),
      cmocka_unit_test(a_plug_ins_description_and_reason_are_cleaned),
      cmocka_unit_test(words_and_paths_of_any_bytes_end_in_a_sentence),
      cmocka_unit_test(a_document_from_elsewhere_is_cleaned),
  };
  return cmocka_run_group_tests(tests, enter_scratch, leave_scratch);
}
