/* Workloads of the catalog: those of our own modules, and those given by their file. */
#include "machine/process.h"
#include "plan/catalog.h"
#include "plan/settings.h"
#include "results/model/called.h"
#include "results/text/nearest.h"
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

bool gcb_is_file(const char *word) {
  size_t n = strlen(word);
  return strchr(word, '/') || (n > 3 && strcmp(word + n - 3, ".so") == 0);
}

/* ---- in the child ---- */

json_t *gcb_describe_workload(const char *file) {
  char why[600];
  gcb_value values[64];
  const gcb_workload *w = gcb_load_workload(file, (gcb_path){0}, why, sizeof why);
  if (w && w->n_params > 64) {
    snprintf(why, sizeof why, "workload %s: it has %u parameters, more than 64", file, w->n_params);
    w = NULL;
  }
  if (!w) return json_pack("{s:s}", "error", why);
  if (!gcb_settings_read(w->params, w->n_params, NULL, values, why, sizeof why))
    return json_pack("{s:o}", "error", json_sprintf("workload %s: a default of its own: %s", file, why));
  gcb_task task = {.params = values, .mutators = 1};
  if (w->peak_live(&task) == 0)
    return json_pack(
        "{s:o}", "error",
        json_sprintf("workload %s: peak_live() says that nothing lives, so no heap can be sized", file));
  if (w->needs) w->needs(&task);
  return json_pack("{s:s}", "name", w->name);
}

/* ---- in the parent ---- */

/* Does it load, in a process of its own? */
static bool loads(const char *file, char *why, size_t why_size) {
  gcb_child child;
  json_error_t error;
  gcb_child_run("describe-workload", file, 20000000000ull, NULL, &child);
  json_t *about = child.answer ? json_loads(child.answer, 0, &error) : NULL;
  const char *failed = json_string_value(json_object_get(about, "error"));
  bool good = json_is_string(json_object_get(about, "name"));
  if (failed) {
    snprintf(why, why_size, "%s", failed);
  } else if (!good) {
    int n = snprintf(why, why_size, "workload %s: ", file);
    if (n > 0 && (size_t)n < why_size) gcb_child_explain(&child, why + n, why_size - (size_t)n);
  }
  json_decref(about);
  free(child.answer);
  return good;
}

static const gcb_workload *add_file(gcb_catalog *c, const char *word, char *why, size_t why_size) {
  char file[PATH_MAX];
  if (!realpath(word, file)) {
    snprintf(why, why_size, "the file cannot be read: %m");
    return NULL;
  }
  if (!loads(file, why, why_size)) return NULL;
  const gcb_workload *w = gcb_load_workload(file, (gcb_path){0}, why, why_size);
  gcb_workload_file **grown =
      w ? realloc(c->workload_files, (c->n_workload_files + 1) * sizeof *grown) : NULL;
  if (grown) c->workload_files = grown;
  gcb_workload_file *added = grown ? malloc(sizeof *added) : NULL;
  char *name = added ? strdup(word) : NULL;
  if (!name) {
    if (w) snprintf(why, why_size, "no memory for the workload");
    free(added);
    return NULL;
  }
  *added = (gcb_workload_file){.workload = *w, .file = strdup(file)};
  added->workload.name = name;
  c->workload_files[c->n_workload_files++] = added;
  return &added->workload;
}

const gcb_workload *gcb_catalog_workload(gcb_catalog *c, const char *word, char *why, size_t why_size) {
  const gcb_workload *w = gcb_find_workload(c->workloads, word);
  for (size_t i = 0; !w && i < c->n_workload_files; i++)
    if (strcmp(c->workload_files[i]->workload.name, word) == 0) w = &c->workload_files[i]->workload;
  if (w) return w;
  if (gcb_is_file(word)) return add_file(c, word, why, why_size);
  const char **names = calloc(c->workloads->n_workloads + 1, sizeof *names);
  for (size_t i = 0; names && i < c->workloads->n_workloads; i++) names[i] = c->workloads->workloads[i]->name;
  const char *near = names ? gcb_nearest(word, names, c->workloads->n_workloads) : NULL;
  if (near)
    snprintf(why, why_size, "no such workload; did you mean %s?", near);
  else
    snprintf(why, why_size,
             gcb_as_called("no such workload; 'gcbench list workloads' shows them, and a file is given with "
                           "its path, such as "
                           "./mine.so"));
  free(names);
  return NULL;
}

const char *gcb_catalog_workload_file(const gcb_catalog *c, const gcb_workload *w) {
  for (size_t i = 0; i < c->n_workload_files; i++)
    if (&c->workload_files[i]->workload == w) return c->workload_files[i]->file;
  return NULL;
}

void gcb_catalog_close_workloads(gcb_catalog *c) {
  for (size_t i = 0; i < c->n_workload_files; i++) {
    free((char *)c->workload_files[i]->workload.name);
    free(c->workload_files[i]->file);
    free(c->workload_files[i]);
  }
  free(c->workload_files);
}
