/* gcbench micro: what each mutator operation costs on each collector, by Google Benchmark, every collector in
 * a process of its own. */
#include "commands/cell_options.h"
#include "commands/commands.h"
#include "commands/outputs.h"
#include "machine/clock.h"
#include "machine/doctor.h"
#include "machine/doing.h"
#include "machine/interrupt.h"
#include "machine/machine.h"
#include "machine/process.h"
#include "measure/gbench_driver.h"
#include "micro/micro.h"
#include "plan/catalog.h"
#include "plan/cpu_locks.h"
#include "plan/placement.h"
#include "results/model/called.h"
#include "results/model/clean.h"
#include "results/text/unfit.h"
#include "runtime/enum_names.h"
#include <regex.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

typedef struct micro_settings {
  struct gcb_strings collectors;
  struct gcb_heap_sizes heaps;
  struct gcb_sweeps options;
  uint64_t repetitions, min_time, pairs, timeout;
  const char *filter, *pin, *json;
  bool call, interleave, list, ratios, quiet;
  const char *color;
} micro_settings;

static const struct gcb_cli_option options[] = {
    {"collector", 'c', GCB_INTO_STRINGS(micro_settings, collectors), .argument = "NAME,...", .initial = "all",
     .heading = "What",
     .help = "collectors; a plug-in by its file, such as ./mine.so; a preset as NAME+PRESET"},
    {"filter", 'f', GCB_INTO_STRING(micro_settings, filter), .argument = "REGEX",
     .help = "only benchmarks with such a name; -REGEX for all others"},
    {"call", 0, GCB_INTO_FLAG(micro_settings, call),
     .help = "each operation through function pointers too, as NAME/COLLECTOR:call"},
    {"heap", 'H', GCB_INTO_HEAP_SIZES(micro_settings, heaps), .argument = "BYTES,...",
     .help = "heap bounds; default 64M, and 1G for collectors that free nothing"},
    {"option", 'o', GCB_INTO_SWEEPS(micro_settings, options), .argument = "KEY=V",
     .help = "collector options, for the collectors that have them"},
    {"ratios", 0, GCB_INTO_FLAG(micro_settings, ratios),
     .help = "instead: the inline path against code by hand and against calls, on a collector with "
             "generations and a bump path"},
    {"list", 'l', GCB_INTO_FLAG(micro_settings, list), .help = "only print the names"},
    {"repetitions", 'n', GCB_INTO_UNSIGNED(micro_settings, repetitions), .argument = "N", .initial = "1",
     .min = 1, .max = 1000, .heading = "How",
     .help = "of each benchmark; more than one give mean and spread"},
    {"min-time", 0, GCB_INTO_DURATION(micro_settings, min_time), .argument = "TIME", .initial = "0.2",
     .min = 1000, .help = "to measure a repetition for, in seconds if there is no unit"},
    {"interleave", 0, GCB_INTO_FLAG(micro_settings, interleave),
     .help = "the repetitions of a collector's benchmarks in random order"},
    {"pairs", 0, GCB_INTO_UNSIGNED(micro_settings, pairs), .argument = "N", .initial = "15", .min = 1,
     .max = 1000, .help = "rounds that --ratios takes the median of"},
    {"pin", 0, GCB_INTO_STRING(micro_settings, pin), .argument = "CPUS", .initial = "auto",
     .help = "auto, none, or a cpu"},
    {"timeout", 't', GCB_INTO_DURATION(micro_settings, timeout), .argument = "TIME", .initial = "30m",
     .min = 1000000, .help = "for one collector"},
    {"json", 'j', GCB_INTO_STRING(micro_settings, json), .argument = "FILE", .heading = "Output",
     .help = "write Google Benchmark's JSON, of all collectors together; its compare.py reads it"},
    GCB_OPTION_QUIET(micro_settings),
    GCB_OPTION_COLOR(micro_settings),
};

const struct gcb_command gcb_command_micro = {
    .name = "micro",
    .summary = "Time every mutator operation by Google Benchmark",
    .usage = "[--collector NAME,...] [--filter REGEX] [OPTIONS]\n--ratios [--collector NAME] [OPTIONS]",
    .description =
        "Times allocation by size, stores, loads, weak references, safepoints, frames and collections of n "
        "survivors on every collector, through its inline path. A benchmark is named OPERATION/COLLECTOR; "
        "those of baseline/ are written by hand and use no collector. What a collector does not declare is "
        "skipped with the reason.\n"
        "Exit status: 0 all well; 1 a ratio of --ratios is missed; 2 wrong usage; 4 a collector crashed, "
        "hung, or failed a benchmark; 5 nothing was measured, or Google Benchmark is not there; 130 "
        "interrupted.",
    .examples = "gcbench micro --collector gen3,semispace --filter 'alloc|put'\n"
                "gcbench micro --repetitions 10 --interleave --json new.json\n"
                "gcbench micro --ratios",
    .options = options,
    .n_options = sizeof options / sizeof *options,
    .settings_size = sizeof(micro_settings),
    .finishes = true,
};

typedef struct session {
  const micro_settings *s;
  int cpu;
  json_t *whole, *lost, *skipped; /* the merged document; collectors and benchmarks without a result */
  json_t *machine; /* as `doctor` describes it, with its findings, before the first benchmark */
  json_int_t cases;
  bool failed, warned;
  size_t done, parts; /* children: so far, and in all */
  uint64_t started;   /* gcb_clock(), the first of them */
} session;

/* ---- a child ---- */

static char *debugger(const char *word, const json_t *spec) {
  char *text = json_dumps(spec, JSON_COMPACT), *command = text ? gcb_debugger_command(word, text) : NULL;
  free(text);
  return command;
}

/* The parsed answer, with status and reason whatever happened. New reference. */
static json_t *ask(const session *t, const char *word, const json_t *spec) {
  gcb_child child;
  json_error_t error;
  char why[700];
  char *text = json_dumps(spec, JSON_COMPACT);
  gcb_child_run(word, text ? text : "", t->s->timeout, &gcb_interrupted, &child);
  free(text);
  json_t *answer = child.end == GCB_CHILD_EXITED && child.answer ? json_loads(child.answer, 0, &error) : NULL;
  gcb_clean_json(answer);
  if (!json_is_string(json_object_get(answer, "status"))) {
    json_decref(answer);
    gcb_child_explain(&child, why, sizeof why);
    gcb_status status = child.end == GCB_CHILD_TIMED_OUT ? GCB_TIMEOUT
                        : child.out_of_memory            ? GCB_OOM
                                                         : GCB_CRASHED;
    if (child.end == GCB_CHILD_NOT_STARTED) gcb_interrupted = 1; /* the harness's own trouble */
    answer = json_pack("{s:s, s:o}", "status", gcb_status_word(status), "reason", gcb_clean_string(why));
    char *command = child.end == GCB_CHILD_SIGNALLED ? debugger(word, spec) : NULL;
    if (command) fprintf(stderr, "%s\n  to debug it: %s\n", child.backtrace, command);
    free(command);
  }
  free(child.answer);
  return answer;
}

static void lose(session *t, const char *name, const char *status, const char *reason) {
  t->failed = true;
  fprintf(stderr, "gcbench micro: %s: %s: %s\n", name, status, reason);
  json_array_append_new(t->lost, json_pack("{s:s, s:s, s:o}", "collector", name, "status", status, "reason",
                                           gcb_clean_string(reason ? reason : "")));
}

static bool has_option(const gcb_entry *e, const char *key) {
  size_t i;
  json_t *option;
  bool has = false;
  json_array_foreach(json_object_get(e->about, "options"), i, option) has |=
      strcmp(json_string_value(json_object_get(option, "name")), key) == 0;
  return has;
}

/* {key: word} of the preset and the command line, as far as the collector has them. New reference. */
static json_t *options_of(const micro_settings *s, const gcb_entry *e) {
  json_t *out = json_copy(e->preset);
  for (size_t i = 0; i < s->options.n; i++)
    if (has_option(e, s->options.items[i].key))
      json_object_set_new(out, s->options.items[i].key, json_string(s->options.items[i].values.items[0]));
  return out;
}

/* "6 skipped: the collector does not declare 'generational'", for people and for the record. */
static void tell_skipped(session *t, const char *name, const char *lines) {
  char copy[2000], *rest = copy;
  snprintf(copy, sizeof copy, "%s", lines);
  for (char *line; (line = strsep(&rest, "\n"));) {
    if (!*line) continue;
    if (!t->s->quiet) fprintf(stderr, "gcbench micro: %s: %s\n", name, line);
    json_array_append_new(t->skipped,
                          json_pack("{s:s, s:o}", "collector", name, "reason", gcb_clean_string(line)));
  }
}

/* Everything of one collector in one heap, or the baselines (no collector). */
static void measure(session *t, const gcb_entry *e, const char *name, uint64_t heap) {
  const micro_settings *s = t->s;
  char min_time[40], why[300];
  if (!s->quiet && !s->list) {
    char phrase[300];
    snprintf(phrase, sizeof phrase, "[%zu/%zu] micro-benchmarks of %s%s", t->done + 1, t->parts,
             e ? name : "the baselines", gcb_left(t->started, t->done, t->parts).s);
    gcb_doing(phrase, true);
  }
  t->done++;
  snprintf(min_time, sizeof min_time, "%.9f", (double)s->min_time / 1e9);
  json_t *spec = json_pack(
      "{s:s?, s:s?, s:o?, s:I, s:i, s:i, s:s?, s:s, s:I, s:b, s:b, s:b}", "collector", e ? e->file : NULL,
      "name", e ? name : NULL, "options", e ? options_of(s, e) : NULL, "heap_bytes", (json_int_t)heap,
      "workers", 1, "cpu", t->cpu, "filter", s->filter, "min_time", min_time, "repetitions",
      (json_int_t)s->repetitions, "call", s->call, "interleave", s->interleave, "list", s->list);
  json_t *answer = ask(t, "micro-invoke", spec), *part = NULL;
  const char *status = json_string_value(json_object_get(answer, "status"));
  const char *reason = json_string_value(json_object_get(answer, "reason"));
  json_int_t cases = json_integer_value(json_object_get(answer, "cases"));
  if (gcb_interrupted) goto out;
  if (strcmp(status, "ok") != 0) {
    lose(t, e ? name : "baselines", status, reason);
    goto out;
  }
  const char *warnings = json_string_value(json_object_get(answer, "warnings"));
  t->cases += cases;
  if (cases == 0) goto out; /* the warning is that nothing matched, which another collector's names may */
  if (!t->warned && !s->quiet) fputs(warnings, stderr);
  t->warned = true;
  fputs(json_string_value(json_object_get(answer, "table")), stdout);
  fflush(stdout);
  t->failed |= json_integer_value(json_object_get(answer, "failed")) > 0;
  if (s->list) goto out;
  tell_skipped(t, e ? name : "baselines", json_string_value(json_object_get(answer, "skipped")));
  part = gcb_gbench_parse(json_string_value(json_object_get(answer, "json")), why, sizeof why);
  if (part)
    gcb_micro_merge(t->whole, part);
  else
    lose(t, e ? name : "baselines", "failed", why);
out:
  json_decref(part);
  json_decref(answer);
  json_decref(spec);
}

static void measure_all(session *t, const gcb_entry *const *entries, size_t n) {
  const micro_settings *s = t->s;
  char name[300];
  t->started = gcb_clock();
  t->parts = 1 + n * (s->heaps.n ? s->heaps.n : 1);
  measure(t, NULL, NULL, 0);
  for (size_t i = 0; i < n && !gcb_interrupted; i++) {
    bool reclaims = entries[i]->capabilities & GCB_CAP(RECLAIMS);
    if (!s->heaps.n) measure(t, entries[i], entries[i]->name, reclaims ? 64 << 20 : 1 << 30);
    for (size_t k = 0; k < s->heaps.n && !gcb_interrupted; k++) {
      uint64_t bytes = s->heaps.items[k].bytes;
      if (s->heaps.n == 1)
        snprintf(name, sizeof name, "%s", entries[i]->name);
      else
        snprintf(name, sizeof name, "%s/heap:%llu%c", entries[i]->name,
                 (unsigned long long)bytes >> (bytes % (1 << 20) ? 10 : 20), bytes % (1 << 20) ? 'K' : 'M');
      measure(t, entries[i], name, bytes);
    }
    if (!gcb_interrupted) gcb_interrupt_done(i + 1, n, "collectors");
  }
}

/* ---- ratios ---- */

static gcb_exit print_ratios(session *t, const gcb_entry *e) {
  const double factor = 3;
  json_t *spec =
      json_pack("{s:s, s:o, s:i, s:i, s:I, s:f}", "collector", e->file, "options", options_of(t->s, e),
                "workers", 1, "cpu", t->cpu, "pairs", (json_int_t)t->s->pairs, "heap_factor", factor);
  json_t *answer = ask(t, "micro-ratios", spec), *one;
  const char *status = json_string_value(json_object_get(answer, "status"));
  gcb_exit result = GCB_EXIT_OK;
  size_t i;
  if (gcb_interrupted) {
    result = GCB_EXIT_INTERRUPTED;
  } else if (strcmp(status, "ok") != 0) {
    fprintf(stderr, "gcbench micro: %s: %s: %s\n", e->name, status,
            json_string_value(json_object_get(answer, "reason")));
    result = GCB_EXIT_CELL_FAILED;
  } else {
    json_object_set(t->whole, "ratios", json_object_get(answer, "ratios"));
    printf("collector %s (path %s), medians of %llu interleaved pairs of CPU times, with the 95 %% interval "
           "of the ratio\n",
           e->name, json_string_value(json_object_get(answer, "path")), (unsigned long long)t->s->pairs);
    json_array_foreach(json_object_get(answer, "ratios"), i, one) {
      json_t *least = json_object_get(one, "at_least"), *most = json_object_get(one, "at_most");
      json_t *lo = json_object_get(one, "lo"), *hi = json_object_get(one, "hi");
      char interval[60] = "";
      bool met = json_is_true(json_object_get(one, "met"));
      if (json_is_real(lo))
        snprintf(interval, sizeof interval, " [%.2f, %.2f]", json_number_value(lo), json_number_value(hi));
      printf("%-52s %9s / %-9s = %.2f%s  (%s %.1f: %s)\n", json_string_value(json_object_get(one, "what")),
             gcb_format_ns(json_number_value(json_object_get(one, "ns"))).s,
             gcb_format_ns(json_number_value(json_object_get(one, "against_ns"))).s,
             json_number_value(json_object_get(one, "ratio")), interval, least ? "at least" : "at most",
             json_number_value(least ? least : most), met ? "met" : "missed");
      if (!met) result = GCB_EXIT_AGAINST;
    }
  }
  json_decref(answer);
  json_decref(spec);
  return result;
}

/* ---- the command ---- */

static bool wrong(const struct gcb_parsed *parsed, const char *option, const char *word, const char *why) {
  gcb_options_wrong(&gcb_program, parsed->command, option, word, "%s", why);
  return false;
}

static bool check(const struct gcb_parsed *parsed, const micro_settings *s, int *cpu) {
  char why[300];
  regex_t regex;
  for (size_t i = 0; i < s->heaps.n; i++)
    if (!s->heaps.items[i].bytes)
      return wrong(parsed, "--heap", NULL,
                   "expected bytes, such as 64M: no workload gives a factor a meaning");
  if (s->filter) {
    int error = regcomp(&regex, s->filter[0] == '-' ? s->filter + 1 : s->filter, REG_EXTENDED | REG_NOSUB);
    if (error) {
      regerror(error, &regex, why, sizeof why);
      return wrong(parsed, "--filter", s->filter, why);
    }
    regfree(&regex);
  }
  struct gcb_placement placement = {0};
  struct gcb_topology *topology = gcb_topology_open(NULL, why, sizeof why);
  bool placed = topology && gcb_place_beside(NULL, topology, s->pin, 1, 1, &placement, why, sizeof why);
  if (placed && placement.note[0] && !s->quiet) fprintf(stderr, "gcbench micro: %s\n", placement.note);
  *cpu = placed ? placement.mutator_cpu[0] : GCB_CPU_ANY;
  gcb_placement_free(&placement);
  gcb_topology_close(topology);
  return placed || wrong(parsed, "--pin", s->pin, why);
}

/* The collectors asked for, in the catalog's memory: stable only once all were looked up. */
static bool choose(const struct gcb_parsed *parsed, gcb_catalog *c, const micro_settings *s,
                   const gcb_entry ***out, size_t *n) {
  char why[700];
  bool all = s->collectors.n == 1 && strcmp(s->collectors.items[0], "all") == 0;
  size_t asked = all ? c->n_collectors : s->collectors.n;
  *n = 0;
  *out = calloc(asked + 1, sizeof **out);
  if (!*out) return wrong(parsed, NULL, NULL, "no memory");
  for (int pass = 0; pass < 2; pass++)
    for (size_t i = 0; i < asked; i++) {
      const char *word = all ? c->collectors[i].name : s->collectors.items[i];
      const gcb_entry *e = gcb_catalog_collector(c, word, why, sizeof why);
      if (!e && !all) return wrong(parsed, "--collector", word, why);
      if (!e && pass) gcb_print_clean(stderr, "gcbench micro: %s: %s\n", word, why);
      bool fits = !s->ratios || !all ||
                  (e && e->capabilities & GCB_CAP(GENERATIONAL) &&
                   strncmp(json_string_value(json_object_get(e->about, "path")), "bump", 4) == 0);
      if (e && pass && fits) (*out)[(*n)++] = e;
    }
  return true;
}

/* Whether every option of the command line is one of some collector's, with one value. */
static bool known_options(const struct gcb_parsed *parsed, const micro_settings *s,
                          const gcb_entry *const *entries, size_t n) {
  for (size_t i = 0; i < s->options.n; i++) {
    bool has = false;
    for (size_t k = 0; k < n; k++) has |= has_option(entries[k], s->options.items[i].key);
    if (!has)
      return wrong(parsed, "--option", s->options.items[i].key, "no chosen collector has this option");
    if (s->options.items[i].values.n > 1)
      return wrong(parsed, "--option", s->options.items[i].key, "expected one value");
  }
  return true;
}

/* Add the context of this program, and write. */
static bool write_json(session *t, gcb_output *json) {
  json_t *context = json_object_get(t->whole, "context");
  if (!json->file.out) return true;
  if (!context) {
    context = json_object();
    json_object_set_new(t->whole, "context", context);
    json_object_set_new(t->whole, "benchmarks", json_array());
  }
  json_object_set_new(context, "gcbench", json_string(GCB_VERSION));
  json_object_set_new(context, "gcbench_machine", json_incref(t->machine));
  json_object_set(context, "gcbench_lost", t->lost);
  json_object_set(context, "gcbench_skipped", t->skipped);
  return gcb_output_json(json, t->whole);
}

static gcb_exit verdict(const session *t) {
  if (gcb_interrupted) return GCB_EXIT_INTERRUPTED;
  if (t->failed) return GCB_EXIT_CELL_FAILED;
  if (t->cases) return GCB_EXIT_OK;
  fprintf(stderr,
          gcb_as_called("gcbench micro: no benchmark has such a name; 'gcbench micro --list' prints all\n"));
  return GCB_EXIT_NOTHING;
}

/* The build leaves the module out where it finds no Google Benchmark. */
static bool library_is_there(void) {
  char file[4200];
  snprintf(file, sizeof file, "%s/gbench.so", gcb_lib_dir());
  return access(file, F_OK) == 0;
}

gcb_exit gcb_micro(const struct gcb_parsed *parsed, int argc, char *const argv[]) {
  (void)argc, (void)argv;
  const micro_settings *s = parsed->settings;
  session t = {.s = s, .whole = json_object(), .lost = json_array(), .skipped = json_array()};
  gcb_catalog catalog = {0};
  const gcb_entry **entries = NULL;
  gcb_output json = {.option = "--json", .path = s->json};
  char why[4300];
  size_t n = 0;
  gcb_exit status = GCB_EXIT_USAGE;
  if (!gcb_catalog_open(&catalog, why, sizeof why)) {
    gcb_print_clean(stderr, "gcbench micro: %s\n", why);
    status = GCB_EXIT_NOTHING;
    goto out;
  }
  if (!check(parsed, s, &t.cpu) || !choose(parsed, &catalog, s, &entries, &n) ||
      !known_options(parsed, s, entries, n))
    goto out;
  if (!gcb_outputs_begin(&json, 1, parsed)) goto out;
  t.machine = gcb_examine();
  json_object_set_new(t.machine, "doctor", gcb_diagnose(t.machine));
  if (!s->ratios && !library_is_there()) {
    fprintf(stderr, "gcbench micro: unsupported: needs libbenchmark-dev\n");
    status = GCB_EXIT_NOTHING;
  } else if (!s->ratios) {
    measure_all(&t, entries, n);
    status = verdict(&t);
  } else if (n == 0) {
    gcb_print_clean(stderr, "gcbench micro: --ratios: no collector here has generations and a bump path\n");
    status = GCB_EXIT_NOTHING;
  } else {
    status = print_ratios(&t, entries[0]);
  }
  if (t.cases || s->ratios) gcb_unfit_print(json_object_get(t.machine, "doctor"), stdout);
  if (!write_json(&t, &json)) status = GCB_EXIT_NOTHING;
out:
  gcb_outputs_abandon(&json, 1);
  free(entries);
  gcb_catalog_close(&catalog);
  json_decref(t.whole);
  json_decref(t.machine);
  json_decref(t.lost);
  json_decref(t.skipped);
  return status;
}
