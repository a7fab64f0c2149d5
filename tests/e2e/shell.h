/* Running the program as a user does, and reading what it says. For the end-to-end tests only. */
#ifndef GCB_TEST_SHELL_H
#define GCB_TEST_SHELL_H

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

typedef struct answer {
  int status; /* exit status; 128 + signal when killed */
  char *out, *err;
} answer;

static inline char *slurp(const char *path) {
  FILE *f = fopen(path, "r");
  if (!f) return strdup("");
  char *text = calloc(1, 1 << 24);
  size_t n = text ? fread(text, 1, (1 << 24) - 1, f) : 0;
  fclose(f);
  if (text) text[n] = 0;
  return text;
}

/* Run `gcbench ARGUMENTS` through the shell; GCB_PROGRAM is the binary of this build. In the test's own
 * scratch folder. */
static inline answer gcbench(const char *arguments) {
  char command[4000];
  answer a;
  snprintf(command, sizeof command, "'%s' %s >out.txt 2>err.txt </dev/null", GCB_PROGRAM, arguments);
  int status = system(command);
  a.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  a.out = slurp("out.txt");
  a.err = slurp("err.txt");
  return a;
}

static inline void answer_free(answer *a) {
  free(a->out);
  free(a->err);
}

/* Expect an exit status, showing what was said when it is another. */
static inline void expect_status(const answer *a, int status) {
  if (a->status != status)
    print_error("expected status %d, was %d; out:\n%s\nerr:\n%s\n", status, a->status, a->out, a->err);
  assert_int_equal(a->status, status);
}

static inline void expect_contains(const char *text, const char *part) {
  if (!strstr(text, part)) print_error("expected to find '%s' in:\n%s\n", part, text);
  assert_non_null(strstr(text, part));
}

/* The same of a text that is broken into lines: any white space stands for any other. */
static inline void expect_words(const char *text, const char *part) {
  char *one = strdup(text), *to = one;
  for (const char *from = text; *from; from++)
    if (!strchr(" \n", *from))
      *to++ = *from;
    else if (to > one && to[-1] != ' ')
      *to++ = ' ';
  *to = 0;
  expect_contains(one, part);
  free(one);
}

static inline json_t *load(const char *path) {
  json_error_t error;
  json_t *j = json_load_file(path, 0, &error);
  if (!j) print_error("%s: %s\n", path, error.text);
  assert_non_null(j);
  return j;
}

static inline const char *word(const json_t *o, const char *key) {
  const char *s = json_string_value(json_object_get(o, key));
  return s ? s : "";
}

/* Run a command; its exit status, or -1. */
static inline int shell(const char *command) {
  int status = system(command);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

/* A folder of its own for each test program, removed at its end. */
static char scratch_folder[] = "/tmp/gcbench-e2e-XXXXXX";
static inline int enter_scratch(void **state) {
  (void)state;
  if (!mkdtemp(scratch_folder) || chdir(scratch_folder) != 0) return -1;
  return setenv("GCBENCH_RESULTS", "./results", 1); /* of the scratch folder */
}
static inline int leave_scratch(void **state) {
  char command[100];
  (void)state;
  snprintf(command, sizeof command, "rm -rf '%s'", scratch_folder);
  return chdir("/") == 0 && system(command) == 0 ? 0 : -1;
}

#endif
