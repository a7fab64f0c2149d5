#include "results/model/fingerprint.h"
#include "results/model/hash.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

json_t *gcb_fingerprint(const json_t *context) {
  static const char *const keys[] = {"architecture", "cpu_model", "governor", "turbo",        "smt",
                                     "virtualised",  "kernel",    "thp",      "aslr",         "aslr_off_here",
                                     "numa_nodes",   "libc",      "compiler", "distribution", "c_flags"};
  json_t *f = json_object();
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
    json_t *value = json_object_get(context, keys[i]);
    json_object_set(f, keys[i], value ? value : json_null());
  }
  json_t *cores = json_object_get(json_object_get(context, "topology"), "cores");
  json_object_set_new(f, "cores", cores ? json_integer((json_int_t)json_array_size(cores)) : json_null());
  /* The kernel keeps some for itself, a little more or less at every start. */
  double memory = json_number_value(json_object_get(context, "memory_bytes"));
  json_object_set_new(f, "memory_gib",
                      memory > 0 ? json_integer((json_int_t)ceil(memory / 0x1p30)) : json_null());
  return f;
}

bool gcb_fingerprint_key(const json_t *fingerprint, char key[17]) {
  char *text = json_dumps(fingerprint, JSON_COMPACT | JSON_SORT_KEYS);
  if (!text) return false;
  gcb_digest_hex(gcb_digest(text, strlen(text)), key);
  free(text);
  return true;
}

static void word(const json_t *value, char *text, size_t size) {
  char *dumped = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
  if (json_is_string(value))
    snprintf(text, size, "%s", json_string_value(value));
  else
    snprintf(text, size, "%s", !value || json_is_null(value) ? "unknown" : dumped ? dumped : "?");
  free(dumped);
}

const char *gcb_fingerprint_difference(const json_t *before, const json_t *after, char *text, size_t size) {
  const char *key;
  json_t *now, *all = json_copy((json_t *)before);
  *text = 0;
  json_object_update_missing(all, (json_t *)after);
  json_object_foreach(all, key, now) {
    char a[200], b[200];
    size_t n = strlen(text);
    if (json_equal(json_object_get(before, key), json_object_get(after, key))) continue;
    word(json_object_get(before, key), a, sizeof a);
    word(json_object_get(after, key), b, sizeof b);
    snprintf(text + n, size - n, "%s%s %s -> %s", n ? ", " : "", key, a, b);
  }
  json_decref(all);
  return text;
}
