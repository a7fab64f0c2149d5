/* gcbench nightly: did anything regress since the collectors got their baselines? A suite, in a budget. */
#include "commands/cell_options.h"
#include "commands/commands.h"
#include "commands/outputs.h"
#include "machine/clock.h"
#include "machine/doctor.h"
#include "nightly/nightly.h"
#include "results/export/junit.h"
#include "results/model/called.h"
#include "results/model/clean.h"
#include "results/model/fingerprint.h"
#include "results/model/units.h"
#include "results/text/unfit.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

typedef struct nightly_settings {
  struct gcb_strings only;
  const char *init, *results, *json, *junit, *keep_as;
  bool markdown, dry_run, quiet;
  const char *color;
} nightly_settings;

static const struct gcb_cli_option options[] = {
    {"init", 0, GCB_INTO_STRING(nightly_settings, init), .argument = "FILE", .heading = "What",
     .help = "write a suite to begin with, which explains its keys, and end"},
    {"only", 0, GCB_INTO_STRINGS(nightly_settings, only), .argument = "WORD,...",
     .help = "only cells of these workloads and collectors"},
    {"keep-as", 0, GCB_INTO_STRING(nightly_settings, keep_as), .argument = "NAME",
     .help = "give tonight's collectors that did not fail the name of a baseline, such as last-release, "
             "whatever the "
             "verdict; 'last-night' accepts a change that is expected"},
    {"dry-run", 0, GCB_INTO_FLAG(nightly_settings, dry_run),
     .help = "say what would be compared, and run nothing"},
    GCB_RESULTS_OPTION("results", nightly_settings, results),
    {"json", 'j', GCB_INTO_STRING(nightly_settings, json), .argument = "FILE", .heading = "Output",
     .help = "write the night (schema gcbench.nightly/1); it is also kept in the store's folder"},
    {"junit", 0, GCB_INTO_STRING(nightly_settings, junit), .argument = "FILE",
     .help = "write JUnit XML: a case for each comparison, for a continuous integration"},
    {"markdown", 0, GCB_INTO_FLAG(nightly_settings, markdown), .help = "print for a pull request"},
    GCB_OPTION_QUIET(nightly_settings),
    GCB_OPTION_COLOR(nightly_settings),
};

const struct gcb_command gcb_command_nightly = {
    .name = "nightly",
    .summary = "Compare tonight's collectors with last night's, and gate",
    .usage = "SUITE.yaml [OPTIONS]\n--init FILE",
    .description = "Runs every cell of the suite in interleaved pairs against the same collector as it was "
                   "when it got the name of "
                   "a baseline (last-night, last-release): its module, kept in the store's folder. The time "
                   "budget decides how "
                   "many pairs. What is worse, beyond its floor, and significantly so among all comparisons "
                   "of the night, is run "
                   "once more afresh; only if that agrees does it stand. Some cells are also compared with "
                   "themselves, and a "
                   "frozen collector with earlier nights: when these move, the machine did, and the night is "
                   "not trusted. "
                   "Collectors without a regression are the next night's 'last-night'.\n"
                   "Exit status: 0 no regression; 1 a regression stands; 2 wrong usage, or a fault of the "
                   "suite; 3 not to be "
                   "trusted, or nothing to compare with yet; 4 a cell failed where its baseline did not, or "
                   "a plug-in could not be "
                   "loaded (the others ran); 5 nothing matched or was measured; 130 interrupted, what was "
                   "finished is kept.",
    .examples = "gcbench nightly --init nightly.yaml\n"
                "gcbench nightly nightly.yaml --junit nightly.xml\n"
                "gcbench nightly nightly.yaml --only trees,gen3\n"
                "gcbench nightly nightly.yaml --keep-as last-release",
    .options = options,
    .n_options = sizeof options / sizeof *options,
    .positionals = {.argument = "SUITE", .max = 1, .help = "the suite file, in YAML"},
    .settings_size = sizeof(nightly_settings),
    .finishes = true,
};

static gcb_exit wrong(const struct gcb_parsed *parsed, const char *option, const char *word,
                      const char *sentence) {
  gcb_options_wrong(&gcb_program, parsed->command, option, word, "%s", sentence);
  return GCB_EXIT_USAGE;
}

/* ---- --init ---- */

static gcb_exit init(const struct gcb_parsed *parsed, const char *path) {
  char why[PATH_MAX + 300], from[PATH_MAX];
  if (access(path, F_OK) == 0)
    return wrong(parsed, "--init", path, "the file is there already, and is not overwritten");
  if ((size_t)snprintf(from, sizeof from, "%s/nightly.yaml", gcb_lib_dir()) >= sizeof from)
    return GCB_EXIT_NOTHING;
  if (!gcb_copy_file(from, path, why, sizeof why)) return wrong(parsed, "--init", NULL, why);
  printf(gcb_as_called("%s is written; 'gcbench nightly %s' runs it\n"), path, path);
  return GCB_EXIT_OK;
}

/* ---- results ---- */

enum { JSON, JUNIT, OUTPUTS };

static bool write_all(const json_t *night, gcb_output *outputs) {
  bool good = gcb_output_json(&outputs[JSON], night);
  if (!outputs[JUNIT].file.out) return good;
  json_t *suites = gcb_night_junit(night);
  good &= gcb_output_commit(&outputs[JUNIT], gcb_junit_write(suites, outputs[JUNIT].file.out));
  json_decref(suites);
  return good;
}

static gcb_exit exit_of(gcb_night_outcome o) {
  switch (o) {
  case GCB_NIGHT_INTERRUPTED:
    return GCB_EXIT_INTERRUPTED;
  case GCB_NIGHT_NOTHING:
    return GCB_EXIT_NOTHING;
  case GCB_NIGHT_FAILED:
    return GCB_EXIT_CELL_FAILED;
  case GCB_NIGHT_REGRESSED:
    return GCB_EXIT_AGAINST;
  case GCB_NIGHT_UNTRUSTED:
  case GCB_NIGHT_FIRST:
  case GCB_NIGHT_OPEN:
    return GCB_EXIT_INCONCLUSIVE;
  case GCB_NIGHT_QUIET:
    break;
  }
  return GCB_EXIT_OK;
}

/* ---- a night ---- */

static json_t *findings_now(void) {
  json_t *machine = gcb_examine(), *findings = gcb_diagnose(machine);
  json_decref(machine);
  return findings;
}

/* What the judge did not know. */
static void describe(const gcb_night_plan *n, json_t *night, const char *name, const char *rerun,
                     const json_t *run, bool whole) {
  const json_t *about = json_object_get(run, "run");
  uint64_t spent = gcb_clock() - n->started;
  json_object_set_new(night, "run", json_string(name));
  json_object_set_new(night, "rerun", rerun ? json_string(rerun) : json_null());
  json_object_set_new(night, "suite", json_string(n->suite.name));
  json_object_set_new(night, "machine", json_string(n->machine));
  json_object_set(night, "started", json_object_get(about, "started"));
  json_object_set(night, "uuid", json_object_get(about, "uuid"));
  json_object_set_new(night, "interrupted", json_boolean(gcb_interrupted));
  json_object_set_new(night, "next", json_integer((json_int_t)(whole ? n->next : n->rotation)));
  json_object_set_new(night, "budget",
                      json_pack("{s:I, s:I, s:I, s:I}", "allowed_ns", (json_int_t)n->suite.budget_ns,
                                "spent_ns", (json_int_t)spent, "pairs", (json_int_t)n->rounds, "wanted",
                                (json_int_t)n->suite.pairs));
  json_object_set(night, "broken", n->broken);
  json_object_set(night, "suspects", n->suspects);
  json_object_set(night, "left_out", n->left_out);
  json_object_set(night, "notes", n->notes);
}

/* Tonight's collectors become baselines where that is deserved; of a part of the suite only by hand, since
 * what was not looked at may have regressed. */
static void keep_collectors(gcb_night_plan *n, const json_t *night, gcb_night_outcome o,
                            const nightly_settings *s) {
  bool by_hand = s->keep_as && strcmp(s->keep_as, "last-night") == 0;
  if (o == GCB_NIGHT_INTERRUPTED || o == GCB_NIGHT_NOTHING) return;
  if (by_hand || !s->only.n) gcb_nightly_keep_as(n, night, "last-night", by_hand);
  if (s->keep_as && !by_hand) gcb_nightly_keep_as(n, night, s->keep_as, true);
}

static gcb_exit failed(const char *why) {
  gcb_print_clean(stderr, "gcbench nightly: %s\n", why);
  return GCB_EXIT_NOTHING;
}

static gcb_exit run_night(gcb_night_plan *n, json_t *context, const nightly_settings *s,
                          gcb_output *outputs) {
  char why[4500], name[120], rerun_name[140];
  time_t now = time(NULL);
  struct tm date;
  strftime(name, sizeof name, "nightly-%Y-%m-%d", localtime_r(&now, &date));
  gcb_nightly_fit(n);
  if (gcb_interrupted) {
    return GCB_EXIT_INTERRUPTED;
  }
  if (!n->n_kept) {
    snprintf(why, sizeof why,
             "a budget of %s does not hold even one comparison: measuring the first took too long; raise "
             "'budget' in "
             "the suite",
             gcb_format_left(n->suite.budget_ns).s);
    return failed(why);
  }
  json_t *run = gcb_nightly_measure(n, json_deep_copy(context), name, sizeof name, s->quiet, why, sizeof why),
         *again = NULL;
  if (!run) return failed(why);
  json_t *night = gcb_night_judge(run, &n->suite.rules, n->earlier), *alarms = gcb_night_alarms(night);
  if (n->frozen) json_object_set(night, "canary", n->frozen);
  if (json_array_size(alarms) && !gcb_interrupted) {
    snprintf(rerun_name, sizeof rerun_name, "%s-rerun", name);
    again = gcb_nightly_rerun(n, alarms, json_deep_copy(context), name, s->quiet, why, sizeof why);
    if (again)
      gcb_night_confirm(night, again, &n->suite.rules);
    else
      failed(why);
  }
  json_decref(alarms);
  json_t *after = findings_now();
  describe(n, night, name, again ? rerun_name : NULL, run, !s->only.n);
  gcb_night_trust(night, n->earlier, json_object_get(context, "doctor"), after, &n->suite.rules);
  gcb_night_outcome o = gcb_night_conclude(night);
  keep_collectors(n, night, o, s);
  gcb_night_print(night, s->markdown, stdout);
  gcb_unfit_print(json_object_get(context, "doctor"), stdout);
  gcb_exit status = exit_of(o);
  if (!gcb_nightly_record(n, night, why, sizeof why)) status = failed(why);
  if (!write_all(night, outputs)) status = GCB_EXIT_NOTHING;
  json_decref(after);
  json_decref(night);
  json_decref(again);
  json_decref(run);
  return status;
}

static void say_plan(const gcb_night_plan *n) {
  char text[700];
  for (size_t i = 0; i < n->n_pairs; i++)
    printf("%-6s  %s\n", n->pairs[i].leg, gcb_night_pair_text(n, &n->pairs[i], text, sizeof text));
  printf("%s of up to %s, in %s\n", gcb_format_number((double)n->n_pairs, "comparison").s,
         gcb_format_number((double)n->suite.pairs, "pair").s, gcb_format_left(n->suite.budget_ns).s);
}

static void close_night(gcb_night_plan *n) {
  for (size_t i = 0; i < n->n_pairs; i++) {
    gcb_cell *two[] = {&n->pairs[i].a, &n->pairs[i].b};
    for (size_t k = 0; k < 2; k++) {
      json_decref(two[k]->result);
      json_decref(two[k]->spec);
    }
    free(n->pairs[i].module);
  }
  free(n->pairs);
  free(n->chosen);
  json_decref(n->earlier);
  json_decref(n->broken);
  json_decref(n->notes);
  json_decref(n->left_out);
  json_decref(n->suspects);
  json_decref(n->frozen);
  gcb_session_close(&n->session);
  gcb_suite_free(&n->suite);
}

/* The folder must take what will be kept, before an hour is spent. */
static bool open_folder(gcb_night_plan *n, const char *results, char *why, size_t size) {
  gcb_store_folder(results, n->folder, sizeof n->folder);
  if (n->dry_run) return true;
  struct gcb_store *store = gcb_store_open(results, GCB_STORE_WRITE, why, size);
  gcb_store_close(store);
  return store != NULL;
}

static gcb_exit nothing_left(const gcb_night_plan *n, const nightly_settings *s) {
  size_t i;
  json_t *one;
  json_array_foreach(n->broken, i, one) gcb_print_clean(stderr, "gcbench nightly: %s: %s\n",
                                                        json_string_value(json_object_get(one, "collector")),
                                                        json_string_value(json_object_get(one, "why")));
  json_array_foreach(n->notes, i, one) fprintf(stderr, "gcbench nightly: %s\n", json_string_value(one));
  fprintf(stderr, "gcbench nightly: %s\n",
          s->only.n ? "no cell of the suite has the workloads and collectors of --only"
                    : "no cell of the suite can run: nothing is measured");
  return json_array_size(n->broken) && !s->only.n ? GCB_EXIT_CELL_FAILED : GCB_EXIT_NOTHING;
}

static gcb_exit nightly(const struct gcb_parsed *parsed, const nightly_settings *s, const char *path,
                        gcb_output *outputs, int argc, char *const argv[]) {
  char why[4500];
  gcb_night_plan n = {.started = gcb_clock(),
                      .dry_run = s->dry_run,
                      .broken = json_array(),
                      .notes = json_array(),
                      .left_out = json_array(),
                      .suspects = json_array()};
  gcb_exit status = GCB_EXIT_USAGE;
  json_t *context = NULL, *fingerprint = NULL;
  if (!gcb_suite_read(&n.suite, path, why, sizeof why) || !open_folder(&n, s->results, why, sizeof why)) {
    wrong(parsed, NULL, NULL, why);
    goto out;
  }
  if (!gcb_session_begin(&n.session, n.suite.timeout_ns, why, sizeof why)) {
    status = failed(why);
    goto out;
  }
  n.session.quiet = s->quiet;
  if (!gcb_nightly_plan(&n, path, &s->only, why, sizeof why)) {
    wrong(parsed, NULL, NULL, why);
    goto out;
  }
  if (!n.n_chosen) {
    status = nothing_left(&n, s);
    goto out;
  }
  context = gcb_session_context(&n.session, n.suite.seed, argc, argv);
  fingerprint = gcb_fingerprint(context);
  if (!gcb_fingerprint_key(fingerprint, n.machine)) {
    status = failed("no memory for the machine's fingerprint");
    goto out;
  }
  gcb_nightly_past(&n);
  if (!gcb_nightly_pair(&n)) {
    status = failed("no memory for the pairs");
    goto out;
  }
  status = GCB_EXIT_OK;
  if (s->dry_run) {
    say_plan(&n);
    goto out;
  }
  gcb_session_watch(&n.session);
  status = run_night(&n, context, s, outputs);
out:
  json_decref(context);
  json_decref(fingerprint);
  close_night(&n);
  return status;
}

gcb_exit gcb_nightly(const struct gcb_parsed *parsed, int argc, char *const argv[]) {
  const nightly_settings *s = parsed->settings;
  gcb_output outputs[OUTPUTS] = {{.option = "--json", .path = s->json},
                                 {.option = "--junit", .path = s->junit}};
  gcb_exit status = GCB_EXIT_USAGE;
  if (s->init && parsed->positionals.n)
    return wrong(parsed, "--init", s->init, "a suite is either written or run: leave one of them out");
  if (s->init) return init(parsed, s->init);
  if (!parsed->positionals.n)
    return wrong(
        parsed, NULL, NULL,
        gcb_as_called("which suite? 'gcbench nightly --init nightly.yaml' writes one to begin with"));
  if (s->keep_as && (!gcb_store_name_good(s->keep_as) || strcmp(s->keep_as, "canary") == 0))
    return wrong(parsed, "--keep-as", s->keep_as,
                 "expected a name of letters, digits and . _ + -, such as last-release");
  if (s->dry_run || gcb_outputs_begin(outputs, OUTPUTS, parsed))
    status = nightly(parsed, s, parsed->positionals.items[0], outputs, argc, argv);
  gcb_outputs_abandon(outputs, OUTPUTS);
  return status;
}
