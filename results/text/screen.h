/* Where text for people goes: how wide it may be there, and whether it has colours. */
#ifndef GCB_SCREEN_H
#define GCB_SCREEN_H

#include <stdbool.h>
#include <stdio.h>

enum { GCB_SCREEN_WIDTH = 80 };

/* Columns of the terminal that `out` is, at least GCB_SCREEN_WIDTH; GCB_SCREEN_WIDTH when it is none. */
unsigned gcb_screen_width(FILE *out);

/* Print a line, broken at blanks where it would be wider than `width`; lines after the first begin with
 * `indent` blanks. A word that is wider alone is not broken. Ends with a newline. */
void gcb_screen_wrap(FILE *out, const char *text, unsigned width, unsigned indent);

/* When what is printed has colours: "auto" (also NULL), "always" or "never". Main thread, before anything is
 * printed. */
void gcb_screen_color(const char *when);
/* Whether text on `out` has colours. auto: when it is a terminal that is not "dumb", and NO_COLOR is not set
 * or empty (no-color.org). always: when it is standard output or standard error. Files never have. */
bool gcb_screen_colored(FILE *out);
/* The escape sequence that begins a heading, or a word that has a colour: red for statuses and verdicts
 * against somebody, green for those in favour, yellow for undecided ones. "" for other words, and where there
 * are no colours. What it begins ends with gcb_screen_end(). */
const char *gcb_screen_heading(FILE *out);
const char *gcb_screen_word(FILE *out, const char *word);
/* The sequence that ends one that is not empty. */
const char *gcb_screen_end(const char *begun);

#endif
