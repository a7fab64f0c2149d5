#include "stress/campaign.h"
#include "machine/process.h"
#include "machine/trouble.h"
#include "results/model/clean.h"
#include "results/text/shell.h"
#include <stdlib.h>
#include <string.h>

static const uint64_t SHRINK_NS = 180000000000ull;

/* "CHECK OPERATION LINE MESSAGE" into the finding. */
static bool read_finding(const char *line, gcb_stress_finding *f) {
  unsigned at;
  int used = 0;
  if (sscanf(line, "%39s %39s %u %n", f->check, f->operation, &at, &used) < 3 || !used) return false;
  gcb_clean(f->message, sizeof f->message, line + used, strcspn(line + used, "\n"));
  return true;
}

static json_t *spec_of(const gcb_stress_tally *t) {
  return json_pack("{s:s}", "collector", t->file);
}

/* Start the worker; what it counted is added up. The last seed that it began is written to `begun`, a finding
 * to f (then true), the shrunk program to *text. */
static bool ask(const gcb_stress_campaign *c, gcb_stress_tally *t, json_t *spec, uint64_t patience_ns,
                char *begun, size_t begun_size, gcb_stress_finding *f, char **text) {
  char *argument = json_dumps(spec, JSON_COMPACT);
  bool found = false, whole = false;
  gcb_child child;
  gcb_child_run("stress-worker", argument, patience_ns, c->interrupt, &child);
  for (char *at = child.answer; at && *at;) {
    char *end = strchr(at, '\n');
    if (end) *end = 0;
    if (at[0] == 'B') {
      t->counts.programs++;
      if (begun) snprintf(begun, begun_size, "%s", at + 2);
    } else if (at[0] == 'F') {
      found |= read_finding(at + 2, f);
    } else if (at[0] == 'C') {
      gcb_stress_hear(at, &t->counts);
    } else if (at[0] == 'E') {
      whole = true;
    } else if (at[0] == 'P') {
      if (text && end) *text = strdup(end + 1);
      whole = true;
      break;
    }
    at = end ? end + 1 : NULL;
  }
  if (child.end == GCB_CHILD_NOT_STARTED || (found && strcmp(f->check, "harness") == 0)) {
    if (found) gcb_trouble("a random program could not be run: %s", f->message);
    found = false;
    goto out; /* trouble of the harness is no finding */
  }
  bool ended = child.end == GCB_CHILD_EXITED && child.code == 0;
  if (!found && !(whole && ended) && child.end != GCB_CHILD_INTERRUPTED) {
    snprintf(f->check, sizeof f->check, "%s", child.end == GCB_CHILD_TIMED_OUT ? "hang" : "crash");
    snprintf(f->operation, sizeof f->operation, "?");
    gcb_child_explain(&child, f->message, sizeof f->message);
    found = true;
  }
  if (found && child.backtrace[0])
    gcb_clean(f->backtrace, sizeof f->backtrace, child.backtrace, strlen(child.backtrace));
out:
  free(child.answer);
  free(argument);
  return found;
}

static gcb_stress_finding *known(gcb_stress_tally *t, const gcb_stress_finding *f) {
  for (gcb_stress_finding *k = t->findings; k; k = k->next)
    if (strcmp(k->check, f->check) == 0 && strcmp(k->operation, f->operation) == 0) return k;
  return NULL;
}

static void save(const gcb_stress_campaign *c, const gcb_stress_tally *t, gcb_stress_finding *f,
                 const char *text) {
  if (!c->save || !text) return;
  snprintf(f->file, sizeof f->file, "%s/stress-%s-%s.program", c->save, t->name, f->seed);
  FILE *out = fopen(f->file, "w");
  if (!out) {
    f->file[0] = 0;
    return;
  }
  char *command = gcb_stress_command(f->word, f->seed, f->file, c->modes);
  fprintf(out, "# %s: %s in %s: %s\n# %s\n%s", t->name, f->check, f->operation, f->message,
          command ? command : "", text);
  free(command);
  if (fclose(out) != 0) f->file[0] = 0;
}

char *gcb_stress_command(const char *collector, const char *seed, const char *file, unsigned modes) {
  if (file[0])
    return gcb_shell_command(
        (const char *const[]){"gcbench", "stress", "--collector", collector, "--replay", file, NULL});
  return gcb_shell_command(
      (const char *const[]){"gcbench", "stress", "--collector", collector, "--seed", seed, "--programs", "1",
                            modes & GCB_STRESS_MODE(TOGETHER) ? "--threads" : NULL, NULL});
}

char *gcb_stress_debugger(const gcb_stress_finding *f, unsigned modes) {
  json_t *spec = f->file[0] ? json_pack("{s:s, s:s, s:i}", "collector", f->shared_object, "program_file",
                                        f->file, "shrink", 0)
                            : json_pack("{s:s, s:s, s:i, s:i, s:i}", "collector", f->shared_object, "seed",
                                        f->seed, "modes", (int)modes, "count", 1, "shrink", 0);
  char *text = spec ? json_dumps(spec, JSON_COMPACT) : NULL,
       *command = text ? gcb_debugger_command("stress-worker", text) : NULL;
  free(text);
  json_decref(spec);
  return command;
}

static uint32_t lines_of_operations(const char *text) {
  gcb_stress_program p;
  char why[200];
  if (!text || !gcb_stress_parse(&p, text, strlen(text), why, sizeof why)) return 0;
  uint32_t n = p.n;
  gcb_stress_free(&p);
  return n;
}

static gcb_stress_finding *note(gcb_stress_tally *t, const gcb_stress_finding *f) {
  gcb_stress_finding *kept = malloc(sizeof *kept);
  if (!kept) return NULL;
  *kept = *f;
  kept->collector = t->name;
  kept->word = t->word;
  kept->shared_object = t->file;
  kept->times = 1;
  kept->seconds = (double)t->ns / 1e9;
  kept->next = t->findings;
  t->findings = kept;
  t->n_findings++;
  return kept;
}

bool gcb_stress_batch(const gcb_stress_campaign *c, gcb_stress_tally *t, uint64_t seed, uint64_t n,
                      uint64_t patience_ns) {
  char word[24], begun[24] = "";
  gcb_stress_finding f = {0};
  uint64_t start = gcb_clock();
  json_t *spec = spec_of(t);
  snprintf(word, sizeof word, "%llu", (unsigned long long)seed);
  json_object_set_new(spec, "seed", json_string(word));
  json_object_set_new(spec, "count", json_integer((json_int_t)n));
  json_object_set_new(spec, "modes", json_integer(c->modes));
  bool found = ask(c, t, spec, patience_ns, begun, sizeof begun, &f, NULL);
  json_decref(spec);
  t->ns += gcb_clock() - start;
  t->batches++;
  if (!found) return !(c->interrupt && *c->interrupt) && !gcb_in_trouble();
  snprintf(f.seed, sizeof f.seed, "%s", begun);
  gcb_stress_finding *twin = known(t, &f);
  if (twin) {
    twin->times++;
    return false;
  }
  char *text = NULL;
  if (c->shrink && begun[0]) { /* alone, and smaller; what it then shows is the finding */
    gcb_stress_finding alone = {0};
    spec = json_pack("{s:s, s:s, s:i, s:i}", "collector", t->file, "seed", begun, "modes", (int)c->modes,
                     "shrink", (int)c->shrink);
    if (ask(c, t, spec, SHRINK_NS, NULL, 0, &alone, &text) && text) {
      memcpy(alone.seed, f.seed, sizeof f.seed);
      f = alone;
    } else {
      snprintf(f.message + strlen(f.message), sizeof f.message - strlen(f.message),
               " (not again when its program ran alone)");
    }
    json_decref(spec);
  }
  if ((twin = known(t, &f))) {
    twin->times++;
  } else {
    f.operations = lines_of_operations(text);
    save(c, t, &f, text);
    note(t, &f);
  }
  free(text);
  return false;
}

gcb_stress_finding *gcb_stress_replay(const gcb_stress_campaign *c, gcb_stress_tally *t, const char *text,
                                      bool shrink) {
  gcb_stress_finding f = {0};
  char *shrunk = NULL;
  json_t *spec = json_pack("{s:s, s:s, s:i}", "collector", t->file, "program", text, "shrink",
                           shrink ? (int)c->shrink : 0);
  bool found = ask(c, t, spec, SHRINK_NS, NULL, 0, &f, &shrunk);
  json_decref(spec);
  t->counts.programs++;
  gcb_stress_finding *kept = NULL;
  if (found) {
    f.operations = lines_of_operations(shrunk);
    snprintf(f.seed, sizeof f.seed, "replay");
    if (shrink) save(c, t, &f, shrunk);
    kept = note(t, &f);
  }
  free(shrunk);
  return kept;
}

void gcb_stress_tally_free(gcb_stress_tally *t) {
  for (gcb_stress_finding *f = t->findings, *next; f; f = next) {
    next = f->next;
    free(f);
  }
  free(t->name);
  free(t->word);
  free(t->file);
}
