/* Reports: what runs say, in words first, then tables, figures, the method with every flag, the machine, and
 * how to do it again. They are written through a gcb_page, so as HTML or as Markdown.
 *
 *   gcb_reporter r = {.out = .., .as = &gcb_page_html};
 *   gcb_report_draw(&r, runs, n, why, sizeof why);   // optional: without it there are no figures
 *   gcb_report_of_run(&r, &runs[0]);
 *   gcb_report_close(&r);
 */
#ifndef GCB_REPORT_H
#define GCB_REPORT_H

#include "plots/figure/plot.h"
#include "plots/report/page.h"

typedef struct gcb_report_run {
  const json_t *document; /* gcbench.run/1 */
  const char *name;       /* what the user calls it */
  const char *file;       /* where its raw data are; NULL: in the store */
  size_t from, to;        /* its figures, once drawn */
  json_t *undrawn;        /* sentences: which kinds of figures were not possible, and why */
} gcb_report_run;

typedef struct gcb_reporter {
  gcb_page page;
  gcb_plots *plots;       /* NULL: no figures */
  char no_plots[400];     /* why there are none, as a sentence; "" when they were not wanted */
  gcb_plot_format format; /* of the figures */
  const char *folder;     /* of the figures' files, for pages that cannot hold them; NULL: not needed */
  const char *shown_as;   /* that folder as the page names it */
} gcb_reporter;

/* Make the figures of these runs, all in one go; with a folder they are written there. False with a
 * sentence: gnuplot is missing, or the folder cannot be written. The report is then written without. */
bool gcb_report_draw(gcb_reporter *r, gcb_report_run *runs, size_t n);
/* One run. */
void gcb_report_of_run(gcb_reporter *r, const gcb_report_run *run);
/* Several runs of the store in `folder`: the list of all (gcb_store_runs()), then these. */
void gcb_report_of_store(gcb_reporter *r, const gcb_report_run *runs, size_t n, const json_t *index,
                         const char *folder);
/* A candidate against a baseline, as gcb_compare_runs() judged them; `candidate` is NULL where one run, made
 * in pairs, has both sides. */
void gcb_report_of_review(gcb_reporter *r, const json_t *comparison, const gcb_report_run *base,
                          const gcb_report_run *candidate);
/* Let go of the figures, and of what gcb_report_draw() noted in the runs. */
void gcb_report_close(gcb_reporter *r, gcb_report_run *runs, size_t n);

/* ---- sections, for the above ---- */

/* A run as a part of a larger report. */
void gcb_report_section(gcb_reporter *r, const gcb_report_run *run);
void gcb_report_tables(gcb_page *p, const json_t *run);
void gcb_report_method(gcb_page *p, const json_t *run);
void gcb_report_flags(gcb_page *p, const json_t *run);
void gcb_report_machine(gcb_page *p, const json_t *run);
void gcb_report_again(gcb_page *p, const gcb_report_run *run);

#endif
