/* SIGINT, SIGTERM and SIGHUP: a command that measures ends with what it has, and the last line on standard
 * error says how much that is, where it is, and how to go on. A second signal ends the process at once.
 */
#ifndef GCB_INTERRUPT_H
#define GCB_INTERRUPT_H

#include <stdbool.h>
#include <stdint.h>

/* Nonzero since the first signal: the running child is killed, and loops should end. */
extern volatile int gcb_interrupted;

/* Take the signals from now on. A SIGHUP that was ignored at start (nohup) stays ignored. */
void gcb_interrupt_watch(void);

/* For the last line: `done` of `total` (0: not known) of what the command makes ("invocations"), as it
 * goes. */
void gcb_interrupt_done(uint64_t done, uint64_t total, const char *unit);
/* For the last line: where they are, and how to go on: "kept as run 4 in DIR. Go on with: ...". */
void gcb_interrupt_kept(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The same of a file; used when gcb_interrupt_kept() says nothing. */
void gcb_interrupt_file(const char *path);

/* The end of a command: false without a signal, else true after the last line: its exit status is 130. */
bool gcb_interrupt_end(const char *command);

#endif
