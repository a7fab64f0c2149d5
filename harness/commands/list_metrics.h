/* The metrics that `gcbench list metrics` shows, from the table in results/model/metrics.h. */
#ifndef GCB_LIST_METRICS_H
#define GCB_LIST_METRICS_H

#include <jansson.h>

/* [{name, meaning, unit, class, better, of, where[]}]: `of` is "iteration" or "invocation", `where` the
 * outputs that show the metric. New reference. */
json_t *gcb_list_metrics(void);
/* That list, for people, on standard output. */
void gcb_list_metrics_print(const json_t *metrics);

#endif
