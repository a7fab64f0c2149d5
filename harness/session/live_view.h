/* The running invocation before one's eyes: heap, pauses and throughput, from the lines of progress.h.
 *
 * On a terminal a block of a few lines that is drawn over itself; the cursor rests at its beginning, so that
 * whatever else is printed takes its place. Elsewhere a plain line a second. It all goes to standard error.
 */
#ifndef GCB_LIVE_H
#define GCB_LIVE_H

#include <stdbool.h>
#include <stdint.h>

enum { GCB_LIVE_HISTORY = 48, GCB_LIVE_TITLE = 200 };

typedef struct gcb_live {
  bool terminal, letters;        /* letters: the terminal may not know block characters */
  char title[GCB_LIVE_TITLE];    /* of the running invocation */
  double heap[GCB_LIVE_HISTORY]; /* its committed bytes, a sample each, the latest last */
  double longest[GCB_LIVE_HISTORY];
  uint32_t n;
  uint64_t last_line; /* when the last plain line was printed */
} gcb_live;

void gcb_live_begin(gcb_live *l, bool terminal);
/* Another invocation is about to run. */
void gcb_live_invocation(gcb_live *l, const char *title);
/* A line of progress, without its mark. For gcb_session.hear; `live` is a gcb_live. */
void gcb_live_hear(void *live, const char *line);
/* Wipe what is drawn. */
void gcb_live_end(gcb_live *l);

#endif
