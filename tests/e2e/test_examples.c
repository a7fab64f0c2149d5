/* The examples in the help texts are commands that work: each one parses, every workload, collector,
 * parameter and option in it exists, and what has a --dry-run plans. */
#include "commands/commands.h"
#include "shell.h"
#include <wordexp.h>

static const struct gcb_command *const commands[] = {
#define X(name) &gcb_command_##name,
    GCB_COMMANDS(X)
#undef X
};
enum { COMMANDS = sizeof commands / sizeof *commands };

/* The program as main.c declares it; its own examples are read from `gcbench --help`. */
const struct gcb_program gcb_program = {
    .name = "gcbench", .summary = "", .commands = commands, .n_commands = COMMANDS};

/* Write each value that this option was given as words of `run`. Does the command have it, and was it given?
 */
static bool put_given(FILE *run, const struct gcb_parsed *p, const char *name, const char *as) {
  for (size_t i = 0; i < p->command->n_options; i++) {
    const struct gcb_cli_option *o = &p->command->options[i];
    const void *field = (const char *)p->settings + o->offset;
    if (strcmp(o->name, name) != 0 || !p->given[i]) continue;
    if (o->type == GCB_OPTION_STRING) fprintf(run, " %s '%s'", as, *(const char *const *)field);
    const struct gcb_strings *list = field;
    for (size_t k = 0; o->type == GCB_OPTION_STRINGS && k < list->n; k++)
      fprintf(run, " %s '%s'", as, list->items[k]);
    const struct gcb_sweeps *sweeps = field;
    for (size_t k = 0; o->type == GCB_OPTION_SWEEPS && k < sweeps->n; k++)
      for (size_t v = 0; v < sweeps->items[k].values.n; v++)
        fprintf(run, " %s '%s=%s'", as, sweeps->items[k].key, sweeps->items[k].values.items[v]);
    return true;
  }
  return false;
}

static void plans(const char *arguments) {
  answer a = gcbench(arguments);
  if (a.status != 0) print_error("gcbench %s\n", arguments);
  expect_status(&a, 0);
  answer_free(&a);
}

static bool has_dry_run(const struct gcb_command *c) {
  for (size_t i = 0; i < c->n_options; i++)
    if (strcmp(c->options[i].name, "dry-run") == 0) return true;
  return false;
}

/* One example, from "gcbench" on; a comment, a redirection, a pipe or the end of a substitution is the
 * shell's. */
static void holds(char *example) {
  wordexp_t words;
  struct gcb_parsed p;
  char *text = NULL;
  size_t n;
  example[strcspn(example, ">#)")] = 0;
  if (strstr(example, " | ")) *strstr(example, " | ") = 0;
  assert_int_equal(wordexp(example, &words, WRDE_NOCMD), 0);
  assert_string_equal(words.we_wordv[0], "gcbench");
  if (gcb_options_parse(&gcb_program, (int)words.we_wordc, words.we_wordv, &p) != GCB_OPTIONS_OK)
    fail_msg("this example is no valid command: %s", example);
  FILE *run = open_memstream(&text, &n);
  bool whole = has_dry_run(p.command) && !gcb_option_given(&p, "resume");
  bool names = false;
  if (whole) {
    fprintf(run, "%s --dry-run", example + strlen("gcbench "));
  } else { /* the names in it, as a run that plans them */
    fputs("run --dry-run", run);
    bool workload = put_given(run, &p, "workload", "-w"), collector = put_given(run, &p, "collector", "-c");
    collector |= put_given(run, &p, "a", "-c");
    collector |= put_given(run, &p, "b", "-c");
    names = (workload || collector) && p.positionals.n == 0;
    if (!workload) fputs(" -w trees", run);
    if (!collector) fputs(" -c none", run);
    put_given(run, &p, "param", "-p");
    put_given(run, &p, "option", "-o");
  }
  fclose(run);
  if (whole || names) plans(text);
  free(text);
  gcb_parsed_free(&p);
  wordfree(&words);
}

/* Every example in a help text; their number. */
static size_t examples_of(const char *arguments) {
  answer a = gcbench(arguments);
  expect_status(&a, 0);
  char *at = strstr(a.out, "\nExamples:\n"), *rest = NULL;
  size_t n = 0;
  for (char *line = at ? strtok_r(at + strlen("\nExamples:\n"), "\n", &rest) : NULL;
       line && strncmp(line, "  ", 2) == 0 && strstr(line, "gcbench ");
       line = strtok_r(NULL, "\n", &rest), n++)
    holds(strstr(line, "gcbench "));
  answer_free(&a);
  return n;
}

static void every_example_of_the_program_is_a_valid_command(void **state) {
  (void)state;
  assert_true(examples_of("--help") > 0);
}

static void every_example_of_every_command_is_a_valid_command(void **state) {
  (void)state;
  for (size_t i = 0; i < COMMANDS; i++) {
    char words[100];
    snprintf(words, sizeof words, "%s --help", commands[i]->name);
    if (examples_of(words) == 0 && commands[i]->examples) fail_msg("no example found in: gcbench %s", words);
  }
}

/* The plug-ins that examples name: mine.so is a collector, mine/mine.so a workload. */
static int enter(void **state) {
  return enter_scratch(state) != 0 ||
         shell("cp '" GCB_PLUGINS "/well_behaved.so' mine.so && cp mine.so mycollector.so") != 0 ||
         shell("'" GCB_PROGRAM "' new workload mine >new.txt && make -s -C mine CFLAGS='-O1 " GCB_TEST_FLAGS
               "'") != 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_example_of_the_program_is_a_valid_command),
      cmocka_unit_test(every_example_of_every_command_is_a_valid_command),
  };
  return cmocka_run_group_tests(tests, enter, leave_scratch);
}
