/* gcbench export: a run in a form that other programs read. */
#include "command.h"
#include "file.h"
#include "formats.h"
#include "runs.h"
#include <string.h>

typedef struct export_settings {
  const char *format, *output, *results;
  bool list;
} export_settings;

static const struct gcb_cli_option options[] = {
    {"format", 'f', GCB_INTO_STRING(export_settings, format), .argument = "NAME", .initial = "json",
     .help = "what to write; --list shows what there is"},
    {"output", 'o', GCB_INTO_STRING(export_settings, output), .argument = "FILE",
     .help = "where to; without it, standard output"},
    {"list", 0, GCB_INTO_FLAG(export_settings, list), .help = "print the formats"},
    {"results", 0, GCB_INTO_STRING(export_settings, results), .argument = "DIR",
     .help = "folder of the store; else $GCBENCH_RESULTS, or ./results (installed: ~/.local/share/gcbench)"},
};

const struct gcb_command gcb_command_export = {
    .name = "export",
    .summary = "Write a run in a form that other programs read",
    .usage = "RUN [--format NAME] [--output FILE]\n--list",
    .description =
        "The run is one of the store (its number, its name, 'last', 'last~1' ...) or a JSON file.\n"
        "Exit status: 0 all well; 2 wrong usage or no such run; 5 it could not be written.",
    .examples = "gcbench export last --format csv -o last.csv\n"
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
                      "which run? For example: gcbench export last");
    return GCB_EXIT_USAGE;
  }
  json_t *run = gcb_load_run(parsed->positionals.items[0], s->results, why, sizeof why);
  gcb_exit status = GCB_EXIT_USAGE;
  if (!run || (s->output && !gcb_file_begin(&file, s->output, why, sizeof why))) goto out;
  status = GCB_EXIT_NOTHING;
  FILE *out = s->output ? file.out : stdout;
  if (!format->write(run, out) && !ferror(out))
    snprintf(why, sizeof why, "the run has nothing to write as %s: %s", format->name, format->meaning);
  else if (!s->output && (fflush(out) != 0 || ferror(out)))
    snprintf(why, sizeof why, "standard output could not be written: %m");
  else if (!s->output || gcb_file_commit(&file, why, sizeof why))
    status = GCB_EXIT_OK;
out:
  if (status != GCB_EXIT_OK) fprintf(stderr, "gcbench export: %s\n", why);
  gcb_file_abandon(&file);
  json_decref(run);
  return status;
}
