#include "stress/conformance.h"
#include "machine/process.h"
#include "machine/trouble.h"
#include "plan/load.h"
#include "results/model/clean.h"
#include "results/model/units.h"
#include "results/text/shell.h"
#include "runtime/enum_names.h"
#include "stress/campaign.h"
#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 25, MOST_FINDINGS = 3, SHRINK_TRIALS = 400 };
static const uint64_t LIST_NS = 20000000000ull, BATCH_NS = 60000000000ull;

static void start_suite(const char *const words[], uint64_t timeout, const volatile int *interrupt,
                        gcb_child *child) {
  char program[PATH_MAX];
  const char *argv[6] = {"suite"};
  for (int i = 0; words[i]; i++) argv[i + 1] = words[i];
  snprintf(program, sizeof program, "%s/contract/suite", gcb_lib_dir() ? gcb_lib_dir() : "?");
  gcb_child_run_program(program, argv, timeout, interrupt, NULL, child);
}

json_t *gcb_conformance_list(char *why, size_t why_size) {
  gcb_child child;
  json_error_t error;
  start_suite((const char *const[]){"--list", NULL}, LIST_NS, NULL, &child);
  json_t *list = child.answer ? json_loads(child.answer, 0, &error) : NULL;
  if (!json_is_array(list)) {
    int n =
        snprintf(why, why_size,
                 "the contract suite %s/contract/suite does not run: ", gcb_lib_dir() ? gcb_lib_dir() : "?");
    if ((size_t)n < why_size) gcb_child_explain(&child, why + n, why_size - (size_t)n);
    json_decref(list);
    list = NULL;
  }
  free(child.answer);
  return list;
}

/* ---- rows ---- */
static json_t *row_of(const json_t *behaviour, const char *outcome, const char *variant,
                      const char *happened) {
  return json_pack("{s:O, s:O, s:O, s:s, s:s?, s:o, s:n, s:f}", "group", json_object_get(behaviour, "group"),
                   "name", json_object_get(behaviour, "name"), "expected",
                   json_object_get(behaviour, "expected"), "outcome", outcome, "variant", variant, "happened",
                   gcb_clean_string(happened), "replay", "seconds", 0.0);
}

json_t *gcb_conformance_skip(const json_t *behaviour, const char *why) {
  return row_of(behaviour, "not run", NULL, why);
}

bool gcb_conformance_is(const json_t *row, const char *outcome) {
  const char *own = json_string_value(json_object_get(row, "outcome"));
  return own && strcmp(own, outcome) == 0;
}

/* "weak, finalizers": what the behaviour needs and the collector does not declare. */
static void undeclared(const gcb_conformance *c, const json_t *behaviour, char *text, size_t size) {
  size_t i, n = 0;
  json_t *need;
  text[0] = 0;
  json_array_foreach(json_object_get(behaviour, "needs"), i, need) {
    const char *word = json_string_value(need);
    for (unsigned b = 0; gcb_capability_word(b) && n < size; b++)
      if (!(c->capabilities >> b & 1) && strcmp(word, gcb_capability_word(b)) == 0)
        n += (size_t)snprintf(text + n, size - n, "%s%s", n ? ", " : "", word);
  }
}

/* ---- one behaviour ---- */
typedef struct report {
  char variant[64];    /* the last that began, or the first that was broken */
  char sentence[1000]; /* of the first that was broken */
  bool whole;          /* it came to its end */
} report;

static void read_report(char *answer, report *r) {
  for (char *line = answer, *end; line && *line; line = end) {
    if ((end = strchr(line, '\n'))) *end++ = 0;
    if (line[0] == 'V' && !r->sentence[0]) snprintf(r->variant, sizeof r->variant, "%s", line + 2);
    if (line[0] == 'F' && !r->sentence[0]) snprintf(r->sentence, sizeof r->sentence, "%s", line + 2);
    if (line[0] == 'E') r->whole = true;
  }
}

static void set_command(json_t *row, const char *key, char *command) {
  json_object_set_new(row, key, gcb_clean_string(command));
  free(command);
}

/* The suite of one variant in a debugger. */
static char *debugger_of(const gcb_conformance *c, const char *name, const char *variant) {
  char program[PATH_MAX];
  snprintf(program, sizeof program, "%s/contract/suite", gcb_lib_dir() ? gcb_lib_dir() : "?");
  return gcb_shell_command((const char *const[]){"gdb", "-ex", "set follow-fork-mode child", "--args",
                                                 program, c->file, name, variant[0] ? variant : NULL, NULL});
}

json_t *gcb_conformance_run(const gcb_conformance *c, const json_t *behaviour, char *why, size_t why_size) {
  const char *name = json_string_value(json_object_get(behaviour, "name"));
  char missing[200], text[1200];
  gcb_child child;
  report r = {.variant = ""};
  start_suite((const char *const[]){c->file, name, c->variant, NULL}, c->timeout, c->interrupt, &child);
  read_report(child.answer, &r);
  free(child.answer);
  if (r.whole && !r.variant[0]) {
    snprintf(
        why, why_size,
        "it has no such variant; there are default, tiny, call (but for handle runtimes) and its presets");
    return NULL;
  }
  undeclared(c, behaviour, missing, sizeof missing);
  json_t *row;
  if (child.end == GCB_CHILD_INTERRUPTED || child.end == GCB_CHILD_NOT_STARTED) {
    row = gcb_conformance_skip(behaviour, child.end == GCB_CHILD_NOT_STARTED ? "no process could be started"
                                                                             : "interrupted");
  } else if (r.whole && !r.sentence[0]) {
    snprintf(text, sizeof text, "not declared: %s", missing);
    row = row_of(behaviour, missing[0] ? "not applicable" : "holds", NULL, missing[0] ? text : NULL);
  } else {
    if (r.sentence[0])
      snprintf(text, sizeof text, "%s", r.sentence);
    else if (child.end == GCB_CHILD_TIMED_OUT)
      snprintf(text, sizeof text, "it hung: no end after %.0f s, and %.1f s of CPU time",
               (double)child.ns / 1e9, (double)child.silent_cpu_ns / 1e9);
    else
      gcb_child_explain(&child, text, sizeof text);
    row = row_of(behaviour, "broken", r.variant[0] ? r.variant : NULL, text);
    set_command(row, "replay",
                gcb_shell_command((const char *const[]){"gcbench", "check", c->word, "--only", name,
                                                        r.variant[0] ? "--variant" : NULL, r.variant, NULL}));
    set_command(row, "debugger", debugger_of(c, name, r.variant));
    if (child.backtrace[0]) json_object_set_new(row, "backtrace", gcb_clean_string(child.backtrace));
  }
  if (row) json_object_set_new(row, "seconds", json_real((double)child.ns / 1e9));
  return row;
}

/* ---- random programs ---- */
static json_t *programs(void) {
  return json_pack("{s:s, s:s, s:s}", "group", "stress", "name", "random_programs", "expected",
                   "after every collection of a random program the heap is what a shadow of it says");
}

json_t *gcb_conformance_unstressed(const char *why) {
  json_t *about = programs(), *row = row_of(about, "not run", NULL, why);
  json_decref(about);
  return row;
}

static json_t *finding_row(const gcb_stress_finding *f, const json_t *about, unsigned modes) {
  char text[700];
  snprintf(text, sizeof text, "%s, in %s: %s", f->check, f->operation, f->message);
  json_t *row = row_of(about, "broken", NULL, text);
  set_command(row, "replay", gcb_stress_command(f->word, f->seed, f->file, modes));
  set_command(row, "debugger", gcb_stress_debugger(f, modes));
  if (f->backtrace[0]) json_object_set_new(row, "backtrace", gcb_clean_string(f->backtrace));
  return row;
}

json_t *gcb_conformance_stress(const gcb_conformance *c, uint64_t ns) {
  const char *slash = strrchr(c->word, '/');
  gcb_stress_campaign campaign = {.modes = (1u << GCB_STRESS_MODE_KINDS) - 1,
                                  .save = c->save,
                                  .shrink = SHRINK_TRIALS,
                                  .interrupt = c->interrupt};
  gcb_stress_tally t = {
      .name = strdup(slash ? slash + 1 : c->word), .word = strdup(c->word), .file = strdup(c->file)};
  json_t *rows = json_array(), *about = programs();
  uint64_t start = gcb_clock();
  for (uint64_t seed = 1;
       gcb_clock() - start < ns && t.n_findings < MOST_FINDINGS && !*c->interrupt && !gcb_in_trouble();
       seed += BATCH)
    gcb_stress_batch(&campaign, &t, seed, BATCH, BATCH_NS);
  for (const gcb_stress_finding *f = t.findings; f; f = f->next)
    json_array_insert_new(rows, 0, finding_row(f, about, campaign.modes));
  if (!t.findings) {
    char text[200];
    snprintf(text, sizeof text, "%s, %s, %s compared",
             gcb_format_number((double)t.counts.programs, "program").s,
             gcb_format_number((double)t.counts.collections, "collection").s,
             gcb_format_number((double)t.counts.objects_checked, "object").s);
    json_array_append_new(
        rows, row_of(about, *c->interrupt ? "not run" : "holds", NULL, *c->interrupt ? "interrupted" : text));
  }
  size_t i;
  json_t *row;
  json_array_foreach(rows, i, row)
      json_object_set_new(row, "seconds", json_real((double)(gcb_clock() - start) / 1e9));
  json_decref(about);
  gcb_stress_tally_free(&t);
  return rows;
}
