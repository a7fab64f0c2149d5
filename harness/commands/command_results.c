/* gcbench results: the runs that were kept. */
#include "commands/cell_options.h"
#include "commands/commands.h"
#include "commands/table_choice.h"
#include "results/model/called.h"
#include "results/model/clean.h"
#include "results/store/runs.h"
#include "results/store/store.h"
#include "results/text/columns.h"
#include <string.h>

typedef struct results_settings {
  const char *results;
  struct gcb_strings columns;
  bool json, all;
  const char *color;
} results_settings;

static const struct gcb_cli_option options[] = {
    GCB_RESULTS_OPTION("results", results_settings, results),
    {"all", 'a', GCB_INTO_FLAG(results_settings, all), .help = "list every run, not only the newest 25"},
    {"json", 'j', GCB_INTO_FLAG(results_settings, json),
     .help = "the list, or with show the whole run, as JSON on standard output"},
    GCB_OPTION_COLUMNS(results_settings),
    GCB_OPTION_COLOR(results_settings),
};

const struct gcb_command gcb_command_results = {
    .name = "results",
    .summary = "List, show, name and delete the runs that were kept",
    .usage = "[list] [OPTIONS]\nshow RUN [OPTIONS]\nname RUN NAME\ndelete RUN...\ncheck",
    .description =
        "A run is named by its number, by the name it was given, by 'last', 'last~1' (the one before) and so "
        "on, or, for show, by a JSON file. A run that was killed keeps every invocation that ended; 'gcbench "
        "run --resume RUN' does what is missing. 'check' reads the whole store and says whether it is "
        "sound.\n"
        "Exit status: 0 all well; 2 wrong usage or no such run; 5 the store cannot be read or written.",
    .examples = "gcbench results\n"
                "gcbench results show last --columns collector,heap,p99,max-pause\n"
                "gcbench results name 17 before-the-change\n"
                "gcbench results delete 12 13",
    .options = options,
    .n_options = sizeof options / sizeof *options,
    .positionals = {"WORD", 0, SIZE_MAX, "what to do, and with which run"},
    .settings_size = sizeof(results_settings),
};

/* ---- list ---- */

enum { NEWEST = 25 };

static const char *word(const json_t *o, const char *key, const char *otherwise) {
  const char *s = json_string_value(json_object_get(o, key));
  return s ? s : otherwise;
}

static json_int_t number(const json_t *o, const char *key) {
  return json_integer_value(json_object_get(o, key));
}

static void list_row(gcb_columns *t, const json_t *run) {
  char name[140];
  json_int_t failed = number(run, "failed"), shards = number(run, "shards");
  bool shard = json_is_integer(json_object_get(run, "shard"));
  snprintf(name, sizeof name, "%s", word(run, "name", "-"));
  if (shard)
    snprintf(name + strlen(name), sizeof name - strlen(name), "  (shard %d of %d)", (int)number(run, "shard"),
             (int)shards);
  gcb_columns_row(t);
  gcb_columns_put(t, 0, "%" JSON_INTEGER_FORMAT, number(run, "id"));
  gcb_columns_put(t, 1, "%s", name);
  gcb_columns_put(t, 2, "%.10s %.5s", word(run, "started", ""), word(run, "started", "           ") + 11);
  if (json_is_real(json_object_get(run, "seconds")))
    gcb_columns_put(t, 3, "%s", gcb_format_ns(json_real_value(json_object_get(run, "seconds")) * 1e9).s);
  gcb_columns_put(t, 4, "%" JSON_INTEGER_FORMAT, number(run, "cells"));
  gcb_columns_put(t, 5, "%" JSON_INTEGER_FORMAT "/%" JSON_INTEGER_FORMAT, number(run, "done"),
                  number(run, "planned"));
  if (failed)
    gcb_columns_put(t, 6, "%s, %" JSON_INTEGER_FORMAT " not ok", word(run, "status", "?"), failed);
  else
    gcb_columns_put(t, 6, "%s", word(run, "status", "?"));
  gcb_columns_put(t, 7, "%.40s", word(run, "workloads", ""));
  gcb_columns_put(t, 8, "%.40s", word(run, "collectors", ""));
}

static gcb_exit list(struct gcb_store *store, const results_settings *s, char *why, size_t why_size) {
  static const char *const heads[] = {"id",          "name",   "started (UTC)", "took",      "cells",
                                      "invocations", "status", "workloads",     "collectors"};
  gcb_columns t;
  size_t i;
  json_t *run;
  json_t *runs = gcb_store_runs(store, s->all || s->json ? 0 : NEWEST + 1, why, why_size);
  if (!runs) return GCB_EXIT_NOTHING;
  if (s->json) {
    json_dumpf(runs, stdout, JSON_INDENT(1));
    putchar('\n');
    json_decref(runs);
    return GCB_EXIT_OK;
  }
  gcb_columns_begin(&t, heads, sizeof heads / sizeof *heads, 1u << 1 | 1u << 2 | 1u << 6 | 1u << 7 | 1u << 8);
  json_array_foreach(runs, i, run) {
    if (!s->all && i == NEWEST) break;
    list_row(&t, run);
  }
  gcb_columns_end(&t, "", stdout);
  if (!s->all && json_array_size(runs) > NEWEST) puts(gcb_as_called("older ones: gcbench results --all"));
  if (!json_array_size(runs)) puts("no runs yet");
  json_decref(runs);
  return GCB_EXIT_OK;
}

/* ---- the others ---- */

static gcb_exit show(const char *name, const results_settings *s, gcb_table_columns columns, char *why,
                     size_t why_size) {
  json_t *run = gcb_load_run(name, s->results, why, why_size);
  if (!run) return GCB_EXIT_USAGE;
  if (s->json) {
    json_dumpf(run, stdout, JSON_INDENT(1));
    putchar('\n');
  } else {
    gcb_table_print(run, columns, stdout);
  }
  json_decref(run);
  return GCB_EXIT_OK;
}

static gcb_exit delete (struct gcb_store *store, const struct gcb_strings *words, char *why,
                        size_t why_size) {
  int64_t ids[words->n];
  /* All are found before the first goes: "last" must not mean another one half-way. */
  for (size_t i = 1; i < words->n; i++) {
    ids[i] = gcb_store_find(store, words->items[i], why, why_size);
    if (!ids[i]) return GCB_EXIT_USAGE;
  }
  for (size_t i = 1; i < words->n; i++) {
    if (!gcb_store_delete(store, ids[i], why, why_size)) return GCB_EXIT_NOTHING;
    fprintf(stderr, "gcbench: run %lld is deleted\n", (long long)ids[i]);
  }
  return GCB_EXIT_OK;
}

static gcb_exit rename_run(struct gcb_store *store, const struct gcb_strings *words, char *why,
                           size_t why_size) {
  int64_t id = gcb_store_find(store, words->items[1], why, why_size);
  if (!id || !gcb_store_rename(store, id, words->items[2], why, why_size)) return GCB_EXIT_USAGE;
  fprintf(stderr, "gcbench: run %lld is called %s\n", (long long)id, words->items[2]);
  return GCB_EXIT_OK;
}

static gcb_exit check(struct gcb_store *store, char *why, size_t why_size) {
  if (!gcb_store_check(store, why, why_size)) return GCB_EXIT_NOTHING;
  printf("%s is sound\n", gcb_store_path(store));
  return GCB_EXIT_OK;
}

/* What the first word may be, and how many follow it. */
static const struct {
  const char *name;
  size_t min, max;
} verbs[] = {{"list", 0, 0}, {"show", 1, 1}, {"name", 2, 2}, {"delete", 1, SIZE_MAX - 1}, {"check", 0, 0}};
enum { LIST, SHOW, NAME, DELETE, CHECK, VERBS };

static int verb_of(const struct gcb_parsed *parsed) {
  const struct gcb_strings *words = &parsed->positionals;
  const char *names[VERBS];
  if (!words->n) return LIST;
  for (int i = 0; i < VERBS; i++) {
    names[i] = verbs[i].name;
    if (strcmp(words->items[0], verbs[i].name) != 0) continue;
    if (words->n - 1 >= verbs[i].min && words->n - 1 <= verbs[i].max) return i;
    gcb_options_wrong(&gcb_program, parsed->command, NULL, words->items[0], "expected %s",
                      i == NAME                 ? "a run and its new name"
                      : i == LIST || i == CHECK ? "nothing behind it"
                      : i == SHOW               ? "one run, such as last"
                                                : "runs, such as 12 13");
    return -1;
  }
  const char *near = gcb_nearest(words->items[0], names, VERBS);
  gcb_options_wrong(&gcb_program, parsed->command, NULL, words->items[0],
                    "expected list, show, name, delete or check%s%s%s", near ? "; did you mean " : "",
                    near ? near : "", near ? "?" : "");
  return -1;
}

gcb_exit gcb_results(const struct gcb_parsed *parsed, int argc, char *const argv[]) {
  const results_settings *s = parsed->settings;
  const struct gcb_strings *words = &parsed->positionals;
  char why[4500] = "";
  gcb_exit status = GCB_EXIT_NOTHING;
  int verb = verb_of(parsed);
  (void)argc, (void)argv;
  gcb_table_columns columns;
  if (verb < 0 || !gcb_table_choice(parsed, &s->columns, &columns)) return GCB_EXIT_USAGE;
  struct gcb_store *store = NULL;
  if (verb == SHOW)
    status = show(words->items[1], s, columns, why, sizeof why);
  else if ((store = gcb_store_open(s->results, GCB_STORE_READ, why, sizeof why)))
    status = verb == LIST     ? list(store, s, why, sizeof why)
             : verb == DELETE ? delete (store, words, why, sizeof why)
             : verb == NAME   ? rename_run(store, words, why, sizeof why)
                              : check(store, why, sizeof why);
  if (status != GCB_EXIT_OK) gcb_print_clean(stderr, "gcbench results: %s\n", why);
  gcb_store_close(store);
  return status;
}
