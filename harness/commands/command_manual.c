/* gcbench manual: the help as pages of man(1). */
#include "commands/commands.h"
#include "results/export/file.h"
#include "results/model/called.h"
#include <string.h>

typedef struct manual_settings {
  const char *into;
} manual_settings;

static const struct gcb_cli_option options[] = {
    {"into", 0, GCB_INTO_STRING(manual_settings, into), .argument = "DIR",
     .help = "write the pages of all commands into this folder, as gcbench.1, gcbench-run.1 ..."},
};

const struct gcb_command gcb_command_manual = {
    .name = "manual",
    .summary = "Print the help of a command as a page for man",
    .usage = "[COMMAND]\n--into DIR",
    .description = "Exit status: 0 all well; 2 wrong usage; 5 a page could not be written.",
    .examples = "gcbench manual run | man -l -",
    .options = options,
    .n_options = sizeof options / sizeof *options,
    .positionals = {"COMMAND", 0, 1, "which; without it, the page of the whole program"},
    .settings_size = sizeof(manual_settings),
};

static gcb_exit write_page(const char *folder, const struct gcb_command *command) {
  char path[4096];
  snprintf(path, sizeof path, "%s/%s%s%s.1", folder, gcb_program.name, command ? "-" : "",
           command ? command->name : "");
  char why[4400];
  gcb_file file;
  bool good = gcb_file_begin(&file, path, why, sizeof why);
  if (good) {
    gcb_manual_page(&gcb_program, command, GCB_VERSION, file.out);
    good = gcb_file_commit(&file, true, why, sizeof why);
  }
  if (!good) fprintf(stderr, "gcbench manual: %s\n", why);
  return good ? GCB_EXIT_OK : GCB_EXIT_NOTHING;
}

gcb_exit gcb_manual(const struct gcb_parsed *parsed, int argc, char *const argv[]) {
  (void)argc, (void)argv;
  const manual_settings *s = parsed->settings;
  const struct gcb_command *command = NULL;
  const char *word = parsed->positionals.n ? parsed->positionals.items[0] : NULL;
  for (size_t i = 0; word && i < gcb_program.n_commands; i++)
    if (strcmp(gcb_program.commands[i]->name, word) == 0) command = gcb_program.commands[i];
  if (word && (!command || s->into)) {
    gcb_options_wrong(&gcb_program, parsed->command, NULL, word,
                      s->into ? "--into writes the pages of all commands: leave one out"
                              : gcb_as_called("no such command; 'gcbench --help' lists them"));
    return GCB_EXIT_USAGE;
  }
  if (!s->into) {
    gcb_manual_page(&gcb_program, command, GCB_VERSION, stdout);
    return GCB_EXIT_OK;
  }
  gcb_exit status = write_page(s->into, NULL);
  for (size_t i = 0; status == GCB_EXIT_OK && i < gcb_program.n_commands; i++)
    status = write_page(s->into, gcb_program.commands[i]);
  return status;
}
