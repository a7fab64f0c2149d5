/* A child process that cannot hurt its parent: a program, mostly this very one, started afresh, in a process
 * group of its own, with nothing on standard input, its argument on descriptor 4, its output caught, its
 * answer on descriptor 3, no core file, and a limit on the time that it may take without progress. Time in
 * which the parent itself did not run (it was stopped, or the machine slept) does not count.
 */
#ifndef GCB_PROCESS_H
#define GCB_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
  GCB_CHILD_EXITED,
  GCB_CHILD_SIGNALLED,
  GCB_CHILD_TIMED_OUT,
  GCB_CHILD_INTERRUPTED,
  GCB_CHILD_NOT_STARTED /* trouble of the harness, never a finding: see trouble.h */
} gcb_child_end;

typedef struct gcb_child {
  gcb_child_end end;
  int code;     /* exit status, or the signal's number, or errno when not started */
  char *answer; /* what it wrote to descriptor 3, NUL-terminated; free() it; may be NULL */
  size_t answer_n;
  char printed[400];      /* the end of its standard output and error, cleaned (clean.h), NUL-terminated */
  char backtrace[4000];   /* frames, a line each, when it crashed (see crash.h); else empty */
  uint64_t ns;            /* how long it took */
  bool out_of_memory;     /* the kernel killed it for memory; `explain` says how that is known */
  uint64_t max_rss;       /* bytes; the largest resident set that it had, 0: unknown */
  uint32_t stops;         /* how often the parent saw that it had been stopped by a signal, or continued */
  uint64_t stopped_ns;    /* how long it was stopped, to a tenth of a second */
  uint64_t silent_ns;     /* how long no iteration had ended when it ended */
  uint64_t silent_cpu_ns; /* after a time-out: CPU time that it used in silent_ns */
  bool idle;              /* after a time-out: it waited, and used almost no CPU time */
} gcb_child;

enum { GCB_ANSWER_FD = 3, GCB_ARGUMENT_FD = 4 };
#define GCB_PROGRESS_MARK '\x1e' /* begins a line of progress before the answer; no JSON begins with it */

/* The line on standard error before the frames, one a line. */
#define GCB_BACKTRACE_MARK "--- backtrace ---"

/* Told each line of progress (see progress.h), without its mark and its end, as it comes. */
typedef struct gcb_listener {
  void (*hear)(void *ctx, const char *line);
  void *ctx;
} gcb_listener;

/* Run `gcbench WORD ARGUMENT` (`gcbench WORD @`, with a long argument on descriptor GCB_ARGUMENT_FD) to its
 * end, or until it hangs (hang.h): since it began or last said that an iteration had ended (an empty line of
 * progress), it used timeout_ns of CPU time, or waited timeout_ns without using any; or until *interrupt
 * becomes nonzero (then the group is killed). Always fills `child`. */
void gcb_child_run(const char *word, const char *argument, uint64_t timeout_ns, const volatile int *interrupt,
                   gcb_child *child);
/* The same, with somebody who listens to what it tells before its answer; NULL: nobody. */
void gcb_child_run_heard(const char *word, const char *argument, uint64_t timeout_ns,
                         const volatile int *interrupt, const gcb_listener *listener, gcb_child *child);

/* The same for another program: a file, and its words from argv[0] to a NULL. */
void gcb_child_run_program(const char *program, const char *const argv[], uint64_t timeout_ns,
                           const volatile int *interrupt, const gcb_listener *listener, gcb_child *child);

/* Everything from a descriptor, with a NUL behind it; free() it. NULL with errno. */
char *gcb_read_all(int fd);

/* The command that runs `gcbench WORD ARGUMENT` of this very program in a debugger, quoted for a shell;
 * free() it. NULL without memory. */
char *gcb_debugger_command(const char *word, const char *argument);

/* The last line of a text that has something on it, cleaned (clean.h); its end, if it is longer than `size`.
 */
void gcb_last_line(const char *text, char *line, size_t size);
/* How it ended in words: "killed by signal 11 (Segmentation fault)", with the last line that it printed, if
 * any. */
void gcb_child_explain(const gcb_child *child, char *why, size_t why_size);

#endif
