/* Figures from documents of results: a kind of figure is an emitter, which writes a data file, and a gnuplot
 * template of the same name, which draws it.
 *
 * One figure shows what is compared with each other: a kind says whether it makes one of a whole run, or one
 * for each workload, each workload and heap, or each cell. All figures of one gcb_plots give a collector the
 * same colour and mark. The same documents and requests make the same bytes.
 *
 *   gcb_plots *plots = gcb_plots_open();
 *   gcb_plots_know(plots, run);
 *   gcb_plots_add(plots, run, &(gcb_plot_request){.kind = "throughput"}, why, sizeof why);
 *   gcb_plots_draw(plots, GCB_PLOT_SVG, why, sizeof why);
 *   for (size_t i = 0; i < gcb_plots_count(plots); i++) text = gcb_plots_take(plots, i, &size);
 *   gcb_plots_close(plots);
 *
 * Nothing here is for more than one thread at a time. Sentences in `why` have no full stop. */
#ifndef GCB_PLOT_H
#define GCB_PLOT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

typedef enum gcb_plot_format { GCB_PLOT_SVG, GCB_PLOT_PNG, GCB_PLOT_PDF, GCB_PLOT_TEXT } gcb_plot_format;

typedef struct gcb_plot_kind {
  const char *name;  /* on the command line, and of the template */
  const char *shows; /* one phrase */
  const char
      *needs; /* what there must be, and what to run for it: the end of "cannot be drawn: it needs .." */
  bool usual; /* part of the default set */
  bool wants_metric;  /* heeds a request's metric */
  const char *metric; /* which then is the default; NULL without one */
} gcb_plot_kind;

extern const gcb_plot_kind *const gcb_plot_kinds[];
extern const size_t gcb_n_plot_kinds;

/* By name; NULL for an unknown one. */
const gcb_plot_kind *gcb_plot_kind_find(const char *name);

/* Whether some kind reads documents of that schema: "gcbench.run/1". */
bool gcb_plots_read(const char *schema);

/* What to draw. A list that is empty takes all. */
typedef struct gcb_plot_request {
  const char *kind;
  const char *const *collectors; /* by name ("gen3") or by name and options ("gen3 nursery=4M") */
  size_t n_collectors;
  const char *const *workloads;
  size_t n_workloads;
  const char *metric; /* NULL: the kind's own */
  const char *source; /* what the user calls the document, for commands in messages; NULL: RUN */
} gcb_plot_request;

/* A figure that was added. Its texts live as long as the gcb_plots. */
typedef struct gcb_plot_figure {
  const char *kind;
  const char *name;     /* unique, for a file: "throughput-trees-3x" */
  const char *title;    /* "Throughput" */
  const char *subtitle; /* "trees depth=16, heap 3x"; empty when it is about everything */
  const char *data;     /* the data file as its template reads it: tab-separated, with a header */
  size_t data_size;
} gcb_plot_figure;

typedef struct gcb_plots gcb_plots;

/* NULL without memory. Close it in any case. */
gcb_plots *gcb_plots_open(void);
void gcb_plots_close(gcb_plots *plots);

/* Give every collector of a document its colour and mark, in the order of their names: to be called for all
 * documents of a report before the first figure is added. */
void gcb_plots_know(gcb_plots *plots, const json_t *document);
/* The colour of a collector (as gcb_cell_collector() writes it) as "#0072B2"; grey for an unknown one. */
const char *gcb_plots_colour(const gcb_plots *plots, const char *collector);

typedef enum gcb_plot_answer {
  GCB_PLOT_ADDED,
  GCB_PLOT_WRONG,      /* no such kind or metric, or a collector or workload of which there are no results */
  GCB_PLOT_IMPOSSIBLE, /* not with this data */
} gcb_plot_answer;

/* Add every figure, at least one, that this request makes of the document. If none: a sentence in `why`,
 * which for GCB_PLOT_IMPOSSIBLE says what to run. */
gcb_plot_answer gcb_plots_add(gcb_plots *plots, const json_t *document, const gcb_plot_request *request,
                              char *why, size_t why_size);
size_t gcb_plots_count(const gcb_plots *plots);
gcb_plot_figure gcb_plots_at(const gcb_plots *plots, size_t i);

/* Draw the figures that were added and not yet drawn in this format, by child processes of gnuplot. False
 * with a sentence: gnuplot is missing, or what it complained of. */
bool gcb_plots_draw(gcb_plots *plots, gcb_plot_format format, char *why, size_t why_size);
/* The bytes of the drawn figure i, with a NUL after them; the caller frees. NULL when it was not drawn. */
char *gcb_plots_take(const gcb_plots *plots, size_t i, size_t *size);
/* Write the drawn figure i to a file, whole or not at all. */
bool gcb_plots_write(const gcb_plots *plots, size_t i, const char *path, char *why, size_t why_size);

#endif
