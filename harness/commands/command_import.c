/* gcbench import: runs from JSON files into the store. */
#include "commands/commands.h"
#include "results/model/clean.h"
#include "results/store/runs.h"
#include "results/store/store.h"

typedef struct import_settings {
  const char *save, *results;
} import_settings;

static const struct gcb_cli_option options[] = {
    {"save", 0, GCB_INTO_STRING(import_settings, save), .argument = "NAME",
     .help = "the name of the run, when there is one file"},
    GCB_RESULTS_OPTION("results", import_settings, results),
};

const struct gcb_command gcb_command_import = {
    .name = "import",
    .summary = "Put runs from JSON files into the store",
    .usage = "FILE... [OPTIONS]",
    .description =
        "Reads what 'gcbench run --json' or 'gcbench export' wrote (schema gcbench.run/1). The same run "
        "twice is one run; a later state of a run, resumed and finished, brings it up to date.\n"
        "Exit status: 0 all well; 2 wrong usage or no such run; 5 the store cannot be written.",
    .examples = "gcbench import trees.json --save trees",
    .options = options,
    .n_options = sizeof options / sizeof *options,
    .positionals = {"FILE", 1, SIZE_MAX, "a run as JSON"},
    .settings_size = sizeof(import_settings),
};

gcb_exit gcb_import(const struct gcb_parsed *parsed, int argc, char *const argv[]) {
  const import_settings *s = parsed->settings;
  const struct gcb_strings *files = &parsed->positionals;
  char why[4500];
  gcb_exit status = GCB_EXIT_OK;
  (void)argc, (void)argv;
  if (s->save && files->n > 1) {
    gcb_options_wrong(&gcb_program, parsed->command, "--save", s->save, "one name, but %zu files", files->n);
    return GCB_EXIT_USAGE;
  }
  struct gcb_store *store = gcb_store_open(s->results, GCB_STORE_WRITE, why, sizeof why);
  if (!store) status = GCB_EXIT_NOTHING;
  for (size_t i = 0; store && i < files->n && status == GCB_EXIT_OK; i++) {
    json_t *run = gcb_load_file(files->items[i], why, sizeof why);
    if (!run) status = GCB_EXIT_USAGE;
    int64_t id = run ? gcb_store_import(store, run, s->save, why, sizeof why) : 0;
    json_decref(run);
    if (run && !id) status = GCB_EXIT_NOTHING;
    if (id) gcb_print_clean(stderr, "gcbench: %s is run %lld\n", files->items[i], (long long)id);
  }
  if (status != GCB_EXIT_OK) gcb_print_clean(stderr, "gcbench import: %s\n", why);
  gcb_store_close(store);
  return status;
}
