/* What a command is doing, told on a standard error that is no terminal: a line when it changes, at most one
 * in ten seconds, and the same line again every ten seconds while a child process runs. Main thread only. */
#ifndef GCB_DOING_H
#define GCB_DOING_H

#include "results/model/units.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GCB_DOING_NS 10000000000ull

/* From now on the command does this: a phrase such as "[3/20] trees on gen3, invocation 1, 2m 05s left". It
 * is printed when `now`, or when no line was in the last ten seconds. NULL: nothing that takes long. */
void gcb_doing(const char *phrase, bool now);
/* Called some ten times a second while a child runs: prints the phrase again when ten seconds have passed. */
void gcb_doing_tick(void);
/* ", 2m 05s left" of `all` equal parts, of which `done` took from `started` (gcb_clock()) until now; empty
 * before the first has ended. */
struct gcb_text gcb_left(uint64_t started, size_t done, size_t all);

#endif
