/* Output files. A regular file is whole or not there: it is written under a temporary name in the same
 * folder (NAME.gcbench-XXXXXX), synced, and renamed. A process locks its temporary files; those that a killed
 * process has left are removed when the next file is written to the folder. Whatever is no regular file is
 * written into: a device, a FIFO, a descriptor.
 *
 *   "-", /dev/stdout, /dev/fd/N   the open descriptor, at its present position
 *   a symbolic link               its target is written; the link stays
 *   a FIFO                        needs a reader, for which it is waited some seconds
 *   a regular file that cannot be replaced (bind-mounted, or its folder is not writable)
 *                                 written in place, at the end, in one go
 *   a folder, a disk, a socket    refused
 */
#ifndef GCB_FILE_H
#define GCB_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

typedef struct gcb_file {
  FILE *out;       /* write here */
  char path[4096]; /* of the file itself, links resolved; for a descriptor the name that was given */
  char temporary[4112];
  int into;      /* the descriptor that the temporary file is copied to; -1: the temporary file is renamed */
  bool standard; /* it is standard output */
  int fd;        /* of the temporary file */
  int error;     /* errno of the first write that failed; 0: none */
} gcb_file;

/* Why a file could not be written, for the errno of the call that failed: a sentence for a full disk, a
 * used-up quota, a read-only file system and a limit on the size of files, strerror() for the others. Do not
 * free it. */
const char *gcb_file_trouble(int error);
/* Begin to write `path`; `f` stays where it is until the commit. False with a sentence when it cannot be
 * written; then nothing is there to undo. Nothing of what is there changes before the commit. */
bool gcb_file_begin(gcb_file *f, const char *path, char *why, size_t why_size);
/* Put into place what was `written` whole, as its writer says. False with a sentence (disk full, no memory,
 * ..): the old regular file, if any, is as it was, and nothing is there to undo. A reader of standard output
 * that has left is no failure. */
bool gcb_file_commit(gcb_file *f, bool written, char *why, size_t why_size);
/* Forget it. After a commit or on a zeroed struct: nothing happens. */
void gcb_file_abandon(gcb_file *f);
/* Whether two begun files are one file, by whatever paths; /dev/null never is. */
bool gcb_file_same(const gcb_file *a, const gcb_file *b);

#endif
