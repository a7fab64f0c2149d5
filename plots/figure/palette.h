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
  char **names; /* sorted */
  size_t n;
} gcb_palette;

/* Without memory the name is left out, and then grey. */
void gcb_palette_add(gcb_palette *p, const char *name);
/* Of a collector's name without options too: "gen3" when only "gen3 nursery=4M" is known. */
gcb_look gcb_palette_find(const gcb_palette *p, const char *name);
void gcb_palette_free(gcb_palette *p);

#endif
