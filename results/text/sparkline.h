/* A series as one line of text. */
#ifndef GCB_SPARKLINE_H
#define GCB_SPARKLINE_H

#include <stdbool.h>
#include <stddef.h>

enum { GCB_SPARKLINE_WIDTH = 24, GCB_SPARKLINE_SIZE = 3 * GCB_SPARKLINE_WIDTH + 1 };

/* y[0 .. n-1], all numbers, as at most `width` (up to GCB_SPARKLINE_WIDTH) characters of eight heights:
 * blocks in UTF-8, or _.-~=+*# in ASCII. Longer series are cut into equal parts, a character being the median
 * of one. Heights span the least to the most of them, but at least 4 % of their median, so that noise looks
 * flat. Returns `text`; empty without values or memory. Allocates. */
const char *gcb_sparkline(const double *y, size_t n, size_t width, bool utf8, char text[GCB_SPARKLINE_SIZE]);

/* Does the locale of the environment write UTF-8? */
bool gcb_locale_is_utf8(void);

#endif
