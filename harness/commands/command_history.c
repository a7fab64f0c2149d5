/* gcbench history: what the nights say over time. */
#include "commands/history_verbs.h"
#include "commands/outputs.h"
#include "results/model/called.h"
#include "results/model/clean.h"
#include "results/text/history_print.h"
#include "results/text/sparkline.h"
#include <string.h>

static const struct gcb_cli_option options[] = {
    {"workload", 'w', GCB_INTO_STRINGS(history_settings, workloads), .argument = "NAME,...",
     .heading = "Which series", .help = "of these workloads"},
    {"collector", 'c', GCB_INTO_STRINGS(history_settings, collectors), .argument = "NAME,...",
     .help = "of these collectors, by name or with options, such as 'gen3 nursery=4M'"},
    {"heap", 'H', GCB_INTO_HEAP_SIZES(history_settings, heaps), .argument = "SIZE,...",
     .help = "with these heap bounds"},
    {"metric", 0, GCB_INTO_STRINGS(history_settings, metrics), .argument = "NAME,...",
     .initial = "wall_ns,cpu_ns,pause_p99,peak_rss_bytes", .help = "metrics, or all"},
    {"machine", 0, GCB_INTO_STRING(history_settings, machine), .argument = "KEY",
     .help = "on this machine: the beginning of its key, as it is printed"},
    {"since", 0, GCB_INTO_STRING(history_settings, since), .argument = "WHEN", .initial = "180d",
     .help = "nights from a date on (2026-01-31), of so many days before the newest (90d), or all"},
    GCB_RESULTS_OPTION("results", history_settings, results),
    {"json", 'j', GCB_INTO_STRING(history_settings, json), .argument = "FILE",
     .help = "write the series with their steps (schema gcbench.history/1)"},
    {"run", 0, GCB_INTO_STRING(history_settings, run), .argument = "RUN", .heading = "For ack and bisect",
     .help = "the step at this run: its number, its name, last, last~1"},
    {"reason", 0, GCB_INTO_STRING(history_settings, reason), .argument = "TEXT",
     .help = "why the step was to be expected (ack)"},
    {"build", 0, GCB_INTO_STRING(history_settings, build), .argument = "COMMAND",
     .initial = "./gcbench setup", .help = "builds the collector in a clone of its sources (bisect)"},
    {"plugin", 0, GCB_INTO_STRING(history_settings, plugin), .argument = "FILE",
     .help = "the plug-in that this makes, in the clone; default "
             "build/release/lib/gcbench/collectors/COLLECTOR.so (bisect)"},
    GCB_OPTION_COLOR(history_settings),
};

const struct gcb_command gcb_command_history = {
    .name = "history",
    .summary = "Follow metrics over the stored runs, and find the nights in which they changed",
    .usage = "[ID...] [OPTIONS]\n"
             "ack ID [--run RUN] --reason TEXT\n"
             "ack --workload NAME,... --collector NAME,... --run RUN --reason TEXT\n"
             "acks\n"
             "unack NUMBER...\n"
             "bisect ID [--run RUN] [--build COMMAND] [--plugin FILE]",
    .description =
        "A series is one metric of one workload on one collector, with its parameters, options, heap and "
        "threads, on one machine. Each is a line: its nights (heights span at least 4 %, so that noise looks "
        "flat), the latest value, that against the median of the 7 nights before, and its steps: nights "
        "after "
        "which the level was another one, by at least 2 % and for at least 5 nights. Of an exact metric "
        "every "
        "difference is a step.\n"
        "A step for the worse is a SUSPECT. It proves nothing: the machine may have changed as well. The "
        "command that is printed with it, an interleaved comparison, decides. 'ack' says that a step was to "
        "be expected, for one series by its number or for all of some workloads and collectors; 'acks' lists "
        "what was said, 'unack' takes it back. A suspect whose level a later step brought back is undone. "
        "'bisect' prints a script for 'git bisect run' that finds the "
        "commit.\n"
        "Exit status: 0 no suspects; 2 wrong usage; 3 suspects; 5 no such series, or no store.",
    .examples = "gcbench history\n"
                "gcbench history --workload trees --collector gen3 --metric all --since 2026-01-31\n"
                "gcbench history ack 12 --reason 'larger default nursery'\n"
                "gcbench history bisect 12 --build 'make' --plugin ./mycollector.so > bisect.sh",
    .options = options,
    .n_options = sizeof options / sizeof *options,
    .positionals = {"WORD", 0, SIZE_MAX, "what to do, or the numbers of series"},
    .settings_size = sizeof(history_settings),
};

/* ---- verbs ---- */

typedef enum verb { SHOW, ACK, ACKS, UNACK, BISECT, VERBS, NONE } verb;

static const struct {
  const char *name;
  size_t min, max; /* numbers behind it */
  const char *expected;
} verbs[VERBS] = {
    [SHOW] = {"show", 0, SIZE_MAX, NULL},
    [ACK] = {"ack", 0, 1, "expected the number of one series, or --workload and --collector"},
    [ACKS] = {"acks", 0, 0, "expected nothing behind it"},
    [UNACK] = {"unack", 1, SIZE_MAX, "expected the numbers that 'gcbench history acks' lists"},
    [BISECT] = {"bisect", 1, 1, "expected the number of one series, as 'gcbench history' prints it"},
};

/* Options that only some verbs have a use for. */
static const struct {
  const char *option;
  unsigned verbs; /* bit set */
} only_for[] = {{"run", 1u << ACK | 1u << BISECT},
                {"reason", 1u << ACK},
                {"build", 1u << BISECT},
                {"plugin", 1u << BISECT},
                {"json", 1u << SHOW},
                {"heap", 1u << SHOW},
                {"workload", 1u << SHOW | 1u << ACK},
                {"collector", 1u << SHOW | 1u << ACK},
                {"metric", 1u << SHOW | 1u << ACK},
                {"machine", 1u << SHOW}};

/* The verb, with the numbers behind it in ids[]. NONE after a message. */
static verb read_words(const struct gcb_parsed *parsed, int64_t *ids, size_t *n) {
  const struct gcb_strings *words = &parsed->positionals;
  const char *names[VERBS];
  verb found = SHOW;
  size_t first = 0;
  for (int i = 0; i < VERBS; i++) names[i] = verbs[i].name;
  if (words->n && strspn(words->items[0], "0123456789") != strlen(words->items[0])) {
    while (found < VERBS && strcmp(words->items[0], verbs[found].name) != 0) found++;
    first = 1;
  }
  if (found == VERBS) {
    const char *near = gcb_nearest(words->items[0], names, VERBS);
    gcb_options_wrong(&gcb_program, parsed->command, NULL, words->items[0],
                      "expected show, ack, acks, unack, bisect or numbers of series%s%s%s",
                      near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
    return NONE;
  }
  *n = words->n - first;
  for (size_t i = 0; i < *n; i++) {
    uint64_t id;
    if (gcb_parse_unsigned(words->items[first + i], &id) != GCB_UNITS_OK || !id || id > INT64_MAX) {
      gcb_options_wrong(&gcb_program, parsed->command, NULL, words->items[first + i],
                        gcb_as_called("expected a number, as 'gcbench history' prints it"));
      return NONE;
    }
    ids[i] = (int64_t)id;
  }
  if (*n < verbs[found].min || *n > verbs[found].max) {
    gcb_options_wrong(&gcb_program, parsed->command, NULL, verbs[found].name, "%s",
                      gcb_as_called(verbs[found].expected));
    return NONE;
  }
  for (size_t i = 0; i < sizeof only_for / sizeof *only_for; i++) {
    char option[40];
    snprintf(option, sizeof option, "--%s", only_for[i].option);
    if (!gcb_option_given(parsed, only_for[i].option) || only_for[i].verbs >> found & 1) continue;
    gcb_options_wrong(&gcb_program, parsed->command, option, NULL, "'history %s' has no use for it",
                      verbs[found].name);
    return NONE;
  }
  return found;
}

static gcb_exit show(const struct gcb_parsed *parsed, struct gcb_store *store, const int64_t *ids, size_t n) {
  const history_settings *s = parsed->settings;
  gcb_exit status;
  gcb_output json = {.option = "--json", .path = s->json};
  if (!gcb_outputs_begin(&json, 1, parsed)) return GCB_EXIT_USAGE;
  struct gcb_history *h = gcb_history_of_options(parsed, store, ids, n, &status);
  if (!h) goto out;
  gcb_history_print(h, gcb_locale_is_utf8(), stdout);
  for (size_t i = 0; i < h->n_series; i++)
    if (gcb_count_suspects(&h->series[i])) status = GCB_EXIT_INCONCLUSIVE;
  if (s->json) {
    json_t *document = gcb_history_json(h);
    if (!gcb_output_json(&json, document)) status = GCB_EXIT_NOTHING;
    json_decref(document);
  }
out:
  gcb_outputs_abandon(&json, 1);
  gcb_history_free(h);
  return status;
}

gcb_exit gcb_history(const struct gcb_parsed *parsed, int argc, char *const argv[]) {
  const history_settings *s = parsed->settings;
  int64_t ids[parsed->positionals.n + 1];
  size_t n = 0;
  char why[4500];
  gcb_exit status = GCB_EXIT_NOTHING;
  (void)argc, (void)argv;
  verb verb = read_words(parsed, ids, &n);
  if (verb == NONE) return GCB_EXIT_USAGE;
  struct gcb_store *store = gcb_store_open(s->results, GCB_STORE_READ, why, sizeof why);
  if (!store) {
    gcb_print_clean(stderr, "gcbench history: %s\n", why);
    return status;
  }
  switch (verb) {
  case ACK:
    status = gcb_history_say_ack(parsed, store, n ? ids[0] : 0);
    break;
  case ACKS:
    status = gcb_history_list_acks(store);
    break;
  case UNACK:
    status = gcb_history_take_back(store, ids, n);
    break;
  case BISECT:
    status = gcb_history_say_bisect(parsed, store, ids[0]);
    break;
  default:
    status = show(parsed, store, ids, n);
  }
  gcb_store_close(store);
  return status;
}
