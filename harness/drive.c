#include "drive.h"
#include "load.h"
#include "micro.h"
#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

const gcb_gbench *gcb_gbench_load(char *why, size_t why_size) {
  static const gcb_gbench *library;
  char file[PATH_MAX];
  const char *dir = gcb_lib_dir();
  if (library) return library;
  if (!dir || (size_t)snprintf(file, sizeof file, "%s/gbench.so", dir) >= sizeof file) return NULL;
  void *module = dlopen(file, RTLD_NOW | RTLD_LOCAL);
  library = module ? dlsym(module, "gcb_gbench_library") : NULL;
  if (!library)
    snprintf(why, why_size, access(file, F_OK) ? "needs libbenchmark-dev" : "Google Benchmark: %s",
             dlerror());
  return library;
}

typedef struct driving {
  const gcb_gbench *library;
  gcb_drive *d;
} driving;

static void body(gcb_gbench_state *state, void *context) {
  const driving *all = context;
  gcb_drive *d = all->d;
  while (all->library->more(state, 1)) {
    if (!d->lap(d)) {
      all->library->fail_case(state, d->why);
      return;
    }
    all->library->time(state, (double)d->ns / 1e9);
  }
  all->library->items(state, d->items);
  all->library->bytes(state, d->bytes);
}

json_t *gcb_drive_run(const gcb_gbench *library, gcb_drive *d, char *why, size_t why_size) {
  driving all = {library, d};
  gcb_gbench_report report;
  library->register_case(&(gcb_gbench_case){d->name, body, &all, true, d->laps});
  if (!library->run(&(gcb_gbench_options){.repetitions = 1}, &report)) {
    snprintf(why, why_size, "Google Benchmark had no memory for its report");
    return NULL;
  }
  json_t *document = gcb_micro_parse(report.json, why, why_size);
  json_t *entry = json_incref(json_array_get(json_object_get(document, "benchmarks"), 0));
  if (document && !entry) snprintf(why, why_size, "Google Benchmark reported nothing");
  json_decref(document);
  free(report.table);
  free(report.warnings);
  free(report.skipped);
  free(report.json);
  return entry;
}
