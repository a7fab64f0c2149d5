/* Files that are whole or not there: written under a temporary name in the same folder, synced, renamed. */
#ifndef GCB_FILE_H
#define GCB_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

typedef struct gcb_file {
  FILE *out; /* write here */
  char path[4096], temporary[4112];
} gcb_file;

/* Begin to write `path`. False with a sentence when the folder does not take it; then nothing is there to
 * undo. */
bool gcb_file_begin(gcb_file *f, const char *path, char *why, size_t why_size);
/* Sync and rename into place what was `written` whole, as its writer says. False with a sentence (disk full,
 * no memory, ..): the old file, if any, is as it was, and nothing is there to undo. */
bool gcb_file_commit(gcb_file *f, bool written, char *why, size_t why_size);
/* Forget it. After a commit or on a zeroed struct: nothing happens. */
void gcb_file_abandon(gcb_file *f);

#endif
