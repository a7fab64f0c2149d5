/* History as a user reads it, on a store of 120 nights with a known truth; and a bisection in a small
 * repository. */
#include "../unit/planted_nights.h"
#include "shell.h"

#define STORE "--results planted "

static answer history_with(const char *before, const char *arguments, int status) {
  char line[2000];
  answer a;
  snprintf(line, sizeof line, "%s '%s' history %s >out.txt 2>err.txt </dev/null", before, GCB_PROGRAM,
           arguments);
  int ended = system(line);
  a.status = WIFEXITED(ended) ? WEXITSTATUS(ended) : 128 + WTERMSIG(ended);
  a.out = slurp("out.txt");
  a.err = slurp("err.txt");
  expect_status(&a, status);
  return a;
}

static answer history(const char *arguments, int status) {
  return history_with("LC_ALL=C.UTF-8", arguments, status);
}

static void run_words(const char *arguments, int status, const char *out, const char *err) {
  answer a = history(arguments, status);
  if (out) expect_contains(a.out, out);
  if (err) expect_contains(a.err, err);
  answer_free(&a);
}

static void a_suspect_is_told_with_what_to_do_about_it(void **state) {
  (void)state;
  answer a = history(STORE "--metric wall_ns --json h.json", 3);
  expect_contains(a.out, "on 2026-07-30 (run 30): SUSPECT");
  expect_contains(a.out,
                  "gcbench compare --workload trees --param depth=8 --heap 3145728 --metric wall_ns --a "
                  "OLD.so --b gen3 --pairs 20");
  expect_contains(a.out, "built for run 31 of 2026-07-29"); /* numbers go against time there */
  expect_contains(a.out, "gcbench history ack");
  expect_contains(a.out, "cpu_model old processor -> new processor");
  expect_contains(a.out, "█");
  answer_free(&a);
  json_t *document = load("h.json");
  assert_string_equal(word(document, "schema"), "gcbench.history/1");
  assert_int_equal(json_array_size(json_object_get(document, "nights")), 120);
  assert_int_equal(json_array_size(json_object_get(document, "series")), 4);
  json_decref(document);
  a = history_with("LC_ALL=C", STORE "--metric wall_ns", 3);
  for (const char *c = a.out; *c; c++) assert_true((signed char)*c > 0); /* a terminal without UTF-8 */
  answer_free(&a);
}

static void quiet_series_are_all_well(void **state) {
  (void)state;
  run_words(STORE "-w cycles --metric wall_ns,cpu_ns", 0, "No suspect step in 4 series", NULL);
  run_words(STORE "--metric wall_ns --since 2026-08-01", 0, "No suspect", NULL);
}

static int id_of(const char *workload, const char *metric) {
  char line[200];
  snprintf(line, sizeof line, STORE "-w %s --metric %s --since 80d --json id.json", workload, metric);
  answer a = history(line, strcmp(workload, "trees") == 0 || strcmp(metric, "allocated_bytes") == 0 ? 3 : 0);
  answer_free(&a);
  json_t *document = load("id.json");
  int id =
      (int)json_integer_value(json_object_get(json_array_get(json_object_get(document, "series"), 0), "id"));
  json_decref(document);
  return id;
}

static void an_expected_step_is_acknowledged_listed_and_taken_back(void **state) {
  (void)state;
  char line[200];
  snprintf(line, sizeof line, "ack %d " STORE "--reason 'deeper trees'", id_of("trees", "wall_ns"));
  run_words(line, 0, NULL, "acknowledged at run 30");
  run_words(STORE "-w trees --metric wall_ns", 0, "acknowledged", NULL);
  run_words("acks " STORE, 0, "run 30 of 2026-07-30: deeper trees", NULL);
  run_words("unack 1 " STORE, 0, NULL, "taken back");
  run_words(STORE "-w trees --metric wall_ns", 3, "SUSPECT", NULL);
  run_words("ack -w trees -c gen3 --run night-090 --reason all " STORE, 0, NULL, "acknowledged");
  run_words(STORE "-w trees --metric wall_ns,cpu_ns", 0, "acknowledged", NULL);
  run_words("unack 1 " STORE, 0, NULL, NULL);
  run_words("acks " STORE, 0, "nothing is acknowledged", NULL);
}

static void wrong_words_are_named(void **state) {
  (void)state;
  run_words(STORE "-w tree", 2, NULL, "did you mean trees?");
  run_words(STORE "-c gen4", 2, NULL, "did you mean gen3?");
  run_words(STORE "--metric wall", 2, NULL, "did you mean wall_ns");
  run_words(STORE "--since yesterday", 2, NULL, "a date such as");
  run_words(STORE "ak 1", 2, NULL, "did you mean ack?");
  run_words(STORE "ack 1", 2, NULL, "--reason");
  run_words(STORE "ack --reason x", 2, NULL, "--workload and --collector");
  run_words(STORE "ack -w trees --reason x", 2, NULL, "at which run");
  run_words(STORE "ack 1 --reason x --run nothing", 2, NULL, "nothing");
  run_words(STORE "acks 3", 2, NULL, "nothing behind it");
  run_words(STORE "unack", 2, NULL, "gcbench history acks");
  run_words(STORE "--reason x", 2, NULL, "has no use for it");
  run_words(STORE "bisect", 2, NULL, "the number of one series");
  run_words(STORE "999", 5, NULL, "no such series");
  run_words("--results nowhere", 5, NULL, "no store in nowhere");
  char line[200];
  snprintf(line, sizeof line, STORE "bisect %d", id_of("cycles", "allocated_bytes"));
  run_words(line, 2, NULL, "does not judge this metric");
  snprintf(line, sizeof line, STORE "bisect %d", id_of("cycles", "wall_ns"));
  run_words(line, 2, NULL, "0 suspect steps");
}

/* ---- bisect ---- */

/* Compares by what is written in the plug-ins. */
static const char fake_gcbench[] = "#!/bin/sh\n"
                                   "echo \"$*\" >>\"$CALLS\"\n"
                                   "[ \"$(cat good.so)\" = well ] || exit 2\n"
                                   "case $(cat candidate.so):$* in\n"
                                   "well:*) exit 0 ;;\n"
                                   "open:*--rigorous*) exit 0 ;;\n"
                                   "open:* | undecided:*) exit 3 ;;\n"
                                   "crash:*) exit 4 ;;\n"
                                   "nothing:*) exit 5 ;;\n"
                                   "slow:*) exit 1 ;;\n"
                                   "*) exit 2 ;;\n"
                                   "esac\n";

/* Commit by commit, what the build makes of it; "broken" does not build. */
static const char repository[] =
    "set -e; export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1\n"
    "git init -q -b trunk repo; cd repo; git config user.name t; git config user.email t@example.org\n"
    "echo 'read -r word <source; [ $word != broken ] && echo $word >mine.so' >build.sh; echo mine.so "
    ">.gitignore\n"
    "for word in well broken crash undecided nothing open well slow slow slow; do\n"
    "  n=$((n + 1)); printf '%s\\n%s\\n' $word $n >source; git add -A; git commit -qm \"commit $n\"\n"
    "done\n";

static void write_text(const char *path, const char *text) {
  FILE *f = fopen(path, "w");
  assert_non_null(f);
  fputs(text, f);
  fclose(f);
}

static void the_script_finds_the_commit_and_skips_what_cannot_be_judged(void **state) {
  (void)state;
  char line[400];
  snprintf(line, sizeof line, "bisect %d " STORE "--build 'sh build.sh' --plugin mine.so",
           id_of("trees", "wall_ns"));
  answer a = history(line, 0);
  write_text("bisect.sh", a.out);
  answer_free(&a);
  write_text("fake", fake_gcbench);
  assert_int_equal(shell("chmod +x fake; sh -n bisect.sh"), 0);
  assert_int_equal(shell(repository), 0);
  setenv("CALLS", "/dev/null", 1);
  assert_int_equal(shell("cd repo && GCBENCH=$PWD/../fake sh ../bisect.sh 2>../err.txt"), 255);
  char *err = slurp("err.txt");
  expect_contains(err, "no bisection is going on");
  free(err);
  assert_int_equal(shell("cd repo && git bisect start HEAD HEAD~9 >/dev/null && "
                         "CALLS=$PWD/../calls.txt GCBENCH=$PWD/../fake git bisect run sh ../bisect.sh "
                         ">../out.txt 2>../err.txt"),
                   0);
  char *out = slurp("out.txt"), *calls = slurp("calls.txt");
  expect_contains(out, "is the first bad commit");
  expect_contains(out, "commit 8");
  expect_contains(
      calls,
      "compare --no-save --workload trees --param depth=8 --heap 3145728 --metric wall_ns --a ./good.so "
      "--b ./candidate.so --pairs 20");
  free(out);
  free(calls);
  static const struct {
    const char *commit;
    int status;
  } rows[] = {{"HEAD", 1},     {"HEAD~3", 0},   {"HEAD~4", 0},   {"HEAD~5", 125},
              {"HEAD~6", 125}, {"HEAD~7", 125}, {"HEAD~8", 125}, {"HEAD~9", 0}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    snprintf(line, sizeof line,
             "cd repo && git checkout -q trunk; git checkout -q %s && GCBENCH=$PWD/../fake sh "
             "../bisect.sh 2>/dev/null >&2",
             rows[i].commit);
    int status = shell(line);
    if (status != rows[i].status) print_error("%s: %d\n", rows[i].commit, status);
    assert_int_equal(status, rows[i].status);
  }
  assert_int_equal(shell("cd repo && cp ../fake . && GCBENCH=./fake sh ../bisect.sh 2>../err.txt"), 255);
  err = slurp("err.txt");
  expect_contains(err, "install it elsewhere");
  free(err);
  assert_int_equal(
      shell("cd repo && echo strange >source && GCBENCH=$PWD/../fake sh ../bisect.sh 2>/dev/null"), 255);
}

static int plant(void **state) {
  if (enter_scratch(state) != 0) return -1;
  plant_nights("planted");
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_suspect_is_told_with_what_to_do_about_it),
      cmocka_unit_test(quiet_series_are_all_well),
      cmocka_unit_test(an_expected_step_is_acknowledged_listed_and_taken_back),
      cmocka_unit_test(wrong_words_are_named),
      cmocka_unit_test(the_script_finds_the_commit_and_skips_what_cannot_be_judged),
  };
  return cmocka_run_group_tests(tests, plant, leave_scratch);
}
