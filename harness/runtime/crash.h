/* The last words of a process that crashes: a backtrace on standard error. */
#ifndef GCB_CRASH_H
#define GCB_CRASH_H

/* Write a backtrace when SIGSEGV, SIGBUS, SIGILL, SIGFPE or SIGABRT comes, and then end by that signal as if
 * nothing had been written. Works for a stack overflow of the calling thread. Signals that are not at their
 * default are left alone, and all of them in a build with a sanitizer, which has reports of its own. Call it
 * once, in a child process, before modules are loaded. */
void gcb_crash_watch(void);
/* Give the calling thread a stack for the handler, so that an overflow of its own stack is written too. The
 * stack goes when the thread ends. Does nothing when gcb_crash_watch() was not called. */
void gcb_crash_thread(void);

#endif
