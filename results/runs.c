#include "runs.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

static json_t *refuse(json_t *run, char *why, size_t size, const char *word, const char *what) {
  snprintf(why, size, "%s %s", word, what);
  json_decref(run);
  return NULL;
}

json_t *gcb_load_run(const char *word, char *why, size_t size) {
  json_error_t error;
  FILE *in = fopen(word, "rb");
  if (!in) {
    snprintf(why, size, "cannot open the results %s: %s; 'gcbench run --json FILE' writes such a file", word,
             strerror(errno));
    return NULL;
  }
  json_t *run = json_loadf(in, JSON_REJECT_DUPLICATES, &error);
  fclose(in);
  if (!run) {
    snprintf(why, size, "%s is not JSON: line %d: %s", word, error.line, error.text);
    return NULL;
  }
  const char *schema = json_string_value(json_object_get(run, "schema"));
  if (!schema) return refuse(run, why, size, word, "has no \"schema\": it is not a file of gcbench");
  if (strcmp(schema, "gcbench.run/1") != 0)
    return refuse(run, why, size, word,
                  "is not a run: its schema is not gcbench.run/1, which 'gcbench run --json' writes");
  if (!json_is_array(json_object_get(run, "cells"))) return refuse(run, why, size, word, "has no \"cells\"");
  return run;
}
