#include "plan/shard.h"
#include "results/model/cell.h"
#include "results/model/hash.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool gcb_shard_parse(const char *word, gcb_shard *shard) {
  char number[24];
  const char *slash = strchr(word, '/');
  if (!slash || slash - word >= (ptrdiff_t)sizeof number) return false;
  snprintf(number, sizeof number, "%.*s", (int)(slash - word), word);
  return gcb_parse_unsigned(number, &shard->number) == GCB_UNITS_OK &&
         gcb_parse_unsigned(slash + 1, &shard->of) == GCB_UNITS_OK && shard->number >= 1 &&
         shard->number <= shard->of && shard->of <= 10000;
}

/* What all parts agree on, and no other suite. */
static json_t *suite_of(const gcb_plan *p, const gcb_request *r, const gcb_shard *shard, const char *name) {
  json_t *all =
      json_pack("{s:s?, s:I, s:I, s:I, s:I, s:I, s:[]}", "name", name, "of", (json_int_t)shard->of, "seed",
                (json_int_t)r->seed, "invocations", (json_int_t)r->invocations, "iterations",
                (json_int_t)r->iterations, "warmups", (json_int_t)r->warmups, "cells");
  for (size_t i = 0; i < p->n_cells; i++) {
    char *key = gcb_cell_key(p->cells[i].result, false);
    json_array_append_new(json_object_get(all, "cells"), json_string(key));
    free(key);
  }
  char *text = json_dumps(all, JSON_COMPACT | JSON_SORT_KEYS), uuid[GCB_UUID];
  json_decref(all);
  if (!text) return NULL;
  gcb_uuid_of(text, uuid);
  free(text);
  return json_string(uuid);
}

json_t *gcb_shard_take(gcb_plan *p, const gcb_request *r, const gcb_shard *shard, const char *name) {
  json_t *about = json_pack("{s:o, s:s?, s:I, s:I}", "suite", suite_of(p, r, shard, name), "suite_name", name,
                            "number", (json_int_t)shard->number, "of", (json_int_t)shard->of);
  size_t kept = 0;
  for (size_t i = 0; i < p->n_cells; i++) {
    if (i % shard->of == shard->number - 1) {
      p->cells[kept++] = p->cells[i];
      continue;
    }
    json_decref(p->cells[i].result);
    json_decref(p->cells[i].spec);
  }
  p->n_cells = kept;
  if (kept) return about;
  json_decref(about);
  return NULL;
}
