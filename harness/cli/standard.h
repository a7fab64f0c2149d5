/* Standard input, output and error of the program, from its first to its last moment. */
#ifndef GCB_STANDARD_H
#define GCB_STANDARD_H

#include <stdbool.h>

/* Open those of the descriptors 0, 1 and 2 that are closed on /dev/null, so that no file which is opened
 * later gets one of these numbers, and with it the progress and the tables. Call it before anything is
 * opened. False when there is no /dev/null; nothing can be told then. */
bool gcb_standard_begin(void);

/* Let a reader of standard output that leaves (a pager, head) end nothing: writes fail instead, and the
 * command goes on to store its results. The same for a file that reaches the limit on the size of files. */
void gcb_standard_ignore_signals(void);

/* Flush standard output. False, with a sentence on standard error, when the command's output could not be
 * written. A reader that has left is no failure. */
bool gcb_standard_end(void);

#endif
