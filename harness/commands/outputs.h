/* The files that a command writes. Each is opened before the command measures anything, so that a file which
 * cannot be written is an error at once; a file is complete at the end or not there (see file.h). */
#ifndef GCB_OUTPUTS_H
#define GCB_OUTPUTS_H

#include "results/export/file.h"
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct gcb_parsed;

typedef struct gcb_output {
  const char *option, *path; /* "--json" and what was given for it, NULL for nothing; both are the caller's */
  gcb_file file;             /* this and the next: of gcb_outputs_begin() */
  const char *command;
} gcb_output;

/* Begins those that have a path. False when one cannot be, or two are one file: told as wrong usage of the
 * command. When one is standard output, all else that is printed there from now on goes to standard error.
 * The caller abandons all of them at its end, whatever this says. */
bool gcb_outputs_begin(gcb_output *outputs, size_t n, const struct gcb_parsed *parsed);
/* Commits one whose content is in o->file.out, whole when `written`; what is not whole is not kept. One
 * without a path is good. False with a sentence on standard error. */
bool gcb_output_commit(gcb_output *o, bool written);
/* The same of a document. */
bool gcb_output_json(gcb_output *o, const json_t *document);
/* What was not committed is forgotten. */
void gcb_outputs_abandon(gcb_output *outputs, size_t n);

#endif
