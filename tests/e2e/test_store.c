/* What a run leaves behind in the store, as a user meets it. */
#include "shell.h"

#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <time.h>

#define SMALL "run -w trees -p depth=8 -i 1 -q "

static answer must(const char *arguments) {
  answer a = gcbench(arguments);
  expect_status(&a, 0);
  return a;
}

static void quietly(const char *arguments) {
  answer a = must(arguments);
  answer_free(&a);
}

/* One sentence for the user: one line, and perhaps the pointer to the help. */
static void expect_refused(const char *arguments, int status, const char *part) {
  answer a = gcbench(arguments);
  expect_status(&a, status);
  expect_contains(a.err, part);
  const char *line = strchr(a.err, '\n');
  assert_true(line && (!line[1] || strncmp(line + 1, "Try 'gcbench", 12) == 0));
  assert_string_equal(a.out, "");
  answer_free(&a);
}

static void every_run_is_kept_and_found_again(void **state) {
  (void)state;
  answer a = gcbench("run -w trees -p depth=8 -c gen3 -n 2 -i 1 --save first --json first.json");
  expect_status(&a, 0);
  expect_contains(a.err, "kept as run 1 (first) in ./results/gcbench.sqlite");
  answer_free(&a);
  quietly(SMALL "-c marksweep -n 1");
  a = must("results");
  expect_contains(a.out, "first");
  expect_contains(a.out, "marksweep");
  answer_free(&a);
  answer shown = must("results show first"), from_file = must("results show ./first.json");
  assert_string_equal(shown.out, from_file.out);
  answer_free(&shown);
  answer_free(&from_file);
  quietly("export first -o again.json");
  json_t *run = load("first.json"), *again = load("again.json");
  assert_true(json_equal(json_object_get(run, "cells"), json_object_get(again, "cells")));
  json_decref(run);
  json_decref(again);
  quietly("import first.json"); /* is there already */
  a = must("results --json");
  json_t *all = json_loads(a.out, 0, NULL);
  assert_int_equal(json_array_size(all), 2);
  json_decref(all);
  answer_free(&a);
  quietly("results name last second");
  quietly("results delete 1 second");
  a = must("results");
  expect_contains(a.out, "no runs yet");
  answer_free(&a);
  quietly(SMALL "-c gen3 -n 1 --no-save --results none");
  assert_int_equal(access("none", F_OK), -1);
}

static void wrong_words_are_told_before_any_work(void **state) {
  (void)state;
  quietly(SMALL "-c gen3 -n 1 --save taken --results wrong");
  expect_refused(SMALL "-c gen3 --save taken --results wrong", 2, "is called taken already");
  expect_refused(SMALL "-c gen3 --save last --results wrong", 2, "last is no name for a run");
  expect_refused(SMALL "-c gen3 --shard 3/2 --results wrong", 2, "expected K/N");
  expect_refused(SMALL "-c gen3 --shard 2/2 --results wrong", 2, "the plan has fewer cells");
  expect_refused("run --resume taken --results wrong", 2, "nothing of it is missing");
  expect_refused("run --resume nix --results wrong", 2,
                 "no run of the store wrong/gcbench.sqlite is called nix");
  expect_refused("run --resume taken -n 3 --results wrong", 2, "--invocations");
  expect_refused("results show nix --results wrong", 2, "nix");
  expect_refused("results delte 1 --results wrong", 2, "did you mean delete");
  expect_refused("results --results nowhere", 5, "no run was kept there yet");
  expect_refused("export taken --format cvs --results wrong", 2, "no such format");
  expect_refused("import out.txt --results wrong", 2, "is not JSON");
  expect_refused("merge nowhere --into wrong", 5, "nowhere");
}

static void a_store_that_takes_nothing_is_told_before_any_work(void **state) {
  (void)state;
  fclose(fopen("file", "w"));
  expect_refused(SMALL "-c gen3 --results file", 2, "file is a file, not a folder");
  expect_refused(SMALL "-c gen3 --results /proc/gcbench", 2, "cannot be made"); /* not even by root */
  mkdir("newer", 0777);
  quietly(SMALL "-c gen3 -n 1 --results newer");
  FILE *f = fopen("newer/gcbench.sqlite", "r+b"); /* user_version: big-endian at byte 60 */
  fseek(f, 60, SEEK_SET);
  fwrite("\0\0\0\x63", 1, 4, f);
  fclose(f);
  expect_refused(SMALL "-c gen3 --results newer", 2, "newer gcbench");
  expect_refused("results --results newer", 5, "newer gcbench");
  mkdir("damaged", 0777);
  quietly(SMALL "-c gen3 -n 1 --results damaged");
  assert_int_equal(truncate("damaged/gcbench.sqlite", 20000), 0);
  expect_refused(SMALL "-c gen3 --results damaged", 2, "damaged");
  expect_refused("results show last --results damaged", 2, "damaged");
}

/* The store gives out in the middle of a run of 60 invocations: everything is in the JSON, one sentence says
 * so, and what was stored before is sound. */
static void expect_survival(const char *line, const char *cause) {
  answer a;
  char command[4000];
  snprintf(command, sizeof command, line, GCB_PROGRAM);
  int status = system(command);
  a = (answer){WEXITSTATUS(status), slurp("out.txt"), slurp("err.txt")};
  expect_status(&a, 5);
  expect_contains(a.err, cause);
  expect_contains(a.err, "The run goes on");
  assert_null(strstr(strstr(a.err, "The run goes on") + 1, "The run goes on"));
  expect_contains(a.err, "not complete there");
  answer_free(&a);
  json_t *run = load("full.json");
  assert_int_equal(
      json_array_size(json_object_get(json_array_get(json_object_get(run, "cells"), 0), "invocations")), 60);
  json_decref(run);
  quietly("results check --results full");
}

static void a_limit_on_file_sizes_costs_what_is_beyond_it(void **state) {
  (void)state;
  expect_survival("ulimit -f 1200; '%s' run -w trees -p depth=8 -c gen3 -n 60 -i 1 -q --results full "
                  "--json full.json >out.txt 2>err.txt",
                  "a limit on the size of files");
}

static void a_full_disk_costs_what_does_not_fit(void **state) {
  (void)state;
  mkdir("small", 0777);
  if (mount("none", "small", "tmpfs", 0, "size=500k") != 0) {
    print_message(
        "not tested here: no file system may be mounted (%m); test_store_faults has the same failure by a "
        "cap on the pages of the file\n");
    return;
  }
  assert_int_equal(system("rm -rf full && ln -s small full"), 0);
  expect_survival("'%s' run -w trees -p depth=8 -c gen3 -n 60 -i 1 -q --results full --json full.json "
                  ">out.txt 2>err.txt",
                  "the disk is full");
  assert_int_equal(system("head -c 1000000 /dev/zero >small/rest 2>/dev/null; true"), 0);
  expect_refused(SMALL "-c gen3 --results full", 2, "the disk is full");
  assert_int_equal(umount("small"), 0);
}

static pid_t start(const char *const argv[]) {
  pid_t pid = fork();
  if (pid == 0) {
    if (!freopen("out.txt", "w", stdout) || !freopen("err.txt", "w", stderr)) _exit(126);
    execv(GCB_PROGRAM, (char *const *)argv);
    _exit(127);
  }
  return pid;
}

static void wait_until_something_is_stored(const char *folder) {
  struct timespec nap = {0, 50000000};
  char line[200];
  bool some = false;
  snprintf(line, sizeof line, "results --json --results %s", folder);
  while (!some) {
    nanosleep(&nap, NULL);
    answer a = gcbench(line);
    json_t *all = json_loads(a.out, 0, NULL);
    some = json_integer_value(json_object_get(json_array_get(all, 0), "done")) > 2;
    json_decref(all);
    answer_free(&a);
  }
}

static void an_interrupted_run_is_resumed_to_the_run_that_it_would_have_been(void **state) {
  (void)state;
  const char *const argv[] = {"gcbench",        "run",  "-w",     "trees", "-p", "depth=8", "-c",
                              "gen3,marksweep", "-n",   "25",     "-i",    "1",  "-q",      "--latency",
                              "--results",      "torn", "--save", "torn",  NULL};
  pid_t pid = start(argv);
  wait_until_something_is_stored("torn");
  expect_refused("run --resume torn --results torn", 2, "another process is working on run 1");
  kill(pid, SIGTERM);
  int status;
  waitpid(pid, &status, 0);
  assert_int_equal(WEXITSTATUS(status), 130);
  quietly("run --resume torn --results torn -q --json torn.json");
  json_t *run = load("torn.json"), *cell;
  size_t i;
  assert_true(json_is_false(json_object_get(run, "interrupted")));
  json_array_foreach(json_object_get(run, "cells"), i, cell) {
    assert_string_equal(word(cell, "status"), "ok");
    assert_int_equal(json_array_size(json_object_get(cell, "invocations")), 25);
    assert_int_equal(json_array_size(json_object_get(cell, "latency_invocations")), 25);
  }
  json_decref(run);
}

static void a_collector_that_changed_meanwhile_is_not_mixed_in(void **state) {
  (void)state;
  const char *const argv[] = {"gcbench", "run",    "-w", "trees", "-p", "depth=8",   "-c",      "./mine.so",
                              "-n",      "100000", "-i", "1",     "-q", "--results", "changed", NULL};
  char command[1000];
  snprintf(command, sizeof command, "cp '%s/well_behaved.so' mine.so", GCB_PLUGINS);
  assert_int_equal(system(command), 0);
  pid_t pid = start(argv);
  wait_until_something_is_stored("changed");
  kill(pid, SIGKILL);
  waitpid(pid, NULL, 0);
  snprintf(command, sizeof command, "cp '%s/prints.so' mine.so", GCB_PLUGINS);
  assert_int_equal(system(command), 0);
  expect_refused("run --resume last --results changed", 2, "is another than when it began");
}

/* All that is the same every time: what was asked for, and what was computed. */
static json_t *without_times(const char *path) {
  json_t *run = load(path), *cells = json_incref(json_object_get(run, "cells")), *cell, *invocation,
         *iteration;
  static const char *const lasting[] = {"allocated_bytes", "allocated_objects", "ops", "collections"};
  size_t c, i, k;
  json_array_foreach(cells, c, cell) {
    json_object_del(cell, "summary");
    json_array_foreach(json_object_get(cell, "invocations"), i, invocation) {
      json_t *plain = json_pack("{s:O, s:O, s:O, s:[]}", "status", json_object_get(invocation, "status"),
                                "checksum", json_object_get(invocation, "checksum"), "counts",
                                json_object_get(invocation, "counts"), "iterations");
      json_array_foreach(json_object_get(invocation, "iterations"), k, iteration) {
        json_t *values = json_object();
        for (size_t v = 0; v < 4; v++)
          json_object_set(values, lasting[v], json_object_get(iteration, lasting[v]));
        json_array_append_new(json_object_get(plain, "iterations"), values);
      }
      json_array_set_new(json_object_get(cell, "invocations"), i, plain);
    }
  }
  json_decref(run);
  return cells;
}

/* Acceptance 8 of issue 5. */
static void two_halves_merged_are_the_whole(void **state) {
  (void)state;
#define SUITE                                                                                                \
  "run -w trees,cycles -p depth=8 -p nodes=100000 -c gen3,marksweep,rc -H 3x,6x -n 2 -i 2 -s 42 -q --save "  \
  "suite "
  quietly(SUITE "--results whole");
  quietly(SUITE "--shard 1/2 --results half1");
  quietly(SUITE "--shard 2/2 --results half2");
  quietly("merge half2 half1 --into joined");
  quietly("export suite --results whole -o whole.json");
  quietly("export suite --results joined -o joined.json");
  quietly("export suite --results whole -w trees -c rc,gen3 -o some.json");
  json_t *some = load("some.json");
  assert_int_equal(json_array_size(json_object_get(some, "cells")), 4);
  json_decref(some);
  expect_refused("export suite --results whole -c none", 2, "none of its cells");
  json_t *whole = without_times("whole.json"), *joined = without_times("joined.json");
  assert_int_equal(json_array_size(whole), 12);
  for (size_t i = 0; i < 12; i++)
    if (!json_equal(json_array_get(whole, i), json_array_get(joined, i)))
      print_error("cell %zu: %s\n%s\n", i, json_dumps(json_array_get(whole, i), JSON_SORT_KEYS),
                  json_dumps(json_array_get(joined, i), JSON_SORT_KEYS));
  assert_true(json_equal(whole, joined));
  json_decref(whole);
  json_decref(joined);
  answer a = must("merge half2 half1 --into joined"); /* again */
  expect_contains(a.err, "0 shards are new, 1 was here already");
  answer_free(&a);
}

/* Version 0.1.0 kept the store of a clone among its C sources, where 'git clean' deleted it. The program
 * takes a folder for a clone by where its CMake cache says that the sources are. */
static void a_store_in_the_old_place_is_moved_out_of_the_sources(void **state) {
  (void)state;
  assert_int_equal(
      shell("mkdir -p clone/build/release/bin clone/results && cp '" GCB_PROGRAM
            "' clone/build/release/bin/gcbench && ln -s \"$(dirname '" GCB_PROGRAM
            "')/../lib\" clone/build/release/lib && ln -s \"$(dirname '" GCB_PROGRAM
            "')/../share\" clone/build/release/share && echo \"CMAKE_HOME_DIRECTORY:INTERNAL=$PWD/clone\" "
            ">clone/build/release/CMakeCache.txt && echo 'int x;' >clone/results/stats.c"),
      0);
  assert_int_equal(
      shell("clone/build/release/bin/gcbench run -w trees -p depth=8 -c gen3 -n 1 -i 1 -q --results old "
            "--save kept >out && mkdir old/baselines && mv old/* clone/results/"),
      0);
  assert_int_equal(shell("env -u GCBENCH_RESULTS clone/build/release/bin/gcbench results >out 2>err"), 0);
  assert_int_equal(
      shell("grep -q kept out && grep -q 'store of earlier runs was moved from .*clone/results to "
            ".*clone/.gcbench' err"),
      0);
  assert_int_equal(
      shell("test -s clone/.gcbench/gcbench.sqlite && test -d clone/.gcbench/baselines && test \"$(ls "
            "clone/results)\" = stats.c"),
      0);
  assert_int_equal(
      shell("env -u GCBENCH_RESULTS clone/build/release/bin/gcbench results >out 2>err && ! test -s err"), 0);
  /* What is in both places is not lost, nor moved over. */
  assert_int_equal(shell("cp clone/.gcbench/gcbench.sqlite clone/results/ && env -u GCBENCH_RESULTS "
                         "clone/build/release/bin/gcbench results >out 2>err && grep -q 'gcbench merge' err"),
                   0);
}

static void results_among_sources_are_refused(void **state) {
  (void)state;
  assert_int_equal(shell("mkdir -p sources && touch sources/CMakeLists.txt"), 0);
  answer a = gcbench("run -w trees -p depth=8 -c gen3 -n 1 -i 1 -q --results sources");
  expect_status(&a, 2);
  expect_contains(a.err, "sources is a folder of source files");
  answer_free(&a);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_run_is_kept_and_found_again),
      cmocka_unit_test(wrong_words_are_told_before_any_work),
      cmocka_unit_test(a_store_that_takes_nothing_is_told_before_any_work),
      cmocka_unit_test(a_limit_on_file_sizes_costs_what_is_beyond_it),
      cmocka_unit_test(a_full_disk_costs_what_does_not_fit),
      cmocka_unit_test(an_interrupted_run_is_resumed_to_the_run_that_it_would_have_been),
      cmocka_unit_test(a_collector_that_changed_meanwhile_is_not_mixed_in),
      cmocka_unit_test(two_halves_merged_are_the_whole),
      cmocka_unit_test(a_store_in_the_old_place_is_moved_out_of_the_sources),
      cmocka_unit_test(results_among_sources_are_refused),
  };
  return cmocka_run_group_tests(tests, enter_scratch, leave_scratch);
}
