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

/* What the instrument of an invocation clocks, see watch.h. */
typedef enum gcb_watch {
  GCB_WATCH_THROUGHPUT, /* slow allocations and safepoints, but not on paths whose every allocation is a call
                         */
  GCB_WATCH_LATENCY,    /* everything */
  GCB_WATCH_NOTHING     /* to price the recording itself */
} gcb_watch;

/* "throughput", "latency", "nothing". */
const char *gcb_watch_word(gcb_watch watch);

#endif
