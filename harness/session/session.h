/* What every command that runs invocations shares: the catalog, a plan, children that can be interrupted, and
 * the context that is written beside every result.
 */
#ifndef GCB_SESSION_H
#define GCB_SESSION_H

#include "machine/interrupt.h"
#include "machine/process.h"
#include "plan/cells.h"

typedef struct gcb_session {
  gcb_catalog catalog;
  gcb_plan plan;
  uint64_t timeout; /* ns that an invocation may take without an iteration ending */
  bool quiet, terminal;
  gcb_listener listener;                        /* to the progress of invocations; hear is NULL: nobody */
  const char **all_workloads, **all_collectors; /* what "all" stands for */
  size_t n_workloads, n_collectors;
} gcb_session;

/* Open the catalog and plan the request: nothing is expanded, and nothing printed. False with the offending
 * word. Close it in either case. */
bool gcb_session_make(gcb_session *s, const gcb_request *r, gcb_wrong_word *wrong);
/* The same for who plans by himself: opens the catalog only. False with a sentence; close it in either case.
 */
bool gcb_session_begin(gcb_session *s, uint64_t timeout_ns, char *why, size_t why_size);
/* Everything that can run, in place of the one word "all". The names are the session's. */
void gcb_session_expand(const gcb_session *s, struct gcb_strings *workloads, struct gcb_strings *collectors);
void gcb_session_close(gcb_session *s);
/* Take interrupts from now on, and see whether progress goes to a terminal. */
void gcb_session_watch(gcb_session *s);

enum { GCB_PAD_MAX = 4096 };
/* Run a spec in a child; the result has at least status and reason. A spec with "pad" gives the child an
 * environment variable of so many bytes (up to GCB_PAD_MAX). New reference. */
json_t *gcb_session_invoke(const gcb_session *s, const json_t *spec);
/* The machine, the build and the command line. New reference. */
json_t *gcb_session_context(const gcb_session *s, uint64_t seed, int argc, char *const argv[]);

/* A line of progress on standard error, which on a terminal the next one replaces; and one that stays. */
void gcb_session_progress(const gcb_session *s, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void gcb_session_say(const gcb_session *s, const char *line);
/* After a crash: the frames of an invocation, and the command that runs it in a debugger, on standard error.
 */
void gcb_session_say_crash(const gcb_session *s, const json_t *invocation);
/* Wipe the line of progress. */
void gcb_session_quieten(const gcb_session *s);

#endif
