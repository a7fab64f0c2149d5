/* gcbench compare: what changed from A to B, and can it be told? Two stored runs, two collectors of one run,
 * or two collectors live, in interleaved pairs. */
#include "commands/cell_options.h"
#include "commands/commands.h"
#include "commands/open_session.h"
#include "commands/outputs.h"
#include "results/analysis/document.h"
#include "results/model/called.h"
#include "results/model/metrics.h"
#include "results/model/units.h"
#include "results/store/runs.h"
#include "results/text/compare_print.h"
#include "results/text/unfit.h"
#include "session/pairs.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { QUICK = 10, USUAL = 20, RIGOROUS = 30 };

typedef struct compare_settings {
  struct gcb_strings workloads, metrics;
  struct gcb_heap_sizes heaps, live;
  struct gcb_sweeps params;
  uint64_t pairs, iterations, warmups, mutators, workers, seed, timeout;
  const char *a, *b, *floor, *precision, *pin, *json, *run_json, *save, *results;
  bool quick, rigorous, markdown, no_save, quiet;
  const char *color;
} compare_settings;

static const struct gcb_cli_option options[] = {
    {"a", 'a', GCB_INTO_STRING(compare_settings, a), .argument = "COLLECTOR", .heading = "What",
     .help = "the baseline: a name, NAME+PRESET or a file, with options after it, such as 'gen3 nursery=4M'"},
    {"b", 'b', GCB_INTO_STRING(compare_settings, b), .argument = "COLLECTOR",
     .help = "the candidate, written the same way"},
    {"workload", 'w', GCB_INTO_STRINGS(compare_settings, workloads), .argument = "NAME,...",
     .help = "run A and B on these, live; 'gcbench list workloads' shows them"},
    GCB_OPTION_HEAPS(compare_settings),
    GCB_OPTION_LIVE(compare_settings),
    GCB_OPTION_PARAMS(compare_settings),
    GCB_OPTION_MUTATORS(compare_settings),
    GCB_OPTION_WORKERS(compare_settings),
    {"pairs", 'n', GCB_INTO_UNSIGNED(compare_settings, pairs), .argument = "N", .initial = "20", .min = 6,
     .max = 10000, .heading = "How",
     .help =
         "fresh processes of A and of B for each cell; one more pair warms the machine up and is dropped"},
    {"quick", 0, GCB_INTO_FLAG(compare_settings, quick), .help = "10 pairs"},
    {"rigorous", 0, GCB_INTO_FLAG(compare_settings, rigorous), .help = "30 pairs"},
    {"iterations", 'i', GCB_INTO_UNSIGNED(compare_settings, iterations), .argument = "N", .initial = "3",
     .min = 1, .max = 100000, .help = "timed repetitions in each process"},
    GCB_OPTION_WARMUPS(compare_settings),
    {"seed", 's', GCB_INTO_SEED(compare_settings, seed), .argument = "N", .initial = "1",
     .help = "for the workloads' random numbers, the orders and the environments"},
    GCB_OPTION_TIMEOUT(compare_settings, "2m"),
    GCB_OPTION_PIN(compare_settings),
    {"metric", 0, GCB_INTO_STRINGS(compare_settings, metrics), .argument = "NAME,...", .heading = "Verdict",
     .help = "judge only these; all of them must then be decided. Otherwise every noisy metric is judged, "
             "and the "
             "wall time must be decided"},
    {"floor", 0, GCB_INTO_STRING(compare_settings, floor), .argument = "PERCENT", .initial = "1%",
     .help = "a change up to that is none"},
    {"precision", 0, GCB_INTO_STRING(compare_settings, precision), .argument = "PERCENT", .initial = "1%",
     .help = "the half-width of an interval that 'pairs needed' is for"},
    {"markdown", 0, GCB_INTO_FLAG(compare_settings, markdown), .heading = "Output",
     .help = "print for a pull request"},
    {"json", 'j', GCB_INTO_STRING(compare_settings, json), .argument = "FILE",
     .help = "write the comparison (schema gcbench.compare/1)"},
    {"run-json", 0, GCB_INTO_STRING(compare_settings, run_json), .argument = "FILE",
     .help = "write what was run live, raw (schema gcbench.run/1); 'gcbench compare FILE' reads it again"},
    {"save", 0, GCB_INTO_STRING(compare_settings, save), .argument = "NAME",
     .help = "the name under which what was run live is kept, which must be free; any run has a number"},
    GCB_RESULTS_OPTION("results", compare_settings, results),
    {"no-save", 0, GCB_INTO_FLAG(compare_settings, no_save), .help = "keep nothing of what is run live"},
    GCB_OPTION_QUIET(compare_settings),
    GCB_OPTION_COLOR(compare_settings),
};

const struct gcb_command gcb_command_compare = {
    .name = "compare",
    .summary = "Say what changed between two runs or two collectors, with a verdict",
    .usage = "--workload NAME,... --a COLLECTOR --b COLLECTOR [OPTIONS]\n"
             "RUN_A RUN_B [--a COLLECTOR] [--b COLLECTOR] [OPTIONS]\n"
             "RUN [--a COLLECTOR --b COLLECTOR] [OPTIONS]",
    .description =
        "With workloads: runs A and B in pairs of fresh processes, in random order inside each pair, and "
        "compares "
        "pair by pair, so that a slow minute of the machine falls on both. With two runs (files of 'gcbench "
        "run "
        "--json'): compares the cells that are the same experiment. With one run: compares two collectors in "
        "it.\n"
        "Noisy metrics (times, pauses, memory) get the ratio of B to A with its 95 % interval and a word: "
        "regressed or "
        "improved (the interval lies beyond the floor, even if within 2 %), else equivalent (within 2 %), "
        "negligible (surely under 0.1 % of the wall time), or inconclusive. Exact "
        "metrics "
        "(collections, bytes allocated, copied, promoted) have no statistics: any difference is shown. Runs "
        "that were "
        "not interleaved get at most the words suspect (worse) or promising (better): whatever their "
        "intervals say, the machine may have "
        "changed "
        "between them.\n"
        "Exit status: 0 improved, equivalent or negligible; 1 something regressed, or checksums differ; 2 "
        "wrong usage; 3 "
        "inconclusive, or not interleaved; 4 a cell failed; 5 nothing could be compared; 130 interrupted.",
    .examples = "gcbench compare --workload trees --a gen3 --b ./mine.so\n"
                "gcbench compare -w trees,cycles -H 2x,3x --a gen3 --b 'gen3 nursery=8M' --rigorous\n"
                "gcbench compare before.json after.json --markdown\n"
                "gcbench compare run.json --a gen3 --b marksweep",
    .options = options,
    .n_options = sizeof options / sizeof *options,
    .positionals =
        {.argument = "RUN",
         .max = 2,
         .help = "a stored run (its name, number or 'last'), or a file that 'gcbench run --json' wrote"},
    .settings_size = sizeof(compare_settings),
    .finishes = true,
};

/* ---- what was asked for ---- */

static bool wrong(const struct gcb_parsed *parsed, const char *option, const char *word,
                  const char *sentence) {
  gcb_options_wrong(&gcb_program, parsed->command, option, word, "%s", sentence);
  return false;
}

/* "1.5%" or "1.5" as a fraction. */
static bool percent(const struct gcb_parsed *parsed, const char *option, const char *word, double *fraction) {
  const char *end;
  double v = gcb_parse_real(word, &end);
  if (end != word && *end == '%') end++;
  if (*end || end == word || !(v > 0 && v <= 100))
    return wrong(parsed, option, word, "expected a percentage above 0 and up to 100, such as 1.5%");
  *fraction = v / 100;
  return true;
}

static bool good_metrics(const struct gcb_parsed *parsed, const struct gcb_strings *names) {
  for (size_t i = 0; i < names->n; i++) {
    const gcb_metric *m = gcb_metric_find(names->items[i]);
    const char *known[64];
    size_t n = 0;
    if (m && m->class == GCB_NOISY) continue;
    for (size_t k = 0; k < gcb_n_metrics && n < 64; k++)
      if (gcb_metrics[k].class == GCB_NOISY) known[n++] = gcb_metrics[k].name;
    const char *near = gcb_nearest(names->items[i], known, n);
    gcb_options_wrong(&gcb_program, parsed->command, "--metric", names->items[i],
                      m      ? "a metric that is %s: it is shown, but never judged"
                      : near ? "no such metric; did you mean %s?"
                             : "no such metric; expected a noisy one, such as %s",
                      m      ? gcb_metric_class_word(m->class)
                      : near ? near
                             : "wall_ns");
    return false;
  }
  return true;
}

/* Which of the three ways, and that nothing is missing or too much for it. */
static bool consistent(const struct gcb_parsed *parsed, const compare_settings *s, bool *live) {
  static const char *const for_live[] = {"heap",    "live",  "param",    "mutators",   "gc-threads",
                                         "pairs",   "quick", "rigorous", "iterations", "warmups",
                                         "timeout", "pin",   "seed",     "json-a",     "json-b"};
  size_t n = parsed->positionals.n;
  *live = s->workloads.n > 0;
  if (*live && n)
    return wrong(parsed, "--workload", s->workloads.items[0],
                 "runs are either made or read: leave the file or the workload out");
  if (*live && (!s->a || !s->b))
    return wrong(
        parsed, s->a ? "--b" : "--a", NULL,
        gcb_as_called(
            "which collector? for example: gcbench compare --workload trees --a gen3 --b ./mine.so"));
  if (!*live && !n)
    return wrong(
        parsed, NULL, NULL,
        gcb_as_called(
            "nothing to compare; for example: gcbench compare --workload trees --a gen3 --b ./mine.so; or: "
            "gcbench compare before.json after.json"));
  for (size_t i = 0; !*live && i < sizeof for_live / sizeof *for_live; i++)
    if (gcb_option_given(parsed, for_live[i])) {
      char option[40];
      snprintf(option, sizeof option, "--%s", for_live[i]);
      return wrong(parsed, option, NULL,
                   "that is for pairs run live, with --workload; stored runs are as they are");
    }
  if (s->quick + s->rigorous + gcb_option_given(parsed, "pairs") > 1)
    return wrong(parsed, s->quick ? "--quick" : "--rigorous", NULL,
                 "one of --quick (10 pairs), --rigorous (30) and --pairs");
  return true;
}

/* ---- results ---- */

static gcb_exit exit_of(const json_t *comparison) {
  switch (gcb_compare_outcome(comparison)) {
  case GCB_OUTCOME_NOTHING:
    return GCB_EXIT_NOTHING;
  case GCB_OUTCOME_FAILED:
    return GCB_EXIT_CELL_FAILED;
  case GCB_OUTCOME_DIVERGED:
  case GCB_OUTCOME_WORSE:
    return GCB_EXIT_AGAINST;
  case GCB_OUTCOME_OPEN:
    return GCB_EXIT_INCONCLUSIVE;
  case GCB_OUTCOME_WELL:
    break;
  }
  return GCB_EXIT_OK;
}

enum { COMPARISON, RUN, OUTPUTS };

static gcb_exit report(const json_t *a, const json_t *b, const gcb_comparison *how, const compare_settings *s,
                       gcb_output *outputs) {
  json_t *comparison = gcb_compare_runs(a, b, how);
  gcb_compare_print(comparison, s->markdown, stdout);
  gcb_exit status = exit_of(comparison);
  if (!gcb_output_json(&outputs[COMPARISON], comparison)) status = GCB_EXIT_NOTHING;
  json_decref(comparison);
  return status;
}

/* ---- the two ways ---- */

static gcb_exit compare_stored(const struct gcb_parsed *parsed, const compare_settings *s,
                               gcb_comparison *how, gcb_output *outputs) {
  const struct gcb_strings *runs = &parsed->positionals;
  char why[700];
  gcb_exit status = GCB_EXIT_USAGE;
  json_t *a = gcb_load_run_raw(runs->items[0], s->results, why, sizeof why);
  json_t *b =
      a && runs->n > 1 ? gcb_load_run_raw(runs->items[1], s->results, why, sizeof why) : json_incref(a);
  char of_pairs[2][300]; /* the only run is both */
  snprintf(of_pairs[0], sizeof of_pairs[0], "A of %s", runs->items[0]);
  snprintf(of_pairs[1], sizeof of_pairs[1], "B of %s", runs->items[0]);
  how->name_a = runs->n > 1 ? runs->items[0] : s->a ? s->a : of_pairs[0];
  how->name_b = runs->n > 1 ? runs->items[1] : s->b ? s->b : of_pairs[1];
  how->collector_a = s->a;
  how->collector_b = s->b;
  if (!a || !b)
    wrong(parsed, NULL, NULL, why);
  else if (runs->n == 1 && (!s->a || !s->b) && !gcb_compare_has_sides(a))
    wrong(parsed, s->a ? "--b" : "--a", NULL,
          gcb_as_called(
              "which two collectors of the run? for example: gcbench compare last --a gen3 --b marksweep; or "
              "name two "
              "runs"));
  else
    status = report(a, b, how, s, outputs);
  json_decref(a);
  json_decref(b);
  return status;
}

static bool begin_keep(const struct gcb_parsed *parsed, const compare_settings *s, gcb_keep *keep,
                       json_t *run) {
  char why[4300];
  return s->no_save || gcb_keep_begin(keep, s->results, run, why, sizeof why) ||
         wrong(parsed, s->save ? "--save" : "--results", NULL, why);
}

static gcb_exit compare_live(const struct gcb_parsed *parsed, const compare_settings *s, gcb_comparison *how,
                             gcb_output *outputs, int argc, char *const argv[]) {
  static const char *const named_by[] = {"--a", "--b"};
  const char *two[] = {s->a, s->b};
  gcb_session session;
  gcb_keep keep = {0};
  json_t *run = NULL;
  gcb_request request = {.workloads = s->workloads,
                         .collectors = {two, 2},
                         .heaps = s->heaps,
                         .params = s->params,
                         .live = s->live,
                         .invocations = 1,
                         .iterations = s->iterations,
                         .warmups = s->warmups,
                         .mutators = s->mutators,
                         .workers = s->workers,
                         .seed = s->seed,
                         .timeout_ns = s->timeout,
                         .pin = s->pin,
                         .collector_options = named_by};
  gcb_exit status = gcb_session_open(&session, parsed, &request);
  gcb_pairs p = {.session = &session, .seed = s->seed, .keep = &keep};
  p.wanted = s->quick ? QUICK : s->rigorous ? RIGOROUS : s->pairs;
  if (status == GCB_EXIT_OK) p.pairs = gcb_pairs_of_plan(&session.plan, &p.n);
  if (!p.pairs) goto out;
  session.quiet = s->quiet;
  run = gcb_pairs_document(&p, s->save, gcb_session_context(&session, s->seed, argc, argv));
  status = GCB_EXIT_USAGE;
  if (!begin_keep(parsed, s, &keep, run)) goto out;
  gcb_session_watch(&session);
  if (!s->quiet)
    fprintf(stderr, "gcbench: %s, %s each, seed %llu\n", gcb_format_number((double)p.n, "cell").s,
            gcb_format_number((double)p.wanted, "pair").s, (unsigned long long)s->seed);
  gcb_pairs_run(&p);
  json_object_set_new(run, "interrupted", json_boolean(gcb_interrupted));
  gcb_document_finish(run,
                      gcb_interrupted ? "interrupted before its first pair ended" : "no pair was finished");
  gcb_keep_end(&keep, run, s->quiet);
  status = report(run, run, how, s, outputs);
  gcb_unfit_print(json_object_get(json_object_get(run, "context"), "doctor"), stdout);
  if (!gcb_output_json(&outputs[RUN], run)) status = GCB_EXIT_NOTHING;
  if (gcb_interrupted) status = GCB_EXIT_INTERRUPTED;
out:
  gcb_keep_close(&keep);
  json_decref(run);
  free(p.pairs);
  gcb_session_close(&session);
  return status;
}

gcb_exit gcb_compare(const struct gcb_parsed *parsed, int argc, char *const argv[]) {
  const compare_settings *s = parsed->settings;
  gcb_output outputs[OUTPUTS] = {{.option = "--json", .path = s->json},
                                 {.option = "--run-json", .path = s->run_json}};
  gcb_comparison how = {s->a, s->b, NULL, NULL, 0, 0, s->metrics.items, s->metrics.n};
  gcb_exit status = GCB_EXIT_USAGE;
  bool live;
  if (consistent(parsed, s, &live) && percent(parsed, "--floor", s->floor, &how.floor) &&
      percent(parsed, "--precision", s->precision, &how.precision) && good_metrics(parsed, &s->metrics) &&
      gcb_outputs_begin(outputs, OUTPUTS, parsed))
    status =
        live ? compare_live(parsed, s, &how, outputs, argc, argv) : compare_stored(parsed, s, &how, outputs);
  gcb_outputs_abandon(outputs, OUTPUTS);
  return status;
}
