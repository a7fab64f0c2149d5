/* gcbench completions: what a shell needs to complete the words of this program. */
#include "commands/commands.h"
#include <string.h>

const struct gcb_command gcb_command_completions = {
    .name = "completions",
    .summary = "Print the script by which bash, zsh or fish completes these commands",
    .usage = "SHELL",
    .description =
        "An installation has these scripts where the shells look for them. In a clone, load one by "
        "hand.\nExit status: 0 all well; 2 wrong usage.",
    .examples = "source <(gcbench completions bash)\n"
                "gcbench completions fish > ~/.config/fish/completions/gcbench.fish",
    .positionals = {"SHELL", 1, 1, "bash, zsh or fish"},
    .settings_size = 1,
};

gcb_exit gcb_completions(const struct gcb_parsed *parsed, int argc, char *const argv[]) {
  (void)argc, (void)argv;
  const char *shell = parsed->positionals.items[0];
  gcb_completion *write = gcb_completion_for(shell);
  if (!write) {
    gcb_options_wrong(&gcb_program, parsed->command, NULL, shell,
                      "not a shell with completions here: bash, zsh or fish");
    return GCB_EXIT_USAGE;
  }
  write(&gcb_program, stdout);
  return GCB_EXIT_OK;
}
