/* The subcommands of the program, one file each (command_NAME.c). */
#ifndef GCB_COMMAND_H
#define GCB_COMMAND_H

#include "cli/options.h"

/* What the process ends with; one list for all commands. */
typedef enum gcb_exit {
  GCB_EXIT_OK = 0,
  GCB_EXIT_AGAINST = 1,      /* a verdict against the candidate */
  GCB_EXIT_USAGE = 2,        /* wrong words */
  GCB_EXIT_INCONCLUSIVE = 3, /* or a machine too noisy */
  GCB_EXIT_CELL_FAILED = 4,  /* crash, wrong result, time-out, out of memory where it was not expected */
  GCB_EXIT_NOTHING = 5,      /* nothing measured, or infrastructure missing */
  GCB_EXIT_INTERRUPTED = 130
} gcb_exit;

extern const struct gcb_program gcb_program;

/* The option of every command that reads or writes the store: its folder, see store.h. */
#define GCB_RESULTS_OPTION(option_name, settings, field)                                                     \
  {                                                                                                          \
    option_name, 0, GCB_INTO_STRING(settings, field),                                                        \
        .argument = "DIR",                                                                                   \
        .help = "folder of the store; else $GCBENCH_RESULTS, or .gcbench at the top of the clone "           \
                "(installed: ~/.local/share/gcbench)"                                                        \
  }

/* The option of every command that prints tables or verdicts, see results/text/screen.h. */
extern const char *const gcb_color_words[];
#define GCB_OPTION_COLOR(settings)                                                                           \
  {                                                                                                          \
    "color", 0, GCB_INTO_STRING(settings, color),                                                            \
        .argument = "WHEN", .initial = "auto", .choices = gcb_color_words,                                   \
        .help = "colours in what is printed: auto is on a terminal, unless NO_COLOR is set"                  \
  }

/* Every subcommand, in the order of the help; each has a gcb_command_NAME and a gcb_NAME() in command_NAME.c.
 */
/* clang-format off */
#define GCB_COMMANDS(X) \
  X(list) X(run) X(compare) X(explain) X(nightly) X(report) X(plot) X(minheap) X(micro) X(stress) X(check) X(new_project) X(soak) \
  X(results) X(history) X(merge) X(import) X(export) X(calibrate) X(doctor) X(completions) X(manual) X(version)
/* clang-format on */

#define X(name)                                                                                              \
  extern const struct gcb_command gcb_command_##name;                                                        \
  gcb_exit gcb_##name(const struct gcb_parsed *parsed, int argc, char *const argv[]);
GCB_COMMANDS(X)
#undef X

#endif
