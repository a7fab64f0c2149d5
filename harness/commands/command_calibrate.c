/* gcbench calibrate: does the suite see what is known? Runs the facts of facts.json, and prints seen beside
 * expected. */
#include "analyses/calibrate.h"
#include "commands/cell_options.h"
#include "commands/open_session.h"
#include "commands/outputs.h"
#include "machine/clock.h"
#include "machine/doctor.h"
#include "machine/doing.h"
#include "results/model/called.h"
#include "results/model/clean.h"
#include "results/model/members.h"
#include "results/text/columns.h"
#include "results/text/nearest.h"
#include "results/text/screen.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct calibrate_settings {
  struct gcb_strings facts;
  const char *json, *file, *pin;
  uint64_t rounds, seed, timeout;
  bool list, quiet;
  const char *color;
} calibrate_settings;

static const struct gcb_cli_option options[] = {
    {"fact", 'f', GCB_INTO_STRINGS(calibrate_settings, facts), .argument = "NAME,...", .heading = "What",
     .help = "only these; --list shows them"},
    {"list", 0, GCB_INTO_FLAG(calibrate_settings, list), .help = "name the facts and run nothing"},
    {"file", 0, GCB_INTO_STRING(calibrate_settings, file), .argument = "FILE",
     .help = "facts of your own, in the form of lib/gcbench/facts.json, instead of those that came along"},
    {"rounds", 'n', GCB_INTO_UNSIGNED(calibrate_settings, rounds), .argument = "N", .initial = "0", .max = 60,
     .heading = "How", .help = "invocations of each cell; 0: as each fact says"},
    {"seed", 's', GCB_INTO_SEED(calibrate_settings, seed), .argument = "N", .initial = "1",
     .help = "for the workloads' random numbers and the order of invocations"},
    GCB_OPTION_TIMEOUT(calibrate_settings, "2m"),
    GCB_OPTION_PIN(calibrate_settings),
    {"json", 'j', GCB_INTO_STRING(calibrate_settings, json), .argument = "FILE", .heading = "Output",
     .help = "write everything, with the cells behind each fact (schema gcbench.calibrate/1)"},
    GCB_OPTION_QUIET(calibrate_settings),
    GCB_OPTION_COLOR(calibrate_settings),
};

const struct gcb_command gcb_command_calibrate = {
    .name = "calibrate",
    .summary = "See whether the suite reproduces what is known of collectors",
    .usage = "[OPTIONS]",
    .description =
        "Runs small experiments whose outcome the literature knows, and prints what was seen beside what "
        "was expected, each figure with the 95 % interval over its rounds. A fact passes when all its "
        "intervals lie inside what is expected, and fails when one lies outside; in between, the "
        "machine was too noisy to say. What cannot be shown here is named, with the reason. Takes a few "
        "minutes on a quiet machine.\n"
        "Exit status: 0 every fact that could be shown passes; 1 one fails; 2 wrong usage; 3 none fails, "
        "but the machine is too noisy for one; 5 nothing could be shown; 130 interrupted.",
    .examples = "gcbench calibrate\n"
                "gcbench calibrate --list\n"
                "gcbench calibrate --fact tracing-cost,counting-leak --json facts.json",
    .options = options,
    .n_options = sizeof options / sizeof *options,
    .settings_size = sizeof(calibrate_settings),
    .finishes = true,
};

/* ---- printing ---- */

static struct gcb_text number(double d, const char *unit) {
  struct gcb_text t;
  if (strcmp(unit, "bytes") == 0) return gcb_format_bytes(d);
  if (strcmp(unit, "%") == 0)
    snprintf(t.s, sizeof t.s, "%.3g %%", 100 * d);
  else
    snprintf(t.s, sizeof t.s, fabs(d) < 1000 ? "%.3g%s" : "%.0f%s", d, unit);
  return t;
}

static void print_figure(gcb_columns *t, const json_t *figure) {
  const json_t *seen = json_object_get(figure, "seen"), *expected = json_object_get(figure, "expected");
  const json_t *from = json_array_get(expected, 0), *to = json_array_get(expected, 1);
  const char *unit = gcb_string(figure, "unit"), *verdict = gcb_string(figure, "verdict");
  double mean = json_number_value(json_object_get(seen, "mean"));
  double lo = json_number_value(json_object_get(seen, "lo")),
         hi = json_number_value(json_object_get(seen, "hi"));
  gcb_columns_row(t);
  gcb_columns_put(t, 0, "%s", gcb_string(figure, "what"));
  if (json_is_object(seen) && lo == hi)
    gcb_columns_put(t, 1, "%s", number(mean, unit).s);
  else if (json_is_object(seen))
    gcb_columns_put(t, 1, "%s [%s, %s]", number(mean, unit).s, number(lo, unit).s, number(hi, unit).s);
  if (json_is_number(from) && json_is_number(to) && json_equal(from, to))
    gcb_columns_put(t, 2, "%s", number(json_number_value(from), unit).s);
  else if (json_is_number(from) && json_is_number(to))
    gcb_columns_put(t, 2, "%s to %s", number(json_number_value(from), unit).s,
                    number(json_number_value(to), unit).s);
  else if (json_is_number(from))
    gcb_columns_put(t, 2, "at least %s", number(json_number_value(from), unit).s);
  else
    gcb_columns_put(t, 2, "at most %s", number(json_number_value(to), unit).s);
  const char *why = gcb_string(figure, "why");
  gcb_columns_put(t, 3, "%s%s%s", verdict, *why ? ": " : "", why);
}

static void print_fact(const json_t *fact, FILE *out) {
  static const char *const heads[] = {"", "seen [95 %]", "expected", ""};
  size_t i;
  json_t *figure, *figures = json_object_get(fact, "figures");
  const char *why = gcb_string(fact, "why");
  gcb_columns t;
  const char *verdict = gcb_string(fact, "verdict"), *colour = gcb_screen_word(out, verdict);
  fprintf(out, "%s: %s%s%s%s%s\n  %s\n", gcb_string(fact, "name"), colour, verdict, gcb_screen_end(colour),
          *why ? ": " : "", why, gcb_string(fact, "fact"));
  if (json_array_size(figures)) {
    gcb_columns_begin(&t, heads, sizeof heads / sizeof *heads, 1u << 0 | 1u << 3);
    json_array_foreach(figures, i, figure) print_figure(&t, figure);
    gcb_columns_end(&t, "  ", out);
  }
  json_array_foreach(figures, i, figure) if (*gcb_string(figure, "note"))
      fprintf(out, "  %s\n", gcb_string(figure, "note"));
  fputc('\n', out);
  fflush(out);
}

/* ---- all of them ---- */

static const json_t *find(const json_t *facts, const char *name) {
  size_t i;
  json_t *fact;
  json_array_foreach(facts, i, fact) if (strcmp(gcb_string(fact, "name"), name) == 0) return fact;
  return NULL;
}

/* Facts in the order of the file: those that were asked for, or all. NULL: a message was printed. */
static json_t *chosen(const struct gcb_parsed *parsed, const struct gcb_strings *words, const json_t *facts) {
  size_t i;
  json_t *fact, *list = json_array();
  for (size_t k = 0; k < words->n; k++) {
    if (find(facts, words->items[k])) continue;
    const char *names[128];
    size_t n = 0;
    json_array_foreach(facts, i, fact) if (n < 128) names[n++] = gcb_string(fact, "name");
    const char *nearest = gcb_nearest(words->items[k], names, n);
    gcb_options_wrong(&gcb_program, parsed->command, "--fact", words->items[k],
                      gcb_as_called("there is no such fact%s%s; 'gcbench calibrate --list' names them"),
                      nearest ? "; did you mean " : "", nearest ? nearest : "");
    json_decref(list);
    return NULL;
  }
  json_array_foreach(facts, i, fact) {
    bool wanted = words->n == 0;
    for (size_t k = 0; k < words->n; k++) wanted |= strcmp(words->items[k], gcb_string(fact, "name")) == 0;
    if (wanted) json_array_append(list, fact);
  }
  return list;
}

static size_t having(const json_t *results, const char *verdict) {
  size_t i, n = 0;
  json_t *one;
  json_array_foreach(results, i, one) n += strcmp(gcb_string(one, "verdict"), verdict) == 0;
  return n;
}

static gcb_exit conclude(const json_t *results, const json_t *machine) {
  size_t passed = having(results, "pass"), failed = having(results, "fail");
  size_t unsure = having(results, "inconclusive"), unshown = having(results, "not shown");
  printf("%zu passed, %zu failed, %zu inconclusive, %zu not shown\n", passed, failed, unsure, unshown);
  if (unsure)
    printf(gcb_as_called(
        "inconclusive: too noisy a machine for an interval that says; quiet it as 'gcbench doctor' says, "
        "or take "
        "more --rounds\n"));
  if ((failed || unsure) && gcb_unfit(json_object_get(machine, "doctor")))
    printf(gcb_as_called("'gcbench doctor' finds this machine unfit for measuring: put that right first\n"));
  if (gcb_interrupted) return GCB_EXIT_INTERRUPTED;
  return failed ? GCB_EXIT_AGAINST : unsure ? GCB_EXIT_INCONCLUSIVE : passed ? GCB_EXIT_OK : GCB_EXIT_NOTHING;
}

static void run_all(const gcb_calibration *c, const gcb_session *talk, const json_t *facts, json_t *results) {
  size_t i;
  json_t *fact;
  uint64_t started = gcb_clock();
  json_array_foreach(facts, i, fact) {
    gcb_session_progress(talk, "fact %zu of %zu: %s%s", i + 1, json_array_size(facts),
                         gcb_string(fact, "name"), gcb_left(started, i, json_array_size(facts)).s);
    json_t *result = gcb_calibrate_fact(c, fact);
    gcb_session_quieten(talk);
    if (!result) return;
    print_fact(result, stdout);
    json_array_append_new(results, result);
    gcb_interrupt_done(i + 1, json_array_size(facts), "facts");
  }
}

gcb_exit gcb_calibrate(const struct gcb_parsed *parsed, int argc, char *const argv[]) {
  const calibrate_settings *s = parsed->settings;
  gcb_session talk = {.quiet = s->quiet};
  gcb_output json = {.option = "--json", .path = s->json};
  char why[4300];
  size_t i;
  json_t *fact, *list = NULL, *results = json_array();
  gcb_exit status = GCB_EXIT_USAGE;
  json_t *facts = gcb_facts_load(s->file, why, sizeof why);
  if (!facts && s->file) gcb_options_wrong(&gcb_program, parsed->command, "--file", s->file, "%s", why);
  if (!facts && !s->file) {
    gcb_print_clean(stderr, "gcbench calibrate: %s\n", why);
    status = GCB_EXIT_NOTHING;
  }
  if (!facts || !(list = chosen(parsed, &s->facts, facts))) goto out;
  if (s->list) {
    json_array_foreach(list, i, fact)
        printf("%-24s %s\n", gcb_string(fact, "name"), gcb_string(fact, "fact"));
    status = GCB_EXIT_OK;
    goto out;
  }
  if (!gcb_outputs_begin(&json, 1, parsed)) goto out;
  gcb_session_watch(&talk);
  json_t *machine = gcb_session_context(&talk, s->seed, argc, argv);
  gcb_calibration c = {.rounds = s->rounds, .seed = s->seed, .timeout_ns = s->timeout, .pin = s->pin};
  run_all(&c, &talk, list, results);
  status = conclude(results, machine);
  json_t *document = json_pack("{s:s, s:O, s:b, s:O}", "schema", "gcbench.calibrate/1", "context", machine,
                               "interrupted", gcb_interrupted, "facts", results);
  if (!gcb_output_json(&json, document)) status = GCB_EXIT_NOTHING;
  json_decref(document);
  json_decref(machine);
out:
  gcb_outputs_abandon(&json, 1);
  json_decref(list);
  json_decref(results);
  json_decref(facts);
  return status;
}
