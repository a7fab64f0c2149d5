#include "plan/configuration.h"
#include "plan/settings.h"
#include <stdio.h>
#include <string.h>

/* Add the entries of `words` that differ from their defaults, canonical and in the table's order. */
static json_t *differing(const json_t *table, const json_t *words) {
  json_t *options = json_object(), *row;
  size_t i;
  json_array_foreach((json_t *)table, i, row) {
    gcb_option o;
    char canonical[GCB_CANONICAL], fallback[GCB_CANONICAL];
    if (!gcb_settings_recall(row, &o)) continue;
    const char *word = json_string_value(json_object_get(words, o.name));
    if (!word) continue;
    word = gcb_setting_canonical(&o, word, canonical);
    if (strcmp(word, gcb_setting_canonical(&o, o.fallback, fallback)) == 0) continue;
    if (json_object_set_new(options, o.name, json_string(word)) != 0) {
      json_decref(options);
      return NULL;
    }
  }
  return options;
}

static bool among(const json_t *some, const json_t *all) {
  const char *name;
  json_t *word;
  json_object_foreach((json_t *)some, name, word) {
    if (!json_equal(word, json_object_get(all, name))) return false;
  }
  return true;
}

/* The length of the name without the preset by which the entry was looked up. */
static size_t base_length(const gcb_entry *e) {
  const char *plus = strrchr(e->name, '+');
  size_t i;
  json_t *preset;
  json_array_foreach(json_object_get(e->about, "presets"), i, preset) {
    const char *name = json_string_value(json_object_get(preset, "name"));
    if (plus && name && strcmp(name, plus + 1) == 0) return (size_t)(plus - e->name);
  }
  return strlen(e->name);
}

json_t *gcb_configuration(const gcb_entry *e, const json_t *given, char name[GCB_CONFIGURATION_NAME]) {
  json_t *words = json_copy(e->preset), *preset;
  const json_t *table = json_object_get(e->about, "options");
  snprintf(name, GCB_CONFIGURATION_NAME, "%s", e->name);
  if (!words || json_object_update(words, (json_t *)given) != 0 || !e->about) return words;
  json_t *options = differing(table, words);
  json_decref(words);
  size_t i, most = 0, base = base_length(e);
  snprintf(name, GCB_CONFIGURATION_NAME, "%.*s", (int)base, e->name);
  json_array_foreach(json_object_get(e->about, "presets"), i, preset) {
    json_t *listed = gcb_preset_words(json_string_value(json_object_get(preset, "options")));
    json_t *set = differing(table, listed);
    size_t n = json_object_size(set);
    if (options && n > most && among(set, options)) {
      most = n;
      snprintf(name, GCB_CONFIGURATION_NAME, "%.*s+%s", (int)base, e->name,
               json_string_value(json_object_get(preset, "name")));
    }
    json_decref(set);
    json_decref(listed);
  }
  return options;
}
