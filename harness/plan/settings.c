#include "plan/settings.h"
#include "results/model/clean.h"
#include "results/model/units.h"
#include "results/text/nearest.h"
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const type_words[] = {"uint", "real", "bytes", "bool", "choice", "file", "text"};

/* Index of the word among "a|b|c", or -1. */
static int choice(const char *choices, const char *word) {
  size_t n = strlen(word);
  for (int i = 0; *choices; i++) {
    size_t k = strcspn(choices, "|");
    if (k == n && strncmp(choices, word, n) == 0) return i;
    choices += k + (choices[k] == '|');
  }
  return -1;
}

static bool read_real(const char *word, double *d) {
  const char *end;
  *d = gcb_parse_real(word, &end);
  return end != word && !*end && isfinite(*d);
}

bool gcb_setting_parse(const gcb_option *o, const char *word, gcb_value *value, char *why, size_t why_size) {
  gcb_value v = {0};
  bool good = true;
  switch (o->type) {
  case GCB_UINT:
    good = gcb_parse_unsigned(word, &v.u) == GCB_UNITS_OK && (double)v.u >= o->min && (double)v.u <= o->max;
    if (!good)
      snprintf(why, why_size, "%s: %s: not a whole number from %.0f to %.0f", o->name, word, o->min, o->max);
    break;
  case GCB_REAL:
    good = read_real(word, &v.d) && v.d >= o->min && v.d <= o->max;
    if (!good) snprintf(why, why_size, "%s: %s: not a number from %g to %g", o->name, word, o->min, o->max);
    break;
  case GCB_BYTES:
    good = gcb_parse_bytes(word, &v.u) == GCB_UNITS_OK && (double)v.u >= o->min && (double)v.u <= o->max;
    if (!good)
      snprintf(why, why_size, "%s: %s: not a size from %s to %s, such as 64K or 4M", o->name, word,
               gcb_format_bytes(o->min).s, gcb_format_bytes(o->max).s);
    break;
  case GCB_BOOL: {
    int i = choice("0|1|no|yes|off|on|false|true", word);
    good = i >= 0;
    v.u = (uint64_t)i & 1;
    if (!good) snprintf(why, why_size, "%s: %s: neither yes nor no", o->name, word);
    break;
  }
  case GCB_CHOICE: {
    int i = choice(o->choices, word);
    good = i >= 0;
    v.u = (uint64_t)i;
    if (!good) snprintf(why, why_size, "%s: %s: not one of %s", o->name, word, o->choices);
    break;
  }
  case GCB_FILE:
  case GCB_TEXT:
    v.s = word;
    break;
  }
  if (good) *value = v;
  return good;
}

const char *gcb_setting_canonical(const gcb_option *o, const char *word, char out[GCB_CANONICAL]) {
  static const gcb_word_type types[] = {
      [GCB_UINT] = GCB_WORD_UINT, [GCB_REAL] = GCB_WORD_REAL,   [GCB_BYTES] = GCB_WORD_BYTES,
      [GCB_BOOL] = GCB_WORD_BOOL, [GCB_CHOICE] = GCB_WORD_TEXT, [GCB_FILE] = GCB_WORD_TEXT,
      [GCB_TEXT] = GCB_WORD_TEXT,
  };
  return gcb_canonical_word(types[o->type], word, o->fallback, out);
}

int gcb_setting_find(const gcb_option *options, uint32_t n, const char *name) {
  for (uint32_t i = 0; i < n; i++)
    if (strcmp(options[i].name, name) == 0) return (int)i;
  return -1;
}

static void unknown(const gcb_option *options, uint32_t n, const char *name, char *why, size_t why_size) {
  const char *names[64];
  uint32_t k = n < 64 ? n : 64;
  for (uint32_t i = 0; i < k; i++) names[i] = options[i].name;
  const char *near = gcb_nearest(name, names, k);
  int used = snprintf(why, why_size, "%s: no such name", name);
  if (used < 0 || (size_t)used >= why_size) return;
  if (near)
    snprintf(why + used, why_size - (size_t)used, "; did you mean %s?", near);
  else if (!n)
    snprintf(why + used, why_size - (size_t)used, "; it has none");
  else
    for (uint32_t i = 0; i < k && (size_t)used < why_size; i++)
      used += snprintf(why + used, why_size - (size_t)used, "%s%s", i ? ", " : "; it has ", names[i]);
}

bool gcb_settings_read(const gcb_option *options, uint32_t n, const json_t *given, gcb_value *values,
                       char *why, size_t why_size) {
  for (uint32_t i = 0; i < n; i++)
    if (!gcb_setting_parse(options + i, options[i].fallback, values + i, why, why_size)) return false;
  const char *name;
  json_t *word;
  json_object_foreach((json_t *)given, name, word) {
    int i = gcb_setting_find(options, n, name);
    if (i < 0) {
      unknown(options, n, name, why, why_size);
      return false;
    }
    if (!json_is_string(word)) {
      snprintf(why, why_size, "%s: its value must be a string", name);
      return false;
    }
    if (!gcb_setting_parse(options + i, json_string_value(word), values + i, why, why_size)) return false;
  }
  return true;
}

json_t *gcb_settings_describe(const gcb_option *options, uint32_t n) {
  json_t *list = json_array();
  for (uint32_t i = 0; i < n; i++) {
    const gcb_option *o = options + i;
    json_t *one =
        json_pack("{s:o, s:s, s:o, s:o}", "name", gcb_clean_string(o->name), "type", type_words[o->type],
                  "default", gcb_clean_string(o->fallback), "help", gcb_clean_string(o->help));
    if (o->type == GCB_CHOICE) json_object_set_new(one, "choices", gcb_clean_string(o->choices));
    if (o->type == GCB_UINT || o->type == GCB_REAL || o->type == GCB_BYTES) {
      json_object_set_new(one, "min", json_real(o->min));
      json_object_set_new(one, "max", json_real(o->max));
    }
    json_array_append_new(list, one);
  }
  return list;
}

bool gcb_settings_recall(const json_t *entry, gcb_option *o) {
  const char *type = json_string_value(json_object_get(entry, "type"));
  *o = (gcb_option){.name = json_string_value(json_object_get(entry, "name")),
                    .fallback = json_string_value(json_object_get(entry, "default")),
                    .min = json_number_value(json_object_get(entry, "min")),
                    .max = json_number_value(json_object_get(entry, "max")),
                    .choices = json_string_value(json_object_get(entry, "choices")),
                    .help = json_string_value(json_object_get(entry, "help"))};
  for (size_t i = 0; type && i < sizeof type_words / sizeof *type_words; i++)
    if (strcmp(type, type_words[i]) == 0) {
      o->type = (gcb_option_type)i;
      return o->name && (o->type != GCB_CHOICE || o->choices);
    }
  return false;
}
