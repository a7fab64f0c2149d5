/* The program as its user calls it, in the commands that are printed for the user to type. Texts in the
 * source, in documents and in the store say "gcbench"; only what is printed is changed, because a document
 * may be read where the program is called otherwise.
 */
#ifndef GCB_CALLED_H
#define GCB_CALLED_H

#include <stdbool.h>

/* "gcbench", or what the launcher of a clone was called by, which it leaves in $GCBENCH_CALLED: "./gcbench".
 * A name that a shell would not take as it is, is not used. Static; reads the environment once. */
const char *gcb_called(void);
/* Was the program started by the launcher of a clone? */
bool gcb_called_by_launcher(void);

/* The text with every command in it as it is called here: "gcbench" followed by a blank and a small letter or
 * a dash, at the beginning of the text or a line, after a quote, or after ": "; but not "gcbench run: ..",
 * which says who speaks. The same text when it is called gcbench. Else valid until the eighth next call on
 * the thread; what is longer than 8 KiB stays as it is. Good for a format too. */
const char *gcb_as_called(const char *text) __attribute__((format_arg(1)));

#endif
