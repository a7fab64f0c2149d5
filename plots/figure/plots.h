/* What is behind a gcb_plots. */
#ifndef GCB_PLOTS_H
#define GCB_PLOTS_H

#include "plots/figure/figure.h"
#include "plots/figure/palette.h"

struct gcb_plots {
  gcb_palette palette;
  gcb_figure **figures; /* stay where they are */
  size_t n, capacity;
};

/* The look of gnuplot's script for one figure: variables, axes and arrays, up to the template's load. */
void gcb_figure_script(const gcb_figure *f, gcb_plot_format format, const char *data_path,
                       const char *picture_path, const char *templates, FILE *script);
/* Writes the streams out, so that data_text and set_text are whole. */
bool gcb_figure_finish(gcb_figure *f);
/* Break a text into lines of at most `width` characters, between words where there is a place; what does not
 * fit ends in "..". Returns how many lines it took. */
unsigned gcb_wrap(const char *text, size_t width, char lines[][2 * GCB_PLOT_TEXT_SIZE], unsigned most);
void gcb_figure_free(gcb_figure *f);

#endif
