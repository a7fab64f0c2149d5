#include "micro.h"
#include <stdio.h>
#include <stdlib.h>

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

json_t *gcb_micro_parse(const char *text, char *why, size_t why_size) {
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

void gcb_micro_merge(json_t *whole, const json_t *part) {
  size_t i;
  json_t *one, *all = json_object_get(whole, "benchmarks");
  if (!json_object_get(whole, "context")) json_object_set(whole, "context", json_object_get(part, "context"));
  if (!all) {
    all = json_array();
    json_object_set_new(whole, "benchmarks", all);
  }
  json_int_t first = 0;
  json_array_foreach(all, i, one) {
    json_int_t family = json_integer_value(json_object_get(one, "family_index"));
    if (family >= first) first = family + 1;
  }
  json_array_foreach(json_object_get(part, "benchmarks"), i, one) {
    json_t *copy = json_deep_copy(one);
    json_int_t family = json_integer_value(json_object_get(one, "family_index"));
    json_object_set_new(copy, "family_index", json_integer(first + family));
    json_array_append_new(all, copy);
  }
}
