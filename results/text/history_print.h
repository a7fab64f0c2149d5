/* What `gcbench history` prints, from what results/store/history.h found. */
#ifndef GCB_HISTORY_VIEWS_H
#define GCB_HISTORY_VIEWS_H

#include "results/store/history.h"
#include <stdio.h>

/* The last step of a series that is a suspect, and how many of them there are in all; NULL, 0. */
const gcb_step *gcb_last_suspect(const gcb_series *s);
size_t gcb_count_suspects(const gcb_series *s);
const gcb_night *gcb_night_of(const struct gcb_history *h, const gcb_series *s, size_t at);

/* "trees depth=16 on gen3, 3x, 4 mutators": whole, cut off at `size`. Returns `text`. */
const char *gcb_series_title(const gcb_series *s, char *text, size_t size);
/* " --workload trees --param depth=16 --heap 50331648 --metric wall_ns": the words for `gcbench compare` that
 * say where to look, quoted for a shell. */
void gcb_print_cell_words(const gcb_series *s, FILE *out);

/* A line a series, by machine; then what to do about the suspects. */
void gcb_history_print(const struct gcb_history *h, bool utf8, FILE *out);

typedef struct gcb_bisection {
  const struct gcb_history *history;
  const gcb_series *series;
  const gcb_step *step;
  const char *program; /* the gcbench that compares */
  const char *build;   /* builds the plug-in in a clone of its sources */
  const char *plugin;  /* where it then is, in the clone */
} gcb_bisection;

/* The script for `git bisect run`: 0 as good as before the step, 1 not so, 125 cannot be told. */
void gcb_bisection_print(const gcb_bisection *b, FILE *out);

#endif
