/* The parts of `gcbench history` that its files share. */
#ifndef GCB_HISTORY_VERBS_H
#define GCB_HISTORY_VERBS_H

#include "commands/commands.h"
#include "results/store/history.h"

typedef struct history_settings {
  struct gcb_strings workloads, collectors, metrics;
  struct gcb_heap_sizes heaps;
  const char *machine, *since, *results, *json, *run, *reason, *build, *plugin;
  const char *color;
} history_settings;

/* The filter that the options say, whose lists belong to them. False after a message. */
bool gcb_history_filter_of_options(const struct gcb_parsed *parsed, struct gcb_store *store,
                                   gcb_history_filter *f);
/* The history that the options ask for; with numbers of series, of these, whatever their metric. NULL after a
 * message, which `status` then is of. */
struct gcb_history *gcb_history_of_options(const struct gcb_parsed *parsed, struct gcb_store *store,
                                           const int64_t *ids, size_t n_ids, gcb_exit *status);

/* The verbs. `id` 0: all series of --workload and --collector. */
gcb_exit gcb_history_say_ack(const struct gcb_parsed *parsed, struct gcb_store *store, int64_t id);
gcb_exit gcb_history_list_acks(struct gcb_store *store);
gcb_exit gcb_history_take_back(struct gcb_store *store, const int64_t *ids, size_t n);
gcb_exit gcb_history_say_bisect(const struct gcb_parsed *parsed, struct gcb_store *store, int64_t id);

#endif
