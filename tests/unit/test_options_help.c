#include "demo_program.h"

#define RUN_USAGE                                                                                            \
  "Usage: gcbench run [OPTIONS]\n       gcbench run --dry-run [OPTIONS]\n\nRun workloads on collectors\n"

static size_t widest_line(const char *text) {
  size_t widest = 0;
  while (*text) {
    size_t n = strcspn(text, "\n");
    if (n > widest) widest = n;
    text += n + (text[n] == '\n');
  }
  return widest;
}

static void help_has_usage_options_and_examples(void **state) {
  (void)state;
  assert_int_equal(say("run", "--help"), GCB_OPTIONS_HELP);
  assert_string_equal(said_err, "");
  assert_string_equal(
      said_out, RUN_USAGE
      "\n"
      "Runs every cell in a fresh process.\n"
      "\n"
      "Options:\n"
      "  -w, --workload NAME,...  workloads to run; 'gcbench list' names them, and each of them says what\n"
      "                           it models and which parameters it has [default: tree,cache]\n"
      "  -H, --heap SIZE,...      heap sizes: factors of the live bytes, or bytes [default: 1.5x,3x]\n"
      "  -p, --param KEY=V,...    workload parameters to sweep\n"
      "  -t, --threads N          mutator threads [default: 1]\n"
      "      --repeat N           invocations of a cell\n"
      "      --seed N             seed of the order [default: 0x2a]\n"
      "      --limit TIME         time for one invocation [default: 10m]\n"
      "      --pause TIME         time between invocations\n"
      "      --mode MODE          what is measured [one of: throughput, latency] [default: throughput]\n"
      "  -m, --metric NAME,...    metrics to keep [one of: wall, cpu, pauses]\n"
      "  -h, --help               print this help\n"
      "\n"
      "Output:\n"
      "      --json FILE          write results as JSON\n"
      "  -q, --quiet              no progress\n"
      "  -n, --dry-run            print the plan only\n"
      "\n"
      "Examples:\n"
      "  gcbench run -w tree --heap 1.5x,3x\n"
      "  gcbench run -p depth=16,18 --json run.json\n");
}

static void help_shows_positional_arguments(void **state) {
  (void)state;
  assert_int_equal(say("compare", "-h"), GCB_OPTIONS_HELP);
  assert_string_equal(said_out, "Usage: gcbench compare BASE CANDIDATE [OPTIONS]\n"
                                "\n"
                                "Compare two runs\n"
                                "\n"
                                "Arguments:\n"
                                "  RUN...      results to compare\n"
                                "\n"
                                "Options:\n"
                                "  -h, --help  print this help\n");
}

static void help_is_the_same_in_every_spelling(void **state) {
  (void)state;
  say("run", "--help");
  char *help = strdup(said_out);
  const char *const *lines[] = {
      (const char *const[]){"run", "-h", NULL},
      (const char *const[]){"run", "-qh", NULL},
      (const char *const[]){"run", "--heap", "3x", "--help", NULL},
      (const char *const[]){"help", "run", NULL},
      (const char *const[]){"--help", "run", NULL},
  };
  for (size_t i = 0; i < COUNT(lines); i++) {
    assert_int_equal(say_words(lines[i]), GCB_OPTIONS_HELP);
    assert_string_equal(said_out, help);
  }
  free(help);
}

static void help_fits_a_narrow_terminal(void **state) {
  (void)state;
  static const unsigned widths[] = {40, 60, 80, 100};
  for (size_t i = 0; i < COUNT(widths); i++) {
    demo.columns = widths[i];
    say("run", "--help");
    /* Examples are commands to copy, and stay whole. */
    *strstr(said_out, "\nExamples:") = '\0';
    assert_in_range(widest_line(said_out), 20, widths[i]);
    say("--help");
    *strstr(said_out, "\nExamples:") = '\0';
    assert_in_range(widest_line(said_out), 20, widths[i]);
  }
  demo.columns = 0;
}

static void help_is_never_wider_than_100_columns(void **state) {
  (void)state;
  demo.columns = 500;
  say("run", "--help");
  demo.columns = 0;
  assert_in_range(widest_line(said_out), 80, 100);
}

static void no_line_of_help_ends_in_a_blank(void **state) {
  (void)state;
  demo.columns = 40;
  say("run", "--help");
  demo.columns = 0;
  assert_null(strstr(said_out, " \n"));
}

static void the_top_level_help_lists_the_commands(void **state) {
  (void)state;
  assert_int_equal(say("--help"), GCB_OPTIONS_HELP);
  assert_string_equal(said_out, "Usage: gcbench COMMAND [OPTIONS]\n"
                                "\n"
                                "Benchmarks for garbage collectors\n"
                                "\n"
                                "Commands:\n"
                                "  run      Run workloads on collectors\n"
                                "  compare  Compare two runs\n"
                                "\n"
                                "Options:\n"
                                "  -h, --help     print this help\n"
                                "  -V, --version  print the version\n"
                                "\n"
                                "Examples:\n"
                                "  gcbench run --heap 3x\n"
                                "\n"
                                "'gcbench COMMAND --help' explains a command.\n");
  assert_int_equal(say("help"), GCB_OPTIONS_HELP);
  assert_int_equal(say("-h"), GCB_OPTIONS_HELP);
}

static void no_command_is_wrong_and_shows_the_help_on_stderr(void **state) {
  (void)state;
  assert_int_equal(say_words((const char *const[]){NULL}), GCB_OPTIONS_WRONG);
  assert_string_equal(said_out, "");
  assert_contains(said_err, "Usage: gcbench COMMAND");
}

static void the_version_hook_answers(void **state) {
  (void)state;
  assert_int_equal(say("--version"), GCB_OPTIONS_HELP);
  assert_string_equal(said_out, "gcbench 1.2.3\n");
  assert_int_equal(say("-V"), GCB_OPTIONS_HELP);
}

static void assert_top_level_says(const char *sentence, enum gcb_options_status status) {
  assert_int_equal(status, GCB_OPTIONS_WRONG);
  assert_string_equal(said_out, "");
  assert_contains(said_err, sentence);
  assert_contains(said_err, "\nTry 'gcbench --help'.\n");
}

static void an_unknown_command_gets_the_nearest(void **state) {
  (void)state;
  assert_top_level_says("gcbench: rnu: unknown command; did you mean run?\n", say("rnu", "--heap", "3x"));
  assert_top_level_says("gcbench: comp: unknown command; did you mean compare?\n", say("comp"));
  assert_top_level_says("gcbench: frobnicate: unknown command\n", say("frobnicate"));
  assert_top_level_says("gcbench: '': unknown command\n", say(""));
  assert_top_level_says("gcbench: rnu: unknown command; did you mean run?\n", say("help", "rnu"));
  assert_top_level_says("gcbench: now: unexpected argument; write gcbench help run\n",
                        say("help", "run", "now"));
}

static void an_option_before_the_command_is_placed(void **state) {
  (void)state;
  assert_top_level_says(
      "gcbench: --heap: an option before the command; write the command first, such as gcbench run "
      "--heap\n",
      say("--heap=3x", "run"));
  assert_top_level_says("gcbench: --versoin: unknown option; did you mean --version?\n", say("--versoin"));
  assert_top_level_says("gcbench: -x: unknown option\n", say("-x"));
}

static void a_command_reports_its_own_errors_alike(void **state) {
  (void)state;
  char *text;
  size_t size;
  demo.err = open_memstream(&text, &size);
  assert_int_equal(
      gcb_options_wrong(&demo, &demo_run, "--workload", "tre", "unknown; did you mean %s?", "tree"),
      GCB_OPTIONS_WRONG);
  fclose(demo.err);
  assert_string_equal(
      text, "gcbench run: --workload tre: unknown; did you mean tree?\nTry 'gcbench run --help'.\n");
  free(text);
}

static void sound_tables_have_no_faults(void **state) {
  (void)state;
  assert_int_equal(gcb_program_faults(&demo, stderr), 0);
}

static void each_fault_of_the_tables_is_found(void **state) {
  (void)state;
#define AT GCB_INTO_STRING(struct demo_settings, json)
  static const struct gcb_cli_option faulty[] = {
      {"json", 'j', AT, .argument = "FILE", .help = "x"},
      {"json", 'k', AT, .argument = "FILE", .help = "name twice"},
      {"other", 'j', AT, .argument = "FILE", .help = "letter twice"},
      {"help", 0, AT, .argument = "FILE", .help = "reserved"},
      {"bare", 0, AT, .help = "no argument"},
      {"--dashed", 0, AT, .argument = "FILE", .help = "dashes"},
      {"mute", 0, AT, .argument = "FILE"},
      {"flag", 0, GCB_INTO_FLAG(struct demo_settings, quiet), .argument = "X",
       .help = "flag with an argument"},
      {"heap", 0, GCB_INTO_HEAP_SIZES(struct demo_settings, heaps), .argument = "S", .initial = "3y",
       .help = "x"},
      {"range", 0, GCB_INTO_UNSIGNED(struct demo_settings, threads), .argument = "N", .min = 2, .max = 1,
       .help = "x"},
      {"away", 0, .type = GCB_OPTION_SEED, .offset = sizeof(struct demo_settings), .argument = "N",
       .help = "x"},
  };
  const struct gcb_command command = {.name = "run",
                                      .summary = "s",
                                      .usage = "u",
                                      .options = faulty,
                                      .n_options = COUNT(faulty),
                                      .settings_size = sizeof(struct demo_settings)};
  const struct gcb_command *const commands[] = {&command};
  const struct gcb_program program = {.name = "p", .summary = "s", .commands = commands, .n_commands = 1};
  char *text;
  size_t size;
  FILE *err = open_memstream(&text, &size);
  unsigned faults = gcb_program_faults(&program, err);
  fclose(err);
  if (faults != COUNT(faulty) - 1) fail_msg("%u faults:\n%s", faults, text);
  assert_contains(text, "run --heap: the default is not valid");
  free(text);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(help_has_usage_options_and_examples),
      cmocka_unit_test(help_shows_positional_arguments),
      cmocka_unit_test(help_is_the_same_in_every_spelling),
      cmocka_unit_test(help_fits_a_narrow_terminal),
      cmocka_unit_test(help_is_never_wider_than_100_columns),
      cmocka_unit_test(no_line_of_help_ends_in_a_blank),
      cmocka_unit_test(the_top_level_help_lists_the_commands),
      cmocka_unit_test(no_command_is_wrong_and_shows_the_help_on_stderr),
      cmocka_unit_test(the_version_hook_answers),
      cmocka_unit_test(an_unknown_command_gets_the_nearest),
      cmocka_unit_test(an_option_before_the_command_is_placed),
      cmocka_unit_test(a_command_reports_its_own_errors_alike),
      cmocka_unit_test(sound_tables_have_no_faults),
      cmocka_unit_test(each_fault_of_the_tables_is_found),
  };
  return cmocka_run_group_tests(tests, NULL, forget_at_end);
}
