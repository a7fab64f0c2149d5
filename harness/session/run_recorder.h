/* Keeping a run in the store while it goes on. When storing fails, the run is worth more than the store: it
 * goes on, and says so once.
 */
#ifndef GCB_KEEP_H
#define GCB_KEEP_H

#include "results/store/store.h"

typedef struct gcb_keep {
  struct gcb_store *store; /* NULL: nothing is kept, and every function here does nothing */
  int64_t run;
  uint64_t lost; /* invocations that could not be stored */
} gcb_keep;

/* Open the store of a folder (NULL: the default) and begin the run (see gcb_store_begin), before any work is
 * done. False with a sentence. */
bool gcb_keep_begin(gcb_keep *k, const char *folder, json_t *document, char *why, size_t why_size);
/* An invocation of the document's cell number `cell` ended, or with a NULL one, the cell itself changed. */
void gcb_keep_add(gcb_keep *k, size_t cell, const json_t *header, const char *list, size_t ordinal,
                  const json_t *invocation);
/* The run is over. Says on standard error (unless quiet) under which words it can be found. False when it is
 * not all there, which is said, too. */
bool gcb_keep_end(gcb_keep *k, json_t *document, bool quiet);
/* The run was interrupted: note that, and leave all else that gcb_keep_end() does for later, which takes long
 * in a run of many cells. False when it must be ended with that function. */
bool gcb_keep_stop(gcb_keep *k);
/* Close the store; a run that did not end stays as it is, to be resumed. */
void gcb_keep_close(gcb_keep *k);

#endif
