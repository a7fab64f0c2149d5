/* gcbench check: does a collector keep the contract? */
#include "commands/commands.h"
#include "commands/outputs.h"
#include "machine/machine.h"
#include "machine/trouble.h"
#include "plan/catalog.h"
#include "results/export/junit.h"
#include "results/model/called.h"
#include "results/model/clean.h"
#include "results/model/members.h"
#include "results/text/screen.h"
#include "results/text/shell.h"
#include "session/session.h"
#include "stress/conformance.h"
#include <stdlib.h>
#include <string.h>

typedef struct check_settings {
  struct gcb_strings only;
  const char *variant, *save, *json, *junit;
  uint64_t stress, timeout;
  bool quiet;
  const char *color;
} check_settings;

static const struct gcb_cli_option options[] = {
    {"only", 0, GCB_INTO_STRINGS(check_settings, only), .argument = "NAME,...", .heading = "What",
     .help = "these behaviours or groups; 'stress' is one"},
    {"variant", 0, GCB_INTO_STRING(check_settings, variant), .argument = "NAME",
     .help = "only this way of running: default, tiny (options shrunk), call (no inline path), or a preset"},
    {"stress", 't', GCB_INTO_DURATION(check_settings, stress), .argument = "TIME", .initial = "10s",
     .help = "of random programs at the end; 0s for none"},
    {"timeout", 0, GCB_INTO_DURATION(check_settings, timeout), .argument = "TIME", .initial = "60s",
     .min = 100000000, .heading = "How",
     .help = "a behaviour that uses more CPU time, or waits longer without using any, hangs"},
    {"save", 'o', GCB_INTO_STRING(check_settings, save), .argument = "DIR", .initial = ".",
     .heading = "Output", .help = "folder for random programs that failed"},
    {"json", 'j', GCB_INTO_STRING(check_settings, json), .argument = "FILE",
     .help = "write the table (schema gcbench.check/1)"},
    {"junit", 0, GCB_INTO_STRING(check_settings, junit), .argument = "FILE",
     .help = "write the table for continuous integration, as JUnit XML"},
    {"quiet", 'q', GCB_INTO_FLAG(check_settings, quiet), .help = "print only what is broken and the verdict"},
    GCB_OPTION_COLOR(check_settings),
};

const struct gcb_command gcb_command_check = {
    .name = "check",
    .summary = "Say whether a collector keeps the contract, and what it breaks",
    .usage = "COLLECTOR [OPTIONS]",
    .description = "Runs the contract suite on a collector, each behaviour in a process of its own, then "
                   "random programs. A collector is held to the "
                   "capabilities that it declares; what needs others is not applicable. For each failure: "
                   "what was expected, what happened, and the command that shows it again.\n"
                   "Exit status: 0 it conforms; 1 it does not; 2 wrong usage; 4 it could not be loaded; 5 "
                   "the suite is missing; 130 interrupted.",
    .examples = "gcbench check ./mine.so\n"
                "gcbench check ./mine.so --only weak,stress --stress 1m\n"
                "gcbench check gen3 --junit check.xml",
    .options = options,
    .n_options = sizeof options / sizeof *options,
    .positionals = {"COLLECTOR", 1, 1, "a plug-in by its file, such as ./mine.so, or a collector by name"},
    .settings_size = sizeof(check_settings),
    .finishes = true,
};

/* ---- what was asked for ---- */
static bool has_word(const struct gcb_strings *words, const char *word) {
  for (size_t i = 0; i < words->n; i++)
    if (strcmp(words->items[i], word) == 0) return true;
  return false;
}

/* Whether every word of --only is a behaviour, a group or "stress". */
static bool read_only(const struct gcb_parsed *parsed, const json_t *behaviours) {
  const check_settings *s = parsed->settings;
  size_t n = 0, i;
  json_t *b;
  const char **names = calloc(2 * json_array_size(behaviours) + 1, sizeof *names);
  if (!names) return false;
  json_array_foreach(behaviours, i, b) names[n++] = gcb_string(b, "name"),
                                       names[n++] = gcb_string(b, "group");
  names[n++] = "stress";
  bool good = true;
  for (size_t k = 0; good && k < s->only.n; k++) {
    for (i = 0; i < n && strcmp(names[i], s->only.items[k]) != 0;) i++;
    if (i < n) continue;
    const char *near = gcb_nearest(s->only.items[k], names, n);
    gcb_options_wrong(&gcb_program, parsed->command, "--only", s->only.items[k],
                      near ? "no such behaviour; did you mean %s?"
                           : gcb_as_called("no such behaviour; 'gcbench check' without --only shows all"),
                      near);
    good = false;
  }
  free(names);
  return good;
}

/* The collector, or the status to end with. A file that is there and is no collector is a finding, not a
 * wrong word. */
static const gcb_entry *find(const struct gcb_parsed *parsed, gcb_catalog *catalog, gcb_exit *status,
                             char *why, size_t why_size) {
  const char *word = parsed->positionals.items[0];
  const gcb_entry *e = gcb_catalog_collector(catalog, word, why, why_size);
  if (e && json_object_size(e->preset) == 0) return e;
  *status = GCB_EXIT_USAGE;
  if (e)
    gcb_options_wrong(
        &gcb_program, parsed->command, NULL, word,
        "options and presets are no collectors of their own: check %.*s; its presets are tried as variants",
        (int)strcspn(word, "+ "), word);
  else if (strncmp(why, "unsupported", 11) == 0)
    gcb_print_clean(stderr, "gcbench check: %s: %s\n", word, why), *status = GCB_EXIT_NOTHING;
  else if (strncmp(why, "collector ", 10) != 0)
    gcb_options_wrong(&gcb_program, parsed->command, NULL, word, "%s", why);
  else
    *status = GCB_EXIT_CELL_FAILED;
  return NULL;
}

/* ---- the table ---- */
static void print_row(const json_t *row, const char **group) {
  const char *happened = gcb_string(row, "happened"), *of = gcb_string(row, "group"),
             *outcome = gcb_string(row, "outcome");
  bool broken = gcb_conformance_is(row, "broken");
  if (!*group || strcmp(*group, of) != 0) printf("%s\n", of);
  *group = of;
  const char *note = broken ? gcb_string(row, "variant") : happened;
  const char *word = broken ? "BROKEN" : outcome, *colour = gcb_screen_word(stdout, word);
  printf("  %-32s %s%s%s%*s %5.1f s%s%s%s\n", gcb_string(row, "name"), colour, word, gcb_screen_end(colour),
         14 - (int)strlen(word), "", json_number_value(json_object_get(row, "seconds")), *note ? "  " : "",
         broken && *note ? "variant " : "", note);
  fflush(stdout);
}

static void print_failures(const json_t *rows) {
  size_t i;
  json_t *row;
  json_array_foreach(rows, i, row) {
    if (!gcb_conformance_is(row, "broken")) continue;
    const char *colour = gcb_screen_word(stdout, "BROKEN");
    printf("\n%sBROKEN%s %s%s%s\n", colour, gcb_screen_end(colour), gcb_string(row, "name"),
           *gcb_string(row, "variant") ? ", variant " : "", gcb_string(row, "variant"));
    printf("  expected: %s\n  happened: %s\n", gcb_string(row, "expected"), gcb_string(row, "happened"));
    if (*gcb_string(row, "replay")) printf("  replay:   %s\n", gcb_as_called(gcb_string(row, "replay")));
    if (*gcb_string(row, "debugger")) printf("  debug:    %s\n", gcb_string(row, "debugger"));
    if (*gcb_string(row, "backtrace")) printf("%s\n", gcb_string(row, "backtrace"));
  }
}

static size_t count(const json_t *rows, const char *outcome) {
  size_t n = 0, i;
  json_t *row;
  json_array_foreach(rows, i, row) n += gcb_conformance_is(row, outcome);
  return n;
}

/* "conforms", "does not conform", or, when only a part was run, "holds". */
static const char *verdict(const char *word, const json_t *rows, bool all) {
  size_t broken = count(rows, "broken"), held = count(rows, "holds"), apart = count(rows, "not applicable"),
         left = count(rows, "not run");
  const char *is = broken ? "does not conform" : all && !left ? "conforms" : "holds";
  printf("\n%s %s", word,
         broken || *is == 'c' ? is : "holds as far as it was tried, which is no verdict on all");
  printf(": %zu hold, %zu broken, %zu not applicable, %zu not run\n", held, broken, apart, left);
  return is;
}

/* ---- files ---- */
static json_t *suites_of(const char *word, const json_t *rows) {
  json_t *cases = json_array(), *row;
  size_t i;
  json_array_foreach(rows, i, row) {
    char message[2400];
    bool broken = gcb_conformance_is(row, "broken");
    const char *outcome = broken ? "failure" : gcb_conformance_is(row, "holds") ? "passed" : "skipped";
    if (broken)
      snprintf(message, sizeof message, "expected: %s; happened: %s; replay: %s", gcb_string(row, "expected"),
               gcb_string(row, "happened"), gcb_string(row, "replay"));
    else
      snprintf(message, sizeof message, "%s", gcb_string(row, "happened"));
    json_array_append_new(cases, json_pack("{s:s, s:s, s:f, s:s, s:s}", "class", gcb_string(row, "group"),
                                           "name", gcb_string(row, "name"), "seconds",
                                           json_number_value(json_object_get(row, "seconds")), "outcome",
                                           outcome, "message", message));
  }
  return json_pack("[{s:s, s:o}]", "name", word, "cases", cases);
}

/* ---- doing ---- */
static json_t *run_behaviours(const check_settings *s, const gcb_conformance *c, const json_t *behaviours,
                              const gcb_session *session, const struct gcb_parsed *parsed) {
  enum { MOST_HANGS = 3 };
  json_t *rows = json_array(), *b;
  size_t i, hangs = 0;
  const char *group = NULL, *skip = NULL;
  char why[300];
  json_array_foreach(behaviours, i, b) {
    if (s->only.n && !has_word(&s->only, gcb_string(b, "name")) &&
        !has_word(&s->only, gcb_string(b, "group")))
      continue;
    if (session->terminal) gcb_session_progress(session, "%s", gcb_string(b, "name"));
    json_t *row = skip ? gcb_conformance_skip(b, skip) : gcb_conformance_run(c, b, why, sizeof why);
    if (session->terminal) gcb_session_quieten(session);
    if (!row) {
      gcb_options_wrong(&gcb_program, parsed->command, "--variant", s->variant, "%s", why);
      json_decref(rows);
      return NULL;
    }
    json_array_append_new(rows, row);
    if (!gcb_interrupted) gcb_interrupt_done(i + 1, json_array_size(behaviours), "behaviours");
    if (!s->quiet) print_row(row, &group);
    bool broken = gcb_conformance_is(row, "broken");
    hangs += broken && strncmp(gcb_string(row, "happened"), "it hung", 7) == 0;
    if (broken && i == 0) skip = "the simplest program fails: mend that first";
    if (hangs >= MOST_HANGS) skip = "three have hung: mend those first";
    if (gcb_interrupted) skip = "interrupted";
    if (gcb_in_trouble()) skip = "no process could be started";
  }
  if (s->stress && (!s->only.n || has_word(&s->only, "stress"))) {
    const char *unstressed = gcb_interrupted         ? "interrupted"
                             : count(rows, "broken") ? "mend what is broken first"
                                                     : NULL;
    if (session->terminal && !unstressed) gcb_session_progress(session, "random programs");
    json_t *stressed = unstressed ? json_pack("[o]", gcb_conformance_unstressed(unstressed))
                                  : gcb_conformance_stress(c, s->stress);
    if (session->terminal) gcb_session_quieten(session);
    json_array_foreach(stressed, i, b) if (!s->quiet) print_row(b, &group);
    json_array_extend(rows, stressed);
    json_decref(stressed);
  }
  return rows;
}

/* One row for a module that is no collector. */
static json_t *not_loaded(const char *word, const char *why) {
  char *command = gcb_shell_command((const char *const[]){"gcbench", "check", word, NULL});
  json_t *rows =
      json_pack("[{s:s, s:s, s:s, s:s, s:n, s:o, s:o, s:f}]", "group", "loading", "name", "loads", "expected",
                "a shared object that loads, exports gcbench_collector, was made for this ABI, and has "
                "every function that its path and its capabilities need",
                "outcome", "broken", "variant", "happened", gcb_clean_string(why), "replay",
                gcb_clean_string(command), "seconds", 0.0);
  free(command);
  return rows;
}

static void print_head(const gcb_entry *e, const char *word) {
  size_t i;
  json_t *capability;
  printf("%s: %s\n  path %s; declares", word, gcb_string(e->about, "summary"), gcb_string(e->about, "path"));
  json_array_foreach(json_object_get(e->about, "capabilities"), i, capability)
      printf("%s %s", i ? "," : "", json_string_value(capability));
  printf("%s\n\n", i ? "" : " nothing");
}

gcb_exit gcb_check(const struct gcb_parsed *parsed, int argc, char *const argv[]) {
  const check_settings *s = parsed->settings;
  const char *word = parsed->positionals.items[0], *is = "not loaded";
  char why[4300];
  gcb_session session = {.quiet = s->quiet};
  gcb_catalog catalog;
  enum { JSON, JUNIT, OUTPUTS };
  gcb_output outputs[OUTPUTS] = {{.option = "--json", .path = s->json},
                                 {.option = "--junit", .path = s->junit}};
  json_t *behaviours = NULL, *rows = NULL;
  gcb_exit status = GCB_EXIT_NOTHING;
  (void)argc, (void)argv;
  if (!gcb_catalog_open(&catalog, why, sizeof why) || !(behaviours = gcb_conformance_list(why, sizeof why))) {
    gcb_print_clean(stderr, "gcbench check: %s\n", why);
    goto out;
  }
  const gcb_entry *e = find(parsed, &catalog, &status, why, sizeof why);
  if (!e && status != GCB_EXIT_CELL_FAILED) goto out;
  if (!e) rows = not_loaded(word, why);
  status = GCB_EXIT_USAGE;
  if (!read_only(parsed, behaviours)) goto out;
  if (!gcb_outputs_begin(outputs, OUTPUTS, parsed)) goto out;
  gcb_session_watch(&session);
  gcb_conformance c = {.word = word,
                       .variant = s->variant,
                       .timeout = s->timeout,
                       .save = s->save,
                       .interrupt = &gcb_interrupted};
  if (e) {
    c.file = e->file;
    c.capabilities = e->capabilities;
    if (!s->quiet) print_head(e, word);
    rows = run_behaviours(s, &c, behaviours, &session, parsed);
    if (!rows) goto out;
  }
  print_failures(rows);
  if (e)
    is = verdict(word, rows, !s->only.n && !s->variant);
  else
    printf("\n%s does not conform: it could not be loaded\n", word);
  status = !e                      ? GCB_EXIT_CELL_FAILED
           : gcb_interrupted       ? GCB_EXIT_INTERRUPTED
           : count(rows, "broken") ? GCB_EXIT_AGAINST
           : count(rows, "holds")  ? GCB_EXIT_OK
                                   : GCB_EXIT_NOTHING;
  json_t *document = json_pack("{s:s, s:s, s:o, s:s, s:s, s:O?, s:b, s:s, s:O}", "schema", "gcbench.check/1",
                               "version", GCB_VERSION, "machine", gcb_machine_json(""), "collector", word,
                               "file", e ? e->file : word, "about", e ? e->about : NULL, "interrupted",
                               gcb_interrupted, "verdict", is, "behaviours", rows);
  json_t *suites = suites_of(word, rows);
  FILE *junit = outputs[JUNIT].file.out;
  if (!gcb_output_json(&outputs[JSON], document) ||
      !gcb_output_commit(&outputs[JUNIT], junit && gcb_junit_write(suites, junit)))
    status = GCB_EXIT_NOTHING;
  json_decref(suites);
  json_decref(document);
out:
  gcb_outputs_abandon(outputs, OUTPUTS);
  json_decref(rows);
  json_decref(behaviours);
  gcb_catalog_close(&catalog);
  return status;
}
