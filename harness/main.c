/* gcbench: the command line, and the hidden words by which it starts itself as a child. */
#include "cli/standard.h"
#include "commands/command_version.h"
#include "machine/interrupt.h"
#include "machine/process.h"
#include "machine/trouble.h"
#include "measure/invocation.h"
#include "micro/micro.h"
#include "plan/catalog.h"
#include "results/store/store.h"
#include "results/text/screen.h"
#include "runtime/crash.h"
#include "stress/worker.h"
#include <fcntl.h>
#include <unistd.h>

static const struct gcb_command *const commands[] = {
#define X(name) &gcb_command_##name,
    GCB_COMMANDS(X)
#undef X
};
static gcb_exit (*const actions[])(const struct gcb_parsed *, int, char *const *) = {
#define X(name) gcb_##name,
    GCB_COMMANDS(X)
#undef X
};

/* Words that only the program knows, for the completions of shells. */
static const struct gcb_listing listings[] = {
    {"workload", "list workloads", NULL, false},
    {"collector", "list collectors", NULL, false},
    {"metric", "list metrics", NULL, false},
    {"COLLECTOR", "list collectors", NULL, true},
    {"RUN", NULL, "last last~1 last~2", true},
    {"SHELL", NULL, "bash zsh fish", false},
    {"WHAT", NULL, "workloads collectors metrics", false},
};

static const char *const clone_commands[] = {
    "setup", "Install missing packages and build; --all: the tests and all runtimes too", "selftest",
    "Build and run the tests", NULL};

const struct gcb_program gcb_program = {
    .name = "gcbench",
    .summary = "Measures garbage collectors, and tries to break them",
    .examples = "gcbench list\n"
                "gcbench run --workload cycles --collector gen3\n"
                "gcbench run -w trees -c gen3,marksweep,semispace --heap 1.5x,3x --json trees.json",
    .clone_commands = clone_commands,
    .commands = commands,
    .n_commands = sizeof commands / sizeof *commands,
    .listings = listings,
    .n_listings = sizeof listings / sizeof *listings,
    .version = gcb_version_print,
};

static json_t *describe(const json_t *spec) {
  return gcb_describe(json_string_value(spec));
}

static json_t *describe_workload(const json_t *spec) {
  return gcb_describe_workload(json_string_value(spec));
}

/* What this program is asked as a child of itself: a word and a specification as JSON, or a file to describe.
 */
static const struct {
  const char *word;
  json_t *(*answer)(const json_t *spec);
} questions[] = {
    {"describe", describe},
    {"describe-workload", describe_workload},
    {"invoke", gcb_invocation},
    {"micro-invoke", gcb_micro_child},
    {"micro-ratios", gcb_ratios_child},
};
enum { QUESTIONS = sizeof questions / sizeof *questions };

/* What a child is asked: its argument, or, where that is "@", what its parent left on descriptor
 * GCB_ARGUMENT_FD, or, where that is "@FILE", the file. The caller's; NULL with a message. */
static char *asked(const char *word, const char *argument) {
  if (argument[0] != '@') return strdup(argument);
  int fd = argument[1] ? open(argument + 1, O_RDONLY | O_CLOEXEC) : GCB_ARGUMENT_FD;
  char *text = gcb_read_all(fd);
  if (!text) fprintf(stderr, "gcbench %s: %s cannot be read: %m\n", word, argument[1] ? argument + 1 : "@");
  if (fd >= 0) close(fd);
  return text;
}

/* One answer, as JSON on descriptor 3, or on standard output when started by hand. */
static int answer(size_t question, const char *argument) {
  /* Asked before anything else can have opened a descriptor 3 of its own. */
  int fd = fcntl(GCB_ANSWER_FD, F_GETFD) >= 0 ? GCB_ANSWER_FD : STDOUT_FILENO;
  json_error_t error;
  bool plain = questions[question].answer == describe || questions[question].answer == describe_workload;
  json_t *spec = plain ? json_string(argument) : json_loads(argument, 0, &error);
  if (!spec) {
    fprintf(stderr, "gcbench %s: not JSON: %s\n", questions[question].word, error.text);
    return GCB_EXIT_USAGE;
  }
  json_t *result = questions[question].answer(spec);
  bool good = result && json_dumpfd(result, fd, fd == STDOUT_FILENO ? JSON_INDENT(1) : JSON_COMPACT) == 0;
  json_decref(result);
  json_decref(spec);
  /* A module may have left threads or exit handlers behind that must not spoil what is already told. */
  fflush(NULL);
  _exit(good ? GCB_EXIT_OK : GCB_EXIT_NOTHING);
}

int main(int argc, char **argv) {
  struct gcb_parsed parsed;
  if (!gcb_standard_begin()) return GCB_EXIT_NOTHING;
  bool child = argc == 3 && strcmp(argv[1], "stress-worker") == 0;
  for (size_t i = 0; argc == 3 && i < QUESTIONS; i++) child |= strcmp(argv[1], questions[i].word) == 0;
  char *argument = child ? asked(argv[1], argv[2]) : NULL;
  if (child && !argument) return GCB_EXIT_NOTHING;
  if (child) gcb_crash_watch();
  if (child && strcmp(argv[1], "stress-worker") == 0) /* answers in lines, so that a crash loses none */
    _exit(gcb_stress_worker(argument, fcntl(GCB_ANSWER_FD, F_GETFD) >= 0 ? GCB_ANSWER_FD : STDOUT_FILENO));
  for (size_t i = 0; child && i < QUESTIONS; i++)
    if (strcmp(argv[1], questions[i].word) == 0) return answer(i, argument);
  gcb_standard_ignore_signals();
  switch (gcb_options_parse(&gcb_program, argc, argv, &parsed)) {
  case GCB_OPTIONS_HELP:
    return gcb_standard_end() ? GCB_EXIT_OK : GCB_EXIT_NOTHING;
  case GCB_OPTIONS_WRONG:
    return GCB_EXIT_USAGE;
  case GCB_OPTIONS_OK:
    break;
  }
  size_t which = 0;
  while (commands[which] != parsed.command) which++;
  gcb_screen_color(gcb_option_string(&parsed, "color"));
  char said[20000];
  if (gcb_store_move_old(said, sizeof said)) fprintf(stderr, "gcbench: %s\n", said);
  if (!gcb_trouble_files()) return GCB_EXIT_NOTHING;
  if (parsed.command->finishes) gcb_interrupt_watch();
  gcb_exit status = actions[which](&parsed, argc, argv);
  if (gcb_in_trouble())
    status = GCB_EXIT_NOTHING;
  else if (gcb_interrupt_end(parsed.command->name))
    status = GCB_EXIT_INTERRUPTED;
  gcb_parsed_free(&parsed);
  if (!gcb_standard_end() && status == GCB_EXIT_OK) status = GCB_EXIT_NOTHING;
  return status;
}
