/* "Did you mean ...?" for runs of the store. */
#ifndef GCB_SUGGEST_RUN_H
#define GCB_SUGGEST_RUN_H

#include <stddef.h>

/* Append "; did you mean NAME?" to the sentence in `why` if a run of the store in `folder` (NULL: the
 * default) has a name close to `word`; else leave it as it is. */
void gcb_suggest_run(const char *word, const char *folder, char *why, size_t why_size);

#endif
