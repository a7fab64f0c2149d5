/* Going on with a run that was killed or interrupted: the same plan, less what is done. */
#ifndef GCB_RESUME_H
#define GCB_RESUME_H

#include "plan/cells.h"
#include "session/run_recorder.h"

/* Find the run and take it over: nobody works on it, and something is missing. Its document (without
 * summaries) is returned; keep is open afterwards. NULL with a sentence. New reference. */
json_t *gcb_resume_begin(gcb_keep *k, const char *folder, const char *word, char *why, size_t why_size);
/* The words of the command that started it, as argv: a NULL-terminated array to free(), whose strings are the
 * document's. NULL when the document has none. */
char **gcb_resume_words(const json_t *document, int *argc);
/* Is what would be run now what was run then: the plan, the collectors' files, the machine? False with a
 * sentence. `now` is the new document, before anything was measured. */
bool gcb_resume_same(const json_t *then, const json_t *now, char *why, size_t why_size);
/* Give the plan's cells what is done already. */
void gcb_resume_restore(const json_t *then, gcb_plan *p);
/* For the context: what the collectors' files hold, {name: digest}. New reference. */
json_t *gcb_resume_files(const gcb_plan *p);

#endif
