#include "session/session.h"
#include "machine/doctor.h"
#include "machine/doing.h"
#include "machine/process.h"
#include "machine/topology.h"
#include "results/export/scratch.h"
#include "results/model/called.h"
#include "results/model/clean.h"
#include "results/text/unfit.h"
#include "runtime/enum_names.h"
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void gcb_session_watch(gcb_session *s) {
  gcb_interrupt_watch();
  s->terminal = isatty(2);
}

/* ---- progress ---- */

void gcb_session_progress(const gcb_session *s, const char *format, ...) {
  if (s->quiet) return;
  va_list args;
  va_start(args, format);
  char phrase[600];
  vsnprintf(phrase, sizeof phrase, format, args);
  va_end(args);
  if (s->terminal)
    fprintf(stderr, "\r\033[K%s", phrase);
  else
    gcb_doing(phrase, true);
  fflush(stderr);
}

void gcb_session_say(const gcb_session *s, const char *line) {
  if (!s->quiet) fprintf(stderr, "%s%s\n", s->terminal ? "\r\033[K" : "", line);
}

void gcb_session_quieten(const gcb_session *s) {
  gcb_doing(NULL, false);
  if (s->terminal && !s->quiet) fprintf(stderr, "\r\033[K");
}

/* ---- one invocation ---- */

/* Environment strings lie at the top of the stack: their length moves every frame, and with that which data
 * share a cache set. A random length per process turns this bias into noise (Mytkowicz et al., ASPLOS 2009).
 */
static void pad_environment(const json_t *spec) {
  static const char name[] = "GCBENCH_PAD";
  char pad[GCB_PAD_MAX + 1];
  size_t n = (size_t)json_integer_value(json_object_get(spec, "pad"));
  if (n > GCB_PAD_MAX) n = GCB_PAD_MAX;
  memset(pad, 'x', n);
  pad[n] = 0;
  if (n)
    setenv(name, pad, 1);
  else
    unsetenv(name);
}

/* How to go on from a crash: the frames, and the command that runs the invocation in a debugger. */
static void add_crash(json_t *result, const json_t *spec, const gcb_child *child) {
  static const char *const of_the_session[] = {"scratch", "pad"};
  json_t *frames = json_array(), *alone = json_copy((json_t *)spec);
  char copy[sizeof child->backtrace], *rest = copy;
  snprintf(copy, sizeof copy, "%s", child->backtrace);
  for (char *line; (line = strsep(&rest, "\n"));)
    if (*line) json_array_append_new(frames, gcb_clean_string(line));
  json_object_set_new(result, "backtrace", frames);
  for (size_t i = 0; i < sizeof of_the_session / sizeof *of_the_session; i++)
    json_object_del(alone, of_the_session[i]);
  char *text = json_dumps(alone, JSON_COMPACT), *command = text ? gcb_debugger_command("invoke", text) : NULL;
  json_object_set_new(result, "debugger", gcb_clean_string(command));
  free(command);
  free(text);
  json_decref(alone);
}

void gcb_session_say_crash(const gcb_session *s, const json_t *invocation) {
  const json_t *frames = json_object_get(invocation, "backtrace"), *frame;
  const char *command = json_string_value(json_object_get(invocation, "debugger"));
  size_t i;
  if (s->quiet) return;
  json_array_foreach(frames, i, frame) fprintf(stderr, "  %s\n", json_string_value(frame));
  if (command) fprintf(stderr, "  to debug it: %s\n", command);
}

/* What is wrong with the machine now, behind the reason of a time-out. */
static void add_machine(char *why, size_t why_size) {
  char words[300];
  json_t *machine = gcb_examine(), *findings = gcb_diagnose(machine);
  size_t n = strlen(why);
  gcb_unfit_words(findings, words, sizeof words);
  if (words[0]) snprintf(why + n, why_size - n, "; the machine is unfit: %s", words);
  json_decref(findings);
  json_decref(machine);
}

json_t *gcb_session_invoke(const gcb_session *s, const json_t *spec) {
  gcb_child child;
  json_error_t error;
  char why[700];
  bool heard = s->listener.hear != NULL;
  json_t *result = NULL;
  json_t *asked = json_copy((json_t *)spec);
  if (heard) json_object_set_new(asked, "progress", json_true());
  json_object_set_new(asked, "beat", json_true());
  char *text = json_dumps(asked, JSON_COMPACT);
  json_decref(asked);
  pad_environment(spec);
  gcb_child_run_heard("invoke", text ? text : "", s->timeout, &gcb_interrupted, heard ? &s->listener : NULL,
                      &child);
  free(text);
  gcb_scratch_empty(s->plan.scratch); /* nothing of a killed process stays */
  result = child.end == GCB_CHILD_EXITED && child.answer ? json_loads(child.answer, 0, &error) : NULL;
  gcb_clean_json(result);
  if (!json_is_string(json_object_get(result, "status"))) {
    json_decref(result);
    gcb_child_explain(&child, why, sizeof why);
    gcb_status status = child.end == GCB_CHILD_TIMED_OUT ? GCB_TIMEOUT
                        : child.out_of_memory            ? GCB_OOM
                                                         : GCB_CRASHED;
    if (status == GCB_TIMEOUT) add_machine(why, sizeof why);
    result = json_pack("{s:s, s:o, s:[], s:n}", "status", gcb_status_word(status), "reason",
                       gcb_clean_string(why), "iterations", "checksum");
    if (child.end == GCB_CHILD_NOT_STARTED) gcb_interrupted = 1; /* the harness's own trouble ends the run */
    if (child.end == GCB_CHILD_SIGNALLED) add_crash(result, spec, &child);
  }
  if (child.stops)
    json_object_update_new(result, json_pack("{s:I, s:I}", "stops", (json_int_t)child.stops, "stopped_ns",
                                             (json_int_t)child.stopped_ns));
  if (child.printed[0]) json_object_set_new(result, "printed", gcb_clean_string(child.printed));
  json_object_set_new(result, "pinned_cpus", json_deep_copy(json_object_get(spec, "mutator_cpus")));
  free(child.answer);
  return result;
}

/* ---- opening and closing ---- */

static json_t *command_line(int argc, char *const argv[]) {
  json_t *words = json_array();
  for (int i = 0; i < argc; i++) json_array_append_new(words, gcb_clean_string(argv[i]));
  return words;
}

json_t *gcb_session_context(const gcb_session *s, uint64_t number, int argc, char *const argv[]) {
  char why[200], seed[24];
  json_t *machine = gcb_examine();
  struct gcb_topology *t = gcb_topology_open(NULL, why, sizeof why);
  if (t) json_object_set_new(machine, "topology", gcb_topology_json(t));
  gcb_topology_close(t);
  json_object_set_new(machine, "doctor", gcb_diagnose(machine));
  snprintf(seed, sizeof seed, "%llu", (unsigned long long)number);
  json_object_set_new(machine, "seed", json_string(seed));
  json_object_set_new(machine, "command", command_line(argc, argv));
  json_object_set_new(machine, "gcbench", json_string(GCB_VERSION));
  json_object_set_new(machine, "placement", json_string(s->plan.placement.note));
  return machine;
}

/* "all" stands for everything that can run. */
static void expand_all(struct gcb_strings *list, const char **names, size_t n) {
  if (list->n != 1 || strcmp(list->items[0], "all") != 0) return;
  list->items = names;
  list->n = n;
}

bool gcb_session_make(gcb_session *s, const gcb_request *r, gcb_wrong_word *wrong) {
  *s = (gcb_session){.timeout = r->timeout_ns};
  *wrong = (gcb_wrong_word){.option = "gcbench"};
  return gcb_catalog_open(&s->catalog, wrong->why, sizeof wrong->why) &&
         gcb_plan_make(&s->plan, &s->catalog, r, wrong);
}

bool gcb_session_begin(gcb_session *s, uint64_t timeout_ns, char *why, size_t why_size) {
  *s = (gcb_session){.timeout = timeout_ns};
  if (!gcb_catalog_open(&s->catalog, why, why_size)) return false;
  const gcb_catalog *c = &s->catalog;
  s->all_workloads = calloc(c->workloads->n_workloads + 1, sizeof *s->all_workloads);
  s->all_collectors = calloc(c->n_collectors + 1, sizeof *s->all_collectors);
  if (!s->all_workloads || !s->all_collectors) {
    snprintf(why, why_size, "no memory for the names");
    return false;
  }
  s->n_workloads = c->workloads->n_workloads;
  for (size_t i = 0; i < s->n_workloads; i++) s->all_workloads[i] = c->workloads->workloads[i]->name;
  for (size_t i = 0; i < c->n_collectors; i++)
    if (!c->collectors[i].why) s->all_collectors[s->n_collectors++] = c->collectors[i].name;
  return true;
}

void gcb_session_expand(const gcb_session *s, struct gcb_strings *workloads, struct gcb_strings *collectors) {
  expand_all(workloads, s->all_workloads, s->n_workloads);
  expand_all(collectors, s->all_collectors, s->n_collectors);
}

void gcb_session_close(gcb_session *s) {
  gcb_plan_free(&s->plan);
  free(s->all_workloads);
  free(s->all_collectors);
  gcb_catalog_close(&s->catalog);
}
