#include "results/store/runs.h"
#include "results/model/called.h"
#include "results/model/canonical.h"
#include "results/model/check.h"
#include "results/model/clean.h"
#include "results/store/store.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

json_t *gcb_load_file(const char *word, char *why, size_t size) {
  json_error_t error;
  FILE *in = fopen(word, "rb");
  if (!in) {
    snprintf(why, size,
             gcb_as_called("cannot open the results %s: %s; 'gcbench run --json FILE' writes such a file"),
             word, strerror(errno));
    return NULL;
  }
  json_t *run = json_loadf(in, JSON_REJECT_DUPLICATES, &error);
  fclose(in);
  if (!run) {
    snprintf(why, size, "%s is not JSON: line %d: %s", word, error.line, error.text);
    return NULL;
  }
  char what[500];
  if (!gcb_clean_json(run)) {
    snprintf(why, size, "no memory for %s", word);
    json_decref(run);
    return NULL;
  }
  if (!gcb_check_run(run, what, sizeof what)) {
    snprintf(why, size, "%s: %s", word, what);
    json_decref(run);
    return NULL;
  }
  if (!gcb_canonical_run(run)) {
    snprintf(why, size, "%s: no memory to read it", word);
    json_decref(run);
    return NULL;
  }
  return run;
}

static bool names_file(const char *word) {
  size_t n = strlen(word);
  return strchr(word, '/') || (n > 5 && strcmp(word + n - 5, ".json") == 0);
}

static json_t *load(const char *word, const char *folder, bool finish, char *why, size_t size) {
  char detail[4500];
  if (names_file(word)) return gcb_load_file(word, why, size);
  struct gcb_store *store = gcb_store_open(folder, GCB_STORE_READ, detail, sizeof detail);
  int64_t id = store ? gcb_store_find(store, word, why, size) : 0;
  json_t *run = id ? gcb_store_load(store, id, finish, why, size) : NULL;
  if (!store) snprintf(why, size, "%s: %s", word, detail);
  gcb_store_close(store);
  if (!id && access(word, F_OK) == 0) return gcb_load_file(word, why, size);
  return run;
}

json_t *gcb_load_run(const char *word, const char *folder, char *why, size_t size) {
  return load(word, folder, true, why, size);
}

json_t *gcb_load_run_raw(const char *word, const char *folder, char *why, size_t size) {
  return load(word, folder, false, why, size);
}
