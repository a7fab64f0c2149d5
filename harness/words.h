/* The words of the enumerations that appear in results: one list each, from the contracts' X-macros. Static
 * strings. */
#ifndef GCB_WORDS_H
#define GCB_WORDS_H

#include <gcbench/collector.h>

const char *gcb_status_word(gcb_status s);
/* The status of a word; GCB_FAILED for an unknown one. */
gcb_status gcb_status_of(const char *word);
const char *gcb_pause_word(unsigned kind);
const char *gcb_event_word(unsigned event); /* MARK_STACK_OVERFLOW */
const char *gcb_work_word(unsigned kind);
const char *gcb_capability_word(unsigned bit); /* NULL past the last */

#endif
