#include "session/resume.h"
#include "results/model/cell.h"
#include "results/model/fingerprint.h"
#include "results/model/hash.h"
#include "results/model/members.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

json_t *gcb_resume_begin(gcb_keep *k, const char *folder, const char *word, char *why, size_t why_size) {
  *k = (gcb_keep){.store = gcb_store_open(folder, GCB_STORE_WRITE, why, why_size)};
  if (k->store) k->run = gcb_store_find(k->store, word, why, why_size);
  /* Taken first, looked at then: two that resume at once must not both see it free. */
  if (!k->run || !gcb_store_resume(k->store, k->run, why, why_size)) goto failed;
  json_t *document = gcb_store_load(k->store, k->run, false, why, why_size);
  if (document) return document;
failed:
  gcb_keep_close(k);
  return NULL;
}

char **gcb_resume_words(const json_t *document, int *argc) {
  const json_t *words = json_object_get(json_object_get(document, "context"), "command");
  size_t n = json_array_size(words);
  char **argv = calloc(n + 1, sizeof *argv);
  for (size_t i = 0; argv && i < n; i++) {
    argv[i] = (char *)json_string_value(json_array_get(words, i));
    if (!argv[i]) n = 0;
  }
  *argc = (int)n;
  if (n >= 2) return argv;
  free(argv);
  return NULL;
}

json_t *gcb_resume_files(const gcb_plan *p) {
  json_t *files = json_object();
  for (size_t i = 0; i < p->n_cells; i++) {
    const gcb_entry *e = p->cells[i].collector;
    uint64_t digest;
    char hex[17];
    if (json_object_get(files, e->name) || !gcb_digest_file(e->file, &digest)) continue;
    gcb_digest_hex(digest, hex);
    json_object_set_new(files, e->name, json_string(hex));
  }
  for (size_t i = 0; i < p->n_groups; i++) {
    uint64_t digest;
    char hex[17];
    if (!p->groups[i].workload_file || !gcb_digest_file(p->groups[i].workload_file, &digest)) continue;
    gcb_digest_hex(digest, hex);
    json_object_set_new(files, p->groups[i].workload->name, json_string(hex));
  }
  return files;
}

static bool same_cell(const json_t *a, const json_t *b) {
  char *one = gcb_cell_key(a, false), *other = gcb_cell_key(b, false);
  bool same = one && other && strcmp(one, other) == 0;
  free(one);
  free(other);
  return same;
}

bool gcb_resume_same(const json_t *then, const json_t *now, char *why, size_t why_size) {
  const json_t *before = json_object_get(then, "context"), *after = json_object_get(now, "context");
  const json_t *cells = json_object_get(then, "cells"), *planned = json_object_get(now, "cells");
  const char *name;
  json_t *digest;
  size_t n = json_array_size(cells);
  bool same = n == json_array_size(planned);
  for (size_t i = 0; same && i < n; i++)
    same = same_cell(json_array_get(cells, i), json_array_get(planned, i));
  if (!same) {
    snprintf(why, why_size,
             "the same words now mean other cells (%zu then, %zu now): its command was made for other "
             "workloads or collectors than there are now; start a new run",
             n, json_array_size(planned));
    return false;
  }
  json_object_foreach(
      json_object_get(before, "collector_files"), name,
      digest) if (!json_equal(digest, json_object_get(json_object_get(after, "collector_files"), name))) {
    snprintf(why, why_size,
             "the file of %s is another than when it began: what is missing would be measured on other code; "
             "start a "
             "new run",
             name);
    return false;
  }
  char changed[1000];
  json_t *machine = gcb_fingerprint(before), *here = gcb_fingerprint(after);
  gcb_fingerprint_difference(machine, here, changed, sizeof changed);
  json_decref(machine);
  json_decref(here);
  if (*changed)
    snprintf(why, why_size, "the machine or the build is not the same: %s; start a new run", changed);
  return !*changed;
}

static void restore(const json_t *then, gcb_cell *cell, gcb_group *g) {
  static const char *const lists[] = {"invocations", "latency_invocations"};
  const char *key;
  json_t *value;
  size_t done = 0;
  for (size_t i = 0; i < 2; i++) done += json_array_size(json_object_get(then, lists[i]));
  /* "Interrupted before its first invocation ended" is what is put right now. */
  if (!done) return;
  json_object_foreach((json_t *)then, key, value) json_object_set(cell->result, key, value);
  cell->runs = done;
  cell->over = strcmp(gcb_string(then, "status"), "ok") != 0;
  /* Where there is no reference, the first to finish is one. */
  if (!g->reference && !g->checksum[0] && !cell->over)
    snprintf(g->checksum, sizeof g->checksum, "%.20s", gcb_string(then, "checksum"));
}

void gcb_resume_restore(const json_t *then, gcb_plan *p) {
  const json_t *cells = json_object_get(then, "cells");
  for (size_t i = 0; i < p->n_cells; i++)
    restore(json_array_get(cells, i), &p->cells[i], &p->groups[p->cells[i].group]);
}
