/* gcbench merge: one store out of several. */
#include "commands/commands.h"
#include "results/model/clean.h"
#include "results/model/units.h"
#include "results/store/store_merge.h"

typedef struct merge_settings {
  const char *into;
} merge_settings;

static const struct gcb_cli_option options[] = {
    GCB_RESULTS_OPTION("into", merge_settings, into),
};

const struct gcb_command gcb_command_merge = {
    .name = "merge",
    .summary = "Join the stores of several machines",
    .usage = "DIR... [--into DIR]",
    .description = "Brings every run of the named stores into one. Runs are known again, so merging twice "
                   "changes nothing. "
                   "The parts of a suite that was shared out with 'gcbench run --shard K/N' become one run, "
                   "equal to that "
                   "of the whole suite.\n"
                   "Exit status: 0 all well; 2 wrong usage; 5 a store cannot be read or written.",
    .examples = "gcbench run -w all -c all --shard 1/2 --save night-7 --results a    # on one machine\n"
                "gcbench run -w all -c all --shard 2/2 --save night-7 --results b    # on another\n"
                "gcbench merge a b --into results",
    .options = options,
    .n_options = sizeof options / sizeof *options,
    .positionals = {"DIR", 1, SIZE_MAX, "the folder of a store"},
    .settings_size = sizeof(merge_settings),
};

static void tell(const char *from, const gcb_merged *m) {
  fprintf(stderr, "gcbench: %s: %s and %s are new, %zu %s here already\n", from,
          gcb_format_number((double)m->runs, "run").s, gcb_format_number((double)m->shards, "shard").s,
          m->same, m->same == 1 ? "was" : "were");
  if (m->nameless)
    fprintf(stderr, "gcbench: %zu could not keep their names, which other runs have here\n", m->nameless);
  if (m->beside)
    fprintf(stderr,
            "gcbench: %s not joined: the suite has them already, from other runs, so each stays a run of its "
            "own; give "
            "the shards of each night one name, with --save\n",
            gcb_format_number((double)m->beside, "shard").s);
}

gcb_exit gcb_merge(const struct gcb_parsed *parsed, int argc, char *const argv[]) {
  const merge_settings *s = parsed->settings;
  char why[4500];
  (void)argc, (void)argv;
  struct gcb_store *store = gcb_store_open(s->into, GCB_STORE_WRITE, why, sizeof why);
  bool good = store;
  for (size_t i = 0; good && i < parsed->positionals.n; i++) {
    gcb_merged counts = {0};
    good = gcb_store_merge(store, parsed->positionals.items[i], &counts, why, sizeof why);
    if (good) tell(parsed->positionals.items[i], &counts);
  }
  if (!good) gcb_print_clean(stderr, "gcbench merge: %s\n", why);
  gcb_store_close(store);
  return good ? GCB_EXIT_OK : GCB_EXIT_NOTHING;
}
