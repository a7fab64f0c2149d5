/* Where text for people goes: how wide it may be there. */
#ifndef GCB_SCREEN_H
#define GCB_SCREEN_H

#include <stdio.h>

enum { GCB_SCREEN_WIDTH = 80 };

/* Columns of the terminal that `out` is, at least GCB_SCREEN_WIDTH; GCB_SCREEN_WIDTH when it is none. */
unsigned gcb_screen_width(FILE *out);

/* Print a line, broken at blanks where it would be wider than `width`; lines after the first begin with
 * `indent` blanks. A word that is wider alone is not broken. Ends with a newline. */
void gcb_screen_wrap(FILE *out, const char *text, unsigned width, unsigned indent);

#endif
