/* What `gcbench new` writes: the files that it names, and Makefiles that refuse what a compiler by itself
 * lets pass. */
#include "shell.h"
#include <dirent.h>

/* Every file of the folder, hidden ones too, is named in the text, and the text names no other. */
static void names_what_is_there(const char *folder, const char *text) {
  const char *list = strstr(text, "in the files ");
  assert_non_null(list);
  size_t named = 1, there = 0;
  const char *end = strstr(list, ". Next");
  assert_non_null(end);
  for (const char *p = list; p < end; p++) named += *p == ',';
  DIR *d = opendir(folder);
  assert_non_null(d);
  for (struct dirent *e; (e = readdir(d));) {
    if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0) continue;
    expect_contains(list, e->d_name);
    there++;
  }
  closedir(d);
  assert_int_equal(there, named);
}

/* A line of C at the end of the source makes `make` fail with a message that has `part` in it. */
static void refuses(const char *folder, const char *line, const char *part) {
  char command[600];
  snprintf(command, sizeof command, "cp %s/made.c kept && echo '%s' >>%s/made.c", folder, line, folder);
  assert_int_equal(shell(command), 0);
  snprintf(command, sizeof command, "make -s -C %s CFLAGS=-O1 >said 2>&1", folder);
  int status = shell(command);
  char *said = slurp("said");
  if (!status) print_error("made, in spite of: %s\n", line);
  assert_int_not_equal(status, 0);
  expect_contains(said, part);
  const char *error = strstr(said, "error:");
  if (error && strstr(error + 1, "error: ")) print_error("shown more than once:\n%s\n", said);
  assert_true(!error || !strstr(error + 1, "error: ") || strstr(error + 1, "error: ld returned"));
  free(said);
  snprintf(command, sizeof command, "cp kept %s/made.c", folder);
  assert_int_equal(shell(command), 0);
}

static void a_new_collector_names_its_files(void **state) {
  (void)state;
  answer a = gcbench("new collector made --into c");
  expect_status(&a, 0);
  names_what_is_there("c", a.out);
  answer_free(&a);
}

static void a_new_collector_is_not_built_from_undeclared_or_undefined_functions(void **state) {
  (void)state;
  refuses("c", "void odd(void); void odd(void) { not_declared(); }", "implicit declaration of function");
  refuses("c", "void not_defined(void); void odd(void); void odd(void) { not_defined(); }", "not_defined");
}

static void a_new_workload_names_its_files_and_its_makefile_refuses_mistakes(void **state) {
  (void)state;
  answer a = gcbench("new workload made --into w");
  expect_status(&a, 0);
  names_what_is_there("w", a.out);
  answer_free(&a);
  refuses("w", "void odd(void); void odd(void) { not_declared(); }", "implicit declaration of function");
  refuses("w", "void not_defined(void); void odd(void); void odd(void) { not_defined(); }", "not_defined");
}

/* The checksums of all cells are one, and all ended ok. */
static void agree(const char *file, size_t n) {
  json_t *run = load(file), *cells = json_object_get(run, "cells"), *cell;
  size_t i;
  assert_int_equal(json_array_size(cells), n);
  json_array_foreach(cells, i, cell) {
    if (strcmp(word(cell, "status"), "ok") != 0)
      print_error("%s on %s: %s\n", word(cell, "workload"), word(cell, "collector"), word(cell, "reason"));
    assert_string_equal(word(cell, "status"), "ok");
    assert_string_equal(word(cell, "checksum"), word(json_array_get(cells, 0), "checksum"));
  }
  json_decref(run);
}

static void make(const char *folder) {
  char command[300];
  snprintf(command, sizeof command, "make -s -C %s CFLAGS='-O1 %s'", folder, GCB_TEST_FLAGS);
  assert_int_equal(shell(command), 0);
}

/* Functions that are not static, of which there is one a copy, do not meet either. */
static void a_source_of_the_tree_is_a_plug_in_unchanged(void **state) {
  (void)state;
  answer a = gcbench("new workload made --into t");
  expect_status(&a, 0);
  answer_free(&a);
  assert_int_equal(shell("rm t/made.c && cp " GCB_TEST_DATA "/../../workloads/trees.c t/"), 0);
  assert_int_equal(shell("echo 'int shared(void); int shared(void) { return 1; }' >t/more.c"), 0);
  make("t");
  a = gcbench(
      "run -w trees,./t/made.so -p depth=10 -c gen3,rc,marksweep,none -n 1 -i 1 -q --no-save --json t.json");
  expect_status(&a, 0);
  expect_contains(a.out, "./t/made.so");
  answer_free(&a);
  agree("t.json", 8);
  a = gcbench("list workloads -w ./t/made.so");
  expect_status(&a, 0);
  expect_contains(a.out, "-p depth=");
  answer_free(&a);
}

static void a_new_workload_runs_on_every_collector(void **state) {
  (void)state;
  make("w");
  answer a =
      gcbench("run -w ./w/made.so -p records=3000 -p live=500 -c all --mutators 1 -n 1 -i 1 --heap 64M -q "
              "--no-save --json w.json");
  expect_status(&a, 0);
  answer_free(&a);
  json_t *run = load("w.json"), *cells = json_object_get(run, "cells"), *cell;
  size_t i;
  const char *checksum = NULL;
  json_array_foreach(cells, i, cell) {
    if (strcmp(word(cell, "status"), "unsupported") == 0) continue;
    assert_string_equal(word(cell, "status"), "ok");
    if (!checksum) checksum = word(cell, "checksum");
    assert_string_equal(word(cell, "checksum"), checksum);
  }
  json_decref(run);
}

static void workloads_that_do_not_load_cost_a_sentence(void **state) {
  (void)state;
  static const char *const cases[][2] = {
      {"run -w ./nothing.so -c none", "cannot be read"},
      {"run -w " GCB_PLUGINS "/well_behaved.so -c none", "it is a collector, to be named by --collector"},
      {"run -w trees -c ./w/made.so", "it is a workload, to be named by --workload"},
      {"run -w ./crash.so -c none", "killed by signal"},
      {"run -w ./other.so -c none", "exports no symbol gcbench_workload"},
      {"run -w ./old.so -c none", "compile it against this version's headers"},
      {"list workloads -w ./other.so", "exports no symbol gcbench_workload"},
  };
  assert_int_equal(
      shell("echo '__attribute__((constructor)) static void f(void) { __builtin_trap(); }' | "
            "cc -shared -fPIC -x c - -o crash.so && echo 'int x;' | cc -shared -fPIC -x c - -o other.so && "
            "echo 'unsigned gcbench_workload[8] = {1, 8};' | cc -shared -fPIC -x c - -o old.so"),
      0);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    answer a = gcbench(cases[i][0]);
    expect_status(&a, 2);
    expect_contains(a.err, cases[i][1]);
    answer_free(&a);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_new_collector_names_its_files),
      cmocka_unit_test(a_new_collector_is_not_built_from_undeclared_or_undefined_functions),
      cmocka_unit_test(a_new_workload_names_its_files_and_its_makefile_refuses_mistakes),
      cmocka_unit_test(a_source_of_the_tree_is_a_plug_in_unchanged),
      cmocka_unit_test(a_new_workload_runs_on_every_collector),
      cmocka_unit_test(workloads_that_do_not_load_cost_a_sentence),
  };
  return cmocka_run_group_tests(tests, enter_scratch, leave_scratch);
}
