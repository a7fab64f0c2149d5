/* A figure in the making, for emitters: rows of data, and what its template must know beside them.
 *
 * The data file has one comment line with the names of its columns, then tab-separated rows in blocks, which
 * two empty lines separate: block i belongs to series i. Values are those of the document, in its units; a
 * template divides. Beside it go gnuplot variables and axes, so that a template has style in it and nothing
 * else.
 */
#ifndef GCB_FIGURE_H
#define GCB_FIGURE_H

#include "plots/figure/plot.h"
#include "results/model/metrics.h"
#include "results/stats/stats.h"
#include <stdio.h>

enum { GCB_FIGURE_SERIES = 96, GCB_FIGURE_LINES = 3, GCB_PLOT_TEXT_SIZE = 160 };
/* Lines of the subtitle and of the notes, at most; and the points that one takes (style.gp knows them). */
enum { GCB_FIGURE_SUBTITLES = 2, GCB_FIGURE_NOTES = 6, GCB_HEADING_LINE = 14 };

/* What one figure is made of. */
typedef enum gcb_plot_scope {
  GCB_OF_ALL,      /* whatever was selected */
  GCB_OF_FACTOR,   /* one for each heap, as people name it, over workloads */
  GCB_OF_WORKLOAD, /* one for each workload name */
  GCB_OF_PARAMS,   /* one for each workload with its parameters and mutators, over heaps */
  GCB_OF_HEAP,     /* one for each experiment: those, and the heap */
  GCB_OF_CELL,
} gcb_plot_scope;

/* Cells of a document that belong into one figure, in the document's order. */
typedef struct gcb_plot_cells {
  const json_t *document;
  const json_t **cells;
  size_t n;
  const json_t *const *selected; /* those of all figures of the request, these among them */
  size_t n_selected;
  const char *metric;
} gcb_plot_cells;

typedef struct gcb_figure gcb_figure;

/* A row of the table of kinds. */
typedef struct gcb_kind {
  gcb_plot_kind public;
  gcb_plot_scope scope;
  const char *schemas; /* of the documents that it reads; NULL: a run */
  /* Write the figure. False: there is nothing to show in these cells. */
  bool (*emit)(gcb_figure *f, const gcb_plot_cells *cells);
  /* When there is nothing to show in any: say what is missing of the selected cells, and the command that
   * makes it, with `source` for the results. NULL: what it needs in general is said. */
  void (*lacks)(const gcb_plot_cells *cells, const char *source, char *why, size_t size);
} gcb_kind;

typedef struct gcb_series {
  char label[GCB_PLOT_TEXT_SIZE];
  const char *colour;
  int mark, dash;
} gcb_series;

struct gcb_figure {
  const gcb_kind *kind;
  const gcb_plots *plots;
  char name[GCB_PLOT_TEXT_SIZE], title[GCB_PLOT_TEXT_SIZE], subtitle[2 * GCB_PLOT_TEXT_SIZE];
  char shown[GCB_FIGURE_SUBTITLES][2 * GCB_PLOT_TEXT_SIZE]; /* the subtitle in lines */
  char note[6 * GCB_PLOT_TEXT_SIZE];                        /* what is not in the picture */
  char notes[GCB_FIGURE_NOTES][2 * GCB_PLOT_TEXT_SIZE],
      footer[GCB_FIGURE_LINES][2 * GCB_PLOT_TEXT_SIZE]; /* in lines */
  FILE *data, *set;                                     /* rows; gnuplot settings */
  char *data_text, *set_text;
  size_t data_size, set_size, blocks;
  unsigned width, height;               /* points of 1/96 inch */
  unsigned left, right, top, bottom;    /* margins: left and right in characters, the others in points */
  gcb_series series[GCB_FIGURE_SERIES]; /* each with a block of rows; those past the last are left out */
  size_t n_series;
  char *drawn; /* the picture; NULL until it is drawn */
  size_t drawn_size;
  gcb_plot_format drawn_format;
};

/* ---- rows ---- */

/* The names of the columns, separated by blanks. Once, before all rows. */
void gcb_figure_columns(gcb_figure *f, const char *names);
/* Begin the block of a further series, with the colour and mark of the collector of that label. NULL when
 * there are too many already. */
gcb_series *gcb_figure_series(gcb_figure *f, const char *label);
/* The same for a series of a collector that has another label, such as one for each value of a parameter:
 * `nth` of those are told apart by their dashes. */
gcb_series *gcb_figure_series_of(gcb_figure *f, const char *label, const char *collector, size_t nth);
/* The same for a series that is no collector: colour and mark by its number. */
gcb_series *gcb_figure_other_series(gcb_figure *f, const char *label, size_t number);
/* Begin a block without a series, for a template that knows what it is. */
void gcb_figure_block(gcb_figure *f);
/* A row: a text, unless NULL, and n numbers. What is not known is NAN. */
void gcb_figure_row(gcb_figure *f, const char *text, size_t n, const double *values);
#define GCB_ROW(f, text, ...)                                                                                \
  gcb_figure_row(f, text, sizeof((double[]){__VA_ARGS__}) / sizeof(double), (double[]){__VA_ARGS__})

/* ---- settings ---- */

/* A gnuplot variable, or any line. */
void gcb_figure_number(gcb_figure *f, const char *variable, double value);
void gcb_figure_text(gcb_figure *f, const char *variable, const char *text);
void gcb_figure_set(gcb_figure *f, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Its title, of which the first letter is made a capital. */
void gcb_figure_title(gcb_figure *f, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Add to the line under the title that says what is not in the picture. */
void gcb_figure_note(gcb_figure *f, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Note the cells that did not run, with how they ended; returns how many did. */
size_t gcb_figure_note_missing(gcb_figure *f, const gcb_plot_cells *cells);
/* Note the collectors that have cells of this workload in other heaps than the one of these, which are of
 * one: an interrupted run leaves some out. */
void gcb_figure_note_absent(gcb_figure *f, const gcb_plot_cells *cells);
/* Note the collectors that honour no bound: the heap of the figure is not theirs. */
void gcb_figure_note_unbounded(gcb_figure *f, const gcb_plot_cells *cells);
/* `text` as a gnuplot string, with its quotes, cut off at the size; returns `into`. */
const char *gcb_gnuplot_quote(const char *text, char *into, size_t size);

/* ---- rows of bars: the template loads rows.gp ---- */

/* That many rows, at 1 (the lowest) to n. */
void gcb_figure_rows(gcb_figure *f, size_t n);
/* The name left of a row, a text right of it, or a metric's "134 ms [131 ms, 137 ms]", and why it is empty.
 */
void gcb_figure_row_name(gcb_figure *f, double row, const char *name);
void gcb_figure_row_value(gcb_figure *f, double row, const char *text);
void gcb_figure_row_interval(gcb_figure *f, double row, const gcb_metric *m, gcb_interval v);
void gcb_figure_row_missing(gcb_figure *f, double row, const char *why);

/* ---- reading cells ---- */

/* {mean, lo, hi, n} of a cell's summary; false where there is no mean. lo and hi are NAN with too few
 * invocations for an interval. */
bool gcb_plot_interval(const json_t *object, const char *key, gcb_interval *out);
/* A metric of a cell: what its summary says, or, where that does not have it, the mean over its invocations
 * with the same kind of interval. False for a cell that did not end ok, or where it is not known. */
bool gcb_plot_metric(const json_t *cell, const char *metric, gcb_interval *out);
/* What the metric of cell a is to that of b, over their invocations; NAN where one did not end ok. */
gcb_interval gcb_plot_ratio(const gcb_metric *m, const json_t *a, const json_t *b);
/* "1.24": a difference; "~1.02": none is proven; "1.24?": too few invocations to claim one.
 * Returns `text`. */
const char *gcb_plot_ratio_text(gcb_interval r, char *text, size_t size);
/* Notes what the question mark says. */
void gcb_figure_note_few(gcb_figure *f);
/* "ok", "oom", ... */
const char *gcb_plot_status(const json_t *cell);
/* What people call it: "out of memory". */
const char *gcb_plot_status_phrase(const json_t *cell);

#endif
