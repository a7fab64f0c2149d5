/* gcbench: the command line, and the two hidden words by which it starts itself as a child. */
#include "catalog.h"
#include "command.h"
#include "invocation.h"
#include "process.h"
#include <fcntl.h>
#include <unistd.h>

static const struct gcb_command *const commands[] = {&gcb_command_list, &gcb_command_run,
                                                     &gcb_command_minheap, &gcb_command_doctor};
/* In the same order. */
static gcb_exit (*const actions[])(const struct gcb_parsed *, int, char *const *) = {gcb_list, gcb_run,
                                                                                     gcb_minheap, gcb_doctor};

static void version(FILE *out) {
  fprintf(out, "gcbench %s\n", GCB_VERSION);
}

const struct gcb_program gcb_program = {
    .name = "gcbench",
    .summary = "Measures garbage collectors, and tries to break them",
    .examples = "gcbench list\n"
                "gcbench run --workload cycles --collector gen3\n"
                "gcbench run -w trees -c gen3,marksweep,semispace --heap 1.5x,3x --json trees.json",
    .commands = commands,
    .n_commands = sizeof commands / sizeof *commands,
    .version = version,
};

/* `invoke SPEC` and `describe FILE`: one answer, as JSON on descriptor 3, or on standard output when started
 * by hand. */
static int answer(const char *word, const char *argument) {
  /* Asked before anything else can have opened a descriptor 3 of its own. */
  int fd = fcntl(GCB_ANSWER_FD, F_GETFD) >= 0 ? GCB_ANSWER_FD : STDOUT_FILENO;
  json_error_t error;
  json_t *spec = NULL, *result;
  if (strcmp(word, "invoke") == 0) {
    spec = json_loads(argument, 0, &error);
    if (!spec) {
      fprintf(stderr, "gcbench invoke: not JSON: %s\n", error.text);
      return GCB_EXIT_USAGE;
    }
    result = gcb_invocation(spec);
  } else {
    result = gcb_describe(argument);
  }
  bool good = result && json_dumpfd(result, fd, fd == STDOUT_FILENO ? JSON_INDENT(1) : JSON_COMPACT) == 0;
  json_decref(result);
  json_decref(spec);
  /* A module may have left threads or exit handlers behind that must not spoil what is already told. */
  fflush(NULL);
  _exit(good ? GCB_EXIT_OK : GCB_EXIT_NOTHING);
}

int main(int argc, char **argv) {
  struct gcb_parsed parsed;
  if (argc == 3 && (strcmp(argv[1], "invoke") == 0 || strcmp(argv[1], "describe") == 0))
    return answer(argv[1], argv[2]);
  switch (gcb_options_parse(&gcb_program, argc, argv, &parsed)) {
  case GCB_OPTIONS_HELP:
    return fflush(stdout) == 0 ? GCB_EXIT_OK : GCB_EXIT_NOTHING;
  case GCB_OPTIONS_WRONG:
    return GCB_EXIT_USAGE;
  case GCB_OPTIONS_OK:
    break;
  }
  size_t which = 0;
  while (commands[which] != parsed.command) which++;
  gcb_exit status = actions[which](&parsed, argc, argv);
  gcb_parsed_free(&parsed);
  if (fflush(stdout) != 0 || ferror(stdout)) {
    fprintf(stderr, "gcbench: standard output could not be written: %m\n");
    if (status == GCB_EXIT_OK) status = GCB_EXIT_NOTHING;
  }
  return status;
}
