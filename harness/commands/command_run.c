/* gcbench run: the main job. Plans, runs every invocation in a process of its own in a seeded interleaved
 * order, and reports. */
#include "analyses/liveness_runs.h"
#include "analyses/slo.h"
#include "commands/cell_options.h"
#include "commands/commands.h"
#include "commands/open_session.h"
#include "commands/outputs.h"
#include "commands/plan_print.h"
#include "commands/table_choice.h"
#include "machine/clock.h"
#include "machine/doing.h"
#include "measure/gbench_driver.h"
#include "plan/shard.h"
#include "results/analysis/document.h"
#include "results/export/csv.h"
#include "results/export/gbench_json.h"
#include "results/model/called.h"
#include "results/model/clean.h"
#include "results/model/units.h"
#include "results/text/space.h"
#include "runtime/enum_names.h"
#include "session/live_view.h"
#include "session/resume.h"
#include "session/run_recorder.h"
#include "session/verify.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct run_settings {
  struct gcb_strings workloads, collectors, columns;
  struct gcb_heap_sizes heaps;
  struct gcb_heap_sizes live;
  struct gcb_sweeps params, options;
  uint64_t invocations, iterations, warmups, mutators, workers, seed, timeout;
  const char *pin, *json, *csv, *slo, *results, *save, *resume, *shard, *gbench, *gbench_format;
  bool latency, quiet, dry_run, space, liveness, no_save, watch;
  const char *color;
} run_settings;

static const char *const gbench_formats[] = {"json", NULL};

static const struct gcb_cli_option options[] = {
    {"workload", 'w', GCB_INTO_STRINGS(run_settings, workloads), .argument = "NAME,...", .heading = "What",
     .help =
         "workloads, or all; 'gcbench list workloads' shows them; a plug-in by its file, such as ./mine.so"},
    {"collector", 'c', GCB_INTO_STRINGS(run_settings, collectors), .argument = "NAME,...",
     .help = "collectors, or all; a plug-in by its file, such as ./mine.so; a preset as NAME+PRESET; options "
             "of one "
             "alone after it: 'gen3 nursery=8M'"},
    GCB_OPTION_HEAPS(run_settings),
    GCB_OPTION_LIVE(run_settings),
    GCB_OPTION_PARAMS(run_settings),
    GCB_OPTION_OPTIONS(run_settings),
    GCB_OPTION_MUTATORS(run_settings),
    GCB_OPTION_WORKERS(run_settings),
    {"invocations", 'n', GCB_INTO_UNSIGNED(run_settings, invocations), .argument = "N", .initial = "5",
     .min = 1, .max = 100000, .heading = "How", .help = "fresh processes a cell: the unit of statistics"},
    {"iterations", 'i', GCB_INTO_UNSIGNED(run_settings, iterations), .argument = "N", .initial = "3",
     .min = 1, .max = 100000, .help = "timed repetitions in each invocation"},
    GCB_OPTION_WARMUPS(run_settings),
    {"latency", 'l', GCB_INTO_FLAG(run_settings, latency),
     .help = "add as many invocations in which everything that a mutator may wait for is clocked"},
    {"seed", 's', GCB_INTO_SEED(run_settings, seed), .argument = "N", .initial = "1",
     .help = "for the workloads' random numbers and the order of invocations"},
    GCB_OPTION_TIMEOUT(run_settings, "2m"),
    GCB_OPTION_PIN(run_settings),
    {"slo", 0, GCB_INTO_STRING(run_settings, slo), .argument = "pN=TIME",
     .help =
         "search the highest rate of requests at which this percentile of the response times from intended "
         "arrival keeps to the time, such as p99=2ms; every rate is tried with --invocations"},
    {"shard", 0, GCB_INTO_STRING(run_settings, shard), .argument = "K/N",
     .help = "run only part K of N of the cells; 'gcbench merge' makes one run of the parts"},
    {"resume", 0, GCB_INTO_STRING(run_settings, resume), .argument = "RUN",
     .help = "do what is missing of a run that was killed or interrupted, 'last' or as 'gcbench results' "
             "names it; nothing else has to be said again"},
    {"save", 0, GCB_INTO_STRING(run_settings, save), .argument = "NAME", .heading = "Output",
     .help = "the name under which the run is kept, which must be free; any run has a number"},
    GCB_RESULTS_OPTION("results", run_settings, results),
    {"no-save", 0, GCB_INTO_FLAG(run_settings, no_save), .help = "keep nothing"},
    {"json", 'j', GCB_INTO_STRING(run_settings, json), .argument = "FILE",
     .help = "write everything, raw pauses included (schema gcbench.run/1)"},
    {"liveness", 0, GCB_INTO_FLAG(run_settings, liveness),
     .help = "one more invocation a cell, in which the harness finds what is truly alive: drag, floating "
             "garbage"},
    {"space", 0, GCB_INTO_FLAG(run_settings, space),
     .help = "print where the memory was at the end: live, dead but held, lost to fragmentation, reserved"},
    {"csv", 0, GCB_INTO_STRING(run_settings, csv), .argument = "FILE", .help = "write one row an iteration"},
    {"benchmark_out", 0, GCB_INTO_STRING(run_settings, gbench), .argument = "FILE",
     .help = "have Google Benchmark drive the timed loops, and write its JSON, for its compare.py: "
             "invocations are "
             "repetitions; its libraries add some 2 MiB to the resident set. The names hold the collector: "
             "'compare.py "
             "benchmarks' pairs the same collector in two files, 'compare.py benchmarksfiltered A.json gen3 "
             "B.json "
             "marksweep' two collectors; without a common name its OVERALL_GEOMEAN means nothing"},
    {"benchmark_out_format", 0, GCB_INTO_STRING(run_settings, gbench_format), .argument = "FORMAT",
     .initial = "json", .choices = gbench_formats, .help = "of that file"},
    {"watch", 0, GCB_INTO_FLAG(run_settings, watch),
     .help = "show heap, pauses and throughput of the running invocation, live on a terminal, else a line a "
             "second; a thread that samples in any case tells them"},
    GCB_OPTION_COLUMNS(run_settings),
    GCB_OPTION_QUIET(run_settings),
    {"dry-run", 0, GCB_INTO_FLAG(run_settings, dry_run),
     .help = "print the cells with their live data, heaps and an estimate of the time, and run nothing; with "
             "--json, write the order of the invocations too"},
    GCB_OPTION_COLOR(run_settings),
};

const struct gcb_command gcb_command_run = {
    .name = "run",
    .summary = "Run workloads on collectors and measure them",
    .usage = "--workload NAME,... --collector NAME,... [OPTIONS]\n--resume RUN [OPTIONS]",
    .description = "Runs every workload on every collector at every heap size. Each invocation is a fresh, "
                   "pinned process; the "
                   "invocations of all cells are interleaved in a seeded random order. A cell that crashes, "
                   "hangs, runs out of memory or "
                   "computes something wrong is a result too, and the rest goes on.\n"
                   "Exit status: 0 all well; 2 wrong usage; 4 a cell crashed, hung, was wrong, or ran out of "
                   "memory at the largest "
                   "heap asked for; 5 nothing could be measured; 130 interrupted.",
    .examples = "gcbench run --workload cycles --collector gen3\n"
                "gcbench run -w churn -c gen3,marksweep --watch\n"
                "gcbench run -w trees -c gen3,marksweep,semispace --heap 1.5x,2x,3x,6x --json trees.json\n"
                "gcbench run -w churn -p survival=0.01,0.1,0.5 -c gen3 -o nursery=1M,4M\n"
                "gcbench run -w churn,cycles --live 16M,64M -c gen3,marksweep --dry-run\n"
                "gcbench run -w cycles -c ./mine.so --mutators 2\n"
                "gcbench run -w mine/mine.so -c gen3,marksweep\n"
                "gcbench run -w nesting -c rc,gen3 --latency\n"
                "gcbench run -w requests -c gen3,semispace -p sessions=65536 -p load=0.5,0.7\n"
                "gcbench run -w requests -c gen3,semispace --slo p99=2ms -n 2\n"
                "gcbench run --resume last",
    .options = options,
    .n_options = sizeof options / sizeof *options,
    .settings_size = sizeof(run_settings),
    .finishes = true,
};

typedef struct runner {
  const run_settings *s;
  gcb_slo slo; /* with --slo */
  gcb_session session;
  gcb_live live; /* with --watch */
  gcb_keep keep;
  gcb_table_columns columns;
  json_t *run; /* the document; its cells are the plan's */
  uint64_t started, total, done;
} runner;

/* ---- progress ---- */

static void progress(runner *r, const char *what, const gcb_cell *cell, uint64_t round) {
  if (r->s->quiet) return;
  struct gcb_text left = gcb_left(r->started, r->done, r->total);
  const char *w = r->session.plan.groups[cell->group].workload->name;
  if (r->s->watch) {
    char title[GCB_LIVE_TITLE];
    snprintf(title, sizeof title, "[%llu/%llu] %s on %s at %.3gx, %s%llu%s", (unsigned long long)r->done + 1,
             (unsigned long long)r->total, w, cell->collector->name,
             json_number_value(json_object_get(cell->result, "heap_factor")), what,
             (unsigned long long)round + 1, left.s);
    gcb_live_invocation(&r->live, title);
  } else {
    char phrase[400];
    snprintf(phrase, sizeof phrase, "[%llu/%llu] %s on %s %s%llu%s", (unsigned long long)r->done + 1,
             (unsigned long long)r->total, w, cell->collector->name, what, (unsigned long long)round + 1,
             left.s);
    if (r->session.terminal)
      fprintf(stderr, "\r\033[K%s", phrase);
    else
      gcb_doing(phrase, false);
  }
  fflush(stderr);
}

/* ---- one invocation ---- */

/* How many invocations of a cell are missing in a list: of a new run all, of a resumed one the rest. */
static uint64_t missing(const runner *r, const gcb_cell *cell, const char *list) {
  uint64_t there = json_array_size(json_object_get(cell->result, list));
  if (!cell->spec || cell->over || (there && r->s->slo)) return 0;
  return there < r->s->invocations ? r->s->invocations - there : 0;
}

static uint64_t missing_in_all(const runner *r, const gcb_cell *cell) {
  return missing(r, cell, "invocations") + (r->s->latency ? missing(r, cell, "latency_invocations") : 0);
}

/* Judge one invocation, give it to its cell, in the list of its kind, and keep it. */
static void finish(runner *r, gcb_cell *cell, const char *list, json_t *result) {
  gcb_judge(&r->session, cell, list, result);
  gcb_keep_add(&r->keep, (size_t)(cell - r->session.plan.cells), cell->result, list,
               json_array_size(json_object_get(cell->result, list)) - 1, result);
}

/* The reference of a cell's group, with the first of its cells: a run that is stopped early has results of
 * all cells that it came to, and each is judged when it ends. */
static void refer(runner *r, gcb_cell *cell) {
  if (r->session.plan.groups[cell->group].referenced) return;
  progress(r, "and others: reference ", cell, cell->group);
  gcb_judge_reference(&r->session, cell->group);
  r->done++;
}

static void run_cell(runner *r, gcb_cell *cell, uint64_t round, bool latency) {
  refer(r, cell);
  if (gcb_interrupted) return;
  progress(r, latency ? "latency invocation " : "invocation ", cell, round);
  json_object_set_new(cell->spec, "watch",
                      json_string(gcb_watch_word(latency ? GCB_WATCH_LATENCY : GCB_WATCH_THROUGHPUT)));
  json_object_set_new(cell->spec, "google_benchmark", json_boolean(r->s->gbench && !latency));
  json_t *result = gcb_session_invoke(&r->session, cell->spec);
  if (!gcb_interrupted) {
    cell->runs++;
    finish(r, cell, latency ? "latency_invocations" : "invocations", result);
    if (cell->over) {
      char line[900];
      const char *reason = json_string_value(json_object_get(cell->result, "reason"));
      snprintf(line, sizeof line, "gcbench: %s on %s at %.3gx: %s: %s",
               r->session.plan.groups[cell->group].workload->name, cell->collector->name,
               json_number_value(json_object_get(cell->result, "heap_factor")),
               json_string_value(json_object_get(cell->result, "status")),
               gcb_as_called(reason ? reason : ""));
      gcb_session_say(&r->session, line);
      gcb_session_say_crash(&r->session, result);
    }
  }
  json_decref(result);
}

/* Cells one after the other: a search asks for what the last try showed. */
static void search_rates(runner *r) {
  for (size_t i = 0; i < r->session.plan.n_cells && !gcb_interrupted; i++) {
    gcb_cell *cell = &r->session.plan.cells[i];
    size_t k;
    json_t *one;
    if (!missing(r, cell, "invocations")) continue;
    refer(r, cell);
    if (gcb_interrupted) return;
    progress(r, "search ", cell, i);
    json_t *results = gcb_slo_search(&r->session, &r->slo, cell, r->s->invocations);
    json_array_foreach(results, k, one) {
      cell->runs++;
      finish(r, cell, "invocations", one);
    }
    json_decref(results);
    r->done += r->s->invocations;
  }
}

static void run_all(runner *r) {
  size_t *order = calloc(r->session.plan.n_cells + 1, sizeof *order);
  if (r->s->slo) search_rates(r);
  uint64_t kinds = r->s->latency ? 2 : 1; /* of invocations, by turns */
  for (uint64_t turn = 0; order && !r->s->slo && turn < kinds * r->s->invocations && !gcb_interrupted;
       turn++) {
    gcb_plan_shuffle(&r->session.plan, order);
    for (size_t i = 0; i < r->session.plan.n_cells && !gcb_interrupted; i++) {
      gcb_cell *cell = &r->session.plan.cells[order[i]];
      const char *list = turn % kinds ? "latency_invocations" : "invocations";
      if (json_array_size(json_object_get(cell->result, list)) > turn / kinds || !cell->spec) continue;
      if (!cell->over) run_cell(r, cell, turn / kinds, turn % kinds);
      r->done++;
    }
  }
  for (size_t i = 0; r->s->liveness && i < r->session.plan.n_cells; i++) {
    gcb_cell *cell = &r->session.plan.cells[i];
    if (cell->over || json_object_get(cell->result, "liveness")) continue;
    gcb_liveness_measure(&r->session, cell);
    gcb_keep_add(&r->keep, i, cell->result, NULL, 0, NULL);
  }
  if (r->s->watch) gcb_live_end(&r->live);
  gcb_session_quieten(&r->session);
  free(order);
}

/* ---- before and after ---- */

/* With --dry-run: the tables, or with --json the document. */
static gcb_exit show_plan(runner *r, const gcb_request *request, gcb_output *json,
                          const struct gcb_parsed *parsed) {
  if (!gcb_outputs_begin(json, 1, parsed)) return GCB_EXIT_USAGE;
  json_t *document = gcb_plan_document(&r->session.plan, request, r->s->latency ? 2 : 1);
  gcb_plan_print(document, stdout);
  bool good = gcb_output_json(json, document);
  json_decref(document);
  return good ? GCB_EXIT_OK : GCB_EXIT_NOTHING;
}

/* The document before anything is measured. Its cells are the plan's: what happens to them shows in it. */
static void begin_document(runner *r, json_t *shard, int argc, char *const argv[]) {
  json_t *cells = json_array(), *context = gcb_session_context(&r->session, r->s->seed, argc, argv);
  char name[200];
  uint64_t planned = 0;
  if (r->s->save && shard) /* each part has a name of its own; the merged run has the suite's */
    snprintf(name, sizeof name, "%.100s-shard-%d-%d", r->s->save,
             (int)json_integer_value(json_object_get(shard, "number")),
             (int)json_integer_value(json_object_get(shard, "of")));
  else if (r->s->save)
    snprintf(name, sizeof name, "%s", r->s->save);
  for (size_t i = 0; i < r->session.plan.n_cells; i++) {
    gcb_cell *cell = &r->session.plan.cells[i];
    json_object_set_new(cell->result, "op", json_string(r->session.plan.groups[cell->group].workload->op));
    if (r->s->latency) json_object_set_new(cell->result, "latency_invocations", json_array());
    json_array_append(cells, cell->result);
    planned += missing_in_all(r, cell);
  }
  json_object_set_new(context, "collector_files", gcb_resume_files(&r->session.plan));
  r->run =
      json_pack("{s:s, s:{s:s?, s:I}, s:o, s:o}", "schema", "gcbench.run/1", "run", "name",
                r->s->save ? name : NULL, "planned", (json_int_t)planned, "context", context, "cells", cells);
  if (shard) json_object_set_new(json_object_get(r->run, "run"), "shard", shard);
}

static gcb_exit verdict(const runner *r) {
  size_t measured = 0;
  bool failed = false;
  for (size_t i = 0; i < r->session.plan.n_cells; i++) {
    const gcb_cell *cell = &r->session.plan.cells[i];
    gcb_status s = gcb_status_of(json_string_value(json_object_get(cell->result, "status")));
    measured += s == GCB_OK && cell->runs;
    bool leaks = !(cell->collector->capabilities &
                   GCB_CAP(CYCLES)); /* running out of memory is what leaking comes to */
    failed |= s == GCB_WRONG || s == GCB_TIMEOUT || s == GCB_CRASHED || s == GCB_FAILED ||
              (s == GCB_OOM && cell->largest_heap && !leaks);
  }
  if (gcb_interrupted) return GCB_EXIT_INTERRUPTED;
  return failed ? GCB_EXIT_CELL_FAILED : measured ? GCB_EXIT_OK : GCB_EXIT_NOTHING;
}

enum { JSON, CSV, GBENCH, OUTPUTS };

static bool write_files(runner *r, gcb_output *o) {
  bool good = gcb_output_json(&o[JSON], r->run);
  if (o[GBENCH].file.out) {
    json_t *document = gcb_gbench_json(r->run);
    good &= gcb_output_json(&o[GBENCH], document);
    json_decref(document);
  }
  if (o[CSV].file.out) gcb_csv_write(r->run, o[CSV].file.out);
  return gcb_output_commit(&o[CSV], true) && good;
}

/* How much of the run is done, and the command that does the rest. */
static void say_where(const runner *r) {
  static const char *const lists[] = {"invocations", "latency_invocations"};
  const char *folder = r->s->results;
  uint64_t done = 0;
  for (size_t i = 0; i < r->session.plan.n_cells; i++)
    for (size_t k = 0; k < 2; k++)
      done += json_array_size(json_object_get(r->session.plan.cells[i].result, lists[k]));
  gcb_interrupt_done(done,
                     (uint64_t)json_integer_value(json_object_get(json_object_get(r->run, "run"), "planned")),
                     "invocations");
  if (r->keep.store)
    gcb_interrupt_kept(gcb_as_called("kept as run %lld in %s. Go on with: gcbench run --resume %lld%s%s%s"),
                       (long long)r->keep.run, gcb_store_path(r->keep.store), (long long)r->keep.run,
                       folder ? " --results '" : "", folder ? folder : "", folder ? "'" : "");
}

/* An interrupted run of many cells is not summed up: whoever pressed Ctrl-C is not kept waiting, and
 * 'gcbench results show' does it when it is wanted. Files that were asked for are written, however. */
static bool stop(runner *r, const gcb_output *o) {
  enum { FEW = 50 };
  if (!gcb_interrupted || r->session.plan.n_cells <= FEW) return false;
  for (size_t i = 0; i < OUTPUTS; i++)
    if (o[i].path) return false;
  if (!gcb_keep_stop(&r->keep)) return false;
  say_where(r);
  return true;
}

static gcb_exit carry_out(runner *r, gcb_output *o) {
  gcb_session_watch(&r->session);
  if (r->s->watch) {
    gcb_live_begin(&r->live, r->session.terminal);
    r->session.listener = (gcb_listener){gcb_live_hear, &r->live};
  }
  r->started = gcb_clock();
  for (size_t i = 0; i < r->session.plan.n_cells; i++)
    r->total += missing_in_all(r, &r->session.plan.cells[i]);
  r->total += r->session.plan.n_groups;
  if (!r->s->quiet) {
    fprintf(stderr, "gcbench: %s, %s, seed %llu",
            gcb_format_number((double)r->session.plan.n_cells, "cell").s,
            gcb_format_number((double)(r->total - r->session.plan.n_groups), "invocation").s,
            (unsigned long long)r->s->seed);
    fprintf(stderr, r->session.plan.placement.note[0] ? "; %s\n" : "\n", r->session.plan.placement.note);
  }
  run_all(r);
  json_object_set_new(r->run, "interrupted", json_boolean(gcb_interrupted));
  if (stop(r, o)) return GCB_EXIT_INTERRUPTED;
  gcb_document_finish(r->run, "interrupted before its first invocation ended");
  /* Stored and written before the table: who reads that may leave (head, a pager). */
  bool kept = gcb_keep_end(&r->keep, r->run, r->s->quiet), written = write_files(r, o);
  if (gcb_interrupted) say_where(r);
  gcb_table_print(r->run, r->columns, stdout);
  if (r->s->liveness) gcb_liveness_print(json_object_get(r->run, "cells"), stdout);
  if (r->s->space) gcb_space_print(json_object_get(r->run, "cells"), stdout);
  if (r->s->slo) gcb_slo_print(json_object_get(r->run, "cells"), stdout);
  if (!written || !kept) return GCB_EXIT_NOTHING;
  return verdict(r);
}

/* The same run, as its own command said it, with what was said now about where results go. */
static bool resume_settings(run_settings *s, json_t **then, gcb_keep *keep, struct gcb_parsed *said,
                            const struct gcb_parsed *parsed) {
  static const char *const again[] = {"resume", "results", "json",  "csv",
                                      "quiet",  "space",   "watch", "columns"};
  run_settings now = *s;
  char why[4500];
  int argc;
  for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
    bool fits = !parsed->given[i];
    for (size_t k = 0; k < sizeof again / sizeof *again; k++) fits |= strcmp(options[i].name, again[k]) == 0;
    if (fits) continue;
    snprintf(why, sizeof why, "--%s", options[i].name);
    gcb_options_wrong(&gcb_program, parsed->command, why, NULL,
                      "a resumed run is what it was; only --results, --json, --csv, --space, --columns, "
                      "--watch and --quiet "
                      "can be said again");
    return false;
  }
  *then = gcb_resume_begin(keep, s->results, s->resume, why, sizeof why);
  if (!*then) {
    gcb_options_wrong(&gcb_program, parsed->command, "--resume", s->resume, "%s", why);
    return false;
  }
  char **argv = gcb_resume_words(*then, &argc);
  bool good = argv && gcb_options_parse(&gcb_program, argc, argv, said) == GCB_OPTIONS_OK &&
              said->command == parsed->command;
  free(argv);
  if (!good) {
    gcb_options_wrong(&gcb_program, parsed->command, "--resume", s->resume,
                      "its command cannot be given again: it was imported, or made by another command or "
                      "version");
    return false;
  }
  *s = *(run_settings *)said->settings;
  s->resume = now.resume;
  if (now.json) s->json = now.json;
  if (now.csv) s->csv = now.csv;
  if (now.columns.n) s->columns = now.columns;
  s->quiet |= now.quiet;
  s->space |= now.space;
  s->watch |= now.watch;
  return true;
}

/* Begin to keep the run, or take what is done of it into the plan. */
static bool keep(runner *r, const json_t *then, const struct gcb_parsed *parsed) {
  char why[4500];
  if (then) {
    if (!gcb_resume_same(then, r->run, why, sizeof why)) {
      gcb_options_wrong(&gcb_program, parsed->command, "--resume", r->s->resume, "%s", why);
      return false;
    }
    gcb_resume_restore(then, &r->session.plan);
    json_object_set(r->run, "context", json_object_get(then, "context"));
    json_object_set(r->run, "run", json_object_get(then, "run"));
    json_object_del(json_object_get(r->run, "run"), "ended");
    json_object_del(json_object_get(r->run, "run"), "status");
    return true;
  }
  if (r->s->no_save || gcb_keep_begin(&r->keep, r->s->results, r->run, why, sizeof why)) return true;
  gcb_options_wrong(&gcb_program, parsed->command, r->s->save ? "--save" : "--results", NULL, "%s", why);
  return false;
}

/* Take this part's cells, if the run is a part. False with a message. */
static bool take_shard(runner *r, const gcb_request *request, json_t **about,
                       const struct gcb_parsed *parsed) {
  gcb_shard shard;
  *about = NULL;
  if (!r->s->shard) return true;
  if (!gcb_shard_parse(r->s->shard, &shard))
    gcb_options_wrong(&gcb_program, parsed->command, "--shard", r->s->shard,
                      "expected K/N with K from 1 to N, such as 1/2");
  else if (!(*about = gcb_shard_take(&r->session.plan, request, &shard, r->s->save)))
    gcb_options_wrong(&gcb_program, parsed->command, "--shard", r->s->shard, "the plan has fewer cells");
  return *about;
}

gcb_exit gcb_run(const struct gcb_parsed *parsed, int argc, char *const argv[]) {
  run_settings s = *(const run_settings *)parsed->settings;
  runner r = {.s = &s};
  struct gcb_parsed said = {0};
  json_t *then = NULL, *shard = NULL;
  char why[4300];
  gcb_exit status = GCB_EXIT_USAGE;
  if (s.resume && !resume_settings(&s, &then, &r.keep, &said, parsed)) goto out_early;
  gcb_output outputs[OUTPUTS] = {{.option = "--json", .path = s.json},
                                 {.option = "--csv", .path = s.csv},
                                 {.option = "--benchmark_out", .path = s.gbench}};
  gcb_request request = {s.workloads,   s.collectors, s.heaps,   s.params,   s.options,
                         s.invocations, s.iterations, s.warmups, s.mutators, s.workers,
                         s.seed,        s.timeout,    s.pin,     NULL,       s.live};
  status = gcb_session_open(&r.session, parsed, &request);
  if (status != GCB_EXIT_OK) goto out;
  r.session.quiet = s.quiet;
  s.watch &= !s.quiet;
  status = GCB_EXIT_USAGE;
  if (s.slo && !gcb_slo_check(&r.session, s.slo, &r.slo, why, sizeof why)) {
    gcb_options_wrong(&gcb_program, parsed->command, "--slo", s.slo, "%s", why);
    goto out;
  }
  if (s.slo && s.latency) {
    gcb_options_wrong(
        &gcb_program, parsed->command, "--latency", NULL,
        "not together with --slo, which clocks responses, and nothing besides; find the rate first, then "
        "measure it with -p rate=RATE --latency");
    goto out;
  }
  if (!gcb_table_choice(parsed, &s.columns, &r.columns)) goto out;
  if (!take_shard(&r, &request, &shard, parsed)) goto out;
  if (s.dry_run) {
    status = show_plan(&r, &request, &outputs[JSON], parsed);
    json_decref(shard);
    goto out;
  }
  begin_document(&r, shard, argc, argv);
  if (s.gbench && !gcb_gbench_load(why, sizeof why)) {
    gcb_print_clean(stderr, "gcbench run: --benchmark_out: %s\n", why);
    status = GCB_EXIT_NOTHING;
    goto out;
  }
  if (gcb_outputs_begin(outputs, OUTPUTS, parsed) && keep(&r, then, parsed)) status = carry_out(&r, outputs);
out:
  gcb_outputs_abandon(outputs, OUTPUTS);
  json_decref(r.run);
  gcb_session_close(&r.session);
out_early:
  gcb_keep_close(&r.keep);
  json_decref(then);
  gcb_parsed_free(&said);
  return status;
}
