/* A small program with one option of each type, and a way to run a command line of it and see what it said.
 */
#ifndef GCB_TEST_DEMO_PROGRAM_H
#define GCB_TEST_DEMO_PROGRAM_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/options.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

struct demo_settings {
  bool quiet, dry_run;
  const char *json, *mode;
  struct gcb_strings workloads, metrics;
  struct gcb_heap_sizes heaps;
  struct gcb_sweeps params;
  uint64_t threads, repeat, limit, pause, seed;
};

#define DEMO struct demo_settings
static const char *const demo_modes[] = {"throughput", "latency", NULL};
static const char *const demo_metrics[] = {"wall", "cpu", "pauses", NULL};
static const struct gcb_cli_option demo_options[] = {
    {"workload", 'w', GCB_INTO_STRINGS(DEMO, workloads), .argument = "NAME,...", .initial = "tree,cache",
     .help = "workloads to run; 'gcbench list' names them, and each of them says what it models and which "
             "parameters it has"},
    {"heap", 'H', GCB_INTO_HEAP_SIZES(DEMO, heaps), .argument = "SIZE,...", .initial = "1.5x,3x",
     .help = "heap sizes: factors of the live bytes, or bytes"},
    {"param", 'p', GCB_INTO_SWEEPS(DEMO, params), .argument = "KEY=V,...",
     .help = "workload parameters to sweep"},
    {"threads", 't', GCB_INTO_UNSIGNED(DEMO, threads), .argument = "N", .initial = "1", .min = 1, .max = 64,
     .help = "mutator threads"},
    {"repeat", 0, GCB_INTO_UNSIGNED(DEMO, repeat), .argument = "N", .min = 2,
     .help = "invocations of a cell"},
    {"seed", 0, GCB_INTO_SEED(DEMO, seed), .argument = "N", .initial = "0x2a", .help = "seed of the order"},
    {"limit", 0, GCB_INTO_DURATION(DEMO, limit), .argument = "TIME", .initial = "10m", .min = 1000000000,
     .max = 7200000000000, .help = "time for one invocation"},
    {"pause", 0, GCB_INTO_DURATION(DEMO, pause), .argument = "TIME", .help = "time between invocations"},
    {"mode", 0, GCB_INTO_STRING(DEMO, mode), .argument = "MODE", .initial = "throughput",
     .choices = demo_modes, .help = "what is measured"},
    {"metric", 'm', GCB_INTO_STRINGS(DEMO, metrics), .argument = "NAME,...", .choices = demo_metrics,
     .help = "metrics to keep"},
    {"json", 0, GCB_INTO_STRING(DEMO, json), .argument = "FILE", .heading = "Output",
     .help = "write results as JSON"},
    {"quiet", 'q', GCB_INTO_FLAG(DEMO, quiet), .help = "no progress"},
    {"dry-run", 'n', GCB_INTO_FLAG(DEMO, dry_run), .help = "print the plan only"},
};
#undef DEMO

static const struct gcb_command demo_run = {
    .name = "run",
    .summary = "Run workloads on collectors",
    .usage = "[OPTIONS]\n--dry-run [OPTIONS]",
    .description = "Runs every cell in a fresh process.",
    .examples = "gcbench run -w tree --heap 1.5x,3x\ngcbench run -p depth=16,18 --json run.json",
    .options = demo_options,
    .n_options = COUNT(demo_options),
    .settings_size = sizeof(struct demo_settings),
};
static const struct gcb_command demo_compare = {
    .name = "compare",
    .summary = "Compare two runs",
    .usage = "BASE CANDIDATE [OPTIONS]",
    .positionals = {.argument = "RUN", .min = 2, .max = 2, .help = "results to compare"},
};
static const struct gcb_command *const demo_commands[] = {&demo_run, &demo_compare};

static void demo_version(FILE *out) {
  fputs("gcbench 1.2.3\n", out);
}

static struct gcb_program demo = {
    .name = "gcbench",
    .summary = "Benchmarks for garbage collectors",
    .examples = "gcbench run --heap 3x",
    .commands = demo_commands,
    .n_commands = COUNT(demo_commands),
    .version = demo_version,
};

/* Of the latest say(). */
static struct gcb_parsed demo_parsed;
static struct demo_settings *settings;
static char *said_out, *said_err;

static void forget(void) {
  gcb_parsed_free(&demo_parsed);
  free(said_out);
  free(said_err);
  said_out = said_err = NULL;
}

/* The words are copied to memory that is gone after the parse: nothing may point into argv. */
static enum gcb_options_status say_words(const char *const *words) {
  char *argv[32] = {strdup("gcbench")};
  int argc = 1;
  size_t size;

  forget();
  for (; words[argc - 1]; argc++) argv[argc] = strdup(words[argc - 1]);
  demo.out = open_memstream(&said_out, &size);
  demo.err = open_memstream(&said_err, &size);
  enum gcb_options_status status = gcb_options_parse(&demo, argc, argv, &demo_parsed);
  fclose(demo.out);
  fclose(demo.err);
  for (int i = 0; i < argc; i++) free(argv[i]);
  settings = demo_parsed.settings;
  return status;
}

#define say(...)            say_words((const char *const[]){__VA_ARGS__, NULL})
#define assert_accepts(...) assert_true(say(__VA_ARGS__) == GCB_OPTIONS_OK && !*said_out && !*said_err)
#define assert_contains(text, part)                                                                          \
  do {                                                                                                       \
    if (!strstr(text, part)) fail_msg("no '%s' in:\n%s", part, text);                                        \
  } while (0)

/* The whole message of a wrong run command: a sentence, the pointer to the help, and nothing on stdout. */
#define assert_refuses(sentence, ...)                                                                        \
  do {                                                                                                       \
    assert_int_equal(say("run", __VA_ARGS__), GCB_OPTIONS_WRONG);                                            \
    assert_string_equal(said_err, "gcbench run: " sentence "\nTry 'gcbench run --help'.\n");                 \
    assert_string_equal(said_out, "");                                                                       \
    assert_null(settings);                                                                                   \
  } while (0)

static int forget_at_end(void **state) {
  (void)state;
  forget();
  return 0;
}

#endif
