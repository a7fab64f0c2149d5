/* One colour, mark and dash a collector, through all figures. */
#ifndef GCB_PALETTE_H
#define GCB_PALETTE_H

#include <stddef.h>

typedef struct gcb_look {
  const char *colour;
  int mark, dash; /* gnuplot's point type and dash type */
} gcb_look;

/* The look of number i: the first ten differ in colour and mark, more in their pair; from the eleventh on
 * lines are dashed. */
gcb_look gcb_look_of(size_t i);

typedef struct gcb_palette {
  char **names;  /* sorted */
  size_t *looks; /* the number of the look of each */
  size_t n;
} gcb_palette;

/* A name has a look of its own, by a hash of its letters, so that a collector looks the same in figures of
 * different runs. Of names that meet, the first of the alphabet has that look, and others the next that is
 * free: only those can look otherwise beside other collectors. The first ten of a palette differ in colour.
 * Without memory the name is left out, and then grey. */
void gcb_palette_add(gcb_palette *p, const char *name);
/* Of a collector's name without options too: "gen3" when only "gen3 nursery=4M" is known. */
gcb_look gcb_palette_find(const gcb_palette *p, const char *name);
void gcb_palette_free(gcb_palette *p);

#endif
