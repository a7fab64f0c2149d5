/* Axes with ranges and labels that the emitter decides, so that it knows where on the picture a value lies.
 */
#ifndef GCB_AXIS_H
#define GCB_AXIS_H

#include "plots/figure/figure.h"
#include "results/model/metrics.h"

typedef enum gcb_scale {
  GCB_FROM_ZERO,
  GCB_LOG,
  GCB_LOG_IF_WIDE, /* logarithmic past 1:30 without values of zero, else from zero */
  GCB_TIGHT, /* for lines, which need no zero: logarithmic past 1:10, from zero past 1:2, else the range */
} gcb_scale;

typedef struct gcb_axis {
  double lo, hi, least; /* least: the smallest value above zero */
  bool log;
  gcb_unit unit;
} gcb_axis;

void gcb_axis_begin(gcb_axis *a, gcb_unit unit);
/* Make room for a value; NANs are ignored. */
void gcb_axis_see(gcb_axis *a, double value);
/* Decide on the scale and round the range outwards. */
void gcb_axis_fit(gcb_axis *a, gcb_scale scale);
/* Leave that share of the axis empty at its end. */
void gcb_axis_stretch(gcb_axis *a, double share);
/* Where a value lies on the axis: 0 at its beginning, 1 at its end. */
double gcb_axis_place(const gcb_axis *a, double value);
/* Range, ticks and title of gnuplot's axis `which` ("x", "y", "y2"). The unit goes to the title or the ticks.
 */
void gcb_axis_write(gcb_figure *f, const char *which, const gcb_axis *a, const char *title);

/* Of an axis that has seen the lengths of iterations: the times in them, or, when the longest would leave no
 * room for the shortest, the share of each one's own (true); a template then divides. */
bool gcb_axis_of_iterations(gcb_axis *x);
/* The label; with shares followed by the length: "rc, 1.2 s". Returns `text`. */
const char *gcb_axis_iteration_name(bool shares, const char *label, double ns, char *text, size_t size);

/* The end of a line that is to be labelled. */
typedef struct gcb_line_end {
  double x, y;
  char label[GCB_PLOT_TEXT_SIZE];
  const char *colour;
} gcb_line_end;
/* Labels right of the plot, as near to the ends as they fit without touching, with lines that lead to them;
 * makes the right margin and, with many, the figure larger. Reorders `ends`. */
void gcb_axis_labels(gcb_figure *f, gcb_line_end *ends, size_t n, const gcb_axis *x, const gcb_axis *y);

/* Names with their marks right of the plot, one below the other, in the order of the series. */
void gcb_axis_key(gcb_figure *f);

#endif
