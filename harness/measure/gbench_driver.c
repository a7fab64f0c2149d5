#include "measure/gbench_driver.h"
#include "plan/load.h"
#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Overwrite the words that are no JSON, outside of strings, by null and blanks: each is long enough but NaN,
 * so the text is copied. */
static char *without_specials(const char *text) {
  static const char *const words[] = {"-Infinity", "Infinity", "-NaN", "NaN", "-nan", "nan", "-inf", "inf"};
  char *out = malloc(2 * strlen(text) + 1), *to = out;
  bool quoted = false;
  while (out && *text) {
    size_t skip = 0;
    if (*text == '"') quoted = !quoted;
    if (quoted && *text == '\\' && text[1]) *to++ = *text++;
    for (size_t i = 0; !quoted && !skip && i < sizeof words / sizeof *words; i++)
      if (strncmp(text, words[i], strlen(words[i])) == 0) skip = strlen(words[i]);
    if (skip) {
      memcpy(to, "null", 4);
      to += 4;
      text += skip;
    } else {
      *to++ = *text++;
    }
  }
  if (out) *to = 0;
  return out;
}

json_t *gcb_gbench_parse(const char *text, char *why, size_t why_size) {
  json_error_t error;
  char *clean = without_specials(text);
  json_t *document = clean ? json_loads(clean, 0, &error) : NULL;
  if (!clean) snprintf(why, why_size, "no memory");
  if (clean && !document)
    snprintf(why, why_size, "the report is not JSON: line %d: %s", error.line, error.text);
  free(clean);
  size_t i;
  json_t *one, *value;
  const char *key;
  void *next;
  json_array_foreach(json_object_get(document, "benchmarks"), i, one) {
    json_object_foreach_safe(one, next, key, value) {
      if (json_is_null(value)) json_object_del(one, key);
    }
  }
  return document;
}

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
  json_t *document = gcb_gbench_parse(report.json, why, why_size);
  json_t *entry = json_incref(json_array_get(json_object_get(document, "benchmarks"), 0));
  if (document && !entry) snprintf(why, why_size, "Google Benchmark reported nothing");
  json_decref(document);
  free(report.table);
  free(report.warnings);
  free(report.skipped);
  free(report.json);
  return entry;
}
