/* What was wrong with the machine while a run was measured, for readers of its tables. */
#ifndef GCB_UNFIT_H
#define GCB_UNFIT_H

#include <jansson.h>
#include <stdio.h>

/* One line for each finding with the verdict "bad": what was found, and the remedy. `findings` is the list
 * `doctor` of a run's context; NULL or no list prints nothing. */
void gcb_unfit_print(const json_t *findings, FILE *out);
/* The same findings in a few words for a reason, such as "load: 3.20 in the last minute, 2 cpus to run on".
 * Empty when there are none. */
void gcb_unfit_words(const json_t *findings, char *text, size_t size);

#endif
