/* Runs by the words that people give for them. */
#ifndef GCB_RUNS_H
#define GCB_RUNS_H

#include <jansson.h>
#include <stddef.h>

/* The run document (schema gcbench.run/1) that `word` names: a JSON file. NULL with a sentence in `why` that
 * names the word and what to do. New reference. */
json_t *gcb_load_run(const char *word, char *why, size_t why_size);

#endif
