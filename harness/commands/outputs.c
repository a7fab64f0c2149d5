#include "commands/outputs.h"
#include "cli/options.h"
#include "commands/commands.h"
#include "machine/interrupt.h"
#include "results/model/clean.h"
#include <unistd.h>

const char *const gcb_color_words[] = {"auto", "always", "never", NULL};

bool gcb_outputs_begin(gcb_output *outputs, size_t n, const struct gcb_parsed *parsed) {
  char why[4300];
  for (size_t i = 0; i < n; i++) {
    outputs[i].command = parsed->command->name;
    if (!outputs[i].path || gcb_file_begin(&outputs[i].file, outputs[i].path, why, sizeof why)) continue;
    gcb_options_wrong(&gcb_program, parsed->command, outputs[i].option, NULL, "%s", why);
    return false;
  }
  for (size_t i = 0; i < n; i++)
    for (size_t k = 0; k < i; k++)
      if (outputs[i].path && outputs[k].path && gcb_file_same(&outputs[i].file, &outputs[k].file)) {
        gcb_options_wrong(&gcb_program, parsed->command, outputs[i].option, outputs[i].path,
                          "%s already writes this file; name another one", outputs[k].option);
        return false;
      }
  for (size_t i = 0; i < n; i++) /* what else is printed must not be in the middle of it */
    if (outputs[i].path && outputs[i].file.standard) {
      fflush(stdout);
      dup2(STDERR_FILENO, STDOUT_FILENO);
    }
  return true;
}

bool gcb_output_commit(gcb_output *o, bool written) {
  char why[4300];
  if (!o->file.out) return true;
  if (gcb_file_commit(&o->file, written, why, sizeof why)) {
    gcb_interrupt_file(o->file.path);
    return true;
  }
  gcb_print_clean(stderr, "gcbench %s: %s: %s\n", o->command, o->option, why);
  return false;
}

bool gcb_output_json(gcb_output *o, const json_t *document) {
  return !o->file.out || gcb_output_commit(o, json_dumpf(document, o->file.out, JSON_INDENT(1)) == 0);
}

void gcb_outputs_abandon(gcb_output *outputs, size_t n) {
  for (size_t i = 0; i < n; i++) gcb_file_abandon(&outputs[i].file);
}
