/* Trouble of the harness: the system refused a process, a thread or a file. It is never a finding about a
 * collector: one sentence is printed, the command ends with status 5, and what was finished is kept.
 */
#ifndef GCB_TROUBLE_H
#define GCB_TROUBLE_H

#include <stdbool.h>

/* Has gcb_trouble() been called, as when a child could not be started? Then the command ends with status 5,
 * whatever else it found. */
bool gcb_in_trouble(void);
/* Trouble of the harness, in a sentence without an end: the first one is printed on standard error. */
void gcb_trouble(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Can this process open as many files as any command needs? Raises the soft limit when it can; false with a
 * sentence on standard error. */
bool gcb_trouble_files(void);

#endif
