/* Words of commands that are printed for a reader to type. */
#ifndef GCB_SHELL_H
#define GCB_SHELL_H

#include <stddef.h>
#include <stdio.h>

/* The word as a POSIX shell reads it back: itself when it is plain, else in single quotes. */
void gcb_print_quoted(const char *word, FILE *out);
/* The same in allocated memory: all words of a list that ends with NULL, with spaces between them. NULL only
 * without memory; free() it. */
char *gcb_shell_command(const char *const words[]);

#endif
