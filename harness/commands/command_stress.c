/* gcbench stress: random programs on collectors, judged by a shadow of the heap. */
#include "commands/cell_options.h"
#include "commands/commands.h"
#include "commands/outputs.h"
#include "machine/interrupt.h"
#include "machine/process.h"
#include "machine/trouble.h"
#include "plan/catalog.h"
#include "results/model/called.h"
#include "results/model/clean.h"
#include "results/model/units.h"
#include "results/text/screen.h"
#include "runtime/enum_names.h"
#include "stress/mutant_hunt.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

typedef struct stress_settings {
  struct gcb_strings collectors, modes;
  const char *replay, *mutants, *save, *json;
  uint64_t seed, programs, time, batch, shrink;
  bool threads, coverage, quiet;
  const char *color;
} stress_settings;

static const struct gcb_cli_option options[] = {
    {"collector", 'c', GCB_INTO_STRINGS(stress_settings, collectors), .argument = "NAME,...",
     .initial = "all", .heading = "What", .help = "collectors, or all; a plug-in by its file"},
    {"modes", 'm', GCB_INTO_STRINGS(stress_settings, modes), .argument = "MODE,...", .initial = "all",
     .help = "collect, tiny, small, fail, poison, protect, base, vary, threads, safepoints, sweep, starve, "
             "relocate, barrier; each "
             "is drawn for some programs"},
    {"threads", 0, GCB_INTO_FLAG(stress_settings, threads),
     .help = "in half of the programs threads run at the same time; those need not fail each time"},
    {"replay", 'r', GCB_INTO_STRING(stress_settings, replay), .argument = "FILE",
     .help = "run this program instead"},
    {"mutants", 0, GCB_INTO_STRING(stress_settings, mutants), .argument = "NAME",
     .help = "hunt seeded bugs instead, all or the one named, up to --time each (1m); in a build with them"},
    {"seed", 's', GCB_INTO_SEED(stress_settings, seed), .argument = "N", .initial = "1", .heading = "How",
     .help = "of the first program; the next has the next"},
    {"programs", 'n', GCB_INTO_UNSIGNED(stress_settings, programs), .argument = "N", .initial = "1000",
     .min = 1, .max = 1000000000000, .help = "for each collector"},
    {"time", 't', GCB_INTO_DURATION(stress_settings, time), .argument = "TIME", .min = 1000000,
     .help = "for all together, instead of a number of programs"},
    {"batch", 0, GCB_INTO_UNSIGNED(stress_settings, batch), .argument = "N", .initial = "500", .min = 1,
     .max = 100000, .help = "programs in one process"},
    {"shrink", 0, GCB_INTO_UNSIGNED(stress_settings, shrink), .argument = "N", .initial = "1500",
     .max = 1000000, .help = "trials to make a failing program smaller"},
    {"save", 'o', GCB_INTO_STRING(stress_settings, save), .argument = "DIR", .initial = ".",
     .heading = "Output", .help = "folder for shrunk programs"},
    {"coverage", 0, GCB_INTO_FLAG(stress_settings, coverage),
     .help = "list the rare paths that no program reached"},
    {"json", 'j', GCB_INTO_STRING(stress_settings, json), .argument = "FILE",
     .help = "write figures and findings"},
    GCB_OPTION_QUIET(stress_settings),
    GCB_OPTION_COLOR(stress_settings),
};

const struct gcb_command gcb_command_stress = {
    .name = "stress",
    .summary = "Try to break collectors with random programs, judged by a shadow of the heap",
    .usage = "[OPTIONS]",
    .description =
        "Generates random mutator programs, runs them on each collector and compares the heap with "
        "a shadow of it after every collection. A program that fails is made smaller and saved, and "
        "the one command that replays it is printed. The exit status is 1 when something was found.",
    .examples = "gcbench stress --collector gen3 --programs 10000\n"
                "gcbench stress --time 10m --coverage\n"
                "gcbench stress --collector ./mine.so --replay stress-mine-17.program",
    .options = options,
    .n_options = sizeof options / sizeof *options,
    .settings_size = sizeof(stress_settings),
    .finishes = true,
};

/* ---- what was asked for ---- */
static bool read_modes(const struct gcb_parsed *parsed, unsigned *modes) {
  const stress_settings *s = parsed->settings;
  *modes = s->threads ? GCB_STRESS_MODE(TOGETHER) : 0;
  for (size_t i = 0; i < s->modes.n; i++) {
    const char *word = s->modes.items[i];
    unsigned bit = 0;
    if (strcmp(word, "none") == 0) continue;
    if (strcmp(word, "all") == 0) {
      *modes |= GCB_STRESS_EXACT_MODES;
      continue;
    }
    while (gcb_stress_mode_word(bit) && strcmp(word, gcb_stress_mode_word(bit)) != 0) bit++;
    if (!gcb_stress_mode_word(bit)) {
      gcb_options_wrong(
          &gcb_program, parsed->command, "--modes", word,
          "no such mode; there are collect, tiny, small, fail, poison, protect, base, vary, threads, "
          "safepoints, sweep, starve, relocate, barrier, together, all and none");
      return false;
    }
    *modes |= 1u << bit;
  }
  return true;
}

static bool add_collector(const struct gcb_parsed *parsed, gcb_catalog *catalog, const char *name,
                          gcb_stress_tally *t, size_t *n) {
  char why[700];
  const gcb_entry *e = gcb_catalog_collector(catalog, name, why, sizeof why);
  if (!e) {
    gcb_options_wrong(&gcb_program, parsed->command, "--collector", name, "%s", why);
    return false;
  }
  const char *slash = strrchr(name, '/');
  t[(*n)++] = (gcb_stress_tally){.name = strdup(slash ? slash + 1 : name),
                                 .word = strdup(name),
                                 .file = strdup(e->file),
                                 .rare = gcb_entry_rare(e)};
  return true;
}

static bool read_collectors(const struct gcb_parsed *parsed, gcb_catalog *catalog, gcb_stress_tally **tallies,
                            size_t *n) {
  const stress_settings *s = parsed->settings;
  *tallies = calloc(catalog->n_collectors + s->collectors.n, sizeof **tallies);
  for (size_t i = 0; *tallies && i < s->collectors.n; i++) {
    if (strcmp(s->collectors.items[i], "all") != 0) {
      if (!add_collector(parsed, catalog, s->collectors.items[i], *tallies, n)) return false;
      continue;
    }
    for (size_t k = 0; k < catalog->n_collectors; k++) {
      const char *name = catalog->collectors[k].name;
      char why[700]; /* what is not installed is no collector to test */
      if (gcb_catalog_collector(catalog, name, why, sizeof why) &&
          !add_collector(parsed, catalog, name, *tallies, n))
        return false;
    }
  }
  return *tallies != NULL;
}

/* ---- telling ---- */
static void tell_finding(const gcb_stress_finding *f, unsigned modes) {
  char *command = gcb_stress_command(f->word, f->seed, f->file, modes),
       *debugger = gcb_stress_debugger(f, modes);
  const char *colour = gcb_screen_word(stdout, "FOUND");
  printf("%sFOUND%s in %s: %s, in %s: %s\n", colour, gcb_screen_end(colour), f->collector, f->check,
         f->operation, f->message);
  if (f->file[0]) printf("  %s\n", gcb_format_number((double)f->operations, "operation").s);
  if (command) printf("  %s\n", gcb_as_called(command));
  if (debugger) printf("  to debug it: %s\n", debugger);
  if (f->backtrace[0]) printf("%s\n", f->backtrace);
  free(command);
  free(debugger);
  fflush(stdout);
}

/* The words of some rare paths. */
static void print_paths(const char *before, uint64_t paths) {
  if (!paths) return;
  printf("%s", before);
  for (unsigned e = 0, n = 0; e < GCB_EVENT_KINDS; e++)
    if (paths >> e & 1) printf("%s %s", n++ ? "," : "", gcb_event_word(e));
  putchar('\n');
}

static uint64_t reached(const gcb_stress_tally *t) {
  uint64_t paths = 0;
  for (unsigned e = 0; e < GCB_EVENT_KINDS; e++) paths |= (uint64_t)(t->counts.events[e] != 0) << e;
  return paths;
}

static void progress(const gcb_stress_tally *t, size_t n, uint64_t start, bool last) {
  uint64_t programs = 0, collections = 0, objects = 0, findings = 0, events = 0, paths = 0;
  for (size_t i = 0; i < n; i++) {
    programs += t[i].counts.programs;
    collections += t[i].counts.collections;
    objects += t[i].counts.objects_checked;
    findings += t[i].n_findings;
    events += (uint64_t)__builtin_popcountll(reached(&t[i]));
    paths += (uint64_t)__builtin_popcountll(t[i].rare);
  }
  bool terminal = isatty(STDERR_FILENO);
  fprintf(stderr, "%s%s, %s, %s checked, %llu of %llu events covered, %s, %.0f s%s", terminal ? "\r" : "",
          gcb_format_number((double)programs, "program").s,
          gcb_format_number((double)collections, "collection").s,
          gcb_format_number((double)objects, "object").s, (unsigned long long)events,
          (unsigned long long)paths, gcb_format_number((double)findings, "finding").s,
          (double)(gcb_clock() - start) / 1e9, terminal && !last ? "\033[K" : "\n");
}

static void summary(const gcb_stress_tally *t, size_t n) {
  const char *head = gcb_screen_heading(stdout);
  printf("%s%-12s %10s %9s %12s %12s %14s %9s %8s%s\n", head, "collector", "programs", "each s", "operations",
         "collections", "objects", "oom", "findings", gcb_screen_end(head));
  for (size_t i = 0; i < n; i++) {
    const gcb_stress_counts *c = &t[i].counts;
    printf("%-12s %10llu %9.0f %12llu %12llu %14llu %9llu %8u\n", t[i].name, (unsigned long long)c->programs,
           t[i].ns ? (double)c->programs * 1e9 / (double)t[i].ns : 0.0, (unsigned long long)c->operations,
           (unsigned long long)c->collections, (unsigned long long)c->objects_checked,
           (unsigned long long)c->out_of_memory, t[i].n_findings);
  }
  gcb_stress_counts all = {0};
  for (size_t i = 0; i < n; i++) {
#define X(name) all.name += t[i].counts.name;
    GCB_STRESS_COUNTS(X)
#undef X
  }
  printf("effects:");
#define X(name) printf(" %s %llu", #name, (unsigned long long)all.name);
  GCB_STRESS_COUNTS(X)
#undef X
  putchar('\n');
}

static void coverage(const gcb_stress_tally *t, size_t n) {
  const uint64_t all = (1ull << GCB_EVENT_KINDS) - 1;
  for (size_t i = 0; i < n; i++) {
    uint64_t got = reached(&t[i]);
    printf("%s: %d of %d rare paths reached\n", t[i].name, __builtin_popcountll(got & t[i].rare),
           __builtin_popcountll(t[i].rare));
    print_paths("  never reached:", t[i].rare & ~got);
    print_paths("  reached though not declared:", got & ~t[i].rare);
    print_paths("  cannot occur in it:", all & ~t[i].rare & ~got);
  }
}

static bool write_json(gcb_output *file, const stress_settings *s, const gcb_stress_tally *t, size_t n) {
  json_t *list = json_array(), *findings = json_array();
  for (size_t i = 0; i < n; i++) {
    json_t *one =
        json_pack("{s:o, s:f}", "collector", gcb_clean_string(t[i].name), "seconds", (double)t[i].ns / 1e9);
    json_t *events = json_object();
#define X(name) json_object_set_new(one, #name, json_integer((json_int_t)t[i].counts.name));
    GCB_STRESS_COUNTS(X)
#undef X
    for (unsigned e = 0; e < GCB_EVENT_KINDS; e++)
      json_object_set_new(events, gcb_event_word(e), json_integer((json_int_t)t[i].counts.events[e]));
    json_object_set_new(one, "events", events);
    json_array_append_new(list, one);
    for (const gcb_stress_finding *f = t[i].findings; f; f = f->next)
      json_array_append_new(findings,
                            json_pack("{s:o, s:s, s:s, s:o, s:s, s:o, s:I, s:I}", "collector",
                                      gcb_clean_string(f->collector), "check", f->check, "operation",
                                      f->operation, "message", gcb_clean_string(f->message), "seed", f->seed,
                                      "file", gcb_clean_string(f->file), "operations",
                                      (json_int_t)f->operations, "times", (json_int_t)f->times));
  }
  json_t *all = json_pack("{s:s, s:I, s:o, s:o}", "schema", "gcbench.stress/1", "seed", (json_int_t)s->seed,
                          "collectors", list, "findings", findings);
  bool good = gcb_output_json(file, all);
  json_decref(all);
  return good;
}

/* ---- doing ---- */
static char *read_program(const char *file) {
  int fd = open(file, O_RDONLY | O_CLOEXEC);
  char *text = fd >= 0 ? gcb_read_all(fd) : NULL;
  if (fd >= 0) close(fd);
  return text;
}

static gcb_exit replay(const struct gcb_parsed *parsed, const gcb_stress_campaign *c, gcb_stress_tally *t,
                       size_t n) {
  const stress_settings *s = parsed->settings;
  char why[300];
  char *text = read_program(s->replay);
  gcb_stress_program p;
  bool any = false;
  if (!text || !gcb_stress_parse(&p, text, strlen(text), why, sizeof why)) {
    gcb_options_wrong(&gcb_program, parsed->command, "--replay", s->replay, "%s",
                      text              ? why
                      : errno == ENOENT ? "no such program file"
                                        : strerror(errno));
    free(text);
    return GCB_EXIT_USAGE;
  }
  gcb_stress_free(&p);
  for (size_t i = 0; i < n; i++) {
    const gcb_stress_finding *f = gcb_stress_replay(c, &t[i], text, gcb_option_given(parsed, "shrink"));
    gcb_stress_finding shown;
    if (f && !f->file[0]) { /* the file is the one that was given */
      shown = *f;
      snprintf(shown.file, sizeof shown.file, "%s", s->replay);
      tell_finding(&shown, c->modes);
    } else if (f) {
      tell_finding(f, c->modes);
    } else if (!gcb_in_trouble())
      printf("%s: %s holds\n", t[i].name, s->replay);
    any |= f != NULL;
  }
  free(text);
  return any ? GCB_EXIT_AGAINST : GCB_EXIT_OK;
}

static void campaign(const stress_settings *s, const gcb_stress_campaign *c, gcb_stress_tally *t, size_t n,
                     bool timed) {
  uint64_t start = gcb_clock(), shown = start;
  for (uint64_t done = 0; !gcb_interrupted && !gcb_in_trouble(); done += s->batch) {
    if (timed ? gcb_clock() - start >= s->time : done >= s->programs) break;
    gcb_interrupt_done(done * n, timed ? 0 : s->programs * n, "programs");
    uint64_t some = !timed && s->programs - done < s->batch ? s->programs - done : s->batch;
    for (size_t i = 0; i < n && !gcb_interrupted; i++) {
      /* After a finding the rest of the batch goes on behind it. */
      uint64_t first = s->seed + done, before = t[i].counts.programs, begun = 0;
      uint32_t known = t[i].n_findings;
      for (int tries = 0; tries < 20 && begun < some && !gcb_interrupted && !gcb_in_trouble(); tries++) {
        if (gcb_stress_batch(c, &t[i], first + begun, some - begun, 600000000000ull)) break;
        begun = t[i].counts.programs - before;
        if (t[i].n_findings > known) tell_finding(t[i].findings, c->modes);
        known = t[i].n_findings;
      }
      if (!s->quiet && gcb_clock() - shown > (isatty(STDERR_FILENO) ? 300000000ull : 10000000000ull)) {
        shown = gcb_clock();
        progress(t, n, start, false);
      }
    }
  }
  if (!s->quiet) progress(t, n, start, true);
}

static gcb_exit hunt_mutants(const struct gcb_parsed *parsed, const gcb_stress_campaign *c,
                             gcb_catalog *catalog, gcb_output *json) {
  const stress_settings *s = parsed->settings;
  if (!gcb_stress_has_mutants()) {
    fputs("gcbench stress: this build has no mutants; configure one with 'cmake --preset mutants'\n", stderr);
    return GCB_EXIT_NOTHING;
  }
  uint64_t time = gcb_option_given(parsed, "time") ? s->time : 60000000000ull;
  json_t *verdicts = NULL;
  int survivors = gcb_stress_mutants(c, catalog, s->mutants, s->seed, time, json ? &verdicts : NULL);
  if (verdicts) gcb_output_json(json, verdicts); /* prints a failure */
  json_decref(verdicts);
  if (survivors >= 0) return survivors ? GCB_EXIT_AGAINST : GCB_EXIT_OK;
  gcb_options_wrong(&gcb_program, parsed->command, "--mutants", s->mutants, "no such mutant");
  return GCB_EXIT_USAGE;
}

gcb_exit gcb_stress(const struct gcb_parsed *parsed, int argc, char *const argv[]) {
  (void)argc, (void)argv;
  const stress_settings *s = parsed->settings;
  char why[700];
  gcb_catalog catalog;
  gcb_stress_tally *tallies = NULL;
  size_t n = 0;
  gcb_stress_campaign c = {.save = s->save, .shrink = (uint32_t)s->shrink, .interrupt = &gcb_interrupted};
  gcb_output json = {.option = "--json", .path = s->json};
  gcb_exit status = GCB_EXIT_USAGE;
  if (!gcb_catalog_open(&catalog, why, sizeof why)) {
    gcb_print_clean(stderr, "gcbench stress: %s\n", why);
    return GCB_EXIT_NOTHING;
  }
  if (!read_modes(parsed, &c.modes) || !read_collectors(parsed, &catalog, &tallies, &n) ||
      !gcb_outputs_begin(&json, 1, parsed))
    goto out;
  if (s->replay) {
    status = replay(parsed, &c, tallies, n);
    goto out;
  }
  if (s->mutants) {
    status = hunt_mutants(parsed, &c, &catalog, &json);
    goto out;
  }
  campaign(s, &c, tallies, n, gcb_option_given(parsed, "time"));
  summary(tallies, n);
  if (s->coverage) coverage(tallies, n);
  status = gcb_interrupted ? GCB_EXIT_INTERRUPTED : GCB_EXIT_OK;
  for (size_t i = 0; i < n; i++)
    if (tallies[i].n_findings) status = GCB_EXIT_AGAINST;
  if (s->json && !write_json(&json, s, tallies, n)) status = GCB_EXIT_NOTHING;
out:
  gcb_outputs_abandon(&json, 1);
  for (size_t i = 0; i < n; i++) gcb_stress_tally_free(&tallies[i]);
  free(tallies);
  gcb_catalog_close(&catalog);
  return status;
}
