/* The parameters and options of version 0.1.0 with their types and defaults, so that what it stored as words
 * becomes canonical. The table does not change any more: later versions store canonical words.
 */
#include "results/model/canonical.h"
#include <string.h>

typedef struct setting {
  const char *owner, *name; /* workload or collector; parameter or option */
  gcb_word_type type;
  const char *fallback;
} setting;

static const setting params[] = {
    {"chunks", "chunk", GCB_WORD_BYTES, "1024"},
    {"chunks", "passes", GCB_WORD_UINT, "3"},
    {"chunks", "keep", GCB_WORD_UINT, "12000"},
    {"chunks", "batch", GCB_WORD_UINT, "500"},
    {"chunks", "cache", GCB_WORD_UINT, "1024"},
    {"chunks", "segment", GCB_WORD_BYTES, "65536"},
    {"chunks", "handles", GCB_WORD_UINT, "16"},
    {"churn", "records", GCB_WORD_UINT, "6000000"},
    {"churn", "live", GCB_WORD_UINT, "80000"},
    {"churn", "survival", GCB_WORD_REAL, "0.1"},
    {"churn", "size", GCB_WORD_UINT, "32"},
    {"churn", "refs", GCB_WORD_UINT, "2"},
    {"cycles", "length", GCB_WORD_UINT, "10"},
    {"cycles", "fraction", GCB_WORD_REAL, "0.5"},
    {"cycles", "cross", GCB_WORD_UINT, "1"},
    {"cycles", "tail", GCB_WORD_UINT, "2"},
    {"cycles", "hold", GCB_WORD_REAL, "0.1"},
    {"cycles", "live", GCB_WORD_UINT, "180000"},
    {"cycles", "nodes", GCB_WORD_UINT, "12000000"},
    {"finalize", "window", GCB_WORD_UINT, "10000"},
    {"finalize", "ops", GCB_WORD_UINT, "1000000"},
    {"finalize", "resurrect", GCB_WORD_REAL, "0.01"},
    {"finalize", "work", GCB_WORD_BYTES, "128"},
    {"finalize", "allocate", GCB_WORD_BOOL, "0"},
    {"generators", "pipelines", GCB_WORD_UINT, "5000"},
    {"generators", "stages", GCB_WORD_UINT, "4"},
    {"generators", "items", GCB_WORD_UINT, "120"},
    {"generators", "fan", GCB_WORD_UINT, "3"},
    {"mutate", "nodes", GCB_WORD_UINT, "12000"},
    {"mutate", "ops", GCB_WORD_UINT, "5000000"},
    {"mutate", "young", GCB_WORD_REAL, "0.6"},
    {"mutate", "arrays", GCB_WORD_REAL, "0.3"},
    {"mutate", "locality", GCB_WORD_REAL, "0.5"},
    {"mutate", "near", GCB_WORD_UINT, "64"},
    {"mutate", "array", GCB_WORD_UINT, "12"},
    {"mutate", "leaf", GCB_WORD_BYTES, "24"},
    {"nesting", "depth", GCB_WORD_UINT, "100000"},
    {"nesting", "width", GCB_WORD_UINT, "2"},
    {"nesting", "levels", GCB_WORD_UINT, "8000000"},
    {"quads", "depth", GCB_WORD_UINT, "10"},
    {"quads", "young", GCB_WORD_UINT, "3"},
    {"quads", "trees", GCB_WORD_UINT, "250000"},
    {"quads", "walks", GCB_WORD_UINT, "4"},
    {"requests", "requests", GCB_WORD_UINT, "100000"},
    {"requests", "sessions", GCB_WORD_UINT, "8192"},
    {"requests", "nodes", GCB_WORD_UINT, "16"},
    {"requests", "rows", GCB_WORD_UINT, "48"},
    {"requests", "renew", GCB_WORD_REAL, "0.05"},
    {"requests", "load", GCB_WORD_REAL, "0.7"},
    {"requests", "rate", GCB_WORD_REAL, "0"},
    {"trees", "depth", GCB_WORD_UINT, "16"},
    {"trees", "holes", GCB_WORD_BOOL, "0"},
    {"weak", "keys", GCB_WORD_UINT, "16000"},
    {"weak", "strong", GCB_WORD_UINT, "6000"},
    {"weak", "ops", GCB_WORD_UINT, "2000000"},
    {"weak", "hits", GCB_WORD_REAL, "0.3"},
    {"weak", "ephemerons", GCB_WORD_UINT, "1"},
    {"weak", "entry", GCB_WORD_BYTES, "64"},
};

static const setting options[] = {
    {"bdwgc", "layout", GCB_WORD_TEXT, "precise"},
    {"bdwgc", "alloc", GCB_WORD_TEXT, "inline"},
    {"bdwgc", "markers", GCB_WORD_UINT, "0"},
    {"bdwgc", "interior", GCB_WORD_BOOL, "off"},
    {"bdwgc", "free-space-divisor", GCB_WORD_UINT, "3"},
    {"cpython", "threshold", GCB_WORD_TEXT, "700,10,10"},
    {"cpython", "gc", GCB_WORD_TEXT, "on"},
    {"gen3", "nursery", GCB_WORD_BYTES, "4M"},
    {"gen3", "middle", GCB_WORD_BYTES, "8M"},
    {"gen3", "age", GCB_WORD_UINT, "1"},
    {"gen3", "middle-age", GCB_WORD_UINT, "1"},
    {"gen3", "mark-stack", GCB_WORD_UINT, "0"},
    {"gen3", "remset", GCB_WORD_UINT, "0"},
    {"jvm", "gc", GCB_WORD_TEXT, "serial"},
    {"lua-gen", "minor", GCB_WORD_UINT, "20"},
    {"lua-gen", "major", GCB_WORD_UINT, "100"},
    {"lua-inc", "pause", GCB_WORD_UINT, "200"},
    {"lua-inc", "stepmul", GCB_WORD_UINT, "100"},
    {"lua-inc", "stepsize", GCB_WORD_UINT, "13"},
    {"malloc", "lib", GCB_WORD_TEXT, "glibc"},
    {"markcompact", "buffer", GCB_WORD_BYTES, "0"},
    {"markcompact", "mark-stack", GCB_WORD_UINT, "0"},
    {"marksweep", "mark-stack", GCB_WORD_UINT, "0"},
    {"none", "barrier", GCB_WORD_TEXT, "none"},
    {"ocaml", "nursery", GCB_WORD_BYTES, "2M"},
    {"ocaml", "space-overhead", GCB_WORD_UINT, "120"},
    {"ocaml", "policy", GCB_WORD_TEXT, "best-fit"},
    {"rc", "count-bits", GCB_WORD_UINT, "27"},
    {"rccycle", "count-bits", GCB_WORD_UINT, "27"},
};

/* The row of an option of a collector, whose name may end in "+PRESET", or of a parameter. */
static const setting *find(const setting *table, size_t n, const char *owner, const char *name) {
  size_t length = strcspn(owner, "+");
  for (size_t i = 0; i < n; i++)
    if (strlen(table[i].owner) == length && strncmp(table[i].owner, owner, length) == 0 &&
        strcmp(table[i].name, name) == 0)
      return &table[i];
  return NULL;
}

/* Rewrite the words of `settings`, an object of the cell; with `drop`, those equal to their default go. */
static bool rewrite(json_t *cell, const char *settings, const char *owner, const setting *table, size_t n,
                    bool drop) {
  json_t *old = json_object_get(cell, settings), *new = json_object(), *value;
  const char *name;
  bool good = new;
  json_object_foreach(old, name, value) {
    const setting *s = owner ? find(table, n, owner, name) : NULL;
    const char *word = json_string_value(value);
    char text[GCB_CANONICAL];
    if (s && word) {
      word = gcb_canonical_word(s->type, word, s->fallback, text);
      if (drop && strcmp(word, s->fallback) == 0) continue;
      good = good && json_object_set_new(new, name, json_string(word)) == 0;
    } else
      good = good && json_object_set(new, name, value) == 0;
  }
  good = good && (!old || json_object_set(cell, settings, new) == 0);
  json_decref(new);
  return good;
}

bool gcb_canonical_cell_0_1_0(json_t *cell) {
  const char *workload = json_string_value(json_object_get(cell, "workload"));
  const char *collector = json_string_value(json_object_get(cell, "collector"));
  return rewrite(cell, "params", workload, params, sizeof params / sizeof *params, false) &&
         rewrite(cell, "options", collector, options, sizeof options / sizeof *options, true);
}

bool gcb_canonical_run(json_t *document) {
  const char *version = json_string_value(json_object_get(json_object_get(document, "context"), "gcbench"));
  size_t i;
  json_t *cell;
  bool good = true;
  if (version && strcmp(version, "0.1.0") != 0) return true;
  json_array_foreach(json_object_get(document, "cells"), i, cell) good =
      good && gcb_canonical_cell_0_1_0(cell);
  return good;
}
