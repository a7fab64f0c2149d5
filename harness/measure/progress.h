/* What a running invocation tells its parent: a line every GCB_PROGRESS_NS on the pipe of the answer, before
 * the answer, and only when its spec says {progress: true}.
 *
 * The sampler's thread, which runs in any case, writes the lines, on the core that samples are taken on. What
 * the mutators share with it is the recorder's lock, which it holds for a look at no more than
 * GCB_PROGRESS_LOOK pauses. Invariant: no line is written after gcb_progress_stop(), so that a line can never
 * stand inside the answer.
 */
#ifndef GCB_PROGRESS_H
#define GCB_PROGRESS_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

enum { GCB_PROGRESS_NS = 200000000, GCB_PROGRESS_LOOK = 2048 };

struct gcb_instance;

typedef struct gcb_progress {
  pthread_mutex_t lock;
  struct gcb_instance *in; /* NULL: nothing is told */
  uint64_t last;           /* when the last line was written */
  uint64_t iteration, iterations;
  uint64_t ops, ns; /* of the iterations that ended */
  uint32_t seen;    /* pauses of this iteration that were looked at */
  uint64_t longest; /* ns, of those */
} gcb_progress;

/* Tell from now on, if `wanted`. Stop it in any case. */
void gcb_progress_start(gcb_progress *p, struct gcb_instance *in, bool wanted, uint64_t iterations);
void gcb_progress_stop(gcb_progress *p);
/* Main thread, before an iteration, with what the one before did (0 before the first). */
void gcb_progress_iteration(gcb_progress *p, uint64_t ops, uint64_t ns);
/* The sampler's thread: write a line if it is time for one. `rss` in bytes. */
void gcb_progress_tell(gcb_progress *p, int64_t rss);

/* Main thread, before the answer is written: tell the parent that the setup or an iteration has ended, with a
 * line that has only its mark. The parent's limit counts from then on. */
void gcb_progress_beat(void);

#endif
