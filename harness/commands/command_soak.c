/* gcbench soak: does anything grow when a workload runs for hours in one process? */
#include "analyses/soak_judge.h"
#include "commands/cell_options.h"
#include "commands/open_session.h"
#include "commands/outputs.h"
#include "machine/clock.h"
#include "runtime/enum_names.h"
#include <string.h>

typedef struct soak_settings {
  struct gcb_strings workloads, collectors;
  struct gcb_heap_sizes heaps;
  struct gcb_sweeps params, options;
  uint64_t time, iterations, mutators, workers, seed;
  const char *pin, *json;
  bool quiet;
  const char *color;
} soak_settings;

static const struct gcb_cli_option options[] = {
    {"workload", 'w', GCB_INTO_STRINGS(soak_settings, workloads), .argument = "NAME,...", .heading = "What",
     .help = "workloads, or all; 'gcbench list workloads' shows them"},
    {"collector", 'c', GCB_INTO_STRINGS(soak_settings, collectors), .argument = "NAME,...",
     .help = "collectors, or all; a plug-in by its file; a preset as NAME+PRESET"},
    GCB_OPTION_HEAPS(soak_settings),
    GCB_OPTION_PARAMS(soak_settings),
    GCB_OPTION_OPTIONS(soak_settings),
    GCB_OPTION_MUTATORS(soak_settings),
    GCB_OPTION_WORKERS(soak_settings),
    {"time", 't', GCB_INTO_DURATION(soak_settings, time), .argument = "TIME", .initial = "1h",
     .min = 100000000, .heading = "How", .help = "of all cells together, each an equal share"},
    {"iterations", 'i', GCB_INTO_UNSIGNED(soak_settings, iterations), .argument = "N", .min = 1,
     .max = 1000000000, .help = "of each cell, however long they take, instead of --time"},
    {"seed", 's', GCB_INTO_SEED(soak_settings, seed), .argument = "N", .initial = "1",
     .help = "for the workloads' random numbers"},
    GCB_OPTION_PIN(soak_settings),
    {"json", 'j', GCB_INTO_STRING(soak_settings, json), .argument = "FILE", .heading = "Output",
     .help = "write everything, the readings included (schema gcbench.soak/1)"},
    GCB_OPTION_QUIET(soak_settings),
    GCB_OPTION_COLOR(soak_settings),
};

const struct gcb_command gcb_command_soak = {
    .name = "soak",
    .summary = "Run workloads for hours in one process, and see what grows",
    .usage = "--workload NAME,... --collector NAME,... [--time TIME | --iterations N] [OPTIONS]",
    .description = "Each cell runs in a process of its own for its share of the time, or for so many "
                   "iterations. After each iteration "
                   "the resident set, the committed heap, "
                   "the pauses, descriptors and threads are read; their slopes, with intervals, come from "
                   "medians of 40 blocks of iterations, "
                   "the first tenth left out. It grows: the interval of a slope lies above zero, and the "
                   "growth is more than a tenth.\n"
                   "Exit status: 0 nothing grows; 1 something does; 2 wrong usage; 3 too few iterations to "
                   "tell; 4 a cell failed; 5 nothing could "
                   "be run; 130 interrupted.",
    .examples = "gcbench soak --workload cycles --collector gen3 --time 2h\n"
                "gcbench soak -w all -c all --time 12h --json night.json\n"
                "gcbench soak -w churn -p live=2000 -c rccycle,marksweep --time 5m --mutators 2",
    .options = options,
    .n_options = sizeof options / sizeof *options,
    .settings_size = sizeof(soak_settings),
    .finishes = true,
};

static gcb_exit verdict(const gcb_session *s) {
  bool failed = false, grows = false, unknown = false, any = false;
  for (size_t i = 0; i < s->plan.n_cells; i++) {
    const gcb_cell *cell = &s->plan.cells[i];
    gcb_status status = gcb_status_of(json_string_value(json_object_get(cell->result, "status")));
    const json_t *soak = json_object_get(cell->result, "soak");
    bool leaks = !(cell->collector->capabilities & GCB_CAP(CYCLES)); /* what it is known for */
    failed |= status != GCB_OK && status != GCB_UNSUPPORTED && !(status == GCB_OOM && leaks);
    grows |= gcb_soak_grows(cell->result);
    unknown |= soak && !json_is_object(json_object_get(soak, "rss_bytes"));
    any |= soak != NULL;
  }
  if (gcb_interrupted) return GCB_EXIT_INTERRUPTED;
  if (failed) return GCB_EXIT_CELL_FAILED;
  if (grows) return GCB_EXIT_AGAINST;
  return !any ? GCB_EXIT_NOTHING : unknown ? GCB_EXIT_INCONCLUSIVE : GCB_EXIT_OK;
}

gcb_exit gcb_soak(const struct gcb_parsed *parsed, int argc, char *const argv[]) {
  const soak_settings *s = parsed->settings;
  gcb_session session;
  gcb_output json = {.option = "--json", .path = s->json};
  gcb_request request = {.workloads = s->workloads,
                         .collectors = s->collectors,
                         .heaps = s->heaps,
                         .params = s->params,
                         .options = s->options,
                         .invocations = 1,
                         .iterations = 0,
                         .warmups = 2,
                         .mutators = s->mutators,
                         .workers = s->workers,
                         .seed = s->seed,
                         .timeout_ns = 2 * s->time + 600000000000u, /* a cell's share, and time to end */
                         .pin = s->pin};
  if (s->iterations && gcb_option_given(parsed, "time")) {
    gcb_options_wrong(&gcb_program, parsed->command, "--iterations", NULL,
                      "not together with --time: one of them says when a cell ends");
    return GCB_EXIT_USAGE;
  }
  gcb_exit status = gcb_session_open(&session, parsed, &request);
  if (status != GCB_EXIT_OK) goto out;
  session.quiet = s->quiet;
  if (!gcb_outputs_begin(&json, 1, parsed)) {
    status = GCB_EXIT_USAGE;
    goto out;
  }
  gcb_session_watch(&session);
  size_t runnable = 0, done = 0;
  for (size_t i = 0; i < session.plan.n_cells; i++) runnable += session.plan.cells[i].spec != NULL;
  json_t *cells = json_array();
  for (size_t i = 0; i < session.plan.n_cells; i++) {
    gcb_cell *cell = &session.plan.cells[i];
    if (cell->spec && !gcb_interrupted) {
      const char *workload = session.plan.groups[cell->group].workload->name;
      if (s->iterations)
        gcb_session_progress(&session, "soaking %s on %s for %llu iterations", workload,
                             cell->collector->name, (unsigned long long)s->iterations);
      else
        gcb_session_progress(&session, "soaking %s on %s for %s, %s left", workload, cell->collector->name,
                             gcb_format_left(s->time / runnable).s,
                             gcb_format_left(s->time / runnable * (runnable - done)).s);
      gcb_soak_measure(&session, cell, s->iterations ? 0 : s->time / runnable, s->iterations);
      done++;
      if (!gcb_interrupted) gcb_interrupt_done(done, runnable, "cells");
    }
    json_object_del(cell->result, "invocations");
    json_array_append(cells, cell->result);
  }
  gcb_session_quieten(&session);
  gcb_soak_print(cells, stdout);
  json_t *all = json_pack("{s:s, s:o, s:b, s:o}", "schema", "gcbench.soak/1", "context",
                          gcb_session_context(&session, s->seed, argc, argv), "interrupted", gcb_interrupted,
                          "cells", cells);
  status = gcb_output_json(&json, all) ? verdict(&session) : GCB_EXIT_NOTHING;
  json_decref(all);
out:
  gcb_outputs_abandon(&json, 1);
  gcb_session_close(&session);
  return status;
}
