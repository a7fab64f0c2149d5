/* Runs by the words that people give for them. */
#ifndef GCB_RUNS_H
#define GCB_RUNS_H

#include <jansson.h>
#include <stddef.h>

/* The run document (schema gcbench.run/1) that `word` names: a JSON file (a word with a slash or ending in
 * .json), or a run of the store in `folder` (NULL: the default, see store.h) by its name, its id, the
 * beginning of its uuid, "last", "last~1" ... NULL with a sentence in `why` that names the word and what to
 * do. New reference. */
json_t *gcb_load_run(const char *word, const char *folder, char *why, size_t why_size);
/* The same for who reads only invocations, in half the time: a run of the store has no summaries then. */
json_t *gcb_load_run_raw(const char *word, const char *folder, char *why, size_t why_size);
/* The run document in a file. NULL with a sentence. New reference. */
json_t *gcb_load_file(const char *path, char *why, size_t why_size);

#endif
