#include "plan/catalog.h"
#include "machine/interrupt.h"
#include "machine/process.h"
#include "plan/settings.h"
#include "results/model/called.h"
#include "results/model/clean.h"
#include "results/text/nearest.h"
#include "runtime/enum_names.h"
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* ---- in the child ---- */

json_t *gcb_describe(const char *file) {
  char why[600];
  const gcb_collector *c = gcb_load_collector(file, why, sizeof why);
  if (!c) return json_pack("{s:o}", "error", gcb_clean_string(why));
  json_t *capabilities = json_array(), *presets = json_array(), *rare = json_array();
  for (unsigned i = 0; gcb_capability_word(i); i++)
    if (c->capabilities >> i & 1) json_array_append_new(capabilities, json_string(gcb_capability_word(i)));
  for (unsigned i = 0; i < GCB_EVENT_KINDS; i++)
    if (c->rare >> i & 1) json_array_append_new(rare, json_string(gcb_event_word(i)));
  for (const gcb_preset *p = c->presets; p && p->name; p++)
    json_array_append_new(presets, json_pack("{s:o, s:o}", "name", gcb_clean_string(p->name), "options",
                                             gcb_clean_string(p->options)));
  return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:o, s:o}", "name", gcb_clean_string(c->name),
                   "summary", gcb_clean_string(c->summary), "follows",
                   gcb_clean_string(c->follows ? c->follows : ""), "note", gcb_clean_string(c->note),
                   "capabilities", capabilities, "rare", rare, "path", gcb_path_name(c->path), "options",
                   gcb_settings_describe(c->options, c->n_options), "presets", presets);
}

/* ---- in the parent ---- */

/* Words to bits: `n` words are known. */
static uint64_t bits_of(const json_t *words, unsigned n, const char *word_of(unsigned bit)) {
  uint64_t bits = 0;
  size_t i;
  json_t *word;
  json_array_foreach(words, i, word) for (unsigned b = 0; b < n && word_of(b); b++) {
    if (json_is_string(word) && strcmp(json_string_value(word), word_of(b)) == 0) bits |= 1ull << b;
  }
  return bits;
}

uint64_t gcb_entry_rare(const gcb_entry *e) {
  uint64_t rare = bits_of(json_object_get(e->about, "rare"), GCB_EVENT_KINDS, gcb_event_word);
  if (!rare) return (1ull << GCB_EVENT_KINDS) - 1;
  if (!(e->capabilities & GCB_CAP(RECLAIMS))) /* nothing dies, nobody is stopped */
    return rare | GCB_RARE(THREAD_BEGAN) | GCB_RARE(THREAD_ENDED);
  if (e->capabilities & GCB_CAP(FINALIZERS)) rare |= GCB_RARE_OF_FINALIZERS;
  if (e->capabilities & GCB_CAP(THREADS)) rare |= GCB_RARE_OF_THREADS;
  return rare | GCB_RARE(THREAD_BEGAN) | GCB_RARE(THREAD_ENDED);
}

static gcb_entry *add(gcb_catalog *c, const char *name, const char *file) {
  gcb_entry *grown = realloc(c->collectors, (c->n_collectors + 1) * sizeof *grown);
  if (!grown) return NULL;
  c->collectors = grown;
  gcb_entry *e = &grown[c->n_collectors++];
  *e = (gcb_entry){.name = strdup(name), .file = strdup(file), .preset = json_object()};
  return e;
}

/* Have a process of its own describe the module; what goes wrong there is the entry's `why`. */
static void describe(gcb_entry *e) {
  gcb_child child;
  json_error_t error;
  char why[700];
  if (!gcb_is_utf8(e->file, strlen(e->file))) {
    char name[300];
    gcb_clean(name, sizeof name, e->file, strlen(e->file));
    snprintf(why, sizeof why, "the path %s is not UTF-8, which results are written in; move or rename it",
             name);
    e->why = strdup(why);
    return;
  }
  gcb_child_run("describe", e->file, 20000000000ull, &gcb_interrupted, &child);
  json_t *about = child.answer ? json_loads(child.answer, 0, &error) : NULL;
  gcb_clean_json(about);
  json_t *failed = json_object_get(about, "error");
  if (json_is_string(json_object_get(about, "name"))) {
    e->about = about;
    e->capabilities = bits_of(json_object_get(about, "capabilities"), 64, gcb_capability_word);
  } else {
    if (json_is_string(failed)) {
      snprintf(why, sizeof why, "%s", json_string_value(failed));
    } else {
      int n = snprintf(why, sizeof why, "collector %s: ", e->file);
      gcb_child_explain(&child, why + n, sizeof why - (size_t)n);
    }
    e->why = strdup(why);
    json_decref(about);
  }
  free(child.answer);
}

static int by_name(const void *a, const void *b) {
  return strcmp(((const gcb_entry *)a)->name, ((const gcb_entry *)b)->name);
}

bool gcb_catalog_open(gcb_catalog *c, char *why, size_t why_size) {
  char folder[PATH_MAX];
  *c = (gcb_catalog){0};
  c->workloads = gcb_load_path((gcb_path){0}, why, why_size);
  if (!c->workloads) return false;
  if ((size_t)snprintf(folder, sizeof folder, "%s/collectors", gcb_lib_dir()) >= sizeof folder) return false;
  DIR *dir = opendir(folder);
  if (!dir) {
    snprintf(why, why_size, "no collectors: %s: %m", folder);
    return false;
  }
  for (struct dirent *d; (d = readdir(dir));) {
    char file[PATH_MAX + 300], name[256];
    char *dot = strrchr(d->d_name, '.');
    if (!dot || (strcmp(dot, ".so") != 0 && strcmp(dot, ".missing") != 0)) continue;
    snprintf(file, sizeof file, "%s/%s", folder, d->d_name);
    snprintf(name, sizeof name, "%.*s", (int)(dot - d->d_name), d->d_name);
    gcb_entry *e = add(c, name, file);
    FILE *missing = e && strcmp(dot, ".missing") == 0 ? fopen(file, "r") : NULL;
    if (missing) { /* the build notes there which package an optional collector needs */
      char packages[256] = "", text[300];
      size_t n = fread(packages, 1, sizeof packages - 1, missing);
      fclose(missing);
      while (n && packages[n - 1] == '\n') packages[--n] = 0;
      snprintf(text, sizeof text, "unsupported: needs %s", packages);
      e->why = strdup(text);
      e->missing = strdup(strchr(text, ' ') + 1);
    }
  }
  closedir(dir);
  if (c->n_collectors) qsort(c->collectors, c->n_collectors, sizeof *c->collectors, by_name);
  return true;
}

void gcb_catalog_close(gcb_catalog *c) {
  for (size_t i = 0; i < c->n_collectors; i++) {
    gcb_entry *e = &c->collectors[i];
    free(e->name);
    free(e->file);
    free(e->word);
    free(e->missing);
    free(e->why);
    json_decref(e->about);
    json_decref(e->preset);
  }
  free(c->collectors);
  gcb_catalog_close_workloads(c);
  *c = (gcb_catalog){0};
}

static gcb_entry *find(gcb_catalog *c, const char *name) {
  for (size_t i = 0; i < c->n_collectors; i++)
    if (strcmp(c->collectors[i].word ? c->collectors[i].word : c->collectors[i].name, name) == 0)
      return &c->collectors[i];
  return NULL;
}

static const gcb_entry *described(gcb_entry *e, char *why, size_t why_size) {
  if (!e->about && !e->why) describe(e);
  if (e->about) return e;
  snprintf(why, why_size, "%s", e->why);
  return NULL;
}

json_t *gcb_preset_words(const char *options) {
  json_t *into = json_object();
  char copy[400], *rest = copy;
  snprintf(copy, sizeof copy, "%s", options);
  for (char *pair; (pair = strsep(&rest, ","));) {
    char *equals = strchr(pair, '=');
    if (!equals) continue;
    *equals = 0;
    json_object_set_new(into, pair, gcb_clean_string(equals + 1));
  }
  return into;
}

static void read_preset(json_t *into, const char *options) {
  json_t *words = gcb_preset_words(options);
  json_object_update(into, words);
  json_decref(words);
}

static const gcb_entry *with_preset(gcb_catalog *c, const char *word, const char *plus, char *why,
                                    size_t why_size) {
  char base[256];
  snprintf(base, sizeof base, "%.*s", (int)(plus - word), word);
  gcb_entry *plain = find(c, base);
  if (!plain || !described(plain, why, why_size)) return NULL;
  size_t i;
  json_t *preset;
  json_array_foreach(json_object_get(plain->about, "presets"), i, preset) {
    if (strcmp(json_string_value(json_object_get(preset, "name")), plus + 1) != 0) continue;
    size_t at = (size_t)(plain - c->collectors);
    gcb_entry *e = add(c, word, plain->file);
    if (!e) return NULL;
    plain = &c->collectors[at]; /* add() may have moved it */
    e->about = json_incref(plain->about);
    e->capabilities = plain->capabilities;
    read_preset(e->preset, json_string_value(json_object_get(preset, "options")));
    return e;
  }
  int n = snprintf(why, why_size, "%s has no preset %s; it has", base, plus + 1);
  json_array_foreach(json_object_get(plain->about, "presets"), i, preset) {
    if ((size_t)n >= why_size) break;
    n += snprintf(why + n, why_size - (size_t)n, "%s %s", i ? "," : "",
                  json_string_value(json_object_get(preset, "name")));
  }
  if (i == 0 && (size_t)n < why_size) snprintf(why + n, why_size - (size_t)n, " none");
  return NULL;
}

/* Where the options begin in "gen3 nursery=8M": the blank before the first; NULL when there are none. */
static const char *options_in(const char *word) {
  const char *blank = strchr(word, ' '), *equals = strchr(word, '=');
  return blank && equals && blank < equals ? blank : NULL;
}

/* Does the collector have these options, and do they take these values? */
static bool accepts(const gcb_entry *e, const json_t *given, char *why, size_t why_size) {
  const char *names[64], *key;
  const json_t *options = json_object_get(e->about, "options");
  size_t n = 0, i;
  json_t *option, *value;
  json_array_foreach(options, i, option) if (n < 64) names[n++] =
      json_string_value(json_object_get(option, "name"));
  json_object_foreach((json_t *)given, key, value) {
    gcb_option o;
    gcb_value unused;
    for (i = 0; i < n && strcmp(names[i], key) != 0;) i++;
    if (i == n) {
      const char *near = gcb_nearest(key, names, n);
      snprintf(why, why_size,
               near ? "%s has no option %s; did you mean %s?"
                    : gcb_as_called("%s has no option %s; 'gcbench list collectors' shows what it has"),
               e->name, key, near);
      return false;
    }
    if (gcb_settings_recall(json_array_get(options, i), &o) &&
        !gcb_setting_parse(&o, json_string_value(value), &unused, why, why_size))
      return false;
  }
  return true;
}

static const gcb_entry *with_options(gcb_catalog *c, const char *word, const char *blank, char *why,
                                     size_t why_size) {
  char base[PATH_MAX], options[400];
  snprintf(base, sizeof base, "%.*s", (int)(blank - word), word);
  snprintf(options, sizeof options, "%s", blank + 1);
  for (char *p = options; *p; p++) *p = *p == ' ' ? ',' : *p;
  const gcb_entry *plain = gcb_catalog_collector(c, base, why, why_size);
  if (!plain) return NULL;
  json_t *all = json_copy(plain->preset);
  read_preset(all, options);
  if (!accepts(plain, all, why, why_size)) {
    json_decref(all);
    return NULL;
  }
  size_t at = (size_t)(plain - c->collectors);
  gcb_entry *e = add(c, plain->name, plain->file);
  if (!e) {
    json_decref(all);
    return NULL;
  }
  plain = &c->collectors[at]; /* add() may have moved it */
  e->word = strdup(word);
  e->about = json_incref(plain->about);
  e->capabilities = plain->capabilities;
  json_decref(e->preset);
  e->preset = all;
  return e;
}

const gcb_entry *gcb_catalog_collector(gcb_catalog *c, const char *word, char *why, size_t why_size) {
  gcb_entry *e = find(c, word);
  if (!e && options_in(word)) return with_options(c, word, options_in(word), why, why_size);
  if (!e && gcb_is_file(word)) {
    char file[PATH_MAX];
    if (!realpath(word, file)) {
      snprintf(why, why_size, "the file cannot be read: %m");
      return NULL;
    }
    e = add(c, word, file);
  }
  if (e) return described(e, why, why_size);
  why[0] = 0;
  const char *plus = strchr(word, '+');
  if (plus && plus[1]) {
    const gcb_entry *p = with_preset(c, word, plus, why, why_size);
    if (p || why[0]) return p;
  }
  const char **names = calloc(c->n_collectors + 1, sizeof *names);
  for (size_t i = 0; names && i < c->n_collectors; i++) names[i] = c->collectors[i].name;
  const char *near = names ? gcb_nearest(word, names, c->n_collectors) : NULL;
  if (near)
    snprintf(why, why_size, "no such collector; did you mean %s?", near);
  else
    snprintf(
        why, why_size,
        gcb_as_called(
            "no such collector; 'gcbench list collectors' shows them, and a file is given with its path, "
            "such as ./mine.so"));
  free(names);
  return NULL;
}

const gcb_entry *gcb_catalog_wanted(gcb_catalog *c, const char *word, char *why, size_t why_size) {
  gcb_entry *e = find(c, word);
  return e && e->missing ? e : gcb_catalog_collector(c, word, why, why_size);
}
