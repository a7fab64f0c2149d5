/* Folders for temporary files, in TMPDIR or /tmp. A folder is locked by its process; folders whose process
 * has ended without removing them (SIGKILL, SIGHUP) are removed when the next one is made.
 */
#ifndef GCB_SCRATCH_H
#define GCB_SCRATCH_H

#include <stdbool.h>
#include <stddef.h>

/* Make a folder of this process for a purpose ("run", "plots" or "report") and write its path to `path`; its
 * lock is held until gcb_scratch_remove() or the end of the process. False with a sentence. */
bool gcb_scratch_make(const char *purpose, char *path, size_t size, int *lock, char *why, size_t why_size);
/* Remove the files in a folder, not the folder. */
void gcb_scratch_empty(const char *path);
/* Remove a folder with its files, and give the lock back. */
void gcb_scratch_remove(const char *path, int *lock);

#endif
