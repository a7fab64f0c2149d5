/* The subcommands of the program, one file each (command_NAME.c). */
#ifndef GCB_COMMAND_H
#define GCB_COMMAND_H

#include "options.h"

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
extern const struct gcb_command gcb_command_run, gcb_command_list, gcb_command_minheap, gcb_command_doctor;

gcb_exit gcb_run(const struct gcb_parsed *parsed, int argc, char *const argv[]);
gcb_exit gcb_minheap(const struct gcb_parsed *parsed, int argc, char *const argv[]);
gcb_exit gcb_doctor(const struct gcb_parsed *parsed, int argc, char *const argv[]);
gcb_exit gcb_list(const struct gcb_parsed *parsed, int argc, char *const argv[]);

#endif
