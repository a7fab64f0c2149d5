#include "results/text/suggest_run.h"
#include "results/store/store.h"
#include "results/text/nearest.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void gcb_suggest_run(const char *word, const char *folder, char *why, size_t size) {
  char ignored[4300];
  size_t i, n = 0, at = strlen(why);
  json_t *run;
  struct gcb_store *store = gcb_store_open(folder, GCB_STORE_READ, ignored, sizeof ignored);
  json_t *runs = store ? gcb_store_runs(store, 0, ignored, sizeof ignored) : NULL;
  const char **names = calloc(json_array_size(runs) + 1, sizeof *names);
  json_array_foreach(runs, i, run) {
    const char *name = json_string_value(json_object_get(run, "name"));
    if (names && name) names[n++] = name;
  }
  const char *near = names ? gcb_nearest(word, names, n) : NULL;
  if (near && at < size) snprintf(why + at, size - at, "; did you mean %s?", near);
  free(names);
  json_decref(runs);
  gcb_store_close(store);
}
