/* gcbench export: a run in a form that other programs read. */
#include "commands/commands.h"
#include "results/export/file.h"
#include "results/export/formats.h"
#include "results/model/called.h"
#include "results/model/clean.h"
#include "results/store/runs.h"
#include <string.h>

typedef struct export_settings {
  struct gcb_strings workloads, collectors;
  const char *format, *output, *results;
  bool list;
} export_settings;

static const struct gcb_cli_option options[] = {
    {"format", 'f', GCB_INTO_STRING(export_settings, format), .argument = "NAME", .initial = "json",
     .help = "what to write; --list shows what there is"},
    {"output", 'o', GCB_INTO_STRING(export_settings, output), .argument = "FILE",
     .help = "where to; without it, or -, standard output"},
    {"workload", 'w', GCB_INTO_STRINGS(export_settings, workloads), .argument = "NAME,...",
     .help = "only cells of these workloads"},
    {"collector", 'c', GCB_INTO_STRINGS(export_settings, collectors), .argument = "NAME,...",
     .help = "only cells of these collectors"},
    {"list", 0, GCB_INTO_FLAG(export_settings, list), .help = "print the formats"},
    GCB_RESULTS_OPTION("results", export_settings, results),
};

const struct gcb_command gcb_command_export = {
    .name = "export",
    .summary = "Write a run in a form that other programs read",
    .usage = "RUN [--format NAME] [--output FILE]\n--list",
    .description =
        "The run is one of the store (its number, its name, 'last', 'last~1' ...) or a JSON file.\n"
        "Exit status: 0 all well; 2 wrong usage or no such run; 5 it could not be written.",
    .examples = "gcbench export last --format csv -o last.csv\n"
                "gcbench export last --collector gen3 --format hgrm -o gen3.hgrm\n"
                "gcbench export before-the-change > before.json",
    .options = options,
    .n_options = sizeof options / sizeof *options,
    .positionals = {"RUN", 0, 1, "the run"},
    .settings_size = sizeof(export_settings),
};

static void print_formats(void) {
  for (size_t i = 0; i < gcb_n_formats; i++)
    printf("%-14s %s\n", gcb_formats[i].name, gcb_formats[i].meaning);
}

static const gcb_format *format_of(const struct gcb_parsed *parsed, const char *word) {
  const gcb_format *format = gcb_format_find(word);
  const char *names[gcb_n_formats];
  for (size_t i = 0; i < gcb_n_formats; i++) names[i] = gcb_formats[i].name;
  const char *near = format ? NULL : gcb_nearest(word, names, gcb_n_formats);
  if (!format)
    gcb_options_wrong(&gcb_program, parsed->command, "--format", word, "no such format%s%s; see --list",
                      near ? "; did you mean " : "", near ? near : "");
  return format;
}

static bool among(const struct gcb_strings *names, const char *name) {
  for (size_t i = 0; i < names->n; i++)
    if (name && strcmp(names->items[i], name) == 0) return true;
  return !names->n;
}

/* Leave only the cells that were asked for; whether there are any. */
static bool choose(json_t *run, const export_settings *s) {
  json_t *cells = json_object_get(run, "cells");
  for (size_t i = json_array_size(cells); i-- > 0;) {
    const json_t *cell = json_array_get(cells, i);
    if (!among(&s->workloads, json_string_value(json_object_get(cell, "workload"))) ||
        !among(&s->collectors, json_string_value(json_object_get(cell, "collector"))))
      json_array_remove(cells, i);
  }
  return json_array_size(cells);
}

gcb_exit gcb_export(const struct gcb_parsed *parsed, int argc, char *const argv[]) {
  const export_settings *s = parsed->settings;
  char why[4500];
  gcb_file file = {0};
  (void)argc, (void)argv;
  if (s->list) {
    print_formats();
    return GCB_EXIT_OK;
  }
  const gcb_format *format = format_of(parsed, s->format);
  if (!format) return GCB_EXIT_USAGE;
  if (!parsed->positionals.n) {
    gcb_options_wrong(&gcb_program, parsed->command, NULL, NULL,
                      gcb_as_called("which run? For example: gcbench export last"));
    return GCB_EXIT_USAGE;
  }
  json_t *run = gcb_load_run(parsed->positionals.items[0], s->results, why, sizeof why);
  gcb_exit status = GCB_EXIT_USAGE;
  if (run && !choose(run, s)) {
    gcb_options_wrong(&gcb_program, parsed->command, NULL, parsed->positionals.items[0],
                      "none of its cells has such a workload and collector");
    json_decref(run);
    return GCB_EXIT_USAGE;
  }
  bool to_file = s->output && strcmp(s->output, "-") != 0;
  if (!run || (to_file && !gcb_file_begin(&file, s->output, why, sizeof why))) goto out;
  status = GCB_EXIT_NOTHING;
  FILE *out = to_file ? file.out : stdout;
  if (!format->write(run, out) && !ferror(out))
    snprintf(why, sizeof why, "the run has nothing to write as %s: %s", format->name, format->meaning);
  else if (!to_file && (fflush(out) != 0 || ferror(out)))
    snprintf(why, sizeof why, "standard output could not be written: %m");
  else if (!to_file || gcb_file_commit(&file, true, why, sizeof why))
    status = GCB_EXIT_OK;
out:
  if (status != GCB_EXIT_OK) gcb_print_clean(stderr, "gcbench export: %s\n", why);
  gcb_file_abandon(&file);
  json_decref(run);
  return status;
}
